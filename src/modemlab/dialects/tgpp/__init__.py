"""3GPP TS 27.007: the mobile's commands; values by Quectel's AT commands manual."""

from modemlab.dialects.tgpp.answers import ANSWERS
from modemlab.dialects.tgpp.commands import COMMANDS
from modemlab.dialects.tgpp.urcs import URC_MAKERS

__all__ = ["ANSWERS", "COMMANDS", "URC_MAKERS"]
