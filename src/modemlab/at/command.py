"""A command, declared once: its forms, parameters, answers' shapes and place in the manual.

Everything that knows a command reads this value: the module's parser, its `=?` lines and its range errors,
the command reference, the host's encoder, and the tests' generators.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum, IntEnum
from typing import Any, NamedTuple

from modemlab.at.parameters import Choice, Maybe, Param, Repeat, Rest, Slot, to_bytes
from modemlab.at.reasons import Missing, wrong_count
from modemlab.at.steps import Refused
from modemlab.at.urc import Urc, line_of
from modemlab.text.catalogue import N_
from modemlab.text.reason import ManualPlace, Placed, Reason, Sentence


class FormKind(IntEnum):
    """The four ways to issue an extended command (3GPP TS 27.007, 4.1); basic commands are EXECUTE."""

    EXECUTE = 0
    WRITE = 1
    READ = 2
    TEST = 3


# Seconds, unless the manual gives a command other ones.
MAX_RESPONSE = 0.3
SUFFIXES = {FormKind.EXECUTE: "", FormKind.WRITE: "=", FormKind.READ: "?", FormKind.TEST: "=?"}


class Form(NamedTuple):
    """What an answer is given for: a command's name, its kind, and the option that the first parameter names."""

    command: str
    kind: FormKind
    option: str = ""


class Persistence(Enum):
    """Where a setting lives: until power-off, in the profile that AT&W stores, or stored at once."""

    VOLATILE = N_("until power-off")
    PROFILE = N_("AT&W stores it")
    STORED = N_("AT&W stores it, AT&F and ATZ leave it")
    FACTORY = N_("until power-off, AT&F resets it")
    ALWAYS = N_("stored at once")
    ALWAYS_FACTORY = N_("stored at once, AT&F resets it")


@dataclass(frozen=True, slots=True)
class Option:
    """One named option of a command such as AT+QMTCFG: `AT+CMD="name",<params>`.

    `read` is the shape after `+CMD: "name",` when the optional parameters are left out; by default these
    very parameters. `kept` says where its values live; None when it is no setting.
    """

    name: str
    title: str
    params: tuple[Slot, ...]
    read: tuple[Param, ...] | None = None
    kept: Persistence | None = Persistence.VOLATILE
    note: str = ""

    @property
    def values(self) -> tuple[Param, ...]:
        """The parameters that are the setting: the optional ones."""
        return tuple(p for slot in self.params if isinstance(slot, Maybe) for p in slot.params)


@dataclass(frozen=True, slots=True)
class Command:
    """A command of a manual.

    `params` are the write form's (for a basic command, its number); None: there is no write form. `read` and
    `execute` are the shapes of the lines that these forms answer, None where the form does not exist; an empty
    tuple where it answers without a line of parameters. `test` overrides the `=?` line that the parameters
    give: lines, or "" for a bare OK, or None where `=?` is refused. `max_response` is in seconds.
    `separator` stands between its name and the values of an information line, `done` in place of the
    execute form's OK; empty where the information line is all there is.
    `bare` is the regular expression of its information lines that do not begin with its name; None: all do.
    `cme`: failures follow AT+CMEE, and what the declaration refuses has the code `faulty`. `kept` makes it
    a setting that write stores and read shows. `instead` is the manual's own command for what this one does, which
    the manual lacks and firmwares take: a strict module refuses all its forms.
    """

    name: str
    title: str
    manual: str
    params: tuple[Slot, ...] | None = None
    read: tuple[Param, ...] | None = None
    execute: tuple[Param, ...] | None = None
    test: str | None = "derived"
    options: tuple[Option, ...] = ()
    urc: Urc | None = None
    urcs: tuple[Urc, ...] = ()
    max_response: float = MAX_RESPONSE
    cme: bool = False
    kept: Persistence | None = None
    note: str = ""
    separator: str = ": "
    done: str = "OK"
    faulty: int = 50
    instead: str = ""
    bare: str | None = None
    _plans: dict[tuple[FormKind, str], "ArgumentPlan"] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )
    # Where the values of the command, by "", and of each option, by its exact name, are kept.
    settings: dict[str, "Setting"] = field(default_factory=dict, init=False, repr=False, compare=False)
    _options: dict[str, Option] = field(default_factory=dict, init=False, repr=False, compare=False)
    # What others have made of the declaration, once it was asked for.
    derived: dict[str, Any] = field(default_factory=dict, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Work out once how each form's arguments are read, and what each setting is by default."""
        if self.params is not None:
            plan = self._plans[FormKind.WRITE, ""] = ArgumentPlan.of(self.params)
            self.settings[""] = Setting(self.on_write, defaults(plan.params))
        for option in self.options:
            self._plans[FormKind.WRITE, option.name] = ArgumentPlan.of(option.params)
            self._options[option.name.lower()] = option
            self.settings[option.name] = Setting(Form(self.name, FormKind.WRITE, option.name), defaults(option.values))

    @property
    def basic(self) -> bool:
        """Whether it has V.250's basic or S-parameter syntax."""
        return self.name[0] not in "+^$%*"

    @property
    def on_write(self) -> Form:
        """The write form."""
        return Form(self.name, FormKind.WRITE)

    @property
    def on_read(self) -> Form:
        """The read form."""
        return Form(self.name, FormKind.READ)

    @property
    def on_test(self) -> Form:
        """The test form."""
        return Form(self.name, FormKind.TEST)

    @property
    def on_execute(self) -> Form:
        """The execute form; of a basic command, the only one."""
        return Form(self.name, FormKind.EXECUTE)

    def on(self, option: str) -> Form:
        """The write form with that option; KeyError when there is none."""
        return Form(self.name, FormKind.WRITE, self.option(option).name)

    def option(self, name: str) -> Option:
        """The option of that name, whatever its case; KeyError when there is none."""
        return self._options[name.lower()]

    @property
    def forms(self) -> Iterator[Form]:
        """Every form that a host may issue."""
        if self.execute is not None:
            yield self.on_execute
        if self.params is not None:
            yield self.on_write
        for option in self.options:
            yield self.on(option.name)
        if self.read is not None:
            yield self.on_read
        if self.test is not None and not self.basic:
            yield self.on_test

    def plan(self, kind: FormKind, option: str = "") -> "ArgumentPlan | None":
        """How the arguments of that form are read; None when the form does not exist."""
        return self._plans.get((kind, option))

    def by_manual(self) -> "Command":
        """The command as the manual has it: without a form, if another stands in its place there."""
        return replace(self, params=None, read=None, execute=None, test=None, options=()) if self.instead else self

    def where(self, reason: Reason | str, /, **values: object) -> Reason:
        """A reason, or a message with its values, with the place in the manual that it rests on."""
        why = reason if isinstance(reason, Reason) else Sentence(reason, **values)
        return Placed(why, ManualPlace(self.manual))

    def test_lines(self) -> list[bytes]:
        """The information lines of the test form."""
        if self.test != "derived":
            return [to_bytes(line) for line in (self.test or "").splitlines()]
        if self.options:
            return [to_bytes(f'{self.name}{self.separator}"{o.name}",{listed(o.params)}') for o in self.options]
        shown = listed(self.params) if self.params else ""
        return [to_bytes(f"{self.name}{self.separator}{shown}")] if shown else []

    def info(self, *values: Any) -> bytes:
        """An information line of this command: its name, a colon, and the values."""
        return line_of(self.name, self.read or self.execute or (), values, separator=self.separator)


def commands_of(names: Mapping[str, object]) -> dict[str, Command]:
    """The commands among a module's `globals()` so far, by their own names, in the order of its lines."""
    return {command.name: command for command in names.values() if isinstance(command, Command)}


def listed(slots: Sequence[Slot]) -> str:
    """The ranges of parameters as a test command lists them; one that shows as nothing is left out."""
    shown = []
    for slot in slots:
        if isinstance(slot, Repeat):
            shown.append(slot.shown)
        elif isinstance(slot, Maybe):
            shown.append(listed(slot.params))
        else:
            shown.append(slot.listed)
    return ",".join(text for text in shown if text)


def syntax(slots: Sequence[Slot]) -> str:
    """The parameters as a manual writes them: `<a>,<b>[,<c>[,<d>]]`."""
    text = closing = ""
    for slot in slots:
        comma = "," if text else ""
        if isinstance(slot, Maybe):
            text += "[" + comma + ",".join(f"<{p.name}>" for p in slot.params)
            closing += "]"
        elif isinstance(slot, Repeat):
            names = ",".join(f"<{p.name}>" for p in slot.params)
            text += f"{comma}{names}[,{names}]..."
        else:
            text += f"{comma}<{slot.name}>"
    return text + closing


class Setting(NamedTuple):
    """The form that sets values, and the values before any host does."""

    form: Form
    defaults: tuple[Any, ...]


class ArgumentPlan(NamedTuple):
    """How a form's arguments are read: one entry a position, which group it belongs to (0: required), a tail.

    `rest` is the position of the parameter that takes the rest of the line, None without one.
    """

    params: tuple[Param, ...]
    groups: tuple[int, ...]
    repeat: Repeat | None
    minimum: int
    rest: int | None = None

    @classmethod
    def of(cls, slots: Sequence[Slot]) -> "ArgumentPlan":
        """The plan of declared parameters."""
        params: list[Param] = []
        groups: list[int] = []
        repeat = None
        for number, slot in enumerate(slots, 1):
            if isinstance(slot, Repeat):
                repeat = slot
            elif isinstance(slot, Maybe):
                params += slot.params
                groups += [number] * len(slot.params)
            else:
                params.append(slot)
                groups.append(0)
        rest = len(params) - 1 if params and isinstance(params[-1], Rest) else None
        return cls(tuple(params), tuple(groups), repeat, groups.count(0), rest)

    def read(self, arguments: Sequence[str | None]) -> tuple[Any, ...]:
        """The values of the arguments, None for each one left out, a tuple of groups for a repeated tail.

        Raises `Refused` with the parameter at fault: a wrong count, type or range.
        """
        params, _, repeat, minimum, _ = self
        count = len(arguments)
        if count < minimum or (count > len(params) and repeat is None):
            raise Refused(wrong_count(minimum, len(params), count))
        values: list[Any] = [
            param.blank if argument is None else param.parse(argument)
            for param, argument in zip(params, arguments, strict=False)
        ]
        if count < len(params):
            values += [None] * (len(params) - count)
        if None in values:
            self._check(values)
        if repeat is not None:
            values.append(read_repeat(repeat, arguments[len(params) :]))
        return tuple(values)

    def at(self, position: int) -> Param | None:
        """The parameter that an argument is for, counted from 0; None where there is none."""
        if 0 <= position < len(self.params):
            return self.params[position]
        if position < 0 or self.repeat is None:
            return None
        return self.repeat.params[(position - len(self.params)) % len(self.repeat.params)]

    def _check(self, values: Sequence[Any]) -> None:
        """Raise `Refused` when one that must be given was left out, or one of a group that is given."""
        for position, group in enumerate(self.groups):
            if values[position] is None and (
                group == 0 or any(v is not None for v, g in zip(values, self.groups, strict=True) if g == group)
            ):
                raise Refused(Missing(self.params[position].name))


def read_repeat(repeat: Repeat, tail: Sequence[str | None]) -> tuple[tuple[Any, ...], ...]:
    """The groups of a repeated tail; `Refused` when one is incomplete or there are none or too many."""
    size = len(repeat.params)
    names = ",".join(f"<{p.name}>" for p in repeat.params)
    if not tail or len(tail) % size or len(tail) > size * repeat.maximum:
        message = N_("takes 1 to {maximum} times {names}, not {count} parameters")
        raise Refused(Sentence(message, maximum=repeat.maximum, names=names, count=len(tail)))
    groups = []
    for start in range(0, len(tail), size):
        group = tail[start : start + size]
        if any(argument is None for argument in group):
            raise Refused(Sentence(N_("{names} must all be given"), names=names))
        groups.append(tuple(p.parse(a) for p, a in zip(repeat.params, group, strict=True) if a is not None))
    return tuple(groups)


def defaults(params: Sequence[Param]) -> tuple[Any, ...]:
    """The values that parameters have before a host sets them."""
    return tuple("" if p.default is None and not isinstance(p, Choice) else p.default for p in params)
