"""`modemlab probe` on ports that talk without end, answer half, or are no serial line: bounded, in fitting words."""

import socket
import time
from collections.abc import Callable

import pytest

from modemlab.driver import probe
from modemlab.driver.protocol import identify
from support.host_and_module import CommandLine, Done
from support.serving import serving

LIMIT = 60.0


@pytest.fixture
def cli(monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]) -> CommandLine:
    """`modemlab` in this process; nobody has long to answer, and the system lists no port."""
    monkeypatch.setattr(identify, "FIRST_OK_TIMEOUT_S", 0.05)
    monkeypatch.setattr(probe, "found_ports", list)
    return CommandLine(monkeypatch, capfdbinary)


def wrong(done: Done) -> list[str]:
    """What seems wrong."""
    assert (done.status, done.err) == (1, "")
    return [line[2:] for line in done.out.decode().partition("\nWhat seems wrong:\n")[2].splitlines()]


@pytest.mark.parametrize(
    ("flood", "why"),
    [
        (b"x" * 4096, "something sends data, but does not answer AT: b'xxxxxxxx"),
        (b"boot: hello\r\n" * 300, r"something sends data, but does not answer AT: b'boot: hello\r\nboot"),
        (bytes(range(256)) * 16, "what comes is not text: behind this port there is no module, or "),
        (b"\r\n> " * 1000, "something sends data, but does not answer AT: b"),
        (b"\r\nOK\r\n" * 600, "something sends data, but does not answer AT: b"),
        (b"$GPGSV,1,1,00*79\r\n" * 200, "GNSS positions (NMEA) come: "),
    ],
)
def test_a_flood(cli: CommandLine, monkeypatch: pytest.MonkeyPatch, flood: bytes, why: str) -> None:
    """It ends, though the port never pauses; a TCP port has no rate to speak of."""
    monkeypatch.setattr(probe, "PAUSE_S", LIMIT)  # a busy machine makes pauses of its own

    def talk(connection: socket.socket) -> None:
        while True:
            connection.sendall(flood)

    begun = time.monotonic()
    with serving(talk) as port:
        done = cli("probe", f"tcp://127.0.0.1:{port}")
    assert time.monotonic() - begun < LIMIT
    found = wrong(done)
    assert found[0].startswith(f"nothing answers AT: {why}")
    assert found[1].startswith("something sends data without a pause, ")
    assert found[1].endswith(" s: no answer can be found in it")
    assert len(found) == 2
    assert b"bit/s" not in done.out


def test_little_of_a_flood_is_kept() -> None:
    """However much comes, the memory is bounded, and what was sent is not lost in it."""
    passed = probe.ProbeTraffic()
    for _ in range(100):
        passed.note(True, bytes(4096))
        passed.note(False, b"AT\r")
    assert sum(len(data) for heard, data in passed.pieces if heard) == probe.MAX_HEARD_BYTES
    assert [heard for heard, _ in passed.pieces].count(False) == 100
    assert len(passed.pieces) == 100 + probe.MAX_HEARD_BYTES // 4096
    assert (passed.size, passed.never_pauses) == (409_600, True)


def test_an_echo_is_no_flood() -> None:
    """What only comes back is what was sent."""
    passed = probe.ProbeTraffic()
    passed.note(False, b"\r" * 4200)
    passed.note(True, b"\r" * 4200)
    assert not passed.never_pauses


def answering(*unanswered: bytes) -> Callable[[socket.socket], None]:
    """An EC200S that answers everything but these."""
    says = {b"AT+CGMM": b"\r\nEC200S\r\n", b"AT+CPIN?": b"\r\n+CPIN: READY\r\n"}

    def answer(connection: socket.socket) -> None:
        rest = b""
        while data := connection.recv(4096):
            *lines, rest = (rest + data).split(b"\r")
            for line in lines:
                if line.startswith(b"AT") and not any(line.startswith(each) for each in unanswered):
                    connection.sendall(says.get(line, b"") + b"\r\nOK\r\n")

    return answer


@pytest.mark.parametrize(
    ("unanswered", "found"),
    [
        ((b"AT+CPIN?",), "SIM and network: nothing came within 0.2 s"),
        ((b"AT+CGMR",), "AT+CGMR: nothing came within 0.2 s"),
        ((b"AT+QURCCFG",), "where URCs go: nothing came within 0.2 s"),
    ],
)
def test_a_question_that_is_not_answered(
    cli: CommandLine, monkeypatch: pytest.MonkeyPatch, unanswered: tuple[bytes, ...], found: str
) -> None:
    """It takes its time and no more, and is told beside all that was answered."""
    monkeypatch.setattr(probe, "QUERY_TIMEOUT_S", 0.2)
    with serving(answering(*unanswered)) as port:
        done = cli("probe", f"tcp://127.0.0.1:{port}")
    assert any(line.startswith(found) for line in wrong(done))
    assert b"\ndialect       quectel_lte: Quectel EC200x, EC600x and EG912Y\n" in done.out


def test_all_of_it_is_bounded(cli: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    """A module that answers AT, and then never again."""
    monkeypatch.setattr(probe, "PROBE_TIMEOUT_S", 0.5)
    with serving(answering(b"AT+CGMM", b"ATI")) as port:
        (found,) = wrong(cli("probe", f"tcp://127.0.0.1:{port}"))
    assert found == "not everything was answered within 0.5 s: above is what was found by then"


def test_nobody_behind_a_tcp_port(cli: CommandLine) -> None:
    """Not a word of rates and wires."""

    def listen(connection: socket.socket) -> None:
        while connection.recv(4096):
            pass

    with serving(listen) as port:
        (found,) = wrong(cli("probe", f"tcp://127.0.0.1:{port}"))
    words = "nothing answers AT: no data is received: behind this port there is no module, or the module has no power"
    assert found == f"{words} or is asleep"


def test_a_module_that_refuses_to_be_set_up(cli: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is a finding like others."""
    monkeypatch.setattr("modemlab.driver.modem.POLL_INTERVAL_S", 0.0)

    def refuse(connection: socket.socket) -> None:
        while data := connection.recv(4096):
            model = b"\r\nEC200S\r\n" if b"AT+CGMM" in data else b""
            connection.sendall(model + (b"\r\nOK\r\n" if model or data == b"AT\r" else b"\r\nERROR\r\n"))

    with serving(refuse) as port:
        (found,) = wrong(cli("probe", f"tcp://127.0.0.1:{port}"))
    assert "ERROR" in found
