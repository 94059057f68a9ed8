"""Huawei IoTDA: signed CONNECTs of registered devices and of devices that know their product's secret.

Sources: Huawei Cloud's "device connection authentication" (ocsmartcampus_04_0030, the same in
iot_06_v5_3009); for the product secret, Huawei LiteOS's agent (its dynamic connection).
"""

from datetime import UTC, datetime

from modemlab.platforms import Credentials, sign

__all__ = ["credentials", "product_credentials", "stamp"]

_BY_DEVICE = 0  # the third field from the right of the client id: a device's own secret
_BY_PRODUCT = 1  # the secret of its product


def stamp(when: datetime) -> str:
    """The hour of `when` in UTC as YYYYMMDDHH. Raises ValueError for a `when` without a time zone."""
    if when.utcoffset() is None:
        raise ValueError("the time has no time zone: Huawei's time stamp is in UTC")
    utc = when.astimezone(UTC)
    return f"{utc.year:04}{utc.month:02}{utc.day:02}{utc.hour:02}"


def credentials(device_id: str, secret: str, when: datetime, *, sign_type: int = 0) -> Credentials:
    """What a registered device sends; the device id is usually `<product id>_<node id>`.

    `when` has a time zone. With `sign_type` 1 the cloud checks the time stamp against its clock, with 0
    it does not. Raises ValueError for another sign type and a `when` without a time zone.
    """
    return _signed(device_id, _BY_DEVICE, secret, when, sign_type)


def product_credentials(
    product_id: str, product_secret: str, node_id: str, when: datetime, *, sign_type: int = 0
) -> Credentials:
    """What a device that has only its product's secret sends to be given its own.

    `when`, `sign_type` and errors are those of `credentials`. Source: Huawei LiteOS's agent; the user
    name, which it leaves open, is `<product id>_<node id>`.
    """
    return _signed(f"{product_id}_{node_id}", _BY_PRODUCT, product_secret, when, sign_type)


def _signed(identity: str, auth_type: int, secret: str, when: datetime, sign_type: int) -> Credentials:
    """Client id `<identity>_<auth type>_<sign type>_<stamp>`; the stamp is the key, the secret the text."""
    if sign_type not in (0, 1):
        raise ValueError(f"unknown sign type {sign_type}: use 0 (time not checked) or 1 (checked)")
    hour = stamp(when)
    password = sign("sha256", hour.encode(), secret).hex()
    return Credentials(f"{identity}_{auth_type}_{sign_type}_{hour}", identity, password)
