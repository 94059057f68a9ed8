"""Writes docs/commands from the command tables; with --check only says whether it is up to date (status 1: not)."""

import sys
from pathlib import Path

from modemlab.dialect.reference import markdown
from modemlab.dialect.registry import dialects

HOME = Path(__file__).resolve().parent.parent / "docs" / "commands"


def documents() -> dict[str, str]:
    """The documents by file name."""
    found = {f"{dialect.name}.md": markdown(dialect) for dialect in dialects()}
    index = ["# Command reference", "", "Written by `make docs` from the command tables; edit those."]
    index += ["`modemlab commands` shows the same in a terminal.", ""]
    for dialect in dialects():
        models = ", ".join(model.name for model in dialect.models)
        index.append(f"- [{dialect.title}]({dialect.name}.md): {models}")
    return {"README.md": "\n".join(index) + "\n", **found}


def main() -> int:
    """Write the documents, or check them; the exit status."""
    wanted = documents()
    there = {path.name: path.read_text(encoding="utf-8") for path in HOME.glob("*.md")}
    if "--check" in sys.argv[1:]:
        stale = sorted(name for name in wanted.keys() | there.keys() if wanted.get(name) != there.get(name))
        for name in stale:
            print(f"docs/commands/{name} is not what the command tables say: run `make docs`", file=sys.stderr)
        return 1 if stale else 0
    HOME.mkdir(parents=True, exist_ok=True)
    for name in there.keys() - wanted.keys():
        (HOME / name).unlink()
    for name, text in wanted.items():
        (HOME / name).write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
