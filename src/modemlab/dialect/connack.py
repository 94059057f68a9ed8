"""What a CONNACK that refuses says, by its return code (MQTT 3.1.1, table 3.1), and what helps."""

from modemlab.text.catalogue import N_
from modemlab.text.reason import Reason, Sentence

# What it says, and what helps; `how` says how, or where.
REFUSALS = {
    1: (N_("unacceptable protocol version"), N_("choose another{how}")),
    2: (N_("client id rejected"), N_("choose another{how}")),
    3: (N_("server unavailable"), N_("try later{how}")),
    4: (N_("bad user name or password"), N_("check both{how}")),
    5: (N_("not authorized"), N_("check the client id and the user{how}, and the rights that the server gives them")),
}


def refusal(server: object, code: int) -> Reason:
    """What a server did that answered with this return code."""
    message = N_("{server} refused the login: {reason} (CONNACK {code})")
    reason = REFUSALS[code][0] if code in REFUSALS else N_("unknown reason")
    return Sentence(message, server=server, reason=Sentence(reason), code=code)


def refusal_remedy(code: int, how: Reason | str = "") -> Reason | None:
    """What helps against that return code; None where nothing is known."""
    return Sentence(REFUSALS[code][1], how=how) if code in REFUSALS else None
