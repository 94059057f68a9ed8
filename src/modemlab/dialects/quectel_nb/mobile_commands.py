"""The mobile of BC35-G and BC28, as tables (BC35-G & BC28 & BC95 R2.0 AT commands manual V1.0)."""

from dataclasses import replace

from modemlab.at.command import Command, Persistence, commands_of
from modemlab.at.parameters import Choice, Int, Param, Repeat, Text, maybe
from modemlab.at.urc import Urc
from modemlab.dialect.mobile import Cell, Context, Factory
from modemlab.dialects.quectel_nb.module_commands import CLOSE, MANUAL, setting, text
from modemlab.dialects.tgpp import commands as tgpp

# The context that comes up with the attachment, and that which the universal card's own applications have.
INITIAL, BIP = 0, 7
# What a definition has where the host leaves it out.
UNDEFINED = Context(3)
FACTORY = Factory(contexts={INITIAL: UNDEFINED}, initial=INITIAL, cell=Cell("1A2B", "05C3D2E1", 9, "NB-IoT", "8", 3734))

# Registration and PDP contexts

REPORTING = {
    0: "not reported",
    1: "its changes",
    2: "its changes, with area and cell",
    3: "as 2, with the cause of a refusal",
    4: "as 2, with the timers of power saving",
    5: "as 4, with the cause of a refusal",
}
stat = Choice("stat", tgpp.STATS, "Registration")
act = Choice("AcT", {7: "E-UTRAN", 9: "E-UTRAN, NB-S1"}, "Access technology")
PLACE: tuple[Param, ...] = (
    Text("tac", 4, 4, "Area, hexadecimal", bare=True),
    Text("ci", 8, 8, "Cell, hexadecimal", bare=True),
    act,
    Text("cause_type", 1, meaning="Kind of the cause, 0: one of EMM; empty but for a registration denied", bare=True),
    Text("reject_cause", 3, meaning="Cause, as numbered in 3GPP TS 24.301, 9.9.3.9", bare=True),
    Text("Active-Time", 8, 8, "T3324 in bits", bare=True),
    Text("Periodic-TAU", 8, 8, "T3412 in bits", bare=True),
)
reg_mode = Choice("n", REPORTING, "What is reported", default=0)
REGISTRATION = Urc("+CEREG", "The registration changed", (stat, *PLACE), f"{MANUAL}, 2.7", 7, separator=CLOSE)
CEREG = Command(
    "+CEREG",
    "Registration for EPS",
    f"{MANUAL}, 2.7",
    params=(reg_mode,),
    read=(reg_mode, stat, *PLACE),
    urc=REGISTRATION,
    cme=True,
    kept=Persistence.VOLATILE,
    separator=CLOSE,
)
CONNECTION = Urc(
    "+CSCON",
    "The signalling connection changed",
    (Choice("mode", {0: "idle", 1: "connected"}),),
    f"{MANUAL}, 2.8",
    separator=CLOSE,
)
CSCON = replace(
    setting("+CSCON", "Signalling connection", "2.8", Choice("n", {0: "silent", 1: "reported"}, default=0), kept=None),
    read=(Choice("n", {0: "silent", 1: "reported"}, default=0), *CONNECTION.params),
    urc=CONNECTION,
    kept=Persistence.VOLATILE,
    note="Connected from AT+QMTOPEN on until the network of the MQTT client is closed.",
)
CSQ = Command(
    "+CSQ",
    "Signal quality",
    f"{MANUAL}, 2.10",
    execute=(
        Int("rssi", 0, 99, "Strength: 0 -113 dBm or less, 31 -51 dBm or more, 99 unknown"),
        Int("ber", 0, 99, "Bit error rate, always 99"),
    ),
    test="+CSQ:(0-31,99),(99)",
    cme=True,
    separator=CLOSE,
)
cid = Int("cid", 0, 10, "PDP context")
CGPADDR = Command(
    "+CGPADDR",
    "Addresses of PDP contexts",
    f"{MANUAL}, 2.11",
    params=(Repeat((cid,), 11, shown="(<cid>,...)"),),
    execute=(cid, Text("PDP_addr", 45, meaning="Address; left out while there is none", bare=True)),
    cme=True,
    note="The test form lists the defined contexts.",
    separator=CLOSE,
)
cops_mode = Choice("mode", {0: "automatic", 1: "the network given", 2: "none"}, default=0)
cops_format = Choice("format", {2: "number"}, default=2)
oper = Text("oper", 6, 5, "Network, MCC and MNC")
COPS = Command(
    "+COPS",
    "Choice of the network",
    f"{MANUAL}, 2.12",
    params=(cops_mode, maybe(cops_format), maybe(oper), maybe(act)),
    read=(cops_mode, cops_format, oper),
    test="+COPS:(2,,,<oper>),,(0-2),(2)",
    max_response=630,
    cme=True,
    note="The test form searches; it is refused while the MQTT client is open.",
    separator=CLOSE,
)
state = Choice("state", {0: "detached", 1: "attached"})
CGATT = replace(
    setting("+CGATT", "Attachment to the packet domain", "2.13", state, kept=None),
    max_response=1,
    note="1 makes the choice of the network automatic.",
)
context_state = Choice("state", {0: "not active", 1: "active"})
CGACT = Command(
    "+CGACT",
    "Activation of PDP contexts",
    f"{MANUAL}, 2.14",
    params=(context_state, cid),
    read=(cid, context_state),
    test="+CGACT:(0,1)",
    max_response=1,
    cme=True,
    note="The last one that is active stays so.",
    separator=CLOSE,
)
PDP_TYPES = {"IP": "IPv4", "NONIP": "no IP", "IPV6": "IPv6", "IPV4V6": "both"}
pdp_type = Choice("PDP_type", PDP_TYPES, "Kind of addresses", default="IPV4V6")
CGDCONT = Command(
    "+CGDCONT",
    "Definition of a PDP context",
    f"{MANUAL}, 2.16",
    params=(
        cid,
        maybe(pdp_type),
        maybe(Text("APN", 63, meaning="Access point name")),
        maybe(Text("PDP_addr", 45, meaning="Without effect")),
        maybe(Choice("d_comp", {0: "none"}, "Compression of data", default=0)),
        maybe(Choice("h_comp", {0: "none", 1: "on"}, "Compression of headers", default=0)),
        *(
            maybe(Int(name, 0, 2, "Without effect"))
            for name in ("IPv4AddrAlloc", "request_type", "PCSCF_discovery", "IM_CN_Signalling_Flag_Ind")
        ),
        maybe(Choice("NSLPI", {0: "as configured", 1: "not low"}, "Priority of signalling", default=0)),
        maybe(Choice("securePCO", {0: "no", 1: "yes"}, "Ciphered configuration options", default=0)),
    ),
    read=(cid, text),
    test='+CGDCONT:(0-10),("IP","NONIP","IPV6","IPV4V6"),,,(0),(0,1),,,,,(0,1),(0,1)',
    cme=True,
    note="With <cid> alone the definition is taken away. Context 0 comes up with the attachment.",
    separator=CLOSE,
)
fun = Choice("fun", {0: "minimum", 1: "full"}, "Level of functionality", default=0)
CFUN = Command(
    "+CFUN",
    "Functionality",
    f"{MANUAL}, 2.17",
    params=(fun, maybe(Choice("rst", {0: "no restart", 1: "ignored"}, default=0))),
    read=(fun,),
    max_response=85,
    cme=True,
    separator=CLOSE,
)

# Clock, power saving and authentication

CCLK = Command(
    "+CCLK",
    "Clock",
    f"{MANUAL}, 2.19",
    params=(Text("time", 20, 20, 'Date, time and time zone, as "24/05/06,22:10:00+32"'),),
    read=(text,),
    test="",
    cme=True,
    note="Set by the host with AT+NITZ=0 alone; empty until the network has told the time.",
    separator=CLOSE,
)
NITZ = setting(
    "+NITZ",
    "Who sets the clock",
    "4.29",
    Choice("mode", {0: "the host", 1: "the network"}, default=1),
    kept=Persistence.VOLATILE,
)
TIME = Text("time", 19, 19, "Date and time")
dst = Int("dst", 0, 2, "Hours of daylight saving in it")
tz = Text("tz", 3, 3, "Quarters of an hour east of UTC, as +32", bare=True)
ZONES = {
    1: Urc("+CTZV", "The time zone changed", (tz,), f"{MANUAL}, 2.24", separator=CLOSE),
    2: Urc("+CTZE", "The time zone changed, local time", (tz, dst, TIME), f"{MANUAL}, 2.24", separator=CLOSE),
    3: Urc("+CTZEU", "The time zone changed, UTC", (tz, dst, TIME), f"{MANUAL}, 2.24", separator=CLOSE),
}
reporting = Choice("reporting", {0: "none", 1: "+CTZV", 2: "+CTZE", 3: "+CTZEU"}, default=0)
CTZR = replace(
    setting("+CTZR", "Report of the time zone", "2.24", reporting, kept=Persistence.VOLATILE),
    urcs=tuple(ZONES.values()),
)
tau = Text("Requested_Periodic-TAU", 8, 8, "T3412 in bits", "01000001", bare=True)
active_time = Text("Requested_Active-Time", 8, 8, "T3324 in bits", "00000101", bare=True)
power_saving = Choice("mode", {0: "off", 1: "on", 2: "off, timers as at first"}, default=0)
CPSMS = Command(
    "+CPSMS",
    "Power saving mode",
    f"{MANUAL}, 2.20",
    params=(
        power_saving,
        maybe(Text("Requested_Periodic-RAU", 8, meaning="Ignored", default="")),
        maybe(Text("Requested_GPRSREADYtimer", 8, meaning="Ignored", default="")),
        maybe(tau),
        maybe(active_time),
    ),
    read=(power_saving, text, text, tau, active_time),
    test="+CPSMS:(0,1,2),,,( 00000000-11111111), (00000000-11111111)",
    cme=True,
    kept=Persistence.VOLATILE,
    note="The timers are shown by AT+CEREG while it is on; the module never sleeps.",
    separator=CLOSE,
)
act_type = Choice("AcT-type", {5: "E-UTRAN, NB-S1"}, default=5)
edrx_value = Text("Requested_eDRX_value", 4, 4, "Length of the cycle in bits", "0010")
CEDRXS = Command(
    "+CEDRXS",
    "Extended discontinuous reception",
    f"{MANUAL}, 2.21",
    params=(
        Choice("mode", {0: "off", 1: "on", 2: "on, reported", 3: "off, value as at first"}, default=1),
        maybe(act_type),
        maybe(edrx_value),
    ),
    read=(act_type, edrx_value),
    test='+CEDRXS:(0,1,2,3),(5),("0000"-"1111")',
    cme=True,
    kept=Persistence.VOLATILE,
    note="A setting without effect.",
    separator=CLOSE,
)
NPSMR = Command(
    "+NPSMR",
    "Report of power saving",
    f"{MANUAL}, 4.22",
    params=(Choice("n", {0: "silent", 1: "reported"}, default=0),),
    read=(Choice("n", {0: "silent", 1: "reported"}), Choice("mode", {0: "normal", 1: "power saving"})),
    cme=True,
    kept=Persistence.VOLATILE,
    note="The module never sleeps: <mode> is 0, shown with <n> 1.",
    separator=CLOSE,
)
auth_prot = Choice("auth_prot", {0: "none", 1: "PAP", 2: "CHAP"}, default=0)
userid = Text("userid", 60, meaning="User name", shown="(0-60)")
auth_password = Text("password", 60, meaning="Password", shown="(0-60)", secret=True)
CGAUTH = Command(
    "+CGAUTH",
    "Authentication of a PDP context",
    f"{MANUAL}, 2.30",
    params=(cid, maybe(auth_prot), maybe(userid), maybe(auth_password)),
    read=(cid, auth_prot, userid, auth_password),
    cme=True,
    note="1 and 2 need a user name; 0 takes user name and password away.",
    separator=CLOSE,
)

COMMANDS = commands_of(globals())
