"""Scenario files: what happens to a module, and when, as TOML. `docs/scenarios.md` describes them.

`read_scenario` reads one whole before anything starts; what is wrong with it is told with the numbers of the file's
lines and what was expected.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Annotated, NamedTuple

from modemlab.scenario.actions import ANY_ACTION, SetConditions
from modemlab.scenario.commands import COMMANDS
from modemlab.scenario.events import EventMatcher, Trigger
from modemlab.scenario.matchers import MATCHERS
from modemlab.text.catalogue import N_
from modemlab.text.reason import Sentence
from modemlab.validation.actions import Action
from modemlab.validation.fields import Number, Table, Tables, check
from modemlab.validation.input_errors import InvalidInput
from modemlab.validation.one_of_tables import ByKey
from modemlab.validation.toml_file import read_toml

# Bytes of a file, which bound the number of its steps too, and seconds that a step may wait.
MAX_FILE_BYTES = 1 << 20
MAX_WAIT_S = 10_000_000.0
SECONDS = Number(0, MAX_WAIT_S, N_("seconds"))
STEP_ACTIONS = Tables(N_("at least one action in a step, a table with do"), MAX_FILE_BYTES, minimum=1, single=True)
STEPS = Tables(N_("at least one [[step]]"), MAX_FILE_BYTES, minimum=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScenarioStep(Table):
    """A step: when it is due, and what is done then, in order."""

    title = "a step"
    keys = N_("key of a step")

    at: Annotated[float | None, SECONDS] = None
    after: Annotated[EventMatcher | None, ByKey(MATCHERS, "after")] = None
    wait: Annotated[float | None, SECONDS] = None
    action: Annotated[tuple[ANY_ACTION, ...], STEP_ACTIONS]

    def __post_init__(self) -> None:
        """Hold the fields to what they take, and to each other."""
        check(self)
        if (self.at is None) == (self.after is None):
            raise InvalidInput.said(Sentence(N_("expected at or after, one of them, in a step")))
        if self.wait is not None and self.after is None:
            raise InvalidInput.said(Sentence(N_("wait stands beside after alone")), "wait")

    @property
    def due(self) -> Trigger:
        """When it is due."""
        return Trigger(float(self.at or self.wait or 0), self.after)

    @property
    def actions(self) -> tuple[Action, ...]:
        """What is done."""
        return self.action


@dataclass(frozen=True, slots=True)
class ScenarioDocument(Table):
    """What a file says."""

    title = "a scenario"
    keys = N_("key of a scenario")

    step: Annotated[tuple[ScenarioStep, ...], STEPS]


class Scenario(NamedTuple):
    """What happens to a module, from its first power-on."""

    steps: tuple[ScenarioStep, ...]

    @property
    def uses_random(self) -> bool:
        """Whether chance has a part in it."""
        actions = (action for step in self.steps for action in step.actions)
        return any(isinstance(action, SetConditions) and action.conditions.uses_random for action in actions)


def read_scenario(
    text: str, commands: Collection[str] | None = None, kind: type[ScenarioDocument] = ScenarioDocument
) -> Scenario:
    """The scenario of a file's text; `commands` are those that the module knows, if that is to be checked.

    Raises `Mistakes`: `line 7: at is -1, expected a number from 0 to 10000000 seconds`.
    """
    return Scenario(read_toml(kind, text, MAX_FILE_BYTES, {COMMANDS: commands}).step)
