"""The files of Luat's modules, as a table (Luat AT manual V1.6.3, chapter 11)."""

from modemlab.at.command import commands_of
from modemlab.at.parameters import Choice, Int, Text
from modemlab.dialects.luat.network_commands import MANUAL, declare

# The most that is read or written at once, in bytes.
MAX_TRANSFER_BYTES = 10_240

filename = Text("filename", 64, 1, "Name of the file")
FSCREATE = declare("+FSCREATE", "New file", f"{MANUAL}, 11.1", params=(filename,), test="")
FSREAD = declare(
    "+FSREAD",
    "Content of a file",
    f"{MANUAL}, 11.2",
    params=(
        filename,
        Choice("mode", {0: "from the beginning", 1: "from <position> on"}),
        Int("filesize", 1, MAX_TRANSFER_BYTES, "How much to read; less is read where the file ends", unit="bytes"),
        Int("position", 0, 4_294_967_295, "Where to begin, less than the file's length"),
    ),
    test="",
    bare=".*",
)
FSWRITE = declare(
    "+FSWRITE",
    "Write to a file",
    f"{MANUAL}, 11.4",
    params=(
        filename,
        Choice("mode", {0: "in place of the content", 1: "behind it"}),
        Int("filesize", 1, MAX_TRANSFER_BYTES, "Length of the data", unit="bytes", counts=True),
        Int("inputtime", 1, 4_294_967_295, "How long the data may take", unit="s"),
    ),
    test="",
    note="The data follows the prompt. When it takes too long, TimeOut comes in place of OK and nothing is written.",
)
FSDEL = declare("+FSDEL", "Delete a file", f"{MANUAL}, 11.10", params=(filename,), test="")
FSFLSIZE = declare("+FSFLSIZE", "Length of a file", f"{MANUAL}, 11.11", params=(filename,), test="")
FSMEM = declare(
    "+FSMEM", "Free space", f"{MANUAL}, 11.7", execute=(Int("size", 0, 4_294_967_295, "Bytes", tail=" bytes"),), test=""
)

COMMANDS = commands_of(globals())
