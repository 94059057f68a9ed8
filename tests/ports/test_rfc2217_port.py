"""An RFC 2217 port: driven by pyserial's own client in its defaults, and by bytes where that client is silent."""

import asyncio
import time
from collections.abc import Awaitable, Callable

import pytest
import serial
from serial import rfc2217

from modemlab.ports.make import make_port
from modemlab.ports.port import CONGESTED_BYTES, MAX_UNREAD_BYTES, Port
from modemlab.ports.rfc2217 import Frame, Rfc2217Port
from support.helpers import WAIT, until

# What the server says as a connection begins, and what it says of its lines ahead of its first answer.
OPENING = bytes.fromhex("fffb00 fffd00 fffb01 fffb03 fffd2c")
LINES = "6b30"


class Line:
    """A port under test and what it told; it echoes in angle brackets."""

    def __init__(self) -> None:
        self.heard = b""
        self.changes: list[tuple[bool, bool]] = []
        self.greeting = b""
        port = make_port("rfc2217://127.0.0.1:0", self.hear, self.note)
        assert isinstance(port, Rfc2217Port)
        self.port = port

    def hear(self, data: bytes) -> None:
        """Echo what comes."""
        self.heard += data
        self.port.write(b"<" + data + b">")

    def note(self, port: Port) -> None:
        """Remember the port's state; greet a host that came."""
        self.changes.append((port.taken, port.congested))
        if port.taken and self.greeting:
            greeting, self.greeting = self.greeting, b""
            port.write(greeting)


def framed(command: str) -> bytes:
    """A COM port command as it travels."""
    return b"\xff\xfa\x2c" + bytes.fromhex(command).replace(b"\xff", b"\xff\xff") + b"\xff\xf0"


class Client:
    """A client that speaks in bytes."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    def send(self, *commands: str, data: bytes = b"") -> None:
        """Send COM port commands, in hexadecimal, and data."""
        for command in commands:
            self.writer.write(framed(command))
        self.writer.write(data)

    async def expect(self, *answers: str, data: bytes = b"") -> None:
        """Be answered this, exactly."""
        wanted = b"".join(map(framed, answers)) + data
        assert (await asyncio.wait_for(self.reader.readexactly(len(wanted)), WAIT)).hex(" ") == wanted.hex(" ")

    async def silence(self) -> None:
        """Be told nothing for a while."""
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(self.reader.readexactly(1), 0.1)


async def call(line: Line) -> Client:
    """Connect as a client that speaks in bytes, past the opening."""
    number = int(line.port.url.rpartition(":")[2])
    client = Client(*await asyncio.wait_for(asyncio.open_connection("127.0.0.1", number), WAIT))
    await client.expect(data=OPENING)
    return client


def on_line(work: Callable[[Line, Client], Awaitable[None]]) -> None:
    """Run with an open port and a client on it that has spoken once and was told of the lines."""

    async def main() -> None:
        line = Line()
        await line.port.open()
        client = await call(line)
        client.send("0c02")
        await client.expect(LINES, "7002")
        await work(line, client)
        client.writer.close()
        await until(lambda: not line.port.taken)
        line.port.close()
        line.port.close()

    asyncio.run(main())


def on_pyserial(work: Callable[[Line, rfc2217.Serial], None], greeting: bytes = b"") -> Line:
    """Run with an open port and pyserial on it, at 9600; the line afterwards."""
    line = Line()
    line.greeting = greeting

    def host() -> None:
        with serial.serial_for_url(line.port.url, 9600, timeout=WAIT) as device:
            assert isinstance(device, rfc2217.Serial)
            work(line, device)

    async def main() -> None:
        await line.port.open()
        await asyncio.wait_for(asyncio.to_thread(host), 4 * WAIT)
        await until(lambda: not line.port.taken)
        line.port.close()

    asyncio.run(main())
    return line


@pytest.mark.filterwarnings("ignore:set(Daemon|Name)")
def test_pyserial_in_its_defaults() -> None:
    """It opens, gets what was kept for it, and all 256 bytes pass unchanged both ways; the lines say power."""
    every = bytes(range(256))

    def work(line: Line, device: rfc2217.Serial) -> None:
        assert device.read(7) == b"\r\nRDY\r\n"
        assert (device.cts, device.dsr, device.cd, device.ri) == (True, True, False, False)
        assert line.port.frame == Frame(9600, 8, 1, 1)
        device.write(b"AT\r")
        assert device.read(5) == b"<AT\r>"
        for byte in every:
            device.write(bytes((byte,)))
            assert device.read(3) == b"<%c>" % byte

    line = on_pyserial(work, b"\r\nRDY\r\n")
    assert line.heard == b"AT\r" + every
    assert line.changes == [(True, False), (False, False)]


@pytest.mark.filterwarnings("ignore:set(Daemon|Name)")
def test_pyserial_sets_the_frame_and_the_lines() -> None:
    """Rate, size, parity, stop bits and flow control are accepted; DTR off is a host that hangs up."""

    def work(line: Line, device: rfc2217.Serial) -> None:
        device.write(b"a")
        assert device.read(3) == b"<a>"
        device.baudrate = 115200
        device.bytesize, device.parity, device.stopbits = 7, serial.PARITY_EVEN, serial.STOPBITS_TWO
        assert line.port.frame == Frame(115200, 7, 3, 2)
        assert str(line.port.frame) == "115200 7E2"
        device.rtscts = True
        device.rtscts = False
        device.break_condition = True
        device.break_condition = False
        device.reset_input_buffer()
        device.reset_output_buffer()
        assert line.changes == [(True, False)]
        device.dtr = False
        assert line.changes == [(True, False), (False, False), (True, False)]
        device.dtr = True
        device.write(b"b")
        assert device.read(3) == b"<b>"

    assert on_pyserial(work).heard == b"ab"


@pytest.mark.parametrize(
    ("sent", "answered"),
    [
        ("00", "64" + b"modemlab".hex()),
        ("00" + b"somebody".hex(), ""),
        ("0100000000", "650001c200"),
        ("0100002580", "6500002580"),
        ("01003d0900", "65003d0900"),
        ("01003d0901", "650001c200"),
        ("0100000031", "650001c200"),
        ("010000", ""),
        ("0200", "6608"),
        ("0205", "6605"),
        ("0204", "6608"),
        ("0209", "6608"),
        ("0300", "6701"),
        ("0305", "6705"),
        ("0306", "6701"),
        ("0400", "6801"),
        ("0403", "6803"),
        ("0404", "6801"),
        ("0500", "6901"),
        ("0501", "6901"),
        ("0502", "6902"),
        ("0503", "6903"),
        ("0504", "6906"),
        ("0505", "6905"),
        ("0507", "6908"),
        ("0508", "6908"),
        ("050a", "690b"),
        ("050c", "690c"),
        ("050d", "690e"),
        ("050f", "690f"),
        ("0510", "6910"),
        ("0511", "6901"),
        ("0512", "690e"),
        ("0513", "6901"),
        ("0563", "6901"),
        ("06", "6a60"),
        ("07", "6b30"),
        ("0a00", "6e00"),
        ("0a01", "6e01"),
        ("0b00", "6f00"),
        ("0c01", "7001"),
        ("0c03", "7003"),
        ("0c04", ""),
        ("0d00", ""),
        ("6500002580", ""),
        ("", ""),
    ],
)
def test_commands(sent: str, answered: str) -> None:
    """Each command, typed from RFC 2217, 2 to 5: what is wrong leaves what holds, which is told."""

    async def work(_line: Line, client: Client) -> None:
        client.send(sent, "00")
        await client.expect(*filter(None, (answered, "64" + b"modemlab".hex())))

    on_line(work)


def test_line_and_modem_state() -> None:
    """Masks choose what is told: at once as they are set, and as the module's power goes and comes."""

    async def work(line: Line, client: Client) -> None:
        client.send("0a60", "0aff")
        await client.expect("6e60", "6a60", "6eff", "6a60")
        line.port.power(True)
        line.port.power(False)
        await client.expect("6b03")
        client.send("07")
        await client.expect("6b00")
        line.port.power(True)
        await client.expect("6b33")
        client.send("0b21")
        await client.expect("6f21", "6b20")
        line.port.power(False)
        await client.expect("6b01")
        client.send("0b30")
        await client.expect("6f30", "6b00")
        line.port.power(True)
        await client.expect("6b30")
        client.send("0b00")
        await client.expect("6f00")
        line.port.power(False)
        await client.silence()

    on_line(work)


@pytest.mark.parametrize(("hold", "held", "go", "gone"), [("08", "", "09", ""), ("050c", "690c", "050b", "690b")])
def test_output_is_held(hold: str, held: str, go: str, gone: str) -> None:
    """Suspended, or with RTS off under hardware flow control, nothing is said, within bounds, and nothing lost."""

    async def work(line: Line, client: Client) -> None:
        client.send(data=b"a")
        await client.expect(data=b"<a>")
        client.send("0503", hold, "00")
        await client.expect("6903", *filter(None, (held,)), "64" + b"modemlab".hex())
        client.send(data=b"\xff\xff")
        await client.silence()
        block = b"\xff" * 4096
        written = 0
        while 3 + written + len(block) <= MAX_UNREAD_BYTES:
            line.port.write(block)
            written += len(block)
            assert line.port.congested == (3 + written > CONGESTED_BYTES)
        line.port.write(block)
        assert line.changes[-1] == (True, True)
        client.send(go)
        await client.expect(*filter(None, (gone,)), data=b"<\xff\xff>" + b"\xff\xff" * written)
        await until(lambda: not line.port.congested)
        assert line.changes[-1] == (True, False)
        client.send(data=b"b")
        await client.expect(data=b"<b>")

    on_line(work)


def test_what_is_held_can_be_purged() -> None:
    """Purging the receive buffer drops it."""

    async def work(line: Line, client: Client) -> None:
        client.send("08", data=b"a")
        await until(lambda: line.heard == b"a")
        client.send("0c02", "0c01", "09", data=b"b")
        await client.expect("7002", "7001", data=b"<b>")

    on_line(work)


def test_a_client_without_telnet_finds_plain_data() -> None:
    """A client that agrees to nothing is served all the same, and taken once it is silent or speaks."""

    async def main() -> None:
        line = Line()
        line.greeting = b"RDY"
        await line.port.open()
        client = await call(line)
        before = time.monotonic()
        await client.expect(data=b"RDY")
        assert time.monotonic() - before < WAIT / 2
        client.send(data=b"AT\r\0")
        await client.expect(data=b"<AT\r>")
        line.greeting = b"RDY"
        newer = await call(line)
        assert await asyncio.wait_for(client.reader.read(), WAIT) == b""
        newer.send(data=b"AT")
        await newer.expect(data=b"RDY<AT>")
        assert line.changes == [(True, False), (False, False), (True, False)]
        line.port.close()
        assert await asyncio.wait_for(newer.reader.read(), WAIT) == b""
        for each in (client, newer):
            each.writer.close()

    asyncio.run(main())


def test_noise() -> None:
    """Bytes without sense end nothing, and the next client is served."""

    async def main() -> None:
        line = Line()
        await line.port.open()
        noise = bytes((i * 7919 + (i >> 3) * 104729) & 255 for i in range(65536)).replace(b"\x10", b"\xff\xfa\x2c")
        client = await call(line)
        for size in (1, 2, 3, 7, 4096, 65536):
            client.writer.write(noise[:size] + b"\xff\xf0")
            await asyncio.wait_for(client.writer.drain(), WAIT)
        client.writer.close()
        newer = await call(line)
        newer.send("00")
        await newer.expect(LINES, "64" + b"modemlab".hex())
        line.port.close()
        newer.writer.close()

    asyncio.run(main())


def test_a_port_in_use_is_one_line() -> None:
    """The error names the URL."""

    async def main() -> None:
        line = Line()
        await line.port.open()
        other = make_port(line.port.url, print, print)
        with pytest.raises(OSError, match=r"cannot listen on rfc2217://127\.0\.0\.1:\d+: "):
            await other.open()
        other.close()
        line.port.close()

    asyncio.run(main())
