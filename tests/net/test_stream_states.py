"""The states of a connection: the table as the documents show it, every pair of it, and that all of it happens."""

import re
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from modemlab.dialect.network import StreamError
from modemlab.module.effects import SendStream
from modemlab.net import impaired_stream
from modemlab.net.conditions import LAB, Conditions, ConnectionDisruption
from modemlab.net.stream_states import (
    MODULE_END_STATES,
    MODULE_WAITING_STATES,
    OPEN_STATES,
    SERVER_END_STATES,
    SILENT_STATES,
    TRANSITIONS,
    IllegalEvent,
    StreamEvent,
    StreamState,
    after,
)
from modemlab.net.streams import MAX_UNSENT_BYTES
from support.impaired_network import Desk

DOCUMENT = (Path(__file__).resolve().parents[2] / "docs" / "network.md").read_text(encoding="utf-8")
PAIRS = list(product(StreamState, StreamEvent))


def table(head: str) -> list[list[str]]:
    """The rows of the document's table whose head begins so, without back quotes; its head first."""
    block = re.search(rf"^\| {re.escape(head)}.*\n(\|.*\n)+", DOCUMENT, re.MULTILINE)
    assert block is not None
    lines = [line for line in block[0].splitlines() if not line.startswith("|---")]
    return [[cell.strip().replace("`", "") for cell in line.split("|")[1:-1]] for line in lines]


def test_every_pair_is_as_the_document_shows_it() -> None:
    head, *rows = table("state | SYN")
    assert head[1:] == [event.value for event in StreamEvent]
    assert [row[0] for row in rows] == [state.value for state in StreamState]
    shown = {(row[0], event): cell for row in rows for event, cell in zip(head[1:], row[1:], strict=True)}
    found = {(s.value, e.value): getattr(TRANSITIONS[s].get(e), "value", "") for s, e in PAIRS}
    assert found == shown


@pytest.mark.parametrize(("state", "event"), PAIRS)
def test_what_cannot_happen_raises(state: StreamState, event: StreamEvent) -> None:
    if event in TRANSITIONS[state]:
        assert after(state, event) is TRANSITIONS[state][event]
    else:
        words = f"a connection that is {state.value}: {event.value} cannot happen"
        with pytest.raises(IllegalEvent, match=f"^{words}$"):
            after(state, event)


def test_who_holds_a_connection_is_as_the_document_shows_it() -> None:
    rows = {row[0]: row[1:] for row in table("state | the module")[1:]}
    assert list(rows) == [state.value for state in StreamState]
    for state in StreamState:
        module, server, words = rows[state.value]
        assert (module != "") is (state in MODULE_END_STATES)
        assert (module == "waits") is (state in MODULE_WAITING_STATES)
        assert (server == "holds it") is (state in SERVER_END_STATES)
        assert (state in OPEN_STATES) is (module == "holds it" and state is not StreamState.ENDED)
        assert (words == "nothing passes") is (state in SILENT_STATES)


OPEN = ("ATE0", 'AT+QMTOPEN=0,"10.0.0.1",1883')
ONLINE = (*OPEN, 2, 'AT+QMTCONN=0,"pump"', 2)
PATIENT = ("ATE0", 'AT+QMTCFG="keepalive",0,0', 'AT+QMTCFG="timeout",0,60,10,0')
PUBLISH = ('AT+QMTPUBEX=0,0,0,0,"a",1', b"x")
CLOSE = "AT+QMTCLOSE=0"
STEP, DEAD = Conditions(rtt=0.5), Conditions(loss=1)
HALF_OPEN, RESET, SHUT = ConnectionDisruption("half_open"), ConnectionDisruption("reset"), ConnectionDisruption("close")
FULL = SendStream(1, b"x" * (MAX_UNSENT_BYTES + 1))
HANG_UP = "the server closes"
REFUSE = "the server refuses"
DAYS: dict[str, tuple[Any, ...]] = {
    "refused by conditions": (Conditions(connect_result="refused"), *OPEN, 9),
    "closed while the SYN is on its way": (STEP, *OPEN, 0.1, CLOSE),
    "closed while the answer is": (STEP, *OPEN, 0.3, CLOSE),
    "refused": (STEP, REFUSE, *OPEN, 9),
    "closed by the server before the module knows": (STEP, *OPEN, 0.3, HANG_UP, 9),
    "closed by the server": (STEP, *ONLINE, HANG_UP, 9),
    "closed by both": (STEP, *ONLINE, HANG_UP, 0.1, CLOSE, 9),
    "closed by the module": (STEP, *ONLINE, CLOSE, 9),
    "closed by the module, then by the server": (STEP, *ONLINE, CLOSE, 0.1, HANG_UP, 9),
    "closed by the module, who is not heard": (*ONLINE, DEAD, CLOSE, 999),
    "reset": (STEP, *ONLINE, RESET),
    "reset behind an end": (STEP, *ONLINE, HANG_UP, RESET),
    "silent behind an end": (STEP, *ONLINE, HANG_UP, HALF_OPEN, HALF_OPEN, CLOSE),
    "half-open, then closed": (*ONLINE, HALF_OPEN, HALF_OPEN, CLOSE, HANG_UP),
    "half-open, then reset": (*ONLINE, HALF_OPEN, RESET),
    "half-open, until nothing is answered": (*PATIENT, *ONLINE, HALF_OPEN, *PUBLISH, 999),
    "half-open, both give up": (*PATIENT, *ONLINE, HALF_OPEN, HANG_UP, *PUBLISH, 999),
    "too much": (STEP, *ONLINE, FULL, 1),
    "too much, and more happens": (STEP, *ONLINE, FULL, SHUT, 1),
    "too much, and silent": (STEP, *ONLINE, FULL, HALF_OPEN, 1),
    "too much, and closed": (STEP, *ONLINE, FULL, CLOSE, 1),
    "too much, and the network goes": (STEP, *ONLINE, FULL, DEAD, 1),
}


def live(desk: Desk, steps: tuple[Any, ...]) -> None:
    """Let these happen; of too much only the layer hears, so that other things come before the module is told."""
    for step in steps:
        if step is FULL:
            desk.weather.perform((FULL,))
        elif step == HANG_UP:
            desk.net.hang_up(1)
        elif step == REFUSE:
            desk.net.error = StreamError.REFUSED
        elif isinstance(step, ConnectionDisruption) and FULL in steps:
            desk.weather.disconnect(step)
        else:
            desk.do(step)


def test_all_of_it_happens(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each pair of the table in the life of some connection, and in the end nobody holds one."""
    seen: set[tuple[StreamState, StreamEvent]] = set()

    def recorded(state: StreamState, event: StreamEvent) -> StreamState:
        seen.add((state, event))
        return after(state, event)

    monkeypatch.setattr(impaired_stream, "after", recorded)
    for name, steps in DAYS.items():
        desk = Desk()
        live(desk, steps)
        desk.do(LAB, CLOSE, 400)
        assert not [s for s in desk.weather._streams.values() if s.module_holds], name
    assert seen == {(state, event) for state, event in PAIRS if event in TRANSITIONS[state]}
