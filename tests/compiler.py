"""The system's C compiler, for tests of programs in C."""

import os
import shutil

import pytest


def require_compiler() -> str:
    """Return the path of a C compiler; without one, or make, skip, or fail when MODEMLAB_REQUIRE_ALL is 1."""
    found = shutil.which("cc")
    if found is None or shutil.which("make") is None:
        reason = "there is no C compiler or no make: the examples in C need both"
        if os.environ.get("MODEMLAB_REQUIRE_ALL") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    return found
