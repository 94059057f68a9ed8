"""Whatever is uploaded is downloaded byte for byte, and a file that is written as a host likes is as a model has it."""

from hypothesis import given, settings
from hypothesis import strategies as st

from modemlab.dialects.quectel_lte.file_storage import checksum as printed
from modemlab.module.memory_files import MemoryFiles
from modemlab.module.module import Module
from support.file_lines import checksum
from support.helpers import exchange
from support.mobile_line import OK, quiet_module

QUICK = settings(max_examples=150, deadline=None, derandomize=True, database=None)
CONTENT = st.binary(min_size=1, max_size=5000) | st.binary(min_size=1, max_size=12)
NAMES = st.text(
    st.characters(blacklist_categories=("Cs", "Cc"), blacklist_characters='/\\:*?"<>|,;\x7f'), min_size=1, max_size=20
).filter(lambda name: name not in (".", ".."))


def feed(module: Module, data: bytes, cuts: list[int]) -> None:
    """Say these bytes, cut there."""
    ends = sorted({cut % len(data) for cut in cuts} | {len(data)}) if data else []
    start = 0
    for end in ends:
        module.receive(data[start:end], 0.0)
        start = end


@given(NAMES, CONTENT, st.lists(st.integers(0, 5000), max_size=8), st.booleans())
@QUICK
def test_what_goes_up_comes_down(name: str, data: bytes, cuts: list[int], ack: bool) -> None:
    module = quiet_module(files=MemoryFiles())
    typed = name.encode()
    feed(module, b'AT+QFUPL="%b",%d,9,%d\r' % (typed, len(data), ack) + data, cuts)
    result = b"%d,%b" % (len(data), checksum(data).encode())
    blocks = b"A" * (len(data) // 1024 if ack else 0)
    assert module.data_to_send() == b"\r\nCONNECT\r\n" + blocks + b"\r\n+QFUPL: " + result + b"\r\n" + OK
    down = b"\r\nCONNECT\r\n" + data + b"\r\n+QFDWL: " + result + b"\r\n" + OK
    assert exchange(module, b'AT+QFDWL="UFS:%b"' % typed) == down
    assert exchange(module, b"AT+QFLST") == b'\r\n+QFLST: "UFS:%b",%d\r\n' % (typed, len(data)) + OK


@given(st.binary(max_size=3000))
@QUICK
def test_checksums(data: bytes) -> None:
    assert printed(data) == checksum(data)


STEPS = st.lists(
    st.tuples(st.sampled_from(["write", "read", "start", "on", "end"]), st.integers(0, 40), st.binary(max_size=20)),
    max_size=25,
)


@given(st.binary(max_size=30), STEPS)
@QUICK
def test_an_open_file(content: bytes, steps: list[tuple[str, int, bytes]]) -> None:
    """Against a bytearray and a number."""
    module = quiet_module(files=MemoryFiles({"f": content}))
    exchange(module, b'AT+QFOPEN="f"')
    model, at = bytearray(content), 0
    for what, number, data in steps:
        if what == "write" and data:
            assert exchange(module, b"AT+QFWRITE=1,%d" % len(data)) == b"\r\nCONNECT\r\n"
            module.receive(data, 0.0)
            model[at : at + len(data)] = data
            at += len(data)
            assert module.data_to_send() == b"\r\n+QFWRITE: %d,%d\r\n" % (len(data), len(model)) + OK
        elif what == "read":
            part = bytes(model[at : at + number + 1])
            said = exchange(module, b"AT+QFREAD=1,%d" % (number + 1))
            at += len(part)
            found = b"\r\nCONNECT %d\r\n" % len(part) + part + OK
            assert said == (found if part else b"\r\n+CME ERROR: 402\r\n")
        elif what in ("start", "on", "end"):
            target = {"start": number, "on": at + number, "end": len(model) - number}[what]
            said = exchange(module, b"AT+QFSEEK=1,%d,%d" % (number, ["start", "on", "end"].index(what)))
            assert said == (OK if 0 <= target <= len(model) else b"\r\n+CME ERROR: 401\r\n")
            at = target if said == OK else at
        assert exchange(module, b"AT+QFPOSITION=1") == b"\r\n+QFPOSITION: %d\r\n" % at + OK
    assert module.files.read("f") == bytes(model)
