"""A TCP server on a thread, for tests that say by hand what stands at the other end."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

PATIENCE = 60.0


@contextmanager
def serving(work: Callable[[socket.socket], object], connections: int = 1) -> Iterator[int]:
    """A server that does `work` with that many connections, one after the other; its port on 127.0.0.1.

    However the block ends, nobody is accepted any more, the connection at hand is shut down, and the thread is over.
    What `work` raised is raised here, so that it is this test's; that a connection was reset is no error.
    """
    over = threading.Event()
    held: list[socket.socket] = []
    raised: list[BaseException] = []

    def serve() -> None:
        for _ in range(connections):
            try:
                connection, _ = server.accept()
            except OSError:  # the block is over
                return
            with connection:
                connection.settimeout(PATIENCE)
                held.append(connection)
                if over.is_set():
                    return
                try:
                    work(connection)
                except ConnectionError:  # the other end is gone
                    pass
                except BaseException as error:
                    if not over.is_set():
                        raised.append(error)
                    return

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield server.getsockname()[1]
        finally:
            over.set()
            wake(server)
            for connection in held:
                with suppress(OSError):  # it is closed already
                    connection.shutdown(socket.SHUT_RDWR)
            thread.join(PATIENCE)
    assert not thread.is_alive()
    if raised:
        raise raised[0]


def wake(server: socket.socket) -> None:
    """Have a thread that waits in `accept` go on. Closing the server would not: its number may be another's by then."""
    try:
        server.shutdown(socket.SHUT_RDWR)
    except OSError:  # only Linux wakes `accept` so
        with suppress(OSError):
            socket.create_connection(server.getsockname(), 1).close()
