"""The file commands as transcripts: exact bytes, every error, power, and hosts that stop half-way (file guide V1.0)."""

import errno

import pytest

from modemlab.module.memory_files import STORE_BYTES, MemoryFiles
from modemlab.module.module import Module
from modemlab.module.playback import replay_offline
from support.file_lines import at, checksum, cme, connect, files, handle, reads, seek, upload, wrote
from support.helpers import PIECES, exchange, hold, make_module
from support.mobile_line import OK, quiet_module
from support.qmt_lines import BOOT, error, ok, read

HERE = {"a.txt": b"12345", "empty": b""}


def store() -> MemoryFiles:
    """A store with two files."""
    return MemoryFiles(HERE)


def play(transcript: str, contents: dict[str, bytes] | None = None) -> None:
    """Hold modules with these files to a transcript, each split on files of its own."""
    hold_with(BOOT + transcript, contents or {})


def hold_with(transcript: str, contents: dict[str, bytes], total: int = STORE_BYTES) -> None:
    """As `helpers.hold`, with a fresh store for each split."""
    for piece in PIECES:
        module = make_module(files=MemoryFiles(contents, total))
        differences = replay_offline(module, transcript, piece)
        assert not differences, f"in pieces of {piece}:\n" + "\n".join(map(str, differences))


# Upload and download


def test_upload_and_download() -> None:
    play(
        upload("a.txt", "1234567890", "3938")
        + connect('AT+QFDWL="a.txt"')
        + "<<| 1234567890\n<<\n<< +QFDWL: 10,3938\n<<\n<< OK\n"
        + connect('AT+QFDWL="ufs:a.txt"')
        + "<<| 1234567890\n<<\n<< +QFDWL: 10,3938\n<<\n<< OK\n"
        + files(("a.txt", 10))
        + read("AT+QFLDS", "+QFLDS: 10,1")
        + read('AT+QFLDS="UFS"', "+QFLDS: 282624,286720")
        + ok('AT+QFDEL="UFS:a.txt"')
        + files()
        + read("AT+QFLDS", "+QFLDS: 0,0")
    )


def test_an_empty_file() -> None:
    play(
        files(("a.txt", 5), ("empty", 0))
        + connect('AT+QFDWL="empty"')
        + "<<\n<< +QFDWL: 0,0\n<<\n<< OK\n"
        + read('AT+QFLDS="UFS"', f"+QFLDS: {STORE_BYTES - 8192},{STORE_BYTES}"),
        HERE,
    )


@pytest.mark.parametrize(
    ("data", "result"),
    [("1234567890", "3938"), ("a", "6100"), ("\x0f", "f00"), ("\0\x01", "1"), ("abc", "262"), ("abab", "0")],
)
def test_checksums(data: str, result: str) -> None:
    """The printed one, an odd last byte, lower case, no zeros ahead (2.2.4, note 2)."""
    assert checksum(data.encode()) == result
    play(upload("x", "".join(f"\\x{ord(c):02x}" for c in data), result).replace(f"{4 * len(data)}", str(len(data))))


@pytest.mark.parametrize("piece", [*PIECES, 1023, 1024, 1025])
@pytest.mark.parametrize("size", [1, 1023, 1024, 1025, 2048, 3000])
def test_ack_mode(piece: int, size: int) -> None:
    """An `A` behind each 1,024 bytes, wherever the data is cut; the example of 3.1.1.2 has 3,000."""
    module = quiet_module(files=MemoryFiles())
    data = bytes(n % 251 for n in range(size))
    assert exchange(module, b'AT+QFUPL="test.txt",%d,5,1' % size) == b"\r\nCONNECT\r\n"
    step = piece or size
    said = b""
    for start in range(0, size, step):
        module.receive(data[start : start + step], 0.0)
        came = module.data_to_send()
        done = min(start + step, size) // 1024 - start // 1024
        assert came.startswith(b"A" * done)
        said += came
    end = b"\r\n+QFUPL: %d,%b\r\n\r\nOK\r\n" % (size, checksum(data).encode())
    assert said == b"A" * (size // 1024) + end
    assert module.files.read("test.txt") == data


@pytest.mark.parametrize("piece", [0, 1, 7])
def test_any_byte_is_content(piece: int) -> None:
    data = bytes(range(256)) + b"\x1a\x1b+++AT\rA/\r\n" + bytes(reversed(range(256)))
    module = quiet_module(files=MemoryFiles())
    assert exchange(module, b'AT+QFUPL="b",%d' % len(data)) == b"\r\nCONNECT\r\n"
    for start in range(0, len(data), piece or len(data)):
        module.receive(data[start : start + (piece or len(data))], 5.0)
    assert module.data_to_send() == b"\r\n+QFUPL: %d,%b\r\n\r\nOK\r\n" % (len(data), checksum(data).encode())
    assert exchange(module, b'AT+QFDWL="b"').startswith(b"\r\nCONNECT\r\n" + data + b"\r\n+QFDWL: ")


def test_nothing_is_echoed_and_more_falls_silent() -> None:
    hold(
        "<<\n<< RDY\n"
        '>> AT+QFUPL="a",2\n<<| AT+QFUPL="a",2\\r\\r\\nCONNECT\\r\\n\n'
        ">>| xyzz\\r\\n\n<<\n<< +QFUPL: 2,7879\n<<\n<< OK\n"
    )


def test_data_that_stops_is_kept_and_told() -> None:
    """5 s after the latest byte, or as long as told: what came, then 421."""
    play(
        connect('AT+QFUPL="a"')
        + ">>| 123\n~~ 4.75\n>>| 45\n~~ 4.75\n~~ 0.25\n<<\n<< +QFUPL: 5,3706\n<<\n<< +CME ERROR: 421\n"
        + files(("a", 5))
        + connect('AT+QFUPL="b",100,60')
        + ">>| 12\n~~ 59.75\n~~ 0.25\n<<\n<< +QFUPL: 2,3132\n<<\n<< +CME ERROR: 421\n"
        + connect('AT+QFUPL="c",100,1')
        + "~~ 0.75\n~~ 0.25\n<<\n<< +QFUPL: 0,0\n<<\n<< +CME ERROR: 421\n"
        + files(("a", 5), ("b", 2), ("c", 0))
    )


def test_leaving_data_mode() -> None:
    """`+++` with a second of silence around it: what came before is kept (1.2; 2.2.4, note 2)."""
    start = connect('AT+QFUPL="a",10')
    end = "<<\n<< +QFUPL: 3,232\n<<\n<< OK\n" + files(("a", 3))
    play(start + ">>| 123\n~~ 1\n>>| +++\n~~ 0.75\n~~ 0.25\n" + end)
    play(start + ">>| 123\n~~ 1\n>>| +\n~~ 0.3\n>>| ++\n~~ 0.75\n~~ 0.25\n" + end)
    play(start + "~~ 1\n>>| +++\n~~ 1\n<<\n<< +QFUPL: 0,0\n<<\n<< OK\n" + files(("a", 0)))


@pytest.mark.parametrize(
    "typed",
    [
        "+++",  # at once
        "~~ 0.75\n>>| +++",
        "~~ 1\n>>| ++++",
        "~~ 1\n>>| +++\n~~ 0.75\n>>| x",
        "~~ 1\n>>| ++\n~~ 0.75",
        "~~ 1\n>>| x+++",
        "~~ 1\n>>| +++x",
        "~~ 1\n>>| +\n~~ 0.6\n>>| +\n~~ 0.6\n>>| +",
    ],
)
def test_what_leaves_data_mode_not(typed: str) -> None:
    """Other data within a second, too many or too slow: it is content."""
    script = ">>| 123\n" + (">>| " if typed.startswith("+") else "") + typed + "\n"
    content = "123" + "".join(line.removeprefix(">>| ") for line in typed.split("\n") if not line.startswith("~~"))
    play(
        connect('AT+QFUPL="a",50,30')
        + script
        + "~~ 29\n~~ 1\n"
        + f"<<\n<< +QFUPL: {len(content)},{checksum(content.encode())}\n<<\n<< +CME ERROR: 421\n"
    )


def test_a_host_that_hangs_up() -> None:
    """DTR leaves data mode as `+++` does; with AT&D0 it does nothing."""
    for line, said in (
        (b'AT+QFUPL="a",10', b"\r\n+QFUPL: 3,232\r\n" + OK),
        (b"AT+QFWRITE=1,10", b"\r\n+QFWRITE: 3,3\r\n" + OK),
    ):
        module = quiet_module(files=MemoryFiles())
        exchange(module, b'AT+QFOPEN="w"')
        assert exchange(module, line) == b"\r\nCONNECT\r\n"
        module.receive(b"123", 0.0)
        module.dtr_dropped(0.0)
        assert module.data_to_send() == said
        assert module.files.read("a" if b"UPL" in line else "w") == b"123"
        assert exchange(module, b"AT") == OK
    exchange(module, b"AT&D0")
    exchange(module, b'AT+QFUPL="z",10')
    module.dtr_dropped(0.0)
    assert module.data_to_send() == b""
    module.receive(b"1234567890", 0.0)
    assert module.data_to_send() == b"\r\n+QFUPL: 10,3938\r\n" + OK


def test_power_that_goes_half_way() -> None:
    """Nothing is half-kept; open files are closed; files stay."""
    module = quiet_module(files=store())
    exchange(module, b'AT+QFOPEN="a.txt"')
    exchange(module, b'AT+QFUPL="b",10')
    module.receive(b"123", 0.0)
    module.power_off(1.0)
    module.power_on(2.0)
    module.data_to_send()
    exchange(module, b"ATE0")
    assert exchange(module, b"AT+QFOPEN?") == OK
    assert exchange(module, b"AT+QFREAD=1") == b"\r\n+CME ERROR: 416\r\n"
    assert exchange(module, b"AT+QFLST") == b'\r\n+QFLST: "UFS:a.txt",5\r\n+QFLST: "UFS:empty",0\r\n' + OK


def test_two_lines_at_one_file() -> None:
    """What another line does while the data comes: it is never overwritten, nothing goes into what is closed."""
    module = make_module(files=store())
    module.set_lines(("uart1", "usbat"))
    module.power_on(0.0)

    def say(line: int, data: bytes) -> bytes:
        module.select_line(line)
        module.receive(data, 0.0)
        return module.data_to_send().removeprefix(data + b"\r")

    for line in (0, 1):
        say(line, b"ATE0\r")
    for line in (0, 1):
        assert say(line, b'AT+QFUPL="b",3\r') == b"\r\nCONNECT\r\n"
    assert say(1, b"abc") == b"\r\n+QFUPL: 3,262\r\n" + OK
    assert say(0, b"xyz") == b"\r\n+CME ERROR: 407\r\n"
    assert module.files.read("b") == b"abc"
    assert say(0, b'AT+QFOPEN="b"\r') == b"\r\n+QFOPEN: 1\r\n" + OK
    assert say(0, b"AT+QFWRITE=1,3\r") == b"\r\nCONNECT\r\n"
    assert say(1, b"AT+QFCLOSE=1\r") == OK
    assert say(1, b'AT+QFOPEN="a.txt"\r') == b"\r\n+QFOPEN: 1\r\n" + OK
    assert say(0, b"xyz") == b"\r\n+CME ERROR: 416\r\n"
    assert (module.files.read("b"), module.files.read("a.txt")) == (b"abc", b"12345")


# Open files


def test_reading_and_writing() -> None:
    play(
        handle("UFS:log", 0, 1)
        + cme(402, "AT+QFREAD=1")
        + wrote(1, "0123456789", 10)
        + at(1, 10)
        + cme(402, "AT+QFREAD=1,1")
        + seek(1, 0)
        + reads(1, "0123", ",4")
        + reads(1, "456789")
        + seek(1, 4, 0)
        + seek(1, 2, 1)
        + at(1, 6)
        + wrote(1, "xy", 10)
        + at(1, 8)
        + seek(1, 3, 2)
        + at(1, 7)
        + reads(1, "y89", ",100")
        + seek(1, 0, 2)
        + wrote(1, "abc", 13)
        + files(("log", 13))
        + ok("AT+QFCLOSE=1")
        + cme(416, "AT+QFCLOSE=1", "AT+QFREAD=1", "AT+QFWRITE=1", "AT+QFSEEK=1,0", "AT+QFPOSITION=1")
        + handle("log", 0, 1)
        + reads(1, "012345xy89abc")
    )


def test_modes() -> None:
    play(
        handle("a.txt", 2, 1)
        + cme(414, "AT+QFWRITE=1,3")
        + reads(1, "12345")
        + handle("new", 0, 2)
        + read("AT+QFOPEN?", '+QFOPEN: "UFS:a.txt",1,2', '+QFOPEN: "UFS:new",2,0')
        + cme(405, 'AT+QFOPEN="none",2')
        + ok("AT+QFCLOSE=1")
        + handle("a.txt", 1, 1)
        + files(("a.txt", 0), ("empty", 0), ("new", 0))
        + ok("AT+QFCLOSE=1")
        + read('AT+QFOPEN="a.txt"', "+QFOPEN: 1"),
        HERE,
    )


def test_seeking_stays_within_the_file() -> None:
    play(
        handle("a.txt", 0, 1)
        + seek(1, 5)
        + cme(401, "AT+QFSEEK=1,6", "AT+QFSEEK=1,6,0", "AT+QFSEEK=1,1,1", "AT+QFSEEK=1,6,2")
        + at(1, 5)
        + seek(1, 5, 2)
        + at(1, 0),
        HERE,
    )


def test_handles_are_few_and_one_a_file() -> None:
    opened = "".join(handle(f"f{n}", 0, n) for n in range(1, 11))
    play(
        opened
        + cme(413, 'AT+QFOPEN="f11"')
        + cme(426, 'AT+QFOPEN="f3"', 'AT+QFDEL="f3"', 'AT+QFDEL="*"')
        + ok("AT+QFCLOSE=4")
        + handle("f11", 0, 4)
        + cme(407, 'AT+QFUPL="f3",1')
    )


def test_writing_that_stops() -> None:
    """What came is written; the guide has OK there."""
    play(
        handle("a.txt", 0, 1)
        + connect("AT+QFWRITE=1")
        + ">>| xy\n~~ 4.75\n~~ 0.25\n<<\n<< +QFWRITE: 2,5\n<<\n<< OK\n"
        + connect("AT+QFWRITE=1,5,10")
        + "~~ 1\n>>| +++\n~~ 1\n<<\n<< +QFWRITE: 0,5\n<<\n<< OK\n"
        + at(1, 2)
        + seek(1, 0)
        + reads(1, "xy345"),
        HERE,
    )


# Errors


def test_files_that_are_not_there_or_there_already() -> None:
    play(
        cme(405, 'AT+QFDWL="none"', 'AT+QFDEL="none"', 'AT+QFLST="none"', 'AT+QFOPEN="none",2', 'AT+QFDWL="A.TXT"')
        + cme(407, 'AT+QFUPL="a.txt",3', 'AT+QFUPL="UFS:a.txt",3')
        + read('AT+QFLST="a.txt"', '+QFLST: "UFS:a.txt",5')
        + read('AT+QFLST="UFS:*"', '+QFLST: "UFS:a.txt",5', '+QFLST: "UFS:empty",0')
        + ok('AT+QFDEL="UFS:*"', 'AT+QFDEL="*"')
        + files(),
        HERE,
    )


BAD_NAMES = [
    *("..", ".", "../a.txt", "a/b", "..\\a.txt", "UFS:../a.txt", "UFS:..", "UFS:", "/etc/passwd", "C:a", "RAM:a.txt"),
    *("a\\x00b", "a\\x1fb", "a?", "*.txt", "a|b", "<a>", "UFS:UFS:a"),
]


@pytest.mark.parametrize("name", BAD_NAMES)
def test_names_that_are_none(name: str) -> None:
    name = name.replace("\\a", "\\\\a")
    lines = [
        f"AT+{form.format(name)}" for form in ('QFUPL="{}",1', 'QFDWL="{}"', 'QFOPEN="{}"', 'QFDEL="{}"', 'QFLST="{}"')
    ]
    play(cme(406, *lines) + files(("a.txt", 5), ("empty", 0)), HERE)


def test_one_file_is_not_all() -> None:
    play(cme(406, 'AT+QFUPL="*",1', 'AT+QFDWL="*"', 'AT+QFOPEN="UFS:*"'))


def test_there_is_no_card() -> None:
    play(
        cme(419, 'AT+QFLDS="SD"')
        + cme(417, 'AT+QFLST="SD:*"', 'AT+QFLST="SD:a"')
        + cme(418, 'AT+QFDEL="SD:*"', 'AT+QFDEL="SD:a"')
        + cme(409, 'AT+QFUPL="SD:a",1')
        + cme(411, 'AT+QFDWL="SD:a"')
        + cme(410, 'AT+QFOPEN="SD:a"')
    )


def test_a_store_that_is_full() -> None:
    """Refused ahead of the data where the length is given, behind it where it is not; nothing is half-kept."""
    small = 3 * 4096
    hold_with(
        BOOT
        + cme(423, f'AT+QFUPL="a",{small + 1}')
        + upload("a", "x" * 5000, "0")
        + cme(403, 'AT+QFUPL="b",4097')
        + connect('AT+QFUPL="b"')
        + f">>| {'y' * 4097}\n~~ 5\n<<\n<< +CME ERROR: 403\n"
        + files(("a", 5000))
        + upload("b", "x", "7800")
        + handle("a", 0, 1)
        + seek(1, 0, 2)
        + cme(403, "AT+QFWRITE=1,3193", 'AT+QFUPL="c",1', 'AT+QFUPL="c"', 'AT+QFOPEN="c"')
        + cme(423, f"AT+QFWRITE=1,{small - 4999}")
        + connect("AT+QFWRITE=1")
        + f">>| {'z' * 3193}\n~~ 5\n<<\n<< +CME ERROR: 403\n"
        + files(("a", 5000), ("b", 1))
        + at(1, 5000)
        + wrote(1, "z" * 3192, 8192)
        + cme(403, "AT+QFWRITE=1")
        + ok('AT+QFDEL="b"')
        + wrote(1, "z" * 4096, small)
        + read('AT+QFLDS="UFS"', f"+QFLDS: 0,{small}")
        + seek(1, 0)
        + wrote(1, "w", small),
        {},
        small,
    )


class Broken(MemoryFiles):
    """A store whose medium fails at one thing."""

    def __init__(self, failing: str) -> None:
        super().__init__({"a": b"12"})
        self.failing = failing

    def fail(self, what: str) -> None:
        """Raise, if it is that which fails."""
        if what == self.failing:
            raise OSError(errno.EIO, "the medium fails")

    def names(self) -> list[str]:
        self.fail("names")
        return super().names()

    def read(self, name: str) -> bytes | None:
        self.fail("read")
        return super().read(name)

    def write(self, name: str, data: bytes) -> None:
        self.fail("write")
        super().write(name, data)

    def remove(self, name: str) -> bool:
        self.fail("remove")
        return super().remove(name)


@pytest.mark.parametrize(
    ("failing", "line", "code"),
    [
        ("names", b"AT+QFLDS", 419),
        ("names", b'AT+QFLDS="UFS"', 419),
        ("names", b"AT+QFLST", 417),
        ("names", b'AT+QFDEL="*"', 418),
        ("names", b'AT+QFUPL="b",1', 409),
        ("remove", b'AT+QFDEL="a"', 418),
        ("read", b'AT+QFDWL="a"', 411),
        ("write", b'AT+QFOPEN="b"', 410),
        ("write", b'AT+QFOPEN="a",1', 410),
    ],
)
def test_a_medium_that_fails(failing: str, line: bytes, code: int) -> None:
    module = quiet_module(files=Broken(failing))
    assert exchange(module, line) == b"\r\n+CME ERROR: %d\r\n" % code


def test_a_medium_that_fails_behind_the_data() -> None:
    module = quiet_module(files=Broken("write"))
    exchange(module, b'AT+QFOPEN="a"')
    for line in (b'AT+QFUPL="b",2', b"AT+QFWRITE=1,2"):
        assert exchange(module, line) == b"\r\nCONNECT\r\n"
        module.receive(b"xy", 0.0)
        assert module.data_to_send() == b"\r\n+CME ERROR: 409\r\n"


def test_failures_follow_cmee() -> None:
    play(
        cme(405, 'AT+QFDWL="none"')
        + ok("AT+CMEE=0")
        + error('AT+QFDWL="none"', "AT+QFCLOSE=9", "AT+QFUPL=", "AT+QFUPL?")
        + ok("AT+CMEE=2")
        + cme("File not found", 'AT+QFDWL="none"')
        + cme("Invalid input value", 'AT+QFUPL="a",0', 'AT+QFUPL="a', "AT+QFUPL")
        + cme("Invalid file descriptor", "AT+QFCLOSE=9")
        + connect('AT+QFUPL="b",5,1')
        + "~~ 1\n<<\n<< +QFUPL: 0,0\n<<\n<< +CME ERROR: 421\n"
    )


def test_commands_in_a_row() -> None:
    """An upload within a line, and what follows it."""
    play(
        '>> AT+QFUPL="a",2;+QFDWL="a";+QFDEL="a";+QFLST\n<<\n<< CONNECT\n>>| hi\n<<\n<< +QFUPL: 2,6869\n'
        "<<\n<< CONNECT\n<<| hi\n<<\n<< +QFDWL: 2,6869\n<<\n<< OK\n"
    )


def test_downloads_that_nobody_reads_stay_bounded() -> None:
    module: Module = quiet_module(files=MemoryFiles({"big": bytes(280_000)}))
    module.receive(b'AT+QFDWL="big"\r' + b"A/" * 1000, 0.0)
    assert len(module.data_to_send()) < 1_000_000
    assert exchange(module, b"AT") == OK
