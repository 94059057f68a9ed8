"""AT+QMTTENAUTH of BC35-G and BC28: the request that leaves the module, and what comes of the answer."""

from urllib.parse import parse_qs

import pytest

from modemlab.dialect.network import HttpAnswer, HttpError
from modemlab.module.effects import CloseStream, OpenStream, SendStream, StreamOpened
from modemlab.module.http import HTTPS
from modemlab.module.log_notes import Note
from modemlab.module.module import Module
from modemlab.module.observer import NoteListener
from modemlab.platforms.tencent import token_signature, token_text
from support.helpers import exchange, make_module
from support.http import end_request, requests_of
from support.mobile_line import UTC

OK = b"\r\nOK\r\n"
ASK = b'AT+QMTTENAUTH="iot-7hjc","light001","mqtt-5ns8@light001","s3cr3t"'
GIVEN = HttpAnswer(200, b'{"returnCode":0,"data":{"id":"user7","secret":"pass7"}}')


def nb_module(**options: object) -> Module:
    """A module that is on and has said so."""
    module = make_module("BC35-G", utc=UTC, **options)
    module.power_on(0.0)
    module.data_to_send()
    return module


def asked(module: Module, line: bytes = ASK, now: float = 0.0) -> OpenStream:
    """The connection that a line asks for."""
    assert exchange(module, line, now) == OK
    (opening,) = module.effects
    module.effects.clear()
    assert isinstance(opening, OpenStream)
    return opening


def posted(module: Module, line: bytes = ASK, now: float = 0.0) -> tuple[bytes, bytes]:
    """The head and the body of the request that a line makes."""
    module.on_reply(StreamOpened(asked(module, line, now).stream), now)
    (sent,) = module.effects
    assert isinstance(sent, SendStream)
    head, _, body = sent.data.partition(b"\r\n\r\n")
    return head, body


def test_the_request() -> None:
    module = nb_module()
    head, body = posted(module)
    assert head == (
        b"POST /token HTTP/1.1\r\nHost: gz.auth-device-iot.tencentcloudapi.com\r\n"
        b"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: %d\r\nConnection: close" % len(body)
    )
    assert module.deadline() == 195
    assert body.startswith(b"clientId=mqtt-5ns8@light001&deviceName=light001&expire=5184000&nonce=")
    form = {name: value for name, (value,) in parse_qs(body.decode(), strict_parsing=True).items()}
    nonce = int(form.pop("nonce"))
    assert form.pop("signature") == token_signature(
        "s3cr3t", token_text("mqtt-5ns8@light001", "light001", 5_184_000, nonce, "iot-7hjc", 1_700_000_000)
    )
    assert form == {
        "clientId": "mqtt-5ns8@light001",
        "deviceName": "light001",
        "expire": "5184000",
        "productId": "iot-7hjc",
        "timestamp": "1700000000",
    }
    assert f"nonce={nonce}&".encode() not in posted(nb_module(), now=0.5)[1]


def test_both_spellings_and_the_optional_parameters() -> None:
    line = ASK.replace(b"QMTTENAUTH", b"QMTENAUTH") + b',1,"https://cloud.example:8443/device?x=1"'
    opening = asked(nb_module(), line)
    assert opening[1:3] == ("cloud.example", 8443)
    assert opening.tls == HTTPS._replace(at=UTC)
    head, body = posted(nb_module(), line)
    assert head.startswith(b"POST /device?x=1 HTTP/1.1\r\nHost: cloud.example:8443\r\n")
    assert b"&expire=86400&" in body
    opening = asked(nb_module(), ASK + b",60,cloud.example/token")
    assert opening[1:] == ("cloud.example", 80, None, None)


def test_text_that_is_none() -> None:
    notes: list[Note] = []
    module = nb_module(observers=[NoteListener(notes.append)])
    assert exchange(module, ASK.replace(b"light001", b"\xff")) == b"\r\nERROR\r\n"
    assert str(notes[0].reason).startswith("the parameters are not UTF-8")


NO_URLS = [
    "",
    "ftp://h/",
    "http://h /",
    "://h",
    "http://[",
    "http://:80/",
    "http://h:0/",
    "http://h:65536/",
    "http://é/",
]


def test_bad_parameters() -> None:
    module = nb_module()
    exchange(module, b"AT+CMEE=1")
    for tail in (",0", ",61", ",x", ",60,h,1", *(f',60,"{url}"' for url in NO_URLS)):
        assert exchange(module, ASK + tail.encode()) == b"\r\n+CME ERROR: 50\r\n", tail
        assert module.effects == []
    assert asked(module)


def test_the_password_is_told_kept_and_used() -> None:
    module = nb_module()
    stream = asked(module).stream
    assert exchange(module, b"AT+QMTTENAUTH?") == OK
    end_request(module, stream, GIVEN, 2.0)
    assert module.data_to_send() == b"\r\n+QMTTENAUTH: 0,pass7\r\n"
    for line in (b"AT+QMTTENAUTH?", b"AT+QMTENAUTH?"):
        assert exchange(module, line) == b"\r\n+QMTTENAUTH: pass7\r\n\r\nOK\r\n"
    assert connect(module, b'AT+QMTCONN=0,"c"').endswith(b"\x00\x01c\x00\x05user7\x00\x05pass7")
    assert connect(module, b'AT+QMTCONN=0,"c","me","mine"').endswith(b"\x00\x01c\x00\x02me\x00\x04mine")
    exchange(module, b'AT+QMTCFG="aliauth",0,"pk","dn","s3cr3t"')
    assert b"dn&pk" in connect(module, b'AT+QMTCONN=0,"c"')
    exchange(module, b"AT+NRB")
    assert exchange(module, b"AT+QMTTENAUTH?") == OK


def connect(module: Module, line: bytes) -> bytes:
    """What CONNECT carries, on a connection of its own."""
    exchange(module, b'AT+QMTOPEN=0,"h",1')
    module.on_reply(StreamOpened(module.clients[0].stream), 3.0)
    module.effects.clear()
    assert exchange(module, line, 3.0).endswith(OK)
    (sent,) = (effect.data for effect in module.effects if isinstance(effect, SendStream))
    exchange(module, b"AT+QMTCLOSE=0")
    return sent


URL = "http://gz.auth-device-iot.tencentcloudapi.com/token"
NOT_THE_SERVICE = "is it the address of the platform's service?"
CREDENTIALS = "check the product, the device and its key"
FAILURES = [
    (HttpError.NAME, 1, ": the name did not resolve: check its spelling"),
    (HttpError.SOCKET, 2, ": the connection failed: does a server listen there?"),
    (HttpError.ANSWER, 3, ": the answer is not HTTP: is it the address of an HTTP server?"),
    (HttpAnswer(404, GIVEN.body), 3, f" answered with status 404: {NOT_THE_SERVICE}"),
    (HttpError.SENDING, 4, ": the request could not be sent: the network was lost meanwhile"),
    (HttpAnswer(200, b""), 5, f": the answer is not JSON: {CREDENTIALS}"),
    (HttpAnswer(200, b"[" * 60_000), 5, f": the answer is not JSON: {CREDENTIALS}"),
    (HttpAnswer(200, b'{"returnCode":17}'), 5, f": the platform refuses with code '17': {CREDENTIALS}"),
    (HttpError.TIMEOUT, 6, ": no answer in time: does a server listen there?"),
]


@pytest.mark.parametrize(("answer", "result", "reason"), FAILURES)
def test_failures(answer: HttpAnswer | HttpError, result: int, reason: str) -> None:
    notes: list[Note] = []
    module = nb_module(observers=[NoteListener(notes.append)])
    end_request(module, asked(module).stream, GIVEN, 1.0)
    module.data_to_send()
    module.effects.clear()
    end_request(module, asked(module).stream, answer, 2.0)
    assert module.data_to_send() == f"\r\n+QMTTENAUTH: {result}\r\n".encode()
    assert [str(note.reason) for note in notes] == [URL + reason]
    assert exchange(module, b"AT+QMTTENAUTH?") == b"\r\n+QMTTENAUTH: pass7\r\n\r\nOK\r\n"


def test_one_request_at_a_time() -> None:
    module = nb_module()
    stream = asked(module).stream
    exchange(module, b"AT+CMEE=1")
    assert exchange(module, ASK) == b"\r\n+CME ERROR: 3\r\n"
    end_request(module, stream, HttpError.TIMEOUT, 195.0)
    assert module.data_to_send() == b"\r\n+QMTTENAUTH: 6\r\n"
    assert module.effects == [CloseStream(stream)]
    module.effects.clear()
    assert asked(module).stream != stream


def test_without_a_network() -> None:
    module = nb_module()
    exchange(module, b"AT+CFUN=0")
    assert exchange(module, ASK) == b"\r\nERROR\r\n"
    exchange(module, b"AT+CMEE=1")
    assert exchange(module, ASK) == b"\r\n+CME ERROR: 30\r\n"


@pytest.mark.parametrize("line", [b"AT+CFUN=0", b"AT+CGATT=0"])
def test_the_network_goes_meanwhile(line: bytes) -> None:
    module = nb_module()
    stream = asked(module).stream
    assert exchange(module, line) == OK + b"\r\n+QMTTENAUTH: 4\r\n"
    assert module.effects == [CloseStream(stream)]
    end_request(module, stream, GIVEN, 1.0)
    assert module.data_to_send() == b""
    module.effects.clear()
    assert exchange(module, b"AT+QMTTENAUTH?;+CFUN=1;+CGATT=1") == OK
    assert asked(module)


def test_an_answer_after_the_power_went_is_nothing() -> None:
    module = nb_module()
    stream = asked(module).stream
    module.power_off(1.0)
    assert module.effects == [CloseStream(stream)]
    module.effects.clear()
    module.power_on(2.0)
    module.data_to_send()
    end_request(module, stream, GIVEN, 3.0)
    assert module.data_to_send() == b""
    assert requests_of(module) == []
    assert asked(module)
