"""How long a module may take to answer a command line, by the declarations."""

from functools import lru_cache

from modemlab.at.line_readers import ParseBody
from modemlab.at.parameters import OUTCOME, Choice
from modemlab.at.urc import Urc
from modemlab.dialect.dialect import Dialect
from modemlab.driver.protocol.digester import body_of

# Seconds beyond the declaration's own that a result code has, for the line and for the host's scheduler.
RESPONSE_MARGIN_S = 2.0


def answer_time(dialect: Dialect, line: bytes) -> float:
    """Seconds that the result code of a command line takes at most, by the declarations."""
    return time_of(dialect.parser(False), body_of(line))


@lru_cache(maxsize=512)
def time_of(parse: ParseBody, body: bytes) -> float:
    """The same, of a line's body."""
    seconds = 0.0
    for call in parse(body):
        command = call.command
        # Where a URC brings the result, that has the declared time, and OK itself comes at once.
        seconds += 0.3 if command is None or brings_result(command.urc) else command.max_response
    return max(0.3, seconds)


@lru_cache(maxsize=256)
def brings_result(urc: Urc | None) -> bool:
    """Whether a command's URC says how it went, and not, as that of +CPIN or +CREG, what has happened by itself."""
    return urc is not None and any(isinstance(each, Choice) and each.meaning == OUTCOME for each in urc.params)
