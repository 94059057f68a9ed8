"""The tables of a client's states: no pair is missing, and a session does what they say."""

from collections.abc import Callable
from itertools import product

import pytest

from modemlab.mqtt import client_states as states
from modemlab.mqtt.client import ClientSession
from modemlab.mqtt.events import (
    ConnectRefused,
    ConnectTimedOut,
    Event,
    Options,
    SessionConnected,
    SessionGaveUp,
    SessionPingFailed,
    Violation,
    WrongState,
)
from modemlab.mqtt.packets import Puback, Pubcomp, Pubrec, Suback, Unsuback

ACCEPTED, PINGRESP = bytes.fromhex("20 02 00 00"), bytes.fromhex("d0 00")


def session(state: int) -> ClientSession:
    """One in that state, whose series of PINGREQ may be answered."""
    made = ClientSession(Options(keep_alive=10, packet_timeout=5, retries=1))
    if state >= states.CONNECTING:
        made.connect("c", None, None, None, 0.0)
    if state >= states.CONNECTED:
        made.receive(ACCEPTED, 0.0)
        made.advance(10.0)
    if state == states.ENDED:
        made.disconnect(10.0)
    made.take()
    return made


def receives(text: str) -> Callable[[ClientSession], list[Event]]:
    """These bytes come."""
    return lambda made: made.receive(bytes.fromhex(text), 11.0)


def asks(name: str, *values: object) -> Callable[[ClientSession], None]:
    """The owner asks for that."""
    return lambda made: getattr(made, name)(*values, 11.0)


# By hand: what is done, and what becomes of it in each state: the state, WrongState (W) or a Violation (V).
W, V = WrongState, Violation
PAIRS = {
    "connect": (asks("connect", "c", None, None, None), "connecting", W, W, W),
    "publish": (asks("publish", 0, "t", b"", 0, False), W, W, "connected", W),
    "subscribe": (asks("subscribe", 1, [("t", 0)]), W, W, "connected", W),
    "unsubscribe": (asks("unsubscribe", 1, ["t"]), W, W, "connected", W),
    "disconnect": (asks("disconnect"), W, W, "ended", W),
    "half a packet": (receives("d0"), V, "connecting", "connected", "ended"),
    "accepted": (receives("20 02 00 00"), V, "connected", V, "ended"),
    "wrongly present": (receives("20 02 01 00"), V, V, V, "ended"),
    "refused": (receives("20 02 00 05"), V, "ended", V, "ended"),
    "pingresp": (receives("d0 00"), V, V, "connected", "ended"),
    "publish of the server": (receives("30 03 00 01 74"), V, V, "connected", "ended"),
    "malformed": (receives("f0 00"), V, V, V, "ended"),
    "unasked": (receives("40 02 00 07"), V, V, V, "ended"),
}
NAMES = [*PAIRS]


@pytest.mark.parametrize(("name", "state"), [*product(NAMES, range(4))])
def test_a_session_does_what_the_table_says(name: str, state: int) -> None:
    """In every state: who breaks the rules is told, and nothing else happens."""
    made = session(state)
    do, *outcomes = PAIRS[name]
    wanted = outcomes[state]
    assert callable(do)
    if wanted is WrongState:
        with pytest.raises(WrongState):
            do(made)
        assert (states.STATES[made._state], made.take()) == (states.STATES[state], b"")
        return
    events = do(made) or []
    assert [type(event) for event in events if type(event) is Violation] == [Violation] * (wanted is Violation)
    assert states.STATES[made._state] == ("ended" if wanted is Violation else wanted)
    assert made.connected is (wanted == "connected")
    if state == states.ENDED:
        assert (events, made.take()) == ([], b"")


def test_what_time_brings() -> None:
    """CONNACK, the answer to a packet, the answer to a PINGREQ: each ends the session when it does not come."""
    made = session(states.OPEN)
    assert (made.advance(1e9), made.deadline(), states.STATES[made._state]) == ([], None, "open")
    made = session(states.CONNECTING)
    assert (made.advance(4.9), made.deadline(), states.STATES[made._state]) == ([], 5.0, "connecting")
    assert (made.advance(5.0), made.deadline(), states.STATES[made._state]) == ([ConnectTimedOut()], None, "ended")
    made = session(states.CONNECTED)
    made.publish(7, "t", b"", 1, False, 10.0)
    made.advance(15.0)
    made.receive(PINGRESP, 15.0)
    assert made.advance(20.0)[-1:] == [SessionGaveUp(states.REQUEST_OF_ANSWER[Puback], 7)]
    assert (made.deadline(), states.STATES[made._state]) == (None, "ended")
    made = session(states.CONNECTED)
    events = [event for now in (15.0, 25.0, 35.0, 45.0, 95.0, 155.0) for event in made.advance(now)]
    assert (events, made.deadline(), states.STATES[made._state]) == ([SessionPingFailed()], None, "ended")
    assert (made.advance(1e9), made.deadline()) == ([], None)


def test_events_of_connack() -> None:
    """The three of them tell the owner what came."""
    for data, event in (("20 02 00 00", SessionConnected(False)), ("20 02 00 05", ConnectRefused(5))):
        assert receives(data)(session(states.CONNECTING)) == [event]


def test_no_pair_is_missing() -> None:
    """Each event has a cell for each state; each answer a step for each that may be awaited."""
    assert set(states.TRANSITIONS) == set(states.ConnectionEvent)
    for row in states.TRANSITIONS.values():
        assert len(row) == len(states.STATES)
        assert all(after in range(4) or (isinstance(after, str) and after) for after in row)
    assert (
        set(states.ANSWERS)
        == {Puback, Pubrec, Pubcomp, Suback, Unsuback}
        == set(states.REQUEST_OF_ANSWER)
        == set(states.RETRANSMITTED_REQUEST)
    )
    for steps in states.ANSWERS.values():
        assert set(steps) == {None, *states.ANSWERS}


# By hand: what is awaited, and what each answer is: completed (c), released (r), released again (a), surplus (s).
FLIGHT: dict[type | None, str] = {
    None: "sssss",
    Puback: "cssss",
    Pubrec: "srsss",
    Pubcomp: "sacss",
    Suback: "ssscs",
    Unsuback: "ssssc",
}
COMES = ("40 02 00 07", "50 02 00 07", "70 02 00 07", "90 03 00 07 00", "b0 02 00 07")


@pytest.mark.parametrize("awaited", FLIGHT)
@pytest.mark.parametrize("number", range(5))
def test_what_an_answer_does(awaited: type | None, number: int) -> None:
    """To a packet that was sent once: a surplus answer breaks the rules."""
    made = session(states.CONNECTED)
    if awaited in (Puback, Pubrec, Pubcomp):
        made.publish(7, "t", b"", 1 if awaited is Puback else 2, False, 10.0)
    if awaited is Pubcomp:
        made.receive(bytes.fromhex("50 02 00 07"), 10.0)
    if awaited is Suback:
        made.subscribe(7, [("t", 0)], 10.0)
    if awaited is Unsuback:
        made.unsubscribe(7, ["t"], 10.0)
    made.take()
    events = made.receive(bytes.fromhex(COMES[number]), 10.0)
    wanted = FLIGHT[awaited][number]
    names = [type(event).__name__ for event in events]
    assert names == {"c": ["SessionCompleted"], "r": ["SessionRecorded"], "a": [], "s": ["Violation"]}[wanted]
    assert made.take() == (bytes.fromhex("62 02 00 07") if wanted in "ra" else b"")
    assert made.in_flight(7) is (wanted in "ra")
