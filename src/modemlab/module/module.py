"""A cellular module: the line, the settings, the mobile and the MQTT clients as one value.

Bytes and `now` (seconds, monotonic) go in; bytes for the host, effects for the shell and the next deadline
come out.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from modemlab.at.command import Command
from modemlab.at.urc import Urc
from modemlab.dialect.device import FileStore
from modemlab.dialect.dialect import Dialect
from modemlab.dialect.identity import NO_IDENTITY, Identity, Model
from modemlab.dialect.mobile import AddressChanged, ContextDown, Detached
from modemlab.dialect.mqtt_events import Received, Stored
from modemlab.dialect.network import HttpAnswer, HttpError, HttpRequest
from modemlab.module.command_answers import CommandAnswers
from modemlab.module.connections import Connections
from modemlab.module.effects import Effect, QueryAnswered, Reply, StreamReceived
from modemlab.module.failure_reasons import reason_of, subject_of, waiting_for
from modemlab.module.host_mistakes import HostMistakes, LineMonitor
from modemlab.module.interpreter import Interpreter
from modemlab.module.line_settings import configure, value_of
from modemlab.module.lines import ModuleLines
from modemlab.module.log_notes import Mistake, Note
from modemlab.module.memory_files import MemoryFiles
from modemlab.module.mobile import Mobile
from modemlab.module.mqtt_client import MqttClient
from modemlab.module.observer import Observer
from modemlab.module.queries import Queries
from modemlab.module.settings import Settings
from modemlab.text.reason import Reason, Sentence
from modemlab.transcripts.known_commands import vocabulary_of

if TYPE_CHECKING:
    from modemlab.module.custom_commands import CustomCommand

Memory = TypeVar("Memory")


class Module:
    """A module of a dialect's model.

    `utc` is the date and time at `now` 0, in seconds since 1970. `strict` holds hosts to the manual where
    firmwares are lenient; `quirks` are behaviours that only some firmwares have. `observers` watch it, as those do
    that `add_observer` adds. `custom_commands` are commands that the dialect lacks; those that nobody knows are counted
    in `unknown`. With `mistakes` the host's are told as notes and kept under that name. In all of these secrets are
    masked, unless `show_secrets`. It is off until `power_on`.
    """

    __slots__ = (
        *("_answers", "_files", "_lines", "_memory", "_queries", "_timers"),
        *("clients", "connections", "dialect", "effects", "identity", "line", "mistakes"),
        *("mobile", "model", "now", "observers", "on", "quirks", "redirect", "restarted"),
        *("settings", "shows_secrets", "strict", "urc_line"),
    )

    def __init__(
        self,
        dialect: Dialect,
        model: Model,
        *,
        identity: Identity = NO_IDENTITY,
        apn: str | None = None,
        utc: float = 0.0,
        strict: bool = False,
        quirks: Iterable[str] = (),
        observers: Iterable[Observer] = (),
        files: FileStore | None = None,
        custom_commands: "Sequence[CustomCommand]" = (),
        mistakes: bool = False,
        show_secrets: bool = False,
    ) -> None:
        self.shows_secrets = show_secrets
        self.dialect, self.model, self.identity = dialect, model, identity
        self.strict, self.quirks = strict, frozenset(quirks)
        self.now = 0.0
        self.on = False
        # Where connections to a host and a port really go, for the log; None: there.
        self.redirect: Callable[[str, int], tuple[str, int]] | None = None
        self.settings = Settings()
        self.mobile = Mobile(self.emit, utc, apn, dialect.factory)
        # In the order of their numbers; a tuple takes a fifth of a dictionary's room.
        self.clients: tuple[MqttClient, ...] = ()
        self.effects: list[Effect] = []
        self.connections = Connections(self.effects)
        self._files = files
        self._answers = CommandAnswers(self, custom_commands)
        self.observers: tuple[Observer, ...] = ()
        self.mistakes = HostMistakes(self) if mistakes else None
        self._queries: Queries | None = None
        self._timers: tuple[tuple[float, Callable[[], None]], ...] = ()
        # What the dialect remembers of this module, made anew after each start.
        self._memory: object = None
        # Whether the host asked for the present start, for dialects that say why they started.
        self.restarted = False
        # The line that is heard or speaks; all of them, if there are several; the name of the one where URCs go.
        self.line = self._new_line()
        self._lines: ModuleLines | None = None
        self.urc_line = ""
        for observer in observers:
            self.add_observer(observer)
        # It tells notes while it is told something, which the others are to have been told by then.
        if self.mistakes is not None:
            self.add_observer(self.mistakes)

    # what the shell calls

    def add_observer(self, observer: Observer) -> None:
        """Have that observe it from now on."""
        self.observers += (observer,)
        observer.on_attach(self.dialect, self.shows_secrets)

    def set_lines(self, names: tuple[str, ...]) -> None:
        """Have a line for each of these names, before the power is on. `select_line` says which is meant from then on.

        URCs go to the line whose name is `urc_line`, or to all when there is none.
        """
        if self.mistakes is not None:
            self.mistakes.watches.clear()
        self._lines = ModuleLines(names, self._new_line)
        self.line = self._lines.all[0]

    def select_line(self, index: int) -> None:
        """`receive`, `dtr_dropped` and `data_to_send` are about this line from here on."""
        if self._lines is not None:
            self.line = self._lines.all[index]

    @property
    def lines(self) -> tuple[Interpreter, ...]:
        """All lines."""
        return (self.line,) if self._lines is None else self._lines.all

    @property
    def active_line(self) -> str:
        """The name of the line that `select_line` chose; empty when there is one alone."""
        return "" if self._lines is None else self._lines.name_of(self.line)

    def power_on(self, now: float) -> None:
        """Start, with nothing but what was stored."""
        self.now = now
        self.on = True
        for observer in self.observers:
            observer.on_power(True)
        self.settings.power_cycle()
        for line in self.lines:
            line.reset(now)
        configure(self)
        self._memory = None
        self._answers.reset()
        self.dialect.boot(self)
        self.mobile.power_on(now)

    def power_off(self, now: float) -> None:
        """Lose power: connections end without a word, and nothing is heard or said."""
        self.now = now
        self.on = False
        for observer in self.observers:
            observer.on_power(False)
        self._timers = ()
        for user in self.connections.users:
            user.abort()
        self.clients = ()
        if self._queries is not None:
            self._queries.drop()
        self.mobile.power_off()

    def restart(self) -> None:
        self.power_off(self.now)
        self.restarted = True
        self.power_on(self.now)
        self.restarted = False

    def switch_off(self, last_word: bytes = b"") -> None:
        self.power_off(self.now)
        for line in self.lines:
            line.reset(self.now)
        if last_word:
            self.send_urc_line(last_word)

    def receive(self, data: bytes, now: float) -> None:
        """Take bytes from the host."""
        self.now = now
        for observer in self.observers:
            observer.on_input(data, self.active_line)
        if self.on:
            self.line.receive(data, now)
            if self.connections.users:
                self._regulate()

    def dtr_dropped(self, now: float) -> None:
        """The last host has left its port, as a line shows by DTR; with AT&D0 that means nothing."""
        self.now = now
        if self.on and value_of(self, "&D", 2):
            self.line.dtr_dropped(now)
            self._regulate()

    def data_to_send(self) -> bytes:
        """What is to be said to the host."""
        data = self.line.data_to_send()
        if data:
            for observer in self.observers:
                observer.on_output(data, self.active_line)
        return data

    def advance(self, now: float) -> None:
        """Let time pass up to `now`."""
        self.now = now
        if not self.on:
            return
        for line in self.lines:
            self.line = line
            if (awaited := line.advance(now)) is not None:
                self.log(*waiting_for(awaited))
        self.mobile.advance(now)
        for user in self.connections.users:
            user.advance(now)
        while due := [timer for timer in self._timers if timer[0] <= now]:
            self._timers = tuple(timer for timer in self._timers if timer is not due[0])
            due[0][1]()
        for observer in self.observers:
            observer.advance(now)
        self._regulate()

    def deadline(self) -> float | None:
        """When `advance` has something to do, or None."""
        first = self.mobile.deadline() if self.on else None
        for observer in self.observers:
            at = observer.deadline()
            if at is not None and (first is None or at < first):
                first = at
        if not self.on:
            return first
        for line in (self.line,) if self._lines is None else self._lines.all:
            at = line.deadline()
            if at is not None and (first is None or at < first):
                first = at
        for user in self.connections.users:
            at = user.deadline()
            if at is not None and (first is None or at < first):
                first = at
        for at, _ in self._timers:
            if first is None or at < first:
                first = at
        return first

    def on_reply(self, reply: Reply, now: float) -> None:
        """Take what came of an effect; nothing happens if nobody waits for it any more."""
        self.now = now
        for observer in self.observers:
            observer.on_reply(reply)
        if isinstance(reply, QueryAnswered):
            self.queries.answered(reply.query, reply.answer)
        elif user := self.connections.user_of(reply.stream):
            user.on_reply(reply, now)
            if type(reply) is StreamReceived:
                self._regulate()

    # what answers and URC makers ask; `modemlab.dialect.device.Device` says what each does

    @property
    def unknown(self) -> Mapping[str, int]:
        """Commands that the tables lack, as typed, and how often; a bounded number of them."""
        return self._answers.unknown

    @property
    def commands(self) -> Mapping[str, Command]:
        return self.dialect.commands

    def memory(self, kind: type[Memory]) -> Memory:
        kept = self._memory
        if kept is None:
            kept = self._memory = kind()
        elif not isinstance(kept, kind):
            raise TypeError(f"{self.dialect.name} remembers in {type(kept).__name__} and in {kind.__name__}")
        return kept

    @property
    def queries(self) -> Queries:
        if self._queries is None:
            self._queries = Queries(self, self.connections.number)
        return self._queries

    @property
    def files(self) -> FileStore:
        if self._files is None:
            self._files = MemoryFiles()
        return self._files

    def request(self, request: HttpRequest, done: Callable[[HttpAnswer | HttpError], None]) -> None:
        from modemlab.module.http import HttpExchange  # noqa: PLC0415 (few modules ask)

        HttpExchange(self.connections, request, self.now, self.mobile.clock.utc(self.now), done)

    def client(self, index: int) -> MqttClient:
        known = self.find(index)
        if known is None:
            # `emit` as a value of its own has its room: one is enough.
            known = MqttClient(index, self.mobile.happen, self.connections, self.dialect.storage)
            self.clients = tuple(sorted((*self.clients, known), key=lambda each: each.index))
        return known

    def find(self, index: int) -> MqttClient | None:
        for client in self.clients:
            if client.index == index:
                return client
        return None

    def emit(self, event: object) -> None:
        if self.observers and (why := reason_of(self, event)):
            self.log(subject_of(self, event), why)
        kind = type(event)
        if type(event) is ContextDown or type(event) is AddressChanged:
            self.connections.network_lost(event.cid)
            if self._queries is not None:
                self._queries.lose(event.cid)
        elif kind is Detached:
            self.connections.network_lost(None)
        for observer in self.observers:
            observer.on_event(event)
        maker = self.dialect.urc_makers.get(kind)
        if maker is not None:
            maker(self, event)  # type: ignore[arg-type]  # the event is of the class that it is registered for

    def send_urc(self, urc: Urc, *values: Any) -> None:
        line = urc.render(*values)
        for observer in self.observers:
            observer.on_urc(line, urc, values)
        if self._lines is None:
            self.line.tell(line)
        else:
            self._lines.tell(line, self.urc_line)

    def send_urc_line(self, line: bytes, printed: Callable[[], None] | None = None) -> None:
        """Print a URC that has no declaration as soon as nothing is in its way, then call `printed`."""
        self.urc_sent(line)
        if self._lines is None:
            self.line.tell(line, printed)
        else:
            self._lines.tell(line, self.urc_line, printed)

    def urc_sent(self, line: bytes) -> None:
        """Such a URC was told, printed by now or not."""
        for observer in self.observers:
            observer.on_urc(line, None, ())

    def send_message_urc(self, line: bytes, event: Received | Stored) -> None:
        """Print a message; only then is its PUBLISH acknowledged (MQTT guide, figure 1)."""
        client = self.client(event.client)
        session, message, stored = client.session, event.message, type(event) is Stored
        self.send_urc_line(line, lambda: client.acknowledge(session, message, stored, self.now))

    @property
    def line_end(self) -> bytes:
        return self.line.format.end

    @property
    def in_data_mode(self) -> bool:
        return self.line.prompting

    def hold_urcs(self, held: bool) -> None:
        for line in self.lines:
            line.cache = held

    def get(self, command: Command, option: str = "", client: int = 0) -> tuple[Any, ...]:
        form, defaults = command.settings[option]
        return self.settings.values.get((form, client), defaults)

    def set(self, command: Command, values: tuple[Any, ...], option: str = "", client: int = 0) -> None:
        self.settings.put(command, values, option, client)
        if command.basic or command.name == "+CMEE":
            configure(self)

    def save(self, command: Command, option: str = "") -> None:
        self.settings.save(command, option)

    def store_profile(self) -> None:
        self.settings.store(self.commands.values())

    def restore_profile(self) -> None:
        self.settings.restore(self.commands.values())
        configure(self)

    def reset_profile(self) -> None:
        self.settings.factory(self.commands.values())
        configure(self)

    def call_later(self, seconds: float, action: Callable[[], None]) -> None:
        self._timers += ((self.now + seconds, action),)

    def log(self, subject: str, reason: Reason | str, mistake: Mistake | None = None) -> None:
        if self.observers:
            why = reason if isinstance(reason, Reason) else Sentence(reason)
            note = Note(self.now, *self.shown(subject, why), mistake)
            for observer in self.observers:
                observer.on_note(note)

    def shown(self, subject: str, reason: Reason) -> tuple[str, Reason]:
        """What something is about and why, as whoever reads it may see it: of a command line its secrets are masked."""
        if self.shows_secrets:
            return subject, reason
        return vocabulary_of(self.dialect).hide_both(subject, reason)

    # inside

    def _new_line(self) -> Interpreter:
        """A line that speaks the dialect."""
        line = Interpreter(self._answers)
        if self.mistakes is not None:
            line.watch = LineMonitor(self.mistakes)
        return line

    def _regulate(self) -> None:
        """Read from the network or not, by what waits for the host."""
        congested = self.line.congested if self._lines is None else self._lines.congested
        for user in self.connections.users:
            if (congested or user.read_paused) is not user.paused:
                self.connections.regulate(congested)
                break
