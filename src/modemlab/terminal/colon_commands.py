"""The terminal's own commands: lines that begin with a colon, which no command of a module does."""

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from modemlab.terminal.completion import Candidate, complete
from modemlab.terminal.explanation import explain
from modemlab.terminal.file_sending import send_bytes, send_file
from modemlab.terminal.line_errors import faults
from modemlab.terminal.payloads import PayloadForm
from modemlab.text.catalogue import N_
from modemlab.text.language import Language
from modemlab.text.name_suggestions import nearest

if TYPE_CHECKING:
    from modemlab.terminal.session import TerminalSession

# The keys of the screen, in 80 columns, and what else is to be known of them.
KEYS = N_("F1 Help  F2 Macros  F3 JSON/hex  F4 Run  F5 Open  ^S Save  Tab Complete  ^Q Quit")
MORE_KEYS = (
    N_("Up, Down: earlier commands. Tab: completes, then the next candidate. PageUp, PageDown: scroll."),
    N_(
        "Ctrl-Z: sends the input and ends the data. Esc: cancels the data, fills up data with a length, or "
        "clears the input."
    ),
    N_("In the macro list: Enter sends a macro, F4 runs the script from there, F2 leaves the list."),
)
FORMS = {
    PayloadForm.JSON: N_("as JSON if they are JSON, else as text or hex"),
    PayloadForm.HEX: N_("as hex"),
    PayloadForm.RAW: N_("as received"),
}
# Candidates that `:explain` lists.
MAX_CANDIDATES = 20


class ColonCommand(NamedTuple):
    """A command of the terminal: how it is written, its help, and what it does; False: that was wrong."""

    usage: str
    help: str
    perform: "Callable[[TerminalSession, str], bool | None]"


def perform(session: "TerminalSession", text: str) -> bool:
    """Do what a line says, without its colon; whether it was one of the commands, rightly written."""
    word, _, rest = text.strip().partition(" ")
    rest = rest.strip()
    if word.isascii() and word.isdigit() and len(word) < 9 and not rest:
        session.send_macro(int(word))
        return True
    command = LOCALS.get(word.lower())
    if command is None:
        near = nearest(word, LOCALS)
        session.talk.note(
            N_("{word} is not a command of the terminal; did you mean :{near}? :help lists them")
            if near
            else N_("{word} is not a command of the terminal: :help lists them"),
            word=f":{word[:40]}",
            near=near,
        )
        return False
    if command.perform(session, rest) is False:
        session.talk.note("write {usage}", usage=command.usage)
        return False
    return True


def show(session: "TerminalSession", text: str) -> None:
    """Say a line."""
    session.say(text)


def show_help(session: "TerminalSession", rest: str) -> bool | None:
    """List the commands."""
    rows = [(command.usage, command.help) for command in LOCALS.values()]
    rows.insert(3, (":NUMBER", N_("sends that macro")))
    width = max(len(usage) for usage, _ in rows)
    for usage, text in rows:
        show(session, f"{usage:{width}}  {session.language(text)}")
    return bool(not rest)


def show_explanation(session: "TerminalSession", rest: str) -> bool | None:
    """Say what is wrong with a line, explain it, and list what may stand at its end."""
    told = explain(session.talk.dialect, rest, len(rest), session.language)
    wrong = faults(session.talk.dialect, rest)
    if told is None and not wrong:
        return False
    for reason in wrong:
        show(session, session.language("wrong here: {reason}", reason=session.language.reason(reason)))
    if told is None:
        return True
    show(session, told.typed)
    show(session, told.about)
    if told.detail:
        show(session, told.detail)
    for candidate in complete(session.talk.dialect, rest, len(rest))[:MAX_CANDIDATES]:
        show(session, f"  {candidate.shown}  {session.language.word(candidate.words)}".rstrip())
    return True


def show_macros(session: "TerminalSession", rest: str) -> bool | None:
    """List the macros."""
    if not session.listed.macros:
        session.talk.note("there are no macros: :load FILE reads some")
    for number, macro in enumerate(session.listed.macros, 1):
        show(session, f"{number:4} {'x' if macro.ticked else ' '} {macro.shown}  {macro.title}".rstrip())
    return bool(not rest)


def run(session: "TerminalSession", rest: str) -> bool | None:
    """Run a script: from the first macro or another on, as often as the list or the line says."""
    numbers = rest.split()
    if len(numbers) > 2 or not all(n.isascii() and n.isdigit() and 0 < len(n) < 7 and int(n) for n in numbers):
        return False
    session.run(*map(int, numbers))
    return True


def save(session: "TerminalSession", rest: str) -> bool | None:
    """Save the session."""
    session.transcript.save(rest)
    return True


def log(session: "TerminalSession", rest: str) -> bool | None:
    """Begin a log, or end it."""
    if rest or session.transcript.logging:
        session.transcript.log(rest)
        return True
    return False


def act(what: str) -> "Callable[[TerminalSession, str], bool | None]":
    """Something that the screen does."""

    def ask(session: "TerminalSession", rest: str) -> bool | None:
        session.act(what)
        return not rest

    return ask


def drop(session: "TerminalSession", rest: str) -> bool | None:
    """Drop a macro."""
    if not (rest.isascii() and rest.isdigit() and len(rest) < 9):
        return False
    session.drop(int(rest))
    return True


def with_file(action: "Callable[[TerminalSession, str], object]") -> "Callable[[TerminalSession, str], bool | None]":
    """An action on a file, which must be named."""

    def take(session: "TerminalSession", rest: str) -> bool | None:
        if rest:
            action(session, rest)
        return bool(rest)

    return take


def set_form(session: "TerminalSession", rest: str) -> bool | None:
    """Say how payloads are shown."""
    try:
        form = PayloadForm(rest.lower())
    except ValueError:
        return False
    choose_form(session, form)
    return True


def choose_form(session: "TerminalSession", form: PayloadForm) -> None:
    """Have payloads shown so from here on."""
    session.form = form
    session.talk.note("payloads are shown {form}", form=session.language(FORMS[form]))
    session.act("form")


LOCALS = {
    "help": ColonCommand(":help", N_("lists these commands"), show_help),
    "explain": ColonCommand(":explain AT...", N_("explains a command line without sending it"), show_explanation),
    "macros": ColonCommand(":macros", N_("lists the macros"), show_macros),
    "run": ColonCommand(":run [FIRST [TIMES]]", N_("runs the macros as a script, from FIRST on"), run),
    "stop": ColonCommand(":stop", N_("stops the script"), lambda session, _: session.stop()),
    "load": ColonCommand(
        ":load FILE",
        N_("reads macros: a QCOM list (.ini) or a transcript"),
        with_file(lambda session, name: session.load(name)),
    ),
    "store": ColonCommand(
        ":store FILE",
        N_("writes the macros: .ini for QCOM, else a transcript"),
        with_file(lambda session, name: session.store(name)),
    ),
    "add": ColonCommand(
        ":add [TEXT]", N_("adds TEXT to the macros, or the command sent last"), lambda session, text: session.add(text)
    ),
    "drop": ColonCommand(":drop NUMBER", N_("drops that macro"), drop),
    "show": ColonCommand(":show json|hex|raw", N_("how payloads are shown"), set_form),
    "save": ColonCommand(":save [FILE]", N_("saves the session as a transcript"), save),
    "log": ColonCommand(":log [FILE]", N_("logs everything from now on to FILE; without FILE ends the log"), log),
    "log!": ColonCommand(
        ":log! FILE",
        N_("the same, and replaces an existing file"),
        with_file(lambda session, name: session.transcript.log(name, replace=True)),
    ),
    "send": ColonCommand(
        ":send FILE [AT...,]",
        N_("sends a file and fills in its length: to the module's files, or as the data of the command"),
        send_file,
    ),
    "bytes": ColonCommand(":bytes HEX", N_("sends these bytes without a line end"), send_bytes),
    "open": ColonCommand(":open", N_("opens the port again"), act("open")),
    "quit": ColonCommand(":quit", N_("ends"), act("quit")),
}


def complete_local(text: str, language: Language) -> list[Candidate]:
    """The commands that begin with what is typed, its colon included."""
    word = text[1:].lower()
    return [
        Candidate(f":{name}{' ' if ' ' in command.usage else ''}", command.usage, language(command.help))
        for name, command in LOCALS.items()
        if name.startswith(word) and name != word
    ]
