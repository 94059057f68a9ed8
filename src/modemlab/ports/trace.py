r"""A record of what passes on a module's line and on its streams, for people to read.

Each line of the file is `TIME MARK TEXT`, or `TIME MARK TEXT | HEX` where bytes passed:

    2026-11-21T11:22:31.123+00:00 >> AT+CSQ\r | 41542b4353510d
    2026-11-21T11:22:31.124+00:00 << \r\n+CSQ: 24,99\r\n\r\nOK\r\n | 0d0a...
    2026-11-21T11:22:31.130+00:00 S> 1 Pingreq() | c000
    2026-11-21T11:22:31.131+00:00 -- AT+QMTCONN: client 0 is not open

- TIME is local, ISO 8601 with milliseconds and the offset from UTC.
- MARK is `>>` host to module, `<<` module to host, `S>` module to server, `S<` server to module, `--` a note:
  why a command was refused, a stream's beginning and end.
- TEXT is, on the line, what passed, where `\r \n \t \\` and `\xNN` stand for what cannot be shown, behind the
  line's name and a blank when the module's ports are named (`usbat AT\r`); on a stream
  its number and the MQTT packets that these bytes complete, separated by `; `. Bytes in the middle of a packet
  read `(part of a packet)`, those that break the protocol carry the reason. A stream that is no MQTT client's, as that
  of an HTTP request, is shown as the line is.
- HEX is all the bytes, after the last ` | ` of the line.

A FIFO or a terminal whose reader is too slow is not waited for: lines are lost then, and one says how many.

Secrets are `*`, byte by byte, in TEXT and HEX alike, unless the module shows secrets: those of commands and of what the
module prints, wherever they are said again, the password of CONNECT, private keys, and texts of JSON whose keys say so.
"""

import logging
import time
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple, Protocol

from modemlab.dialect.dialect import Dialect
from modemlab.dialect.network import Addresses, Datagram, Echoed, QueryAnswer, QueryError
from modemlab.module import effects as e
from modemlab.module.log_notes import Note
from modemlab.module.observer import Observer
from modemlab.mqtt.packets import Connect, Decoder, Packet, ProtocolError, Publish
from modemlab.transcripts.known_commands import vocabulary_of
from modemlab.transcripts.secrets import Vocabulary

if TYPE_CHECKING:
    from modemlab.transcripts.masking import Masks

# The first byte of a CONNECT.
CONNECT = b"\x10"
# A longer packet is traced as bytes, not collected: a module takes none.
MAX_PACKET_BYTES = 1 << 20
# Of what passed before on a stream without packets so many bytes are known, for secrets that come in parts.
MAX_REMEMBERED_BYTES = 4096

_SHOWN = {byte: f"\\x{byte:02x}" for byte in range(256) if not 32 <= byte < 127}
_SHOWN |= {ord("\r"): "\\r", ord("\n"): "\\n", ord("\t"): "\\t", ord("\\"): "\\\\"}


def escape(data: bytes) -> str:
    r"""Bytes as printable ASCII; `\r \n \t \\` and `\xNN` stand for the rest."""
    return data.decode("latin-1").translate(_SHOWN)


class Decoders(NamedTuple):
    """The decoders of a stream, one for each direction."""

    up: Decoder
    down: Decoder


class TraceEntry(NamedTuple):
    """Something that passed: its time in seconds, of the wall's clock unless the trace has another; MARK, TEXT, bytes.

    Secrets are masked in text and bytes alike.
    """

    time: float
    mark: str
    text: str
    data: bytes = b""


class TraceWriter(Protocol):
    """What keeps the entries of a trace, or writes them somewhere."""

    def write(self, entry: TraceEntry) -> None:
        """One more."""


class Output(Protocol):
    """Where a trace's lines go; a text file is one."""

    def write(self, line: str, /) -> object:
        """Take a line, with its end. Raises OSError or ValueError when it cannot."""

    def flush(self) -> object:
        """Hold nothing back."""


def local_time(seconds: float) -> str:
    """A time in seconds since 1970 as a trace's file has it."""
    return datetime.fromtimestamp(seconds).astimezone().isoformat(timespec="milliseconds")


class TraceFile:
    """Writes entries to a text file, each at once. One that fails is given up, with a warning in the log."""

    __slots__ = ("_file",)

    def __init__(self, file: Output) -> None:
        """Write to a file open for writing; its owner closes it."""
        self._file: Output | None = file

    def write(self, entry: TraceEntry) -> None:
        """One line."""
        if self._file is None:
            return
        end = f" | {entry.data.hex()}\n" if entry.data else "\n"
        try:
            self._file.write(f"{local_time(entry.time)} {entry.mark} {entry.text}{end}")
            self._file.flush()
        except (OSError, ValueError) as error:  # ValueError is what a closed file raises
            self._file = None
            logging.getLogger(__name__).warning("the trace ends here: %s", error)


class Trace(Observer):
    """Makes an entry of all that passes, and hands it to each of its writers."""

    __slots__ = ("_decoders", "_masks", "_now", "_secrets", "_texts", "_vocabulary", "_writers")

    def __init__(self, *writers: TraceWriter, now: Callable[[], float] = time.time) -> None:
        """Trace to these; `now` gives the time of each entry."""
        self._writers, self._now = writers, now
        self._decoders: dict[int, Decoders] = {}
        # Of streams without packets: how what passed ends, by direction.
        self._texts: dict[int, dict[str, bytes]] = {}
        self._vocabulary: Vocabulary | None = None
        # By the names of the module's lines, and "" for what is no line; they share what they know.
        self._masks: dict[str, Masks] = {}
        self._secrets: dict[bytes, bytes] = {}

    def on_attach(self, dialect: Dialect, shows_secrets: bool) -> None:
        """From here on a module of that dialect is traced; its secrets are masked unless they are to be seen."""
        self._vocabulary = None if shows_secrets else vocabulary_of(dialect)
        self._masks.clear()

    def on_input(self, data: bytes, line: str = "") -> None:
        if (masks := self._masks_of(line)) is not None:
            data = masks.body(masks.host(data))
        self._write(">>", f"{line} {escape(data)}" if line else escape(data), data)

    def on_output(self, data: bytes, line: str = "") -> None:
        if (masks := self._masks_of(line)) is not None:
            data = masks.said(data)
        self._write("<<", f"{line} {escape(data)}" if line else escape(data), data)

    def on_effect(self, effect: e.Effect) -> None:
        match effect:
            case e.SendStream(stream, data):
                self.sent(stream, data)
            case e.OpenStream():
                secured = " with TLS" if effect.tls is not None else ""
                self.say(f"stream {effect.stream} opens to {effect.host}:{effect.port}{secured}")
                if effect.client is None:
                    self.no_packets(effect.stream)
            case e.CloseStream(stream):
                self.ended(stream, "is closed by the module")
            case e.Resolve() | e.Ping() | e.SendDatagram():
                self.say(f"query {effect.query} {asked(effect)}")

    def on_reply(self, reply: e.Reply) -> None:
        match reply:
            case e.StreamReceived(stream, data):
                self.received(stream, data)
            case e.StreamOpened(stream):
                self.say(f"stream {stream} is open")
            case e.StreamFailed(stream, error, detail):
                self.ended(stream, f"did not open: {e.words_of(error, detail)}")
            case e.StreamClosed(stream, detail):
                self.ended(stream, f"ended: {detail}" if detail else "was closed by the server")
            case e.StreamSendBufferFull(stream):
                self.ended(stream, "was given up: the server takes nothing")
            case e.QueryAnswered(query, answer):
                self.say(f"query {query} {told(answer)}")

    def no_packets(self, stream: int) -> None:
        """A stream begins that does not carry MQTT."""
        self._texts[stream] = {}

    def sent(self, stream: int, data: bytes) -> None:
        """The module sent this to a server."""
        if stream in self._texts:
            self._show("S>", stream, data, self._texts[stream])
            return
        decoders = self._decoders_of(stream)
        self._pass("S>", stream, decoders.up, data)
        decoders.down.level = decoders.up.level

    def received(self, stream: int, data: bytes) -> None:
        """A server sent this to the module."""
        if stream in self._texts:
            self._show("S<", stream, data, self._texts[stream])
            return
        self._pass("S<", stream, self._decoders_of(stream).down, data)

    def ended(self, stream: int, how: str) -> None:
        """A stream ended."""
        self._decoders.pop(stream, None)
        self._texts.pop(stream, None)
        self.say(f"stream {stream} {how}")

    def on_note(self, note: Note) -> None:
        self.say(f"{note.subject}: {note.reason}")

    def say(self, text: str) -> None:
        """A note."""
        self._write("--", text.encode("unicode_escape").decode("ascii"))

    def _masks_of(self, line: str) -> "Masks | None":
        """What masks a line of that name; None: nothing is masked."""
        if self._vocabulary is None:
            return None
        from modemlab.transcripts.masking import Masks  # noqa: PLC0415 (most modules are not traced)

        found = self._masks.get(line)
        if found is None:
            found = self._masks[line] = Masks(self._vocabulary, self._secrets)
        return found

    def _pass(self, mark: str, stream: int, decoder: Decoder, data: bytes) -> None:
        """Bytes passed on a stream."""
        masks = self._masks_of("")
        begun = decoder.incomplete
        packets, reason = packets_of(decoder, data)
        if masks is not None:
            connect = next((packet for packet in packets if isinstance(packet, Connect)), None)
            data = masked_connect(begun, masks.body(data), connect)
            packets = [masked_packet(packet, masks) for packet in packets]
        words = [*map(repr, packets), *([reason] if reason else [])]
        self._write(mark, f"{stream} {'; '.join(words) or '(part of a packet)'}", data)

    def _show(self, mark: str, stream: int, data: bytes, passed: dict[str, bytes]) -> None:
        """Bytes passed on a stream without packets, behind others: a secret may be cut in two."""
        begun = passed.get(mark, b"")
        passed[mark] = (begun + data)[-MAX_REMEMBERED_BYTES:]
        if (masks := self._masks_of("")) is not None:
            data = masks.body(begun + data)[len(begun) :]
        self._write(mark, f"{stream} {escape(data)}", data)

    def _decoders_of(self, stream: int) -> Decoders:
        """The decoders of a stream, made as it sends or receives its first bytes."""
        found = self._decoders.get(stream)
        if found is None:
            found = Decoders(Decoder(False, MAX_PACKET_BYTES), Decoder(True, MAX_PACKET_BYTES))
            self._decoders[stream] = found
        return found

    def _write(self, mark: str, text: str, data: bytes = b"") -> None:
        """One entry."""
        entry = TraceEntry(self._now(), mark, text, data)
        for writer in self._writers:
            writer.write(entry)


def packets_of(decoder: Decoder, data: bytes) -> tuple[list[Packet], str]:
    """The packets that bytes complete, and why they break the protocol; "" if they do not."""
    try:
        return decoder.feed(data), ""
    except ProtocolError as error:
        return error.packets, f"(broken: {error})"


def masked_packet(packet: Packet, masks: "Masks") -> Packet:
    """A packet without what is secret in it."""
    if isinstance(packet, Connect):
        password = None if packet.password is None else b"*" * len(packet.password)
        return packet._replace(password=password)
    if isinstance(packet, Publish):
        return packet._replace(payload=masks.body(packet.payload))
    return packet


def masked_connect(begun: bytes, data: bytes, connect: Connect | None) -> bytes:
    """Bytes behind those of a packet that has begun, without the password of a CONNECT (3.1.1, 3.1.3), its last field.

    Of a CONNECT that comes in parts, or breaks the protocol and so is none, all behind its type is masked.
    """
    whole = begun + data
    if whole[:1] != CONNECT:
        return data
    length, at = 0, 1
    for place in range(4):
        byte = whole[at] if at < len(whole) else 0
        length, at = length | (byte & 127) << 7 * place, at + 1
        if byte < 128:
            break
    end = at + length
    if begun or connect is None or end > len(whole):
        out = bytearray(data)
        for place in range(max(1 - len(begun), 0), min(end - len(begun), len(data))):
            out[place] = 0x2A
        return bytes(out)
    size = len(connect.password or b"")
    return whole[: end - size] + b"*" * size + whole[end:]


def asked(query: e.Resolve | e.Ping | e.SendDatagram) -> str:
    """A query in words."""
    match query:
        case e.Resolve(_, host, _):
            return f"looks {escape(host.encode('utf-8', 'surrogateescape'))} up"
        case e.Ping(_, address, size):
            return f"pings {address} with {size} bytes"
        case e.SendDatagram(_, _, port, address, data):
            return f"sends {len(data)} bytes to {address}, port {port}, by UDP: {data.hex()}"


def told(answer: QueryAnswer) -> str:
    """The answer of a query in words."""
    match answer:
        case Addresses(addresses):
            return f"has {', '.join(addresses)}"
        case Echoed(ttl):
            return f"is answered, ttl {ttl}"
        case Datagram(data):
            return f"is answered with {len(data)} bytes: {data.hex()}"
        case QueryError():
            return f"failed: {answer.value}"
