"""The line of BC35-G and BC28: boot, echo, AT+CMEE, restarts, and the words that only the log has."""

import pytest

from modemlab.dialect.reference import markdown
from modemlab.dialect.registry import find_model
from support.helpers import exchange, make_module, reasons
from support.nb_lines import START, WITH_NUMBERS, hold_nb
from support.qmt_lines import error, ok

OK = b"\r\nOK\r\n"


def test_it_says_why_and_that_it_started() -> None:
    module = make_module("BC28")
    module.power_on(0.0)
    assert module.data_to_send() == b"\r\nREBOOT_CAUSE_SECURITY_PMU_POWER_ON_RESET\r\n\r\nNeul\r\nOK\r\n"


def test_echo_is_off_at_power_on() -> None:
    hold_nb(
        START
        + ok("AT", "ATE1")
        + ">> AT\n<< AT\\r\n<< OK\n>> ATE\n<< ATE\\r\n<< OK\n"
        + ok("AT", "ATE1")
        + ">> ATE0\n<< ATE0\\r\n<< OK\n"
        + ok("AT")
        + error("ATE2", "ATE10")
    )


def test_several_commands_on_a_line() -> None:
    hold_nb(
        START
        + WITH_NUMBERS
        + ">> AT+CGATT?;+CSQ\n<<\n<< +CGATT:1\n<<\n<< +CSQ:24,99\n<<\n<< OK\n"
        + ">> AT+CGATT?;+NOTHING;+CSQ\n<<\n<< +CGATT:1\n<<\n<< +CME ERROR: 4\n"
    )


def test_what_is_typed_behind_a_restart_is_a_command_of_the_new_start() -> None:
    module = make_module("BC35-G")
    module.power_on(0.0)
    module.data_to_send()
    module.receive(b"AT+NRB\r\nAT+CFUN?\r\n", 1.0)
    assert module.data_to_send().endswith(b"\r\nNeul\r\nOK\r\n\r\n+CFUN:1\r\n\r\nOK\r\n")
    assert not module.restarted


def test_a_start_by_power_after_a_restart_names_power() -> None:
    module = make_module("BC35-G")
    module.power_on(0.0)
    exchange(module, b"AT+NRB")
    module.power_off(1.0)
    module.power_on(2.0)
    assert b"PMU_POWER_ON_RESET" in module.data_to_send()


WORDS = [
    (b"AT+NOTHING", "error 4: operation not supported"),
    (b"AT+QMTDISC=0", "error 3: operation not allowed"),
    (b"AT+QMTDISC=1", "error 50: incorrect parameters"),
    (b"AT+CGACT=0,0", "error 520: the last active CID cannot be deactivated"),
    (b"AT+CGACT=1,5", "error 521: the CID is not defined"),
]


@pytest.mark.parametrize(("line", "words"), WORDS)
def test_the_log_has_the_words_of_a_code(line: bytes, words: str) -> None:
    for setup in ((), (b"AT+CMEE=1",)):
        (reason,) = reasons("BC35-G", *setup, line)
        assert reason.endswith(words)
        assert reason.startswith(line.decode())


# The tables of the MQTT guide, 5, and of the AT commands manual, 6: every code of theirs.
CODES = [3, 4, 5, 23, 30, 50, 51, 52, 100, 159, *range(300, 306), *range(310, 319), 320, 321, 322, 330, 331, 332]
CODES += [340, 500, *range(512, 519), *range(520, 538)]


def test_every_code_of_the_manuals_is_in_the_reference() -> None:
    dialect, _ = find_model("BC35-G")
    assert list(dialect.errors) == CODES
    text = markdown(dialect)
    assert all(f"\n| {code} | {dialect.errors[code]} |\n" in text for code in CODES)


def test_the_reference_prints_lines_as_the_module_does() -> None:
    text = markdown(find_model("BC28")[0])
    assert "`+CEREG:<n>,<stat>," in text
    assert "`+QMTOPEN: <TCP_connectID>,<host_name>,<port>`" in text
    assert "+CSCON:<mode>" in text


def test_a_line_that_is_too_long() -> None:
    hold_nb(START + error("AT" + "x" * 2047) + ok("AT"))


@pytest.mark.parametrize("name", ["bc35-g", "BC35", "bc28"])
def test_names_of_the_models(name: str) -> None:
    assert find_model(name)[0].name == "quectel_nb"
