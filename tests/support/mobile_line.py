"""What the tests of a mobile's commands share: a module that is on and quiet, and the answers' exact bytes."""

from modemlab.module.module import Module
from support.helpers import exchange, make_module

OK = b"\r\nOK\r\n"
ERROR = b"\r\nERROR\r\n"
# 2023-11-14, 22:13:20 UTC
UTC = 1_700_000_000.0


def quiet_module(name: str = "EC200T-CN", **options: object) -> Module:
    """A module that is on, has said RDY, and does not echo."""
    module = make_module(name, utc=UTC, **options)
    module.power_on(0.0)
    exchange(module, b"ATE0")
    return module


def info(*lines: str) -> bytes:
    """Information lines and OK."""
    return ("\r\n" + "".join(line + "\r\n" for line in lines) + "\r\nOK\r\n").encode()


def urc(*lines: str) -> bytes:
    """URCs."""
    return "".join(f"\r\n{line}\r\n" for line in lines).encode()


def cme(code: int | str) -> bytes:
    """A failure of a command that follows AT+CMEE."""
    return f"\r\n+CME ERROR: {code}\r\n".encode()


def answer(module: Module, line: str, now: float = 0.0) -> bytes:
    """What a module says to a line, and to its URCs."""
    return exchange(module, line.encode(), now)


def play(module: Module, *steps: tuple[str, bytes]) -> None:
    """Lines and what must be said to each."""
    for line, said in steps:
        assert answer(module, line) == said, line
