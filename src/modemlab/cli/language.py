"""The language of the command line: what `--lang` says, else what the locale asks for."""

import locale
import os
from collections.abc import Sequence
from enum import StrEnum
from itertools import pairwise, takewhile

from modemlab.ports import error_texts as words
from modemlab.text.language import Language
from modemlab.text.reason import Reason


class LanguageCode(StrEnum):
    """What there are messages in."""

    EN = "en"
    ZH = "zh"


# That of this process, as its command line is read before anything else.
LANGUAGE = [LanguageCode.EN]


def choose(arguments: Sequence[str]) -> None:
    """Speak the language that these arguments of the command line ask for, wherever `--lang` stands ahead of a `--`.

    It is looked for ahead of their parsing, whose errors are told in that language too.
    """
    own = list(takewhile(lambda argument: argument != "--", arguments))
    asked = [behind for ahead, behind in pairwise(own) if ahead == "--lang"]
    asked += [argument.removeprefix("--lang=") for argument in own if argument.startswith("--lang=")]
    LANGUAGE[0] = next((LanguageCode(each) for each in asked if each in list(LanguageCode)), preferred())


def chosen() -> LanguageCode:
    """The language of this process."""
    return LANGUAGE[0]


def tr(message: str, **values: object) -> str:
    """A message in that language, with its values filled in; one without values may hold braces."""
    return Language(chosen())(message, **values)


def counted(count: int, one: str, several: str) -> str:
    """So many of something, in that language: `one` and `several` are messages with `{count}`."""
    return tr(one if count == 1 else several, count=count)


def said(reason: Reason) -> str:
    """A reason in that language."""
    return Language(chosen()).reason(reason)


def why(error: BaseException) -> str:
    """What went wrong, in that language."""
    return said(words.why(error))


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
