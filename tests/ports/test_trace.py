"""The trace: what is in it, and what becomes of a file that fails."""

import io
import re

import pytest

from modemlab.mqtt.packets import Connect, encode
from modemlab.ports.trace import Trace, TraceFile
from modemlab.virtual.module import VirtualModule
from support.helpers import until
from support.tiny_module import DIALECT
from support.virtual_module import AT_MOST_ONCE, CONNECT, Host, Server, with_server


def test_trace() -> None:
    """Both directions of the line, the packets beside it, notes, and what breaks the protocol."""
    file = io.StringIO()

    async def work(_vm: VirtualModule, host: Host, server: Server) -> None:
        await host.ask(f'AT+OPEN=0,"127.0.0.1",{server.port}', b"+OPEN: 0,OPENED\r\n")
        await host.ask('AT+LOGIN=0,"x"', b"+LOGIN: 0,0\r\n")
        await host.ask("AT+SEND=0,2", b"> ")
        host.port.host_send(b"\xff\\")
        await host.ask("AT+NONE", b"ERROR\r\n")
        await until(lambda: server.heard.endswith(b"\\"))
        server.writers[0].write(b"\x30\x05\x00\x01")
        await until(lambda: "(part of a packet)" in file.getvalue())
        server.writers[0].write(b"tok")
        await host.until(b"+GOT: 2\r\n")
        server.writers[0].write(b"\xf0\x00")
        await host.until(b"+LOST: 0,PROTOCOL\r\n")

    with_server(work, observers=[Trace(TraceFile(file))])
    lines = file.getvalue().splitlines()
    stamp = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}[+-]\d\d:\d\d (>>|<<|S>|S<|--) (.*)")
    read = [found.groups() for line in lines if (found := stamp.fullmatch(line))]
    assert len(read) == len(lines)
    port = re.search(r'"127\.0\.0\.1",(\d+)', lines[1] + lines[0])
    assert port is not None
    for wanted in (
        ("<<", r"\r\nRDY\r\n | 0d0a5244590d0a"),
        ("--", f"stream 1 opens to 127.0.0.1:{port[1]}"),
        ("--", "stream 1 is open"),
        ("<<", r"\r\n+OPEN: 0,OPENED\r\n | " + b"\r\n+OPEN: 0,OPENED\r\n".hex()),
        (">>", r'AT+LOGIN=0,"x"\r | ' + b'AT+LOGIN=0,"x"\r'.hex()),
        ("S>", f"1 {Connect('x', 4, True, 120)!r} | {CONNECT.hex()}"),
        ("S<", "1 Connack(code=0, session_present=False) | 20020000"),
        (">>", r"\xff\\ | ff5c"),
        ("S>", rf"1 Publish(topic='t', payload=b'\xff\\', {AT_MOST_ONCE}) | 3005000174ff5c"),
        ("S<", "1 (part of a packet) | 30050001"),
        ("S<", f"1 Publish(topic='t', payload=b'ok', {AT_MOST_ONCE}) | 746f6b"),
        ("--", "stream 1 is closed by the module"),
    ):
        assert wanted in read, wanted
    assert any(mark == "--" and text.startswith("AT+NONE: ") for mark, text in read)
    assert any(mark == "S<" and "(broken: type 15" in text and text.endswith(" | f000") for mark, text in read)


def test_a_trace_that_fails_is_given_up(caplog: pytest.LogCaptureFixture) -> None:
    """A full disk or a closed file ends the trace, not the module."""
    file = io.StringIO()
    file.close()

    async def work(_vm: VirtualModule, host: Host, _server: Server) -> None:
        await host.ask("AT")
        await host.ask("AT")

    with_server(work, observers=[Trace(TraceFile(file))])
    assert [record.message.partition(":")[0] for record in caplog.records] == ["the trace ends here"]


PASSWORD = b"hunTer#2x"
LOGIN = encode(Connect("id", 4, True, 60, None, "user", PASSWORD))


@pytest.mark.parametrize("piece", [1, 2, 7, 20, len(LOGIN) - 1, len(LOGIN)])
def test_a_connect_in_pieces(piece: int) -> None:
    """However it is cut, and with what follows it: neither the words nor the bytes have the password."""
    file = io.StringIO()
    trace = Trace(TraceFile(file))
    trace.on_attach(DIALECT, False)
    data = LOGIN + b"\xc0\x00"
    for at in range(0, len(data), piece):
        trace.sent(1, data[at : at + piece])
    shown = file.getvalue()
    sent = bytes.fromhex("".join(line.rpartition(" | ")[2] for line in shown.splitlines()))
    assert len(sent) == len(data)
    assert PASSWORD not in sent
    assert sent.endswith(b"\xc0\x00")
    assert "username='user', password=b'*********'" in shown
    assert "Pingreq()" in shown
    if piece == len(LOGIN):
        assert sent == data.replace(PASSWORD, b"*" * 9)


def test_a_connect_that_is_broken() -> None:
    """What is no CONNECT hides all of it."""
    file = io.StringIO()
    trace = Trace(TraceFile(file))
    trace.on_attach(DIALECT, False)
    trace.sent(1, LOGIN.replace(b"MQTT", b"MQxT"))
    assert PASSWORD.hex() not in file.getvalue()
    assert "(broken: " in file.getvalue()
