"""AT+QMTOPEN to AT+QMTCLOSE as transcripts (MQTT guide, 3.3.2 to 3.3.5 and figure 1)."""

from support.helpers import hold
from support.qmt_lines import BOOT, ok, opened, urc

OPEN = """
<<
<< RDY
>> ATE0
<< ATE0\\r
<< OK
>> AT+QMTOPEN=0,"broker.example",1883
<<
<< OK
S: opened broker.example:1883
<<
<< +QMTOPEN: 0,0
"""

CONNECT = (
    OPEN
    + """
>> AT+QMTCONN=0,"pump"
<<
<< OK
S> Connect("pump", level=3, keep_alive=120)
S< Connack(0)
<<
<< +QMTCONN: 0,0,0
"""
)


def test_open_connect_disconnect_close() -> None:
    hold(
        CONNECT
        + """
>> AT+QMTOPEN?
<<
<< +QMTOPEN: 0,"broker.example",1883
<<
<< OK
>> AT+QMTCONN?
<<
<< +QMTCONN: 0,3
<<
<< OK
>> AT+QMTDISC=0
<<
<< OK
<<
<< +QMTDISC: 0,0
S> Disconnect()
S: close
>> AT+QMTCLOSE=0
<<
<< OK
<<
<< +QMTCLOSE: 0,0
>> AT+QMTOPEN?
<<
<< OK
>> AT+QMTOPEN=0,"broker.example",1883
<<
<< OK
S: opened
<<
<< +QMTOPEN: 0,0
"""
    )


def test_echo_repeats_the_command_and_its_terminator() -> None:
    hold(
        """
<<
<< RDY
>> AT
<< AT\\r
<< OK
>> ATE0
<< ATE0\\r
<< OK
>> AT
<<
<< OK
>> ATE1
<<
<< OK
>> at
<< at\\r
<< OK
"""
    )


def test_closing_while_opening_reports_the_close_alone() -> None:
    hold(
        """
<<
<< RDY
>> ATE0
<< ATE0\\r
<< OK
>> AT+QMTOPEN=1,broker.example,1883
<<
<< OK
>> AT+QMTOPEN=1,broker.example,1883
<<
<< OK
<<
<< +QMTOPEN: 1,2
>> AT+QMTOPEN?
<<
<< OK
>> AT+QMTCLOSE=1
<<
<< OK
<<
<< +QMTCLOSE: 1,0
S: close
"""
    )


def test_why_the_network_does_not_open() -> None:
    opening = """
<<
<< RDY
>> ATE0
<< ATE0\\r
<< OK
>> AT+QMTOPEN=5,"broker.example",1883
<<
<< OK
"""
    for happens, result in (("name", 4), ("refused", -1), ("unreachable", -1), ("timeout", -1)):
        hold(f"{opening}S: {happens}\n<<\n<< +QMTOPEN: 5,{result}\n>> AT+QMTOPEN?\n<<\n<< OK\n")
    hold(f"{opening}~~ 119.9\n~~ 0.1\n<<\n<< +QMTOPEN: 5,-1\nS: close\n")


def test_a_refused_connection_gives_its_code_then_closes() -> None:
    for code in range(1, 6):
        hold(
            OPEN
            + f"""
>> AT+QMTCONN=0,"pump","user","secret"
<<
<< OK
S> Connect("pump", level=3, keep_alive=120, username="user", password=b"secret")
S< Connack({code})
<<
<< +QMTCONN: 0,0,{code}
<<
<< +QMTSTAT: 0,4
S: close
>> AT+QMTCONN?
<<
<< OK
"""
        )


def test_no_connack_in_time() -> None:
    hold(
        OPEN
        + """
>> AT+QMTCONN=0,"pump"
<<
<< OK
S> Connect("pump", level=3, keep_alive=120)
>> AT+QMTCONN?
<<
<< +QMTCONN: 0,2
<<
<< OK
~~ 4.9
~~ 0.1
<<
<< +QMTCONN: 0,2
<<
<< +QMTSTAT: 0,4
S> nothing
S: close
"""
    )


def test_the_server_hangs_up_at_any_moment() -> None:
    for before in (OPEN, CONNECT):
        hold(
            before
            + """
S: closed
<<
<< +QMTSTAT: 0,1
>> AT+QMTOPEN?
<<
<< OK
>> AT+QMTCONN=0,"pump"
<<
<< ERROR
"""
        )


def test_the_quirk_tells_the_normal_course() -> None:
    hold(
        CONNECT
        + """
>> AT+QMTDISC=0
<<
<< OK
<<
<< +QMTDISC: 0,0
<<
<< +QMTSTAT: 0,5
""",
        quirks=("disc-stat",),
    )


def test_the_quirk_leaves_the_context_to_the_host() -> None:
    """Result 3 while it is not active, whichever the client is set to; then as ever."""
    hold(
        BOOT
        + ok('AT+QMTOPEN=0,"broker.example",1883')
        + urc("+QMTOPEN: 0,3")
        + ok("AT+QIACT=1", 'AT+QMTCFG="pdpcid",1,2')
        + opened()
        + ok('AT+QMTOPEN=1,"broker.example",1883')
        + urc("+QMTOPEN: 1,3")
        + ok("AT+QIACT=2", 'AT+QMTOPEN=1,"broker.example",1883')
        + "S: opened\n"
        + urc("+QMTOPEN: 1,0"),
        quirks=("no-auto-pdp",),
    )


def test_what_is_refused_before_the_connection() -> None:
    for line in (
        'AT+QMTCONN=0,"pump"',
        'AT+QMTSUB=0,1,"a",0',
        'AT+QMTUNS=0,1,"a"',
        'AT+QMTPUBEX=0,0,0,0,"a",1',
        "AT+QMTDISC=0",
        "AT+QMTRECV=0",
        "AT+QMTCLOSE=0",
    ):
        hold(f"<<\n<< RDY\n>> {line}\n<< {line}\\r\n<< ERROR\n")
    for line in ('AT+QMTSUB=0,1,"a",0', 'AT+QMTPUBEX=0,0,0,0,"a",1', "AT+QMTDISC=0", "AT+QMTRECV=0"):
        hold(f"{OPEN}>> {line}\n<<\n<< ERROR\n")


def test_six_clients_at_once() -> None:
    opened = "".join(
        f'>> AT+QMTOPEN={n},"h{n}",{1000 + n}\n<<\n<< OK\nS: opened h{n}:{1000 + n}\n<<\n<< +QMTOPEN: {n},0\n'
        for n in range(6)
    )
    listed = "".join(f'<< +QMTOPEN: {n},"h{n}",{1000 + n}\n' for n in range(6))
    hold(f"<<\n<< RDY\n>> ATE0\n<< ATE0\\r\n<< OK\n{opened}>> AT+QMTOPEN?\n<<\n{listed}<<\n<< OK\n")
