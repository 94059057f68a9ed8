"""The command lines of a recipe, for whoever types them by hand: it is run against nobody, and all goes well."""

from collections.abc import Iterator
from typing import Any

from modemlab.at.command import FormKind
from modemlab.dialect.dialect import Dialect
from modemlab.dialect.recipes import ANY, Ask, Await, Expect, ReceivedUrc, Recipe, UrcWaiter


def lines(dialect: Dialect, recipe: Recipe) -> Iterator[Ask]:
    """What a recipe has a host type, in order, but for what only reads. Raises what the recipe raises."""
    answer: Any = None
    try:
        while True:
            step = recipe.send(answer)
            answer = None
            if isinstance(step, Ask):
                answer = []
                if not reads(dialect, step.line):
                    yield step
            elif isinstance(step, Expect):
                answer = UrcWaiter(step)
            elif isinstance(step, Await):
                answer = success(step.waiter.expect)
    except StopIteration:
        return


def success(expect: Expect) -> ReceivedUrc:
    """The URC that is waited for, as it says that all went well: 0, in the tables of all dialects."""
    values = [0 if each is ANY else each[0] if isinstance(each, tuple) else each for each in expect.match]
    return ReceivedUrc(expect.urc, (*values, *[0] * (len(expect.urc.params) - len(values))))


def reads(dialect: Dialect, line: bytes) -> bool:
    """Whether a command line only asks for what is set, or how things are."""
    calls = dialect.parser(False)(line[2:])
    return bool(calls) and all(
        call.command is not None
        and call.form is not None
        and (
            call.form.kind is FormKind.READ
            or (call.form.kind is FormKind.EXECUTE and bool(call.command.execute))
            or (bool(call.form.option) and all(value is None for value in call.values[1:]))
        )
        for call in calls
    )
