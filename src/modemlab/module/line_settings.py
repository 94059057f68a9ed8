"""What the settings of V.250, 6.2 and AT+CMEE come to on a module's lines."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from modemlab.module.module import Module


def value_of(module: "Module", name: str, absent: int) -> int:
    """The value in force of a setting that is one number, or that of a dialect which lacks the command."""
    command = module.dialect.commands.get(name)
    return absent if command is None else int(module.get(command)[0])


def configure(module: "Module") -> None:
    """Put the settings into force on every line."""
    for line in module.lines:
        line.echo = value_of(module, "E", 1) == 1
        line.quiet = value_of(module, "Q", 0) == 1
        line.verbose = value_of(module, "V", 1) == 1
        line.terminator = bytes((value_of(module, "S3", 13),))
        line.formatting = bytes((value_of(module, "S4", 10),))
        line.editing = value_of(module, "S5", 8)
        line.cmee = value_of(module, "+CMEE", 0)
