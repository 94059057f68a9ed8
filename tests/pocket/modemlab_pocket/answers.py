"""How the Pocket radio answers, and what it tells."""

from dataclasses import dataclass

from modemlab.at.steps import OK, Prompt, Refused, Steps
from modemlab.dialect import mqtt_events as events
from modemlab.dialect.answer_registry import Answers, UrcMakers
from modemlab.dialect.device import Device
from modemlab.dialect.mqtt_events import Network, OpenResult, State
from modemlab.mqtt.events import Options, RequestKind, WindowFull
from modemlab_pocket import commands as c

ANSWERS = Answers()
URC_MAKERS = UrcMakers()
OPTIONS = Options(4, True, 60, packet_timeout=10.0)


@dataclass(slots=True)
class Memory:
    """What the radio remembers until its power goes: the client id of its connection."""

    name: str = ""


ANSWERS.shows(c.NAME, lambda module: (module.model.name,))


@ANSWERS(c.CONNECT.on_write)
def connect(module: Device, host: str, port: int, client: str) -> Steps:
    """Connect; +PRCONN follows."""
    if module.client(0).state is not State.CLOSED:
        raise Refused(c.CONNECT.where("there is a connection already"))
    yield OK
    module.memory(Memory).name = client
    module.client(0).open(Network(host, port, 1, c.CONNECT.max_response), module.now)


@ANSWERS(c.SEND.on_write)
def send(module: Device, topic: str, length: int) -> Steps:
    """Take the message and send it."""
    client = module.client(0)
    if client.state is not State.CONNECTED:
        raise Refused(c.SEND.where("there is no connection"))
    data = yield Prompt(length)
    if client.state is not State.CONNECTED:
        raise Refused(c.SEND.where("the connection was lost"))
    (qos,) = module.get(c.QOS)
    number = next(number for number in range(65535, 0, -1) if not client.in_flight(number)) if qos else 0
    try:
        client.publish(number, topic, data, qos, False, module.now)
    except WindowFull as error:
        raise Refused(c.SEND.where(str(error))) from error
    yield OK


@ANSWERS(c.LISTEN.on_write)
def listen(module: Device, topic: str) -> Steps:
    """Subscribe."""
    if module.client(0).state is not State.CONNECTED:
        raise Refused(c.LISTEN.where("there is no connection"))
    module.client(0).subscribe(0, ((topic, 1),), module.now)
    yield OK


@URC_MAKERS(events.Opened)
def tell_opened(module: Device, event: events.Opened) -> None:
    """The radio sends CONNECT as soon as the connection stands."""
    if event.outcome is OpenResult.OPENED:
        module.client(0).connect(OPTIONS, module.memory(Memory).name, None, None, None, module.now)
    else:
        module.send_urc(c.CONNECTED, 2)


@URC_MAKERS(events.Connected)
def tell_connected(module: Device, event: events.Connected) -> None:
    """+PRCONN."""
    module.send_urc(c.CONNECTED, int(event.code != 0))


@URC_MAKERS(events.Completed)
def tell_completed(module: Device, event: events.Completed) -> None:
    """+PRSEND, for what the server acknowledged."""
    if event.kind is RequestKind.PUBLISH and event.packet_id:
        module.send_urc(c.SENT, event.packet_id)


@URC_MAKERS(events.Received)
def tell_received(module: Device, event: events.Received) -> None:
    """+PRMSG."""
    module.send_message_urc(c.MESSAGE.render(event.message.topic, event.message.payload), event)


@URC_MAKERS(events.Lost)
def tell_lost(module: Device, event: events.Lost) -> None:
    """+PRLOST."""
    module.send_urc(c.LOST, event.cause.value)


def boot(module: Device) -> None:
    """What it says at power-on."""
    module.send_urc_line(b"POCKET READY")
