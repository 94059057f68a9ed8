"""A module with its shell and its network on paper, to which anything may happen."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest

from modemlab.dialect.dialect import Dialect
from modemlab.dialect.identity import Model
from modemlab.dialect.network import HttpAnswer, HttpError, StreamError
from modemlab.dialects.quectel_lte.memory import LteMemory
from modemlab.module.early_urcs import EarlyUrc, put_early, room_for
from modemlab.module.effects import (
    CloseStream,
    OpenStream,
    SendStream,
    StreamClosed,
    StreamFailed,
    StreamOpened,
    StreamReceived,
)
from modemlab.module.interpreter import MAX_HELD_URC_BYTES
from modemlab.module.log_notes import Note
from modemlab.module.memory_files import STORE_BYTES
from modemlab.module.mobile_actions import read_mobile_action
from modemlab.module.module import Module
from modemlab.module.observer import NoteListener
from modemlab.mqtt import packets as p
from support.http import requests_of, written

# How a host opens a client, and how it connects it; the client's number stands for #.
QMT = b'AT+QMTOPEN=#,"h",1883', b'AT+QMTCONN=#,"c"'
ONLINE = {"quectel_lte": QMT, "quectel_nb": QMT, "luat": (b"AT+MCONFIG=c;+MIPSTART=h,1883", b"AT+MCONNECT=1,120")}


class Act(NamedTuple):
    """One thing that happens: what, to which client, with what."""

    what: str
    client: int = 0
    value: Any = None


class World:
    """A module, its shell and its network on paper; what comes is cut into pieces of `piece` bytes."""

    def __init__(self, dialect: Dialect, model: Model, piece: int) -> None:
        """A module that is on."""
        self.module = Module(dialect, model, utc=1_770_000_000.0, observers=[NoteListener(self.log)])
        self.piece = piece
        self.now = 0.0
        self.opening: list[int] = []
        self.open: list[int] = []
        self.heard: list[Any] = []
        self.module.power_on(0.0)
        self.settle()

    def log(self, note: Note) -> None:
        """A reason is one line."""
        assert "\n" not in str(note.reason)

    def settle(self) -> None:
        """Take what is said and asked for; hold the module to its bounds."""
        said = self.module.data_to_send()
        wire: dict[int, bytes] = {}
        broken: set[int] = set()
        for effect in self.module.effects:
            if isinstance(effect, SendStream):
                assert effect.stream in self.open
                wire[effect.stream] = wire.get(effect.stream, b"") + effect.data
            elif isinstance(effect, OpenStream):
                self.opening.append(effect.stream)
            elif isinstance(effect, CloseStream):
                broken.add(effect.stream)
                for streams in (self.opening, self.open):
                    if effect.stream in streams:
                        streams.remove(effect.stream)
        self.module.effects.clear()
        # What still went out to a server that broke the protocol depends on how its packets were cut.
        if self.heard[-1:] == ["server"]:
            wire = {stream: data for stream, data in wire.items() if stream not in broken}
        if said or wire:
            self.heard.append((said, wire))
        line = self.module.line
        assert len(line._body or b"") <= line._commands.longest
        if line._data is not None:
            assert len(line._data._payload) <= line._data._prompt.length <= STORE_BYTES
        memory = self.module._memory
        assert not isinstance(memory, LteMemory) or len(memory.files) <= 10
        assert line._held_size == sum(len(text) for text, _ in line._held or ())
        assert line._held_size <= MAX_HELD_URC_BYTES + 4096
        assert self.module.deadline() is None or self.module.deadline() >= 0  # type: ignore[operator]

    def cut(self, data: bytes) -> Iterator[bytes]:
        """The data in pieces."""
        size = self.piece or max(1, len(data))
        for start in range(0, len(data), size):
            yield data[start : start + size]

    def do(self, act: Act) -> None:
        """Let something happen; what is said to it is noted under its name."""
        self.heard.append(act.what)
        module = self.module
        client = module.find(act.client)
        stream = client.stream if client is not None else 0
        if act.what == "host":
            for part in self.cut(act.value):
                module.receive(part, self.now)
        elif act.what == "server" and stream in self.open and client is not None and not client.paused:
            # A server may send the next packet only when the one before was answered, so each comes by itself.
            for part in (part for packet in act.value for part in self.cut(packet)):
                if stream == client.stream:
                    module.on_reply(StreamReceived(stream, part), self.now)
        elif act.what == "opened" and stream in self.opening:
            self.opening.remove(stream)
            self.open.append(stream)
            module.on_reply(StreamOpened(stream), self.now)
        elif act.what == "failed" and stream in self.opening:
            self.opening.remove(stream)
            module.on_reply(StreamFailed(stream, act.value), self.now)
        elif act.what == "closed" and stream in self.open:
            self.open.remove(stream)
            module.on_reply(StreamClosed(stream), self.now)
        elif act.what == "http":
            for stream in requests_of(module):
                self.end(stream, act.value)
        elif act.what == "mobile":
            name, arguments = act.value
            read_mobile_action(name, arguments).change(module.mobile, self.now)
        elif act.what == "urc before a result":
            if room_for(module):
                put_early(module, EarlyUrc(*act.value))
        elif act.what == "wait":
            self.wait(act.value)
        elif act.what == "power":
            module.power_off(self.now)
            self.settle()
            module.power_on(self.now)
        elif act.what == "online":
            self.bring_online(act.client)
        self.settle()
        if not module.on:
            module.power_on(self.now)
            self.settle()

    def end(self, stream: int, answer: HttpAnswer | HttpError) -> None:
        """Let an HTTP request end: without a connection, or by an answer."""
        self.opening.remove(stream)
        if isinstance(answer, HttpError):
            error = StreamError.NAME if answer is HttpError.NAME else StreamError.REFUSED
            self.module.on_reply(StreamFailed(stream, error), self.now)
            return
        self.open.append(stream)
        self.module.on_reply(StreamOpened(stream), self.now)
        self.settle()
        for part in self.cut(written(answer)):
            self.module.on_reply(StreamReceived(stream, part), self.now)

    def wait(self, seconds: float) -> None:
        """Time passes, from deadline to deadline; a module that wants to be woken without end fails."""
        until = self.now + seconds
        for _ in range(2000):
            due = self.module.deadline()
            if due is None or due > until:
                break
            self.now = max(self.now, due)
            self.module.advance(self.now)
            self.settle()
        else:
            pytest.fail(f"2,000 deadlines within {seconds} s")
        self.now = until
        self.module.advance(until)

    def bring_online(self, number: int) -> None:
        """Connect a client that is closed, if the host can type."""
        if self.module.line.prompting:
            return
        opening, connecting = ONLINE[self.module.dialect.name]
        for part in self.cut(b"\r" + opening.replace(b"#", b"%d" % number) + b"\r"):
            self.module.receive(part, self.now)
        self.settle()
        self.do(Act("opened", number))
        for part in self.cut(connecting.replace(b"#", b"%d" % number) + b"\r"):
            self.module.receive(part, self.now)
        self.settle()
        self.do(Act("server", number, [p.encode(p.Connack(0))]))

    def fill(self) -> None:
        """Give a prompt all the data that it asks for."""
        data = self.module.line._data
        if data is not None:
            for part in self.cut(b"4" * (data._prompt.length - len(data._payload))):
                self.module.receive(part, self.now)

    def listens(self) -> None:
        """It answers `AT` with OK, after what is open is ended and the line is as it was."""
        for _ in range(200):
            if not self.module.line.prompting:
                break
            self.fill()
        assert not self.module.line.prompting
        self.module.receive(b"\r", self.now)
        self.wait(20.0)  # what reboots or powers off has done so by then
        self.settle()
        if not self.module.on:
            self.module.power_on(self.now)
        # dialects without ATQ and ATV refuse all of the first line
        self.module.receive(b"ATQ0V1E0\r", self.now)
        self.module.receive(b"ATE0\r", self.now)
        self.settle()
        self.module.receive(b"AT\r", self.now)
        assert self.module.data_to_send() == b"\r\nOK\r\n"


def together(heard: list[Any]) -> list[Any]:
    """What was heard between two names, as one."""
    joined: list[Any] = []
    for item in heard:
        if isinstance(item, str):
            joined.append([item, b"", {}])
        else:
            if not joined:
                joined.append(["", b"", {}])
            joined[-1][1] += item[0]
            for stream, data in item[1].items():
                joined[-1][2][stream] = joined[-1][2].get(stream, b"") + data
    return joined
