"""The embedded broker: MQTT 3.1 and 3.1.1 over TCP, on asyncio.

What it decides is in `modemlab.bench.routing`; here are its sockets. All that one read brings is routed
first, then every connection concerned is written to once.

Flow control: who publishes faster than a subscriber takes it is not read until the subscriber has caught
up, or for PATIENCE seconds; a subscriber that has used those up is not waited for again until it has
caught up, and loses messages beyond the bounds of `modemlab.bench.routing.Limits` and of
`modemlab.mqtt.server`.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import cast

from modemlab.bench.routing import Limits, Router, make_message
from modemlab.bench.users import return_code
from modemlab.mqtt.packets import Publish
from modemlab.mqtt.server import ServerSession
from modemlab.ports.address import tcp_url
from modemlab.ports.strangers import BROKER, check_strangers
from modemlab.ports.words import words_of

PATIENCE = 1.0
"""Seconds that publishers wait for a subscriber that does not catch up."""

LINGER = 2.0
"""Seconds that a connection that is over has for its last bytes to leave."""

HANDSHAKE = 10.0
"""Seconds that a TLS handshake may take."""


class Broker:
    """An MQTT broker in this process; all of it belongs to the event loop that `start` runs on.

    `users` maps user names to passwords as `modemlab.bench.users` has them; None lets everyone in.
    `may_subscribe(client_id, topic_filter)` False refuses a subscription. `grant` is the QoS that every subscription
    gets, whatever it asks for, as some clouds have it. `log` takes one line at a time.
    """

    def __init__(
        self,
        *,
        users: Mapping[str, str] | None = None,
        log: Callable[[str], None] | None = None,
        may_subscribe: Callable[[str, str], bool] | None = None,
        grant: int | None = None,
        limits: Limits | None = None,
        anyone: bool = False,
    ) -> None:
        """Make a broker that does not listen yet. With `anyone` other machines may reach it though it has no users.

        Raises ValueError for a QoS that there is not.
        """
        self._checks = users is None and not anyone
        self._limits = limits or Limits()
        self._log: Callable[[str], None] = log or (lambda _: None)
        self._router = Router(
            self._limits,
            authenticate=(lambda _: 0) if users is None else (lambda connect: return_code(users, connect)),
            may_subscribe=may_subscribe or (lambda *_: True),
            grant=grant,
            log=self._log,
        )
        self._links: dict[ServerSession, _Link] = {}
        self._server: asyncio.Server | None = None
        self._gone = asyncio.Event()

    async def start(self, host: str = "127.0.0.1", port: int = 0, tls: ssl.SSLContext | None = None) -> tuple[str, int]:
        """Listen, and return the address in use (port 0 finds a free one); by TLS alone, with a server's settings for
        it. OSError if that cannot be had, and `Exposed` if others reach it; RuntimeError if it listens already.
        """
        if self._server is not None:
            raise RuntimeError("the broker listens already")
        if self._checks:
            await check_strangers(host, BROKER.format(url=tcp_url(host, port)))
        loop = asyncio.get_running_loop()
        patience = None if tls is None else HANDSHAKE
        self._server = await loop.create_server(
            lambda: _Link(self, loop), host, port, ssl=tls, ssl_handshake_timeout=patience
        )
        if self._router.grant is not None:
            self._log(f"every subscription is granted QoS {self._router.grant}, whatever it asks for")
        address = self._server.sockets[0].getsockname()
        return str(address[0]), int(address[1])

    async def close(self) -> None:
        """Stop listening and end every connection, without wills; sessions and retained messages are kept."""
        server, self._server = self._server, None
        if server is None:
            return
        server.close()
        for session, link in list(self._links.items()):
            session.end("the broker is closed")
            link.flush()
        if self._links:
            self._gone.clear()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._gone.wait(), LINGER)
            for link in list(self._links.values()):
                link.abort()
        # Who is in the middle of a handshake is none of them: from Python 3.13 on it can be dropped, and is waited for.
        abort: Callable[[], None] = getattr(server, "abort_clients", lambda: None)
        abort()
        with suppress(TimeoutError):
            await asyncio.wait_for(server.wait_closed(), LINGER)

    def publish(self, topic: str, payload: bytes, qos: int = 0, retain: bool = False) -> None:
        """Publish a message as a client would; ValueError says what is wrong with it."""
        self._router.publish(make_message(topic, payload, qos, retain))
        self.flush()

    def observe(self, callback: Callable[[str, Publish], None]) -> Callable[[], None]:
        """Call `callback(client_id, message)` for every message that arrives, wills included; the client id
        is empty for `publish`. Returns what ends it. A callback that fails is logged.
        """

        def guarded(client_id: str, message: Publish) -> None:
            try:
                callback(client_id, message)
            except Exception as error:  # a caller's code must not end a client's connection
                self._log(f"an observer failed: {error!r}")

        def end() -> None:
            if guarded in self._router.observers:
                self._router.observers.remove(guarded)

        self._router.observers.append(guarded)
        return end

    def flush(self, origin: _Link | None = None) -> None:
        """Write what waits to every connection concerned; hold `origin` back if one of them is congested."""
        touched = self._router.touched
        while touched:
            session = touched.pop()
            link = self._links.get(session)
            if link is not None:
                link.flush()
                if origin is not None and link is not origin and session.congested:
                    link.hold_back(origin)


class _Link(asyncio.Protocol):
    """One TCP connection and its session."""

    __slots__ = (
        "_broker",
        "_held_by",
        "_impatient",
        "_loop",
        "_patience",
        "_timer",
        "_transport",
        "_waiting",
        "_writable",
        "session",
    )

    def __init__(self, broker: Broker, loop: asyncio.AbstractEventLoop) -> None:
        limits = broker._limits
        self.session = ServerSession(loop.time(), connect_timeout=limits.connect_timeout, max_packet=limits.max_packet)
        self._broker = broker
        self._loop = loop
        self._transport: asyncio.Transport | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._patience: asyncio.TimerHandle | None = None
        self._impatient = False
        self._writable = True
        self._held_by = 0
        self._waiting: set[_Link] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        broker = self._broker
        broker._links[self.session] = self
        if len(broker._links) > broker._limits.connections:
            self._end("too many connections")
        elif broker._server is None:
            self._end("the broker is closed")
        else:
            self._arm()

    def data_received(self, data: bytes) -> None:
        session = self.session
        now = self._loop.time()
        fresh = not session.open
        self._broker._router.handle(session, session.receive(data, now), now)
        if fresh and session.open:
            self._arm()
        self._broker.flush(self)

    def connection_lost(self, error: Exception | None) -> None:
        self._end(f"the connection was lost: {words_of(error)}" if error else "closed by the client without DISCONNECT")
        self._transport = None
        self._release()
        broker = self._broker
        broker._links.pop(self.session, None)
        for timer in (self._timer, self._patience):
            if timer is not None:
                timer.cancel()
        if not broker._links:
            broker._gone.set()

    def pause_writing(self) -> None:
        self._writable = False

    def resume_writing(self) -> None:
        self._writable = True
        self.flush()

    def flush(self) -> None:
        """Write what the session has to send, if the transport takes it; close it if the session is over."""
        transport = self._transport
        if transport is None or transport.is_closing():
            return
        session = self.session
        if self._writable and (data := session.take()):
            transport.write(data)
        if session.ended:
            self._shut(transport)
        elif (self._waiting or self._impatient) and not session.congested:
            self._release()
            self._impatient = False

    def hold_back(self, publisher: _Link) -> None:
        """Stop reading from `publisher` until this connection has caught up or PATIENCE is over."""
        transport = publisher._transport
        if self._impatient or self._transport is None or transport is None or transport.is_closing():
            return
        if self._waiting is None:
            self._waiting = set()
        if publisher in self._waiting:
            return
        self._waiting.add(publisher)
        publisher._held_by += 1
        if publisher._held_by == 1:
            transport.pause_reading()
        if self._patience is None:
            self._patience = self._loop.call_later(PATIENCE, self._lose_patience)

    def abort(self) -> None:
        """Drop the connection at once."""
        if self._transport is not None:
            self._transport.abort()

    def _lose_patience(self) -> None:
        self._impatient = True
        self._release()
        client_id = self.session.state.client_id if self.session.state is not None else ""
        self._broker._log(f"{client_id!r} reads too slowly: publishers no longer wait for it")

    def _release(self) -> None:
        """Read again from every publisher that waits for this connection."""
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None
        waiting, self._waiting = self._waiting, None
        for publisher in waiting or ():
            publisher._held_by -= 1
            transport = publisher._transport
            if publisher._held_by == 0 and transport is not None and not transport.is_closing():
                transport.resume_reading()

    def _shut(self, transport: asyncio.Transport) -> None:
        if self._timer is not None:
            self._timer.cancel()
        if self._writable:
            transport.close()
            self._timer = self._loop.call_later(LINGER, self.abort)
        else:
            transport.abort()

    def _end(self, reason: str) -> None:
        """End the session for a reason of the link's own, and let everyone concerned know."""
        self._broker._router.handle(self.session, self.session.end(reason), self._loop.time())
        self._broker.flush()

    def _arm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        deadline = self.session.deadline()
        self._timer = None if deadline is None else self._loop.call_at(deadline, self._expire)

    def _expire(self) -> None:
        now = self._loop.time()
        self._broker._router.handle(self.session, self.session.advance(now), now)
        if self.session.ended:
            self._broker.flush()
        else:
            self._arm()
