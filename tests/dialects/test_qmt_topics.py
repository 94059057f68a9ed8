"""AT+QMTSUB and AT+QMTUNS as transcripts (MQTT guide V1.1, 3.3.6, 3.3.7 and figure 1)."""

import pytest

from modemlab.module.effects import StreamOpened, StreamReceived
from modemlab.mqtt.packets import Connack, Suback, encode
from support.helpers import exchange, hold, make_module
from support.qmt_lines import cfg, error, lost, ok, online, prompt, urc


def test_several_topics_travel_in_one_packet() -> None:
    hold(
        online()
        + ok('AT+QMTSUB=0,7,"a/b",0,"c/+",1,"d/#",2,bare,1')
        + 'S> Subscribe(7, (("a/b", 0), ("c/+", 1), ("d/#", 2), ("bare", 1)))\nS> nothing\n'
        + "S< Suback(7, (0, 1, 2, 0))\n"
        + urc("+QMTSUB: 0,7,0,0,1,2,0")
        + ok('AT+QMTUNS=0,8,"a/b","c/+"')
        + 'S> Unsubscribe(8, ("a/b", "c/+"))\nS> nothing\nS< Unsuback(8)\n'
        + urc("+QMTUNS: 0,8,0")
    )


def test_values_are_the_servers() -> None:
    """Above what was asked for, and 128 for a refusal."""
    hold(
        online()
        + ok('AT+QMTSUB=0,1,"a",0')
        + 'S> Subscribe(1, (("a", 0),))\nS< Suback(1, (1,))\n'
        + urc("+QMTSUB: 0,1,0,1")
        + ok('AT+QMTSUB=0,1,"a",0,"b",2')
        + "S< Suback(1, (128, 2))\n"
        + urc("+QMTSUB: 0,1,0,128,2")
    )


def test_bytes_on_the_wire() -> None:
    hold(online() + ok('AT+QMTSUB=0,1,"ab",1') + "S> 82 07 00 01 00 02 61 62 01\n")
    hold(online() + ok('AT+QMTUNS=0,258,"ab"') + "S> a2 06 01 02 00 02 61 62\n")


def test_topics_may_be_any_bytes() -> None:
    hold(
        online()
        + ok('AT+QMTSUB=0,1,"数据/一,二",0')
        + 'S> Subscribe(1, (("数据/一,二", 0),))\nS< Suback(1, (0,))\n'
        + urc("+QMTSUB: 0,1,0,0")
        + 'S< Publish("数据/一,二", b"x")\n'
        + urc('+QMTRECV: 0,0,"数据/一,二","x"')
        + ok('AT+QMTUNS=0,2,"a b;c"')
        + 'S> Unsubscribe(2, ("a b;c",))\n'
    )


def test_identifier_0_is_reported_as_0() -> None:
    hold(
        online()
        + ok('AT+QMTSUB=0,0,"a",0')
        + 'S> Subscribe(65535, (("a", 0),))\n'
        + ok('AT+QMTSUB=0,0,"b",0', 'AT+QMTUNS=0,0,"c"')
        + 'S> Subscribe(65534, (("b", 0),))\nS> Unsubscribe(65533, ("c",))\nS< Suback(65534, (0,))\n'
        + urc("+QMTSUB: 0,0,0,0")
        + "S< Unsuback(65533)\n"
        + urc("+QMTUNS: 0,0,0")
        + "S< Suback(65535, (0,))\n"
        + urc("+QMTSUB: 0,0,0,0")
        + ok('AT+QMTSUB=0,65535,"a",0')
        + 'S> Subscribe(65535, (("a", 0),))\nS< Suback(65535, (0,))\n'
        + urc("+QMTSUB: 0,65535,0,0")
    )


def test_identifier_0_passes_over_those_in_flight() -> None:
    hold(
        online()
        + prompt('AT+QMTPUBEX=0,65535,1,0,"a",1')
        + '>>| x\n<<\n<< OK\nS> Publish("a", b"x", qos=1, packet_id=65535)\n'
        + ok('AT+QMTSUB=0,0,"a",0')
        + 'S> Subscribe(65534, (("a", 0),))\n'
        + error('AT+QMTUNS=0,65534,"a"', 'AT+QMTUNS=0,65535,"a"')
        + "S> nothing\nS< Puback(65535)\n"
        + urc("+QMTPUBEX: 0,65535,0")
        + "S< Suback(65534, (0,))\n"
        + urc("+QMTSUB: 0,0,0,0")
    )


def test_identifier_0_is_repeated_as_0() -> None:
    hold(
        online(cfg("timeout", "5,1,1"))
        + ok('AT+QMTSUB=0,0,"a",0')
        + 'S> Subscribe(65535, (("a", 0),))\n~~ 5\n'
        + urc("+QMTSUB: 0,0,1,1")
        + "~~ 5\n"
        + urc("+QMTSUB: 0,0,2")
        + lost(6)
    )


def test_an_identifier_in_flight_is_not_given_twice() -> None:
    hold(
        online()
        + ok('AT+QMTSUB=0,7,"a",0')
        + 'S> Subscribe(7, (("a", 0),))\n'
        + error('AT+QMTSUB=0,7,"b",0', 'AT+QMTUNS=0,7,"b"', 'AT+QMTPUBEX=0,7,1,0,"b",1', 'AT+QMTPUBEX=0,7,2,0,"b",1')
        + "S> nothing\nS< Suback(7, (0,))\n"
        + urc("+QMTSUB: 0,7,0,0")
        + ok('AT+QMTUNS=0,7,"b"')
        + 'S> Unsubscribe(7, ("b",))\n'
    )


@pytest.mark.parametrize("command", ["SUB", "UNS"])
@pytest.mark.parametrize("level", [3, 4])
def test_repeats(command: str, level: int) -> None:
    """1 + retry_times transmissions; each is the same packet: DUP is PUBLISH's alone."""
    asked = 'AT+QMTSUB=0,7,"a",1' if command == "SUB" else 'AT+QMTUNS=0,7,"a"'
    packet = 'Subscribe(7, (("a", 1),))' if command == "SUB" else 'Unsubscribe(7, ("a",))'
    for notice in (0, 1):
        settings = cfg("timeout", f"4,2,{notice}") + cfg("version", level)
        told = [urc(f"+QMT{command}: 0,7,1,{times}") if notice else "" for times in (1, 2)]
        start = online(settings, fields=f"level={level}, keep_alive=120") + ok(asked)
        first = f"S> {packet}\n~~ 3.9\nS> nothing\n~~ 0.1\nS> {packet}\n{told[0]}"
        second = f"~~ 4\nS> {packet}\n{told[1]}"
        hold(start + first + second + "~~ 3.9\n~~ 0.1\n" + urc(f"+QMT{command}: 0,7,2") + lost(6) + "S> nothing\n")
        answer = "Suback(7, (1,))" if command == "SUB" else "Unsuback(7)"
        value = ",1" if command == "SUB" else ""
        # the answers to all transmissions may come
        late = f"S< {answer}\n{urc(f'+QMT{command}: 0,7,0{value}')}S< {answer}\nS< {answer}\n~~ 30\nS> nothing\n"
        hold(start + first + second + late)


def test_no_repeat_at_all() -> None:
    hold(online(cfg("timeout", "1,0,1")) + ok('AT+QMTSUB=0,7,"a",0') + "~~ 1\n" + urc("+QMTSUB: 0,7,2") + lost(6))


def test_default_time_until_it_gives_up() -> None:
    hold(
        online()
        + ok('AT+QMTSUB=0,7,"a",0')
        + "~~ 19.9\n"
        + 'S> Subscribe(7, (("a", 0),))\n' * 4
        + "S> nothing\n~~ 0.1\n"
        + urc("+QMTSUB: 0,7,2")
        + lost(6)
    )


def test_a_request_refused_leaves_no_trace() -> None:
    """An identifier of the module's own that was not sent is not taken for one later."""
    module = make_module()
    module.power_on(0.0)
    exchange(module, b"ATE0")
    exchange(module, b'AT+QMTOPEN=0,"h",1')
    module.on_reply(StreamOpened(1), 0.0)
    exchange(module, b'AT+QMTCONN=0,"pump"')
    module.on_reply(StreamReceived(1, encode(Connack(0))), 0.0)
    for number in range(1, 257):
        exchange(module, b'AT+QMTSUB=0,%d,"a",0' % number)
    assert exchange(module, b'AT+QMTSUB=0,0,"a",0') == b"\r\nERROR\r\n"
    module.on_reply(StreamReceived(1, encode(Suback(1, (0,)))), 0.0)
    assert module.data_to_send() == b"\r\n+QMTSUB: 0,1,0,0\r\n"
    assert exchange(module, b'AT+QMTSUB=0,65535,"a",0') == b"\r\nOK\r\n"
    module.on_reply(StreamReceived(1, encode(Suback(65535, (0,)))), 0.0)
    assert module.data_to_send() == b"\r\n+QMTSUB: 0,65535,0,0\r\n"


def test_the_command_line_alone_limits_the_topics() -> None:
    """The manual names no number of topics; the line's 2,048 bytes hold these."""
    topics = ",".join(['"t",0'] * 330)
    hold(online() + ok(f"AT+QMTSUB=0,1,{topics}"))
