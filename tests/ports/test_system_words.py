"""What the system's errors are called: in words, without numbers and without the library's calls."""

import errno
import os
import socket

import pytest

from modemlab.ports.error_texts import CONNECTION_ERRORS, words_of

MISSING = os.strerror(errno.ENOENT)


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (OSError(errno.ECONNREFUSED, "Connect call failed ('127.0.0.1', 1)"), "no program listens there"),
        (OSError(errno.EADDRINUSE, "error while attempting to bind on address"), "another program listens there"),
        (OSError(errno.EADDRNOTAVAIL, "x"), "this machine does not have that address"),
        (OSError(errno.EACCES, "error while attempting to bind"), os.strerror(errno.EACCES)),
        (OSError(errno.ENOENT, MISSING), MISSING),
        (OSError(errno.ENOENT, f"could not open port /dev/x: [Errno 2] {MISSING}"), MISSING),
        (OSError("cannot listen on tcp://a:1: nobody"), "cannot listen on tcp://a:1: nobody"),
        (
            OSError("could not bind on any address out of [('203.0.113.1', 1)]"),
            "this machine does not have that address",
        ),
        (socket.gaierror(-2, "Name or service not known"), "the name did not resolve: check its spelling"),
        (UnicodeError("label too long"), "the name did not resolve: check its spelling"),
        (
            OSError("Multiple exceptions: [Errno 111] Connect call failed ('::1', 1), [Errno 111] Connect call failed"),
            CONNECTION_ERRORS.get(111, os.strerror(111)),
        ),
        (ValueError("port 'x' is not a device"), "port 'x' is not a device"),
        (OSError(), "OSError"),
    ],
)
def test_words(error: Exception, words: str) -> None:
    assert words_of(error) == words
