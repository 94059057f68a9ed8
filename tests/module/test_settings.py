"""Settings over their defaults, and what survives what (AT commands manual V1.1, 2.10 to 2.13, tables 7 to 9)."""

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
