"""Topic names and filters (MQTT 3.1.1, 4.7): validity, matching, subscriptions, retained messages.

Topics are `str` as the packet decoder gives them: well-formed UTF-8, at most 65,535 bytes.
Nothing here recurses, so the depth of a topic costs time in proportion and nothing more.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import Generic, TypeVar

MAX_LEVELS = 200
"""Levels of the deepest filter or retained topic that is stored: each level is a node of a tree."""

CACHE_TOPICS = 4096
"""Topics whose subscribers are remembered; when they are that many, all are forgotten."""

CACHE_HOLDERS = 65_536
"""Subscribers that are remembered in all; when there are more, all are forgotten."""

CACHE_LENGTH = 256
"""Characters of the longest topic whose subscribers are remembered."""

Subscriber = TypeVar("Subscriber", bound=Hashable)
Value = TypeVar("Value")


def check_name(topic: str) -> None:
    """Raise ValueError, with the clause, unless `topic` is a valid topic name (3.1.1, 4.7)."""
    _check_text(topic, "topic name")
    if "#" in topic or "+" in topic:
        raise ValueError("a topic name must not contain a wildcard (MQTT 3.1.1, 3.3.2-2)")


def check_filter(topic_filter: str) -> None:
    """Raise ValueError, with the clause, unless `topic_filter` is a valid topic filter (3.1.1, 4.7)."""
    _check_text(topic_filter, "topic filter")
    if "#" in topic_filter:
        if topic_filter.index("#") != len(topic_filter) - 1:
            raise ValueError("# must be the last character of a topic filter (MQTT 3.1.1, 4.7.1-2)")
        if len(topic_filter) > 1 and topic_filter[-2] != "/":
            raise ValueError("# must be alone in its level of a topic filter (MQTT 3.1.1, 4.7.1-2)")
    if "+" in topic_filter and any("+" in level and level != "+" for level in topic_filter.split("/")):
        raise ValueError("+ must be alone in its level of a topic filter (MQTT 3.1.1, 4.7.1-3)")


def _check_text(text: str, what: str) -> None:
    if not text:
        raise ValueError(f"a {what} must have at least one character (MQTT 3.1.1, 4.7.3-1)")
    if "\0" in text:
        raise ValueError(f"a {what} must not contain U+0000 (MQTT 3.1.1, 4.7.3-2)")
    if text.isascii():
        size = len(text)
    else:
        try:
            size = len(text.encode())
        except UnicodeEncodeError:
            raise ValueError(f"a {what} must be well-formed UTF-8 (MQTT 3.1.1, 1.5.3-1)") from None
    if size > 65535:
        raise ValueError(f"a {what} must not be longer than 65,535 bytes (MQTT 3.1.1, 4.7.3-3)")


def matches(topic_filter: str, topic: str) -> bool:
    """Whether a valid filter matches a valid name (3.1.1, 4.7); a first-level wildcard matches no $-topic."""
    if topic[0] == "$" and topic_filter[0] in "#+":
        return False
    wanted = topic_filter.split("/")
    levels = topic.split("/")
    for index, level in enumerate(wanted):
        if level == "#":
            return True
        if index == len(levels):
            return False
        if level not in ("+", levels[index]):
            return False
    return len(wanted) == len(levels)


def too_deep(topic: str) -> bool:
    """Whether a filter or topic has more than MAX_LEVELS levels and is therefore not stored."""
    return topic.count("/") >= MAX_LEVELS


class _Node(Generic[Value]):
    """One level of a tree: what stands at it, and the levels below by name."""

    __slots__ = ("below", "value")

    def __init__(self) -> None:
        self.below: dict[str, _Node[Value]] = {}
        self.value: Value | None = None


def _reach(root: _Node[Value], levels: list[str]) -> _Node[Value]:
    """The node at `levels`, made if it is not there."""
    node = root
    for level in levels:
        below = node.below.get(level)
        if below is None:
            below = node.below[level] = _Node()
        node = below
    return node


def _path(root: _Node[Value], levels: list[str]) -> list[_Node[Value]] | None:
    """Every node from the root to the one at `levels`, or None if it is not there."""
    node = root
    path = [node]
    for level in levels:
        below = node.below.get(level)
        if below is None:
            return None
        node = below
        path.append(node)
    return path


def _prune(path: list[_Node[Value]], levels: list[str]) -> None:
    """Take away the nodes at the end of `path` that hold nothing and have nothing below."""
    for depth in range(len(levels), 0, -1):
        node = path[depth]
        if node.value is not None or node.below:
            return
        del path[depth - 1].below[levels[depth - 1]]


class Subscriptions(Generic[Subscriber]):
    """Who is subscribed to what: filters in a tree, and the answers for recent topics in a bounded cache."""

    __slots__ = ("_answers", "_cache", "_cached", "_root")

    def __init__(self) -> None:
        self._root: _Node[dict[Subscriber, int]] = _Node()
        self._cache: dict[str, tuple[tuple[Subscriber, int], ...]] = {}
        # Topics with the same subscribers share one answer: that, and for how many topics; how many holders all have.
        self._answers: dict[tuple[tuple[Subscriber, int], ...], tuple[tuple[tuple[Subscriber, int], ...], int]] = {}
        self._cached = 0

    def add(self, topic_filter: str, subscriber: Subscriber, qos: int) -> None:
        """Subscribe, or replace the QoS of the same filter (3.1.1, 3.8.4-3); `topic_filter` is valid and not
        `too_deep`.
        """
        node = _reach(self._root, topic_filter.split("/"))
        if node.value is None:
            node.value = {}
        node.value[subscriber] = qos
        self._forget(topic_filter)

    def remove(self, topic_filter: str, subscriber: Subscriber) -> bool:
        """Unsubscribe; False if there was no such subscription. What held it is freed."""
        levels = topic_filter.split("/")
        path = _path(self._root, levels)
        holders = path[-1].value if path is not None else None
        if path is None or holders is None or subscriber not in holders:
            return False
        del holders[subscriber]
        if not holders:
            path[-1].value = None
            _prune(path, levels)
        self._forget(topic_filter)
        return True

    def find(self, topic: str) -> tuple[tuple[Subscriber, int], ...]:
        """Each subscriber that a message on `topic` goes to, once, with the highest QoS of its matching
        filters (3.1.1, 3.3.5-1).
        """
        found = self._cache.get(topic)
        if found is None:
            found = tuple(self._search(topic).items())
            if len(topic) <= CACHE_LENGTH and len(found) <= CACHE_HOLDERS:
                new = found not in self._answers
                if len(self._cache) >= CACHE_TOPICS or (new and self._cached + len(found) > CACHE_HOLDERS):
                    self._clear()
                    new = True
                if new:
                    self._cached += len(found)
                found, uses = self._answers.get(found, (found, 0))
                self._answers[found] = found, uses + 1
                self._cache[topic] = found
        return found

    def __bool__(self) -> bool:
        """Whether there is any subscription."""
        return bool(self._root.below)

    def _forget(self, topic_filter: str) -> None:
        if "#" in topic_filter or "+" in topic_filter:
            self._clear()
        elif (found := self._cache.pop(topic_filter, None)) is not None:
            _, uses = self._answers.pop(found)
            if uses > 1:
                self._answers[found] = found, uses - 1
            else:
                self._cached -= len(found)

    def _clear(self) -> None:
        self._cache.clear()
        self._answers.clear()
        self._cached = 0

    def _search(self, topic: str) -> dict[Subscriber, int]:
        found: dict[Subscriber, int] = {}
        nodes = [self._root]
        wildcards = topic[0] != "$"
        for level in topic.split("/"):
            reached = []
            for node in nodes:
                below = node.below
                if wildcards:
                    if "#" in below:
                        _gather(found, below["#"].value)
                    if "+" in below:
                        reached.append(below["+"])
                if level in below:
                    reached.append(below[level])
            if not reached:
                return found
            nodes = reached
            wildcards = True
        for node in nodes:
            _gather(found, node.value)
            if "#" in node.below:
                _gather(found, node.below["#"].value)
        return found


def _gather(found: dict[Subscriber, int], holders: dict[Subscriber, int] | None) -> None:
    for subscriber, qos in (holders or {}).items():
        if qos >= found.get(subscriber, 0):
            found[subscriber] = qos


class Retained(Generic[Value]):
    """The retained message of each topic (3.1.1, 3.3.1.3), by topic and by filter, bounded."""

    __slots__ = ("_bytes", "_count", "_root", "max_bytes", "max_messages")

    def __init__(self, max_messages: int = 10_000, max_bytes: int = 8_388_608) -> None:
        self._root: _Node[tuple[str, Value, int]] = _Node()
        self._count = 0
        self._bytes = 0
        self.max_messages = max_messages
        self.max_bytes = max_bytes

    def put(self, topic: str, value: Value, size: int) -> bool:
        """Retain `value`, which counts as `size` bytes, in place of the topic's earlier one.

        False if a bound forbids it (number, bytes, or the topic is `too_deep`): then the earlier one
        is gone all the same, since the standard no longer allows it to be sent (3.1.1, 3.3.1-7).
        """
        self.remove(topic)
        if self._count >= self.max_messages or self._bytes + size > self.max_bytes or too_deep(topic):
            return False
        _reach(self._root, topic.split("/")).value = (topic, value, size)
        self._count += 1
        self._bytes += size
        return True

    def remove(self, topic: str) -> bool:
        """Forget the topic's message; False if there was none. What held it is freed."""
        levels = topic.split("/")
        path = _path(self._root, levels)
        if path is None or path[-1].value is None:
            return False
        self._count -= 1
        self._bytes -= path[-1].value[2]
        path[-1].value = None
        _prune(path, levels)
        return True

    def find(self, topic_filter: str) -> list[Value]:
        """The retained message of every topic that a valid filter matches."""
        nodes = [self._root]
        found: list[tuple[str, Value, int] | None] = []
        for depth, level in enumerate(topic_filter.split("/")):
            if level == "#":
                if depth:
                    found.extend(node.value for node in nodes)
                nodes = _below(nodes, dollar=depth > 0)
                while nodes:
                    found.extend(node.value for node in nodes)
                    nodes = _below(nodes, dollar=True)
                break
            if level == "+":
                nodes = _below(nodes, dollar=depth > 0)
            else:
                nodes = [node.below[level] for node in nodes if level in node.below]
        else:
            found.extend(node.value for node in nodes)
        return [held[1] for held in found if held is not None]

    def __len__(self) -> int:
        """How many topics have a retained message."""
        return self._count

    @property
    def kept(self) -> int:
        """What all that is retained counts as."""
        return self._bytes


def _below(nodes: list[_Node[Value]], *, dollar: bool) -> list[_Node[Value]]:
    """Every node one level below; those named $... only if `dollar`."""
    return [below for node in nodes for name, below in node.below.items() if dollar or not name.startswith("$")]
