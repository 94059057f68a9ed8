"""What the world does to a mobile, in plain data: what is taken, and one line for what is not."""

from typing import Any

import pytest

from modemlab.dialect.mobile import Cell, Sim
from modemlab.module.mobile import Mobile
from modemlab.module.mobile_actions import ACTIONS, act
from modemlab.module.playback import rehearse
from support.helpers import make_module

TAKEN: list[tuple[str, dict[str, Any]]] = [
    *(("insert", {"card": card}) for card in ("ready", "READY", "pin", "SIM PIN", "puk", "absent", "busy", "failure")),
    ("insert", {"card": Sim.PUK}),
    ("reinsert", {}),
    ("lock", {}),
    ("lock", {"pin": "0000"}),
    ("lock", {"pin": "12345678", "puk": "00000000"}),
    *(("cover", {"stat": stat}) for stat in (0, 1, 2, 3, 4, 5, 8, "home", "searching", "emergency", "not registered")),
    ("cover", {"stat": "denied", "cause": 15}),
    ("move", {"cell": {"area": "00C3", "identity": "80D413D", "technology": "FDD LTE"}}),
    ("move", {"cell": Cell("0001", "00000001", 9, "NB-IoT", "5", 2506)}),
    ("receive_signal", {"signal": [0, 0]}),
    ("receive_signal", {"signal": (31, 7)}),
    ("receive_signal", {"signal": [99, 99]}),
    ("serve", {"operator": ["CHN-UNICOM", "UNICOM", "46001"]}),
    ("enter_zone", {"zone": -48, "daylight": 0}),
    ("enter_zone", {"zone": 56, "daylight": 2}),
    ("tell_time", {"time": "2024/02/29,23:59:59"}),
    ("withhold_time", {}),
    ("force_detach", {}),
    ("force_detach", {"cause": 7}),
    ("refuse_contexts", {}),
    ("refuse_contexts", {"cause": 27, "cids": [1, 15]}),
    ("accept_contexts", {}),
    ("drop_context", {"cid": 1, "cause": 39}),
    ("drop_context", {"cid": 15}),
    ("change_address", {"cid": 1}),
    ("change_address", {"cid": 1, "address": "2001:DB8::9"}),
]
REFUSED: list[tuple[str, dict[str, Any], str]] = [
    ("explode", {}, "'explode' is not one of insert, reinsert"),
    ("power_on", {}, "'power_on' is not one of"),
    ("insert", {}, "insert needs card"),
    ("insert", {"card": "ready", "now": 3}, "insert takes card, not now"),
    ("accept_contexts", {"cid": 1}, "accept_contexts takes nothing, not cid"),
    ("insert", {"card": "gone"}, "a card is ready, pin, puk, absent, busy, failure, not 'gone'"),
    ("insert", {"card": 3}, "a card is ready"),
    ("lock", {"pin": "123"}, "a PIN is 4 to 8 digits in quotes"),
    ("lock", {"pin": 1234}, "a PIN is 4 to 8 digits in quotes"),
    ("lock", {"pin": "12a4"}, "a PIN is 4 to 8 digits"),
    ("lock", {"pin": "²²²²"}, "a PIN is 4 to 8 digits"),
    ("lock", {"puk": "1234567"}, "a PUK is 8 digits in quotes"),
    ("cover", {"stat": 6}, "coverage is 0 not registered, 1 home"),
    ("cover", {"stat": True}, "coverage is 0 not registered"),
    ("cover", {"stat": "gone"}, "not 'gone'"),
    ("cover", {"stat": [1]}, "not [1]"),
    ("cover", {"stat": "denied", "cause": 99}, "a cause is 2, 3"),
    ("cover", {"stat": "denied", "cause": True}, "a cause is 2, 3"),
    ("move", {"cell": "here"}, "a cell is a table of area, identity"),
    ("move", {"cell": {"lac": "1"}}, "a cell has area, identity, act, technology, band, channel, not lac"),
    ("move", {"cell": {"area": "xyz"}}, "area is hexadecimal, 4 digits, not 'xyz'"),
    ("move", {"cell": {"identity": 7}}, "identity is hexadecimal, 4 to 8 digits, not 7"),
    ("move", {"cell": {"act": 10}}, "act is 0 to 9, not 10"),
    ("move", {"cell": {"channel": -1}}, "channel is 0 to 262143, not -1"),
    ("move", {"cell": {"band": "a\r\nb"}}, "band is a word"),
    ("move", {"cell": {"technology": 4}}, "technology is a word"),
    ("receive_signal", {"signal": 20}, "a signal is strength and bit error rate, not 20"),
    ("receive_signal", {"signal": [20]}, "a signal is strength and bit error rate"),
    ("receive_signal", {"signal": [32, 99]}, "strength is 0 to 31 or 99, not 32"),
    ("receive_signal", {"signal": [3.5, 99]}, "strength is 0 to 31 or 99, not 3.5"),
    ("receive_signal", {"signal": [31, 8]}, "bit error rate is 0 to 7 or 99, not 8"),
    ("serve", {"operator": "46001"}, "an operator is long name, short name and number, not '46001'"),
    ("serve", {"operator": ["a", "b"]}, "an operator is long name, short name and number"),
    ("serve", {"operator": ["a" * 17, "b", "46001"]}, "a name is 1 to 16 characters without quotes"),
    ("serve", {"operator": ["a", 'b"', "46001"]}, "a name is 1 to 16 characters without quotes"),
    ("serve", {"operator": ["a", "b", 46001]}, "an operator's number is 5 or 6 digits in quotes, not 46001"),
    ("enter_zone", {"zone": 57, "daylight": 0}, "a zone is -48 to 56, not 57"),
    ("enter_zone", {"zone": 0, "daylight": 3}, "daylight saving is 0 to 2, not 3"),
    ("enter_zone", {"zone": "+32", "daylight": 0}, "a zone is -48 to 56, not '+32'"),
    ("tell_time", {"time": "2023/02/29,00:00:00"}, "a time is as 2024/05/06,22:10:00"),
    ("tell_time", {"time": "1999/01/01,00:00:00"}, "a time is as 2024/05/06,22:10:00"),
    ("tell_time", {"time": 0}, "a time is as 2024/05/06,22:10:00"),
    ("force_detach", {"cause": 0}, "a cause is 2, 3"),
    ("refuse_contexts", {"cause": 2}, "a cause is 26, 27"),
    ("refuse_contexts", {"cids": 1}, "contexts are a list of numbers, not 1"),
    ("refuse_contexts", {"cids": [16]}, "a context is 0 to 15, not 16"),
    ("drop_context", {"cid": "1"}, "a context is 0 to 15, not '1'"),
    ("drop_context", {"cid": 1, "cause": 1}, "a cause is 26, 27"),
    ("change_address", {"cid": -1}, "a context is 0 to 15, not -1"),
    ("change_address", {"cid": 1, "address": "10.0.0.256"}, "an address is one of IPv4 or IPv6, not '10.0.0.256'"),
    ("change_address", {"cid": 1, "address": 7}, "an address is one of IPv4 or IPv6, not 7"),
]


def started() -> Mobile:
    """A mobile that is on, with context 1 active."""
    mobile = Mobile(lambda _event: None, utc=1_700_000_000.0)
    mobile.power_on(0.0)
    mobile.activate(1)
    return mobile


def shape(mobile: Mobile) -> dict[str, object]:
    """All that a mobile holds."""
    held = {name: getattr(mobile, name) for name in Mobile.__slots__ if name not in ("_happen", "_lock", "active")}
    lock = mobile._lock
    codes = None if lock is None else [getattr(lock, name) for name in lock.__slots__]
    return {**held, "active": dict(mobile.active), "lock": codes}


@pytest.mark.parametrize(("name", "arguments"), TAKEN)
def test_what_is_taken(name: str, arguments: dict[str, Any]) -> None:
    act(started(), name, arguments, 1.0)


@pytest.mark.parametrize(("name", "arguments", "reason"), REFUSED)
def test_what_is_refused(name: str, arguments: dict[str, Any], reason: str) -> None:
    """ValueError of one line, and nothing has changed."""
    mobile = started()
    before = shape(mobile)
    with pytest.raises(ValueError, match=r"\A[^\n]+\Z") as error:
        act(mobile, name, arguments, 1.0)
    assert reason in str(error.value)
    assert shape(mobile) == before


def test_every_action_is_tried() -> None:
    assert {name for name, _ in TAKEN} == set(ACTIONS)
    assert set(ACTIONS) - {name for name, _, _ in REFUSED} == {"reinsert", "withhold_time"}


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("cover(stat=9)", "line 3: coverage is 0 not registered"),
        ("cover(9)", "line 3: 'cover(9)' is not something that the world does"),
        ("cover", "line 3: 'cover' is not something"),
        ("cover(stat=open('x'))", "line 3: "),
        ("power(now=1)", "line 3: 'power' is not one of"),
        ("explode()", "line 3: 'explode' is not one of"),
        ("(", "line 3: '(' is not something"),
    ],
)
def test_lines_of_transcripts_that_say_nothing(line: str, reason: str) -> None:
    """ValueError of one line, which names the transcript's."""
    with pytest.raises(ValueError, match=r"\A[^\n]+\Z") as error:
        rehearse(make_module(), f"<<\n<< RDY\nM: {line}\n")
    assert str(error.value).startswith(reason)


def test_codes_are_not_repeated_in_reasons() -> None:
    """A PIN that is none is not shown."""
    with pytest.raises(ValueError, match="digits") as error:
        act(started(), "lock", {"pin": "98765432x"}, 0.0)
    assert "987" not in str(error.value)


def test_addresses() -> None:
    """The next one, one that is given, none where there is none to change."""
    mobile = started()
    assert mobile.change_address(1)
    assert mobile.active[1].address == "10.64.1.3"
    assert mobile.change_address(1, "2001:DB8::9")
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
    lock = mobile.lock_of_card
    for _ in range(2):
        for left in (2, 1):
            assert not mobile.ask_card(lambda card: card.enter("0"), 0.0)
            assert (lock.pin_left, mobile.sim) == (left, Sim.READY)
        assert mobile.ask_card(lambda card: card.enable(True, "1234"), 0.0)
        assert lock.pin_left == 3
    for _ in range(5):
        assert not mobile.ask_card(lambda card: card.change("0", "9"), 0.0)
    assert (lock.pin_left, lock.puk_left, mobile.sim) == (0, 10, Sim.PUK)
    assert not mobile.ask_card(lambda card: card.enter("1234"), 0.0)
    assert mobile.ask_card(lambda card: card.unblock("12345678", "9876"), 0.0)
    assert (lock.pin_left, lock.puk_left, mobile.sim) == (3, 10, Sim.READY)
    mobile.insert("puk", 0.0)
    lock = mobile.lock_of_card
    for left in (9, 8, 7, 6, 5, 4, 3, 2, 1, 0, 0):
        assert not mobile.ask_card(lambda card: card.unblock("0", "1"), 0.0)
        assert lock.puk_left == left
    assert mobile.sim is Sim.FAILURE
    assert not mobile.ask_card(lambda card: card.unblock("12345678", "9876"), 0.0)
    mobile.power_off()
    mobile.power_on(1.0)
    assert mobile.sim is Sim.FAILURE


@pytest.mark.parametrize("how", ["power", "function", "absent"])
def test_the_pin_is_forgotten(how: str) -> None:
    """With the power of the module, of the card, or with the card."""
    mobile = started()
    mobile.lock("2468", now=0.0)
    assert mobile.sim is Sim.PIN
    assert mobile.registration == 0
    assert mobile.ask_card(lambda card: card.enter("2468"), 0.0)
    assert (mobile.sim, mobile.registration) == (Sim.READY, 1)
    if how == "power":
        mobile.power_off()
        mobile.power_on(1.0)
    elif how == "function":
        mobile.function(0, 1.0)
        mobile.function(1, 1.0)
    else:
        mobile.insert("absent", 1.0)
        mobile.reinsert(1.0)
    assert mobile.sim is Sim.PIN


def test_boot_with_a_locked_card() -> None:
    """Not inserted, busy, then its PIN; registration waits for it."""
    mobile = started()
    mobile.power_off()
    mobile.lock("2468", now=0.0)
    mobile.boot_time = 8.0
    mobile.power_on(10.0)
    seen = []
    for now in (10.0, 12.0, 14.0, 18.0):
        mobile.advance(now)
        seen.append((mobile.sim, mobile.registration))
    assert seen == [(Sim.ABSENT, 2), (Sim.BUSY, 2), (Sim.PIN, 2), (Sim.PIN, 0)]
    assert mobile.ask_card(lambda card: card.enter("2468"), 20.0)
    assert (mobile.sim, mobile.registration, mobile.clock.synchronised) == (Sim.READY, 1, 20.0)
