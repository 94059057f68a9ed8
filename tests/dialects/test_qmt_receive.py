"""+QMTRECV in both forms, its slots, and AT+QMTRECV (MQTT guide V1.1, 3.3.9, 4.2 and figure 1)."""

import pytest

from modemlab.module.effects import PauseStream, ResumeStream, SendStream, StreamOpened, StreamReceived
from modemlab.module.module import Module
from modemlab.module.playback import ModulePlayback
from modemlab.mqtt.packets import Connack, Puback, Publish, encode
from modemlab.transcripts.format import TranscriptPlayer, parse_transcript
from support.helpers import exchange, hold, make_module
from support.qmt_lines import cfg, connected, error, ok, online, opened, read, urc

STORED = cfg("recv/mode", "1,1")


def test_messages_as_they_come() -> None:
    hold(
        online()
        + 'S< Publish("a/b", b"hello")\n'
        + urc('+QMTRECV: 0,0,"a/b","hello"')
        + "S> nothing\n"
        + 'S< Publish("a/b", b"hello", qos=1, packet_id=65535, retain=True)\n'
        + urc('+QMTRECV: 0,65535,"a/b","hello"')
        + "S> Puback(65535)\n"
        + 'S< Publish("a/b", b"", qos=2, packet_id=2)\n'
        + urc('+QMTRECV: 0,2,"a/b",""')
        + "S> Pubrec(2)\nS< Pubrel(2)\nS> Pubcomp(2)\n"
        + ok("AT+QMTRECV=0", "AT+QMTRECV=0,3")
        + read("AT+QMTRECV?", "+QMTRECV: 0,0,0,0,0,0")
    )


def test_length_of_the_message() -> None:
    hold(
        online(cfg("recv/mode", "0,1"))
        + 'S< Publish("a", b"{\\"on\\":1}")\n'
        + urc('+QMTRECV: 0,0,"a",8,"{"on":1}"')
        + 'S< Publish("a", b"")\n'
        + urc('+QMTRECV: 0,0,"a",0,""')
    )


def test_payload_is_raw() -> None:
    """Any byte, quotes included, unescaped between the quotes."""
    every = "".join(f"\\x{byte:02x}" for byte in range(256))
    hold(
        online(cfg("recv/mode", "0,1"))
        + f'S< Publish("a", b"{every}")\n'
        + f'<<| \\r\\n+QMTRECV: 0,0,"a",256,"{every}"\\r\\n\n'
    )


def test_hexadecimal() -> None:
    """Upper case, and the length still counts the message's bytes."""
    for settings, length in (
        (cfg("dataformat", "0,1"), ""),
        (cfg("dataformat", "0,1") + cfg("recv/mode", "0,1"), "3,"),
    ):
        hold(online(settings) + 'S< Publish("a", b"\\x00\\xab~")\n' + urc(f'+QMTRECV: 0,0,"a",{length}"00AB7E"'))
    hold(
        online(cfg("dataformat", "0,1") + STORED)
        + 'S< Publish("a", b"jk")\n'
        + urc("+QMTRECV: 0,0")
        + read("AT+QMTRECV=0", '+QMTRECV: 0,0,"a",2,"6A6B"')
    )


def test_qos_2_is_delivered_once() -> None:
    message = 'S< Publish("a", b"x", qos=2, packet_id=9{})\n'
    hold(
        online()
        + message.format("")
        + urc('+QMTRECV: 0,9,"a","x"')
        + "S> Pubrec(9)\n"
        + (message.format(", dup=True") + "S> Pubrec(9)\n") * 2
        + ("S< Pubrel(9)\nS> Pubcomp(9)\n") * 2
        + message.format("")
        + urc('+QMTRECV: 0,9,"a","x"')
        + "S> Pubrec(9)\n"
    )


def test_a_stored_message_without_its_length() -> None:
    hold(
        online(cfg("recv/mode", "1,0"))
        + 'S< Publish("a", b"x")\n'
        + urc("+QMTRECV: 0,0")
        + read("AT+QMTRECV=0,0", '+QMTRECV: 0,0,"a","x"')
    )


FIVE = "".join(
    f'S< Publish("t{n}", b"{n}", qos=1, packet_id={n + 1})\n<<\n<< +QMTRECV: 0,{n}\nS> Puback({n + 1})\n'
    for n in range(5)
)


def test_with_all_slots_taken() -> None:
    """QoS 0 is dropped; QoS 1 and 2 wait unacknowledged and move up in order."""
    hold(
        online(STORED)
        + FIVE
        + 'S< Publish("lost", b"x")\n'
        + 'S< Publish("t5", b"5", qos=1, packet_id=6)\nS< Publish("t6", b"6", qos=2, packet_id=7)\n'
        + 'S< Publish("lost", b"y")\n'
        + "S> nothing\n"
        + read("AT+QMTRECV?", "+QMTRECV: 0,1,1,1,1,1")
        + read("AT+QMTRECV=0,3", '+QMTRECV: 0,4,"t3",1,"3"')
        + urc("+QMTRECV: 0,3")
        + "S> Puback(6)\nS> nothing\n"
        + read("AT+QMTRECV=0,0", '+QMTRECV: 0,1,"t0",1,"0"')
        + urc("+QMTRECV: 0,0")
        + "S> Pubrec(7)\nS< Pubrel(7)\nS> Pubcomp(7)\n"
        + read(
            "AT+QMTRECV=0",
            '+QMTRECV: 0,7,"t6",1,"6"',
            '+QMTRECV: 0,2,"t1",1,"1"',
            '+QMTRECV: 0,3,"t2",1,"2"',
            '+QMTRECV: 0,6,"t5",1,"5"',
            '+QMTRECV: 0,5,"t4",1,"4"',
        )
        + "S> nothing\n"
    )


def test_all_at_once_with_more_behind() -> None:
    behind = "".join(f'S< Publish("t{n}", b"{n}", qos=1, packet_id={n + 1})\n' for n in range(5, 8))
    hold(
        online(STORED)
        + FIVE
        + behind
        + read("AT+QMTRECV=0", *(f'+QMTRECV: 0,{n + 1},"t{n}",1,"{n}"' for n in range(5)))
        + urc("+QMTRECV: 0,0", "+QMTRECV: 0,1", "+QMTRECV: 0,2")
        + "S> Puback(6)\nS> Puback(7)\nS> Puback(8)\n"
        + read("AT+QMTRECV=0", *(f'+QMTRECV: 0,{n + 1},"t{n}",1,"{n}"' for n in range(5, 8)))
    )


@pytest.mark.parametrize("piece", [0, 1, 7])
def test_twenty_are_held_back_then_nothing_is_read(piece: int) -> None:
    bench = ModulePlayback(make_module(), piece)
    behind = "".join(f'S< Publish("t", b"x", qos=1, packet_id={n})\n' for n in range(6, 25))

    def play(transcript: str) -> None:
        assert list(TranscriptPlayer(bench).play(parse_transcript(transcript))) == []

    play(online(STORED) + FIVE + behind)
    assert not bench.paused
    play('S< Publish("t", b"x", qos=2, packet_id=25)\nS> nothing\n')
    assert bench.paused == {1}
    # what was on its way is not lost either
    play('S< Publish("t", b"late", qos=1, packet_id=26)\nS> nothing\n')
    play(read("AT+QMTRECV=0,2", '+QMTRECV: 0,3,"t2",1,"2"') + urc("+QMTRECV: 0,2") + "S> Puback(6)\n")
    assert bench.paused == {1}
    play(read("AT+QMTRECV=0,2", '+QMTRECV: 0,6,"t",1,"x"') + urc("+QMTRECV: 0,2") + "S> Puback(7)\n")
    assert not bench.paused


def test_slots_are_each_clients_and_go_with_the_link() -> None:
    hold(
        online(STORED)
        + opened(1)
        + connected(1)
        + 'S< Publish("a", b"x")\n'
        + urc('+QMTRECV: 1,0,"a","x"')
        + read("AT+QMTRECV?", "+QMTRECV: 0,0,0,0,0,0", "+QMTRECV: 1,0,0,0,0,0")
        + ok("AT+QMTRECV=1")
        + error("AT+QMTRECV=2")
    )
    hold(
        online(STORED)
        + 'S< Publish("a", b"x")\n'
        + urc("+QMTRECV: 0,0")
        + "S: closed\n"
        + urc("+QMTSTAT: 0,1")
        + error("AT+QMTRECV=0")
        + ok("AT+QMTRECV?")
        + opened()
        + ok("AT+QMTRECV?")
        + connected()
        + read("AT+QMTRECV?", "+QMTRECV: 0,0,0,0,0,0")
    )


def module_online() -> Module:
    """A module whose client 0 is connected on stream 1, with nothing left to say."""
    module = make_module()
    module.power_on(0.0)
    exchange(module, b"ATE0")
    exchange(module, b'AT+QMTOPEN=0,"h",1')
    module.on_reply(StreamOpened(1), 0.0)
    exchange(module, b'AT+QMTCONN=0,"pump"')
    module.on_reply(StreamReceived(1, encode(Connack(0))), 0.0)
    module.data_to_send()
    module.effects.clear()
    return module


def test_a_message_waits_for_the_line_that_is_typed() -> None:
    module = module_online()
    module.receive(b"AT+QMT", 10.0)
    module.on_reply(StreamReceived(1, encode(Publish("a", b"x", 1, packet_id=3))), 10.5)
    assert module.deadline() == 11.0
    module.advance(10.9)
    assert (module.data_to_send(), module.effects) == (b"", [])
    module.advance(11.0)
    assert module.data_to_send() == b'\r\n+QMTRECV: 0,3,"a","x"\r\n'
    assert module.effects == [SendStream(1, encode(Puback(3)))]
    module.receive(b"CONN?\r", 30.0)
    assert module.data_to_send() == b"\r\n+QMTCONN: 0,3\r\n\r\nOK\r\n"


def test_too_much_that_waits_stops_the_reading() -> None:
    module = module_online()
    exchange(module, b'AT+QMTPUBEX=0,0,0,0,"a",1')
    message = encode(Publish("a", b"x" * 1000))
    for _ in range(64):
        module.on_reply(StreamReceived(1, message), 1.0)
    assert module.effects == []
    module.on_reply(StreamReceived(1, message), 1.0)
    assert module.effects == [PauseStream(1)]
    module.effects.clear()
    module.receive(b"!", 2.0)
    assert module.data_to_send().count(b"+QMTRECV") == 65
    assert [type(e) for e in module.effects] == [SendStream, ResumeStream]
