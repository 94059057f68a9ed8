"""What the world does to a mobile, in plain data: what is taken, and one line for what is not."""

from typing import Any

import pytest

from modemlab.dialect.mobile import Sim
from modemlab.module.mobile import Mobile
from modemlab.module.mobile_actions import MOBILE_ACTIONS, ChangeAddress, read_mobile_action
from modemlab.module.playback import replay_offline
from support.helpers import make_module

TAKEN: list[tuple[str, dict[str, Any]]] = [
    *(
        ("insert_sim", {"card": card})
        for card in ("ready", "READY", "pin", "SIM PIN", "puk", "absent", "busy", "failure")
    ),
    ("reinsert_sim", {}),
    ("lock_sim", {}),
    ("lock_sim", {"pin": "0000"}),
    ("lock_sim", {"pin": "12345678", "puk": "00000000"}),
    *(
        ("set_registration", {"stat": stat})
        for stat in (0, 1, 2, 3, 4, 5, 8, "home", "searching", "emergency", "not registered")
    ),
    ("set_registration", {"stat": "denied", "cause": 15}),
    ("change_cell", {"cell": {"area": "00C3", "identity": "80D413D", "technology": "FDD LTE"}}),
    (
        "change_cell",
        {
            "cell": {
                "area": "0001",
                "identity": "00000001",
                "act": 9,
                "technology": "NB-IoT",
                "band": "5",
                "channel": 2506,
            }
        },
    ),
    ("set_signal", {"signal": [0, 0]}),
    ("set_signal", {"signal": (31, 7)}),
    ("set_signal", {"signal": [99, 99]}),
    ("set_operator", {"operator": ["CHN-UNICOM", "UNICOM", "46001"]}),
    ("set_time_zone", {"zone": -48, "daylight": 0}),
    ("set_time_zone", {"zone": 56, "daylight": 2}),
    ("set_network_time", {"time": "2024/02/29,23:59:59"}),
    ("disable_nitz", {}),
    ("detach", {}),
    ("detach", {"cause": 7}),
    ("refuse_contexts", {}),
    ("refuse_contexts", {"cause": 27, "cids": [1, 15]}),
    ("accept_contexts", {}),
    ("drop_context", {"cid": 1, "cause": 39}),
    ("drop_context", {"cid": 15}),
    ("change_address", {"cid": 1}),
    ("change_address", {"cid": 1, "address": "2001:DB8::9"}),
]
CARDS = "expected one of ready, pin, puk, absent, busy, failure"
CELL = "One of: area, identity, act, technology, band, channel"
SIGNAL = "expected strength, 0 to 31 or 99, and bit error rate, 0 to 7 or 99"
OPERATOR = (
    "expected long and short name, each of 1 to 16 characters without quotes, and number, 5 or 6 digits in quotes"
)
CAUSES, REFUSALS = "expected one of 2, 3, 5", "expected one of 26, 27"
REFUSED: list[tuple[str, dict[str, Any], str]] = [
    ("explode", {}, "'explode' is not a known action. One of: insert_sim, reinsert_sim"),
    ("power_on", {}, "'power_on' is not a known action. One of: "),
    ("insert_sim", {}, "insert_sim: card is missing, " + CARDS),
    ("insert_sim", {"card": "ready", "now": 3}, "insert_sim: 'now' is not a known argument. One of: card"),
    ("accept_contexts", {"cid": 1}, "accept_contexts: 'cid' is not a known argument; there are none"),
    ("insert_sim", {"card": "gone"}, f"card is 'gone', {CARDS}"),
    ("insert_sim", {"card": 3}, f"card is 3, {CARDS}"),
    ("lock_sim", {"pin": "123"}, "lock_sim: pin is not as expected: 4 to 8 digits in quotes"),
    ("lock_sim", {"pin": 1234}, "pin is not as expected: 4 to 8 digits in quotes"),
    ("lock_sim", {"pin": "12a4"}, "pin is not as expected: 4 to 8 digits"),
    ("lock_sim", {"pin": "²²²²"}, "pin is not as expected: 4 to 8 digits"),
    ("lock_sim", {"puk": "1234567"}, "puk is not as expected: 8 digits in quotes"),
    ("set_registration", {"stat": 6}, "stat is 6, expected one of not registered, home"),
    ("set_registration", {"stat": True}, "stat is True, expected one of not registered"),
    ("set_registration", {"stat": "gone"}, "stat is 'gone', expected"),
    ("set_registration", {"stat": [1]}, "stat is [1], expected"),
    ("set_registration", {"stat": "denied", "cause": 99}, f"cause is 99, {CAUSES}"),
    ("set_registration", {"stat": "denied", "cause": True}, f"cause is True, {CAUSES}"),
    ("change_cell", {"cell": "here"}, "change_cell: cell is 'here', expected a table"),
    ("change_cell", {"cell": {"lac": "1"}}, f"change_cell: cell: 'lac' is not a known key; did you mean 'act'? {CELL}"),
    ("change_cell", {"cell": {"area": "xyz"}}, "cell: area is 'xyz', expected 4 hexadecimal digits"),
    ("change_cell", {"cell": {"identity": 7}}, "cell: identity is 7, expected 4 to 8 hexadecimal digits"),
    ("change_cell", {"cell": {"act": 10}}, "cell: act is 10, expected a whole number from 0 to 9"),
    ("change_cell", {"cell": {"channel": -1}}, "cell: channel is -1, expected a whole number from 0 to 262143"),
    ("change_cell", {"cell": {"band": "a\r\nb"}}, "cell: band is 'a\\r\\nb', expected a word"),
    ("change_cell", {"cell": {"technology": 4}}, "cell: technology is 4, expected a word"),
    ("set_signal", {"signal": 20}, f"signal is 20, {SIGNAL}"),
    ("set_signal", {"signal": [20]}, f"signal is [20], {SIGNAL}"),
    ("set_signal", {"signal": [32, 99]}, f"signal is [32, 99], {SIGNAL}"),
    ("set_signal", {"signal": [3.5, 99]}, f"signal is [3.5, 99], {SIGNAL}"),
    ("set_signal", {"signal": [31, 8]}, f"signal is [31, 8], {SIGNAL}"),
    ("set_operator", {"operator": "46001"}, f"operator is '46001', {OPERATOR}"),
    ("set_operator", {"operator": ["a", "b"]}, f"operator is ['a', 'b'], {OPERATOR}"),
    ("set_operator", {"operator": ["a" * 17, "b", "46001"]}, OPERATOR),
    ("set_operator", {"operator": ["a", 'b"', "46001"]}, OPERATOR),
    ("set_operator", {"operator": ["a", "b", 46001]}, f"operator is ['a', 'b', 46001], {OPERATOR}"),
    ("set_time_zone", {"zone": 57, "daylight": 0}, "zone is 57, expected a whole number from -48 to 56 quarters of an"),
    ("set_time_zone", {"zone": 0, "daylight": 3}, "daylight is 3, expected a whole number from 0 to 2 hours"),
    ("set_time_zone", {"zone": "+32", "daylight": 0}, "zone is '+32', expected a whole number from -48 to 56"),
    ("set_network_time", {"time": "2023/02/29,00:00:00"}, "expected a time of this century, as 2024/05/06,22:10:00"),
    ("set_network_time", {"time": "1999/01/01,00:00:00"}, "expected a time of this century, as 2024/05/06,22:10:00"),
    ("set_network_time", {"time": 0}, "time is 0, expected a time of this century, as 2024/05/06,22:10:00"),
    ("detach", {"cause": 0}, f"cause is 0, {CAUSES}"),
    ("refuse_contexts", {"cause": 2}, f"cause is 2, {REFUSALS}"),
    ("refuse_contexts", {"cids": 1}, "cids is 1, expected a list of whole numbers from 0 to 15"),
    ("refuse_contexts", {"cids": [16]}, "cids is [16], expected a list of whole numbers from 0 to 15"),
    ("drop_context", {"cid": "1"}, "cid is '1', expected a whole number from 0 to 15, without quotes"),
    ("drop_context", {"cid": 1, "cause": 1}, f"cause is 1, {REFUSALS}"),
    ("change_address", {"cid": -1}, "cid is -1, expected a whole number from 0 to 15"),
    ("change_address", {"cid": 1, "address": "10.0.0.256"}, "is '10.0.0.256', expected an IPv4 or IPv6 address"),
    ("change_address", {"cid": 1, "address": 7}, "address is 7, expected an IPv4 or IPv6 address"),
]


def started() -> Mobile:
    """A mobile that is on, with context 1 active."""
    mobile = Mobile(lambda _event: None, utc=1_700_000_000.0)
    mobile.power_on(0.0)
    mobile.activate(1)
    return mobile


def shape(mobile: Mobile) -> dict[str, object]:
    """All that a mobile holds."""
    held = {name: getattr(mobile, name) for name in Mobile.__slots__ if name not in ("happen", "_lock", "active")}
    lock = mobile._lock
    codes = None if lock is None else [getattr(lock, name) for name in lock.__slots__]
    return {**held, "active": dict(mobile.active), "lock": codes}


@pytest.mark.parametrize(("name", "arguments"), TAKEN)
def test_what_is_taken(name: str, arguments: dict[str, Any]) -> None:
    read_mobile_action(name, arguments).change(started(), 1.0)


@pytest.mark.parametrize(("name", "arguments", "reason"), REFUSED)
def test_what_is_refused(name: str, arguments: dict[str, Any], reason: str) -> None:
    """ValueError of one line, and nothing has changed."""
    mobile = started()
    before = shape(mobile)
    with pytest.raises(ValueError, match=r"\A[^\n]+\Z") as error:
        read_mobile_action(name, arguments).change(mobile, 1.0)
    assert reason in str(error.value)
    assert shape(mobile) == before


def test_every_action_is_tried() -> None:
    assert {name for name, _ in TAKEN} == set(MOBILE_ACTIONS)
    assert set(MOBILE_ACTIONS) - {name for name, _, _ in REFUSED} == {"reinsert_sim", "disable_nitz"}


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("set_registration(stat=9)", "line 3: set_registration: stat is 9, expected one of not registered"),
        ("detach(9)", "line 3: 'detach(9)' is not an action"),
        ("set_registration", "line 3: 'set_registration' is not an action"),
        ("set_registration(stat=open('x'))", "line 3: "),
        ("power_cycle(now=1)", "line 3: 'power_cycle' is not a known action. One of: "),
        ("explode()", "line 3: 'explode' is not a known action. One of: "),
        ("(", "line 3: '(' is not an action"),
    ],
)
def test_lines_of_transcripts_that_say_nothing(line: str, reason: str) -> None:
    """ValueError of one line, which names the transcript's."""
    with pytest.raises(ValueError, match=r"\A[^\n]+\Z") as error:
        replay_offline(make_module(), f"<<\n<< RDY\nM: {line}\n")
    assert str(error.value).startswith(reason)


def test_codes_are_not_repeated_in_reasons() -> None:
    """A PIN that is none is not shown."""
    with pytest.raises(ValueError, match="digits") as error:
        read_mobile_action("lock_sim", {"pin": "98765432x"}).change(started(), 0.0)
    assert "987" not in str(error.value)


def test_addresses() -> None:
    """The next one, one that is given, none where there is none to change."""
    mobile = started()
    assert mobile.change_address(1)
    assert mobile.active[1].address == "10.64.1.3"
    ChangeAddress(1, "2001:DB8::9").change(mobile, 0.0)
    assert mobile.active[1].address == "2001:db8::9"
    assert not mobile.change_address(2)
    mobile.define(2, mobile.context(2)._replace(type=4))
    assert mobile.activate(2)
    assert not mobile.change_address(2)
    mobile.deactivate(1)
    assert mobile.activate(1)
    assert mobile.active[1].address == "10.64.1.2"


def test_the_lock_costs_nothing_unless_it_matters() -> None:
    """Thousands of modules have no card codes of their own."""
    mobile = started()
    assert mobile._lock is None
    assert mobile._refused is None
    assert mobile.reports == ()


def test_attempts() -> None:
    """A PIN: three, a PUK: ten; a right one gives all of them back; what is blocked costs nothing more."""
    mobile = started()
    lock = mobile.sim_lock
    for _ in range(2):
        for left in (2, 1):
            assert not mobile.verify_code(lambda card: card.enter("0"), 0.0)
            assert (lock.pin_left, mobile.sim) == (left, Sim.READY)
        assert mobile.verify_code(lambda card: card.enable(True, "1234"), 0.0)
        assert lock.pin_left == 3
    for _ in range(5):
        assert not mobile.verify_code(lambda card: card.change("0", "9"), 0.0)
    assert (lock.pin_left, lock.puk_left, mobile.sim) == (0, 10, Sim.PUK)
    assert not mobile.verify_code(lambda card: card.enter("1234"), 0.0)
    assert mobile.verify_code(lambda card: card.unblock("12345678", "9876"), 0.0)
    assert (lock.pin_left, lock.puk_left, mobile.sim) == (3, 10, Sim.READY)
    mobile.insert_sim(Sim.PUK, 0.0)
    lock = mobile.sim_lock
    for left in (9, 8, 7, 6, 5, 4, 3, 2, 1, 0, 0):
        assert not mobile.verify_code(lambda card: card.unblock("0", "1"), 0.0)
        assert lock.puk_left == left
    assert mobile.sim is Sim.FAILURE
    assert not mobile.verify_code(lambda card: card.unblock("12345678", "9876"), 0.0)
    mobile.power_off()
    mobile.power_on(1.0)
    assert mobile.sim is Sim.FAILURE


@pytest.mark.parametrize("how", ["power_cycle", "function", "absent"])
def test_the_pin_is_forgotten(how: str) -> None:
    """With the power of the module, of the card, or with the card."""
    mobile = started()
    mobile.lock_sim("2468", now=0.0)
    assert mobile.sim is Sim.PIN
    assert mobile.registration == 0
    assert mobile.verify_code(lambda card: card.enter("2468"), 0.0)
    assert (mobile.sim, mobile.registration) == (Sim.READY, 1)
    if how == "power_cycle":
        mobile.power_off()
        mobile.power_on(1.0)
    elif how == "function":
        mobile.function(0, 1.0)
        mobile.function(1, 1.0)
    else:
        mobile.insert_sim(Sim.ABSENT, 1.0)
        mobile.reinsert_sim(1.0)
    assert mobile.sim is Sim.PIN


def test_boot_with_a_locked_card() -> None:
    """Not inserted, busy, then its PIN; registration waits for it."""
    mobile = started()
    mobile.power_off()
    mobile.lock_sim("2468", now=0.0)
    mobile.boot_time = 8.0
    mobile.power_on(10.0)
    seen = []
    for now in (10.0, 12.0, 14.0, 18.0):
        mobile.advance(now)
        seen.append((mobile.sim, mobile.registration))
    assert seen == [(Sim.ABSENT, 2), (Sim.BUSY, 2), (Sim.PIN, 2), (Sim.PIN, 0)]
    assert mobile.verify_code(lambda card: card.enter("2468"), 20.0)
    assert (mobile.sim, mobile.registration, mobile.clock.synchronised) == (Sim.READY, 1, 20.0)
