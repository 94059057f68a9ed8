"""What requests of the control API say: their bodies and their parameters."""

from dataclasses import dataclass
from typing import Annotated

from modemlab.clocks.skippable import MAX_SKIP_S
from modemlab.scenario.actions import ANY_ACTION, MAX_ACTIONS
from modemlab.text.catalogue import N_
from modemlab.text.reason import Sentence
from modemlab.validation.fields import Number, Table, Tables
from modemlab.virtual.traffic_log import MOST_LINES

REQUEST = Annotated[
    tuple[ANY_ACTION, ...],
    Tables(
        Sentence(N_("an action, or a list of 1 to {maximum}"), maximum=MAX_ACTIONS), MAX_ACTIONS, minimum=1, single=True
    ),
]


@dataclass(frozen=True, slots=True)
class Advance(Table):
    """How far time is put forward."""

    title = "the body"

    seconds: Annotated[float, Number(0, MAX_SKIP_S, N_("seconds"))]


@dataclass(frozen=True, slots=True)
class NoQuery(Table):
    """No parameters."""

    title = "the query"
    keys = N_("parameter")


@dataclass(frozen=True, slots=True)
class TrafficQuery(Table):
    """Which lines of the traffic are asked for: `limit` of those behind number `since`."""

    title = "the query"
    keys = N_("parameter")

    since: Annotated[int, Number(0, 1 << 53, whole=True)] = 0
    limit: Annotated[int, Number(1, MOST_LINES, whole=True)] = 100
