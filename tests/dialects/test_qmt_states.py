"""States and endings: +QMTSTAT, +QMTPING, results of AT+QMTOPEN, commands in the wrong state (chapter 4)."""

import pytest

from support.helpers import hold
from support.qmt_lines import BOOT, HOST, cfg, connected, error, lost, ok, online, opened, prompt, read, urc

COMMANDS = ['AT+QMTSUB=0,1,"a",0', 'AT+QMTUNS=0,1,"a"', 'AT+QMTPUBEX=0,0,0,0,"a",1', "AT+QMTDISC=0", "AT+QMTRECV=0"]


def test_nothing_is_done_before_the_connection() -> None:
    connecting = ok('AT+QMTCONN=0,"pump"') + 'S> Connect("pump", level=3, keep_alive=120)\n'
    opening = ok(f'AT+QMTOPEN=0,"{HOST}",1883')
    for before in (BOOT, BOOT + opening, BOOT + opened(), BOOT + opened() + connecting):
        hold(before + error(*COMMANDS) + ("S> nothing\n" if before != BOOT else ""))


def test_opening_a_client_that_is_open() -> None:
    other = ok('AT+QMTOPEN=0,"other.example",1') + urc("+QMTOPEN: 0,2")
    shown = read("AT+QMTOPEN?", f'+QMTOPEN: 0,"{HOST}",1883')
    hold(BOOT + opened() + other + shown + connected() + other + shown)


def test_closing_twice_and_opening_again() -> None:
    hold(
        online()
        + ok("AT+QMTDISC=0")
        + urc("+QMTDISC: 0,0")
        + (ok("AT+QMTCLOSE=0") + urc("+QMTCLOSE: 0,0")) * 2
        + opened()
        + connected()
        + ok("AT+QMTCLOSE=0")
        + urc("+QMTCLOSE: 0,0")
        + opened()
    )


def test_the_context_is_activated_by_opening() -> None:
    hold(
        BOOT
        + read("AT+QIACT?")
        + opened()
        + '>> AT+QIACT?\n<<\n<<~ \\+QIACT: 1,1,1,"[0-9.]+"\n<<\n<< OK\n'
        + cfg("pdpcid", 2, client=1)
        + ok('AT+QMTOPEN=1,"h",1')
        + "S: opened h:1\n"
        + urc("+QMTOPEN: 1,0")
        + '>> AT+QIACT?\n<<\n<<~ \\+QIACT: 1,1,1,"[0-9.]+"\n<<~ \\+QIACT: 2,1,1,"[0-9.]+"\n<<\n<< OK\n'
    )


def test_no_network_no_connection() -> None:
    """Result 3: the PDP context cannot be activated without a network, nor as the fourth."""
    hold(BOOT + ok("AT+CFUN=0") + ok('AT+QMTOPEN=0,"h",1') + urc("+QMTOPEN: 0,3") + read("AT+QMTOPEN?"))
    three = "".join(ok(f"AT+QIACT={cid}") for cid in (2, 3, 4))
    hold(BOOT + three + ok('AT+QMTOPEN=0,"h",1') + urc("+QMTOPEN: 0,3"))


def test_why_a_link_ends() -> None:
    """1 closed by the server, 6 it takes nothing, 7 the PDP context was lost, 4 no CONNACK."""
    hold(online() + "S: send_buffer_full\n" + lost(6) + error("AT+QMTDISC=0"))
    hold(online() + "S: closed\n" + urc("+QMTSTAT: 0,1") + error('AT+QMTPUBEX=0,0,0,0,"a",1'))
    hold(BOOT + opened() + "S: closed\n" + urc("+QMTSTAT: 0,1"))
    hold(BOOT + opened() + ok('AT+QMTCONN=0,"pump"') + "S: closed\n" + urc("+QMTSTAT: 0,1"))
    hold(online() + ok("AT+QIDEACT=1") + lost(7) + read("AT+QMTCONN?"))
    hold(BOOT + opened() + ok("AT+QIDEACT=1") + lost(7))
    opening = BOOT + ok('AT+QMTOPEN=0,"h",1')
    hold(opening + ok("AT+QIDEACT=1") + urc("+QMTOPEN: 0,5") + "S: close\n" + read("AT+QMTCONN?"))
    waiting = BOOT + cfg("timeout", "9,0,0") + opened() + ok('AT+QMTCONN=0,"pump"')
    hold(waiting + "~~ 8.9\n~~ 0.1\n" + urc("+QMTCONN: 0,2") + lost(4))


def test_other_contexts_leave_a_client_alone() -> None:
    hold(online() + ok("AT+QIACT=3", "AT+QIDEACT=3") + read("AT+QMTCONN?", "+QMTCONN: 0,3"))


def test_pending_commands_get_no_result_of_their_own() -> None:
    hold(
        online()
        + ok('AT+QMTSUB=0,1,"a",0', 'AT+QMTUNS=0,2,"b"')
        + prompt('AT+QMTPUBEX=0,3,1,0,"a",1')
        + ">>| x\n<<\n<< OK\nS: closed\n"
        + urc("+QMTSTAT: 0,1")
        + "~~ 100\n"
        + read("AT+QMTCONN?")
    )


def test_a_link_that_ends_while_data_is_typed() -> None:
    hold(
        online()
        + prompt('AT+QMTPUBEX=0,1,1,0,"a",3')
        + ">>| a\nS: closed\n>>| bc\n<<\n<< ERROR\n"
        + urc("+QMTSTAT: 0,1")
    )


BROKEN = {
    "QoS 3": "36 06 00 01 61 00 01 78",
    "a PUBLISH without a topic": "30 03 00 00 78",
    "a wildcard in a topic": "30 04 00 01 23 78",
    "a remaining length of five bytes": "30 ff ff ff ff 01",
    "an over-long remaining length": "30 ff ff ff 7f",
    "a PUBACK that nothing asked for": "40 02 00 07",
    "a PUBREC that nothing asked for": "50 02 00 07",
    "a PUBCOMP that nothing asked for": "70 02 00 07",
    "a SUBACK that nothing asked for": "90 03 00 07 00",
    "an UNSUBACK that nothing asked for": "b0 02 00 07",
    "a second CONNACK": "20 02 00 00",
    "a packet of a client": "c0 00",
    "a CONNECT": "10 12 00 06 4d 51 49 73 64 70 03 02 00 78 00 04 70 75 6d 70",
    "a reserved type": "00 00",
    "the other reserved type": "f0 00",
    "a PUBLISH of QoS 1 with identifier 0": "32 05 00 01 61 00 00",
    "a PUBACK that is too long": "40 03 00 07 00",
}


@pytest.mark.parametrize("packet", BROKEN.values(), ids=BROKEN)
def test_a_server_that_breaks_the_protocol(packet: str) -> None:
    hold(online() + f"S< {packet}\n" + lost(8) + read("AT+QMTCONN?") + opened() + connected())


def test_a_server_that_answers_something_else() -> None:
    asked = ok('AT+QMTSUB=0,7,"a",0')
    for packet in ("90 04 00 07 00 00", "90 03 00 07 03", "90 03 00 08 00", "b0 02 00 07", "40 02 00 07"):
        hold(online() + asked + f"S< {packet}\n" + lost(8))
    hold(BOOT + opened() + 'S< Publish("a", b"early")\n' + lost(8))
    hold(BOOT + opened() + ok('AT+QMTCONN=0,"pump"') + 'S< Publish("a", b"early")\n' + lost(8))
    hold(BOOT + opened() + ok('AT+QMTCONN=0,"pump"') + "S< 20 02 00 06\n" + lost(8))


def test_an_answer_to_a_ping_that_nobody_sent() -> None:
    """As many PINGRESP as PINGREQ, repeated ones included, and no more."""
    hold(online() + "S< d0 00\n" + lost(8))
    repeated = "~~ 120\nS> Pingreq()\n~~ 5\nS> Pingreq()\n"
    hold(online() + repeated + "S< d0 00\nS< d0 00\n" + ok("AT") + "S< d0 00\n" + lost(8))


def test_the_quirk_of_some_firmwares() -> None:
    hold(online() + ok("AT+QMTDISC=0") + urc("+QMTDISC: 0,0", "+QMTSTAT: 0,5"), quirks=("disc-stat",))
    hold(online() + ok("AT+QMTDISC=0") + urc("+QMTDISC: 0,0"))


# Keep alive


def test_a_quiet_link_is_kept_alive() -> None:
    hold(online() + "~~ 119.9\nS> nothing\n~~ 0.1\nS> Pingreq()\nS< Pingresp()\n~~ 120\nS> Pingreq()\n")


def test_without_keep_alive_no_ping() -> None:
    hold(online(cfg("keepalive", 0), fields="level=3, keep_alive=0") + "~~ 86400\nS> nothing\n")


def test_what_is_sent_puts_the_ping_off() -> None:
    hold(
        online(cfg("keepalive", 10), fields="level=3, keep_alive=10")
        + "~~ 6\n"
        + ok('AT+QMTSUB=0,1,"a",0')
        + 'S> Subscribe(1, (("a", 0),))\nS< Suback(1, (0,))\n'
        + urc("+QMTSUB: 0,1,0,0")
        + "~~ 9.9\nS> nothing\n~~ 0.1\nS> Pingreq()\nS< Pingresp()\n"
    )


def test_an_acknowledgement_puts_the_ping_off_too() -> None:
    """PINGREQ goes out when nothing was sent for that long, and a PUBACK was."""
    hold(
        online(cfg("keepalive", 10), fields="level=3, keep_alive=10")
        + '~~ 6\nS< Publish("a", b"x", qos=1, packet_id=1)\n'
        + urc('+QMTRECV: 0,1,"a","x"')
        + "S> Puback(1)\n~~ 9.9\nS> nothing\n~~ 0.1\nS> Pingreq()\nS< Pingresp()\n"
    )


@pytest.mark.parametrize(
    ("timeout", "interval", "times"),
    [("5,3,0", 5, (5, 5, 5, 5)), ("5,3,1", 60, (60, 60, 60, 5)), ("9,1,0", 5, (9, 9)), ("7,0,0", 60, (7,))],
)
def test_pings_that_go_unanswered(timeout: str, interval: int, times: tuple[int, ...]) -> None:
    """Repeated after qmtping or pkt_timeout, the longer; the last is waited for as any packet is."""
    settings = cfg("timeout", timeout) + cfg("qmtping", interval) + cfg("keepalive", 30)
    waits = "".join(f"~~ {seconds - 0.5}\nS> nothing\n~~ 0.5\nS> Pingreq()\n" for seconds in times[:-1])
    hold(
        online(settings, fields="level=3, keep_alive=30")
        + "~~ 30\nS> Pingreq()\n"
        + waits
        + f"~~ {times[-1] - 0.5}\n~~ 0.5\n"
        + urc("+QMTPING: 0,1")
        + lost(2)
        + "S> nothing\n"
    )


def test_the_server_hangs_up_on_a_ping() -> None:
    hold(online() + "~~ 120\nS> Pingreq()\nS: closed\n" + urc("+QMTPING: 0,1", "+QMTSTAT: 0,1"))
    hold(online() + "~~ 120\nS> Pingreq()\nS< Pingresp()\nS: closed\n" + urc("+QMTSTAT: 0,1"))


def test_tls_fails_as_a_handshake_does() -> None:
    """An opening whose handshake fails ends in -1, and the client can be opened without TLS."""
    hold(
        BOOT
        + cfg("ssl", "1,2")
        + ok(f'AT+QMTOPEN=0,"{HOST}",8883')
        + "S: tls\n"
        + urc("+QMTOPEN: 0,-1")
        + read("AT+QMTOPEN?")
        + cfg("ssl", 0)
        + opened()
    )


def test_the_caller_finds_out_by_one_line_that_the_context_went_away() -> None:
    """Every client on the context ends, those on another do not."""
    hold(
        BOOT
        + cfg("pdpcid", 2, client=1)
        + opened()
        + connected()
        + opened(1)
        + connected(1)
        + ok("AT+QIDEACT=1")
        + urc("+QMTSTAT: 0,7")
        + read("AT+QMTCONN?", "+QMTCONN: 1,3")
        + ok("AT+QIDEACT=2")
        + lost(7, 1)
    )


def test_the_radio_goes_away() -> None:
    """AT+CFUN=0 takes the network, and with it the links."""
    hold(online() + ok("AT+CFUN=0") + lost(7) + read("AT+QMTCONN?"))
