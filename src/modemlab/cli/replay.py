"""`modemlab replay`: a transcript played on a port, and where it differs."""

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from modemlab.cli.common import CliError, say
from modemlab.cli.language import counted, tr, why
from modemlab.cli.secret_option import ShowSecrets
from modemlab.text.catalogue import N_

if TYPE_CHECKING:
    from collections.abc import Mapping

    from modemlab.ports.host import HostPort
    from modemlab.transcripts.format import Difference, TranscriptStep

# Seconds of silence after which nothing more is expected to come unasked.
SILENCE_S = 0.2
# Bytes of a transcript that is played: it is read as a whole before anything is sent.
MAX_TRANSCRIPT_BYTES = 1 << 27


def replay(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The transcript.")],
    port: Annotated[
        str, typer.Option(metavar="URL", help="tcp://HOST:PORT, the path of a device, or a modemlab pty's link.")
    ],
    timeout: Annotated[
        float, typer.Option(metavar="SECONDS", min=0.1, max=3600, help="How long an expected line may take.")
    ] = 5.0,
    show_secrets: ShowSecrets = False,
) -> None:
    """Play a transcript on a port, virtual or real. Exit status: 0 as written, 1 it differs, 2 it could not be played.

    Output before the first line that is sent is ignored. After `~~ N`, output may come at once, or up to N seconds
    later than --timeout allows.
    """
    from modemlab.lab.masked_reports import masked_difference
    from modemlab.ports.file_reading import read_file
    from modemlab.ports.host import open_host
    from modemlab.transcripts.format import Mark, TranscriptPlayer, TranscriptStep, parse_transcript, patience

    # What is not UTF-8 passes as surrogates, so that its line can be named; a mark at the head of the file is none.
    text = (
        read_file(file, MAX_TRANSCRIPT_BYTES)
        .decode("utf-8-sig", "surrogateescape")
        .replace("\r\n", "\n")
        .replace("\r", "\n")
    )
    try:
        steps = parse_transcript(text)
    except ValueError as error:
        raise CliError(f"{file}: {why(error)}") from None
    del text
    try:
        line = open_host(port, timeout)
    except ValueError as error:
        raise CliError(why(error)) from None
    except OSError as error:
        raise CliError(f"{port}: {why(error)}") from None
    differences = 0
    try:
        steps, later = patience(steps)
        bench = PortBench(line, timeout, later)
        if not steps or steps[0].mark in (Mark.SEND, Mark.SEND_RAW, Mark.WAIT):
            bench.settle()
        # The last step is none of the transcript's: behind it the port is given `SILENCE_S` seconds, not `timeout`.
        last = TranscriptStep(steps[-1].number if steps else 0, Mark.WAIT, "0")
        for difference in TranscriptPlayer(bench, bench.observe, early=True).play([*steps, last]):
            differences += 1
            say(f"{file}, {difference if show_secrets else masked_difference(difference)}")
    except OSError as error:
        raise CliError(f"{port}: {why(error)}") from None
    finally:
        line.close()
    if differences:
        lines = counted(differences, N_("{count} line"), N_("{count} lines"))
        say(tr("{file}: differs at {lines}", file=file, lines=lines))
        raise typer.Exit(1)
    say(tr("{file}: as written", file=file))


class PortBench:
    """A port as the bench of a transcript. A line that is expected has `timeout` seconds to come.

    `later` are the seconds that some lines, by their numbers, have beyond that.
    """

    def __init__(self, line: "HostPort", timeout: float, later: "Mapping[int, float]") -> None:
        self._line, self._timeout, self._later = line, timeout, later
        self._begun = self._until = 0.0
        self._warned = False

    def observe(self, step: "TranscriptStep") -> None:
        """A step begins: it decides how long is waited for what is said."""
        expected = step.mark.value.startswith("<<")
        patience = self._timeout + self._later.get(step.number, 0.0)
        self._begun = time.monotonic()
        self._until = self._begun + patience if expected else 0.0

    def settle(self) -> None:
        """Pass over what the port has to say by itself, for `timeout` seconds at most."""
        until = time.monotonic() + self._timeout
        while self._line.receive(SILENCE_S) and time.monotonic() < until:
            pass

    def send(self, data: bytes) -> None:
        """The host sends."""
        self._line.send(data)

    def said(self) -> bytes:
        """What came, at once; or as it comes, before the step's time is over. A port that never ends is left then."""
        now = time.monotonic()
        if self._until:
            return self._line.receive(max(self._until - now, 0.0))
        return self._line.receive(SILENCE_S) if now - self._begun < self._timeout else b""

    def wait(self, seconds: float) -> None:
        """Time passes."""
        time.sleep(seconds)

    def network(self, _step: "TranscriptStep") -> "Difference | None":
        """A port shows nothing of the network."""
        if not self._warned:
            print(tr("modemlab: lines that begin with S or M are not played on a port"), file=sys.stderr)
            self._warned = True
        return None
