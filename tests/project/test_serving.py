"""The tests' own servers: what a test leaves behind must not be the next one's."""

import socket
import threading

import pytest

from support.serving import serving


def test_a_server_that_nobody_connects_to_is_over_with_its_block() -> None:
    """Its thread waits in `accept`, and is woken; the failure of the block is told, and no other."""
    before = threading.active_count()
    with pytest.raises(LookupError, match=r"^why$"), serving(lambda connection: connection.recv(1)):
        raise LookupError("why")
    assert threading.active_count() == before


def test_what_a_server_raises_is_its_own_tests() -> None:
    """It is raised where the block ends."""

    def fail(connection: socket.socket) -> None:
        connection.recv(1)
        raise LookupError("why")

    def block() -> None:
        with serving(fail) as port, socket.create_connection(("127.0.0.1", port)) as client:
            client.sendall(b"x")
            assert client.recv(1) == b""

    with pytest.raises(LookupError, match=r"^why$"):
        block()
