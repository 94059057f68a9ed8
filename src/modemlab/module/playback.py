"""Transcripts played on a module in memory: no port, no network, and time passes when the transcript says so."""

import ast
from collections import deque
from collections.abc import Callable
from functools import partial
from typing import Any

from modemlab.dialect.network import StreamError
from modemlab.module.effects import (
    CloseStream,
    OpenStream,
    PauseStream,
    ResumeStream,
    SendStream,
    StreamClosed,
    StreamFailed,
    StreamOpened,
    StreamReceived,
    StreamSendBufferFull,
)
from modemlab.module.mobile_actions import read_mobile_action
from modemlab.module.module import Module
from modemlab.mqtt import packets
from modemlab.text.reason import at_line
from modemlab.transcripts.format import (
    Difference,
    Mark,
    TranscriptError,
    TranscriptPlayer,
    TranscriptStep,
    parse_transcript,
)
from modemlab.validation.input_errors import each_placed

NETWORK = {
    "refused": StreamError.REFUSED,
    "name": StreamError.NAME,
    "unreachable": StreamError.UNREACHABLE,
    "timeout": StreamError.TIMEOUT,
    "tls": StreamError.TLS,
}


class ModulePlayback:
    """A module that is on, with its clock at 0, as the bench of a transcript.

    What the host sends is cut into pieces of `piece` bytes; 0 sends it whole. Packets go to and come from the
    stream that was opened last; `client` is the MQTT level they are read at, told by the CONNECT.
    """

    def __init__(self, module: Module, piece: int = 0) -> None:
        self.module = module
        self.now = 0.0
        self._piece = piece
        self._sent: dict[int, deque[bytes]] = {}
        self._stream = 0
        self.opening: OpenStream | None = None
        self.closed: set[int] = set()
        self.paused: set[int] = set()
        self.level = 3
        module.power_on(0.0)

    def send(self, data: bytes) -> None:
        """The host sends."""
        size = self._piece or max(1, len(data))
        for start in range(0, len(data), size):
            self.module.receive(data[start : start + size], self.now)
        self._drain()

    def said(self) -> bytes:
        """What the module has said."""
        return self.module.data_to_send()

    def wait(self, seconds: float) -> None:
        """Time passes, from one deadline of the module to the next."""
        until = self.now + seconds
        while (due := self.module.deadline()) is not None and due <= until:
            self.now = max(self.now, due)
            self.module.advance(self.now)
            self._drain()
        self.now = until
        self.module.advance(until)
        self._drain()

    def network(self, step: TranscriptStep) -> Difference | None:
        """The network does something, or is held to what it was sent. Raises `TranscriptError` for what cannot be."""
        try:
            return self._play(step)
        except ValueError as error:
            raise TranscriptError(each_placed(partial(at_line, step.number), error)) from error

    def _play(self, step: TranscriptStep) -> Difference | None:
        """The network's part, or the mobile's. Raises ValueError for what cannot be."""
        if step.mark is Mark.TO_SERVER:
            return self._expect(step)
        if step.mark is Mark.MOBILE:
            self._change(step)
            return None
        if step.mark is Mark.FROM_SERVER:
            self._feed(self._encode(step))
        elif step.text.split()[0] == "opened":
            return self._open(step)
        elif step.text in NETWORK:
            if self.opening is None:
                raise ValueError("nothing is being opened")
            self.module.on_reply(StreamFailed(self._stream, NETWORK[step.text]), self.now)
        elif step.text == "closed":
            self.module.on_reply(StreamClosed(self._stream), self.now)
        elif step.text == "send_buffer_full":
            self.module.on_reply(StreamSendBufferFull(self._stream), self.now)
        elif step.text == "close" and self._stream not in self.closed:
            return Difference(step.number, b"the module closes its stream", b"it is open")
        self._drain()
        return None

    def _change(self, step: TranscriptStep) -> None:
        """Perform an action on the mobile, or a power cycle."""
        name, arguments = read_expression(step.text)
        if name == "power_cycle" and not arguments:
            self.module.power_off(self.now)
            self.module.power_on(self.now)
        else:
            read_mobile_action(name, arguments).change(self.module.mobile, self.now)
        self._drain()

    def _open(self, step: TranscriptStep) -> Difference | None:
        """Connection established; `opened HOST:PORT` holds the module to the address it asked for."""
        asked = f"{self.opening.host}:{self.opening.port}" if self.opening else "nothing"
        wanted = step.text.partition(" ")[2]
        if self.opening is None or (wanted and wanted != asked):
            return Difference(step.number, wanted.encode() or b"an address", asked.encode())
        self.opening = None
        self.module.on_reply(StreamOpened(self._stream), self.now)
        self._drain()
        return None

    def _feed(self, data: bytes) -> None:
        """Bytes come from the server, cut as the host's are."""
        size = self._piece or max(1, len(data))
        for start in range(0, len(data), size):
            self.module.on_reply(StreamReceived(self._stream, data[start : start + size]), self.now)

    def _encode(self, step: TranscriptStep) -> bytes:
        """The bytes of a packet as a transcript writes it."""
        if "(" not in step.text:
            return bytes.fromhex(step.text)
        packet = read_packet(step.text)
        if isinstance(packet, packets.Connect):
            self.level = packet.level
        try:
            return packets.encode(packet, self.level)
        except (AttributeError, KeyError, TypeError) as error:
            raise ValueError(f"{step.text!r} is not a packet: {error}") from error

    def _expect(self, step: TranscriptStep) -> Difference | None:
        """Hold the next bytes to the server to a packet; `nothing` to there being none."""
        sent = b"".join(self._sent.get(self._stream, ()))
        expected = b"" if step.text == "nothing" else self._encode(step)
        if (not expected and sent) or not sent.startswith(expected):
            return Difference(step.number, expected, sent)
        self._sent[self._stream] = deque([sent[len(expected) :]])
        return None

    def _drain(self) -> None:
        """Perform the module's effects on paper."""
        effects, self.module.effects[:] = list(self.module.effects), []
        for effect in effects:
            match effect:
                case OpenStream():
                    self.opening, self._stream = effect, effect.stream
                case SendStream(stream, data):
                    self._sent.setdefault(stream, deque()).append(data)
                case CloseStream(stream):
                    self.closed.add(stream)
                    self.opening = None
                case PauseStream(stream):
                    self.paused.add(stream)
                case ResumeStream(stream):
                    self.paused.discard(stream)


def read_packet(text: str) -> packets.Packet:
    """The packet of an expression such as `Publish("a", b"x", qos=1, packet_id=7)`; ValueError if it is none."""

    def value(node: ast.expr) -> Any:
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            build: Callable[..., Any] | None = getattr(packets, node.func.id, None)
            if build is None:
                raise ValueError(f"{node.func.id} is not a packet")
            return build(*map(value, node.args), **{k.arg: value(k.value) for k in node.keywords if k.arg})
        return ast.literal_eval(node)

    try:
        packet: packets.Packet = value(ast.parse(text, mode="eval").body)
    except (AttributeError, KeyError, MemoryError, RecursionError, SyntaxError, TypeError, ValueError) as error:
        raise ValueError(f"{text!r} is not a packet: {error}") from error
    return packet


def read_expression(text: str) -> tuple[str, dict[str, Any]]:
    """The name and arguments of an expression such as `set_registration(stat="denied")`; ValueError if it is none."""
    try:
        call = ast.parse(text, mode="eval").body
        if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Name) or call.args:
            raise ValueError("write NAME(ARGUMENT=VALUE)")
        return call.func.id, {k.arg: ast.literal_eval(k.value) for k in call.keywords if k.arg}
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise ValueError(f"{text!r} is not an action: {error}") from error


def replay_offline(module: Module, transcript: str, piece: int = 0) -> list[Difference]:
    """Play a transcript on a fresh module; the differences."""
    return list(TranscriptPlayer(ModulePlayback(module, piece)).play(parse_transcript(transcript)))
