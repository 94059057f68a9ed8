"""Who a module is: its model, as it names itself, and what tells it from others of that model."""

from dataclasses import dataclass
from typing import NamedTuple


@dataclass(frozen=True, slots=True)
class Model:
    """A model as it names itself: `name` in commands and on the command line, `revision` its firmware."""

    name: str
    maker: str
    shown: str
    revision: str
    series: str


class Identity(NamedTuple):
    """What tells one module from another."""

    imei: str = "866000000000017"
    imsi: str = "460000000000017"
    iccid: str = "89860000000000000017"


NO_IDENTITY = Identity()
