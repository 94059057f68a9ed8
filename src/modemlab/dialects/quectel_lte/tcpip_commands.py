"""Names, pings and network time, as tables (TCP/IP guide V1.2, 2.2.11 to 2.2.14 and 2.2.16)."""

from modemlab.at.command import Command, Persistence, commands_of
from modemlab.at.parameters import Choice, Int, Param, Result, Text, maybe
from modemlab.at.urc import Urc
from modemlab.dialects.quectel_lte.mobile_commands import ERRORS, GUIDE, context_id

# A ping's data, in bytes.
PING_SIZE = 32
NTP_PORT = 123
# What became of a query; the codes are the guide's (chapter 4).
SUCCESS, BLOCKED, NO_SOCKET, DNS_BUSY, NO_NAME, UNREACHABLE, BUSY, TIMED_OUT, CONTEXT_LOST = (
    *(0, 551, 554, 564, 565, 566, 568, 569, 570),
)
FAILURES = {code: meaning for code, meaning in ERRORS.items() if code != SUCCESS}
SUCCEEDED = {SUCCESS: ERRORS[SUCCESS]}

address = Text("IP_address", meaning="Address")
timeout = Int("timeout", 1, 255, "How long each answer is awaited", default=4, unit="s")
pingnum = Int("pingnum", 1, 10, "How many pings at most", default=4)
PINGED = Urc(
    "+QPING",
    "A ping was answered",
    (
        Choice("result", SUCCEEDED),
        address,
        Int("bytes", 0, 65_535, "Length of its data", unit="bytes"),
        Int("time", 0, 255_000, "Time until the answer", unit="ms"),
        Int("ttl", 0, 255, "Time to live that the answer had left"),
    ),
)
PING_FAILED = Urc("+QPING", "A ping, or the command, failed", (Choice("result", FAILURES),))
ALL_PINGED = Urc(
    "+QPING",
    "The pings are done",
    (
        Result(SUCCEEDED, "finresult"),
        Int("sent", 0, 10, "Pings sent"),
        Int("rcvd", 0, 10, "Pings answered"),
        Int("lost", 0, 10, "Pings not answered"),
        Int("min", 0, 255_000, "The shortest time", unit="ms"),
        Int("max", 0, 255_000, "The longest time", unit="ms"),
        Int("avg", 0, 255_000, "The mean time", unit="ms"),
    ),
)
QPING = Command(
    "+QPING",
    "Ping of a host",
    f"{GUIDE}, 2.2.11",
    params=(
        context_id,
        Text("host", 255, 1, "Host, an address or a name", shown="<host>"),
        maybe(timeout),
        maybe(pingnum),
    ),
    urc=ALL_PINGED,
    urcs=(PINGED, PING_FAILED),
    max_response=76,
    note="The result takes <pingnum> times <timeout> at most, and 60 s for a name. One is under way at a time.",
)

server = Text("server", 255, 1, "Server, an address or a name", shown="<server>")
ntp_port = Int("port", 1, 65_535, "Port of the server", default=NTP_PORT)
TIME_RESULT = Urc(
    "+QNTP",
    "The server's time, or why there is none",
    (Result(ERRORS, "err"), Text("time", meaning="UTC and the time zone")),
    optional=1,
)
QNTP = Command(
    "+QNTP",
    "The clock set by a server of network time",
    f"{GUIDE}, 2.2.12",
    params=(
        context_id,
        server,
        maybe(ntp_port),
        maybe(Choice("autosettime", {0: "the clock stays as it is", 1: "the clock is set"}, "What it does", default=1)),
    ),
    read=(server, ntp_port),
    urc=TIME_RESULT,
    max_response=125,
    note="The read form shows the server while it is asked. One is asked at a time.",
)

pridnsaddr = Text("pridnsaddr", 39, 1, "First name server", default="", shown="<pridnsaddr>")
secdnsaddr = Text("secdnsaddr", 39, 1, "Second name server", default="", shown="<secdnsaddr>")
SERVERS: tuple[Param, ...] = (context_id, pridnsaddr, secdnsaddr)
QIDNSCFG = Command(
    "+QIDNSCFG",
    "Name servers of a PDP context",
    f"{GUIDE}, 2.2.13",
    params=(context_id, maybe(pridnsaddr), maybe(secdnsaddr)),
    note="With <contextID> alone it reads. What is set is kept and shown until the context goes down; names are asked "
    "of this system's own servers.",
)

FOUND = {"dnsgip": "a name was looked up"}
NAME_FOUND = Urc(
    "+QIURC",
    "A name was looked up, or why not",
    (
        Choice("urctype", FOUND),
        Result(ERRORS, "err"),
        Int("IP_count", 0, 999, "How many addresses follow"),
        Int("DNS_ttl", 0, 2**31 - 1, "How long they hold", unit="s"),
    ),
    optional=2,
)
NAME_ADDRESS = Urc(
    "+QIURC", "An address of the name", (Choice("urctype", FOUND), Text("hostIPaddr", meaning="Address"))
)
QIDNSGIP = Command(
    "+QIDNSGIP",
    "Addresses of a name",
    f"{GUIDE}, 2.2.14",
    params=(context_id, Text("hostname", 255, 1, "Name, or an address", shown="<hostname>")),
    urc=NAME_FOUND,
    urcs=(NAME_ADDRESS,),
    max_response=60,
    note="One is looked up at a time.",
)

echo = Choice("echo", {0: "not echoed", 1: "echoed"}, "Data of AT+QISEND", default=1)
QISDE = Command(
    "+QISDE",
    "Echo of the data that AT+QISEND sends",
    f"{GUIDE}, 2.2.16",
    params=(echo,),
    read=(echo,),
    kept=Persistence.VOLATILE,
    note="A setting without effect.",
)

COMMANDS = commands_of(globals())
