"""AT+QMTPUB, which firmwares of EC200x, EC600x and EG912Y take beside the guide's AT+QMTPUBEX, as transcripts."""

import pytest

from support.helpers import hold, reasons
from support.qmt_lines import BOOT, cfg, connected, error, lost, ok, online, opened, prompt, publish, read, urc


def test_the_test_form() -> None:
    hold(BOOT + read("AT+QMTPUB=?", '+QMTPUB: (0-5),<msgid>,(0-2),(0,1),"topic","length"'))


def test_control_z_sends() -> None:
    hold(
        online()
        + publish('AT+QMTPUB=0,0,0,0,"a"', "hi\\x1a")
        + urc("+QMTPUB: 0,0,0")
        + "S> 30 05 00 01 61 68 69\n"
        + publish('AT+QMTPUB=0,258,1,1,"a"', "hi\\x1a")
        + "S> 33 07 00 01 61 01 02 68 69\nS< 40 02 01 02\n"
        + urc("+QMTPUB: 0,258,0")
        + publish('AT+QMTPUB=0,3,2,0,"a"', "hi\\x1a")
        + "S> 34 07 00 01 61 00 03 68 69\nS< 50 02 00 03\nS> 62 02 00 03\nS< 70 02 00 03\n"
        + urc("+QMTPUB: 0,3,0")
    )


@pytest.mark.parametrize("behind", ["\\r", "\\n", "\\r\\n", "\\n\\r"])
def test_a_line_end_behind_control_z_is_passed_over(behind: str) -> None:
    hold(
        online()
        + prompt('AT+QMTPUB=0,0,0,0,"a"')
        + f">>| hi\\x1a{behind}\n<<\n<< OK\n"
        + urc("+QMTPUB: 0,0,0")
        + 'S> Publish("a", b"hi")\n'
        + ok("AT")
    )


def test_an_empty_message() -> None:
    hold(
        online()
        + publish('AT+QMTPUB=0,0,0,0,"a"', "\\x1a")
        + urc("+QMTPUB: 0,0,0")
        + 'S> Publish("a", b"")\n'
        + publish('AT+QMTPUB=0,0,0,0,"a",0', "")
        + urc("+QMTPUB: 0,0,0")
        + 'S> Publish("a", b"")\n'
    )


def test_escape_cancels() -> None:
    """The answer is OK; nothing is sent and nothing is told."""
    hold(
        online()
        + publish('AT+QMTPUB=0,7,1,0,"a"', "hi\\x1b")
        + "S> nothing\n"
        + publish('AT+QMTPUB=0,7,1,0,"a"', "\\x1b")
        + "S> nothing\n"
        + publish('AT+QMTPUBEX=0,7,1,0,"a",2', "hi")
        + 'S> Publish("a", b"hi", qos=1, packet_id=7)\nS< Puback(7)\n'
        + urc("+QMTPUBEX: 0,7,0")
    )


def test_with_a_length_every_byte_is_data() -> None:
    hold(
        online()
        + publish('AT+QMTPUB=0,1,1,0,"a",6', "\\x1a\\x1b\\r\\n\\x00+")
        + 'S> Publish("a", b"\\x1a\\x1b\\r\\n\\x00+", qos=1, packet_id=1)\nS< Puback(1)\n'
        + urc("+QMTPUB: 0,1,0")
    )


def test_the_byte_1500_sends() -> None:
    """Our decision: what comes behind it is command input again, as behind the length of AT+QMTPUBEX."""
    most = "0123456789" * 150
    hold(
        online()
        + prompt('AT+QMTPUB=0,1,1,0,"a"')
        + f">>| {most[:-1]}\n>>| 9\n<<\n<< OK\n"
        + f'S> Publish("a", b"{most}", qos=1, packet_id=1)\nS< Puback(1)\n'
        + urc("+QMTPUB: 0,1,0")
        + publish('AT+QMTPUB=0,2,1,0,"a",1500', most)
        + f'S> Publish("a", b"{most}", qos=1, packet_id=2)\n'
        + error('AT+QMTPUB=0,3,1,0,"a",1501', 'AT+QMTPUB=0,3,1,0,"a",-1')
        + prompt('AT+QMTPUB=0,3,1,0,"a"')
        + f">>| {most}\\x1a\\r\\n\n<<\n<< OK\n"
        + f'S> Publish("a", b"{most}", qos=1, packet_id=3)\n'
        + ok("AT")
    )


def test_the_settings_of_the_prompt() -> None:
    """edit/timeout, view/mode and dataformat hold as for AT+QMTPUBEX."""
    hold(
        online(cfg("edit/timeout", "1,5"), cfg("view/mode", 1), cfg("send/mode", 1))
        + prompt('AT+QMTPUB=0,0,0,0,"a"')
        + ">>| 6869\n<<| 6869\n>>| \\x1a\n<<\n<< OK\n"
        + urc("+QMTPUB: 0,0,0")
        + 'S> Publish("a", b"hi")\n'
        + prompt('AT+QMTPUB=0,0,0,0,"a"')
        + ">>| 686\n<<| 686\n>>| \\x1a\n<<\n<< ERROR\n"
        + prompt('AT+QMTPUB=0,0,0,0,"a"')
        + ">>| 68\n<<| 68\n~~ 4.75\n~~ 0.25\n<<\n<< ERROR\nS> nothing\n"
    )


def test_each_result_is_told_by_the_command_that_published() -> None:
    """Both in flight at once, identifiers used again, and one of QoS 0 with the identifier of another."""
    hold(
        online()
        + publish('AT+QMTPUB=0,1,1,0,"a",1', "x")
        + publish('AT+QMTPUBEX=0,2,1,0,"a",1', "x")
        + publish('AT+QMTPUBEX=0,1,0,0,"a",1', "x")
        + urc("+QMTPUBEX: 0,1,0")
        + publish('AT+QMTPUB=0,2,0,0,"a",1', "x")
        + urc("+QMTPUB: 0,2,0")
        + error('AT+QMTPUB=0,2,1,0,"a",1', 'AT+QMTPUBEX=0,1,1,0,"a",1')
        + "S< Puback(2)\n"
        + urc("+QMTPUBEX: 0,2,0")
        + "S< Puback(1)\n"
        + urc("+QMTPUB: 0,1,0")
        + publish('AT+QMTPUBEX=0,1,1,0,"a",1', "x")
        + publish('AT+QMTPUB=0,2,2,0,"a",1', "x")
        + "S< Puback(1)\n"
        + urc("+QMTPUBEX: 0,1,0")
        + "S< Pubrec(2)\nS< Pubcomp(2)\n"
        + urc("+QMTPUB: 0,2,0")
    )


@pytest.mark.parametrize("notice", [0, 1])
def test_repeats(notice: int) -> None:
    hold(
        online(cfg("timeout", f"2,1,{notice}"))
        + publish('AT+QMTPUB=0,9,1,0,"a",1', "x")
        + "~~ 2\n"
        + (urc("+QMTPUB: 0,9,1,1") if notice else "")
        + "~~ 2\n"
        + urc("+QMTPUB: 0,9,2")
        + lost(6)
    )


def test_a_new_connection_has_no_message_under_way() -> None:
    """What was unacknowledged went with the link; the identifier is free for either command."""
    hold(
        online()
        + publish('AT+QMTPUB=0,9,1,0,"a",1', "x")
        + "S: closed\n"
        + urc("+QMTSTAT: 0,1")
        + opened()
        + connected()
        + publish('AT+QMTPUBEX=0,9,1,0,"a",1', "x")
        + "S< Puback(9)\n"
        + urc("+QMTPUBEX: 0,9,0")
    )


def test_the_window_is_five() -> None:
    """Of both commands together."""
    hold(
        online()
        + "".join(publish(f'AT+QMTPUB=0,{n},1,0,"a",1', "x") for n in (1, 2, 3))
        + "".join(publish(f'AT+QMTPUBEX=0,{n},1,0,"a",1', "x") for n in (4, 5))
        + error('AT+QMTPUB=0,6,1,0,"a"', 'AT+QMTPUBEX=0,6,1,0,"a",1')
    )


WRONG = (
    'AT+QMTPUB=0,1,1,0,"t"',
    'AT+QMTPUB=6,1,1,0,"t"',
    'AT+QMTPUB=0,65536,1,0,"t"',
    'AT+QMTPUB=0,0,1,0,"t"',
    'AT+QMTPUB=0,1,3,0,"t"',
    'AT+QMTPUB=0,1,1,2,"t"',
    'AT+QMTPUB=0,1,1,0,""',
    f'AT+QMTPUB=0,1,1,0,"{"t" * 257}"',
    "AT+QMTPUB=0,1,1,0",
    "AT+QMTPUB",
    "AT+QMTPUB?",
)


@pytest.mark.parametrize("line", WRONG)
def test_what_is_refused(line: str) -> None:
    """The first because the client is not connected, the others connected or not."""
    hold(BOOT + error(line))
    if line != WRONG[0]:
        hold(online() + error(line) + "S> nothing\n")


INLINE = (
    'AT+QMTPUB=0,1,1,0,"t","hello"',
    "AT+QMTPUB=0,1,1,0,t,hello",
    'AT+QMTPUB=0,1,1,0,"t","{"a":1,"b":2}"',
    'AT+QMTPUB=0,1,1,0,"t","5"',
)


@pytest.mark.parametrize("line", INLINE)
def test_the_message_is_never_on_the_line(line: str) -> None:
    hold(online() + error(line) + "S> nothing\n")
    (reason,) = reasons("EC200S-CN", line.encode())
    assert "<length> is a number from 0 to 1500 bytes" in reason
    assert "the data is sent when the module asks for it" in reason


@pytest.mark.parametrize("form", ['=0,1,1,0,"t"', '=0,1,1,0,"t",5', '=0,1,1,0,"t","hello"', "=0", "=?", "?", ""])
@pytest.mark.parametrize("model", ["EC200T-CN", "EC600N-CN", "EG912Y-CN"])
def test_a_strict_module_has_the_manuals_command_alone(model: str, form: str) -> None:
    hold(online() + error(f"AT+QMTPUB{form}") + "S> nothing\n", model, strict=True)
    (reason,) = reasons(model, f"AT+QMTPUB{form}".encode(), strict=True)
    assert "the manual names AT+QMTPUBEX instead" in reason
    hold(online() + publish('AT+QMTPUBEX=0,0,0,0,"a",2', "hi") + urc("+QMTPUBEX: 0,0,0"), model, strict=True)
