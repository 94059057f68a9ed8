"""Port URLs and --connect-to rules: what is read from them and what is refused."""

import pytest

from modemlab.net.connect_to import ConnectTo, parse_connect_to, redirect
from modemlab.ports.address import PortAddress, PortKind, is_tcp, parse, serial_url, tcp_url
from modemlab.ports.host_connection import read_address

PTY, TCP, RFC2217, SERIAL, STDIO = PortKind.PTY, PortKind.TCP, PortKind.RFC2217, PortKind.SERIAL, PortKind.STDIO


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("pty", PortAddress(PTY)),
        ("PTY", PortAddress(PTY)),
        ("pty:/tmp/ttyLTE", PortAddress(PTY, "/tmp/ttyLTE")),
        ("pty:ttyLTE", PortAddress(PTY, "ttyLTE")),
        ("pty:/tmp/a:b", PortAddress(PTY, "/tmp/a:b")),
        ("tcp://127.0.0.1:7000", PortAddress(TCP, None, "127.0.0.1", 7000)),
        ("tcp://localhost:0", PortAddress(TCP, None, "localhost", 0)),
        ("TCP://0.0.0.0:65535", PortAddress(TCP, None, "0.0.0.0", 65535)),
        ("tcp://[::1]:7000", PortAddress(TCP, None, "::1", 7000)),
        ("tcp://:7000", PortAddress(TCP, None, "127.0.0.1", 7000)),
        ("rfc2217://127.0.0.1:7001", PortAddress(RFC2217, None, "127.0.0.1", 7001)),
        ("RFC2217://[::1]:0", PortAddress(RFC2217, None, "::1", 0)),
        ("serial:/dev/ttyUSB0", PortAddress(SERIAL, "/dev/ttyUSB0")),
        ("serial:/dev/ttyUSB0?baud=9600", PortAddress(SERIAL, "/dev/ttyUSB0", baud=9600)),
        ("serial:COM3?rtscts=1&baud=921600", PortAddress(SERIAL, "COM3", baud=921600, rtscts=True)),
        ("serial:COM3?rtscts=0", PortAddress(SERIAL, "COM3")),
        ("stdio", PortAddress(STDIO)),
        ("pty#usbat", PortAddress(PTY, name="usbat")),
        ("pty:/tmp/a#USBModem", PortAddress(PTY, "/tmp/a", name="usbmodem")),
        ("pty:/tmp/a#1", PortAddress(PTY, "/tmp/a#1")),
        ("tcp://127.0.0.1:7000#uart1", PortAddress(TCP, None, "127.0.0.1", 7000, name="uart1")),
        ("serial:/dev/ttyS0?baud=9600#uart1", PortAddress(SERIAL, "/dev/ttyS0", baud=9600, name="uart1")),
        ("stdio#uart1", PortAddress(STDIO, name="uart1")),
    ],
)
def test_parse(text: str, address: PortAddress) -> None:
    """A URL is read into its parts."""
    assert parse(text) == address


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "has no known form"),
        ("udp://127.0.0.1:1", "has no known form"),
        ("stdio:", "has no known form"),
        ("#usbat", "has no known form"),
        ("serial:", "names no device"),
        ("serial", "names no device"),
        ("serial:?baud=9600", "names no device"),
        ("serial:/dev/x\0y", "null character"),
        ("serial:/dev/x?", "'' is not a setting"),
        ("serial:/dev/x?speed=9600", "'speed' is not a setting; the settings are baud and rtscts"),
        ("serial:/dev/x?baud", "baud '' is not a number of 50 to 4000000"),
        ("serial:/dev/x?baud=49", "not a number of 50 to 4000000"),
        ("serial:/dev/x?baud=4000001", "not a number of 50 to 4000000"),
        ("serial:/dev/x?baud=\u0669600", "not a number of 50 to 4000000"),
        ("serial:/dev/x?baud=" + "1" * 5000, "not a number of 50 to 4000000"),
        ("serial:/dev/x?baud=9600&baud=9600", "sets baud twice"),
        ("serial:/dev/x?rtscts=yes", "rtscts 'yes' is not 0 or 1"),
        ("rfc2217:127.0.0.1:1", "not of the form rfc2217://HOST:PORT"),
        ("rfc2217://127.0.0.1", "has no TCP port: write rfc2217://"),
        ("rfc2217://127.0.0.1:1?ign_set_control", "not a number"),
        ("tcp://127.0.0.1:7000#1", "not a number"),
        ("/dev/ttyUSB0", "has no known form"),
        ("pty:", "names no link"),
        ("pty:/tmp/a\0b", "null character"),
        ("tcp:127.0.0.1:7000", "not of the form"),
        ("tcp://", "no TCP port"),
        ("tcp://127.0.0.1", "no TCP port"),
        ("tcp://127.0.0.1:", "no TCP port"),
        ("tcp://127.0.0.1:65536", "not a number of 0 to 65535"),
        ("tcp://127.0.0.1:-1", "not a number of 0 to 65535"),
        ("tcp://127.0.0.1:70/x", "not a number of 0 to 65535"),
        ("tcp://127.0.0.1:\u0667", "not a number of 0 to 65535"),
        ("tcp://127.0.0.1:" + "1" * 5000, "not a number of 0 to 65535"),
        ("tcp://::1:7000", "not a number"),
        ("tcp://[::1]7000", "brackets"),
        ("tcp://[::g]:7000", "::g"),
        ("tcp://[::1:7000", "brackets"),
        ("tcp://user@host:7000", "not of the form"),
    ],
)
def test_parse_refuses(text: str, words: str) -> None:
    """A bad URL is refused with one line that says why."""
    with pytest.raises(ValueError, match=words) as caught:
        parse(text)
    assert "\n" not in str(caught.value)


def test_tcp_url() -> None:
    """IPv6 addresses get their brackets back, a scheme stays, and what is written is read again."""
    assert tcp_url("::1", 7, "rfc2217") == "rfc2217://[::1]:7"
    for baud, rtscts in ((9600, False), (115200, True)):
        assert parse(serial_url("/dev/ttyS0", baud, rtscts)) == PortAddress(
            SERIAL, "/dev/ttyS0", baud=baud, rtscts=rtscts
        )
    assert tcp_url("127.0.0.1", 7) == "tcp://127.0.0.1:7"
    assert tcp_url("::1", 7) == "tcp://[::1]:7"


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("mqtt.example:1883:127.0.0.1:2000", ConnectTo("mqtt.example", 1883, "127.0.0.1", 2000)),
        ("MQTT.Example:1883:::", None),
        ("MQTT.Example:1883::", ConnectTo("mqtt.example", 1883, "", None)),
        ("::127.0.0.1:2000", ConnectTo("", None, "127.0.0.1", 2000)),
        (":::2000", ConnectTo("", None, "", 2000)),
        (":::", ConnectTo("", None, "", None)),
        ("[2001:DB8::1]:8883:[::1]:1", ConnectTo("2001:db8::1", 8883, "::1", 1)),
        ("", None),
        ("a:1:b", None),
        ("a:1:b:2:3", None),
        ("a:x:b:2", None),
        ("a:0:b:2", None),
        ("a:1:b:0", None),
        ("a:1:b:65536", None),
        ("a:1:[::g]:2", None),
        ("::1:1:b:2", None),
    ],
)
def test_parse_connect_to(text: str, rule: ConnectTo | None) -> None:
    """Rules are read as curl reads them; None is a refusal, in one line with the rule in it."""
    if rule is not None:
        assert parse_connect_to(text) == rule
        return
    with pytest.raises(ValueError, match=r"TCP port|IPv6|form|hextet|'::g'") as caught:
        parse_connect_to(text)
    assert repr(text) in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("rules", "wanted", "got"),
    [
        ([], ("h", 1), ("h", 1)),
        (["h:1:a:2"], ("h", 1), ("a", 2)),
        (["h:1:a:2"], ("H", 1), ("a", 2)),
        (["h:1:a:2"], ("h", 3), ("h", 3)),
        (["h:1:a:2"], ("x", 1), ("x", 1)),
        ([":1:a:2"], ("x", 1), ("a", 2)),
        (["h::a:2"], ("h", 9), ("a", 2)),
        (["h:1:a:"], ("h", 1), ("a", 1)),
        (["h:1::2"], ("h", 1), ("h", 2)),
        (["h:1:a:2", "::b:3"], ("h", 1), ("a", 2)),
        (["h:1:a:2", "::b:3"], ("x", 1), ("b", 3)),
        (["[::1]:1:[::2]:2"], ("::1", 1), ("::2", 2)),
    ],
)
def test_redirect(rules: list[str], wanted: tuple[str, int], got: tuple[str, int]) -> None:
    """The first rule that fits decides, an empty field fits all or changes nothing."""
    assert redirect([parse_connect_to(rule) for rule in rules], *wanted) == got


@pytest.mark.parametrize(
    ("short", "url"),
    [
        ("7000", "tcp://127.0.0.1:7000"),
        ("0", "tcp://127.0.0.1:0"),
        ("127.0.0.1:7000", "tcp://127.0.0.1:7000"),
        ("LOCALHOST:7000", "tcp://LOCALHOST:7000"),
        ("[::1]:7000", "tcp://[::1]:7000"),
        (":7000", "tcp://:7000"),
        ("7000#uart1", "tcp://127.0.0.1:7000#uart1"),
    ],
)
def test_a_tcp_port_in_short(short: str, url: str) -> None:
    """The same for who listens and for who connects."""
    assert parse(short) == parse(url)
    if "#" not in short:
        assert read_address(short) == read_address(url)


@pytest.mark.parametrize("name", ["./7000", "/dev/7000", "COM3", "a/b:7000", "7000x", "ttyUSB0"])
def test_a_device_is_no_tcp_port_in_short(name: str) -> None:
    assert not is_tcp(name)
    assert read_address(name).link == name


def test_a_kind_with_a_number_is_none_either() -> None:
    assert parse("pty:7000").link == "7000"
    assert parse("serial:7000").link == "7000"
    with pytest.raises(ValueError, match="TCP port '70000' is not a number of 0 to 65535"):
        parse("70000")
