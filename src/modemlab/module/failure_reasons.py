"""Why what a host asked for failed, or ended by itself: a reason for the log, with the remedy.

Each event of an MQTT client that a module does not report as a success has a line here, and one alone where several
events follow from one another. The commands that help are the dialect's (`Dialect.ways`).
"""

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from modemlab.dialect import mqtt_events as events
from modemlab.dialect.connack import refusal, refusal_remedy
from modemlab.dialect.dialect import ConnectionMethods
from modemlab.dialect.mobile import ContextDown
from modemlab.dialect.mqtt_events import Cause, OpenResult, State
from modemlab.dialect.network import StreamError, host_and_port
from modemlab.module.data_mode import AwaitedData
from modemlab.mqtt.events import RequestKind
from modemlab.mqtt.other_protocols import Spoken, speaks, spoken
from modemlab.text.catalogue import N_
from modemlab.text.reason import About, Listed, Reason, Sentence, helped, joined

if TYPE_CHECKING:
    from modemlab.module.module import Module
    from modemlab.module.mqtt_client import MqttClient

# What answers each packet, as far as it was taken.
ANSWERS = {
    RequestKind.PUBLISH: N_("PUBACK or PUBREC"),
    RequestKind.PUBREL: "PUBCOMP",
    RequestKind.SUBSCRIBE: "SUBACK",
    RequestKind.UNSUBSCRIBE: "UNSUBACK",
}
# SUBACK's code for a filter that the server refuses (MQTT 3.1.1, 3.9.3).
REFUSED = 128
CTRL_Z = 0x1A
START_BROKER = Sentence(N_("is a broker running there? `modemlab broker` starts one"))


def reason_of(module: "Module", event: Any) -> Reason | None:
    """Why that happened, and the remedy; None for what needs no words: a success, and what another event tells."""
    tell = REASONS.get(type(event))
    return None if tell is None else tell(module, event)


def subject_of(module: "Module", event: Any) -> str:
    """Whom the reason is about."""
    if type(event) is ContextDown:
        return f"context {event.cid}"
    if type(event) is events.Opened and event.outcome is OpenResult.OCCUPIED:
        return module.dialect.ways.open
    return f"client {event.client}"


def server_of(module: "Module", client: "MqttClient") -> Reason:
    """The server as the host named it, and where connections to it really go if that is elsewhere."""
    assert client.network is not None
    asked = client.network.host, client.network.port
    real = asked if module.redirect is None else module.redirect(*asked)
    named = host_and_port(*asked)
    if real == asked:
        return Sentence("{server}", server=named)
    return Sentence(N_("{server} (redirected to {real})"), server=named, real=host_and_port(*real))


def detailed(detail: str, message: str, /, **values: object) -> Reason:
    """What happened, and what is known of it beyond."""
    what = Sentence(message, **values)
    return Sentence(N_("{what} ({detail})"), what=what, detail=Sentence(detail)) if detail else what


def then(first: Reason, second: Reason) -> Reason:
    """Two things to do."""
    return Sentence(N_("{first}, then {second}"), first=first, second=second)


def why_opened(module: "Module", event: events.Opened) -> Reason | None:
    """Why a client's network did not open."""
    client, ways = module.client(event.client), module.dialect.ways
    if event.outcome is OpenResult.OCCUPIED:
        since = datetime.fromtimestamp(module.mobile.clock.utc(client.opened_at))
        message = N_("{client} is open since {since:%H:%M:%S}: {close} first")
        if client.state is State.OPENING:
            message = N_("{client} is being opened since {since:%H:%M:%S}: {close} first")
        close = way(ways.close, event.client)
        return Sentence(message, client=way(ways.name, event.client), since=since, close=close)
    if event.outcome is OpenResult.NO_PDP:
        return helped(detailed(event.detail, N_("there is no active PDP context")), no_context(module))
    if event.outcome is OpenResult.NETWORK_LOST:
        gone = Sentence(N_("the network was lost before {server} answered"), server=server_of(module, client))
        return helped(gone, then(way(ways.network), way(ways.reopen)))
    if event.outcome is OpenResult.OPENED:
        return None
    if event.error is None:
        return Sentence(event.detail) if event.detail else None
    return why_not_open(module, client, event.error, event.detail)


def no_context(module: "Module") -> Reason:
    """What a host does where no PDP context comes up."""
    if not module.mobile.attached:
        return Sentence(N_("the module is not attached to a network: wait until AT+CGATT? says 1"))
    return Sentence(N_("{what} first"), what=way(module.dialect.ways.network))


def why_not_open(module: "Module", client: "MqttClient", error: StreamError, detail: str) -> Reason:
    """Why a stream to a client's server did not open."""
    server, ways = server_of(module, client), module.dialect.ways
    match error:
        case StreamError.NAME:
            gone = detailed(detail, N_("the name of {server} did not resolve"), server=server)
            return helped(gone, Sentence(N_("check its spelling")))
        case StreamError.REFUSED:
            return helped(detailed(detail, N_("no program listens on {server}"), server=server), START_BROKER)
        case StreamError.UNREACHABLE:
            gone = detailed(detail, N_("{server} cannot be reached"), server=server)
            return helped(gone, Sentence(N_("check the address and this machine's network")))
        case StreamError.TIMEOUT:
            gone = detailed(detail, N_("{server} did not answer in time"), server=server)
            return helped(gone, Sentence(N_("check the address, and whether a firewall blocks the connection")))
        case StreamError.PLAIN:
            gone = detailed(detail, N_("{server} does not speak TLS"), server=server)
            plain = ways.plain and Sentence(N_("{way} connects without TLS"), way=way(ways.plain, client.index))
            return helped(gone, Sentence(N_("use its port for TLS, often 8883")), plain or None)
        case StreamError.TLS:
            return About(server, helped(Sentence(N_("the TLS handshake failed")), Sentence(detail) if detail else None))


def why_connected(module: "Module", event: events.Connected) -> Reason | None:
    """Why a server refused a session."""
    if event.code == 0:
        return None
    ways = module.dialect.ways
    if event.code == 1:
        how = Sentence(N_(" by {way}"), way=way(ways.version, event.client))
    elif event.code == 3:
        how = Sentence(N_(", by {way}"), way=way(ways.reopen, event.client))
    else:
        how = Sentence(N_(" in {way}"), way=way(ways.login, event.client))
    remedy = refusal_remedy(event.code, how) if ways.version or event.code != 1 else None
    return helped(refusal(server_of(module, module.client(event.client)), event.code), remedy)


def why_unanswered(module: "Module", event: events.ConnectUnanswered) -> Reason:
    """No CONNACK came."""
    server = server_of(module, module.client(event.client))
    remedy = Sentence(N_("is it an MQTT broker, and is this its port?"))
    return helped(Sentence(N_("{server} did not answer CONNECT in time"), server=server), remedy)


def why_completed(module: "Module", event: events.Completed) -> Reason | None:
    """A server refused a subscription."""
    refused = [str(number) for number, code in enumerate(event.codes, 1) if code == REFUSED]
    if not refused:
        return None
    message = N_("{server} refused the subscription (SUBACK 128)")
    if len(event.codes) > 1:
        message = N_("{server} refused the subscription to topic {topics} of {count} (SUBACK 128)")
    topics = refused[0] if len(refused) == 1 else Listed(tuple(refused), N_(" and "))
    server = server_of(module, module.client(event.client))
    what = Sentence(message, server=server, topics=topics, count=len(event.codes))
    return helped(what, Sentence(N_("check the rights that it gives this client")))


def why_repeated(module: "Module", event: events.Repeated) -> Reason:
    """A packet is sent again."""
    message = N_("{server} did not answer {packet} with {answer} in time: it is sent again, repeat {times}")
    return Sentence(
        message,
        server=server_of(module, module.client(event.client)),
        packet=f"{event.stage.name} {event.packet_id}",
        answer=Sentence(ANSWERS[event.stage]),
        times=event.times,
    )


def why_gave_up(module: "Module", event: events.GaveUp) -> Reason:
    """The last repeat of a packet went unanswered."""
    server, ways = server_of(module, module.client(event.client)), module.dialect.ways
    message = N_("{server} did not answer {packet} or its retransmissions, so the connection is closed")
    what = Sentence(message, server=server, packet=f"{event.kind.name} {event.packet_id}")
    if not ways.patience:
        return helped(what, way(ways.reopen))
    patience = Sentence(N_("{way} sets the time-out and the number of retries"), way=way(ways.patience, event.client))
    return helped(what, way(ways.reopen), patience)


def why_lost(module: "Module", event: events.Lost) -> Reason | None:
    """A client's link ended by itself."""
    client, ways = module.client(event.client), module.dialect.ways
    server, again = server_of(module, client), way(ways.reopen)
    if event.said and (other := why_not_mqtt(module, client, server, event.said)):
        return other
    match event.cause:
        case Cause.NO_CONNACK | Cause.PACKETS_FAIL:  # `Connected`, `ConnectUnanswered` and `GaveUp` have told it
            return None
        case Cause.PEER_CLOSED:
            return why_closed(module, client, server, event)
        case Cause.PING_FAILED:
            message = N_("{server} did not answer PINGREQ, so the connection is closed")
            return helped(Sentence(message, server=server), again)
        case Cause.CHOKED:
            message = N_("{server} accepts no more data, so the connection is closed")
            return helped(Sentence(message, server=server), again)
        case Cause.NETWORK_LOST:
            assert client.network is not None
            message = N_("the connection to {server} is lost with PDP context {cid}")
            gone = Sentence(message, server=server, cid=client.network.context)
            return helped(gone, then(way(ways.network), again))
        case Cause.PROTOCOL:
            broken = Sentence(event.detail or N_("it sent data before CONNECT"))
            message = N_("{server} broke the protocol ({broken}), so the connection is closed")
            return helped(Sentence(message, server=server, broken=broken), again)


def why_closed(module: "Module", client: "MqttClient", server: Reason, event: events.Lost) -> Reason:
    """A server closed or reset the connection."""
    assert client.network is not None
    ways = module.dialect.ways
    if event.state is State.OPEN:
        what = detailed(event.detail, N_("{server} closed the connection before CONNECT"), server=server)
        return helped(what, Sentence(N_("servers wait only a short time for CONNECT: {again}"), again=way(ways.reopen)))
    if event.state is State.CONNECTING:
        tls = None if client.network.tls is not None else with_tls(ways, client)
        what = detailed(event.detail, N_("{server} closed the connection and sent no CONNACK"), server=server)
        return helped(what, tls, Sentence(N_("is it an MQTT broker, and does it accept this client?")))
    what = detailed(event.detail, N_("{server} closed or reset the connection"), server=server)
    cause = Sentence(N_("the server's log shows why; another client with the same client id is a frequent cause"))
    return helped(what, None if event.detail else cause, way(ways.reopen))


def why_not_mqtt(module: "Module", client: "MqttClient", server: Reason, said: bytes) -> Reason | None:
    """Something else than MQTT came; None where it cannot be told what."""
    ways = module.dialect.ways
    match spoken(said):
        case Spoken.UNKNOWN:
            return None
        case Spoken.TLS:
            helps = with_tls(ways, client) or Sentence(N_("use the broker's port without TLS, often 1883"))
        case _:
            helps = Sentence(N_("use the broker's port for MQTT, often 1883"))
    return helped(detailed(speaks(said), N_("{server} does not speak MQTT"), server=server), helps)


def with_tls(ways: ConnectionMethods, client: "MqttClient") -> Reason | None:
    """How a port for TLS is used; None where the module has no TLS."""
    message = N_("a port for TLS needs {way} before it is opened")
    return Sentence(message, way=way(ways.tls, client.index)) if ways.tls else None


def why_context_down(module: "Module", event: ContextDown) -> Reason | None:
    """The network ended a PDP context; clients that it carries tell it themselves."""
    carries = any(client.state is not State.CLOSED and context_of(client) == event.cid for client in module.clients)
    if event.asked or carries:
        return None
    return Sentence(N_("the network deactivated it: {what} again"), what=way(module.dialect.ways.network))


def context_of(client: "MqttClient") -> int | None:
    """The context that carries a client's connection."""
    return None if client.network is None else client.network.context


def waiting_for(awaited: AwaitedData) -> tuple[str, Reason]:
    """The command whose data is awaited, and what there is to come."""
    call, prompt, size = awaited
    name = f"AT{call.text if call.command is None else call.command.name}"
    if CTRL_Z in prompt.ends:
        ends = Sentence(N_("waits for Ctrl-Z, which ends the data"))
        return name, joined(ends, Sentence(N_("Esc cancels"))) if prompt.cancels else ends
    message = N_("waits for {left} more of {length} bytes: all bytes are data, Enter, Ctrl-Z and Esc too")
    return name, Sentence(message, left=prompt.length - size, length=prompt.length)


def way(words: str, client: int = 0) -> Reason:
    """A remedy with the client's number in it."""
    return Sentence(words, client=client)


REASONS: dict[type, Callable[["Module", Any], Reason | None]] = {
    events.Opened: why_opened,
    events.Connected: why_connected,
    events.ConnectUnanswered: why_unanswered,
    events.Completed: why_completed,
    events.Repeated: why_repeated,
    events.GaveUp: why_gave_up,
    events.Lost: why_lost,
    ContextDown: why_context_down,
}
