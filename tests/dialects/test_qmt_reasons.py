"""Each refusal says why: one line in the log with parameter, range or state, and section; never on the line (3.3)."""

import re

import pytest

from modemlab.dialect.network import StreamError
from modemlab.module.effects import StreamFailed, StreamOpened, StreamReceived
from modemlab.module.log_notes import Note
from modemlab.module.observer import NoteListener
from modemlab.mqtt.packets import Connack, encode
from support.helpers import exchange, make_module, reasons

DECLARED = [
    (b'AT+QMTCFG="version",0,5', "<vsn>", "3, 4", "3.3.1"),
    (b'AT+QMTCFG="keepalive",0,3601', "<keep_alive_time>", "0 to 3600 s", "3.3.1"),
    (b'AT+QMTCFG="keepalive",6', "<client_idx>", "0 to 5", "3.3.1"),
    (b'AT+QMTCFG="timeout",0,1', "<retry_times>", "must be given", "3.3.1"),
    (b'AT+QMTCFG="ssl",0,1', "<SSL_ctx_idx>", "must be given", "3.3.1"),
    (b'AT+QMTCFG="will",0,1', "<will_fg>", "must be given", "3.3.1"),
    (b'AT+QMTCFG="colour",0', "colour", "options", "3.3.1"),
    (b"AT+QMTCFG?", "read form", "", "3.3.1"),
    (b'AT+QMTOPEN=0,"h",0', "<port>", "1 to 65535", "3.3.2"),
    (b'AT+QMTOPEN=0,"' + b"h" * 101 + b'",1', "<host_name>", "1 to 100 bytes", "3.3.2"),
    (b'AT+QMTOPEN=0,"h', "quoted string", "", "3.3.2"),
    (b"AT+QMTOPEN=0", "3 parameters", "not 1", "3.3.2"),
    (b"AT+QMTOPEN", "execute form", "", "3.3.2"),
    (b"AT+QMTCLOSE=0", "client 0", "never opened", "3.3.3"),
    (b'AT+QMTCONN=0,"c"', "client 0", "must be open", "3.3.4"),
    (b'AT+QMTCONN=0,"c","u"', "<password>", "must be given", "3.3.4"),
    (b"AT+QMTDISC=0", "client 0", "must be connected", "3.3.5"),
    (b'AT+QMTSUB=0,1,"a",3', "<qos>", "0 to 2", "3.3.6"),
    (b'AT+QMTSUB=0,1,"a"', "<topic>,<qos>", "", "3.3.6"),
    (b'AT+QMTSUB=0,1,"a",0', "client 0", "must be connected", "3.3.6"),
    (b'AT+QMTUNS=0,1,""', "<topic>", "1 to 256 bytes", "3.3.7"),
    (b'AT+QMTPUBEX=0,0,0,0,"a",1501', "<length>", "0 to 1500", "3.3.8"),
    (b"AT+QMTRECV=0,5", "<recv_id>", "0 to 4", "3.3.9"),
]
ONLINE = [
    (b'AT+QMTCFG="keepalive",0,1', "client 0", "is connected", "3.3.1"),
    (b'AT+QMTCONN=0,"c"', "client 0", "connected", "3.3.4"),
    (b'AT+QMTPUBEX=0,0,1,0,"a",1', "<msgid>", "<qos> 0", "3.3.8"),
    (b'AT+QMTPUBEX=0,1,1,0,"#",1', "<topic>", "wildcard", "3.3.8"),
    (b'AT+QMTPUBEX=0,9,1,0,"a",1', "9", "in flight", "3.3.8"),
    (b'AT+QMTSUB=0,9,"a",0', "9", "in flight", "3.3.6"),
]


NOT_OPEN = {
    StreamError.NAME: "the name of h:1 did not resolve: check its spelling",
    StreamError.REFUSED: "no program listens on h:1: is a broker running there? `modemlab broker` starts one",
    StreamError.UNREACHABLE: "h:1 cannot be reached: check the address and this machine's network",
    StreamError.TIMEOUT: "h:1 did not answer in time: check the address, and whether a firewall blocks the connection",
    StreamError.TLS: "h:1: the TLS handshake failed",
    StreamError.PLAIN: "h:1 does not speak TLS: use its port for TLS, often 8883; "
    'AT+QMTCFG="ssl",0,0 connects without TLS',
}


def shown(said: bytes) -> bytes:
    """What was said, without what was typed."""
    return re.sub(rb"^AT[^\r]*\r", b"", said)


@pytest.mark.parametrize(("line", "what", "rule", "section"), DECLARED, ids=[row[0].decode()[:40] for row in DECLARED])
def test_reasons(line: bytes, what: str, rule: str, section: str) -> None:
    (reason,) = reasons("EC200S-CN", line)
    typed = line.decode().replace('"c","u"', '"c","*"')  # a password may stand where a user is expected
    assert reason.startswith(typed[:60])
    assert what in reason.removeprefix(typed)
    assert rule in reason
    assert re.search(rf"MQTT guide.*, {re.escape(section)}\)$", str(reason))
    assert reason.isprintable()


@pytest.mark.parametrize(("line", "what", "rule", "section"), ONLINE, ids=[row[0].decode() for row in ONLINE])
def test_reasons_of_a_connected_client(line: bytes, what: str, rule: str, section: str) -> None:
    notes: list[Note] = []
    module = make_module(observers=[NoteListener(notes.append)])
    module.power_on(0.0)
    for command in (b"ATE0", b'AT+QMTOPEN=0,"h",1'):
        exchange(module, command)
    module.on_reply(StreamOpened(1), 0.0)
    exchange(module, b'AT+QMTCONN=0,"pump"')
    module.on_reply(StreamReceived(1, encode(Connack(0))), 0.0)
    exchange(module, b'AT+QMTPUBEX=0,9,1,0,"a",0')
    assert notes == []
    assert exchange(module, line, 7.0) == b"\r\nERROR\r\n"
    (note,) = notes
    now, subject, reason, _ = note
    assert (now, subject) == (7.0, line.decode())
    assert what in str(reason)
    assert rule in str(reason)
    assert re.search(rf"MQTT guide.*, {re.escape(section)}\)$", str(reason))


def test_one_command_of_a_line_is_named_alone() -> None:
    (reason,) = reasons("EC200S-CN", b'AT+QMTOPEN?;+QMTDISC=3;+QMTCFG="keepalive",0')
    assert reason.startswith("AT+QMTDISC=3: ")


def test_what_is_unknown_is_named() -> None:
    (unknown,) = reasons("EC200S-CN", b"AT+QMTPOST=0,0,0,0,a,3")
    assert unknown.startswith("AT+QMTPOST=0,0,0,0,a,3: ")
    assert "is not a command of this module" in unknown
    (long,) = reasons("EC200S-CN", b"AT" + b"x" * 3000)
    assert "2048 bytes" in long
    assert len(long) < 200


def test_prompts_that_fail_say_why() -> None:
    notes: list[Note] = []
    module = make_module(observers=[NoteListener(notes.append)])
    module.power_on(0.0)
    for command in (b"ATE0", b'AT+QMTCFG="edit/timeout",0,1,5', b'AT+QMTCFG="send/mode",0,1', b'AT+QMTOPEN=0,"h",1'):
        exchange(module, command)
    module.on_reply(StreamOpened(1), 0.0)
    exchange(module, b'AT+QMTCONN=0,"pump"')
    module.on_reply(StreamReceived(1, encode(Connack(0))), 0.0)
    module.receive(b'AT+QMTPUBEX=0,0,0,0,"a",2\r4', 1.0)
    module.advance(6.0)
    assert "5 s" in str(notes[-1].reason)
    module.receive(b'AT+QMTPUBEX=0,0,0,0,"a",2\rxy', 7.0)
    assert "hexadecimal" in str(notes[-1].reason)
    assert len(notes) == 2
    assert module.data_to_send().count(b"\r\nERROR\r\n") == 2


def test_the_serial_line_hears_error_alone() -> None:
    module = make_module()
    module.power_on(0.0)
    module.data_to_send()
    for line, *_ in DECLARED:
        assert shown(exchange(module, line)) == b"\r\nERROR\r\n"


def test_why_a_link_or_an_opening_failed_is_told_too() -> None:
    notes: list[Note] = []
    module = make_module(observers=[NoteListener(notes.append)])
    module.power_on(0.0)
    for error, reason in NOT_OPEN.items():
        exchange(module, b'AT+QMTOPEN=0,"h",1')
        module.on_reply(StreamFailed(module.clients[0].stream, error), 0.0)
        assert str(notes.pop().reason) == reason
    assert NOT_OPEN.keys() == set(StreamError)
    exchange(module, b'AT+QMTOPEN=0,"h",1')
    module.advance(120.0)
    assert str(notes.pop().reason) == NOT_OPEN[StreamError.TIMEOUT]
    exchange(module, b'AT+QMTOPEN=0,"h",1', 121.0)
    module.on_reply(StreamOpened(module.clients[0].stream), 121.0)
    module.on_reply(StreamReceived(module.clients[0].stream, b"\x30\x03\x00\x01ax"), 121.0)
    assert str(notes.pop().reason)


def test_a_reason_never_shows_a_secret_of_a_platform() -> None:
    notes: list[Note] = []
    module = make_module(observers=[NoteListener(notes.append)])
    module.power_on(0.0)
    exchange(module, b'AT+QMTCFG="onenet",0,"p","n0t base64 s3cr3t!"')
    exchange(module, b'AT+QMTOPEN=0,"h",1')
    module.on_reply(StreamOpened(1), 0.0)
    assert exchange(module, b'AT+QMTCONN=0,"c"').endswith(b"\r\nERROR\r\n")
    (note,) = notes
    assert "base64" in str(note.reason)
    assert "s3cr3t" not in str(note.reason)
