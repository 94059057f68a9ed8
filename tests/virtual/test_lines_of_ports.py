"""A module with several ports of its own: who is answered where, and where URCs go."""

import asyncio
import io
from collections.abc import Callable, Sequence

import pytest
import serial

from modemlab.dialect.registry import find_model
from modemlab.module.observer import Observer
from modemlab.ports.memory import MemoryPort
from modemlab.ports.port import NamedPort
from modemlab.ports.trace import Trace, TraceFile
from modemlab.virtual.module import VirtualModule
from support.helpers import WAIT, until
from support.tiny_module import DIALECT, MODEL

NAMES = ("usbat", "usbmodem", "uart1")
OK = b"\r\nOK\r\n"
RDY = b"\r\nRDY\r\n"
URC = b"\r\n+TEST: 1\r\n"


class Host:
    """A host on one of a module's ports in memory."""

    def __init__(self, vm: VirtualModule, index: int) -> None:
        port = vm.ports[index]
        assert isinstance(port, MemoryPort)
        self.port, self._heard = port, bytearray()
        port.attach(self._heard.extend)

    def ask(self, data: bytes) -> bytes:
        """Say this; what is said at once."""
        self.port.host_send(data)
        return self.heard()

    def heard(self) -> bytes:
        """What was said since."""
        heard = bytes(self._heard)
        self._heard.clear()
        return heard


def on_ports(
    names: tuple[str, ...], work: Callable[[VirtualModule, list[Host]], None], observers: Sequence[Observer] = ()
) -> None:
    """Run with an EC200S whose ports in memory are of these names, a host on each."""

    async def main() -> None:
        ports = [NamedPort(name, MemoryPort) if name else MemoryPort for name in names]
        async with VirtualModule(*find_model("EC200S"), ports=ports, observers=observers) as vm:
            work(vm, [Host(vm, index) for index in range(len(names))])

    asyncio.run(main())


def urc(vm: VirtualModule) -> None:
    """Something is told."""
    vm.module.send_urc_line(b"+TEST: 1")
    vm.settle()


def test_answers_go_where_they_were_asked_and_urcs_where_they_are_routed() -> None:
    """Each port has its own line; AT+QURCCFG chooses the port of the URCs at once, and over a restart."""

    def work(vm: VirtualModule, hosts: list[Host]) -> None:
        at, modem, uart = hosts
        assert [host.heard() for host in hosts] == [RDY, b"", b""]
        assert modem.ask(b"AT\r") == b"AT\r" + OK
        assert (at.heard(), uart.heard()) == (b"", b"")
        urc(vm)
        assert [host.heard() for host in hosts] == [URC, b"", b""]
        assert uart.ask(b'ATE0;+QURCCFG="urcport","uart1"\r').endswith(OK)
        urc(vm)
        assert [host.heard() for host in hosts] == [b"", b"", URC]
        assert at.ask(b'AT+QURCCFG="urcport"\r') == b'\r\n+QURCCFG: "urcport","uart1"\r\n' + OK
        vm.power_key()
        vm.power_key()
        assert [host.heard() for host in hosts] == [b"", b"", RDY]
        assert modem.ask(b'ATE0;+QURCCFG="urcport","usbmodem";+CFUN=1,1\r').endswith(OK)
        vm.module.advance(vm.module.now)
        vm.settle()
        assert modem.heard() == RDY
        assert (at.heard(), uart.heard()) == (b"", b"")

    on_ports(NAMES, work)


def test_each_line_has_its_own_state() -> None:
    """A half-typed line, a data prompt and a repeat on one port do not concern another, whatever comes between."""

    def work(vm: VirtualModule, hosts: list[Host]) -> None:
        at, modem, uart = hosts
        at.heard()
        assert at.ask(b"ATE0\r") == b"ATE0\r" + OK
        assert at.ask(b"AT+CS") == b""
        assert modem.ask(b'AT+QFUPL="a.txt",4\r') == b"\r\nCONNECT\r\n"
        assert uart.ask(b"AT+QMTCFG=?\r").endswith(OK)
        assert modem.ask(b"AT") == b""
        urc(vm)
        assert at.heard() == b""
        assert at.ask(b"Q\r") == b"\r\n+CSQ: 24,99\r\n" + OK + URC
        assert uart.ask(b"AT\rA/") == OK + OK
        assert modem.ask(b"\r\n").endswith(OK)
        assert at.ask(b"A/") == b"\r\n+CSQ: 24,99\r\n" + OK
        assert at.ask(b'AT+QFLDS="UFS"\r').endswith(OK)
        assert modem.ask(b'AT+QFDEL="a.txt"\r') == OK

    on_ports(NAMES, work)


def test_a_prompt_times_out_on_its_own_line() -> None:
    """Time passes for all lines, and what it brings is said where it belongs."""

    def work(vm: VirtualModule, hosts: list[Host]) -> None:
        at, modem = hosts
        at.heard()
        at.ask(b"ATE0\r")
        assert modem.ask(b'AT+QFUPL="a.txt",4,5\r') == b"\r\nCONNECT\r\n"
        deadline = vm.module.deadline()
        assert deadline is not None
        vm.module.advance(deadline)
        vm.settle()
        assert modem.heard() == b"\r\n+QFUPL: 0,0\r\n\r\n+CME ERROR: 421\r\n"
        assert at.heard() == b""

    on_ports(NAMES[:2], work)


def test_hosts_come_and_go_on_each_line() -> None:
    """What is said while nobody has a line's port open is kept for it; leaving one line hangs up that one alone."""

    def work(vm: VirtualModule, hosts: list[Host]) -> None:
        at, modem = hosts
        at.heard()
        at.ask(b"ATE0\r")
        assert modem.ask(b'AT+QFUPL="a.txt",4\r') == b"\r\nCONNECT\r\n"
        at.port.detach()
        urc(vm)
        assert modem.ask(b"12") == b""
        modem.port.detach()
        again = Host(vm, 1)
        assert again.heard().endswith(OK)
        assert again.ask(b"AT\r") == OK
        assert Host(vm, 0).heard() == URC

    on_ports(NAMES[:2], work)


@pytest.mark.parametrize(
    ("names", "heard"),
    [
        (("usbmodem", "uart1"), [URC, URC]),
        (("usbat", "usbat"), [URC, URC]),
        (("usbat", "usbat", "uart1"), [URC, URC, b""]),
        (("uart1",), [URC]),
        (("", ""), [URC, URC]),
    ],
)
def test_where_nothing_is_routed_all_hear(names: tuple[str, ...], heard: list[bytes]) -> None:
    """One line, or no port of the chosen name: URCs go to all; ports of one name are one line."""

    def work(vm: VirtualModule, hosts: list[Host]) -> None:
        for host in hosts:
            host.heard()
        urc(vm)
        assert [host.heard() for host in hosts] == heard
        answer = hosts[0].ask(b"ATE0\r")
        assert answer == b"ATE0\r" + OK
        shared = [answer if name == names[0] else b"" for name in names[1:]]
        assert [host.heard() for host in hosts[1:]] == shared

    on_ports(names, work)


@pytest.mark.parametrize(
    ("ports", "words"),
    [
        (["pty", "tcp://127.0.0.1:0#usbat"], "give each port of a module its #NAME, or none"),
        (["pty#modem"], "#modem is not a port of Quectel .*; its ports: usbat, usbmodem, uart1"),
    ],
)
def test_names_that_are_refused(ports: list[str], words: str) -> None:
    """All ports are named or none, and a name is one of the dialect's."""

    async def main() -> None:
        with pytest.raises(ValueError, match=words):
            VirtualModule(*find_model("EC200S"), ports=ports)
        with pytest.raises(ValueError, match="#usbat is not a port of Tiny; its ports: -"):
            VirtualModule(DIALECT, MODEL, ports=["tcp://127.0.0.1:0#usbat"])

    asyncio.run(main())


def test_a_trace_names_the_lines() -> None:
    """Each entry of the line says which one it was."""
    file = io.StringIO()

    def work(_vm: VirtualModule, hosts: list[Host]) -> None:
        hosts[1].ask(b"AT\r")

    on_ports(NAMES[:2], work, observers=[Trace(TraceFile(file))])
    lines = [line.partition(" ")[2].partition(" | ")[0] for line in file.getvalue().splitlines()]
    assert lines == [r"<< usbat \r\nRDY\r\n", r">> usbmodem AT\r", r"<< usbmodem AT\r\r\nOK\r\n"]


@pytest.mark.filterwarnings("ignore:set(Daemon|Name)")
def test_on_real_ports() -> None:
    """A pty and an RFC 2217 port: DTR off ends the data of its own line, and power shows on its lines."""

    def on_modem(url: str) -> None:
        with serial.serial_for_url(url, 9600, timeout=WAIT) as device:
            device.write(b'AT+QFUPL="a.txt",9\r')
            assert device.read_until(b"CONNECT\r\n").endswith(b"CONNECT\r\n")
            device.write(b"123")
            device.dtr = False
            assert device.read_until(OK) == b"\r\n+QFUPL: 3,232\r\n" + OK
            assert device.cts
            device.write(b"AT+QPOWD=0\r")
            device.read_until(b"POWERED DOWN\r\n")
            while device.cts or device.dsr:
                device.read(0)

    def on_at(url: str) -> None:
        with serial.Serial(url, 115200, timeout=WAIT) as device:
            assert device.read(len(RDY)) == RDY
            device.write(b'AT+QURCCFG="urcport","usbmodem"\r')
            assert device.read_until(OK).endswith(OK)

    async def main() -> None:
        ports = ["pty#usbat", "rfc2217://127.0.0.1:0#usbmodem"]
        async with VirtualModule(*find_model("EC200S"), ports=ports) as vm:
            await asyncio.wait_for(asyncio.to_thread(on_at, vm.urls[0]), 3 * WAIT)
            await asyncio.wait_for(asyncio.to_thread(on_modem, vm.urls[1]), 3 * WAIT)
            await until(lambda: not vm.ports[1].taken)

    asyncio.run(main())
