"""`modemlab up`: a broker, a module, and a session to paste."""

import asyncio
import os
import shutil
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from modemlab.cli.broker import PORT
from modemlab.cli.control import ControlToken, ControlUrl, read_control, serving
from modemlab.cli.module import note_logger
from modemlab.cli.network import NetworkProfile, Seed, read_network, tell_seed
from modemlab.cli.running import Level, LogLevel, Trouble, log_line, model_named, printable, run, say
from modemlab.cli.scenario import ScenarioFile, load_scenario

if TYPE_CHECKING:
    from random import Random

    from modemlab.at.dialect import Dialect, Model
    from modemlab.bench.broker import Broker
    from modemlab.bench.scenario import Scenario
    from modemlab.bench.traffic import Traffic
    from modemlab.bench.virtual import VirtualModule
    from modemlab.mqtt.packets import Publish
    from modemlab.net.conditions import Conditions

LOOPBACK = "127.0.0.1"
MODULE_PORT = 7000

SESSION = """\
AT
AT+CPIN?
AT+CREG?
AT+QMTCFG="recv/mode",0,0,1
AT+QMTOPEN=0,"mqtt.example.com",1883
AT+QMTCONN=0,"bench"
AT+QMTSUB=0,1,"attributes",0
AT+QMTPUBEX=0,0,0,0,"attributes",20
{"temperature":31.6}
AT+QMTDISC=0
"""


def up(
    model: Annotated[str, typer.Option(metavar="MODEL", help="A model or a series.")] = "EC200S-CN",
    broker: Annotated[
        str | None,
        typer.Option(metavar="HOST:PORT", help="Another broker to use; its messages are not printed here."),
    ] = None,
    network: NetworkProfile = "lab",
    seed: Seed = None,
    scenario: ScenarioFile = None,
    control: ControlUrl = None,
    control_token: ControlToken = None,
    log_level: LogLevel = Level.INFO,
) -> None:
    """A broker and a module, and a session to paste; Ctrl-C ends it."""
    dialect, found = model_named(model)
    other = None if broker is None else read_broker(broker)
    conditions, chance = read_network(network, seed)
    plot = load_scenario(scenario, dialect.commands)
    place = read_control(control, control_token)

    async def serve(ended: asyncio.Event) -> None:
        from modemlab.bench.broker import Broker
        from modemlab.bench.traffic import Traffic

        traffic = None if place is None else Traffic()
        server = Broker(log=log_line("broker"))
        if other is None:
            server.observe(show_message)
            address = await start_broker(server)
        else:
            address = other
        try:
            virtual = await start_module(dialect, found, address, conditions, chance.lots, plot, traffic)
            tell_seed(chance, conditions.by_chance or (plot is not None and plot.by_chance))
            try:
                explain(found.name, virtual.urls, f"{bracketed(address[0])}:{address[1]}", other is None)
                async with serving(place, virtual, traffic):
                    await ended.wait()
            finally:
                await virtual.close()
        finally:
            await server.close()

    run(serve, log_level)


def read_broker(text: str) -> tuple[str, int]:
    """The host and the port of `--broker`."""
    from modemlab.ports.address import parse

    try:
        address = parse(f"tcp://{text}")
    except ValueError:
        address = None
    if address is None or address.name or not text.partition(":")[0] or not address.port:
        raise Trouble(f"broker {text!r} is not of the form HOST:PORT, an IPv6 address in brackets")
    return address.host, address.port


def bracketed(host: str) -> str:
    """A host as it stands ahead of a port."""
    return f"[{host}]" if ":" in host else host


async def start_broker(server: "Broker") -> tuple[str, int]:
    """Start the broker on its usual port, or on a free one when that is taken."""
    try:
        address = await server.start(LOOPBACK, PORT)
    except OSError:
        address = await server.start(LOOPBACK, 0)
        say(f"TCP port {PORT} is taken, so the broker has another")
    say(f"broker ready on tcp://{address[0]}:{address[1]}")
    return address


async def start_module(
    dialect: "Dialect",
    model: "Model",
    broker: tuple[str, int],
    conditions: "Conditions",
    chance: "Random",
    scenario: "Scenario | None",
    traffic: "Traffic | None",
) -> "VirtualModule":
    """Start the module on a pty, where there are any, and on TCP: the usual port, or a free one."""
    from modemlab.bench.virtual import VirtualModule
    from modemlab.net.connect_to import ConnectTo
    from modemlab.ports.trace import Trace

    everything = ConnectTo("", None, *broker)
    for number in (MODULE_PORT, 0):
        ports = [f"tcp://{LOOPBACK}:{number}"]
        if os.name == "posix":
            ports.insert(0, "pty")
        virtual = VirtualModule(
            dialect,
            model,
            ports=ports,
            connect_to=[everything],
            on_note=note_logger(),
            chance=chance,
            scenario=scenario,
            trace=None if traffic is None else Trace(traffic),
            steered=traffic is not None,
        )
        virtual.set_conditions(conditions)
        try:
            await virtual.open()
        except OSError:
            if number == 0:
                raise
            continue
        if number == 0:
            say(f"TCP port {MODULE_PORT} is taken, so the module has another")
        break
    return virtual


def explain(name: str, urls: tuple[str, ...], broker: str, embedded: bool) -> None:
    """Say what is there and what to do with it."""
    for url in urls:
        say(f"{name} ready on {url}")
    say("\nOpen a terminal on it, in another window:")
    for line in terminals(urls):
        say(f"  {line}")
    say("\nPaste these lines, each when the one before it has been answered. Enter ends a line;")
    say("the message itself is sent by its last byte:\n")
    for line in SESSION.splitlines():
        say(f"    {line}")
    say(f"\nWhatever host it is told to open, the module reaches the broker at {broker}.")
    say("Messages that arrive there are printed here. Ctrl-C ends it.\n" if embedded else "Ctrl-C ends it.\n")


def terminals(urls: tuple[str, ...]) -> list[str]:
    """How to open a terminal on the module with what is installed, or with what pip can install.

    Each sends CR for Enter, or CR LF.
    """
    device = next((url for url in urls if url.startswith("/")), None)
    host, _, number = urls[-1].removeprefix("tcp://").rpartition(":")
    found = []
    if device is not None:
        found += [f"{name} {device}" for name in ("picocom", "screen", "tio") if shutil.which(name)]
    if shutil.which("nc"):
        found.append(f"nc {'-c' if sys.platform == 'darwin' else '-C'} {host} {number}")
    if shutil.which("telnet"):
        found.append(f"telnet {host} {number}")
    url = device or f"socket://{host}:{number}"
    install = f"{sys.executable} -m pip install pyserial"
    return found or [f"{install} && {sys.executable} -m serial.tools.miniterm --eol CR {url}"]


def show_message(_client_id: str, message: "Publish") -> None:
    """Print a message that arrived at the broker."""
    from modemlab.at.transcript import shown

    say(f"{printable(message.topic)} {shown(message.payload)}")
