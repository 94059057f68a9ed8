"""Aliyun IoT Platform: signed CONNECTs of registered devices and of devices that ask for their secret.

Sources: Alibaba Cloud's "MQTT-TCP connection" (document 73742) and its page on dynamic registration
over MQTT (document 132111); the order of the parameters is that of Quectel's QuecPython client,
aLiYun.py. Aliyun compares the password without regard to case; it is lower-case hex here.
"""

from collections.abc import Mapping

from modemlab.platforms import Credentials, sign

__all__ = ["SIGN_METHODS", "TCP", "TLS", "credentials", "dynamic_register"]

TLS = 2  # securemode of a connection over TLS
TCP = 3  # securemode of a connection over bare TCP

SIGN_METHODS: Mapping[str, str] = {"hmacmd5": "md5", "hmacsha1": "sha1", "hmacsha256": "sha256"}
"""The signmethods Aliyun knows, each with the name of its digest."""

_RESERVED = frozenset({"securemode", "signmethod", "timestamp"})


def credentials(
    client_id: str,
    device_name: str,
    product_key: str,
    device_secret: str,
    *,
    signmethod: str = "hmacsha256",
    securemode: int = TCP,
    timestamp: str | None = None,
    extra: Mapping[str, str] | None = None,
) -> Credentials:
    """What a device with a secret of its own sends (Alibaba Cloud, document 73742).

    `timestamp`, milliseconds since 1970 as digits, is sent and signed only when given; Aliyun holds it
    against no clock. `extra` parameters follow it in their own order and are not signed.
    Raises ValueError for an unknown signmethod, a securemode other than 2 and 3, a timestamp that is
    not of digits and an `extra` that would not read back.
    """
    if securemode not in (TLS, TCP):
        raise ValueError(f"unknown securemode {securemode}: use 2 (TLS) or 3 (TCP)")
    parameters = {"securemode": str(securemode), "signmethod": signmethod}
    content = f"clientId{client_id}deviceName{device_name}productKey{product_key}"
    if timestamp is not None:
        if not (timestamp.isascii() and timestamp.isdigit()):
            raise ValueError("the timestamp is not a number of milliseconds")
        parameters["timestamp"] = timestamp
        content += f"timestamp{timestamp}"
    for name, value in (extra or {}).items():
        if name in _RESERVED or not name or any(c in name + value for c in ",|="):
            raise ValueError(f"extra parameter {name!r} cannot be sent in a client id")
        parameters[name] = value
    password = _password(device_secret, content, signmethod)
    return Credentials(_client_id(client_id, parameters), f"{device_name}&{product_key}", password)


def dynamic_register(
    client_id: str,
    device_name: str,
    product_key: str,
    product_secret: str,
    random: str,
    *,
    signmethod: str = "hmacsha256",
) -> Credentials:
    """What a device that has only its product's secret sends to be given its own.

    Source: Alibaba Cloud, document 132111. `random` is any text that is new each time. Aliyun takes it
    over TLS only and publishes the secret to /ext/register, which needs no subscription.
    Raises ValueError for an unknown signmethod.
    """
    parameters = {"securemode": str(TLS), "authType": "register", "random": random, "signmethod": signmethod}
    content = f"deviceName{device_name}productKey{product_key}random{random}"
    password = _password(product_secret, content, signmethod)
    return Credentials(_client_id(client_id, parameters), f"{device_name}&{product_key}", password)


def _client_id(client_id: str, parameters: Mapping[str, str]) -> str:
    """The client id with its parameters: `id|name=value,...|`."""
    return f"{client_id}|{','.join(f'{name}={value}' for name, value in parameters.items())}|"


def _password(secret: str, content: str, signmethod: str) -> str:
    """The signature of `content` in hex. Raises ValueError for an unknown signmethod."""
    digest = SIGN_METHODS.get(signmethod)
    if digest is None:
        raise ValueError(f"unknown signmethod {signmethod!r}: use {', '.join(SIGN_METHODS)}")
    return sign(digest, secret.encode(), content).hex()
