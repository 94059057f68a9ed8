r"""What must not, and what need not, stand in a transcript of a real module.

Secrets are where `modemlab.transcripts.secrets` finds them. Each becomes as many `*`, wherever it is said again, so
that every length holds. What differs from module to module and from day to day (`VARYING`, `IDENTITY`) becomes a
pattern of its kind. Addresses, times and numbers that the host itself has typed stay as they are.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial

from modemlab.at.command import Command, FormKind
from modemlab.at.parameters import Param, Quoted, to_bytes, to_text
from modemlab.at.steps import Refused
from modemlab.dialect.dialect import Dialect
from modemlab.transcripts.format import Mark, shown
from modemlab.transcripts.secrets import (
    Span,
    Vocabulary,
    arguments_of,
    commands_of,
    inside,
    is_secret,
    starts_of,
    unquoted,
)

# Parameters, by their whole names.
VARYING = re.compile(
    r"rssi|ber|lac|tac|ci|oper|band|channel|time|tz|dst|imei|imsi|iccid|revision|ip[ _]?addr(ess)?|pdp_addr",
    re.IGNORECASE,
)
# Commands all of whose answer varies, by the beginning of their titles.
IDENTITY = re.compile(r"IMEI|IMSI|ICCID|Serial number|Revision|Firmware|Local address|Clock|Statistics")

# What is known by its looks, whoever says it; the group varies.
RECOGNISABLE = (
    re.compile(r"(?i:revision) *: *(.+)", re.DOTALL),
    re.compile(r"(?:\+\w+ ?: *)?(\d{15}|89[0-9A-Fa-f]{17,18})"),
)
PARTS = re.compile(
    r"(?P<time>\d{2,4}/\d{1,2}/\d{1,2},\d{1,2}:\d{2}:\d{2}(?:[+-]\d{1,2})?)"
    r"|(?<![\d.])(?P<address>\d{1,3}(?:\.\d{1,3}){3})(?![\d.])"
    r'|(?<=")(?P<number>\+?\d{7,15})(?=")'
)
FINAL = re.compile(r"OK|ERROR|NO CARRIER|CONNECT.*|\+CM[ES] ERROR ?: .*")
NAMED = re.compile(r"([+^$%*][A-Za-z0-9_]+) ?: *")
# One value of a module's line, where a semicolon divides nothing.
VALUE = re.compile(r' *+(?:".*?" *(?=,|\Z)|(?!")[^,]*)', re.DOTALL)
KEY_BEGINS = re.compile(rb"-----BEGIN [A-Z ]*PRIVATE KEY-----")
KEY_ENDS = b"-----END"
AFTER_KEY = re.compile(r"\+\w+: ?\d+,([0-9A-Fa-f]{1,8})")

USER = re.compile(r"\A([A-Za-z][A-Za-z0-9+.-]*://)?[^/?#]*@")
# Texts of JSON by their keys, whole or cut off, and the keys whose texts are secrets.
JSON = re.compile(rb'"([^"\\]{1,64})"\s{0,8}:\s{0,8}"((?:[^"\\]|\\.)*+)(?:"|\\?\Z)', re.DOTALL)
NAMED_SECRET = re.compile(
    rb".*(pass(word|wd|phrase)?|secret|token|(access|product|private|api)[ _-]?key)|(new|old)?(pin|puk|pwd)",
    re.IGNORECASE,
)

# What takes the character before it back: BS and DEL.
BACKSPACES = b"\x08\x7f"
# A line that is longer, in bytes, is not looked into beyond; what the host typed and is still known; secrets known.
MAX_LINE_BYTES, MAX_REMEMBERED_BYTES, MAX_SECRETS = 8192, 1 << 16, 64
# The longest beginning of a key that is cut in two.
MAX_SPLIT_KEY_BYTES = 64
# A shorter secret is only found again between quotes.
MIN_UNQUOTED_SECRET = 6

Place = tuple[int, int]
# Where a command line has secrets; whether the line is whole.
SecretsOf = Callable[[str, bool], Iterable[Span]]


class Masks:
    """The masks of one session, by the commands of these dialects."""

    def __init__(
        self,
        dialects: Iterable[Dialect] | Vocabulary,
        secrets: dict[bytes, bytes] | None = None,
        show_secrets: bool = False,
    ) -> None:
        """Know the commands of all of them by name. `secrets`, with what stands for each, are shared with others.

        Then a line that comes in parts hides more of each than one that comes whole. With `show_secrets` what varies is
        all that is masked.
        """
        self._show = show_secrets
        self._careful = secrets is not None
        self._words = dialects if isinstance(dialects, Vocabulary) else Vocabulary(dialects)
        self._secrets: dict[bytes, bytes] = {} if secrets is None else secrets
        self._host, self._module = Concealer(self._secrets_of), Concealer(partial(self._secrets_of, host=False))
        self._said = Concealer(self._said_secrets)
        self._typed = bytearray()
        self._asked: list[Command] = []
        self._tested: set[str] = set()
        self._keyed = False

    def host(self, data: bytes) -> bytes:
        """What the host sent, or a part of it, without its secrets; as long as it was."""
        concealed, ended = self._host.conceal(data)
        concealed = data if self._show else concealed
        for line in ended:
            self._ask(to_text(line))
        self._keyed = self._keyed or self._host.keyed
        concealed = self._again(concealed)
        self._typed += concealed
        del self._typed[:-MAX_REMEMBERED_BYTES]
        return concealed

    def raw(self, data: bytes) -> bytes:
        """What the module said that is no line, without secrets; as long as it was."""
        concealed = self._again(self._module.conceal(data)[0])
        concealed = data if self._show else concealed
        self._keyed = self._keyed or self._module.keyed
        return concealed

    def said(self, data: bytes) -> bytes:
        """What the module said, or a part of it, without secrets; what varies stays, and so does the length."""
        return self.body(self._said.conceal(data)[0])

    def body(self, data: bytes) -> bytes:
        """A message, without secrets that are known and what JSON in it says to be one; as long as it was."""
        for found in JSON.finditer(data):
            if NAMED_SECRET.fullmatch(found[1]) is not None:
                data = data[: found.start(2)] + b"*" * len(found[2]) + data[found.end(2) :]
        return self._again(data)

    def line(self, line: bytes) -> tuple[Mark, str]:
        """A line that the module said, without its CR LF: its mark, and its text or a pattern for it."""
        concealed = self.raw(line + b"\n")[:-1]
        text = to_text(concealed)
        spans = sorted(self._spans(text))
        if not spans:
            return Mark.SAID, shown(concealed)
        pattern, at = "", 0
        for start, end in spans:
            if start >= at:
                pattern += literal(text[at:start]) + alike(text[start:end])
                at = end
        return Mark.SAID_LIKE, pattern + literal(text[at:])

    # secrets

    def _secrets_of(self, line: str, whole: bool, host: bool = True) -> Iterator[Span]:
        """Where a command line has secrets; those of a whole line are known from then on."""
        for span in self._words.spans(line, whole, host, self._careful):
            yield span
            if whole and span.sure:
                self._know(line[span.start : span.end])

    def _said_secrets(self, line: str, whole: bool) -> Iterator[Span]:
        """Where a line of the module has secrets: an echo, or what is printed of settings and results."""
        yield from self._secrets_of(line, whole, host=False)
        named = NAMED.match(line)
        printed = self._words.printed.get(named[1].upper()) if named is not None else None
        if named is None or printed is None:
            return
        spans = arguments_of(line, named.end(), VALUE)
        values = [line[span.start : span.end] for span in spans]
        given = values if whole else values[:-1]
        for params in (*printed.told, *printed.answers):
            if fits(params, given) and len(values) <= len(params):
                for param, span in zip(params, spans, strict=False):
                    if is_secret(param):
                        yield inside(line, span.start, span.end)
                        if whole:
                            self._know(line[slice(*inside(line, span.start, span.end)[:2])])
                return

    def _know(self, secret: str) -> None:
        """Conceal a secret from now on, wherever it is said."""
        data = secret.encode("latin-1")
        if self._show or not data.strip(b"*"):
            return
        if len(data) < MIN_UNQUOTED_SECRET:
            data = b'"%b"' % data
        self._secrets[data] = bytes(byte if byte == 34 else 42 for byte in data)
        if len(self._secrets) > MAX_SECRETS:
            del self._secrets[next(iter(self._secrets))]

    def _again(self, data: bytes) -> bytes:
        """Conceal the secrets that are known."""
        for secret, stars in self._secrets.items():
            data = data.replace(secret, stars)
        return data

    # what varies

    def _ask(self, line: str) -> None:
        """The host has ended a line."""
        starts = starts_of(line)
        if not starts:
            return
        self._asked = []
        self._tested = set()
        for name, kind, _ in commands_of(line, starts[-1], len(line)):
            if kind is FormKind.TEST:
                self._tested.add(name)
            else:
                self._asked += self._words.commands.get(name, ())

    def _spans(self, text: str) -> Iterator[Place]:
        """Where a line of the module varies."""
        named = NAMED.match(text)
        name = named[1].upper() if named is not None else ""
        if name in self._tested or text[:2].upper() == "AT" or not text:
            return
        if self._keyed and (found := AFTER_KEY.fullmatch(text)) is not None:
            self._keyed = False
            yield found.span(1)
        if named is not None:
            yield from self._named(name, text, named.end())
        elif FINAL.fullmatch(text) is None and any(map(self._identifies, {c.name for c in self._asked})):
            start = text.rfind(":") + 1 if re.fullmatch(r"[^:]+: *-?\d+", text) else 0
            yield start + len(text[start:]) - len(text[start:].lstrip(" ")), len(text)
        for looks in RECOGNISABLE:
            if (found := looks.fullmatch(text)) is not None:
                yield found.span(1)
        for found in PARTS.finditer(text):
            if to_bytes(found[0]) not in self._typed:
                yield found.span()

    def _identifies(self, name: str) -> bool:
        """Whether a command's whole answer varies, in every dialect that has it."""
        commands = self._words.commands.get(name, ())
        return bool(commands) and all(IDENTITY.match(command.title) for command in commands)

    def _named(self, name: str, text: str, at: int) -> Iterator[Place]:
        """Where a line with a command's or a URC's name varies."""
        spans = [(start, end) for start, end, _ in arguments_of(text, at, VALUE)]
        asked = [command for command in self._asked if command.name == name]
        if self._identifies(name):
            yield from (span for span in spans if span[0] < span[1])
            return
        printed = self._words.printed.get(name)
        if printed is None:
            return
        candidates = printed.answers + printed.told if asked else printed.told + printed.answers
        if not any(varies(param) for params in candidates for param in params):
            return
        values = [text[start:end] for start, end in spans]
        params = next((params for params in candidates if fits(params, values)), ())
        for param, (start, end) in zip(params, spans, strict=False):
            plain = self._show and is_secret(param)
            if varies(param) and not plain and start < end and text[start:end].strip('"*'):
                yield start, end


class Concealer:
    """One direction of a line: what is secret in its command lines, and keys in what is uploaded.

    `keyed` is whether the latest data had a part of a private key.
    """

    def __init__(self, secrets_of: SecretsOf) -> None:
        """Have `secrets_of` find the secrets of a command line."""
        self._secrets_of = secrets_of
        self._line = self._tail = b""
        self._in_key = self.keyed = False

    def conceal(self, data: bytes) -> tuple[bytes, list[bytes]]:
        """The data with `*` for what is secret, and the lines that it ends, which have their secrets."""
        out = bytearray()
        ended = []
        for part in re.findall(rb"[^\r\n]*[\r\n]|[^\r\n]+", data):
            whole = part[-1:] in b"\r\n"
            line = self._line + part
            out += self._command(line.rstrip(b"\r\n"), whole)[len(self._line) :] + (part[-1:] if whole else b"")
            if whole:
                ended.append(edited(line[:-1])[0].encode("latin-1"))
            self._line = b"" if whole else line[:MAX_LINE_BYTES]
        return self._keys(data, out), ended

    def _command(self, line: bytes, whole: bool) -> bytes:
        """A command line, or its beginning, without its secrets."""
        text, places = edited(line[:MAX_LINE_BYTES])
        out = bytearray(line)
        for start, end, _ in list(self._secrets_of(text, whole)):
            # What was taken back of it, too, but not the keys that did.
            for place in range(places[start], places[end]):
                if line[place] not in BACKSPACES:
                    out[place] = 0x2A
            if end == len(text):  # what is not looked into goes on with it
                out[MAX_LINE_BYTES:] = b"*" * len(out[MAX_LINE_BYTES:])
        return bytes(out)

    def _keys(self, data: bytes, out: bytearray) -> bytes:
        """The data, whose secrets `out` lacks, without private keys; its line ends stay."""
        context = self._tail + data
        offset = len(self._tail)
        self.keyed = self._in_key
        at = 0
        while True:
            if not self._in_key:
                begins = KEY_BEGINS.search(context, at)
                if begins is None:
                    break
                at, self._in_key, self.keyed = begins.end(), True, True
            end = context.find(KEY_ENDS, at)
            for position in range(max(at, offset), len(context) if end < 0 else max(end, offset)):
                if context[position] not in b"\r\n":
                    out[position - offset] = 0x2A
            if end < 0:
                break
            at, self._in_key = end, False
        self._tail = context[-MAX_SPLIT_KEY_BYTES:] if b"-" in context[-MAX_SPLIT_KEY_BYTES:] else b""
        return bytes(out)


def edited(line: bytes) -> tuple[str, Sequence[int]]:
    """A line as a module reads it, one character a byte, and where each stands in what was typed, the end too."""
    if BACKSPACES[0] not in line and BACKSPACES[1] not in line:
        return line.decode("latin-1"), range(len(line) + 1)
    places: list[int] = []
    for place, byte in enumerate(line):
        if byte not in BACKSPACES:
            places.append(place)
        elif places:
            places.pop()
    return "".join(chr(line[place]) for place in places), [*places, len(line)]


def varies(param: Param) -> bool:
    """Whether a value differs from module to module, or from day to day."""
    return VARYING.fullmatch(param.name) is not None or is_secret(param)


def fits(params: Sequence[Param], values: Sequence[str]) -> bool:
    """Whether values may be those of the parameters, the last of which may be missing."""
    if len(values) > len(params):
        return False
    for param, value in zip(params, values, strict=False):
        # Signal, places and the like may be beyond what is declared.
        if value and not varies(param):
            try:
                param.parse(Quoted(unquoted(value)) if value.startswith('"') else value)
            except Refused:
                return False
    return True


def without_user(url: str) -> str:
    """A URL without the user and the password in it."""
    return USER.sub(lambda found: f"{found[1] or ''}***@", url)


def literal(text: str) -> str:
    """A text as a pattern that it alone matches."""
    return re.sub(r"([.^$*+?{}()\[\]|])", r"\\\1", shown(to_bytes(text)))


def alike(value: str) -> str:
    """A pattern for values of the same kind."""
    if value.startswith('"'):
        return '"[^"]*"'
    if re.fullmatch(r"\d{15}", value):
        return r"\d{15}"
    for kind, pattern in KINDS_OF_VALUES.items():
        if re.fullmatch(kind, value):
            return pattern
    return ".+"


KINDS_OF_VALUES: Mapping[str, str] = {
    r"-?\d{1,10}": r"-?\d+",
    r"\+?\d{7,15}": r"\+?\d+",
    r"\d+(\.\d+){3}": r"\d+(\.\d+){3}",
    r"\d{2,4}/\d{1,2}/\d{1,2},\d{1,2}:\d{2}:\d{2}([+-]\d{1,2})?": r"\d+/\d+/\d+,\d+:\d+:\d+([+-]\d+)?",
    r"(?=.*\d)[0-9A-Fa-f]+": r"[0-9A-Fa-f]+",
    r"[0-9A-Fa-f]*:[0-9A-Fa-f:.]*": r"[0-9A-Fa-f:.]+",
}
