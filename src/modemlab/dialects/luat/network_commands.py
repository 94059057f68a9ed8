"""The line, the identity, the mobile and the IP connection of Luat's modules, as tables (Luat AT manual V1.6.3)."""

from dataclasses import replace
from functools import partial

from modemlab.at.command import Command, Persistence, commands_of
from modemlab.at.parameters import Choice, Int, Text, maybe
from modemlab.at.urc import Urc
from modemlab.dialect.mobile import Factory, Signal
from modemlab.dialects.luat.errors import INVALID_PARAMETERS
from modemlab.dialects.tgpp import commands as tgpp
from modemlab.dialects.v250 import commands as v250

MANUAL = "Luat AT manual V1.6.3"
# The longest that most commands take (1.4), in seconds.
MAX_RESPONSE_S = 9
# The PDP context that comes up with the attachment and carries all connections (8.3, the example of 16.14).
CONTEXT = 1
FACTORY = Factory(initial=CONTEXT, signal=Signal(29, 99))

declare = partial(Command, cme=True, faulty=INVALID_PARAMETERS, max_response=MAX_RESPONSE_S)
after = partial(replace, cme=True, faulty=INVALID_PARAMETERS, max_response=MAX_RESPONSE_S)

# The line (chapters 3 and 4)

ECHO = after(v250.ECHO, manual=f"{MANUAL}, 3.3")
RESULT_CODE_SUPPRESSION = after(v250.RESULT_CODE_SUPPRESSION, manual=f"{MANUAL}, 3.5")
VERBOSE = after(v250.VERBOSE, manual="V.250, 6.2.6")
CARRIER = after(v250.CARRIER, manual=f"{MANUAL}, 3.10")
READY = after(v250.READY, manual=f"{MANUAL}, 3.11")


def register(name: str, title: str, section: str, minimum: int, maximum: int, default: int) -> Command:
    """An S-parameter, which reads as a bare number."""
    value = Int("n", minimum, maximum, default=default, blank=default)
    return declare(
        name, title, f"{MANUAL}, {section}", params=(value,), read=(value,), kept=Persistence.FACTORY, bare="[0-9]{1,3}"
    )


S3 = register("S3", "Character that ends a command line", "3.8", 13, 13, 13)
S4 = register("S4", "Character that formats responses", "4.9", 10, 10, 10)
S5 = register("S5", "Character that takes one back", "3.9", 0, 127, 8)
RESET = after(v250.RESET_TO_PROFILE, manual="V.250, 6.1.1")
FACTORY_SETTINGS = after(v250.FACTORY, manual=f"{MANUAL}, 3.4")
STORE = after(v250.STORE, manual=f"{MANUAL}, 3.2")

METHODS = {0: "none", 1: "XON and XOFF", 2: "RTS or CTS"}
IFC_PARAMS = (
    Choice("dce_by_dte", METHODS, "How the host stops the module", default=0, shown="(0-2)"),
    Choice("dte_by_dce", METHODS, "How the module stops the host", default=0, shown="(0-2)"),
)
IFC = declare(
    "+IFC",
    "Flow control",
    f"{MANUAL}, 4.10",
    params=(IFC_PARAMS[0], maybe(IFC_PARAMS[1])),
    read=IFC_PARAMS,
    kept=Persistence.PROFILE,
)
RATES = (600, 1200, 2400, 4800, 9600, 19200, 38400, 57600, 115200, 230400, 460800, 921600)
rate = Choice("rate", {0: "as the host's `AT` shows", **dict.fromkeys(RATES, "")}, "Bits a second", default=0)
IPR = declare(
    "+IPR",
    "Rate of the line",
    f"{MANUAL}, 4.7",
    params=(rate,),
    read=(rate,),
    test=f"+IPR:({','.join(map(str, RATES[:10]))}),(0,{','.join(map(str, RATES))})",
    kept=Persistence.PROFILE,
)
cmee = replace(tgpp.cmee, blank=tgpp.cmee.default)
CMEE = after(tgpp.CMEE, manual=f"{MANUAL}, 3.14", params=(cmee,), separator=" :", test="+CMEE:(0,1,2)")
CSCS = after(tgpp.CSCS, manual=f"{MANUAL}, 3.1", test='+CSCS:"GSM","IRA","UCS2"')

# Identity (chapter 2)

bare = Text("text", bare=True)
INFORMATION = after(v250.INFORMATION, manual=f"{MANUAL}, 2.7", title="Firmware")
VER = declare("+VER", "Firmware", f"{MANUAL}, 2.8", execute=(bare,), test="", bare=v250.WORDS)
CGMI = after(tgpp.CGMI, manual=f"{MANUAL}, 2.1", execute=(Text("manufacturer"),))
CGMM = after(tgpp.CGMM, manual=f"{MANUAL}, 2.2", execute=(Text("model"),))
CGMR = after(tgpp.CGMR, manual=f"{MANUAL}, 2.3", execute=(Text("revision"),))
CGSN = after(tgpp.CGSN, manual=f"{MANUAL}, 2.4")
CIMI = after(tgpp.CIMI, manual=f"{MANUAL}, 2.6")
CCID = declare("+CCID", "ICCID of the SIM", f"{MANUAL}, 2.5", execute=(bare,), test="", bare="[0-9A-Fa-f]{10,22}")
ICCID = declare("+ICCID", "ICCID of the SIM", f"{MANUAL}, 2.5", execute=(Text("iccid", bare=True),), test="")

# Start, SIM and network (chapters 3 to 5 and 8)

RDY = Urc("RDY", "The module has started", (), "the start of Luat's modules", separator="")
RESTART = declare("+RESET", "Restart", f"{MANUAL}, 2.12", execute=(), test="")
CPOWD = declare(
    "+CPOWD",
    "Power down",
    f"{MANUAL}, 4.2",
    params=(Choice("n", {0: "at once, without a word", 1: "normally, with NORMAL POWER DOWN in place of OK"}),),
    test="",
)
fun = Choice("fun", {n: tgpp.LEVELS[n] for n in (0, 1, 4)}, "Level of functionality", default=1)
rst = Choice("rst", {0: "no restart", 1: "restart first"}, default=0)
CFUN = after(tgpp.CFUN, manual=f"{MANUAL}, 4.1", params=(fun, maybe(rst)), read=(fun,), max_response=45)
CPIN = after(
    tgpp.CPIN,
    manual=f"{MANUAL}, 4.3",
    urc=Urc("+CPIN", "The SIM waits for its PIN or its PUK", (Text("code", bare=True),), f"{MANUAL}, 4.3"),
    max_response=180,
    note="A code that is accepted shows +CPIN: READY ahead of OK.",
)
OTHER_LOCKS = {
    "CS": "the keypad",
    "PS": "the SIMs that are known",
    "NT": "incoming calls from numbers not stored in the module",
    "NM": "incoming calls from numbers not stored in the mobile",
    "NS": "incoming calls from numbers not stored in the SIM",
    "NA": "incoming calls from numbers not stored anywhere",
}
FACILITIES = tgpp.FACILITIES | tgpp.LOCKS | OTHER_LOCKS
CLASSES = tgpp.CLASSES | {64: "packet access", 128: "PAD access"}
CLCK = after(
    tgpp.CLCK,
    manual=f"{MANUAL}, 4.4",
    params=(
        Choice("fac", FACILITIES, "What is locked"),
        *(tgpp.CLCK.params or ())[1:3],
        maybe(Choice("class", CLASSES, "Kind of service", default=7)),
    ),
    test=f"+CLCK:({','.join(f'{chr(34)}{fac}{chr(34)}' for fac in FACILITIES)})",
)
CPWD = after(
    tgpp.CPWD,
    manual=f"{MANUAL}, 4.5",
    params=(Choice("fac", FACILITIES, "What it is for"), *(tgpp.CPWD.params or ())[1:]),
    test="+CPWD: " + ",".join(f'("{fac}",{8 if fac == "SC" else 4})' for fac in tgpp.FACILITIES),
)
CCLK = after(tgpp.CCLK, manual=f"{MANUAL}, 3.12", note="Local time, as the network tells it.")
CSQ = after(tgpp.CSQ, manual=f"{MANUAL}, 5.1")
COPS = after(
    tgpp.COPS,
    manual=f"{MANUAL}, 5.9",
    params=(
        *(tgpp.COPS.params or ())[:3],
        maybe(replace(tgpp.act, values=tgpp.TECHNOLOGIES | {1: "GSM Compact"}, meaning="Access technology asked for")),
        maybe(Choice("Domain", {0: "CS", 1: "PS", 2: "CS and PS"}, "Checked, without effect")),
    ),
    max_response=300,
)

MODE = Urc("^MODE", "The technology in use", (Int("SysMainMode", 0, 17), Int("SysMode", 0, 17)), f"{MANUAL}, 5.24")
SERVICE = Urc("+E_UTRAN Service", "The module is on an LTE network", (), f"{MANUAL}, 5.30", separator="")
NITZ = Urc(
    "+NITZ",
    "The network's time",
    (
        Text("time", bare=True, meaning="UTC and the time zone, as 11/08/02,01:27:39+32"),
        Int("ds", 0, 2, "Daylight saving", unit="h"),
    ),
    f"{MANUAL}, 5.12",
)


def registration(command: Command, section: str, modes: int, test: str, blank: int | None = 0) -> Command:
    """A command of registration with more ways to report it; those above 2 add what is not simulated."""
    more = dict.fromkeys(range(3, modes + 1), "as 2")
    mode = Choice("n", {**tgpp.REPORTING, **more}, "What is reported", default=0, blank=blank)
    return after(
        command,
        manual=f"{MANUAL}, {section}",
        params=(mode,),
        read=(mode, *(command.read or ())[1:]),
        execute=None,
        test=test,
        note="Area and cell are shown with 2 and more while registered.",
    )


CREG = registration(tgpp.CREG, "5.5", 3, "+CREG:(0,1,2,3)")
CEREG = registration(tgpp.CEREG, "5.6", 5, "+CEREG: (0,1,2,3,4,5)", blank=None)
CGREG = registration(tgpp.CGREG, "8.1", 5, "+CGREG:(0,1,2,3,4,5)")

CGATT = after(tgpp.CGATT, manual=f"{MANUAL}, 8.2", test="+CGATT: (0-1)", max_response=108)
CGDCONT = after(
    tgpp.CGDCONT,
    manual=f"{MANUAL}, 8.3",
    params=(tgpp.CGDCONT.params or ())[:6],
    test='+CGDCONT: (1-15),"IP",,,,,(0),(0,2),(0),(0),(0,1),(0),(0,1),(0)\n'
    '+CGDCONT: (1-15),"IPV6",,,,,(0),(0,2),(0),(0),(0,1),(0),(0),(0)\n'
    '+CGDCONT: (1-15),"IPV4V6",,,,,(0),(0,2),(0),(0),(0,1),(0),(0,1),(0)',
    note="A definition is taken at any time and holds from the next attachment or activation on. With <cid> alone it "
    "is taken away, unless the context is active. The read form shows the address of an active context. Definitions "
    "outlive the power.",
)
CGACT = after(tgpp.CGACT, manual=f"{MANUAL}, 8.6", max_response=108)
CGPADDR = after(tgpp.CGPADDR, manual=f"{MANUAL}, 8.5", params=(Int("cid", 1, 8, "PDP context"),))
CGEV = Urc("+CGEV", "The packet domain", (Text("event", bare=True),), f"{MANUAL}, 8.8")

# The IP connection (chapter 12): failures are a plain ERROR

PLAIN = partial(Command, cme=False, faulty=INVALID_PARAMETERS, max_response=MAX_RESPONSE_S)
apn = Text("apn", 128, meaning="Access point name")
username = Text("user name", 32, meaning="User name")
password = Text("password", 32, meaning="Password", secret=True)
CSTT = PLAIN(
    "+CSTT",
    "Choice of the access point",
    f"{MANUAL}, 12.2",
    params=(apn, maybe(username), maybe(password)),
    read=(apn, username, password),
    execute=(),
    test='+CSTT: "APN","USER","PWD"',
    max_response=60,
    note="From IP INITIAL to IP START alone. Without parameters the definition of context 1 holds.",
)
CIICR = PLAIN(
    "+CIICR",
    "Activation of the connection",
    f"{MANUAL}, 12.4",
    execute=(),
    test="",
    max_response=90,
    note="From IP START to IP GPRSACT alone.",
)
CIFSR = PLAIN(
    "+CIFSR",
    "Local address",
    f"{MANUAL}, 12.5",
    execute=(Text("IP address", bare=True),),
    bare="[0-9A-Fa-f.:]+",
    test="",
    done="",
    note="The address without a result code, once AT+CIICR or a connection has brought it.",
)
STATES = "IP INITIAL, IP START, IP GPRSACT, IP STATUS, TCP CONNECTING, CONNECT OK, TCP CLOSED or PDP DEACT"
state = Text("state", bare=True, meaning=STATES)
CIPSTATUS = PLAIN(
    "+CIPSTATUS",
    "State of the connection",
    f"{MANUAL}, 12.17",
    execute=(),
    urc=Urc("STATE", "The state, behind OK", (state,), f"{MANUAL}, 12.17"),
    test="",
)
CIPSHUT = PLAIN(
    "+CIPSHUT",
    "End of the connection",
    f"{MANUAL}, 12.29",
    execute=(),
    test="",
    max_response=90,
    done="SHUT OK",
    note="SHUT OK in place of OK; back to IP INITIAL from any state.",
)
PDP_DEACT = Urc("+PDP DEACT", "The PDP context is gone", (), f"{MANUAL}, 12.40 and 16.14", separator="")

URCS = (RDY, MODE, SERVICE, CGEV, NITZ, PDP_DEACT)
COMMANDS = commands_of(globals())
