"""Messages in other languages: gettext catalogues, English where there is none."""

from collections.abc import Callable
from functools import cache

Translate = Callable[[str], str]


def N_(message: str) -> str:
    """Mark a message for the catalogue; it stays as it is, and is translated when it is shown."""
    return message


def english(message: str) -> str:
    """A message as it stands in the code."""
    return message


@cache
def translator(language: str) -> Translate:
    """What translates messages into a language, `en` or `zh`; what a catalogue lacks stays English."""
    if language != "zh":
        return english
    from gettext import translation  # noqa: PLC0415 (English needs none)
    from importlib.resources import as_file, files  # noqa: PLC0415

    with as_file(files("modemlab.text") / "locale") as folder:
        known = translation("modemlab", folder, ["zh_CN"], fallback=True).gettext
    # What a catalogue has for no text is its own header.
    return lambda message: known(message) if message else ""
