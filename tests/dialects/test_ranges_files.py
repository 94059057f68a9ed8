"""`=?` lines, ranges, defaults, response times and error words of the file commands, typed from the file guide V1.0.

Nothing here is taken from the declarations: a wrong one shows.
"""

import pytest

from modemlab.dialect.registry import find_model
from modemlab.module.memory_files import MemoryFiles
from modemlab.module.module import Module
from support.mobile_line import OK, answer, cme, info, quiet_module

# 2.2.1 to 2.2.11; () is a bare OK.
TESTS: dict[str, tuple[str, ...]] = {
    "+QFLDS": (),
    "+QFLST": (),
    "+QFDEL": ("+QFDEL: <filename>",),
    "+QFUPL": ("+QFUPL: <filename>[,(1-<freesize>)[,(1-65535)[,(0,1)]]]",),
    "+QFDWL": ("+QFDWL: <filename>",),
    "+QFOPEN": ("+QFOPEN: <filename>[,(0-2)]",),
    "+QFREAD": ("+QFREAD: <filehandle>[,<length>]",),
    "+QFWRITE": ("+QFWRITE: <filehandle>[,<length>[,<timeout>]]",),
    "+QFSEEK": ("+QFSEEK: <filehandle>,<offset>[,<position>]",),
    "+QFPOSITION": ("+QFPOSITION: <filehandle>",),
    "+QFCLOSE": ("+QFCLOSE: <filehandle>",),
}
# Maximum response times in seconds.
TIMES = {name: 5.0 if name in ("+QFUPL", "+QFDWL", "+QFREAD", "+QFWRITE") else 0.3 for name in TESTS}
# Forms beside the test form and the write form, which all have.
FORMS = {"+QFLDS": "", "+QFLST": "", "+QFOPEN": "?"}
NAME = "n" * 80
# For each command arguments that are taken and arguments that are not; three blocks of 4,096 bytes are in use.
RANGES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "+QFLDS": (('"UFS"', "UFS"), ('"RAM"', '""', '"UFS",1')),
    "+QFLST": (('"*"', '"a"', f'"{NAME}"'), ('""', f'"{NAME}n"', '"a",1')),
    "+QFDEL": (('"a"', f'"{NAME}"', '"*"'), ('""', f'"{NAME}n"', '"a",1', "")),
    "+QFUPL": (
        (
            '"b"',
            '"b",1',
            '"b",274432',
            '"b",1,1',
            '"b",1,65535',
            '"b",1,5,0',
            '"b",1,5,1',
            '"b",,5',
            f'"{NAME[1:]}m",9',
        ),
        (
            '"b",0',
            '"b",-1',
            '"b",x',
            '"b","1"',
            '"b",1,0',
            '"b",1,65536',
            '"b",1,5,2',
            '"b",1,5,0,0',
            '""',
            f'"{NAME}m"',
        ),
    ),
    "+QFDWL": (('"a"', f'"{NAME}"'), ('""', f'"{NAME}n"', '"a",1', "")),
    "+QFOPEN": (('"b"', '"b",0', '"b",1', '"a",2', f'"{NAME}",2'), ('"a",3', '"a",-1', '"a",0,0', '""', f'"{NAME}n"')),
    "+QFREAD": (("1", "1,1", "1,2147483647"), ("1,0", "1,-1", "x", '"1"', "1,1,1", "")),
    "+QFWRITE": (("1", "1,1", "1,1,1", "1,1,65535", "1,,5"), ("1,0", "1,-1", "1,1,0", "1,1,65536", "1,1,1,1", "")),
    "+QFSEEK": (("1,0", "1,2,0", "1,0,1", "1,2,2"), ("1", "1,-1", "1,0,3", "1,0,-1", "1,0,0,0", '"1",0')),
    "+QFPOSITION": (("1",), ("", "x", "1,1", "-1")),
    "+QFCLOSE": (("1",), ("", "x", "1,1", "-1")),
}
# Table 2.
WORDS = {
    400: "Invalid input value",
    401: "Larger than the size of the file",
    402: "Read zero byte",
    403: "Drive full",
    405: "File not found",
    406: "Invalid file name",
    407: "File already exists",
    409: "Fail to write the file",
    410: "Fail to open the file",
    411: "Fail to read the file",
    413: "Reach the max number of file allowed to be opened",
    414: "The file read-only",
    416: "Invalid file descriptor",
    417: "Fail to list the file",
    418: "Fail to delete the file",
    419: "Fail to get disk info",
    420: "No space",
    421: "Time out",
    423: "File too large",
    425: "Invalid parameter",
    426: "File already opened",
}


def with_files() -> Module:
    """A module with two files and a third that is open."""
    module = quiet_module(files=MemoryFiles({"a": b"12", NAME: b"", "open": b"12"}))
    assert answer(module, 'AT+QFOPEN="open"') == info("+QFOPEN: 1")
    return module


@pytest.mark.parametrize("name", TESTS)
def test_test_forms(name: str) -> None:
    """Every `=?`, and the response time."""
    lines = TESTS[name]
    assert answer(quiet_module(), f"AT{name}=?") == (info(*lines) if lines else OK)
    assert find_model("EC200S-CN")[0].commands[name].max_response == TIMES[name]


@pytest.mark.parametrize("name", TESTS)
def test_forms_that_exist(name: str) -> None:
    for suffix in ("", "?"):
        said = answer(with_files(), f"AT{name}{suffix}")
        assert said.endswith(OK) if FORMS.get(name) == suffix else said == cme(400)


@pytest.mark.parametrize("name", RANGES)
def test_ranges(name: str) -> None:
    """Inside the range anything but 400, outside it 400 and nothing else happens."""
    taken, refused = RANGES[name]
    for arguments in taken:
        module = with_files()
        if name == "+QFDEL":
            assert answer(module, "AT+QFCLOSE=1") == OK
        said = answer(module, f"AT{name}={arguments}")
        assert said.endswith((OK, b"\r\nCONNECT\r\n")), arguments
    for arguments in refused:
        module = with_files()
        before = answer(module, "AT+QFLST;+QFOPEN?")
        assert answer(module, f"AT{name}={arguments}") == cme(400), arguments
        assert answer(module, "AT+QFLST;+QFOPEN?") == before


def test_words_of_errors() -> None:
    """Under AT+CMEE=2 the table's words; 27.007's codes keep theirs."""
    dialect = find_model("EC200S-CN")[0]
    assert {code: words for code, words in dialect.errors.items() if 400 <= code < 500} == WORDS
    module = quiet_module()
    assert answer(module, "AT+CMEE=2") == OK
    assert answer(module, 'AT+QFDWL="x"') == cme("File not found")
    assert answer(module, "AT+CPIN=0000") == cme("Operation not allowed")


def test_defaults_of_an_upload() -> None:
    """10,240 bytes, 5 s, no ACK (2.2.4)."""
    module = quiet_module(files=MemoryFiles())
    assert answer(module, 'AT+QFUPL="x"') == b"\r\nCONNECT\r\n"
    assert module.deadline() == 5.0
    module.receive(bytes(10_239), 1.0)
    assert module.data_to_send() == b""
    module.receive(b"\0", 2.0)
    assert module.data_to_send() == b"\r\n+QFUPL: 10240,0\r\n\r\nOK\r\n"


def test_defaults_of_open_files() -> None:
    """Mode 0, reading all, writing 10,240 bytes within 5 s, seeking from the begin (2.2.6 to 2.2.9)."""
    module = with_files()
    assert answer(module, "AT+QFOPEN?") == info('+QFOPEN: "UFS:open",1,0')
    assert answer(module, "AT+QFREAD=1") == b"\r\nCONNECT 2\r\n12\r\nOK\r\n"
    assert answer(module, "AT+QFSEEK=1,1;+QFPOSITION=1") == info("+QFPOSITION: 1")
    assert answer(module, "AT+QFWRITE=1") == b"\r\nCONNECT\r\n"
    assert module.deadline() == 5.0
    module.receive(bytes(10_240), 1.0)
    assert module.data_to_send() == info("+QFWRITE: 10240,10241")
