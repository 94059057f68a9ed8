"""`modemlab conform` on virtual modules: what is printed, the JUnit file, exit statuses."""

import asyncio
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import typer

from modemlab.broker.server import Broker
from modemlab.cli.common import CliError
from modemlab.cli.conform import conform
from modemlab.cli.language import LanguageCode
from modemlab.dialect.dialect import Dialect
from modemlab.dialect.registry import find_model
from modemlab.virtual.module import VirtualModule

WAIT = 60.0


def on_module(
    work: Callable[[str, str], None],
    model: str = "BC28",
    port: str = "tcp://127.0.0.1:0",
    speaks: Dialect | None = None,
) -> None:
    """Run `work` on a thread, with the URL of a module, which may speak another dialect, and a broker's address."""

    async def main() -> None:
        broker = Broker()
        host, number = await broker.start()
        try:
            dialect, found = find_model(model)
            async with VirtualModule(speaks or dialect, found, ports=[port]) as vm:
                await asyncio.to_thread(work, vm.urls[0].removeprefix("pty:"), f"{host}:{number}")
        finally:
            await broker.close()

    asyncio.run(asyncio.wait_for(main(), WAIT))


def test_all_agree(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Status 0; a line for each check, and a case of the same name; nothing on stderr."""
    file = tmp_path / "junit.xml"
    on_module(lambda url, broker: conform(url, mqtt=broker, junit=file))
    out, err = capsys.readouterr()
    lines = out.splitlines()
    assert err == ""
    assert lines[0].endswith(": BC28, compared with Quectel BC35-G and BC28")
    assert "agrees     AT+CSQ=?" in lines
    assert "agrees     session" in lines
    assert "not tried  AT+NATSPEED=: the rate of the line might change" in lines
    counted = [sum(line.startswith(word) for line in lines) for word in ("agrees ", "differs ", "not tried ")]
    assert lines[-1] == f"{counted[0]} agree, 0 differ, {counted[2]} could not be tried"
    (suite,) = ElementTree.parse(file).getroot()
    assert suite.attrib.items() >= {
        ("name", "modemlab conform BC28"),
        ("tests", str(len(lines) - 2)),
        ("failures", "0"),
        ("skipped", str(counted[2])),
    }
    cases = {case.get("name"): case for case in suite}
    assert cases["AT+NATSPEED="].find("skipped") is not None
    assert len(cases["AT+CSQ"]) == 0
    assert cases["AT+CSQ"].get("classname") == "execute forms"


def test_a_module_that_differs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Status 1: a device, which a model is named for; each difference is a failure with both sides."""
    file = tmp_path / "junit.xml"
    link = tmp_path / "tty"
    dialect, _ = find_model("BC28")
    commands = {**dialect.commands, "+CMEE": replace(dialect.commands["+CMEE"], test="+CMEE: (0,1,2)")}
    with pytest.raises(typer.Exit) as left:
        on_module(
            lambda url, _: conform(url, model="BC35-G", junit=file),
            port=f"pty:{link}",
            speaks=replace(dialect, commands=commands, _parsers={}),
        )
    assert left.value.exit_code == 1
    out = capsys.readouterr().out
    assert out.startswith(f"{link}: BC35-G, compared with Quectel BC35-G and BC28\n")
    assert (
        "differs    AT+CMEE=?\n    it has other lines\n      expected +CMEE:(0,1)\n      expected OK\n"
        "      came     << +CMEE: (0,1,2)\n      came     << OK\n"
    ) in out
    assert out.splitlines()[-1].partition(", ")[2].startswith("1 differs, ")
    (suite,) = ElementTree.parse(file).getroot()
    (failure,) = next(case for case in suite if case.get("name") == "AT+CMEE=?")
    assert failure.get("message") == "it has other lines"
    assert (failure.text or "").splitlines()[1:] == [
        *("  expected +CMEE:(0,1)", "  expected OK", "  came     << +CMEE: (0,1,2)", "  came     << OK")
    ]
    assert suite.get("failures") == "1"


def test_in_chinese(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """The verdicts in a column of their width, and why something was not tried."""
    monkeypatch.setattr("modemlab.cli.language.LANGUAGE", [LanguageCode.ZH])
    on_module(lambda url, broker: conform(url, mqtt=broker))
    lines = capsys.readouterr().out.splitlines()
    assert "一致       AT+CSQ=?" in lines
    assert "未测试     AT+NATSPEED=: 波特率可能改变" in lines


@pytest.mark.parametrize(
    ("there", "said", "reason"),
    [
        ("EC600N-CN", "BC35-G", "EC600N-CN: Quectel EC200x, EC600x and EG912Y, not Quectel BC35-G and BC28"),
        ("BC28", "Air724UG", "BC28: Quectel BC35-G and BC28, not Luat Air72x and Air82x"),
        ("Air724UG", "EC200S-CN", "Air724UG: Luat Air72x and Air82x, not Quectel EC200x, EC600x and EG912Y"),
    ],
)
def test_a_model_of_another_family_is_found_out_early(
    there: str, said: str, reason: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Status 2 and one line, and nothing was tried or written."""
    file = tmp_path / "junit.xml"
    with pytest.raises(CliError, match=rf"^tcp://127\.0\.0\.1:\d+: the module says that it is {reason}$"):
        on_module(lambda url, _: conform(url, model=said, junit=file), there)
    assert (capsys.readouterr().out, file.exists()) == ("", False)


def test_what_cannot_be_run(tmp_path: Path) -> None:
    """One line each, and nothing is tried."""
    tried: tuple[tuple[dict[str, Any], str], ...] = (
        ({"port": "tcp://127.0.0.1:1"}, "^tcp://127.0.0.1:1: no program listens there"),
        ({"port": "tcp://127.0.0.1:1", "junit": tmp_path}, "Is a directory"),
        ({"port": "tcp://127.0.0.1:1", "junit": tmp_path / "a" / "b"}, "there is no directory .*a"),
        ({"port": str(tmp_path / "none")}, "No such file or directory"),
        ({"port": "stdio:"}, "no host|no port|No such"),
        ({"port": "tcp://127.0.0.1:1", "model": "none"}, "'none' is not a known model"),
        ({"port": "tcp://127.0.0.1:1", "mqtt": "a:x"}, "--mqtt 'a:x': TCP port 'x' is not a number of 0 to 65535"),
        ({"port": "tcp://127.0.0.1:1", "mqtt": "a:0"}, "--mqtt 'a:0': TCP port 0 cannot be connected to"),
        ({"port": "tcp://127.0.0.1:1", "mqtt": 'a",1:1'}, "no host that can be typed"),
    )
    for arguments, reason in tried:
        with pytest.raises(CliError, match=reason) as trouble:
            conform(**arguments)
        assert "\n" not in str(trouble.value)


def test_a_line_that_ends_while_it_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was tried until then is in the file."""
    file = tmp_path / "junit.xml"

    async def main() -> None:
        vm = VirtualModule(*find_model("BC28"), ports=["tcp://127.0.0.1:0"])
        await vm.open()
        loop = asyncio.get_running_loop()
        said: list[str] = []

        def note(text: str = "") -> None:
            said.append(text)
            if text.startswith("agrees     AT+CSQ"):
                asyncio.run_coroutine_threadsafe(vm.close(), loop).result(WAIT)

        monkeypatch.setattr(sys.modules["modemlab.cli.conform"], "say", note)
        with pytest.raises(CliError, match="the port is gone: the other end closed the port"):
            await asyncio.to_thread(conform, vm.urls[0], junit=file)
        assert said[-1].endswith("could not be tried")

    asyncio.run(asyncio.wait_for(main(), WAIT))
    *_, last, broken = ElementTree.parse(file).iter("testcase")
    assert (last.get("name"), len(last)) == ("AT+CSQ=?", 0)
    assert (broken.get("name"), [each.tag for each in broken]) == ("the module answers to the end", ["failure"])
