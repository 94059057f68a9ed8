"""AT+QSSLCFG as transcripts, and the TLS that AT+QMTOPEN asks for (MQTT guide V1.1, 5.2).

Ranges, defaults and `=?` lines are typed by hand from what modules list: a wrong number in the declaration fails here.
"""

import re
from typing import Any

import pytest

from modemlab.dialect.network import StreamError, TlsOptions
from modemlab.module.effects import OpenStream, StreamFailed
from modemlab.module.log_notes import Note
from modemlab.module.memory_files import MemoryFiles
from modemlab.module.module import Module
from modemlab.module.observer import NoteListener
from support.helpers import exchange, hold, make_module, reasons
from support.qmt_lines import BOOT, cfg, error, ok, read, urc

SUITES = (
    "0X0035,0X002F,0X0005,0X0004,0X000A,0X003D,0XC002,0XC003,0XC004,0XC005,0XC007,0XC008,0XC009,0XC00A,0XC011,0XC012,"
    "0XC013,0XC014,0XC00C,0XC00D,0XC00E,0XC00F,0XC023,0XC024,0XC025,0XC026,0XC027,0XC028,0XC029,0XC02A,0XC02F,0XC030,"
    "0XFFFF"
)
TESTS = [
    '+QSSLCFG: "sslversion",(0-5),(0-4)',
    f'+QSSLCFG: "ciphersuite",(0-5),({SUITES})',
    '+QSSLCFG: "cacert",(0-5),<cacertpath>',
    '+QSSLCFG: "clientcert",(0-5),<client_cert_path>',
    '+QSSLCFG: "clientkey",(0-5),<client_key_path>',
    '+QSSLCFG: "seclevel",(0-5),(0-2)',
    '+QSSLCFG: "session",(0-5),(0,1)',
    '+QSSLCFG: "sni",(0-5),(0,1)',
    '+QSSLCFG: "checkhost",(0-5),(0,1)',
    '+QSSLCFG: "ignorelocaltime",(0-5),(0,1)',
    '+QSSLCFG: "negotiatetime",(0-5),(10-300)',
    '+QSSLCFG: "renegotiation",(0-5),(0,1)',
    '+QSSLCFG: "dtls",(0-5),(0,1)',
    '+QSSLCFG: "dtlsversion",(0-5),(0,1)',
]
# Option, default, the good values that show as they were typed, the bad ones.
OPTIONS = [
    ("sslversion", "4", ["0", "1", "2", "3", "4"], ["5", "-1", '"3"', "x"]),
    (
        "ciphersuite",
        "0XFFFF",
        ["0X0035", "0X002F", "0X0004", "0X0005", "0X000A", "0X003D", "0XC02F", "0XC030", "0XC027", "0XC014", "0XFFFF"],
        ['"0XFFFF"', "0X0001", "0XC031", "0X1FFFF", "x", "-1"],
    ),
    ("cacert", '""', ['"UFS:cacert.pem"', '"cacert.pem"', f'"{"c" * 84}"'], [f'"{"c" * 85}"']),
    ("clientcert", '""', ['"UFS:client.pem"', '"client.pem"', f'"{"c" * 84}"'], [f'"{"c" * 85}"']),
    ("clientkey", '""', ['"UFS:user_key.pem"', '"key.pem"', f'"{"c" * 84}"'], [f'"{"c" * 85}"']),
    ("seclevel", "0", ["0", "1", "2"], ["3", "-1", '"1"']),
    ("session", "0", ["0", "1"], ["2"]),
    ("sni", "0", ["0", "1"], ["2"]),
    ("checkhost", "0", ["0", "1"], ["2"]),
    ("ignorelocaltime", "1", ["0", "1"], ["2"]),
    ("negotiatetime", "300", ["10", "300"], ["9", "301"]),
    ("renegotiation", "0", ["0", "1"], ["2"]),
    ("dtls", "0", ["0", "1"], ["2"]),
    ("dtlsversion", "0", ["0", "1"], ["2"]),
]
NAMES = [row[0] for row in OPTIONS]


def shows(option: str, value: str, context: int = 0) -> str:
    """AT+QSSLCFG without a value shows this one, behind the context."""
    return read(f'AT+QSSLCFG="{option}",{context}', f'+QSSLCFG: "{option}",{context},{value}')


def test_the_test_form() -> None:
    hold(BOOT + read("AT+QSSLCFG=?", *TESTS))
    assert [re.findall(r'"(.+?)"', line)[0] for line in TESTS] == NAMES


@pytest.mark.parametrize(("option", "default", "good", "bad"), OPTIONS, ids=NAMES)
def test_options(option: str, default: str, good: list[str], bad: list[str]) -> None:
    transcript = BOOT + shows(option, default)
    for value in good:
        transcript += ok(f'AT+QSSLCFG="{option}",5,{value}') + shows(option, value, 5)
    for value in bad:
        transcript += error(f'AT+QSSLCFG="{option}",5,{value}')
    others = "".join(shows(option, default, context) for context in range(5))
    hold(transcript + shows(option, good[-1], 5) + others)


@pytest.mark.parametrize(("option", "default", "good", "_bad"), OPTIONS, ids=NAMES)
def test_nothing_survives_a_power_cycle(option: str, default: str, good: list[str], _bad: list[str]) -> None:
    files = MemoryFiles({"cacert.pem": b"kept"})
    module = make_module(files=files)
    module.power_on(0.0)
    exchange(module, b"ATE0")
    exchange(module, f'AT+QSSLCFG="{option}",2,{good[0]}'.encode())
    module.power_off(1.0)
    module.power_on(2.0)
    exchange(module, b"ATE0")
    shown = exchange(module, f'AT+QSSLCFG="{option}",2'.encode(), 3.0)
    assert shown == f'\r\n+QSSLCFG: "{option}",2,{default}\r\n\r\nOK\r\n'.encode()
    assert module.files.read("cacert.pem") == b"kept"


def test_what_is_refused() -> None:
    hold(
        BOOT
        + error("AT+QSSLCFG", "AT+QSSLCFG?", "AT+QSSLCFG=", 'AT+QSSLCFG="sslversion"', 'AT+QSSLCFG="sslversion",6')
        + error('AT+QSSLCFG="sslversion",-1', 'AT+QSSLCFG="sslversion","2"', 'AT+QSSLCFG="sslversion",2,3,4')
        + error('AT+QSSLCFG="colour",2,3', "AT+CMEE=2;+QSSLCFG=1,2")
    )


def test_refusals_say_why() -> None:
    (reason,) = reasons("EC200S-CN", b'AT+QSSLCFG="ciphersuite",2,"0XFFFF"')
    assert "without quotes" in reason
    assert reason.endswith("(MQTT guide, 5.2)")
    (reason,) = reasons("EC200S-CN", b'AT+QSSLCFG="negotiatetime",2,9')
    assert "<negotiate_time> is 9, but takes 10 to 300 s" in reason


# AT+QMTOPEN with TLS

FILES = {"ca.pem": b"the CA", "client.pem": b"the client", "key.pem": b"the key"}
MUTUAL = (
    'AT+QSSLCFG="cacert",2,"UFS:ca.pem"',
    'AT+QSSLCFG="clientcert",2,"ufs:client.pem"',
    'AT+QSSLCFG="clientkey",2,"key.pem"',
    'AT+QSSLCFG="seclevel",2,2',
)
# Lines, and the TLS that the next opening asks for.
OPENINGS: list[tuple[tuple[str, ...], TlsOptions]] = [
    ((), TlsOptions(minimum=0x0300)),
    (MUTUAL, TlsOptions(0x0300, 0x0303, (), True, b"the CA", b"the client", b"the key")),
    ((*MUTUAL, 'AT+QSSLCFG="seclevel",2,1'), TlsOptions(0x0300, 0x0303, (), True, b"the CA")),
    ((*MUTUAL, 'AT+QSSLCFG="seclevel",2,0'), TlsOptions(0x0300)),
    (('AT+QSSLCFG="sslversion",2,0',), TlsOptions(0x0300, 0x0300)),
    (('AT+QSSLCFG="sslversion",2,1',), TlsOptions(0x0301, 0x0301)),
    (('AT+QSSLCFG="sslversion",2,2',), TlsOptions(0x0302, 0x0302)),
    (('AT+QSSLCFG="sslversion",2,3',), TlsOptions(0x0303, 0x0303)),
    (('AT+QSSLCFG="ciphersuite",2,0xC02F',), TlsOptions(0x0300, ciphers=(0xC02F,))),
    (('AT+QSSLCFG="sni",2,1',), TlsOptions(0x0300, server_name="h.example")),
    (('AT+QSSLCFG="checkhost",2,1',), TlsOptions(0x0300, check_host=True)),
    (('AT+QSSLCFG="ignorelocaltime",2,0',), TlsOptions(0x0300, at=1_700_000_007.0)),
    (('AT+QSSLCFG="negotiatetime",2,10',), TlsOptions(0x0300, timeout=10.0)),
    (('AT+QSSLCFG="sslversion",0,1',), TlsOptions(0x0300)),
    (
        tuple(f'AT+QSSLCFG="{name}",2,1' for name in ("session", "renegotiation", "dtls", "dtlsversion")),
        TlsOptions(0x0300),
    ),
]


def opening(module: Module, *lines: str) -> Any:
    """What the module asks the shell for when client 0 opens with TLS context 2."""
    for line in ('AT+QMTCFG="ssl",0,1,2', *lines, 'AT+QMTOPEN=0,"h.example",8883'):
        assert exchange(module, line.encode(), 7.0).endswith(b"\r\nOK\r\n"), line
    (effect,) = module.effects
    return effect


@pytest.mark.parametrize(("lines", "tls"), OPENINGS, ids=[" ".join(row[0][-1:]) or "defaults" for row in OPENINGS])
def test_the_context_shapes_the_stream(lines: tuple[str, ...], tls: TlsOptions) -> None:
    module = make_module(files=MemoryFiles(FILES), utc=1_700_000_000.0)
    module.power_on(0.0)
    assert opening(module, *lines) == OpenStream(1, "h.example", 8883, tls)


def test_without_ssl_there_is_no_tls() -> None:
    module = make_module()
    module.power_on(0.0)
    exchange(module, b'AT+QMTOPEN=0,"h.example",1883')
    assert module.effects == [OpenStream(1, "h.example", 1883, None)]


OPEN = 'AT+QMTOPEN=0,"h.example",8883'
MISSING = [
    (MUTUAL[:0], "cacert", "names no file"),
    (('AT+QSSLCFG="cacert",2,"UFS:none.pem"',), "cacert", "no such file: 'UFS:none.pem'"),
    (MUTUAL[:1], "clientcert", "names no file"),
    (MUTUAL[:2], "clientkey", "names no file"),
    ((*MUTUAL[:2], 'AT+QSSLCFG="clientkey",2,"SD:key.pem"'), "clientkey", "no such file: 'SD:key.pem'"),
]


@pytest.mark.parametrize(("lines", "option", "why"), MISSING)
def test_a_file_that_is_missing(lines: tuple[str, ...], option: str, why: str) -> None:
    """OK, then -1, the reason in the log alone; the client can be opened again."""
    notes: list[Note] = []
    settings = (*lines, 'AT+QSSLCFG="seclevel",2,2')
    hold(
        BOOT
        + cfg("ssl", 1, 2)
        + ok(*settings, OPEN)
        + urc("+QMTOPEN: 0,-1")
        + ok(*lines, OPEN)
        + urc("+QMTOPEN: 0,-1"),
        files=MemoryFiles(FILES),
        observers=[NoteListener(notes.append)],
    )
    assert notes[0].subject == "client 0"
    assert str(notes[0].reason).startswith(f'"{option}" of TLS context 2')
    assert str(notes[0].reason).endswith(why)


def test_a_store_that_fails() -> None:
    class Broken(MemoryFiles):
        """A medium that cannot be read."""

        def read(self, name: str) -> bytes | None:
            raise OSError(5, "Input/output error")

    notes: list[Note] = []
    module = make_module(files=Broken(), observers=[NoteListener(notes.append)])
    module.power_on(0.0)
    for line in ("ATE0", 'AT+QMTCFG="ssl",0,1,2', *MUTUAL):
        exchange(module, line.encode())
    assert exchange(module, OPEN.encode()) == b"\r\nOK\r\n\r\n+QMTOPEN: 0,-1\r\n"
    assert "cannot be read: Input/output error" in str(notes[0].reason)


def test_a_handshake_that_fails() -> None:
    hold(
        BOOT
        + cfg("ssl", 1, 0)
        + ok(OPEN)
        + "S: tls\n"
        + urc("+QMTOPEN: 0,-1")
        + ok(OPEN)
        + "S: opened\n"
        + urc("+QMTOPEN: 0,0")
    )


def test_the_reason_reaches_the_log() -> None:
    notes: list[Note] = []
    module = make_module(observers=[NoteListener(notes.append)])
    module.power_on(0.0)
    opening(module)
    module.on_reply(StreamFailed(1, StreamError.TLS, "certificate and key do not fit"), 7.0)
    assert module.data_to_send().endswith(b"\r\n+QMTOPEN: 0,-1\r\n")
    assert [(n.subject, str(n.reason)) for n in notes] == [
        ("client 0", "h.example:8883: the TLS handshake failed: certificate and key do not fit")
    ]
