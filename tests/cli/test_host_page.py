"""docs/host.md: its sessions are run, on a virtual module in place of /dev/ttyUSB2, and its Python."""

import re
import shlex
from pathlib import Path

import pytest

from modemlab.driver.protocol import identify
from modemlab.platforms import aliyun
from support.host_and_module import CommandLine, desk

TEXT = (Path(__file__).resolve().parents[2] / "docs" / "host.md").read_text(encoding="utf-8")
DEVICE = "/dev/ttyUSB2"


def blocks(language: str) -> list[str]:
    """The page's blocks of a language."""
    return re.findall(rf"^```{language}\n(.*?)^```", TEXT, re.DOTALL | re.MULTILINE)


def test_the_sessions_go_as_they_are_written(cli: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each command prints what stands below it."""
    for session in blocks(""):
        with desk() as bench:
            status = 0
            for part in re.split(r"^\$ ", session, flags=re.MULTILINE)[1:]:
                line, _, wanted = part.partition("\n")
                status, shown = played(line.replace(DEVICE, bench.urls[0]), status, cli, monkeypatch)
                assert shown.replace(bench.urls[0], DEVICE) == wanted, line


def played(line: str, status: int, cli: CommandLine, monkeypatch: pytest.MonkeyPatch) -> tuple[int, str]:
    """The status and the output of a line of shell."""
    words = shlex.split(line)
    if words[0] == "export":
        monkeypatch.setenv(*words[1].split("=", 1))
        return 0, ""
    if words == ["echo", "$?"]:
        return status, f"{status}\n"
    stdin = b""
    if words[0] == "printf":
        stdin, words = words[1].encode().decode("unicode_escape").encode(), words[3:]
    assert words[0] == "modemlab"
    done = cli(*words[1:], stdin=stdin)
    return done.status, done.out.decode() + done.err


def test_the_python_connects(monkeypatch: pytest.MonkeyPatch) -> None:
    """As the device that the cloud would see."""
    made = aliyun.credentials("a1b2c3.pump-7", "pump-7", "a1b2c3", "s3cret")
    monkeypatch.setattr(identify, "SETTLE_S", 0.0)
    (program,) = blocks("python")
    with desk(broker={"users": {made.username: made.password}}) as bench:
        exec(compile(program.replace(DEVICE, bench.urls[0]), "host.md", "exec"), {})
        bench.until(bench.settled)
        assert [message.payload for _, message in bench.messages] == [b'{"params":{"rpm":1200}}']


def test_the_statuses_are_the_helps(cli: CommandLine) -> None:
    """What the page says of exit statuses, `--help` says too."""
    for subcommand in ("pub", "sub"):
        shown = " ".join(cli(subcommand, "--help").out.decode().split())
        for status in ("Exit status: 0 ", "1 to 5 the broker refused with that code", "1 anything else"):
            assert status in shown
