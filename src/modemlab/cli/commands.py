"""`modemlab commands`: the command reference in the terminal."""

from typing import TYPE_CHECKING, Annotated

import typer

from modemlab.cli.common import CliError, model_named, page
from modemlab.cli.language import chosen, tr
from modemlab.text.catalogue import translator

if TYPE_CHECKING:
    from rich.console import Console

    from modemlab.dialect.dialect import Dialect
    from modemlab.dialect.reference import ReferenceEntry


def commands(
    name: Annotated[
        str | None, typer.Argument(metavar="[NAME]", help="A command, with or without AT+, in any case.")
    ] = None,
    model: Annotated[
        str | None, typer.Option(metavar="MODEL", help="Only what this model or series understands.")
    ] = None,
) -> None:
    """The commands that modules understand, or all there is to know of one."""
    from modemlab.dialect.registry import dialects

    known = dialects() if model is None else (model_named(model)[0],)
    if name is None:
        list_all(known)
    else:
        show_one(known, name)


def list_all(known: "tuple[Dialect, ...]") -> None:
    """One line for each command of each dialect."""
    from rich.table import Table

    from modemlab.dialect.reference import entries

    translate = translator(chosen())
    with page() as out:
        for dialect in known:
            table = Table(tr("name"), tr("what it does"), tr("manual"), box=None, pad_edge=False)
            for entry in entries(dialect, translate):
                table.add_row(entry.name, entry.title, entry.manual)
            out.print(f"{dialect.name}: {tr(dialect.title)}")
            out.print(table)


def show_one(known: "tuple[Dialect, ...]", name: str) -> None:
    """One command in full, from each dialect that has it or whose manuals name it."""
    from modemlab.dialect.reference import entries, find, missing, near

    translate = translator(chosen())
    held = [(dialect, [*entries(dialect, translate), *missing(dialect, translate)]) for dialect in known]
    found = [(dialect, entry) for dialect, known_there in held if (entry := find(known_there, name))]
    if not found:
        alike = near([entry for _, known_there in held for entry in known_there], name)
        listed = tr("`modemlab commands` lists those that are")
        hint = tr("near it are {names}", names=", ".join(alike)) if alike else listed
        raise CliError("{name!r} is not a known command; {hint}", name=name, hint=hint)
    with page() as out:
        for dialect, entry in found:
            show(out, dialect, entry)


def show(out: "Console", dialect: "Dialect", entry: "ReferenceEntry") -> None:
    """One command in full."""
    from rich.padding import Padding
    from rich.table import Table

    out.print(f"{entry.name}  {entry.title}", style="bold")
    out.print("; ".join(filter(None, (tr(dialect.title), entry.manual))))
    for shape in entry.shapes:
        out.print(f"  {shape.form:8}{shape.typed}")
        for line in shape.answer:
            out.print(f"{'':10}{line}", soft_wrap=True)
    for fact in entry.facts:
        out.print(f"{fact.label}: {fact.text}")
    for part in entry.parts:
        out.print()
        out.print(part.title or tr("Parameters"), style="bold")
        if part.typed:
            out.print(f"  {part.typed}", soft_wrap=True)
        if part.rows:
            table = Table(tr("parameter"), tr("values"), tr("default"), tr("meaning"), box=None, pad_edge=False)
            for row in part.rows:
                table.add_row(f"<{row.name}>", row.values.replace("; ", "\n"), row.default, row.meaning)
            out.print(Padding(table, (0, 0, 0, 2)))
        if part.note:
            out.print(f"  {part.note}")
