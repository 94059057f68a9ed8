"""What a modem tells its host: events, and the lines of an answer with their values."""

from typing import NamedTuple

from modemlab.at.parameters import to_text
from modemlab.dialect.dialect import Dialect
from modemlab.driver.protocol.digester import typed


class Event(NamedTuple):
    """Something that happened by itself: a kind such as `lost` or `connected`, the client, and a line on it."""

    kind: str
    client: int | None
    text: str


class Answer(list[str]):
    """The information lines of a command. `values` are those of each line that is as its command is declared."""

    def __init__(self, lines: list[bytes], dialect: Dialect, line: bytes) -> None:
        """Read the lines that a command line was answered."""
        super().__init__(to_text(each) for each in lines)
        self.values = typed(dialect, line, lines)
