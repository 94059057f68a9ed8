"""The printed session over TLS, by a process, against a mosquitto that wants a certificate (MQTT guide V1.1, 5.2)."""

from pathlib import Path

from conftest import running_mosquitto
from support.certificates import mosquitto_identity, world
from support.command_line import Host, Running
from support.file_lines import checksum

CLOUD = "a1zgnxur10j8ux.iot.us-east-1.amazonaws.com"
TOPIC = "$aws/things/M26_0206/shadow/update/accepted"
FILES = {"cacert.pem": world().authority, "client.pem": world().client.certificate, "user_key.pem": world().client.key}
PRELUDE: dict[str, tuple[str, ...]] = {'AT+QMTCFG="recv/mode",0,0,1': ("OK",), 'AT+QMTCFG="SSL",0,1,2': ("OK",)}
SESSION: dict[str, tuple[str, ...]] = {
    'AT+QSSLCFG="cacert",2,"UFS:cacert.pem"': ("OK",),
    'AT+QSSLCFG="clientcert",2,"UFS:client.pem"': ("OK",),
    'AT+QSSLCFG="clientkey",2,"UFS:user_key.pem"': ("OK",),
    'AT+QSSLCFG="seclevel",2,2': ("OK",),
    'AT+QSSLCFG="sslversion",2,4': ("OK",),
    'AT+QSSLCFG="ciphersuite",2,0xFFFF': ("OK",),
    'AT+QSSLCFG="ignorelocaltime",2,1': ("OK",),
    f'AT+QMTOPEN=0,"{CLOUD}",8883': ("OK", "+QMTOPEN: 0,0"),
    'AT+QMTCONN=0,"M26_0206"': ("OK", "+QMTCONN: 0,0,0"),
    f'AT+QMTSUB=0,1,"{TOPIC}",1': ("OK", "+QMTSUB: 0,1,0,1"),
}


def lines(*texts: str) -> bytes:
    """What the module says in these lines."""
    return "".join(f"\r\n{text}\r\n" for text in texts).encode()


def type_lines(host: Host, session: dict[str, tuple[str, ...]]) -> None:
    """Type lines and hold the module to its exact answers."""
    for line, wanted in session.items():
        host.say(line.encode() + b"\r")
        assert host.until(wanted[-1].encode() + b"\r\n") == lines(*wanted)


def test_the_printed_session(tmp_path: Path) -> None:
    """As printed, sizes and checksums aside; its own message comes back, as the print shows."""
    store = tmp_path / "store"
    with (
        running_mosquitto(tmp_path, *mosquitto_identity(tmp_path, world().server), "require_certificate true") as port,
        Running(
            *("module", "EC600S", "--port", "tcp://127.0.0.1:0", "--files", str(store)),
            *("--connect-to", f"{CLOUD}:8883:127.0.0.1:{port}"),
        ) as running,
        Host(running.until(r"ready on (tcp://127\.0\.0\.1:\d+)$")[1]) as host,
    ):
        host.ask("ATE0")
        type_lines(host, PRELUDE)
        for name, data in FILES.items():
            host.say(f'AT+QFUPL="UFS:{name}",{len(data)},100\r'.encode())
            assert host.until(b"CONNECT\r\n") == lines("CONNECT")
            host.say(data)
            assert host.until(b"OK\r\n") == lines(f"+QFUPL: {len(data)},{checksum(data)}", "OK")
        type_lines(host, SESSION)
        host.say(f'AT+QMTPUBEX=0,1,1,0,"{TOPIC}",32\r'.encode())
        assert host.until(b"> ") == b"\r\n> "
        host.say(b"This is publish data from client")
        assert host.until(b"OK\r\n") == lines("OK")
        # Which of the two the broker sends first is its own affair.
        published = "+QMTPUBEX: 0,1,0"
        received = f'+QMTRECV: 0,1,"{TOPIC}",32,"This is publish data from client"'
        said = b"".join(host.until(b"\r\n") for _ in range(4))
        assert said in (lines(published, received), lines(received, published))
        host.say(b"AT+QMTDISC=0\r")
        assert host.until(b"+QMTDISC: 0,0\r\n") == lines("OK", "+QMTDISC: 0,0")
        assert {path.name: path.read_bytes() for path in store.iterdir()} == FILES
        assert running.end() == 0
        assert running.rest("stderr") == ["<the end>"]
