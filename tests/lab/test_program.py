"""Programs that are watched: what they did, when they are ended, and that nothing of theirs is left."""

import asyncio
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from modemlab.lab import program
from modemlab.lab.closest_events import LinePrinted
from modemlab.lab.expectations import read_expectation
from modemlab.lab.program import ProgramOutcome, Supervision
from modemlab.scenario.events import MessageArrived

pytestmark = pytest.mark.skipif(os.name != "posix", reason="the programs are shell scripts")
WAIT = 60.0


def supervise(
    script: str,
    *expected: dict[str, Any],
    timeout: float = WAIT,
    forever: bool = False,
    meanwhile: Callable[[Supervision, asyncio.Event], None] = lambda _supervision, _ended: None,
) -> tuple[ProgramOutcome, list[str]]:
    """How a script's run went, and what is wrong with each expectation; `meanwhile` is called as it runs."""

    async def main() -> tuple[ProgramOutcome, list[str]]:
        supervision = Supervision([read_expectation(each) for each in expected])
        ended = asyncio.Event()
        asyncio.get_running_loop().call_later(0.03, meanwhile, supervision, ended)
        run = supervision.run(["sh", "-c", script], {"MARK": "x"}, timeout=timeout, forever=forever, ended=ended)
        outcome = await asyncio.wait_for(run, WAIT)
        return outcome, [str(watch.fault(supervision.now) or "") for watch in supervision.watches]

    return asyncio.run(main())


def test_a_program_that_ends_has_a_status() -> None:
    outcome, faults = supervise(
        'test "$MARK" = x || exit 1; exit 3', {"exit": 3}, {"exit": 0}, {"exit": 3, "never": True}
    )
    assert outcome.cut is None
    assert faults[0] == ""
    assert faults[1] == "exit status 3, expected 0"
    assert faults[2].startswith("came after 0.")


def test_a_signal_is_no_status() -> None:
    _, faults = supervise("kill -SEGV $$", {"exit": 0})
    assert faults == ["ended by signal 11, expected exit status 0"]


def test_what_is_on_its_way_still_arrives() -> None:
    """A message that comes after the program's end counts, and nothing is waited for beyond it."""

    def arrive(supervision: Supervision, _ended: asyncio.Event) -> None:
        supervision.see(MessageArrived("pump", "a", b"b", 1, False))

    outcome, faults = supervise("true", {"topic": "a"}, {"line": "x", "never": True}, meanwhile=arrive)
    assert (outcome.cut, faults) == (None, ["", ""])
    assert outcome.seconds < 1


def test_what_never_comes_is_waited_for_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(program, "LINGER_S", 0.05)
    outcome, faults = supervise("true", {"topic": "a"}, {"topic": "b", "within": 0.001})
    late = "came 0 times within 0.001 s, expected once"
    assert (outcome.cut, faults) == (None, ["came 0 times, expected once", late])
    assert outcome.seconds < 1


def test_a_program_that_hangs_is_ended(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """With all that it started, though both ignore SIGTERM; others live on."""
    monkeypatch.setattr(program, "SIGTERM_TIMEOUT_S", 0.05)
    fifo = tmp_path / "alive"
    os.mkfifo(fifo)
    reading = os.open(fifo, os.O_RDONLY | os.O_NONBLOCK)
    try:
        script = f"trap '' TERM; sleep 600 > '{fifo}' & exec sleep 600 > '{fifo}'"
        outcome, faults = supervise(script, {"exit": 0}, timeout=0.15)
        assert str(outcome.cut) == "it was still running after 0.15 s, and was ended"
        assert faults == ["the program was still running, expected exit status 0"]
        os.set_blocking(reading, True)
        assert os.read(reading, 1) == b""  # nobody has it open any more
    finally:
        os.close(reading)


def test_a_program_that_runs_forever_is_ended_once_all_is_met() -> None:
    def say(supervision: Supervision, _ended: asyncio.Event) -> None:
        supervision.see(LinePrinted("OK"))

    outcome, faults = supervise("exec sleep 600", {"line": "OK"}, forever=True, meanwhile=say)
    assert (outcome.cut, faults) == (None, [""])
    assert outcome.seconds < 1
    outcome, _ = supervise("exit 1", {"line": "OK"}, forever=True)
    assert str(outcome.cut) == "it ended before it was stopped: exit status 1"


def test_a_negative_with_a_time_is_waited_for() -> None:
    outcome, faults = supervise("exec sleep 600", {"line": "OK", "never": True, "within": 0.1}, forever=True)
    assert (outcome.cut, faults) == (None, [""])
    assert 0.1 <= outcome.seconds < 1


def test_whoever_interrupts_ends_the_program() -> None:
    outcome, _ = supervise("exec sleep 600", {"exit": 0}, meanwhile=lambda _, ended: ended.set())
    assert str(outcome.cut) == "it was interrupted"


def test_its_input_is_empty() -> None:
    """A program that reads is not left waiting."""
    _, faults = supervise("! read line", {"exit": 0})
    assert faults == [""]
    assert sys.stdin is not None


def test_a_program_that_is_not_there() -> None:
    async def main() -> None:
        supervision = Supervision([])
        with pytest.raises(FileNotFoundError):
            await supervision.run(["/nowhere"], {}, timeout=1, forever=False, ended=asyncio.Event())

    asyncio.run(main())
