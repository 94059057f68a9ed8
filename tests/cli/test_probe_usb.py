"""`modemlab probe` and `ports` on a machine with a module on USB: which of its ports, who else is there, whose turn."""

import fcntl
import grp
import os
import select
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from modemlab.driver import probe
from modemlab.driver.protocol import identify
from support.command_line import PATIENCE
from support.host_and_module import CommandLine, Desk, Done, desk
from support.usb_machine import Machine, Plugged

HERE = "URCs go to the main UART, not here"
QUECTEL, SERIAL_CABLE = (0x2C7C, 0x6002), (0x0403, 0x6001)


@pytest.fixture
def cli(monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]) -> CommandLine:
    """`modemlab` in this process; nobody has long to answer."""
    monkeypatch.setattr(identify, "FIRST_OK_TIMEOUT_S", 0.05)
    monkeypatch.setattr(probe, "RATE_PROBE_TIMEOUT_S", 0.05)
    return CommandLine(monkeypatch, capfdbinary)


@pytest.fixture
def silent() -> Iterator[str]:
    """A port on which nobody ever answers, as the one for diagnosis."""
    master, slave = os.openpty()
    yield os.ttyname(slave)
    os.close(master)
    os.close(slave)


@pytest.fixture
def bench() -> Iterator[Desk]:
    """A module with all of its ports."""
    with desk(ports=["pty#usbat", "pty#usbmodem", "pty#uart1"]) as made:
        yield made


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bench: Desk, silent: str) -> Machine:
    """An EC200S-CN on USB, as the driver `option` shows it, and its UART on a cable's chip."""
    made = Machine(tmp_path, monkeypatch)
    at, modem, uart = bench.urls
    ports = {2: ("ttyUSB0", silent), 3: ("ttyUSB1", at), 4: ("ttyUSB2", modem)}
    made.plug(Plugged("1-1.2", *QUECTEL, "Android", ports))
    made.plug(Plugged("1-3", *SERIAL_CABLE, "FT232R USB UART", {0: ("ttyUSB10", uart)}))
    (tmp_path / "dev/serial/by-id/usb-Android-if03-port0").symlink_to(made.port("ttyUSB1"))
    return made


def say(pty: str, line: str, end: bytes = b"OK\r\n") -> None:
    """Type a line, as a host that comes and goes; it is answered up to that end."""
    fd = os.open(pty, os.O_RDWR | os.O_NOCTTY)
    try:
        os.write(fd, line.encode() + b"\r")
        said = b""
        while end not in said:
            assert select.select([fd], [], [], PATIENCE)[0], said
            said += os.read(fd, 4096)
    finally:
        os.close(fd)


def wrong(done: Done) -> list[str]:
    """What seems wrong."""
    assert done.err == ""
    told = done.out.decode().partition("\nWhat seems wrong:\n")[2]
    assert done.status == (1 if told else 0)
    return [line[2:] for line in told.splitlines()]


def test_ports_are_listed(cli: CommandLine, machine: Machine) -> None:
    """By their numbers, with what the kernel says of them and who has them open."""
    machine.run(812, "ModemManager", machine.port("ttyUSB1"), machine.port("ttyUSB2"))
    machine.run(901, "picocom", machine.port("ttyUSB1"))
    machine.run(902, "another user's", hidden=True)
    done = cli("ports")
    assert (done.status, done.err) == (0, "")
    dev = machine.root / "dev"
    assert [line.split("  ") for line in condensed(done)[1:5]] == [
        [f"{dev}/ttyUSB0", "2c7c:6002", "2", "Quectel EC200S-CN", "Android"],
        [f"{dev}/ttyUSB1", "2c7c:6002", "3", "Quectel EC200S-CN", "Android", "ModemManager (812), picocom (901)"],
        [f"{dev}/ttyUSB2", "2c7c:6002", "4", "Quectel EC200S-CN", "Android", "ModemManager (812)"],
        [f"{dev}/ttyUSB10", "0403:6001", "FT232R USB UART"],
    ]


def condensed(done: Done) -> list[str]:
    """The lines of a table, with two blanks between columns."""
    lines = done.out.decode().splitlines()
    return ["  ".join(cell.strip() for cell in line.split("  ") if cell.strip()) for line in lines]


@pytest.mark.parametrize("name", ["ttyUSB1", "serial/by-id/usb-Android-if03-port0"])
def test_the_port_for_commands(cli: CommandLine, machine: Machine, name: str) -> None:
    """It is named with its ids, by its link too; nothing is wrong with it."""
    done = cli("probe", machine.port(name))
    assert wrong(done) == []
    first = f"port          {machine.port(name)}, USB 2c7c:6002, Quectel EC200S-CN, interface 3\n"
    assert done.out.decode().startswith(first)


def test_another_port_of_the_module(cli: CommandLine, machine: Machine) -> None:
    """Of all its ports those that answer are told, and no other device's."""
    found = wrong(cli("probe", machine.port("ttyUSB0")))
    assert found[0].startswith("nothing answers AT: no data is received: ")
    assert found[1:] == [
        f"AT is answered on {machine.port(name)}, another port of the same module" for name in ("ttyUSB1", "ttyUSB2")
    ]


@pytest.mark.parametrize(
    ("setting", "name", "found"),
    [
        ("usbat", "ttyUSB1", []),
        ("usbmodem", "ttyUSB2", []),
        ("uart1", "ttyUSB1", [f'{HERE}: AT+QURCCFG="urcport","usbat" sends them here']),
        ("uart1", "ttyUSB10", []),
        ("usbat", "ttyUSB10", ['URCs go to the USB AT port, not here: AT+QURCCFG="urcport","uart1" sends them here']),
    ],
)
def test_urcs_are_routed_elsewhere(
    cli: CommandLine, machine: Machine, bench: Desk, setting: str, name: str, found: list[str]
) -> None:
    """As AT+QURCCFG has them go, seen from each port; what helps does."""
    say(bench.urls[0], f'AT+QURCCFG="urcport","{setting}"')
    assert wrong(cli("probe", machine.port(name))) == found
    for line in found:
        helps = line.partition(": ")[2].removesuffix(" sends them here")
        say(bench.urls[0], helps)
        assert wrong(cli("probe", machine.port(name))) == []


@pytest.mark.parametrize("hidden", [False, True])
def test_modem_manager(cli: CommandLine, machine: Machine, hidden: bool) -> None:
    """On the port, or, where it does not show what it has open, somewhere."""
    port = machine.port("ttyUSB1")
    machine.run(812, "ModemManager", port, hidden=hidden)
    (found,) = wrong(cli("probe", port))
    says = "ModemManager (812) is running, and opens the ports of modules: " if hidden else "(812) has the port open: "
    assert says in found
    assert found.endswith("a udev rule with ID_MM_PORT_IGNORE=1 keeps it off one port")


@contextmanager
def somebody() -> Iterator[None]:
    """As a user whom root's rights are not given to."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


def test_no_permission(cli: CommandLine, bench: Desk) -> None:
    """What the system really says to somebody who may not open it, with the group that may."""
    port = bench.urls[0]
    cli("probe", port)  # what it imports may be root's alone
    os.chmod(port, 0o060)
    if os.geteuid() == 0:
        os.chown(port, -1, next(each.gr_gid for each in grp.getgrall() if each.gr_gid not in (0, *os.getgroups())))
    group = grp.getgrgid(os.stat(port).st_gid).gr_name
    with somebody():
        done = cli("probe", port)
    helps = f"its group is {group} (sudo usermod -a -G {group} $USER, then log in again)"
    assert done == (2, b"", f"modemlab: {port}: Permission denied: {helps}\n")


def test_another_process_on_the_port(cli: CommandLine, bench: Desk) -> None:
    """A real one, as /proc really shows it, by its name and number; one that locks the port keeps others out."""
    pty = bench.urls[0]
    with subprocess.Popen(["/bin/sh", "-c", f"exec 3<>{pty}; echo; read _"], stdin=-1, stdout=-1) as process:
        assert process.stdout is not None
        process.stdout.readline()
        told = f"sh ({process.pid}) has the port open"
        assert wrong(cli("probe", pty)) == [f"{told}: each of the two gets only a part of the data; end that process"]
        with open(pty, "rb", buffering=0) as locked:
            fcntl.flock(locked, fcntl.LOCK_EX)
            done = cli("probe", pty)
        locks = f"modemlab: {pty}: another program has it open and locked; {told}\n"
        assert (done.status, done.out, done.err) == (2, b"", locks)
        process.communicate()


@pytest.mark.parametrize(
    ("model", "session", "remark"),
    [
        (
            "EC200S-CN",
            [
                ("AT&D0", "OK"),
                ("AT+QIACT=1", "OK"),
                ('AT+QMTOPEN=0,"x",1883', "+QMTOPEN: 0,0"),
                ('AT+QMTCONN=0,"me"', "+QMTCONN: 0,0,0"),
                ('AT+QMTPUBEX=0,1,1,0,"t",1500', "> "),
            ],
            "the module answered only after many CR: a host had left it in data mode",
        ),
        (
            "Air724UG",
            [
                ("AT&D0", "OK"),
                ('AT+MCONFIG="me"', "OK"),
                ('AT+MIPSTART="x",1883', "CONNECT OK"),
                ("AT+MCONNECT=1,60", "CONNACK OK"),
                ('AT+MPUBEX="t",0,0,200', ">"),
            ],
            "the module answered only after many CR: a host had left it in data mode",
        ),
    ],
)
def test_a_host_that_crashed_in_data_mode(
    cli: CommandLine, model: str, session: list[tuple[str, str]], remark: str
) -> None:
    """It is gone, the port is free, no DTR tells, and the module waits for the rest; afterwards all is well."""
    with desk(model) as bench:
        pty = bench.urls[0]
        for line, end in session:
            say(pty, line, end.encode())
        (found,) = wrong(cli("probe", pty))
        assert found.startswith(remark)
        assert wrong(cli("probe", pty)) == []
