"""Pieces of transcripts of the MQTT commands: what is asked, what is answered, a client taken to a state."""

BOOT = "<<\n<< RDY\n>> ATE0\n<< ATE0\\r\n<< OK\n"
HOST = "broker.example"


def ok(*lines: str) -> str:
    """Each line is answered by OK alone."""
    return "".join(f">> {line}\n<<\n<< OK\n" for line in lines)


def error(*lines: str) -> str:
    """Each line is answered by ERROR alone."""
    return "".join(f">> {line}\n<<\n<< ERROR\n" for line in lines)


def read(line: str, *infos: str) -> str:
    """The line is answered by these information lines and OK."""
    shown = "".join(f"<< {info}\n" for info in infos)
    return f">> {line}\n<<\n{shown}<<\n<< OK\n" if infos else ok(line)


def urc(*lines: str) -> str:
    """These URCs come."""
    return "".join(f"<<\n<< {line}\n" for line in lines)


def cfg(option: str, *values: object, client: int = 0) -> str:
    """AT+QMTCFG of an option, answered by OK."""
    return ok(f'AT+QMTCFG="{option}",' + ",".join(map(str, (client, *values))))


def shows(option: str, *values: object, client: int = 0) -> str:
    """AT+QMTCFG without values shows these."""
    return read(f'AT+QMTCFG="{option}",{client}', f'+QMTCFG: "{option}",' + ",".join(map(str, values)))


def opened(client: int = 0) -> str:
    """The client's network is opened."""
    return ok(f'AT+QMTOPEN={client},"{HOST}",1883') + f"S: opened {HOST}:1883\n" + urc(f"+QMTOPEN: {client},0")


def connected(client: int = 0, fields: str = "level=3, keep_alive=120") -> str:
    """The client, open, is connected; `fields` are those of its CONNECT."""
    return (
        ok(f'AT+QMTCONN={client},"pump"')
        + f'S> Connect("pump", {fields})\nS< Connack(0)\n'
        + urc(f"+QMTCONN: {client},0,0")
    )


def online(*settings: str, fields: str = "level=3, keep_alive=120") -> str:
    """A module just started whose client 0 is connected, with settings made before."""
    return BOOT + "".join(settings) + opened() + connected(0, fields)


def prompt(line: str) -> str:
    """The line is answered by a prompt."""
    return f">> {line}\n<<| \\r\\n>\\x20\n"


def publish(line: str, payload: str) -> str:
    """The line's prompt gets this payload and OK follows."""
    return prompt(line) + (f">>| {payload}\n" if payload else "") + "<<\n<< OK\n"


def lost(code: int, client: int = 0) -> str:
    """The client's link ended by itself: its URC, and the stream is closed."""
    return urc(f"+QMTSTAT: {client},{code}") + "S: close\n"
