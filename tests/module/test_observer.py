"""What observers of a module are told, and when."""

from typing import Any

import pytest

from modemlab.at.syntax import ParsedCommand
from modemlab.at.urc import Urc
from modemlab.dialect.dialect import Dialect
from modemlab.dialect.known_commands import UnknownName
from modemlab.dialect.mqtt_events import CommandFailed, Opened
from modemlab.dialect.network import StreamError
from modemlab.module import effects as e
from modemlab.module.early_urcs import EarlyUrc, put_early
from modemlab.module.log_notes import Mistake, MistakeKind, Note
from modemlab.module.observer import NoteListener, Observer
from modemlab.text.reason import Sentence
from support.helpers import exchange, make_module


class Recorder(Observer):
    """Writes down all that it is told."""

    def __init__(self) -> None:
        self.told: list[tuple[Any, ...]] = []
        self.due: float | None = None

    def since(self) -> list[tuple[Any, ...]]:
        """What it was told since the last call."""
        told, self.told = self.told, []
        return told

    def on_attach(self, dialect: Dialect, shows_secrets: bool) -> None:
        self.told.append(("attach", dialect.name, shows_secrets))

    def on_power(self, on: bool) -> None:
        self.told.append(("power", on))

    def on_input(self, data: bytes, line: str) -> None:
        self.told.append(("input", data, line))

    def on_output(self, data: bytes, line: str) -> None:
        self.told.append(("output", data, line))

    def on_command(self, call: ParsedCommand) -> None:
        self.told.append(("command", call.text))

    def on_unknown(self, text: str, unknown_name: UnknownName) -> None:
        self.told.append(("unknown", text, unknown_name.near))

    def on_refused(self, call: ParsedCommand) -> None:
        assert call.command is not None
        self.told.append(("refused", "AT" + call.text, call.command.name))

    def on_urc(self, line: bytes, urc: Urc | None, values: tuple[Any, ...]) -> None:
        self.told.append(("urc", line, None if urc is None else urc.name, values))

    def on_event(self, event: object) -> None:
        self.told.append(("event", type(event)))

    def on_effect(self, effect: e.Effect) -> None:
        self.told.append(("effect", effect))

    def on_reply(self, reply: e.Reply) -> None:
        self.told.append(("reply", reply))

    def on_note(self, note: Note) -> None:
        self.told.append(("note", note.subject, note.mistake and note.mistake.kind))

    def deadline(self) -> float | None:
        return self.due

    def advance(self, now: float) -> None:
        self.told.append(("advance", now))


def test_what_passes_is_told_before_the_module_sees_it() -> None:
    """Bytes, then the command, then the effect's answers, each ahead of what the module makes of it."""
    recorder = Recorder()
    module = make_module(observers=[recorder])
    assert recorder.since() == [("attach", "quectel_lte", False)]
    module.power_on(0.0)
    assert recorder.since()[0] == ("power", True)
    module.data_to_send()
    recorder.since()
    assert exchange(module, b"AT+QIACT=1") == b"AT+QIACT=1\r\r\nOK\r\n"
    told = recorder.since()
    assert told[:2] == [("input", b"AT+QIACT=1\r", ""), ("command", "+QIACT=1")]
    assert told[-1] == ("output", b"AT+QIACT=1\r\r\nOK\r\n", "")
    exchange(module, b'AT+QMTOPEN=0,"h",1')
    recorder.since()
    (effect,) = module.effects
    assert isinstance(effect, e.OpenStream)
    module.on_reply(e.StreamOpened(effect.stream), 1.0)
    assert recorder.since() == [
        ("reply", e.StreamOpened(effect.stream)),
        ("event", Opened),
        ("urc", b"+QMTOPEN: 0,0", "+QMTOPEN", (0, 0)),
    ]
    module.on_reply(e.StreamReceived(effect.stream, b"\xf0"), 2.0)
    assert recorder.since()[0] == ("reply", e.StreamReceived(effect.stream, b"\xf0"))
    module.power_off(3.0)
    assert recorder.since()[0] == ("power", False)


def test_how_a_stream_ends_is_told_whoever_used_it() -> None:
    """Even if nobody does any more."""
    recorder = Recorder()
    module = make_module(observers=[recorder])
    recorder.since()
    module.on_reply(e.StreamFailed(7, StreamError.REFUSED, "why"), 1.0)
    module.on_reply(e.StreamClosed(7, "by whom"), 1.0)
    module.on_reply(e.StreamSendBufferFull(7), 1.0)
    assert recorder.since() == [
        ("reply", e.StreamFailed(7, StreamError.REFUSED, "why")),
        ("reply", e.StreamClosed(7, "by whom")),
        ("reply", e.StreamSendBufferFull(7)),
    ]


def test_refusals() -> None:
    """A command that there is not, with its nearest; and one that is refused. The reasons come as notes."""
    recorder = Recorder()
    module = make_module(observers=[recorder])
    module.power_on(0.0)
    recorder.since()
    exchange(module, b"AT+QMTOPN=0")
    assert recorder.since()[1:-1] == [("unknown", "AT+QMTOPN=0", "AT+QMTOPEN"), ("note", "AT+QMTOPN=0", None)]
    exchange(module, b'AT+QMTCONN=0,"c"')
    assert recorder.since()[1:-1] == [
        ("command", '+QMTCONN=0,"c"'),
        ("note", 'AT+QMTCONN=0,"c"', None),
        ("event", CommandFailed),
        ("refused", 'AT+QMTCONN=0,"c"', "+QMTCONN"),
    ]


def test_a_note_of_a_mistake_has_the_mistake() -> None:
    """As a value: its reason is for people. What passed is told ahead of what was wrong with it."""
    recorder = Recorder()
    notes: list[Note] = []
    module = make_module(observers=[recorder, NoteListener(notes.append)], mistakes=True)
    module.power_on(0.0)
    module.data_to_send()
    recorder.since()
    module.receive(b"AT\rAT+CSQ\r", 1.0)
    assert recorder.since() == [
        ("input", b"AT\rAT+CSQ\r", ""),
        ("note", "AT+CSQ", MistakeKind.EARLY),
        ("command", "+CSQ"),
    ]
    mistake = Mistake(1.0, MistakeKind.EARLY, "AT+CSQ", None, "V.250, 5.5")
    reason = "mistake: the next command before the last one's final result (V.250, 5.5)"
    assert [(note.now, note.subject, str(note.reason), note.mistake) for note in notes] == [
        (1.0, "AT+CSQ", reason, mistake)
    ]


@pytest.mark.parametrize(
    ("detail", "place", "text"),
    [
        ("", "", "a misspelt command name"),
        ("x", "", "a misspelt command name: x"),
        ("", "y", "a misspelt command name (y)"),
        ("x", "y", "a misspelt command name: x (y)"),
    ],
)
def test_a_mistake_in_words(detail: str, place: str, text: str) -> None:
    """With its details and their place, or without."""
    assert str(Mistake(1.0, MistakeKind.NAME, "AT", Sentence(detail) if detail else None, place)) == text


def test_urcs_that_nothing_declares_and_those_ahead_of_a_result() -> None:
    """A line has no declaration; one ahead of a result is told as it is printed."""
    recorder = Recorder()
    module = make_module(observers=[recorder])
    module.power_on(0.0)
    module.send_urc_line(b"POWERED DOWN")
    assert recorder.since()[-1] == ("urc", b"POWERED DOWN", None, ())
    put_early(module, EarlyUrc(b"+EARLY: 1"))
    assert recorder.since() == []
    exchange(module, b"AT")
    assert ("urc", b"+EARLY: 1", None, ()) in recorder.since()


def test_lines_have_their_names() -> None:
    """What passes on one of several lines is told with its name."""
    recorder = Recorder()
    module = make_module(observers=[recorder])
    module.set_lines(("usbat", "uart1"))
    module.power_on(0.0)
    for index in (0, 1):
        module.select_line(index)
        module.data_to_send()
    recorder.since()
    module.select_line(1)
    exchange(module, b"AT")
    assert [each for each in recorder.since() if each[0] in ("input", "output")] == [
        ("input", b"AT\r", "uart1"),
        ("output", b"AT\r\r\nOK\r\n", "uart1"),
    ]


def test_an_observer_comes_back_in_time_even_if_the_power_is_off() -> None:
    """The module's deadline is that of its observers too; the earliest counts."""
    first, second = Recorder(), Recorder()
    module = make_module(observers=[first])
    module.add_observer(second)
    assert second.since() == [("attach", "quectel_lte", False)]
    assert module.deadline() is None
    first.due, second.due = 9.0, 7.0
    assert module.deadline() == 7.0
    module.power_on(0.0)
    assert module.deadline() == 7.0
    first.since()
    module.advance(8.0)
    assert first.since() == [("advance", 8.0)]
