"""Servers as options name them: what is read from them and what is refused."""

import pytest

from modemlab.cli.common import CliError
from modemlab.cli.server_url import read_server


@pytest.mark.parametrize(
    ("text", "server"),
    [
        ("broker.example", ("broker.example", 1883)),
        ("broker.example:8883", ("broker.example", 8883)),
        ("24013", ("127.0.0.1", 24013)),
        ("tcp://127.0.0.1:1884", ("127.0.0.1", 1884)),
        ("MQTT://a/", ("a", 1883)),
        ("[::1]", ("::1", 1883)),
        ("[::1]:1", ("::1", 1)),
    ],
)
def test_servers(text: str, server: tuple[str, int]) -> None:
    assert read_server("--broker", text, 1883) == server


FORM = " is not of the form HOST:PORT, an IPv6 address in brackets"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", FORM),
        (":1883", FORM),
        ("a:b:c", FORM),
        ("::1", FORM),
        ("http://a:80", FORM),
        ("mqtt://a/topic", FORM),
        ("a b", FORM),
        ("a:", ": TCP port '' is not a number of 0 to 65535"),
        ("a:x", ": TCP port 'x' is not a number of 0 to 65535"),
        ("a:70000", ": TCP port '70000' is not a number of 0 to 65535"),
        ("a:0", ": TCP port 0 cannot be connected to"),
    ],
)
def test_what_is_no_server(text: str, reason: str) -> None:
    with pytest.raises(CliError) as told:
        read_server("--broker", text, 1883)
    assert str(told.value) == f"--broker {text!r}{reason}"
