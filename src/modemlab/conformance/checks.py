"""What a module can be held to without harm: command lines drawn from a dialect's declarations, and their answers.

They change nothing that lasts: test forms, what read and execute forms show, values that settings refuse. What would
do something, or be stored if it were taken, is named with the reason why it is left out.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from modemlab.at.command import ArgumentPlan, Command, Form, FormKind, Option, Persistence
from modemlab.at.encoding import type_of
from modemlab.at.parameters import Choice, Hex, Int, Maybe, Param, Payload, Quoted, Repeat, Rest, Text, to_bytes
from modemlab.at.parameters import to_text as text_of
from modemlab.at.results import failure
from modemlab.at.steps import FAULTY, Refused
from modemlab.dialect.dialect import Dialect
from modemlab.text.catalogue import N_
from modemlab.text.reason import Reason, Sentence
from modemlab.transcripts.masking import varies

OKAY = b"OK"
# Settings that are gone with the power, or with AT&F: taking a value of these harms nothing.
VOLATILE_KINDS = (Persistence.VOLATILE, Persistence.PROFILE, Persistence.FACTORY)
# What AT&F sets, and what of it is stored at once.
RESET_BY_ATF = (Persistence.PROFILE, Persistence.FACTORY, Persistence.ALWAYS_FACTORY)
STORED_RESET = Persistence.ALWAYS_FACTORY
# The longest text that is typed to be refused.
MAX_TEXT_BYTES = 512

MODULE_SPECIFIC = N_("its values are the module's own, not the manual's")
NOT_IN_MANUAL = N_("it is not in the manual")
HAS_EFFECT = N_("it does something, or its lines are not declared")
MIGHT_HAVE_EFFECT = N_("if the module accepted it, it would do something or be stored")


class Values(NamedTuple):
    """How a line with values reads: the bytes ahead of them, and their parameters, of which the last may be missing.

    `minimum` is how many such lines there are at least. `register` is for an S register, printed as three digits.
    `text` is any text, with the head or without the command's name.
    """

    head: bytes
    params: tuple[Param, ...]
    minimum: int = 1
    register: bool = False
    text: bool = False

    def fault(self, line: bytes) -> Reason | None:
        """Why a line is none of these; None when it is."""
        if self.register:
            return None if re.fullmatch(rb"[0-9]{3}", line) else Sentence(N_("a line is not three digits"))
        if self.text and not line.startswith(self.head.rstrip(b": ")):
            return None
        if not line.startswith(self.head):
            return Sentence(N_("a line does not begin with {head!r}"), head=text_of(self.head))
        rest = line[len(self.head) :]
        for count in range(len(self.params), 0, -1):
            match = re.fullmatch(b",".join(map(printed, self.params[:count])), rest, re.DOTALL)
            if match is not None:
                return next(filter(None, map(fault_of, self.params, match.groups())), None)
        names = ",".join(f"<{param.name}>" for param in self.params)
        return Sentence(N_("a line has other values than are declared: {names}"), names=names)


class Check(NamedTuple):
    """A command line, without its CR, and its answer: exact lines, or any number of lines like `like`; `final` ends it.

    `group` says what kind of check it is.
    """

    group: str
    line: str
    lines: tuple[bytes, ...] = ()
    like: Values | None = None
    final: bytes = OKAY

    @property
    def expected(self) -> list[object]:
        """The answer, a line each, as a person reads it: text as it comes, or what it is like."""
        lines: list[object] = [text_of(line) for line in self.lines]
        if self.like is not None:
            names = ",".join(f"<{param.name}>" for param in self.like.params)
            head = "" if self.like.text else text_of(self.like.head)
            shown = Sentence(N_("three digits")) if self.like.register else head + names
            lines = [shown if self.like.minimum else Sentence(N_("any number of {line}"), line=shown)]
        return [*lines, text_of(self.final)]

    def fault(self, lines: Sequence[bytes], final: bytes) -> Reason | None:
        """How an answer differs; None when it agrees."""
        if final != self.final:
            return Sentence(N_("it ends in {final}"), final=text_of(final))
        if self.like is None:
            return None if tuple(lines) == self.lines else Sentence(N_("it has other lines"))
        if len(lines) < self.like.minimum:
            return Sentence(N_("it has no line of information"))
        return next(filter(None, map(self.like.fault, lines)), None)


class SkippedCheck(NamedTuple):
    """What is not tried, and why."""

    group: str
    line: str
    why: str


def checks(dialect: Dialect, left_out: Mapping[str, str]) -> Iterator[Check | SkippedCheck]:
    """All of a dialect's. `left_out` has reasons by lines such as `AT+COPS=?`, and by `AT+IPR=` for a write form.

    Errors are expected as AT+CMEE=1 has them, or plain where a dialect does not know it; the echo is off.
    """
    for command in dialect.commands.values():
        for check in of_command(dialect, command):
            line = check.line.partition("=")[0] + "=" if check.group == "refusals" else check.line
            why = left_out.get(line)
            if why is None:
                yield check
            elif isinstance(check, SkippedCheck) or check.group != "refusals":
                yield SkippedCheck(check.group, check.line, why)
        if left_out.get(f"AT{command.name}=") is not None:
            yield SkippedCheck("refusals", f"AT{command.name}=", left_out[f"AT{command.name}="])


def of_command(dialect: Dialect, command: Command) -> Iterator[Check | SkippedCheck]:
    """Those of one command."""
    name = f"AT{command.name}"
    if command.instead:
        yield SkippedCheck("test forms", f"{name}=?", NOT_IN_MANUAL)
        yield SkippedCheck("refusals", f"{name}=", NOT_IN_MANUAL)
        return
    if command.test is not None and not command.basic:
        if Form(command.name, FormKind.TEST) in dialect.answers:
            yield SkippedCheck("test forms", f"{name}=?", MODULE_SPECIFIC)
        else:
            yield Check("test forms", f"{name}=?", tuple(command.test_lines()))
    if command.read is not None:
        if command.basic or command.read:
            own = Form(command.name, FormKind.READ) in dialect.answers
            yield Check("read forms", f"{name}?", like=shown_by(command, command.read, own))
        else:
            yield SkippedCheck("read forms", f"{name}?", HAS_EFFECT)
    if command.execute is not None:
        if command.execute:
            yield Check("execute forms", name, like=shown_by(command, command.execute))
        else:
            yield SkippedCheck("execute forms", name, HAS_EFFECT)
    if command.basic:
        return
    for option in command.options:
        yield from of_option(command, option)
    yield from refusals(dialect, command)


def shown_by(command: Command, params: tuple[Param, ...], own: bool = False) -> Values:
    """How an information line of a command reads; a dialect may show registers in its `own` way."""
    if command.basic:
        return Values(b"", params, register=not own)
    # What a host makes or sets up may not be there; a setting and the module's own values are.
    minimum = 1 if command.kept is not None or command.params is None else 0
    head = (command.name + command.separator).encode()
    if len(params) == 1 and isinstance(params[0], Text) and params[0].bare:
        # Some stand behind the command's name, some alone.
        return Values(head, params, minimum, text=True)
    return Values(head, params, minimum)


def of_option(command: Command, option: Option) -> Iterator[Check]:
    """The option's values are shown when they are left out, unless a read form shows all options."""
    if option.kept is None or not option.values or command.read is not None:
        return
    shown = option.values if option.read is None else option.read
    needed = [slot for slot in option.params if not isinstance(slot, Maybe | Repeat)]
    typed = [type_of(param, sample(param)) for param in needed]
    head = f'{command.name}{command.separator}"{option.name}",'
    line = f"AT{command.name}=" + ",".join([f'"{option.name}"', *typed])
    minimum = 1 if all(param.default is not None for param in option.values) else 0
    yield Check("options", line, like=Values(head.encode(), shown, minimum))


# refusals


def refusals(dialect: Dialect, command: Command) -> Iterator[Check | SkippedCheck]:
    """Values beyond their ranges, and lines with too many or too few, of settings that do not last."""
    forms: list[tuple[str, Persistence | None]] = [] if command.params is None else [("", command.kept)]
    forms += [(option.name, option.kept) for option in command.options]
    tried = False
    for option, kept in forms:
        plan = command.plan(FormKind.WRITE, option)
        if plan is None or kept not in VOLATILE_KINDS:
            continue
        for typed in spoiled(plan):
            line = f"{command.name}=" + ",".join([f'"{option}"', *typed] if option else typed)
            final = refusal_of(dialect, line)
            if final is not None:
                tried = True
                yield Check("refusals", f"AT{line}", final=final)
    if forms and not tried:
        yield SkippedCheck("refusals", f"AT{command.name}=", MIGHT_HAVE_EFFECT)


def refusal_of(dialect: Dialect, body: str) -> bytes | None:
    """The result code of a line that its declaration refuses; None for others, and where firmwares are lenient."""
    finals = set()
    for strict in (True, False):
        call = dialect.parser(strict)(to_bytes(body))[-1]
        refused = call.refused
        if refused is None or len(body) + 2 > dialect.line_length:
            return None
        if refused.cme == FAULTY and call.command is not None:
            refused = Refused(refused.reason, call.command.faulty)
        follows = call.command.cme if call.command is not None else refused.cme is not None
        finals.add(failure(refused, follows, int("+CMEE" in dialect.commands), {})[1].encode())
    return finals.pop() if len(finals) == 1 else None


def spoiled(plan: ArgumentPlan) -> Iterator[list[str]]:
    """Arguments with one that is wrong, with one too many, and with one too few."""
    if plan.repeat is not None or any(isinstance(param, Payload | Rest) for param in plan.params):
        return
    good = [type_of(param, sample(param)) for param in plan.params]
    for position, param in enumerate(plan.params):
        # Those behind it are left out where they may be, so that what is taken after all is as little as can be.
        group = plan.groups[position]
        end = max(n for n, other in enumerate(plan.groups) if other in (0, group) or n <= position) + 1
        for bad in beyond(param):
            yield [*good[:position], bad, *good[position + 1 : end]]
    yield [*good, "1"]
    if plan.minimum > 1:
        yield good[: plan.minimum - 1]


def beyond(param: Param) -> Iterator[str]:
    """Arguments that a parameter refuses, as they are typed."""
    if isinstance(param, Int):
        yield str(param.maximum + 1)
        if param.minimum > 0:
            yield str(param.minimum - 1)
    elif isinstance(param, Hex):
        yield f"0x{param.maximum + 1:X}"
    elif isinstance(param, Choice):
        numbers = [value for value in param.values if isinstance(value, int)]
        if numbers and not param.hexadecimal:
            yield str(max(numbers) + 1)
        elif not numbers:
            yield '"none of these"'
    elif isinstance(param, Text):
        if param.maximum <= MAX_TEXT_BYTES:
            yield f'"{"x" * (param.maximum + 1)}"'
        if param.minimum > 1:
            yield f'"{"x" * (param.minimum - 1)}"'


def sample(param: Param) -> Any:
    """A value that a parameter takes; its default where it has one."""
    if param.default is not None:
        return param.default
    if isinstance(param, Int | Hex):
        return param.minimum
    if isinstance(param, Choice):
        return next(iter(param.values))
    return "x" * max(1, getattr(param, "minimum", 1))


# what AT&F leaves


def defaults(dialect: Dialect) -> Iterator[Check]:
    """What settings show after AT&F; none where a dialect has no such command."""
    if "&F" not in dialect.commands:
        return
    for command in dialect.commands.values():
        if command.kept not in RESET_BY_ATF or command.read is None or command.params is None:
            continue
        values = command.settings[""].defaults
        own = Form(command.name, FormKind.READ) in dialect.answers
        line = f"AT{command.name}?"
        if command.basic:
            yield Check("defaults", line, (b"%d" % values[0] if own else b"%03d" % values[0],))
        elif own and len(command.read) > len(values):
            # The network's own values follow the setting.
            behind = command.read[len(values) :]
            yield Check("defaults", line, like=Values(command.info(*values) + b",", behind))
        else:
            yield Check("defaults", line, (command.info(*values),))


def stored_by_reset(dialect: Dialect) -> tuple[Command, ...]:
    """The settings that AT&F changes for good: whoever sends it sees to them."""
    return tuple(command for command in dialect.commands.values() if command.kept is STORED_RESET)


# how values are printed


def printed(param: Param) -> bytes:
    """The regular expression of a printed value, in one group; it may be empty."""
    if isinstance(param, Int):
        return rb"(-?[0-9]+" + re.escape(param.tail.encode()) + rb")?"
    if isinstance(param, Hex):
        return rb"(0x[0-9a-fA-F]+)?"
    if isinstance(param, Choice):
        words = all(isinstance(value, str) for value in param.values)
        return rb'("[^"\r\n]*")?' if words else rb"(-?[0-9]+|0X[0-9A-F]+)?"
    if getattr(param, "bare", False) or isinstance(param, Rest):
        return rb"([^\r\n]*?)"
    return rb'("[^\r\n]*?")?'


def fault_of(param: Param, data: bytes | None) -> Reason | None:
    """Why a printed value is none of the parameter's; None when it is, or when it varies from module to module."""
    if not data or varies(param):
        return None
    text = text_of(data)
    if text == '""':
        # What nobody has set.
        return None
    if isinstance(param, Int):
        number = int(text.removesuffix(param.tail))
        if param.minimum <= number <= param.maximum:
            return None
        message = N_("a line has {number} as <{name}>, not {domain}")
        return Sentence(message, number=number, name=param.name, domain=param.domain)
    if isinstance(param, Payload | Rest):
        return None
    if isinstance(param, Choice) and not param.hexadecimal and any(str(v) == text.strip('"') for v in param.values):
        return None
    quoted = len(text) > 1 and text[0] == text[-1] == '"'
    try:
        param.parse(Quoted(text[1:-1]) if quoted else text)
    except Refused as refused:
        return Sentence(N_("a line has {value}: {reason}"), value=text, reason=refused.reason)
    return None
