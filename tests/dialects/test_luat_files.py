"""Files and TLS settings of Luat's modules (Luat AT manual V1.6.3, chapter 11 and 12.7), and the TLS they make."""

import errno
from typing import Any

import pytest

from modemlab.dialect.network import TlsOptions
from modemlab.module.effects import OpenStream
from modemlab.module.log_notes import Note
from modemlab.module.memory_files import MemoryFiles
from modemlab.module.module import Module
from modemlab.module.observer import NoteListener
from support.helpers import exchange, hold, make_module, reasons
from support.luat_lines import BOOT, MODEL, asks, cme, ok, read, urc

CERTIFICATES = {"ca.crt": b"CA", "client.crt": b"CERT", "client.key": b"KEY"}


class Broken(MemoryFiles):
    """A medium that fails."""

    def __getattribute__(self, name: str) -> Any:
        """Fail, whatever is asked for."""
        if not name.startswith("_"):
            raise OSError(errno.EIO, "the medium fails")
        return super().__getattribute__(name)


def test_parts_of_a_file() -> None:
    hold(
        BOOT
        + ok("AT+FSCREATE=a")
        + asks("AT+FSWRITE=a,0,4,1")
        + ">>| \\x00\\r\\n>\n<<\n<< OK\n"
        + asks("AT+FSWRITE=a,1,3,1")
        + ">>| AT\\r\n<<\n<< OK\n"
        + ">> AT+FSREAD=a,0,100,0\n<<| \\r\\n\\x00\\r\\n>AT\\r\\r\\n\\r\\nOK\\r\\n\n"
        + ">> AT+FSREAD=a,1,2,3\n<<\n<< >A\n<<\n<< OK\n"
        + ">> AT+FSREAD=a,0,2,6\n<<| \\r\\n\\x00\\r\\r\\n\\r\\nOK\\r\\n\n"
        + cme(53, "AT+FSREAD=a,1,1,7", "AT+FSREAD=a,0,1")
        + asks("AT+FSWRITE=a,0,1,1")
        + ">>| z\n<<\n<< OK\n"
        + read("AT+FSREAD=a,0,10240,0", "z"),
        MODEL,
    )


def test_data_that_takes_too_long() -> None:
    """All or nothing."""
    hold(
        BOOT
        + ok("AT+FSCREATE=a")
        + asks("AT+FSWRITE=a,0,4,10")
        + ">>| abc\n~~ 9.9\n~~ 0.1\n<<\n<< TimeOut\n"
        + read("AT+FSFLSIZE=a", "+FSFLSIZE: 0")
        + ">> d\n>> AT\n<<\n<< OK\n",
        MODEL,
    )


def test_the_store_is_full() -> None:
    module = make_module(MODEL, files=MemoryFiles(total=8192))
    module.power_on(0.0)
    exchange(module, b"ATE0")
    assert exchange(module, b"AT+FSCREATE=a") == b"\r\nOK\r\n"
    assert exchange(module, b"AT+FSWRITE=a,0,8193,9") == b"\r\n>"
    module.receive(b"x" * 8193, 1.0)
    assert module.data_to_send() == b"\r\n+CME ERROR: 51\r\n"
    assert exchange(module, b"AT+FSFLSIZE=a") == b"\r\n+FSFLSIZE: 0\r\n\r\nOK\r\n"
    assert exchange(module, b"AT+FSCREATE=b") == b"\r\nOK\r\n"
    assert exchange(module, b"AT+FSCREATE=c") == b"\r\n+CME ERROR: 51\r\n"


def test_files_outlive_the_power() -> None:
    module = make_module(MODEL)
    for _ in range(2):
        module.power_on(0.0)
        said = exchange(module, b"AT+FSCREATE=a")
        module.power_off(1.0)
    assert said.endswith(b"\r\n+CME ERROR: 3\r\n")


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("AT+FSCREATE=a", 50),
        ("AT+FSREAD=a,0,1,0", 50),
        ("AT+FSWRITE=a,0,1,1", 50),
        ("AT+FSDEL=a", 50),
        ("AT+FSFLSIZE=a", 50),
        ("AT+FSMEM", 50),
    ],
)
def test_a_medium_that_fails(line: str, code: int) -> None:
    """The log says why in words, without the number of the system's error."""
    hold(BOOT + cme(code, line), MODEL, files=Broken())
    (told,) = reasons(MODEL, line.encode(), files=Broken())
    assert ": the medium fails (Luat AT manual V1.6.3, 11." in told
    assert "Errno" not in told


def test_a_file_that_does_not_fit_is_told_in_words() -> None:
    class Full(MemoryFiles):
        """A store that has room until something is to be kept."""

        def write(self, name: str, data: bytes) -> None:
            raise OSError(errno.ENOSPC, "the store is full")

    (told,) = reasons(MODEL, b"AT+FSCREATE=a", files=Full())
    assert "'a' cannot be stored: the store is full (Luat AT manual V1.6.3, 11." in told


# AT+SSLCFG

OPTIONS = [
    ("sslversion", "4", ["0", "1", "2", "3", "4"], ["5", '"3"', "x"]),
    ("ciphersuite", "0XFFFF", ["0X0035", "0X002F", "0X0005", "0X0004", "0X000A", "0X003D"], ["0X1234", '"0XFFFF"']),
    ("cacert", '""', ['"ca.crt"'], [f'"{"c" * 65}"']),
    ("clientcert", '""', ['"client.crt"'], [f'"{"c" * 65}"']),
    ("clientkey", '""', ['"client.key"'], [f'"{"c" * 65}"']),
    ("seclevel", "0", ["0", "1", "2"], ["3"]),
    ("hostname", '""', ['"broker.example"'], [f'"{"h" * 257}"']),
    ("ignorelocaltime", "1", ["0", "1"], ["2"]),
    ("negotiatetimeout", "300", ["10", "300"], ["9", "301"]),
    ("clientrandom", '""', [f'"{"0aF" * 18}01"', f'"{"12" * 32}"'], ['"12"', f'"{"g" * 56}"']),
    ("premaster", '""', ['"00ff"'], [f'"{"0" * 257}"']),
    ("verifymode", "0", ["0", "1"], ["2"]),
]


@pytest.mark.parametrize(("option", "default", "good", "bad"), OPTIONS, ids=[row[0] for row in OPTIONS])
def test_options(option: str, default: str, good: list[str], bad: list[str]) -> None:
    def shows(value: str, context: int = 88) -> str:
        return read(f'AT+SSLCFG="{option}",{context}', f'+SSLCFG: "{option}",{context},{value}')

    transcript = BOOT + shows(default)
    for value in good:
        transcript += ok(f'AT+SSLCFG="{option}",88,{value}') + shows(value)
    transcript += cme(53, *(f'AT+SSLCFG="{option}",88,{value}' for value in bad), f'AT+SSLCFG="{option}"')
    transcript += shows(good[-1]) + ok(f'AT+SSLCFG="{option}",88,') + shows(default)
    transcript += ok(f'AT+SSLCFG="{option}",153,{good[0]}') + shows(good[0], 153) + shows(default)
    hold(transcript, MODEL)


@pytest.mark.parametrize("context", [0, 5, 34, 88, 153])
def test_contexts(context: int) -> None:
    hold(BOOT + ok(f'AT+SSLCFG="seclevel",{context},1', "AT+SSLCFG=?"), MODEL)


def test_contexts_that_there_are_not() -> None:
    hold(BOOT + cme(53, *(f'AT+SSLCFG="seclevel",{n},1' for n in ("6", "33", "87", "154", "x", "-1"))), MODEL)


# The TLS that they make


def secured(*lines: str, files: dict[str, bytes] | None = None) -> tuple[Module, list[Note]]:
    """A module that has set these options and then connects, and its log."""
    notes: list[Note] = []
    store = MemoryFiles(CERTIFICATES if files is None else files)
    module = make_module(MODEL, files=store, utc=1_770_000_000.0, observers=[NoteListener(notes.append)])
    module.power_on(0.0)
    exchange(module, b"ATE0")
    module.data_to_send()
    for line in lines:
        assert exchange(module, f"AT+SSLCFG={line}".encode()) == b"\r\nOK\r\n", line
    return module, notes


MADE: list[tuple[tuple[str, ...], TlsOptions]] = [
    ((), TlsOptions(0x0300, 0x0303)),
    (('"sslversion",88,0',), TlsOptions(0x0300, 0x0300)),
    (('"sslversion",88,1',), TlsOptions(0x0301, 0x0301)),
    (('"sslversion",88,2',), TlsOptions(0x0302, 0x0302)),
    (('"sslversion",88,3',), TlsOptions(0x0303, 0x0303)),
    (('"ciphersuite",88,0X0035',), TlsOptions(0x0300, 0x0303, (0x0035,))),
    (('"sslversion",0,1', '"seclevel",153,2'), TlsOptions(0x0300, 0x0303)),
    (('"cacert",88,"ca.crt"', '"clientcert",88,"client.crt"'), TlsOptions(0x0300, 0x0303)),
    (('"cacert",88,"ca.crt"', '"seclevel",88,1'), TlsOptions(0x0300, 0x0303, verify=True, authority=b"CA")),
    (('"cacert",88,"/ca.crt"', '"seclevel",88,1'), TlsOptions(0x0300, 0x0303, verify=True, authority=b"CA")),
    (
        (
            '"cacert",88,"ca.crt"',
            '"clientcert",88,"client.crt"',
            '"clientkey",88,"client.key"',
            '"seclevel",88,2',
            '"hostname",88,"broker.example"',
            '"ignorelocaltime",88,0',
            '"negotiatetimeout",88,30',
        ),
        TlsOptions(
            0x0300,
            0x0303,
            verify=True,
            authority=b"CA",
            certificate=b"CERT",
            key=b"KEY",
            check_host=True,
            at=1_770_000_000.0,
            server_name="broker.example",
            timeout=30.0,
        ),
    ),
    (('"hostname",88,"broker.example"',), TlsOptions(0x0300, 0x0303, server_name="broker.example")),
]


@pytest.mark.parametrize(("options", "tls"), MADE)
def test_the_tls_of_a_connection(options: tuple[str, ...], tls: TlsOptions) -> None:
    module, _ = secured(*options)
    assert exchange(module, b"AT+SSLMIPSTART=h,8883") == b"\r\nOK\r\n"
    assert module.effects == [OpenStream(1, "h", 8883, tls)]


def test_plain_connections_have_none() -> None:
    module, _ = secured('"seclevel",88,2')
    exchange(module, b"AT+MIPSTART=h,1883")
    assert module.effects == [OpenStream(1, "h", 1883, None)]


def test_dates_are_judged_by_the_clock_that_the_host_sets() -> None:
    module, _ = secured('"ignorelocaltime",88,0')
    exchange(module, b'AT+CCLK="20/01/01,02:00:00+08"')
    exchange(module, b"AT+SSLMIPSTART=h,8883")
    (opening,) = module.effects
    assert isinstance(opening, OpenStream)
    assert opening.tls is not None
    assert opening.tls.at == 1_577_836_800.0


MISSING = [
    ('"seclevel",88,1', '"cacert" of TLS context 88 names no file'),
    ('"seclevel",88,2', '"cacert" of TLS context 88 names no file'),
    ('"cacert",88,"other.crt"', "\"cacert\" of TLS context 88: no such file: 'other.crt'"),
]


@pytest.mark.parametrize(("option", "reason"), MISSING)
def test_a_file_that_is_missing(option: str, reason: str) -> None:
    module, notes = secured('"seclevel",88,1', option)
    assert exchange(module, b"AT+SSLMIPSTART=h,8883") == b"\r\nOK\r\n" + b"\r\nSTATE:TCP CLOSED\r\n\r\nCONNECT FAIL\r\n"
    assert module.effects == []
    assert [str(note.reason) for note in notes] == [reason]


def test_a_key_that_is_missing() -> None:
    module, notes = secured('"cacert",88,"ca.crt"', '"clientcert",88,"client.crt"', '"seclevel",88,2')
    exchange(module, b"AT+SSLMIPSTART=h,8883")
    assert [str(note.reason) for note in notes] == ['"clientkey" of TLS context 88 names no file']


def test_a_handshake_that_fails() -> None:
    hold(BOOT + ok("AT+SSLMIPSTART=h,8883") + "S: tls\n" + urc("STATE:TCP CLOSED", "CONNECT FAIL"), MODEL)
