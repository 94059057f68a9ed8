"""What goes wrong between a host and its module: a small tree that a caller can act on."""

from enum import Enum

from modemlab.text.catalogue import N_
from modemlab.text.number_format import figure
from modemlab.text.reason import Reason, Sentence, joined


class Remedy(Enum):
    """What a host does about a link that was lost."""

    REOPEN = N_("open the link again")
    RENEW_PDP = N_("deactivate and activate the PDP context, then open the link again")
    REBUILD = N_("check address, user name, password and client id, then open the link again")
    NOTHING = N_("nothing: the host asked for it")


class ModemError(Exception):
    """Any of them; its text is one line that says what to do where that is known. `reason` has it as a value."""

    def __init__(self, reason: Reason | str) -> None:
        """`reason` is what happened; a text is said as it is."""
        self.reason = reason if isinstance(reason, Reason) else Sentence(reason)
        super().__init__(self.reason)


class LineError(ModemError):
    """The line itself: it cannot be opened, it ended, or nobody answers on it."""


class TimeoutExpired(ModemError):
    """A result did not come in time; the line was brought back into step."""

    def __init__(self, what: str, seconds: float, hint: Reason | None = None) -> None:
        """`what` was waited for so many seconds; `hint` is what may be the cause."""
        reason = Sentence(N_("{what}: nothing came within {seconds} s"), what=what, seconds=figure(seconds))
        super().__init__(joined(reason, hint) if hint else reason)
        self.what, self.seconds, self.hint = what, seconds, hint


class CommandRefused(ModemError):
    """The module answered a command with an error; `code` is that of +CME ERROR, None for a plain one."""

    def __init__(self, line: str, code: int | None = None, meaning: str = "") -> None:
        """`line` is the command, `meaning` what the code stands for."""
        shown = "ERROR" if code is None else f"+CME ERROR: {code}"
        message = "{line}: {shown} ({meaning})" if meaning else "{line}: {shown}"
        super().__init__(Sentence(message, line=line, shown=shown, meaning=Sentence(meaning)))
        self.line, self.code, self.meaning = line, code, meaning


class LinkLost(ModemError):
    """The link to the server is gone, or could not be had; `code` is the module's, `remedy` what mends it, if known."""

    def __init__(
        self, reason: Reason | str, code: int | None = None, remedy: Remedy | None = None, advice: Reason | None = None
    ) -> None:
        """`reason` says what happened; `advice` what a person does, where that is more than `remedy`."""
        what = reason if isinstance(reason, Reason) else Sentence(reason)
        helps = Sentence(remedy.value) if advice is None and remedy is not None else advice
        super().__init__(what if helps is None else joined(what, helps))
        self.code, self.remedy = code, remedy


class ConnectionRefused(LinkLost):
    """The server's CONNACK refused the session, by a return code of MQTT 3.1.1, 3.2.2.3."""

    @property
    def final(self) -> bool:
        """Whether a retry does not help: all but a server that is unavailable."""
        return self.code in (1, 2, 4, 5)


class NotDelivered(ModemError):
    """A subscription was refused, or a file arrived otherwise than it was sent; `topics` are those refused."""

    def __init__(self, reason: Reason | str, topics: tuple[str, ...] = ()) -> None:
        """`reason` says what happened."""
        super().__init__(reason)
        self.topics = topics


class NotReady(ModemError):
    """The SIM or the network is not there after the time that it was given."""


class Restart(ModemError):
    """The module started anew while it was asked something."""


class UsageError(ModemError, ValueError):
    """A call that no module could perform: a value out of its range, a client that is not connected."""
