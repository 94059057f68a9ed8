"""A port in memory: the module and its host in one process, without an event loop."""

from collections import deque

from modemlab.ports.port import Changed, Received


class MemoryPort:
    """Both ends of a line.

    The module's end is that of every port. The host's is `attach`, `host_send` and `detach`. Bytes arrive at once;
    what a host says while it is being answered arrives after that, so neither end is called from within
    itself.
    """

    __slots__ = ("_changed", "_heard", "_received", "_said", "congested", "taken", "url")

    def __init__(self, received: Received, changed: Changed) -> None:
        """Make a port that nobody has open."""
        self._received, self._changed = received, changed
        self._heard: Received | None = None
        self._said: deque[bytes] | None = None
        self.url = "memory"
        self.taken = self.congested = False

    # the module's end

    async def open(self) -> None:
        """Nothing to do."""

    def write(self, data: bytes) -> None:
        """Say this to the host, if one is attached."""
        if self._heard is not None:
            self._heard(data)

    def close(self) -> None:
        """The host is told nothing more, and heard no more."""
        self._heard = None
        self.taken = False

    # the host's end

    def attach(self, heard: Received) -> None:
        """Open the line as its host; `heard` is called with what the module says. Takes it over from another."""
        self._heard = heard
        self.taken = True
        self._changed(self)

    def detach(self) -> None:
        """Close the line as its host; the module keeps its state."""
        self._heard = None
        self.taken = False
        self._changed(self)

    def host_send(self, data: bytes) -> None:
        """Say this to the module; nothing happens while no host is attached."""
        if self._heard is None:
            return
        if self._said is not None:
            self._said.append(data)
            return
        said = self._said = deque((data,))
        try:
            while said:
                self._received(said.popleft())
        finally:
            self._said = None
