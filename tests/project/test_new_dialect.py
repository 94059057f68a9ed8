"""A dialect from another package: found through its entry point, worked as the built-in ones are, and documented."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from modemlab.module.module import Module
from modemlab.module.playback import replay_offline
from modemlab.transcripts.format import Difference
from support.command_line import COMMAND, ENVIRONMENT

TOP = Path(__file__).resolve().parents[2]
PACKAGE = TOP / "tests" / "pocket"

SESSION = r"""
<<
<< POCKET READY
>> ATE0
<< ATE0\r
<< OK
>> AT+PRNAME
<<
<< +PRNAME: "PR-1"
<<
<< OK
>> AT+PRQOS=1
<<
<< OK
>> AT+PRSEND="a",1
<<
<< ERROR
>> AT+PRCONN="broker",1883,"radio"
<<
<< OK
S: opened broker:1883
S> Connect("radio", keep_alive=60)
S< Connack(0)
<<
<< +PRCONN: 0
>> AT+PRLISTEN="b"
<<
<< OK
S> Subscribe(65535, [("b", 1)])
S< Suback(65535, [1])
>> AT+PRSEND="a",5
<<|\r\n>\x20
>>|hello
<<
<< OK
S> Publish("a", b"hello", qos=1, packet_id=65535)
S< Puback(65535)
<<
<< +PRSEND: 65535
S< Publish("b", b"there")
<<
<< +PRMSG: "b","there"
S: closed
<<
<< +PRLOST: the server closed or reset the connection
>> AT+PRQOS?;+PRQOS=2
<<
<< +PRQOS: 1
<<
<< ERROR
"""


@pytest.mark.parametrize("piece", [0, 1, 2, 3, 7])
def test_it_works_as_the_others_do(monkeypatch: pytest.MonkeyPatch, piece: int) -> None:
    """Whole and in pieces."""
    monkeypatch.syspath_prepend(str(PACKAGE))
    from modemlab_pocket import DIALECT  # noqa: PLC0415

    differences: list[Difference] = replay_offline(Module(DIALECT, DIALECT.models[0]), SESSION, piece)
    assert not differences, "\n".join(map(str, differences))


def test_it_refuses_what_the_session_refuses(monkeypatch: pytest.MonkeyPatch) -> None:
    """A sixth message while five are unacknowledged; and nothing that a host types is more than refused."""
    monkeypatch.syspath_prepend(str(PACKAGE))
    from modemlab_pocket import DIALECT  # noqa: PLC0415

    sent = '>> AT+PRSEND="a",1\n<<|\\r\\n>\\x20\n>>|x\n<<\n<< {}\n'
    before, _, _ = SESSION.partition('>> AT+PRLISTEN="b"')
    session = before + sent.format("OK") * 5 + sent.format("ERROR") + '>> AT+PRLISTEN="#/b"\n<<\n<< OK\n'
    differences: list[Difference] = replay_offline(Module(DIALECT, DIALECT.models[0]), session)
    assert not differences, "\n".join(map(str, differences))


def test_it_is_found_once_it_is_installed(tmp_path: Path) -> None:
    """`modemlab` lists its model, explains its commands and names it beside the others when one is unknown."""
    installed = tmp_path / "installed"
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet", "install"]
    options = ["--no-deps", "--no-build-isolation", "--no-index", "--target", str(installed)]
    subprocess.run([*pip, *options, str(PACKAGE)], check=True)
    environment = {**ENVIRONMENT, "PYTHONPATH": os.pathsep.join((str(installed), ENVIRONMENT.get("PYTHONPATH", "")))}

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*COMMAND, *arguments], env=environment, capture_output=True, text=True, check=False, timeout=60
        )

    assert re.search(r"PR-1\b.*pocket", run("models").stdout)
    assert "Subscribe to a topic" in run("commands", "+PRLISTEN", "--model", "PR-1").stdout
    known = run("commands", "+PRSLEEP", "--model", "PR-1").stdout
    assert known.startswith(
        "AT+PRSLEEP  Sleep until a message comes\nPocket radio; Pocket manual, 3.1\nKnown, not simulated:"
    )
    unknown = run("module", "nothing")
    assert unknown.returncode == 2
    assert "PR-1" in unknown.stderr


def test_it_imports_nothing_of_the_machinery() -> None:
    """It is written against `dialect/device.py` alone."""
    imported = set(
        re.findall(r"^from modemlab\.(\w+)", "".join(map(Path.read_text, PACKAGE.rglob("*.py"))), re.MULTILINE)
    )
    assert imported == {"at", "dialect", "mqtt"}


def test_the_walk_shows_what_the_package_has() -> None:
    """Each block of Python in docs/new-dialect.md stands in one of its files."""
    text = (TOP / "docs" / "new-dialect.md").read_text(encoding="utf-8")
    files = [path.read_text(encoding="utf-8") for path in PACKAGE.rglob("*") if path.suffix in (".py", ".toml")]
    found = re.findall(r"^```(?:python|toml)\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    assert len(found) >= 5
    for block in found:
        assert any(block in file for file in files), block
