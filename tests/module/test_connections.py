"""Who uses the streams of a module: numbers, order, who is told, who is held back."""

from modemlab.dialect.network import TlsOptions
from modemlab.module.connections import Connections
from modemlab.module.effects import CloseStream, Effect, OpenStream, PauseStream, ResumeStream, StreamReply


class User:
    """A user on paper."""

    def __init__(self, connections: Connections, index: int | None = None, context: int | None = None) -> None:
        self.connections, self.index, self.context = connections, index, context
        self.stream, self.paused, self.opening, self.read_paused, self.partial_packet = 0, False, True, False, b""
        self.heard: list[str] = []

    def open(self, tls: TlsOptions | None = None) -> None:
        """Open a stream."""
        self.stream = self.connections.open(self, "h", 1, tls)

    def on_reply(self, reply: StreamReply, now: float) -> None:
        """Heard."""
        self.heard.append(str(reply))

    def network_lost(self) -> None:
        """Heard."""
        self.heard.append("lost")
        self.abort()

    def abort(self) -> None:
        """Close."""
        self.connections.close(self.stream)
        self.stream = 0

    def deadline(self) -> float | None:
        """Never."""
        return None

    def advance(self, now: float) -> None:
        """Nothing."""


def test_clients_come_first_by_number_then_the_others_as_they_came() -> None:
    effects: list[Effect] = []
    connections = Connections(effects)
    first, second, one, nought = (User(connections, index) for index in (None, None, 1, 0))
    for user in (first, one, second, nought):
        user.open()
    assert connections.users == (nought, one, first, second)
    assert effects == [OpenStream(number, "h", 1, None, index) for number, index in enumerate((None, 1, None, 0), 1)]
    assert [connections.user_of(number) for number in range(6)] == [None, first, one, second, nought, None]


def test_a_stream_that_ends_has_no_user() -> None:
    effects: list[Effect] = []
    connections = Connections(effects)
    user, other = User(connections), User(connections)
    user.open(TlsOptions())
    other.open()
    user.abort()
    assert effects[0] == OpenStream(1, "h", 1, TlsOptions(), None)
    assert effects[2:] == [CloseStream(1)]
    assert connections.users == (other,)
    connections.forget(2)
    assert not connections.users
    assert effects[3:] == []
    user.open()
    assert user.stream == 3


def test_a_lost_context_loses_what_it_carries() -> None:
    connections = Connections([])
    users = [User(connections, context=context) for context in (1, 2, None, 1)]
    for user in users:
        user.open()
    connections.network_lost(1)
    assert [user.heard for user in users] == [["lost"], [], [], ["lost"]]
    connections.network_lost(None)
    assert connections.users == (users[1],)


def test_who_is_full_is_not_read() -> None:
    effects: list[Effect] = []
    connections = Connections(effects)
    one, other = User(connections), User(connections)
    one.open()
    other.open()
    effects.clear()
    one.read_paused = True
    connections.regulate(congested=False)
    connections.regulate(congested=False)
    assert effects == [PauseStream(1)]
    connections.regulate(congested=True)
    assert effects[1:] == [PauseStream(2)]
    one.read_paused = False
    connections.regulate(congested=False)
    assert effects[2:] == [ResumeStream(1), ResumeStream(2)]
