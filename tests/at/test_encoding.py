"""What a host types is what the module reads: every line that is encoded is read back, and no other is encoded."""

from hypothesis import given, settings
from hypothesis import strategies as st

from modemlab.at.command import Command, FormKind
from modemlab.at.encoding import encode
from modemlab.at.errors import UsageError
from modemlab.at.parameters import Choice, Hex, Int, Param, Payload, Rest, to_text
from modemlab.at.syntax import parse_line
from modemlab.dialect.registry import dialects

FORMS = [
    (command, option, plan.params)
    for dialect in dialects()
    for command in dialect.commands.values()
    for option in ("", *(each.name for each in command.options))
    if (plan := command.plan(FormKind.WRITE, option)) is not None
    and plan.repeat is None
    and not command.basic
    and not any(isinstance(param, Payload | Rest) for param in plan.params)
]
TEXTS = st.text(st.sampled_from('ab",;\\ \r\x1aé水3A1'), max_size=6) | st.sampled_from(["", "x" * 300])


def values_of(param: Param) -> st.SearchStrategy[object]:
    """Values in and around what a parameter takes."""
    if isinstance(param, Int | Hex):
        return st.integers(param.minimum - 2, param.minimum + 2) | st.integers(param.maximum - 2, param.maximum + 2)
    return st.sampled_from([*param.values, -1, 99]) if isinstance(param, Choice) else TEXTS


@settings(deadline=None, max_examples=150)
@given(st.data())
def test_lines_are_read_back(data: st.DataObject) -> None:
    """The values that were given, one for one; and what cannot be read back is `UsageError`."""
    command, option, params = data.draw(st.sampled_from(FORMS))
    values = [data.draw(values_of(param)) for param in params]
    assert_read_back(command, option, values)


def assert_read_back(command: Command, option: str, values: list[object]) -> None:
    """The line of these values, if there is one, has them."""
    try:
        line = encode(command, *values, option=option)
    except UsageError:
        return
    (call,) = parse_line({command.name: command}, to_text(line)[2:])
    assert call.refused is None
    assert list(call.values) == values
    assert not any(byte < 0x20 for byte in line)


def test_good_values_are_encoded() -> None:
    """Every form has a line."""
    for command, option, params in FORMS:
        values = [good(param) for param in params]
        assert encode(command, *values, option=option)
        assert_read_back(command, option, values)


def good(param: Param) -> object:
    """A value that a parameter takes."""
    if isinstance(param, Int | Hex):
        return param.maximum
    return next(iter(param.values)) if isinstance(param, Choice) else "x" * max(1, getattr(param, "minimum", 1))
