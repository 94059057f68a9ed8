"""The line and the module of BC35-G and BC28, as tables (BC35-G & BC28 & BC95 R2.0 AT commands manual V1.0)."""

from dataclasses import replace

from modemlab.at.command import Command, Option, Persistence, commands_of
from modemlab.at.parameters import Choice, Int, Param, Repeat, Text, maybe
from modemlab.at.urc import Urc
from modemlab.dialects.tgpp import commands as tgpp
from modemlab.dialects.v250.commands import WORDS

MANUAL = "BC35-G AT commands manual V1.0"
# Nothing stands between the colon and the values, but for +CPIN and the MQTT commands.
CLOSE = ":"


def plain(
    name: str,
    title: str,
    section: str,
    *params: Param,
    max_response: float = 0.3,
    note: str = "",
    bare: str | None = None,
) -> Command:
    """A command whose execute form alone answers with values."""
    return Command(
        *(name, title, f"{MANUAL}, {section}"),
        execute=params,
        test="",
        max_response=max_response,
        cme=True,
        note=note,
        separator=CLOSE,
        bare=bare,
    )


def setting(name: str, title: str, section: str, *params: Param, kept: Persistence | None, note: str = "") -> Command:
    """A command whose read form shows what its write form sets."""
    where = f"{MANUAL}, {section}"
    return Command(name, title, where, params=params, read=params, cme=True, kept=kept, note=note, separator=CLOSE)


# The line and the identity

ECHO = Command(
    "E",
    "Echo of what the host types",
    f"{MANUAL}, 2.2",
    params=(Choice("value", {0: "off", 1: "on"}, default=0),),
    cme=True,
    kept=Persistence.VOLATILE,
)
INFORMATION = Command(
    "I",
    "Maker, model and revision",
    f"{MANUAL}, 2.1",
    params=(Choice("value", {0: "the only one"}, default=0),),
    cme=True,
    bare=WORDS,
)
text = Text("text", bare=True)
CGMI = plain("+CGMI", "Maker", "2.3", text, bare=WORDS)
CGMM = plain("+CGMM", "Model", "2.4", text, bare=WORDS)
CGMR = plain("+CGMR", "Revisions of the firmware", "2.5", text, bare=WORDS)
SERIALS = {0: "serial number", 1: "IMEI", 2: "IMEI and its software version", 3: "software version"}
CGSN = Command(
    "+CGSN",
    "Serial numbers",
    f"{MANUAL}, 2.6",
    params=(maybe(Choice("snt", SERIALS, default=0)),),
    execute=(text,),
    cme=True,
    note="The serial number stands alone, the others behind the command's name.",
    separator=CLOSE,
    bare="[0-9][0-9A-Za-z-]*",
)
CLAC = plain("+CLAC", "Commands", "2.9", text, bare="AT.+")
CIMI = plain("+CIMI", "IMSI", "2.15", text, bare=tgpp.SUBSCRIBER)
CMEE = setting(
    "+CMEE",
    "Format of errors",
    "2.18",
    Choice("n", {0: "ERROR", 1: "+CME ERROR: with a number"}, default=0),
    kept=Persistence.VOLATILE,
)
STARTED = Urc("Neul", "The module has started; an OK follows", (), f"{MANUAL}, 7", separator="")
CAUSE = Urc("REBOOT_CAUSE", "Why the module has started", (Text("cause", bare=True),), f"{MANUAL}, 7", separator="")
# What AT+CPIN? and a start say of a card whose PUK was wrong ten times.
BLOCKED = "SIM PUK BLOCKED"
CPIN_URC = Urc(
    "+CPIN",
    "The module started with a card whose PUK was wrong ten times",
    (Text("code", bare=True),),
    f"{MANUAL}, 2.32",
)
CPIN = replace(tgpp.CPIN, manual=f"{MANUAL}, 2.32", urc=CPIN_URC, max_response=0.3)
# The codes of a card, and how often each may be wrong.
ATTEMPTS = {"SIM PIN": 3, "SIM PUK": 10}
CPINR = Command(
    "+CPINR",
    "Attempts that are left for the PIN and the PUK",
    f"{MANUAL}, 2.33",
    params=(Choice("code", {"SIM PIN": "PIN", "SIM PUK": "PUK", BLOCKED: "none of them: nothing is shown"}),),
    execute=(
        Text("code", bare=True),
        Int("retries", 0, 10, "Attempts left"),
        Int("default_retries", 3, 10, "Attempts of a new card"),
    ),
    test="",
    cme=True,
    note="Without <code> a line for each.",
)
iccid = Text("ICCID", bare=True)
NCCID = Command(
    *("+NCCID", "ICCID of the SIM", f"{MANUAL}, 4.19"),
    read=(iccid,),
    execute=(iccid,),
    test="",
    cme=True,
    separator=CLOSE,
)

# The module

# A channel of each band, for the cell that is found there.
CHANNELS = {1: 300, 3: 1500, 5: 2506, 8: 3734, 20: 6300, 28: 9435}

NRB = Command(
    "+NRB",
    "Restart",
    f"{MANUAL}, 4.1",
    execute=(),
    test=None,
    cme=True,
    note="REBOOTING, no OK, then what the module says as it starts.",
    bare="REBOOTING",
)
STATISTICS = {
    "RADIO": "radio",
    "CELL": "cells",
    "BLER": "block errors",
    "THP": "throughput",
    "APPSMEM": "memory",
    "ALL": "all of them",
}
NUESTATS = Command(
    "+NUESTATS",
    "Statistics",
    f"{MANUAL}, 4.2",
    params=(Choice("type", STATISTICS),),
    execute=(),
    test=f"NUESTATS:({','.join(STATISTICS)})",
    cme=True,
    note="Without <type> the lines of RADIO without their prefix.",
    bare=WORDS,
)
band = Choice("n", dict.fromkeys(CHANNELS, ""), "Band", shown="(1,3,5,8,20,28)")
NBAND = Command(
    "+NBAND",
    "Bands to search",
    f"{MANUAL}, 4.15",
    params=(Repeat((band,), 6, shown="(1,3,5,8,20,28)"),),
    read=(text,),
    cme=True,
    note="Set with AT+CFUN=0 alone. The cell is in a band of these.",
    separator=CLOSE,
)

SWITCH = {"FALSE": "off", "TRUE": "on"}
# Functions of AT+NCONFIG in its order: what they set, its values, the one from the factory.
FUNCTIONS: tuple[tuple[str, str, Param], ...] = (
    ("AUTOCONNECT", "Registers and attaches by itself", Choice("value", SWITCH, default="TRUE")),
    ("CR_0354_0338_SCRAMBLING", "Scrambling", Choice("value", SWITCH, default="TRUE")),
    ("CR_0859_SI_AVOID", "Avoids system information", Choice("value", SWITCH, default="TRUE")),
    ("COMBINE_ATTACH", "Combined attachment", Choice("value", SWITCH, default="FALSE")),
    ("CELL_RESELECTION", "Reselection of cells", Choice("value", SWITCH, default="TRUE")),
    ("ENABLE_BIP", "Bearer independent protocol", Choice("value", SWITCH, default="FALSE")),
    ("MULTITONE", "Several tones", Choice("value", SWITCH, default="TRUE")),
    ("NAS_SIM_POWER_SAVING_ENABLE", "Power saving of the SIM", Choice("value", SWITCH, default="TRUE")),
    ("BARRING_RELEASE_DELAY", "Release after barring", Int("value", 0, 1800, default=64, unit="s")),
    ("RELEASE_VERSION", "Release", Choice("value", {13: "", 14: ""}, default=13)),
    ("RPM", "Radio policy manager", Choice("value", SWITCH, default="FALSE")),
    ("SYNC_TIME_PERIOD", "Synchronisation of time", Int("value", 0, 65535, "0: off", 0, unit="min")),
    ("IPV6_GET_PREFIX_TIME", "Wait for an IPv6 prefix", Int("value", 0, 65535, default=15, unit="s")),
    ("NB_CATEGORY", "Category", Choice("value", {1: "", 2: ""}, default=2)),
    ("RAI", "Release assistance", Choice("value", SWITCH, default="FALSE")),
    ("HEAD_COMPRESS", "Compression of headers", Choice("value", SWITCH, default="FALSE")),
    ("RLF_UPDATE", "Area update after a failed link", Choice("value", SWITCH, default="TRUE")),
    ("CONNECTION_REESTABLISHMENT", "Takes connections up again", Choice("value", SWITCH, default="FALSE")),
    ("TWO_HARQ", "Two HARQ processes", Choice("value", SWITCH, default="FALSE")),
    ("PCO_IE_TYPE", "Configuration options", Choice("value", {"PCO": "", "EPCO": ""}, default="EPCO")),
    ("T3324_T3412_EXT_CHANGE_REPORT", "Reports timers", Choice("value", SWITCH, default="FALSE")),
    ("NON_IP_NO_SMS_ENABLE", "No SMS without IP", Choice("value", SWITCH, default="FALSE")),
    ("SUPPORT_SMS", "SMS", Choice("value", SWITCH, default="TRUE")),
    ("HPPLMN_SEARCH_ENABLE", "Search for a better network", Choice("value", SWITCH, default="TRUE")),
)
# These are set while the radio is off alone.
RADIO_OFF = frozenset(
    {
        *("MULTITONE", "NAS_SIM_POWER_SAVING_ENABLE", "RELEASE_VERSION", "SYNC_TIME_PERIOD", "NB_CATEGORY", "RAI"),
        *("HEAD_COMPRESS", "TWO_HARQ", "PCO_IE_TYPE", "HPPLMN_SEARCH_ENABLE", "SUPPORT_SMS"),
    }
)


def function_range(name: str, param: Param) -> str:
    """A function and its values as the test form lists them."""
    values = param.listed.replace('"', "")
    return f"+NCONFIG:({name},{values})"


def function(name: str, title: str, param: Param) -> Option:
    """A function as an option, whose value must be given."""
    note = "Set with AT+CFUN=0 alone." if name in RADIO_OFF else ""
    return Option(name, title, (maybe(param),), kept=Persistence.ALWAYS, note=note)


NCONFIG = Command(
    "+NCONFIG",
    "Behaviour",
    f"{MANUAL}, 4.17",
    options=tuple(function(*row) for row in FUNCTIONS),
    read=(Text("function", bare=True), Text("value", bare=True)),
    test="\n".join(function_range(name, param) for name, _, param in FUNCTIONS),
    cme=True,
    note="AUTOCONNECT has effect, from the next start on; the others are kept and shown. Names and words need no "
    "quotes.",
    separator=CLOSE,
)

RATES = dict.fromkeys((2400, 4800, 9600, 57600, 115200, 230400, 460800, 921600), "")
# The fastest rate that the module hears while it sleeps, and that of the factory; ways to sample bits.
MAX_SLEEP_RATE, FACTORY_RATE = 57600, 9600
LATER, EARLY, EARLIER = 1, 2, 3
baud_rate = Choice("baud_rate", RATES, "Bits a second", default=FACTORY_RATE)
sync_mode = Int("sync_mode", 0, 3, "When bits are sampled", default=EARLY)
stopbits = Choice("stopbits", {1: "one", 2: "two"}, default=1)
parity = Int("parity", 0, 2, "0 none, 1 odd, 2 even", default=0)
xonxoff = Choice("xonxoff", {0: "off", 1: "on"}, "Flow control", default=0)
NATSPEED = Command(
    "+NATSPEED",
    "Rate of the line",
    f"{MANUAL}, 4.18",
    params=(
        baud_rate,
        Int("timeout", 0, 30, "Wait for the host at the new rate; 0 as 3", default=3, unit="s"),
        Choice("store", {0: "until power-off", 1: "stored"}, default=0),
        sync_mode,
        maybe(stopbits),
        maybe(parity),
        maybe(xonxoff),
    ),
    read=(baud_rate, sync_mode, stopbits, parity, xonxoff),
    cme=True,
    kept=Persistence.VOLATILE,
    note="A setting without effect: a pty or a TCP connection has no rate.",
    separator=CLOSE,
)

COMMANDS = commands_of(globals())
# No command of a host's: here the bands are kept, as AT+NBAND? shows them.
BANDS = Command(
    "+NBAND bands", "Bands", NBAND.manual, params=(Text("bands", default="5,8,3,28,20,1"),), kept=Persistence.ALWAYS
)
