"""`modemlab credentials`: what is printed for each cloud; the commands are typed on virtual modules."""

import os
import pty
import select
import subprocess
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from modemlab.platforms import aliyun, huawei, onenet, tencent
from support.command_line import COMMAND, ENVIRONMENT, PATIENCE, Host
from support.host_and_module import CommandLine, Done, desk

KEY = "bW9kZW1sYWIncyBvd24gdGVzdCBrZXkh"
MODELS = ("EC200S-CN", "BC35-G", "Air724UG")
NOON = datetime(2031, 7, 4, 12, 30, tzinfo=UTC)
NAMED = ("--product-id", "Ck2A", "--device-name", "pump-7")
ALIYUN = ("aliyun", "--product-key", "a1b2c3", "--device-name", "pump-7")
BY_OPTIONS = """\
AT+QMTCFG="version",0,4
AT+QMTCFG="keepalive",0,60
AT+QMTCFG="session",0,1
AT+QMTCFG="timeout",0,5,3,0
AT+QMTCFG="will",0,0
"""
ON_LTE = """\
AT+QMTCFG="ssl",0,0
AT+QMTCFG="recv/mode",0,0,1
AT+QMTCFG="dataformat",0,0,0
AT+QMTCFG="view/mode",0,0
"""
PASSWORD = aliyun.credentials("a1b2c3.pump-7", "pump-7", "a1b2c3", "s3cret").password
HOST = '"a1b2c3.iot-as-mqtt.cn-shanghai.aliyuncs.com",1883'
SIGNED = f'"a1b2c3.pump-7|securemode=3,signmethod=hmacsha256|","pump-7&a1b2c3","{PASSWORD}"'
OF_ALIYUN = f"""\
client id  a1b2c3.pump-7|securemode=3,signmethod=hmacsha256|
user name  pump-7&a1b2c3
password   {PASSWORD}
server     a1b2c3.iot-as-mqtt.cn-shanghai.aliyuncs.com:1883

luat: Luat Air72x and Air82x
AT+CSTT
AT+CIICR
AT+MCONFIG={SIGNED}
AT+MIPSTART={HOST}
AT+MCONNECT=1,60

quectel_lte: Quectel EC200x, EC600x and EG912Y, by the module's own command
AT+QIACT=1
{BY_OPTIONS}{ON_LTE}AT+QMTCFG="aliauth",0,"a1b2c3","pump-7","s3cret"
AT+QMTOPEN=0,{HOST}
AT+QMTCONN=0,"a1b2c3.pump-7"

quectel_lte: Quectel EC200x, EC600x and EG912Y
AT+QIACT=1
{BY_OPTIONS}{ON_LTE}AT+QMTOPEN=0,{HOST}
AT+QMTCONN=0,{SIGNED}

quectel_nb: Quectel BC35-G and BC28, by the module's own command
{BY_OPTIONS}AT+QMTCFG="aliauth",0,"a1b2c3","pump-7","s3cret"
AT+QMTOPEN=0,{HOST}
AT+QMTCONN=0,"a1b2c3.pump-7"

quectel_nb: Quectel BC35-G and BC28
{BY_OPTIONS}AT+QMTOPEN=0,{HOST}
AT+QMTCONN=0,{SIGNED}
"""


@pytest.fixture
def cli(monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]) -> CommandLine:
    """`modemlab` in this process, on that day."""
    monkeypatch.setattr("modemlab.cli.credentials.today", lambda: NOON)
    return CommandLine(monkeypatch, capfdbinary)


def test_all_of_aliyun(cli: CommandLine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Every line, wherever the secret comes from."""
    file = tmp_path / "secret"
    file.write_text("s3cret\nnot this\n")
    wanted = (0, OF_ALIYUN.encode(), "")
    assert cli("credentials", *ALIYUN, "--secret-file", str(file)) == wanted
    assert cli("credentials", *ALIYUN, "--secret-file", "-", stdin=b"s3cret\r\n") == wanted
    assert cli("credentials", *ALIYUN, "--secret", "s3cret") == wanted
    monkeypatch.setenv("MODEMLAB_SECRET", "s3cret")
    assert cli("credentials", *ALIYUN) == wanted
    monkeypatch.setenv("MODEMLAB_SECRET", "another: what is typed comes first")
    assert cli("credentials", *ALIYUN, "--secret-file", str(file)) == wanted
    assert cli("credentials", *ALIYUN, "--secret", "s3cret") == wanted


def values(done: Done) -> list[str]:
    """Client id, user name, password and server."""
    assert (done.status, done.err) == (0, "")
    return [line[11:] for line in done.out.decode().partition("\n\n")[0].splitlines()]


@pytest.mark.parametrize(
    ("arguments", "wanted"),
    [
        (("onenet", *NAMED), [*onenet.credentials("Ck2A", "pump-7", KEY), "mqtts.heclouds.com:1883"]),
        (
            ("onenet", *NAMED, "--by-device", "--tls"),
            [
                *onenet.credentials("Ck2A", "pump-7", KEY, res="products/Ck2A/devices/pump-7"),
                "mqttstls.heclouds.com:8883",
            ],
        ),
        (
            ("huawei", "--device-id", "5f_pump-7", "--host", "x.example"),
            [*huawei.credentials("5f_pump-7", KEY, NOON), "x.example:1883"],
        ),
        (
            ("huawei", "--product-id", "5f", "--node-id", "pump-7", "--check-time"),
            [
                *huawei.product_credentials("5f", KEY, "pump-7", NOON, sign_type=1),
                "iot-mqtts.cn-north-4.myhuaweicloud.com:1883",
            ],
        ),
        (
            ("tencent", *NAMED, "--days", "1"),
            [*tencent.credentials("Ck2A", "pump-7", KEY, "1a883", 1941021000), "Ck2A.iotcloud.tencentdevices.com:1883"],
        ),
        (("tencent", *NAMED, "--suite"), ["Ck2A.ap-guangzhou.mqtt.tencentcloudmq.com:1883"]),
        (
            ("thingscloud", "--access-token", "token", "--region", "sh-1"),
            ["thingscloud", "token", KEY, "sh-1-mqtt.iot-api.com:1883"],
        ),
    ],
)
def test_other_clouds(cli: CommandLine, arguments: tuple[str, ...], wanted: list[str]) -> None:
    """The pure functions' own values; they are held to the vendors' in tests of their own."""
    assert values(cli("credentials", *arguments, "--secret", KEY)) == wanted


@pytest.mark.parametrize(
    ("model", "platform"),
    [
        *((model, ALIYUN) for model in MODELS),
        ("EC200S-CN", ("onenet", *NAMED)),
        *((model, ("tencent", *NAMED)) for model in MODELS),
        *((model, ("thingscloud", "--access-token", "token", "--region", "sh-1")) for model in MODELS),
        ("BC35-G", ("huawei", "--device-id", "5f_pump-7")),
        ("Air724UG", ("huawei", "--product-id", "5f", "--node-id", "pump-7")),
    ],
)
def test_what_is_pasted_connects(cli: CommandLine, model: str, platform: tuple[str, ...]) -> None:
    """Each block, typed on a module of its dialect: the broker takes the device."""
    done = cli("credentials", *platform, "--secret", KEY, "--model", model)
    client_id, username, password, _ = values(done)
    for block in done.out.decode().split("\n\n")[1:]:
        with desk(model, broker={"users": {username: password}}, ports=["tcp://127.0.0.1:0"]) as bench:
            with Host(bench.urls[0]) as host:
                for line in block.splitlines()[1:]:
                    said = host.ask(line)
                    assert b"ERROR" not in said
                    wait = {"AT+QMTOPEN": b"+QMTOPEN: 0,0", "AT+MIPSTAR": b"CONNECT OK", "AT+MCONNEC": b"CONNACK OK"}
                    host.until(wait.get(line[:10], b""))
            bench.until(lambda: any(line.startswith(f"{client_id!r} connected") for line in bench.log))


def test_with_tls(cli: CommandLine) -> None:
    """The client id says so; what a module cannot do is told in place of its commands."""
    done = cli("credentials", *ALIYUN, "--secret", "s3cret", "--tls")
    assert values(done)[0] == "a1b2c3.pump-7|securemode=2,signmethod=hmacsha256|"
    blocks = done.out.decode().split("\n\n")
    assert blocks[1].startswith("TLS as below verifies nobody: ")
    assert blocks[-1] == (
        "quectel_nb: Quectel BC35-G and BC28, by the module's own command\ncannot: this module has no TLS for MQTT\n"
    )
    assert 'AT+QMTCFG="ssl",0,1,0\n' in blocks[3]


@pytest.mark.parametrize(
    ("arguments", "stdin", "reason"),
    [
        ((), b"", "Missing command (modemlab credentials --help tells more)"),
        (("aws",), b"", "'aws' is not a known subcommand of modemlab credentials. One of: aliyun"),
        (("aliyun", "--secret", "s"), b"", "Missing option '--product-key'"),
        (("aliyun", "--secret", "s", "--device-name", "d", "--product-key", ""), b"", "--product-key is empty"),
        (
            ("aliyun", "--secret", "s", "--device-name", "d", "--product-key", 'a"b'),
            b"",
            "--product-key holds a quote, a comma, a blank or a control character, which no name may",
        ),
        (ALIYUN, b"", "a secret is needed: --secret-file FILE, or MODEMLAB_SECRET in the environment"),
        ((*ALIYUN, "--secret-file", "-"), b"", "the secret is empty"),
        ((*ALIYUN, "--secret-file", "-"), b"\xff\n", "-: is no text"),
        ((*ALIYUN, "--secret", "a\rb"), b"", "the secret is no text"),
        ((*ALIYUN, "--secret", "\udcff"), b"", "the secret is no text"),
        ((*ALIYUN, "--secret-file", "/nowhere"), b"", "/nowhere: No such file or directory"),
        ((*ALIYUN, "--secret", "s", "--model", "M590"), b"", "'M590' is not a known model"),
        (
            (*ALIYUN, "--secret", "s", "--secret-file", "-"),
            b"t\n",
            "--secret has no effect beside --secret-file: leave one of them out",
        ),
        ((*ALIYUN, "--secret", "s", "--host", "h", "--instance", "i"), b"", "--instance has no effect beside --host: "),
        (
            (*ALIYUN, "--secret", "s", "--host", "h", "--region", "r"),
            b"",
            "--region has no effect beside --host: leave ",
        ),
        (
            (*ALIYUN, "--secret", "s", "--instance", "i", "--region", "r"),
            b"",
            "--region has no effect beside --instance",
        ),
        (("tencent", *NAMED, "--secret", KEY, "--suite", "--days", "1"), b"", "--days has no effect beside --suite: "),
        (
            ("huawei", "--device-id", "x", "--product-id", "y", "--node-id", "z"),
            b"",
            "a device is --device-id ID, or --product-id ID with --node-id ID",
        ),
        (("huawei", "--product-id", "x"), b"", "a device is --device-id ID, or --product-id ID with --node-id ID"),
        (("onenet", *NAMED, "--secret", "?"), b"", "the access key is not base64"),
        (("tencent", *NAMED, "--secret", "?"), b"", "the pre-shared key is not base64"),
        (("thingscloud", "--access-token", "", "--region", "x", "--secret", "s"), b"", "--access-token is empty"),
    ],
)
def test_what_is_wrong_is_one_line(
    cli: CommandLine, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], stdin: bytes, reason: str
) -> None:
    """And no secret is in it."""
    monkeypatch.delenv("MODEMLAB_SECRET", raising=False)
    done = cli("credentials", *arguments, stdin=stdin)
    assert (done.status, done.out) == (2, b"")
    assert done.err.startswith(f"modemlab: {reason}")
    assert done.err.count("\n") == 1


def read_until(fd: int, end: bytes) -> bytes:
    """What a terminal shows, up to these bytes."""
    shown = b""
    until = time.monotonic() + PATIENCE
    while not shown.endswith(end):
        assert select.select([fd], [], [], max(until - time.monotonic(), 0))[0], shown
        shown += os.read(fd, 1)
    return shown


def test_a_terminal_is_asked_and_shows_nothing() -> None:
    """A process on a terminal of its own."""
    master, slave = pty.openpty()
    command = [*COMMAND, "credentials", "thingscloud", "--access-token", "token", "--region", "sh-1"]
    try:
        with subprocess.Popen(
            command, stdin=slave, stdout=subprocess.PIPE, stderr=slave, env=ENVIRONMENT, start_new_session=True
        ) as process:
            assert read_until(master, b"secret: ") == b"secret: "
            os.write(master, b"hidden\n")
            assert process.wait(PATIENCE) == 0
            assert process.stdout is not None
            assert b"password   hidden\n" in process.stdout.read()
        assert b"hidden" not in read_until(master, b"\n")
    finally:
        os.close(master)
        os.close(slave)
