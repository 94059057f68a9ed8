"""Who a module is."""

from typing import NamedTuple


class Identity(NamedTuple):
    """What tells one module from another."""

    imei: str = "866000000000017"
    imsi: str = "460000000000017"
    iccid: str = "89860000000000000017"


SOMEBODY = Identity()
