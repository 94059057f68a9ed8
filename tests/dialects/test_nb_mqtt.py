"""The MQTT commands of BC35-G and BC28 as transcripts (BC35-G & BC28 MQTT guide V1.0, chapters 2 to 4 and 6)."""

import pytest

from modemlab.module.effects import StreamOpened, StreamReceived
from support.helpers import exchange, make_module
from support.nb_lines import START, WITH_NUMBERS, hold_nb, nb_online, refused
from support.qmt_lines import cfg, lost, ok, opened, prompt, publish, read, shows, urc

# Configuration


def test_a_will_is_given_whole_or_not_at_all() -> None:
    lines = ['AT+QMTCFG="will",0,1', 'AT+QMTCFG="will",0,1,1,0,"t"', 'AT+QMTCFG="will",0,1,1,0,"","m"']
    lines += ['AT+QMTCFG="will",0,0,1,0,"t","m"', 'AT+QMTCFG="will",0,,1,0,"t","m"']
    hold_nb(
        START
        + WITH_NUMBERS
        + refused(50, *lines)
        + shows("will", 0)
        + cfg("will", '1,1,0,"t",""')
        + shows("will", '1,1,0,"t",""')
        + cfg("will", 0)
        + shows("will", 0)
    )


def test_credentials_not_set_show_nothing() -> None:
    hold_nb(
        START
        + read('AT+QMTCFG="aliauth",0')
        + cfg("aliauth", '"pk","dn","s3cr3t"')
        + shows("aliauth", '"pk","dn","s3cr3t"')
        + read("AT+QMTTENAUTH?")
        + read("AT+QMTENAUTH?")
        + read("AT+QMTOPEN?")
        + read("AT+QMTCONN?")
    )


# Connections


def test_a_life() -> None:
    hold_nb(
        START
        + ok('AT+QMTOPEN=0,"broker.example",1883')
        + read("AT+QMTOPEN?")
        + "S: opened broker.example:1883\n"
        + urc("+QMTOPEN: 0,0")
        + read("AT+QMTCONN?", "+QMTCONN: 0,1")
        + ok('AT+QMTCONN=0,"pump","me"')
        + 'S> Connect("pump", level=3, keep_alive=120, username="me")\n'
        + read("AT+QMTCONN?", "+QMTCONN: 0,2")
        + "S< Connack(0)\n"
        + urc("+QMTCONN: 0,0,0")
        + read("AT+QMTCONN?", "+QMTCONN: 0,3")
        + ok("AT+QMTCLOSE=0")
        + urc("+QMTCLOSE: 0,0")
        + "S> nothing\nS: close\n"
        + ok("AT+QMTCLOSE=0")
        + urc("+QMTCLOSE: 0,0")
        + read("AT+QMTCONN?")
        + opened()
    )


OPENINGS = [("refused", -1), ("unreachable", -1), ("timeout", -1), ("name", 4)]


@pytest.mark.parametrize(("what", "result"), OPENINGS)
def test_openings_that_fail(what: str, result: int) -> None:
    hold_nb(START + ok('AT+QMTOPEN=0,"h",1883') + f"S: {what}\n" + urc(f"+QMTOPEN: 0,{result}") + opened())


def test_nobody_answers_for_75_seconds() -> None:
    hold_nb(START + ok('AT+QMTOPEN=0,"h",1883') + "~~ 74.9\n~~ 0.1\n" + urc("+QMTOPEN: 0,-1") + "S: close\n")


def test_openings_in_the_wrong_state() -> None:
    hold_nb(
        START
        + opened()
        + ok('AT+QMTOPEN=0,"h",1883')
        + urc("+QMTOPEN: 0,2")
        + ok("AT+CGATT=0")
        + lost(7)
        + ok('AT+QMTOPEN=0,"h",1883')
        + urc("+QMTOPEN: 0,3")
        + ok("AT+CGATT=1", 'AT+QMTOPEN=0,"h",1883', "AT+CFUN=0")
        + urc("+QMTOPEN: 0,5")
    )


def test_a_context_without_ip_carries_no_connection() -> None:
    hold_nb(
        START
        + ok('AT+CGDCONT=0,"NONIP"', "AT+CFUN=0", "AT+CFUN=1")
        + read("AT+CGPADDR", "+CGPADDR:0")
        + ok('AT+QMTOPEN=0,"h",1883')
        + urc("+QMTOPEN: 0,3")
    )


@pytest.mark.parametrize("code", [1, 2, 3, 4, 5])
def test_a_refused_connection(code: int) -> None:
    hold_nb(
        START
        + opened()
        + ok('AT+QMTCONN=0,"pump"')
        + f'S> Connect("pump", level=3, keep_alive=120)\nS< Connack({code})\n'
        + urc(f"+QMTCONN: 0,0,{code}")
        + lost(4)
    )


def test_no_connack() -> None:
    hold_nb(
        START
        + opened()
        + ok('AT+QMTCONN=0,"pump"')
        + 'S> Connect("pump", level=3, keep_alive=120)\n~~ 9.9\n~~ 0.1\n'
        + urc("+QMTCONN: 0,2")
        + lost(4)
    )


def test_ends_of_the_link() -> None:
    online = nb_online()
    hold_nb(online + "S: closed\n" + lost(1))
    hold_nb(START + opened() + "S: closed\n" + lost(1))
    hold_nb(online + "S: send_buffer_full\n" + lost(6))
    hold_nb(online + "S< f0 00\n" + lost(7))
    hold_nb(online + "~~ 120.0\nS> Pingreq()\n" + "~~ 10.0\nS> Pingreq()\n" * 3 + "~~ 10.0\n" + lost(2))
    hold_nb(online + "~~ 120.0\nS> Pingreq()\nS: closed\n" + lost(1))


# Topics


def test_subscriptions() -> None:
    hold_nb(
        nb_online()
        + ok('AT+QMTSUB=0,7,"a",2,"b/#",1,"c",0')
        + 'S> Subscribe(7, (("a", 2), ("b/#", 1), ("c", 0)))\nS< Suback(7, (1, 128, 0))\n'
        + urc("+QMTSUB: 0,7,0,1,128,0")
        + ok('AT+QMTUNS=0,8,"a","b/#"')
        + 'S> Unsubscribe(8, ("a", "b/#"))\nS< Unsuback(8)\n'
        + urc("+QMTUNS: 0,8,0")
    )


def test_repeats_are_told_when_asked_for() -> None:
    told = nb_online(cfg("timeout", "10,1,1"))
    silent = nb_online(cfg("timeout", "10,1,0"))
    subscribe = 'S> Subscribe(1, (("a", 0),))\n'
    for online, notices in ((told, ["+QMTSUB: 0,1,1,1", "+QMTUNS: 0,2,1"]), (silent, [])):
        first, second = (urc(notice) for notice in notices or ["", ""]) if notices else ("", "")
        hold_nb(
            online
            + ok('AT+QMTSUB=0,1,"a",0')
            + subscribe
            + "~~ 10.0\n"
            + first
            + subscribe
            + "S< Suback(1, (0,))\n"
            + urc("+QMTSUB: 0,1,0,0")
            + ok('AT+QMTUNS=0,2,"a"')
            + 'S> Unsubscribe(2, ("a",))\n~~ 10.0\n'
            + second
            + 'S> Unsubscribe(2, ("a",))\n~~ 10.0\n'
            + urc("+QMTUNS: 0,2,2")
            + lost(6)
        )


# Messages


def test_bytes_of_each_quality() -> None:
    hold_nb(
        nb_online()
        + publish('AT+QMTPUB=0,0,0,0,"a",2', "hi")
        + urc("+QMTPUB: 0,0,0")
        + "S> 30 05 00 01 61 68 69\n"
        + publish('AT+QMTPUB=0,258,1,1,"a"', "hi\\x1a")
        + "S> 33 07 00 01 61 01 02 68 69\nS< 40 02 01 02\n"
        + urc("+QMTPUB: 0,258,0")
        + publish('AT+QMTPUB=0,3,2,0,"a",2', "hi")
        + "S> 34 07 00 01 61 00 03 68 69\nS< 50 02 00 03\nS> 62 02 00 03\nS< 70 02 00 03\n"
        + urc("+QMTPUB: 0,3,0")
    )


def test_with_a_length_every_byte_is_data() -> None:
    hold_nb(
        nb_online()
        + publish('AT+QMTPUB=0,0,0,0,"a",6', "\\x1a\\x1b\\r\\nAT")
        + urc("+QMTPUB: 0,0,0")
        + 'S> Publish("a", b"\\x1a\\x1b\\r\\nAT")\n'
    )


@pytest.mark.parametrize("behind", ["", "\\r", "\\n", "\\r\\n"])
def test_control_z_sends_and_a_line_end_behind_it_is_passed_over(behind: str) -> None:
    hold_nb(
        nb_online()
        + publish('AT+QMTPUB=0,0,0,0,"a"', "two\\r\\nlines\\x1a" + behind)
        + urc("+QMTPUB: 0,0,0")
        + 'S> Publish("a", b"two\\r\\nlines")\n'
        + publish('AT+QMTPUB=0,0,0,0,"a"', "\\x1a" + behind)
        + urc("+QMTPUB: 0,0,0")
        + 'S> Publish("a", b"")\n'
        + ok("AT")
    )


def test_escape_cancels() -> None:
    hold_nb(
        nb_online()
        + publish('AT+QMTPUB=0,5,1,0,"a"', "never mind\\x1b")
        + "S> nothing\n"
        + ok("AT")
        + publish('AT+QMTPUB=0,5,1,0,"a"', "on\\x1a")
        + 'S> Publish("a", b"on", qos=1, packet_id=5)\n'
    )


def test_the_last_byte_that_fits_sends() -> None:
    full = "m" * 1024
    hold_nb(
        nb_online()
        + publish('AT+QMTPUB=0,0,0,0,"a"', full)
        + urc("+QMTPUB: 0,0,0")
        + f'S> Publish("a", b"{full}")\n'
        + publish('AT+QMTPUB=0,0,0,0,"a"', full + "beyond\\x1a\\r\\n")
        + urc("+QMTPUB: 0,0,0")
        + f'S> Publish("a", b"{full}")\nS> nothing\n'
        + ok("AT")
        + prompt('AT+QMTPUB=0,0,0,0,"a"')
        + f">>| {full[1:]}\nS> nothing\n>>| \\x1a\n<<\n<< OK\n"
        + urc("+QMTPUB: 0,0,0")
        + f'S> Publish("a", b"{full[1:]}")\n'
    )


def test_a_urc_waits_for_the_data() -> None:
    hold_nb(
        nb_online()
        + prompt('AT+QMTPUB=0,0,0,0,"a"')
        + 'S< Publish("b", b"x", qos=1, packet_id=9)\nS> nothing\n'
        + ">>| y\\x1a\n<<\n<< OK\n"
        + urc('+QMTRECV: 0,9,"b","x"', "+QMTPUB: 0,0,0")
        + 'S> Publish("a", b"y")\nS> Puback(9)\n'
    )


def test_the_client_is_gone_when_the_data_is_there() -> None:
    hold_nb(
        nb_online(WITH_NUMBERS)
        + prompt('AT+QMTPUB=0,0,0,0,"a"')
        + "S: closed\n>>| y\\x1a\n<<\n<< +CME ERROR: 3\n"
        + lost(1)
    )


def test_repeats_of_a_message() -> None:
    hold_nb(
        nb_online(cfg("timeout", "10,2,1"))
        + publish('AT+QMTPUB=0,4,2,0,"a",1', "x")
        + 'S> Publish("a", b"x", qos=2, packet_id=4)\n~~ 10.0\n'
        + urc("+QMTPUB: 0,4,1,1")
        + 'S> Publish("a", b"x", qos=2, dup=True, packet_id=4)\nS< Pubrec(4)\nS> Pubrel(4)\n~~ 10.0\n'
        + urc("+QMTPUBREL: 0,4,1")
        + "S> Pubrel(4)\n~~ 10.0\n"
        + urc("+QMTPUBREL: 0,4,1")
        + "S> Pubrel(4)\nS< Pubcomp(4)\n"
        + urc("+QMTPUB: 0,4,0")
        + publish('AT+QMTPUB=0,5,1,0,"a",1', "x")
        + 'S> Publish("a", b"x", qos=1, packet_id=5)\n~~ 10.0\n'
        + urc("+QMTPUB: 0,5,1,1")
        + 'S> Publish("a", b"x", qos=1, dup=True, packet_id=5)\n~~ 10.0\n'
        + urc("+QMTPUB: 0,5,1,2")
        + 'S> Publish("a", b"x", qos=1, dup=True, packet_id=5)\n~~ 10.0\n'
        + urc("+QMTPUB: 0,5,2")
        + lost(6)
    )


def test_messages_that_come() -> None:
    hold_nb(
        nb_online()
        + 'S< Publish("a/b", b"one")\n'
        + urc('+QMTRECV: 0,0,"a/b","one"')
        + 'S< Publish("a/b", b"q\\"q, \\x00\\r\\n", qos=1, packet_id=7)\n'
        + '<<\n<<| +QMTRECV: 0,7,"a/b","q"q, \\x00\\r\\n"\\r\\n\nS> Puback(7)\n'
        + 'S< Publish("a/b", b"", qos=2, packet_id=8)\n'
        + urc('+QMTRECV: 0,8,"a/b",""')
        + "S> Pubrec(8)\nS< Pubrel(8)\nS> Pubcomp(8)\n"
    )


def test_a_host_that_leaves_while_it_types_a_message_sends_nothing() -> None:
    module = make_module("BC35-G")
    module.power_on(0.0)
    exchange(module, b'AT+QMTOPEN=0,"h",1')
    module.on_reply(StreamOpened(1), 0.0)
    exchange(module, b'AT+QMTCONN=0,"c"')
    module.on_reply(StreamReceived(1, b"\x20\x02\x00\x00"), 0.0)
    module.data_to_send()
    module.effects.clear()
    assert exchange(module, b'AT+QMTPUB=0,0,0,0,"a"') == b"\r\n> "
    module.receive(b"half", 1.0)
    module.dtr_dropped(2.0)
    assert module.data_to_send() == b"\r\nERROR\r\n"
    assert module.effects == []
