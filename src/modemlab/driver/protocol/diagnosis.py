"""What passed on a line before a module was found, or was not, in words: what may be wrong and what helps."""

from collections.abc import Sequence

from modemlab.dialect.recipes import NetworkStatus
from modemlab.driver.protocol.identify import ESCAPE, VERBOSE_RESULTS

# What passed on a line: whether the module said it, and the bytes.
Passed = Sequence[tuple[bool, bytes]]
# The share of bytes from which on what comes is no text.
NOISE_RATIO = 0.2
CR_FILL = b"\r\r\r"
UNFINISHED_DATA = (
    "it answered only behind a row of CR: a host had left it in data mode, with a message half typed, which is filled "
    "up and sent now"
)
LEFT_IN_DATA_MODE = "it answered only behind Esc: a host had left it in data mode; what was typed is thrown away"
NO_ANSWER = (
    "it did not answer the first AT: it finds its rate by that, was asleep, or a host had left its result codes off or "
    "as numbers"
)
NO_SIGNAL, WEAKEST, RSSI_BASE_DBM = 99, 5, -113


def said(passed: Passed) -> bytes:
    """All that the module said."""
    return b"".join(data for heard, data in passed if heard)


def asked(passed: Passed) -> bytes:
    """All that was sent until the first OK came, or at all."""
    sent, heard = b"", b""
    for from_module, data in passed:
        if from_module:
            heard += data
        else:
            sent += data
        if b"OK\r\n" in heard:
            break
    return sent


def echoes(passed: Passed) -> bool:
    """Whether the module repeated what it was sent."""
    return b"AT\r" in said(passed)


def silence(passed: Passed, baud: int | None) -> str:
    """Why nobody answers, by what came instead; `baud` is the rate, None for a port that has none, as over TCP."""
    heard = said(passed)
    text = sum(0x20 <= byte < 0x7F or byte in b"\r\n\t" for byte in heard)
    if not heard and baud is None:
        return "nothing comes back: what stands behind the port is no module, or one that has no power or sleeps"
    if not heard:
        return (
            "nothing comes back: the module has no power or sleeps, TX and RX are not crossed, flow control holds it, "
            "or this is another of its ports"
        )
    if text < len(heard) * (1 - NOISE_RATIO):
        if baud is None:
            return "what comes is no text: what stands behind the port is no module, or a serial line at another rate"
        return f"what comes is no text: the rate is another than {baud} bit/s, or the line's ground is missing"
    if b"$G" in heard and b"," in heard:
        return "positions come (NMEA): this is the port of the receiver for satellites, not that for AT commands"
    if heard.strip() and heard.replace(b"AT\r", b"").replace(VERBOSE_RESULTS + b"\r", b"").strip(b"\x1b\r\n") == b"":
        return "only what is sent comes back: TX and RX are joined, or a modem echoes that is in data mode"
    return f"something talks, but does not answer AT: {heard[:40]!r}"


def remarks(passed: Passed) -> list[str]:
    """What it took to have the first answer, if that was more than one AT."""
    sent = asked(passed)
    if CR_FILL in sent:
        return [UNFINISHED_DATA]
    if ESCAPE in sent:
        return [LEFT_IN_DATA_MODE]
    return [NO_ANSWER] if VERBOSE_RESULTS in sent else []


def signal_words(signal: int) -> str:
    """What +CSQ shows."""
    if not 0 <= signal <= 31:
        return "unknown"
    return f"{signal} of 31, {RSSI_BASE_DBM + 2 * signal} dBm"


def shortcomings(look: NetworkStatus) -> list[str]:
    """What stands between a host and its network, and what helps."""
    found = []
    if look.sim != "READY":
        helps = {"SIM PIN": 'AT+CPIN="1234" gives its PIN', "SIM PUK": 'AT+CPIN="<PUK>","<new PIN>" unblocks it'}
        found.append(f"the SIM is not ready: {look.sim}; {helps.get(look.sim, 'is it in its holder, the right way?')}")
    elif look.missing:
        found.append(look.missing)
    if look.signal == NO_SIGNAL:
        found.append("no signal is known: is the antenna on, is there a network that this model receives?")
    elif look.signal <= WEAKEST:
        found.append(f"the signal is weak: {signal_words(look.signal)}")
    return found
