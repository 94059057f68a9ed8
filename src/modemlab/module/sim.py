"""The codes of a SIM card and what is left of them, as the card itself keeps them (3GPP TS 31.101, 9.5).

A code is digits, compared as typed. Nothing of it is lost with the power but that the PIN was given.
"""

from modemlab.dialect.mobile import Sim

# The codes of a card that nobody locked.
PIN, PUK = "1234", "12345678"
PIN_ATTEMPTS, PUK_ATTEMPTS = 3, 10


class Lock:
    """The PIN of a card, its PUK, how many attempts are left for each, and whether the PIN is asked for at start."""

    __slots__ = ("enabled", "given", "pin", "pin_left", "puk", "puk_left")

    def __init__(self, pin: str = PIN, puk: str = PUK, enabled: bool = False) -> None:
        self.pin, self.puk, self.enabled = pin, puk, enabled
        self.pin_left, self.puk_left = PIN_ATTEMPTS, PUK_ATTEMPTS
        self.given = False

    @property
    def state(self) -> Sim:
        """What the card waits for; it has failed for good once no attempt is left for the PUK."""
        if not self.puk_left:
            return Sim.FAILURE
        if not self.pin_left:
            return Sim.PUK
        return Sim.PIN if self.enabled and not self.given else Sim.READY

    # what `modemlab.dialect.device.SimLock` says

    def enter(self, pin: str) -> bool:
        if not self.pin_left:
            return False
        if pin != self.pin:
            self.pin_left -= 1
            return False
        self.pin_left, self.given = PIN_ATTEMPTS, True
        return True

    def unblock(self, puk: str, pin: str) -> bool:
        if not self.puk_left:
            return False
        if puk != self.puk:
            self.puk_left -= 1
            return False
        self.pin, self.enabled, self.given = pin, True, True
        self.pin_left, self.puk_left = PIN_ATTEMPTS, PUK_ATTEMPTS
        return True

    def enable(self, enabled: bool, pin: str) -> bool:
        if not self.enter(pin):
            return False
        self.enabled = enabled
        return True

    def change(self, old: str, new: str) -> bool:
        if not self.enter(old):
            return False
        self.pin = new
        return True
