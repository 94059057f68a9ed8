"""The embedded broker: MQTT 3.1 and 3.1.1 over TCP, on asyncio.

What it decides is in `modemlab.broker.router`; here are its sockets. All that one read brings is routed
first, then every connection concerned is written to once.

Flow control: who publishes faster than a subscriber takes it is not read until the subscriber has caught
up, or for PATIENCE seconds; a subscriber that has used those up is not waited for again until it has
caught up, and loses messages beyond the bounds of `modemlab.broker.limits` and of `modemlab.mqtt.server`.

Of the memory, half is for what connections keep: packets that are not complete, and what is not read. The other half
is the router's. So neither can take what the other needs: a client can always come and be sent what waits for it.

With a store, what follows from a read is stored ahead of being sent, in one transaction.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, cast

from modemlab.broker.limits import Limits, named
from modemlab.broker.open_files import backlog_for, room_for
from modemlab.broker.refusal_log import brief
from modemlab.broker.router import Router, make_message
from modemlab.broker.users import return_code
from modemlab.mqtt.memory_budget import CONNECTION, MemoryBudget
from modemlab.mqtt.packets import Publish
from modemlab.mqtt.server import ServerSession
from modemlab.mqtt.session_changes import StoreError
from modemlab.ports.address import tcp_url
from modemlab.ports.error_texts import words_of
from modemlab.ports.exposure import BROKER_EXPOSED, check_exposure

if TYPE_CHECKING:
    from modemlab.broker.store import Store

CLOSE_TIMEOUT_S = 1.0
"""Seconds that publishers wait for a subscriber that does not catch up."""

LINGER_S = 2.0
"""Seconds that a connection that is over has for its last bytes to leave."""

TLS_HANDSHAKE_TIMEOUT_S = 10.0
"""Seconds that a TLS handshake may take."""


class Broker:
    """An MQTT broker in this process; all of it belongs to the event loop that `start` runs on.

    `users` maps user names to passwords as `modemlab.broker.users` has them; None lets everyone in.
    `may_subscribe(client_id, topic_filter)` False refuses a subscription. `grant` is the QoS that every subscription
    gets, whatever QoS it requests, as some clouds have it. `log` takes one line at a time.
    In `store` sessions, their messages and what is retained outlive the broker, which closes it as it closes; without,
    they end with it. A store that can no longer be written ends the broker at once, before it promises
    what it cannot hold: `failure` says why then, and `on_failure` is called.
    """

    def __init__(
        self,
        *,
        users: Mapping[str, str] | None = None,
        log: Callable[[str], None] | None = None,
        may_subscribe: Callable[[str, str], bool] | None = None,
        grant: int | None = None,
        limits: Limits | None = None,
        allow_remote: bool = False,
        store: Store | None = None,
        on_failure: Callable[[], None] = lambda: None,
    ) -> None:
        """Make a broker that does not listen yet. With `allow_remote` other machines may reach it though it has no
        users.

        Raises ValueError for a QoS that there is not.
        """
        self._checks = users is None and not allow_remote
        self._limits = limits or Limits()
        self._store = store
        self._on_failure = on_failure
        self.failure = ""
        self._log: Callable[[str], None] = log or (lambda _: None)
        self._router = Router(
            self._limits,
            authenticate=(lambda _: 0) if users is None else (lambda connect: return_code(users, connect)),
            may_subscribe=may_subscribe or (lambda *_: True),
            grant=grant,
            log=self._log,
        )
        self._links: dict[ServerSession, _Link] = {}
        self._room = self._limits.connections
        self._buffers = MemoryBudget(self._limits.memory - self._limits.memory // 2)
        self._server: asyncio.Server | None = None
        self._gone = asyncio.Event()
        self._expiry: asyncio.TimerHandle | None = None

    @property
    def unacknowledged(self) -> tuple[int, int]:
        """How many messages clients have not acknowledged that end with the broker, and how many clients those are."""
        messages, clients = self._router.unacknowledged(clean=True)
        if self._store is not None:
            return messages, clients
        more, others = self._router.unacknowledged(clean=False)
        return messages + more, clients + others

    @property
    def kept(self) -> tuple[int, int]:
        """How many such messages outlive it in its store, and how many clients those are."""
        return (0, 0) if self._store is None else self._router.unacknowledged(clean=False)

    async def start(self, host: str = "127.0.0.1", port: int = 0, tls: ssl.SSLContext | None = None) -> tuple[str, int]:
        """Listen, and return the address in use (port 0 finds a free one); by TLS alone, with a server's settings for
        it. OSError if that cannot be had, and `Exposed` if others reach it; RuntimeError if it listens already,
        `modemlab.broker.store.StoreError` if the store cannot be used.
        """
        if self._server is not None:
            raise RuntimeError("the broker is listening already")
        if self._checks:
            await check_exposure(host, BROKER_EXPOSED.format(url=tcp_url(host, port)))
        loop = asyncio.get_running_loop()
        patience = None if tls is None else TLS_HANDSHAKE_TIMEOUT_S
        if self._store is not None and self._router.changes is None:
            self._restore(self._store, loop.time())
        self._room = room_for(self._limits.connections)
        self._server = await loop.create_server(
            lambda: _Link(self, loop), host, port, ssl=tls, ssl_handshake_timeout=patience, backlog=backlog_for()
        )
        if self._router.grant is not None:
            self._log(f"every subscription is granted QoS {self._router.grant}, whatever QoS it requests")
        self._arm_expiry(loop)
        address = self._server.sockets[0].getsockname()
        return str(address[0]), int(address[1])

    async def close(self) -> None:
        """Stop listening and end every connection, without wills; sessions and retained messages are kept."""
        server, self._server = self._server, None
        if server is None:
            if self._store is not None:
                self._store.close()
            return
        server.close()
        now = asyncio.get_running_loop().time()
        for session, link in list(self._links.items()):
            self._router.close(session, now)
            link.flush()
        if self._links:
            self._gone.clear()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._gone.wait(), LINGER_S)
            for link in list(self._links.values()):
                link.abort()
        # Who is in the middle of a handshake is none of them: from Python 3.13 on it can be dropped, and is waited for.
        abort: Callable[[], None] = getattr(server, "abort_clients", lambda: None)
        abort()
        with suppress(TimeoutError):
            await asyncio.wait_for(server.wait_closed(), LINGER_S)
        if self._expiry is not None:
            self._expiry.cancel()
            self._expiry = None
        if self._store is not None:
            self._save()
            self._store.close()
            self._store = None
            self._router.record(None)

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
        if self._router.changes and not self._save():
            return
        while touched:
            session = touched.pop()
            link = self._links.get(session)
            if link is not None:
                link.flush()
                if origin is not None and link is not origin and session.congested:
                    link.hold_back(origin)

    def _full(self, what: str) -> str:
        """Log that connections may keep no more; returns why."""
        reason = f"connections have half of the memory, and it is full ({named(self._limits, 'memory')})"
        self._router.refusals.tell("connections' memory", f"{what}: {reason}", asyncio.get_running_loop().time())
        return reason

    def _restore(self, store: Store, now: float) -> None:
        """Begin with what the store holds, and tell it what changes from now on."""
        router = self._router
        try:
            router.restore(store.load(now), now)
        except ValueError as error:
            raise StoreError(f"{store.path}: {error}") from None
        router.record([])
        messages, _ = self.kept
        self._log(f"{store.path}: {len(router.sessions)} sessions with {messages} messages unsent")

    def _save(self) -> bool:
        """Store what has changed; False if that failed: then nothing is sent any more."""
        changes = self._router.changes
        if self.failure:
            return False
        if changes and self._store is not None:
            try:
                self._store.save(changes, asyncio.get_running_loop().time())
            except StoreError as error:
                self._fail(str(error))
                return False
            changes.clear()
        return True

    def _fail(self, reason: str) -> None:
        """End at once: no connection is told anything that is not stored."""
        self.failure = reason
        self._log(f"the broker ends: {reason}")
        if self._server is not None:
            self._server.close()
        for link in list(self._links.values()):
            link.abort()
        self._on_failure()

    def _arm_expiry(self, loop: asyncio.AbstractEventLoop) -> None:
        """Come back when the session of an absent client is to be forgotten."""
        at = self._router.next_expiry
        if at is not None and self._expiry is None and self._server is not None:
            self._expiry = loop.call_at(at, self._expire, loop)

    def _expire(self, loop: asyncio.AbstractEventLoop) -> None:
        self._expiry = None
        self._router.expire(loop.time())
        self.flush()
        self._arm_expiry(loop)


class _Link(asyncio.Protocol):
    """One TCP connection and its session."""

    __slots__ = (
        "_broker",
        "_counted",
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
        self._counted = 0
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
        if len(broker._links) > broker._room:
            self.session.end("there are too many connections")
            self.abort()
            limit = named(broker._limits, "connections")
            if broker._room < broker._limits.connections:
                limit += f", but only {broker._room} with the files that may be open: see `ulimit -n`"
            broker._router.refusals.tell(
                "connections", f"a connection is refused: there are too many ({limit})", self._loop.time()
            )
        elif broker._server is None:
            self._end("the broker is closed")
        elif broker._buffers.room(CONNECTION):
            self._count(CONNECTION)
            self._arm()
        else:
            self._end(broker._full("a connection is refused"))

    def data_received(self, data: bytes) -> None:
        session = self.session
        now = self._loop.time()
        fresh = not session.open
        self._broker._router.handle(session, session.receive(data, now), now)
        if fresh and session.open:
            self._arm()
        self._broker.flush(self)

    def connection_lost(self, error: Exception | None) -> None:
        self._transport = None
        self._release()
        broker = self._broker
        broker._links.pop(self.session, None)
        self._count(0)
        self._end(f"the connection was lost: {words_of(error)}" if error else "closed by the client without DISCONNECT")
        broker._arm_expiry(self._loop)
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
        kept = session.buffered_bytes + transport.get_write_buffer_size()
        if kept + CONNECTION != self._counted:
            self._count(kept + CONNECTION)
            if transport.is_closing():
                return
        if session.ended:
            self._close(transport)
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
            self._patience = self._loop.call_later(CLOSE_TIMEOUT_S, self._mark_slow_reader)

    def abort(self) -> None:
        """Drop the connection at once."""
        if self._transport is not None:
            self._transport.abort()

    def _mark_slow_reader(self) -> None:
        self._impatient = True
        self._release()
        self._broker._log(f"{brief(self.session.name)} reads too slowly: publishers no longer wait for it")

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

    def _count(self, kept: int) -> None:
        """Count what this connection keeps now; it is over if there is no room for more."""
        broker = self._broker
        buffers = broker._buffers
        more = kept - self._counted
        self._counted = kept
        buffers.used += more
        if more > 0 and buffers.used > buffers.bound and not self.session.ended:
            self._end(broker._full(f"the connection of {brief(self.session.name)} is closed"))

    def _close(self, transport: asyncio.Transport) -> None:
        if self._timer is not None:
            self._timer.cancel()
        if self._writable:
            transport.close()
            self._timer = self._loop.call_later(LINGER_S, self.abort)
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
