"""The transcript of a session at the terminal: kept in memory, saved, and logged while it passes."""

from collections import deque
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from modemlab import __version__
from modemlab.dialect.registry import dialects
from modemlab.ports.private_files import private
from modemlab.terminal.conversation import Conversation
from modemlab.terminal.log_file import LogFile
from modemlab.terminal.user_files import path_of
from modemlab.text.catalogue import N_
from modemlab.text.reason import reason_of
from modemlab.transcripts.masking import Masks
from modemlab.transcripts.recorder import MASKED_HEADER, RAW_HEADER, Recording

# Bytes that the session kept takes in memory, and those of a line beside its characters; the silence that is written
# down, in seconds.
MAX_LOG_BYTES, LINE_OVERHEAD_BYTES, MIN_GAP_S = 1 << 26, 60, 1.0


class SessionTranscript:
    """What passed, as `recording` is told it; what is saved or cannot be is noted in the conversation.

    `files` are those that the session has read or written, which it may replace.
    """

    def __init__(self, talk: Conversation, port: str, masked: bool, now: Callable[[], float]) -> None:
        """Begin with nothing."""
        self.talk, self._masked, self._now = talk, masked, now
        self.files: set[Path] = set()
        self._lines: deque[str] = deque()
        self._size = 0
        self._cut = False
        self._log: LogFile | None = None
        self._begun = f"# {port}, {datetime.now().astimezone():%Y-%m-%d %H:%M}, modemlab {__version__}\n"
        self.recording = Recording(self._keep, Masks(dialects()) if masked else None, MIN_GAP_S)

    def save(self, name: str = "") -> bool:
        """Save the session as a transcript; whether that could be done."""
        name = name or f"modemlab-{datetime.now():%Y%m%d-%H%M%S}.txt"
        self.recording.finish()
        head = [self._begun, self._comment(MASKED_HEADER if self._masked else RAW_HEADER)]
        if self._cut:
            head.append(self._comment(N_("The beginning of the session is missing.")))
        if not self.put(name, "".join((*head, *self._lines)).encode(), private):
            return False
        self.talk.note("{file}: the session is saved, {count} lines", file=name, count=len(self._lines))
        if self._masked:
            self.talk.note("secrets are masked; --raw keeps them")
        if self._cut:
            self.talk.note(
                "the session is longer than {count} lines: its beginning is not in the file", count=len(self._lines)
            )
        return True

    def log(self, name: str, replace: bool = False) -> None:
        """Write what passes from here on to a file, which must not be there yet unless it is to be replaced; "" ends
        that.
        """
        self.recording.finish()
        log, self._log = self._log, None
        if log is not None:
            log.close()
            self.talk.note("{file}: the log ends, {count} lines", file=log.name, count=log.lines)
        if not name:
            return
        try:
            self._log = LogFile(name, replace, self._now)
        except FileExistsError:
            self.talk.note("{file} exists: give another name, or :log! {file} replaces it", file=name)
            return
        except (OSError, ValueError) as error:
            self.talk.note("{file}: {reason}", file=name, reason=self.talk.language.reason(reason_of(error)))
            return
        self.talk.note("{file}: everything is logged from now on; :log ends it", file=name)
        self.talk.note(
            N_("secrets are masked; --raw keeps them")
            if self._masked
            else N_("nothing is masked: passwords and keys are in the file")
        )
        self._log_line(self._begun)
        self._log_line(self._comment(MASKED_HEADER if self._masked else RAW_HEADER))

    def _comment(self, message: str) -> str:
        """A comment in a transcript."""
        return f"# {self.talk.language(message)}\n"

    @property
    def logging(self) -> bool:
        """Whether what passes is written to a file."""
        return self._log is not None

    def _log_line(self, line: str) -> None:
        """Write a line to the log; what cannot be written ends it."""
        if self._log is None:
            return
        try:
            self._log.write(line)
        except OSError as error:
            log, self._log = self._log, None
            log.close()
            self.talk.note(
                "{file}: {reason}: the log ends here", file=log.name, reason=self.talk.language.reason(reason_of(error))
            )

    def _keep(self, line: str) -> None:
        """Keep a line of the transcript, and forget the oldest ones when there are too many."""
        self._log_line(line)
        self._lines.append(line)
        self._size += LINE_OVERHEAD_BYTES + len(line)
        while self._size > MAX_LOG_BYTES:
            self._size -= LINE_OVERHEAD_BYTES + len(self._lines.popleft())
            self._cut = True

    def put(self, name: str, data: bytes, opener: Callable[[str, int], int] | None = None) -> bool:
        """Write a file; one that exists is replaced only if this session has read or written it."""
        try:
            path = path_of(name).absolute()
            with open(path, "wb" if path in self.files else "xb", opener=opener) as file:
                file.write(data)
        except FileExistsError:
            self.talk.note("{file} exists: give another name", file=name)
            return False
        except (OSError, ValueError) as error:
            self.talk.note("{file}: {reason}", file=name, reason=self.talk.language.reason(reason_of(error)))
            return False
        self.files.add(path)
        return True
