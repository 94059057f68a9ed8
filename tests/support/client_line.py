"""A client session with its clock, for tests that are transcripts of bytes and times."""

import pytest

from modemlab.mqtt.client import ClientSession
from modemlab.mqtt.events import Event, Options, SessionConnected, Violation, WrongState

QUIET = Options(keep_alive=0)
CONNECT = "10 0d 00 04 4d 51 54 54 04 02 00 00 00 01 63"
PUBLISH_1 = "32 06 00 01 74 00 07 78"
PUBLISH_1_DUP = "3a 06 00 01 74 00 07 78"
PUBLISH_2 = "34 06 00 01 74 00 07 78"
PUBLISH_2_DUP = "3c 06 00 01 74 00 07 78"
PUBREL_7 = "62 02 00 07"


class Line:
    """A session and its clock; each step states the bytes or events it must bring."""

    def __init__(self, size: int = 0, options: Options = QUIET, received: set[int] | None = None) -> None:
        """Make a session that is fed in pieces of `size` bytes, whole when 0."""
        self.session = ClientSession(options, received)
        self.size = size
        self.now = 100.0

    def connected(self, connack: str = "20 02 00 00") -> "Line":
        """Take it through CONNECT and CONNACK."""
        self.session.connect("c", None, None, None, self.now)
        assert self.session.take()
        self.gets(connack, SessionConnected(connack == "20 02 01 00"))
        return self

    def sends(self, *data: str) -> None:
        """What the session has to send since the last step."""
        assert self.session.take().hex(" ") == bytes.fromhex("".join(data)).hex(" ")

    def gets(self, data: str, *events: Event) -> None:
        """The server's bytes, and what they bring about."""
        raw = bytes.fromhex(data)
        step = self.size or len(raw)
        got = [e for at in range(0, len(raw), step) for e in self.session.receive(raw[at : at + step], self.now)]
        assert got == list(events)

    def at(self, seconds: float, *events: Event) -> None:
        """The next deadline is `seconds` after the start, nothing happens before, and these at it."""
        due = 100.0 + seconds
        assert self.session.deadline() == due
        assert self.session.advance(due - 0.01) == []
        assert self.session.take() == b""
        self.now = due
        assert self.session.advance(due) == list(events)

    def violates(self, data: str, reason: str, *before: Event) -> None:
        """The server's bytes end the session with a Violation that says `reason`."""
        raw = bytes.fromhex(data)
        step = self.size or len(raw)
        got = [e for at in range(0, len(raw), step) for e in self.session.receive(raw[at : at + step], self.now)]
        assert got[:-1] == list(before)
        assert isinstance(got[-1], Violation)
        assert reason in got[-1].reason
        self.ended()

    def ended(self) -> None:
        """Nothing brings anything about any more."""
        session = self.session
        assert session.receive(bytes.fromhex("20 02 00 00 30 03 00 01 74 d0 00 f0 00"), self.now) == []
        assert session.advance(self.now + 10_000) == []
        assert session.deadline() is None
        assert not session.connected
        assert not session.in_flight(7)
        with pytest.raises(WrongState):
            session.connect("c", None, None, None, self.now)
        with pytest.raises(WrongState):
            session.publish(1, "t", b"", 1, False, self.now)
        with pytest.raises(WrongState):
            session.subscribe(1, [("t", 0)], self.now)
        with pytest.raises(WrongState):
            session.unsubscribe(1, ["t"], self.now)
        with pytest.raises(WrongState):
            session.disconnect(self.now)
