"""Port URLs and --connect-to rules: what is read from them and what is refused."""

import pytest

from modemlab.net.connect_to import ConnectTo, parse_connect_to, redirect
from modemlab.ports.address import Kind, PortAddress, parse, tcp_url

PTY, TCP = Kind.PTY, Kind.TCP


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
    ],
)
def test_parse(text: str, address: PortAddress) -> None:
    """A URL is read into its parts."""
    assert parse(text) == address


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "no known kind"),
        ("serial:/dev/ttyUSB0", "no known kind"),
        ("/dev/ttyUSB0", "no known kind"),
        ("127.0.0.1:7000", "no known kind"),
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
    """IPv6 addresses get their brackets back."""
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
