"""What is written wrongly is told in one line that says what to write: how things are entered, and types of values."""

import asyncio
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from modemlab import Modem, SyncModem, Tls, Will
from modemlab.at.errors import LineError, UsageError
from modemlab.dialect.registry import find_model
from modemlab.lab.lab import Lab
from modemlab.virtual.module import VirtualModule


async def awaited(thing: Any) -> None:
    await thing


async def entered(thing: Any) -> None:
    async with thing:
        pass


def plainly(thing: Any) -> None:
    with thing:
        pass


def modem() -> Any:
    return Modem.open("/dev/nowhere")


def virtual() -> Any:
    return VirtualModule(*find_model("EC200T-CN"), ports=["pty"])


async def in_loop(work: Callable[[], Any]) -> None:
    await asyncio.sleep(0)
    work()


ANYTHING: tuple[Any, ...] = (Path,)
NOTHING: tuple[Any, ...] = (None,)
HOW: list[tuple[str, Callable[[], Any], type[Exception], str]] = [
    ("await Modem", lambda: asyncio.run(awaited(modem())), UsageError, "async with Modem.open(...) as modem:"),
    ("with Modem", lambda: plainly(modem()), UsageError, "async with Modem.open(...) as modem:"),
    ("ready of none", lambda: asyncio.run(modem().ready()), LineError, "async with Modem.open(...)"),
    ("command of none", lambda: asyncio.run(modem().command("AT")), LineError, "async with Modem.open(...)"),
    ("mqtt of none", lambda: modem().mqtt("broker.example"), LineError, "async with Modem.open(...)"),
    ("dialect of none", lambda: modem().dialect, LineError, "async with Modem.open(...)"),
    (
        "async with SyncModem",
        lambda: asyncio.run(entered(SyncModem("x"))),
        UsageError,
        "with SyncModem.open(...) as modem:",
    ),
    ("await SyncModem", lambda: asyncio.run(awaited(SyncModem("x"))), UsageError, "with SyncModem.open(...) as modem:"),
    ("ready of no SyncModem", lambda: SyncModem("x").ready(), LineError, "with SyncModem.open(...)"),
    ("mqtt of no SyncModem", lambda: SyncModem("x").mqtt("h"), LineError, "with SyncModem.open(...)"),
    (
        "await VirtualModule",
        lambda: asyncio.run(in_loop(lambda: virtual().__await__())),
        UsageError,
        "async with VirtualModule",
    ),
    (
        "with VirtualModule",
        lambda: asyncio.run(in_loop(lambda: plainly(virtual()))),
        UsageError,
        "async with VirtualModule",
    ),
    (
        "a lab as a port",
        lambda: Modem.open(*ANYTHING),
        UsageError,
        'port is a type, expected a device such as "/dev/ttyUSB2"',
    ),
    ("no port", lambda: Modem.open(*NOTHING), UsageError, "port is None, expected a device"),
    ("a rate as text", lambda: Modem.open("x", baud="9600"), UsageError, "baud is a str, expected a whole number"),
    ("a dialect's name", lambda: Modem.open("x", dialect="luat"), UsageError, "dialect is a str, expected a Dialect"),
    ("a time-out as text", lambda: Modem.open("x", timeout="1"), UsageError, "timeout is a str, expected seconds"),
    (
        "a negative time",
        lambda: Modem.open("x", reopen_timeout=-1),
        UsageError,
        "reopen_timeout is -1, expected seconds, 0 or more",
    ),
]


@pytest.mark.parametrize(("work", "kind", "reason"), [each[1:] for each in HOW], ids=[each[0] for each in HOW])
def test_how_things_are_entered(work: Callable[[], Any], kind: type[Exception], reason: str) -> None:
    """Nothing is opened, nothing waits, and no word of the inside."""
    with pytest.raises(kind) as caught:
        work()
    assert reason in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_path_is_a_port() -> None:
    """As anything is that names a file."""
    with pytest.raises(LineError, match="/dev/nowhere: No such file"):
        asyncio.run(entered(Modem.open(Path("/dev/nowhere"))))


def test_a_lab_is_no_port_and_its_client_must_be_entered() -> None:
    """Each call of a client that was not entered says so, and does not wait for ever."""
    with Lab() as lab:
        with pytest.raises(UsageError, match="port is a Lab, expected a device"):
            Modem.open(lab)  # type: ignore[arg-type] # it is what the test is about

        async def main() -> None:
            async with lab.modem() as made:
                client = made.mqtt("broker.example")
                for call in (
                    lambda: client.publish("a", "b"),
                    lambda: client.publish("a", "b", qos=1),
                    lambda: client.subscribe("a"),
                    lambda: client.unsubscribe("a"),
                    client.receive,
                    lambda: anext(client.messages),
                    lambda: awaited(client),
                ):
                    with pytest.raises(UsageError, match=r"write `async with modem.mqtt\(...\) as client:`"):
                        await call()
                with pytest.raises(UsageError, match=r"write `async with modem.mqtt\(...\) as client:`"):
                    plainly(client)
                for options, reason in OPTIONS:
                    with pytest.raises(UsageError, match=reason):
                        made.mqtt(**{"host": "broker.example", **options})
                async with client:
                    await client.publish("a", "b", qos=1)

        lab.run(main())


OPTIONS: list[tuple[dict[str, Any], str]] = [
    ({"host": 5}, "host is an int, expected a name or an address"),
    ({"port": "1883"}, "port is a str, expected a whole number from 0 to 65535"),
    ({"port": 70000}, "port is 70000, expected a whole number from 0 to 65535"),
    ({"client_id": 7}, "client_id is an int, expected a text"),
    ({"username": b"u"}, "username is bytes, expected a text, or None"),
    ({"password": 12345}, "^password is an int, expected a text, or None$"),
    ({"keepalive": 1.5}, "keepalive is a float, expected a whole number from 0 to 65535 seconds"),
    ({"keepalive": True}, "keepalive is a bool, expected"),
    ({"will": ("a", "b")}, r"will is a tuple, expected a Will\(topic, payload, qos, retain\), or None"),
    ({"will": Will("a", "b", 3)}, "the will's qos is 3, expected a whole number from 0 to 2"),
    ({"level": 5}, "level is 5, expected a whole number from 3 to 4"),
    ({"tls": True}, r"tls is a bool, expected a Tls\(ca=...\), or None"),
    ({"tls": Tls}, r"tls is a type, expected a Tls\(ca=...\), or None"),
    ({"max_queued": "many"}, "max_queued is a str, expected a whole number"),
    ({"connect_timeout": "long"}, "connect_timeout is a str, expected seconds"),
]

CALLS: list[tuple[str, tuple[Any, ...], dict[str, Any], str]] = [
    ("send", ("AT",), {}, r'data is a str, expected bytes, such as b"AT\r"'),
    ("command", (b"AT",), {}, 'line is bytes, expected a text, such as "AT+CSQ"'),
    ("command", (None,), {}, 'line is None, expected a text, such as "AT+CSQ"'),
    ("command", ("AT", "data"), {}, "data is a str, expected bytes, or None"),
    ("command", ("AT",), {"within": "1"}, "within is a str, expected seconds"),
    ("replay", (None,), {}, "transcript is None, expected a text"),
    ("replay_offline", (b">> AT",), {}, "transcript is bytes, expected a text"),
    ("replay_offline", ("",), {"piece": "1"}, "piece is a str, expected a whole number from 0 to 1048576"),
    ("publish", (5, "x"), {}, "topic is an int, expected a text"),
    ("publish", ("a", None), {}, "payload is None, expected a text or bytes"),
    ("publish", ("a", "x"), {"qos": "1"}, "qos is a str, expected 0, 1 or 2"),
    ("publish", ("a", "x"), {"retain": "yes"}, "retain is a str, expected True or False"),
    ("publish", ("a", "\ud800"), {}, "the message is text that UTF-8 does not have"),
    ("command", ("AT\ud800",), {}, "line is text that UTF-8 does not have"),
    ("command", ("AT",), {"within": 10**400}, "within is 1000000"),
    ("advance", (10**400,), {}, "seconds is 1000000"),
    ("advance", ("5",), {}, "seconds is a str, expected seconds"),
    ("advance", (-1,), {}, "seconds is -1, expected seconds, 0 or more"),
    ("advance", (float("nan"),), {}, "seconds is nan, expected seconds, 0 or more"),
    ("expect", (), {"line": "OK", "within": "1"}, "within is a str, expected seconds"),
    ("expect", (), {"line": "OK", "never": "no"}, "never is a str, expected True or False"),
    ("run", (print,), {}, "work is a builtin_function_or_method, expected a coroutine: call"),
    ("perform", (5,), {}, "5 is not a known action. One of: "),
    ("modem", (), {"baud": "x"}, "baud is a str, expected a whole number"),
]


@pytest.mark.parametrize(("call", "arguments", "named", "reason"), CALLS)
def test_calls_of_a_lab(call: str, arguments: tuple[Any, ...], named: dict[str, Any], reason: str) -> None:
    """ValueError, and the lab goes on."""
    with Lab() as lab:
        with pytest.raises(ValueError, match=f"^{re.escape(reason)}.*$"):
            getattr(lab, call)(*arguments, **named)
        assert lab.command("AT") == ["OK"]


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"sped": 10}, "Lab has no option sped, but speed"),
        ({"ports": ["pty"]}, "Lab has no option ports"),
        ({"speed": "fast"}, "speed is a str, expected a number, such as 10"),
        ({"model": 5}, "model is 5, expected a text"),
    ],
)
def test_options_of_a_lab(options: dict[str, Any], reason: str) -> None:
    """Those that it hands to its module too."""
    with pytest.raises(ValueError, match=reason):
        Lab(**options)


def test_a_lab_that_is_entered_otherwise() -> None:
    """Its calls block."""
    lab = Lab()
    try:
        for work in (awaited, entered):
            with pytest.raises(UsageError, match=r"as its calls block: write `with Lab\(...\) as lab:`"):
                asyncio.run(work(lab))
    finally:
        lab.close()
