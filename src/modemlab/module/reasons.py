"""Why what a host asked for failed, or ended by itself: one line for the log, with the remedy.

Each event of an MQTT client that a module does not report as a success has a line here, and one alone where several
events follow from one another. The commands that help are the dialect's (`Dialect.ways`).
"""

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from modemlab.dialect import mqtt_events as events
from modemlab.dialect.dialect import Ways
from modemlab.dialect.mobile import ContextDown
from modemlab.dialect.mqtt_events import Cause, Opening, State
from modemlab.dialect.network import StreamError, host_and_port
from modemlab.module.data_mode import Awaited
from modemlab.mqtt.events import Kind
from modemlab.mqtt.other_protocols import Spoken, speaks, spoken
from modemlab.mqtt.values import refusal, refusal_remedy

if TYPE_CHECKING:
    from modemlab.module.module import Module
    from modemlab.module.mqtt_client import Client

# What answers each packet, as far as it was taken.
ANSWERS = {
    Kind.PUBLISH: "PUBACK or PUBREC",
    Kind.PUBREL: "PUBCOMP",
    Kind.SUBSCRIBE: "SUBACK",
    Kind.UNSUBSCRIBE: "UNSUBACK",
}
# SUBACK's code for a filter that the server refuses (MQTT 3.1.1, 3.9.3).
REFUSED = 128
CTRL_Z = 0x1A
START_BROKER = "is a broker running there? `modemlab broker` starts one"


def reason_of(module: "Module", event: Any) -> str:
    """Why that happened, and the remedy; empty for what needs no words: a success, and what another event tells."""
    tell = REASONS.get(type(event))
    return "" if tell is None else tell(module, event)


def subject_of(module: "Module", event: Any) -> str:
    """Whom the reason is about."""
    if type(event) is ContextDown:
        return f"context {event.cid}"
    if type(event) is events.Opened and event.outcome is Opening.OCCUPIED:
        return module.dialect.ways.open
    return f"client {event.client}"


def server_of(module: "Module", client: "Client") -> str:
    """The server as the host named it, and where connections to it really go if that is elsewhere."""
    assert client.network is not None
    asked = client.network.host, client.network.port
    real = asked if module.redirect is None else module.redirect(*asked)
    return host_and_port(*asked) + ("" if real == asked else f" (led to {host_and_port(*real)})")


def sentence(what: str, *remedies: str) -> str:
    """What happened, and those of the remedies that there are."""
    helps = "; ".join(remedy for remedy in remedies if remedy)
    return f"{what}: {helps}" if helps else what


def why_opened(module: "Module", event: events.Opened) -> str:
    """Why a client's network did not open."""
    client, ways = module.client(event.client), module.dialect.ways
    if event.outcome is Opening.OCCUPIED:
        since = datetime.fromtimestamp(module.mobile.clock.utc(client.opened_at))
        stage = "is being opened" if client.state is State.OPENING else "is open"
        return f"{way(ways.name, event.client)} {stage} since {since:%H:%M:%S}: {way(ways.close, event.client)} first"
    if event.outcome is Opening.NO_PDP:
        return sentence(f"there is no active PDP context{event.detail and f' ({event.detail})'}", no_context(module))
    if event.outcome is Opening.NETWORK_LOST:
        gone = f"the network was lost before {server_of(module, client)} had answered"
        return sentence(gone, f"{ways.network}, then {ways.reopen}")
    if event.outcome is Opening.OPENED:
        return ""
    if event.error is None:
        return event.detail
    return why_not_open(module, client, event.error, event.detail)


def no_context(module: "Module") -> str:
    """What a host does where no PDP context comes up."""
    if not module.mobile.attached:
        return "the module is not attached to a network: wait until AT+CGATT? says 1"
    return f"{module.dialect.ways.network} first"


def why_not_open(module: "Module", client: "Client", error: StreamError, detail: str) -> str:
    """Why a stream to a client's server did not open."""
    server, ways = server_of(module, client), module.dialect.ways
    more = detail and f" ({detail})"
    match error:
        case StreamError.NAME:
            return sentence(f"the name of {server} did not resolve{more}", "check how it is written")
        case StreamError.REFUSED:
            return sentence(f"nobody listens on {server}{more}", START_BROKER)
        case StreamError.UNREACHABLE:
            return sentence(f"{server} cannot be reached{more}", "check the address and this machine's network")
        case StreamError.TIMEOUT:
            return sentence(
                f"{server} did not answer in time{more}", "check the address and whether a firewall is there"
            )
        case StreamError.PLAIN:
            plain = ways.plain and f"{way(ways.plain, client.index)} connects without TLS"
            return sentence(f"{server} does not speak TLS{more}", f"use its port for TLS, often 8883; {plain}")
        case StreamError.TLS:
            return f"{server}: the TLS handshake failed{detail and f': {detail}'}"


def why_connected(module: "Module", event: events.Connected) -> str:
    """Why a server refused a session."""
    if event.code == 0:
        return ""
    ways = module.dialect.ways
    how = {1: f" by {ways.version}", 3: f", by {ways.reopen}"}.get(event.code, f" in {ways.login}")
    remedy = refusal_remedy(event.code, how) if ways.version or event.code != 1 else ""
    return sentence(
        f"{server_of(module, module.client(event.client))} {refusal(event.code)}", way(remedy, event.client)
    )


def why_unanswered(module: "Module", event: events.ConnectUnanswered) -> str:
    """No CONNACK came."""
    server = server_of(module, module.client(event.client))
    return sentence(f"{server} did not answer CONNECT in time", "is it an MQTT broker, and is this its port?")


def why_completed(module: "Module", event: events.Completed) -> str:
    """A server refused a subscription."""
    refused = [str(number) for number, code in enumerate(event.codes, 1) if code == REFUSED]
    if not refused:
        return ""
    which = "" if len(event.codes) == 1 else f" to topic {' and '.join(refused)} of {len(event.codes)}"
    server = server_of(module, module.client(event.client))
    return sentence(
        f"{server} refused the subscription{which} (SUBACK 128)", "check the rights that it gives this client"
    )


def why_repeated(module: "Module", event: events.Repeated) -> str:
    """A packet is sent again."""
    server = server_of(module, module.client(event.client))
    what = f"{event.stage.name} {event.packet_id}"
    return f"{server} did not answer {what} with {ANSWERS[event.stage]} in time: it is sent again, repeat {event.times}"


def why_gave_up(module: "Module", event: events.GaveUp) -> str:
    """The last repeat of a packet went unanswered."""
    server, ways = server_of(module, module.client(event.client)), module.dialect.ways
    patience = ways.patience and f"{way(ways.patience, event.client)} sets how long and how often is tried"
    what = f"{server} left {event.kind.name} {event.packet_id} and its repeats unanswered, so the connection is closed"
    return sentence(what, ways.reopen, patience)


def why_lost(module: "Module", event: events.Lost) -> str:
    """A client's link ended by itself."""
    client, ways = module.client(event.client), module.dialect.ways
    server, again = server_of(module, client), ways.reopen
    if event.said and (other := why_not_mqtt(module, client, server, event.said)):
        return other
    match event.cause:
        case Cause.NO_CONNACK | Cause.PACKETS_FAIL:  # `Connected`, `ConnectUnanswered` and `GaveUp` have told it
            return ""
        case Cause.PEER_CLOSED:
            return why_closed(module, client, server, event)
        case Cause.PING_FAILED:
            return sentence(f"{server} did not answer PINGREQ, so the connection is closed", again)
        case Cause.CHOKED:
            return sentence(f"{server} takes no more data, so the connection is closed", again)
        case Cause.NETWORK_LOST:
            assert client.network is not None
            gone = f"the connection to {server} is lost with PDP context {client.network.context}"
            return sentence(gone, f"{ways.network}, then {again}")
        case Cause.PROTOCOL:
            broken = event.detail or "it spoke before CONNECT"
            return sentence(f"{server} broke the protocol ({broken}), so the connection is closed", again)


def why_closed(module: "Module", client: "Client", server: str, event: events.Lost) -> str:
    """A server closed or reset the connection."""
    assert client.network is not None
    ways = module.dialect.ways
    more = event.detail and f" ({event.detail})"
    if event.state is State.OPEN:
        return sentence(
            f"{server} closed the connection before CONNECT{more}", f"servers wait a short time: {ways.reopen}"
        )
    if event.state is State.CONNECTING:
        tls = "" if client.network.tls is not None else with_tls(ways, client)
        what = f"{server} closed the connection and sent no CONNACK{more}"
        return sentence(what, tls, "is it an MQTT broker, and does it accept this client?")
    what = f"{server} closed or reset the connection{more}"
    cause = "" if event.detail else "its log says why; another client with the same client id is a frequent cause"
    return sentence(what, cause, ways.reopen)


def why_not_mqtt(module: "Module", client: "Client", server: str, said: bytes) -> str:
    """Something else than MQTT came; empty where it cannot be told what."""
    ways = module.dialect.ways
    match spoken(said):
        case Spoken.UNKNOWN:
            return ""
        case Spoken.TLS:
            helps = with_tls(ways, client) or "use the broker's port without TLS, often 1883"
        case _:
            helps = "use the broker's port for MQTT, often 1883"
    return sentence(f"{server} does not speak MQTT ({speaks(said)})", helps)


def with_tls(ways: Ways, client: "Client") -> str:
    """How a port for TLS is used; empty where the module has no TLS."""
    return ways.tls and f"a port for TLS needs {way(ways.tls, client.index)}, ahead of opening it"


def why_context_down(module: "Module", event: ContextDown) -> str:
    """The network ended a PDP context; clients that it carries tell it themselves."""
    carries = any(module.opened(client.index) and context_of(client) == event.cid for client in module.clients)
    return "" if event.asked or carries else f"the network ended it: {module.dialect.ways.network} again"


def context_of(client: "Client") -> int | None:
    """The context that carries a client's connection."""
    return None if client.network is None else client.network.context


def waiting_for(awaited: Awaited) -> tuple[str, str]:
    """The command whose data is awaited, and what there is to come."""
    call, prompt, size = awaited
    name = f"AT{call.text if call.command is None else call.command.name}"
    if CTRL_Z in prompt.ends:
        cancels = "; Esc cancels" if prompt.cancels else ""
        return name, f"waits for Ctrl-Z, which ends the data{cancels}"
    more = f"waits for {prompt.length - size} more of {prompt.length} bytes"
    return name, f"{more}: all bytes are data, Enter, Ctrl-Z and Esc too"


def way(words: str, client: int) -> str:
    """A remedy with the client's number in it."""
    return words.replace("{client}", str(client))


REASONS: dict[type, Callable[["Module", Any], str]] = {
    events.Opened: why_opened,
    events.Connected: why_connected,
    events.ConnectUnanswered: why_unanswered,
    events.Completed: why_completed,
    events.Repeated: why_repeated,
    events.GaveUp: why_gave_up,
    events.Lost: why_lost,
    ContextDown: why_context_down,
}
