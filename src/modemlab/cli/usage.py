"""Mistakes in a command line, in one line each: what is wrong, what there is, and the nearest of it."""

from typing import Any

from typer.core import TyperCommand, TyperGroup

from modemlab.cli.running import Trouble, printable
from modemlab.text.spelling import unknown


class Subcommands(TyperGroup):
    """Subcommands, of which an unknown one is told with the nearest and with all that there are."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """The subcommand that the arguments begin with. Raises `Trouble` for one that there is not."""
        if args and not args[0].startswith("-") and args[0] not in self.commands:
            raise Trouble(printable(unknown(args[0], f"subcommand of {ctx.command_path}", tuple(self.commands))))
        return super().resolve_command(ctx, args)


class Subcommand(TyperCommand):
    """A subcommand whose help shows an argument by its name alone, in whatever version of Typer."""

    def get_params(self, ctx: Any) -> Any:
        """Its parameters."""
        params: Any = [*super().get_params(ctx), *language_option(ctx)]
        for param in params:
            if param.param_type_name == "argument" and param.metavar:
                # Newer versions put the name in braces, and the Python type behind it.
                param.display_type_rich = lambda ctx: ""
                param._usage_display_name = lambda shown=param.metavar: shown
        return params


def language_option(ctx: Any) -> list[Any]:
    """`--lang`, which every subcommand takes too: it was read before all else, and is checked here."""
    return [param for param in ctx.find_root().command.params if param.name == "lang"]


def usage_line(error: Any) -> str:
    """One of Typer's errors of usage, whose classes have changed their places between versions, in one line."""
    context = getattr(error, "ctx", None)
    path = context.command_path if context is not None else "modemlab"
    option = getattr(error, "option_name", None)
    param: Any = getattr(error, "param", None)
    if hasattr(error, "possibilities") and context is not None and option is not None:
        there = tuple(longest(each.opts) for each in context.command.params if each.opts[0].startswith("-"))
        return printable(unknown(option, f"option of {path}", (*there, "--help")))
    limits = "" if param is None else limits_of(param)
    if limits:
        return f"{' or '.join(param.opts)} takes {limits} ({path} --help tells more)"
    if type(getattr(param, "default", None)) is int:
        return f"{' or '.join(param.opts)} takes a whole number ({path} --help tells more)"
    return f"{error.format_message().rstrip('.')} ({path} --help tells more)"


def longest(names: list[str]) -> str:
    """The name of an option that says most."""
    return max(names, key=len)


def limits_of(param: Any) -> str:
    """What numbers a parameter takes; empty for one that is no number with limits."""
    low: Any
    high: Any
    low, high = (getattr(param, name, getattr(getattr(param, "type", None), name, None)) for name in ("min", "max"))
    if low is None and high is None:
        return {"int": "a whole number", "integer": "a whole number", "float": "a number"}.get(type_of(param), "")
    whole = "whole " if isinstance(low if low is not None else high, int) else ""
    if high is None:
        return f"a {whole}number from {shown(low)} on"
    return f"a {whole}number of {shown(low)} to {shown(high)}"


def type_of(param: Any) -> str:
    """What a parameter's type is called, by whatever version of Typer."""
    kind = getattr(getattr(param, "type_descriptor", None), "annotation", None) or getattr(param, "type", None)
    return str(getattr(kind, "__name__", None) or getattr(kind, "name", ""))


def shown(number: float) -> str:
    """A number as people write it."""
    return f"{number:,}" if isinstance(number, int) else f"{number:,.12g}"
