"""The control API: what it shows, what it does, and what it refuses."""

import asyncio
import io
import json
import shlex
import time
from pathlib import Path
from typing import Any

import pytest

from modemlab.control.openapi import describe
from modemlab.control.server import line_of
from modemlab.dialect.mobile import COVERAGE
from modemlab.module.log_notes import MistakeKind
from modemlab.ports.trace import Trace, TraceEntry, TraceFile, local_time
from modemlab.scenario.actions import ACTIONS
from modemlab.virtual.traffic_log import LONGEST_PART, MOST_LINES, Traffic
from support.control_api import JSON, Api, serve
from support.json_schema import misfits
from support.virtual_module import Host

URL = "http://127.0.0.1:8000"
DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "control.md"


def test_state_follows_what_is_done() -> None:
    """The mobile, the power, conditions and faults."""

    async def work(api: Api) -> None:
        state = await api.get("/state")
        assert (state["model"], state["power"], state["clients"], state["faults"]) == ("EC200S-CN", True, [], [])
        assert state["mobile"]["registration"] == "home"
        assert state["mobile"]["contexts"] == {}
        actions = [
            {"do": "set_registration", "stat": "denied", "cause": 11},
            {"do": "conditions", "profile": "cat1"},
            {"do": "faults", "faults": [{"packet": "PUBACK", "action": "drop"}]},
        ]
        status, done = await api.ask("POST", "/actions", json=actions)
        assert (status, len(done["done"])) == (200, 3)
        state = await api.get("/state")
        assert state["mobile"]["registration"] == "denied"
        assert state["conditions"]["rtt"] == 0.07
        assert [fault["packet"] for fault in state["faults"]] == ["PUBACK"]
        assert await api.ask("POST", "/actions", json={"do": "power_key"}) == (200, {"done": ["power_key()"]})
        assert (await api.get("/state"))["power"] is False

    serve(work)


@pytest.mark.parametrize("name", ACTIONS)
def test_every_action_is_done(name: str) -> None:
    """With the arguments that the API itself shows; the state is shown behind each."""

    async def work(api: Api) -> None:
        example = (await api.get("/actions"))["actions"][name]["example"]
        assert (await api.ask("POST", "/actions", json={"do": name, **example}))[0] == 200
        await api.get("/state")

    serve(work)


def test_clients_and_traffic() -> None:
    """What passed on the line, by number."""

    async def work(api: Api) -> None:
        host = Host(api.vm)
        await host.ask("ATE0")
        await host.ask('AT+QMTOPEN=0,"127.0.0.1",1')
        state = await api.get("/state")
        assert [(each["client"], each["server"]) for each in state["clients"]] == [(0, "127.0.0.1:1")]
        found = await api.get("/traffic")
        assert found["count"] >= len(found["lines"]) > 3
        heard = [line["text"] for line in found["lines"] if line["mark"] == ">>"]
        assert heard == ["ATE0\\r", 'AT+QMTOPEN=0,"127.0.0.1",1\\r']
        assert bytes.fromhex(next(line["hex"] for line in found["lines"] if line["mark"] == ">>")) == b"ATE0\r"
        last = found["lines"][-1]["number"]
        assert [line["number"] for line in (await api.get(f"/traffic?since={last - 2}&limit=1"))["lines"]] == [last - 1]

    serve(work)


def test_traffic_is_bounded_and_a_file_has_all_of_it(caplog: pytest.LogCaptureFixture) -> None:
    """The latest lines, long ones cut; a file gets all of it, and one that fails ends that alone."""
    file = io.StringIO()
    traffic = Traffic()
    trace = Trace(TraceFile(file), traffic, now=lambda: 2.5)
    trace.on_input(b"|" * 10_000)
    assert traffic.since(0, 10) == [(1, TraceEntry(2.5, ">>", "|" * LONGEST_PART, b"|" * (LONGEST_PART // 2)))]
    trace.on_input(b"a | b")
    assert traffic.since(1, 10) == [(2, TraceEntry(2.5, ">>", "a | b", b"a | b"))]
    trace.say("c | d")
    assert traffic.since(2, 10) == [(3, TraceEntry(2.5, "--", "c | d"))]
    assert line_of(*traffic.since(1, 10)[0]) == {
        "number": 2,
        "time": local_time(2.5),
        "mark": ">>",
        "text": "a | b",
        "hex": "61207c2062",
    }
    for _ in range(MOST_LINES):
        trace.say("x")
    assert [len(traffic.since(0, 5000)), len(traffic.since(0, 7)), traffic.since(0, 1)[0][0]] == [1000, 7, 4]
    assert file.getvalue().count("\n") == traffic.count == MOST_LINES + 3
    file.close()
    trace.say("lost")
    trace.say("kept")
    assert [entry.text for _, entry in traffic.since(MOST_LINES + 3, 5)] == ["lost", "kept"]
    assert [record.message.partition(":")[0] for record in caplog.records] == ["the trace ends here"]


WRONG: list[tuple[bytes, str]] = [
    (b"", "the body is not JSON: Expecting value"),
    (b"{", "the body is not JSON"),
    (b"\xff\xfe", "the body is not UTF-8"),
    (b'{"do": "conditions", "loss": NaN}', "the body is not JSON: NaN is not a number of JSON"),
    (b'{"do": "power_cycle", "do": "set_registration"}', "the body is not JSON: a name stands twice in an object"),
    (b"[" * 60_000, "the body is not JSON: nested too deeply"),
    (b'{"do": "set_time_zone", "zone": ' + b"1" * 5000 + b"}", "the body is not JSON: a number of too many digits"),
    (b"[]", "the body is [], expected an action, or a list of 1 to 100"),
    (json.dumps([{"do": "power_cycle"}] * 101).encode(), "expected an action, or a list of 1 to 100"),
    (b"null", "the body is None, expected an action, or a list of 1 to 100"),
    (b'{"action": "power_cycle"}', "an action is {'action': 'power_cycle'}, expected a table with do"),
    (b'{"do": "explode"}', "'explode' is not a known action. One of: insert_sim"),
    (b'{"do": "power_cycle", "seconds": 3}', "power_cycle: 'seconds' is not a known argument; there are none"),
    (
        b'[{"do": "power_cycle"}, {"do": "set_registration", "stat": 9}]',
        "action 2: set_registration: stat is 9, expected one of not registered",
    ),
    (b'{"do": "conditions", "loss": 2}', "conditions: loss is 2, expected a number from 0 to 1"),
    (b'{"do": "set_registration", "stat": "\\ud800"}', "set_registration: stat is '\\ud800', expected one of"),
]


def test_all_mistakes_of_a_body_are_told() -> None:
    """In one line, and each by itself: where it stands, what it is, what was expected and what was perhaps meant."""
    body = [{"do": "lock_sim", "pin": "98765432x"}, {"do": "faults", "faults": [{"packet": "PUBAK", "nth": 0}]}]

    async def work(api: Api) -> None:
        status, content = await api.ask("POST", "/actions", json=body)
        assert status == 400
        assert content["error"] == "; ".join(each["text"] for each in content["mistakes"])
        assert [(each["path"], each["given"], each["nearest"]) for each in content["mistakes"]] == [
            ([0, "pin"], "", ""),
            ([1, "faults", 0, "packet"], "'PUBAK'", "PUBACK"),
            ([1, "faults", 0, "action"], "", ""),
            ([1, "faults", 0, "nth"], "0", ""),
        ]
        assert content["mistakes"][0]["expected"] == "4 to 8 digits in quotes"
        assert content["mistakes"][0]["text"] == "action 1: lock_sim: pin is not as expected: 4 to 8 digits in quotes"
        assert "987" not in json.dumps(content)

    serve(work)


@pytest.mark.parametrize(("body", "reason"), WRONG, ids=[reason for _, reason in WRONG])
def test_bodies_with_mistakes(body: bytes, reason: str) -> None:
    """Status 400 and one line; nothing is done of any of it."""

    async def work(api: Api) -> None:
        starts = len(api.vm.module.clients), api.vm.module.mobile.registration, api.vm.module.now
        status, content = await api.ask("POST", "/actions", data=body, headers=JSON)
        assert (status, content.keys() - {"mistakes"}) == (400, {"error"})
        assert reason in content["error"]
        assert "\n" not in content["error"]
        assert (len(api.vm.module.clients), api.vm.module.mobile.registration, api.vm.module.now) == starts
        assert (await api.get("/state"))["power"] is True

    serve(work)


def test_time_is_put_forward() -> None:
    """Two minutes of a server's silence in a moment, each repeat in its turn; the date goes with it."""

    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    async def work(api: Api) -> None:
        silent = await asyncio.start_server(listen, "127.0.0.1", 0)
        port = silent.sockets[0].getsockname()[1]
        host = Host(api.vm)
        await host.ask("ATE0")
        await host.ask('AT+QMTCFG="timeout",0,30,3,1')
        await host.ask(f'AT+QMTOPEN=0,"127.0.0.1",{port}', b"+QMTOPEN: 0,0\r\n")
        await host.ask('AT+QMTCONN=0,"pump"')
        start = time.monotonic()
        status, done = await api.ask("POST", "/advance", json={"seconds": 125})
        assert (status, done) == (200, {"done": ["advance(125)"]})
        assert bytes(host.heard) == b"\r\n+QMTCONN: 0,2\r\n\r\n+QMTSTAT: 0,4\r\n"
        assert time.monotonic() - start < 20
        assert api.vm.skippable_clock is not None
        assert api.vm.skippable_clock.now() >= start + 125
        silent.close()

    serve(work)


def test_time_is_put_forward_by_one_at_a_time() -> None:
    """And by no more than an hour."""

    async def work(api: Api) -> None:
        first = asyncio.create_task(api.ask("POST", "/advance", json={"seconds": 3600}))
        while not any("advance(3600)" in line["text"] for line in (await api.get("/traffic"))["lines"]):
            await asyncio.sleep(0.002)
        status, content = await api.ask("POST", "/advance", json={"seconds": 1})
        assert (status, content) == (409, {"error": "time is being put forward already"})
        assert (await first)[0] == 200
        for wrong in (-1, 3601, "1", True, None):
            status, content = await api.ask("POST", "/advance", json={"seconds": wrong})
            assert status == 400
            assert "expected a number from 0 to 3600 seconds" in content["error"]
        things: list[Any] = [{}, [], {"seconds": 1, "minutes": 1}]
        for thing in things:
            status, content = await api.ask("POST", "/advance", json=thing)
            assert status == 400
            assert content["error"] in (
                "seconds is missing, expected a number from 0 to 3600 seconds",
                "the body is [], expected a table",
                "'minutes' is not a known key. One of: seconds",
            )

    serve(work)


def test_answers_are_as_described() -> None:
    """Whatever the state, whatever was done; errors too."""

    async def work(api: Api) -> None:
        host = Host(api.vm)
        document = await api.get("/openapi.json")
        assert document == json.loads(json.dumps(describe(document["info"]["version"])))

        async def holds(method: str, path: str, content: Any = None) -> None:
            options = {} if content is None else {"json": content}
            status, said = await api.ask(method, path, **options)
            described = document["paths"][path.partition("?")[0]][method.lower()]["responses"]
            schema = described["200" if status == 200 else "4XX"]["content"]["application/json"]["schema"]
            assert misfits(said, schema, document) == []

        await holds("POST", "/advance", {"seconds": 0})
        await holds("POST", "/advance", {"seconds": -1})
        await holds("POST", "/actions", {"do": "nothing"})
        await holds("GET", "/traffic?since=x")
        host.port.host_send(b'AT+QMTOPEN=0,"127.0.0.1",1\rAT+QMTCONN=0,"c"\rAT+QODD\r')
        await host.until(b"+QMTOPEN: 0,-1")
        for stat in COVERAGE:
            await holds("POST", "/actions", {"do": "set_registration", "stat": stat})
            await holds("GET", "/state")
        await holds("POST", "/actions", {"do": "faults", "faults": [{"packet": "CONNACK", "action": "drop"}]})
        await holds("POST", "/actions", {"do": "set_registration", "stat": "home"})
        host.port.host_send(b"AT+QIACT=1\r")
        for name, entry in ACTIONS.items():
            await holds("POST", "/actions", {"do": name, **entry.example})
            for path in ("/state", "/traffic", "/actions", "/openapi.json"):
                await holds("GET", path)

    serve(work)


def test_mistakes_and_unknown_commands_are_shown() -> None:
    """In the state by their kind, in the traffic as they happen."""

    async def work(api: Api) -> None:
        host = Host(api.vm)
        host.port.host_send(b"AT+CGMM\rAT+CSQ\rAT+QODD\r")
        await host.ask("AT+QODD", b"ERROR\r\n")
        state = await api.get("/state")
        early = {"what": MistakeKind.EARLY.value, "times": 2, "first": "AT+CSQ", "detail": "(V.250, 5.5)"}
        assert (state["unknown"], state["mistakes"]) == ({"AT+QODD": 2}, [early])
        notes = [line["text"] for line in (await api.get("/traffic"))["lines"] if line["mark"] == "--"]
        assert f"AT+CSQ: mistake: {MistakeKind.EARLY.value} (V.250, 5.5)" in notes
        assert state["looked_up"] == {}
        await host.ask("AT+QIOPEN?", b"ERROR\r\n")
        await host.ask("AT+QMTPUBX?", b"ERROR\r\n")
        state = await api.get("/state")
        assert state["unknown"] == {"AT+QODD": 2, "AT+QIOPEN?": 1, "AT+QMTPUBX?": 1}
        assert state["looked_up"] == {
            "AT+QIOPEN?": {"manual": "TCP/IP guide V1.2, 2.2.4", "near": ""},
            "AT+QMTPUBX?": {"manual": "", "near": "AT+QMTPUBEX"},
        }

    serve(work)


def examples(block: str) -> list[list[str]]:
    """The curl commands of the document, as a shell reads them."""
    return [shlex.split(line)[1:] for line in block.splitlines() if line.startswith("curl ")]


def test_the_examples_of_the_document() -> None:
    """Each as printed, but for the port."""
    text = DOCUMENT.read_text(encoding="utf-8")
    listed = examples(text)
    assert len(listed) >= 5

    async def work(api: Api) -> None:
        for url, *rest in listed:
            options: dict[str, Any] = {}
            if rest:
                assert rest[0] == "--json"
                options = {"data": rest[1].encode(), "headers": JSON}
            assert url.startswith("http://127.0.0.1:8000/")
            status, content = await api.ask("POST" if rest else "GET", url.removeprefix(URL), **options)
            assert status == 200, (url, content)

    serve(work)


def test_the_document_lists_every_request() -> None:
    """Each path and method of the description has a row."""
    text = DOCUMENT.read_text(encoding="utf-8")
    rows = {line.split("|")[1].strip() for line in text.splitlines() if line.startswith("| `")}
    paths = describe("")["paths"].items()
    assert rows == {f"`{method.upper()} {path}`" for path, methods in paths for method in methods}
