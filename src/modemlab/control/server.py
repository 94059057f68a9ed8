"""The control API: HTTP and JSON, by which other programs see a virtual module and do to it what `actions` lists.

It is heard from this machine alone, unless there is a token: then every request needs it, from wherever it comes.
"""

import asyncio
import hmac
import json
import logging
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import asdict
from functools import partial
from typing import Any, TypeVar
from urllib.parse import urlsplit

from aiohttp import web

import modemlab
from modemlab.control.connections import HttpConnections
from modemlab.control.openapi import describe
from modemlab.control.requests import REQUEST, Advance, NoQuery, TrafficQuery
from modemlab.dialect.known_commands import source
from modemlab.dialect.mobile import COVERAGE
from modemlab.module.host_mistakes import HostMistakes
from modemlab.module.unknown_commands import unknown_commands
from modemlab.ports.exposure import is_loopback
from modemlab.ports.trace import TraceEntry, local_time
from modemlab.scenario.actions import ACTIONS, hold_for
from modemlab.text.number_format import figure
from modemlab.validation.actions import Action
from modemlab.validation.input_errors import MAX_SHOWN, InputMistakes
from modemlab.validation.parsing import read
from modemlab.validation.toml_file import MAX_DEPTH, too_deep
from modemlab.virtual.module import VirtualModule
from modemlab.virtual.traffic_log import Traffic

MAX_BODY_BYTES = 1 << 16
# Digits of a whole number in it.
MAX_DIGITS = 400
# Seconds for a body to come.
BODY_TIMEOUT_S = 10.0
LOCAL_NAMES = ("localhost", "127.0.0.1", "::1")
COVERAGE_NAMES = {number: word for word, number in COVERAGE.items()}
INTEGER = re.compile("-?[0-9]{1,16}")
T = TypeVar("T")
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class RequestRefused(Exception):
    """A request that is not done: the status, the line that says why, and what is wrong with what it says."""

    def __init__(self, status: int, reason: str, mistakes: Sequence[Mapping[str, Any]] = ()) -> None:
        super().__init__(reason)
        self.status = status
        self.body = {"error": reason, **({"mistakes": mistakes} if mistakes else {})}


class Control:
    """The control API of one module; `url` is where it is once it is open."""

    __slots__ = ("_runner", "_token", "_traffic", "_vm", "connections", "url")

    def __init__(self, vm: VirtualModule, traffic: Traffic, token: str | None = None) -> None:
        self._vm, self._traffic, self._token = vm, traffic, token
        self._runner: web.AppRunner | None = None
        self.connections = HttpConnections()
        self.url = ""

    async def open(self, host: str, port: int) -> None:
        """Listen. Raises OSError when that cannot be had, or is not of this machine and there is no token."""
        if self._token is None and not local(host):
            raise OSError(f"{host} is not of this machine alone, so it needs a token")
        app = web.Application(middlewares=[self._guard], client_max_size=MAX_BODY_BYTES)
        app.router.add_get("/state", self._state, allow_head=False)
        app.router.add_get("/traffic", self._lines, allow_head=False)
        app.router.add_get("/actions", self._vocabulary, allow_head=False)
        app.router.add_post("/actions", self._perform)
        app.router.add_post("/advance", self._advance)
        app.router.add_get("/openapi.json", self._document, allow_head=False)
        runner = web.AppRunner(app, shutdown_timeout=1.0)
        await runner.setup()
        assert runner.server is not None
        try:
            place, number = await self.connections.listen(runner.server, host, port)
        except BaseException:
            await runner.cleanup()
            raise
        self._runner = runner
        self.url = f"http://{f'[{place}]' if ':' in place else place}:{number}"

    async def close(self) -> None:
        """Listen no more, and end what is open."""
        self.connections.close()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    # requests

    @web.middleware
    async def _guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Answer every request, whatever comes of it."""
        self.connections.begin(request.protocol, request)
        try:
            self._admit(request)
            return await handler(request)
        except RequestRefused as refused:
            return answer(refused.body, refused.status)
        except web.HTTPException as error:
            return answer({"error": f"{error.reason}"}, error.status, error.headers.get("Allow"))
        except Exception as error:
            logging.getLogger("control").error("a request failed: %r", error)
            logging.getLogger("control").debug("it came from here", exc_info=True)
            return answer({"error": "this is a fault of modemlab's own; its log says more"}, 500)
        finally:
            self.connections.busy.pop(request.protocol, None)

    def _admit(self, request: web.Request) -> None:
        """Refuse who may not ask: by the token if there is one, else by where a request comes from and goes to."""
        if self._token is not None:
            given = request.headers.get("Authorization", "").encode("utf-8", "surrogateescape")
            if not hmac.compare_digest(given, f"Bearer {self._token}".encode()):
                raise RequestRefused(401, "the token is wrong or missing: send Authorization: Bearer TOKEN")
            return
        if not local(request.remote or ""):
            raise RequestRefused(403, "only this machine is heard, as there is no token")
        # A page of another site, in a browser on this machine, has a name of its own or tells where it is from.
        for header in ("Host", "Origin"):
            value = request.headers.get(header)
            if value is not None and not local(host_of(value if header == "Origin" else f"//{value}")):
                raise RequestRefused(403, f"{header} is not of this machine, and there is no token")

    async def _state(self, request: web.Request) -> web.Response:
        """The module as it is."""
        query(request, NoQuery)
        return answer(state_of(self._vm))

    async def _lines(self, request: web.Request) -> web.Response:
        """What passed."""
        wanted = query(request, TrafficQuery)
        entries = self._traffic.since(wanted.since, wanted.limit)
        return answer({"count": self._traffic.count, "lines": [line_of(*each) for each in entries]})

    async def _vocabulary(self, request: web.Request) -> web.Response:
        """What can be done."""
        query(request, NoQuery)
        listed = {name: {"about": each.about, "example": dict(each.example)} for name, each in ACTIONS.items()}
        return answer({"actions": listed})

    async def _perform(self, request: web.Request) -> web.Response:
        """Do actions, all of them or none."""
        actions: tuple[Action, ...] = read_as(REQUEST, await content_of(request))
        if self._vm.closed:
            raise RequestRefused(409, "the module is closed")
        try:
            hold_for(self._vm, actions)
        except InputMistakes as error:
            raise refusal_of(error) from None
        for action in actions:
            self._vm.module.log("control", str(action))
            self._vm.perform(action)
        return answer({"done": [str(action) for action in actions]})

    async def _advance(self, request: web.Request) -> web.Response:
        """Let time pass for the module; answered once it has."""
        seconds = float(read_as(Advance, await content_of(request)).seconds)
        done = f"advance({figure(seconds)})"
        self._vm.module.log("control", done)
        try:
            await self._vm.advance(seconds)
        except RuntimeError as error:
            raise RequestRefused(409, str(error)) from None
        return answer({"done": [done]})

    async def _document(self, request: web.Request) -> web.Response:
        """The API, described."""
        query(request, NoQuery)
        return answer(describe(modemlab.__version__))


def answer(content: Mapping[str, Any], status: int = 200, allow: str | None = None) -> web.Response:
    """An answer."""
    headers = {"Cache-Control": "no-store", **({"Allow": allow} if allow else {})}
    return web.json_response(content, status=status, headers=headers)


def query(request: web.Request, kind: type[T]) -> T:
    """The parameters of a request, numbers as such."""
    for name in request.query:
        if len(request.query.getall(name)) > 1:
            raise RequestRefused(400, f"{name} is given twice")
    found: T = read_as(
        kind, {name: int(text) if INTEGER.fullmatch(text) else text for name, text in request.query.items()}
    )
    return found


def read_as(kind: Any, given: Any) -> Any:
    """What a request says, as that type."""
    try:
        return read(kind, given)
    except InputMistakes as error:
        raise refusal_of(error) from None


def refusal_of(error: InputMistakes) -> RequestRefused:
    """A refusal by all that is wrong."""
    mistakes = [
        {
            "path": list(each.path),
            "text": each.text(),
            "given": each.given,
            "expected": str(each.expected or ""),
            "nearest": each.nearest,
        }
        for each in error.mistakes[:MAX_SHOWN]
    ]
    return RequestRefused(400, "; ".join(error.lines()), mistakes)


async def content_of(request: web.Request) -> Any:
    """The JSON of a request's body; its query is empty."""
    query(request, NoQuery)
    if request.content_type != "application/json":
        raise RequestRefused(415, f"the body is {request.content_type!r:.60}, expected application/json")
    try:
        async with asyncio.timeout(BODY_TIMEOUT_S):
            body = await request.read()
    except web.HTTPRequestEntityTooLarge:
        raise RequestRefused(413, f"the body is longer than {MAX_BODY_BYTES} bytes") from None
    except TimeoutError:
        raise RequestRefused(408, f"the body took longer than {figure(BODY_TIMEOUT_S)} seconds") from None
    except (OSError, web.RequestPayloadError):
        raise RequestRefused(400, "the body broke off") from None
    try:
        content = json.loads(
            body.decode(), parse_int=whole, parse_constant=partial(refuse, "number"), object_pairs_hook=table
        )
    except UnicodeDecodeError:
        raise RequestRefused(400, "the body is not UTF-8") from None
    except (ValueError, RecursionError) as error:
        reason = "nested too deeply" if isinstance(error, RecursionError) else str(error)
        raise RequestRefused(400, f"the body is not JSON: {reason:.200}") from None
    if too_deep(content, MAX_DEPTH) is not None:
        raise RequestRefused(400, f"the body is nested deeper than {MAX_DEPTH} lists and objects")
    return content


def refuse(what: str, text: str) -> Any:
    """What JSON does not have."""
    raise ValueError(f"{text} is not a {what} of JSON")


def whole(text: str) -> int:
    """A whole number, of no more digits than any number has here."""
    if len(text) > MAX_DIGITS:
        raise ValueError("a number of too many digits")
    return int(text)


def table(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object, each name once."""
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a name stands twice in an object")
    return found


def state_of(vm: VirtualModule) -> dict[str, Any]:
    """A module, as plain data."""
    module, mobile = vm.module, vm.module.mobile
    return {
        "model": module.model.name,
        "power": module.on,
        "ports": list(vm.urls),
        "mobile": {
            "sim": mobile.sim.name.lower(),
            "registration": COVERAGE_NAMES.get(mobile.registration, mobile.registration),
            "packet": COVERAGE_NAMES.get(mobile.packet_registration, mobile.packet_registration),
            "signal": list(mobile.signal),
            "operator": list(mobile.operator),
            "cell": mobile.cell._asdict(),
            "contexts": {str(cid): bearer.address for cid, bearer in sorted(mobile.active.items())},
        },
        "clients": [
            {
                "client": client.index,
                "state": client.state.name.lower(),
                "server": None if client.network is None else f"{client.network.host}:{client.network.port}",
            }
            for client in module.clients
        ],
        "conditions": asdict(vm.network.conditions),
        "faults": [asdict(fault) for fault in vm.network.faults],
        "unknown": dict(module.unknown),
        "looked_up": {
            text: {"manual": "" if each.known is None else str(source(each.known)), "near": each.near}
            for text, each in unknown_commands(module.dialect, module.strict, module.unknown).items()
        },
        "mistakes": [] if module.mistakes is None else mistakes_of(module.mistakes),
    }


def line_of(number: int, entry: TraceEntry) -> dict[str, Any]:
    """An entry of the traffic, as plain data."""
    time, mark, text, data = entry
    return {"number": number, "time": local_time(time), "mark": mark, "text": text, "hex": data.hex()}


def mistakes_of(mistakes: HostMistakes) -> list[dict[str, Any]]:
    """The host's mistakes, as plain data: each kind, how often, and its first."""
    return [
        {
            "what": kind.value,
            "times": count,
            "first": next((each.subject for each in mistakes.kept if each.kind is kind), ""),
            "detail": next((each.remark for each in mistakes.kept if each.kind is kind), ""),
        }
        for kind, count in mistakes.counts.items()
    ]


def local(host: str) -> bool:
    """Whether a host is this machine, by its name or address."""
    if host.lower() in LOCAL_NAMES:
        return True
    return is_loopback(host)


def host_of(url: str) -> str:
    """The host of a URL; empty if there is none."""
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""
