"""A module and a broker for a test, driven by calls that block: in memory, where time is the test's own, or on a port.

with Lab("EC200S-CN") as lab:
    assert lab.command("AT+CREG?") == ["+CREG: 0,1", "OK"]
    lab.perform("set_registration", stat="denied")
"""

import re
from collections.abc import Coroutine, Iterable, Mapping, Sequence
from functools import cache, partial
from inspect import signature
from pathlib import Path
from random import Random
from ssl import SSLContext
from types import NoneType, TracebackType
from typing import Any, Self, TypeVar

from modemlab.at.errors import UsageError
from modemlab.broker.certificates import make_identity
from modemlab.driver.modem import Modem
from modemlab.driver.payloads import bytes_of
from modemlab.lab.closest_events import HostMistake, LabEvent
from modemlab.lab.environments import InMemoryEnvironment, ThreadedEnvironment
from modemlab.lab.expectations import EXPECTED_OF_A_LAB, ExpectationState, read_expectation
from modemlab.lab.masked_reports import masked, masked_bytes, masked_text
from modemlab.lab.options import IN_MEMORY, make_plan
from modemlab.module.module import Module
from modemlab.module.playback import read_expression, replay_offline
from modemlab.net.conditions import Conditions
from modemlab.scenario.actions import perform, read_action
from modemlab.scenario.events import MessageArrived
from modemlab.scenario.file import Scenario
from modemlab.text.catalogue import N_
from modemlab.text.name_suggestions import nearest
from modemlab.text.number_format import figure
from modemlab.text.reason import Sentence, at_line
from modemlab.transcripts.diff import explain
from modemlab.transcripts.format import (
    Difference,
    Mark,
    TranscriptError,
    TranscriptPlayer,
    TranscriptStep,
    parse_transcript,
)
from modemlab.validation.actions import Action
from modemlab.validation.call_arguments import Entered, expected, whole
from modemlab.validation.call_arguments import seconds as check_seconds
from modemlab.validation.input_errors import each_placed
from modemlab.virtual.module import VirtualModule

T = TypeVar("T")
# Seconds that an answer, or what is expected, has by default.
EXPECT_TIMEOUT_S = 10.0
# Seconds of the test's own that a coroutine may take by default.
RUN_TIMEOUT_S = 3600.0
# Lines of traffic that are shown; events, and bytes of the module's, that are kept for whoever asks.
MAX_SHOWN_LINES, MAX_EVENTS, MAX_OUTPUT_BYTES = 200, 100_000, 1 << 20
FINAL = re.compile(r"OK|ERROR|\+CM[ES] ERROR: .*|CONNECT( [0-9]+)?|NO CARRIER")
# What a module asks for data by.
PROMPTS = (">", "CONNECT")
NETWORK = (Mark.TO_SERVER, Mark.FROM_SERVER, Mark.NETWORK)


class Lab(Entered):
    """A module that is on, and a broker that every connection of the module reaches, whatever address is asked for.

    In memory, time stands still unless a call lets it pass, and what the broker answers takes none. On a port, programs
    find the module there; its clock runs as the wall's does and can be put forward. Use it as `with Lab(...) as lab`,
    or call `close`. What fails raises AssertionError, with what came instead; a call with values of a wrong type
    ValueError that says what to write.
    """

    _written = "with Lab(...) as lab:"

    def __init__(
        self,
        model: str = "EC200S-CN",
        *,
        port: str = IN_MEMORY,
        conditions: str | Mapping[str, Any] | Conditions | None = None,
        scenario: str | Path | Scenario | None = None,
        home: Path | None = None,
        strict: bool = False,
        quirks: Iterable[str] = (),
        users: Mapping[str, str] | None = None,
        seed: int = 0,
        tls: SSLContext | bool = False,
        grant: int | None = None,
        show_secrets: bool = False,
        **options: Any,
    ) -> None:
        """Start a module of that model, and the broker.

        `port` is `memory`, `pty`, `tcp`, or a URL as `modemlab module --port` takes it. `conditions` are a network
        profile or fields of one, `scenario` is a file (from `home` on) or its text, `users` are the broker's,
        `seed` is what chance starts from, `options` are others of `VirtualModule`. With `tls` the broker on a port
        speaks TLS alone: by a server's settings, or with True by certificates of its own, whose authority is `ca`. With
        `grant` it grants that QoS to every subscription. Secrets are masked in what is shown, unless `show_secrets`.
        Raises ValueError with one line for what is wrong, OSError when a port cannot be had.
        """
        plan = make_plan(model, port, conditions, scenario, home, strict, quirks, users, seed, tls, grant, show_secrets)
        self._events: list[tuple[LabEvent, float]] = []
        self._output = bytearray()
        self._open, self._seed = True, seed
        check_options(options)
        self.plan = plan = plan._replace(given={**plan.given, **options})
        settings, self.ca = make_identity() if plan.tls is True else (plan.tls or None, b"")
        self._environment = (
            InMemoryEnvironment(plan, self._see, self._hear)
            if plan.port == IN_MEMORY
            else ThreadedEnvironment(plan, self._see, self._hear, settings)
        )

    def __enter__(self) -> Self:
        """It is open."""
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        """Close."""
        self.close()

    def close(self) -> None:
        """Take the module's power, and end the broker."""
        if self._open:
            self._open = False
            self._environment.close()

    # what a program needs

    @property
    def port(self) -> str:
        """What a host opens: a path, or a URL. Raises RuntimeError in memory."""
        if self._environment.url is None:
            raise RuntimeError("this module is in memory: port='pty' or port='tcp' gives it a port")
        return self._environment.url

    @property
    def server(self) -> tuple[str, int]:
        """The broker's address."""
        return self._environment.server

    @property
    def environment(self) -> dict[str, str]:
        """The port and the broker's address, as `modemlab check` puts them into a program's environment."""
        host, number = self.server
        return {"MODEMLAB_PORT": self.port, "MODEMLAB_MQTT_HOST": host, "MODEMLAB_MQTT_PORT": str(number)}

    # the line

    def send(self, data: bytes) -> None:
        """The host sends these bytes."""
        expected("data", data, (bytes, bytearray), 'bytes, such as b"AT\\r"')
        self._environment.call(lambda: self._environment.attach().host_send(data))

    def command(self, line: str, data: bytes | None = None, within: float = EXPECT_TIMEOUT_S) -> list[str]:
        """Type a line, and `data` once the module prompts for it; the lines of the answer, the result code the last.

        A prompt is `>`, or CONNECT. The echo and empty lines are left out. Raises AssertionError when no result code,
        or no prompt, comes in time.
        """
        __tracebackhide__ = True
        expected("line", line, str, 'a text, such as "AT+CSQ"')
        expected("data", data, (bytes, bytearray, NoneType), "bytes, or None")
        check_seconds("within", within)
        self._type(typed(line) + b"\r")
        if data is not None and self._wait_for_answer(line, within)[-1] in PROMPTS:
            self._type(data)
        lines = self._wait_for_answer(line, within)
        return lines[1:] if lines[0] == line else lines

    def replay(self, transcript: str) -> None:
        """Play a transcript (docs/transcripts.md) from here on; AssertionError shows where the module differs.

        `~~` lets time pass, `M` lines are done. The broker answers by itself, so `S` lines are refused:
        `replay_offline` plays those. Raises ValueError for a line that is none.
        """
        __tracebackhide__ = True
        expected("transcript", transcript, str, "a text")
        steps = parse_transcript(transcript)
        for step in steps:
            if step.mark in NETWORK:
                message = N_("S lines are not played with a broker, which answers by itself; replay_offline plays them")
                raise TranscriptError(at_line(step.number, Sentence(message)))
        self._environment.call(self._output.clear)
        hosted = LabTranscriptHost(self)
        # The last step is none of the transcript's: nothing is waited for behind it.
        last = TranscriptStep(steps[-1].number if steps else 0, Mark.WAIT, "0")
        differences = list(TranscriptPlayer(hosted, hosted.observe).play([*steps, last]))
        if differences:
            raise AssertionError(self._explained(transcript, differences))

    def replay_offline(self, transcript: str, piece: int = 0) -> None:
        """Play a transcript on another module of the model, without a broker; bytes cut into pieces of so many."""
        __tracebackhide__ = True
        expected("transcript", transcript, str, "a text")
        whole("piece", piece, 0, 1 << 20)
        differences = replay_offline(Module(self.plan.dialect, self.plan.model), transcript, piece)
        if differences:
            raise AssertionError(self._explained(transcript, differences))

    # the driver

    def modem(self, **options: Any) -> Modem:
        """The driver on the module in memory, on the test's own time: for `run`. `options` are those of `Modem`.

        Raises RuntimeError on a port, which `Modem.open(lab.port)` opens.
        """
        if self._environment.url is not None:
            raise RuntimeError("this module is on a port: Modem.open(modem_lab.port) opens it")
        given = {"now": self._environment.now, "rng": Random(self._seed), **options}
        return Modem.open(self._environment.call(self._environment.attach), **given)

    def run(self, work: Coroutine[Any, Any, T], within: float = RUN_TIMEOUT_S) -> T:
        """Run a coroutine on the test's own time, in memory: whenever it waits, time is put forward.

        Raises AssertionError when it is not over after `within` of these seconds, RuntimeError on a port.
        """
        __tracebackhide__ = True
        expected("work", work, Coroutine, "a coroutine: call the async function, as in run(main())")
        check_seconds("within", within)
        return self._environment.run(work, within)

    # the world

    def perform(self, action: str | Action, /, **arguments: Any) -> None:
        """Do something to the module: an action, or its name in scenarios and arguments as there.

        `perform(SetFaults(...))`, `perform("faults", faults=[...])`, `perform("power_cycle")`. Raises ValueError with a
        line for each argument that does not fit.
        """
        wanted = action if isinstance(action, Action) else read_action(action, arguments)
        self._environment.call(lambda: perform(self._environment.vm, wanted))

    def publish(self, topic: str, payload: bytes | str, qos: int = 0, retain: bool = False) -> None:
        """The broker publishes a message. Raises ValueError for one that cannot be."""
        expected("topic", topic, str, "a text")
        expected("payload", payload, (str, bytes, bytearray), "a text or bytes")
        expected("qos", qos, int, "0, 1 or 2")
        expected("retain", retain, bool, "True or False")
        self._environment.call(partial(self._environment.publish, topic, bytes_of(payload), qos, retain))

    def advance(self, seconds: float) -> None:
        """Let so many seconds pass; on a port the module's clock is put forward."""
        check_seconds("seconds", seconds)
        self._environment.advance(seconds)

    @property
    def now(self) -> float:
        """The seconds since the start, by the module's clock."""
        return self._environment.now()

    @property
    def module(self) -> Module:
        """The module itself; on a port it belongs to another thread."""
        return self._environment.vm.module

    # what came

    def expect(self, *, within: float | None = None, never: bool = False, **what: Any) -> Any:
        """Wait until what is expected has come since the start, `within` seconds (10 by default); the event.

        `what` is as in an `[[expect]]` of `modemlab check`: `line`, `urc`, `command`, `packet`, `client`, `topic` and
        what stands beside them, such as `nth`; or `mistakes`, the most that the host may make. With `never` it must
        not have come, nor come within those seconds, none by default. Raises ValueError for what cannot be expected.
        """
        __tracebackhide__ = True
        if within is not None:
            check_seconds("within", within)
        expected("never", never, bool, "True or False")
        expectation = read_expectation({**what, "never": never}, EXPECTED_OF_A_LAB)
        watch = ExpectationState(expectation)
        looked_at = 0

        def came() -> bool:
            nonlocal looked_at
            while looked_at < len(self._events):
                watch.on_event(*self._events[looked_at])
                looked_at += 1
            return watch.is_met

        seconds = within if within is not None else 0.0 if expectation.never else EXPECT_TIMEOUT_S
        self._environment.wait(came, seconds)
        if fault := watch.fault(self.now, self._show_secrets):
            raise AssertionError(f"{expectation.name}: {fault} (waited {figure(seconds)} s)")
        return watch.latest

    @property
    def messages(self) -> list[MessageArrived]:
        """The messages that came to the broker so far, those of `publish` too, whose client is ""."""
        return [event for event, _ in list(self._events) if isinstance(event, MessageArrived)]

    @property
    def mistakes(self) -> list[str]:
        """What the host did wrong so far, a line each."""
        return [event.text for event, _ in list(self._events) if isinstance(event, HostMistake)]

    @property
    def traffic(self) -> str:
        """The latest that passed, a line each: seconds since the start, who spoke, what."""
        return self._environment.call(partial(self._environment.observer.shown, MAX_SHOWN_LINES)) if self._open else ""

    # inside

    @property
    def _show_secrets(self) -> bool:
        """Whether secrets stand in what is shown."""
        return bool(self.plan.given["show_secrets"])

    def _explained(self, transcript: str, differences: Sequence[Difference]) -> str:
        """Differences as a failure shows them."""
        told = explain(transcript, differences)
        return told if self._show_secrets else masked_text(told)

    def _see(self, event: LabEvent, at: float) -> None:
        if len(self._events) < MAX_EVENTS:
            self._events.append((event, at))

    def _hear(self, data: bytes) -> None:
        self._output += data
        del self._output[: max(0, len(self._output) - MAX_OUTPUT_BYTES)]

    def _type(self, data: bytes) -> None:
        """Say this as the host; what is heard from here on answers it."""

        def say() -> None:
            self._output.clear()
            self._environment.attach().host_send(data)

        self._environment.call(say)

    def _wait_for_answer(self, line: str, within: float) -> list[str]:
        """The lines up to a result code, or a prompt, as the last."""
        __tracebackhide__ = True
        self._environment.wait(lambda: answered(self._output) is not None, within)
        heard = self._environment.call(lambda: bytes(self._output))
        lines = answered(heard)
        if lines is None:
            if not self._show_secrets:
                line, heard = masked(line), masked_bytes(heard)
            raise AssertionError(f"{line}: no result code within {figure(within)} s; what came: {heard!r:.400}")
        return lines


def check_options(options: Mapping[str, Any]) -> None:
    """Raise `UsageError` for what is no option of a module in a lab, with the nearest that is one."""
    for name in options:
        if name not in module_options():
            near = nearest(name, module_options())
            raise UsageError(f"Lab has no option {name}{f', but {near}' if near else ''}: see its documentation")
    if "speed" in options:
        expected("speed", options["speed"], (int, float), "a number, such as 10")


@cache
def module_options() -> list[str]:
    """The options of a module that a lab takes."""
    return [name for name in signature(VirtualModule).parameters if name not in RESERVED_OPTIONS]


# What a lab gives its module itself.
RESERVED_OPTIONS = (
    "dialect",
    "model",
    "ports",
    "in_memory_network",
    "skippable",
    "connect_to",
    "observers",
    "mistakes",
)


def typed(line: str) -> bytes:
    """The bytes of a line. Raises `UsageError` for text that has none."""
    try:
        return line.encode()
    except UnicodeEncodeError:
        raise UsageError("line is text that UTF-8 does not have") from None


def answered(heard: bytes | bytearray) -> list[str] | None:
    """The lines of an answer that is complete, without those that are empty; None if it is not."""
    *ended, rest = heard.decode("utf-8", "backslashreplace").split("\r\n")
    lines: list[str] = []
    for line in (*map(str.strip, ended), ">" if rest.strip() == ">" else ""):
        if line:
            lines.append(line)
        if line == ">" or FINAL.fullmatch(line):
            return lines
    return None


class LabTranscriptHost:
    """The bench of a transcript: the lab's line, and the world around its module."""

    def __init__(self, lab: Lab) -> None:
        self._lab = lab
        self._environment = lab._environment
        self._wait = 0.0

    def observe(self, step: TranscriptStep) -> None:
        """A step begins: it decides how long is waited for what is said."""
        self._wait = self._environment.patience if step.mark.value.startswith("<<") else 0.0

    def send(self, data: bytes) -> None:
        """The host sends."""
        self._lab.send(data)

    def said(self) -> bytes:
        """What the module has said since the last call."""
        if self._wait:
            self._environment.wait(lambda: bool(self._lab._output), self._wait)
        return self._environment.call(self._take)

    def _take(self) -> bytes:
        heard = bytes(self._lab._output)
        self._lab._output.clear()
        return heard

    def wait(self, seconds: float) -> None:
        """Time passes."""
        self._lab.advance(seconds)

    def network(self, step: TranscriptStep) -> Difference | None:
        """The world does something to the mobile. Raises `TranscriptError` for what cannot be."""
        try:
            name, arguments = read_expression(step.text)
            self._lab.perform(name, **arguments)
        except ValueError as error:
            raise TranscriptError(each_placed(partial(at_line, step.number), error)) from None
        return None
