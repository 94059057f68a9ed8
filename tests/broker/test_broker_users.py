"""The embedded broker's users, and the file that they stand in."""

from hashlib import sha256
from pathlib import Path

import pytest

from modemlab.broker.server import Broker
from modemlab.broker.users import load_users, read_users
from modemlab.mqtt.packets import Connack, Connect
from support.broker_wire import Wire, with_broker

USERS = {"plain": "a:b$c", "hashed": f"sha256$salt${sha256(b'saltGeheim-1').hexdigest()}"}


@pytest.mark.parametrize("level", [3, 4])
@pytest.mark.parametrize(
    ("username", "password", "code"),
    [
        ("plain", b"a:b$c", 0),
        ("hashed", b"Geheim-1", 0),
        ("hashed", USERS["hashed"].encode(), 4),
        ("plain", b"", 4),
        ("plain", None, 4),
        ("plain", b"\xff", 4),
        ("other", b"a:b$c", 4),
        ("", b"a:b$c", 4),
        (None, None, 5),
    ],
)
def test_users(username: str | None, password: bytes | None, code: int, level: int) -> None:
    async def test(_broker: Broker, port: int) -> None:
        wire = await Wire.to(port)
        wire.send(Connect("a", level, username=username, password=password))
        assert await wire.next() == Connack(code)
        if code:
            assert await wire.ended() == []
        else:
            await wire.disconnect()

    with_broker(test, Broker(users=USERS))


def test_user_file(tmp_path: Path) -> None:
    path = tmp_path / "users"
    path.write_bytes(b"\xef\xbb\xbf# who\r\n\r\nplain:a:b$c\r\nhashed:" + USERS["hashed"].encode() + b"\n")
    assert load_users(path) == USERS
    assert read_users(b"") == {}
    path.write_bytes(b"a:b\nc\n")
    with pytest.raises(ValueError, match=r"users: line 2: not name:password"):
        load_users(path)


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        (b"a:b\n\nnothing\n", "line 3: not name:password"),
        (b":x", "line 1: not name:password"),
        (b"a:1\na:2", "line 2: a second entry for 'a'"),
        (
            b"n" * 200 + b":1\n" + b"n" * 200 + b":2",
            rf"line 2: a second entry for '{'n' * 80}'\.\.\. \(200 characters\)",
        ),
        (b"a:1\nb:\xff", "line 2: not UTF-8"),
        (b"a:sha256$salt$12", "line 1: not sha256"),
    ],
)
def test_bad_user_file(data: bytes, fault: str) -> None:
    with pytest.raises(ValueError, match=fault):
        read_users(data)
