"""What a server keeps is counted: once for a message in many queues, and down to nothing in the end."""

from hypothesis import given
from hypothesis import strategies as st

from modemlab.mqtt.memory_budget import MESSAGE, QUEUE_SLOT_BYTES, MemoryBudget, size_of, size_of_levels
from modemlab.mqtt.packets import Publish
from modemlab.mqtt.session_changes import Change, Queued, Sent, Settled, Unqueued
from modemlab.mqtt.session_state import SessionState


def test_a_message_in_many_queues_counts_once() -> None:
    memory = MemoryBudget(10_000)
    states = [SessionState(str(n), memory=memory) for n in range(3)]
    message, other = Publish("t", b"x" * 99, 1), Publish("t", b"y" * 9, 1)
    memory.share(message)
    for state in states:
        assert state.store(message)
    memory.unshare(message)
    assert memory.used == MESSAGE + 100 + 2 * QUEUE_SLOT_BYTES
    assert states[0].store(other), "one that is in one queue alone"
    assert memory.used == MESSAGE + 100 + 2 * QUEUE_SLOT_BYTES + MESSAGE + 10
    for state in states:
        state.forget()
    assert (memory.used, memory.shared) == (0, {})


def test_a_message_that_is_shared_and_queued_nowhere_is_not_counted() -> None:
    memory = MemoryBudget()
    message = Publish("t", b"", 1)
    memory.share(message)
    memory.unshare(message)
    assert (memory.used, memory.shared) == (0, {})


def test_what_does_not_fit_is_not_kept() -> None:
    memory = MemoryBudget(3 * MESSAGE)
    state = SessionState("a", memory=memory)
    message = Publish("t", b"x" * MESSAGE, 1)
    assert state.store(message)
    assert not state.store(message)
    assert (state.dropped, state.waiting) == (1, 1)
    assert memory.room(3 * MESSAGE - memory.used)
    assert not memory.room(3 * MESSAGE - memory.used + 1)


def test_levels_count() -> None:
    assert size_of_levels("a") < size_of_levels("a/b") < size_of_levels("a/b/")
    assert size_of_levels("/" * 199) >= 200 * 300, "more than CPython needs for a node of a tree"


OPERATIONS = st.lists(
    st.tuples(
        st.sampled_from(["store", "share", "send", "next", "settle", "release", "complete", "in", "out"]),
        st.integers(1, 4),
    ),
    max_size=60,
)


@given(OPERATIONS)
def test_it_comes_to_nothing(operations: list[tuple[str, int]]) -> None:
    """However messages come and go, what is counted is what is there."""
    memory = MemoryBudget()
    states = [SessionState(name, clean=False, memory=memory) for name in "ab"]
    for what, n in operations:
        state = states[n % 2]
        message = Publish("t", b"x" * n, n % 2 + 1)
        sent = next(iter(state.sent), 0)
        if what == "store":
            state.store(message)
        elif what == "share":
            memory.share(message)
            for each in states[: n % 3]:
                each.store(message)
            memory.unshare(message)
        elif what == "send":
            state.record(message)
        elif what == "next" and state.queue:
            state.send_queued()
        elif what in {"settle", "release"} and sent:
            state.settle(sent, state.sent[sent], what == "release")
        elif what == "complete":
            state.complete(n)
        elif what == "in":
            state.receive(n)
        elif what == "out":
            state.free(n)
    unique = {id(each): each for state in states for each in (*(state.queue or ()), *state.sent.values())}
    assert memory.used >= sum(size_of(each) for each in unique.values())
    assert (memory.used > 0) == any(state.waiting or state.received for state in states)
    for state in states:
        state.forget()
    assert (memory.used, memory.shared) == (0, {})


def test_changes_are_told_in_order() -> None:
    changes: list[Change] = []
    state = SessionState("a", clean=False)
    state.changes = changes
    one, two = Publish("t", b"1", 1), Publish("t", b"2", 1)
    packet_id = state.record(one)
    state.store(two)
    state.send_queued()
    state.settle(packet_id, one)
    assert changes == [Sent("a", 1, one), Queued("a", two), Unqueued("a", 2), Settled("a", 1)]
