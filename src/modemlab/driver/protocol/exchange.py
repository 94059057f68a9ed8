"""The exchange: recipes of several tasks on one line, one command at a time, each result brought to whom it belongs."""

import math
import re
from collections.abc import Callable
from typing import Any

from modemlab.at.errors import CommandRefused, ModemError, Restart, TimeoutExpired
from modemlab.at.parameters import to_text
from modemlab.at.results import CME_WORDS
from modemlab.at.urc import Urc
from modemlab.dialect.dialect import Dialect
from modemlab.dialect.recipes import Ask, Await, Expect, Pause, ReceivedUrc, Recipe, UrcWaiter
from modemlab.driver.protocol.digester import (
    Digester,
    Ended,
    InformationLine,
    Pending,
    Prompted,
    Token,
    UnexpectedBytes,
    meaning,
    pending_of,
    shapes_for,
    urcs_of,
)
from modemlab.driver.protocol.response_time import RESPONSE_MARGIN_S, answer_time
from modemlab.driver.protocol.resynchronisation import Resynchronisation
from modemlab.text.catalogue import N_
from modemlab.text.reason import Sentence

# Bytes around a message that a module prints, its topic among them, and around an answer.
FRAME_BYTES = 400
# Seconds that the answer to a probe has, beyond the time of its bytes.
PROBE = 2.0
# Seconds of silence behind the word of a start.
RESTART_SILENCE_S = 0.3
PROMPT = b">"
# Lines of information that one answer may have, and URCs that may wait for an answer to end.
MAX_LINES = 1000
ESCAPE = b"\x1b"
RESTARTED = Sentence(N_("the module restarted and the pending command is lost: send it again"))
NO_BYTES_RECEIVED = Sentence(N_("no bytes were received: is the module on, and is this its port?"))
LINE_CUT_OFF = Sentence(N_("the answer stopped in the middle of a line; that line is lost"))
PROMPT_PENDING = Sentence(N_("the module asks for data"))


class RecipeRun:
    """A recipe on its way."""

    __slots__ = ("begun", "cancelled", "due", "error", "recipe", "waits")

    def __init__(self, recipe: Recipe) -> None:
        self.recipe = recipe
        self.waits: Ask | UrcWaiter | None = None
        self.due: float | None = None
        self.begun = self.cancelled = False
        # What a job that was dropped ends with.
        self.error: ModemError | None = None

    def done(self, value: Any, error: Exception | None) -> None:
        """Told once how it ended, of one that was cancelled too; here it is nobody's affair."""


class Exchange:
    """The host's end of a line with a module of that dialect.

    `receive` and `advance` take what happens, `data_to_send` gives what is to be sent, `deadline` says when to call
    again. `listen` is called with each URC, `stray` with bytes that are nothing. Neither may call back.
    """

    __slots__ = (
        *("_ahead", "_ask", "_asks_data", "_digester", "_due", "_jobs", "_lines", "_listening", "_out", "_patient"),
        *("_queue", "_rate", "_settling", "_silent", "_soonest", "_late", "_waiters", "dialect", "listen", "stray"),
    )

    def __init__(
        self,
        dialect: Dialect,
        listen: Callable[[ReceivedUrc], None],
        stray: Callable[[bytes], None] | None = None,
        rate: float = math.inf,
    ) -> None:
        """Make one with nothing to do, on a line that carries `rate` bytes a second."""
        self.dialect, self.listen, self.stray = dialect, listen, stray
        ignores = dialect.recipes.ignores if dialect.recipes is not None else frozenset[Urc]()
        self._digester = Digester(shapes_for(tuple(urcs_of(dialect))), rate, ignores)
        self._rate = rate
        # A message may be on its way ahead of an answer.
        self._ahead = FRAME_BYTES + (dialect.recipes.largest if dialect.recipes is not None else 0)
        self._out = bytearray()
        # A list, as an empty deque takes 760 bytes; few commands wait at once.
        self._queue: list[RecipeRun] = []
        self._ask: RecipeRun | None = None
        self._due: float | None = None
        # Seconds that the result code of the command on the line may take.
        self._patient = 0.0
        # After a start: until when nothing more may come.
        self._settling: float | None = None
        # What is known of a line that is out of step; None while it is in step.
        self._late: Resynchronisation | None = None
        # Whether the command on the line was given none of the data that the module asks for.
        self._asks_data = False
        # Whether nothing has come since that command was written.
        self._silent = False
        # While what came is taken apart nothing is sent: none of it answers a command that is written next.
        self._listening = False
        self._lines: list[bytes] = []
        self._jobs: dict[RecipeRun, None] = {}
        # Nothing is due before; minus infinity where that is not known.
        self._soonest = -math.inf
        self._waiters: list[tuple[RecipeRun, UrcWaiter]] = []

    # what the host wants

    def start(self, job: RecipeRun, now: float) -> None:
        """Run a recipe; `done` is called with what it returned, or with what it raised."""
        self._jobs[job] = None
        self._step(job, job.recipe.send, None, now)

    def cancel(self, job: RecipeRun) -> None:
        """Nobody waits for it any more. A command on the line runs to its end, and so does its result; none follows."""
        job.cancelled = True
        if job in self._queue:
            self._queue.remove(job)
            self._end(job, None, None)

    def drop(self, job: RecipeRun, error: ModemError) -> None:
        """What it is about is over: it ends with that error, at once unless a command of its is on the line."""
        job.cancelled, job.error = True, error
        if job is not self._ask:
            if job in self._queue:
                self._queue.remove(job)
            self._end(job, None, error)

    def fail(self, error: ModemError) -> None:
        """End every job with that error: the line is gone."""
        self._queue.clear()
        self._ask = self._due = self._settling = self._late = None
        self._out.clear()
        self._digester.clear()
        for job in list(self._jobs):
            self._end(job, None, error)

    def restarted(self, now: float) -> None:
        """The module has started anew: whatever was under way is lost, and told so."""
        self._ask = self._due = self._late = None
        # What is said behind the word of the start is no command's answer.
        self._settling = now + RESTART_SILENCE_S
        self._digester.expect(None)
        self._queue = [job for job in self._queue if not job.begun]
        for job in self._queue:
            job.due = None
        for job in [job for job in self._jobs if job.begun]:
            job.waits = job.due = None
            self._throw(job, Restart(RESTARTED), now)
        self._proceed(now)

    # what happens

    def receive(self, data: bytes, now: float) -> None:
        """Bytes came from the module."""
        self._silent = self._silent and not data
        digester = self._digester
        digester.add(data, now)
        self._listening = True
        try:
            while (token := digester.next(now)) is not None:
                self._token(token, now)
        finally:
            self._listening = False
        if self._queue:
            self._proceed(now)

    def advance(self, now: float) -> None:
        """Time has passed."""
        self._listening = True
        try:
            for token in self._digester.advance(now):
                self._token(token, now)
        finally:
            self._listening = False
        if self._settling is not None and now >= self._settling:
            self._settling = None
            self._digester.expect(None)
            self._ask, self._due = None, None
            self._proceed(now)
        if self._due is not None and now >= self._due:
            self._overdue(now)
        if self._late is not None and now >= self._late.due and self._wants_probe(self._late):
            self._recover(self._late, None, now)
        for job in [job for job in self._jobs if job.due is not None and now >= job.due]:
            self._expire(job, now)
        self._proceed(now)
        self._soonest = -math.inf

    def deadline(self) -> float | None:
        """When `advance` is to be called; None: nothing is waited for. It may be earlier than anything is due: what was
        waited for has come since.
        """
        if self._soonest > -math.inf and self._late is None and self._settling is None and not self._digester.begun:
            return None if self._soonest == math.inf or not self._jobs else self._soonest
        due = self._due
        if self._late is not None and self._wants_probe(self._late):
            due = earlier(due, self._late.due)
        if self._settling is not None:
            due = earlier(due, self._settling)
        if self._digester.begun:
            due = earlier(due, self._digester.deadline())
        for job in self._jobs:
            other = job.due
            if other is not None and (due is None or other < due):
                due = other
        if self._late is None and self._settling is None and not self._digester.begun:
            self._soonest = math.inf if due is None else due
        return due

    def data_to_send(self) -> bytes:
        """What is to be sent."""
        if not self._out:
            return b""
        out = bytes(self._out)
        self._out.clear()
        return out

    @property
    def clients_with_length(self) -> set[int]:
        """The clients of whom each message comes with its length, as the driver has set them up."""
        return self._digester.clients_with_length

    @property
    def idle(self) -> bool:
        """Whether nothing is under way."""
        return not self._jobs

    # inside

    def _token(self, token: Token, now: float) -> None:
        """One thing that the module said."""
        if isinstance(token, ReceivedUrc):
            self._heard(token, now)
        elif isinstance(token, UnexpectedBytes):
            self._asks_data = self._asks_data or token.data.rstrip() == b">"
            if self.stray is not None:
                self.stray(token.data)
        elif self._settling is not None:
            self._settling = now + RESTART_SILENCE_S
        elif self._late is not None and self._ask is None:
            self._come_late(self._late, token, now)
        elif isinstance(token, InformationLine):
            if len(self._lines) < MAX_LINES:
                self._lines.append(token.text)
        elif self._ask is not None:
            ask = self._ask.waits
            assert isinstance(ask, Ask)
            if isinstance(token, Prompted):
                self._out += ask.data or b""
                self._wait_until(now + self._patient)
                pending = self._digester.pending
                assert pending is not None
                # Data may be echoed.
                self._digester.pending = Pending(b"", pending.names, pending.shapes, None, pending.good)
            else:
                self._answered(self._ask, ask, token, now)

    def _answered(self, job: RecipeRun, ask: Ask, ended: Ended, now: float) -> None:
        """The result code of the command on the line."""
        lines, self._lines = self._lines, []
        self._ask = self._due = None
        torn = self._digester.torn
        self._digester.expect(None)
        job.waits = None
        if ended.good and torn:
            self._throw(job, TimeoutExpired(shown(ask), self._patient, LINE_CUT_OFF), now)
        elif ended.good:
            self._step(job, job.recipe.send, lines, now)
        else:
            code, text = (None, "") if ended.code is None else meaning(self.dialect, ended.code, CME_WORDS)
            self._throw(job, CommandRefused(shown(ask), code, text), now)
        if self._queue:
            self._proceed(now)

    def _come_late(self, step: Resynchronisation, token: InformationLine | Prompted | Ended, now: float) -> None:
        """Part of an answer, while the line is out of step: only that of the latest probe is anybody's."""
        if isinstance(token, InformationLine):
            step.line(token.text)
        elif isinstance(token, Prompted):
            # What was written behind that command was taken for its data.
            self._asks_data = True
            self._recover(step, None, now)
        elif step.result_code_received(token.good):
            self._late = None
            self._asks_data = False
            self._digester.expect(None)
            for job in self._queue:
                job.due = None
            self._proceed(now)
        elif step.must:
            self._probe(step, now)

    def _recover(self, step: Resynchronisation, ask: Ask | None, now: float) -> None:
        """End what data the module may be waiting for, and ask what nothing but its own answer can answer."""
        filler = self._filler(ask)
        if not filler:
            self._probe(step, now)
            return
        self._out += filler
        step.data_end_sent(now, RESTART_SILENCE_S + len(filler) / self._rate)
        self._asks_data = False
        self._digester.expect(step.pending(None))

    def _probe(self, step: Resynchronisation, now: float) -> None:
        """Ask what nothing but its own answer can answer."""
        self._out += step.probe(now, PROBE + self._ahead / self._rate)
        self._digester.expect(step.pending(PROMPT))

    def _wants_probe(self, step: Resynchronisation) -> bool:
        """Whether the line is to be brought into step: a command waits for it, or it was begun."""
        return step.must or (self._ask is None and bool(self._queue))

    def _heard(self, heard: ReceivedUrc, now: float) -> None:
        """A URC: whoever waits for it has it, and the listener hears of every one."""
        self.listen(heard)
        claimed = False
        for job, waiter in list(self._waiters):
            if waiter.heard is not None:
                continue
            fits = not claimed and waiter.expect.fits(heard)
            if fits or waiter.expect.ends(heard):
                claimed = claimed or fits
                waiter.heard = heard
                if job.waits is waiter:
                    job.waits = job.due = None
                    self._step(job, job.recipe.send, heard, now)

    def _overdue(self, now: float) -> None:
        """A result code did not come: the line is out of step, until a probe brings it back."""
        job, pending = self._ask, self._digester.pending
        self._due = None
        if job is None or pending is None:
            return
        ask = job.waits
        assert isinstance(ask, Ask)
        self._lines = []
        self._ask = job.waits = None
        if self._late is None:
            self._late = Resynchronisation(self.dialect, now)
        self._late.add_pending_answer(pending_of(self.dialect, ask.line))
        self._digester.expect(self._late.pending(None))
        hint = PROMPT_PENDING if self._asks_data else NO_BYTES_RECEIVED if self._silent else None
        if ask.probes:
            self._recover(self._late, ask, now)
        self._throw(job, TimeoutExpired(shown(ask), self._patient, hint), now)
        self._proceed(now)

    def _filler(self, ask: Ask | None) -> bytes:
        """What ends a data mode that the module may be in: the prompt was lost, or bytes of the data were.

        Esc ends data without a length, and CR fills up what has one; neither is a command.
        """
        if ask is not None and ask.data is not None:
            return ESCAPE + b"\r" * len(ask.data)
        recipes = self.dialect.recipes
        return ESCAPE + b"\r" * recipes.filler if self._asks_data and recipes is not None else b""

    def _expire(self, job: RecipeRun, now: float) -> None:
        """A job has waited for as long as it would."""
        waits, job.waits, job.due = job.waits, None, None
        if isinstance(waits, UrcWaiter):
            self._throw(job, TimeoutExpired(waits.expect.urc.name, waits.within), now)
        elif isinstance(waits, Ask):
            self._queue.remove(job)
            hint = NO_BYTES_RECEIVED if self._silent else None
            self._throw(job, TimeoutExpired(shown(waits), self._patience(waits), hint), now)
        else:
            self._resume(job, None, now)

    def _patience(self, ask: Ask) -> float:
        """Seconds that a command's result code may take."""
        written = (len(ask.line) + len(ask.data or b"")) / self._rate
        if ask.within is not None:
            # An echo takes as long again.
            return ask.within + 2 * written
        return max(RESPONSE_MARGIN_S, written + self._ahead / self._rate) + answer_time(self.dialect, ask.line)

    def _proceed(self, now: float) -> None:
        """Send the next command, if the line is free."""
        if self._listening or self._ask is not None or self._settling is not None or not self._queue:
            return
        job = self._queue[0]
        ask = job.waits
        assert isinstance(ask, Ask)
        if self._late is not None and ask.probes:
            self._wait_for_step(self._late, job, ask, now)
            return
        del self._queue[0]
        if ask.unless is not None and ask.unless.heard is not None and ask.unless.expect.ends(ask.unless.heard):
            # What it is about is over: the recipe finds that where it waits for its result.
            job.waits = None
            self._resume(job, [], now)
            self._proceed(now)
            return
        self._ask = job
        job.begun = self._silent = True
        self._asks_data = False
        self._lines = []
        mark = ask.mark if ask.data is not None else None
        pending = pending_of(self.dialect, ask.line, mark)
        self._digester.expect(pending)
        self._out += pending.echo
        self._patient = self._patience(ask)
        self._wait_until(now + self._patient)

    def _wait_until(self, due: float) -> None:
        """The result code of the command on the line may take until then."""
        self._due = due
        self._soonest = min(self._soonest, due)

    def _wait_for_step(self, step: Resynchronisation, job: RecipeRun, ask: Ask, now: float) -> None:
        """The next command is written once the line is in step; it waits for no longer than for its answer."""
        if job.due is None:
            job.due = now + self._patience(ask)
            self._soonest = min(self._soonest, job.due)
        if now >= step.due:
            self._recover(step, None, now)

    def _resume(self, job: RecipeRun, value: Any, now: float) -> None:
        """Run a recipe on, until it must wait."""
        self._step(job, job.recipe.send, value, now)

    def _throw(self, job: RecipeRun, error: Exception, now: float) -> None:
        """Run a recipe on with an error."""
        self._step(job, job.recipe.throw, error, now)

    def _step(self, job: RecipeRun, step: Callable[[Any], Any], given: Any, now: float) -> None:
        """One step of a recipe, and those that need no waiting."""
        try:
            wanted = step(given)
            while True:
                if type(wanted) is Expect:
                    waiter = UrcWaiter(wanted)
                    self._waiters.append((job, waiter))
                    wanted = job.recipe.send(waiter)
                elif type(wanted) is Await and wanted.waiter.heard is not None:
                    wanted = job.recipe.send(wanted.waiter.heard)
                else:
                    break
        except StopIteration as stop:
            self._end(job, stop.value, None)
            return
        except Exception as error:  # whatever a recipe raises is its caller's
            self._end(job, None, error)
            return
        if job.error is not None or (isinstance(wanted, Ask) and job.cancelled):
            self._end(job, None, job.error)
        elif isinstance(wanted, Ask):
            job.waits = wanted
            self._queue.append(job)
            if not self._listening:
                self._proceed(now)
        elif isinstance(wanted, Await):
            wanted.waiter.within = wanted.within
            job.waits, job.due = wanted.waiter, now + wanted.within
            self._soonest = min(self._soonest, job.due)
        else:
            assert isinstance(wanted, Pause)
            job.waits, job.due = None, now + wanted.seconds
            self._soonest = min(self._soonest, job.due)

    def _end(self, job: RecipeRun, value: Any, error: Exception | None) -> None:
        """A job is over."""
        if self._jobs.pop(job, job) is job:
            return
        job.waits = job.due = None
        self._waiters = [(owner, waiter) for owner, waiter in self._waiters if owner is not job]
        job.recipe.close()
        job.done(value, error)


def earlier(one: float | None, other: float | None) -> float | None:
    """The earlier of two times, None being none."""
    return other if one is None or (other is not None and other < one) else one


SHOWN_COMMAND = re.compile(
    rb"[Aa][Tt](?:[+^$%*&;?A-Za-z_]|[0-9]{1,2}(?![0-9]))*(?:=\?|=[0-9]{1,2}(?=,|\Z)|=\"[a-z/]+\"(?=,)|=)?"
)


def shown(ask: Ask) -> str:
    """The begin of a command line, for an error: what may be secret is none of it."""
    match = SHOWN_COMMAND.match(ask.line)
    text = to_text(match[0][:40]) if match else ""
    return text if match and len(text) == len(ask.line) else f"{text}…"
