"""The language of the command line: what `--lang` says, else what the locale asks for."""

import locale
import os
from collections.abc import Sequence
from enum import StrEnum
from itertools import pairwise
from typing import Any

from modemlab.text.catalogue import translator


class LanguageCode(StrEnum):
    """What there are messages in."""

    EN = "en"
    ZH = "zh"


# That of this process, as its command line is read before anything else.
LANGUAGE = [LanguageCode.EN]


def choose(arguments: Sequence[str]) -> None:
    """Speak the language that these arguments of the command line ask for, wherever `--lang` stands among them.

    It is looked for ahead of their parsing, whose errors are told in that language too.
    """
    asked = [behind for ahead, behind in pairwise(arguments) if ahead == "--lang"]
    asked += [argument.removeprefix("--lang=") for argument in arguments if argument.startswith("--lang=")]
    LANGUAGE[0] = next((LanguageCode(each) for each in asked if each in list(LanguageCode)), preferred())


def chosen() -> LanguageCode:
    """The language of this process."""
    return LANGUAGE[0]


def tr(message: str, **values: Any) -> str:
    """A message in that language, with its values filled in."""
    return translator(chosen())(message).format(**values)


def preferred() -> LanguageCode:
    """The language that the locale asks for: Chinese, or else English."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        value = os.environ.get(name)
        if value:
            return LanguageCode.ZH if value.lower().startswith("zh") else LanguageCode.EN
    try:
        set_to = locale.getlocale()[0] or ""
    except ValueError:
        set_to = ""
    return LanguageCode.ZH if set_to.lower().startswith(("zh", "chinese")) else LanguageCode.EN
