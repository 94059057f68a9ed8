"""What goes wrong between a host and its module: a small tree that a caller can act on."""

from modemlab.text.figures import figure


class ModemError(Exception):
    """Any of them; its text is one line that says what to do where that is known."""


class LineError(ModemError):
    """The line itself: it cannot be opened, it ended, or nobody answers on it."""


class TimeoutExpired(ModemError):
    """A result did not come in time; the line was brought back into step."""

    def __init__(self, what: str, seconds: float, hint: str = "") -> None:
        """`what` was waited for so many seconds; `hint` is what may be the cause."""
        super().__init__(f"{what}: nothing came within {figure(seconds)} s{f'; {hint}' if hint else ''}")
        self.what, self.seconds = what, seconds


class CommandRefused(ModemError):
    """The module answered a command with an error; `code` is that of +CME ERROR, None for a plain one."""

    def __init__(self, line: str, code: int | None = None, meaning: str = "") -> None:
        """`line` is the command, `meaning` what the code stands for."""
        shown = "ERROR" if code is None else f"+CME ERROR: {code}"
        super().__init__(f"{line}: {shown}{f' ({meaning})' if meaning else ''}")
        self.line, self.code, self.meaning = line, code, meaning


class LinkLost(ModemError):
    """The link to the server is gone, or could not be had; `code` is the module's, `remedy` what helps."""

    def __init__(self, text: str, code: int | None = None, remedy: str = "") -> None:
        """`text` says what happened."""
        super().__init__(f"{text}; {remedy}" if remedy else text)
        self.code, self.remedy = code, remedy


class ConnectionRefused(LinkLost):
    """The server's CONNACK refused the session, by a return code of MQTT 3.1.1, 3.2.2.3."""

    @property
    def final(self) -> bool:
        """Whether no retry mends it: all but a server that is unavailable."""
        return self.code in (1, 2, 4, 5)


class NotDelivered(ModemError):
    """A subscription was refused, or a file arrived otherwise than it was sent; `topics` are those refused."""

    def __init__(self, text: str, topics: tuple[str, ...] = ()) -> None:
        """`text` says what happened."""
        super().__init__(text)
        self.topics = topics


class NotReady(ModemError):
    """The SIM or the network is not there after the time that it was given."""


class Restart(ModemError):
    """The module started anew while it was asked something."""


class Misuse(ModemError, ValueError):
    """A call that no module could perform: a value out of its range, a client that is not connected."""
