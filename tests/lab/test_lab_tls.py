"""A lab whose broker speaks TLS: by certificates of its own, by a test's, and by files."""

import re
import socket
import ssl
import sys
import time
from pathlib import Path

import pytest

from modemlab import SyncModem, Tls
from modemlab.at.errors import LinkLost
from modemlab.broker import certificates
from modemlab.broker.server import TLS_HANDSHAKE_TIMEOUT_S
from modemlab.lab.lab import Lab
from modemlab.scenario.events import MessageArrived
from support.certificates import server_context, world


def test_the_driver_publishes_by_tls() -> None:
    """With the lab's own authority it is let in, without TLS it is not."""
    with Lab(port="tcp", tls=True) as lab, SyncModem.open(lab.port) as modem:
        with modem.mqtt("broker.example", 8883, client_id="pump-7", tls=Tls(ca=lab.ca)) as client:
            client.publish("pump/7/state", b"on", qos=1)
        assert lab.messages == [MessageArrived("pump-7", "pump/7/state", b"on", 1, False)]
        with pytest.raises(LinkLost), modem.mqtt(*lab.server, reconnect=False):
            pass
        with pytest.raises(LinkLost), modem.mqtt("broker.example", 8883, tls=Tls(ca=world().other), reconnect=False):
            pass


def test_by_hand_over_a_line() -> None:
    """The authority is uploaded, a context is set up, and the connection stands; another authority is told."""
    with Lab(port="tcp", tls=True) as lab:
        lab.command("ATE0")
        assert lab.command(f'AT+QFUPL="UFS:ca.pem",{len(lab.ca)}') == ["CONNECT"]
        lab.send(lab.ca)
        lab.expect(line=rf"\+QFUPL: {len(lab.ca)},[0-9a-f]+")
        for line in (
            'AT+QSSLCFG="cacert",2,"UFS:ca.pem"',
            'AT+QSSLCFG="seclevel",2,1',
            'AT+QSSLCFG="sslversion",2,3',
            'AT+QMTCFG="ssl",0,1,2',
            'AT+QMTOPEN=0,"broker.example",8883',
        ):
            assert lab.command(line) == ["OK"]
        lab.expect(urc="+QMTOPEN: 0,0")


def test_a_tests_own_settings() -> None:
    """A broker that wants a client's certificate."""
    mine = world()
    settings = server_context(clients=mine.authority)
    with Lab(port="tcp", tls=settings) as lab, SyncModem.open(lab.port) as modem:
        assert lab.ca == b""
        keys = Tls(ca=mine.authority, certificate=mine.client.certificate, key=mine.client.key)
        with modem.mqtt("broker.example", client_id="pump-7", tls=keys) as client:
            client.publish("a", b"b", qos=1)
        assert [message.client_id for message in lab.messages] == ["pump-7"]
        with pytest.raises(LinkLost), modem.mqtt("broker.example", tls=Tls(ca=mine.authority), reconnect=False):
            pass


def test_whoever_says_nothing_holds_nothing_up() -> None:
    """A host that never begins its handshake: the lab ends all the same."""
    lab = Lab(port="tcp", tls=True)
    with socket.create_connection(lab.server, 5) as silent:
        begun = time.monotonic()
        lab.close()
        assert time.monotonic() - begun < TLS_HANDSHAKE_TIMEOUT_S - 1
        silent.settimeout(5)
        assert silent.recv(1) == b""


def test_what_is_wrong_is_one_line(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"^tls needs a port, expected port='pty' or port='tcp' beside it$"):
        Lab(tls=True)
    with pytest.raises(ValueError, match=r"^tls is 'ca.pem', expected True, or a server's ssl.SSLContext$"):
        Lab(port="tcp", tls="ca.pem")  # type: ignore[arg-type]
    monkeypatch.setitem(sys.modules, "trustme", None)
    with pytest.raises(ValueError, match=f"^{re.escape(certificates.MISSING)}$"):
        Lab(port="tcp", tls=True)


def test_files(tmp_path: Path) -> None:
    """Certificate and key in two files or in one, clients' authority; each mistake names its file."""
    mine = world()
    for name, data in (("s.pem", mine.server.certificate), ("s.key", mine.server.key), ("ca.pem", mine.authority)):
        (tmp_path / name).write_bytes(data)
    (tmp_path / "both.pem").write_bytes(mine.server.certificate + mine.server.key)
    (tmp_path / "none.pem").write_text("nothing")
    read = certificates.read_identity
    assert read(tmp_path / "s.pem", tmp_path / "s.key").verify_mode is ssl.CERT_NONE
    assert read(tmp_path / "both.pem", None, tmp_path / "ca.pem").verify_mode is ssl.CERT_REQUIRED
    (tmp_path / "c.key").write_bytes(mine.client.key)
    for names, named in (
        (("none.pem", None, None), "none.pem: "),
        (("s.pem", None, None), "s.pem: "),
        (("s.pem", "c.key", None), "s.pem: key values mismatch"),
        (("gone.pem", None, None), "gone.pem: No such file or directory"),
        (("s.pem", "gone.key", None), "gone.key: No such file or directory"),
        (("both.pem", None, "gone.pem"), "gone.pem: No such file or directory"),
        (("both.pem", None, "none.pem"), "none.pem: "),
    ):
        paths = [None if name is None else tmp_path / name for name in names]
        with pytest.raises(ValueError, match=f"^{re.escape(f'{tmp_path}/{named}')}") as caught:
            read(*paths)  # type: ignore[arg-type]
        assert "\n" not in str(caught.value)
