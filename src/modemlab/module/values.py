"""What the world does to a mobile, in plain data: the arguments of its methods, read.

What is wrong with one is a ValueError of one line.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import lru_cache
from ipaddress import ip_address
from types import MappingProxyType
from typing import Any

from modemlab.dialect.mobile import COVERAGE, Bearer, Cell, Operator, Signal, Sim
from modemlab.text.figures import shown
from modemlab.text.spelling import meant

TIME = "%Y/%m/%d,%H:%M:%S"
DIGITS = re.compile("[0-9]+")
# An operator's name is of at most 16 characters (AT commands manual V1.1, 6.1); its number is MCC and MNC.
NAME, NUMBER = re.compile("[ !#-~]{1,16}"), re.compile("[0-9]{5,6}")
AREA, IDENTITY = re.compile("[0-9A-F]{4}"), re.compile("[0-9A-F]{4,8}")
MOST_CONTEXT = 15
# Technologies of 3GPP TS 27.007, 7.3, and the channels that AT+QNWINFO can show.
MOST_ACT, MOST_CHANNEL = 9, 262143


# Addresses that the network gives


@lru_cache(maxsize=64)
def bearer_of(cid: int, kind: int, address: str) -> Bearer:
    """A context as it comes up, with an address of its own if its definition has none; modules share it."""
    if kind == 4:
        return Bearer(kind, "")
    own = f"2001:db8:0:{cid:x}::2" if kind == 2 else f"10.64.{cid}.2"
    return Bearer(kind, address or own)


@lru_cache(maxsize=64)
def only(cid: int, bearer: Bearer) -> Mapping[int, Bearer]:
    """The active contexts of a module that has one; modules share it."""
    return MappingProxyType({cid: bearer})


def next_address(address: str) -> str:
    """The address after that one; a static one that is none stays."""
    try:
        return str(ip_address(address) + 1)
    except ValueError:
        return address


# Plain data, read


def read_number(what: str, value: Any, least: int, most: int, beside: Iterable[int] = ()) -> int:
    """A whole number in these bounds, or one of those beside them."""
    if not isinstance(value, int) or isinstance(value, bool) or not (least <= value <= most or value in beside):
        also = "".join(f" or {number}" for number in beside)
        raise ValueError(f"{what} is {least} to {most}{also}, not {shown(value)}")
    return value


def read_card(card: Any) -> Sim:
    """The state of a card: a `Sim`, its name or what AT+CPIN? calls it."""
    if isinstance(card, Sim):
        return card
    for sim in Sim:
        if isinstance(card, str) and card.lower() in (sim.name.lower(), sim.value.lower()):
            return sim
    names = [sim.name.lower() for sim in Sim]
    raise ValueError(f"a card is {', '.join(names)}, not {shown(card)}{meant(card, names)}")


def read_coverage(stat: Any) -> int:
    """What a registration gets: a word of `COVERAGE` or its number."""
    if isinstance(stat, str) and stat in COVERAGE:
        return COVERAGE[stat]
    if isinstance(stat, int) and not isinstance(stat, bool) and stat in COVERAGE.values():
        return stat
    words = ", ".join(f"{number} {word}" for word, number in COVERAGE.items())
    raise ValueError(f"coverage is {words}, not {shown(stat)}{meant(stat, COVERAGE)}")


def read_cause(cause: Any, known: Mapping[int, str]) -> str:
    """The words of a cause that the network gives."""
    if not isinstance(cause, int) or isinstance(cause, bool) or cause not in known:
        raise ValueError(f"a cause is {', '.join(map(str, known))}, not {shown(cause)}")
    return known[cause]


def read_signal(signal: Any) -> Signal:
    """Strength and bit error rate."""
    if not isinstance(signal, list | tuple) or len(signal) != 2:
        raise ValueError(f"a signal is strength and bit error rate, not {shown(signal)}")
    rssi = read_number("strength", signal[0], 0, 31, (99,))
    return Signal(rssi, read_number("bit error rate", signal[1], 0, 7, (99,)))


def read_operator(operator: Any) -> Operator:
    """Two names and a number."""
    if not isinstance(operator, list | tuple) or len(operator) != 3:
        raise ValueError(f"an operator is long name, short name and number, not {shown(operator)}")
    for name in operator[:2]:
        if not isinstance(name, str) or not NAME.fullmatch(name):
            raise ValueError(f"a name is 1 to 16 characters without quotes, not {shown(name)}")
    if not isinstance(operator[2], str) or not NUMBER.fullmatch(operator[2]):
        raise ValueError(f"an operator's number is 5 or 6 digits in quotes, not {shown(operator[2])}")
    return Operator(*operator)


def read_cell(cell: Any, here: Cell) -> Cell:
    """A cell, or what is other in it than `here`."""
    if isinstance(cell, Mapping):
        for name in cell:
            if name not in Cell._fields:
                known, hint = ", ".join(Cell._fields), meant(name, Cell._fields)
                raise ValueError(f"a cell has {known}, not {name if name.isprintable() else shown(name)}{hint}")
        cell = here._replace(**cell)
    if not isinstance(cell, Cell):
        raise ValueError(f"a cell is a table of {', '.join(Cell._fields)}, not {shown(cell)}")
    for name, pattern in (("area", AREA), ("identity", IDENTITY)):
        value = getattr(cell, name)
        if not isinstance(value, str) or not pattern.fullmatch(value):
            digits = "4" if pattern is AREA else "4 to 8"
            raise ValueError(f"{name} is hexadecimal, {digits} digits, not {shown(value)}")
    for name in ("technology", "band"):
        value = getattr(cell, name)
        if not isinstance(value, str) or not NAME.fullmatch(value):
            raise ValueError(f"{name} is a word, not {shown(value)}")
    read_number("act", cell.act, 0, MOST_ACT)
    read_number("channel", cell.channel, 0, MOST_CHANNEL)
    return cell


def read_context(cid: Any) -> int:
    """The number of a PDP context."""
    return read_number("a context", cid, 0, MOST_CONTEXT)


def read_contexts(cids: Any) -> frozenset[int]:
    """The numbers of PDP contexts."""
    if not isinstance(cids, list | tuple | set | frozenset):
        raise ValueError(f"contexts are a list of numbers, not {shown(cids)}")
    return frozenset(map(read_context, cids))


def read_address(address: Any) -> str:
    """An IPv4 or IPv6 address."""
    try:
        if isinstance(address, str):
            return str(ip_address(address))
    except ValueError:
        pass
    raise ValueError(f"an address is one of IPv4 or IPv6, not {shown(address)}")


def read_code(what: str, code: Any, least: int, most: int) -> str:
    """A PIN or a PUK."""
    if not isinstance(code, str) or not DIGITS.fullmatch(code) or not least <= len(code) <= most:
        count = str(least) if least == most else f"{least} to {most}"
        raise ValueError(f"a {what} is {count} digits in quotes")
    return code


def read_time(time: Any) -> datetime:
    """A date and time of this century."""
    try:
        if isinstance(time, str) and time.startswith("20"):
            return datetime.strptime(time, TIME)
    except ValueError:
        pass
    raise ValueError(f"a time is as 2024/05/06,22:10:00, not {shown(time)}")
