"""A broker that grants the same QoS to every subscription, as some clouds do: everywhere that one can be asked for."""

import asyncio
import os
from pathlib import Path
from typing import Any

import pytest

from modemlab.broker.server import Broker
from modemlab.lab.check_file import read_check
from modemlab.lab.lab import Lab
from modemlab.mqtt.packets import Connect, Publish, Suback, Subscribe
from support.broker_wire import Wire, close_wires
from support.command_line import Host, Running, run

ASKED = tuple((f"t/{qos}", qos) for qos in (0, 1, 2))
HOST = r"""
exec 3<>"$MODEMLAB_PORT"
await() { while read -r line <&3; do case $line in *"$1"*) return ;; esac; done; exit 9; }
printf 'AT+QMTOPEN=0,"b.example",1883\r' >&3; await '+QMTOPEN: 0,0'
printf 'AT+QMTCONN=0,"pump"\r' >&3; await '+QMTCONN: 0,0,0'
printf 'AT+QMTSUB=0,1,"a",0\r' >&3; await '+QMTSUB: 0,1,0,'
"""


@pytest.mark.parametrize(
    ("grant", "codes", "delivered"), [(None, (0, 1, 2), 2), (0, (0, 0, 0), 0), (1, (1, 1, 1), 1), (2, (2, 2, 2), 2)]
)
def test_the_suback_and_the_messages(grant: int | None, codes: tuple[int, ...], delivered: int) -> None:
    """Whatever was asked for; a message comes with the lower of its own QoS and that."""

    async def main() -> None:
        broker = Broker(grant=grant, may_subscribe=lambda _client, topic: topic != "no")
        _, port = await broker.start()
        try:
            wire = await Wire.connected(port, Connect("pump", keep_alive=60))
            wire.send(Subscribe(7, (*ASKED, ("no", 0))))
            assert await wire.next() == Suback(7, (*codes, 128))
            broker.publish("t/2", b"x", 2)
            message = await wire.next()
            assert isinstance(message, Publish)
            assert (message.payload, message.qos) == (b"x", delivered)
        finally:
            await close_wires()
            await broker.close()

    asyncio.run(main())


@pytest.mark.parametrize("grant", [-1, 3, True, "1", 1.0])
def test_a_qos_that_there_is_not(grant: Any) -> None:
    """In Python, in a lab and in a file: what was expected."""
    with pytest.raises(ValueError, match=r"^grant is .*, expected a whole number from 0 to 2"):
        Broker(grant=grant)
    with pytest.raises(ValueError, match=r"^grant is .*, expected a whole number from 0 to 2"):
        Lab(grant=grant)
    written = {"1": '"1"', True: "true"}.get(grant, grant) if not isinstance(grant, float) else "1.0"
    with pytest.raises(ValueError, match=r"^line 2: broker: grant is .*, expected a whole number from 0 to 2"):
        read_check(f"[broker]\ngrant = {written}\n")


@pytest.mark.parametrize("port", ["memory", "tcp"])
def test_a_lab(port: str) -> None:
    """As the tutorial's cloud: QoS 0 is asked for, and 1 is granted."""
    with Lab(port=port, grant=1) as lab:
        assert lab.plan.grant == 1
        lab.command('AT+QMTOPEN=0,"b.example",1883')
        lab.expect(urc="+QMTOPEN: 0,0")
        lab.command('AT+QMTCONN=0,"pump"')
        lab.expect(urc="+QMTCONN: 0,0,0")
        lab.command('AT+QMTSUB=0,1,"a",0')
        assert lab.expect(urc="+QMTSUB: 0,1").line == "+QMTSUB: 0,1,0,1"


def test_up() -> None:
    """`--grant 1`: the module reports what was granted."""
    with Running("up", "--grant", "1") as running:
        url = running.until(r"^EC200S-CN ready on (tcp://.*)$")[1]
        with Host(url) as host:
            said = host.paste(['AT+QMTOPEN=0,"b.example",1883', 'AT+QMTCONN=0,"pump"', 'AT+QMTSUB=0,1,"a",0'])
        assert said[-1].endswith("+QMTSUB: 0,1,0,1\r\n")
        running.until("every subscription is granted QoS 1, whatever QoS it requests", "stderr")


def test_broker() -> None:
    """`modemlab broker --grant 0`."""

    async def subscribed(port: int) -> object:
        try:
            wire = await Wire.connected(port, Connect("pump", keep_alive=60))
            wire.send(Subscribe(7, ASKED))
            return await wire.next()
        finally:
            await close_wires()

    with Running("broker", "--port", "tcp://127.0.0.1:0", "--grant", "0") as running:
        port = int(running.until(r"^broker ready on tcp://127\.0\.0\.1:(\d+)$")[1])
        assert asyncio.run(subscribed(port)) == Suback(7, (0, 0, 0))


@pytest.mark.skipif(os.name != "posix", reason="the program is a shell script")
@pytest.mark.parametrize(
    ("file", "options", "granted"),
    [
        ("", ("--grant", "1"), 1),
        ("[broker]\ngrant = 1\n", (), 1),
        ("[broker]\ngrant = 1\n", ("--grant", "2"), 2),
        ("", (), 0),
    ],
)
def test_check(file: str, options: tuple[str, ...], granted: int, tmp_path: Path) -> None:
    """By the file, or by the option, which stands before it."""
    path = tmp_path / "check.toml"
    path.write_text(f"{file}[[expect]]\nline = '\\+QMTSUB: 0,1,0,{granted}'\n")
    done = run("check", str(path), *options, "--", "sh", "-c", HOST)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("up", "--grant", "3"), "--grant is 3, expected a whole number from 0 to 2"),
        (("broker", "--grant", "-1"), "--grant is -1, expected a whole number from 0 to 2"),
        (
            ("up", "--grant", "1", "--broker", "127.0.0.1:1"),
            "--grant is for the broker of modemlab up, but --broker names",
        ),
    ],
)
def test_what_cannot_be_granted(arguments: tuple[str, ...], told: str) -> None:
    """One line, and status 2."""
    done = run(*arguments)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert told in done.stderr
