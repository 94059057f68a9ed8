"""Whatever comes, from the host, the server and the network: no exception, bounded memory, and `AT` gets OK.

What hosts type is drawn from the declarations: every form of every command, its arguments valid and almost so.
"""

import random
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from modemlab.at.command import Command, Form, FormKind
from modemlab.at.parameters import Choice, Hex, Int, Maybe, Param, Payload, Repeat, Rest, Slot, Text, to_bytes
from modemlab.dialect.dialect import Dialect
from modemlab.dialect.identity import Model
from modemlab.dialect.network import HttpAnswer, HttpError, StreamError
from modemlab.dialect.registry import dialects
from modemlab.mqtt import packets as p
from modemlab.mqtt.events import Options
from support.fuzzed_module import Act, World, together

QUICK = settings(
    max_examples=150,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
)
MODELS = {dialect.name: (dialect, dialect.models[0]) for dialect in dialects()}
# Characters that end, format and edit lines: changing them changes the language that the rest is written in.
LANGUAGE = {"S3", "S4", "S5"}
# The beginnings of the names of MQTT commands.
MQTT = ("+QMT", "+M", "+SSLM")


# What hosts type, from the declarations

WORDS = [
    "",
    "a",
    "t/1",
    "+",
    "#",
    "x" * 255,
    "x" * 257,
    "a b",
    'q"q',
    "c,c",
    "s;s",
    "\0",
    "\x7f",
    "é",
    "\udcff",
    "0",
    "-1",
]
ODD = [
    "",
    "-1",
    "x",
    '"',
    '""',
    '"1"',
    "99999999999999999999",
    "1 1",
    "0x1F",
    "1.5",
    "\udcff",
    "²",
    '"a',
    "a;b",
    "?",
    "=?",
]


def texts(param: Param) -> st.SearchStrategy[str]:
    """Arguments of a parameter as they are typed, valid ones."""
    if isinstance(param, Int):
        near = sorted({param.minimum, min(param.minimum + 1, param.maximum), param.maximum})
        return st.sampled_from([str(n) for n in near])
    if isinstance(param, Hex):
        return st.sampled_from([f"0x{param.minimum:x}", f"{param.maximum:X}"])
    if isinstance(param, Choice):
        return st.sampled_from([param.render(v).decode() for v in param.values])
    if isinstance(param, Payload | Rest):
        return st.sampled_from(["p", '"p;,"'])
    edges = ["t" * max(param.minimum, 1), "x" * min(param.maximum, 40), "a/b,c", "pump"]
    return st.sampled_from([f'"{text}"' for text in edges] + ["t" * max(param.minimum, 1)])


def beyond(param: Param) -> st.SearchStrategy[str]:
    """Arguments that are just wrong, or of another kind."""
    near: list[str] = []
    if isinstance(param, Int | Hex):
        near = [str(param.minimum - 1), str(param.maximum + 1)]
    elif isinstance(param, Text):
        near = [f'"{"x" * (param.maximum + 1)}"', '""']
    return st.sampled_from([*near, *ODD]) | st.sampled_from(WORDS)


@st.composite
def arguments(draw: st.DrawFn, slots: tuple[Slot, ...], wrong: bool) -> list[str]:
    """The arguments of a form; with `wrong` some may be."""

    def one(param: Param) -> st.SearchStrategy[str]:
        return texts(param) | beyond(param) if wrong else texts(param)

    made: list[str] = []
    for slot in slots:
        if isinstance(slot, Maybe):
            if draw(st.booleans()):
                made += [draw(one(param)) for param in slot.params]
            elif not wrong or draw(st.booleans()):
                break
            else:
                made += [""] * len(slot.params)
        elif isinstance(slot, Repeat):
            for _ in range(draw(st.integers(1, 3))):
                made += [draw(one(param)) for param in slot.params]
        else:
            made.append(draw(one(slot)))
    if wrong and draw(st.integers(0, 3)) == 0:
        made = made[:-1] if draw(st.booleans()) else [*made, draw(st.sampled_from(ODD))]
    return made


def typed(command: Command, form: Form, made: list[str]) -> str:
    """A form with its arguments as it stands on a line."""
    if command.basic:
        if command.name[0] == "S" and len(command.name) > 1:
            return command.name + ("?" if form.kind is FormKind.READ else "=" + ",".join(made))
        return command.name + ",".join(made)
    if form.kind is FormKind.WRITE:
        option = [f'"{form.option}"'] if form.option else []
        return f"{command.name}=" + ",".join(option + made)
    return command.name + {FormKind.EXECUTE: "", FormKind.READ: "?", FormKind.TEST: "=?"}[form.kind]


def parts(dialect: Dialect) -> st.SearchStrategy[str]:
    """One command as it stands on a line."""
    choices: list[st.SearchStrategy[str]] = []
    for command in {**dialect.commands, **dialect.lenient}.values():
        if command.name in LANGUAGE:
            continue
        for form in command.forms:
            slots = (command.option(form.option).params if form.option else command.params) or ()
            if form.kind is not FormKind.WRITE:
                slots = ()
            for wrong in (False, True):
                made = arguments(slots, wrong)
                choices.append(made.map(lambda m, c=command, f=form: typed(c, f, m)))  # type: ignore[misc]
    # MQTT is where most states are: it is drawn as often as all others together
    mqtt = [c for c, form in zip(choices[::2], all_forms(dialect), strict=True) if form.command.startswith(MQTT)]
    return st.one_of(choices) | st.one_of(mqtt or choices)


def all_forms(dialect: Dialect) -> Iterator[Form]:
    """Every form, in the order of `parts`."""
    for command in {**dialect.commands, **dialect.lenient}.values():
        if command.name not in LANGUAGE:
            yield from command.forms


@cache
def lines(name: str) -> st.SearchStrategy[bytes]:
    """A line of that dialect, whole or with something odd about it."""
    dialect, _ = MODELS[name]
    several = st.lists(parts(dialect), min_size=1, max_size=3).map(";".join)
    line = st.tuples(
        st.sampled_from(["AT", "at", "xAT", "AT "]), several, st.sampled_from(["\r", "\r", "\r", "\r\n", "", "\x08\r"])
    )
    return line.map(lambda made: to_bytes("".join(made))) | st.sampled_from([b"A/", b"\r", b"AT\r", b"AT", b"\n"])


# What servers and the network do

FROM_SERVER: list[p.Packet] = [
    p.Connack(0),
    p.Connack(0),
    p.Connack(5),
    p.Pingresp(),
    *(
        p.Publish(topic, payload, qos, packet_id=9)
        for topic in ("a", "t/1")
        for payload in (b"", b'x\r\n"')
        for qos in (0, 1, 2)
    ),
    *(kind(number) for kind in (p.Puback, p.Pubrec, p.Pubrel, p.Pubcomp, p.Unsuback) for number in (1, 2, 65535)),
    *(p.Suback(number, codes) for number in (1, 65535) for codes in ((0,), (0, 128), (1, 2, 0))),
]


HTTP: list[HttpAnswer | HttpError] = [
    *HttpError,
    *(HttpAnswer(200, b) for b in (b"", b"{", b"[]", b'{"returnCode":0,"data":{"id":"u","secret":"s"}}', b"\xff" * 9)),
    HttpAnswer(503, b""),
]


# URCs that come ahead of a result: of the next command, or of one that there may be.
EARLY = [(b"+CSCON: 0", None), (b"RING", None), (b"OK", "+CSQ"), (b"+CREG: 5", "E"), (b"+CREG: 5", "+CFUN")]
# What the world does to the mobile.
TO_THE_MOBILE: list[tuple[str, dict[str, Any]]] = [
    *(("insert_sim", {"card": card}) for card in ("ready", "ready", "pin", "puk", "absent", "busy", "failure")),
    *(
        ("set_registration", {"stat": stat})
        for stat in ("home", "home", "roaming", "searching", "denied", "emergency", 0, 4)
    ),
    *(("set_registration", {"stat": stat, "cause": 7}) for stat in ("home", "denied")),
    *(("set_signal", {"signal": [rssi, 99]}) for rssi in (0, 31, 99)),
    *(("drop_context", {"cid": cid}) for cid in (0, 1, 5)),
    *(("change_address", {"cid": cid}) for cid in (0, 1, 5)),
    *(("change_cell", {"cell": {"area": area}}) for area in ("0001", "00C3")),
    *(("set_time_zone", {"zone": zone, "daylight": 1}) for zone in (-48, 56)),
    *((name, {}) for name in ("lock_sim", "reinsert_sim", "detach", "refuse_contexts", "accept_contexts")),
    *(("disable_nitz", {}), ("set_network_time", {"time": "2099/12/31,23:59:59"})),
]


@cache
def acts(name: str) -> st.SearchStrategy[list[Act]]:
    """A day in the life of a module of that dialect."""
    client = st.integers(0, 5)
    packets = st.lists(st.sampled_from(FROM_SERVER), min_size=1, max_size=4)
    one = st.one_of(
        lines(name).map(lambda line: Act("host", 0, line)),
        lines(name).map(lambda line: Act("host", 0, line)),
        st.binary(max_size=40).map(lambda data: Act("host", 0, data)),
        st.sampled_from([0.1, 0.5, 1.0, 5.0, 130.0]).map(lambda seconds: Act("wait", 0, seconds)),
        st.tuples(client, packets).map(lambda x: Act("server", x[0], [p.encode(packet) for packet in x[1]])),
        st.tuples(client, st.binary(min_size=1, max_size=20)).map(lambda x: Act("server", x[0], [x[1]])),
        client.map(lambda index: Act("opened", index)),
        client.map(lambda index: Act("online", index)),
        client.map(lambda index: Act("closed", index)),
        st.tuples(client, st.sampled_from(StreamError)).map(lambda x: Act("failed", *x)),
        st.sampled_from([Act("power_cycle")]),
        st.sampled_from(TO_THE_MOBILE).map(lambda change: Act("mobile", 0, change)),
        st.sampled_from(HTTP).map(lambda answer: Act("http", 0, answer)),
        st.sampled_from(EARLY).map(lambda urc: Act("urc before a result", 0, urc)),
    )
    return st.lists(one, max_size=40)


def outcome(dialect: Dialect, model: Model, day: list[Act], piece: int) -> list[Any]:
    """All that is said and sent on that day, by what happened."""
    world = World(dialect, model, piece)
    for act in day:
        world.do(act)
    told = together(world.heard)
    world.listens()
    return told


@pytest.mark.parametrize("name", MODELS)
@given(data=st.data())
@QUICK
def test_any_day_in_any_split(name: str, data: st.DataObject) -> None:
    dialect, model = MODELS[name]
    day = data.draw(acts(name))
    piece = data.draw(st.sampled_from([1, 2, 3, 7]))
    assert outcome(dialect, model, day, 0) == outcome(dialect, model, day, piece)


@pytest.mark.parametrize("name", MODELS)
@given(data=st.data())
@QUICK
def test_lines_on_a_module_that_is_online(name: str, data: st.DataObject) -> None:
    dialect, model = MODELS[name]
    world = World(dialect, model, 0)
    for number in (0, 1):
        world.do(Act("online", number))
    for line in data.draw(st.lists(lines(name), min_size=5, max_size=20)):
        world.do(Act("host", 0, line))
        while world.module.line.prompting:
            world.fill()
        world.do(Act("host", 0, b"\r"))
    world.do(Act("wait", 0, 30.0))
    world.listens()


@pytest.mark.parametrize("name", MODELS)
def test_every_form_has_an_answer(name: str) -> None:
    """None raises, and for each valid arguments are found in the declaration that are not refused by it."""
    dialect, model = MODELS[name]
    parse = dialect.parser(False)
    for command in dialect.commands.values():
        for form in command.forms:
            slots = (command.option(form.option).params if form.option else command.params) or ()
            made = (
                [example(slot) for slot in slots if not isinstance(slot, Maybe)] if form.kind is FormKind.WRITE else []
            )
            full = [text for slot in slots for text in whole(slot)] if form.kind is FormKind.WRITE else []
            for given_arguments in (made, full):
                text = typed(command, form, given_arguments)
                calls = parse(to_bytes(text))
                assert [call.refused for call in calls] == [None], text
                world = World(dialect, model, 0)
                world.do(Act("online", 0))
                world.do(Act("host", 0, to_bytes(f"AT{text}\r")))
                if command.name not in LANGUAGE:
                    world.listens()


def example(slot: Slot) -> str:
    """Valid arguments of a slot as typed."""
    return ",".join(whole(slot))


def whole(slot: Slot) -> list[str]:
    """Valid arguments of a slot, its optional ones too."""
    if isinstance(slot, Maybe | Repeat):
        return [text for param in slot.params for text in whole(param)]
    if isinstance(slot, Int):
        return [str(slot.default if slot.default is not None else slot.minimum)]
    if isinstance(slot, Hex):
        return [f"0x{slot.minimum:x}"]
    if isinstance(slot, Choice):
        first = slot.default if slot.default is not None else next(iter(slot.values))
        return [slot.render(first).decode()]
    return ['"' + "t" * max(1, getattr(slot, "minimum", 1)) + '"']


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize(
    "alphabet", [bytes(range(256)), b'AT+QMCFGOPEN=?,;"0123456789\r\n/>\x08 ae'], ids=["bytes", "letters"]
)
def test_noise(name: str, alphabet: bytes) -> None:
    """200 kB of it, in pieces of any size, on the line and from a server."""
    dialect, model = MODELS[name]
    dice = random.Random(7)
    world = World(dialect, model, 0)
    left = 200_000
    while left > 0:
        data = bytes(dice.choices(alphabet, k=dice.choice((1, 2, 3, 7, 64, 4096, 20_000))))
        left -= len(data)
        world.do(Act("host", 0, data))
        world.do(Act("wait", 0, dice.choice((0.0, 0.2, 2.0))))
        world.do(Act("closed", 0))
        if dice.random() < 0.1:
            world.do(Act("online", 0))
            world.do(Act("server", 0, [bytes(dice.choices(alphabet, k=200))]))
    world.listens()


@pytest.mark.parametrize("name", MODELS)
def test_noise_in_front_of_every_command(name: str) -> None:
    dialect, model = MODELS[name]
    dice = random.Random(8)
    world = World(dialect, model, 0)
    world.do(Act("host", 0, b"ATE0\r"))
    world.heard.clear()
    for _ in range(200):
        noise = bytes(byte for byte in dice.randbytes(50) if byte not in b"\rAaTt")
        world.do(Act("host", 0, noise + b"AT\r"))
    assert together(world.heard) == [["host", b"\r\nOK\r\n", {}]] * 200


@given(st.lists(st.binary(min_size=1, max_size=60), max_size=20))
@QUICK
def test_any_bytes_of_a_server(pieces: list[bytes]) -> None:
    dialect, model = MODELS["quectel_lte"]
    world = World(dialect, model, 0)
    for data in pieces:
        world.do(Act("online", 3))
        world.do(Act("server", 3, [data]))
        world.do(Act("wait", 0, 3.0))
    world.listens()


def test_a_server_that_floods_a_host_that_is_silent() -> None:
    """A prompt stays open, or messages are not fetched: what is held stays bounded once the stream is paused."""
    dialect, model = MODELS["quectel_lte"]
    flood = b"".join(p.encode(p.Publish("a", b"x" * 500, 1, packet_id=n)) for n in range(1, 8))
    for setting in (0, 1):
        world = World(dialect, model, 0)
        world.do(Act("host", 0, b'AT+QMTCFG="recv/mode",2,%d,1\r' % setting))
        world.do(Act("online", 2))
        world.do(Act("host", 0, b'AT+QMTPUBEX=2,0,0,0,"a",1\r'))
        for start in range(1, 60_000, 7):
            data = b"".join(p.encode(p.Publish("a", b"x" * 500, 1, packet_id=n)) for n in range(start, start + 7))
            world.do(Act("server", 2, [data]))
            if world.module.client(2).paused:
                break
        else:
            pytest.fail("the stream is never paused")
        assert len(flood) > 3000
        inbox = world.module.client(2).inbox
        assert inbox is None or len(inbox._held) <= 26
        world.listens()


def test_options_of_a_session_are_bounds_too() -> None:
    """What a client may have in flight at once, so that its memory is bounded."""
    assert Options().window == 5
    assert Options().requests <= 1024
    assert Options().max_packet <= 2**21
