"""The transcripts in tests/transcripts: a folder for each dialect, files that `modemlab replay` plays too; one runner.

A file is played on the first model of its folder, or on all if a comment in it says `# on every model`.
"""

from pathlib import Path
from typing import NamedTuple

from modemlab.dialect.dialect import Dialect
from modemlab.dialect.registry import find_model
from modemlab.transcripts.format import Mark, parse_transcript
from support.helpers import hold

PLACE = Path(__file__).parents[1] / "transcripts"
MODELS = {
    "quectel_lte": ("EC200S-CN", "EC200T-CN", "EC200N-CN", "EC600S-CN", "EC600N-CN", "EG912Y-CN"),
    "quectel_nb": ("BC35-G", "BC28"),
    "luat": ("Air724UG", "Air720UG", "Air720UH", "Air722UG", "Air820UG", "Air724"),
}
# Names that stand for a model made with options.
OPTIONS: dict[str, dict[str, object]] = {"Air724": {"utc": 1_770_000_000.0}}
NETWORK = (Mark.TO_SERVER, Mark.FROM_SERVER, Mark.NETWORK, Mark.MOBILE)


class TranscriptFile(NamedTuple):
    """A file, the models that it is played on, and its text."""

    path: Path
    models: tuple[str, ...]
    text: str

    def __str__(self) -> str:
        """Its folder and name."""
        return f"{self.path.parent.name}/{self.path.stem}"

    @property
    def dialect(self) -> Dialect:
        """What its first model speaks."""
        return find_model(self.models[0])[0]

    @property
    def offline(self) -> bool:
        """Whether it has nothing of a network or its server."""
        return all(step.mark not in NETWORK for step in parse_transcript(self.text))

    def play(self, model: str) -> None:
        """Play it on modules of that model, whole and in pieces; any difference fails."""
        assert model in OPTIONS or find_model(model)[1].name == model
        hold(self.text, model, **OPTIONS.get(model, {}))


def read_file(path: Path) -> TranscriptFile:
    """A file of the folder of its dialect."""
    text = path.read_text(encoding="utf-8")
    models = MODELS[path.parent.name]
    return TranscriptFile(path, models if "\n# on every model\n" in text else models[:1], text)


FILES = [read_file(path) for path in sorted(PLACE.glob("*/*.txt"))]
# Whole sessions as hosts type them: tutorials, examples of the manuals.
SESSIONS = [file for file in FILES if len(file.models) > len(MODELS["quectel_nb"])]
