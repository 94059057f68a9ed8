"""A dialect: the tables of one family of modules, as one value."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache, partial

from modemlab.at.command import Command, Form
from modemlab.at.line_readers import LineReaders, ParseBody
from modemlab.at.parameters import to_text
from modemlab.at.steps import NoCommand
from modemlab.at.syntax import ParsedCommand, parse_line
from modemlab.at.urc import Urc
from modemlab.dialect.answer_registry import Answer, UrcMaker, check_answers
from modemlab.dialect.device import Device
from modemlab.dialect.identity import Model
from modemlab.dialect.known_commands import ManualEntry, UnknownName, look_up, nothing_known
from modemlab.dialect.mobile import Factory
from modemlab.dialect.mqtt_events import Storage
from modemlab.dialect.recipes import Recipes


@dataclass(frozen=True, slots=True)
class ConnectionMethods:
    """What a host types, or does, to mend what failed, for the log; `{client}` is an MQTT client's number.

    `name` is what an MQTT client is called, `open` the command that opens one's network. `close` and `reopen` are about
    its connection, `login` is where client id, user and password are given, `version` where MQTT's is chosen. `tls`
    turns TLS on and `plain` does without; empty where there is no choice. `network` brings up what carries
    connections, `patience` says how long packets are awaited and how often repeated.
    """

    name: str = "client {client}"
    open: str = "open"
    close: str = "close it"
    reopen: str = "open it again"
    login: str = "the login"
    version: str = "MQTT's version"
    tls: str = ""
    plain: str = ""
    network: str = "bring the network up"
    patience: str = ""


@dataclass(frozen=True, slots=True)
class Dialect:
    """What a family of modules understands and says.

    `lenient` replaces commands unless the module is strict: what firmwares accept beside the manual. `urcs` are those
    that belong to no command, `unsaid` those that a host hears besides: what real modules alone say, and lines of a
    start. `urc_makers` tell the machinery's events; `boot` prints what a module says as it starts. `line_length` is the
    longest command line in bytes. `unknown` is the code under AT+CMEE of a command or option that does not exist; None
    is a plain ERROR. `lacking` is that of a form that a command lacks; None is the command's own for wrong parameters.
    `errors` are the codes of +CME ERROR with their meanings, for AT+CMEE=2 and the log; those in `numbered` are told as
    numbers with AT+CMEE=2 too. `factory` is what the mobile starts from, `storage` where messages wait. `ports` are the
    names of the module's own ports, in lower case. `recipes` are how a driver asks, None where none does. `known` gives
    the commands that the family's manuals name, the declared ones too; it is called once one is asked for that is not
    declared. While a module has not said what it is, what several dialects have under one name is that of the highest
    `precedence`. `ways` are the remedies that the log names. `session` has the lines that show a person what the
    modules do: typed in turn, they connect to a broker at any name, subscribe, and publish to it.
    """

    name: str
    title: str
    models: tuple[Model, ...]
    commands: Mapping[str, Command]
    answers: Mapping[Form, Answer]
    urc_makers: Mapping[type, UrcMaker]
    boot: Callable[[Device], None]
    urcs: tuple[Urc, ...] = ()
    lenient: Mapping[str, Command] = field(default_factory=dict)
    quirks: Mapping[str, str] = field(default_factory=dict)
    line_length: int = 2048
    unknown: int | None = None
    lacking: int | None = None
    errors: Mapping[int, str] = field(default_factory=dict)
    numbered: frozenset[int] = frozenset()
    factory: Factory = field(default_factory=Factory)
    storage: Storage = field(default_factory=Storage)
    ports: tuple[str, ...] = ()
    recipes: Recipes | None = None
    known: Callable[[], Mapping[str, ManualEntry]] = nothing_known
    precedence: int = 0
    ways: ConnectionMethods = field(default_factory=ConnectionMethods)
    unsaid: tuple[Urc, ...] = ()
    session: tuple[str, ...] = ()
    _parsers: dict[bool, ParseBody] = field(default_factory=dict, repr=False, compare=False)
    _unknown_names: dict[bool, Callable[[str, str], UnknownName | None]] = field(
        default_factory=dict, repr=False, compare=False
    )
    _words: dict[int, str] = field(default_factory=dict, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Raise TypeError, of one line, for an answer that does not take what its command gives it."""
        check_answers(self.answers, self.commands, self.lenient)

    @property
    def words(self) -> Mapping[int, str]:
        """What AT+CMEE=2 tells in place of the codes of +CME ERROR."""
        if not self._words:
            self._words.update({code: words for code, words in self.errors.items() if code not in self.numbered})
        return self._words

    def parser(self, strict: bool) -> ParseBody:
        """A parser of line bodies, which remembers the lines read last."""
        if strict not in self._parsers:
            self._parsers[strict] = parser_of(self.table(strict), self.unknown, self.lacking)
        return self._parsers[strict]

    def look_up(self, refused: NoCommand, strict: bool = False) -> UnknownName | None:
        """What is to be said of a name that is no command of a module; None: nothing. The latest are remembered."""
        if strict not in self._unknown_names:
            self._unknown_names[strict] = lru_cache(maxsize=256)(
                partial(look_up, tuple(self.table(strict)), self.known())
            )
        return self._unknown_names[strict](refused.name, refused.typed)

    def table(self, strict: bool) -> dict[str, Command]:
        """The commands that a module takes, by name."""
        if strict:
            return {name: command.by_manual() for name, command in self.commands.items()}
        return {**self.commands, **self.lenient}


def parser_of(commands: Mapping[str, Command], unknown: int | None = None, lacking: int | None = None) -> ParseBody:
    """A parser of line bodies as they come; it remembers those lines read last that take more than a look."""

    @lru_cache(maxsize=256)
    def parse_any(body: bytes) -> tuple[ParsedCommand, ...]:
        return parse_line(commands, to_text(body), unknown, lacking)

    return LineReaders(commands, parse_any).read
