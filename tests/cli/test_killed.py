"""A module's process is killed in the middle of a session: its server publishes the will."""

import signal
from collections.abc import Iterator

import pytest

from support.command_line import Host, Running

READY = r"ready on (tcp://.*)$"
TCP = ("--port", "tcp://127.0.0.1:0")


@pytest.fixture(params=["embedded", "mosquitto"])
def broker_address(request: pytest.FixtureRequest) -> Iterator[str]:
    """Where a broker listens."""
    if request.param == "mosquitto":
        yield f"127.0.0.1:{request.getfixturevalue('mosquitto_port')}"
        return
    with Running("broker", *TCP) as broker:
        yield broker.until(READY)[1].removeprefix("tcp://")


@pytest.mark.parametrize("version", [3, 4])
def test_the_will_of_a_killed_module_arrives(broker_address: str, version: int) -> None:
    elsewhere = ("--connect-to", f"::{broker_address}")
    opening = ['AT+QMTOPEN=0,"broker.example",1883', f'AT+QMTCFG="version",0,{version}']
    topic = f"gone/{version}"
    with (
        Running("module", "EC600N", *TCP, *elsewhere) as watching,
        Host(watching.until(READY)[1]) as watcher,
        Running("module", "EG912Y", *TCP, *elsewhere) as pumping,
        Host(pumping.until(READY)[1]) as pump,
    ):
        watcher.paste([*reversed(opening), 'AT+QMTCONN=0,"watcher"', f'AT+QMTSUB=0,1,"{topic}",2'])
        pump.paste(
            [
                f'AT+QMTCFG="will",0,1,1,0,"{topic}","{{"left":"without a word"}}"',
                *reversed(opening),
                'AT+QMTCONN=0,"pump"',
            ]
        )
        assert pump.ask('AT+QMTPUBEX=0,1,1,0,"pump/state",100').endswith(b"\r\n> ")
        pump.say(b"half of ")
        pumping.end(signal.SIGKILL)
        line = b'+QMTRECV: 0,1,"%b","{"left":"without a word"}"\r\n' % topic.encode()
        assert watcher.until(b'word"}"\r\n').endswith(line)
