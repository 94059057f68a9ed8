"""What the module says, in words: URCs, result codes, errors and answers, by their declarations."""

from typing import Any, NamedTuple

from modemlab.at.command import Command, FormKind
from modemlab.at.line_patterns import shape
from modemlab.at.parameters import Choice, Param, Payload, Text
from modemlab.at.reasons import NotACommand
from modemlab.at.results import CME_WORDS
from modemlab.at.steps import NoCommand
from modemlab.at.syntax import ParsedCommand
from modemlab.at.urc import Urc
from modemlab.dialect.dialect import Dialect
from modemlab.dialect.known_commands import UnknownName, known_only
from modemlab.dialect.recipes import LinkDown, ReceivedUrc
from modemlab.dialect.registry import dialects
from modemlab.driver.protocol.digester import Ended, meaning
from modemlab.terminal.cursor import table
from modemlab.terminal.remedies import refusal_remedy, remedy
from modemlab.text.catalogue import N_
from modemlab.text.language import Language

# Characters of a text or of a value that are repeated in words.
MAX_CHARACTERS = 60
# Results that do not end an operation.
REPEATED = "sent again"
REFUSED = N_("refused, without a reason")
FINALS = {
    b"OK": N_("done"),
    b"ERROR": REFUSED,
    b"NO CARRIER": N_("the connection is over"),
    b"NO ANSWER": N_("the other end does not answer"),
    b"BUSY": N_("the other end is busy"),
    b"COMMAND NOT SUPPORT": N_("the module has no such command"),
}


class Narration(NamedTuple):
    """A line in words, what helps, and the message that it brought."""

    words: str = ""
    remedy: str = ""
    payload: bytes | None = None


def say_urc(heard: ReceivedUrc, language: Language, dialect: Dialect | None = None) -> Narration:
    """A URC; what helps is what a module of the dialect takes."""
    urc, values = heard
    told = gone(urc, values)
    parts, helps = [], ""
    payload = None
    for param, value in zip(params_of(urc, len(values)), values, strict=False):
        if isinstance(param, Payload):
            payload = value
            continue
        words = meaning_of(param, value)
        if told is not None and words and (told.code is None or value == told.code):
            words, _, helps = words.partition(": ")
            helps = language.word(helps) or language.word(told.remedy.value)
        elif words:
            helps = remedy(language.code, urc.name, param.name, value, dialect) or helps
        parts.append(part(param, value, language.word(words)))
    if told is not None and told.code is None:
        helps = remedy(language.code, urc.name, dialect=dialect) or language.word(told.remedy.value)
    elif not helps and not urc.params:
        helps = remedy(language.code, urc.name, dialect=dialect)
    title = language.word(urc.title)
    return Narration(f"{title}: {', '.join(parts)}" if parts else title, helps, payload)


def gone(urc: Urc, values: tuple[Any, ...]) -> LinkDown | None:
    """What a URC says of a link that ended; None when it says nothing of one."""
    for dialect in dialects():
        hears = {} if dialect.recipes is None else dialect.recipes.hears
        if urc in hears:
            told = hears[urc](*values)
            return told if isinstance(told, LinkDown) else None
    return None


def ends(heard: ReceivedUrc) -> bool:
    """Whether a URC ends the operation that it is the result of."""
    return all(
        meaning_of(param, value) != REPEATED for param, value in zip(heard.urc.params, heard.values, strict=False)
    )


def failed(heard: ReceivedUrc) -> bool:
    """Whether a URC says that an operation failed."""
    return any(
        value != 0 and param.name.startswith(("result", "ret_code", "retcode"))
        for param, value in zip(heard.urc.params, heard.values, strict=False)
    )


def params_of(urc: Urc, count: int) -> tuple[Param, ...]:
    """The parameters of so many values; the last may repeat."""
    return (*urc.params, *urc.params[-1:] * max(0, count - len(urc.params))) if urc.many else urc.params


def meaning_of(param: Param, value: Any) -> str:
    """What a value means, by its declaration; "" where it says nothing."""
    return str(param.values.get(value, "")) if isinstance(param, Choice) else ""


def part(param: Param, value: Any, words: str) -> str:
    """One value with its name."""
    if isinstance(param, Choice):
        text = f"{param.name} {param.word(value)}"
        return f"{text} ({words})" if words else text
    text = str(value)
    text = f"{text[:MAX_CHARACTERS]}..." if len(text) > MAX_CHARACTERS else text
    return f'{param.name} "{text}"' if isinstance(param, Text) else f"{param.name} {text}"


def say_final(ended: Ended, calls: tuple[ParsedCommand, ...], dialect: Dialect, language: Language) -> Narration:
    """The final result code of these commands; a refusal is explained by their declarations."""
    if ended.text.startswith(b"+CMS"):
        return Narration(language("short message (SMS) error {code}", code=ended.code))
    refused = next((call.refused for call in calls if call.refused is not None), None)
    unknown_name = dialect.look_up(refused) if isinstance(refused, NoCommand) else None
    if ended.code is not None:
        code, words = meaning(dialect, ended.code, CME_WORDS)
        helps = ""
        if code is not None or not words:
            helps = refusal_remedy(calls, dialect, language.code, code if words else None)
        if unknown_name is not None:
            helps = narrate_unknown(unknown_name, language).remedy
        elif refused is not None and calls[-1].command is not None:
            helps = language.reason(refused.reason)
        return Narration(language.word(words) or language(REFUSED), helps)
    said = FINALS.get(ended.text, FINALS[b"OK"] if ended.good else REFUSED)
    if said != REFUSED or not calls:
        return Narration(language(said))
    if unknown_name is not None:
        return narrate_unknown(unknown_name, language)
    if refused is not None:
        return Narration(language("refused: {reason}", reason=language.reason(refused.reason)))
    state = (
        language("send these commands one by one: that shows which one is refused")
        if len(calls) > 1
        else refusal_remedy(calls, dialect, language.code)
    )
    helps = "; ".join(filter(None, (state, reasons(calls, dialect, language))))
    if not helps:
        said = N_(
            "refused without a reason: the command line is correct, so the module's present state does not allow it"
        )
    return Narration(language(said), helps)


def reasons(calls: tuple[ParsedCommand, ...], dialect: Dialect, language: Language) -> str:
    """How to have the module give reasons for what it refuses of these commands; "" where it cannot."""
    command = table(dialect).get("+CMEE")
    param = command.params[0] if command is not None and command.params else None
    if not isinstance(param, Choice) or not any(call.command is not None and call.command.cme for call in calls):
        return ""
    return language("with AT+CMEE={value} the module gives reasons", value=max(int(value) for value in param.values))


def narrate_unknown(unknown_name: UnknownName, language: Language) -> Narration:
    """A command that is not declared, and was refused."""
    if unknown_name.known is not None:
        known = language.reason(known_only(unknown_name.known))
        return Narration(
            language("refused: {name} is {known}", name=unknown_name.name, known=known),
            language(
                "a real module: check it against that section; a virtual one: --answers FILE can "
                "answer it (docs/answers.md)"
            ),
        )
    reason = language.reason(NotACommand(unknown_name.name))
    return Narration(
        language("refused: {reason}", reason=reason), language("did you mean {name}?", name=unknown_name.near)
    )


def say_line(text: bytes, calls: tuple[ParsedCommand, ...], language: Language) -> Narration:
    """A line of information, as an answer to these commands; empty where their declarations do not tell."""
    for call in calls:
        command = call.command
        if command is None or call.form is None:
            continue
        for name, params, separator in shapes(command, call):
            made = shape(name, params, separator, max(0, len(params) - 1))
            values = made.values(text) if made.counted < 0 else None
            if values:
                parts, helps = [], ""
                for param, value in zip(params, values, strict=False):
                    words = meaning_of(param, value)
                    helps = remedy(language.code, command.name, param.name, value) or helps
                    parts.append(part(param, value, language.word(words)))
                title = command.title if '"' not in name else command.option(call.form.option).title
                return Narration(f"{language.word(title)}: {', '.join(parts)}", helps)
    return Narration()


def shapes(command: Command, call: ParsedCommand) -> list[tuple[str, tuple[Param, ...], str]]:
    """The name, the values and the separator of the lines that a command may answer."""
    assert call.form is not None
    if call.form.option:
        option = command.option(call.form.option)
        shown = option.values if option.read is None else option.read
        return [(f'{command.name}{command.separator}"{option.name}"', shown, ",")] if shown else []
    params = {FormKind.READ: command.read, FormKind.EXECUTE: command.execute}.get(call.form.kind)
    # A line without a name is its value, and says enough by itself.
    return [(command.name, params, command.separator)] if params and not command.basic else []
