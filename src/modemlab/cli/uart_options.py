"""The options that say what the line and the clock of a module are like: `--baud`, `--fifo`, `--noise`, `--speed`."""

import re
from typing import TYPE_CHECKING, Annotated

import typer

from modemlab.cli.common import CliError
from modemlab.text.catalogue import N_

if TYPE_CHECKING:
    from modemlab.ports.pacing import Uart

NUMBER = re.compile(r"[0-9]{1,9}(\.[0-9]{1,12})?", re.ASCII)

# They are read here, not by typer, so that a mistake is told in one line.
Baud = Annotated[str | None, typer.Option(metavar="N", help="Simulate a UART with this bit rate. [default: no delay]")]
Fifo = Annotated[
    str | None,
    typer.Option(
        metavar="BYTES",
        help="Receive FIFO size: while an answer is sent, bytes from the host beyond this size are lost; needs --baud.",
    ),
]
Noise = Annotated[
    str | None,
    typer.Option(metavar="P", help="The probability that a byte is changed, or another one added before it."),
]
Speed = Annotated[
    str | None,
    typer.Option(metavar="X", help="Time scale: run the module's clock X times as fast (date, time-outs, network)."),
]


def read_uart(baud: str | None, fifo: str | None, noise: str | None) -> "Uart | None":
    """What the line is to be like, as typed; None if nothing is asked of it."""
    from modemlab.ports.address import MAX_BAUD, MIN_BAUD
    from modemlab.ports.pacing import MAX_FIFO_BYTES

    return uart_of(
        None if baud is None else int(number_of("--baud", baud, MIN_BAUD, MAX_BAUD, whole=True)),
        None if fifo is None else int(number_of("--fifo", fifo, 1, MAX_FIFO_BYTES, whole=True)),
        None if noise is None else number_of("--noise", noise, 0, 1),
    )


def uart_of(baud: int | None, fifo: int | None, noise: float | None) -> "Uart | None":
    """What the line is to be like, by numbers in their ranges; None if nothing is asked of it."""
    if baud is None and fifo is None and noise is None:
        return None
    from modemlab.ports.pacing import Uart

    if fifo and not baud:
        raise CliError("--fifo needs --baud: without a rate an answer takes no time, and nothing can overrun")
    return Uart(baud or 0, fifo or 0, noise or 0.0)


def read_speed(text: str | None) -> float:
    """How many times as fast the clock runs."""
    from modemlab.clocks.scaled import MAX_SCALE, MIN_SCALE

    return 1.0 if text is None else number_of("--speed", text, MIN_SCALE, MAX_SCALE)


def number_of(option: str, text: str, minimum: float, maximum: float, whole: bool = False) -> float:
    """The number that an option was given."""
    found = NUMBER.fullmatch(text)
    number = float(text) if found is not None else -1.0
    if not minimum <= number <= maximum or (whole and "." in text):
        wrong = N_("{option} {text!r} is not a number of {minimum:,.9g} to {maximum:,.9g}")
        if whole:
            wrong = N_("{option} {text!r} is not a whole number of {minimum:,.9g} to {maximum:,.9g}")
        raise CliError(wrong, option=option, text=text, minimum=minimum, maximum=maximum)
    return number
