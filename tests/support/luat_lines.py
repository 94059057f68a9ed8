"""Pieces of transcripts of Luat's modules: what is asked, what is answered, the client taken to a state."""

from support.qmt_lines import ok, read, urc

__all__ = [
    "BOOT",
    "HOST",
    "MODEL",
    "ONLINE",
    "STARTED",
    "asks",
    "cme",
    "connected",
    "error",
    "ok",
    "opened",
    "read",
    "urc",
]

MODEL = "Air724UG"
HOST = "broker.example"
STARTED = urc("RDY", "^MODE: 17,17", "+E_UTRAN Service", "+CGEV: ME PDN ACT 1", "+NITZ: 70/01/01,00:00:00+32,0")
BOOT = STARTED + ">> ATE0\n<< ATE0\\r\n<< OK\n"


def cme(code: int | str, *typed: str) -> str:
    """Each line is refused with that code."""
    return "".join(f">> {line}\n<<\n<< +CME ERROR: {code}\n" for line in typed)


def error(*typed: str) -> str:
    """Each line is refused by ERROR alone."""
    return "".join(f">> {line}\n<<\n<< ERROR\n" for line in typed)


def asks(line: str) -> str:
    """The line is answered by the prompt, without a blank."""
    return f">> {line}\n<<| \\r\\n>\n"


def opened() -> str:
    """Connection established."""
    return ok(f"AT+MIPSTART={HOST},1883") + f"S: opened {HOST}:1883\n" + urc("CONNECT OK")


def connected(fields: str = "keep_alive=300") -> str:
    """The session stands, on an open connection."""
    return (
        ok("AT+MCONFIG=pump", "AT+MCONNECT=1,300")
        + f'S> Connect("pump", {fields})\nS< Connack(0)\n'
        + urc("CONNACK OK")
    )


ONLINE = BOOT + opened() + connected()
