"""Faults of single MQTT packets: the n-th of a kind is lost, late, doubled, damaged, refused, or the last.

`Fault` is plain data. A `FaultFilter` sits where the server's end of a connection would be: bytes in, what becomes of
them out, without input or output of its own. Bytes that match no fault pass unchanged. At most
`MAX_HELD_BYTES` bytes of a connection are kept; a longer packet is neither delayed, doubled nor damaged.
"""

from bisect import insort
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Annotated, NamedTuple, TypeAlias

from modemlab.net.delay_queue import Direction
from modemlab.text.catalogue import N_
from modemlab.text.reason import Listed, Reason, Sentence
from modemlab.validation.fields import Number, OneOf, Table, check
from modemlab.validation.input_errors import InvalidInput

MAX_HELD_BYTES = 1 << 16
MAX_HEADER_BYTES = 5

NAMES = (
    *("CONNECT", "CONNACK", "PUBLISH", "PUBACK", "PUBREC", "PUBREL", "PUBCOMP"),
    *("SUBSCRIBE", "SUBACK", "UNSUBSCRIBE", "UNSUBACK", "PINGREQ", "PINGRESP", "DISCONNECT"),
)
FROM_MODULE = ("CONNECT", "SUBSCRIBE", "UNSUBSCRIBE", "PINGREQ", "DISCONNECT")
FROM_SERVER = ("CONNACK", "SUBACK", "UNSUBACK", "PINGRESP")
REFUSED = ("CONNECT", "CONNACK", "SUBACK")
# MQTT 3.1.1, 3.2.2.3 and 3.9.3: what a refusal says when the fault names no code.
NOT_AUTHORIZED, FAILURE = 5, 128


def the_way(direction: str, packet: str) -> Reason:
    """That a packet goes one way alone, for who gave the other."""
    return Sentence(N_("{direction}, as {packet} goes"), direction=direction, packet=packet)


@dataclass(frozen=True, slots=True)
class Fault(Table):
    """What happens to a packet.

    - `packet`: its name, as the standard writes it; `direction`: `in` to the module, `out` from it; without it the
      direction of a server's packet, or the only one that the packet goes.
    - `client`: the MQTT client on whose connection; without it on all of them together.
    - `nth`: which one since the fault was set, from 1 on; `times`: how many from there, 0 for all.
    - `action`: `drop`; `delay` by `seconds`, while others overtake it; `duplicate`; `corrupt`: byte number `byte`,
      from the end if negative, is XORed with `mask`; `refuse` with return code `code`: a CONNECT is answered in the
      server's place and never reaches it, a CONNACK or SUBACK is rewritten; `close` or `reset` the connection
      behind it.
    """

    packet: Annotated[str, OneOf(NAMES)]
    action: Annotated[str, OneOf(("drop", "delay", "duplicate", "corrupt", "refuse", "close", "reset"))]
    direction: Annotated[str | None, OneOf(("in", "out"))] = None
    nth: Annotated[int, Number(1, 1_000_000_000, whole=True)] = 1
    times: Annotated[int, Number(0, 1_000_000_000, whole=True)] = 1
    seconds: Annotated[float, Number(0, 86400, N_("seconds"))] = 0.0
    byte: Annotated[int, Number(-MAX_HELD_BYTES, MAX_HELD_BYTES, whole=True)] = -1
    mask: Annotated[int, Number(1, 255, whole=True)] = 255
    code: Annotated[int | None, Number(0, 255, whole=True)] = None
    client: Annotated[int | None, Number(0, 99, whole=True)] = None

    def __post_init__(self) -> None:
        """Hold the fields to what they take, and to each other."""
        check(self)
        if self.direction == "in" and self.packet in FROM_MODULE:
            raise InvalidInput.misfit(self, "direction", the_way("out", self.packet))
        if self.direction == "out" and self.packet in FROM_SERVER:
            raise InvalidInput.misfit(self, "direction", the_way("in", self.packet))
        if self.action == "refuse" and self.packet not in REFUSED:
            expected = Sentence(N_("one of {names}, as refuse takes"), names=Listed(tuple(REFUSED)))
            raise InvalidInput.misfit(self, "packet", expected)
        if self.action == "delay" and not self.seconds:
            raise InvalidInput.misfit(self, "seconds", Sentence(N_("more than 0, as delay takes")))

    @property
    def needs_whole_packet(self) -> bool:
        """Whether it takes the packet in one piece."""
        return self.action in ("delay", "duplicate", "corrupt") or self.packet in ("CONNACK", "SUBACK")

    @property
    def effective_direction(self) -> Direction:
        """The direction of its packets."""
        return Direction.UPLINK if self.direction == "out" or self.packet in FROM_MODULE else Direction.DOWNLINK


class Rule:
    """A fault, and how many of its packets have come."""

    __slots__ = ("fault", "seen")

    def __init__(self, fault: Fault) -> None:
        self.fault, self.seen = fault, 0

    def count_packet(self) -> bool:
        """Count one more packet; whether it is hit."""
        self.seen += 1
        nth, times = self.fault.nth, self.fault.times
        return self.seen >= nth and (not times or self.seen < nth + times)


class Faults:
    """The faults of a module, with their counts. `tell` is called with one line for each packet hit."""

    __slots__ = ("_rules", "tell")

    def __init__(self, tell: Callable[[str], None], faults: Iterable[Fault] = ()) -> None:
        self.tell = tell
        self.set(faults)

    def set(self, faults: Iterable[Fault]) -> None:
        """Other faults hold from now on."""
        self._rules = [Rule(fault) for fault in faults]

    @property
    def listed(self) -> tuple[Fault, ...]:
        """The faults."""
        return tuple(rule.fault for rule in self._rules)

    def first_match(self, client: int | None, direction: Direction, kind: int) -> Fault | None:
        """A packet of that kind begins: the first fault that hits it. All that are meant for it count it."""
        name, hit = NAMES[kind - 1] if 0 < kind < 15 else "", None
        for rule in self._rules:
            fault = rule.fault
            meant = fault.packet == name and fault.effective_direction is direction and fault.client in (None, client)
            if meant and rule.count_packet() and hit is None:
                hit = fault
        return hit


class Forward(NamedTuple):
    """Bytes go on, in that direction."""

    direction: Direction
    data: bytes


class EndConnection(NamedTuple):
    """The connection ends here: `close`, or `reset`. What came before it still arrives."""

    how: str


Outcome: TypeAlias = Forward | EndConnection


class PacketPiece(NamedTuple):
    """Bytes of one packet: the fault that hits it, and whether it ends here."""

    fault: Fault | None
    data: bytes
    last: bool


class Splitter:
    """One direction of a connection, cut into packets. What is no MQTT passes as it is.

    `meet` is asked for the fault of each packet by its type. `begun` are the bytes of a packet that were passed on
    before. A packet whose fault changes it comes in one piece, all others as they arrive. With `raw` set there are
    no packets, and all comes as it arrives.
    """

    __slots__ = ("_fault", "_head", "_held", "_left", "_meet", "_passed", "_raw")

    def __init__(self, meet: Callable[[int], Fault | None], begun: bytes = b"", raw: bool = False) -> None:
        self._meet: Callable[[int], Fault | None] = lambda _kind: None
        self._fault: Fault | None = None
        self._head, self._passed = bytearray(), 0
        self._held: bytearray | None = None
        self._left, self._raw = 0, raw
        self.feed(begun)
        self._passed = len(self._head)
        self._meet = meet

    def feed(self, data: bytes) -> list[PacketPiece]:
        """The next bytes, in pieces."""
        pieces: list[PacketPiece] = []
        at, end = 0, len(data)
        while at < end:
            if self._raw:
                pieces.append(PacketPiece(None, data[at:], False))
                break
            if self._left:
                chunk = data[at : at + self._left]
                at += len(chunk)
                self._left -= len(chunk)
                self._add(chunk, pieces)
            else:
                self._head.append(data[at])
                at += 1
                if len(self._head) > 1 and (self._head[-1] < 128 or len(self._head) == MAX_HEADER_BYTES):
                    self._begin(pieces)
        return pieces

    def finish(self) -> bytes:
        """What is held of a packet that is not complete; nothing is held any more."""
        held = bytes(self._held if self._held is not None else self._head[self._passed :])
        self._head.clear()
        self._held, self._fault, self._left, self._passed = None, None, 0, 0
        return held

    def _begin(self, pieces: list[PacketPiece]) -> None:
        """A fixed header is complete."""
        head, passed = bytes(self._head), self._passed
        self._head.clear()
        self._passed = 0
        self._fault = None
        if head[-1] > 127:
            self._raw = True
        else:
            self._left = sum((digit & 127) << 7 * position for position, digit in enumerate(head[1:]))
            if not passed:
                self._fault = self._meet(head[0] >> 4)
            if self._fault is not None and self._fault.needs_whole_packet:
                if self._left <= MAX_HELD_BYTES:
                    self._held = bytearray()
                else:
                    self._fault = None
        self._add(head[passed:], pieces)

    def _add(self, data: bytes, pieces: list[PacketPiece]) -> None:
        """Bytes of the packet that has begun."""
        last = not (self._left or self._raw)
        if self._held is not None:
            self._held += data
            if not last:
                return
            data, self._held = bytes(self._held), None
        pieces.append(PacketPiece(self._fault, data, last))


class FaultFilter:
    """The faults on the connection of an MQTT client, both ways; there are none on that of anything else, None.

    `begun` are bytes of a packet that passed before, by direction.
    """

    __slots__ = ("_ended", "_faults", "_late", "_number", "_splitters")

    def __init__(self, faults: Faults, client: int | None = 0, begun: tuple[bytes, bytes] = (b"", b"")) -> None:
        self._faults = faults
        raw = client is None
        self._splitters = tuple(
            Splitter(partial(faults.first_match, client, direction), begun[direction], raw) for direction in Direction
        )
        # Packets that are delayed: when they are due, in which order they came, where they go.
        self._late: list[tuple[float, int, Forward]] = []
        self._number = 0
        self._ended = False

    def feed(self, direction: Direction, data: bytes, now: float) -> list[Outcome]:
        """The next bytes of a direction, and what becomes of them; nothing more after an `EndConnection`."""
        out: list[Outcome] = []
        for fault, piece, last in () if self._ended else self._splitters[direction].feed(data):
            if fault is None:
                out.append(Forward(direction, piece))
            else:
                self._hit(fault, piece, last, now, out)
            if self._ended:
                break
        return joined(out)

    def next(self, now: float) -> Forward | None:
        """The next delayed packet that is due, if there is one."""
        return self._late.pop(0)[2] if self._late and self._late[0][0] <= now else None

    def deadline(self) -> float | None:
        """When the next delayed packet is due, or None."""
        return self._late[0][0] if self._late else None

    def finish(self, direction: Direction) -> list[Forward]:
        """A direction has ended, or no fault counts any more: what is held of it, the delayed packets first."""
        left = [forward for _, _, forward in self._late if forward.direction is direction]
        self._late = [late for late in self._late if late[2].direction is not direction]
        held = self._splitters[direction].finish()
        return [*left, Forward(direction, held)] if held else left

    def _hit(self, fault: Fault, piece: bytes, last: bool, now: float, out: list[Outcome]) -> None:
        """Do what a fault says to a piece of its packet, or to all of it."""
        direction, action = fault.effective_direction, fault.action
        if action in ("close", "reset"):
            out.append(Forward(direction, piece))
        if not last:
            return
        self._faults.tell(f"{fault.packet} {'to' if direction is Direction.DOWNLINK else 'from'} the module: {action}")
        match action:
            case "delay" if len(piece) + sum(len(late[2].data) for late in self._late) <= MAX_HELD_BYTES:
                self._number += 1
                insort(self._late, (now + fault.seconds, self._number, Forward(direction, piece)))
            case "delay":
                out.append(Forward(direction, piece))
            case "duplicate":
                out.append(Forward(direction, piece * 2))
            case "corrupt":
                out.append(Forward(direction, damaged(piece, fault.byte, fault.mask)))
            case "refuse" if fault.packet == "CONNECT":
                out += (Forward(Direction.DOWNLINK, connack(fault.code)), EndConnection("close"))
            case "refuse":
                out.append(Forward(direction, refusal(piece, fault)))
            case "close" | "reset":
                out.append(EndConnection(action))
        self._ended = bool(out) and type(out[-1]) is EndConnection


def joined(outcomes: list[Outcome]) -> list[Outcome]:
    """The same, with what goes on in one direction in succession in one."""
    done: list[Outcome] = []
    for outcome in outcomes:
        before = done[-1] if done else None
        if isinstance(outcome, Forward) and isinstance(before, Forward) and before.direction is outcome.direction:
            done[-1] = Forward(outcome.direction, before.data + outcome.data)
        else:
            done.append(outcome)
    return done


def damaged(packet: bytes, position: int, mask: int) -> bytes:
    """The packet with one byte changed: that one, or the nearest there is."""
    changed = bytearray(packet)
    changed[max(-len(packet), min(position, len(packet) - 1))] ^= mask
    return bytes(changed)


def connack(code: int | None) -> bytes:
    """A CONNACK with that return code, by default the one for lack of authorization."""
    return bytes((0x20, 2, 0, NOT_AUTHORIZED if code is None else code))


def refusal(packet: bytes, fault: Fault) -> bytes:
    """A CONNACK or SUBACK, rewritten so that it refuses."""
    if fault.packet == "CONNACK":
        return connack(fault.code)
    start = 1
    while packet[start] > 127:
        start += 1
    codes = start + 3  # behind the remaining length and the packet identifier
    return packet[:codes] + bytes((FAILURE if fault.code is None else fault.code,)) * len(packet[codes:])
