"""A dialect of five commands, so that the bench is tested without any vendor's."""

from collections.abc import Generator
from typing import Any

from modemlab.at.command import Command
from modemlab.at.parameters import Int, Text
from modemlab.at.steps import OK, Prompt, Refused, Step
from modemlab.dialect import mqtt_events as events
from modemlab.dialect.dialect import Answers, Dialect, Model
from modemlab.dialect.mqtt_events import Network, State
from modemlab.dialects import tgpp, v250
from modemlab.module.module import Module
from modemlab.mqtt.client import Options
from modemlab.text.reason import Sentence

Steps = Generator[Step, bytes, None]

index = Int("index", 0, 5)
OPEN = Command("+OPEN", "", "", params=(index, Text("host", most=200), Int("port", 1, 65535)))
LOGIN = Command("+LOGIN", "", "", params=(index, Text("name", most=20)))
SEND = Command("+SEND", "", "", params=(index, Int("length", 0, 1500)))
CLOSE = Command("+CLOSE", "", "", params=(index,))
LATER = Command("+LATER", "", "", params=(Int("milliseconds", 0, 100_000),))
ANSWERS = Answers(v250.ANSWERS | tgpp.ANSWERS)
# How long an attempt to open may take, in seconds.
OPENING = 30.0


@ANSWERS(OPEN.on_write)
def open_network(module: Module, number: int, host: str, port: int) -> Steps:
    """Open; `+OPEN: <index>,<outcome>` follows."""
    yield OK
    module.client(number).open(Network(host, port, 1, OPENING), module.now)


@ANSWERS(LOGIN.on_write)
def login(module: Module, number: int, name: str) -> Steps:
    """CONNECT; `+LOGIN: <index>,<code>` follows."""
    if module.client(number).state is not State.OPEN:
        raise Refused(Sentence("the client is not open"))
    yield OK
    options = Options(4, True, 120, packet_timeout=5.0)
    module.client(number).connect(options, name, None, None, None, module.now)


@ANSWERS(SEND.on_write)
def send(module: Module, number: int, length: int) -> Steps:
    """PUBLISH the data with QoS 0 to topic t."""
    data = yield Prompt(length)
    if module.client(number).state is not State.CONNECTED:
        raise Refused(Sentence("the client is not connected"))
    module.client(number).publish(0, "t", data, 0, False, module.now)
    yield OK


@ANSWERS(CLOSE.on_write)
def close(module: Module, number: int) -> Steps:
    """Close."""
    yield OK
    module.client(number).close()


@ANSWERS(LATER.on_write)
def later(module: Module, milliseconds: int) -> Steps:
    """Print `+LATER: <milliseconds>` after that time."""
    yield OK
    module.later(milliseconds / 1000, lambda: module.tell_line(b"+LATER: %d" % milliseconds))


def tell(module: Module, event: Any) -> None:
    """Print an event in short."""
    detail = {
        events.Opened: lambda: event.outcome.name,
        events.Connected: lambda: event.code,
        events.Lost: lambda: event.cause.name,
    }[type(event)]()
    name = {events.Opened: "OPEN", events.Connected: "LOGIN", events.Lost: "LOST"}[type(event)]
    module.tell_line(f"+{name}: {event.client},{detail}".encode())


def show(module: Module, event: events.Received) -> None:
    """Print a message's length."""
    module.tell_message(b"+GOT: %d" % len(event.message.payload), event)


def boot(module: Module) -> None:
    """Say RDY."""
    module.tell_line(b"RDY")


MODEL = Model("TINY", "Nobody", "Tiny", "1", "TINY")
DIALECT = Dialect(
    name="tiny",
    title="Tiny",
    models=(MODEL,),
    commands=v250.COMMANDS | tgpp.COMMANDS | {command.name: command for command in (OPEN, LOGIN, SEND, CLOSE, LATER)},
    answers=ANSWERS,
    tellings=tgpp.TELLINGS | {events.Opened: tell, events.Connected: tell, events.Lost: tell, events.Received: show},
    boot=boot,
)
