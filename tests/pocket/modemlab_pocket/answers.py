"""How the Pocket radio answers, and what it tells."""

from collections.abc import Generator
from typing import TYPE_CHECKING

from modemlab.at.steps import OK, Info, Prompt, Refused, Step
from modemlab.dialect import mqtt_events as events
from modemlab.dialect.dialect import Answers, Telling
from modemlab.dialect.mqtt_events import Network, Opening, State
from modemlab.mqtt.events import Kind, Options, WindowFull
from modemlab_pocket import commands as c

if TYPE_CHECKING:
    from modemlab.module.module import Module

Steps = Generator[Step, bytes, None]
ANSWERS = Answers()
OPTIONS = Options(4, True, 60, packet_timeout=10.0)


@ANSWERS(c.NAME.on_execute)
def name(module: "Module") -> Steps:
    """The model's name."""
    yield Info(c.NAME.info(module.model.name))
    yield OK


@ANSWERS(c.CONNECT.on_write)
def connect(module: "Module", host: str, port: int, client: str) -> Steps:
    """Connect; +PRCONN follows."""
    if module.client(0).state is not State.CLOSED:
        raise Refused(c.CONNECT.where("there is a connection already"))
    yield OK
    module.memory["client"] = client
    module.client(0).open(Network(host, port, 1, c.CONNECT.max_response), module.now)


@ANSWERS(c.SEND.on_write)
def send(module: "Module", topic: str, length: int) -> Steps:
    """Take the message and send it."""
    client = module.client(0)
    if client.state is not State.CONNECTED:
        raise Refused(c.SEND.where("there is no connection"))
    data = yield Prompt(length)
    if client.session is None:
        raise Refused(c.SEND.where("the connection was lost"))
    (qos,) = module.get(c.QOS)
    number = client.session.free_identifier() if qos else 0
    try:
        client.publish(number, topic, data, qos, False, module.now)
    except WindowFull as error:
        raise Refused(c.SEND.where(str(error))) from error
    yield OK


@ANSWERS(c.LISTEN.on_write)
def listen(module: "Module", topic: str) -> Steps:
    """Subscribe."""
    if module.client(0).state is not State.CONNECTED:
        raise Refused(c.LISTEN.where("there is no connection"))
    module.client(0).subscribe(0, ((topic, 1),), module.now)
    yield OK


def tell_opened(module: "Module", event: events.Opened) -> None:
    """The radio sends CONNECT as soon as the connection stands."""
    if event.outcome is Opening.OPENED:
        module.client(0).connect(OPTIONS, module.memory["client"], None, None, None, module.now)
    else:
        module.tell(c.CONNECTED, 2)


def tell_connected(module: "Module", event: events.Connected) -> None:
    """+PRCONN."""
    module.tell(c.CONNECTED, int(event.code != 0))


def tell_completed(module: "Module", event: events.Completed) -> None:
    """+PRSEND, for what the server acknowledged."""
    if event.kind is Kind.PUBLISH and event.packet_id:
        module.tell(c.SENT, event.packet_id)


def tell_received(module: "Module", event: events.Received) -> None:
    """+PRMSG."""
    module.tell_message(c.MESSAGE.render(event.message.topic, event.message.payload), event)


def tell_lost(module: "Module", event: events.Lost) -> None:
    """+PRLOST."""
    module.tell(c.LOST, event.cause.value)


TELLINGS: dict[type, Telling] = {
    events.Opened: tell_opened,
    events.Connected: tell_connected,
    events.Completed: tell_completed,
    events.Received: tell_received,
    events.Lost: tell_lost,
}


def boot(module: "Module") -> None:
    """What it says at power-on."""
    module.line.tell(b"POCKET READY")
