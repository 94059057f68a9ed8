"""The file commands of EC200x, EC600x and EG912Y, as tables (file guide V1.0)."""

from modemlab.at.command import Command, commands_of
from modemlab.at.parameters import Choice, Int, Param, Text, maybe

GUIDE = "file guide V1.0"

INVALID_VALUE = 400
BEYOND_THE_FILE = 401
NOTHING_READ = 402
DRIVE_FULL = 403
NOT_FOUND = 405
INVALID_NAME = 406
EXISTS = 407
NOT_WRITTEN = 409
NOT_OPENED = 410
NOT_READ = 411
TOO_MANY_OPEN = 413
READ_ONLY = 414
INVALID_HANDLE = 416
NOT_LISTED = 417
NOT_DELETED = 418
NO_DISK = 419
TIME_OUT = 421
TOO_LARGE = 423
ALREADY_OPEN = 426

# Table 2.
ERRORS = {
    INVALID_VALUE: "Invalid input value",
    BEYOND_THE_FILE: "Larger than the size of the file",
    NOTHING_READ: "Read zero byte",
    DRIVE_FULL: "Drive full",
    NOT_FOUND: "File not found",
    INVALID_NAME: "Invalid file name",
    EXISTS: "File already exists",
    NOT_WRITTEN: "Fail to write the file",
    NOT_OPENED: "Fail to open the file",
    NOT_READ: "Fail to read the file",
    TOO_MANY_OPEN: "Reach the max number of file allowed to be opened",
    READ_ONLY: "The file read-only",
    INVALID_HANDLE: "Invalid file descriptor",
    NOT_LISTED: "Fail to list the file",
    NOT_DELETED: "Fail to delete the file",
    NO_DISK: "Fail to get disk info",
    420: "No space",
    TIME_OUT: "Time out",
    TOO_LARGE: "File too large",
    425: "Invalid parameter",
    ALREADY_OPEN: "File already opened",
}
# Told as a number with AT+CMEE=2 too, as modules were seen to do.
NUMBERED = frozenset({TIME_OUT})

MAX_FILE_BYTES = 2**31 - 1
DEFAULT_SIZE = 10_240

filename = Text("filename", 80, minimum=1, meaning="File; without `UFS:` ahead it is in the user file storage too")
pattern = Text("name_pattern", 80, minimum=1, meaning="`*` for all files, or one file")
file_size = Int("file_size", 0, MAX_FILE_BYTES, "Length of the file", unit="bytes")
filehandle = Int("filehandle", 0, 2**32 - 1, "What AT+QFOPEN gave")
mode = Choice(
    "mode",
    {
        0: "read and write, made if it is missing",
        1: "read and write, made if it is missing, emptied if it is there",
        2: "read only, an error if it is missing",
    },
    "How the file is opened",
    default=0,
)
timeout = Int("timeout", 1, 65535, "How long data is awaited, from the latest on", default=5, unit="s")
checksum = Text("checksum", bare=True, meaning="16-bit exclusive or of the data, in hexadecimal")

# Lines that the write forms answer.
FREE_SPACE_PARAMS: tuple[Param, ...] = (
    Int("free_size", 0, MAX_FILE_BYTES, "What is free", unit="bytes"),
    Int("total_size", 0, MAX_FILE_BYTES, "All there is", unit="bytes"),
)
TRANSFER: tuple[Param, ...] = (file_size, checksum)
POSITION: tuple[Param, ...] = (Int("offset", 0, MAX_FILE_BYTES, "How far from the begin", unit="bytes"),)
WRITTEN: tuple[Param, ...] = (
    Int("written_length", 0, MAX_FILE_BYTES, "How much was written", unit="bytes"),
    Int("total_length", 0, MAX_FILE_BYTES, "Length of the file", unit="bytes"),
)

ESCAPE_NOTE = "`+++` by itself, with a second of silence on either side, leaves data mode."

QFLDS = Command(
    "+QFLDS",
    "Space of a storage medium",
    f"{GUIDE}, 2.2.1",
    params=(Choice("name_pattern", {"UFS": "user file storage", "SD": "SD card"}, "Storage medium"),),
    execute=(
        Int("UFS_file_size", 0, MAX_FILE_BYTES, "Length of all files together", unit="bytes"),
        Int("UFS_file_number", 0, MAX_FILE_BYTES, "How many files there are"),
    ),
    test="",
    cme=True,
    faulty=INVALID_VALUE,
    note="The write form answers +QFLDS: <free_size>,<total_size>.",
)
QFLST = Command(
    "+QFLST",
    "List of files",
    f"{GUIDE}, 2.2.2",
    params=(pattern,),
    execute=(filename, file_size),
    test="",
    cme=True,
    faulty=INVALID_VALUE,
    note="The write form answers the same lines.",
)
QFDEL = Command(
    "+QFDEL",
    "Delete files",
    f"{GUIDE}, 2.2.3",
    params=(Text("filename", 80, minimum=1, meaning="`*` for all files, or one file"),),
    test="+QFDEL: <filename>",
    cme=True,
    faulty=INVALID_VALUE,
)
QFUPL = Command(
    "+QFUPL",
    "Upload a file",
    f"{GUIDE}, 2.2.4",
    params=(
        filename,
        maybe(
            Int("file_size", 1, MAX_FILE_BYTES, "At most what is free", default=DEFAULT_SIZE, unit="bytes", counts=True)
        ),
        maybe(timeout),
        maybe(Choice("ackmode", {0: "off", 1: "an `A` is said behind each 1,024 bytes"}, default=0)),
    ),
    test="+QFUPL: <filename>[,(1-<freesize>)[,(1-65535)[,(0,1)]]]",
    max_response=5,
    cme=True,
    faulty=INVALID_VALUE,
    note=f"CONNECT asks for the data; +QFUPL: <upload_size>,<checksum> follows it. {ESCAPE_NOTE}",
    bare="CONNECT",
)
QFDWL = Command(
    "+QFDWL",
    "Download a file",
    f"{GUIDE}, 2.2.5",
    params=(filename,),
    test="+QFDWL: <filename>",
    max_response=5,
    cme=True,
    faulty=INVALID_VALUE,
    note="The data follows CONNECT, +QFDWL: <download_size>,<checksum> follows the data.",
    bare=".*",
)
QFOPEN = Command(
    "+QFOPEN",
    "Open a file",
    f"{GUIDE}, 2.2.6",
    params=(filename, maybe(mode)),
    read=(filename, filehandle, mode),
    test="+QFOPEN: <filename>[,(0-2)]",
    cme=True,
    faulty=INVALID_VALUE,
    note="The write form answers +QFOPEN: <filehandle>.",
)
QFREAD = Command(
    "+QFREAD",
    "Read from an open file",
    f"{GUIDE}, 2.2.7",
    params=(
        filehandle,
        maybe(Int("length", 1, MAX_FILE_BYTES, "Left out: all that is left of the file", unit="bytes")),
    ),
    test="+QFREAD: <filehandle>[,<length>]",
    max_response=5,
    cme=True,
    faulty=INVALID_VALUE,
    note="The data follows CONNECT <read_length>.",
    bare=".*",
)
QFWRITE = Command(
    "+QFWRITE",
    "Write to an open file",
    f"{GUIDE}, 2.2.8",
    params=(
        filehandle,
        maybe(
            Int("length", 1, MAX_FILE_BYTES, "At most what is free", default=DEFAULT_SIZE, unit="bytes", counts=True)
        ),
        maybe(timeout),
    ),
    test="+QFWRITE: <filehandle>[,<length>[,<timeout>]]",
    max_response=5,
    cme=True,
    faulty=INVALID_VALUE,
    note=f"CONNECT asks for the data; +QFWRITE: <written_length>,<total_length> follows it. {ESCAPE_NOTE}",
    bare="CONNECT",
)
QFSEEK = Command(
    "+QFSEEK",
    "Set the position in an open file",
    f"{GUIDE}, 2.2.9",
    params=(
        filehandle,
        Int("offset", 0, MAX_FILE_BYTES, "How far", unit="bytes"),
        maybe(
            Choice(
                "position",
                {0: "from the begin on", 1: "from the present position on", 2: "from the end back"},
                default=0,
            )
        ),
    ),
    test="+QFSEEK: <filehandle>,<offset>[,<position>]",
    cme=True,
    faulty=INVALID_VALUE,
)
QFPOSITION = Command(
    "+QFPOSITION",
    "Position in an open file",
    f"{GUIDE}, 2.2.10",
    params=(filehandle,),
    test="+QFPOSITION: <filehandle>",
    cme=True,
    faulty=INVALID_VALUE,
    note="The write form answers +QFPOSITION: <offset>.",
)
QFCLOSE = Command(
    "+QFCLOSE",
    "Close a file",
    f"{GUIDE}, 2.2.11",
    params=(filehandle,),
    test="+QFCLOSE: <filehandle>",
    cme=True,
    faulty=INVALID_VALUE,
)

COMMANDS = commands_of(globals())
