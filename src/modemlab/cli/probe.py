"""`modemlab probe`: what is on a port, and what seems wrong."""

import asyncio

import typer

from modemlab.cli.common import CliError, model_named, printable, reason_of, say
from modemlab.cli.help_text import columns
from modemlab.cli.language import said, tr
from modemlab.cli.mqtt_options import Baud, ModelName, OnPort
from modemlab.ports.address import BAUD


def probe(port: OnPort, model: ModelName = None, baud: Baud = BAUD) -> None:
    """Tell what is on a port: model, SIM, network, what its dialect supports, and what seems wrong.

    Exit status: 0 nothing seems wrong, 1 something does, 2 the port could not be opened.
    """
    from modemlab.at.errors import ModemError
    from modemlab.driver.probe import probe as look

    dialect = None if model is None else model_named(model)[0]
    try:
        report = asyncio.run(look(port, dialect, baud))
    except ModemError as error:
        raise CliError(reason_of(error, port)) from None
    except KeyboardInterrupt:
        raise typer.Exit(130) from None
    labels = [tr(label) for label, _ in report.facts]
    column = max(12, *map(columns, labels))
    for label, (_, fact) in zip(labels, report.facts, strict=True):
        say(f"{label}{' ' * (column - columns(label))}  {printable(said(fact))}")
    if not report.wrong:
        say("\n" + tr("Nothing seems wrong."))
        return
    say("\n" + tr("What seems wrong:"))
    for remark in report.wrong:
        say(f"- {printable(said(remark))}")
    raise typer.Exit(1)
