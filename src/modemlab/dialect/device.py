"""What a dialect may ask of the module that it answers for: all of it, and nothing else.

An answer, a URC maker and `boot` are handed a `Device`. Times are in seconds; `now` is monotonic, of the module's own
clock. Nothing here waits: what takes time ends in an event, or in a call of `done`.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Protocol, TypeVar

from modemlab.at.command import Command
from modemlab.at.urc import Urc
from modemlab.dialect.identity import Identity, Model
from modemlab.dialect.mobile import Bearer, Cell, Context, Operator, Signal, Sim
from modemlab.dialect.mqtt_events import Network, Received, State, Stored
from modemlab.dialect.network import HttpAnswer, HttpError, HttpRequest, QueryAnswer
from modemlab.mqtt.events import IncomingMessage, Options
from modemlab.mqtt.values import ConnectWill
from modemlab.text.reason import Reason

Memory = TypeVar("Memory")


class Device(Protocol):
    """A module: its line, its settings, and the machinery behind them."""

    # who it is

    @property
    def model(self) -> Model:
        """The model."""

    @property
    def identity(self) -> Identity:
        """IMEI, IMSI and ICCID."""

    @property
    def commands(self) -> Mapping[str, Command]:
        """The dialect's commands by name, without AT."""

    @property
    def strict(self) -> bool:
        """Whether hosts are held to the manual where firmwares are lenient."""

    @property
    def quirks(self) -> frozenset[str]:
        """Behaviours of some firmwares that this one has, of those that the dialect names."""

    # the line

    def send_urc(self, urc: Urc, *values: object) -> None:
        """Print a URC as soon as no answer, prompt or line being typed is in its way."""

    def send_urc_line(self, line: bytes) -> None:
        """Print a line as it is, as `send_urc` would."""

    def send_message_urc(self, line: bytes, event: Received | Stored) -> None:
        """Print the line for a message that came; once it is printed, its PUBLISH is acknowledged."""

    def log(self, subject: str, reason: Reason | str) -> None:
        """Say to the log why something was so; the host never sees it."""

    @property
    def line_end(self) -> bytes:
        """What ends a line: CR LF, unless S3 and S4 say otherwise."""

    @property
    def in_data_mode(self) -> bool:
        """Whether the host is sending data, not commands."""

    def hold_urcs(self, held: bool) -> None:
        """Keep URCs back from now on, or print those that were."""

    urc_line: str
    """The name of the serial line that URCs go to, one of the dialect's `ports`; "": to all."""

    # settings

    def get(self, command: Command, option: str = "", client: int = 0) -> tuple[Any, ...]:
        """The values in force of a setting, of a client's for an option, in the order and types of its parameters."""

    def set(self, command: Command, values: tuple[Any, ...], option: str = "", client: int = 0) -> None:
        """Change a setting; None keeps a value."""

    def save(self, command: Command, option: str = "") -> None:
        """Let a setting survive power-off, whatever `kept` says."""

    def store_profile(self) -> None:
        """AT&W: the settings of the profile survive power-off."""

    def restore_profile(self) -> None:
        """ATZ: the settings of the profile are what was stored."""

    def reset_profile(self) -> None:
        """AT&F: settings have their defaults; what is stored stays."""

    def memory(self, kind: type[Memory]) -> Memory:
        """What the dialect remembers until the power goes: a value of its one class for it, made at the first call.

        Raises TypeError if it is of another class.
        """

    # time and power

    @property
    def now(self) -> float:
        """The time."""

    def call_later(self, seconds: float, action: Callable[[], None]) -> None:
        """Call `action` after so many seconds, unless the power goes first."""

    def restart(self) -> None:
        """Lose power and start again."""

    @property
    def restarted(self) -> bool:
        """Whether, at `boot`, it was `restart` that started it."""

    def switch_off(self, last_word: bytes = b"") -> None:
        """Lose power; the last word is said whatever the line is doing."""

    # MQTT

    @property
    def clients(self) -> "tuple[MqttClientSlot, ...]":
        """The MQTT clients that the host has used, in the order of their numbers."""

    def client(self, index: int) -> "MqttClientSlot":
        """The client of that number; a closed one if the host has not used it."""

    def find(self, index: int) -> "MqttClientSlot | None":
        """The client of that number, if the host has used it."""

    def emit(self, event: object) -> None:
        """Something happened that no machinery sees: the log is told why, and the host by the dialect's URC maker."""

    # the rest of the machinery

    @property
    def mobile(self) -> "MobileState":
        """The mobile and the network around it."""

    @property
    def files(self) -> "FileStore":
        """The file store, which outlives the power."""

    @property
    def queries(self) -> "NetworkQueries":
        """What is asked of the network beside connections."""

    def request(self, request: HttpRequest, done: Callable[[HttpAnswer | HttpError], None]) -> None:
        """Make an HTTP request; `done` is called with what became of it, unless the power goes first.

        Raises ValueError for what is no URL of http or https.
        """


class MqttClientSlot(Protocol):
    """One MQTT client of a module; what comes of a request is an event of `modemlab.dialect.mqtt_events`."""

    @property
    def index(self) -> int:
        """Its number."""

    @property
    def state(self) -> State:
        """How far its connection is."""

    @property
    def network(self) -> Network | None:
        """What it was last opened to; None before."""

    used: bool
    """Whether the host has tried to open it."""

    stored: bool
    """Whether messages wait in slots until they are fetched, instead of being told at once."""

    def open(self, network: Network, now: float) -> None:
        """Connect to a server; ends in `Opened`."""

    def connect(
        self,
        options: Options,
        client_id: str,
        username: str | None,
        password: bytes | None,
        will: ConnectWill | None,
        now: float,
    ) -> None:
        """Send CONNECT; ends in `Connected` or `ConnectUnanswered`. Raises ValueError for what CONNECT cannot carry."""

    def check_publish(self, packet_id: int, qos: int) -> None:
        """Raise what `publish` would raise for this identifier now; nothing without a session."""

    def publish(self, packet_id: int, topic: str, payload: bytes, qos: int, retain: bool, now: float) -> None:
        """Send PUBLISH, identifier 0 with QoS 0; ends in `Completed` or `GaveUp`.

        Raises `WindowFull` and `IdentifierInUse`, and ValueError for what PUBLISH cannot carry.
        """

    def subscribe(self, packet_id: int, filters: tuple[tuple[str, int], ...], now: float) -> None:
        """Send SUBSCRIBE; ends in `Completed` or `GaveUp`, identifier 0 stands for one of the module's own."""

    def unsubscribe(self, packet_id: int, filters: tuple[str, ...], now: float) -> None:
        """Send UNSUBSCRIBE; as `subscribe`."""

    def in_flight(self, packet_id: int) -> bool:
        """Whether a packet of that identifier is not yet acknowledged."""

    @property
    def waiting(self) -> tuple[int, ...]:
        """The slots that hold a message, the oldest first where slots are a ring, else in order."""

    def fetch(self, slot: int) -> IncomingMessage | None:
        """Take the message of a slot; None when it holds none."""

    def disconnect(self, now: float, keep: bool = False) -> None:
        """Send DISCONNECT and close the connection, or `keep` it open; ends in `Disconnected`."""

    def close(self) -> None:
        """Close the connection as it is, or end the attempt to open it; ends in `Closed`."""

    def abort(self) -> None:
        """As `close`, without an event."""


class MobileState(Protocol):
    """SIM, registration, packet domain and clock: one state, settled after each change and told as events.

    The events, and the values of what is a number here, are those of `modemlab.dialect.mobile`.
    """

    # SIM

    @property
    def sim(self) -> Sim:
        """What the SIM waits for, as the host sees it."""

    @property
    def card(self) -> Sim:
        """The card itself, read or not; `ABSENT` when there is none."""

    @property
    def is_sim_blocked(self) -> bool:
        """Whether the card has no attempt left for its PUK."""

    @property
    def sim_lock(self) -> "SimLock":
        """The card's codes, to be read."""

    def verify_code(self, attempt: "Callable[[SimLock], bool]", now: float) -> bool:
        """Let the card check a code by one of the lock's methods; whether it accepts it."""

    def read(self, now: float) -> int:
        """How far the card is read: 0 not at all, 1 it is ready, 2 with its messages, 3 with its phonebook too."""

    # network

    @property
    def level(self) -> int:
        """The level of functionality of AT+CFUN; 1 is full."""

    first_level: int
    """The level that it starts with; `boot` may set it."""

    def function(self, level: int, now: float) -> None:
        """Set the level."""

    @property
    def coverage(self) -> int:
        """The status that a registration gets here, as +CREG has it, or `EMERGENCY`."""

    @property
    def is_emergency_only(self) -> bool:
        """Whether the network serves emergency calls alone."""

    @property
    def registration(self) -> int:
        """The status of +CREG."""

    @property
    def registered(self) -> bool:
        """Whether that is at home or roaming."""

    @property
    def reject(self) -> int:
        """Why the network refuses the mobile, or packet service alone, a number of `REJECTS`; 0 when it does not."""

    @property
    def operator(self) -> Operator:
        """The network that is here."""

    @property
    def selection(self) -> int:
        """How the network is chosen: 0 automatic, 1 by the host, 2 none."""

    def select(self, mode: int, now: float) -> None:
        """Choose it so."""

    naming: int
    """How AT+COPS? names the operator: 0 long, 1 short, 2 numeric."""

    @property
    def cell(self) -> Cell:
        """The cell."""

    def change_cell(self, cell: Cell) -> None:
        """Go to another cell."""

    @property
    def signal(self) -> Signal:
        """The signal as received; 99, 99 when there is none."""

    # packet domain

    @property
    def packet_registration(self) -> int:
        """The status of +CGREG and +CEREG."""

    @property
    def attached(self) -> bool:
        """Whether it is attached."""

    attach_wanted: bool
    """Whether it attaches by itself; `boot` may set it."""

    def attach(self, now: float) -> bool:
        """Attach; False when no network would have it, and then nothing has changed."""

    def detach(self, now: float) -> None:
        """Leave the packet domain; all contexts go down."""

    def context(self, cid: int) -> Context:
        """The definition of a context; the empty one if there is none."""

    def define(self, cid: int, context: Context | None) -> None:
        """Define a context from its next activation on; None takes its definition away."""

    def defined(self) -> list[int]:
        """The contexts that are defined or active, in order."""

    @property
    def active(self) -> Mapping[int, Bearer]:
        """The active contexts, with their addresses."""

    @property
    def contexts_left(self) -> int:
        """How many more contexts can be activated."""

    def activate(self, cid: int) -> bool:
        """Activate a context; one that is active stays so. False when detached, refused or without `room`."""

    def deactivate(self, cid: int) -> None:
        """Deactivate a context, if it is active."""

    def refusal(self, cid: int) -> int:
        """Why the network refuses to activate a context, a number of `REFUSALS`; 0 when it does not."""

    @property
    def cause(self) -> str:
        """Why the latest registration, attachment or activation failed, as AT+CEER words it."""

    reports: tuple[bytes, ...]
    """The lines of events that are kept until the host asks for them."""

    @property
    def clock(self) -> "MobileClock":
        """The clock, and the network's."""


class SimLock(Protocol):
    """The codes of a SIM card. What gives it one returns whether it accepts that; a wrong one costs an attempt."""

    @property
    def enabled(self) -> bool:
        """Whether the PIN is asked for at each start."""

    @property
    def pin_left(self) -> int:
        """The attempts left for the PIN."""

    @property
    def puk_left(self) -> int:
        """The attempts left for the PUK."""

    def enter(self, pin: str) -> bool:
        """Give the PIN."""

    def unblock(self, puk: str, pin: str) -> bool:
        """Give the PUK and a new PIN, which is asked for from now on."""

    def enable(self, enabled: bool, pin: str) -> bool:
        """Ask for the PIN at each start, or for none."""

    def change(self, old: str, new: str) -> bool:
        """Change the PIN."""


class MobileClock(Protocol):
    """The clock of the mobile, and the network's. Zones are quarters of an hour east of UTC."""

    update: int
    """How network time sets the clock: 0 not at all, 1 to UTC, 3 to local time."""

    @property
    def zone(self) -> int:
        """The clock's zone."""

    def set(self, time: datetime, zone: int, now: float) -> None:
        """Set the clock as the host says."""

    def shown(self, now: float) -> datetime:
        """What the clock shows."""

    def utc(self, now: float) -> float:
        """The true date and time, in seconds since 1970."""

    @property
    def synchronised(self) -> float | None:
        """The `now` at which the network told the time last; None before."""

    def network(self, now: float) -> datetime:
        """The network's UTC."""

    def local(self, now: float) -> datetime:
        """The network's local time."""

    @property
    def network_zone(self) -> int:
        """The network's zone."""

    @property
    def daylight(self) -> int:
        """The hours of summer time in it."""


class NetworkQueries(Protocol):
    """Names, pings and datagrams over a PDP context: each ends in one call of `done`, none once the power is gone."""

    def resolve(
        self, host: str, context: int, timeout: float, done: Callable[[QueryAnswer], None], port: int | None = None
    ) -> None:
        """Look a name up; `port` is that of the datagrams which are to go there."""

    def ping(self, address: str, size: int, context: int, timeout: float, done: Callable[[QueryAnswer], None]) -> None:
        """Send a ping with so many bytes of data."""

    def exchange(
        self,
        place: tuple[str, int, str],
        data: bytes,
        fits: Callable[[bytes], bool],
        context: int,
        timeout: float,
        done: Callable[[QueryAnswer], None],
    ) -> None:
        """Send a datagram to a host, its port and its address; the first that comes back and `fits` is the answer."""


class FileStore(Protocol):
    """Where files are kept. Names are up to 80 bytes, as the host gave them, without a storage prefix.

    Every method raises OSError when the medium fails.
    """

    @property
    def total(self) -> int:
        """The size of the store in bytes."""

    def names(self) -> list[str]:
        """All names, in order."""

    def size(self, name: str) -> int | None:
        """The length of a file in bytes, or None when there is no such file."""

    def free_bytes(self, name: str = "") -> int:
        """How many bytes a file of that name may have; without a name, how many are free."""

    def read(self, name: str) -> bytes | None:
        """The content, or None when there is no such file."""

    def write(self, name: str, data: bytes) -> None:
        """Keep a file, in place of one of that name.

        Raises OSError when it cannot be kept, of errno ENOSPC when it does not fit; nothing changes then.
        """

    def remove(self, name: str) -> bool:
        """Remove a file; False when there is none."""
