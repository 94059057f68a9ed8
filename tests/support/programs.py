"""Programs that tests use where they are there: which, how one is asked for, and how all are hidden.

A test asks before it starts anything: a skip in the middle leaves servers and threads behind for the next one.
"""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

import pytest

# What each is for, when it is not there.
OPTIONAL = {
    "mosquitto": "tests against a real broker need it",
    "mosquitto_pub": "it is what `modemlab pub` is held to",
    "mosquitto_sub": "it is what `modemlab sub` is held to",
    "cc": "the examples in C need it",
    "make": "the examples in C need it",
}
# What else a machine may lack, or has the above by another name: no test asks for these, and they are hidden too.
KIN = ("gcc", "c99", "clang", "socat", "nc", "picocom", "screen", "tio", "chromium", "google-chrome", "firefox")
# Where administrators' programs are, whose folders are not on everybody's PATH.
BESIDE_PATH = ("/usr/sbin", "/usr/local/sbin")
HIDDEN = os.environ.get("MODEMLAB_HIDE_OPTIONAL") == "1"


def require(*programs: str) -> str:
    """The path of the first of these programs; skips where one is missing, or fails when MODEMLAB_REQUIRE_ALL is 1."""
    paths = [found(program) for program in programs]
    for program, path in zip(programs, paths, strict=True):
        if path is None:
            reason = f"{program} is not installed: {OPTIONAL[program]}"
            if os.environ.get("MODEMLAB_REQUIRE_ALL") == "1":
                pytest.fail(reason)
            pytest.skip(reason)
    assert paths[0] is not None
    return paths[0]


def found(program: str) -> str | None:
    """The path of an optional program, if it is there."""
    assert program in OPTIONAL, f"{program} is not listed as optional"
    beside = () if HIDDEN else BESIDE_PATH
    return shutil.which(program, path=os.pathsep.join((os.environ.get("PATH", os.defpath), *beside)))


def hide_optional() -> None:
    """Have this process, and all that it starts, find every program on the PATH but the optional ones and their kin."""
    hidden = {*OPTIONAL, *KIN}
    folder = Path(tempfile.mkdtemp(prefix="modemlab-programs-"))
    for each in os.environ.get("PATH", os.defpath).split(os.pathsep):
        for program in Path(each).iterdir() if each and Path(each).is_dir() else ():
            if program.name not in hidden and not (folder / program.name).is_symlink():
                (folder / program.name).symlink_to(program.absolute())
    os.environ["PATH"] = str(folder)
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
