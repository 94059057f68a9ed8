"""Files that a person names at the terminal."""

from pathlib import Path

from modemlab.text.catalogue import N_
from modemlab.text.reason import Sentence


def path_of(name: str) -> Path:
    """The path of that name, with the home folder for `~`. Raises ValueError, with a reason, where it can be none."""
    if "\0" in name:
        raise ValueError(Sentence(N_("the name contains a NUL byte")))
    try:
        return Path(name).expanduser()
    except RuntimeError:
        raise ValueError(Sentence(N_("no such user"))) from None
