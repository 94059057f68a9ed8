"""The mobile by itself: what is settled, what is told and when."""

from datetime import datetime
from typing import Any

import pytest

from modemlab.dialect.mobile import (
    Bearer,
    Cell,
    CellChanged,
    Context,
    ContextDown,
    ContextUp,
    Detached,
    FunctionChanged,
    PacketChanged,
    RegistrationChanged,
    Signal,
    SignalChanged,
    Sim,
    SimChanged,
    ZoneChanged,
)
from modemlab.module.mobile import Mobile


def started(**options: Any) -> tuple[Mobile, list[Any]]:
    """A mobile that is on, and what it tells from now on."""
    events: list[Any] = []
    mobile = Mobile(events.append, **options)
    mobile.power_on(0.0)
    events.clear()
    return mobile, events


def test_power_on_at_once() -> None:
    """Without boot time all of it takes no time."""
    events: list[Any] = []
    mobile = Mobile(events.append, 100.0)
    assert mobile.deadline() is None
    assert (mobile.sim, mobile.registration, mobile.attached) == (Sim.FAILURE, 0, False)
    mobile.power_on(5.0)
    assert (mobile.sim, mobile.registration, mobile.packet_registration, mobile.attached) == (Sim.READY, 1, 1, True)
    assert mobile.deadline() is None
    assert events == [SimChanged(Sim.READY), RegistrationChanged(1, 0), PacketChanged(1), ZoneChanged(32, 0)]
    assert mobile.clock.synchronised == 5.0


def test_boot_phases() -> None:
    """SIM not inserted for a quarter, busy for another, registered at the end."""
    events: list[Any] = []
    mobile = Mobile(events.append)
    mobile.boot_time = 4.0
    mobile.power_on(10.0)
    assert (mobile.sim, mobile.registration, mobile.signal, mobile.deadline()) == (Sim.ABSENT, 2, Signal(99, 99), 11.0)
    mobile.advance(10.9)
    assert mobile.sim is Sim.ABSENT
    mobile.advance(11.0)
    assert (mobile.sim, mobile.registration, mobile.deadline()) == (Sim.BUSY, 2, 12.0)
    mobile.advance(12.5)
    assert (mobile.sim, mobile.registration, mobile.deadline()) == (Sim.READY, 2, 14.0)
    mobile.advance(14.0)
    assert (mobile.registration, mobile.signal, mobile.deadline()) == (1, Signal(24, 99), None)
    assert [e for e in events if isinstance(e, RegistrationChanged)] == [
        RegistrationChanged(2, 0),
        RegistrationChanged(1, 2),
    ]
    assert [e.sim for e in events if isinstance(e, SimChanged)] == [Sim.ABSENT, Sim.BUSY, Sim.READY]


def test_boot_in_one_leap() -> None:
    """A late `advance` tells all phases in order."""
    events: list[Any] = []
    mobile = Mobile(events.append)
    mobile.boot_time = 4.0
    mobile.power_on(0.0)
    mobile.advance(100.0)
    assert mobile.registration == 1
    assert mobile.clock.synchronised == 4.0
    assert [e.sim for e in events if isinstance(e, SimChanged)] == [Sim.ABSENT, Sim.BUSY, Sim.READY]


def test_no_card_stays_absent() -> None:
    """A boot without a card ends unregistered."""
    events: list[Any] = []
    mobile = Mobile(events.append)
    mobile.insert_sim(Sim.ABSENT, 0.0)
    mobile.boot_time = 1.0
    mobile.power_on(0.0)
    mobile.advance(1.0)
    assert (mobile.sim, mobile.registration) == (Sim.ABSENT, 0)
    mobile.insert_sim(Sim.READY, 2.0)
    assert mobile.registration == 1


@pytest.mark.parametrize("level", [0, 3, 4, 5])
def test_function_takes_all_down(level: int) -> None:
    """One event for each thing that changed, contexts first."""
    mobile, events = started()
    assert mobile.activate(2)
    assert mobile.activate(1)
    assert events == [ContextUp(2), ContextUp(1)]
    events.clear()
    mobile.function(level, 1.0)
    sim = [SimChanged(Sim.FAILURE, asked=True)] if level in (0, 5) else []
    assert events == [
        FunctionChanged(level),
        ContextDown(1, True, Bearer(1, "10.64.1.2")),
        ContextDown(2, True, Bearer(1, "10.64.2.2")),
        Detached(True),
        *sim,
        RegistrationChanged(0, 1),
        PacketChanged(0),
    ]
    assert mobile.active == {}
    assert mobile.signal == (Signal(24, 99) if level == 5 else Signal(99, 99))
    events.clear()
    mobile.function(level, 1.0)
    assert events == []
    mobile.function(1, 2.0)
    assert (mobile.registration, mobile.attached, mobile.active) == (1, True, {})
    assert mobile.clock.synchronised == 2.0


def test_the_network_goes() -> None:
    """Contexts go down unasked."""
    mobile, events = started()
    mobile.activate(1)
    mobile.set_registration(2, 1.0)
    assert events == [
        ContextUp(1),
        ContextDown(1, False, Bearer(1, "10.64.1.2")),
        Detached(False),
        RegistrationChanged(2, 1),
        PacketChanged(2),
    ]
    assert not mobile.activate(1)


def test_contexts() -> None:
    """Three at most; a context keeps what it came up with."""
    mobile, events = started()
    assert [mobile.activate(cid) for cid in (1, 2, 3, 4, 1)] == [True, True, True, False, True]
    assert mobile.contexts_left == 0
    events.clear()
    mobile.deactivate(2)
    mobile.deactivate(2)
    assert events == [ContextDown(2, True, Bearer(1, "10.64.2.2"))]
    mobile.define(1, Context(2, "other"))
    assert mobile.active[1] == Bearer(1, "10.64.1.2")
    mobile.deactivate(1)
    mobile.activate(1)
    assert mobile.active[1] == Bearer(2, "2001:db8:0:1::2")
    assert mobile.context(1) == Context(2, "other")


def test_only_what_differs_is_stored() -> None:
    """The factory's definitions cost nothing."""
    mobile, _ = started()
    assert mobile.contexts == {}
    assert mobile.context(1) == Context(1, "CMNET", "", "", 1)
    assert mobile.context(2) == Context(1, "", "", "", 0)
    assert mobile.defined() == [1]
    mobile.define(1, None)
    assert mobile.defined() == []
    assert mobile.context(1) == Context()
    mobile.define(2, Context(1, "a"))
    mobile.define(2, None)
    assert mobile.contexts == {1: None}


def test_detach_and_attach() -> None:
    """The packet domain comes and goes under a registration that stays."""
    mobile, events = started()
    mobile.activate(1)
    mobile.detach(1.0)
    down = ContextDown(1, True, Bearer(1, "10.64.1.2"))
    assert events == [ContextUp(1), down, Detached(True), PacketChanged(2)]
    assert (mobile.registration, mobile.attached) == (1, False)
    assert not mobile.activate(1)
    assert mobile.attach(2.0)
    assert mobile.activate(1)
    mobile.set_registration(0, 3.0)
    assert not mobile.attach(3.0)


def test_power_off_is_silent() -> None:
    """Nothing is told; definitions and the clock stay."""
    mobile, events = started(utc=1000.0)
    mobile.activate(1)
    events.clear()
    mobile.clock.set(datetime(2030, 1, 2, 3, 4, 5), -8, 10.0)
    mobile.power_off()
    assert events == []
    assert (mobile.active, mobile.registration, mobile.deadline()) == ({}, 0, None)
    mobile.clock.update = 0
    mobile.power_on(20.0)
    assert mobile.clock.shown(20.0) == datetime(2030, 1, 2, 3, 4, 15)


def test_cell_and_signal() -> None:
    """Told once for each change, and the cell only while it matters."""
    mobile, events = started()
    cell = Cell("0001", "00000F1", 7, "FDD LTE", "LTE BAND 3", 1650)
    mobile.change_cell(cell)
    mobile.change_cell(cell)
    mobile.set_signal(Signal(3, 5), 0.0)
    mobile.set_signal(Signal(3, 5), 0.0)
    assert events == [CellChanged(cell), SignalChanged(Signal(3, 5))]
    mobile.set_registration(2, 0.0)
    events.clear()
    mobile.change_cell(mobile.cell._replace(identity="00000F2"))
    assert events == []


def test_time() -> None:
    """UTC at `now` 0 is given; local time is a zone away."""
    mobile, events = started(utc=1_700_000_000.0)
    assert mobile.clock.utc(2.5) == 1_700_000_002.5
    assert mobile.clock.network(0.0) == datetime(2023, 11, 14, 22, 13, 20)
    assert mobile.clock.local(0.0) == datetime(2023, 11, 15, 6, 13, 20)
    mobile.set_time_zone(-14, 1, 5.0)
    assert events == [ZoneChanged(-14, 1)]
    assert mobile.clock.local(0.0) == datetime(2023, 11, 14, 18, 43, 20)
    assert (mobile.clock.zone, mobile.clock.synchronised) == (-14, 5.0)
