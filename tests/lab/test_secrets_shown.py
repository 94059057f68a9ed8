"""No outlet shows a secret: what is typed, right or wrong, is followed to each place where anything is shown."""

import asyncio
import io
import json
import re
import subprocess
import sys
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from modemlab.at.errors import ModemError
from modemlab.control.server import line_of, state_of
from modemlab.dialect.registry import dialects, find_model
from modemlab.lab.closest_events import LinePrinted
from modemlab.lab.expectations import ExpectationState, read_expectation
from modemlab.lab.junit import Case, junit
from modemlab.lab.lab import Lab
from modemlab.lab.masked_reports import masked_difference
from modemlab.module.custom_commands import show_unknown
from modemlab.module.log_notes import Note
from modemlab.module.observer import NoteListener
from modemlab.ports.memory import MemoryPort
from modemlab.ports.trace import Trace, TraceFile
from modemlab.terminal.session import TerminalSession
from modemlab.text.language import Language
from modemlab.transcripts.format import Difference
from modemlab.transcripts.masking import Masks
from modemlab.transcripts.recorder import Recording
from modemlab.virtual.module import VirtualModule
from modemlab.virtual.traffic_log import Traffic
from support.command_line import COMMAND, PATIENCE
from support.secret_lines import LINES, LTE, NB, PASSWORD, PIN

SECRETS = (PASSWORD, PIN)
ALL = (*SECRETS, *(secret.encode().hex() for secret in SECRETS))


def fails(work: Callable[[], object]) -> str:
    """What is told of a failure."""
    with pytest.raises((AssertionError, ModemError)) as caught:
        work()
    return str(caught.value)


async def on_a_module(model: str, line: str, piece: int, show_secrets: bool) -> dict[str, str]:
    """What a module with all its outlets shows of a line that is typed to it."""
    notes: list[Note] = []
    file = io.StringIO()
    traffic = Traffic()
    given: dict[str, Any] = {
        "observers": [Trace(traffic, TraceFile(file)), NoteListener(notes.append)],
        "mistakes": True,
        "show_secrets": show_secrets,
    }
    async with VirtualModule(*find_model(model), ports=[MemoryPort], **given) as vm:
        port = vm.ports[0]
        assert isinstance(port, MemoryPort)
        port.attach(lambda _data: None)
        data = line.encode() + b"\r"
        for at in range(0, len(data), piece):
            port.host_send(data[at : at + piece])
        # The next line comes too early, so that the host's mistake names it too.
        port.host_send(data + data)
        module = vm.module
        assert module.mistakes is not None
        return {
            "notes": repr(notes),
            "trace": file.getvalue(),
            "traffic": json.dumps([line_of(*each) for each in traffic.since(0, 1000)]),
            "state": json.dumps(state_of(vm)),
            "draft": "\n".join(show_unknown(module.unknown)),
            "mistakes": repr([module.mistakes.kept, module.mistakes.summary()]),
        }


def in_a_lab(model: str, line: str, show_secrets: bool = False) -> dict[str, str]:
    """What a lab shows of it."""
    with Lab(model, show_secrets=show_secrets) as lab:
        lab.send(line.encode() + b"\r")
        return {
            "expect": fails(lambda: lab.expect(line="nothing", within=0)),
            "never": "" if model == NB else fails(lambda: lab.expect(line="(?i)A ?T.*", within=0, never=True)),
            "play": fails(lambda: lab.replay(f">> {line}\n<< nothing\n")),
            "rehearse": fails(lambda: lab.replay_offline(f">> {line}\n<< {line}\n<< nothing\n")),
            "traffic": lab.traffic,
            "driver": fails(lambda: lab.run(driven(lab, line))),
        }


async def driven(lab: Lab, line: str) -> None:
    """The driver is asked for it, and for what is no line at all."""
    async with lab.modem() as modem:
        told = []
        for each in (line, f"{line}\r"):
            try:
                await modem.command(each, timeout=1)
            except ModemError as error:
                told.append(repr(error))
        raise AssertionError(told)


def elsewhere(line: str) -> dict[str, str]:
    """What reports, transcripts and other programs show of it."""
    watch = ExpectationState(read_expectation({"line": "nothing"}))
    watch.on_event(LinePrinted(line), 0.0)
    fault = str(watch.fault(1.0))
    lines: list[str] = []
    recording = Recording(lines.append, Masks(dialects()), 1.0)
    recording.host(line.encode() + b"\r", 0.0)
    recording.module(line.encode() + b"\r\r\nERROR\r\n", 0.0)
    recording.finish()
    return {
        "check": fault,
        "junit": junit("suite", [Case("expect", "line", fault)]),
        "replay": str(masked_difference(Difference(1, line.encode(), b"x\r\n" + line.encode()))),
        "record": "".join(lines),
    }


# Seconds with decimals, which may have the digits of a PIN by chance.
TIME = re.compile(r"[0-9]+\.[0-9]+(e-[0-9]+)?")


@cache
def known(shown: str) -> list[str]:
    """The secrets that stand in it; digits of a time are none."""
    untimed = TIME.sub("", shown)
    return [secret for secret in ALL if secret in untimed]


def none_shown(outlets: Mapping[str, str]) -> None:
    """Hold all of them to it."""
    assert {name: known(shown) for name, shown in outlets.items() if known(shown)} == {}


@pytest.mark.parametrize(("model", "line"), LINES)
def test_a_line(model: str, line: str) -> None:
    none_shown(asyncio.run(on_a_module(model, line, 4096, show_secrets=False)))
    none_shown(elsewhere(line))


@pytest.mark.parametrize(("model", "line"), LINES)
def test_a_line_in_pieces(model: str, line: str) -> None:
    """Typed by hand, letter by letter, with an echo of each."""
    none_shown(asyncio.run(on_a_module(model, line[:400], 1, show_secrets=False)))


@pytest.mark.parametrize(("model", "line"), [each for each in LINES if len(each[1]) < 200])
def test_a_line_in_a_lab(model: str, line: str) -> None:
    none_shown(in_a_lab(model, line))


def test_all_is_shown_to_who_asks_for_it() -> None:
    """With `show_secrets`, everywhere in the module and its lab."""
    line = f'AT+QMTCON=0,"id","user","{PASSWORD}"'
    outlets = asyncio.run(on_a_module(LTE, line, 4096, show_secrets=True))
    assert {name for name, shown in outlets.items() if PASSWORD not in shown and name != "mistakes"} == set()
    shown = in_a_lab(LTE, line, show_secrets=True)
    assert [PASSWORD in shown[name] for name in ("expect", "never", "play", "traffic")] == [True] * 4


def test_what_a_module_prints() -> None:
    """Settings that are asked for, in another session too: the module says them, the trace does not."""
    with Lab(LTE) as lab:
        lab.command(f'AT+QMTCFG="aliauth",0,"{PASSWORD}","device","{PASSWORD}"')
        lab.command(f'AT+QICSGP=1,1,"CMNET","user","{PASSWORD}",1')
        assert lab.command('AT+QMTCFG="aliauth",0')[0] == f'+QMTCFG: "aliauth","{PASSWORD}","device","{PASSWORD}"'
        assert PASSWORD in lab.command("AT+QICSGP=1")[0]
        none_shown({"traffic": lab.traffic})
    masks = Masks(dialects())
    said = masks.said(f'\r\n+QMTCFG: "aliauth","pk","device","{PASSWORD}"\r\n\r\nOK\r\n'.encode())
    assert said == b'\r\n+QMTCFG: "aliauth","**","device","*********"\r\n\r\nOK\r\n'
    assert masks.said(b"\r\n+QMTTENAUTH: 0,abc;hmac\r\n") == b"\r\n+QMTTENAUTH: 0,********\r\n"
    assert masks.said(b"\r\n+QMTTENAUTH: abc;hmac\r\n") == b"\r\n+QMTTENAUTH: ********\r\n"
    assert masks.said(b"\r\n+CPIN: SIM PIN\r\n\r\n+CLCK: 1\r\n") == b"\r\n+CPIN: SIM PIN\r\n\r\n+CLCK: 1\r\n"


def test_connect_and_messages() -> None:
    """The password of CONNECT in words and in bytes; a secret that is known, and JSON that says it holds one."""
    with Lab(LTE) as lab:
        lab.command('AT+QMTOPEN=0,"broker.example",1883')
        lab.expect(line=r"\+QMTOPEN: 0,0")
        lab.command(f'AT+QMTCONN=0,"id","user","{PASSWORD}"')
        lab.expect(line=r"\+QMTCONN: 0,0,0")
        lab.publish("a", "not subscribed")
        body = f'{{"deviceSecret": "other{PIN}", "pin": "{PIN}", "t": 31.6, "x": "{PASSWORD}"}}'.encode()
        assert lab.command(f'AT+QMTPUBEX=0,0,0,0,"t",{len(body)}', body)[-1] == "OK"
        lab.expect(topic="t")
        traffic = lab.traffic
        entries = lab._environment.observer.traffic.since(0, 1000)
        none_shown({"traffic": traffic, "hex": "".join(entry.data.hex() for _, entry in entries)})
        assert "username='user', password=b'*********')" in traffic
        assert '"deviceSecret": "**********", "pin": "*****", "t": 31.6' in traffic
        assert fails(lambda: lab.expect(topic="u", within=0)).count("*") == 15


KEY = b"-----BEGIN RSA PRIVATE KEY-----\nMIIEowIBAAKC\n-----END RSA PRIVATE KEY-----\n"


@pytest.mark.parametrize("piece", [1, 5, 999])
def test_keys_in_files(piece: int) -> None:
    """What is uploaded, and what the module shows of it."""
    with Lab(LTE) as lab:
        lab.send(b'AT+QFUPL="UFS:key.pem",%d\r' % len(KEY))
        for at in range(0, len(KEY), piece):
            lab.send(KEY[at : at + piece])
        lab.command('AT+QFDWL="UFS:key.pem"')
        traffic = lab.traffic
    assert "BEGIN RSA PRIVATE KEY" in traffic or piece == 1
    assert "MIIEowIBAAKC" not in traffic
    assert "IBAA" not in "".join(line.split(" ")[-1] for line in traffic.splitlines())


def test_the_token_request() -> None:
    """The answer of the platform holds the password, whole or cut anywhere, and the module tells it."""
    answer = b"HTTP/1.1 200 OK\r\n\r\n" + json.dumps({"data": {"id": "u", "secret": PASSWORD}}).encode()
    for at in range(len(answer)):
        trace = Trace(TraceFile(file := io.StringIO()))
        dialect, _ = find_model(NB)
        trace.on_attach(dialect, False)
        trace.no_packets(1)
        for part in (answer[:at], answer[at:]):
            trace.received(1, part)
        trace.on_output(f"\r\n+QMTTENAUTH: 0,{PASSWORD}\r\n".encode())
        none_shown({"trace": file.getvalue()})
        hexadecimal = "".join(line.rpartition(" ")[2] for line in file.getvalue().splitlines()[:2])
        assert bytes.fromhex(hexadecimal) == answer.replace(PASSWORD.encode(), b"*********")


def test_a_saved_session(tmp_path: Path) -> None:
    """What the terminal saves, right or wrong as it was typed, and nobody else may read."""
    session = TerminalSession("port", find_model(LTE)[0], Language("en"), lambda _entry: None, lambda _what: None)
    session.opened(lambda _data: None)
    for model, line in LINES:
        if model == LTE:
            session.entered(line)
            session.received(line.encode() + b"\r\r\nERROR\r\n")
    file = tmp_path / "session.txt"
    assert session.transcript.save(str(file))
    none_shown({"file": file.read_text(encoding="utf-8")})
    assert sys.platform == "win32" or file.stat().st_mode & 0o777 == 0o600


def test_a_process(tmp_path: Path) -> None:
    """All of it through the command line: stderr and the trace, masked or not."""
    typed = "".join(f"{line}\r" for model, line in LINES if model == LTE)
    for option in ((), ("--show-secrets",)):
        trace = tmp_path / f"trace{len(option)}"
        command = ("module", LTE, "--port", "stdio", "--mistakes", "--trace", str(trace), *option)
        done = subprocess.run(
            [*COMMAND, *command], input=typed.encode(), capture_output=True, timeout=PATIENCE, check=False
        )
        assert done.returncode == 0
        told = done.stderr.decode()
        assert "AT+QMTCON=0," in told
        if option:
            assert f'AT+QMTCON=0,"id","user","{PASSWORD}"' in told
            assert PASSWORD in trace.read_text(encoding="utf-8")
        else:
            none_shown({"stderr": told, "trace": trace.read_text(encoding="utf-8")})
