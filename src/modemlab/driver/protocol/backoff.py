"""What a host does about a link that was lost, and when."""

from math import inf

from modemlab.at.errors import ConnectionRefused, LineError, LinkLost, ModemError, Remedy, UsageError
from modemlab.text.catalogue import N_
from modemlab.text.number_format import figure
from modemlab.text.reason import Reason, Sentence

# Seconds before the first attempt, and at most between two.
FIRST_DELAY_S = 1.0
MAX_DELAY_S = 60.0


def delay(attempt: int, rng: float) -> float:
    """Seconds before that attempt, the first being 0: twice as long each time, with a `rng` of 0 to 1 as jitter.

    A fleet that lost its server together comes back one by one.
    """
    return float(min(MAX_DELAY_S, FIRST_DELAY_S * 2 ** min(attempt, 16)) * (0.5 + rng / 2))


def reopening(seconds: float) -> Reason:
    """That a port is opened again, and for how long that is tried; inf is without end."""
    if seconds == inf:
        return Sentence(N_("it is opened again, however long that takes"))
    return Sentence(N_("it is opened again, for {seconds} s"), seconds=figure(seconds))


def final(error: Exception) -> bool:
    """Whether a retry does not help: a server that refuses for a reason that stays, a call that is wrong, no line."""
    if isinstance(error, ConnectionRefused):
        return error.final
    return isinstance(error, UsageError | LineError) or not isinstance(error, ModemError)


def remedy_of(error: Exception, otherwise: Remedy) -> Remedy:
    """What mends a link that was lost with that error."""
    return error.remedy if isinstance(error, LinkLost) and error.remedy is not None else otherwise
