"""The command reference as data and as Markdown."""

import pytest

from modemlab.at.command import Command, Option, Persistence
from modemlab.at.parameters import Choice, Int, Payload, Repeat, Result, Text, maybe
from modemlab.at.urc import Urc
from modemlab.dialect.reference import (
    ReferenceFact,
    ReferenceForm,
    ReferenceRow,
    anchors,
    cell,
    command_entry,
    entry_markdown,
    find,
    near,
    shapes,
    urc_entry,
    urc_syntax,
)

index = Int("index", 0, 5, "Which one")
wait = Int("wait", 1, 60, "How long", default=5, unit="s")
word = Text("word", 20, 1, "Any word")
opened = Urc("+OPEN", "Opened", (index, Result({0: "fine", 1: "not"})), "Manual, 1.3", optional=1)
OPEN = Command(
    "+OPEN",
    "Open it",
    "Manual, 1.2",
    params=(index, word, maybe(wait)),
    read=(index, word),
    urc=opened,
    max_response=75,
    cme=True,
    kept=Persistence.VOLATILE,
    note="Once.",
)
ECHO = Command("E", "Echo", "V.250, 6.2.4", params=(Choice("value", {0: "off", 1: "on"}, default=1),))
REGISTER = Command("S3", "End of line", "V.250, 6.2.1", params=(Int("n", 0, 127),), read=(Int("n", 0, 127),))
NAME = Command("+GMM", "Model", "Manual, 2.3", execute=(Text("text", bare=True),), test="")
LIST = Command("+LIST", "List", "Manual, 2.4", params=(index, Repeat((word, wait), shown="list")), test=None)
CFG = Command(
    "+CFG",
    "Configure",
    "Manual, 3",
    options=(Option("wait", "Patience", (index, maybe(wait))), Option("word", "The word", (index, maybe(word)))),
)
MESSAGE = Urc("+MSG", "A message", (index, Payload("payload")), "Manual, 4")
ALL = [command_entry(command) for command in (OPEN, ECHO, REGISTER, NAME, LIST, CFG)] + [urc_entry(MESSAGE)]


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        (
            OPEN,
            (
                ReferenceForm("test", "AT+OPEN=?", ('+OPEN: (0-5),"word",(1-60)',)),
                ReferenceForm("read", "AT+OPEN?", ("+OPEN: <index>,<word>",)),
                ReferenceForm("write", "AT+OPEN=<index>,<word>[,<wait>]"),
            ),
        ),
        (ECHO, (ReferenceForm("execute", "ATE<value>"),)),
        (REGISTER, (ReferenceForm("read", "ATS3?", ("<n>",)), ReferenceForm("write", "ATS3=<n>"))),
        (NAME, (ReferenceForm("test", "AT+GMM=?"), ReferenceForm("execute", "AT+GMM", ("<text>",)))),
        (LIST, (ReferenceForm("write", "AT+LIST=<index>,<word>,<wait>[,<word>,<wait>]..."),)),
        (
            CFG,
            (
                ReferenceForm("test", "AT+CFG=?", ('+CFG: "wait",(0-5),(1-60)', '+CFG: "word",(0-5),"word"')),
                ReferenceForm("write", 'AT+CFG="<option>",<parameters>'),
            ),
        ),
    ],
)
def test_forms(command: Command, expected: tuple[ReferenceForm, ...]) -> None:
    """What a host types and what comes."""
    assert shapes(command) == expected


def test_parameters_and_facts() -> None:
    """Ranges, defaults with their unit, and meanings; a URC shows what the forms have not shown."""
    entry = command_entry(OPEN)
    assert [part.title for part in entry.parts] == ["", "URC: Opened"]
    assert entry.parts[0].rows == (
        ReferenceRow("index", "0 to 5", "", "Which one"),
        ReferenceRow("word", "1 to 20 bytes", "", "Any word"),
        ReferenceRow("wait", "1 to 60 s", "5 s", "How long"),
    )
    assert entry.parts[1].typed == "+OPEN: <index>[,<result>]"
    assert entry.parts[1].rows == (ReferenceRow("result", "0: fine; 1: not", "", "How it went"),)
    assert entry.facts == (
        ReferenceFact("Maximum response time", "75 s"),
        ReferenceFact("On failure", "+CME ERROR, depending on AT+CMEE"),
        ReferenceFact("Kept", "until power-off"),
        ReferenceFact("Note", "Once."),
    )
    assert command_entry(ECHO).facts == (ReferenceFact("Maximum response time", "0.3 s", usual=True),)


def test_options_show_what_is_their_own() -> None:
    """Parameters that every option has come once."""
    parts = command_entry(CFG).parts
    assert [(part.title, [row.name for row in part.rows]) for part in parts] == [
        ("Parameters of every option", ["index"]),
        ("Patience", ["wait"]),
        ("The word", ["word"]),
    ]
    assert parts[1].typed == 'AT+CFG="wait",<index>[,<wait>]'


@pytest.mark.parametrize(
    ("name", "found"),
    [
        *((name, "AT+OPEN") for name in ("OPEN", "+open", "AT+OPEN", "at+open=?", "AT+OPEN?", "AT+OPEN=", " open ")),
        *((name, "ATE") for name in ("E", "ate")),
        *((name, "ATS3") for name in ("S3", "ats3?")),
        *((name, "+MSG") for name in ("MSG", "+MSG", "AT+MSG")),
        *((name, None) for name in ("", "AT", "+", "?", "OPEN=1", "ATAT+OPEN")),
    ],
)
def test_find(name: str, found: str | None) -> None:
    """However it is named."""
    entry = find(ALL, name)
    assert (entry and entry.name) == found


def test_near() -> None:
    """The names that look alike, best first; none where nothing does."""
    assert near(ALL, "AT+OPNE") == ["AT+OPEN"]
    assert near(ALL, "GM") == ["AT+GMM"]
    assert near(ALL, "XYZZY") == []


def test_urc_syntax() -> None:
    """Optional and repeated parameters."""
    assert urc_syntax(Urc("+A", "", (index, wait, word))) == "+A: <index>,<wait>,<word>"
    assert urc_syntax(Urc("+A", "", (index, wait, word), optional=2)) == "+A: <index>[,<wait>[,<word>]]"
    assert urc_syntax(Urc("+A", "", (index, word), optional=1, many=True)) == "+A: <index>[,<word>[,<word>...]]"
    assert urc_syntax(Urc("+A", "", (index, word), many=True)) == "+A: <index>,<word>[,<word>...]"


def test_markdown() -> None:
    """Nothing in it is taken for a mark of Markdown's own; anchors are told apart."""
    facts = (
        "Maximum response time: 75 s. On failure: +CME ERROR, depending on AT+CMEE. Kept: until power-off. Note: Once."
    )
    assert list(entry_markdown(command_entry(OPEN))) == [
        *("## AT+OPEN", ""),
        f"Open it (Manual, 1.2). {facts}",
        "",
        *("| form | typed | answer |", "|---|---|---|"),
        '| test | `AT+OPEN=?` | `+OPEN: (0-5),"word",(1-60)` |',
        "| read | `AT+OPEN?` | `+OPEN: <index>,<word>` |",
        "| write | `AT+OPEN=<index>,<word>[,<wait>]` |  |",
        *("", "| parameter | values | default | meaning |", "|---|---|---|---|"),
        "| `<index>` | 0 to 5 |  | Which one |",
        "| `<word>` | 1 to 20 bytes |  | Any word |",
        "| `<wait>` | 1 to 60 s | 5 s | How long |",
        *("", "### URC: Opened", "", "`+OPEN: <index>[,<result>]`. Manual, 1.3.", ""),
        *("| parameter | values | default | meaning |", "|---|---|---|---|"),
        "| `<result>` | 0: fine; 1: not |  | How it went |",
    ]
    assert "Maximum response time" not in "".join(entry_markdown(command_entry(ECHO)))
    assert cell("a|b <c> & d") == "a\\|b &lt;c> &amp; d"
    assert list(anchors(["ATV", "AT&V", "AT+QMTCFG", "AT+V"])) == ["atv", "atv-1", "atqmtcfg", "atv-2"]
