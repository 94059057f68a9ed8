"""A module held to its dialect over any port: what agrees, what differs, and what could not be tried."""

import re
import time
from collections.abc import Iterator, Mapping
from enum import Enum
from importlib.resources import files
from importlib.resources.abc import Traversable
from importlib.util import find_spec
from random import Random
from typing import NamedTuple

from modemlab.at.errors import ModemError
from modemlab.at.parameters import to_bytes, to_text
from modemlab.conformance.checks import OKAY, Check, SkippedCheck, checks, defaults, stored_by_reset
from modemlab.conformance.line import SyncLine
from modemlab.dialect.dialect import Dialect
from modemlab.dialect.identity import Model
from modemlab.dialect.recipes import NetworkStatus
from modemlab.dialect.registry import in_turn
from modemlab.driver.modem import Modem
from modemlab.driver.protocol.identify import introduce
from modemlab.driver.protocol.response_time import answer_time
from modemlab.text.catalogue import N_
from modemlab.text.reason import Listed, Reason, Sentence
from modemlab.transcripts.format import (
    Difference,
    Mark,
    TranscriptPlayer,
    TranscriptStep,
    beginning,
    parse_transcript,
    patience,
    shown,
    written,
)
from modemlab.transcripts.masking import Masks

# Seconds that an answer may take beyond what its command's declaration says.
RESPONSE_MARGIN_S = 2.0
# An answer as modules frame it: lines of information, each with its end, and a result code.
FRAMED_ANSWER = re.compile(rb"(?:\r\n((?:[^\r\n]+\r\n)+))?\r\n([^\r\n]+)\r\n")
HEADER = re.compile(r"# *(needs|finally): *(.*)")
EXCLUDED_FILE = "left_out.txt"
EXPECTED, CAME = N_("  expected {line}"), N_("  came     {line}")


class Verdict(Enum):
    """How a check went."""

    AGREES = N_("agrees")
    DIFFERS = N_("differs")
    UNTRIED = N_("not tried")


class CheckOutcome(NamedTuple):
    """What became of a check; `reason` is how it differs, as a transcript would have it, or why it was not tried."""

    group: str
    name: str
    verdict: Verdict
    reason: Reason | None = None

    @property
    def text(self) -> str:
        """The reason in English; empty without one."""
        return "" if self.reason is None else self.reason.text()


class FoundModule(NamedTuple):
    """What is on a port. `look` is None where the dialect has no recipes for a driver."""

    dialect: Dialect
    model: Model | None
    look: NetworkStatus | None

    @property
    def missing(self) -> Reason | None:
        """What stands between the module and its network."""
        return None if self.look is None else self.look.missing


class Transcript(NamedTuple):
    """A conversation that a dialect brings along; `needs` are `network` and `broker`, `last` a line that ends it."""

    name: str
    text: str
    needs: tuple[str, ...]
    last: str


class BrokerAddress(NamedTuple):
    """Where a module may publish, as it names it itself."""

    host: str
    port: int


async def find(port: str, baud: int, dialect: Dialect | None) -> FoundModule:
    """What is on that port; `dialect` is what it is said to speak. Raises `ModemError`, also when it calls itself a
    model of another dialect.
    """
    if dialect is not None and dialect.recipes is None:
        return FoundModule(dialect, None, None)
    async with Modem.open(port, dialect=dialect, baud=baud) as modem:
        model = modem.model
        if dialect is not None and (found := (await modem.link.run(introduce()))[0]) is not None:
            speaks, model = found
            if speaks is not dialect:
                message = N_("the module says that it is {model}: {found}, not {wanted}")
                titles = {"found": Sentence(speaks.title), "wanted": Sentence(dialect.title)}
                raise ModemError(Sentence(message, model=model.name, **titles))
        return FoundModule(modem.dialect, model, await modem.link.run(modem.link.recipes.look()))


def home(dialect: Dialect) -> Traversable | None:
    """The folder `conformance` of a dialect's package; None without one."""
    for module, known in in_turn():
        spec = find_spec(module) if known is dialect else None
        if spec is not None and spec.parent:
            folder = files(spec.parent) / "conformance"
            return folder if folder.is_dir() else None
    return None


def left_out(dialect: Dialect) -> dict[str, str]:
    """The lines that a dialect has left out, and why: one a line of `left_out.txt`, then its reason."""
    folder = home(dialect)
    file = None if folder is None else folder / EXCLUDED_FILE
    if file is None or not file.is_file():
        return {}
    lines = (line for line in file.read_text(encoding="utf-8").splitlines() if line and line[0] != "#")
    return {line: why.strip() for line, _, why in (each.partition(" ") for each in lines)}


def transcripts(dialect: Dialect) -> list[Transcript]:
    """The transcripts of a dialect, by their names."""
    folder = home(dialect)
    found = [] if folder is None else sorted(folder.iterdir(), key=lambda each: each.name)
    return [read_file(each) for each in found if each.name.endswith(".txt") and each.name != EXCLUDED_FILE]


def read_file(file: Traversable) -> Transcript:
    """One transcript, with what its comments say of it."""
    text = file.read_text(encoding="utf-8")
    said = dict(HEADER.findall(text))
    needs = tuple(re.findall(r"\w+", said.get("needs", "")))
    return Transcript(file.name.removesuffix(".txt"), text, needs, said.get("finally", ""))


class Conformance:
    """A module being held to its dialect; `outcomes` does it, a check at a time."""

    def __init__(
        self, asking: SyncLine, found: FoundModule, broker: BrokerAddress | None = None, rng: Random | None = None
    ) -> None:
        """Use that line, which nobody else may. Without a broker nothing is published."""
        self._asking, self._found, self._broker = asking, found, broker
        self._dialect = found.dialect
        self._masks = Masks([found.dialect])
        self._rng = rng or Random()

    def outcomes(self) -> Iterator[CheckOutcome]:
        """All of them, as they are tried. Raises `LineError` when the module no longer answers."""
        self._begin()
        try:
            for check in checks(self._dialect, left_out(self._dialect)):
                yield self._outcome(check)
            yield from self._defaults()
            for transcript in transcripts(self._dialect):
                yield self._played(transcript)
        finally:
            self._restore()

    # the line

    def _begin(self) -> None:
        """Echo off, results in words, errors by number; whatever was said before is passed over."""
        self._asking.recover()
        self._ask("ATE0")
        if "V" in self._dialect.commands:
            self._ask("ATV1")
        if "+CMEE" in self._dialect.commands:
            self._ask("AT+CMEE=1")

    def _restore(self) -> None:
        """Echo and errors as the declarations have them before any host does."""
        for name, line in (("E", "ATE{}"), ("+CMEE", "AT+CMEE={}")):
            command = self._dialect.commands.get(name)
            if command is not None and command.params is not None and self._asking.alive:
                self._ask(line.format(command.settings[""].defaults[0]))

    def _ask(self, line: str) -> bytes:
        """What a line is answered, as it came."""
        data = to_bytes(line)
        return self._asking.command(data, RESPONSE_MARGIN_S + answer_time(self._dialect, data))

    # checks

    def _outcome(self, check: Check | SkippedCheck) -> CheckOutcome:
        """Try one check."""
        if isinstance(check, SkippedCheck):
            return CheckOutcome(check.group, check.line, Verdict.UNTRIED, Sentence(check.why))
        came = self._ask(check.line)
        match = FRAMED_ANSWER.fullmatch(came)
        lines = (match[1] or b"").split(b"\r\n")[:-1] if match is not None else []
        if match is None:
            unframed = N_("the answer does not have CR LF before and after each line")
            fault: Reason | None = Sentence(unframed if came else N_("nothing came"))
            if not came.endswith(b"\r\n"):
                self._begin()
        else:
            fault = check.fault(lines, match[2])
            if fault and check.final != OKAY:
                # It took what it should refuse: the format of errors, perhaps.
                self._begin()
        if not fault:
            return CheckOutcome(check.group, check.line, Verdict.AGREES)
        if self._found.missing and check.final == OKAY and match is not None and match[2] != check.final:
            return CheckOutcome(check.group, check.line, Verdict.UNTRIED, self._needs_missing())
        return CheckOutcome(
            check.group, check.line, Verdict.DIFFERS, self._differing(check, fault, came, match is not None)
        )

    def _needs_missing(self) -> Reason:
        """That a check needs what the module does not have."""
        return Sentence(N_("it needs what is missing: {missing}"), missing=self._found.missing)

    def _differing(self, check: Check, fault: Reason, came: bytes, framed: bool) -> Reason:
        """A difference, without secrets and numbers."""
        self._masks.host(to_bytes(check.line) + b"\r")
        if framed:
            said = [written(*self._masks.line(line)) for line in came.split(b"\r\n") if line]
        else:
            said = [written(Mark.SAID_RAW, beginning(self._masks.said(came)))] if came else []
        wanted = [Sentence(EXPECTED, line=line) for line in check.expected]
        return Listed((fault, *wanted, *(Sentence(CAME, line=line) for line in said)), "\n")

    # after AT&F

    def _defaults(self) -> Iterator[CheckOutcome]:
        """What settings show after AT&F; what that stores is put back, and the profile is read again."""
        wanted = list(defaults(self._dialect))
        if not wanted:
            return
        stored = [command.name for command in stored_by_reset(self._dialect)]
        before = {name: self._value(name) for name in stored}
        rate = self._dialect.commands.get("+IPR")
        why = ""
        if None in before.values():
            why = N_("AT&F would change what is stored, and that could not be read")
        elif any(check.line == "AT+IPR?" for check in wanted) and rate is not None:
            shown_now = self._value(rate.name)
            if shown_now != to_text(rate.info(*rate.settings[""].defaults)).partition(rate.separator)[2]:
                why = N_("AT&F would change the baud rate")
        if why:
            yield from (CheckOutcome(check.group, check.line, Verdict.UNTRIED, Sentence(why)) for check in wanted)
            return
        self._ask("AT&F")
        self._begin()
        try:
            # AT+CMEE is no longer as AT&F left it.
            yield from (self._outcome(check) for check in wanted if check.line != "AT+CMEE?")
        finally:
            for name, value in before.items():
                if self._value(name) != value:
                    self._ask(f"AT{name}={value}")
            self._ask("ATZ")
            self._begin()

    def _value(self, name: str) -> str | None:
        """What a setting shows, as it is typed; None when it cannot be read."""
        match = FRAMED_ANSWER.fullmatch(self._ask(f"AT{name}?"))
        line = to_text((match[1] or b"") if match is not None else b"").removesuffix("\r\n")
        command = self._dialect.commands[name]
        head = command.name + command.separator
        return line.removeprefix(head) if line.startswith(head) and "\r" not in line else None

    # transcripts

    def _played(self, transcript: Transcript) -> CheckOutcome:
        """Play one transcript."""
        group, name = "transcripts", transcript.name
        if "broker" in transcript.needs and self._broker is None:
            needed = Sentence(N_("it needs a broker: --mqtt HOST:PORT names one"))
            return CheckOutcome(group, name, Verdict.UNTRIED, needed)
        if transcript.needs and self._found.missing:
            return CheckOutcome(group, name, Verdict.UNTRIED, self._needs_missing())
        text = transcript.text
        for mark, value in self._values().items():
            text = text.replace(mark, value)
        steps, later = patience(parse_transcript(text))
        stage = PortTranscript(self._asking, self._dialect, later)
        # The last step is none of the transcript's: nothing is waited for behind it.
        end = TranscriptStep(steps[-1].number if steps else 0, Mark.WAIT, "0")
        with self._asking.keeping_urcs(text):
            found = [
                self._told(difference) for difference in TranscriptPlayer(stage, stage.observe).play([*steps, end])
            ]
        if found:
            self._begin()
        if transcript.last:
            self._ask(transcript.last)
        if not found:
            return CheckOutcome(group, name, Verdict.AGREES)
        return CheckOutcome(group, name, Verdict.DIFFERS, Listed(tuple(found), "\n"))

    def _values(self) -> Mapping[str, str]:
        """What stands for names in a transcript."""
        broker = self._broker
        if broker is None:
            return {}
        return {"{host}": broker.host, "{port}": str(broker.port), "{name}": f"c{self._rng.getrandbits(32):08x}"}

    def _told(self, difference: Difference) -> Reason:
        """A difference, without secrets."""
        expected, came = shown(difference.expected), beginning(self._masks.said(difference.actual))
        nothing = Sentence(N_("nothing"))
        line = Sentence(N_("line {line}"), line=difference.number)
        return Listed((line, Sentence(EXPECTED, line=expected or nothing), Sentence(CAME, line=came or nothing)), "\n")


class PortTranscript:
    """A port as the stage of a transcript: nothing is waited for that no line of it expects.

    What is expected has the time that its command is declared to take, and as much more as `later` has by its line.
    """

    def __init__(self, asking: SyncLine, dialect: Dialect, later: Mapping[int, float]) -> None:
        self._asking, self._dialect, self._later = asking, dialect, later
        self._declared = self._within = 0.0

    def observe(self, step: TranscriptStep) -> None:
        """A step begins."""
        if step.mark is Mark.SEND:
            self._declared = answer_time(self._dialect, to_bytes(step.text))
        expected = step.mark.value.startswith("<<")
        self._within = RESPONSE_MARGIN_S + self._declared + self._later.get(step.number, 0.0) if expected else 0.0

    def send(self, data: bytes) -> None:
        """The host sends."""
        self._asking.send(data)

    def said(self) -> bytes:
        """What came, or comes in time."""
        return self._asking.said(self._within)

    def wait(self, seconds: float) -> None:
        """Time passes."""
        time.sleep(seconds)

    def network(self, _step: TranscriptStep) -> Difference | None:
        """A port shows nothing of the network."""
        return None
