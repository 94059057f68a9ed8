"""What the world does to a mobile, by name and in plain data: for scenario files, a control API and transcripts."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from modemlab.module.mobile import Mobile
from modemlab.text.figures import shown


class Action(NamedTuple):
    """The arguments of a method of the mobile, and whether it takes `now` too."""

    required: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    timed: bool = True


ACTIONS = {
    "insert": Action(("card",)),
    "reinsert": Action(),
    "lock": Action((), ("pin", "puk")),
    "cover": Action(("stat",), ("cause",)),
    "serve": Action(("operator",), timed=False),
    "move": Action(("cell",), timed=False),
    "receive_signal": Action(("signal",)),
    "enter_zone": Action(("zone", "daylight")),
    "tell_time": Action(("time",)),
    "withhold_time": Action(timed=False),
    "force_detach": Action((), ("cause",)),
    "refuse_contexts": Action((), ("cause", "cids"), timed=False),
    "accept_contexts": Action(timed=False),
    "drop_context": Action(("cid",), ("cause",), timed=False),
    "change_address": Action(("cid",), ("address",), timed=False),
}


def act(mobile: Mobile, name: str, arguments: Mapping[str, Any], now: float) -> None:
    """Do what is named to the mobile. Raises ValueError, of one line, for an unknown name or a bad argument."""
    action = ACTIONS.get(name)
    if action is None:
        raise ValueError(f"{shown(name)} is not one of {', '.join(ACTIONS)}")
    known = (*action.required, *action.optional)
    for argument in arguments:
        if argument not in known:
            raise ValueError(f"{name} takes {', '.join(known) or 'nothing'}, not {argument}")
    for argument in action.required:
        if argument not in arguments:
            raise ValueError(f"{name} needs {argument}")
    timed = {"now": now} if action.timed else {}
    getattr(mobile, name)(**arguments, **timed)
