"""Tencent Cloud: signed CONNECTs of IoT Hub devices, and the signed token request of the older IoT Suite.

Sources: Tencent Cloud's IoT Hub documentation of key authentication and its C SDK; for the token
request, tencent-cloud-iotsuite-embedded-c (tc_iot_calc_sign).
"""

import base64
import json
import re
from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import quote, urlsplit

from modemlab.platforms import Credentials, decode_key, sign

__all__ = [
    "APP_ID",
    "SIGN_METHODS",
    "TOKEN_URL",
    "TokenRequest",
    "credentials",
    "read_token",
    "token_request",
    "token_signature",
    "token_text",
    "username",
]

APP_ID = "12010126"
"""The SDK's application id that Tencent's documentation gives to devices without one of their own."""

TOKEN_URL = "http://gz.auth-device-iot.tencentcloudapi.com/token"
"""Where IoT Suite gave out tokens."""

_URL = re.compile(r"https?://[!-~]+")

SIGN_METHODS: Mapping[str, str] = {"hmacsha1": "sha1", "hmacsha256": "sha256"}
"""The methods IoT Hub knows, each with the name of its digest."""


def username(product_id: str, device_name: str, connid: str, expiry: int, *, app_id: str = APP_ID) -> str:
    """The user name, which is also the text that the password signs.

    `connid` is any short text that is new each time; `expiry` is in Unix seconds, as large as a device
    without a clock likes.
    """
    return f"{product_id}{device_name};{app_id};{connid};{expiry}"


def credentials(
    product_id: str,
    device_name: str,
    psk: str,
    connid: str,
    expiry: int,
    *,
    method: str = "hmacsha256",
    app_id: str = APP_ID,
) -> Credentials:
    """What an IoT Hub or IoT Explorer device with a pre-shared key sends; `psk` is in base64.

    Source: Tencent Cloud, IoT Hub, key authentication. Raises ValueError for a method other than
    hmacsha1 and hmacsha256 and for a key that is not base64.
    """
    digest = SIGN_METHODS.get(method)
    if digest is None:
        raise ValueError(f"unknown method {method!r}: use {', '.join(SIGN_METHODS)}")
    user = username(product_id, device_name, connid, expiry, app_id=app_id)
    mac = sign(digest, decode_key(psk, "pre-shared key"), user).hex()
    return Credentials(f"{product_id}{device_name}", user, f"{mac};{method}")


def token_text(client_id: str, device_name: str, expire: int, nonce: int, product_id: str, timestamp: int) -> str:
    """The text that an IoT Suite token request signs: its fields in the order of their names.

    `client_id` is `<product>@<device name>`, `expire` the token's life in seconds, `timestamp` in Unix
    seconds; nothing is URL-encoded. Source: tencent-cloud-iotsuite-embedded-c.
    """
    return (
        f"clientId={client_id}&deviceName={device_name}&expire={expire}"
        f"&nonce={nonce}&productId={product_id}&timestamp={timestamp}"
    )


def token_signature(device_secret: str, text: str) -> str:
    """The `signature` field of an IoT Suite token request in base64, before URL encoding.

    The device secret is the key as it is written. Source: tencent-cloud-iotsuite-embedded-c.
    """
    return base64.b64encode(sign("sha256", device_secret.encode(), text)).decode()


class TokenRequest(NamedTuple):
    """A POST: where to, and its form."""

    url: str
    body: bytes


def token_request(
    product_id: str,
    device_name: str,
    client_id: str,
    device_secret: str,
    *,
    expire: int,
    nonce: int,
    timestamp: int,
    url: str | None = None,
) -> TokenRequest:
    """The request by which a device asks IoT Suite for a token; values as in `token_text`.

    `url` replaces the service's own address; one without a scheme is taken as http. Raises ValueError for one that
    no request can be sent to and for text that UTF-8 cannot hold.
    """
    url = TOKEN_URL if url is None else url if "://" in url else f"http://{url}"
    if not _leads_somewhere(url):
        raise ValueError("the URL is not one of http or https in printable ASCII, with a host")
    signature = token_signature(device_secret, token_text(client_id, device_name, expire, nonce, product_id, timestamp))
    # Typed as the service's own client sends them: an @ stays, what a form cannot hold is encoded.
    client, device, product = (quote(text, safe="@") for text in (client_id, device_name, product_id))
    form = token_text(client, device, expire, nonce, product, timestamp)
    return TokenRequest(url, f"{form}&signature={quote(signature, safe='')}".encode())


def _leads_somewhere(url: str) -> bool:
    """Whether that is a URL of http or https with a host, and a port that can be one if any."""
    try:
        parts = urlsplit(url)
        return _URL.fullmatch(url) is not None and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def read_token(body: bytes) -> tuple[str, str]:
    """User name and password in IoT Suite's answer to a token request.

    Raises ValueError, with a line that says why, when it holds none.
    """
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        raise ValueError("the answer is not JSON") from None
    if not isinstance(answer, dict):
        raise ValueError("the answer is not a JSON object")
    if answer.get("returnCode") != 0:
        raise ValueError(f"the platform refuses with code {str(answer.get('returnCode'))[:20]!r}")
    data = answer.get("data")
    user, secret = (data.get("id"), data.get("secret")) if isinstance(data, dict) else (None, None)
    for text in (user, secret):
        if not isinstance(text, str) or not text.isprintable() or not 0 < len(text.encode()) <= 256:
            raise ValueError("the answer holds no id and secret of 1 to 256 printable bytes")
    return str(user), str(secret)
