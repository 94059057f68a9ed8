"""What the system's errors mean, in words without numbers."""

import errno
import os
import re
import socket

# asyncio's error of a name with several addresses has their errors in its text alone.
SEVERAL = re.compile(r"Multiple exceptions: \[Errno (\d+)\]")
# From Python 3.13 on, so is its error of addresses that this machine does not have.
NONE_BOUND = re.compile(r"could not bind on any address")
# Words that libraries put around the system's, which say nothing more.
AROUND = re.compile(r"error while|Connect call failed|\[Errno")
# Errors of connections, whose words in the library are about its own calls.
WORDS = {
    errno.ECONNREFUSED: "nobody listens there",
    errno.EADDRINUSE: "another program listens there",
    errno.EADDRNOTAVAIL: "this machine does not have that address",
    errno.EHOSTUNREACH: "there is no way to that host",
    errno.ENETUNREACH: "there is no way to that network",
    errno.ECONNRESET: "the other end reset the connection",
    errno.EPIPE: "the other end closed the connection",
    errno.ETIMEDOUT: "no answer in time",
}


def number_of(error: OSError) -> int | None:
    """The system's number of an error; None where it has none."""
    if error.errno is not None:
        return error.errno
    told = error.strerror or str(error)
    if (found := SEVERAL.match(told)) is not None:
        return int(found[1])
    return errno.EADDRNOTAVAIL if NONE_BOUND.match(told) is not None else None


def nobody_listens(error: BaseException) -> bool:
    """Whether a connection was refused, as there is no program at the other end."""
    return isinstance(error, OSError) and number_of(error) == errno.ECONNREFUSED


def words_of(error: BaseException) -> str:
    """What went wrong, in one line; of what is no error of the system, its own text."""
    if isinstance(error, socket.gaierror | UnicodeError):
        return "the name did not resolve: check how it is written"
    if not isinstance(error, OSError):
        return str(error)
    number = number_of(error)
    told = error.strerror or str(error)
    if number in WORDS:
        return WORDS[number]
    if number is not None and number > 0 and (AROUND.search(told) or not told):
        return os.strerror(number)
    return told or type(error).__name__
