"""AT+QMTPUBEX as transcripts: the prompt, the data, the packets, the window (MQTT guide V1.1, 3.3.8)."""

import pytest

from modemlab.module.effects import StreamOpened, StreamReceived
from modemlab.mqtt.packets import Connack, Publish, encode
from support.helpers import exchange, hold, make_module
from support.qmt_lines import cfg, error, lost, ok, online, prompt, publish, urc


def test_bytes_of_each_quality() -> None:
    hold(
        online()
        + publish('AT+QMTPUBEX=0,0,0,0,"a",2', "hi")
        + urc("+QMTPUBEX: 0,0,0")
        + "S> 30 05 00 01 61 68 69\n"
        + publish('AT+QMTPUBEX=0,0,0,1,"a",2', "hi")
        + urc("+QMTPUBEX: 0,0,0")
        + "S> 31 05 00 01 61 68 69\n"
        + publish('AT+QMTPUBEX=0,258,1,0,"a",2', "hi")
        + "S> 32 07 00 01 61 01 02 68 69\nS< 40 02 01 02\n"
        + urc("+QMTPUBEX: 0,258,0")
        + publish('AT+QMTPUBEX=0,3,2,1,"a",2', "hi")
        + "S> 35 07 00 01 61 00 03 68 69\nS< 50 02 00 03\nS> 62 02 00 03\nS> nothing\nS< 70 02 00 03\n"
        + urc("+QMTPUBEX: 0,3,0")
    )


def test_the_prompt_is_exact_and_nothing_is_echoed() -> None:
    hold(
        "<<\n<< RDY\n"
        + online().removeprefix("<<\n<< RDY\n")
        + ">> ATE1\n<<\n<< OK\n"
        + ">> AT+QMTPUBEX=0,0,0,0,a,3\n<<| AT+QMTPUBEX=0,0,0,0,a,3\\r\\r\\n>\\x20\n>>| xyz\n<<\n<< OK\n"
        + urc("+QMTPUBEX: 0,0,0")
    )


def test_no_data_at_all() -> None:
    hold(
        online()
        + '>> AT+QMTPUBEX=0,0,0,0,"a",0\n<<| \\r\\n>\\x20\\r\\nOK\\r\\n\n'
        + urc("+QMTPUBEX: 0,0,0")
        + 'S> Publish("a", b"")\n'
        + '>> AT+QMTPUBEX=0,9,1,1,"a",0\n<<| \\r\\n>\\x20\\r\\nOK\\r\\n\n'
        + 'S> Publish("a", b"", qos=1, retain=True, packet_id=9)\n'
    )


def test_the_longest_message() -> None:
    hold(
        online()
        + publish('AT+QMTPUBEX=0,0,0,0,"a",1500', "0123456789" * 150)
        + urc("+QMTPUBEX: 0,0,0")
        + f'S> Publish("a", b"{"0123456789" * 150}")\n'
        + error('AT+QMTPUBEX=0,0,0,0,"a",1501')
        + "S> nothing\n"
    )


def test_any_byte_is_data() -> None:
    every = "".join(f"\\x{byte:02x}" for byte in range(256))
    code = "".join(f"\\x{byte:02x}" for byte in range(256))
    hold(
        online()
        + publish('AT+QMTPUBEX=0,0,0,0,"a",256', every)
        + urc("+QMTPUBEX: 0,0,0")
        + f'S> Publish("a", b"{code}")\n'
    )
    for data in ("\\x1a\\x1b\\x1a", "\\r\\n\\r", "AT\\r", "A/\\r", "+++", "\\x08\\x7f\\x00", "> \\r"):
        hold(
            online()
            + publish('AT+QMTPUBEX=0,0,0,0,"a",3', data)
            + urc("+QMTPUBEX: 0,0,0")
            + f'S> Publish("a", b"{data}")\n'
        )


def test_what_is_too_much_falls_silent() -> None:
    hold(
        online()
        + prompt('AT+QMTPUBEX=0,0,0,0,"a",3')
        + ">>| abcdef\\r\\n\n<<\n<< OK\n"
        + urc("+QMTPUBEX: 0,0,0")
        + 'S> Publish("a", b"abc")\nS> nothing\n'
        + ok("AT")
        + prompt('AT+QMTPUBEX=0,0,0,0,"a",3')
        + ">>| abcd: b/1, A/, a/b\\r\n<<\n<< OK\n"
        + urc("+QMTPUBEX: 0,0,0")
        + 'S> Publish("a", b"abc")\nS> nothing\n'
        + prompt('AT+QMTPUBEX=0,0,0,0,"a",3')
        + ">>| abc\\x1a\n<<\n<< OK\n"
        + urc("+QMTPUBEX: 0,0,0")
        + ok("AT")
    )


def test_the_command_and_its_data_in_one_go() -> None:
    hold(
        online()
        + '>>| AT+QMTPUBEX=0,0,0,0,"a",2\\rhiAT\\r\n<<| \\r\\n>\\x20\\r\\nOK\\r\\n\n'
        + urc("+QMTPUBEX: 0,0,0")
        + "<<\n<< OK\n"
    )


def test_messages_echoed_when_view_mode_asks_for_it() -> None:
    hold(
        online(cfg("view/mode", 1))
        + prompt('AT+QMTPUBEX=0,0,0,0,"a",4')
        + ">>| a\\r\\x08bmore\n<<| a\\r\\x08b\\r\\nOK\\r\\n\n"
        + urc("+QMTPUBEX: 0,0,0")
        + prompt('AT+QMTCFG="willex",0,1,0,0,"t",2')
        + ">>| hi\n<<| hi\\r\\nOK\\r\\n\n"
    )


def test_a_prompt_waits_without_end_or_as_long_as_told() -> None:
    hold(
        online(cfg("keepalive", 0), fields="level=3, keep_alive=0")
        + prompt('AT+QMTPUBEX=0,0,0,0,"a",4')
        + "~~ 86400\n>>| abcd\n<<\n<< OK\n"
        + urc("+QMTPUBEX: 0,0,0")
    )
    timed = online(cfg("edit/timeout", "1,7")) + prompt('AT+QMTPUBEX=0,1,1,0,"a",4')
    late = "<<\n<< ERROR\nS> nothing\n"
    hold(timed + "~~ 6.9\n~~ 0.1\n" + late + ok("AT"))
    # from the prompt on, not from the last byte
    hold(timed + "~~ 4\n>>| abc\n~~ 2.9\n~~ 0.1\n" + late + ">>| d\n" + ok("AT"))
    hold(timed + "~~ 6.9\n>>| abcd\n<<\n<< OK\n" + 'S> Publish("a", b"abcd", qos=1, packet_id=1)\n~~ 1\n')
    hold(online(cfg("edit/timeout", "0,7")) + prompt('AT+QMTPUBEX=0,1,1,0,"a",4') + "~~ 100\n>>| abcd\n<<\n<< OK\n")
    # the identifier and the place in the window were never taken
    hold(timed + "~~ 7\n" + late + publish('AT+QMTPUBEX=0,1,1,0,"a",1', "x"))


def test_data_typed_in_hexadecimal() -> None:
    hexadecimal = online(cfg("send/mode", 1))
    hold(
        hexadecimal
        + publish('AT+QMTPUBEX=0,0,0,0,"a",8', "00fF1a0D")
        + urc("+QMTPUBEX: 0,0,0")
        + 'S> Publish("a", b"\\x00\\xff\\x1a\\x0d")\n'
        + '>> AT+QMTPUBEX=0,0,0,0,"a",0\n<<| \\r\\n>\\x20\\r\\nOK\\r\\n\n'
        + urc("+QMTPUBEX: 0,0,0")
        + 'S> Publish("a", b"")\n'
    )
    for data in ("abc", "0", "0g", "4 1", " 41", "41 ", "41\\n42", "41\\t42", "0x41", "4\\x0b1", "41 42", "\\xff\\xff"):
        length = len(data.encode().decode("unicode_escape"))
        hold(hexadecimal + prompt(f'AT+QMTPUBEX=0,0,0,0,"a",{length}') + f">>| {data}\n<<\n<< ERROR\nS> nothing\n")
    hold(
        online(cfg("dataformat", "1,0"))
        + publish('AT+QMTPUBEX=0,0,0,0,"a",2', "41")
        + urc("+QMTPUBEX: 0,0,0")
        + 'S> Publish("a", b"A")\n'
    )


def test_a_topic_to_publish_to_holds_no_wildcard() -> None:
    hold(online() + error('AT+QMTPUBEX=0,0,0,0,"a/#",1', 'AT+QMTPUBEX=0,0,0,0,"+/a",1') + "S> nothing\n")


@pytest.mark.parametrize("notice", [0, 1])
def test_repeats_of_a_publish(notice: int) -> None:
    packet = 'Publish("a", b"x", qos=1, packet_id=7)'
    repeat = 'Publish("a", b"x", qos=1, packet_id=7, dup=True)'
    told = [urc(f"+QMTPUBEX: 0,7,1,{times}") if notice else "" for times in (1, 2)]
    start = online(cfg("timeout", f"4,2,{notice}")) + publish('AT+QMTPUBEX=0,7,1,0,"a",1', "x") + f"S> {packet}\n"
    repeats = f"~~ 3.9\nS> nothing\n~~ 0.1\nS> {repeat}\n{told[0]}~~ 4\nS> {repeat}\n{told[1]}"
    hold(start + repeats + "~~ 3.9\n~~ 0.1\n" + urc("+QMTPUBEX: 0,7,2") + lost(6) + "S> nothing\n")
    done = "S< Puback(7)\n" + urc("+QMTPUBEX: 0,7,0")
    hold(start + repeats + done + "S< Puback(7)\nS< Puback(7)\n~~ 20\nS> nothing\n" + ok("AT"))


@pytest.mark.parametrize("notice", [0, 1])
def test_repeats_of_a_pubrel(notice: int) -> None:
    told = [urc(f"+QMTPUBEX: 0,7,1,{times}") if notice else "" for times in (1, 2)]
    start = (
        online(cfg("timeout", f"4,2,{notice}"))
        + publish('AT+QMTPUBEX=0,7,2,0,"a",1', "x")
        + 'S> Publish("a", b"x", qos=2, packet_id=7)\nS< Pubrec(7)\nS> Pubrel(7)\n'
    )
    repeats = f"~~ 4\nS> Pubrel(7)\n{told[0]}~~ 4\nS> Pubrel(7)\n{told[1]}"
    hold(start + repeats + "S< Pubcomp(7)\n" + urc("+QMTPUBEX: 0,7,0") + "~~ 20\nS> nothing\n")
    hold(start + repeats + "~~ 4\n" + urc("+QMTPUBEX: 0,7,2") + lost(6))


def test_commands_around_a_prompt_on_one_line() -> None:
    hold(
        online()
        + '>> AT+QMTOPEN?;+QMTPUBEX=0,0,0,0,"a",1;+QMTPUBEX=0,0,0,0,"b",1;+QMTCONN?\n'
        + '<<\n<< +QMTOPEN: 0,"broker.example",1883\n<<| \\r\\n>\\x20\n>>| x\n<<| \\r\\n>\\x20\n>>| y\n'
        + "<<\n<< +QMTCONN: 0,3\n<<\n<< OK\n"
        + urc("+QMTPUBEX: 0,0,0", "+QMTPUBEX: 0,0,0")
        + 'S> Publish("a", b"x")\nS> Publish("b", b"y")\n'
        + prompt('AT+QMTPUBEX=0,0,0,0,"a",1;+QMTDISC=1;+QMTPUBEX=0,0,0,0,"b",1')
        + ">>| x\n<<\n<< ERROR\n"
        + urc("+QMTPUBEX: 0,0,0")
        + 'S> Publish("a", b"x")\nS> nothing\n'
    )


def test_two_prompts_time_out_one_by_one() -> None:
    hold(
        online(cfg("edit/timeout", "1,5"))
        + prompt('AT+QMTPUBEX=0,0,0,0,"a",1;+QMTPUBEX=0,0,0,0,"b",1')
        + "~~ 4\n>>| x\n<<| \\r\\n>\\x20\n~~ 4.9\n~~ 0.1\n<<\n<< ERROR\n"
        + urc("+QMTPUBEX: 0,0,0")
        + 'S> Publish("a", b"x")\nS> nothing\n'
        + ok("AT")
    )


def test_as_many_prompts_as_a_line_holds() -> None:
    line = ";".join(["+QMTPUBEX=0,0,0,0,a,0"] * 92)
    assert len(line) <= 2046
    hold(online() + f">> AT{line}\n<<| " + "\\r\\n>\\x20" * 92 + "\\r\\nOK\\r\\n\n" + urc(*["+QMTPUBEX: 0,0,0"] * 92))


def test_messages_wait_while_data_is_typed() -> None:
    module = make_module()
    module.power_on(0.0)
    exchange(module, b"ATE0")
    exchange(module, b'AT+QMTOPEN=0,"h",1')
    module.on_reply(StreamOpened(1), 0.0)
    exchange(module, b'AT+QMTCONN=0,"pump"')
    module.on_reply(StreamReceived(1, encode(Connack(0))), 0.0)
    module.data_to_send()
    module.effects.clear()
    assert exchange(module, b'AT+QMTPUBEX=0,0,0,0,"a",3') == b"\r\n> "
    module.on_reply(StreamReceived(1, encode(Publish("b", b"x", 1, packet_id=4))), 0.0)
    module.receive(b"12", 50.0)
    module.advance(60.0)
    assert (module.data_to_send(), module.effects) == (b"", [])
    module.receive(b"3", 61.0)
    assert module.data_to_send() == b'\r\nOK\r\n\r\n+QMTRECV: 0,4,"b","x"\r\n\r\n+QMTPUBEX: 0,0,0\r\n'
