"""China Mobile OneNET: the token that a device sends as its password.

Source: OneNET's documentation of its token algorithm (version 2018-10-31): an HMAC under the access
key, which is shown in base64, over expiry time, method, resource and version, one a line.
"""

import base64
from urllib.parse import quote

from modemlab.platforms import Credentials, decode_key, sign

__all__ = ["FAR_AHEAD", "VERSION", "credentials", "device_resource", "product_resource", "signature", "token"]

VERSION = "2018-10-31"

FAR_AHEAD = 32_472_115_200
"""An expiry time for devices without a clock: 2999-01-01 in China, as LuatOS has it (Unix seconds)."""


def product_resource(product_id: str) -> str:
    """The resource that a product's access key signs for."""
    return f"products/{product_id}"


def device_resource(product_id: str, device_name: str) -> str:
    """The resource that a device's own key signs for."""
    return f"products/{product_id}/devices/{device_name}"


def signature(access_key: str, res: str, et: int, method: str = "sha256", version: str = VERSION) -> str:
    """The token's `sign` in base64, before URL encoding.

    `et` is the expiry time in Unix seconds; `method` is md5, sha1 or sha256 in either case, signed as
    it is written. Raises ValueError for another method and for an access key that is not base64.
    """
    key = decode_key(access_key, "access key")
    return base64.b64encode(sign(method.lower(), key, f"{et}\n{method}\n{res}\n{version}")).decode()


def token(access_key: str, res: str, et: int, method: str = "sha256", version: str = VERSION) -> str:
    """The whole token, `version=...&res=...&et=...&method=...&sign=...`, its values URL-encoded.

    Inputs and errors are those of `signature`.
    """
    signed = signature(access_key, res, et, method, version)
    fields = {"version": version, "res": res, "et": str(et), "method": method, "sign": signed}
    return "&".join(f"{name}={quote(value, safe='')}" for name, value in fields.items())


def credentials(
    product_id: str,
    device_name: str,
    access_key: str,
    *,
    res: str | None = None,
    et: int = FAR_AHEAD,
    method: str = "sha256",
    version: str = VERSION,
) -> Credentials:
    """What a device sends: device name, product id and a token.

    The token is for `res`, the whole product when it is None: `access_key` is then the product's; with
    `device_resource(...)` it is the device's own key. Errors are those of `signature`.
    """
    resource = product_resource(product_id) if res is None else res
    return Credentials(device_name, product_id, token(access_key, resource, et, method, version))
