"""ITU-T V.250: the line, the identity, the profile; values and extensions by Quectel's AT commands manual."""

from modemlab.dialects.v250.answers import ANSWERS
from modemlab.dialects.v250.commands import COMMANDS

__all__ = ["ANSWERS", "COMMANDS"]
