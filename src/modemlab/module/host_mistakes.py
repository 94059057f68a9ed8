"""What hosts do wrong on the line, seen from beside it: nothing of it changes what the module does.

A `LineMonitor` is told what an `Interpreter` sees of its host, `HostMistakes` what becomes of the module's commands and
clients. Each mistake is counted, the first of them are kept, and all are told as they happen.
"""

from collections.abc import Sequence
from itertools import takewhile
from typing import Any, Protocol

from modemlab.at.command import Command, FormKind
from modemlab.at.parameters import Choice, Maybe, Repeat, Slot
from modemlab.at.steps import DataEnd, Prompt
from modemlab.at.syntax import ParsedCommand
from modemlab.at.urc import Urc
from modemlab.dialect.known_commands import UnknownName
from modemlab.dialect.mqtt_events import Closed, ContextMissing, Disconnected, Lost, Opened
from modemlab.module.log_notes import Mistake, MistakeKind
from modemlab.module.observer import Observer
from modemlab.text.catalogue import N_
from modemlab.text.number_format import figure
from modemlab.text.reason import Reason, Sentence

# Mistakes that are kept, besides all being counted, and the characters shown of a command.
MAX_KEPT, MAX_SHOWN_CHARACTERS = 100, 80
# Commands of a client whose results are remembered to be owed.
MAX_PENDING_RESULTS = 32
# In place of the client where a command is for none.
NO_CLIENT = -1
# Silence of a host, in seconds: in the middle of data, and when it seems to await a result that cannot come.
DATA_PAUSE_S, HOST_TIMEOUT_S = 1.0, 5.0
# Seconds that what a module says and what its host answers may take through a real port, before the host knows it.
PORT_LATENCY_S = 0.1
# Bytes behind the end of data that are kept, to tell what the data should have been.
MAX_EXCESS_BYTES = 4096
# What may follow data without harm.
HARMLESS_SUFFIX = b"\r\n\x1a\x00 "
CTRL_Z = 0x1A
ISSUING_COMMANDS = "V.250, 5.5"
NO_DETAILS = Sentence("")


class Watched(Protocol):
    """What is needed of the module whose host is watched."""

    now: float

    def log(self, subject: str, reason: Reason, mistake: Mistake | None = None) -> None:
        """Say that to the log."""

    def shown(self, subject: str, reason: Reason) -> tuple[str, Reason]:
        """A command and what is said of it, as whoever reads it may see them."""


class HostMistakes(Observer):
    """What a module's host did wrong: `counts` by kind, `kept` the first of them. Each is one of the module's notes.

    `crossing` are seconds that what is said takes to the host, and what the host types back: in them it cannot know.
    """

    __slots__ = (
        *("_awaited", "_begun", "_dead", "_losing", "_module", "_owed"),
        *("counts", "crossing", "kept", "watches"),
    )

    def __init__(self, module: Watched) -> None:
        self._module = module
        self.crossing = 0.0
        self.counts: dict[MistakeKind, int] = {}
        self.kept: list[Mistake] = []
        self.watches: list[LineMonitor] = []
        self.reset()

    def through_a_port(self) -> None:
        """The host is at the other end of a real port."""
        self.crossing = PORT_LATENCY_S

    def reset(self) -> None:
        """The module starts: its clients are new."""
        # Clients whose link ended by itself, what told so, and when.
        self._dead: dict[int, tuple[str, float]] = {}
        self._losing: int | None = None
        # The command whose answer began last, as typed.
        self._begun: ParsedCommand | None = None
        # Of each client, the commands whose results are still to be told.
        self._owed: dict[int, list[ParsedCommand]] = {}
        # A command whose result cannot come, if nothing was typed since: from when on, and what ended its client,
        # None if it was refused.
        self._awaited: tuple[float, str, Command, int | None] | None = None
        for watch in self.watches:
            watch.reset()

    def add(self, now: float, kind: MistakeKind, subject: str, detail: Reason | None, place: str) -> None:
        """A mistake was made."""
        subject, shown = self._module.shown(subject, detail or NO_DETAILS)
        subject = subject if len(subject) <= MAX_SHOWN_CHARACTERS else subject[:MAX_SHOWN_CHARACTERS] + "..."
        mistake = Mistake(now, kind, subject, None if detail is None else shown, place)
        self.counts[kind] = self.counts.get(kind, 0) + 1
        if len(self.kept) < MAX_KEPT:
            self.kept.append(mistake)
        self._module.log(subject, Sentence(N_("mistake: {mistake}"), mistake=mistake), mistake)

    def summary(self) -> list[str]:
        """A line for each kind: how often, and its first."""
        firsts = {mistake.kind: mistake for mistake in reversed(self.kept)}
        return [
            f"{count} x {kind.value}" + (f", first with {firsts[kind].subject}" if kind in firsts else "")
            for kind, count in self.counts.items()
        ]

    # what the module tells

    def on_power(self, on: bool) -> None:
        """It starts; or what is seen by now is all."""
        if on:
            self.reset()
        else:
            self.finish(self._module.now)

    def on_command(self, call: ParsedCommand) -> None:
        assert call.command is not None
        assert call.form is not None
        self._begun = call
        if call.form.kind in (FormKind.WRITE, FormKind.EXECUTE) and owes(call):
            owed = self._owed.setdefault(client_of(call), [])
            owed.append(call)
            del owed[:-MAX_PENDING_RESULTS]

    def command_without_result(self, call: ParsedCommand) -> None:
        """A command has no result: it was refused, or cancelled."""
        for owed in self._owed.values():
            owed[:] = [each for each in owed if each is not call]

    def on_event(self, event: Any) -> None:
        now = self._module.now
        if self._losing is not None:
            self._losing = None
        if type(event) is Lost:
            self._dead[event.client] = event.cause.value, now
            self._losing = event.client
            owed = self._owed.pop(event.client, None)
            if owed:
                assert owed[0].command is not None
                self._awaited = now, "AT" + owed[0].text, owed[0].command, event.client
        elif type(event) is ContextMissing:
            begun = "" if self._begun is None else "AT" + self._begun.text
            message = N_("context {cid} is not active, and some firmwares do not activate it automatically")
            detail = Sentence(message, cid=event.context)
            self.add(now, MistakeKind.CONTEXT, begun, detail, event.manual)
        elif type(event) in (Opened, Closed, Disconnected):
            self._dead.pop(event.client, None)
            if type(event) is not Opened:
                self._owed.pop(event.client, None)

    def on_urc(self, line: bytes, urc: Urc | None, values: tuple[Any, ...]) -> None:
        """The host was told something: behind an end, that it ended; or a result."""
        if urc is None:
            return
        if self._losing is not None:
            _, at = self._dead[self._losing]
            self._dead[self._losing] = line.decode("utf-8", "replace"), at
            self._losing = None
        for owed in self._owed.values():
            for call in owed:
                if is_result(urc, values, call):
                    owed.remove(call)
                    return

    def on_refused(self, call: ParsedCommand) -> None:
        now, text, command = self._module.now, "AT" + call.text, call.command
        assert command is not None
        self.command_without_result(call)
        if results_of(command):
            self._awaited = now, text, command, None
        # A command that its own form refuses says nothing of its client.
        index = target_of(call) if call is self._begun else None
        if index in self._dead:
            assert index is not None
            told, at = self._dead[index]
            if not self.crossing or now > at + self.crossing:
                ended = Sentence(N_("the link of client {index} has ended, as {told} reported"), index=index, told=told)
                self.add(now, MistakeKind.DEAD, text, ended, command.manual)

    def on_unknown(self, text: str, unknown_name: UnknownName) -> None:
        if unknown_name.near:
            self.add(
                self._module.now,
                MistakeKind.NAME,
                text,
                Sentence(N_("did you mean {near}?"), near=unknown_name.near),
                "",
            )

    def on_input(self, data: bytes, line: str) -> None:
        if self._awaited is not None and data.strip(b"\r\n"):
            self.advance(self._module.now)
            self._awaited = None

    def advance(self, now: float) -> None:
        """Let time pass: a host that is silent after a refusal, or an end, seems to await the result."""
        if self._awaited is not None and now >= self._awaited[0] + HOST_TIMEOUT_S:
            _, text, command, ended = self._awaited
            self._awaited = None
            cause = N_("an error") if ended is None else self._dead.get(ended, (N_("the end of its client"), now))[0]
            result = results_of(command)[0].name
            message = N_("the host is silent for {seconds} s, but {result} never comes after {cause}")
            detail = Sentence(message, seconds=figure(HOST_TIMEOUT_S), result=result, cause=Sentence(cause))
            self.add(now, MistakeKind.VAIN, text, detail, command.manual)
        for watch in self.watches:
            if (due := watch.deadline()) is not None and now >= due:
                watch.check_data_length(now)

    def deadline(self) -> float | None:
        first = None if self._awaited is None else self._awaited[0] + HOST_TIMEOUT_S
        for watch in self.watches:
            due = watch.deadline()
            if due is not None and (first is None or due < first):
                first = due
        return first

    def finish(self, now: float) -> None:
        """The module loses its power: what is seen by now is all."""
        self.advance(now)
        for watch in self.watches:
            watch.check_data_length(now)
        self._awaited = None


class LineMonitor:
    """What is seen of a host on one line."""

    __slots__ = ("_after", "_ahead", "_all", "_call", "_done_at", "_early", "_last", "_left", "_paused", "_unheard")

    def __init__(self, mistakes: HostMistakes) -> None:
        self._all = mistakes
        mistakes.watches.append(self)
        self.reset()

    def reset(self) -> None:
        """The line is new."""
        # Whether the latest result has not been handed to the host; the command whose Ctrl-Z it belongs to.
        self._unheard = self._ahead = False
        self._after: ParsedCommand | None = None
        # Of the line being typed: whether it began too early, and behind whose Ctrl-Z.
        self._early: tuple[ParsedCommand | None] | None = None
        # Of data: when its latest byte came, and where a pause was. Once it is done: its command, and what followed.
        self._last = 0.0
        self._paused = 0
        self._call: tuple[ParsedCommand, bytes] | None = None
        self._done_at = 0.0
        self._left = b""

    def heard(self) -> None:
        """All that the module said was handed over."""
        self._unheard = False
        self._after = None

    # lines

    def put_off(self, data: bytes) -> None:
        """The host typed while an answer was waiting."""
        self._ahead = self._ahead or bool(data.strip(b"\r\n"))

    def noise(self, data: bytes, now: float) -> None:
        """The host typed what is no line."""
        if self._call is not None:
            if now < self._done_at + DATA_PAUSE_S:
                self._left += data[: MAX_EXCESS_BYTES - len(self._left)]
            else:
                self.check_data_length(now)

    def begun(self, noise: bytes, now: float) -> None:
        """A line begins behind that noise."""
        if self._call is not None:
            if noise:
                self.noise(noise, now)
            self.check_data_length(now)
        self._early = (self._after,) if self._unheard or self._ahead else None
        self._ahead = False

    def line_ended(self, body: bytearray | None, rest: bytes, now: float) -> None:
        """A line ended; without a body it was none, and `rest` is the last of it."""
        if body is None:
            self.noise(rest, now)
            return
        if self._early is not None:
            (call,) = self._early
            subject = "AT" + body.decode("utf-8", "replace")
            if call is None:
                self._all.add(now, MistakeKind.EARLY, subject, None, ISSUING_COMMANDS)
            else:
                self._all.add(now, MistakeKind.CTRL_Z, subject, None, place_of(call))
        self._early = self._after = None
        self._unheard = True

    # data

    def data(self, call: ParsedCommand, before: int, now: float) -> None:
        """Data came, behind so many bytes of it."""
        if not before and self._unheard:
            self._all.add(now, MistakeKind.PROMPT, "AT" + call.text, None, place_of(call))
        if before and now >= self._last + DATA_PAUSE_S:
            self._paused = before
        elif not before:
            self._paused = 0
        self._last = now

    def data_done(self, call: ParsedCommand, payload: bytes, ended_by: int | None, now: float) -> None:
        """Data is complete: by its length, or by that byte."""
        self._unheard = True
        self._after = call if ended_by == CTRL_Z else None
        if ended_by is None and payload:
            self._call = call, payload
            self._done_at = now
            self._left = b""

    def data_broken_off(self, call: ParsedCommand, came: int, prompt: Prompt, end: DataEnd, now: float) -> None:
        """Data ended without being complete."""
        self._all.command_without_result(call)
        if end is not DataEnd.CANCELLED and not prompt.ends:
            message = N_("{count} of {length} bytes came, then {why}")
            detail = Sentence(message, count=came, length=prompt.length, why=Sentence(end.value))
            self._all.add(now, MistakeKind.INCOMPLETE, "AT" + call.text, detail, place_of(call))

    def deadline(self) -> float | None:
        """When to judge data that something followed, or that paused; None if there is none."""
        return self._done_at + DATA_PAUSE_S if self._call is not None and (self._left or self._paused) else None

    def check_data_length(self, now: float) -> None:
        """Say whether data was as long as it was said to be, now that what followed it is known."""
        if self._call is None:
            return
        (call, payload), left, self._call = self._call, self._left, None
        tail = payload[self._paused :] + left if self._paused else b""
        size = len(payload)
        if tail[:2].upper() == b"AT":
            message = N_("{count} of {length} bytes came, and the command after them was taken as data")
            detail = Sentence(message, count=self._paused, length=size)
            self._all.add(now, MistakeKind.INCOMPLETE, "AT" + call.text, detail, place_of(call))
        elif left.strip(HARMLESS_SUFFIX):
            whole = payload + left.rstrip(HARMLESS_SUFFIX)
            over = len(whole) - size
            message = (
                N_("1 byte came after the announced {size}")
                if over == 1
                else N_("{over} bytes came after the announced {size}")
            )
            if len(whole.decode("utf-8", "replace")) == size:
                message = N_("{size} is the length in characters, but in bytes it is {whole}")
            detail = Sentence(message, over=over, size=size, whole=len(whole))
            self._all.add(now, MistakeKind.LENGTH, "AT" + call.text, detail, place_of(call))
        self._left = b""


def results_of(command: Command) -> tuple[Urc, ...]:
    """The URCs that give a command's result; none when its final result code is all."""
    told = (command.urc,) if command.urc is not None else command.urcs
    if not told or command.kept is not None:
        return ()
    words = tuple(urc for urc in told if urc.params == ())
    return words or (told[:1] if any(type(param) is Choice for param in told[0].params) else ())


def target_of(call: ParsedCommand) -> int | None:
    """The client that a command, as read, is for; None if it is for none. Where there is one alone, it is 0."""
    command, form = call.command, call.form
    assert command is not None
    assert form is not None
    if any(urc.params == () for urc in results_of(command)):
        return 0
    told = (command.urc,) if command.urc is not None else command.urcs
    if form.kind is not FormKind.WRITE or command.kept is not None or not any(shared(command, urc) for urc in told):
        return None
    return call.values[0] if isinstance(call.values[0], int) else None


def owes(call: ParsedCommand) -> bool:
    """Whether a command's result is told by a URC; where that has no values, QoS 0 has none."""
    assert call.command is not None
    told = results_of(call.command)
    if told and told[0].params == ():
        names = names_of(call.command.params)
        return "qos" not in names or call.values[names.index("qos")] != 0
    return bool(told)


def client_of(call: ParsedCommand) -> int:
    """The MQTT client that a command is for: the first that its result tells of; `NO_CLIENT` if it is for none."""
    assert call.command is not None
    result = results_of(call.command)[0]
    return int(call.values[0]) if shared(call.command, result) else NO_CLIENT if result.params else 0


def is_result(urc: Urc, values: tuple[Any, ...], call: ParsedCommand) -> bool:
    """Whether that is the result of a command: a URC of its own, of the same client and message."""
    assert call.command is not None
    if not any(urc is each for each in results_of(call.command)):
        return False
    count = shared(call.command, urc)
    return tuple(values[:count]) == tuple(call.values[:count])


def shared(command: Command, urc: Urc) -> int:
    """How many parameters a command and its result begin with alike."""
    pairs = zip(names_of(command.params), names_of(urc.params), strict=False)
    return len(list(takewhile(lambda pair: pair[0] == pair[1], pairs)))


def names_of(slots: Sequence[Slot] | None) -> list[str]:
    """The names of the parameters that are always there."""
    return [slot.name for slot in slots or () if not isinstance(slot, Maybe | Repeat)]


def place_of(call: ParsedCommand) -> str:
    """The command's place in the manual; empty for one that has none."""
    return call.command.manual if call.command is not None else ""
