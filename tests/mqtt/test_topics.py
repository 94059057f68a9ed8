"""Topic names, filters, subscriptions and retained messages, against tables typed from 3.1.1, 4.7."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modemlab.mqtt import topics
from modemlab.mqtt.topics import Retained, Subscriptions, check_filter, check_name, matches, too_deep

MATCHES = [
    # filter, topics it matches, topics it does not
    ("sport/tennis/player1/#", ["sport/tennis/player1", "sport/tennis/player1/a/b"], ["sport/tennis"]),
    ("sport/#", ["sport", "sport/", "sport/a"], ["sports", "Sport"]),
    ("#", ["a", "/", "/a", "a/b/c", " "], ["$SYS", "$SYS/a"]),
    ("sport/tennis/+", ["sport/tennis/player1", "sport/tennis/"], ["sport/tennis/player1/a", "sport/tennis"]),
    ("sport/+", ["sport/"], ["sport", "sport/a/b"]),
    ("+", ["finance", " "], ["/finance", "a/b", "$SYS"]),
    ("+/+", ["/finance", "/", "a/b"], ["finance", "a/b/c", "$SYS/a"]),
    ("/+", ["/finance", "/"], ["finance", "/a/b"]),
    ("+/tennis/#", ["a/tennis", "/tennis/b"], ["tennis", "$a/tennis"]),
    ("sport/+/player1", ["sport/tennis/player1", "sport//player1"], ["sport/player1"]),
    ("$SYS/#", ["$SYS", "$SYS/monitor/Clients"], ["SYS", "$SYSTEM"]),
    ("$SYS/monitor/+", ["$SYS/monitor/Clients"], ["$SYS/monitor"]),
    ("+/monitor/Clients", ["SYS/monitor/Clients"], ["$SYS/monitor/Clients"]),
    ("a/+", ["a/$b"], ["$a/b"]),
    ("/#", ["/", "/a", "/$SYS"], ["a", "$SYS"]),
    ("ACCOUNTS", ["ACCOUNTS"], ["Accounts", "/ACCOUNTS", "ACCOUNTS/"]),
    ("设备/+/属性", ["设备/1/属性"], ["设备/属性"]),
]  # fmt: skip
PAIRS = [(f, t, True) for f, yes, _ in MATCHES for t in yes] + [(f, t, False) for f, _, no in MATCHES for t in no]


@pytest.mark.parametrize(("topic_filter", "topic", "expected"), PAIRS)
def test_match(topic_filter: str, topic: str, expected: bool) -> None:
    check_filter(topic_filter)
    check_name(topic)
    assert matches(topic_filter, topic) is expected
    tree: Subscriptions[str] = Subscriptions()
    tree.add(topic_filter, "who", 1)
    assert tree.find(topic) == ((("who", 1),) if expected else ())
    store: Retained[str] = Retained()
    store.put(topic, "what", 1)
    assert store.find(topic_filter) == (["what"] if expected else [])


@pytest.mark.parametrize(
    ("topic", "clause"),
    [
        ("", "4.7.3-1"),
        ("a\0b", "4.7.3-2"),
        ("a" * 65536, "4.7.3-3"),
        ("备" * 21846, "4.7.3-3"),
        ("a/+", "3.3.2-2"),
        ("a#", "3.3.2-2"),
        ("a\udc80", "1.5.3-1"),
    ],
)
def test_bad_names(topic: str, clause: str) -> None:
    with pytest.raises(ValueError, match=clause):
        check_name(topic)


@pytest.mark.parametrize(
    ("topic_filter", "clause"),
    [
        ("", "4.7.3-1"),
        ("a\0", "4.7.3-2"),
        ("+/" * 32768, "4.7.3-3"),
        ("sport/tennis#", "4.7.1-2"),
        ("#/a", "4.7.1-2"),
        ("a/#/b", "4.7.1-2"),
        ("##", "4.7.1-2"),
        ("sport+", "4.7.1-3"),
        ("a/+b/c", "4.7.1-3"),
        ("++", "4.7.1-3"),
        ("+#", "4.7.1-2"),
    ],
)
def test_bad_filters(topic_filter: str, clause: str) -> None:
    with pytest.raises(ValueError, match=clause):
        check_filter(topic_filter)


def test_longest_are_good() -> None:
    check_name("a" * 65535)
    check_name("备" * 21845)
    check_filter("/" * 65535)


def test_one_delivery_with_the_highest_qos() -> None:
    tree: Subscriptions[str] = Subscriptions()
    tree.add("a/#", "x", 2)
    tree.add("a/+", "x", 1)
    tree.add("a/b", "x", 0)
    tree.add("a/b", "y", 0)
    assert dict(tree.find("a/b")) == {"x": 2, "y": 0}
    assert len(tree.find("a/b")) == 2
    tree.add("a/#", "x", 0)
    assert dict(tree.find("a/b")) == {"x": 1, "y": 0}


def test_cache_follows_changes() -> None:
    tree: Subscriptions[str] = Subscriptions()
    assert tree.find("a/b") == ()
    tree.add("a/b", "x", 1)
    assert tree.find("a/b") == (("x", 1),)
    assert tree.find("a/b") is tree.find("a/b")
    tree.add("a/+", "y", 1)
    assert dict(tree.find("a/b")) == {"x": 1, "y": 1}
    assert tree.remove("a/+", "y")
    assert not tree.remove("a/+", "y")
    assert not tree.remove("a/b", "y")
    assert not tree.remove("nowhere/at/all", "y")
    assert tree.find("a/b") == (("x", 1),)
    assert tree.remove("a/b", "x")
    assert tree.find("a/b") == ()


def test_cache_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(topics, "CACHE_TOPICS", 10)
    tree: Subscriptions[str] = Subscriptions()
    tree.add("#", "x", 0)
    for number in range(100):
        assert tree.find(f"t/{number}") == (("x", 0),)
        assert len(tree._cache) <= 10
    tree.find("a" * (topics.CACHE_LENGTH + 1))
    assert "a" * (topics.CACHE_LENGTH + 1) not in tree._cache


def test_depth() -> None:
    assert not too_deep("/" * (topics.MAX_LEVELS - 1))
    assert too_deep("/" * topics.MAX_LEVELS)
    deep = "/" * 65534
    tree: Subscriptions[str] = Subscriptions()
    tree.add("#", "x", 0)
    tree.add("+/" * 150 + "#", "x", 1)
    assert tree.find(deep) == (("x", 1),)
    store: Retained[str] = Retained()
    assert not store.put(deep, "", 1)
    assert len(store) == 0


def test_retained_bounds() -> None:
    store: Retained[str] = Retained(max_messages=2, max_bytes=100)
    assert store.put("a", "1", 60)
    assert not store.put("b", "2", 60)
    assert store.put("b", "2", 40)
    assert not store.put("c", "3", 0)
    assert store.put("a", "4", 10)
    assert sorted(store.find("#")) == ["2", "4"]
    assert not store.put("a", "5", 61), "a message that does not fit"
    assert store.find("#") == ["2"], "leaves nothing of the one it replaces"
    assert store.remove("b")
    assert not store.remove("b")
    assert not store.remove("b/c")
    assert len(store) == 0


LEVEL = st.sampled_from(["", "a", "b", "$a"])
NAMES = st.lists(LEVEL, min_size=1, max_size=4).map("/".join).filter(bool)
FILTERS = (
    st.tuples(st.lists(st.sampled_from(["", "a", "b", "+", "$a"]), min_size=1, max_size=4), st.booleans())
    .map(lambda made: "/".join([*made[0], "#"] if made[1] else made[0]))
    .filter(bool)
)


@given(
    st.lists(st.tuples(FILTERS, st.integers(0, 3), st.integers(0, 2), st.booleans()), max_size=30),
    st.lists(NAMES, max_size=6),
)
def test_tree_agrees_with_matches_and_leaves_nothing(
    changes: list[tuple[str, int, int, bool]], names: list[str]
) -> None:
    tree: Subscriptions[int] = Subscriptions()
    held: dict[tuple[str, int], int] = {}
    for topic_filter, who, qos, gone in changes:
        if gone:
            assert tree.remove(topic_filter, who) is ((topic_filter, who) in held)
            held.pop((topic_filter, who), None)
        else:
            tree.add(topic_filter, who, qos)
            held[topic_filter, who] = qos
        for topic in names:
            expected: dict[int, int] = {}
            for (some_filter, someone), some_qos in held.items():
                if matches(some_filter, topic):
                    expected[someone] = max(some_qos, expected.get(someone, 0))
            assert dict(tree.find(topic)) == expected
    for topic_filter, who in held:
        assert tree.remove(topic_filter, who)
    assert not tree
    assert not tree._root.below


@given(st.lists(st.tuples(NAMES, st.booleans()), max_size=30), st.lists(FILTERS, max_size=6))
def test_store_agrees_with_matches_and_leaves_nothing(changes: list[tuple[str, bool]], filters: list[str]) -> None:
    store: Retained[str] = Retained()
    held: set[str] = set()
    for topic, gone in changes:
        if gone:
            assert store.remove(topic) is (topic in held)
            held.discard(topic)
        else:
            assert store.put(topic, topic, len(topic))
            held.add(topic)
        assert len(store) == len(held)
    for topic_filter in filters:
        assert sorted(store.find(topic_filter)) == sorted(t for t in held if matches(topic_filter, t))
    for topic in held:
        assert store.remove(topic)
    assert not store._root.below
    assert store._bytes == 0
