"""`modemlab models`: what can be simulated."""

from modemlab.cli.common import page
from modemlab.cli.language import tr


def models() -> None:
    """The models that there are, with their series and dialect."""
    from rich.table import Table

    from modemlab.dialect.registry import dialects

    table = Table(tr("model"), tr("series"), tr("dialect"), tr("what it is"), box=None, pad_edge=False)
    for dialect in dialects():
        for model in dialect.models:
            table.add_row(model.name, model.series, dialect.name, f"{model.maker} {model.shown}, {model.revision}")
    with page() as out:
        out.print(table)
