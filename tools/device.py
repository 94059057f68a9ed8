"""Writes the last section of docs/new-dialect.md from dialect/device.py; with --check only says whether it is up to
date (status 1: not).
"""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

TOP = Path(__file__).resolve().parent.parent
SOURCE = TOP / "src" / "modemlab" / "dialect" / "device.py"
DOCUMENT = TOP / "docs" / "new-dialect.md"
HEADING = "## 7. What a module gives\n"


def section() -> str:
    """The section: each Protocol with its members and the first line of what they promise."""
    lines = [HEADING, "Written by `make docs` from `modemlab.dialect.device`, whose docstrings say it in full.", ""]
    for node in ast.parse(SOURCE.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.ClassDef):
            lines += [f"### `{node.name}`", "", first_line(ast.get_docstring(node)), ""]
            lines += ["| member | is |", "|---|---|"]
            lines += [f"| `{shown}` | {text} |" for shown, text in members(node)]
            lines.append("")
    return "\n".join(lines).rstrip() + "\n"


def members(protocol: ast.ClassDef) -> Iterator[tuple[str, str]]:
    """A Protocol's members as they are written, and the first line of what each promises."""
    attribute = ""
    for node in protocol.body:
        if isinstance(node, ast.FunctionDef):
            returned = "" if node.returns is None else ast.unparse(node.returns).strip("'")
            if node.decorator_list:
                shown = f"{node.name}: {returned}"
            else:
                shown = f"{node.name}({arguments(node.args)})" + (f" -> {returned}" if returned != "None" else "")
            yield shown.replace("|", "\\|"), first_line(ast.get_docstring(node))
        elif isinstance(node, ast.AnnAssign):
            attribute = f"{ast.unparse(node)} (to be set)"
        elif attribute and isinstance(node, ast.Expr):
            yield attribute, first_line(ast.literal_eval(node.value))
            attribute = ""


def arguments(args: ast.arguments) -> str:
    """The parameters of a method, without their types."""
    bare = [ast.arg(arg.arg) for arg in args.args[1:]]
    rest = ast.arg(args.vararg.arg) if args.vararg is not None else None
    return ast.unparse(ast.arguments([], bare, rest, [], [], None, args.defaults))


def first_line(text: str | None) -> str:
    """The first line of a docstring, which there must be."""
    assert text
    return text.splitlines()[0]


def main() -> int:
    """Write the section, or check it; the exit status."""
    there = DOCUMENT.read_text(encoding="utf-8")
    wanted = f"{there.partition(HEADING)[0].rstrip()}\n\n{section()}"
    if "--check" in sys.argv[1:]:
        if there != wanted:
            print("docs/new-dialect.md is not what dialect/device.py says: run `make docs`", file=sys.stderr)
        return int(there != wanted)
    DOCUMENT.write_text(wanted, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
