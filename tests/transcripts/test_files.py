"""Whole conversations from files, on modules in memory in every split; those without a network on a port as well."""

import asyncio
import sys
from pathlib import Path

import pytest
import typer

from modemlab.cli.replay import replay
from modemlab.dialect.registry import find_model
from modemlab.transcripts.format import Mark, parse_transcript
from modemlab.virtual.module import VirtualModule
from support.transcript_files import FILES, MODELS, PLACE, TranscriptFile

EACH = [(file, model) for file in FILES for model in file.models]
OFFLINE = [file for file in FILES if file.offline]


def test_all_files_are_here() -> None:
    """Tutorials and printed examples among them; nothing else lies beside them."""
    assert {path.name for path in PLACE.iterdir() if path.is_dir() and path.name != "__pycache__"} == set(MODELS)
    names = {str(file) for file in FILES}
    assert {"quectel_lte/aliyun", "quectel_lte/guide_5_1", "quectel_lte/thingscloud"} <= names
    assert {"luat/manual_16_14", "luat/thingscloud", "quectel_nb/guide_6_1", "quectel_nb/manual_8_1"} <= names
    assert {file.path for file in FILES} == {path for folder in MODELS for path in (PLACE / folder).iterdir()}


@pytest.mark.parametrize(("file", "model"), EACH, ids=[f"{file}-{model}" for file, model in EACH])
def test_a_module_says_what_is_written(file: TranscriptFile, model: str) -> None:
    """Byte for byte, however the host's and the server's bytes are cut."""
    file.play(model)


@pytest.mark.parametrize("file", FILES, ids=str)
def test_a_file_says_what_it_is(file: TranscriptFile) -> None:
    """It begins with a comment, begins as a module that was just switched on, and holds a conversation."""
    steps = parse_transcript(file.text)
    assert file.text.startswith("# ")
    assert steps[0].mark is Mark.SAID
    assert sum(step.mark is Mark.SEND for step in steps) >= 8


def replayed(path: Path, model: str, timeout: float = 5.0) -> None:
    """`modemlab replay` of that file on the port of a module that was just switched on."""

    async def main() -> None:
        async with VirtualModule(*find_model(model), ports=["tcp://127.0.0.1:0"]) as module:
            await asyncio.to_thread(replay, path, module.urls[0], timeout)

    asyncio.run(main())


@pytest.mark.parametrize("file", OFFLINE, ids=str)
def test_replay_finds_a_module_as_written(
    file: TranscriptFile, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """So that a file can be played on a real module as well."""
    monkeypatch.setattr(sys.modules["modemlab.cli.replay"], "SILENCE_S", 0.02)
    replayed(file.path, file.models[0])
    assert capsys.readouterr() == (f"{file.path}: as written\n", "")


def test_replay_finds_a_difference(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A file that holds another answer is not as written."""
    file = next(file for file in FILES if str(file) == "quectel_lte/v250_line")
    other = tmp_path / "other.txt"
    other.write_text(file.text.replace("<< OK", "<< NO", 1), encoding="utf-8")
    with pytest.raises(typer.Exit):
        replayed(other, file.models[0], 0.3)
    assert "expected NO\\r\\n\n  came     OK\\r\\n" in capsys.readouterr().out
