"""Writes docs/results.md from the command tables and the tests' scenarios; with --check only says whether it is up to
date (status 1: not).
"""

import sys
from pathlib import Path

TOP = Path(__file__).resolve().parent.parent
DOCUMENT = TOP / "docs" / "results.md"
sys.path.insert(0, str(TOP / "tests"))

from support.results_table import markdown  # noqa: E402


def main() -> int:
    """Write the document, or check it; the exit status."""
    wanted = markdown()
    if "--check" in sys.argv[1:]:
        stale = not DOCUMENT.exists() or DOCUMENT.read_text(encoding="utf-8") != wanted
        if stale:
            print("docs/results.md is not what the tables and scenarios say: run `make docs`", file=sys.stderr)
        return int(stale)
    DOCUMENT.write_text(wanted, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
