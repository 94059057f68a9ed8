"""How a host asks Quectel's modules for MQTT: what is the same on all of them."""

from collections.abc import Callable, Mapping
from functools import partial
from types import MappingProxyType
from typing import Any, NamedTuple

from modemlab.at.command import Command
from modemlab.at.encoding import encode
from modemlab.at.errors import ConnectionRefused, LinkLost, ModemError, NotDelivered, Remedy, UsageError
from modemlab.at.parameters import to_text
from modemlab.at.urc import Urc
from modemlab.dialect.connack import refusal, refusal_remedy
from modemlab.dialect.network import host_and_port
from modemlab.dialect.recipes import ANY, Ask, Await, Expect, LinkDown, MqttSession, ReceivedUrc, Recipe, Recipes
from modemlab.dialects.tgpp.recipes import attempt, read
from modemlab.text.catalogue import N_
from modemlab.text.reason import Reason, Sentence, helped

# Seconds beyond the declaration's own that a result has, for the line.
RESULT_MARGIN_S = 3.0
# A result that ends an operation, and not a report of a repeat.
FINAL_RESULTS = (0, 2)
REFUSED = 128
PACKETS_FAIL = 6
# The code of +QMTOPEN for a client that is in use.
OCCUPIED = 2
# The state of a client that is connected.
CONNECTED = 3
NOT_ACCEPTED = N_("{server} did not accept the connection (is it an MQTT broker, and is this its port?)")
# What helps by the codes of +QMTOPEN, beside those of a context that is missing.
NOT_OPEN = {
    -1: Sentence(N_("does a broker listen there, with TLS or without?")),
    4: Sentence(N_("check the spelling of the name")),
}
# By the code of +QMTSTAT (the tables of chapter 4.1).
REMEDIES = {
    1: Remedy.REOPEN,
    2: Remedy.RENEW_PDP,
    3: Remedy.REBUILD,
    4: Remedy.REBUILD,
    5: Remedy.NOTHING,
    6: Remedy.REBUILD,
    7: Remedy.RENEW_PDP,
    8: Remedy.REOPEN,
}


class Family(NamedTuple):
    """The tables of a dialect. `settings` is the recipe that sets up a session, `ends` what ends a message without
    a length, where an empty one cannot have a length. `own` are the recipes of the module's commands for platforms,
    by their names; each takes the client and the command's values, and returns whether the module has it.
    """

    open: Command
    close: Command
    connect: Command
    disconnect: Command
    subscribe: Command
    unsubscribe: Command
    publish: Command
    lost: Urc
    settings: Callable[[MqttSession], Recipe]
    ends: bytes = b""
    own: Mapping[str, Callable[[int, tuple[Any, ...]], Recipe]] = MappingProxyType({})


def code_told(urc: Urc, code: object, meaning: str) -> Reason:
    """A URC's code, and what it means."""
    return Sentence("{name}: {code}, {meaning}", name=urc.name, code=code, meaning=Sentence(meaning))


def result_of(command: Command) -> Urc:
    """The URC that brings a command's result."""
    assert command.urc is not None
    return command.urc


def meaning(urc: Urc, code: int, position: int = 1) -> str:
    """What a code means, by the declaration."""
    values: Mapping[Any, str] = getattr(urc.params[position], "values", {})
    return values.get(code, f"code {code}")


def gone(urc: Urc, client: int, code: int) -> LinkDown:
    """What +QMTSTAT says."""
    words = meaning(urc, code).partition(":")[0]
    return LinkDown(client, code, words, REMEDIES.get(code, Remedy.REOPEN))


def lost(heard: ReceivedUrc, ahead: Reason | None = None) -> LinkLost:
    """+QMTSTAT, as an error; `ahead` is what it means for what was asked."""
    told = gone(heard.urc, *heard.values)
    reason = code_told(heard.urc, told.code, told.meaning)
    return LinkLost(reason if ahead is None else helped(ahead, reason), told.code, told.remedy)


def unanswered(what: str, session: MqttSession) -> LinkLost:
    """A packet that was given up: the module ends the link next, as code 6 of +QMTSTAT."""
    text = Sentence(N_("{what} not acknowledged after {count} retransmissions"), what=what, count=session.repeats)
    return LinkLost(text, PACKETS_FAIL, REMEDIES[PACKETS_FAIL])


def expect(family: Family, urc: Urc, *match: Any) -> Expect:
    """A result; the end of the client's link ends the waiting."""
    return Expect(urc, match, ((family.lost, match[:1]),))


def finish(family: Family, command: Command, waiter: Any, longest: float = 0.0, ahead: Reason | None = None) -> Recipe:
    """The values of a command's result, for which it has the declaration's time from its OK on, or `longest` seconds
    where the session's own settings make it longer; `ahead` is for the error when the link ends meanwhile.
    """
    heard = yield Await(waiter, max(command.max_response, longest) + RESULT_MARGIN_S)
    if heard.urc is family.lost:
        raise lost(heard, ahead)
    return heard.values


def open_session(family: Family, session: MqttSession) -> Recipe:
    """Set up, open and connect; what an earlier host left open is closed first."""
    client, server = session.client, host_and_port(session.host, session.port)
    if any(values[0] == client for values in (yield from read(family.open))):
        yield from close(family, client)
    yield from family.settings(session)
    identity = yield from identify(family, session)
    login = log_in(family, client, *identity)
    opened = result_of(family.open)
    code = yield from open_network(family, session)
    if code == OCCUPIED:
        # AT+QMTOPEN? did not show what an earlier host has left.
        yield from close(family, client)
        code = yield from open_network(family, session)
    if code != 0:
        message = N_("{server} could not be opened: {name} {code}, {meaning}")
        said = Sentence(meaning(opened, code))
        words = Sentence(message, server=server, name=opened.name, code=code, meaning=said)
        raise LinkLost(words, code, REMEDIES[7] if code in (3, 5) else None, NOT_OPEN.get(code))
    connected = result_of(family.connect)
    waiter = yield expect(family, connected, client, FINAL_RESULTS)
    yield Ask(login, unless=waiter)
    refused = Sentence(NOT_ACCEPTED, server=server)
    values = yield from finish(family, family.connect, waiter, session.packet_timeout, refused)
    if values[1] == 2:
        raise LinkLost(Sentence(N_("{server} did not answer CONNECT"), server=server), 3, Remedy.REBUILD)
    if len(values) > 2 and values[2]:
        raise ConnectionRefused(refusal(server, values[2]), values[2], None, refusal_remedy(values[2]))


def log_in(family: Family, client: int, client_id: str, username: str | None, password: str | None) -> bytes:
    """The line that connects. Raises `UsageError` for a user name without a password where a module wants both."""
    try:
        return encode(family.connect, client, client_id, username, password)
    except UsageError:
        if username is None or password is not None:
            raise
        encode(family.connect, client, client_id, username, "")  # else it is at fault by itself
        raise UsageError(
            Sentence(N_("this module requires a password with a user name: give one, '' for an empty one"))
        ) from None


def open_network(family: Family, session: MqttSession) -> Recipe:
    """Open a client's network; the result's code."""
    waiter = yield Expect(result_of(family.open), (session.client, ANY))
    yield Ask(encode(family.open, session.client, session.host, session.port))
    return (yield from finish(family, family.open, waiter))[1]


def identify(family: Family, session: MqttSession) -> Recipe:
    """Client id, user name and password to connect with: by the module's own command for the platform, if there is
    one that is in nobody else's use. Raises `UsageError` when that is the only way, and it is none.
    """
    own = session.own_credential
    command = family.own.get(own.platform) if own is not None else None
    if own is not None and command is not None and (yield from command(session.client, own.values)):
        return own.client_id, None, None
    if own is not None and session.username is None:
        raise UsageError(
            Sentence(
                N_("{platform} can only be reached by a command that this module does not have"), platform=own.platform
            )
        )
    return session.client_id, session.username, session.password


def by_options(configure: Command, options: Mapping[str, str]) -> dict[str, Callable[[int, tuple[Any, ...]], Recipe]]:
    """Recipes of platforms that an option of a command has, given by the platforms' names.

    Nothing takes such an option back, and which of several counts is the firmware's affair: so one is set only while
    the others are not.
    """

    def set_option(option: str, client: int, values: tuple[Any, ...]) -> Recipe:
        for other in options.values():
            lines = [] if other == option else (yield from attempt(Ask(encode(configure, client, option=other))))
            if any(not line.endswith(b'""') for line in lines or ()):
                return False
        return (yield from attempt(Ask(encode(configure, client, *values, option=option)))) is not None

    return {platform: partial(set_option, option) for platform, option in options.items()}


def close(family: Family, client: int) -> Recipe:
    """Close a client's network, whatever it was about."""
    closed = yield Expect(result_of(family.close), (client, ANY))
    yield Ask(encode(family.close, client))
    yield from finish(family, family.close, closed)


def close_session(family: Family, client: int) -> Recipe:
    """Disconnect; close, if that cannot be had."""
    try:
        over = yield expect(family, result_of(family.disconnect), client, ANY)
        yield Ask(encode(family.disconnect, client), unless=over)
        yield from finish(family, family.disconnect, over)
    except ModemError:
        if any(values[0] == client for values in (yield from read(family.open))):
            yield from close(family, client)


def clear_session(family: Family, client: int) -> Recipe:
    """End what there is of a session. Nothing is asked of a client that has ended."""
    if (yield from alive(family, client)):
        yield from close_session(family, client)
    elif any(values[0] == client for values in (yield from read(family.open))):
        yield from close(family, client)


def alive(family: Family, client: int) -> Recipe:
    """Whether the module has the client's session, as it sees it."""
    return any(values == (client, CONNECTED) for values in (yield from read(family.connect)))


def publish(
    family: Family, session: MqttSession, msgid: int, topic: str, payload: bytes, qos: int, retain: bool
) -> Recipe:
    """Publish; over once it is acknowledged, of QoS 0 once it is sent."""
    msgid = msgid if qos else 0
    waiter = yield expect(family, result_of(family.publish), session.client, msgid, FINAL_RESULTS)
    # Where no length stands for nothing, nothing is ended by Ctrl-Z.
    length, data = (len(payload), payload) if payload or not family.ends else (None, family.ends)
    line = encode(family.publish, session.client, msgid, qos, int(retain), topic, length)
    yield Ask(line, data, unless=waiter)
    values = yield from finish(family, family.publish, waiter, session.repeating)
    if values[2] == 2:
        raise unanswered(f"{topic} was", session)


def subscribe(family: Family, session: MqttSession, msgid: int, topics: tuple[tuple[str, int], ...]) -> Recipe:
    """Subscribe; the QoS that each topic was granted. Raises `NotDelivered` when the server refuses one."""
    waiter = yield expect(family, result_of(family.subscribe), session.client, msgid, FINAL_RESULTS)
    yield Ask(encode(family.subscribe, session.client, msgid, topics), unless=waiter)
    _, _, result, *granted = yield from finish(family, family.subscribe, waiter, session.repeating)
    if result == 2:
        raise unanswered("the subscription was", session)
    refused = [topic for (topic, _), code in zip(topics, granted, strict=False) if code == REFUSED]
    if refused:
        raise NotDelivered(
            Sentence(N_("the server refuses a subscription to {refused}"), refused=", ".join(refused)), tuple(refused)
        )
    return tuple(granted)


def unsubscribe(family: Family, session: MqttSession, msgid: int, topics: tuple[str, ...]) -> Recipe:
    """Unsubscribe."""
    waiter = yield expect(family, result_of(family.unsubscribe), session.client, msgid, FINAL_RESULTS)
    line = encode(family.unsubscribe, session.client, msgid, tuple((topic,) for topic in topics))
    yield Ask(line, unless=waiter)
    if (yield from finish(family, family.unsubscribe, waiter, session.repeating))[2] == 2:
        raise unanswered("the end of the subscription was", session)


def basics(configure: Command, session: MqttSession, notice: bool = False) -> Recipe:
    """The settings that all of them have: version, keep alive, clean session, time-out and repeats."""
    client = session.client
    yield Ask(encode(configure, client, session.level, option="version"))
    yield Ask(encode(configure, client, session.keepalive, option="keepalive"))
    yield Ask(encode(configure, client, int(session.clean), option="session"))
    yield Ask(encode(configure, client, session.packet_timeout, session.repeats, int(notice), option="timeout"))


def set_will(configure: Command, session: MqttSession) -> Recipe:
    """The will, typed in the line. Raises `UsageError` when it cannot be."""
    will = session.will
    if will is None:
        yield Ask(encode(configure, session.client, 0, option="will"))
        return
    yield Ask(
        encode(
            *(configure, session.client, 1, will.qos, int(will.retain), will.topic, to_text(will.payload)),
            option="will",
        )
    )


def made(family: Family, **others: Any) -> Recipes:
    """Recipes of this family's tables; those that are given stand in place of them, or beside them."""
    own: dict[str, Any] = {
        "connect": partial(open_session, family),
        "disconnect": partial(close_session, family),
        "alive": partial(alive, family),
        "clear": partial(clear_session, family),
        "publish": partial(publish, family),
        "subscribe": partial(subscribe, family),
        "unsubscribe": partial(unsubscribe, family),
        "platforms": tuple(family.own),
    }
    return Recipes(**{**own, **others})
