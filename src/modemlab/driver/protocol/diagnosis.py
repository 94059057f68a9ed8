"""What passed on a line before a module was found, or was not, in words: what may be wrong and what helps."""

from collections.abc import Sequence

from modemlab.dialect.recipes import NetworkStatus
from modemlab.driver.protocol.identify import ESCAPE, VERBOSE_RESULTS
from modemlab.text.catalogue import N_
from modemlab.text.reason import Reason, Sentence

# What passed on a line: whether the module said it, and the bytes.
Passed = Sequence[tuple[bool, bytes]]
# The share of bytes from which on what comes is no text.
NOISE_RATIO = 0.2
CR_FILL = b"\r\r\r"
UNFINISHED_DATA = N_(
    "the module answered only after many CR: a host had left it in data mode with an incomplete message, which has now "
    "been filled with CR and sent"
)
LEFT_IN_DATA_MODE = N_(
    "the module answered only after Esc: a host had left it in data mode; the incomplete message is discarded"
)
NO_ANSWER = N_(
    "the module did not answer the first AT: it was detecting the baud rate, it was asleep, or a host had turned its "
    "result codes off or set them to numbers"
)
NO_MODULE = N_("no data is received: behind this port there is no module, or the module has no power or is asleep")
NO_MODULE_ON_LINE = N_(
    "no data is received: the module has no power or is asleep, TX and RX are not crossed, flow control stops it, or "
    "this is another of its ports"
)
NOISE = N_("what comes is not text: behind this port there is no module, or a serial line at another baud rate")
NOISE_ON_LINE = N_("what comes is not text: the baud rate is not {baud} bit/s, or the ground wire is missing")
POSITIONS = N_("GNSS positions (NMEA) come: this is the port of the GNSS receiver, not the port for AT commands")
ECHO_ALONE = N_("only what is sent comes back: TX and RX are connected, or a module in data mode echoes")
OTHER_TALK = N_("something sends data, but does not answer AT: {begin}")
PIN_REMEDIES = {
    "SIM PIN": N_('AT+CPIN="1234" enters its PIN'),
    "SIM PUK": N_('AT+CPIN="<PUK>","<new PIN>" unblocks it'),
}
SIM_REMEDY = N_("check that it is inserted the right way round")
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


def silence(passed: Passed, baud: int | None) -> Reason:
    """Why nobody answers, by what came instead; `baud` is the rate, None for a port that has none, as over TCP."""
    heard = said(passed)
    text = sum(0x20 <= byte < 0x7F or byte in b"\r\n\t" for byte in heard)
    if not heard:
        return Sentence(NO_MODULE if baud is None else NO_MODULE_ON_LINE)
    if text < len(heard) * (1 - NOISE_RATIO):
        return Sentence(NOISE) if baud is None else Sentence(NOISE_ON_LINE, baud=baud)
    if b"$G" in heard and b"," in heard:
        return Sentence(POSITIONS)
    if heard.strip() and heard.replace(b"AT\r", b"").replace(VERBOSE_RESULTS + b"\r", b"").strip(b"\x1b\r\n") == b"":
        return Sentence(ECHO_ALONE)
    return Sentence(OTHER_TALK, begin=repr(heard[:40]))


def remarks(passed: Passed) -> list[Reason]:
    """What it took to have the first answer, if that was more than one AT."""
    sent = asked(passed)
    if CR_FILL in sent:
        return [Sentence(UNFINISHED_DATA)]
    if ESCAPE in sent:
        return [Sentence(LEFT_IN_DATA_MODE)]
    return [Sentence(NO_ANSWER)] if VERBOSE_RESULTS in sent else []


def signal_words(signal: int) -> Reason:
    """What +CSQ shows."""
    if not 0 <= signal <= 31:
        return Sentence(N_("unknown"))
    return Sentence(N_("{signal} of 31, {power} dBm"), signal=signal, power=RSSI_BASE_DBM + 2 * signal)


def shortcomings(look: NetworkStatus) -> list[Reason]:
    """What stands between a host and its network, and what helps."""
    found: list[Reason] = []
    if look.sim != "READY":
        remedy = Sentence(PIN_REMEDIES.get(look.sim, SIM_REMEDY))
        found.append(Sentence(N_("the SIM is not ready: {state}; {remedy}"), state=Sentence(look.sim), remedy=remedy))
    elif look.missing:
        found.append(look.missing)
    if look.signal == NO_SIGNAL:
        found.append(
            Sentence(N_("no signal: is the antenna connected, and is there a network that this model supports?"))
        )
    elif look.signal <= WEAKEST:
        found.append(Sentence(N_("the signal is weak: {signal}"), signal=signal_words(look.signal)))
    return found
