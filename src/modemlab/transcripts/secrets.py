"""Where secrets stand in command lines, as declared, and where they may stand in lines that are not as declared.

A declared parameter that is `secret` is hidden. A host that leaves out, adds or swaps a parameter, or misspells a name,
has its password somewhere else: so of a command that has secrets, and of a name near one, what does not fit the
declaration is hidden too, all but numbers of one or two digits and words that are declared.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from modemlab.at.command import ArgumentPlan, Command, FormKind
from modemlab.at.parameters import Choice, Hex, Int, Param, Text
from modemlab.at.syntax import ARGUMENT, FORM_BY_SUFFIX, parse_line
from modemlab.dialect.dialect import Dialect
from modemlab.text.catalogue import Translate, english
from modemlab.text.name_suggestions import distance
from modemlab.text.reason import Reason

LINE = re.compile(r"[^\r\n]+")
PREFIX_CHARACTERS = "+^$%*"
EXTENDED = re.compile(r"[+^$%*] *([A-Za-z0-9_]+) *(=\?|\?|=|)")
BASIC = re.compile(r"&?[A-Za-z](?=[0-9;+]|\Z)")
# What stands ahead of the values of a line, and the names in it; digits behind one may be a value.
LINE_HEAD = re.compile(r"[A-Za-z0-9_+^$%*&#~!@./\\ \t-]*")
NAME = re.compile(r"(?i)(?:AT(?=[A-Z]{4}))?([A-Z_]{3,})")
MARKED = re.compile(r"(?i)\s*AT|.*[+^$%*]")
BEHIND = re.compile(r"; *[+^$%*]? *([A-Za-z_]{3,})")
# What may stand behind the semicolon that ends a command.
NEXT_VALUE = re.compile(r" *(?:[+^$%*]|&?[A-Za-z][0-9]*(?:[;&+^=?]|\Z)|\Z)")
FURTHER_COMMAND = re.compile(r"[ =?]*; *[+^$%*]")
# A value of a line that is not as declared: between quotes, or without.
VALUE = re.compile(r"\"[^\"]*\"?|'[^']*'?|[^,;\"' =?:()]+")
SHORT, PIN = re.compile(r"[0-9]{1,2}"), re.compile(r"[0-9]{4,8}")
# Two arguments in one, as a quote is missing.
OPEN = re.compile(r'" *,|, *"')
OPTION = re.compile(r"[a-z/_]{2,20}")
CHOSEN = re.compile(r' *= *"([A-Za-z/_]{2,20})" *(?:,|\Z)')
USER = re.compile(r"user([ _]?(name|id))?", re.IGNORECASE)
# A shorter secret is found again only between quotes; reasons show no more of a value than these.
TELLING, CUTS = 4, (40, 20)
# The value that a command nobody declares names as a secret.
PRINTED_LINE = re.compile(
    r'"(?:user_?)?(?:pass(?:word|wd|phrase)?|pwd|psk|secret|token)" *, *("[^"]*"?)', re.IGNORECASE
)
# Characters of a PIN at most.
MAX_PIN_DIGITS = 8
# Letters that a misspelt name is off by at most; and those of a name that is read.
APART, LONGEST_NAME = 2, 24
# Names of commands that nobody declares, but that have secrets by what they say.
SECRET_NAMES = re.compile(r"AUTH|PASS|PWD|PSK|USER|LOGIN|SECRET|TOKEN|ACCOUNT|CONN|CSGP|KEY|PIN(?![A-Z])|PW\Z")


class Span(NamedTuple):
    """A place in a line. `sure`: it is a secret as declared, not what may be one."""

    start: int
    end: int
    sure: bool = True


@dataclass(frozen=True, slots=True, repr=False)
class Masked(Reason):
    """A reason without the secrets of the line that it is about, whole or as their beginnings stand between quotes."""

    reason: Reason
    secrets: tuple[str, ...]

    def text(self, translate: Translate = english) -> str:
        """The sentence, with stars in place of the secrets."""
        told = self.reason.text(translate)
        for secret in sorted(self.secrets, key=len, reverse=True):
            for form in dict.fromkeys((secret, repr(secret)[1:-1])):
                stars = "*" * len(secret)
                if len(form) >= TELLING:
                    told = told.replace(form, stars)
                for quote in "'\"":
                    told = told.replace(f"{quote}{form}{quote}", f"{quote}{stars}{quote}")
                for size in CUTS:
                    if len(form) > size:
                        told = told.replace(form[:size], "*" * size)
        return told

    def __repr__(self) -> str:
        return f"Masked({str(self)!r})"


class NearName(NamedTuple):
    """What a name may be meant to be: a command with secrets, "" for none, and commands without that are nearer.

    `hardly`: so far off, or so likely another, that of its values only what looks like a PIN is hidden.
    """

    secret: str
    harmless: tuple[Command, ...] = ()
    hardly: bool = False


class Printed(NamedTuple):
    """The lists of values that may stand behind a command's name: of its answers, and of what is told unasked."""

    answers: list[Sequence[Param]]
    told: list[Sequence[Param]]


def is_secret(param: Param) -> bool:
    """Whether a parameter is declared as secret."""
    return isinstance(param, Text) and param.secret


class Vocabulary:
    """The commands of some dialects by name, and those of them that have secrets."""

    def __init__(self, dialects: Iterable[Dialect]) -> None:
        """Know the commands of all of them."""
        self.dialects = tuple(dialects)
        self.commands: dict[str, list[Command]] = {}
        self.printed: dict[str, Printed] = {}
        for dialect in self.dialects:
            for command in (*dialect.commands.values(), *dialect.lenient.values()):
                self.commands.setdefault(command.name, []).append(command)
                printed = self.printed.setdefault(command.name, Printed([], []))
                printed.answers.extend(values for values in (command.read, command.execute) if values)
                printed.answers.extend(
                    (Choice("option", {each.name: ""}), *(each.values if each.read is None else each.read))
                    for each in command.options
                )
            for urc in (*dialect.urcs, *(u for c in dialect.commands.values() for u in (c.urc, *c.urcs) if u)):
                self.printed.setdefault(urc.name, Printed([], [])).told.append(urc.params)
        # Without their signs.
        self._secret = {
            name.lstrip(PREFIX_CHARACTERS): tuple(commands)
            for name, commands in self.commands.items()
            if any(is_secret(param) for command in commands for param in params_of(command))
        }
        self._words = {
            name: frozenset(word.upper() for command in commands for word in words_of(command))
            for name, commands in self._secret.items()
        }
        self._pins = {
            name
            for name, commands in self._secret.items()
            if all(
                param.maximum <= MAX_PIN_DIGITS
                for each in commands
                for param in params_of(each)
                if isinstance(param, Text) and param.secret
            )
        }
        self.near = lru_cache(maxsize=256)(self._near)
        self.hide = lru_cache(maxsize=256)(self._hide)
        self.spans = lru_cache(maxsize=256)(self._spans)

    def _spans(self, line: str, whole: bool = True, host: bool = True, careful: bool = False) -> tuple[Span, ...]:
        """Where a line has secrets, in order, without the quotes around them; places may overlap.

        `whole`: it is no beginning. Not of the `host`: what a module says, in which an echo alone is a command line.
        `careful`: of a beginning, what the rest of the line may show to be a secret is one.
        """
        starts = starts_of(line)
        found: set[Span] = set()
        for at, end in zip(starts, [*starts[1:], len(line)], strict=False):
            for name, kind, start in commands_of(line, at, end):
                found.update(self._known(line, name, kind, start, end, whole, careful))
                if name not in self.commands:
                    found.update(
                        inside(line, *each.span(1), sure=False) for each in PRINTED_LINE.finditer(line, start, end)
                    )
        if host or starts[:1] == [2]:
            found.update(self._garbled(line, whole, careful))
        return tuple(sorted(span for span in found if span.start < span.end))

    def _hide(self, line: str) -> tuple[str, tuple[str, ...]]:
        """A command line, as a host typed it, or several, with `*` for the secrets, and these."""
        shown = list(line)
        secrets: list[str] = []
        for part in LINE.finditer(line):
            for start, end, _ in self.spans(part[0]):
                secrets.append(part[0][start:end])
                shown[part.start() + start : part.start() + end] = "*" * (end - start)
        return "".join(shown), tuple(dict.fromkeys(secrets))

    def hide_both(self, subject: str, reason: Reason) -> tuple[str, Reason]:
        """What a note is about and why, as it is shown: if that is a command line, both without its secrets."""
        if subject[:2].upper() != "AT":
            return subject, reason
        shown, secrets = self.hide(subject)
        return shown, Masked(reason, tuple(secrets)) if secrets else reason

    def _known(
        self, line: str, name: str, kind: FormKind, start: int, end: int, whole: bool, careful: bool
    ) -> Iterator[Span]:
        """Those of a command that is declared, whose values begin at `start`."""
        bare = name.lstrip(PREFIX_CHARACTERS)
        if bare not in self._secret:
            return
        if kind is not FormKind.WRITE:
            yield from doubtful(line, start, end, self._words[bare], whole)
            return
        spans = arguments_of(line, start)
        stop = max(spans[-1].end, start) if spans else start
        semicolon = line.find(";", stop)
        found = [written(line, command, spans, self._words[bare], whole, careful) for command in self._secret[bare]]
        # What one declaration takes is not in doubt because another does not; nor does one that lacks the option count.
        certain = any(each is not None and all(span.sure for span in each) for each in found)
        yield from (span for each in found for span in each or () if span.sure or not certain)
        if not any(each is not None for each in found):
            for span in spans[first_meant(line, self._secret[bare], spans, whole) :]:
                yield from doubtful(line, span.start, span.end, self._words[bare], whole)
        if semicolon >= 0 and NEXT_VALUE.match(line, semicolon + 1) is None:
            yield from doubtful(line, semicolon, len(line), self._words[bare], whole)

    def _garbled(self, line: str, whole: bool, careful: bool) -> Iterator[Span]:
        """All that may be a secret behind a name that is misspelt, or has no proper prefix."""
        head = LINE_HEAD.match(line)
        assert head is not None
        marked = MARKED.match(head[0]) is not None
        names = [(found.start(1), found.end(), found[1].upper()) for found in NAME.finditer(head[0])]
        joined = re.sub(r"[^A-Z_]", "", head[0].upper()).removeprefix("AT")
        if not any(self.commands.get(sign + name) for _, _, name in names for sign in PREFIX_CHARACTERS):
            names.append((0, head.end(), joined))
        for at, stop, name in names:
            near = self.near(name[:LONGEST_NAME]) if marked else NearName(name if name in self._secret else "")
            if near.secret and not self._proper(line, at, stop, near, whole or careful):
                yield from self._hidden(line, stop, near, whole)
                break
        for found in BEHIND.finditer(line):
            name = found[1].upper()
            near = self.near(name[:LONGEST_NAME])
            if near.secret and not self._proper(line, found.start(1), found.end(), near, whole or careful):
                yield from self._hidden(line, found.end(), near, whole)

    def _hidden(self, line: str, at: int, near: NearName, whole: bool) -> Iterator[Span]:
        """What is hidden of the values from there on, behind a misspelt name."""
        for span in doubtful(line, at, len(line), self._words.get(near.secret, frozenset()), whole):
            if not near.hardly or PIN.fullmatch(line[span.start : span.end]):
                yield span

    def _proper(self, line: str, at: int, stop: int, near: NearName, whole: bool) -> bool:
        """Whether the command that is named there is as declared, or has its secrets found by its declaration."""
        name = line[at:stop].upper()
        if name in self._secret:
            exact = EXTENDED.match(line, at - 1) if at and line[at - 1] in PREFIX_CHARACTERS else None
            return exact is not None and exact.end(1) == stop and any(start < at for start in starts_of(line))
        if any(sign + name in self.commands for sign in PREFIX_CHARACTERS) and (
            not whole or self._optional(line, stop, near)
        ):
            return True
        calls = (parse_line({each.name: each}, each.name + line[stop:]) for each in near.harmless)
        return any(read and read[0].refused is None for read in calls)

    def _optional(self, line: str, stop: int, near: NearName) -> bool:
        """Whether a line has an option in its place that is like none with secrets of the command that it is near."""
        first = CHOSEN.match(line, stop)
        secret = {
            option.name.lower()
            for command in self._secret.get(near.secret, ())
            for option in command.options
            if (plan := command.plan(FormKind.WRITE, option.name)) is not None and any(map(is_secret, plan.params))
        }
        return first is not None and bool(secret) and all(distance(first[1].lower(), each) > APART for each in secret)

    def _near(self, name: str) -> NearName:
        """What a name, in capitals and without its sign, may be meant to be."""
        if name in self._secret:
            return NearName(name)
        declared = tuple(command for sign in PREFIX_CHARACTERS for command in self.commands.get(sign + name, ()))
        off, secret = min(((distance(name, known), known) for known in self._secret), default=(APART + 1, ""))
        secret = secret if off <= APART else ""
        far = off == APART and not declared
        if not alike(name, secret, off) or (far and self._is_named(name)):
            tells = "?" if SECRET_NAMES.search(name) else ""
            return (
                NearName("")
                if declared
                else NearName(tells or (secret if secret in self._pins else ""), hardly=not tells)
            )
        nearer = (
            command
            for known, commands in self.commands.items()
            if distance(name, known.lstrip(PREFIX_CHARACTERS)) < off
            for command in commands
        )
        return NearName(secret, declared or tuple(nearer))

    def _is_named(self, name: str) -> bool:
        """Whether a manual names a command so."""
        return any(sign + name in dialect.known() for dialect in self.dialects for sign in PREFIX_CHARACTERS)


def alike(name: str, known: str, off: int) -> bool:
    """Whether a name that is so many letters off a known one may be meant to be that."""
    if off > APART or not known:
        return False
    if off < APART or len(known) > 5:
        return True
    return name[:1] == known[:1] and sum(letter in name for letter in known) >= len(known) - 1


def params_of(command: Command) -> Iterator[Param]:
    """The parameters of its write form, with all options."""
    for plan in (
        command.plan(FormKind.WRITE),
        *(command.plan(FormKind.WRITE, option.name) for option in command.options),
    ):
        yield from plan.params if plan is not None else ()


def words_of(command: Command) -> Iterator[str]:
    """The words that it takes: options, and those of choices."""
    yield from (option.name for option in command.options)
    for param in params_of(command):
        if isinstance(param, Choice):
            yield from (value for value in param.values if isinstance(value, str))


def starts_of(line: str) -> list[int]:
    """Where commands may begin: a message ahead of a line need not end in CR."""
    return [found.end() for found in re.finditer(r"(?i)\AAT|AT(?= *[+^$%*])", line)]


def commands_of(line: str, at: int, end: int) -> Iterator[tuple[str, FormKind, int]]:
    """The commands between two places, even those that a module would refuse: name, form, where arguments begin."""
    while at < end:
        if (match := EXTENDED.match(line, at)) is not None:
            kind = FORM_BY_SUFFIX[match[2]]
            yield line[at] + match[1].upper(), kind, match.end()
            spans = arguments_of(line, match.end()) if kind is FormKind.WRITE else []
            at = spans[-1].end if spans else match.end()
            if EXTENDED.match(line, at) is None:  # a semicolon is missing
                at = line.find(";", at) + 1 or len(line)
        elif (match := BASIC.match(line, at)) is not None:
            yield match[0].upper(), FormKind.EXECUTE, match.end()
            at = match.end()
        else:
            at += 1


def arguments_of(text: str, at: int, one: re.Pattern[str] = ARGUMENT) -> list[Span]:
    """The places of the arguments from there on, without the blanks around them; a quote may be left open."""
    spans: list[Span] = []
    while True:
        match = one.match(text, at)
        if match is None:
            start = text.index('"', at)
            return [*spans, Span(start, len(text))]
        start, end = match.span()
        stripped = text[start:end].strip(" ")
        start += len(text[start:end]) - len(text[start:end].lstrip(" "))
        spans.append(Span(start, start + len(stripped)))
        while text.startswith(" ", end):
            end += 1
        if not text.startswith(",", end):
            return spans
        at = end + 1


def unquoted(argument: str) -> str:
    """An argument without its quotes."""
    return argument[1:].removesuffix('"') if argument.startswith('"') else argument


def inside(text: str, start: int, end: int, sure: bool = True) -> Span:
    """A place without the quotes at its ends."""
    quote = text[start : start + 1]
    if quote in ('"', "'") and start < end:
        return Span(start + 1, end - 1 if end - start > 1 and text[end - 1] == quote else end, sure)
    return Span(start, end, sure)


def doubtful(line: str, at: int, end: int, words: frozenset[str], whole: bool) -> Iterator[Span]:
    """All values there that may be secrets: none of these words, no short number ahead of the first quote.

    Another command ends them.
    """
    quoted = False
    for found in VALUE.finditer(line, at, end):
        if FURTHER_COMMAND.fullmatch(line, at, found.start() + 1) is not None:
            return
        at = found.end()
        span = inside(line, *found.span(), sure=False)
        quoted = quoted or found[0][0] in "\"'"
        # A number of one digit may go on.
        ended = whole or found.end() < len(line) or len(found[0]) == 1
        short = ended and SHORT.fullmatch(found[0]) is not None
        if line[span.start : span.end].upper() not in words and (quoted or not short):
            yield span


def written(
    line: str, command: Command, spans: Sequence[Span], words: frozenset[str], whole: bool, careful: bool
) -> list[Span] | None:
    """The secrets among the arguments of a write form, and what does not fit the declaration; None: it has no such."""
    plan = command.plan(FormKind.WRITE)
    if command.options:
        try:
            plan = command.plan(FormKind.WRITE, command.option(unquoted(line[slice(*spans[0][:2])])).name)
        except KeyError:
            return None
        spans = spans[1:]
    if plan is None:
        return None
    secrets = any(map(is_secret, plan.params))
    arguments = [line[span.start : span.end] for span in spans]
    misfit = whole and secrets and displaced(plan, arguments)
    lonely = left_alone(plan, arguments) if whole and secrets else ()
    unsure = careful and not whole and secrets
    found: list[Span] = []
    for position, span in enumerate(spans):
        param = plan.params[position] if position < len(plan.params) else None
        if param is not None and is_secret(param):
            found.append(inside(line, span.start, span.end))
            continue
        misfit = misfit or (param is not None and not shaped(param, line[span.start : span.end]))
        if misfit or position in lonely or (param is None and secrets) or (unsure and isinstance(param, Text)):
            found += doubtful(line, span.start, span.end, words, whole)
    return found


def first_meant(line: str, commands: Sequence[Command], spans: Sequence[Span], whole: bool) -> int:
    """How many arguments, 1 or none, are meant to be the name of an option that there is not, or is half typed."""
    first, *others = [line[span.start : span.end] for span in spans] or [""]
    names = [option.name.lower() for command in commands for option in command.options]
    word = unquoted(first).lower()
    half = not whole and not others and any(name.startswith(word) for name in names)
    near = any(distance(word, name) <= APART for name in names)
    placed = SHORT.fullmatch(others[0]) if others else whole and OPTION.fullmatch(unquoted(first))
    return int(half or near or bool(placed))


def displaced(plan: ArgumentPlan, arguments: Sequence[str]) -> bool:
    """Whether arguments or quotes are missing, so that a secret may stand where something else is declared."""
    pairs = zip(plan.params, arguments, strict=False)
    numbers = any(isinstance(param, Text) and SHORT.fullmatch(argument) for param, argument in pairs)
    if numbers and any(argument.startswith('"') for argument in arguments):
        return True
    if any(OPEN.search(argument[1:-1]) for argument in arguments):
        return True
    # A quote that is left open, ahead of what is secret.
    if any(
        argument[:1] == '"' and (len(argument) == 1 or argument[-1] != '"') and not is_secret(param)
        for param, argument in zip(plan.params, arguments, strict=False)
    ):
        return True
    required = [
        position for position, param in enumerate(plan.params) if is_secret(param) and not plan.groups[position]
    ]
    return bool(arguments) and any(position >= len(arguments) for position in required)


def left_alone(plan: ArgumentPlan, arguments: Sequence[str]) -> set[int]:
    """The positions of arguments that need a secret beside them which is missing, and may so be the secret."""
    found: set[int] = set()
    for position, param in enumerate(plan.params):
        if is_secret(param) and not "".join(arguments[position : position + 1]):
            group = plan.groups[position]
            if group:
                found.update(other for other, number in enumerate(plan.groups) if number == group)
            if position and USER.fullmatch(plan.params[position - 1].name):
                found.add(position - 1)
    return found


def shaped(param: Param, argument: str) -> bool:
    """Whether an argument looks like a value of a parameter, within its range or not."""
    if not argument or not isinstance(param, Int | Hex | Choice):
        return True
    bare = unquoted(argument)
    if isinstance(param, Choice) and any(isinstance(value, str) for value in param.values):
        return any(isinstance(value, str) and value.lower().startswith(bare.lower()) for value in param.values)
    if argument.startswith('"') and not (isinstance(param, Int) and param.quotable):
        return False
    digits = r"(0[xX])?[0-9A-Fa-f]*" if isinstance(param, Hex) or getattr(param, "hexadecimal", False) else r"[0-9]*"
    return re.fullmatch(digits, bare) is not None and len(bare) <= 10
