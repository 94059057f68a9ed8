"""A cellular module: the line, the settings, the mobile and the MQTT clients as one value.

Bytes and `now` (seconds, monotonic) go in; bytes for the host, effects for the shell and the next deadline
come out.
"""

from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, TypeVar

from modemlab.at.command import Command, Form, Kept
from modemlab.at.steps import LineTooLong, NoCommand, Refused, Step
from modemlab.at.syntax import Call
from modemlab.at.urc import Urc
from modemlab.dialect.device import FileStore
from modemlab.dialect.dialect import Dialect
from modemlab.dialect.identity import SOMEBODY, Identity, Model
from modemlab.dialect.known import told
from modemlab.dialect.mobile import AddressChanged, ContextDown, Detached
from modemlab.dialect.mqtt_events import CommandRefused, Received, Stored
from modemlab.dialect.network import HttpAnswer, HttpError, QueryAnswer
from modemlab.module.custom_commands import START, Extra, Extras, count_unknown
from modemlab.module.default_answers import declared_answer
from modemlab.module.effects import (
    Effect,
    HttpAnswered,
    HttpRequest,
    QueryAnswered,
    Reply,
    StreamChoked,
    StreamClosed,
    StreamError,
    StreamFailed,
    StreamOpened,
    StreamReceived,
)
from modemlab.module.files import MemoryFiles
from modemlab.module.flow_control import regulate
from modemlab.module.interpreter import Interpreter
from modemlab.module.line_settings import configure, value_of
from modemlab.module.mistakes import Mistakes, Watch
from modemlab.module.mobile import Mobile
from modemlab.module.mqtt_client import Client
from modemlab.module.notes import Mistake, Note
from modemlab.module.observer import Observer
from modemlab.module.queries import Queries
from modemlab.module.reasons import reason_of, subject_of, waiting_for
from modemlab.module.settings import Settings
from modemlab.text.catalogue import N_
from modemlab.text.reason import Reason, Sentence
from modemlab.transcripts.vocabulary import vocabulary_of

NOTHING_UNKNOWN: Mapping[str, int] = MappingProxyType({})
Memory = TypeVar("Memory")


class Module:
    """A module of a dialect's model.

    `utc` is the date and time at `now` 0, in seconds since 1970. `strict` holds hosts to the manual where
    firmwares are lenient; `quirks` are behaviours that only some firmwares have. `observers` watch it, as those do
    that `watch` adds. `extras` are commands that the dialect lacks; those that nobody knows are counted in `unknown`.
    With `mistakes` the host's are told as notes and kept under that name. In all of these secrets are masked, unless
    `show_secrets`. It is off until `power_on`.
    """

    __slots__ = (
        *("_extras", "_files", "_lines", "_memory", "_names", "_queries", "_requests", "_streams", "_timers"),
        *("clients", "dialect", "effects", "identity", "line", "mistakes"),
        *("mobile", "model", "now", "observers", "on", "quirks", "redirect", "requests", "restarted"),
        *("settings", "shows_secrets", "strict", "unknown", "urc_line"),
    )

    def __init__(
        self,
        dialect: Dialect,
        model: Model,
        *,
        identity: Identity = SOMEBODY,
        apn: str | None = None,
        utc: float = 0.0,
        strict: bool = False,
        quirks: Iterable[str] = (),
        observers: Iterable[Observer] = (),
        files: FileStore | None = None,
        extras: Sequence[Extra] = (),
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
        self.mobile = Mobile(self.happen, utc, apn, dialect.factory)
        # In the order of their numbers; a tuple takes a fifth of a dictionary's room.
        self.clients: tuple[Client, ...] = ()
        self.effects: list[Effect] = []
        self._files = files
        self._extras = Extras(extras) if extras else None
        self.observers: tuple[Observer, ...] = ()
        self.mistakes = Mistakes(self) if mistakes else None
        # Commands that the tables lack, as typed, and how often; a bounded number of them.
        self.unknown: Mapping[str, int] = NOTHING_UNKNOWN
        # HTTP requests that the shell is to make, and who is told of those under way.
        self.requests: tuple[HttpRequest, ...] = ()
        self._requests: dict[int, Callable[[HttpAnswer | HttpError], None]] | None = None
        self._queries: Queries | None = None
        self._streams = 0
        self._timers: tuple[tuple[float, Callable[[], None]], ...] = ()
        # What the dialect remembers of this module, made anew after each start.
        self._memory: object = None
        # Whether the host asked for the present start, for dialects that say why they started.
        self.restarted = False
        # The line that is heard or speaks; if there are several, all of them and their names; where URCs go.
        self.line = self._new_line()
        self._lines: tuple[Interpreter, ...] = ()
        self._names: tuple[str, ...] = ()
        self.urc_line = ""
        for observer in observers:
            self.watch(observer)
        # It tells notes while it is told something, which the others are to have been told by then.
        if self.mistakes is not None:
            self.watch(self.mistakes)

    # what the shell calls

    def watch(self, observer: Observer) -> None:
        """Have that observe it from now on."""
        self.observers += (observer,)
        observer.on_attach(self.dialect, self.shows_secrets)

    def split(self, names: tuple[str, ...]) -> None:
        """Have a line for each of these names, before the power is on. `turn` says which is meant from then on.

        Each has what is typed, its answers and its data for itself; the settings are the module's. URCs go to the
        line whose name is `urc_line`, or to all when there is none.
        """
        self._names = names
        if self.mistakes is not None:
            self.mistakes.watches.clear()
        self._lines = tuple(self._new_line() for _ in names)
        self.line = self._lines[0]

    def turn(self, index: int) -> None:
        """`receive`, `hang_up` and `take` are about this line from here on."""
        if self._lines:
            self.line = self._lines[index]

    @property
    def lines(self) -> tuple[Interpreter, ...]:
        """All lines."""
        return self._lines or (self.line,)

    @property
    def speaking(self) -> str:
        """The name of the line that `turn` chose; empty when there is one alone."""
        return self._names[self._lines.index(self.line)] if self._lines else ""

    def power_on(self, now: float) -> None:
        """Start, with nothing but what was stored."""
        self.now = now
        self.on = True
        for observer in self.observers:
            observer.on_power(True)
        self.settings.power_cycle()
        for line in self.lines:
            line.reset(now)
        self.configure()
        self._memory = None
        if self._extras is not None:
            self._extras.state = START
        self.dialect.boot(self)
        self.mobile.power_on(now)

    def power_off(self, now: float) -> None:
        """Lose power: connections end without a word, and nothing is heard or said."""
        self.now = now
        self.on = False
        for observer in self.observers:
            observer.on_power(False)
        self._timers = ()
        self.requests, self._requests = (), None
        for client in self.clients:
            client.drop()
        self.clients = ()
        if self._queries is not None:
            self._queries.drop()
        self.mobile.power_off()

    def restart(self) -> None:
        """Lose power and start again, as the host asked."""
        self.power_off(self.now)
        self.restarted = True
        self.power_on(self.now)
        self.restarted = False

    def switch_off(self, last_word: bytes = b"") -> None:
        """Lose power, as the host asked; the last word is said whatever is being typed."""
        self.power_off(self.now)
        for line in self.lines:
            line.reset(self.now)
        if last_word:
            self.tell_line(last_word)

    def receive(self, data: bytes, now: float) -> None:
        """Take bytes from the host."""
        self.now = now
        for observer in self.observers:
            observer.on_input(data, self.speaking)
        if self.on:
            self.line.receive(data, now)
            regulate(self)

    def hang_up(self, now: float) -> None:
        """The last host has left its port, as a line shows by DTR; with AT&D0 that means nothing."""
        self.now = now
        if self.on and value_of(self, "&D", 2):
            self.line.hang_up(now)
            regulate(self)

    def take(self) -> bytes:
        """What is to be said to the host."""
        data = self.line.take()
        if data:
            for observer in self.observers:
                observer.on_output(data, self.speaking)
        return data

    def take_requests(self) -> tuple[HttpRequest, ...]:
        """The HTTP requests to make; each ends in `http_answered`."""
        requests, self.requests = self.requests, ()
        for observer in self.observers:
            for request in requests:
                observer.on_effect(request)
        return requests

    def advance(self, now: float) -> None:
        """Let time pass up to `now`."""
        self.now = now
        if not self.on:
            return
        for line in self.lines:
            self.line = line
            if (awaited := line.advance(now)) is not None:
                self.note(*waiting_for(awaited))
        self.mobile.advance(now)
        for client in self.clients:
            client.advance(now)
        while due := [timer for timer in self._timers if timer[0] <= now]:
            self._timers = tuple(timer for timer in self._timers if timer is not due[0])
            due[0][1]()
        for observer in self.observers:
            observer.advance(now)
        regulate(self)

    def deadline(self) -> float | None:
        """When `advance` has something to do, or None."""
        first = self.mobile.deadline() if self.on else None
        for observer in self.observers:
            at = observer.deadline()
            if at is not None and (first is None or at < first):
                first = at
        if not self.on:
            return first
        for line in self.lines:
            at = line.deadline()
            if at is not None and (first is None or at < first):
                first = at
        for client in self.clients:
            at = client.deadline()
            if at is not None and (first is None or at < first):
                first = at
        for at, _ in self._timers:
            if first is None or at < first:
                first = at
        return first

    def stream_opened(self, stream: int, now: float) -> None:
        """`OpenStream` is done."""
        self.now = now
        if self.observers:
            self._replied(StreamOpened(stream))
        if client := self._client_of(stream):
            client.stream_opened()

    def stream_failed(self, stream: int, error: StreamError, now: float, detail: str = "") -> None:
        """`OpenStream` failed; `detail` says more for the log."""
        self.now = now
        if self.observers:
            self._replied(StreamFailed(stream, error, detail))
        if client := self._client_of(stream):
            client.stream_failed(error, detail)

    def stream_received(self, stream: int, data: bytes, now: float) -> None:
        """Bytes came on a stream."""
        self.now = now
        if self.observers:
            self._replied(StreamReceived(stream, data))
        if client := self._client_of(stream):
            client.stream_received(data, now)
            regulate(self)

    def stream_closed(self, stream: int, now: float, detail: str = "") -> None:
        """The peer closed or reset a stream; `detail` says more for the log."""
        self.now = now
        if self.observers:
            self._replied(StreamClosed(stream, detail))
        if client := self._client_of(stream):
            client.stream_closed(detail)

    def stream_choked(self, stream: int, now: float) -> None:
        """A stream was given up because the peer takes nothing any more."""
        self.now = now
        if self.observers:
            self._replied(StreamChoked(stream))
        if client := self._client_of(stream):
            client.stream_choked()

    def http_answered(self, request: int, answer: HttpAnswer | HttpError, now: float) -> None:
        """`HttpRequest` is done, or failed; nothing happens if the power went meanwhile."""
        self.now = now
        if self.observers:
            self._replied(HttpAnswered(request, answer))
        done = (self._requests or {}).pop(request, None)
        if done is not None:
            done(answer)

    def query_answered(self, query: int, answer: QueryAnswer, now: float) -> None:
        """How a query fares; nothing happens if the power went meanwhile."""
        self.now = now
        if self.observers:
            self._replied(QueryAnswered(query, answer))
        self.queries.answered(query, answer)

    # what answers and URC makers ask

    @property
    def commands(self) -> Mapping[str, Command]:
        """The dialect's commands by name."""
        return self.dialect.commands

    def memory(self, kind: type[Memory]) -> Memory:
        """What the dialect remembers until the power goes, made when it is first asked for."""
        if self._memory is None:
            self._memory = kind()
        if not isinstance(self._memory, kind):
            raise TypeError(f"{self.dialect.name} remembers in {type(self._memory).__name__} and in {kind.__name__}")
        return self._memory

    @property
    def queries(self) -> Queries:
        """What it asks the network beside streams; made when it first asks."""
        if self._queries is None:
            self._queries = Queries(self, self._new_stream)
        return self._queries

    @property
    def files(self) -> FileStore:
        """The file store: the one that was handed in, or one in memory."""
        if self._files is None:
            self._files = MemoryFiles()
        return self._files

    def request(
        self,
        method: str,
        url: str,
        headers: tuple[tuple[str, str], ...],
        body: bytes,
        timeout: float,
        done: Callable[[HttpAnswer | HttpError], None],
    ) -> None:
        """Make an HTTP request, `timeout` seconds at most, and call `done` with what became of it."""
        number = self._new_stream()
        self._requests = {**(self._requests or {}), number: done}
        self.requests += (HttpRequest(number, method, url, headers, body, timeout),)

    def client(self, index: int) -> Client:
        """The client of that number, closed if the host has not used it yet."""
        known = self.find(index)
        if known is None:
            known = Client(index, self.happen, self.effects, self._new_stream, self.dialect.storage)
            self.clients = tuple(sorted((*self.clients, known), key=lambda each: each.index))
        return known

    def find(self, index: int) -> Client | None:
        """The client of that number, if the host has used it."""
        for client in self.clients:
            if client.index == index:
                return client
        return None

    def happen(self, event: object) -> None:
        """Something happened: the dialect tells it to the host, if it has words for it, and the log why."""
        if self.observers and (why := reason_of(self, event)):
            self.note(subject_of(self, event), why)
        if type(event) is ContextDown or type(event) is AddressChanged:
            for client in self.clients:
                if client.network is not None and client.network.context == event.cid:
                    client.network_lost()
            if self._queries is not None:
                self._queries.lose(event.cid)
        if type(event) is Detached:
            for request in tuple(self._requests or ()):
                self.http_answered(request, HttpError.SENDING, self.now)
        for observer in self.observers:
            observer.on_event(event)
        maker = self.dialect.urc_maker(event)
        if maker is not None:
            maker(self, event)

    def tell(self, urc: Urc, *values: Any) -> None:
        """Print a URC as soon as nothing is in its way."""
        line = urc.render(*values)
        for observer in self.observers:
            observer.on_urc(line, urc, values)
        self._print(line)

    def tell_line(self, line: bytes, printed: Callable[[], None] | None = None) -> None:
        """Print a URC that has no declaration as soon as nothing is in its way, then call `printed`."""
        self.urc_told(line)
        self._print(line, printed)

    def urc_told(self, line: bytes) -> None:
        """Such a URC was told, printed by now or not."""
        for observer in self.observers:
            observer.on_urc(line, None, ())

    def tell_message(self, line: bytes, event: Received | Stored) -> None:
        """Print a message; only then is its PUBLISH acknowledged (MQTT guide, figure 1)."""
        client = self.client(event.client)
        session, message, stored = client.session, event.message, type(event) is Stored
        self.tell_line(line, lambda: client.acknowledge(session, message, stored, self.now))

    @property
    def line_end(self) -> bytes:
        """What ends a line on the line that is heard or speaks."""
        return self.line.format.end

    @property
    def prompting(self) -> bool:
        """Whether the host's bytes are data now, on the line that is heard or speaks."""
        return self.line.prompting

    def hold_urcs(self, held: bool) -> None:
        """Have URCs wait on every line, or not."""
        for line in self.lines:
            line.cache = held

    def get(self, command: Command, option: str = "", client: int = 0) -> tuple[Any, ...]:
        """The values in force of a setting."""
        return self.settings.get(command, option, client)

    def set(self, command: Command, values: tuple[Any, ...], option: str = "", client: int = 0) -> None:
        """Change a setting; None keeps a value."""
        self.settings.put(command, values, option, client)
        if command.basic or command.name == "+CMEE":
            self.configure()

    def save(self, command: Command, option: str = "") -> None:
        """Let one setting survive power-off, whatever its declaration says."""
        self.settings.save(command, option)

    def store_profile(self) -> None:
        """AT&W."""
        self.settings.store(self._profile())

    def restore_profile(self) -> None:
        """ATZ."""
        self.settings.restore(self._profile())
        self.configure()

    def reset_profile(self) -> None:
        """AT&F."""
        self.settings.factory(self._profile())
        self.configure()

    def _profile(self) -> dict[Form, Kept]:
        """Which settings AT&W, ATZ and AT&F work on."""
        return {c.on_write: c.kept for c in self.dialect.commands.values() if c.kept is not None}

    def configure(self) -> None:
        """Put the settings of V.250, 6.2 and AT+CMEE into force on the line."""
        configure(self)

    def later(self, seconds: float, action: Callable[[], None]) -> None:
        """Call `action` after that many seconds, unless the power goes first."""
        self._timers += ((self.now + seconds, action),)

    def note(self, subject: str, reason: Reason | str, mistake: Mistake | None = None) -> None:
        """Say why to the log; the host never sees it."""
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
        dialect = self.dialect
        parse = dialect.parser(self.strict)
        if self._extras is not None:
            parse = self._extras.parser(parse)
        line = Interpreter(parse, self._answer, self._refused, dialect.line_length, dialect.words)
        if self.mistakes is not None:
            line.watch = Watch(self.mistakes)
        return line

    def _replied(self, reply: Reply) -> None:
        """Tell observers what came of an effect."""
        for observer in self.observers:
            observer.on_reply(reply)

    def _print(self, line: bytes, printed: Callable[[], None] | None = None) -> None:
        """Print a URC where it belongs; `printed` is called once."""
        if not self._lines:
            self.line.tell(line, printed)
            return
        index = self._names.index(self.urc_line) if self.urc_line in self._names else None
        for each in self._lines if index is None else (self._lines[index],):
            each.tell(line, printed)
            printed = None

    def _refused(self, call: Call, refused: Refused) -> None:
        """A command was refused."""
        text, command = "AT" + call.text, call.command
        if self.observers:
            numbered = refused.cme is not None and (command is None or command.cme)
            meaning = self.dialect.errors.get(refused.cme or 0) if numbered else None
            reason = self._stranger(text, refused) if isinstance(refused, NoCommand) else refused.reason
            if meaning:
                message = N_("{reason}; error {code}: {meaning}")
                reason = Sentence(message, reason=reason, code=refused.cme, meaning=Sentence(meaning))
            self.note(text, reason)
        if command is None:
            if not isinstance(refused, LineTooLong):
                self.unknown = count_unknown(self.unknown, self.shown(text, refused.reason)[0])
            return
        self.happen(CommandRefused(command.name, refused.cme))
        for observer in self.observers:
            observer.on_refused(call)

    def _stranger(self, text: str, refused: NoCommand) -> Reason:
        """Why there is no such command."""
        stranger = self.dialect.look_up(refused, self.strict)
        if stranger is None:
            return refused.reason
        for observer in self.observers:
            observer.on_unknown(text, stranger)
        return told(stranger)

    def _answer(self, call: Call) -> Generator[Step, bytes, None]:
        """Start the answer of a call: the dialect's own, or what the declaration gives by itself."""
        if call.command is None:
            assert self._extras is not None
            return self._extras.answer(call.values[0])
        for observer in self.observers:
            observer.on_command(call)
        assert call.form is not None
        answer = self.dialect.answers.get(call.form)
        return declared_answer(self, call) if answer is None else answer(self, *call.values)

    def _new_stream(self) -> int:
        """A number for a stream, never used before."""
        self._streams += 1
        return self._streams

    def _client_of(self, stream: int) -> Client | None:
        """The client that uses a stream; None when it was closed meanwhile."""
        for client in self.clients:
            if client.stream == stream:
                return client
        return None
