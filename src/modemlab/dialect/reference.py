"""The command reference, read from the declarations: as data for whoever lays it out, and as Markdown."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import NamedTuple

from modemlab.at.command import MAX_RESPONSE, Command, Option, syntax
from modemlab.at.parameters import Choice, Int, Maybe, Param, Repeat, Slot, Text
from modemlab.at.urc import Urc
from modemlab.dialect.dialect import Dialect
from modemlab.dialect.known_commands import ManualEntry, source
from modemlab.text.catalogue import N_, Translate, english
from modemlab.text.number_format import figure
from modemlab.text.reason import ManualPlace, Reason, Sentence


class ReferenceForm(NamedTuple):
    """One form: its name, what a host types, and the lines that come ahead of the final result code."""

    form: str
    typed: str
    answer: tuple[str, ...] = ()


class ReferenceRow(NamedTuple):
    """One parameter: its values in words, its default ("" without one), and what it means."""

    name: str
    values: str
    default: str
    meaning: str


class ReferencePart(NamedTuple):
    """Parameters that belong together: those of the forms (without a title), of one option, of one URC.

    `typed` is what a host types or a module prints, and `note` what else is to be known of it.
    """

    title: str
    typed: str
    rows: tuple[ReferenceRow, ...]
    note: str = ""


class ReferenceFact(NamedTuple):
    """What else is to be known; `usual` if it is so of any command of which nothing else is said."""

    label: str
    text: str
    usual: bool = False


class ReferenceEntry(NamedTuple):
    """All there is to say of a command, or of a URC that belongs to none."""

    name: str
    title: str
    manual: str
    shapes: tuple[ReferenceForm, ...]
    parts: tuple[ReferencePart, ...]
    facts: tuple[ReferenceFact, ...]


def entries(dialect: Dialect, translate: Translate = english) -> list[ReferenceEntry]:
    """The reference of a dialect: its commands in the order of its tables, then the URCs of no command."""
    return [command_entry(c, dialect.lenient.get(c.name), translate) for c in dialect.commands.values()] + [
        urc_entry(urc, translate) for urc in dialect.urcs
    ]


def missing(dialect: Dialect, translate: Translate = english) -> list[ReferenceEntry]:
    """The commands that the dialect's manuals name and no declaration has, in the order of the manuals."""
    declared = dialect.commands.keys() | dialect.lenient.keys()
    return [known_entry(name, known, translate) for name, known in dialect.known().items() if name not in declared]


def find(known: Iterable[ReferenceEntry], name: str) -> ReferenceEntry | None:
    """The entry of that name: with or without AT, AT+ and the form's `=`, `?` or `=?`, whatever its case."""
    wanted = name.strip().upper().removesuffix("?").removesuffix("=")
    bare = wanted.removeprefix("AT")
    by_name = {entry.name.removeprefix("AT"): entry for entry in known}
    for candidate in (bare, f"+{bare}", wanted, f"+{wanted}", *(f"{prefix}{bare}" for prefix in "^*$%")):
        if candidate in by_name:
            return by_name[candidate]
    return None


def near(known: Iterable[ReferenceEntry], name: str) -> list[str]:
    """The names that look most like one that is not known, best first."""
    names = {strip(entry.name): entry.name for entry in known}
    return [names[match] for match in get_close_matches(strip(name.strip().upper()), names, 4, 0.6)]


def strip(name: str) -> str:
    """A name without its prefix."""
    return name.removeprefix("AT").lstrip("+&").rstrip("=?")


def command_entry(command: Command, lenient: Command | None = None, translate: Translate = english) -> ReferenceEntry:
    """The entry of a command; `lenient` is what a module accepts in its place unless it is strict."""
    seen: list[Param] = []
    parts = []
    if command.params:
        parts.append(ReferencePart("", "", rows(command.params, seen, translate)))
    if command.options:
        shared = [p for p in flat(command.options[0].params) if all(p in flat(o.params) for o in command.options)]
        every = translate(N_("Parameters of every option"))
        parts += [ReferencePart(every, "", rows(shared, seen, translate))] if shared else []
        parts += [option_part(command, option, shared, translate) for option in command.options]
    for title, params in ((N_("Answer of the read form"), command.read), (N_("Answer"), command.execute)):
        fresh = rows(params or (), seen, translate)
        if fresh:
            parts.append(ReferencePart(translate(title), "", fresh))
    for urc in urcs_of(command):
        values = rows(urc.params, seen, translate)
        parts.append(
            ReferencePart(f"URC: {translate(urc.title)}", urc_syntax(urc), values, place(urc.manual, translate))
        )
    return ReferenceEntry(
        f"AT{command.name}",
        translate(command.title),
        place(command.manual, translate),
        shapes(command),
        tuple(parts),
        tuple(facts(command, lenient, translate)),
    )


def place(manual: str, translate: Translate) -> str:
    """A place in a manual."""
    return ManualPlace(manual).text(translate)


def known_entry(name: str, known: ManualEntry, translate: Translate = english) -> ReferenceEntry:
    """The entry of a command that is known and not declared."""
    label, text = N_("Known, not simulated"), N_("an error, as of an unknown command; --answers FILE can answer it")
    fact = ReferenceFact(translate(label), translate(text))
    return ReferenceEntry(f"AT{name}", translate(known.title), source(known).text(translate), (), (), (fact,))


def urc_entry(urc: Urc, translate: Translate = english) -> ReferenceEntry:
    """The entry of a URC that belongs to no command."""
    part = ReferencePart("URC", urc_syntax(urc), rows(urc.params, [], translate))
    return ReferenceEntry(urc.name, translate(urc.title), place(urc.manual, translate), (), (part,), ())


def urcs_of(command: Command) -> tuple[Urc, ...]:
    """The URCs that a command brings."""
    return (*((command.urc,) if command.urc else ()), *command.urcs)


def option_part(command: Command, option: Option, shared: Sequence[Param], translate: Translate) -> ReferencePart:
    """An option and its parameters, without those in `shared`."""
    typed = f'AT{command.name}="{option.name}",{syntax(option.params)}'
    kept = "" if option.kept is None else Sentence(N_("Kept {when}."), when=Sentence(option.kept.value)).text(translate)
    note = " ".join(filter(None, (translate(option.note), kept)))
    return ReferencePart(translate(option.title), typed, rows(option.params, list(shared), translate), note)


def shapes(command: Command) -> tuple[ReferenceForm, ...]:
    """The forms that exist, in the order in which manuals give them."""
    typed = f"AT{command.name}"
    found = []
    if command.test is not None and not command.basic:
        lines = tuple(line.decode("utf-8", "backslashreplace") for line in command.test_lines())
        found.append(ReferenceForm("test", f"{typed}=?", lines))
    if command.read is not None:
        found.append(ReferenceForm("read", f"{typed}?", answer_lines(command, command.read)))
    if command.options:
        found.append(ReferenceForm("write", f'{typed}="<option>",<parameters>'))
    elif command.params is not None:
        form = "execute" if command.basic and not is_register(command) else "write"
        sign = "=" if form == "write" else ""
        found.append(ReferenceForm(form, f"{typed}{sign}{syntax(command.params)}"))
    if command.execute is not None:
        found.append(ReferenceForm("execute", typed, answer_lines(command, command.execute)))
    return tuple(found)


def is_register(command: Command) -> bool:
    """Whether it is an S-parameter, which is written with `=` (V.250, 5.3.2)."""
    return command.basic and command.name[0] == "S" and len(command.name) > 1


def answer_lines(command: Command, params: Sequence[Param]) -> tuple[str, ...]:
    """The information line that parameters make; a basic command and a lone bare text print no name."""
    if not params:
        return ()
    values = ",".join(f"<{p.name}>" for p in params)
    alone = len(params) == 1 and isinstance(params[0], Text) and params[0].bare
    return (values if command.basic or alone else f"{command.name}{command.separator}{values}",)


def urc_syntax(urc: Urc) -> str:
    """A URC as a manual writes it."""
    sure = len(urc.params) - urc.optional
    text = ",".join(f"<{p.name}>" for p in urc.params[:sure])
    for param in urc.params[sure:]:
        text += f"[,<{param.name}>"
    if urc.many:
        text += f"[,<{urc.params[-1].name}>...]"
    return f"{urc.name}{urc.separator}{text}{']' * urc.optional}"


def facts(command: Command, lenient: Command | None, translate: Translate) -> Iterator[ReferenceFact]:
    """What else is to be known."""

    def fact(label: str, text: Reason | str, usual: bool = False) -> ReferenceFact:
        told = translate(text) if isinstance(text, str) else text.text(translate)
        return ReferenceFact(translate(label), told, usual)

    longest = Sentence(N_("{seconds} s"), seconds=figure(command.max_response))
    yield fact(N_("Maximum response time"), longest, command.max_response == MAX_RESPONSE)
    if command.cme:
        yield fact(N_("On failure"), N_("+CME ERROR, depending on AT+CMEE"))
    if command.kept:
        yield fact(N_("Kept"), command.kept.value)
    if command.note:
        yield fact(N_("Note"), command.note)
    if command.instead:
        yield fact(N_("If strict"), Sentence(N_("refused: the manual names AT{name} instead"), name=command.instead))
    if lenient is not None and lenient.params is not None and command.params is not None:
        for row in rows(lenient.params, list(flat(command.params)), translate):
            values = {"name": row.name, "values": row.values, "meaning": row.meaning}
            yield fact(N_("Unless strict"), Sentence(N_("<{name}> is {values}: {meaning}"), **values))


def flat(slots: Iterable[Slot]) -> Iterator[Param]:
    """The parameters of slots, those of groups too."""
    for slot in slots:
        if isinstance(slot, Maybe | Repeat):
            yield from slot.params
        else:
            yield slot


def rows(slots: Iterable[Slot], seen: list[Param], translate: Translate = english) -> tuple[ReferenceRow, ...]:
    """A row for each parameter that is not in `seen`, where it is added."""
    found = []
    for param in flat(slots):
        if param not in seen:
            seen.append(param)
            found.append(row(param, translate))
    return tuple(found)


def row(param: Param, translate: Translate = english) -> ReferenceRow:
    """One parameter, in words."""
    default, means = "" if param.default is None else str(param.default), translate(param.meaning)
    if isinstance(param, Choice):
        words: dict[object, str] = {param.word(value): translate(meaning) for value, meaning in param.values.items()}
        return ReferenceRow(param.name, choices(words), default and param.word(param.default), means)
    unit = f" {translate(param.unit)}" if default and isinstance(param, Int) and param.unit else ""
    return ReferenceRow(param.name, param.domain.text(translate), default + unit, means)


def choices(values: Mapping[object, str]) -> str:
    """Values with their meanings, where they have any."""
    return "; ".join(f"{value}: {meaning}" if meaning else str(value) for value, meaning in values.items())


def markdown(dialect: Dialect) -> str:
    """The whole reference of a dialect as one Markdown document."""
    known = entries(dialect)
    lines = [f"# {dialect.title}: AT commands", ""]
    lines += ["Written by `make docs` from the command tables; edit those.", ""]
    lines += ["Models: " + ", ".join(model.name for model in dialect.models) + ".", ""]
    lines += [f"Where no maximum response time is given, it is {figure(MAX_RESPONSE)} s.", ""]
    links = zip(known, anchors(entry.name for entry in known), strict=True)
    lines += table(("name", "what it does"), [(f"[{code(e.name)}](#{anchor})", cell(e.title)) for e, anchor in links])
    for entry in known:
        lines += ["", *entry_markdown(entry)]
    lines += known_markdown(dialect)
    if dialect.errors:
        lines += ["", "## Error codes", "", "What `+CME ERROR` means, beside the codes of 3GPP TS 27.007.", ""]
        lines += table(("code", "meaning"), [(str(number), cell(text)) for number, text in dialect.errors.items()])
    return "\n".join(lines) + "\n"


def entry_markdown(entry: ReferenceEntry) -> Iterator[str]:
    """One entry's section, line by line."""
    yield f"## {entry.name}"
    yield ""
    told = [f"{entry.title} ({entry.manual})." if entry.manual else f"{entry.title}."]
    told += [f"{fact.label}: {fact.text.rstrip('.')}." for fact in entry.facts if not fact.usual]
    yield cell(" ".join(told))
    if entry.shapes:
        yield ""
        yield from table(
            ("form", "typed", "answer"),
            [(s.form, code(s.typed), "<br>".join(map(code, s.answer))) for s in entry.shapes],
        )
    for part in entry.parts:
        if part.title:
            yield ""
            yield f"### {cell(part.title)}"
        if part.typed:
            yield ""
            yield f"`{part.typed}`" + (f". {cell(part.note.rstrip('.'))}." if part.note else "")
        if part.rows:
            yield ""
            yield from table(
                ("parameter", "values", "default", "meaning"),
                [(code(f"<{r.name}>"), cell(r.values), cell(r.default), cell(r.meaning)) for r in part.rows],
            )


def known_markdown(dialect: Dialect) -> Iterator[str]:
    """The commands that are known, not simulated; nothing where there are none."""
    found = missing(dialect)
    if not found:
        return
    yield from ("", "## Known, not simulated", "")
    yield "Commands that the manuals name. A module answers them as it does an unknown command, unless a file of"
    yield "[`--answers`](../answers.md) has them."
    yield ""
    yield from table(("name", "what it does", "manual"), [(code(e.name), cell(e.title), cell(e.manual)) for e in found])


def anchors(names: Iterable[str]) -> Iterator[str]:
    """The anchors that Markdown viewers make of headings: letters and digits, and a number when one comes again."""
    seen: dict[str, int] = {}
    for name in names:
        anchor = "".join(c for c in name.lower().replace(" ", "-") if c.isalnum() or c in "_-")
        count = seen[anchor] = seen.get(anchor, -1) + 1
        yield f"{anchor}-{count}" if count else anchor


def table(head: Sequence[str], body: Iterable[Sequence[str]]) -> Iterator[str]:
    """A Markdown table."""
    yield f"| {' | '.join(head)} |"
    yield "|" + "---|" * len(head)
    for cells in body:
        yield f"| {' | '.join(cells)} |"


def cell(text: str) -> str:
    """Text that Markdown shows as it is, in a table too."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace("|", "\\|")


def code(text: str) -> str:
    """Text in the typewriter's face, for a table."""
    return "`" + text.replace("|", "\\|") + "`"
