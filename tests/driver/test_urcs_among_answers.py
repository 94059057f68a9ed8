"""URCs ahead of, among and behind the lines of every answer: each is heard once, and the answer is as without it."""

import re
from collections.abc import Iterator
from time import process_time
from typing import Any

import pytest

from modemlab.at.command import FormKind
from modemlab.at.errors import CommandRefused
from modemlab.at.parameters import Choice, Hex, Int, Param, Payload
from modemlab.at.urc import Urc
from modemlab.dialect.dialect import Dialect
from modemlab.dialect.recipes import Ask, Message, Recipe
from modemlab.dialect.registry import find_model
from modemlab.driver.protocol.digester import pending_of, urcs_of
from modemlab.module.module import Module
from modemlab.module.playback import ModulePlayback
from support.driver_line import HostEnd

MODELS = ("EC200T-CN", "BC35-G", "Air724UG")
LTE, NB, LUAT = [find_model(model)[0] for model in MODELS]
PIECES = (0, 1, 2, 3, 5, 8)


def ask(line: bytes) -> Recipe:
    return (yield Ask(line))


def told(end: HostEnd) -> list[tuple[str, tuple[Any, ...]]]:
    return [(heard.urc.name, heard.values) for heard in end.heard]


# What modules print by themselves, and what is told of it: V.250, 3GPP TS 27.007 and 27.005, the guides, a start.
SAID = [
    (b"RING", "RING", ()),
    (b"NO CARRIER", "NO CARRIER", ()),
    (b"+CRING: VOICE", "+CRING", ("VOICE",)),
    (b'+CLIP: "+8613800000000",145', "+CLIP", ('"+8613800000000",145',)),
    (b'+CMTI: "SM",3', "+CMTI", ("SM", 3)),
    (b"+QUSIM: 1", "+QUSIM", (1,)),
    (b"+QIND: SMS DONE", "+QIND", ("SMS DONE",)),
    (b"APP RDY", "APP RDY", ()),
    (b"^boot.rom'v'!", "^boot.rom", ("'v'!",)),
    (b"PB DONE", "PB DONE", ()),
]
BARE = [(b"AT+CIMI", b"460001234567890"), (b"AT+CGMM", b"EC200T"), (b"ATI", b"Quectel"), (b"AT+CGMR", b"EC200TCNAAR01")]
ASKED = [*BARE, (b"AT+CSQ", b"+CSQ: 24,99"), (b"AT+CGATT?", b"+CGATT: 1")]


@pytest.mark.parametrize("dialect", [LTE, NB, LUAT], ids=lambda dialect: dialect.name)
@pytest.mark.parametrize(("said", "name", "values"), SAID, ids=[said.decode() for said, _, _ in SAID])
def test_what_modules_say_by_themselves(dialect: Dialect, said: bytes, name: str, values: tuple[Any, ...]) -> None:
    """It is no line of an answer, no end of one, and no noise: bare answers are told from it too, however cut."""
    urc = b"\r\n" + said + b"\r\n"
    for line, answer in ASKED:
        for ahead, among, behind in ((urc, b"", b""), (b"", urc, b""), (b"", b"", urc), (urc, urc, urc)):
            for piece in PIECES:
                end = HostEnd(dialect, piece)
                end.start(ask(line))
                end.say(ahead + b"\r\n" + answer + b"\r\n" + among + b"\r\nOK\r\n" + behind)
                assert end.results == [[answer]], (line, piece)
                assert told(end) == [(name, values)] * (ahead + among + behind).count(urc)
                assert end.strays == []


@pytest.mark.parametrize("cut", range(60))
def test_a_message_that_waits_ahead_of_an_answer(cut: int) -> None:
    """Both come, in one piece or in two."""
    said = b"\r\n+QMTRECV: 3,0\r\n\r\n+CREG: 0,1\r\n\r\nOK\r\n"
    end = HostEnd(LTE)
    end.start(ask(b"AT+CREG?"))
    end.say(said[:cut])
    end.say(said[cut:])
    assert (end.results, end.strays) == ([[b"+CREG: 0,1"]], [])
    assert told(end) == [("+QMTRECV", (3, 0))]


@pytest.mark.parametrize(
    ("dialect", "message"),
    [
        (LTE, b'+QMTRECV: 3,0,"t","on"'),
        (LTE, b'+QMTRECV: 3,0,"t",2,"on"'),
        (LTE, b"+QMTRECV: 3,0"),
        (NB, b'+QMTRECV: 0,0,"t","on"'),
        (LUAT, b'+MSUB: "t",2 byte,on'),
        (LUAT, b"+MSUB: 3"),
    ],
)
def test_messages_of_clients_that_are_not_the_drivers(dialect: Dialect, message: bytes) -> None:
    """Another host may have set a module up otherwise: what it says then is no damaged message."""
    for piece in PIECES:
        end = HostEnd(dialect, piece)
        end.start(ask(b"AT+CGATT?"))
        end.say(b"\r\n" + message + b"\r\n\r\n+CGATT: 1\r\n\r\nOK\r\n")
        assert (end.results, end.strays) == ([[b"+CGATT: 1"]], [])
        assert len(end.heard) == 1


def test_no_carrier_ends_a_call() -> None:
    """And nothing else."""
    for line in (b"ATD10086;", b"atd*99#", b"ATA", b"ATO"):
        end = HostEnd(LTE)
        end.start(ask(line))
        end.say(b"\r\nNO CARRIER\r\n")
        assert isinstance(end.results[0], CommandRefused)
    for line in (b"AT+CSQ", b"AT&V", b"AT+COPS?"):
        end = HostEnd(LTE)
        end.start(ask(line))
        end.say(b"\r\nNO CARRIER\r\n\r\nBUSY\r\n")
        assert end.results == []


@pytest.mark.parametrize(
    ("line", "said", "lines", "strays"),
    [
        # More, fewer and other values than are declared: the firmware's affair, and no less its answer.
        (b"AT+CSQ", [b"+CSQ: 24,99,7", b"+CSQ: 24"], [b"+CSQ: 24,99,7", b"+CSQ: 24"], []),
        (b"AT+CGSN", [b"+CGSN: 861234567890123"], [b"+CGSN: 861234567890123"], []),
        (b"AT+CIMI", [b"+CIMI: 460001234567890"], [b"+CIMI: 460001234567890"], []),
        # Nobody's: it is told, and no line.
        (b"AT+CIMI", [b"Low battery", b"460001234567890"], [b"460001234567890"], [b"Low battery"]),
        (b"AT+CSQ", [b"Low battery", b"+CSQ: 24,99"], [b"+CSQ: 24,99"], [b"Low battery"]),
        # Of what no table has, all is taken but what another has.
        (b"AT+XYZ?", [b"RING", b"some words", b"+CREG: 1", b"+XYZ: 1"], [b"some words", b"+XYZ: 1"], []),
    ],
)
def test_what_firmwares_print_otherwise(
    line: bytes, said: list[bytes], lines: list[bytes], strays: list[bytes]
) -> None:
    """Lines with the command's name are its answer's whatever their values; the others have to be as declared."""
    end = HostEnd(LTE)
    end.start(ask(line))
    end.say(b"".join(b"\r\n" + each + b"\r\n" for each in (*said, b"OK")))
    assert (end.results, end.strays) == ([lines], strays)


def value_of(param: Param) -> Any:
    """A value that a parameter has."""
    if isinstance(param, Int | Hex):
        return param.maximum
    if isinstance(param, Choice):
        return list(param.values)[-1]
    if isinstance(param, Payload):
        return b"OK"
    return ("1" * max(param.minimum, 3))[: param.maximum]


def printed(urc: Urc) -> bytes:
    """A URC with some values; a payload's length is right."""
    values = [value_of(param) for param in urc.params]
    if urc.params and isinstance(urc.params[-1], Payload) and isinstance(urc.params[-2], Int):
        values[-2] = len(values[-1])
    return b"\r\n" + urc.render(*values) + b"\r\n"


def answers(model: str) -> Iterator[tuple[bytes, bytes]]:
    """Every read, execute and test form of a model, and what a module answers it by itself."""
    dialect = find_model(model)[0]
    for command in dialect.commands.values():
        for form in command.forms:
            # A restart is no answer, and where another word than OK ends one there may be none.
            if form.kind is FormKind.WRITE or command.done != "OK" or command.name == "+NRB":
                continue
            bench = ModulePlayback(Module(*find_model(model)))
            for line in (b"ATE0\r", b"AT+CMEE=1\r"):
                bench.send(line)
            bench.said()
            suffix = {FormKind.READ: "?", FormKind.TEST: "=?", FormKind.EXECUTE: ""}[form.kind]
            line = b"AT" + (command.name + suffix).encode()
            bench.send(line + b"\r")
            said = bench.said()
            if said.endswith(b"\r\nOK\r\n") and said.count(b"\r\nOK\r\n") == 1:
                yield line, said


@pytest.mark.parametrize("model", MODELS)
def test_every_urc_in_every_answer(model: str) -> None:
    """At every place between lines, whole and byte by byte."""
    dialect = find_model(model)[0]
    # Luat's word for a session that failed is a result code while a command is answered.
    urcs = [urc for urc in dict.fromkeys(urcs_of(dialect)) if urc.name != "ERROR"]
    count = 0
    for line, said in answers(model):
        names = pending_of(dialect, line).names
        places = [0, *[found.end() for found in re.finditer(rb"\r\n(?=\r\n|\Z)", said)]]
        alone = HostEnd(dialect)
        alone.start(ask(line))
        alone.say(said)
        for number, urc in enumerate(urcs):
            if urc.name.encode() in names:
                continue
            place = places[(number + count) % len(places)]
            end = HostEnd(dialect, number % 2)
            end.start(ask(line))
            end.say(said[:place] + printed(urc) + said[place:])
            assert end.results == alone.results, (line, urc.name, place)
            assert end.strays == alone.strays == [], (line, urc.name)
            assert len(end.heard) == len(alone.heard) + 1, (line, urc.name)
        count += 1
    assert count > 20


# A message that has its length and no quotes, or blanks: what may be its bytes.
PAYLOADS = [
    b"on",
    b"",
    b"abcdefg",
    b"\r\nOK\r\n",
    b"\r\n\r\n+CREG: 0,1\r\n\r\nOK\r\n",
    b"+CREG: 1",
    b'"quoted"',
    b'","',
    b"\r\n> ",
    b"\x00\x1a\x1b\xff",
    b'+QMTRECV: 0,0,"t",7\r\n',
    b"ERROR",
]
FORMS = {
    "next line": b'+QMTRECV: 0,5,"a/b",%d\r\n%b',
    "next line, no quotes": b"+QMTRECV: 0,5,a/b,%d\r\n%b",
    "next line, blanks": b'+QMTRECV: 0, 5, "a/b", %d\r\n%b',
    "quoted": b'+QMTRECV: 0,5,"a/b",%d,"%b"',
    "quoted, blanks": b'+QMTRECV: 0, 5, "a/b", %d, "%b"',
    "quoted, blanks, no blank behind the colon": b'+QMTRECV:0, 5, "a/b", %d,  "%b"',
    "nothing quoted": b"+QMTRECV: 0,5,a/b,%d,%b",
    "nothing quoted, blanks": b"+QMTRECV: 0, 5, a/b, %d, %b",
}


@pytest.mark.parametrize("ends", [b"\r\n", b"\r\r\n"], ids=["", "another CR ends a line"])
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("payload", PAYLOADS)
def test_messages_with_a_length(form: str, payload: bytes, ends: bytes) -> None:
    """Delivered, whatever bytes they hold, however they are cut, alone and within an answer."""
    message = b"\r\n" + FORMS[form].replace(b"\r\n", ends) % (len(payload), payload) + ends
    assert LTE.recipes is not None
    for piece in PIECES:
        end = HostEnd(LTE, piece)
        end.start(ask(b"AT+CREG?"))
        end.say(message + b"\r\n+CREG: 0,1\r\n" + message + b"\r\nOK\r\n" + message)
        heard = [LTE.recipes.hears[each.urc](*each.values) for each in end.heard]
        assert heard == [Message(0, "a/b", payload, 5)] * 3
        assert (end.results, end.strays) == ([[b"+CREG: 0,1"]], [])


@pytest.mark.parametrize("payload", [b"on", b'{"on":1}', b'[1,"a"]', b"a,b", b"hello \r\nOK\r\n"])
def test_a_payload_alone_without_quotes(payload: bytes) -> None:
    """Where its topic has them: JSON as it is printed most."""
    for piece in PIECES:
        end = HostEnd(LTE, piece)
        end.start(ask(b"AT+CREG?"))
        end.say(b'\r\n+QMTRECV: 0,5,"a/b",%d,%b\r\n\r\n+CREG: 0,1\r\n\r\nOK\r\n' % (len(payload), payload))
        assert [heard.values for heard in end.heard] == [(0, 5, "a/b", len(payload), payload)]
        assert (end.results, end.strays) == ([[b"+CREG: 0,1"]], [])


def test_blanks_at_a_payloads_begin() -> None:
    """One of them may be the module's, the others are the message's; its length tells."""
    for said, payload in (
        (b"3,  x", b"  x"),
        (b"2,  x", b" x"),
        (b"1,  x", b"x"),
        (b'2," x"', b" x"),
        (b"2,  ", b"  "),
    ):
        end = HostEnd(LTE)
        end.say(b'\r\n+QMTRECV: 0,0,"a/b",' + said + b"\r\n")
        assert [heard.values[-1] for heard in end.heard] == [payload]


def test_blanks_without_end_take_no_time() -> None:
    """Behind each comma of a line that is nothing, as many as a line holds."""
    for name in (b"+CREG: 0", b"+QMTRECV: 0", b"+CTZE: 0", b"+QMTSUB: 0"):
        end = HostEnd(LTE)
        end.start(ask(b"AT+CREG?"))
        begun = process_time()
        end.say(b"\r\n" + name + (b"," + b" " * 600) * 6 + b'"\r\n\r\nOK\r\n')
        assert process_time() - begun < 1
