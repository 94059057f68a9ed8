"""Error codes of 3GPP TS 27.007, 9.2, and how a failed command is worded under each AT+CMEE.

The words are those of the AT commands manual V1.1, 11.5; 27.007's own for codes that it does not list.
"""

from collections.abc import Mapping

from modemlab.at.steps import ERROR, Refused

NOT_ALLOWED = 3
NOT_SUPPORTED = 4
SIM_NOT_INSERTED = 10
SIM_PIN_REQUIRED = 11
SIM_PUK_REQUIRED = 12
SIM_FAILURE = 13
SIM_BUSY = 14
INCORRECT_PASSWORD = 16
NO_NETWORK_SERVICE = 30
EMERGENCY_ONLY = 32
INCORRECT_PARAMETERS = 50
OPTION_NOT_SUPPORTED = 132
OPTION_NOT_SUBSCRIBED = 133
OPTION_OUT_OF_ORDER = 134
UNSPECIFIED_GPRS = 148
AUTHENTICATION_FAILED = 149

CME_WORDS = {
    0: "Phone failure",
    1: "No connection to phone",
    2: "Phone-adaptor link reserved",
    NOT_ALLOWED: "Operation not allowed",
    NOT_SUPPORTED: "Operation not supported",
    5: "PH-SIM PIN required",
    6: "PH-FSIM PIN required",
    7: "PH-FSIM PUK required",
    SIM_NOT_INSERTED: "SIM not inserted",
    SIM_PIN_REQUIRED: "SIM PIN required",
    SIM_PUK_REQUIRED: "SIM PUK required",
    SIM_FAILURE: "SIM failure",
    SIM_BUSY: "SIM busy",
    15: "SIM wrong",
    INCORRECT_PASSWORD: "Incorrect password",
    17: "SIM PIN2 required",
    18: "SIM PUK2 required",
    20: "Memory full",
    21: "Invalid index",
    22: "Not found",
    23: "Memory failure",
    24: "Text string too long",
    25: "Invalid characters in text string",
    26: "Dial string too long",
    27: "Invalid characters in dial string",
    NO_NETWORK_SERVICE: "No network service",
    31: "Network timeout",
    EMERGENCY_ONLY: "Network not allowed - emergency calls only",
    40: "Network personalization PIN required",
    41: "Network personalization PUK required",
    42: "Network subset personalization PIN required",
    43: "Network subset personalization PUK required",
    44: "Service provider personalization PIN required",
    45: "Service provider personalization PUK required",
    46: "Corporate personalization PIN required",
    47: "Corporate personalization PUK required",
    INCORRECT_PARAMETERS: "Incorrect parameters",
    100: "Unknown",
    103: "Illegal MS",
    106: "Illegal ME",
    107: "GPRS services not allowed",
    111: "PLMN not allowed",
    112: "Location area not allowed",
    113: "Roaming not allowed in this location area",
    OPTION_NOT_SUPPORTED: "service option not supported",
    OPTION_NOT_SUBSCRIBED: "requested service option not subscribed",
    OPTION_OUT_OF_ORDER: "service option temporarily out of order",
    UNSPECIFIED_GPRS: "unspecified GPRS error",
    AUTHENTICATION_FAILED: "PDP authentication failure",
}


def failure(refused: Refused, follows_cmee: bool, cmee: int, words: Mapping[int, str]) -> tuple[int, str]:
    """The final result code of a refused command, as its ATV0 number and its ATV1 words.

    `words` are those of a dialect's codes. A code without words is reported by number under AT+CMEE=2 too.
    The number is 4 for every failure: V.250 knows no other.
    """
    if not follows_cmee or refused.cme is None or cmee == 0:
        return ERROR
    shown = str(refused.cme)
    if cmee == 2:
        shown = words.get(refused.cme, shown)
    return ERROR.number, f"+CME ERROR: {shown}"
