"""Packet identifiers, each in use from when it is taken until it is freed (MQTT 3.1.1, 2.3.1)."""

from modemlab.at.errors import UsageError

MAX_IDENTIFIER = 65535


class Identifiers:
    """Those of one client, in turn."""

    __slots__ = ("_latest", "_taken")

    def __init__(self) -> None:
        """None is in use."""
        # Few at once, and a list takes a quarter of a set's room.
        self._taken: list[int] = []
        self._latest = 0

    def take(self) -> int:
        """One that is in no use. Raises `UsageError` when all are."""
        for _ in range(MAX_IDENTIFIER):
            self._latest = self._latest % MAX_IDENTIFIER + 1
            if self._latest not in self._taken:
                self._taken.append(self._latest)
                return self._latest
        raise UsageError("all packet identifiers are in use")

    def free(self, identifier: int) -> None:
        """It is used no longer."""
        if identifier in self._taken:
            self._taken.remove(identifier)
