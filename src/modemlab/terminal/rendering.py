"""How entries are laid out, on a screen or as plain lines."""

from typing import NamedTuple

from modemlab.terminal.conversation import LogEntry, LogEntryKind
from modemlab.terminal.payloads import PayloadForm, line_of, pretty, printable
from modemlab.text.language import Language

# What stands ahead of an entry on a screen.
ENTRY_MARKS = {
    LogEntryKind.SENT: ">>",
    LogEntryKind.ANSWER: "<<",
    LogEntryKind.URC: "<!",
    LogEntryKind.DATA: ">|",
    LogEntryKind.NOTE: "--",
    LogEntryKind.OTHER: "<?",
}


class Laid(NamedTuple):
    """An entry in parts: its bytes on one line, its words, what helps, and its message in lines."""

    text: str
    words: str
    remedy: str
    message: tuple[str, ...]


def lay_out(entry: LogEntry, language: Language, form: PayloadForm) -> Laid:
    """The parts of an entry."""
    said = entry.said
    remedy = language("remedy") + f": {said.remedy}" if said.remedy else ""
    words = said.words
    lines: list[str] = []
    if said.payload is not None:
        size = language("{count} bytes", count=len(said.payload))
        words = f"{words}; {size}" if words else size
        page = pretty(said.payload, form)
        lines += page
        if page.more:
            lines.append(language("... {count} lines more", count=page.more))
        if page.cut:
            lines.append(language("... {count} bytes more", count=page.cut))
    return Laid(line_of(entry.text), printable(words), printable(remedy), tuple(lines))


def plain(entry: LogEntry, language: Language, form: PayloadForm) -> str:
    """An entry as lines of text, which begin with the name of its kind."""
    laid = lay_out(entry, language, form)
    kind = language(entry.kind.value)
    if entry.kind is LogEntryKind.NOTE:
        text = f"{kind}: {laid.words}"
    else:
        words = "; ".join(filter(None, (laid.words, laid.remedy)))
        text = f"{kind}: {laid.text}  ({words})" if words else f"{kind}: {laid.text}"
    return "\n".join((text, *(f"    {line}" for line in laid.message)))
