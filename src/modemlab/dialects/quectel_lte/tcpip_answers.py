"""How names, pings and network time are answered (TCP/IP guide V1.2, 2.2.11 to 2.2.14)."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

from modemlab import ntp
from modemlab.at.command import Command
from modemlab.at.steps import OK, Info, Refused, Steps
from modemlab.at.urc import Urc, line_of
from modemlab.dialect.answer_registry import Answers
from modemlab.dialect.device import Device
from modemlab.dialect.network import Addresses, Datagram, Echoed, QueryAnswer, QueryError, is_address
from modemlab.dialects.quectel_lte import mobile_commands as mobile
from modemlab.dialects.quectel_lte import tcpip_commands as c
from modemlab.dialects.quectel_lte.memory import LteMemory
from modemlab.text.catalogue import N_
from modemlab.text.reason import About, Reason, Sentence, helped

ANSWERS = Answers()

# The name servers that the network gives a context, by its type: 1 IPv4, 2 IPv6, 3 both.
NETWORK_DNS_SERVERS = {
    1: ("10.64.0.53", "10.64.0.54"),
    2: ("2001:db8::53", "2001:db8::54"),
    3: ("10.64.0.53", "10.64.0.54"),
}
# Versions of addresses that a context of a type reaches.
REACHED = {1: (4,), 2: (6,), 3: (4, 6)}
# How long an address holds: a resolver does not tell.
TTL = 600
# A server that does not answer is asked again after so many seconds (RFC 4330, 10).
NTP_RETRY_S = 15.0
# It is not asked for the last time, in seconds, that it has.
NTP_FINAL_MARGIN_S = 1.0
KEPT_SERVERS = Sentence(N_("the servers are stored and shown, but names are resolved by this system's own DNS servers"))
REMEDIES = {
    QueryError.NAME: N_("check its spelling"),
    QueryError.TIMEOUT: N_("is the host up, and is a firewall blocking the way?"),
    QueryError.UNREACHABLE: N_("check the address, and this machine's network"),
    QueryError.CONTEXT: N_("AT+QIACT again"),
    QueryError.NOT_PERMITTED: N_("on Linux, `sysctl -w net.ipv4.ping_group_range='0 2147483647'` as root allows it"),
}
CODES = {
    QueryError.NAME: c.NO_NAME,
    QueryError.TIMEOUT: c.TIMED_OUT,
    QueryError.UNREACHABLE: c.UNREACHABLE,
    QueryError.CONTEXT: c.CONTEXT_LOST,
    QueryError.NOT_PERMITTED: c.NO_SOCKET,
}


def begin(module: Device, command: Command, cid: int, code: int) -> LteMemory:
    """Take up a command that is under way once at a time. Raises `Refused` when it is, with that code, and when its
    context is not active.
    """
    check_active(module, command, cid)
    memory = module.memory(LteMemory)
    if command.name in memory.under_way:
        raise Refused(command.where(N_("the previous one is still running")), code)
    memory.last_error = 0
    return memory


def check_active(module: Device, command: Command, cid: int) -> None:
    """Refuse a command whose context is not active."""
    if cid not in module.mobile.active:
        raise Refused(
            command.where(N_("context {cid} is not active: AT+QIACT={cid} first"), cid=cid), mobile.OPENING_FAILED
        )


def fail(module: Device, command: Command, host: str, error: QueryError, urc: Urc, *ahead: str) -> None:
    """Tell a failure and note its reason with the remedy; that pings are not permitted is noted once."""
    reason = helped(Sentence(error.value), Sentence(REMEDIES[error]))
    if error is not QueryError.NOT_PERMITTED:
        module.log(f"AT{command.name}", About(named(host), reason))
    else:
        note_once(module, command, reason)
    module.send_urc(urc, *ahead, CODES[error])


def named(host: str) -> str:
    """A host as the log shows it: in one line, and not too long."""
    return repr(host[:60])


def note_once(module: Device, command: Command, reason: Reason) -> None:
    """Say to the log what it need not hear again until the next start."""
    memory = module.memory(LteMemory)
    if reason not in memory.noted:
        memory.noted |= {reason}
        module.log(f"AT{command.name}", reason)


def resolve(
    module: Device, cid: int, host: str, found: Callable[[list[str] | QueryError], None], port: int | None = None
) -> None:
    """Look a name up; `found` is told the addresses that the context reaches, or why there are none. `port` is that of
    the datagrams which are to go there.
    """
    versions = REACHED.get(module.mobile.active[cid].type, (4,))

    def sort(answer: QueryAnswer) -> None:
        if not isinstance(answer, Addresses):
            found(answer if isinstance(answer, QueryError) else QueryError.NAME)
            return
        reached = [text for text in answer.addresses if (6 if ":" in text else 4) in versions]
        found(reached or QueryError.NAME)

    module.queries.resolve(host, cid, c.QIDNSGIP.max_response, sort, port)


# Names


@ANSWERS(c.QIDNSCFG.on_write)
def name_servers(module: Device, cid: int, first: str | None, second: str | None) -> Steps:
    """Set a context's name servers, or show them."""
    check_active(module, c.QIDNSCFG, cid)
    if first is None and second is None:
        given = NETWORK_DNS_SERVERS.get(module.mobile.active[cid].type, NETWORK_DNS_SERVERS[1])
        _, *chosen = module.get(c.QIDNSCFG, client=cid)
        shown = [own or network for own, network in zip(chosen, given, strict=True)]
        yield Info(line_of(c.QIDNSCFG.name, c.SERVERS, (cid, *shown)))
    else:
        for text in (first, second):
            if text is not None and not is_address(text):
                raise Refused(
                    c.QIDNSCFG.where(N_("{text!r} is not an address"), text=text[:40]), mobile.INVALID_PARAMETERS
                )
        module.set(c.QIDNSCFG, (None, first, second), client=cid)
        note_once(module, c.QIDNSCFG, KEPT_SERVERS)
    module.memory(LteMemory).last_error = 0
    yield OK


def forget_servers(module: Device, cid: int) -> None:
    """A context went down: the next time the network gives it name servers anew."""
    if module.get(c.QIDNSCFG, client=cid) != c.QIDNSCFG.settings[""].defaults:
        module.set(c.QIDNSCFG, (None, "", ""), client=cid)


@ANSWERS(c.QIDNSGIP.on_write)
def look_up(module: Device, cid: int, hostname: str) -> Steps:
    """Look a name up; its addresses are told."""
    memory = begin(module, c.QIDNSGIP, cid, c.DNS_BUSY)
    yield OK
    memory.begin(c.QIDNSGIP)
    resolve(module, cid, hostname, partial(tell_addresses, module, hostname))


def tell_addresses(module: Device, hostname: str, found: list[str] | QueryError) -> None:
    """What a name stands for."""
    module.memory(LteMemory).end(c.QIDNSGIP)
    if isinstance(found, QueryError):
        fail(module, c.QIDNSGIP, hostname, found, c.NAME_FOUND, "dnsgip")
        return
    module.send_urc(c.NAME_FOUND, "dnsgip", c.SUCCESS, len(found), TTL)
    for address in found:
        module.send_urc(c.NAME_ADDRESS, "dnsgip", address)


# Pings


@ANSWERS(c.QPING.on_write)
def ping(module: Device, cid: int, host: str, timeout: int | None, pingnum: int | None) -> Steps:
    """Ping a host, one time after the other."""
    memory = begin(module, c.QPING, cid, c.BUSY)
    yield OK
    memory.begin(c.QPING)
    pings = Pings(module, cid, host, timeout or c.timeout.default or 0, pingnum or c.pingnum.default or 0)
    resolve(module, cid, host, pings.found)


class Pings:
    """The pings of a command. `left` are still to be sent, `times` those of the answers, in milliseconds."""

    __slots__ = ("_address", "_cid", "_host", "_module", "_number", "_sent_at", "_timeout", "left", "times")

    def __init__(self, module: Device, cid: int, host: str, timeout: int, number: int) -> None:
        self._module, self._cid, self._host, self._timeout = module, cid, host, timeout
        self._number = self.left = number
        self._address, self._sent_at = "", 0.0
        self.times: list[int] = []

    def found(self, found: list[str] | QueryError) -> None:
        """The host's addresses are known, or not."""
        if isinstance(found, QueryError):
            self._finish(found)
        else:
            self._address = found[0]
            self._send()

    def _send(self) -> None:
        """The next ping goes out; behind the last one all are summed up."""
        module, times = self._module, self.times
        if self.left:
            self.left -= 1
            self._sent_at = module.now
            module.queries.ping(self._address, c.PING_SIZE, self._cid, self._timeout, self._heard)
            return
        self._finish(None)
        lost = self._number - len(times)
        mean = sum(times) // len(times) if times else 0
        figures = (min(times, default=0), max(times, default=0), mean)
        module.send_urc(c.ALL_PINGED, c.SUCCESS, self._number, len(times), lost, *figures)

    def _heard(self, answer: QueryAnswer) -> None:
        """A ping is answered, or not."""
        if isinstance(answer, Echoed):
            time = round((self._module.now - self._sent_at) * 1000)
            self.times.append(time)
            self._module.send_urc(c.PINGED, c.SUCCESS, self._address, c.PING_SIZE, time, answer.ttl)
        elif answer in (QueryError.TIMEOUT, QueryError.UNREACHABLE):
            assert isinstance(answer, QueryError)
            fail(self._module, c.QPING, self._host, answer, c.PING_FAILED)
        else:
            assert isinstance(answer, QueryError)
            self._finish(answer)
            return
        self._send()

    def _finish(self, error: QueryError | None) -> None:
        """The command is over, for that reason if it failed."""
        self._module.memory(LteMemory).end(c.QPING)
        if error is not None:
            fail(self._module, c.QPING, self._host, error, c.PING_FAILED)


# Network time


@ANSWERS(c.QNTP.on_read)
def show_server(module: Device) -> Steps:
    """The server that is asked for the time."""
    asked = module.memory(LteMemory).under_way.get(c.QNTP.name)
    if asked is not None:
        yield Info(c.QNTP.info(*asked))
    yield OK


@ANSWERS(c.QNTP.on_write)
def synchronise(module: Device, cid: int, server: str, port: int | None, autosettime: int | None) -> Steps:
    """Ask a server for the time, and set the clock by it."""
    memory = begin(module, c.QNTP, cid, c.BUSY)
    yield OK
    place = server, c.NTP_PORT if port is None else port
    memory.begin(c.QNTP, place)
    asking = TimeQuery(module, cid, place, autosettime != 0)
    resolve(module, cid, server, asking.found, place[1])


class TimeQuery:
    """A server being asked for the time, until it answers or the command's time is over."""

    __slots__ = ("_address", "_asked", "_cid", "_module", "_place", "_sent_at", "_sets", "_until")

    def __init__(self, module: Device, cid: int, place: tuple[str, int], sets: bool) -> None:
        self._module, self._cid, self._place, self._sets = module, cid, place, sets
        self._until = module.now + c.QNTP.max_response
        self._address, self._asked, self._sent_at = "", b"", 0.0

    def found(self, found: list[str] | QueryError) -> None:
        """The server's addresses are known, or not."""
        if isinstance(found, QueryError):
            self._heard(found)
        else:
            self._address = found[0]
            self._ask()

    def _ask(self) -> None:
        """Ask once more."""
        module = self._module
        self._sent_at = module.now
        self._asked = ntp.request(module.mobile.clock.utc(module.now))
        patience = min(NTP_RETRY_S, self._until - module.now)
        module.queries.exchange(
            (*self._place, self._address), self._asked, self._fits, self._cid, patience, self._heard
        )

    def _fits(self, data: bytes) -> bool:
        """Whether a datagram answers the question."""
        return ntp.read(data, self._asked) is not None

    def _heard(self, answer: QueryAnswer) -> None:
        """The server has answered, or not."""
        module = self._module
        if answer is QueryError.TIMEOUT and self._address and self._until - module.now > NTP_FINAL_MARGIN_S:
            self._ask()
            return
        module.memory(LteMemory).end(c.QNTP)
        host, _ = self._place
        if isinstance(answer, QueryError):
            fail(module, c.QNTP, host, answer, c.TIME_RESULT)
        elif isinstance(answer, Datagram) and (reply := ntp.read(answer.data, self._asked)) is not None:
            take_time(module, host, reply, (module.now - self._sent_at) / 2, self._sets)


def take_time(module: Device, host: str, reply: ntp.Reply, delay: float, sets: bool) -> None:
    """Set the clock to what a server said `delay` seconds ago, and tell it."""
    if reply.time is None:
        module.log(
            f"AT{c.QNTP.name}",
            Sentence(N_("{host} sent a Kiss-o'-Death packet: stop asking this NTP server"), host=named(host)),
        )
        module.send_urc(c.TIME_RESULT, c.BLOCKED)
        return
    clock = module.mobile.clock
    time = datetime(1970, 1, 1) + timedelta(seconds=reply.time + delay)
    if sets:
        clock.set(time, clock.zone, module.now)
    module.send_urc(c.TIME_RESULT, c.SUCCESS, f"{time:%Y/%m/%d,%H:%M:%S}{clock.zone:+03d}")
