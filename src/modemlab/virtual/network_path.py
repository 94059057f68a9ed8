"""The way from a module to its streams and back, and what impairs it while anything does."""

from collections.abc import Callable, Iterable
from functools import partial
from random import Random
from typing import TYPE_CHECKING, cast

from modemlab.clocks.timers import TimerLoop
from modemlab.module.effects import Reply
from modemlab.net.streams import Owner, StreamTransport
from modemlab.virtual.module_protocol import ModuleShell

if TYPE_CHECKING:
    from modemlab.net.conditions import Conditions, ConnectionDisruption
    from modemlab.net.impairment import NetworkImpairment
    from modemlab.net.packet_faults import Fault


class NetworkPath:
    """Carries what a module asks of the network, and what comes of it.

    Conditions and faults are a layer between the module and its streams, which is there while any are in force;
    `streams` is what the module's effects go to. `rng` draws the lots of impairment, None always the same ones. What
    impairs is imported when it is asked for, as most networks never are impaired.
    """

    __slots__ = ("_impairment", "_loop", "_rng", "_shell", "held", "streams")

    def __init__(
        self, shell: ModuleShell, make: Callable[[Owner], StreamTransport], loop: TimerLoop, rng: Random | None
    ) -> None:
        """Make a path without impairment; `make` makes the streams, whose owner it is."""
        self._shell, self._loop, self._rng = shell, loop, rng
        # Whether nothing is read from the network.
        self.held = False
        self._impairment: NetworkImpairment | None = None
        self.streams: StreamTransport | NetworkImpairment = make(self)

    # what is asked of it

    def perform(self) -> None:
        """Do what the module asks for; those that observe it are told of each effect first."""
        module = self._shell.module
        effects, observers = module.effects, module.observers
        while effects:
            batch = effects[:]
            effects.clear()
            if not observers:
                self.streams.perform(batch)
                continue
            for effect in batch:
                for observer in observers:
                    observer.on_effect(effect)
                self.streams.perform((effect,))

    def set_reading_paused(self, held: bool) -> None:
        """Read nothing from the network while held."""
        if held != self.held:
            self.held = held
            self.streams.set_reading_paused(held)

    async def close(self) -> None:
        """Drop all connections without a word."""
        await self.streams.close()

    # impairment

    @property
    def conditions(self) -> "Conditions":
        """The conditions in force."""
        from modemlab.net.conditions import LAB  # noqa: PLC0415

        return LAB if self._impairment is None else self._impairment.conditions

    @property
    def faults(self) -> "tuple[Fault, ...]":
        """The faults in force."""
        return () if self._impairment is None else self._impairment.faults

    def set_conditions(self, conditions: "Conditions") -> None:
        """Let other conditions hold from now on; with `LAB` what was on its way arrives at once."""
        from modemlab.validation.fields import changed  # noqa: PLC0415

        if conditions != self.conditions:
            self._shell.module.log("network", f"conditions are {changed(conditions) or 'none'}")
            self._impaired().change(conditions)
        self._remove_impairment()

    def set_faults(self, faults: "Iterable[Fault]") -> None:
        """Let these faults, and no others, hold; their counts begin anew."""
        from modemlab.validation.fields import changed  # noqa: PLC0415

        wanted = tuple(faults)
        if wanted or self.faults:
            self._shell.module.log("network", f"faults are {'; '.join(map(changed, wanted)) or 'none':.300}")
            self._impaired().set_faults(wanted)
        self._remove_impairment()

    def disconnect(self, disconnect: "ConnectionDisruption") -> None:
        """Let this happen to the open connections."""
        weather = self._impaired()
        weather.disconnect(disconnect)
        if weather.idle:
            self._remove_impairment()

    def _impaired(self) -> "NetworkImpairment":
        """The layer that conditions and faults need, put between the module and its streams if it is not there."""
        if self._impairment is not None:
            return self._impairment
        from modemlab.net.impairment import NetworkImpairment  # noqa: PLC0415

        below, module = cast("StreamTransport", self.streams), self._shell.module
        self._rng = self._rng or Random(0)
        weather = NetworkImpairment(below, self, self._loop, self._shell.now, self._rng, partial(module.log, "network"))
        for user in module.connections.users:
            weather.attach_stream(user)
        weather.set_reading_paused(self.held)
        below.set_owner(weather)
        self.streams = self._impairment = weather
        return weather

    def _remove_impairment(self) -> None:
        """Take the layer out of the path if there is nothing for it to do."""
        from modemlab.net.conditions import LAB  # noqa: PLC0415

        weather = self._impairment
        if weather is None or weather.conditions != LAB or weather.faults:
            return
        weather.send_all()
        weather.below.set_owner(self)
        self.streams, self._impairment = weather.below, None
        weather.deliver_all()

    # what streams call

    def on_reply(self, reply: Reply) -> None:
        """Take what came of an effect."""
        self._shell.module.on_reply(reply, self._shell.now())
        self._shell.settle()
