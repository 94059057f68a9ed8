"""Compiles the catalogue of messages as the package is built, for an editable installation too."""

from pathlib import Path
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from hatchling.builders.hooks.plugin.interface import BuildHookInterface

HOME = Path("src/modemlab/text/locale")


class CompileCatalogue(BuildHookInterface[Any]):
    """Makes of `zh_CN.po` what gettext reads."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile it."""
        home = Path(self.root, HOME)
        compiled = home / "zh_CN" / "LC_MESSAGES" / "modemlab.mo"
        compiled.parent.mkdir(parents=True, exist_ok=True)
        with open(home / "zh_CN.po", "rb") as source, open(compiled, "wb") as target:
            write_mo(target, read_po(source, locale="zh_CN"))
