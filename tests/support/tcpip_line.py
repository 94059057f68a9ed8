"""What the tests of names, pings and network time share: a module with a network that answers."""

from typing import Any

from support.impaired_network import Desk
from support.mobile_line import OK, UTC

NAME = "a.example"
# What that name stands for in memory.
ADDRESS, ADDRESS6 = "198.51.100.141", "2001:db8:64::8d"
PING, LOOK, TIME = f'AT+QPING=1,"{NAME}"', f'AT+QIDNSGIP=1,"{NAME}"', f'AT+QNTP=1,"{NAME}"'


def desk(name: str = "EC200S-CN", up: bool = True, **options: Any) -> Desk:
    """A module that does not echo, with context 1 active or not."""
    made = Desk(name, utc=UTC, **options)
    made.do("ATE0")
    if up:
        assert made.do("AT+QIACT=1") == OK
    return made
