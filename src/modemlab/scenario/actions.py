"""What can be done to a virtual module from outside its line, as data: for scenario files, a control API and tests.

An `Action` is a name and arguments by name, plain data both. `make` holds one to what it takes, ahead of time;
`perform` does it to a `VirtualModule`. `VOCABULARY` lists all, with arguments that each takes.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from modemlab.module.early_urcs import MOST_EARLY, room_for
from modemlab.module.mobile import Mobile
from modemlab.module.mobile_actions import ACTIONS, act
from modemlab.net.conditions import PROFILES, Conditions, Strike, profile
from modemlab.net.faults import Fault
from modemlab.text.figures import action_text, cut, shown
from modemlab.text.spelling import nearest_command, unknown
from modemlab.validation.fields import LONGEST_TEXT, OneOf, PlainText, Unfit, build, check, misfit, taking

if TYPE_CHECKING:
    from modemlab.virtual.module import VirtualModule

MOST_FAULTS = 100
# Actions of one request.
MOST_ACTIONS = 100
# Characters of an error, which may list all actions; what was given may be long.
LONGEST_ERROR = 800
URC_BEFORE_RESULT = "urc_before_result"
NOTHING: Mapping[str, Any] = MappingProxyType({})


class Action(NamedTuple):
    """Something to do: its name, and its arguments by name."""

    name: str
    arguments: Mapping[str, Any] = NOTHING

    def __str__(self) -> str:
        """As a transcript writes it, for the log."""
        return action_text(*self)


class Wrong(ValueError):
    """An action that cannot be: `field` is the argument that does not fit, empty when it is the name.

    `path` is where in the arguments it stands, by keys and numbers of items.
    """

    def __init__(self, field: str, reason: str, path: tuple[str | int, ...] = ()) -> None:
        super().__init__(cut(reason, LONGEST_ERROR))
        self.field, self.path = field, path or ((field,) if field else ())


@dataclass(frozen=True, slots=True)
class Term:
    """Something to do that is not the module's: what it does, arguments that it takes, how it is checked."""

    about: str
    example: Mapping[str, Any]
    check: Callable[[Mapping[str, Any]], object]


@dataclass(frozen=True, slots=True)
class Entry:
    """An action of the vocabulary: what it does, arguments that it takes, how it is checked and done."""

    about: str
    example: Mapping[str, Any]
    check: Callable[[Mapping[str, Any]], object]
    do: Callable[["VirtualModule", Mapping[str, Any]], None]


def make(
    name: object, arguments: Mapping[str, Any] = NOTHING, vocabulary: "Mapping[str, Entry | Term] | None" = None
) -> Action:
    """The action of that name with these arguments, by `VOCABULARY` unless there is another.

    Raises `Wrong`, of one line: which argument does not fit, and what was expected.
    """
    known_ones = VOCABULARY if vocabulary is None else vocabulary
    entry = known_ones.get(name) if isinstance(name, str) else None
    if entry is None:
        raise Wrong("", unknown(name, "action", known_ones))
    assert isinstance(name, str)
    try:
        entry.check(arguments)
    except Wrong as error:
        raise Wrong(error.field, f"{name}: {error}", error.path) from None
    except Unfit as error:
        raise Wrong(error.field, f"{name}: {error.reason}") from None
    except ValueError as error:
        # The mobile's own reasons do not say of which argument they are.
        field = culprit(entry, arguments)
        named = not field or str(error).startswith(f"{field} ")
        raise Wrong(field, f"{name}: {error}" if named else f"{name}: {field}: {error}") from None
    return Action(name, arguments)


def perform(vm: "VirtualModule", action: Action) -> None:
    """Do an action to a module that is open. Raises `Wrong` as `make` and `hold_for` do; nothing is done then."""
    action = make(*action)
    hold_for(vm, (action,))
    VOCABULARY[action.name].do(vm, action.arguments)


def hold_for(vm: "VirtualModule", actions: Sequence[Action]) -> None:
    """Hold actions that are to be done to a module to the commands that it knows, and to the room that it has.

    Raises `Wrong`, of one line.
    """
    commands = vm.module.dialect.table(vm.module.strict)
    for action in actions:
        hold_to(action, commands)
    if sum(action.name == URC_BEFORE_RESULT for action in actions) > room_for(vm.module):
        raise Wrong("", f"{URC_BEFORE_RESULT}: at most {MOST_EARLY} URCs wait for their command")


def culprit(entry: Entry | Term, arguments: Mapping[str, Any]) -> str:
    """The argument that does not fit: the first that spoils what would be taken; empty if it is none of them alone."""
    known = [name for name in arguments if name in entry.example]
    for name in known if len(known) == len(arguments) else ():
        try:
            entry.check({**entry.example, name: arguments[name]})
        except ValueError:
            return name
    return ""


# Conditions, faults and strikes


def read_conditions(arguments: Mapping[str, Any]) -> Conditions:
    """A profile, with other figures in the fields that are given; the fields alone change `lab`."""
    given = dict(arguments)
    name = given.pop("profile", "lab")
    if not OneOf(tuple(PROFILES)).fits(name):
        raise Wrong("profile", misfit("profile", name, OneOf(tuple(PROFILES))))
    if not arguments:
        raise Wrong("", "no argument is given, expected profile or a field of conditions")
    known = [each.name for each in fields(Conditions)]
    only(given, ("profile", *known))
    if "profile" not in arguments:
        return build(Conditions, given)
    return replace(profile(name), **given)


def read_faults(arguments: Mapping[str, Any]) -> tuple[Fault, ...]:
    """A list of faults, at most `MOST_FAULTS`."""
    only(arguments, ("faults",))
    listed = arguments.get("faults")
    if not isinstance(listed, list | tuple) or len(listed) > MOST_FAULTS:
        raise Wrong("faults", f"faults is {shown(listed)}, expected a list of at most {MOST_FAULTS} tables")
    faults = []
    for number, each in enumerate(listed, 1):
        if not isinstance(each, Mapping):
            reason = f"faults number {number} is {shown(each)}, expected a table"
            raise Wrong("faults", reason, ("faults", number - 1))
        try:
            faults.append(build(Fault, each))
        except Unfit as error:
            path = ("faults", number - 1, error.field) if error.field else ("faults", number - 1)
            raise Wrong("faults", f"faults number {number}: {error}", path) from None
    return tuple(faults)


def read_strike(arguments: Mapping[str, Any]) -> Strike:
    """A strike."""
    return build(Strike, arguments)


def only(arguments: Mapping[str, Any], known: tuple[str, ...]) -> None:
    """Hold arguments to those that are known."""
    for name in arguments:
        if name not in known:
            raise Wrong(name, unknown(name, "argument", known))


# The line


@dataclass(frozen=True, slots=True)
class UrcBeforeResult:
    """A URC that comes between a command's echo and its result: that command's, or without one the next that comes."""

    urc: str = taking(PlainText(f"a URC's line of at most {LONGEST_TEXT} characters, without control characters"))
    command: str | None = taking(PlainText('a command\'s name, such as "AT+CFUN"'), None)

    def __post_init__(self) -> None:
        """Hold the fields to what they take."""
        check(self)


def read_urc(arguments: Mapping[str, Any]) -> UrcBeforeResult:
    """A URC, and its command."""
    return build(UrcBeforeResult, arguments)


def put_urc(vm: "VirtualModule", arguments: Mapping[str, Any]) -> None:
    """Have a URC come ahead of a result."""
    wanted = read_urc(arguments)
    vm.put_urc(wanted.urc, None if wanted.command is None else name_of(wanted.command))


def name_of(command: str) -> str:
    """A command's name as dialects have it, `AT` ahead of it or not."""
    return command.upper().removeprefix("AT")


def hold_to(action: Action, commands: Collection[str]) -> None:
    """Hold the command of an action, if it has one, to those that a module knows. Raises `Wrong`."""
    command = action.arguments.get("command")
    if isinstance(command, str) and name_of(command) not in commands:
        raise Wrong("command", f"{action.name}: command is {unknown_command(command, commands)}")


def unknown_command(command: str, commands: Collection[str]) -> str:
    """That a module does not know a command: what was given, and the nearest that there is."""
    near = nearest_command(name_of(command), commands)
    hint = f"; did you mean {f'AT{near}'!r}?" if near else ""
    return f"{shown(command)}, expected one that the module knows{hint}"


# Power


def no_arguments(arguments: Mapping[str, Any]) -> None:
    """It takes none."""
    only(arguments, ())


def power(vm: "VirtualModule", _arguments: Mapping[str, Any]) -> None:
    """The power goes and comes back."""
    power_off(vm, NOTHING)
    power_on(vm, NOTHING)


def power_off(vm: "VirtualModule", _arguments: Mapping[str, Any]) -> None:
    """The power goes."""
    if vm.module.on:
        vm.power_key()


def power_on(vm: "VirtualModule", _arguments: Mapping[str, Any]) -> None:
    """The power comes back."""
    if not vm.module.on:
        vm.power_key()


def press_key(vm: "VirtualModule", _arguments: Mapping[str, Any]) -> None:
    """The power key is pressed."""
    vm.power_key()


# The mobile


def mobile_entry(name: str, about: str, **example: Any) -> Entry:
    """An entry for a method of the mobile. A throw-away mobile tells what it takes."""

    def check(arguments: Mapping[str, Any]) -> None:
        required, optional, _ = ACTIONS[name]
        only(arguments, (*required, *optional))
        for argument in required:
            if argument not in arguments:
                raise Wrong(argument, f"{argument} is missing, expected as {example[argument]!r}")
        act(Mobile(lambda _event: None), name, arguments, 0.0)

    def do(vm: "VirtualModule", arguments: Mapping[str, Any]) -> None:
        vm.act(name, arguments)

    return Entry(about, MappingProxyType(example), check, do)


MOBILE = {
    "insert": mobile_entry("insert", "another card, or the one that is there in another state", card="absent"),
    "reinsert": mobile_entry("reinsert", "the card that was pulled comes back as it was"),
    "lock": mobile_entry("lock", "a card that asks for this PIN", pin="4321", puk="87654321"),
    "cover": mobile_entry("cover", "what a registration gets here, and why", stat="denied", cause=11),
    "serve": mobile_entry("serve", "another operator's network", operator=["CHN-UNICOM", "UNICOM", "46001"]),
    "move": mobile_entry("move", "another cell", cell={"area": "00C3", "identity": "80D413D"}),
    "receive_signal": mobile_entry("receive_signal", "strength and bit error rate, as AT+CSQ has them", signal=[9, 99]),
    "enter_zone": mobile_entry("enter_zone", "the network tells another time zone", zone=36, daylight=1),
    "tell_time": mobile_entry("tell_time", "the network tells this UTC", time="2024/05/06,22:10:00"),
    "withhold_time": mobile_entry("withhold_time", "the network tells no time"),
    "force_detach": mobile_entry("force_detach", "the network detaches the mobile", cause=10),
    "refuse_contexts": mobile_entry("refuse_contexts", "the network activates no such contexts", cause=27, cids=[1]),
    "accept_contexts": mobile_entry("accept_contexts", "it activates them again"),
    "drop_context": mobile_entry("drop_context", "the network deactivates a context", cid=1, cause=36),
    "change_address": mobile_entry("change_address", "a context gets another address", cid=1, address="10.64.1.9"),
}

VOCABULARY: Mapping[str, Entry] = {
    **MOBILE,
    "conditions": Entry(
        "conditions on its sockets from now on: a profile, fields of it, or both",
        MappingProxyType({"profile": "cat1", "loss": 0.05}),
        read_conditions,
        lambda vm, arguments: vm.set_conditions(read_conditions(arguments)),
    ),
    "faults": Entry(
        "these faults of MQTT packets, and no others, from now on",
        MappingProxyType({"faults": [{"packet": "PUBACK", "action": "drop", "times": 2}]}),
        read_faults,
        lambda vm, arguments: vm.set_faults(read_faults(arguments)),
    ),
    "strike": Entry(
        "this happens to its open connections, or to that of one client",
        MappingProxyType({"what": "half-open", "client": 0}),
        read_strike,
        lambda vm, arguments: vm.strike(read_strike(arguments)),
    ),
    URC_BEFORE_RESULT: Entry(
        "this URC comes between the echo of a command and its result: of that command, or of the next one",
        MappingProxyType({"urc": "+CSCON: 0", "command": "AT+CFUN"}),
        read_urc,
        put_urc,
    ),
    "power": Entry("the power goes, if it is there, and comes back at once", NOTHING, no_arguments, power),
    "power_off": Entry("the power goes", NOTHING, no_arguments, power_off),
    "power_on": Entry("the power comes back", NOTHING, no_arguments, power_on),
    "power_key": Entry("the power key: off if it is on, on if it is off", NOTHING, no_arguments, press_key),
}
