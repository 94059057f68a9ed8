"""The clock of a mobile, and the time that the network tells it.

`now` is in seconds, monotonic; dates and times are plain `datetime` values, of the zone that stands beside them.
"""

from datetime import datetime, timedelta

UNIX = datetime(1970, 1, 1)
# A clock that nobody has set yet counts from here, in seconds since 1970: 2008-01-01.
DEFAULT_TIME = 1_199_145_600.0
# How network time sets the clock: not at all, to UTC, to local time.
BY_HAND, TO_UTC, TO_LOCAL = 0, 1, 3


class Clock:
    """What AT+CCLK? shows, in `zone`, and the network's time, in `network_zone` with `daylight`.

    Zones are quarters of an hour east of UTC, `daylight` hours of summer time in them. `update` is one of the ways
    above; see `modemlab.dialect.device.MobileClock`.
    """

    __slots__ = (
        "_ahead",
        "_heard",
        "_shift",
        "_utc",
        "daylight",
        "network_zone",
        "synchronised",
        "tells",
        "update",
        "zone",
    )

    def __init__(self, utc: float = 0.0) -> None:
        """`utc` is the date and time at `now` 0, in seconds since 1970."""
        self._utc = utc
        self.update, self.zone = TO_UTC, 0
        self.network_zone, self.daylight = 32, 0
        # The zone that the network told last.
        self._heard = 0
        self.synchronised: float | None = None
        # How far the clock, and the time that the network tells, are ahead of the true one, in seconds.
        self._shift: float | None = None
        self._ahead = 0.0
        # Whether the network tells the time, as some do not.
        self.tells = True

    def start(self, now: float) -> None:
        """Begin to count, if it does not yet."""
        if self._shift is None:
            self._shift = DEFAULT_TIME - self._utc - now

    def set(self, time: datetime, zone: int, now: float) -> None:
        """Set it as the host says; the next registration sets it again, unless `update` is 0."""
        self._shift = self._seconds(time) - now
        self.zone = zone

    def tell(self, time: datetime, now: float) -> None:
        """Let the network tell that UTC from now on, right or wrong."""
        self._ahead = self._seconds(time) - now
        self.tells = True

    def synchronise(self, now: float) -> bool:
        """The network tells the time; whether the zone changed with it: the clock's, or the network's if that stays."""
        self.synchronised = now
        changed = self.network_zone != (self.zone if self.update else self._heard)
        self._heard = self.network_zone
        if self.update:
            self._shift = self._ahead + (900.0 * self.network_zone if self.update == TO_LOCAL else 0.0)
            self.zone = self.network_zone
        return changed

    def shown(self, now: float) -> datetime:
        return self._at(now + (self._shift or 0.0))

    def network(self, now: float) -> datetime:
        return self._at(now + self._ahead)

    def local(self, now: float) -> datetime:
        return self.network(now) + timedelta(minutes=15 * self.network_zone)

    def utc(self, now: float) -> float:
        return self._utc + now

    def _seconds(self, time: datetime) -> float:
        """How far a time is from that at `now` 0."""
        return (time - UNIX).total_seconds() - self._utc

    def _at(self, now: float) -> datetime:
        """The date and time at that `now`."""
        return UNIX + timedelta(seconds=int(self._utc + now))
