"""What belongs to the command on the line, what is a URC, and what is neither: by shape, by length, and once."""

from typing import Any

import pytest

from modemlab.at.errors import LineError, NotDelivered, TimeoutExpired
from modemlab.dialect.recipes import Ask, Message, MqttSession, Recipe, Recipes, file_name
from modemlab.dialect.registry import find_model
from modemlab.dialects.luat.recipes import upload as luat_upload
from modemlab.dialects.quectel_lte.recipes import upload
from modemlab.driver.protocol.digester import typed
from modemlab.driver.protocol.identify import sign_of_life
from support.driver_line import HostEnd

LTE, _ = find_model("EC200T-CN")
NB, _ = find_model("BC35-G")
LUAT, _ = find_model("Air724UG")
SESSION = MqttSession(0, "broker.example", 1883, "pump-7")
PIECES = (0, 1, 2, 3, 7)


def recipes(dialect: Any) -> Recipes:
    assert dialect.recipes is not None
    return dialect.recipes  # type: ignore[no-any-return]


def ask(line: bytes, **more: Any) -> Recipe:
    return (yield Ask(line, **more))


def names(end: HostEnd) -> list[tuple[str, Any]]:
    return [(heard.urc.name, heard.values) for heard in end.heard]


@pytest.mark.parametrize("piece", PIECES)
def test_an_echo_is_an_exact_copy_once(piece: int) -> None:
    """A second copy is a line as any other, and so is one that differs by a letter's case."""
    for said, lines in (
        (b"AT+CSQ\r\r\n+CSQ: 24,99\r\n", [b"+CSQ: 24,99"]),
        (b"AT+CSQ\r\r\nAT+CSQ\r\n+CSQ: 24,99\r\n", [b"AT+CSQ", b"+CSQ: 24,99"]),
        (b"at+csq\r\r\n+CSQ: 24,99\r\n", [b"at+csq", b"+CSQ: 24,99"]),
        (b"\r\n+CSQ: 24,99\r\n\r\nAT+CSQ\r\r\n", [b"+CSQ: 24,99"]),
    ):
        end = HostEnd(LTE, piece)
        end.start(ask(b"AT+CSQ"))
        end.say(said + b"\r\nOK\r\n")
        assert end.results == [lines]
        assert end.strays == []


def test_an_echo_of_a_password_is_no_answer() -> None:
    """Echo on, as an older host has left it: what is echoed is passed over, data that is echoed too."""
    end = HostEnd(LTE)
    end.start(recipes(LTE).publish(SESSION, 7, "a", b"on", 1, False))
    end.play(
        '>> AT+QMTPUBEX=0,7,1,0,"a",2\n<<| AT+QMTPUBEX=0,7,1,0,"a",2\\r\n<<\n<<| > \n>>| on\n'
        "<<\n<< OK\n<<\n<< +QMTPUBEX: 0,7,0"
    )
    assert end.results == [None]
    assert end.strays == []


@pytest.mark.parametrize("piece", PIECES)
@pytest.mark.parametrize(
    ("dialect", "recipe", "sent", "said"),
    [
        (LTE, lambda: recipes(LTE).subscribe(SESSION, 3, (("a", 1),)), b"AT+QMTSUB=", b"+QMTSUB: 0,3,0,1"),
        (NB, lambda: recipes(NB).subscribe(SESSION, 3, (("a", 1),)), b"AT+QMTSUB=", b"+QMTSUB: 0,3,0,1"),
        (LUAT, lambda: recipes(LUAT).subscribe(SESSION, 3, (("a", 1),)), b"AT+MSUB=", b"SUBACK"),
    ],
    ids=["LTE", "NB", "Luat"],
)
def test_a_result_that_comes_first(dialect: Any, recipe: Any, sent: bytes, said: bytes, piece: int) -> None:
    """Whoever waits does so from before the command is written: a result ahead of OK, or right behind it, is had."""
    for order in ((said, b"OK"), (b"OK", said)):
        end = HostEnd(dialect, piece)
        end.start(recipe())
        assert end.sent().startswith(sent)
        end.say(b"".join(b"\r\n" + line + b"\r\n" for line in order))
        assert end.results == [(1,)]
        assert end.exchange.idle


@pytest.mark.parametrize(
    ("dialect", "line", "said"),
    [
        (LTE, b"AT+QMTRECV=?", b"+QMTRECV: (0-5),(0-4)"),
        (LTE, b"AT+QMTRECV?", b"+QMTRECV: 0,1,0,0,0,0"),
        (LTE, b"AT+QMTSUB=?", b'+QMTSUB: (0-5),<msgid>,list of ["topic",qos]'),
        (NB, b"AT+QMTOPEN=?", b"+QMTOPEN: (0),<host_name>,<port>"),
        (LUAT, b"AT+MSUB=?", b"+MSUB:<topic>,(0-2)"),
    ],
)
def test_lines_that_share_a_messages_name(dialect: Any, line: bytes, said: bytes) -> None:
    """They are the answer's, and no damaged message; a message in their midst is a message."""
    end = HostEnd(dialect)
    end.start(ask(line))
    end.say(b"\r\n" + said + b"\r\n")
    end.say(b'\r\n+QMTRECV: 0,0,"a",2,"on"\r\n' if dialect is LTE else b"")
    end.say(b"\r\nOK\r\n")
    assert end.results == [[said]]
    assert len(end.heard) == (dialect is LTE)
    assert end.strays == []


def test_a_result_that_is_another_packets() -> None:
    """It is told by its number, and nobody takes it for theirs."""
    end = HostEnd(LTE)
    end.start(recipes(LTE).subscribe(SESSION, 3, (("a", 1),)))
    end.play('>> AT+QMTSUB=0,3,"a",1\n<<\n<< OK\n<<\n<< +QMTSUB: 0,4,0,1\n<<\n<< +QMTSUB: 1,3,0,1')
    assert end.results == []
    end.play("<<\n<< +QMTSUB: 0,3,0,1")
    assert end.results == [(1,)]


@pytest.mark.parametrize("line", [b'+QMTRECV: 0,5,"a",2,"on"', b"+QMTSTAT: 1,1", b"+QMTPING: 0,1", b"RDY"])
def test_a_urc_within_an_answer_is_heard_once(line: bytes) -> None:
    """And is no line of the answer."""
    end = HostEnd(LTE)
    end.start(ask(b"AT+QMTCONN?"))
    end.say(b"\r\n+QMTCONN: 0,3\r\n\r\n" + line + b"\r\n\r\nOK\r\n")
    assert end.results == [[b"+QMTCONN: 0,3"]]
    assert [name for name, _ in names(end)] == [line.partition(b":")[0].decode()]
    assert end.strays == []


UNQUOTED = [
    (LTE, b"+QMTRECV: 0,0,a/b,2,on", Message(0, "a/b", b"on", 0)),
    (NB, b"+QMTRECV: 0,7,a/b,on", None),
    (LUAT, b"+MSUB: a/b,2 byte,on", Message(0, "a/b", b"on")),
]


@pytest.mark.parametrize(("dialect", "line", "message"), UNQUOTED, ids=["LTE", "NB", "Luat"])
def test_messages_without_quotes(dialect: Any, line: bytes, message: Message | None) -> None:
    """As older firmwares print them; where there is no length either they cannot be read, and are told as stray."""
    end = HostEnd(dialect)
    end.say(b"\r\n" + line + b"\r\n")
    told = [recipes(dialect).hears[heard.urc](*heard.values) for heard in end.heard]
    assert told == ([] if message is None else [message])
    assert end.strays == ([line] if message is None else [])


def test_what_a_dialect_cannot_tell_it_says() -> None:
    """A message without a length ends with its line, and so may be cut; the driver has words for it."""
    assert "without their length" in recipes(NB).limits
    assert recipes(LTE).limits == ""
    end = HostEnd(NB)
    end.say(b'\r\n+QMTRECV: 0,0,"a","one\r\ntwo"\r\n')
    assert [heard for heard in end.heard if heard.urc.name == "+QMTRECV"] == []
    assert b"".join(end.strays) == b'+QMTRECV: 0,0,"a","onetwo"\r\n'
    end.wait(0.2)
    end.say(b'\r\n+QMTRECV: 0,0,"a","say "OK", and \x00\xff"\r\n')
    assert end.heard[-1].values[-1] == b'say "OK", and \x00\xff'


@pytest.mark.parametrize(
    ("dialect", "line", "answer", "values"),
    [
        (LTE, b"AT+CSQ", [b"+CSQ: 24,99"], [(24, 99)]),
        (LTE, b"at+csq", [b"+CSQ: 24,99"], [(24, 99)]),
        (LTE, b"AT+CEREG?", [b'+CEREG: 2,1,"1A2B","5C3D2E2",7'], [(2, 1, "1A2B", "5C3D2E2", 7)]),
        (LTE, b"AT+QMTOPEN?", [b'+QMTOPEN: 0,"a",1883', b"+QMTOPEN: 1,b,8883"], [(0, "a", 1883), (1, "b", 8883)]),
        (LTE, b'AT+QMTCFG="version",0', [b'+QMTCFG: "version",4'], [(4,)]),
        (LTE, b'AT+QMTCFG="recv/mode",0', [b'+QMTCFG: "recv/mode",0,1'], [(0, 1)]),
        (LTE, b'AT+QSSLCFG="seclevel",2', [b'+QSSLCFG: "seclevel",2,1'], [(2, 1)]),
        (LTE, b'AT+QFLST="*"', [b'+QFLST: "a.pem",10'], [("a.pem", 10)]),
        (LTE, b"AT+CSQ;+CREG?", [b"+CSQ: 24,99", b"+CREG: 0,1"], [(24, 99), (0, 1)]),
        (LTE, b"AT+QMTCFG=?", [b'+QMTCFG: "version",(0-5),(3,4)'], []),
        (LTE, b"AT+XYZ?", [b"+XYZ: 1"], []),
        (LTE, b"ATI", [b"Quectel", b"EC200T"], []),
        (NB, b"AT+CEREG?", [b"+CEREG:0,1"], [(0, 1)]),
        (LUAT, b"AT+MQTTSTATU", [b"+MQTTSTATU :1"], [(1,)]),
    ],
)
def test_answers_have_values_where_they_are_declared(
    dialect: Any, line: bytes, answer: list[bytes], values: Any
) -> None:
    """Each line's, by the form that was asked; of lines that nothing declares there are none."""
    assert typed(dialect, line, answer) == values


KEY = b"-----BEGIN CERTIFICATE-----\nb25l\n-----END CERTIFICATE-----\n"
NAME = "UFS:aa.pem"
SENT = f'>> AT+QFUPL="{NAME}",{len(KEY)},10\n<<\n<< CONNECT\n>>| {KEY.decode().encode("unicode_escape").decode()}\n'


def uploads(said: str) -> HostEnd:
    """An upload to a module that has no such file, and then says that."""
    end = HostEnd(LTE)
    end.start(upload(NAME, KEY))
    end.play(f'>> AT+QFLST="{NAME}"\n<<\n<< +CME ERROR: 405\n{SENT}{said}')
    return end


def test_an_upload_is_held_against_its_checksum() -> None:
    """What arrived otherwise is deleted, and named."""
    checksum = 0
    for place in range(0, len(KEY), 2):
        checksum ^= int.from_bytes(KEY[place : place + 2].ljust(2, b"\0"))
    right = f"<<\n<< +QFUPL: {len(KEY)},{checksum:x}\n<<\n<< OK"
    assert uploads(right).results == [None]
    for wrong in (
        f"<<\n<< +QFUPL: {len(KEY)},{checksum ^ 1:x}\n<<\n<< OK",
        f"<<\n<< +QFUPL: {len(KEY) - 1},{checksum:x}\n<<\n<< OK",
        "<<\n<< OK",
    ):
        end = uploads(f'{wrong}\n>> AT+QFDEL="{NAME}"\n<<\n<< OK')
        (error,) = end.results
        assert isinstance(error, NotDelivered)
        assert str(error) == f"{NAME}: {len(KEY)} bytes were sent, and others arrived"


def test_a_file_that_is_there_is_not_sent_again() -> None:
    """By its name, which is made of its content, and its length; one that was cut is deleted and sent."""
    end = HostEnd(LTE)
    end.start(upload(NAME, KEY))
    end.play(f'>> AT+QFLST="{NAME}"\n<<\n<< +QFLST: "{NAME}",{len(KEY)}\n<<\n<< OK')
    assert end.results == [None]
    end.start(upload(NAME, KEY))
    end.play(
        f'>> AT+QFLST="{NAME}"\n<<\n<< +QFLST: "{NAME}",{len(KEY) - 5}\n<<\n<< OK\n'
        f'>> AT+QFDEL="{NAME}"\n<<\n<< OK\n{SENT}'
    )
    assert len(end.results) == 1
    assert file_name(KEY) != file_name(KEY[:-1] + b"x")


def test_luats_uploads_are_held_against_their_length() -> None:
    """All that these modules tell."""
    for length, expected in ((len(KEY), type(None)), (len(KEY) - 1, NotDelivered)):
        end = HostEnd(LUAT)
        end.start(luat_upload("aa.pem", KEY))
        end.play(
            '>> AT+FSFLSIZE="aa.pem"\n<<\n<< +CME ERROR: 3\n>> AT+FSDEL="aa.pem"\n<<\n<< +CME ERROR: 3\n'
            f'>> AT+FSCREATE="aa.pem"\n<<\n<< OK\n>> AT+FSWRITE="aa.pem",0,{len(KEY)},10\n<<\n<<| > \n'
            f">>| {KEY.decode().encode('unicode_escape').decode()}\n<<\n<< OK\n"
            f'>> AT+FSFLSIZE="aa.pem"\n<<\n<< +FSFLSIZE: {length}\n<<\n<< OK'
        )
        assert [type(result) for result in end.results] == [expected]


def test_nobody_answers() -> None:
    """Within seconds, and the error has what to look at; of a module that falls silent later too."""
    end = HostEnd(LTE)
    end.start(sign_of_life())
    end.wait(10)
    (error,) = end.results
    assert isinstance(error, LineError)
    assert "is this the AT port, the baud rate right, the module on, and no other program on the port?" in str(error)
    end.start(ask(b"AT+CSQ"))
    end.wait(10)
    assert isinstance(end.results[1], TimeoutExpired)
    assert str(end.results[1]).endswith("; no bytes were received: is the module on, and is this its port?")
    end.start(ask(b"AT+CSQ"))
    end.say(b"\r\n+CSQ: 24,99\r\n")
    end.wait(10)
    assert str(end.results[2]) == "AT+CSQ: nothing came within 2.3 s"
