"""Settings over their defaults, and what survives what (AT commands manual V1.1, 2.10 to 2.13, tables 7 to 9)."""

from itertools import product, zip_longest
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from modemlab.at.command import Command, Option, Persistence
from modemlab.at.parameters import Choice, Int, Text, maybe
from modemlab.module.settings import Settings


def setting(name: str, kept: Persistence, default: int = 7) -> Command:
    """A command that is one number."""
    return Command(name, "", "", params=(Int("n", 0, 9, default=default),), kept=kept)


KINDS = {kept: setting(f"+{kept.name}", kept) for kept in Persistence}
COMMANDS = tuple(KINDS.values())
TEXTS = Command(
    "+CFG",
    "",
    "",
    options=(
        Option("x", "", (Int("client", 0, 5), maybe(Int("a", 0, 9, default=1)), maybe(Text("b")))),
        Option("y", "", (Int("client", 0, 5), maybe(Choice("c", {2: ""})))),
    ),
)


def test_defaults_and_values_left_out() -> None:
    settings = Settings()
    assert settings.get(TEXTS, "x", 3) == (1, "")
    assert settings.get(TEXTS, "y", 3) == (None,)
    settings.put(TEXTS, (None, "t"), "x", 3)
    settings.put(TEXTS, (4, None), "x", 3)
    assert settings.get(TEXTS, "x", 3) == (4, "t")
    assert settings.get(TEXTS, "x", 2) == (1, "")


def outcome(settings: Settings) -> set[str]:
    """Which kinds still have the value that was set."""
    return {kept.name for kept, command in KINDS.items() if settings.get(command) == (5,)}


def changed() -> Settings:
    """Settings with 5 in each kind."""
    settings = Settings()
    for command in KINDS.values():
        settings.put(command, (5,))
    return settings


def test_what_survives_power() -> None:
    settings = changed()
    settings.power_cycle()
    assert outcome(settings) == {"ALWAYS", "ALWAYS_FACTORY"}
    settings = changed()
    settings.store(COMMANDS)
    settings.power_cycle()
    assert outcome(settings) == {"PROFILE", "STORED", "ALWAYS", "ALWAYS_FACTORY"}


def test_factory_values() -> None:
    settings = changed()
    settings.factory(COMMANDS)
    assert outcome(settings) == {"VOLATILE", "STORED", "ALWAYS"}
    settings = changed()
    settings.store(COMMANDS)
    settings.factory(COMMANDS)
    settings.power_cycle()
    assert outcome(settings) == {"PROFILE", "STORED", "ALWAYS"}


def test_back_to_the_profile() -> None:
    settings = changed()
    settings.store(COMMANDS)
    for command in KINDS.values():
        settings.put(command, (6,))
    settings.restore(COMMANDS)
    assert outcome(settings) == {"PROFILE"}
    settings = changed()
    settings.restore(COMMANDS)
    assert "PROFILE" not in outcome(settings)


def test_one_setting_saved_by_itself() -> None:
    settings = changed()
    settings.save(KINDS[Persistence.VOLATILE])
    settings.power_cycle()
    assert outcome(settings) == {"VOLATILE", "ALWAYS", "ALWAYS_FACTORY"}


PUTS = st.tuples(
    st.sampled_from(("x", "y")),
    st.integers(0, 5),
    st.none() | st.booleans() | st.integers(0, 2) | st.sampled_from((0.0, 1.0)),
    st.none() | st.text(max_size=2),
)


@given(st.lists(PUTS, max_size=30), st.lists(PUTS, max_size=30))
def test_shared_values_are_those_that_were_put(one: list[Any], other: list[Any]) -> None:
    """Two modules by turns, as two dictionaries of their own would have it, to the type of each value."""
    both = (Settings(), Settings())
    model: tuple[dict[Any, Any], dict[Any, Any]] = ({}, {})
    defaults = {"x": (1, ""), "y": (None,)}
    for puts in zip_longest(one, other):
        for settings, kept, put in zip(both, model, puts, strict=True):
            if put is not None:
                option, client, *values = put
                values = tuple(values[: len(defaults[option])])
                before = kept.get((option, client), defaults[option])
                kept[option, client] = tuple(
                    old if new is None else new for old, new in zip(before, values, strict=True)
                )
                settings.put(TEXTS, values, option, client)
    for settings, kept in zip(both, model, strict=True):
        for option, client in product(defaults, range(6)):
            assert repr(settings.get(TEXTS, option, client)) == repr(kept.get((option, client), defaults[option]))


def test_modules_that_are_set_alike_share_their_values() -> None:
    assert changed().values is changed().values
