"""What callers write wrongly, in a line that says what to write: how a thing is entered, values of a wrong type."""

import math
from typing import Any, ClassVar, NoReturn

from modemlab.at.errors import UsageError
from modemlab.validation.fields import Number


class AsyncEntered:
    """What is used by `async with` alone. `_written` is how."""

    __slots__ = ()
    _written: ClassVar[str]

    def __await__(self) -> NoReturn:
        """Raise `UsageError`: awaiting it opens nothing."""
        raise UsageError(f"it cannot be awaited: write `{self._written}`")

    def __enter__(self) -> NoReturn:
        """Raise `UsageError`: it belongs to an event loop."""
        raise UsageError(f"`with` needs `async` ahead of it: write `{self._written}`")

    def __exit__(self, *_: object) -> None:
        """Never reached; `with` looks for it first."""


class Entered:
    """What is used by `with` alone. `_written` is how."""

    __slots__ = ()
    _written: ClassVar[str]

    def __await__(self) -> NoReturn:
        """Raise `UsageError`: its calls block."""
        raise UsageError(f"it cannot be awaited, as its calls block: write `{self._written}`")

    async def __aenter__(self) -> NoReturn:
        """Raise `UsageError`: its calls block."""
        raise UsageError(f"`async` is too much, as its calls block: write `{self._written}`")

    async def __aexit__(self, *_: object) -> None:
        """Never reached; `async with` looks for it first."""


def expected(name: str, value: Any, kinds: type | tuple[type, ...], words: str) -> None:
    """Raise `UsageError` for a value of another type, which may be secret and is not shown. A bool is no number."""
    wanted = kinds if isinstance(kinds, tuple) else (kinds,)
    if not isinstance(value, wanted) or (isinstance(value, bool) and bool not in wanted and object not in wanted):
        raise UsageError(f"{name} is {named(value)}, expected {words}")


def whole(name: str, value: Any, minimum: int, maximum: int, unit: str = "") -> None:
    """Raise `UsageError` for what is no whole number from `minimum` to `maximum`."""
    limits = Number(minimum, maximum, unit, whole=True)
    expected(name, value, int, str(limits))
    if not limits.fits(value):
        raise UsageError(limits.misfit(name, value))


# Seconds that a call may be given: more are an error of whoever writes them, and no clock counts them.
MAX_SECONDS = 1e12


def seconds(name: str, value: Any, endless: bool = False) -> None:
    """Raise `UsageError` for what are no seconds: a number that is not negative, with `endless` infinity too."""
    expected(name, value, (int, float), "seconds")
    if not 0 <= value <= MAX_SECONDS and not (endless and value == math.inf):
        raise UsageError(f"{name} is {value!s:.40}, expected seconds, 0 or more")


def named(value: Any) -> str:
    """The type of a value, for an error."""
    kind = type(value).__name__
    if value is None or kind == "bytes":
        return "None" if value is None else kind
    return f"{'an' if kind[:1].lower() in 'aeiou' else 'a'} {kind}"
