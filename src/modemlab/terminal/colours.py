"""Entries with their colours, for the screen."""

from rich.text import Text

from modemlab.terminal.conversation import LogEntry, LogEntryKind
from modemlab.terminal.payloads import PayloadForm
from modemlab.terminal.rendering import ENTRY_MARKS, lay_out
from modemlab.text.language import Language

STYLES = {
    LogEntryKind.SENT: "bold cyan",
    LogEntryKind.ANSWER: "green",
    # The palette's magenta is its red.
    LogEntryKind.URC: "bold #d787ff",
    LogEntryKind.DATA: "yellow",
    LogEntryKind.NOTE: "blue",
    LogEntryKind.OTHER: "bright_black",
}


def coloured(stamp: str, entry: LogEntry, language: Language, form: PayloadForm) -> Text:
    """An entry with its time; what failed is red."""
    laid = lay_out(entry, language, form)
    style = "bold red" if entry.good is False else STYLES[entry.kind]
    text = Text.assemble((stamp, "dim"), " ", (ENTRY_MARKS[entry.kind], style))
    if laid.text:
        text.append(f" {laid.text}", style)
    if laid.words:
        text.append(f"  {laid.words}" if laid.text else f" {laid.words}", "red" if entry.good is False else "italic")
    if laid.remedy:
        text.append(f"\n    {laid.remedy}", "bold yellow")
    for line in laid.message:
        text.append(f"\n    {line}", STYLES[LogEntryKind.DATA])
    return text
