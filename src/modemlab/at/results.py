"""Error codes of 3GPP TS 27.007, 9.2 and how a failed command is worded under each AT+CMEE."""

from modemlab.at.verbs import ERROR, Refused

NOT_ALLOWED = 3
NOT_SUPPORTED = 4
SIM_NOT_INSERTED = 10
SIM_PIN_REQUIRED = 11
SIM_PUK_REQUIRED = 12
SIM_FAILURE = 13
SIM_BUSY = 14
INCORRECT_PASSWORD = 16
NO_NETWORK_SERVICE = 30
INCORRECT_PARAMETERS = 50

CME_WORDS = {
    0: "phone failure",
    1: "no connection to phone",
    2: "phone-adaptor link reserved",
    NOT_ALLOWED: "operation not allowed",
    NOT_SUPPORTED: "operation not supported",
    5: "PH-SIM PIN required",
    SIM_NOT_INSERTED: "SIM not inserted",
    SIM_PIN_REQUIRED: "SIM PIN required",
    SIM_PUK_REQUIRED: "SIM PUK required",
    SIM_FAILURE: "SIM failure",
    SIM_BUSY: "SIM busy",
    15: "SIM wrong",
    INCORRECT_PASSWORD: "incorrect password",
    17: "SIM PIN2 required",
    18: "SIM PUK2 required",
    20: "memory full",
    21: "invalid index",
    22: "not found",
    23: "memory failure",
    24: "text string too long",
    25: "invalid characters in text string",
    26: "dial string too long",
    27: "invalid characters in dial string",
    NO_NETWORK_SERVICE: "no network service",
    31: "network timeout",
    32: "network not allowed - emergency calls only",
    INCORRECT_PARAMETERS: "incorrect parameters",
    100: "unknown",
}


def failure(refused: Refused, follows_cmee: bool, cmee: int) -> tuple[int, str]:
    """The final result code of a refused command, as its ATV0 number and its ATV1 words.

    A code without words of its own is reported by number under AT+CMEE=2 too. The number is 4 for every
    failure: V.250 knows no other.
    """
    if not follows_cmee or refused.cme is None or cmee == 0:
        return ERROR
    shown = CME_WORDS.get(refused.cme, str(refused.cme)) if cmee == 2 else str(refused.cme)
    return ERROR.number, f"+CME ERROR: {shown}"
