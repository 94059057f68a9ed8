"""URCs that real modules say of what ours do not have, calls, texts, a start in steps: for whoever listens to both."""

from modemlab.at.parameters import Int, Text
from modemlab.at.urc import Urc

CALLS, SMS_SECTION, SERVICES = "3GPP TS 27.007, 7", "3GPP TS 27.005, 3.4", "3GPP TS 27.007, 7"
START = "the start of Quectel's modules, and of others like them"
rest = Text("text", maximum=4096, bare=True)
memory = Text("mem", 4)
index = Int("index", 0, 65535)


def word(name: str, title: str, manual: str) -> Urc:
    """One without values."""
    return Urc(name, title, (), manual, separator="")


FOREIGN_URCS = (
    word("RING", "A call comes", "V.250, 6.3.7"),
    word("NO CARRIER", "The call is over", "V.250, 6.3.7"),
    word("NO ANSWER", "Nobody took the call", "V.250, 6.3"),
    word("NO DIALTONE", "There is no line to call on", "V.250, 6.3"),
    word("BUSY", "Who is called is busy", "V.250, 6.3"),
    Urc("+CRING", "A call comes", (rest,), f"{CALLS}.1"),
    Urc("+CLIP", "Who calls", (rest,), f"{CALLS}.6"),
    Urc("+CCWA", "Another call waits", (rest,), f"{CALLS}.12"),
    Urc("+CSSI", "A service of the network is used", (rest,), f"{SERVICES}.17"),
    Urc("+CSSU", "A service of the network is used", (rest,), f"{SERVICES}.17"),
    Urc("+CUSD", "A message of the network", (rest,), f"{SERVICES}.15"),
    Urc("+CMTI", "A text was stored", (memory, index), f"{SMS_SECTION}.1"),
    Urc("+CMT", "A text", (rest,), f"{SMS_SECTION}.1"),
    Urc("+CDSI", "A report on a text was stored", (memory, index), f"{SMS_SECTION}.1"),
    Urc("+CDS", "A report on a text", (rest,), f"{SMS_SECTION}.1"),
    Urc("+CBM", "Cell broadcast message", (rest,), f"{SMS_SECTION}.1"),
    Urc("^boot.rom", "The module starts", (rest,), START, separator=""),
    word("APP RDY", "The module's programs run", START),
    Urc("+QUSIM", "Which kind the SIM is of", (Int("type", 0, 255),), START),
    Urc("+QIND", "Something happened in the module", (rest,), START),
    Urc("+QSIMSTAT", "The SIM was put in or taken out", (rest,), START),
    word("Call Ready", "Calls can be made", START),
    word("SMS Ready", "Texts can be sent", START),
    word("SMS READY", "Texts can be sent", START),
    word("UART Boot Completed", "The module's line is ready", START),
    word("SMS DONE", "Texts can be sent", START),
    word("PB DONE", "The phone book is read", START),
    word("NORMAL POWER DOWN", "The module switches off", START),
    word("POWERED DOWN", "The module is off", START),
    word("UNDER-VOLTAGE WARNING", "The supply is low", START),
    word("UNDER-VOLTAGE POWER DOWN", "The module switches off, as its supply is too low", START),
    word("OVER-VOLTAGE WARNING", "The supply is high", START),
    word("OVER-VOLTAGE POWER DOWN", "The module switches off, as its supply is too high", START),
)
