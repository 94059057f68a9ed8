"""What a module asks the network beside its streams, asked truly: the system's resolver, ICMP and UDP."""

import asyncio
import os
import socket
from collections.abc import Callable
from typing import cast

from modemlab.dialect.network import Addresses, Datagram, Echoed, QueryAnswer, QueryError
from modemlab.module.effects import Forget, Ping, Query, QueryAnswered, Resolve, SendDatagram
from modemlab.net import icmp
from modemlab.net.connect_to import ConnectTo, redirect_datagram, redirect_name


class QueryTasks:
    """The queries of one module that are under way, each by the number that the module gave it."""

    __slots__ = ("_answered", "_rules", "_tasks")

    def __init__(self, answered: Callable[[QueryAnswered], None], rules: tuple[ConnectTo, ...]) -> None:
        """Make an empty set within a running loop; `rules` say where names lead and datagrams really go."""
        self._answered, self._rules = answered, rules
        self._tasks: dict[int, asyncio.Task[None]] = {}

    def perform(self, query: Query) -> None:
        """Ask, or forget what was asked. `answered` is never called from within."""
        if isinstance(query, Forget):
            task = self._tasks.pop(query.query, None)
            if task is not None:
                task.cancel()
        else:
            self._tasks[query.query] = asyncio.get_running_loop().create_task(self._ask(query))

    async def close(self) -> None:
        """Give up all queries; nothing more is told of them."""
        tasks = list(self._tasks.values())
        self._tasks.clear()
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)

    async def _ask(self, query: Resolve | Ping | SendDatagram) -> None:
        """Ask one thing and tell what became of it."""
        number = query.query
        try:
            if isinstance(query, SendDatagram):
                await self._exchange(query)
                return
            answer = await (self._resolve(query) if isinstance(query, Resolve) else ping(query, number))
        except (socket.gaierror, ValueError):
            answer = QueryError.NAME
        except (icmp.NotPermitted, NotImplementedError):
            answer = QueryError.NOT_PERMITTED
        except OSError:
            answer = QueryError.UNREACHABLE
        self._tell(number, answer)

    async def _resolve(self, query: Resolve) -> QueryAnswer:
        """What the system's resolver says. Raises `gaierror` and ValueError."""
        if query.port is None:
            host = redirect_name(self._rules, query.host)
        else:
            host, _ = redirect_datagram(self._rules, query.host, query.port)
        found = await addresses_of(host, None)
        return Addresses(tuple(dict.fromkeys(str(address[0]) for *_, address in found)))

    async def _exchange(self, query: SendDatagram) -> None:
        """Send a datagram, and tell each that comes back until the module has heard enough. Raises OSError."""
        _, port = redirect_datagram(self._rules, query.host, query.port)
        family, *_, address = (await addresses_of(query.address, port))[0]
        here = DatagramEndpoint(lambda data: self._tell(query.query, Datagram(data)))
        loop = asyncio.get_running_loop()
        transport, _ = await loop.create_datagram_endpoint(lambda: here, family=family, remote_addr=address[:2])
        try:
            transport.sendto(query.data)
            raise await here.failed
        finally:
            transport.close()

    def _tell(self, number: int, answer: QueryAnswer) -> None:
        """Tell an answer of a query that is not forgotten; all but a datagram end it."""
        if number in self._tasks:
            if not isinstance(answer, Datagram):
                del self._tasks[number]
            self._answered(QueryAnswered(number, answer))


class DatagramEndpoint(asyncio.DatagramProtocol):
    """One end of datagrams: `heard` is told each; `failed` is the error of the first that cannot be delivered."""

    def __init__(self, heard: Callable[[bytes], None]) -> None:
        self._heard = heard
        self.failed: asyncio.Future[Exception] = asyncio.get_running_loop().create_future()

    def datagram_received(self, data: bytes, _address: object) -> None:
        self._heard(data)

    def error_received(self, error: Exception) -> None:
        if not self.failed.done():
            self.failed.set_result(error)


async def addresses_of(host: str, port: int | None) -> list[tuple[int, int, int, str, tuple[str, int]]]:
    """The addresses of a name, as getaddrinfo gives them; those written in numbers need no resolver.

    Raises `gaierror`, and ValueError for what cannot even be asked for.
    """
    kind = socket.SOCK_DGRAM
    try:
        found = socket.getaddrinfo(host, port, type=kind, flags=socket.AI_NUMERICHOST)
    except socket.gaierror:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=kind)
    if not found:
        raise socket.gaierror(socket.EAI_NONAME, "the name has no address")
    return cast(list[tuple[int, int, int, str, tuple[str, int]]], found)


async def ping(query: Ping, number: int) -> QueryAnswer:
    """Ping once, and wait for the answer without end. Raises `NotPermitted`, OSError."""
    family, *_, address = socket.getaddrinfo(query.address, 0, type=socket.SOCK_DGRAM, flags=socket.AI_NUMERICHOST)[0]
    loop = asyncio.get_running_loop()
    identifier, data = os.getpid() & 0xFFFF, bytes(0x61 + at % 23 for at in range(query.size))
    with icmp.open_socket(family) as sock:
        sock.connect(address)
        sock.send(icmp.request(family, identifier, number & 0xFFFF, data))
        heard: asyncio.Future[int | OSError] = loop.create_future()
        # A socket for pings has an identifier of its own.
        mine = {identifier} if sock.type is socket.SOCK_RAW else range(1 << 16)

        def look() -> None:
            """Something waits: it may be the answer, or another program's."""
            try:
                seen = icmp.receive(sock)
            except BlockingIOError:
                return
            except OSError as error:
                if not heard.done():
                    heard.set_result(error)
                return
            if seen is None or seen.identifier not in mine or (seen.number, seen.data) != (number & 0xFFFF, data):
                return
            if not heard.done():
                heard.set_result(seen.ttl)

        loop.add_reader(sock, look)
        try:
            answer = await heard
        finally:
            loop.remove_reader(sock)
    if isinstance(answer, OSError):
        raise answer
    return Echoed(answer)
