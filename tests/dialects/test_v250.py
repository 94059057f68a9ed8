"""ITU-T V.250: line settings, profile and identity, with the examples of the manual's chapters 2 and 3."""

import pytest

from modemlab.dialect.identity import Identity
from modemlab.module.module import Module
from support.helpers import make_module
from support.mobile_line import ERROR, OK, answer, info, play, quiet_module

VIEW = """&C: 1,&D: 2,&F: 0,&W: 0,E: 0,Q: 0,V: 1,X: 4,Z: 0,S0: 0,S3: 13,S4: 10,S5: 8,S6: 2,S7: 0,S8: 2,S10: 15"""


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("ATI", info("Quectel", "EC200TCN", "Revision: EC200TCNAAR05A01M1G")),
        ("ATI0", info("Quectel", "EC200TCN", "Revision: EC200TCNAAR05A01M1G")),
        ("AT+GMI", info("Quectel")),
        ("AT+CGMI", info("Quectel")),
        ("AT+GMM", info("EC200TCN")),
        ("AT+CGMM", info("EC200TCN")),
        ("AT+GMR", info("EC200TCNAAR05A01M1G")),
        ("AT+CGMR", info("EC200TCNAAR05A01M1G")),
        ("AT+GSN", info("861234050000028")),
        ("AT+CGSN", info("861234050000028")),
        ("ATI1", ERROR),
        ("AT+GMI?", ERROR),
        ("AT+GSN=1", ERROR),
    ],
)
def test_identity(line: str, said: bytes) -> None:
    """Model, revision and IMEI are the module's own."""
    assert answer(quiet_module(identity=Identity(imei="861234050000028")), line) == said


@pytest.mark.parametrize(
    ("name", "shown"), [("EC200S-CN", "EC200SCN"), ("EC600N", "EC600NCN"), ("eg912y-cn", "EG912YCN")]
)
def test_each_model_has_its_own_name(name: str, shown: str) -> None:
    """ATI, AT+CGMM and AT+CGMR agree."""
    module = quiet_module(name)
    assert answer(module, "AT+CGMM") == info(shown)
    assert shown.encode() in answer(module, "ATI")
    assert answer(module, "AT+CGMR").startswith(b"\r\n" + shown.encode())


def test_a_slash_repeats() -> None:
    """The manual's 2.17: A/ needs no CR."""
    module = quiet_module()
    said = answer(module, "ATI")
    module.receive(b"A/", 0.0)
    assert module.data_to_send() == said


def test_basic_commands_without_a_number() -> None:
    """The manual's default stands for it (AT commands manual V1.1, 1.2)."""
    module = quiet_module()
    answer(module, "ATE0V0Q0X1&C0&D0")
    assert answer(module, "ATV") == OK
    assert answer(module, "ATX&C&D") == OK
    assert b"&C: 1\r\n&D: 2\r\n" in (shown := answer(module, "AT&V"))
    assert b"V: 1\r\nX: 4\r\n" in shown
    assert answer(module, "ATE") == OK
    assert answer(module, "ATQ") == b"ATQ\r" + OK


def test_a_run_of_basic_commands_is_done_all_or_none() -> None:
    """What a semicolon or an extended command ends is a run of its own."""
    play(
        quiet_module(),
        ("ATV0E1!", ERROR),
        ("ATS0=1S7=300", ERROR),
        ("ATS0?", info("000")),
        ("ATS0=1;S7=300", ERROR),
        ("ATS0?", info("001")),
        ("ATS0=2+CSQ;S7=300", b"\r\n+CSQ: 24,99\r\n" + ERROR),
        ("ATS0?", info("002")),
    )


def test_terminator_formatting_and_editing_characters_hold_at_once() -> None:
    """S3 ends lines and stands in answers, S4 stands behind it, S5 takes back."""
    module = quiet_module()
    assert answer(module, "ATS4=42") == b"\r*OK\r*"
    assert answer(module, "ATS4=10") == OK
    assert answer(module, "ATS5=35") == OK
    assert answer(module, "AT+CSX#Q") == info("+CSQ: 24,99")
    assert answer(module, "ATS3=33") == b"!\nOK!\n"
    module.receive(b"ATS3=13!", 0.0)
    assert module.data_to_send() == OK


def test_view_shows_what_is_set() -> None:
    """AT&V, as the manual's table 2."""
    module = quiet_module()
    assert answer(module, "AT&V") == info(*VIEW.split(","))
    answer(module, "AT&C0&D1X2S7=9")
    changed = VIEW.replace("&C: 1", "&C: 0").replace("&D: 2", "&D: 1").replace("X: 4", "X: 2")
    assert answer(module, "AT&V") == info(*changed.replace("S7: 0", "S7: 9").split(","))


def restart(module: Module) -> None:
    """Power off and on."""
    module.power_off(0.0)
    module.power_on(0.0)
    module.data_to_send()


# What each of AT&F, AT&W and ATZ works on, typed from the manual's tables 7, 8 and 9 by hand.
SETTINGS = [
    # set, read, default, set value, AT&F resets, AT&W stores, ATZ restores
    ("ATQ0X1", "AT&V", "X: 4", "X: 1", True, True, True),
    ("ATS0=2", "ATS0?", "000", "002", True, True, True),
    ("ATS4=11", "ATS4?", "010", "011", True, False, False),
    ("ATS5=9", "ATS5?", "008", "009", True, False, False),
    ("ATS6=3", "ATS6?", "002", "003", True, False, False),
    ("ATS7=5", "ATS7?", "000", "005", True, True, True),
    ("ATS8=4", "ATS8?", "002", "004", True, False, False),
    ("ATS10=16", "ATS10?", "015", "016", True, True, True),
    ("AT&C0", "AT&V", "&C: 1", "&C: 0", True, True, True),
    ("AT&D0", "AT&V", "&D: 2", "&D: 0", True, True, True),
    ("AT+CREG=1", "AT+CREG?", "+CREG: 0,1", "+CREG: 1,1", True, True, True),
    ("AT+CGREG=1", "AT+CGREG?", "+CGREG: 0,1", "+CGREG: 1,1", True, True, True),
    ("AT+CEREG=1", "AT+CEREG?", "+CEREG: 0,1", "+CEREG: 1,1", True, True, True),
    ("AT+CMEE=2", "AT+CMEE?", "+CMEE: 1", "+CMEE: 2", True, False, False),
    ('AT+CSCS="IRA"', "AT+CSCS?", '+CSCS: "GSM"', '+CSCS: "IRA"', True, False, False),
    ("AT+CGEREP=1,1", "AT+CGEREP?", "+CGEREP: 0,0", "+CGEREP: 1,1", True, False, False),
    ("AT+IPR=9600", "AT+IPR?", "+IPR: 115200", "+IPR: 9600", False, True, False),
    ("AT+IFC=2,2", "AT+IFC?", "+IFC: 0,0", "+IFC: 2,2", True, True, True),
]


@pytest.mark.parametrize(("change", "read", "default", "changed", "reset", "stored", "restored"), SETTINGS)
def test_profile(change: str, read: str, default: str, changed: str, reset: bool, stored: bool, restored: bool) -> None:
    """AT&F, AT&W and ATZ work on the settings of their tables and on no others."""
    module = quiet_module()

    def shows(value: str) -> bool:
        answer(module, "ATS4=10" if "S4" not in change else "AT")
        return value.encode() in answer(module, read)

    assert shows(default)
    answer(module, change)
    assert shows(changed)
    answer(module, "AT&F")
    assert shows(default) is reset
    answer(module, change)
    answer(module, "ATZ")
    assert shows(default) is restored
    answer(module, change)
    restart(module)
    assert shows(default)
    answer(module, change)
    answer(module, "AT&W")
    restart(module)
    assert shows(changed) is stored
    if restored:
        answer(module, "AT&F")
        assert shows(default)
        answer(module, "ATZ")
        assert shows(changed)
        answer(module, "AT&F&W")
        restart(module)
        assert shows(default)


def test_the_time_zone_report_is_stored_at_once_and_reset() -> None:
    """AT+CTZR is in table 7, and stored by itself (6.7)."""
    module = quiet_module()
    answer(module, "AT+CTZR=2")
    restart(module)
    assert b"+CTZR: 2" in answer(module, "AT+CTZR?")
    answer(module, "AT&F")
    restart(module)
    assert b"+CTZR: 0" in answer(module, "AT+CTZR?")


def test_echo_format_and_suppression_are_in_the_profile() -> None:
    """ATE, ATV and ATQ hold again at power-on once stored, and the line follows AT&F and ATZ."""
    module = make_module()
    module.power_on(0.0)
    answer(module, "ATE0V0&W")
    restart(module)
    assert answer(module, "AT") == b"0\r"
    assert answer(module, "AT&F") == OK
    assert answer(module, "AT") == b"AT\r" + OK
    assert answer(module, "ATZ") == b"ATZ\r0\r"
    assert answer(module, "AT") == b"0\r"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("ATE2", ERROR),
        ("ATX5", ERROR),
        ("AT&D3", ERROR),
        ("AT&W1", ERROR),
        ("ATZ1", ERROR),
        ("AT&F9", ERROR),
        ("AT+IPR=0", ERROR),
        ("AT+IPR=115200", OK),
        ("AT+IPR=115200;&W", OK),
        ("AT+IFC=2,0", ERROR),
        ("AT+IFC=1,1", ERROR),
        ("AT+IFC=2", ERROR),
        ("AT+IFC=2,2;+IFC?", info("+IFC: 2,2")),
        ("AT&C;+CSQ", info("+CSQ: 24,99")),
        ("AT+CSQ;+NOSUCH;+CSQ", b"\r\n+CSQ: 24,99\r\n\r\nERROR\r\n"),
    ],
)
def test_ranges_and_concatenation(line: str, said: bytes) -> None:
    """Out of range is ERROR; commands in a row stop at the first error."""
    assert answer(quiet_module(), line) == said
