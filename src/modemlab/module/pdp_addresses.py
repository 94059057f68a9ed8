"""Addresses that the network gives to PDP contexts."""

from collections.abc import Mapping
from functools import lru_cache
from ipaddress import ip_address
from types import MappingProxyType

from modemlab.dialect.mobile import Bearer


@lru_cache(maxsize=64)
def bearer_of(cid: int, kind: int, address: str) -> Bearer:
    """A context as it comes up, with an address of its own if its definition has none; modules share it."""
    if kind == 4:
        return Bearer(kind, "")
    own = f"2001:db8:0:{cid:x}::2" if kind == 2 else f"10.64.{cid}.2"
    return Bearer(kind, address or own)


@lru_cache(maxsize=64)
def active_alone(cid: int, bearer: Bearer) -> Mapping[int, Bearer]:
    """The active contexts of a module that has one; modules share it."""
    return MappingProxyType({cid: bearer})


def next_address(address: str) -> str:
    """The address after that one; a static one that is none stays."""
    try:
        return str(ip_address(address) + 1)
    except ValueError:
        return address
