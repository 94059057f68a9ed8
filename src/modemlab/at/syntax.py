"""How a command line reads: V.250, 5.2 to 5.4, and the extended syntax of 3GPP TS 27.007, 4."""

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from modemlab.at.command import ArgumentPlan, Command, Form, FormKind
from modemlab.at.parameters import Quoted
from modemlab.at.quoting import find_cut, with_cut, with_open
from modemlab.at.reasons import (
    MAX_SHOWN_CHARACTERS,
    NO_FORM,
    NO_NAME,
    NOT_CLOSED,
    NOT_THIS_WAY,
    REST_NOT_CLOSED,
    NotACommand,
    other_in_its_place,
)
from modemlab.at.steps import NoCommand, Refused
from modemlab.text.catalogue import N_
from modemlab.text.name_suggestions import nearest_command
from modemlab.text.reason import Reason, Sentence


class ParsedCommand(NamedTuple):
    """One command of a line: what to answer and with which values, or why it is refused."""

    text: str
    command: Command | None
    form: Form | None
    values: tuple[Any, ...]
    refused: Refused | None = None


# Blanks say nothing but in a name; `kind_of` reads the form without them.
EXTENDED_COMMAND = re.compile(r"([+^$%*][A-Za-z0-9_]+) *(= *\?|\?|=|) *")
BASIC_COMMAND = re.compile(r"([Ss][0-9]{1,3}|&?[A-Za-z]) *(=\?|\?|=|) *([0-9]*) *")
# A quoted string ends at the first quote that a comma, a semicolon or the end follows, so that it keeps the
# commas and quotes inside it.
ARGUMENT = re.compile(r' *+(?:"(.*?)" *(?=[,;]|\Z)|((?!")[^,;]*))', re.DOTALL)
# A name as a person may have meant it: whatever its prefix, and without one.
NAME_AS_TYPED = re.compile(r"[^A-Za-z0-9_]{0,4}[A-Za-z0-9_]*")
FORM_BY_SUFFIX = {"": FormKind.EXECUTE, "=": FormKind.WRITE, "?": FormKind.READ, "=?": FormKind.TEST}


def parse_line(
    commands: Mapping[str, Command], body: str, unknown: int | None = None, lacking: int | None = None
) -> tuple[ParsedCommand, ...]:
    """The commands of a line without its AT prefix and terminator, in order.

    `unknown` is the code of what is no command, or no option of one; None is a plain ERROR for the former. `lacking`
    is that of a form that a command lacks; None is what the command has for wrong parameters.

    Reading stops at the first that cannot be read; its `refused` says why. Basic commands that follow each other
    without a semicolon are a row, done all or none. An empty body is no command at all.
    """
    calls: list[ParsedCommand] = []
    at = run = begin = 0
    while True:
        while body.startswith((" ", ";"), at):
            if body[at] == ";" or begin == at:
                run, begin = len(calls), at + 1
            at += 1
        if at >= len(body):
            return tuple(calls)
        extended = body[at] in "+^$%*"
        call, at = (read_extended if extended else read_basic)(commands, body, at, unknown, lacking)
        if call.refused is not None:
            if not extended:
                calls, call = calls[:run], whole(call, body[begin:])
            return (*calls, call if not calls else doubted(calls[-1], call))
        calls.append(call)
        if extended:
            run, begin = len(calls), at


def whole(call: ParsedCommand, row: str) -> ParsedCommand:
    """The refused basic command with all that was typed of the row that it ends."""
    refused = call.refused
    if not isinstance(refused, NoCommand):
        return call
    return call._replace(text=row, refused=NoCommand(refused.reason, refused.cme, refused.name, meant(row)))


def doubted(before: ParsedCommand, call: ParsedCommand) -> ParsedCommand:
    """A refused command behind a semicolon that may be one of a text of the command before."""
    refused, command, form = call.refused, before.command, before.form
    if refused is None or command is None or form is None or form.kind is not FormKind.WRITE:
        return call
    plan, spans = command.plan(form.kind, form.option), spans_of(before.text)
    if plan is None or not spans:
        return call
    last = [(None, end) for _, end in spans[:-1]] + spans[-1:]
    cut = find_cut(command, plan, before.text, last, f";{call.text}")
    return call if cut is None else call._replace(refused=Refused(with_cut(refused.reason, cut), refused.cme))


def meant(text: str) -> str:
    """The name that a text begins with, as a person may have meant it."""
    match = NAME_AS_TYPED.match(text)
    return match[0] if match is not None else ""


def read_extended(
    commands: Mapping[str, Command], body: str, start: int, unknown: int | None, lacking: int | None
) -> tuple[ParsedCommand, int]:
    """The extended command at `start`, and where the next one begins."""
    match = EXTENDED_COMMAND.match(body, start)
    if match is None:
        return unknown_command(body[start:], NO_NAME, unknown), len(body)
    command = commands.get(match[1].upper())
    if command is None:
        return unknown_command(body[start:], NotACommand(f"AT{match[1]}"), unknown, match[1]), len(body)
    kind = kind_of(match)
    at = match.end()
    arguments: list[str | None] = []
    if kind is FormKind.WRITE:
        try:
            plan = command.plan(kind)
            arguments, at = read_arguments(body, at, None if plan is None else plan.rest)
        except Refused as refused:
            return unreadable(
                body[start:], unclosed(refused.reason, command, body[start:]), command, command.faulty
            ), len(body)
    elif at < len(body) and body[at] != ";":
        reason = Sentence(N_("{given!r} follows where the command should end"), given=body[at : at + 20])
        return unreadable(body[start:], reason, command), len(body)
    return call_of(command, kind, arguments, body[start:at], unknown, lacking), at


def read_arguments(body: str, at: int, rest: int | None = None) -> tuple[list[str | None], int]:
    """The arguments from `at` up to a semicolon or the end; None for each that is empty.

    That at the position `rest` takes all that is left of the line. Raises `Refused` when a quote is never closed.
    """
    arguments = split_plain(body[at:]) if rest is None else None
    if arguments is not None:
        return arguments, len(body)
    arguments = []
    while True:
        if len(arguments) == rest:
            return [*arguments, read_rest(body[at:])], len(body)
        match = ARGUMENT.match(body, at)
        if match is None:
            raise Refused(NOT_CLOSED)
        quoted, bare = match.groups()
        arguments.append(Quoted(quoted) if quoted is not None else bare.replace(" ", "") or None)
        at = match.end()
        while body.startswith(" ", at):
            at += 1
        if at >= len(body) or body[at] == ";":
            return arguments, at
        at += 1


def read_rest(text: str) -> str | None:
    """The rest of a line as one argument: without the quotes around it, None when it is empty.

    Raises `Refused` when it begins with a quote and does not end in another.
    """
    quoted = text.strip(" ")
    if quoted[:1] != '"':
        return text or None
    if len(quoted) == 1 or quoted[-1] != '"':
        raise Refused(REST_NOT_CLOSED)
    return Quoted(quoted[1:-1])


def split_plain(text: str) -> list[str | None] | None:
    """The arguments of a line that its commas alone divide, as most are; None when it takes a closer look."""
    if " " in text or ";" in text:
        return None
    arguments: list[str | None] = []
    for part in text.split(","):
        if part[:1] != '"':
            arguments.append(part or None)
        elif len(part) > 1 and part[-1] == '"':
            arguments.append(Quoted(part[1:-1]))
        else:
            return None
    return arguments


def call_of(
    command: Command, kind: FormKind, arguments: list[str | None], text: str, unknown: int | None, lacking: int | None
) -> ParsedCommand:
    """The call of a known command, its values read by its declaration."""
    option = ""
    if kind is FormKind.WRITE and command.options:
        name = arguments.pop(0) or ""
        try:
            option = command.option(name).name
        except KeyError:
            near = nearest_command(name, (each.name for each in command.options))
            message = N_("{given!r} is not one of its options")
            if near:
                message = N_("{given!r} is not one of its options; did you mean {near!r}?")
            reason = command.where(message, given=name[:MAX_SHOWN_CHARACTERS], near=near)
            return ParsedCommand(
                text, command, None, (), Refused(reason) if unknown is None else Refused(reason, unknown)
            )
    if kind is FormKind.WRITE:
        plan = command.plan(kind, option)
        if plan is None:
            return refusal(command, text, absent(command, kind), lacking)
        return read_values(command, command.settings[option].form, plan, arguments, text)
    exists = {FormKind.EXECUTE: command.execute, FormKind.READ: command.read, FormKind.TEST: command.test}[
        kind
    ] is not None
    if not exists:
        return refusal(command, text, absent(command, kind), lacking)
    return ParsedCommand(text, command, Form(command.name, kind), ())


def absent(command: Command, kind: FormKind) -> Reason:
    """Why a command cannot be issued in that form: it has none, or the manual has another command in its place."""
    return other_in_its_place(command.instead) if command.instead else NO_FORM[kind.name]


def read_values(
    command: Command, form: Form, plan: ArgumentPlan, arguments: list[str | None], text: str
) -> ParsedCommand:
    """The call with its arguments read."""
    try:
        return ParsedCommand(text, command, form, plan.read(arguments))
    except Refused as refused:
        cut = find_cut(command, plan, text, spans_of(text)) if '"' in text else None
        return refusal(command, text, refused.reason if cut is None else with_cut(refused.reason, cut))


def unclosed(reason: Reason, command: Command, text: str) -> Reason:
    """Why a command cannot be divided into arguments, with the one whose quote is not closed."""
    match = EXTENDED_COMMAND.match(text)
    first = None if match is None else ARGUMENT.match(text, match.end())
    option = ""
    if command.options:
        try:
            option = command.option("" if first is None else first[1] or first[2].strip(" ")).name
        except KeyError:
            return reason
    plan = command.plan(FormKind.WRITE, option)
    if plan is None or match is None:
        return reason
    spans = spans_of(text)[: plan.rest]
    begin = spans[-1][1] + 1 if spans else match.end()
    return with_open(reason, plan, len(spans) - bool(command.options), text[begin:].lstrip(" "))


def spans_of(text: str) -> list[tuple[str | None, int]]:
    """The arguments of an extended command, each as it stood between quotes, None without them, and where it ends."""
    match = EXTENDED_COMMAND.match(text)
    at = len(text) if match is None else match.end()
    spans: list[tuple[str | None, int]] = []
    while at < len(text) and (match := ARGUMENT.match(text, at)) is not None:
        spans.append((match[1], match.end()))
        at = match.end() + 1
    return spans


def read_basic(
    commands: Mapping[str, Command], body: str, start: int, unknown: int | None, lacking: int | None
) -> tuple[ParsedCommand, int]:
    """The basic or S-parameter command at `start` (V.250, 5.3), and where the next one begins."""
    match = BASIC_COMMAND.match(body, start)
    command = commands.get(match[1].upper()) if match else None
    if match is None or command is None:
        reason = NotACommand(repr(body[start : start + 20]))
        return unknown_command(body[start:], reason, unknown, "" if match is None else match[1]), len(body)
    text = body[start : match.end()]
    kind = FORM_BY_SUFFIX[match[2]]
    register = command.name[0] == "S" and len(command.name) > 1
    if register and kind is FormKind.READ and not match[3]:
        return ParsedCommand(text, command, command.on_read, ()), match.end()
    plan = command.plan(FormKind.WRITE)
    if kind is not (FormKind.WRITE if register else FormKind.EXECUTE) or plan is None:
        return refusal(command, text, NOT_THIS_WAY, lacking), match.end()
    number = match[3] or None
    if number is None and plan.params and not register:
        # The manual's default stands for a number left out, where V.250, 5.3.1, has 0 (AT commands manual V1.1, 1.2).
        number = str(plan.params[0].default or 0)
    return read_values(command, command.on_write, plan, [number] if number or register else [], text), match.end()


def refusal(command: Command, text: str, reason: Reason, code: int | None = None) -> ParsedCommand:
    """A call refused by its declaration, with the place in the manual; its own code unless there is another."""
    return ParsedCommand(
        text, command, None, (), Refused(command.where(reason), command.faulty if code is None else code)
    )


def kind_of(match: "re.Match[str]") -> FormKind:
    """The form of an extended command."""
    return FORM_BY_SUFFIX.get(match[2], FormKind.TEST)  # that alone has blanks in it


def unknown_command(text: str, reason: Reason, cme: int | None, name: str = "") -> ParsedCommand:
    """A call whose name is none of a command; `cme` None is a plain ERROR."""
    return ParsedCommand(text, None, None, (), NoCommand(reason, cme, name, name or meant(text)))


def unreadable(text: str, reason: Reason, command: Command, cme: int = 50) -> ParsedCommand:
    """A call of a command whose line cannot be read."""
    return ParsedCommand(text, command, None, (), Refused(command.where(reason), cme))
