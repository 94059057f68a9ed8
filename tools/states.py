"""Writes docs/mqtt-states.md from the tables of `mqtt/client_states.py`; with --check only says whether it is
up to date (status 1: not).
"""

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from modemlab.mqtt import client_states as states

TOP = Path(__file__).resolve().parent.parent
DOCUMENT = TOP / "docs" / "mqtt-states.md"
ASKED = (states.CONNECT, states.SEND, states.DISCONNECT)
BEGINNING = """\
# States of an MQTT client

Written by `make docs` from `src/modemlab/mqtt/client_states.py`, which the client of a virtual module follows. Clauses
are those of OASIS MQTT 3.1.1.

## The connection

*Open*: the stream is open and nothing was sent. *Connecting*: CONNECT was sent. *Connected*: CONNACK has accepted it.
*Ended*: it is over, and what comes is passed over. A cell is the state that follows, or what is refused: `WrongState`
is raised to the owner and nothing changes; a `Violation` of the server ends the connection.

"""
MIDDLE = """
## A packet in flight

A packet that waits for an answer has a packet identifier. What an answer with that identifier does depends on which
answer is awaited. A *surplus* answer is passed over if it may be to a packet that was sent more than once (a PUBREC
then gets its PUBREL); if not, it is a `Violation` (4.8).

"""


def table(*rows: Iterable[str]) -> Iterator[str]:
    """Lines of a table; the first row is its head."""
    for number, row in enumerate(rows):
        cells = list(row)
        yield f"| {' | '.join(cells)} |\n"
        if number == 0:
            yield f"|{'---|' * len(cells)}\n"


def cell(event: states.ConnectionEvent, state: int, after: states.Next) -> str:
    """What a cell of the first table says."""
    if isinstance(after, str):
        fault = "`WrongState`" if event in ASKED else "`Violation`"
        return f"{fault}: {after.format(packet='a packet')}"
    return "stays" if after == state else f"**{states.STATES[after]}**"


def markdown() -> str:
    """The document."""
    connection = table(
        ("", *states.STATES),
        *(
            (event.value, *(cell(event, state, after) for state, after in enumerate(row)))
            for event, row in states.TRANSITIONS.items()
        ),
    )
    flight = table(
        ("comes", *(f"{each.__name__.upper()} awaited" if each else "nothing in flight" for each in states.AWAITED)),
        *((answer.__name__.upper(), *(step.value for step in row.values())) for answer, row in states.ANSWERS.items()),
    )
    return "".join((BEGINNING, *connection, MIDDLE, *flight))


def main() -> int:
    """Write the document, or check it; the exit status."""
    wanted = markdown()
    if "--check" in sys.argv[1:]:
        stale = not DOCUMENT.exists() or DOCUMENT.read_text(encoding="utf-8") != wanted
        if stale:
            print("docs/mqtt-states.md is not what the tables say: run `make docs`", file=sys.stderr)
        return int(stale)
    DOCUMENT.write_text(wanted, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
