"""Whole sessions as hosts type them, from files: two tutorials' flows and the example of the MQTT guide V1.1, 5.1."""

from pathlib import Path

import pytest

from modemlab.dialect.registry import find_model
from support.helpers import hold

FILES = sorted((Path(__file__).parent / "transcripts").glob("*.txt"))
MODELS = ("EC200T-CN", "EC200S-CN", "EC200N-CN", "EC600S-CN", "EC600N-CN", "EG912Y-CN")


def test_all_files_are_here() -> None:
    assert {"aliyun", "guide_5_1", "thingscloud"} <= {file.stem for file in FILES}


@pytest.mark.parametrize("file", FILES, ids=[file.stem for file in FILES])
def test_sessions(file: Path) -> None:
    transcript = file.read_text(encoding="utf-8")
    for name in MODELS:
        assert find_model(name)[1].name == name
        hold(transcript, name)
