"""Says which classes of the package have a name that another one has too (status 1): a name stands for one thing."""

import ast
import sys
from collections import defaultdict
from pathlib import Path

SOURCES = Path(__file__).resolve().parent.parent / "src" / "modemlab"


def classes() -> dict[str, list[str]]:
    """Where the classes of a name are; those inside of another class go by its name."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for path in sorted(SOURCES.rglob("*.py")):
        nodes: list[ast.AST] = [ast.parse(path.read_text(encoding="utf-8"))]
        while nodes:
            for node in ast.iter_child_nodes(nodes.pop()):
                if isinstance(node, ast.ClassDef):
                    found[node.name].append(f"{path.relative_to(SOURCES)}:{node.lineno}")
                else:
                    nodes.append(node)
    return found


def main() -> int:
    """Print each name that stands twice; the exit status."""
    twice = {name: places for name, places in classes().items() if len(places) > 1}
    for name, places in sorted(twice.items()):
        print(f"class {name} stands {len(places)} times: {', '.join(places)}", file=sys.stderr)
    return int(bool(twice))


if __name__ == "__main__":
    sys.exit(main())
