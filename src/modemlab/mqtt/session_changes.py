"""What changes in what a server keeps beyond a connection, for whoever stores it: values, in the order they happened.

A message is stored under its session: first queued, without a packet identifier, or at once sent, with one.
"""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

from modemlab.mqtt.packets import Publish


class Begun(NamedTuple):
    """A session begins."""

    client_id: str


class Left(NamedTuple):
    """A session's client is absent since `at`, or there: None."""

    client_id: str
    at: float | None


class Forgotten(NamedTuple):
    """A session is over, with all it had."""

    client_id: str


class Subscribed(NamedTuple):
    """A subscription, in place of the one by the same filter."""

    client_id: str
    topic_filter: str
    qos: int


class Unsubscribed(NamedTuple):
    """A subscription is gone."""

    client_id: str
    topic_filter: str


class Queued(NamedTuple):
    """A message waits behind all others of the session."""

    client_id: str
    message: Publish


class Sent(NamedTuple):
    """A message was sent, that was not queued, under that identifier."""

    client_id: str
    packet_id: int
    message: Publish


class Unqueued(NamedTuple):
    """The first message that was queued was sent, under that identifier."""

    client_id: str
    packet_id: int


class Settled(NamedTuple):
    """A message that was sent is acknowledged: by PUBACK, or by PUBREC."""

    client_id: str
    packet_id: int


class Released(NamedTuple):
    """PUBREL is due, or under way, until PUBCOMP comes."""

    client_id: str
    packet_id: int


class ReleaseDone(NamedTuple):
    """PUBCOMP has come for what was released."""

    client_id: str
    packet_id: int


class Incoming(NamedTuple):
    """A QoS 2 message of the client's has arrived under that identifier."""

    client_id: str
    packet_id: int


class Freed(NamedTuple):
    """PUBREL has freed that identifier."""

    client_id: str
    packet_id: int


class RetainedSet(NamedTuple):
    """A message is retained, in place of its topic's earlier one."""

    message: Publish


class Cleared(NamedTuple):
    """A topic has no retained message."""

    topic: str


Change: TypeAlias = (
    Begun
    | Left
    | Forgotten
    | Subscribed
    | Unsubscribed
    | Queued
    | Sent
    | Unqueued
    | Settled
    | Released
    | ReleaseDone
    | Incoming
    | Freed
    | RetainedSet
    | Cleared
)


class KeptSession(NamedTuple):
    """A session as it was stored: its client is absent since `since`; `messages` in their order, those sent first with
    their packet identifiers, those queued without.
    """

    client_id: str
    since: float
    subscriptions: tuple[tuple[str, int], ...]
    messages: tuple[tuple[int | None, Publish], ...]
    released: tuple[int, ...]
    received: tuple[int, ...]


class Snapshot(NamedTuple):
    """All that was stored."""

    sessions: tuple[KeptSession, ...]
    retained: tuple[Publish, ...]


class StoreError(Exception):
    """What was stored cannot be used, or what changes cannot be stored: one line that names the file."""
