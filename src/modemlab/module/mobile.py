"""The mobile: SIM, registration, packet domain and clock as one state that every answer reads.

Whatever changes, changes here, and what follows from it is settled in one place and told as events.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any

from modemlab.dialect import mobile as words
from modemlab.dialect.mobile import (
    AUTOMATIC,
    DENIED,
    DEREGISTERED,
    FULL,
    HOME,
    NOT_REGISTERED,
    ROAMING,
    SEARCHING,
    Bearer,
    Cell,
    Context,
    Factory,
    Operator,
    Signal,
    Sim,
)
from modemlab.module import sim
from modemlab.module.clock import Clock
from modemlab.module.pdp_addresses import active_alone, bearer_of, next_address
from modemlab.module.sim import Lock

MAX_ACTIVE_CONTEXTS = 3
UNDEFINED = Context()
# Most modules are given no definition, and share this.
NONE_DEFINED: Mapping[int, Context | None] = MappingProxyType({})
NONE_ACTIVE: Mapping[int, Bearer] = MappingProxyType({})
FACTORY = Factory()
NO_SIGNAL = Signal(99, 99)
UNKNOWN_RSSI = 99
CHINA_MOBILE = Operator("CHINA MOBILE", "CMCC", "46000")
# While it boots: when each phase ends, in parts of the boot time, and what the SIM says in it. The messages of a card
# that is ready are read at `MESSAGES_READ`, its phonebook at the end.
BOOT = ((0.25, Sim.ABSENT), (0.5, Sim.BUSY), (1.0, Sim.READY))
MESSAGES_READ = 0.75


class Mobile:
    """A mobile and the network around it.

    `happen` is called with each event. `utc` is the date and time at `now` 0, in seconds since 1970. `apn`
    replaces that of the first context of `factory`. `boot_time` is how many seconds after `power_on` it is
    registered; 0: at once. Definitions of contexts and the clock outlive the power.

    `first_level` is the level of functionality that it starts with.

    What the world gives: `card`, `coverage` (the status that a registration gets here), `operator`, `cell`,
    `signal_here`, and the network's time, which `clock` knows beside the mobile's own. What the host asks for:
    `level`, `selection`, `attach_wanted`. What follows from both, settled after each change: `sim`,
    `registration`, `packet_registration`, `active`; `cause` says in words why the latest failure was. `reports` are
    what a dialect keeps for the host to ask for.

    `modemlab.dialect.device.MobileState` says what the host's requests do; `modemlab.module.mobile_actions` has what
    the world does in plain data.
    """

    __slots__ = (
        "_factory",
        "_lock",
        "_on",
        "_phase",
        "_refused",
        "_started",
        "active",
        "attach_wanted",
        "boot_time",
        "card",
        "cause",
        "cell",
        "clock",
        "contexts",
        "coverage",
        "first_level",
        "happen",
        "level",
        "naming",
        "operator",
        "packet_registration",
        "registration",
        "reject",
        "reports",
        "selection",
        "signal_here",
        "sim",
    )

    def __init__(
        self, happen: Callable[[Any], None], utc: float = 0.0, apn: str | None = None, factory: Factory = FACTORY
    ) -> None:
        self.happen, self._factory = happen, factory
        self.clock = Clock(utc)
        self.boot_time = 0.0
        self.first_level = FULL
        self.card, self.coverage, self.signal_here = Sim.READY, HOME, factory.signal
        self.operator, self.cell = CHINA_MOBILE, factory.cell
        # The card's codes, made when they first matter.
        self._lock: Lock | None = None
        # Why the network refuses what `coverage` refuses, and packet service where it refuses nothing; 0: no reason.
        self.reject = 0
        # Why the network refuses contexts, and which: none named are all.
        self._refused: tuple[int, frozenset[int]] | None = None
        # None in place of a factory definition that the host took away
        self.contexts: Mapping[int, Context | None] = NONE_DEFINED
        if apn is not None:
            first = min(factory.contexts)
            self.contexts = {first: factory.contexts[first]._replace(apn=apn)}
        self.active: Mapping[int, Bearer] = NONE_ACTIVE
        self._started = 0.0
        self.power_off()

    # power and time

    def power_on(self, now: float) -> None:
        """Start to boot."""
        self.level, self._started, self._on = self.first_level, now, True
        self.clock.start(now)
        self._phase = 0
        if self.boot_time > 0:
            self._settle(now)
        self.advance(now)

    def power_off(self) -> None:
        """Lose power: all is gone without a word but what is stored and the clock."""
        self.level, self._phase, self._on = 0, len(BOOT), False
        self.first_level = FULL
        self.cause = words.NO_CAUSE
        self.reports: tuple[bytes, ...] = ()
        self._forget_pin()
        self.selection, self.naming, self.attach_wanted = AUTOMATIC, 0, True
        self.sim, self.registration, self.packet_registration = Sim.FAILURE, NOT_REGISTERED, NOT_REGISTERED
        self.clock.synchronised = None
        self.active = NONE_ACTIVE

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
            if level in (0, 5):
                self._forget_pin()
            self.happen(words.FunctionChanged(level))
            self._settle(now, asked=True)

    def select(self, mode: int, now: float) -> None:
        self.selection = mode
        self._settle(now, asked=True)

    def attach(self, now: float) -> bool:
        if not self.registered or self.reject:
            self.cause = self._obstacle()
            return False
        self.attach_wanted = True
        self._settle(now)
        return True

    def detach(self, now: float) -> None:
        self.attach_wanted = False
        self._settle(now, asked=True)

    def activate(self, cid: int) -> bool:
        if cid in self.active:
            return True
        if not self.attached:
            self.cause = self._obstacle()
            return False
        if not self.contexts_left:
            return False
        if refusal := self.refusal(cid):
            self.cause = words.REFUSALS[refusal]
            return False
        context = self.context(cid)
        bearer = bearer_of(cid, context.type, context.address)
        self.active = {**self.active, cid: bearer} if self.active else active_alone(cid, bearer)
        self.happen(words.ContextUp(cid))
        return True

    def deactivate(self, cid: int, asked: bool = True) -> None:
        """Deactivate a context, if it is active; with `asked` false the network does."""
        if (bearer := self.active.get(cid)) is not None:
            self.active = {other: kept for other, kept in self.active.items() if other != cid}
            self.happen(words.ContextDown(cid, asked, bearer))

    def context(self, cid: int) -> Context:
        return self.contexts.get(cid, self._factory.contexts.get(cid)) or UNDEFINED

    def define(self, cid: int, context: Context | None) -> None:
        if context is None and cid not in self._factory.contexts:
            self.contexts = {known: kept for known, kept in self.contexts.items() if known != cid}
        else:
            self.contexts = {**self.contexts, cid: context}

    def defined(self) -> list[int]:
        known = {**self._factory.contexts, **self.contexts}
        return sorted({cid for cid, context in known.items() if context is not None} | self.active.keys())

    def verify_code(self, attempt: Callable[[Lock], bool], now: float) -> bool:
        accepted = attempt(self.sim_lock)
        self._settle(now, asked=True)
        return accepted

    # what the world does

    def insert_sim(self, card: Sim, now: float) -> None:
        """Put another card in, in that state, or bring the one that is there into it; `ABSENT` pulls it.

        A card that is ready asks for no PIN. One that asks for a PIN or PUK does so with the codes that `lock_sim` gave
        last, or those of `modemlab.module.sim`.
        """
        if card is Sim.READY:
            self._lock = None
        elif card in (Sim.PIN, Sim.PUK):
            old = self.sim_lock
            self._lock = Lock(old.pin, old.puk, enabled=True)
            if card is Sim.PUK:
                self._lock.pin_left = 0
            card = Sim.READY
        elif card is Sim.ABSENT:
            self._forget_pin()
        self._put(card, now)

    def reinsert_sim(self, now: float) -> None:
        """Put the card that was pulled back in; it asks for its PIN if it did before."""
        self._put(Sim.READY, now)

    def lock_sim(self, pin: str = sim.PIN, puk: str = sim.PUK, *, now: float) -> None:
        """Put in a card that asks for that PIN, 4 to 8 digits, and whose PUK is that, 8 digits."""
        self._lock = Lock(pin, puk, enabled=True)
        self._put(Sim.READY, now)

    def set_registration(self, stat: int, now: float, cause: int | None = None) -> None:
        """Change the network: a registration gets this status from now on (3GPP TS 27.007, 7.2, 10.1.20).

        `stat` is a number of `COVERAGE`. `cause`, a number of `REJECTS`, says why it is refused; where a registration
        is not, packet service alone is.
        """
        self.coverage, self.reject = stat, cause or 0
        self._settle(now)

    def set_operator(self, operator: Operator) -> None:
        """Have another operator's network here."""
        self.operator = operator

    def change_cell(self, cell: Cell) -> None:
        if cell != self.cell:
            self.cell = cell
            if self.registered:
                self.happen(words.CellChanged(cell))

    def set_signal(self, signal: Signal, now: float) -> None:
        """Receive the network better or worse: strength 0 to 31, bit error rate 0 to 7; strength 99 is not at all."""
        before = self.signal
        self.signal_here = signal
        if self.signal != before:
            self.happen(words.SignalChanged(self.signal))
        self._settle(now)

    def set_time_zone(self, zone: int, daylight: int, now: float) -> None:
        """Come into another time zone, as the network tells: quarters of an hour, -48 to 56, and hours of summer time,
        0 to 2.
        """
        self.clock.network_zone, self.clock.daylight = zone, daylight
        if self.registered:
            self._synchronise(now)

    def set_network_time(self, time: datetime, now: float) -> None:
        """Let the network tell that UTC, right or wrong, from now on."""
        self.clock.tell(time, now)
        if self.registered:
            self._synchronise(now)

    def disable_nitz(self) -> None:
        """Let the network tell no time from now on, as some do; the clock runs on."""
        self.clock.tells = False

    def detached_by_network(self, now: float, cause: int = 10) -> None:
        """Let the network detach the mobile, for that one of `REJECTS`; it stays so until the host attaches it."""
        if self.attached:
            self.cause = words.REJECTS[cause]
            self.attach_wanted = False
            self._settle(now)

    def refuse_contexts(self, cause: int = 33, cids: Iterable[int] = ()) -> None:
        """Let the network refuse to activate these contexts, or all, for that one of `REFUSALS`."""
        self._refused = cause, frozenset(cids)

    def accept_contexts(self) -> None:
        """Let the network activate contexts again."""
        self._refused = None

    def drop_context(self, cid: int, cause: int = 36) -> bool:
        """Let the network deactivate a context, for that one of `REFUSALS`; False if it is not active."""
        if cid not in self.active:
            return False
        self.cause = words.REFUSALS[cause]
        self.deactivate(cid, asked=False)
        return True

    def change_address(self, cid: int, address: str | None = None) -> bool:
        """Let the network give a context another address, the next if none is given; False if it has none."""
        bearer = self.active.get(cid)
        if bearer is None or not bearer.address:
            return False
        moved = bearer._replace(address=address or next_address(bearer.address))
        self.active = {**self.active, cid: moved}
        self.happen(words.AddressChanged(cid))
        return True

    # what answers read

    @property
    def sim_lock(self) -> Lock:
        if self._lock is None:
            self._lock = Lock()
        return self._lock

    @property
    def is_sim_blocked(self) -> bool:
        return self.card is Sim.READY and self._lock is not None and not self._lock.puk_left

    @property
    def is_emergency_only(self) -> bool:
        return self.coverage == words.EMERGENCY and self.registration == DENIED

    def refusal(self, cid: int) -> int:
        cause, cids = self._refused or (0, frozenset())
        return cause if not cids or cid in cids else 0

    @property
    def registered(self) -> bool:
        return self.registration in (HOME, ROAMING)

    @property
    def attached(self) -> bool:
        return self.packet_registration in (HOME, ROAMING)

    @property
    def contexts_left(self) -> int:
        return MAX_ACTIVE_CONTEXTS - len(self.active)

    @property
    def signal(self) -> Signal:
        """The signal as received: none with the receiver off or before it found a network."""
        heard = self.level in (1, 5) and self._phase >= len(BOOT)
        return self.signal_here if heard else NO_SIGNAL

    def read(self, now: float) -> int:
        if self.sim is not Sim.READY:
            return 0
        if self._phase >= len(BOOT):
            return 3
        return 2 if now >= self._started + MESSAGES_READ * self.boot_time else 1

    # inside

    def _put(self, card: Sim, now: float) -> None:
        """Have a card in that state, or none."""
        moved = (card is Sim.ABSENT) != (self.card is Sim.ABSENT)
        self.card = card
        if moved and self._on:
            self.happen(words.CardMoved(card is not Sim.ABSENT))
        self._settle(now, moved=moved)

    def _forget_pin(self) -> None:
        """The card has lost its power."""
        if self._lock is not None:
            self._lock.given = False

    def _obstacle(self) -> str:
        """Why there is no service, in words of the network or of the mobile itself."""
        if self.level != FULL:
            return words.OFFLINE
        if self.sim is not Sim.READY:
            return words.NO_CARD
        return words.REJECTS[self.reject] if self.reject else self.cause if self.registered else words.NO_SERVICE

    def _settle(self, now: float, asked: bool = False, moved: bool = False) -> None:
        """Work out what follows from the present state, and tell what has changed."""
        booting = self._phase < len(BOOT)
        card = BOOT[self._phase][1] if booting and self.card is Sim.READY else self.card
        if self.level in (0, 5):
            card = Sim.FAILURE
        elif card is Sim.READY and self._lock is not None:
            card = self._lock.state
        if booting and self.level == FULL:
            stat = SEARCHING
        elif self.level != FULL or self.selection == DEREGISTERED or card is not Sim.READY:
            stat = NOT_REGISTERED
        elif self.signal_here.rssi == UNKNOWN_RSSI and self.coverage in (HOME, ROAMING, DENIED, words.EMERGENCY):
            stat = SEARCHING
        else:
            stat = DENIED if self.coverage == words.EMERGENCY else self.coverage
        packet = stat
        if stat in (HOME, ROAMING) and (self.reject or not self.attach_wanted):
            packet = DENIED if self.reject else SEARCHING
        before = self.sim, self.registration, self.packet_registration
        self.sim, self.registration, self.packet_registration = card, stat, packet
        if not self.attached:
            if before[2] in (HOME, ROAMING):
                self._leave(asked)
        elif before[2] not in (HOME, ROAMING) and self._factory.initial is not None:
            self.activate(self._factory.initial)
        if card is not before[0]:
            self.happen(words.SimChanged(card, asked, moved))
        if stat != before[1]:
            self.happen(words.RegistrationChanged(stat, before[1]))
        if packet != before[2]:
            self.happen(words.PacketChanged(packet))
        if self.registered and before[1] not in (HOME, ROAMING):
            self._synchronise(now)

    def _leave(self, asked: bool) -> None:
        """The packet domain is left: all contexts go down."""
        for cid in sorted(self.active):
            self.deactivate(cid, asked)
        if not asked:
            self.cause = self._obstacle()
        self.happen(words.Detached(asked))

    def _synchronise(self, now: float) -> None:
        """The network tells the time, if it does."""
        if self.clock.tells and self.clock.synchronise(now):
            self.happen(words.ZoneChanged(self.clock.network_zone, self.clock.daylight))
