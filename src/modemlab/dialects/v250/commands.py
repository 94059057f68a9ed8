"""The commands of ITU-T V.250, as tables (AT commands manual V1.1, chapters 2, 3 and 11.2 to 11.4)."""

from modemlab.at.command import Command, Persistence, commands_of
from modemlab.at.parameters import Choice, Int, Text

MANUAL = "AT commands manual V1.1"
TABLES = f"{MANUAL}, 11.2"

SUPPRESSION = {0: "sent", 1: "not sent"}
FORMAT = {0: "numbers, and no CR LF ahead", 1: "words, between CR LF"}
CALL_PROGRESS = {
    0: "CONNECT alone, neither dial tone nor busy are heard",
    1: "CONNECT with text, neither dial tone nor busy are heard",
    2: "CONNECT with text, dial tone is heard",
    3: "CONNECT with text, busy is heard",
    4: "CONNECT with text, dial tone and busy are heard",
}
DCD = {0: "always on", 1: "on while there is a carrier"}
DTR = {0: "ignored", 1: "a rise leaves data mode, the call stays", 2: "a rise leaves data mode and ends the call"}
RATES = (4800, 9600, 19200, 38400, 57600, 115200, 230400, 460800, 921600)


def setting(name: str, title: str, section: str, value: Choice, note: str = "") -> Command:
    """A basic command that sets a value of the profile."""
    return Command(name, title, f"{MANUAL}, {section}", params=(value,), kept=Persistence.PROFILE, note=note)


ECHO = setting(
    "E",
    "Echo of what the host types",
    "2.16",
    Choice("value", {0: "off", 1: "on"}, default=1),
    "Without its number it is 0 (V.250, 5.3.1), as are the others of this kind.",
)
RESULT_CODE_SUPPRESSION = setting("Q", "Suppression of result codes", "2.14", Choice("n", SUPPRESSION, default=0))
VERBOSE = setting("V", "Format of responses", "2.15", Choice("value", FORMAT, default=1))
PROGRESS = setting("X", "Result codes of a call's progress", "2.21", Choice("value", CALL_PROGRESS, default=4))
CARRIER = setting("&C", "Behaviour of DCD", "3.1", Choice("value", DCD, default=1))
READY = setting("&D", "Behaviour upon DTR", "3.2", Choice("value", DTR, default=2))


def register(
    name: str, title: str, manual: str, minimum: int, maximum: int, default: int, kept: Persistence, unit: str = ""
) -> Command:
    """An S-parameter, which prints three digits when read (V.250, 5.3.2)."""
    value = Int("n", minimum, maximum, default=default, unit=unit)
    return Command(name, title, manual, params=(value,), read=(value,), kept=kept, bare="[0-9]{1,3}")


S0 = register("S0", "Rings before an automatic answer", f"V.250, 6.3.8; {TABLES}", 0, 255, 0, Persistence.PROFILE)
S3 = register("S3", "Character that ends a command line", f"{MANUAL}, 2.18", 0, 127, 13, Persistence.FACTORY)
S4 = register("S4", "Character that formats responses", f"{MANUAL}, 2.19", 0, 127, 10, Persistence.FACTORY)
S5 = register("S5", "Character that takes one back", f"{MANUAL}, 2.20", 0, 127, 8, Persistence.FACTORY)
S6 = register("S6", "Pause before dialling blind", f"V.250, 6.3.9; {TABLES}", 2, 10, 2, Persistence.FACTORY, "s")
S7 = register("S7", "Wait for a connection", f"V.250, 6.3.10; {TABLES}", 0, 255, 0, Persistence.PROFILE, "s")
S8 = register("S8", "Pause of a comma in dialling", f"V.250, 6.3.11; {TABLES}", 0, 255, 2, Persistence.FACTORY, "s")
S10 = register(
    "S10", "Loss of carrier that ends a call", f"V.250, 6.3.12; {TABLES}", 1, 254, 15, Persistence.PROFILE, "0.1 s"
)

# What is printed without the command's name: words of the maker, a number of equipment (3GPP TS 23.003, 6.2.1).
WORDS, EQUIPMENT = ".+", "[0-9]{14,17}"

zero = (Choice("value", {0: "the only one"}, "Number of the profile", default=0),)
RESET_TO_PROFILE = Command("Z", "Back to the stored profile", f"{MANUAL}, 2.13 and table 9", params=zero)
FACTORY = Command("&F", "Back to the factory's settings", f"{MANUAL}, 2.10 and table 7", params=zero)
STORE = Command("&W", "Store the profile", f"{MANUAL}, 2.12 and table 8", params=zero)
VIEW = Command("&V", "Show the settings", f"{MANUAL}, 2.11 and table 2", params=(), bare=WORDS)

INFORMATION = Command(
    "I",
    "Maker, model and revision",
    f"{MANUAL}, 2.1; V.250, 6.1.3",
    params=(Choice("value", {0: "the only one"}, default=0),),
    bare=WORDS,
)
text = Text("text", bare=True)
GMI = Command("+GMI", "Maker", f"{MANUAL}, 2.2", execute=(text,), test="", bare=WORDS)
GMM = Command("+GMM", "Model", f"{MANUAL}, 2.3", execute=(text,), test="", bare=WORDS)
GMR = Command("+GMR", "Revision of the firmware", f"{MANUAL}, 2.4", execute=(text,), test="", bare=WORDS)
GSN = Command("+GSN", "IMEI", f"{MANUAL}, 2.8", execute=(text,), test="", bare=EQUIPMENT)

METHODS = {0: "none", 2: "RTS or CTS"}
IFC_PARAMS = (
    Choice("dce_by_dte", METHODS, "How the host stops the module", default=0),
    Choice("dte_by_dce", METHODS, "How the module stops the host", default=0),
)
IFC = Command(
    "+IFC",
    "Flow control",
    f"{MANUAL}, 3.3",
    params=IFC_PARAMS,
    read=IFC_PARAMS,
    kept=Persistence.PROFILE,
    note="Both must be the same.",
)
rate = Choice("rate", dict.fromkeys(RATES, ""), "Bits a second", default=115200)
IPR = Command(
    "+IPR",
    "Rate of the line",
    f"{MANUAL}, 3.4",
    params=(rate,),
    read=(rate,),
    test=f"+IPR: (),({','.join(map(str, RATES))})",
    kept=Persistence.STORED,
)

COMMANDS = commands_of(globals())
