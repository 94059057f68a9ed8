"""What bounds the embedded broker: each limit is declared once, and the options, the documents and what the log says
come from that.
"""

from functools import cache
from typing import Annotated, Any, NamedTuple

MEGABYTE = 1_048_576


class Limit(NamedTuple):
    """One limit: its option, its least and greatest value, what it is counted in, what it is of, and what happens to
    whatever goes beyond. `scale` of the field's own unit make one of the option's.
    """

    option: str
    minimum: int
    maximum: int
    unit: str
    what: str
    beyond: str
    scale: int = 1


class Limits(NamedTuple):
    """What bounds the broker; whatever goes beyond is refused or dropped, and the log says so."""

    connections: Annotated[
        int,
        Limit("--max-connections", 1, 1_000_000, "connections", "Open TCP connections", "One more is closed at once."),
    ] = 10_000
    connect_timeout: Annotated[
        float, Limit("--connect-timeout", 1, 3600, "seconds", "Time a connection has for its CONNECT", "It is closed.")
    ] = 10.0
    max_packet: Annotated[
        int,
        Limit(
            "--max-packet",
            64,
            268_435_455,
            "bytes",
            "The largest packet, after its fixed header",
            "A longer one ends its connection.",
        ),
    ] = 4_194_304
    sessions: Annotated[
        int,
        Limit(
            "--max-sessions",
            1,
            1_000_000,
            "sessions",
            "Sessions, of clients connected and absent",
            "The one whose client is absent longest is forgotten; if all are connected, return code 3.",
        ),
    ] = 10_000
    session_expiry: Annotated[
        float,
        Limit(
            "--session-expiry",
            1,
            315_360_000,
            "seconds",
            "Time that the session of an absent client is kept",
            "It is forgotten.",
        ),
    ] = 86_400.0
    subscriptions: Annotated[
        int,
        Limit(
            "--max-subscriptions",
            1,
            1_000_000,
            "subscriptions",
            "Subscriptions of one session",
            "One more is refused with SUBACK code 128.",
        ),
    ] = 1000
    subscription_bytes: Annotated[
        int,
        Limit(
            "--max-subscription-bytes",
            1024,
            1 << 40,
            "bytes",
            "Memory of one session's subscriptions",
            "One more is refused with SUBACK code 128.",
        ),
    ] = 8_388_608
    filters: Annotated[
        int, Limit("--max-filters", 1, 1_000_000, "filters", "Topic filters in one SUBSCRIBE", "Those beyond get 128.")
    ] = 1000
    queued_messages: Annotated[
        int,
        Limit(
            "--max-queued",
            1,
            10_000_000,
            "messages",
            "QoS 1 and 2 messages that wait for one session, beside the 20 on their way",
            "The newest is dropped.",
        ),
    ] = 40_000
    queued_bytes: Annotated[
        int,
        Limit(
            "--max-queued-bytes",
            1024,
            1 << 40,
            "bytes",
            "Topics and payloads of the messages that wait for one session",
            "The newest is dropped; one message may be longer.",
        ),
    ] = 8_388_608
    retained_messages: Annotated[
        int,
        Limit(
            "--max-retained",
            0,
            10_000_000,
            "messages",
            "Topics with a retained message",
            "One more is passed on, and is not retained.",
        ),
    ] = 10_000
    retained_bytes: Annotated[
        int,
        Limit(
            "--max-retained-bytes",
            0,
            1 << 40,
            "bytes",
            "Memory of all retained messages and their topics' levels",
            "One more is passed on, and is not retained.",
        ),
    ] = 67_108_864
    memory: Annotated[
        int,
        Limit(
            "--max-memory",
            16,
            1_048_576,
            "MB",
            "Memory for everything that clients make the broker store",
            "What needs more memory is refused, dropped or closed.",
            MEGABYTE,
        ),
    ] = 512 * MEGABYTE


@cache
def declared() -> dict[str, Limit]:
    """The limits by the names of their fields, in their order."""
    return {name: annotated.__metadata__[0] for name, annotated in Limits.__annotations__.items()}


def default_of(name: str) -> int:
    """The default of a limit, in its option's unit."""
    return int(Limits._field_defaults[name]) // declared()[name].scale


def read_limits(given: dict[str, int]) -> Limits:
    """The limits with those values, each by the name of its field and in its option's unit. ValueError says which is
    out of its range.
    """
    values: dict[str, Any] = {}
    for name, value in given.items():
        limit = declared()[name]
        if not limit.minimum <= value <= limit.maximum:
            raise ValueError(f"{limit.option} {value} is not {limit.minimum:,} to {limit.maximum:,} {limit.unit}")
        values[name] = value * limit.scale
    return Limits(**values)


def named(limits: Limits, name: str) -> str:
    """A limit as the log names it: its option and value."""
    limit = declared()[name]
    return f"{limit.option} {int(getattr(limits, name)) // limit.scale}"
