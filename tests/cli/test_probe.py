"""`modemlab probe`: what it finds on virtual modules and on ptys that are none, and what it says is wrong."""

import errno
import os
import select
import subprocess
import termios
import threading
import tty
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from modemlab.dialect.mobile import DENIED, HOME, Signal, Sim
from modemlab.driver import probe
from modemlab.driver.protocol import identify
from modemlab.ports.listing import SerialPortInfo
from modemlab.ports.port_users import MODEM_MANAGER, PortUser
from support.command_line import Host
from support.host_and_module import CommandLine, Done, desk
from support.serving import serving

FINE = "\nNothing seems wrong.\n"
LTE = """\
port          {url}
echo          on; the driver turns it off
model         Quectel EC200SCN, EC200SCNAAR03A01M08
dialect       quectel_lte: Quectel EC200x, EC600x and EG912Y
MQTT          6 clients, messages up to 1500 bytes, 5 unacknowledged
commands for  aliyun, onenet, huawei, huawei product
SIM           READY
network       registered, home network, CHINA MOBILE, attached
signal        24 of 31, -65 dBm
URCs          come on the USB AT port
"""


@pytest.fixture
def cli(monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]) -> CommandLine:
    """`modemlab` in this process; nobody has long to answer, and the system lists no port."""
    monkeypatch.setattr(identify, "FIRST_OK_TIMEOUT_S", 0.05)
    monkeypatch.setattr(probe, "RATE_PROBE_TIMEOUT_S", 0.05)
    monkeypatch.setattr(probe, "found_ports", list)
    return CommandLine(monkeypatch, capfdbinary)


def wrong(done: Done) -> list[str]:
    """What seems wrong."""
    assert (done.status, done.err) == (1, "")
    return [line[2:] for line in done.out.decode().partition("\nWhat seems wrong:\n")[2].splitlines()]


def test_nothing_is_wrong(cli: CommandLine) -> None:
    """A module as it leaves the factory, all lines; the second time its echo is off."""
    with desk() as bench:
        url = bench.urls[0]
        assert cli("probe", url) == (0, (LTE.format(url=url) + FINE).encode(), "")
        again = LTE.format(url=url).replace("on; the driver turns it off", "off")
        assert cli("probe", url, "--baud", "9600") == (0, (again + FINE).encode(), "")


@pytest.mark.parametrize(
    ("model", "lines"),
    [
        (
            "BC35-G",
            [
                "echo          off",
                "model         Quectel BC35GJB-02-STD, ",
                "dialect       quectel_nb: Quectel BC35-G and BC28",
                "MQTT          1 client, messages up to 1024 bytes, 5 unacknowledged",
                "commands for  aliyun, tencent suite",
                "limits        messages come without their length",
            ],
        ),
        ("Air724UG", ["dialect       luat: ", "MQTT          1 client, messages up to 4100 bytes, 5 unacknowledged"]),
    ],
)
def test_other_dialects(cli: CommandLine, model: str, lines: list[str]) -> None:
    """On TCP too; nothing is wrong with them."""
    with desk(model, ports=["tcp://127.0.0.1:0"]) as bench:
        done = cli("probe", bench.urls[0])
    assert (done.status, done.err) == (0, "")
    for line in lines:
        assert f"\n{line}" in done.out.decode()


def test_sim_network_and_signal(cli: CommandLine) -> None:
    """What stands between a host and its network, with what helps."""
    with desk() as bench:
        module = bench.module.module
        bench.call(lambda: module.mobile.lock_sim("1234", now=module.now))
        assert wrong(cli("probe", bench.urls[0])) == ['the SIM is not ready: SIM PIN; AT+CPIN="1234" enters its PIN']
        done = cli("probe", bench.urls[0], "--lang", "zh")
        assert "\nURCs          输出到 USB AT 口\n" in done.out.decode()
        assert done.out.decode().endswith('\n- SIM 卡未就绪：需要 SIM PIN；用 AT+CPIN="1234" 输入 PIN\n')
        bench.call(lambda: module.mobile.insert_sim(Sim.ABSENT, module.now))
        assert wrong(cli("probe", bench.urls[0])) == [
            "the SIM is not ready: SIM not inserted; check that it is inserted the right way round"
        ]
        bench.call(lambda: module.mobile.insert_sim(Sim.READY, module.now))
        bench.call(lambda: module.mobile.set_registration(DENIED, module.now))
        assert wrong(cli("probe", bench.urls[0])) == ["the network: registration denied, signal 24"]
        bench.call(lambda: module.mobile.set_signal(Signal(99, 99), module.now))
        assert wrong(cli("probe", bench.urls[0])) == [
            "the network: searching, signal 99",
            "no signal: is the antenna connected, and is there a network that this model supports?",
        ]
        bench.call(lambda: module.mobile.set_registration(HOME, module.now))
        bench.call(lambda: module.mobile.set_signal(Signal(3, 0), module.now))
        assert wrong(cli("probe", bench.urls[0])) == ["the signal is weak: 3 of 31, -107 dBm"]


@pytest.mark.parametrize(
    ("model", "first", "prompted", "remark", "sent"),
    [
        (
            *("EC200S-CN", ["AT+QIACT=1"], 'AT+QMTPUBEX=0,0,0,0,"t",500'),
            *("the module answered only after many CR: a host had left it", 500),
        ),
        (
            "BC35-G",
            [],
            'AT+QMTPUB=0,0,0,0,"t"',
            "the module answered only after Esc: a host had left it in data mode",
            0,
        ),
    ],
)
def test_left_in_data_mode(
    cli: CommandLine, model: str, first: list[str], prompted: str, remark: str, sent: int
) -> None:
    """A host that is still there has begun a message on the line that it shares with the probe."""
    with desk(model, ports=["tcp://127.0.0.1:0", "tcp://127.0.0.1:0"]) as bench, Host(bench.urls[0]) as host:
        host.paste([*first, 'AT+QMTOPEN=0,"x",1883', 'AT+QMTCONN=0,"me"'])
        host.say(prompted.encode() + b"\r")
        host.until(b"\r\n> ")
        (found,) = wrong(cli("probe", bench.urls[1]))
        assert found.startswith(remark)
        host.say(b"AT+QMTDISC=0\r")
        host.until(b"+QMTDISC: 0,0")
        bench.until(lambda: "'me' ended: DISCONNECT" in bench.log)
        assert [len(message.payload) for _, message in bench.messages] == ([sent] if sent else [])


@contextmanager
def pretender(reply: Callable[[bytes, int], bytes]) -> Iterator[str]:
    """A pty that says what `reply` makes of what it hears, and of its rate; the path."""
    master, slave = os.openpty()
    tty.setraw(slave)
    stop, stopped = os.pipe()

    def serve() -> None:
        while stop not in select.select([master, stop], [], [])[0]:
            data = os.read(master, 65536)
            os.write(master, reply(data, termios.tcgetattr(master)[4]))

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield os.ttyname(slave)
    finally:
        os.close(stopped)
        thread.join()
        for fd in (stop, master, slave):
            os.close(fd)


@pytest.mark.parametrize(
    ("reply", "why"),
    [
        (lambda _data, _rate: b"", "no data is received: "),
        (lambda data, _rate: data, "only what is sent comes back: TX and RX are connected"),
        (lambda _data, _rate: b"\xf8\x80\x00", "what comes is not text: the baud rate is not 115200 bit/s"),
        (lambda _data, _rate: b"$GPGSV,1,1,00*79\r\n", "GNSS positions (NMEA) come: "),
        (lambda _data, _rate: b"boot> ", "something sends data, but does not answer AT: b'boot> "),
    ],
)
def test_nobody_answers(
    cli: CommandLine, monkeypatch: pytest.MonkeyPatch, reply: Callable[[bytes, int], bytes], why: str
) -> None:
    """What came instead says why."""
    monkeypatch.setattr(probe, "RATES", (9600,))
    with pretender(reply) as path:
        (found,) = wrong(cli("probe", path))
    assert found.startswith(f"nothing answers AT: {why}")


def test_the_line_ends(cli: CommandLine) -> None:
    """Who takes the connection and closes it is not a module that is silent."""
    with serving(lambda connection: connection.recv(1)) as port:
        url = f"tcp://127.0.0.1:{port}"
        (found,) = wrong(cli("probe", url))
    assert found.startswith(f"{url}: ")


def test_another_rate(cli: CommandLine) -> None:
    """It is found among the usual ones."""

    def reply(data: bytes, rate: int) -> bytes:
        return b"\r\nOK\r\n" if rate == termios.B9600 and b"AT\r" in data else b""

    with pretender(reply) as path:
        assert wrong(cli("probe", path))[1:] == ["AT is answered at 9600 bit/s: use --baud 9600"]


def test_a_module_that_nobody_knows(cli: CommandLine) -> None:
    """It answers, and says what it is."""

    def reply(data: bytes, _rate: int) -> bytes:
        return b"\r\nM590\r\n\r\nOK\r\n" if data.startswith((b"AT+CGMM", b"ATI")) else b"\r\nOK\r\n"

    with pretender(reply) as path:
        assert wrong(cli("probe", path)) == [
            "the module calls itself 'M590 M590', which no dialect knows: name its dialect or model"
        ]


def test_another_port_of_the_module(cli: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of several ports of one USB device the one for AT commands is found."""
    with desk() as bench, pretender(lambda _data, _rate: b"$GP,\r\n") as nmea, pretender(lambda _d, _r: b"") as other:
        names = (nmea, other, bench.urls[0])
        listed = [SerialPortInfo(name, "", 0x2C7C, 0x6002, "1-1", at) for at, name in enumerate(names)]
        monkeypatch.setattr(probe, "found_ports", lambda: listed)
        monkeypatch.setattr(probe, "manager", lambda: None)
        done = cli("probe", nmea)
        assert done.out.decode().startswith(f"port          {nmea}, USB 2c7c:6002, Quectel EC200S-CN, interface 0\n")
        assert wrong(done)[1:] == [f"AT is answered on {bench.urls[0]}, another port of the same module"]


@pytest.mark.parametrize(
    ("usb", "setting", "found"),
    [
        (
            (0x0403, 0x6001),
            "usbat",
            'URCs go to the USB AT port, not here: AT+QURCCFG="urcport","uart1" sends them here',
        ),
        ((0x2C7C, 0x6002), "uart1", 'URCs go to the main UART, not here: AT+QURCCFG="urcport","usbat" sends them here'),
        ((0x2C7C, 0x6002), "usbmodem", ""),
    ],
)
def test_urcs_elsewhere(
    cli: CommandLine, monkeypatch: pytest.MonkeyPatch, usb: tuple[int, int], setting: str, found: str
) -> None:
    """A UART, or the module's own USB, and where AT+QURCCFG has URCs go."""
    with desk(ports=["pty", "tcp://127.0.0.1:0"]) as bench:
        with Host(bench.urls[1]) as host:
            host.ask(f'AT+QURCCFG="urcport","{setting}"')
        monkeypatch.setattr(probe, "found_ports", lambda: [SerialPortInfo(bench.urls[0], "", *usb, "1-1", 0)])
        monkeypatch.setattr(probe, "manager", lambda: None)
        done = cli("probe", bench.urls[0])
    assert (wrong(done) == [found]) if found else (done.status == 0)


def test_who_else_is_there(cli: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another process on the port, by its name and number; ModemManager by name, though it shows nothing."""
    with desk() as bench:
        url = bench.urls[0]
        program = f"exec 3<>{url}; echo; read line"
        with subprocess.Popen(["/bin/sh", "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            process.stdout.readline()
            assert wrong(cli("probe", url)) == [
                f"sh ({process.pid}) has the port open: each of the two gets only a part of the data; end that process"
            ]
            assert process.stdin is not None
            process.stdin.close()
        listed = [SerialPortInfo(url, "", 0x2C7C, 0x6002, "1-1", 3)]
        monkeypatch.setattr(probe, "found_ports", lambda: listed)
        monkeypatch.setattr(probe, "manager", lambda: PortUser(77, MODEM_MANAGER))
        (found,) = wrong(cli("probe", url))
        assert found.startswith("ModemManager (77) is running, and opens the ports of modules: `sudo systemctl ")


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("/nowhere",), "/nowhere: No such file or directory: `modemlab ports` lists the ports"),
        (("/dev/null",), "/dev/null: not a serial device: `modemlab ports` lists the ports"),
        (("tcp://127.0.0.1:1",), "tcp://127.0.0.1:1: no program listens there: is the module running? `modemlab up`"),
        (("stdio",), "stdio: No such file or directory: `modemlab ports` lists the ports"),
        (("tcp://:0x",), "port 'tcp://:0x': TCP port '0x' is not a number of 0 to 65535"),
        (("", "--model", "M590"), "'M590' is not a known model"),
        ((), "Missing argument 'PORT'"),
    ],
)
def test_what_cannot_be_opened(cli: CommandLine, arguments: tuple[str, ...], reason: str) -> None:
    """One line."""
    done = cli("probe", *arguments)
    assert (done.status, done.out) == (2, b"")
    assert done.err.startswith(f"modemlab: {reason}")
    assert done.err.count("\n") == 1


@pytest.mark.parametrize(
    ("number", "reason"),
    [
        (errno.EACCES, "Permission denied: its group is often dialout (sudo usermod -a -G dialout $USER, then log in"),
        (errno.EBUSY, "Device or resource busy; sh (7) has the port open"),
    ],
)
def test_what_may_not_be_opened(cli: CommandLine, monkeypatch: pytest.MonkeyPatch, number: int, reason: str) -> None:
    """Why, and who has it; nothing stops root, so the system's answer is put in its place."""

    def refuse(*_: object) -> int:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr("modemlab.ports.pty.open_raw", refuse)
    monkeypatch.setattr(probe, "holders", lambda devices: {device: [PortUser(7, "sh")] for device in devices})
    done = cli("probe", "/dev/ttyUSB9")
    assert (done.status, done.out) == (2, b"")
    assert done.err.startswith(f"modemlab: /dev/ttyUSB9: {reason}")
