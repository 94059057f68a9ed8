"""The terminal's own commands: lines that begin with a colon, which no command of a module does."""

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from modemlab.terminal.completion import Candidate, complete
from modemlab.terminal.explanation import explain
from modemlab.terminal.faults import faults
from modemlab.terminal.payloads import Form
from modemlab.terminal.sending import send_bytes, send_file
from modemlab.terminal.texts import Language
from modemlab.text.spelling import nearest

if TYPE_CHECKING:
    from modemlab.terminal.session import Session

# Candidates that `:explain` lists.
SHOWN = 20


class Local(NamedTuple):
    """A command of the terminal: how it is written, the key of its help, and what it does; False: that was wrong."""

    usage: str
    help: str
    perform: "Callable[[Session, str], bool | None]"


def perform(session: "Session", text: str) -> bool:
    """Do what a line says, without its colon; whether it was one of the commands, rightly written."""
    word, _, rest = text.strip().partition(" ")
    rest = rest.strip()
    if word.isascii() and word.isdigit() and len(word) < 9 and not rest:
        session.send_macro(int(word))
        return True
    command = LOCALS.get(word.lower())
    if command is None:
        near = nearest(word, LOCALS)
        key = "unknown_local_near" if near else "unknown_local"
        session.talk.note(key, word=f":{word[:40]}", near=near)
        return False
    if command.perform(session, rest) is False:
        session.talk.note("usage", usage=command.usage)
        return False
    return True


def show(session: "Session", text: str) -> None:
    """Say a line."""
    session.say(text)


def show_help(session: "Session", rest: str) -> bool | None:
    """List the commands."""
    rows = [(command.usage, command.help) for command in LOCALS.values()]
    rows.insert(3, (":NUMBER", "help_number"))
    width = max(len(usage) for usage, _ in rows)
    for usage, key in rows:
        show(session, f"{usage:{width}}  {session.language(key)}")
    return bool(not rest)


def show_explanation(session: "Session", rest: str) -> bool | None:
    """Say what is wrong with a line, explain it, and list what may stand at its end."""
    told = explain(session.talk.dialect, rest, len(rest), session.language)
    wrong = faults(session.talk.dialect, rest)
    if told is None and not wrong:
        return False
    for reason in wrong:
        show(session, session.language("wrong", reason=session.language.reason(reason)))
    if told is None:
        return True
    show(session, told.typed)
    show(session, told.about)
    if told.detail:
        show(session, told.detail)
    for candidate in complete(session.talk.dialect, rest, len(rest))[:SHOWN]:
        show(session, f"  {candidate.shown}  {session.language.word(candidate.words)}".rstrip())
    return True


def show_macros(session: "Session", rest: str) -> bool | None:
    """List the macros."""
    if not session.listed.macros:
        session.talk.note("no_macros")
    for number, macro in enumerate(session.listed.macros, 1):
        show(session, f"{number:4} {'x' if macro.ticked else ' '} {macro.shown}  {macro.title}".rstrip())
    return bool(not rest)


def run(session: "Session", rest: str) -> bool | None:
    """Run a script: from the first macro or another on, as often as the list or the line says."""
    numbers = rest.split()
    if len(numbers) > 2 or not all(n.isascii() and n.isdigit() and 0 < len(n) < 7 and int(n) for n in numbers):
        return False
    session.run(*map(int, numbers))
    return True


def save(session: "Session", rest: str) -> bool | None:
    """Save the session."""
    session.save(rest)
    return True


def log(session: "Session", rest: str) -> bool | None:
    """Begin a log, or end it."""
    if rest or session.logging:
        session.log(rest)
        return True
    return False


def act(what: str) -> "Callable[[Session, str], bool | None]":
    """Something that the screen does."""

    def ask(session: "Session", rest: str) -> bool | None:
        session.act(what)
        return not rest

    return ask


def drop(session: "Session", rest: str) -> bool | None:
    """Drop a macro."""
    if not (rest.isascii() and rest.isdigit() and len(rest) < 9):
        return False
    session.drop(int(rest))
    return True


def with_file(action: "Callable[[Session, str], object]") -> "Callable[[Session, str], bool | None]":
    """An action on a file, which must be named."""

    def take(session: "Session", rest: str) -> bool | None:
        if rest:
            action(session, rest)
        return bool(rest)

    return take


def set_form(session: "Session", rest: str) -> bool | None:
    """Say how payloads are shown."""
    try:
        form = Form(rest.lower())
    except ValueError:
        return False
    choose_form(session, form)
    return True


def choose_form(session: "Session", form: Form) -> None:
    """Have payloads shown so from here on."""
    session.form = form
    session.talk.note("shown_as", form=session.language(f"form_{form.value}"))
    session.act("form")


LOCALS = {
    "help": Local(":help", "help_help", show_help),
    "explain": Local(":explain AT...", "help_explain", show_explanation),
    "macros": Local(":macros", "help_macros", show_macros),
    "run": Local(":run [FIRST [TIMES]]", "help_run", run),
    "stop": Local(":stop", "help_stop", lambda session, _: session.stop()),
    "load": Local(":load FILE", "help_load", with_file(lambda session, name: session.load(name))),
    "store": Local(":store FILE", "help_store", with_file(lambda session, name: session.store(name))),
    "add": Local(":add [TEXT]", "help_add", lambda session, text: session.add(text)),
    "drop": Local(":drop NUMBER", "help_drop", drop),
    "show": Local(":show json|hex|raw", "help_show", set_form),
    "save": Local(":save [FILE]", "help_save", save),
    "log": Local(":log [FILE]", "help_log", log),
    "log!": Local(":log! FILE", "help_log_over", with_file(lambda session, name: session.log(name, replace=True))),
    "send": Local(":send FILE [AT...,]", "help_send", send_file),
    "bytes": Local(":bytes HEX", "help_bytes", send_bytes),
    "open": Local(":open", "help_open", act("open")),
    "quit": Local(":quit", "help_quit", act("quit")),
}


def complete_local(text: str, language: Language) -> list[Candidate]:
    """The commands that begin with what is typed, its colon included."""
    word = text[1:].lower()
    return [
        Candidate(f":{name}{' ' if ' ' in command.usage else ''}", command.usage, language(command.help))
        for name, command in LOCALS.items()
        if name.startswith(word) and name != word
    ]
