"""The line under the input: what is being typed, and the parameter under the cursor with its range and meaning."""

from difflib import get_close_matches
from typing import NamedTuple

from modemlab.at.command import SUFFIXES, Command, FormKind, syntax
from modemlab.at.parameters import Choice, Param
from modemlab.dialect.dialect import Dialect
from modemlab.dialect.known_commands import known_only
from modemlab.terminal.cursor import PREFIX, CursorPlace, place, table
from modemlab.text.language import Language
from modemlab.text.number_format import figure
from modemlab.text.reason import ManualPlace

PREFIXES = "+^$%*&"


class Explanation(NamedTuple):
    """What is said of a place: the command as its manual writes it, which part of that the cursor is in, and words.

    `mark` is the begin and the end of that part; both 0: no part. `about` has the command and its place in the
    manual, `detail` the parameter.
    """

    typed: str
    mark: tuple[int, int]
    about: str
    detail: str = ""


def explain(dialect: Dialect, text: str, cursor: int, language: Language) -> Explanation | None:
    """What is known of the command at the cursor; None where there is no command line."""
    found = place(dialect, text, cursor)
    if found is None:
        return None
    if found.command is None:
        return unknown(dialect, found, language)
    command = found.command
    typed = written(found)
    name = f"<{found.param.name}>" if found.param is not None else "<option>"
    begin = position(typed, name, found)
    mark = (begin, begin + len(name)) if begin >= 0 else (0, 0)
    about = language.word(title(command, found))
    if command.manual:
        about = f"{about} ({language.reason(ManualPlace(command.manual))})"
    if found.param is not None:
        detail = described(found.param, language)
    elif found.kind is FormKind.WRITE and found.number < 0:
        detail = language("options: {names}", names=", ".join(option.name for option in command.options))
    elif found.kind is FormKind.WRITE:
        detail = language("the command takes no more parameters")
    else:
        detail = language("answers within {seconds} s", seconds=figure(command.max_response))
    return Explanation(typed, mark, about, detail)


def title(command: Command, found: CursorPlace) -> str:
    """What the command, or its option, does."""
    try:
        return command.option(found.option).title if found.option else command.title
    except KeyError:
        return command.title


def written(found: CursorPlace) -> str:
    """The form that is being typed, as a manual writes it."""
    command = found.command
    assert command is not None
    name = f"{PREFIX}{command.name}"
    if found.kind in (FormKind.READ, FormKind.TEST):
        return f"{name}{SUFFIXES[found.kind]}"
    if command.options:
        try:
            option = command.option(found.option) if found.option else None
        except KeyError:
            option = None
        if option is None:
            return f'{name}="<option>",...'
        return f'{name}="{option.name}",{syntax(option.params)}'
    if command.params is None:
        return name
    return f"{name}{'' if command.basic else '='}{syntax(command.params)}"


def position(typed: str, name: str, found: CursorPlace) -> int:
    """Where the parameter stands in the form as a manual writes it; -1 when it does not."""
    if found.kind is not FormKind.WRITE:
        return -1
    return typed.find(name)


def described(param: Param, language: Language) -> str:
    """A parameter in words: its name, its values, its default, what it means."""
    if isinstance(param, Choice):
        meanings = (f"{param.word(v)}: {language.word(m)}" if m else param.word(v) for v, m in param.values.items())
        values = "; ".join(meanings)
    else:
        values = domain(param, language)
    text = f"<{param.name}>  {values}"
    if param.default is not None and param.default != "":
        default = param.word(param.default) if isinstance(param, Choice) else str(param.default)
        text += "; " + language("default {value}", value=default)
    if getattr(param, "counts", False):
        text += "; " + language(
            "leave it out after its comma: you are asked for the message, and its length is filled in"
        )
    return f"{text}  {language.word(param.meaning)}" if param.meaning else text


def domain(param: Param, language: Language) -> str:
    """The range of a parameter that is no choice."""
    return language.reason(param.domain)


def unknown(dialect: Dialect, found: CursorPlace, language: Language) -> Explanation | None:
    """A name that is not declared: known, or none, with those that are like it; None while it may become one."""
    name = found.typed.partition("=")[0].rstrip("? ").upper()
    manuals = dialect.known()
    if name in manuals:
        return Explanation(
            f"{PREFIX}{name}",
            (0, 0),
            language.reason(known_only(manuals[name])),
            language(
                "a real module: check it against that section; a virtual one: --answers FILE can "
                "answer it (docs/answers.md)"
            ),
        )
    known = {each.lstrip(PREFIXES): each for each in (*table(dialect), *manuals)}
    if not name or any(each.startswith(name) for each in known.values()):
        return None
    alike = [f"{PREFIX}{known[each]}" for each in get_close_matches(name.lstrip(PREFIXES), known, 4, 0.6)]
    detail = language("near it are {names}", names=", ".join(alike)) if alike else ""
    return Explanation(
        f"{PREFIX}{name}", (0, 0), language("not a command of {title}", title=language.word(dialect.title)), detail
    )
