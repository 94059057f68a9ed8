"""Quectel's own commands for the mobile, as tables (AT commands manual V1.1; TCP/IP guide V1.2)."""

from modemlab.at.command import Command, Option, Persistence, commands_of
from modemlab.at.parameters import Choice, Hex, Int, Param, Slot, Text, maybe
from modemlab.at.urc import Urc

MANUAL = "AT commands manual V1.1"
GUIDE = "TCP/IP guide V1.2"

# The module's own codes of +CME ERROR beside those of 27.007 (AT commands manual V1.1, 11.5).
AUDIO_ERRORS = {
    901: "Audio unknown error",
    902: "Audio invalid parameters",
    903: "Audio operation not supported",
    904: "Audio device busy",
}

# PDP contexts

context_id = Int("contextID", 1, 15, "PDP context")
context_type = Choice("context_type", {1: "IPv4", 2: "IPv6", 3: "both"}, default=1, shown="(1-3)")
apn = Text("APN", 100, meaning="Access point name", default="", shown="<APN>")
username = Text("username", 127, meaning="User name", default="", shown="<username>")
password = Text("password", 127, meaning="Password", default="", shown="<password>", secret=True)
authentication = Choice("authentication", {0: "none", 1: "PAP", 2: "CHAP"}, default=0, shown="(0-2)")
CONTEXT: tuple[Param, ...] = (context_type, apn, username, password, authentication)
QICSGP = Command(
    "+QICSGP",
    "Definition of a PDP context",
    f"{GUIDE}, 2.2.1",
    params=(
        context_id,
        maybe(context_type, apn),
        maybe(username, password),
        maybe(authentication),
        maybe(Choice("CDMA_pwd", {0: "not kept", 1: "kept"}, "User and password on a CDMA network")),
    ),
    note="With <contextID> alone it reads. It holds from the next activation on and outlives the power. "
    "AT+CGDCONT shows the same contexts.",
)

STARTED = Urc("RDY", "The module has started", (), f"{MANUAL}, 11.7", separator="")
PDP_LOST = Urc("+QIURC", "The network deactivated a context", (Text("pdpdeact"), context_id), f"{GUIDE}, 2.3.5")
context_state = Choice("context_state", {0: "not active", 1: "active"})
QIACT = Command(
    "+QIACT",
    "Activation of a PDP context",
    f"{GUIDE}, 2.2.2",
    params=(context_id,),
    read=(context_id, context_state, context_type, Text("IP_address", meaning="Address")),
    urcs=(PDP_LOST,),
    max_response=150,
    note="Three at most are active. The read form shows those alone.",
)
QIDEACT = Command(
    "+QIDEACT",
    "Deactivation of a PDP context",
    f"{GUIDE}, 2.2.3",
    params=(context_id,),
    max_response=40,
    note="It closes the clients that use the context.",
)

# The words in lower case, as the guide's example (3.9) has them, not its table.
ERRORS = {
    0: "operation success",
    550: "unknown error",
    551: "operation blocked",
    552: "invalid parameters",
    553: "memory not enough",
    554: "socket creation failed",
    555: "operation not supported",
    556: "socket bind failed",
    557: "socket listen failed",
    558: "socket write failed",
    559: "socket read failed",
    560: "socket accept failed",
    561: "PDP context opening failed",
    562: "PDP context closure failed",
    563: "socket identity has been used",
    564: "DNS busy",
    565: "DNS parse failed",
    566: "socket connect failed",
    567: "socket has been closed",
    568: "operation busy",
    569: "operation timeout",
    570: "PDP context broken down",
    571: "cancel sending",
    572: "operation not allowed",
    573: "APN not configured",
    574: "port busy",
}
INVALID_PARAMETERS, OPENING_FAILED, NOT_ALLOWED = 552, 561, 572
QIGETERROR = Command(
    "+QIGETERROR",
    "Why the last TCP/IP command failed",
    f"{GUIDE}, 2.2.17",
    execute=(Choice("err", ERRORS), Text("errcode_description", bare=True)),
    test="",
)

# SIM

QCCID = Command("+QCCID", "ICCID of the SIM", f"{MANUAL}, 5.7", execute=(Text("iccid", bare=True),), test="")
facility = Choice("facility", {"SC": "PIN", "P2": "PIN2"})
QPINC = Command(
    "+QPINC",
    "Attempts left to enter a PIN",
    f"{MANUAL}, 5.8",
    params=(facility,),
    read=(facility, Int("pincounter", 0, 3, "Attempts for the PIN"), Int("pukcounter", 0, 10, "For the PUK")),
    cme=True,
    note="A wrong PIN or PUK costs an attempt; what is no code costs none.",
)
QINISTAT = Command(
    "+QINISTAT",
    "SIM initialisation status",
    f"{MANUAL}, 5.9",
    execute=(Int("status", 0, 7, "The sum of 1 PIN ready, 2 SMS ready, 4 phonebook ready"),),
    test="+QINISTAT: (0-7)",
)

detection = Choice("enable", {0: "off", 1: "on"}, "Whether it is told", default=0)
QSIMDET = Command(
    "+QSIMDET",
    "Detection of the SIM",
    f"{MANUAL}, 5.10",
    params=(detection, Choice("insertlevel", {0: "low", 1: "high"}, "Level with a card", default=0)),
    read=(detection, Choice("insertlevel", {0: "low", 1: "high"}, "Level with a card")),
    kept=Persistence.ALWAYS,
    note="With it +CPIN tells when a card is pulled or put in. It holds at once.",
)
inserted = Choice("insertedstatus", {0: "removed", 1: "inserted", 2: "unknown, not initialised"})
QSIMSTAT = Command(
    "+QSIMSTAT",
    "Report of a SIM that is pulled or put in",
    f"{MANUAL}, 5.11",
    params=(detection,),
    read=(detection, inserted),
    urc=Urc("+QSIMSTAT", "The SIM was pulled or put in", (detection, inserted), f"{MANUAL}, 5.11"),
    kept=Persistence.STORED,
)

# Network and clock

mode = Choice("mode", {0: "as last told", 1: "UTC now", 2: "local time now"}, default=0, shown="(0-2)")
QLTS = Command(
    "+QLTS",
    "Time as the network told it",
    f"{MANUAL}, 6.8",
    params=(mode,),
    execute=(Text("time", meaning="Date, time, time zone and daylight saving; empty before the network told"),),
    cme=True,
)
QNWINFO = Command(
    "+QNWINFO",
    "Technology, network, band and channel",
    f"{MANUAL}, 6.9",
    execute=(Text("Act"), Text("oper"), Text("band"), Int("channel", 0, 262143)),
    test="",
    note='Without a network "NONE" stands alone.',
)

# The module

QPOWD = Command(
    "+QPOWD",
    "Power down",
    f"{MANUAL}, 10.1",
    params=(Choice("n", {0: "at once", 1: "normally"}, default=1),),
    execute=(),
    note="OK, then POWERED DOWN, then silence until the power is switched on.",
)
slow_clock = Choice("n", {0: "never", 1: "as DTR says"}, "When it sleeps", default=0)
QSCLK = Command(
    "+QSCLK",
    "Sleep",
    f"{MANUAL}, 10.3",
    params=(slow_clock,),
    read=(slow_clock,),
    kept=Persistence.VOLATILE,
    note="A setting without effect.",
)

PORTS = {"usbat": "USB AT port", "usbmodem": "USB modem port", "uart1": "main UART"}
QURCCFG = Command(
    "+QURCCFG",
    "Where URCs go",
    f"{MANUAL}, 2.25",
    options=(
        Option(
            "urcport",
            "Port of the URCs",
            (maybe(Choice("urcportvalue", PORTS, default="usbat")),),
            kept=Persistence.ALWAYS,
        ),
    ),
    note="Read when its value is left out. It counts when the module has several ports with names, such as "
    "`--port pty#usbat`; otherwise, and when no port has the chosen name, URCs go to all.",
)


def indication(name: str, title: str, default: int) -> Option:
    """One of the URCs that AT+QINDCFG switches."""
    enable = Choice("enable", {0: "off", 1: "on"}, default=default)
    save = Choice("savetonvram", {0: "until power-off", 1: "stored"}, default=0)
    return Option(name, title, (maybe(enable), maybe(save)), read=(enable,))


TYPE = Text("urctype")
SIGNAL = Urc("+QIND", "The signal changed", (TYPE, Int("rssi", 0, 199), Int("ber", 0, 99)), f"{MANUAL}, 4.4")
TECHNOLOGY = Urc("+QIND", "The technology changed", (TYPE, Text("actvalue")), f"{MANUAL}, 4.4")
QINDCFG = Command(
    "+QINDCFG",
    "Which URCs are told",
    f"{MANUAL}, 4.4",
    options=(
        indication("all", "All of them", 1),
        indication("csq", "Signal", 0),
        indication("datastatus", "Data service", 0),
        indication("mode", "Mode", 0),
        indication("smsfull", "Storage of messages full", 0),
        indication("smsincoming", "Incoming messages", 1),
        indication("act", "Access technology", 0),
    ),
    urcs=(SIGNAL, TECHNOLOGY),
    cme=True,
    note="Read when the values are left out. Those of csq and act are told; the others have no occasion.",
)

# Bits of the bands, from the manual's 4.3.6; 0 and, for LTE, 0x40000000 change nothing.
GSM_WCDMA_BANDS, ANY_GSM_WCDMA = 0xD3, 0xFFFF
LTE_BANDS, KEEP_LTE, ANY_LTE = 0x1E200000095, 0x40000000, 0x7FFFFFFFFFFFFFFF
SEQUENCES = {
    0: "automatic",
    1: "GSM alone",
    2: "WCDMA alone",
    3: "LTE alone",
    4: "GSM, WCDMA, LTE",
    5: "WCDMA, GSM, LTE",
    6: "LTE, WCDMA",
    7: "LTE, GSM",
    8: "WCDMA, LTE",
    9: "WCDMA, GSM",
    10: "GSM, LTE",
    11: "GSM, WCDMA",
}
SCAN_MODES = {n: SEQUENCES[n] for n in (0, 1, 2, 3)}
effect = Choice("effect", {0: "after the next start", 1: "at once"}, "When it takes effect", default=1)


def extended(name: str, title: str, *params: Slot, shown: int, note: str = "") -> Option:
    """A key of AT+QCFG; the first `shown` values are read."""
    values = tuple(p for slot in params for p in getattr(slot, "params", ()))
    return Option(name, title, params, read=values[:shown], kept=Persistence.ALWAYS, note=note)


QCFG = Command(
    "+QCFG",
    "Extended settings",
    f"{MANUAL}, 4.3",
    options=(
        extended(
            "gprsattach",
            "Attachment at power-on",
            maybe(Choice("attachmode", {0: "by AT+CGATT", 1: "by itself"}, default=1)),
            shown=1,
        ),
        extended(
            "nwscanmode", "Networks to search", maybe(Choice("scanmode", SCAN_MODES, default=0)), maybe(effect), shown=1
        ),
        extended(
            "nwscanseq", "Order of the search", maybe(Choice("scanseq", SEQUENCES, default=0)), maybe(effect), shown=1
        ),
        extended(
            "servicedomain",
            "Service domain",
            maybe(Choice("service", {0: "CS", 1: "PS", 2: "CS and PS"}, default=2)),
            maybe(effect),
            shown=1,
        ),
        extended(
            "roamservice",
            "Roaming",
            maybe(Choice("roammode", {1: "off", 2: "on", 255: "automatic"}, default=255)),
            maybe(effect),
            shown=1,
        ),
        extended(
            "band",
            "Bands",
            maybe(
                Hex("bandval", 0, 0xFFFF, "GSM and WCDMA, 0 changes nothing", GSM_WCDMA_BANDS),
                Hex("ltebandval", 0, ANY_LTE, "LTE, 0 and 0x40000000 change nothing", LTE_BANDS),
            ),
            maybe(effect),
            shown=2,
        ),
        extended(
            "urcdelay",
            "Delay of URCs after the ring indicator",
            maybe(Int("time", 0, 120, default=0, unit="ms")),
            shown=1,
        ),
        extended(
            "urc/cache",
            "Holding of URCs back",
            maybe(Choice("enable", {0: "off", 1: "on"}, default=0)),
            shown=1,
            note="Switched off, those held are printed.",
        ),
        extended(
            "urc/ri/other",
            "Ring indicator upon URCs",
            maybe(Choice("typeri", {"off": "none", "pulse": "pulses"}, default="pulse")),
            maybe(Int("pulseduration", 1, 2000, default=120, unit="ms")),
            maybe(Int("pulsecount", 1, 5, "How many pulses", default=1, shown="")),
            shown=3,
        ),
    ),
    cme=True,
    note="Read when its values are left out. gprsattach and urc/cache have effect; the others are kept and shown.",
)

COMMANDS = commands_of(globals())
