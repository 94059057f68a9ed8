"""How a dialect registers its answers, by form, and its URC makers, by event; and whether the answers fit the commands.

An answer is a generator function. It takes the module and the form's values, None for each that the host left out; it
yields what is printed and is sent what a prompt asked for; one that only prints a line is made of what the line shows.
A URC maker takes the module and an event of its machinery
and prints what the host is told of it.
"""

from collections.abc import Callable, Mapping
from types import FunctionType
from typing import Any, Concatenate, Never, TypeVar

from modemlab.at.command import ArgumentPlan, Command, Form
from modemlab.at.parameters import to_bytes
from modemlab.at.steps import OK, Info, Steps
from modemlab.dialect.device import Device

Answer = Callable[Concatenate[Device, ...], Steps]
UrcMaker = Callable[[Device, Never], None]
AnAnswer = TypeVar("AnAnswer", bound=Answer)
Event = TypeVar("Event")

# Of a code object's flags: it takes what is left of the values, as `*values` does.
HAS_REST = 0x04


class Answers(dict[Form, Answer]):
    """The answers of a dialect by form; a value of it, called with forms, is a decorator that adds one."""

    def __call__(self, *forms: Form) -> Callable[[AnAnswer], AnAnswer]:
        """Register the decorated generator function for these forms."""

        def add(answer: AnAnswer) -> AnAnswer:
            self.update(dict.fromkeys(forms, answer))
            return answer

        return add

    def shows(self, command: Command, values: Callable[[Device], tuple[Any, ...]]) -> None:
        """Answer the read and execute forms of a command, those that show values, with one line of these values."""

        def answer(module: Device) -> Steps:
            yield Info(command.info(*values(module)))
            yield OK

        forms = ((command.on_read, command.read), (command.on_execute, command.execute))
        self.update((form, answer) for form, shown in forms if shown)

    def prints(self, command: Command, text: Callable[[Device], str]) -> None:
        """Answer the execute form of a command with a line of this text alone, without the command's name."""

        def answer(module: Device) -> Steps:
            yield Info(to_bytes(text(module)))
            yield OK

        self[command.on_execute] = answer


class UrcMakers(dict[type, UrcMaker]):
    """The URC makers of a dialect by event; a value of it, called with an event, is a decorator that adds one."""

    def __call__(
        self, event: type[Event]
    ) -> Callable[[Callable[[Device, Event], None]], Callable[[Device, Event], None]]:
        """Register the decorated function for this event."""

        def add(maker: Callable[[Device, Event], None]) -> Callable[[Device, Event], None]:
            self[event] = maker
            return maker

        return add


def check_answers(answers: Mapping[Form, Answer], *tables: Mapping[str, Command]) -> None:
    """Raise TypeError, of one line, for an answer that does not take what a table's command gives it.

    It takes the module and a parameter for each of the form's. One whose annotation has None stands where the host may
    leave the command's out, and nowhere else. The answer of a command that no table has is no mistake: dialects share
    them.
    """
    for form, answer in answers.items():
        for table in tables:
            command = table.get(form.command)
            if command is not None and (wrong := mismatch(command, form, answer)):
                option = f'="{form.option}"' if form.option else ""
                raise TypeError(f"AT{form.command}{option}, {form.kind.name.lower()} form: {wrong}")


def mismatch(command: Command, form: Form, answer: Answer) -> str:
    """What the answer of a form should be and what it is instead; empty where it fits."""
    plan = command.plan(form.kind, form.option)
    if plan is None and form not in command.forms:
        return "expected a form that the command has, found an answer to one that it lacks"
    if not isinstance(answer, FunctionType):
        return f"expected a function, found {answer!r}"
    code = answer.__code__
    names = code.co_varnames[1 : code.co_argcount]
    given = [] if plan is None else given_by(plan)
    rest = given[len(names) :]
    if len(given) < len(names) - len(answer.__defaults__ or ()) or (rest and not code.co_flags & HAS_REST):
        expected, found = ", ".join(f"<{name}>" for name, _ in given), ", ".join(names)
        return f"expected the parameters ({expected}), found ({found}){place(answer)}"
    pairs = list(zip(names, given, strict=False))
    if rest:
        name = code.co_varnames[code.co_argcount + code.co_kwonlyargcount]
        pairs.append((name, (rest[0][0], any(optional for _, optional in rest))))
    for name, (param, optional) in pairs:
        annotation = answer.__annotations__.get(name, Any)
        if annotation is not Any and has_none(annotation) is not optional:
            fact, expected = ("may be left out", "with") if optional else ("is always given", "without")
            found = annotation.__name__ if isinstance(annotation, type) else str(annotation)
            return f"<{param}> {fact}: expected a type {expected} None for {name}, found {found}{place(answer)}"
    return ""


def given_by(plan: ArgumentPlan) -> list[tuple[str, bool]]:
    """The names of what a form gives, a repeated group as one, and of each whether the host may leave it out."""
    given = [(param.name, group != 0) for param, group in zip(plan.params, plan.groups, strict=True)]
    return given if plan.repeat is None else [*given, (",".join(param.name for param in plan.repeat.params), False)]


def has_none(annotation: object) -> bool:
    """Whether a type, or the text of one, is a union with None."""
    return "None" in annotation if isinstance(annotation, str) else type(None) in getattr(annotation, "__args__", ())


def place(answer: FunctionType) -> str:
    """Where an answer stands."""
    return f" in {answer.__module__}.{answer.__qualname__}"
