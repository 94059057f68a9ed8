"""Entries with their colours, for the screen."""

from rich.text import Text

from modemlab.terminal.conversation import Entry, Kind
from modemlab.terminal.language import Language
from modemlab.terminal.payloads import Form
from modemlab.terminal.rendering import SIGNS, lay_out

STYLES = {
    Kind.SENT: "bold cyan",
    Kind.ANSWER: "green",
    # The palette's magenta is its red.
    Kind.URC: "bold #d787ff",
    Kind.DATA: "yellow",
    Kind.NOTE: "blue",
    Kind.OTHER: "bright_black",
}


def coloured(stamp: str, entry: Entry, language: Language, form: Form) -> Text:
    """An entry with its time; what failed is red."""
    laid = lay_out(entry, language, form)
    style = "bold red" if entry.good is False else STYLES[entry.kind]
    text = Text.assemble((stamp, "dim"), " ", (SIGNS[entry.kind], style))
    if laid.text:
        text.append(f" {laid.text}", style)
    if laid.words:
        text.append(f"  {laid.words}" if laid.text else f" {laid.words}", "red" if entry.good is False else "italic")
    if laid.remedy:
        text.append(f"\n    {laid.remedy}", "bold yellow")
    for line in laid.message:
        text.append(f"\n    {line}", STYLES[Kind.DATA])
    return text
