"""What can be done to a virtual module from outside its line: for scenario files, a control API and tests.

Each action is declared once. `ACTIONS` has all of them; `VirtualModule.perform` does one.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import make_dataclass, replace
from typing import TYPE_CHECKING, Annotated, Any

from modemlab.module.early_urcs import MAX_EARLY_URCS, room_for
from modemlab.module.mobile_actions import MOBILE_ACTIONS
from modemlab.net.conditions import PROFILES, Conditions, ConnectionDisruption, profile
from modemlab.net.packet_faults import Fault
from modemlab.scenario.commands import COMMAND, name_of, unknown_command
from modemlab.text.catalogue import N_
from modemlab.text.reason import Sentence
from modemlab.validation.actions import Action, action, by_name
from modemlab.validation.fields import MAX_TEXT, OneOf, PlainText, Table, Tables, check, given, kinds_of
from modemlab.validation.input_errors import InvalidInput
from modemlab.validation.one_of_tables import ByName
from modemlab.validation.parsing import read

if TYPE_CHECKING:
    from modemlab.virtual.module import VirtualModule

MAX_FAULTS = 100
# Actions of one request.
MAX_ACTIONS = 100

# The fields of conditions, each of which may be left out.
SomeConditions = make_dataclass(
    "SomeConditions",
    [
        ("profile", Annotated[str, OneOf(tuple(PROFILES))], None),
        *((name, Annotated[float | str, kind], None) for name, kind in kinds_of(Conditions).items()),
    ],
    bases=(Table,),
    frozen=True,
    slots=True,
)


@action(
    "conditions",
    "sets the network conditions: a profile, with the given fields changed; without profile, the fields alone",
    profile="cat1",
    loss=0.05,
)
class SetConditions(SomeConditions, Action):  # type: ignore[misc, valid-type] # its fields are made above
    """A profile, with other figures in the fields that are given; the fields alone change `lab`."""

    def __post_init__(self) -> None:
        """Hold the fields to what they take, and to each other."""
        check(self)
        if not given(self):
            raise InvalidInput.said(Sentence(N_("no argument is given, expected profile or a field of conditions")))
        _ = self.conditions

    @property
    def conditions(self) -> Conditions:
        """The conditions."""
        changes = given(self)
        return replace(profile(changes.pop("profile", "lab")), **changes)

    def perform(self, vm: "VirtualModule") -> None:
        vm.network.set_conditions(self.conditions)


@action(
    "faults",
    "sets the faults of MQTT packets, in place of all earlier ones: a list of tables, empty for none. Their counts "
    "begin here. A fault with client affects this client only",
    faults=[{"packet": "PUBACK", "action": "drop", "times": 2}],
)
class SetFaults(Action):
    faults: Annotated[
        tuple[Fault, ...], Tables(Sentence(N_("a list of at most {maximum} tables"), maximum=MAX_FAULTS), MAX_FAULTS)
    ]

    def perform(self, vm: "VirtualModule") -> None:
        vm.network.set_faults(self.faults)


@action(
    "disconnect",
    "disturbs the open connections, or that of one client: reset, close or half_open",
    how="half_open",
    client=0,
)
class DisconnectStreams(ConnectionDisruption, Action):
    def perform(self, vm: "VirtualModule") -> None:
        vm.network.disconnect(self)


URC_LINE = PlainText(
    Sentence(N_("a URC's line of at most {maximum} characters, without control characters"), maximum=MAX_TEXT)
)


@action(
    "urc_before_result",
    "prints this URC between a command's echo and its result: of this command, or of the next one",
    urc="+CSCON: 0",
    command="AT+CFUN",
)
class UrcBeforeResult(Action):
    """A URC that comes between a command's echo and its result: that command's, or without one the next that comes."""

    urc: Annotated[str, URC_LINE]
    command: Annotated[str | None, COMMAND] = None

    def perform(self, vm: "VirtualModule") -> None:
        vm.put_urc(self.urc, None if self.command is None else name_of(self.command))


@action("power_cycle", "power cycle: power off, if it is on, then on at once")
class PowerCycle(Action):
    def perform(self, vm: "VirtualModule") -> None:
        PowerOff().perform(vm)
        PowerOn().perform(vm)


@action("power_off", "power off")
class PowerOff(Action):
    def perform(self, vm: "VirtualModule") -> None:
        if vm.module.on:
            vm.power_key()


@action("power_on", "power on")
class PowerOn(Action):
    def perform(self, vm: "VirtualModule") -> None:
        if not vm.module.on:
            vm.power_key()


@action("power_key", "power key: off if it is on, on if it is off")
class PressPowerKey(Action):
    def perform(self, vm: "VirtualModule") -> None:
        vm.power_key()


ACTIONS: Mapping[str, type[Action]] = {
    **MOBILE_ACTIONS,
    **by_name(
        SetConditions, SetFaults, DisconnectStreams, UrcBeforeResult, PowerCycle, PowerOff, PowerOn, PressPowerKey
    ),
}
ANY_ACTION = Annotated[Action, ByName(ACTIONS, N_("an action"))]


def read_action(name: str, arguments: Mapping[str, Any]) -> Action:
    """The action of that name. Raises `Mistakes` for an unknown name or arguments that do not fit."""
    return read(ANY_ACTION, {**arguments, "do": name})


def perform(vm: "VirtualModule", action: Action) -> None:
    """Do an action to a module that is open. Raises `InvalidInput` as `hold_for` does; nothing is done then."""
    hold_for(vm, (action,))
    vm.perform(action)


def hold_for(vm: "VirtualModule", actions: Sequence[Action]) -> None:
    """Hold actions that are to be done to a module to the commands that it knows, and to the room that it has.

    Raises `InvalidInput`.
    """
    urcs = [each for each in actions if isinstance(each, UrcBeforeResult)]
    for each in urcs:
        hold_to(each, vm.module.dialect.table(vm.module.strict))
    if len(urcs) > room_for(vm.module):
        message = N_("{name}: at most {maximum} URCs wait for their command")
        raise InvalidInput.said(Sentence(message, name=UrcBeforeResult.name, maximum=MAX_EARLY_URCS))


def hold_to(action: UrcBeforeResult, commands: Collection[str]) -> None:
    """Hold the command of an action, if it has one, to those that a module knows. Raises `InvalidInput`."""
    if action.command is not None and name_of(action.command) not in commands:
        found = unknown_command(action.command, commands)
        raise InvalidInput(replace(found, name="command", path=("command",), where=action.name))
