"""The token request of Tencent's IoT Suite and its answer; text and signature are held by the published vectors."""

import json
from pathlib import Path

import pytest

from modemlab.platforms.tencent import read_token, token_request

VECTORS = json.loads(Path(__file__).with_name("vectors.json").read_text("utf-8"))


def test_the_request_of_the_vector() -> None:
    (vector,) = VECTORS["tencent_iotsuite_token"]
    inputs, expected = vector["inputs"], vector["expected"]
    request = token_request(
        *(inputs[name] for name in ("product_id", "device_name", "client_id", "device_secret")),
        **{name: inputs[name] for name in ("expire", "nonce", "timestamp")},
    )
    assert request.url == "http://gz.auth-device-iot.tencentcloudapi.com/token"
    signature = expected["signature"].replace("+", "%2B").replace("/", "%2F").replace("=", "%3D")
    assert request.body.decode() == f"{expected['stringToSign']}&signature={signature}"


def test_what_a_form_cannot_hold_is_encoded() -> None:
    body = token_request("p&q", "d=1", "c d+é", "k", expire=1, nonce=2, timestamp=3).body
    assert body.startswith(b"clientId=c%20d%2B%C3%A9&deviceName=d%3D1&expire=1&nonce=2&productId=p%26q&timestamp=3&sig")


@pytest.mark.parametrize("url", ["http://", "ftp://h", "http://h/a b", "http://h/\n", "h\x00", "http://hé"])
def test_bad_urls(url: str) -> None:
    with pytest.raises(ValueError, match="URL"):
        token_request("p", "d", "c", "k", expire=1, nonce=2, timestamp=3, url=url)


@pytest.mark.parametrize(("url", "asked"), [("h", "http://h"), ("h:1/x", "http://h:1/x"), ("https://h", "https://h")])
def test_urls(url: str, asked: str) -> None:
    assert token_request("p", "d", "c", "k", expire=1, nonce=2, timestamp=3, url=url).url == asked


def test_the_answer() -> None:
    assert read_token(b'{"returnCode":0,"data":{"id":"u","secret":"s","more":1}}') == ("u", "s")


BAD = [
    b"",
    b"\xff",
    b"[]",
    b"7",
    b'{"data":{"id":"u","secret":"s"}}',
    b'{"returnCode":0}',
    b'{"returnCode":0,"data":[]}',
    b'{"returnCode":0,"data":{"id":"u"}}',
    b'{"returnCode":0,"data":{"id":"u","secret":7}}',
    b'{"returnCode":0,"data":{"id":"","secret":"s"}}',
    b'{"returnCode":0,"data":{"id":"u","secret":"a\\r\\nb"}}',
    b'{"returnCode":0,"data":{"id":"u","secret":"' + b"s" * 257 + b'"}}',
    b'{"returnCode":0,"data":{"id":"u","secret":"\\ud800"}}',
]


@pytest.mark.parametrize("body", BAD)
def test_bad_answers(body: bytes) -> None:
    with pytest.raises(ValueError, match=r"answer|refuses"):
        read_token(body)
