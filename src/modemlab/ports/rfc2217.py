"""A serial port over TCP: the access server's end of RFC 2217, with the module behind it.

The rate and the frame that a client sets are taken, told back and kept for whoever wants to know; no byte waits
for them. DTR going off is a host that hangs up. RTS going off holds the module's output, if the client has asked
for hardware flow control; so does its own request to suspend.
"""

import asyncio
from typing import NamedTuple

from modemlab.ports.address import MAX_BAUD, MIN_BAUD
from modemlab.ports.port import CONGESTED_BYTES, MAX_UNREAD_BYTES, Changed, Port, Received
from modemlab.ports.tcp import TcpPort
from modemlab.ports.telnet import COM_PORT, Telnet, escape

SIGNATURE_TEXT = b"modemlab"
# Seconds without a word from the client until it is taken to be ready: as clients open the port they negotiate, step
# by step, and at last throw away what they were sent.
NEGOTIATION_SILENCE_S = 0.25

# Commands of the client (RFC 2217, 2 to 5); answers have 100 more.
SIGNATURE, SET_BAUDRATE, SET_DATASIZE, SET_PARITY, SET_STOPSIZE, SET_CONTROL = range(6)
NOTIFY_LINESTATE, NOTIFY_MODEMSTATE, SUSPEND, RESUME, SET_LINESTATE_MASK, SET_MODEMSTATE_MASK, PURGE = range(6, 13)
ANSWER_OFFSET = 100
# What SET_CONTROL asks for and sets: each question with the states that answer it.
FLOW, BREAK, DTR, RTS, FLOW_IN = 0, 4, 7, 10, 13
STATES = {FLOW: (1, 2, 3), BREAK: (5, 6), DTR: (8, 9), RTS: (11, 12), FLOW_IN: (14, 15, 16)}
QUERY_OF_STATE = {state: question for question, states in STATES.items() for state in states}
HARDWARE, DTR_OFF, RTS_OFF = 3, 9, 12
INITIAL_STATE = {FLOW: 1, BREAK: 6, DTR: 8, RTS: 11, FLOW_IN: 14}
# Modem state: CTS and DSR, which say that the module has power, and the bits that say that they have changed.
LINES, CHANGES = 0x30, 0x03
# Line state: the transmitter is empty, always.
EMPTY = 0x60
PARITIES = {1: "N", 2: "O", 3: "E", 4: "M", 5: "S"}
STOPS = {1: "1", 2: "2", 3: "1.5"}


class Frame(NamedTuple):
    """What a client has set: bits a second, and data bits, parity and stop bits by RFC 2217's numbers."""

    baud: int = 115_200
    size: int = 8
    parity: int = 1
    stop: int = 1

    def __str__(self) -> str:
        return f"{self.baud} {self.size}{PARITIES[self.parity]}{STOPS[self.stop]}"


class Rfc2217Port:
    """A line behind a listening TCP socket that speaks RFC 2217. A newer client takes it over from an older one.

    `frame` is what the client set last. A client that negotiates nothing finds plain data.
    """

    __slots__ = (
        *("_changed", "_controls", "_held", "_linestate_mask", "_loop", "_modemstate_mask", "_powered", "_received"),
        *("_suspended", "_tcp", "_telnet", "_told", "_wait", "frame", "taken"),
    )

    def __init__(self, host: str, port: int, received: Received, changed: Changed, allow_remote: bool = False) -> None:
        """Make a port that does not listen yet; `port` 0 takes any free one. `allow_remote`: others may reach it."""
        self._received, self._changed = received, changed
        self._tcp = TcpPort(host, port, self._came, self._regulated, "rfc2217", allow_remote)
        self._telnet: Telnet | None = None
        self._wait: asyncio.TimerHandle | None = None
        self._loop: asyncio.AbstractEventLoop
        self._powered = True
        self.taken = False
        self._reset()

    @property
    def url(self) -> str:
        """The URL, with the real TCP port once it is open."""
        return self._tcp.url

    @property
    def congested(self) -> bool:
        return self._tcp.congested or len(self._held) > CONGESTED_BYTES

    async def open(self) -> None:
        """Listen. Raises OSError with one line when the address cannot be had."""
        self._loop = asyncio.get_running_loop()
        await self._tcp.open()

    def write(self, data: bytes) -> None:
        if not self.taken:
            return
        if not self._holding():
            self._send()
            self._tcp.write(escape(data))
        elif len(self._held) + len(data) <= MAX_UNREAD_BYTES:
            before = self.congested
            self._held += data
            if self.congested != before:
                self._changed(self)

    def hold(self, held: bool) -> None:
        """Read nothing from the client while held, not even its negotiations."""
        self._tcp.hold(held)

    def power(self, on: bool) -> None:
        """Show by CTS and DSR whether the module has power."""
        self._powered = on
        self._notify_modem()

    def close(self) -> None:
        """Listen no more and hang up."""
        self._end()
        self._tcp.close()

    # the connection

    def _reset(self) -> None:
        """What a new client finds."""
        self.frame = Frame()
        self._controls = dict(INITIAL_STATE)
        self._held = bytearray()
        self._suspended = False
        # RFC 2217, 3: modem states are all told, line states none, until the client has it otherwise.
        self._modemstate_mask, self._linestate_mask = 255, 0
        # The modem state told last; None until the client speaks RFC 2217.
        self._told: int | None = None

    def _regulated(self, _port: Port) -> None:
        """A client came or went, reads slowly or has caught up."""
        if not self._tcp.taken:
            taken = self.taken
            self._end()
            if taken:
                self._changed(self)
        elif self._telnet is None:
            self._reset()
            self._telnet = Telnet(self._said, self._subnegotiated)
            self._send()
            self._wait = self._loop.call_later(NEGOTIATION_SILENCE_S, self._take)
        elif self.taken:
            self._changed(self)

    def _end(self) -> None:
        """There is no client any more."""
        if self._wait is not None:
            self._wait.cancel()
            self._wait = None
        self._telnet = None
        self._held.clear()
        self.taken = False

    def _take(self) -> None:
        """The client is ready."""
        if self._wait is not None:
            self._wait.cancel()
            self._wait = None
        if not self.taken:
            self.taken = True
            self._changed(self)

    def _came(self, data: bytes) -> None:
        """Something came from the client."""
        if self._telnet is None:
            return
        if self._wait is not None:
            self._wait.cancel()
            self._wait = self._loop.call_later(NEGOTIATION_SILENCE_S, self._take)
        self._telnet.receive(data)
        self._send()

    def _said(self, data: bytes) -> None:
        """The client said something to the module."""
        self._take()
        self._received(data)

    def _send(self) -> None:
        """Send what telnet has to say."""
        if self._telnet is not None and self._telnet.out:
            self._tcp.write(bytes(self._telnet.out))
            self._telnet.out.clear()

    # the COM port option

    def _subnegotiated(self, option: int, data: bytes) -> None:
        """A command of the client. One that is none, or lacks its value, is passed over."""
        if option != COM_PORT or not data:
            return
        command, value = data[0], data[1:]
        if self._told is None:
            self._notify_modem(first=True)
        if command == SIGNATURE:
            if not value:
                self._answer(command, SIGNATURE_TEXT)
        elif command == SUSPEND:
            self._suspended = True
        elif command == RESUME:
            self._suspended = False
            self._release()
        elif command == NOTIFY_LINESTATE:
            self._answer(command, bytes((EMPTY,)))
        elif command == NOTIFY_MODEMSTATE:
            self._notify_modem(first=True)
        elif command == SET_BAUDRATE and len(value) >= 4:
            baud = int.from_bytes(value[:4])
            if MIN_BAUD <= baud <= MAX_BAUD:
                self.frame = self.frame._replace(baud=baud)
            self._answer(command, self.frame.baud.to_bytes(4))
        elif value:
            self._set(command, value[0])

    def _set(self, command: int, value: int) -> None:
        """A command whose value is one byte: it is answered with what holds from here on."""
        frame = self.frame
        if command == SET_DATASIZE:
            self.frame = frame._replace(size=value if value in range(5, 9) else frame.size)
            value = self.frame.size
        elif command == SET_PARITY:
            self.frame = frame._replace(parity=value if value in PARITIES else frame.parity)
            value = self.frame.parity
        elif command == SET_STOPSIZE:
            self.frame = frame._replace(stop=value if value in STOPS else frame.stop)
            value = self.frame.stop
        elif command == SET_CONTROL:
            self._control(value)
            return
        elif command == SET_LINESTATE_MASK:
            self._linestate_mask = value
        elif command == SET_MODEMSTATE_MASK:
            self._modemstate_mask = value
        elif command != PURGE or value not in (1, 2, 3):
            return
        self._answer(command, bytes((value,)))
        if command == SET_LINESTATE_MASK and value & EMPTY:
            self._answer(NOTIFY_LINESTATE, bytes((value & EMPTY,)))
        elif command == SET_MODEMSTATE_MASK and value:
            self._notify_modem(first=True)
        elif command == PURGE and value & 1 and self._held:
            self._held.clear()
            self._changed(self)

    def _control(self, value: int) -> None:
        """A line or the flow: set it, or tell it. What is not known leaves the outbound flow as it is."""
        question = QUERY_OF_STATE.get(value)
        if question is None:
            question = value if value in STATES else FLOW_IN if value == 18 else FLOW
            self._answer(SET_CONTROL, bytes((self._controls[question],)))
            return
        before = self._controls[question]
        self._controls[question] = value
        self._answer(SET_CONTROL, bytes((value,)))
        if value == DTR_OFF and before != DTR_OFF and self.taken:
            self.taken = False
            self._changed(self)
            self.taken = True
            self._changed(self)
        self._release()

    def _answer(self, command: int, value: bytes) -> None:
        """Answer a command of the client, or notify it."""
        if self._telnet is not None:
            self._telnet.send(COM_PORT, bytes((command + ANSWER_OFFSET,)) + value)

    def _notify_modem(self, first: bool = False) -> None:
        """Tell the modem state, once the client speaks RFC 2217: as it is, or what has changed in it."""
        if self._telnet is None or (self._told is None and not first):
            return
        state = LINES if self._powered else 0
        changes = 0 if first or self._told == state else CHANGES
        self._told = state
        if first or (changes and self._modemstate_mask & (CHANGES | LINES)):
            self._answer(NOTIFY_MODEMSTATE, bytes(((state | changes) & self._modemstate_mask,)))
            self._send()

    # flow

    def _holding(self) -> bool:
        """Whether the client takes nothing for now."""
        return self._suspended or (self._controls[FLOW] == HARDWARE and self._controls[RTS] == RTS_OFF)

    def _release(self) -> None:
        """Say what was held, if nothing holds it any more."""
        if self._held and not self._holding():
            held = bytes(self._held)
            self._held.clear()
            self._send()
            self._tcp.write(escape(held))
            self._changed(self)
