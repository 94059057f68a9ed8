"""Files that hold what passed on a line: their owner's alone."""

import os
import stat
import sys

OWNER_ALONE = 0o600


def private(name: str, flags: int) -> int:
    """Open a file, for `open(..., opener=private)`: mode 0600 whatever the umask is, and if it exists, from then on.

    A FIFO, a device and a file of somebody else stay as they are, as does every file on Windows. Raises OSError.
    """
    number = os.open(name, flags, OWNER_ALONE)
    make_private(number)
    return number


def make_private(number: int) -> None:
    """Make an open file its owner's alone, if it is a file and one's own."""
    if sys.platform == "win32":
        return
    found = os.fstat(number)
    if stat.S_ISREG(found.st_mode) and found.st_uid == os.geteuid():
        os.fchmod(number, OWNER_ALONE)
