"""Whole sessions as hosts type them, from files: ThingsCloud's tutorial and the manual's plain course (16.14)."""

from pathlib import Path

import pytest

from modemlab.dialect.registry import find_model
from support.helpers import hold

FILES = sorted((Path(__file__).parent / "transcripts" / "luat").glob("*.txt"))
MODELS = ("Air724UG", "Air720UG", "Air720UH", "Air722UG", "Air820UG")


def test_all_files_are_here() -> None:
    assert {"manual_16_14", "thingscloud"} <= {file.stem for file in FILES}


@pytest.mark.parametrize("file", FILES, ids=[file.stem for file in FILES])
def test_sessions(file: Path) -> None:
    transcript = file.read_text(encoding="utf-8")
    for name in MODELS:
        assert find_model(name)[1].name == name
        hold(transcript, name)
    hold(transcript, "Air724", utc=1_770_000_000.0)
