"""The line of Luat's modules: its length, escapes, errors, identity, start and settings (Luat AT manual V1.6.3)."""

import pytest

from modemlab.module.module import Module
from support.helpers import exchange, hold, make_module, reasons
from support.luat_lines import BOOT, MODEL, ONLINE, STARTED, cme, error, ok, read


def quiet() -> Module:
    """A module that is on and does not echo."""
    module = make_module(MODEL)
    module.power_on(0.0)
    exchange(module, b"ATE0")
    return module


def test_the_start() -> None:
    hold(STARTED + ">> AT\n<< AT\\r\n<< OK\n>> ATE0\n<< ATE0\\r\n<< OK\n>> AT\n<<\n<< OK\n", MODEL)


@pytest.mark.parametrize("name", ["Air720UG", "Air720UH", "Air722UG", "Air820UG"])
def test_each_model_names_itself(name: str) -> None:
    hold(BOOT + read("AT+CGMM", f'+CGMM: "{name}"'), name)


def test_the_reason_and_the_words_are_logged() -> None:
    told = reasons(MODEL, b"AT+MPUB=t,0,0,x", b"AT+MSUB=t,9")
    assert told[0].endswith("but must be connected (Luat AT manual V1.6.3, 16.4); error 767: Operation failed")
    assert "<qos> is 9, but takes 0 to 2 (Luat AT manual V1.6.3, 16.6); error 53: parameters are invalid" in told[1]


def test_the_longest_line() -> None:
    """16,384 bytes with the AT; a longer one is swallowed to its CR."""
    head = b"AT+MPUB=t,0,0,"
    for size, said in ((16_384, b"\r\n+CME ERROR: 53\r\n"), (16_385, b"\r\nERROR\r\n"), (200_000, b"\r\nERROR\r\n")):
        module = quiet()
        assert exchange(module, head + b"x" * (size - len(head))) == said
        assert exchange(module, b"AT") == b"\r\nOK\r\n"


def test_the_longest_message_fits_a_line_when_all_of_it_is_escaped() -> None:
    payload = '",\\\\' * 1366 + '"",'
    typed = r"\\22\\2C\\5C" * 1366 + r"\\22\\22\\2C"
    assert len(payload.replace("\\\\", "\\")) == 4101
    hold(
        ONLINE
        + cme(53, f"AT+MPUB=t,0,0,{typed}")
        + ok(f"AT+MPUB=t,0,0,{typed.removesuffix(chr(92) * 2 + '2C')}")
        + f"S> Publish(\"t\", b'{payload[:-1]}')\n",
        MODEL,
    )


MESSAGES = [
    ("hello,world;again", "hello,world;again"),
    ('"hello, world"', "hello, world"),
    (r"{\\22a\\22:1\\2C\\22b\\22:2}", '{"a":1,"b":2}'),
    (r'"{\\22a\\22:1\\2c\\22b\\22:[]}"', '{"a":1,"b":[]}'),
    (r"one\\0D\\0Atwo", "one\\r\\ntwo"),
    (r"C:\\5C22\\23", "C:\\\\22\\\\23"),
    ('{"a":1,"b":"x;y"}', '{"a":1,"b":"x;y"}'),
    (r'"say \\22hi\\22, all"', 'say "hi", all'),
    ("AT+CSQ;+CSQ", "AT+CSQ;+CSQ"),
]


@pytest.mark.parametrize(("typed", "payload"), MESSAGES)
def test_the_message_takes_the_rest_of_the_line(typed: str, payload: str) -> None:
    hold(ONLINE + ok(f"AT+MPUB=t,0,0,{typed}") + f"S> Publish(\"t\", b'{payload}')\nS> nothing\n", MODEL)


BARE = ['"{"a":1}"', '"say "hi", all"', '"a"b"', '"a","b"', '"""', '"a" b"', ' "a"b" ']


@pytest.mark.parametrize("typed", BARE)
def test_a_bare_quote_inside_the_quotes_of_a_message_is_refused(typed: str) -> None:
    """Nothing is sent, whatever AT+CMEE says; by its escape it is sent."""
    hold(
        ONLINE
        + cme(53, f"AT+MPUB=t,0,0,{typed}", f'AT+MPUB="t",1,0,{typed}')
        + ok("AT+CMEE=0")
        + error(f"AT+MPUB=t,0,0,{typed}")
        + "S> nothing\n"
        + ok(r'AT+MPUB=t,0,0,"{\\22a\\22:1}"')
        + 'S> Publish("t", b\'{"a":1}\')\n',
        MODEL,
    )


def test_the_log_says_where_the_bare_quote_is_and_how_to_write_it() -> None:
    (told,) = reasons(MODEL, b'AT+MPUB="t",0,0,"{"a":1,"b":2}"')
    assert told == (
        'AT+MPUB="t",0,0,"{"a":1,"b":2}": <message> contains a quote inside its quotes, after \'{\': write \\22 '
        "instead (Luat AT manual V1.6.3, 16.4); error 53: parameters are invalid"
    )


def test_several_commands_on_a_line() -> None:
    hold(
        BOOT
        + ">> AT+CSTT;+CIICR;+CSQ;+CIFSR\n<<\n<< +CSQ: 29,99\n<<\n<< 10.64.1.2\n"
        + ">> AT+CSQ;+CSTT;+CSQ\n<<\n<< +CSQ: 29,99\n<<\n<< ERROR\n"
        + ok("ATE0&W+CREG=2;&W")
        + read("AT+CREG?", '+CREG: 2,1,"1A2B","5C3D2E1",7')
        + ">> AT+CFUN=1;+CIMI;+VER\n<<\n<< 460000000000017\n<<\n<< AirM2M_720U_V301836_LTE_AT\n<<\n<< OK\n",
        MODEL,
    )


def test_a_suppressed_result_leaves_the_address() -> None:
    module = quiet()
    for line in (b"AT+CSTT", b"AT+CIICR", b"ATQ1"):
        exchange(module, line)
    assert exchange(module, b"AT+CIFSR") == b"\r\n10.64.1.2\r\n"
    assert exchange(module, b"AT+CIPSHUT") == b""
