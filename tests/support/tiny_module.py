"""A dialect of five commands, so that the bench is tested without any vendor's."""

from modemlab.at.command import Command
from modemlab.at.parameters import Int, Text
from modemlab.at.steps import OK, Prompt, Refused, Steps
from modemlab.dialect import mqtt_events as events
from modemlab.dialect.answer_registry import Answers, UrcMakers
from modemlab.dialect.device import Device
from modemlab.dialect.dialect import Dialect
from modemlab.dialect.identity import Model
from modemlab.dialect.mqtt_events import Network, State
from modemlab.dialects import tgpp, v250
from modemlab.mqtt.events import Options
from modemlab.text.reason import Sentence

index = Int("index", 0, 5)
OPEN = Command("+OPEN", "", "", params=(index, Text("host", maximum=200), Int("port", 1, 65535)))
LOGIN = Command("+LOGIN", "", "", params=(index, Text("name", maximum=20)))
SEND = Command("+SEND", "", "", params=(index, Int("length", 0, 1500)))
CLOSE = Command("+CLOSE", "", "", params=(index,))
LATER = Command("+LATER", "", "", params=(Int("milliseconds", 0, 100_000),))
ANSWERS = Answers(v250.ANSWERS | tgpp.ANSWERS)
URC_MAKERS = UrcMakers(tgpp.URC_MAKERS)
# How long an attempt to open may take, in seconds.
OPENING = 30.0


@ANSWERS(OPEN.on_write)
def open_network(module: Device, number: int, host: str, port: int) -> Steps:
    """Open; `+OPEN: <index>,<outcome>` follows."""
    yield OK
    module.client(number).open(Network(host, port, 1, OPENING), module.now)


@ANSWERS(LOGIN.on_write)
def login(module: Device, number: int, name: str) -> Steps:
    """CONNECT; `+LOGIN: <index>,<code>` follows."""
    if module.client(number).state is not State.OPEN:
        raise Refused(Sentence("the client is not open"))
    yield OK
    options = Options(4, True, 120, packet_timeout=5.0)
    module.client(number).connect(options, name, None, None, None, module.now)


@ANSWERS(SEND.on_write)
def send(module: Device, number: int, length: int) -> Steps:
    """PUBLISH the data with QoS 0 to topic t."""
    data = yield Prompt(length)
    if module.client(number).state is not State.CONNECTED:
        raise Refused(Sentence("the client is not connected"))
    module.client(number).publish(0, "t", data, 0, False, module.now)
    yield OK


@ANSWERS(CLOSE.on_write)
def close(module: Device, number: int) -> Steps:
    """Close."""
    yield OK
    module.client(number).close()


@ANSWERS(LATER.on_write)
def later(module: Device, milliseconds: int) -> Steps:
    """Print `+LATER: <milliseconds>` after that time."""
    yield OK
    module.call_later(milliseconds / 1000, lambda: module.send_urc_line(b"+LATER: %d" % milliseconds))


@URC_MAKERS(events.Opened)
def tell_opened(module: Device, event: events.Opened) -> None:
    """How an attempt to open ended."""
    module.send_urc_line(f"+OPEN: {event.client},{event.outcome.name}".encode())


@URC_MAKERS(events.Connected)
def tell_connected(module: Device, event: events.Connected) -> None:
    """CONNACK's code."""
    module.send_urc_line(f"+LOGIN: {event.client},{event.code}".encode())


@URC_MAKERS(events.Lost)
def tell_lost(module: Device, event: events.Lost) -> None:
    """Why the connection ended."""
    module.send_urc_line(f"+LOST: {event.client},{event.cause.name}".encode())


@URC_MAKERS(events.Received)
def show(module: Device, event: events.Received) -> None:
    """Print a message's length."""
    module.send_message_urc(b"+GOT: %d" % len(event.message.payload), event)


def boot(module: Device) -> None:
    """Say RDY."""
    module.send_urc_line(b"RDY")


MODEL = Model("TINY", "Nobody", "Tiny", "1", "TINY")
DIALECT = Dialect(
    name="tiny",
    title="Tiny",
    models=(MODEL,),
    commands=v250.COMMANDS | tgpp.COMMANDS | {command.name: command for command in (OPEN, LOGIN, SEND, CLOSE, LATER)},
    answers=ANSWERS,
    urc_makers=URC_MAKERS,
    boot=boot,
)
