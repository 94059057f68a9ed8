"""The mobile: SIM, registration, packet domain and clock as one state that every answer reads.

Whatever changes, changes here, and what follows from it is settled in one place and told as events.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from modemlab.at.mobile import (
    AUTOMATIC,
    DEREGISTERED,
    FULL,
    HOME,
    NOT_REGISTERED,
    ROAMING,
    SEARCHING,
    Bearer,
    Cell,
    CellChanged,
    Context,
    ContextDown,
    FunctionChanged,
    Operator,
    PacketChanged,
    RegistrationChanged,
    Signal,
    SignalChanged,
    Sim,
    SimChanged,
    ZoneChanged,
)

MOST_ACTIVE = 3
UNIX = datetime(1970, 1, 1)
# A clock that no network has set yet counts from here, in seconds since 1970: 2008-01-01.
UNSET_CLOCK = 1_199_145_600.0
UNDEFINED = Context()
FACTORY = {1: Context(1, "CMNET", "", "", 1)}
NO_SIGNAL = Signal(99, 99)
GOOD_SIGNAL = Signal(24, 99)
CHINA_MOBILE = Operator("CHINA MOBILE", "CMCC", "46000")
CELL = Cell("1A2B", "5C3D2E1", 7, "TDD LTE", "LTE BAND 40", 38950)
# While it boots: when each phase ends, in parts of the boot time, and what the SIM says in it.
BOOT = ((0.25, Sim.ABSENT), (0.5, Sim.BUSY), (1.0, Sim.READY))


class Mobile:
    """A mobile and the network around it.

    `happen` is called with each event. `utc` is the date and time at `now` 0, in seconds since 1970. `apn`
    replaces that of context 1's factory definition. `boot_time` is how many seconds after `power_on` it is
    registered; 0: at once. Definitions of contexts and the clock outlive the power.

    What the world gives: `card`, `coverage` (the status that a registration gets here), `operator`, `cell`,
    `zone`, `daylight`, `signal_here`. What the host asks for: `level`, `selection`, `attach_wanted`,
    `update`. What follows from both, settled after each change: `sim`, `registration`, `packet`, `active`.
    """

    __slots__ = (
        "_happen",
        "_phase",
        "_shift",
        "_started",
        "_utc",
        "active",
        "attach_wanted",
        "boot_time",
        "card",
        "cell",
        "clock_zone",
        "contexts",
        "coverage",
        "daylight",
        "level",
        "naming",
        "operator",
        "packet",
        "registration",
        "selection",
        "signal_here",
        "sim",
        "synchronised",
        "update",
        "zone",
    )

    def __init__(self, happen: Callable[[Any], None], utc: float = 0.0, apn: str | None = None) -> None:
        self._happen, self._utc = happen, utc
        self.boot_time = 0.0
        self.card, self.coverage, self.signal_here = Sim.READY, HOME, GOOD_SIGNAL
        self.operator, self.cell = CHINA_MOBILE, CELL
        self.zone, self.daylight = 32, 0
        # None in place of a factory definition that the host took away
        self.contexts: dict[int, Context | None] = {} if apn is None else {1: FACTORY[1]._replace(apn=apn)}
        self.active: dict[int, Bearer] = {}
        # How network time sets the clock: 0 not at all, 1 to UTC, 3 to local time.
        self.update = 1
        self.clock_zone = 0
        self.synchronised: float | None = None
        self._shift: float | None = None
        self._started = 0.0
        self.power_off()

    # power and time

    def power_on(self, now: float) -> None:
        """Start to boot."""
        self.level, self._started = FULL, now
        if self._shift is None:
            self._shift = UNSET_CLOCK - self._utc - now
        self._phase = 0
        if self.boot_time > 0:
            self._settle(now)
        self.advance(now)

    def power_off(self) -> None:
        """Lose power: all is gone without a word but what is stored and the clock."""
        self.level, self._phase = 0, len(BOOT)
        self.selection, self.naming, self.attach_wanted = AUTOMATIC, 0, True
        self.sim, self.registration, self.packet = Sim.FAILURE, NOT_REGISTERED, NOT_REGISTERED
        self.synchronised = None
        self.active.clear()

    def advance(self, now: float) -> None:
        """Let time pass up to `now`: boot goes on."""
        if (at := self.deadline()) is None or now < at:
            return
        while (at := self.deadline()) is not None and now >= at:
            self._phase += 1
            if self.boot_time > 0:
                self._settle(at)
        self._settle(now)

    def deadline(self) -> float | None:
        """When `advance` has something to do, or None."""
        if self._phase >= len(BOOT):
            return None
        return self._started + self.boot_time * BOOT[self._phase][0]

    # what the host asks for

    def function(self, level: int, now: float) -> None:
        """Set the level of functionality: 0 minimum, 1 full, 3 no reception, 4 flight mode, 5 without SIM."""
        if level != self.level:
            self.level = level
            self._happen(FunctionChanged(level))
            self._settle(now, asked=True)

    def select(self, mode: int, now: float) -> None:
        """Choose the network: 0 automatic, 1 the host's choice, 2 none."""
        self.selection = mode
        self._settle(now, asked=True)

    def attach(self, now: float) -> bool:
        """Attach to the packet domain; False when no network would have it, and then nothing has changed."""
        if not self.registered:
            return False
        self.attach_wanted = True
        self._settle(now)
        return True

    def detach(self, now: float) -> None:
        """Leave the packet domain; all contexts go down."""
        self.attach_wanted = False
        self._settle(now, asked=True)

    def activate(self, cid: int) -> bool:
        """Activate a context; one that is active stays so. False when detached or when three others are."""
        if cid in self.active:
            return True
        if not (self.attached and self.room):
            return False
        context = self.context(cid)
        self.active[cid] = bearer_of(cid, context.type, context.address)
        return True

    def deactivate(self, cid: int, asked: bool = True) -> None:
        """Deactivate a context, if it is active; with `asked` false the network does."""
        if self.active.pop(cid, None) is not None:
            self._happen(ContextDown(cid, asked))

    def context(self, cid: int) -> Context:
        """The definition of a context; the empty one if there is none."""
        return self.contexts.get(cid, FACTORY.get(cid)) or UNDEFINED

    def define(self, cid: int, context: Context | None) -> None:
        """Define a context from its next activation on; None takes its definition away."""
        if context is None and cid not in FACTORY:
            self.contexts.pop(cid, None)
        else:
            self.contexts[cid] = context

    def defined(self) -> list[int]:
        """The contexts that are defined or active, in order."""
        known = {**FACTORY, **self.contexts}
        return sorted({cid for cid, context in known.items() if context is not None} | self.active.keys())

    def set_clock(self, time: datetime, zone: int, now: float) -> None:
        """Set the clock as the host says; the next registration sets it again, unless `update` is 0."""
        self._shift = (time - UNIX).total_seconds() - self._utc - now
        self.clock_zone = zone

    # what the world does

    def insert(self, card: Sim, now: float) -> None:
        """Put a card in, or change its state; `Sim.ABSENT` pulls it."""
        self.card = card
        self._settle(now)

    def cover(self, stat: int, now: float) -> None:
        """Change the network: a registration gets this status from now on (3GPP TS 27.007, 7.2)."""
        self.coverage = stat
        self._settle(now)

    def move(self, cell: Cell) -> None:
        """Go to another cell."""
        if cell != self.cell:
            self.cell = cell
            if self.registered:
                self._happen(CellChanged(cell))

    def receive_signal(self, signal: Signal) -> None:
        """Receive the network better or worse."""
        if signal != self.signal_here:
            self.signal_here = signal
            self._happen(SignalChanged(self.signal))

    def enter_zone(self, zone: int, daylight: int, now: float) -> None:
        """Come into another time zone, as the network tells: quarters of an hour, hours of summer time."""
        self.zone, self.daylight = zone, daylight
        if self.registered:
            self._synchronise(now)

    # what answers read

    @property
    def registered(self) -> bool:
        """Whether it is registered, at home or roaming."""
        return self.registration in (HOME, ROAMING)

    @property
    def attached(self) -> bool:
        """Whether it is attached to the packet domain."""
        return self.packet in (HOME, ROAMING)

    @property
    def room(self) -> int:
        """How many more contexts can be activated."""
        return MOST_ACTIVE - len(self.active)

    @property
    def signal(self) -> Signal:
        """The signal as received: none with the receiver off or before it found a network."""
        heard = self.level in (1, 5) and self._phase >= len(BOOT)
        return self.signal_here if heard else NO_SIGNAL

    def clock(self, now: float) -> datetime:
        """What the clock shows; its zone is `clock_zone`."""
        return UNIX + timedelta(seconds=int(self._utc + now + (self._shift or 0.0)))

    def utc_seconds(self, now: float) -> float:
        """The date and time at `now`, in seconds since 1970."""
        return self._utc + now

    def network_time(self, at: float) -> datetime:
        """The network's UTC at `at`, a value of `now`."""
        return UNIX + timedelta(seconds=int(self._utc + at))

    def local_time(self, now: float) -> datetime:
        """The network's local time."""
        return self.network_time(now) + timedelta(minutes=15 * self.zone)

    # inside

    def _settle(self, now: float, asked: bool = False) -> None:
        """Work out what follows from the present state, and tell what has changed."""
        booting = self._phase < len(BOOT)
        sim = BOOT[self._phase][1] if booting and self.card is Sim.READY else self.card
        if self.level in (0, 5):
            sim = Sim.FAILURE
        if booting and self.level == FULL:
            stat = SEARCHING
        elif self.level != FULL or self.selection == DEREGISTERED or sim is not Sim.READY:
            stat = NOT_REGISTERED
        else:
            stat = self.coverage
        packet = stat
        if stat in (HOME, ROAMING) and not self.attach_wanted:
            packet = SEARCHING
        before = self.sim, self.registration, self.packet
        self.sim, self.registration, self.packet = sim, stat, packet
        if not self.attached:
            for cid in sorted(self.active):
                self.deactivate(cid, asked)
        if sim is not before[0]:
            self._happen(SimChanged(sim, asked))
        if stat != before[1]:
            self._happen(RegistrationChanged(stat, before[1]))
        if packet != before[2]:
            self._happen(PacketChanged(packet))
        if self.registered and before[1] not in (HOME, ROAMING):
            self._synchronise(now)

    def _synchronise(self, now: float) -> None:
        """The network tells the time."""
        self.synchronised = now
        changed = self.zone != self.clock_zone
        if self.update:
            self._shift = 900.0 * self.zone if self.update == 3 else 0.0
            self.clock_zone = self.zone
        if changed:
            self._happen(ZoneChanged(self.zone, self.daylight))


@lru_cache(maxsize=64)
def bearer_of(cid: int, kind: int, address: str) -> Bearer:
    """A context as it comes up, with an address of its own if its definition has none; modules share it."""
    own = f"2001:db8:0:{cid:x}::2" if kind == 2 else f"10.64.{cid}.2"
    return Bearer(kind, address or own)
