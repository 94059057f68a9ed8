"""Options that several subcommands have alike: a subcommand takes them as one argument."""

import inspect
from collections.abc import Callable, Sequence
from typing import Any


def fields_of(group: Any) -> list[inspect.Parameter]:
    """The options that a NamedTuple declares as annotated fields, all of which have defaults."""
    keyword, defaults = inspect.Parameter.KEYWORD_ONLY, group._field_defaults
    return [
        inspect.Parameter(name, keyword, default=defaults[name], annotation=group.__annotations__[name])
        for name in group._fields
    ]


def with_options(
    command: Callable[..., None], name: str, options: Sequence[inspect.Parameter], make: Callable[..., Any]
) -> Callable[..., None]:
    """A subcommand with these options behind its own; it takes what `make` makes of them as its argument `name`."""
    parameters = inspect.signature(command).parameters.values()
    own = [each.replace(kind=inspect.Parameter.KEYWORD_ONLY) for each in parameters if each.name != name]
    listed = [*own, *options]

    def run(**given: Any) -> None:
        made = make(**{option.name: given.pop(option.name) for option in options})
        command(**{name: made}, **given)

    run.__name__, run.__doc__ = command.__name__, command.__doc__
    run.__annotations__ = {each.name: each.annotation for each in listed}
    run.__signature__ = inspect.Signature(listed)  # type: ignore[attr-defined]
    return run
