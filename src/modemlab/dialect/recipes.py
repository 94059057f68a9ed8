"""How a host asks: what a dialect's recipes yield, what they are given, and what URCs mean, in words of no vendor.

A recipe is a generator. It yields `Ask` and is sent the answer's information lines; it yields `Expect`, from before
the command is written on, and is sent a `UrcWaiter`; it yields that and is sent the URC; it yields `Pause` and is sent
nothing. What goes wrong is raised inside it, as one of `errors`.
"""

from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, NamedTuple

from modemlab.at.errors import Remedy, UsageError
from modemlab.at.urc import Urc
from modemlab.text.catalogue import N_
from modemlab.text.reason import Reason, Sentence

ANY = None


class Ask(NamedTuple):
    """A command line, without its CR.

    `data` is sent once the module prompts by `mark`. `within`: seconds that the result code may take from the line, or
    from the data, on; None takes the declaration's.
    With `probes` it is written once the line is in step, and a result that never came is followed by what brings it
    back; those that look for a sign of life have none. It is not written, and has no lines, once one of the others
    that `unless` would end by has come.
    """

    line: bytes
    data: bytes | None = None
    mark: bytes = b">"
    within: float | None = None
    probes: bool = True
    unless: "UrcWaiter | None" = None


class Expect(NamedTuple):
    """A URC is awaited: `urc` with the values of `match`, in order; None fits any, a tuple any of its own.

    `or_else` are others that end the waiting too, each with its match.
    """

    urc: Urc
    match: tuple[Any, ...]
    or_else: "tuple[tuple[Urc, tuple[Any, ...]], ...]" = ()

    def fits(self, heard: "ReceivedUrc") -> bool:
        """Whether that is the URC itself."""
        return heard.urc is self.urc and matches(self.match, heard.values)

    def ends(self, heard: "ReceivedUrc") -> bool:
        """Whether that is one of the others."""
        return any(heard.urc is other and matches(match, heard.values) for other, match in self.or_else)


def matches(match: tuple[Any, ...], values: tuple[Any, ...]) -> bool:
    """Whether the values begin with what is wanted."""
    if len(match) > len(values):
        return False
    for wanted, value in zip(match, values, strict=False):
        if wanted is not ANY and value != wanted and not (isinstance(wanted, tuple) and value in wanted):
            return False
    return True


class ReceivedUrc(NamedTuple):
    """A URC that came."""

    urc: Urc
    values: tuple[Any, ...]


class UrcWaiter:
    """An expectation on its way; `within` are the seconds that it was last waited for."""

    __slots__ = ("expect", "heard", "within")

    def __init__(self, expect: Expect) -> None:
        """Nothing came yet."""
        self.expect = expect
        self.within = 0.0
        self.heard: ReceivedUrc | None = None


class Await(NamedTuple):
    """Go on once that came; `within` are the seconds it may take from here."""

    waiter: UrcWaiter
    within: float


class Pause(NamedTuple):
    """Go on after so many seconds."""

    seconds: float


Recipe = Generator[Ask | Expect | Await | Pause, Any, Any]


class Will(NamedTuple):
    """What a server publishes when the client goes away without DISCONNECT; of a session, the payload is bytes."""

    topic: str
    payload: Any = b""
    qos: int = 0
    retain: bool = False


class TlsCredentials(NamedTuple):
    """What TLS needs, in PEM: certificates of authorities, the client's own certificate and its key.

    Without `verify` nobody is verified. `check_dates` has certificates' dates held against the module's clock.
    """

    ca: bytes = b""
    certificate: bytes = b""
    key: bytes = b""
    verify: bool = True
    check_dates: bool = False

    @property
    def files(self) -> "dict[str, bytes]":
        """What is to be on the module, by the options of QSSLCFG and SSLCFG alike; names follow from contents."""
        parts = {"cacert": self.ca, "clientcert": self.certificate, "clientkey": self.key}
        return {option: data for option, data in parts.items() if data}

    @property
    def level(self) -> int:
        """Who is verified: 0 nobody, 1 the server, 2 the client too. Raises `UsageError` without what that takes."""
        if bool(self.certificate) != bool(self.key):
            raise UsageError(Sentence(N_("give a client certificate and its key together")))
        if self.verify and not self.ca:
            raise UsageError(
                Sentence(N_("without a CA certificate no server can be verified: give one, or switch verification off"))
            )
        return 2 if self.certificate else int(self.verify)


def file_name(data: bytes) -> str:
    """The name of a file that is uploaded: another content has another name, so one that is there already is it."""
    return f"{sha256(data).hexdigest()[:16]}.pem"


class PlatformIdentity(NamedTuple):
    """A device of a platform, for modules with a command of their own for it: what CONNECT is then asked for as, and
    the values of that command in the order that all of them have.
    """

    platform: str
    client_id: str
    values: tuple[str | int | None, ...]


class MqttSession(NamedTuple):
    """A connection that a client wants. Seconds for `keepalive`, `packet_timeout`; `level` is 3 or 4 (MQTT 3.1.1).

    `tls` is None without TLS. `own_credential` is used in place of client id, user and password, where the module can.
    """

    client: int
    host: str
    port: int
    client_id: str
    username: str | None = None
    password: str | None = None
    keepalive: int = 60
    clean: bool = True
    will: Will | None = None
    level: int = 4
    tls: TlsCredentials | None = None
    own_credential: PlatformIdentity | None = None
    packet_timeout: int = 5
    repeats: int = 3

    @property
    def repeating(self) -> float:
        """Seconds for which a module waits for a packet's acknowledgement, its repeats included."""
        return float((1 + self.repeats) * self.packet_timeout)


class Message(NamedTuple):
    """A message that came. `packet_id` is 0 for QoS 0, None where a dialect does not tell."""

    client: int
    topic: str
    payload: bytes
    packet_id: int | None = None


class LinkDown(NamedTuple):
    """A client's link ended: the module's code for it, what that means, and the remedy."""

    client: int
    code: int | None
    meaning: str
    remedy: Remedy


class StoredAt(NamedTuple):
    """A message came and waits in the module, in that place, until it is asked for."""

    client: int
    slot: int


class Restarted(NamedTuple):
    """The module has started anew: nothing of what was set up is there any more."""


UNREGISTERED = {0: N_("not registered, not searching"), 2: N_("searching"), 3: N_("registration denied")}


class NetworkStatus(NamedTuple):
    """What stands between a host and its network: the SIM's state (`READY`), registration as +CEREG has it (1 home,
    5 roaming), whether it is attached, the signal as +CSQ has it (99 unknown), and whether a PDP context is up, or
    comes up with what asks for it.
    """

    sim: str
    registration: int
    attached: bool
    signal: int
    context: bool = True

    @property
    def missing(self) -> Reason | None:
        """What is missing; None when nothing is."""
        if self.sim != "READY":
            return Sentence(N_("the SIM: {state}"), state=Sentence(self.sim))
        if self.registration not in (1, 5):
            state = Sentence(UNREGISTERED.get(self.registration, N_("not registered")))
            return Sentence(N_("the network: {state}, signal {signal}"), state=state, signal=self.signal)
        if not self.attached:
            return Sentence(N_("the packet domain: not attached"))
        return None if self.context else Sentence(N_("the PDP context: the network does not give one"))


class UrcRoute(NamedTuple):
    """Where URCs go: over `usb` or `uart`, to a port named in words; the commands that send them over either."""

    over: str
    words: str
    commands: Mapping[str, str]


Told = Message | StoredAt | LinkDown | Restarted | None


@dataclass(frozen=True, slots=True)
class Recipes:
    """How the driver asks modules of a dialect, for what it does with all of them.

    `look` changes nothing; `bring_up` looks too, and activates what a connection needs, None where nothing has to be.
    `hears` says what URCs mean, by their declaration. `clients` is how many MQTT clients there are, `largest` the
    longest message in bytes, `window` how many publishes may be unacknowledged. `ignores` are URCs that a module
    never prints of a client, their first value, as the driver sets it up. `platforms` are those that the module has
    commands of its own for. `route` tells where URCs go, as a `UrcRoute` or None; without it they go everywhere.
    `filler` bytes end any data mode. `clear` ends what may be left of a client's session, where `disconnect` ends one
    that stands. `fetch` has a stored message printed, of that client and place; None where none is ever stored.
    `limits` is a line on what this dialect cannot do for a host; empty where there is nothing to say.
    """

    prepare: Callable[[], Recipe]
    look: Callable[[], Recipe]
    connect: Callable[[MqttSession], Recipe]
    disconnect: Callable[[int], Recipe]
    publish: Callable[[MqttSession, int, str, bytes, int, bool], Recipe]
    subscribe: Callable[[MqttSession, int, tuple[tuple[str, int], ...]], Recipe]
    unsubscribe: Callable[[MqttSession, int, tuple[str, ...]], Recipe]
    alive: Callable[[int], Recipe]
    clear: Callable[[int], Recipe]
    renew: Callable[[], Recipe]
    hears: Mapping[Urc, Callable[..., Told]] = field(default_factory=dict)
    clients: int = 1
    largest: int = 1024
    window: int = 5
    bring_up: Callable[[], Recipe] | None = None
    platforms: tuple[str, ...] = ()
    route: Callable[[], Recipe] | None = None
    fetch: Callable[[int, int], Recipe] | None = None
    ignores: frozenset[Urc] = frozenset()
    filler: int = 1500
    limits: str = ""
