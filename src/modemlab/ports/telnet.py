"""The server's end of a telnet connection: bytes in, data and replies out (RFC 854, 855, 856)."""

import re
from collections.abc import Callable

SE, SB, WILL, WONT, DO, DONT, IAC = 240, 250, 251, 252, 253, 254, 255
BINARY, ECHO, SUPPRESS_GO_AHEAD, COM_PORT = 0, 1, 3, 44
# What this end does itself, and what it lets the other do.
LOCAL_OPTIONS = frozenset((BINARY, ECHO, SUPPRESS_GO_AHEAD, COM_PORT))
REMOTE_OPTIONS = frozenset((BINARY, SUPPRESS_GO_AHEAD, COM_PORT))
# What is asked for as a connection begins.
OPENING_NEGOTIATION = ((WILL, BINARY), (DO, BINARY), (WILL, ECHO), (WILL, SUPPRESS_GO_AHEAD), (DO, COM_PORT))
# A subnegotiation that is longer is passed over.
MAX_SUBNEGOTIATION_BYTES = 256

_CR_NUL = re.compile(rb"\r\0")


class Telnet:
    """A connection's state. `received(data)` and `subnegotiated(option, data)` are called with what came, in order.

    `out` collects what is to be sent, for its owner to send and clear; it begins with what `OPENING_NEGOTIATION` asks
    for.
    """

    __slots__ = ("_command", "_cr", "_received", "_said", "_sub", "_subnegotiated", "_where", "binary", "out")

    def __init__(self, received: Callable[[bytes], None], subnegotiated: Callable[[int, bytes], None]) -> None:
        self._received, self._subnegotiated = received, subnegotiated
        self.out = bytearray()
        # The verb that was said last about an option, ours (WILL, WONT) and theirs (DO, DONT).
        self._said: dict[tuple[bool, int], int] = {}
        # 0 data, 1 behind an IAC, 2 behind a verb.
        self._where = self._command = 0
        self._sub: bytearray | None = None
        self._cr = False
        # Whether what comes is eight-bit data, in which a CR stands for itself (RFC 856).
        self.binary = False
        for verb, option in OPENING_NEGOTIATION:
            self._say(verb, option)

    def receive(self, data: bytes) -> None:
        """Take what came, cut in any way."""
        if self.binary and self._sub is None and not self._where and IAC not in data:
            self._received(data)
            return
        found = bytearray()
        at = 0
        while at < len(data):
            if self._where:
                self._take(data[at], found)
                at += 1
                continue
            end = data.find(IAC, at)
            if end < 0:
                end = len(data)
            else:
                self._where = 1
            part = data[at:end]
            if self._sub is None:
                found += part if self.binary else self._network_text(part)
            elif len(self._sub) <= MAX_SUBNEGOTIATION_BYTES:
                self._sub += part[: MAX_SUBNEGOTIATION_BYTES + 1]
            at = end + 1
        if found:
            self._received(bytes(found))

    def send(self, option: int, data: bytes) -> None:
        """Send a subnegotiation."""
        self.out += b"\xff\xfa%c%b\xff\xf0" % (option, escape(data))

    def _network_text(self, part: bytes) -> bytes:
        """Data of a host that is not in binary mode: the NUL behind a CR is none (RFC 854)."""
        if self._cr and part[:1] == b"\0":
            part = part[1:]
        if part:
            self._cr = part.endswith(b"\r")
        return _CR_NUL.sub(b"\r", part)

    def _take(self, byte: int, found: bytearray) -> None:
        """Take a byte of a command."""
        if self._where == 2:
            self._where = 0
            self._negotiate(self._command, byte)
        elif byte in (WILL, WONT, DO, DONT):
            self._where, self._command = 2, byte
        else:
            self._where = 0
            if byte == IAC:
                target = found if self._sub is None else self._sub
                if target is found or len(target) <= MAX_SUBNEGOTIATION_BYTES:
                    target.append(IAC)
            elif byte == SB:
                self._sub = bytearray()
            elif byte == SE:
                sub, self._sub = self._sub, None
                if sub and len(sub) <= MAX_SUBNEGOTIATION_BYTES:
                    if found:
                        self._received(bytes(found))
                        found.clear()
                    self._subnegotiated(sub[0], bytes(sub[1:]))

    def _negotiate(self, verb: int, option: int) -> None:
        """The other end offers or asks: agree or refuse, each change once."""
        if verb in (DO, DONT):
            self._say(WILL if verb == DO and option in LOCAL_OPTIONS else WONT, option)
        else:
            agreed = verb == WILL and option in REMOTE_OPTIONS
            if option == BINARY:
                self.binary = agreed
            self._say(DO if agreed else DONT, option)

    def _say(self, verb: int, option: int) -> None:
        """Send a verb, unless that was said last."""
        about = verb in (WILL, WONT), option
        if self._said.get(about) != verb:
            self._said[about] = verb
            self.out += bytes((IAC, verb, option))


def escape(data: bytes) -> bytes:
    """Data as it travels: an IAC in it is doubled."""
    return data.replace(b"\xff", b"\xff\xff")
