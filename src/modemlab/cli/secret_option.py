"""The option `--show-secrets`."""

from typing import Annotated

import typer

ShowSecrets = Annotated[
    bool, typer.Option("--show-secrets", help="Show passwords, PINs and keys, which are written as * without it.")
]
