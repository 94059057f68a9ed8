"""What the system's errors mean, in words without numbers."""

import errno
import os
import re
import socket

from modemlab.text.catalogue import N_
from modemlab.text.reason import Reason, Sentence, helped, reason_of

# asyncio's error of a name with several addresses has their errors in its text alone.
MULTIPLE_ERRORS = re.compile(r"Multiple exceptions: \[Errno (\d+)\]")
# From Python 3.13 on, so is its error of addresses that this machine does not have.
NONE_BOUND = re.compile(r"could not bind on any address")
# Words that libraries put around the system's, which say nothing more.
LIBRARY_WORDS = re.compile(r"error while|Connect call failed|\[Errno")
LISTED_BY = Sentence(N_("`modemlab ports` lists the ports"))
# Errors of connections, whose words in the library are about its own calls.
CONNECTION_ERRORS = {
    errno.ECONNREFUSED: N_("no program listens there"),
    errno.EADDRINUSE: N_("another program listens there"),
    errno.EADDRNOTAVAIL: N_("this machine does not have that address"),
    errno.EHOSTUNREACH: N_("there is no route to that host"),
    errno.ENETUNREACH: N_("there is no route to that network"),
    errno.ECONNRESET: N_("the other end reset the connection"),
    errno.EPIPE: N_("the other end closed the connection"),
    errno.ETIMEDOUT: N_("no answer in time"),
}


def number_of(error: OSError) -> int | None:
    """The system's number of an error; None where it has none."""
    if error.errno is not None:
        return error.errno
    told = error.strerror or str(error)
    if (found := MULTIPLE_ERRORS.match(told)) is not None:
        return int(found[1])
    return errno.EADDRNOTAVAIL if NONE_BOUND.match(told) is not None else None


def nobody_listens(error: BaseException) -> bool:
    """Whether a connection was refused, as there is no program at the other end."""
    return isinstance(error, OSError) and number_of(error) == errno.ECONNREFUSED


def words_of(error: BaseException) -> str:
    """What went wrong, in one line of English."""
    return str(why(error))


def why(error: BaseException) -> Reason:
    """What went wrong; of what is no error of the system, its own text."""
    if isinstance(error, socket.gaierror | UnicodeError):
        return helped(Sentence(N_("the name did not resolve")), Sentence(N_("check its spelling")))
    given = reason_of(error)
    if not isinstance(error, OSError) or not isinstance(error.strerror, str | None):
        return given
    number = number_of(error)
    told = error.strerror or str(error)
    if number in CONNECTION_ERRORS:
        return Sentence(CONNECTION_ERRORS[number])
    if number is not None and number > 0 and (LIBRARY_WORDS.search(told) or not told):
        return Sentence(os.strerror(number))
    return given if told else Sentence(type(error).__name__)
