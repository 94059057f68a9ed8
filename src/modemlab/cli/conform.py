"""`modemlab conform`: a module, real or virtual, held to what its manual says."""

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from modemlab.cli.common import CliError, check_place, model_named, printable, reason_of, say
from modemlab.cli.help_text import columns
from modemlab.cli.language import said, tr
from modemlab.cli.mqtt_options import Baud, ModelName, OnPort
from modemlab.cli.server_url import PLAIN_PORT, read_server
from modemlab.ports.address import BAUD
from modemlab.text.catalogue import N_

if TYPE_CHECKING:
    from modemlab.conformance.runner import BrokerAddress


def conform(
    port: OnPort,
    model: ModelName = None,
    mqtt: Annotated[
        str | None,
        typer.Option(metavar="HOST:PORT", help="A broker that the module reaches; without one nothing is published."),
    ] = None,
    junit: Annotated[Path | None, typer.Option(metavar="FILE", help="Write JUnit XML too.")] = None,
    baud: Baud = BAUD,
) -> None:
    """Compare a module with its manual, using only commands that make no permanent change.

    Exit status: 0 all agrees that could be tried, 1 something differs, 2 it could not be run.
    """
    import asyncio

    from modemlab.at.errors import ModemError
    from modemlab.conformance.line import SyncLine
    from modemlab.conformance.runner import Conformance, Verdict, find
    from modemlab.driver.sync import LoopThread
    from modemlab.lab.junit import Case, write_junit

    check_place(junit)
    broker = None if mqtt is None else read_broker(mqtt)
    dialect = None if model is None else model_named(model)[0]
    cases: list[Case] = []
    counts = dict.fromkeys(Verdict, 0)
    trouble = ""
    try:
        found = asyncio.run(find(port, baud, dialect))
    except ModemError as error:
        raise CliError(reason_of(error, port)) from None
    name = model or (found.model.name if found.model is not None else found.dialect.name)
    say(tr("{port}: {name}, compared with {dialect}", port=port, name=name, dialect=tr(found.dialect.title)))
    loop = LoopThread()
    try:
        asking = SyncLine(loop, port, found.dialect, baud)
        try:
            begun = time.monotonic()
            for outcome in Conformance(asking, found, broker).outcomes():
                counts[outcome.verdict] += 1
                reason = "" if outcome.reason is None else said(outcome.reason)
                told = printable_lines(reason)
                short = outcome.verdict is Verdict.UNTRIED
                verdict = tr(outcome.verdict.value)
                say(f"{verdict}{' ' * (9 - columns(verdict))}  {printable(outcome.name)}{f': {told}' if short else ''}")
                if told and not short:
                    say("    " + told.replace("\n", "\n    "))
                now = time.monotonic()
                failure = reason if outcome.verdict is Verdict.DIFFERS else ""
                skipped = reason if short else ""
                cases.append(Case(outcome.group, outcome.name, failure, skipped, now - begun))
                begun = now
        finally:
            asking.close()
    except ModemError as error:
        trouble = reason_of(error, port)
        cases.append(Case("conform", tr("the module answers to the end"), trouble))
    finally:
        loop.close()
    if junit is not None:
        write_junit(junit, f"modemlab conform {name}", cases)
    agree, differ, untried = (counts[verdict] for verdict in (Verdict.AGREES, Verdict.DIFFERS, Verdict.UNTRIED))
    told = N_("{agree} agree, {differ} differs, {untried} could not be tried")
    several = N_("{agree} agree, {differ} differ, {untried} could not be tried")
    say(tr(told if differ == 1 else several, agree=agree, differ=differ, untried=untried))
    if trouble:
        raise CliError(trouble)
    if differ:
        raise typer.Exit(1)


def printable_lines(text: str) -> str:
    """A text of several lines that cannot disturb a terminal."""
    return "\n".join(map(printable, text.splitlines()))


def read_broker(text: str) -> "BrokerAddress":
    """HOST:PORT."""
    from modemlab.conformance.runner import BrokerAddress

    host, port = read_server("--mqtt", text, PLAIN_PORT)
    if any(c in '",\r\n' or not c.isprintable() for c in host):
        raise CliError("--mqtt takes HOST:PORT, and {host!r} is no host that can be typed in a command", host=host)
    return BrokerAddress(host, port)
