"""`modemlab check`: a program of one's own, on a module and a broker, held to what a file expects."""

import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from modemlab.cli.allow_remote import AllowRemote, admit
from modemlab.cli.broker import Grant, read_grant
from modemlab.cli.common import CliError, Level, check_place, model_named, printable, run, say
from modemlab.cli.input_files import load
from modemlab.cli.language import said, tr, why
from modemlab.cli.options import ModuleOptions, Setup, read_options
from modemlab.cli.secret_option import ShowSecrets
from modemlab.cli.uart_options import uart_of
from modemlab.text.catalogue import N_

if TYPE_CHECKING:
    from ssl import SSLContext

    from modemlab.broker.server import Broker
    from modemlab.lab.check_file import BrokerTable as Settings
    from modemlab.lab.check_file import CheckFile, ModuleTable
    from modemlab.lab.junit import Case
    from modemlab.lab.observer import LabObserver
    from modemlab.lab.program import ProgramOutcome, Supervision
    from modemlab.net.connect_to import ConnectTo
    from modemlab.ports.address import PortAddress
    from modemlab.virtual.module import VirtualModule

# Lines of traffic that are shown when something is not as expected.
MAX_SHOWN_LINES = 200


def check(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="What there is and what is expected: docs/ci.md.")],
    program: Annotated[
        list[str], typer.Argument(metavar="-- PROGRAM [ARGUMENT]...", help="The program that drives the module.")
    ],
    junit: Annotated[Path | None, typer.Option(metavar="FILE", help="Write the results as JUnit XML.")] = None,
    grant: Grant = None,
    show_secrets: ShowSecrets = False,
    allow_remote: AllowRemote = False,
) -> None:
    """Run a program on a virtual module, and compare the traffic with a file.

    Exit status: 0 as expected, 1 not, 2 it cannot be run.

    The program finds the module's port in MODEMLAB_PORT, and the broker in MODEMLAB_MQTT_HOST and MODEMLAB_MQTT_PORT.
    """
    from modemlab.lab.check_file import read_check
    from modemlab.lab.junit import write_junit
    from modemlab.scenario.file import MAX_FILE_BYTES

    check_place(junit)
    job = ProgramRun(
        file, load(file, MAX_FILE_BYTES, read_check), program, read_grant(grant), show_secrets, allow_remote
    )
    run(job.serve, Level.WARNING)
    failed = sum(bool(case.failure) for case in job.cases)
    for case in job.cases:
        told = N_("not met  {name}: {failure}") if case.failure else N_("met      {name}")
        say(tr(told, name=case.name, failure=printable(case.failure)))
    if failed:
        heading = tr("Traffic, with the seconds since the program's start:")
        print(f"{heading}\n{job.traffic}", file=sys.stderr, flush=True)
    if junit is not None:
        write_junit(junit, f"modemlab check {file}", job.cases, job.traffic, job.seconds)
    say(tr("{file}: {met} of {count} met", file=file, met=len(job.cases) - failed, count=len(job.cases)))
    if failed or not job.cases:
        raise typer.Exit(1)


class ProgramRun:
    """A program's run: `cases` and `traffic` are what came of it, in so many `seconds`."""

    def __init__(
        self,
        file: Path,
        wanted: "CheckFile",
        command: list[str],
        grant: int | None = None,
        show_secrets: bool = False,
        allow_remote: bool = False,
    ) -> None:
        """Find all that the file says right, before anything starts. `grant` stands before the file's."""
        from modemlab.ports.exposure import MODULE_EXPOSED

        self._grant = wanted.broker.grant if grant is None else grant
        self._wanted, self._command = wanted, command
        self.cases: list[Case] = []
        self.traffic = ""
        self.seconds = 0.0
        try:
            self._port, self._rules = read_line(wanted.module)
            admit([self._port], allow_remote, MODULE_EXPOSED)
            self._setup = read_module(wanted.module, file.parent, show_secrets)
            self._setup.given["allow_remote"] = allow_remote
            self._users = None if wanted.broker.users is None else read_users(file.parent / wanted.broker.users)
            self._tls = read_tls(wanted.broker, file.parent)
        except CliError as error:
            raise CliError(f"{file}: {why(error)}") from None

    async def serve(self, ended: asyncio.Event) -> None:
        """Start the broker and the module, run the program, and judge."""
        from modemlab.broker.server import Broker
        from modemlab.lab.observer import LabObserver
        from modemlab.lab.program import Supervision

        supervision = Supervision(self._wanted.expectations)
        witness = LabObserver(supervision.see, lambda _data: None, lambda: supervision.now)
        broker = Broker(users=self._users, grant=self._grant, log=witness.log)
        broker.observe(witness.on_message)
        try:
            server = await broker.start(tls=self._tls)
            virtual = self._make(witness, broker, server)
            try:
                await virtual.open()
                outcome = await self._run(supervision, virtual, server, ended)
            finally:
                await virtual.close()
        finally:
            await broker.close()
        self.traffic = witness.shown(MAX_SHOWN_LINES)
        self.cases = judge(supervision, outcome, self.traffic, self._setup.given["show_secrets"])
        self.seconds = outcome.seconds

    def _make(self, witness: "LabObserver", broker: "Broker", server: tuple[str, int]) -> "VirtualModule":
        """The module, which is not open yet. Whatever host it is told to open, it reaches the broker."""
        from modemlab.net.connect_to import ConnectTo
        from modemlab.scenario.player import play
        from modemlab.virtual.module import VirtualModule

        setup = self._setup
        given = {**setup.given, **witness.options, "rng": setup.rng.rng}
        rules = [*self._rules, ConnectTo("", None, *server)]
        virtual = VirtualModule(setup.dialect, setup.model, ports=[self._port], connect_to=rules, **given)
        play(virtual, self._wanted.scenario, broker, witness.report)
        virtual.network.set_conditions(setup.conditions)
        return virtual

    async def _run(
        self, supervision: "Supervision", virtual: "VirtualModule", server: tuple[str, int], ended: asyncio.Event
    ) -> "ProgramOutcome":
        """Run the program, which knows where things are."""
        environment = {
            "MODEMLAB_PORT": virtual.urls[0],
            "MODEMLAB_MQTT_HOST": server[0],
            "MODEMLAB_MQTT_PORT": str(server[1]),
        }
        program = self._wanted.program
        try:
            return await supervision.run(
                self._command, environment, timeout=program.timeout, forever=program.forever, ended=ended
            )
        except OSError as error:
            raise CliError(f"{self._command[0]}: {why(error)}") from None


def judge(supervision: "Supervision", outcome: "ProgramOutcome", traffic: str, show_secrets: bool) -> "list[Case]":
    """What came of each expectation; a program that was cut short is one more that was not met.

    Those that were not met have the traffic.
    """
    from modemlab.lab.junit import Case

    cases = []
    for watch in supervision.watches:
        seconds = outcome.seconds if watch.at is None else watch.at
        fault = watch.fault(supervision.now, show_secrets)
        cases.append(Case("expect", watch.expectation.name, "" if fault is None else said(fault), seconds=seconds))
    if outcome.cut is not None:
        cases.append(Case("program", tr("the program runs to its end"), said(outcome.cut), seconds=outcome.seconds))
    return [case._replace(out=traffic) if case.failure else case for case in cases]


def read_module(module: "ModuleTable", home: Path, show_secrets: bool) -> Setup:
    """The module of a file, read as the options of `modemlab module` are; paths are from `home` on."""
    dialect, model = model_named(module.model)
    options = ModuleOptions(
        strict=module.strict,
        quirk=list(module.quirk or ()),
        imei=module.imei,
        apn=module.apn,
        files=None if module.files is None else str(home / module.files),
        answers=None if module.answers is None else home / module.answers,
        network=module.network,
        seed=module.seed if module.seed is not None else 0,
        show_secrets=show_secrets,
    )
    uart = uart_of(module.baud, module.fifo, module.noise)
    return read_options(dialect, model, options, line=(uart, 1.0 if module.speed is None else module.speed))


def read_line(module: "ModuleTable") -> "tuple[PortAddress, list[ConnectTo]]":
    """The port, which a program can open, and where connections go."""
    from modemlab.cli.module import DEFAULT_PORT, read_ports, read_rules
    from modemlab.ports.address import PortKind

    (address,) = read_ports([module.port or DEFAULT_PORT])
    if address.kind not in (PortKind.PTY, PortKind.TCP, PortKind.RFC2217):
        raise CliError(
            "port {port!r} is none that a program can open: write pty, tcp:// or rfc2217://", port=module.port
        )
    return address, read_rules(list(module.connect_to or ()))


def read_tls(broker: "Settings", home: Path) -> "SSLContext | None":
    """What the broker speaks TLS by; None if it does not."""
    from modemlab.broker.certificates import read_identity

    if broker.certificate is None:
        return None
    key, clients = (None if name is None else home / name for name in (broker.key, broker.client_ca))
    try:
        return read_identity(home / broker.certificate, key, clients)
    except ValueError as error:
        raise CliError(why(error)) from None


def read_users(path: Path) -> dict[str, str]:
    """The broker's users."""
    from modemlab.broker.users import load_users

    try:
        return load_users(path)
    except ValueError as error:
        raise CliError(why(error)) from None
    except OSError as error:
        raise CliError(f"{path}: {why(error)}") from None
