"""QCOM's lists of commands: `.ini` files with a section `[SET]` and a numbered one for each command.

    [SET]              RunTimes: how often a script runs; DelayTime: milliseconds behind each command
    [1]                Cho: ticked; CMD: the text; Delay: milliseconds behind it, empty: DelayTime's;
                       HEX: the text is hexadecimal; Enter: it is followed by the end of a line

A command's text may hold `=`, `[`, quotes and blanks: it is all that stands behind `CMD=`, and its bytes are what is
sent: a file in GBK sends GBK, as QCOM does.
"""

import re

from modemlab.terminal.macros import MAX_COMMAND_BYTES, MAX_COMMANDS, Macro, MacroList, in_line, text_of
from modemlab.text.catalogue import N_
from modemlab.text.reason import range_of

SECTION = re.compile(r"\[([^\]]*)\]\s*")
NUMBER = re.compile(r"[0-9]{1,9}", re.ASCII)
SETTINGS = {"runtimes": (1, 1_000_000), "delaytime": (0, 86_400_000)}
KEYS = ("cho", "cmd", "delay", "hex", "enter")
# Milliseconds behind a command where the file does not say.
DELAY = 1000


def looks_like(text: str) -> bool:
    """Whether a file is QCOM's: its first line that is not empty begins a section."""
    return text.lstrip("\ufeff \t\r\n").startswith("[")


class Section(dict[str, tuple[str, int]]):
    """A command's keys in lower case, each with its value and its line."""

    def __init__(self, line: int) -> None:
        """Begin at that line."""
        super().__init__()
        self.line = line


def read_qcom(text: str, encoding: str = "utf-8") -> MacroList:
    """The list of a file, which was in that encoding. Raises `MacroError` with the line and the reason."""
    settings = Section(0)
    commands: dict[int, Section] = {}
    current: Section | None = None
    for number, line in enumerate(re.split(r"\r\n|\n|\r", text), 1):
        if not line.strip() or line.lstrip().startswith(";"):
            continue
        head = SECTION.fullmatch(line.strip())
        if head is not None:
            current = settings if head[1].strip().upper() == "SET" else begin(commands, head[1].strip(), number)
        elif current is None:
            raise in_line(number, N_("comes before the first section: {given!r}"), given=line[:40])
        else:
            keep(current, line, number, tuple(SETTINGS) if current is settings else KEYS)
    if not commands and not settings:
        raise in_line(1, N_("is not a QCOM list: it has no section"))
    macros = tuple(macro_of(commands[number], encoding) for number in sorted(commands))
    times, _ = setting(settings, "runtimes", 1)
    delay, _ = setting(settings, "delaytime", DELAY)
    return MacroList(macros, times, delay / 1000)


def begin(commands: dict[int, Section], name: str, number: int) -> Section:
    """The section of a command."""
    if NUMBER.fullmatch(name) is None or not int(name):
        raise in_line(number, N_("section {name!r} is neither SET nor a command's number"), name=name[:40])
    if int(name) in commands:
        raise in_line(
            number, N_("section [{name}] is already at line {before}"), name=int(name), before=commands[int(name)].line
        )
    if len(commands) == MAX_COMMANDS:
        raise in_line(number, N_("a list holds at most {maximum} commands"), maximum=MAX_COMMANDS)
    made = commands[int(name)] = Section(number)
    return made


def keep(section: Section, line: str, number: int, keys: tuple[str, ...]) -> None:
    """Keep a line of a section."""
    key, sign, value = line.partition("=")
    name = key.strip().lower()
    if not sign:
        raise in_line(number, N_("is neither [SECTION] nor KEY=VALUE: {given!r}"), given=line[:40])
    if name not in keys:
        raise in_line(
            number,
            N_("{key!r} is not a QCOM key here; the keys are {keys}"),
            key=key.strip()[:40],
            keys=", ".join(keys),
        )
    if name in section:
        raise in_line(number, N_("{key} is already at line {before}"), key=key.strip(), before=section[name][1])
    section[name] = (value if name == "cmd" else value.strip(), number)


def setting(section: Section, name: str, default: int) -> tuple[int, int]:
    """The value of a setting, and its line; the default where it is missing or empty."""
    value, line = section.get(name, ("", 0))
    if not value:
        return default, line
    minimum, maximum = SETTINGS[name]
    if NUMBER.fullmatch(value) is None or not minimum <= int(value) <= maximum:
        raise in_line(
            line,
            N_("{name} is {value!r}, not a number of {range}"),
            name=name,
            value=value[:40],
            range=range_of(minimum, maximum),
        )
    return int(value), line


def macro_of(section: Section, encoding: str) -> Macro:
    """The macro of a section."""
    text, line = section.get("cmd", ("", section.line))
    hexadecimal = flag(section, "hex", False)
    if hexadecimal:
        try:
            data = bytes.fromhex(text)
        except ValueError:
            raise in_line(line, N_("the command is not hexadecimal: {text!r}"), text=text[:40]) from None
    else:
        data = text.encode(encoding)
    if len(data) > MAX_COMMAND_BYTES:
        raise in_line(
            line, N_("a command has at most {maximum} bytes, not {count}"), maximum=MAX_COMMAND_BYTES, count=len(data)
        )
    if not hexadecimal and any(byte < 0x20 and byte != 0x09 for byte in data):
        raise in_line(line, N_("the command contains a control character; HEX=1 allows it"))
    return Macro(data, flag(section, "enter", True), hexadecimal, flag(section, "cho", False), delay_of(section))


def flag(section: Section, name: str, default: bool) -> bool:
    """A key that is 0 or 1."""
    value, line = section.get(name, ("", 0))
    if value not in ("", "0", "1"):
        raise in_line(line, N_("{name} is {value!r}, not 0 or 1"), name=name, value=value[:40])
    return value == "1" if value else default


def delay_of(section: Section) -> float | None:
    """The seconds behind a command; None: as the list has it."""
    value, line = section.get("delay", ("", 0))
    if not value:
        return None
    if NUMBER.fullmatch(value) is None or int(value) > SETTINGS["delaytime"][1]:
        raise in_line(
            line,
            N_("{name} is {value!r}, not a number of {range}"),
            name="delay",
            value=value[:40],
            range=range_of(*SETTINGS["delaytime"]),
        )
    return int(value) / 1000


def write_qcom(listed: MacroList) -> bytes:
    """The list as QCOM reads it. Lines that a script awaits, and titles, have no place there."""
    lines = [b"[SET]", b"RunTimes=%d" % listed.times, b"DelayTime=%d" % round(listed.pause * 1000)]
    for number, macro in enumerate(listed.macros, 1):
        # What is no text has to be hexadecimal.
        hexadecimal = macro.hexadecimal or text_of(macro.data) is None
        lines += [
            b"[%d]" % number,
            b"Cho=%d" % macro.ticked,
            b"CMD=%b" % (macro.data.hex(" ").upper().encode() if hexadecimal else macro.data),
            b"Delay=%b" % (b"" if macro.pause is None else b"%d" % round(macro.pause * 1000)),
            b"HEX=%d" % hexadecimal,
            b"Enter=%d" % macro.enter,
        ]
    return b"".join(b"%b\r\n" % line for line in lines)
