"""The commands of 3GPP TS 27.007, as tables (AT commands manual V1.1, chapters 2, 4 to 6, 9 and 10)."""

from modemlab.at.command import Command, Persistence, commands_of
from modemlab.at.parameters import Choice, Int, Repeat, Text, maybe
from modemlab.at.urc import Urc
from modemlab.dialects.v250.commands import EQUIPMENT, WORDS

MANUAL = "AT commands manual V1.1"

# An IMSI (3GPP TS 23.003, 2.2).
SUBSCRIBER = "[0-9]{6,15}"
text = Text("text", bare=True)
CGMI = Command("+CGMI", "Maker", f"{MANUAL}, 2.5", execute=(text,), test="", cme=True, bare=WORDS)
CGMM = Command("+CGMM", "Model", f"{MANUAL}, 2.6", execute=(text,), test="", cme=True, bare=WORDS)
CGMR = Command("+CGMR", "Revision of the firmware", f"{MANUAL}, 2.7", execute=(text,), test="", cme=True, bare=WORDS)
CGSN = Command("+CGSN", "IMEI", f"{MANUAL}, 2.9", execute=(text,), test="", cme=True, bare=EQUIPMENT)
CIMI = Command("+CIMI", "IMSI", f"{MANUAL}, 5.1", execute=(text,), test="", cme=True, bare=SUBSCRIBER)

LEVELS = {0: "minimum", 1: "full", 3: "receives no radio", 4: "neither receives nor transmits", 5: "without the SIM"}
fun = Choice("fun", LEVELS, "Level of functionality", default=1)
CFUN = Command(
    "+CFUN",
    "Functionality, restart",
    f"{MANUAL}, 2.22",
    params=(fun, maybe(Choice("rst", {0: "no restart", 1: "restart first"}, default=0))),
    read=(fun,),
    max_response=15,
    cme=True,
    note="A restart goes with <fun> 1 alone: OK, then everything starts again.",
)

cmee = Choice("n", {0: "ERROR", 1: "+CME ERROR: with a number", 2: "+CME ERROR: with words"}, default=1)
CMEE = Command(
    "+CMEE", "Format of errors", f"{MANUAL}, 2.23", params=(cmee,), read=(cmee,), cme=True, kept=Persistence.FACTORY
)

chset = Choice("chset", {"GSM": "GSM alphabet", "IRA": "ASCII", "UCS2": "UCS-2"}, default="GSM")
CSCS = Command(
    "+CSCS",
    "Character set of the host",
    f"{MANUAL}, 2.24",
    params=(chset,),
    read=(chset,),
    cme=True,
    kept=Persistence.FACTORY,
)

CPAS = Command(
    "+CPAS",
    "What the mobile is doing",
    f"{MANUAL}, 4.1",
    execute=(Choice("pas", {0: "ready", 2: "unknown", 3: "ringing", 4: "in a call"}),),
    test="+CPAS: (0,2,3,4)",
    cme=True,
)
CEER = Command(
    "+CEER",
    "Why the latest operation failed",
    f"{MANUAL}, 4.2",
    execute=(Text("text", bare=True, meaning="The cause, as 11.9 words it"),),
    test="",
    cme=True,
    note="Of registration, attachment and PDP contexts; there are no calls.",
)

CPIN = Command(
    "+CPIN",
    "What the SIM waits for",
    f"{MANUAL}, 5.3",
    params=(
        Text("pin", 8, 4, "PIN, or PUK", secret=True),
        maybe(Text("newpin", 8, 4, "New PIN after a PUK", secret=True)),
    ),
    read=(Text("code", bare=True),),
    urc=Urc("+CPIN", "What the SIM waits for", (Text("state", bare=True),), f"{MANUAL}, 11.7 and the example of 2.22"),
    test="",
    max_response=5,
    cme=True,
)

FACILITIES = {
    "SC": "the SIM asks for its PIN at each start",
    "AO": "outgoing calls barred",
    "OI": "outgoing international calls barred",
    "OX": "outgoing international calls barred but home",
    "AI": "incoming calls barred",
    "IR": "incoming calls barred when roaming",
    "AB": "all barring",
    "AG": "all outgoing barring",
    "AC": "all incoming barring",
}
LOCKS = {
    "FD": "fixed dialling",
    "PF": "first SIM inserted",
    "PN": "network personalization",
    "PU": "network subset personalization",
    "PP": "service provider personalization",
    "PC": "corporate personalization",
}
CLASSES = {
    1: "voice",
    2: "data",
    4: "fax",
    7: "all but messages",
    8: "messages",
    16: "synchronous data",
    32: "asynchronous data",
}
# These three take <mode> 0 alone.
UNLOCKED_ALONE = ("AB", "AG", "AC")
lock_status = Choice("status", {0: "off", 1: "on"})
CLCK = Command(
    "+CLCK",
    "Locks",
    f"{MANUAL}, 5.2",
    params=(
        Choice("fac", FACILITIES | LOCKS, "What is locked"),
        Choice("mode", {0: "unlock", 1: "lock", 2: "show"}),
        maybe(Text("passwd", 8, 4, "Password; the PIN for SC", secret=True)),
        maybe(Choice("class", CLASSES, "Kind of service", default=7)),
    ),
    test=f"+CLCK: ({','.join(f'{chr(34)}{fac}{chr(34)}' for fac in FACILITIES | LOCKS)})",
    max_response=5,
    cme=True,
    note="SC alone can be locked; the others are off.",
)
CPWD = Command(
    "+CPWD",
    "Change of a password",
    f"{MANUAL}, 5.4",
    params=(
        Choice("fac", {**FACILITIES, "P2": "PIN2"}, "What it is for"),
        Text("oldpwd", 8, 4, "Old password", secret=True),
        Text("newpwd", 8, 4, "New password", secret=True),
    ),
    test='+CPWD: ("SC",8),("AO",4),("OI",4),("OX",4),("AI",4),("IR",4),("AB",4),("AG",4),("AC",4),("P2",8)',
    max_response=5,
    cme=True,
    note="The PIN alone can be changed, while the SIM is locked with it.",
)

MODES = {
    0: "automatic",
    1: "the network given",
    2: "none",
    3: "only sets the format",
    4: "the network given, else automatic",
}
TECHNOLOGIES = {
    0: "GSM",
    2: "UTRAN",
    3: "GSM with EGPRS",
    4: "UTRAN with HSDPA",
    5: "UTRAN with HSUPA",
    6: "UTRAN with HSDPA and HSUPA",
    7: "E-UTRAN",
    8: "UTRAN with HSPA+",
}
cops_mode = Choice("mode", MODES, "How the network is chosen", default=0)
cops_format = Choice("format", {0: "long name", 1: "short name", 2: "number"}, "Format of <oper>", default=0)
oper = Text("oper", 32, 1, "Network")
act = Choice("Act", TECHNOLOGIES, "Access technology")
asked_act = Choice("Act", {n: TECHNOLOGIES[n] for n in (0, 2, 7, 8)}, "Access technology asked for")
COPS = Command(
    "+COPS",
    "Choice of the network",
    f"{MANUAL}, 6.1",
    params=(cops_mode, maybe(cops_format), maybe(oper), maybe(asked_act)),
    read=(cops_mode, cops_format, oper, act),
    test="+COPS: (2,<long>,<short>,<number>,<Act>),,(0,1,2,3,4),(0,1,2)",
    max_response=180,
    cme=True,
    note="The test form searches: what it lists is what the mobile receives.",
)

STATS = {
    0: "not registered, not searching",
    1: "registered, home network",
    2: "not registered, searching",
    3: "registration denied",
    4: "unknown",
    5: "registered, roaming",
}
REPORTING = {0: "not reported", 1: "its changes", 2: "its changes, with area and cell"}
reg_mode = Choice("n", REPORTING, "What is reported", default=0)
stat = Choice("stat", STATS, "Registration")


def registration(name: str, title: str, section: str, area: str) -> Command:
    """One of the three commands that show the registration and report its changes."""
    place = (Text(area, 4, 4, "Area, hexadecimal"), Text("ci", 8, 4, "Cell, hexadecimal"), act)
    return Command(
        name,
        title,
        f"{MANUAL}, {section}",
        params=(reg_mode,),
        read=(reg_mode, stat, *place),
        execute=(),
        urc=Urc(name, title, (stat, *place), f"{MANUAL}, {section}", optional=3),
        cme=True,
        kept=Persistence.PROFILE,
        note="Without parameters as with 0. Area and cell are shown with 2 while registered.",
    )


CREG = registration("+CREG", "Registration", "6.2", "lac")

CSQ = Command(
    "+CSQ",
    "Signal quality",
    f"{MANUAL}, 6.3",
    execute=(
        Int("rssi", 0, 199, "Strength: 0 -113 dBm or less, 31 -51 dBm or more, 99 unknown"),
        Int("ber", 0, 99, "Bit error rate, 99 unknown"),
    ),
    test="+CSQ: (0-31,99),(0-7,99)",
    cme=True,
)

onoff = Choice("onoff", {0: "no", 1: "yes, to UTC", 3: "yes, to local time"}, default=1)
CTZU = Command(
    "+CTZU",
    "Whether the network sets the clock",
    f"{MANUAL}, 6.6",
    params=(onoff,),
    read=(onoff,),
    cme=True,
    note="Stored at once.",
)

tz = Text("tz", 3, 3, "Quarters of an hour east of UTC, as +32")
CTZV = Urc("+CTZV", "The time zone changed", (tz,), f"{MANUAL}, 6.7")
CTZE = Urc(
    "+CTZE",
    "The time zone changed",
    (tz, Int("dst", 0, 2, "Hours of daylight saving in it"), Text("time", 19, 19, "Local time")),
    f"{MANUAL}, 6.7",
)
reporting = Choice("reporting", {0: "none", 1: "+CTZV", 2: "+CTZE"}, default=0, shown="(0-2)")
CTZR = Command(
    "+CTZR",
    "Report of the time zone",
    f"{MANUAL}, 6.7",
    params=(reporting,),
    read=(reporting,),
    urcs=(CTZV, CTZE),
    cme=True,
    kept=Persistence.ALWAYS_FACTORY,
)

time = Text("time", 20, 20, 'Date, time and time zone, as "24/05/06,22:10:00+32"')
CCLK = Command("+CCLK", "Clock", f"{MANUAL}, 10.2", params=(time,), read=(time,), test="", cme=True)

attached = Choice("state", {0: "detached", 1: "attached"})
CGATT = Command(
    "+CGATT",
    "Attachment to the packet domain",
    f"{MANUAL}, 9.1",
    params=(attached,),
    read=(attached,),
    max_response=140,
    cme=True,
)

cid = Int("cid", 1, 15, "PDP context")
PDP_TYPES = {"IP": "IPv4", "IPV6": "IPv6", "IPV4V6": "both"}
pdp_type = Choice("PDP_type", PDP_TYPES, "Kind of addresses", default="IP", shown="<PDP_type>")
apn = Text("APN", 100, meaning="Access point name", default="", shown="<APN>")
pdp_addr = Text("PDP_addr", 45, meaning="Static address", default="", shown="<PDP_addr>")
data_comp = Choice("data_comp", {0: "none", 1: "on", 2: "V.42bis"}, "Compression of data", default=0)
HEADERS = {0: "none", 1: "on", 2: "RFC 1144", 3: "RFC 2507", 4: "RFC 3095"}
head_comp = Choice("head_comp", HEADERS, "Compression of headers", default=0)
CGDCONT = Command(
    "+CGDCONT",
    "Definition of a PDP context",
    f"{MANUAL}, 9.2",
    params=(
        cid,
        *(maybe(param) for param in (pdp_type, apn, pdp_addr, data_comp, head_comp)),
        maybe(Choice("IPv4AddrAlloc", {0: "NAS", 1: "DHCP"}, "Where an IPv4 address comes from")),
        maybe(Choice("request_type", {0: "new or handed over", 1: "emergency"}, "Kind of request")),
        maybe(Choice("P-CSCF_discovery", {0: "any", 1: "NAS", 2: "DHCP"}, "Where P-CSCF comes from")),
        maybe(Choice("IM_CN_Signalling_Flag_Ind", {0: "any use", 1: "IM CN signalling"}, "What for")),
    ),
    read=(cid, pdp_type, apn, pdp_addr, data_comp, head_comp),
    cme=True,
    note="With <cid> alone the definition is taken away. Refused while the context is active. The last four "
    "are checked and have no effect. Definitions outlive the power; AT+QICSGP shows the same ones.",
)

context_state = Choice("state", {0: "not active", 1: "active"})
CGACT = Command(
    "+CGACT",
    "Activation of PDP contexts",
    f"{MANUAL}, 9.7",
    params=(context_state, maybe(Int("cid", 1, 15, "PDP context; all defined when left out", shown=""))),
    read=(cid, context_state),
    test="+CGACT: (0,1)",
    max_response=150,
    cme=True,
)

CGPADDR = Command(
    "+CGPADDR",
    "Addresses of PDP contexts",
    f"{MANUAL}, 9.9",
    params=(Repeat((cid,), 15, shown="(1-15)"),),
    execute=(cid, Text("PDP_addr", 45, meaning="Address; left out while there is none")),
    cme=True,
    note="The test form lists the defined contexts.",
)
CGREG = registration("+CGREG", "Registration for packet service", "9.11", "lac")
CEREG = registration("+CEREG", "Registration for EPS", "9.14", "tac")

event_mode = Choice("mode", {0: "kept", 1: "sent or dropped", 2: "sent or kept"}, default=0, shown="(0-2)")
CGEV = Urc("+CGEV", "An event of the packet domain", (Text("event", bare=True),), f"{MANUAL}, 9.12")
bfr = Choice("bfr", {0: "cleared", 1: "sent"}, "What becomes of those that were kept", default=0)
CGEREP = Command(
    "+CGEREP",
    "Report of packet domain events",
    f"{MANUAL}, 9.12",
    params=(event_mode, maybe(bfr)),
    read=(event_mode, bfr),
    urc=CGEV,
    cme=True,
    kept=Persistence.FACTORY,
    note="PDN ACT, PDN DEACT, NW DEACT, NW DETACH and ME DETACH are told; with 0 the latest eight are kept.",
)

COMMANDS = commands_of(globals())
