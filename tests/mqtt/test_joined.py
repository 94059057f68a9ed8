"""Modules joined to the broker's router in memory, bytes cut at random: each end tests the other."""

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from modemlab.broker.limits import Limits
from modemlab.broker.router import Router
from modemlab.module.effects import CloseStream, OpenStream, SendStream, StreamOpened, StreamReceived
from modemlab.module.module import Module
from modemlab.mqtt.server import ServerSession
from support.helpers import exchange, make_module

MESSAGE = re.compile(rb'\+QMTRECV: 0,(\d+),"([^"]*)",(\d+),"')


class Desk:
    """Modules and one router; what they send each other is cut into pieces of the given sizes, in turn."""

    def __init__(self, sizes: list[int]) -> None:
        self.router = Router(Limits())
        self.now = 0.0
        self.sizes = sizes
        self.turn = 0
        self.sessions: dict[tuple[Module, int], ServerSession] = {}
        self.said: dict[Module, bytes] = {}

    def module(self, level: int) -> Module:
        """A module that is on, without echo."""
        module = make_module()
        module.power_on(self.now)
        self.said[module] = b""
        for line in (b"ATE0", b'AT+QMTCFG="version",0,%d' % level, b'AT+QMTCFG="recv/mode",0,0,1'):
            assert exchange(module, line).endswith(b"OK\r\n")
        return module

    def type(self, module: Module, data: bytes) -> None:
        """The host sends; everything that follows from it happens."""
        module.receive(data, self.now)
        self.run()

    def pieces(self, data: bytes) -> list[bytes]:
        """The data in pieces."""
        cut = []
        while data:
            size = self.sizes[self.turn % len(self.sizes)]
            self.turn += 1
            cut.append(data[:size])
            data = data[size:]
        return cut

    def run(self) -> None:
        """Carry everything until all is quiet."""
        busy = True
        while busy:
            busy = sum(map(self.carry, self.said)) > 0
            for (module, stream), session in list(self.sessions.items()):
                for piece in self.pieces(session.take()):
                    busy = True
                    module.on_reply(StreamReceived(stream, piece), self.now)
        for module in self.said:
            self.said[module] += module.data_to_send()

    def carry(self, module: Module) -> bool:
        """Perform a module's effects; whether there were any."""
        effects, module.effects[:] = list(module.effects), []
        for effect in effects:
            if isinstance(effect, OpenStream):
                self.sessions[module, effect.stream] = ServerSession(self.now)
                module.on_reply(StreamOpened(effect.stream), self.now)
            elif isinstance(effect, SendStream):
                session = self.sessions[module, effect.stream]
                for piece in self.pieces(effect.data):
                    self.router.handle(session, session.receive(piece, self.now), self.now)
            elif isinstance(effect, CloseStream):
                session = self.sessions.pop((module, effect.stream))
                self.router.handle(session, session.end("closed"), self.now)
        return bool(effects)

    def connect(self, module: Module, name: bytes) -> None:
        """Open and connect client 0."""
        self.type(module, b"AT+QMTOPEN=0,broker,1883\r")
        self.type(module, b'AT+QMTCONN=0,"%b"\r' % name)
        assert b"+QMTCONN: 0,0,0" in self.said[module]

    def messages(self, module: Module) -> list[tuple[bytes, bytes]]:
        """Topic and payload of every message the host was shown."""
        found = []
        said = self.said[module]
        position = 0
        while match := MESSAGE.search(said, position):
            end = match.end() + int(match[3])
            assert said[end : end + 3] == b'"\r\n'
            found.append((match[2], said[match.end() : end]))
            position = end
        return found


@settings(max_examples=60, deadline=None)
@given(
    sizes=st.lists(st.integers(1, 40), min_size=1, max_size=5),
    level=st.sampled_from((3, 4)),
    granted=st.integers(0, 2),
    messages=st.lists(st.tuples(st.integers(0, 2), st.binary(max_size=60)), min_size=1, max_size=12),
)
def test_every_message_arrives_once_whatever_its_bytes(
    sizes: list[int], level: int, granted: int, messages: list[tuple[int, bytes]]
) -> None:
    desk = Desk(sizes)
    sender, receiver = desk.module(level), desk.module(7 - level)
    desk.connect(sender, b"sender")
    desk.connect(receiver, b"receiver")
    desk.type(receiver, b'AT+QMTSUB=0,1,"t/#",%d\r' % granted)
    assert desk.said[receiver].endswith(b"\r\n+QMTSUB: 0,1,0,%d\r\n" % granted)
    for number, (qos, payload) in enumerate(messages, 1):
        msgid = number if qos else 0
        desk.type(sender, b'AT+QMTPUBEX=0,%d,%d,0,"t/%d",%d\r' % (msgid, qos, number, len(payload)))
        if payload:
            desk.type(sender, payload)
        assert desk.said[sender].endswith(b"\r\n+QMTPUBEX: 0,%d,0\r\n" % msgid)
    assert desk.messages(receiver) == [(b"t/%d" % n, payload) for n, (_, payload) in enumerate(messages, 1)]


def test_the_will_arrives_when_the_power_goes() -> None:
    desk = Desk([1000])
    watcher, pump = desk.module(3), desk.module(4)
    desk.connect(watcher, b"watcher")
    desk.type(watcher, b"AT+QMTSUB=0,1,gone/#,2\r")
    desk.type(pump, b'AT+QMTCFG="will",0,1,2,0,"gone/pump","left, "as is""\r')
    desk.connect(pump, b"pump")
    pump.power_off(desk.now)
    desk.run()
    assert desk.messages(watcher) == [(b"gone/pump", b'left, "as is"')]


def test_a_kept_session_gets_what_it_missed() -> None:
    desk = Desk([3])
    sender, receiver = desk.module(4), desk.module(4)
    desk.type(receiver, b'AT+QMTCFG="session",0,0\r')
    desk.connect(receiver, b"receiver")
    desk.type(receiver, b"AT+QMTSUB=0,1,t,2\r")
    desk.type(receiver, b"AT+QMTDISC=0\r")
    desk.connect(sender, b"sender")
    for msgid, qos in ((1, 1), (2, 2), (0, 0)):
        desk.type(sender, b"AT+QMTPUBEX=0,%d,%d,0,t,1\r%d" % (msgid, qos, qos))
    assert desk.messages(receiver) == []
    desk.connect(receiver, b"receiver")
    assert desk.messages(receiver) == [(b"t", b"1"), (b"t", b"2")]
