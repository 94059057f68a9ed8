"""Everything but ports/pty.py is importable where there is no Unix."""

import subprocess
import sys

SCRIPT = """
import importlib, pkgutil, sys
for name in ("pty", "tty", "termios", "fcntl", "resource", "grp", "pwd", "syslog"):
    sys.modules[name] = None
import modemlab
seen = []
for module in pkgutil.walk_packages(modemlab.__path__, "modemlab."):
    if module.name not in ("modemlab.ports.pty", "modemlab.cli.__main__", "modemlab.__main__"):
        importlib.import_module(module.name)
        seen.append(module.name)
assert "modemlab.ports.tcp" in seen and "modemlab.virtual.module" in seen, seen
from modemlab.ports.make import make_port
try:
    make_port("pty", print, print)
except ValueError as error:
    print(error)
"""


def test_unix_modules_masked() -> None:
    """With the Unix-only modules masked every module is imported, and a pty is refused in one line."""
    run = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, timeout=60, check=False)
    assert run.stderr == ""
    assert run.stdout == "pty ports need a Unix system\n"
