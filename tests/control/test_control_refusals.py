"""The control API: requests that are refused, connections that are too many, and who may ask."""

import asyncio
import json
import logging
from contextlib import suppress
from typing import Any

import pytest

from modemlab.control.connections import MAX_CONNECTIONS
from modemlab.control.server import Control, local
from modemlab.ports.trace import Trace
from modemlab.virtual.module import VirtualModule
from modemlab.virtual.traffic_log import MOST_LINES, Traffic
from support.control_api import JSON, Api, serve


def test_requests_that_are_refused() -> None:
    """Places, methods, parameters and bodies that there are not."""
    cases: list[tuple[str, str, dict[str, Any], int, str]] = [
        ("GET", "/", {}, 404, "Not Found"),
        ("GET", "/state/1", {}, 404, "Not Found"),
        ("DELETE", "/state", {}, 405, "Method Not Allowed"),
        ("PUT", "/actions", {}, 405, "Method Not Allowed"),
        ("GET", "/state?full=1", {}, 400, "'full' is not a known parameter; there are none"),
        ("GET", "/traffic?from=1", {}, 400, "'from' is not a known parameter. One of: since, limit"),
        ("GET", "/traffic?since=-1", {}, 400, "since is -1, expected a whole number from 0"),
        ("GET", "/traffic?limit=1&limit=2", {}, 400, "limit is given twice"),
        ("GET", "/traffic?limit=0", {}, 400, "limit is 0, expected a whole number from 1 to 1000"),
        ("GET", "/traffic?limit=%D9%A3", {}, 400, "expected a whole number"),
        ("POST", "/actions", {"data": b"{}"}, 415, "the body is 'application/octet-stream', expected application/json"),
        ("POST", "/actions", {"data": b" " * 70_000, "headers": JSON}, 413, "longer than 65536 bytes"),
        ("GET", "/state", {"headers": {"Host": "example.com"}}, 403, "Host is not of this machine"),
        ("GET", "/state", {"headers": {"Host": "[::1"}}, 403, "Host is not of this machine"),
        (
            "POST",
            "/actions",
            {"json": {"do": "power_cycle"}, "headers": {"Origin": "https://example.com"}},
            403,
            "Origin is",
        ),
        ("POST", "/actions", {"json": {"do": "power_cycle"}, "headers": {"Origin": "null"}}, 403, "Origin is"),
    ]

    async def work(api: Api) -> None:
        for method, path, options, status, reason in cases:
            got, content = await api.ask(method, path, **options)
            assert got == status, (method, path, content)
            assert reason in content["error"]
        await api.get("/state")

    serve(work)


def test_what_is_no_request() -> None:
    """Whatever the bytes, the next request is answered."""

    async def work(api: Api) -> None:
        for data in (
            b"\r\n\r\n",
            b"AT+CSQ\r\n\r\n",
            b"GET /state HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
            b"\x16\x03\x01",
        ):
            said = await api.raw(data + b"GET / HTTP/9.9\r\n\r\n")
            assert said.startswith(b"HTTP/1."), data
            assert said.split()[1][:1] == b"4", data
        long = b"GET /state HTTP/1.1\r\nHost: 127.0.0.1\r\nX: " + b"x" * 100_000 + b"\r\n\r\n"
        assert b" 400 " in await api.raw(long)
        await api.get("/state")

    serve(work)


BEGUN = b"POST /actions HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
NO_REQUESTS = [
    b"Transfer-Encoding: chunked\r\n\r\nZZ\r\n{}\r\n0\r\n\r\n",
    b"Transfer-Encoding: chunked\r\n\r\n-5\r\n{}\r\n0\r\n\r\n",
    b"Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n{}\r\n",
    b"Transfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n{}",
    b"Content-Length: -2\r\n\r\n{}",
    b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
    b"X: " + b"x" * 20_000 + b"\r\n\r\n",
    b"X: y\r\n" * 5_000 + b"\r\n",
    b"\x00: y\r\n\r\n",
]


def test_no_request_leaves_a_traceback(capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture) -> None:
    """Nonsense around a body is told in JSON as all else is; bodies that end too early, or are packed, too."""

    async def work(api: Api) -> None:
        for data in NO_REQUESTS:
            head, _, body = (await api.raw(BEGUN + data)).partition(b"\r\n\r\n")
            assert b" 400 " in head.splitlines()[0], data
            assert list(json.loads(body)) == ["error"]
        packed = b"Content-Encoding: gzip\r\nContent-Length: 3\r\nConnection: close\r\n\r\n\x1f\x8bx"
        assert b"the body is not UTF-8" in await api.raw(BEGUN + packed)
        _, writer = await api.connect()
        writer.write(BEGUN + b"Content-Length: 30\r\n\r\n{")
        await writer.drain()
        await asyncio.sleep(0.02)
        writer.close()
        pipeline = b"GET /actions HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n" * 200
        last = b"GET /nothing HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"
        said = await api.raw(pipeline + last)
        assert (said.count(b"HTTP/1.1 200 OK"), said.count(b"HTTP/1.1 404 ")) == (200, 1)
        await api.get("/state")

    serve(work)
    assert "Traceback" not in capfd.readouterr().err + caplog.text


HALVES = [
    b'Content-Length: 30\r\n\r\n{"do"',
    b'Transfer-Encoding: chunked\r\n\r\n5\r\n{"d',
    b"Transfer-Encoding: chunked\r\n\r\n5",
    b"Content-Length: 9999999\r\n\r\n{",
]


async def end(writer: asyncio.StreamWriter) -> None:
    """Close a connection, whoever ended it."""
    writer.close()
    with suppress(ConnectionError):
        await writer.wait_closed()


def test_half_bodies(capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture) -> None:
    """Who sends no more than half of a body and listens on is told; who is gone, or resets, leaves no trace."""
    caplog.set_level(logging.DEBUG)

    async def work(api: Api) -> None:
        for data in HALVES:
            reader, writer = await api.connect()
            writer.write(BEGUN + data)
            writer.write_eof()
            said = await asyncio.wait_for(reader.read(), 60)
            assert said.startswith(b"HTTP/1.1 400 ")
            assert said.endswith(b'{"error": "the body broke off"}')
            await end(writer)
            for reset in (False, True):
                _, writer = await api.connect()
                writer.write(BEGUN + data)
                await writer.drain()
                await api.get("/state")
                if reset:
                    writer.transport.abort()
                await end(writer)
        await api.get("/state")

    serve(work)
    told = capfd.readouterr().err + caplog.text
    assert "Traceback" not in told
    assert "fault" not in told


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 30_000,
        b"[" * 30_000 + b"]" * 30_000,
        b'{"do": "set_registration", "stat": ' + b"[" * 900 + b"]" * 900 + b"}",
        b'{"a":' * 900 + b"1" + b"}" * 900,
    ],
)
def test_deep_bodies(body: bytes, caplog: pytest.LogCaptureFixture) -> None:
    async def work(api: Api) -> None:
        status, content = await api.ask("POST", "/actions", data=body, headers=JSON)
        assert status == 400
        assert content["error"] in (
            "the body is not JSON: nested too deeply",
            "the body is nested deeper than 32 lists and objects",
        )

    serve(work)
    assert caplog.text == ""


def test_connections_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever keeps many open, in the middle of a request too, keeps nobody out: its oldest ends."""
    monkeypatch.setattr("modemlab.control.server.BODY_TIMEOUT_S", 0.1)

    async def work(api: Api) -> None:
        held = [await api.connect() for _ in range(2 * MAX_CONNECTIONS)]
        for number, (_, writer) in enumerate(held):
            writer.write(BEGUN + (b"Content-Length: 9\r\n\r\n{" if number % 2 else b""))
        assert await asyncio.wait_for(held[0][0].read(), 60) == b""
        for _ in range(3):
            await api.get("/state")
        assert len(api.control.connections) <= MAX_CONNECTIONS
        said = await asyncio.wait_for(held[-1][0].read(1000), 60)
        assert said.startswith(b"HTTP/1.1 408 ")
        assert b'{"error": "the body took longer than 0.1 seconds"}' in said
        for _, writer in held:
            writer.close()
        await asyncio.sleep(0.02)

    serve(work)


def test_who_does_not_read_holds_little(monkeypatch: pytest.MonkeyPatch) -> None:
    """Answers that nobody takes are given up for newer connections, even if all are such."""
    monkeypatch.setattr("modemlab.control.connections.MAX_CONNECTIONS", 3)

    async def work(api: Api) -> None:
        trace = Trace(api.traffic)
        for _ in range(MOST_LINES):
            trace.on_input(b"x" * 2000)
        ask = b"GET /traffic?limit=1000 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
        deaf = [await api.connect() for _ in range(3)]
        for _, writer in deaf:
            writer.write(ask * 3)
        await asyncio.sleep(0.1)
        await api.get("/state")
        assert len(api.control.connections) == 3
        for _, writer in deaf:
            writer.transport.abort()

    serve(work)


def test_a_fault_of_our_own_is_no_end(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    """Status 500, a line in the log, and the next request is answered."""

    def fail(_vm: VirtualModule) -> dict[str, Any]:
        raise RuntimeError("here")

    async def work(api: Api) -> None:
        with monkeypatch.context() as patch:
            patch.setattr("modemlab.control.server.state_of", fail)
            assert (await api.ask("GET", "/state"))[0] == 500
        await api.get("/state")

    serve(work)
    assert "a request failed" in caplog.text


def test_a_token_is_asked_of_everyone() -> None:
    """With it, from wherever and by whatever name; without it, from nowhere."""

    async def work(api: Api) -> None:
        for given in (
            "",
            "Bearer",
            "Bearer wrong",
            "Basic c2VjcmV0LXRva2Vu",
            "secret-token",
            "Bearer secret-token\u00e9",
        ):
            status, content = await api.ask("GET", "/state", headers={"Authorization": given} if given else {})
            assert (status, content) == (
                401,
                {"error": "the token is wrong or missing: send Authorization: Bearer TOKEN"},
            )
        known = {"Authorization": "Bearer secret-token", "Host": "bench.example"}
        assert (await api.ask("GET", "/state", headers=known))[0] == 200

    serve(work, "secret-token")


@pytest.mark.parametrize(
    ("host", "here"),
    [
        *(("localhost", True), ("127.0.0.1", True), ("127.8.8.8", True), ("::1", True), ("::ffff:127.0.0.1", True)),
        *(("", False), ("0.0.0.0", False), ("::", False), ("192.0.2.1", False), ("localhost.example.com", False)),
    ],
)
def test_this_machine(host: str, here: bool) -> None:
    assert local(host) is here


def test_it_listens_to_this_machine_alone_without_a_token(monkeypatch: pytest.MonkeyPatch) -> None:
    """An address that others reach is refused before it is had; who is not from here is not heard."""

    async def work(api: Api) -> None:
        with monkeypatch.context() as patch:
            patch.setattr("modemlab.control.server.local", lambda host: host != "127.0.0.1")
            status, content = await api.ask("POST", "/actions", json={"do": "power_off"})
            assert (status, content) == (403, {"error": "only this machine is heard, as there is no token"})
        assert api.vm.module.on
        other = Control(api.vm, Traffic())
        with pytest.raises(OSError, match=r"0\.0\.0\.0 is not of this machine alone, so it needs a token"):
            await other.open("0.0.0.0", 0)
        assert other.url == ""

    serve(work)
