"""A line that is out of step: a result code did not come in time, and may still come.

What comes then may answer any of the commands that were written, so no result code is anybody's until a probe is
answered. A probe only reads, any module has it (3GPP TS 27.007), and its answer is told from all others by how many
lines of that name stand ahead of one result code: more than those of any command, and of any probe, that was written
before. So it makes no difference how late the module is, whether it lost some of them, and whether it echoes them.
"""

from modemlab.dialect.dialect import Dialect
from modemlab.driver.protocol.digester import ANY_LINE, NAMED, NAMES, Pending, pending_of

# What is read, and the name of its line.
PROBE_COMMANDS = {b"+CMEE?": b"+CMEE", b"+CSQ": b"+CSQ", b"+CFUN?": b"+CFUN", b"+CGATT?": b"+CGATT"}
# Times that one is read in a line, at most.
MAX_READS = 200
# From a probe to the next it is twice as long each time, up to so many times what it was first.
MAX_BACKOFF_FACTOR = 8


class Resynchronisation:
    """The state of such a line. `due` is when another probe may be written; one that `must` be is, whoever waits:
    what may end data was written, and the probe follows its answer.
    """

    __slots__ = ("_counts", "_dialect", "_latest", "_lines", "_pending", "_reads", "_times", "due", "must")

    def __init__(self, dialect: Dialect, now: float) -> None:
        """Nothing was asked yet."""
        self._dialect = dialect
        # How many lines of each name an answer has that may still come.
        self._counts = dict.fromkeys(PROBE_COMMANDS.values(), 0)
        self._latest: bytes | None = None
        # What was read, whose lines are known.
        self._reads: set[bytes] = set()
        # How many lines of the latest probe's name came since the last result code.
        self._lines = 0
        self._pending = Pending(b"")
        self._times = 1
        self.due = now
        self.must = False

    def add_pending_answer(self, pending: Pending) -> None:
        """The answer to that command may still come."""
        for name in PROBE_COMMANDS.values():
            count = NAMES.findall(pending.echo.upper()).count(name)
            self._counts[name] = max(self._counts[name], count)
        known = self._pending
        self._pending = known._replace(names=known.names | pending.names, shapes=(*known.shapes, *pending.shapes))

    def probe(self, now: float, seconds: float) -> bytes:
        """The next probe, with its CR; the first of them is given so many seconds."""
        self.must = False
        read = min(PROBE_COMMANDS, key=lambda each: self._counts[PROBE_COMMANDS[each]])
        self._latest = name = PROBE_COMMANDS[read]
        self._counts[name] = count = min(self._counts[name] + 1, MAX_READS)
        line = b"AT" + b";".join([read] * count)
        if read not in self._reads:
            self._reads.add(read)
            self.add_pending_answer(pending_of(self._dialect, line))
        self._lines = 0
        self.due = now + seconds * self._times
        self._times = min(2 * self._times, MAX_BACKOFF_FACTOR)
        return line + b"\r"

    def data_end_sent(self, now: float, seconds: float) -> None:
        """What may end data was written, which has so many seconds to be answered."""
        self._latest = None
        self.due = now + seconds
        self.must = True

    def pending(self, mark: bytes | None) -> Pending:
        """What is listened for: the lines of all that may still come are of no other's."""
        return self._pending._replace(mark=mark, bare=ANY_LINE)

    def line(self, text: bytes) -> None:
        """A line of an answer came."""
        named = NAMED.match(text)
        if named is not None and named[0] == self._latest:
            self._lines += 1

    def result_code_received(self, good: bool) -> bool:
        """A result code came. Whether it is that of the latest probe, so that the line is in step again."""
        lines, self._lines = self._lines, 0
        return good and self._latest is not None and lines == self._counts[self._latest]
