"""Data that a prompt asked for and that does not come is told in the log, once a prompt, and never on the line."""

import pytest

from modemlab.module.effects import StreamOpened, StreamReceived
from modemlab.module.log_notes import Note
from modemlab.module.module import Module
from modemlab.module.observer import NoteListener
from modemlab.mqtt.packets import Connack, encode
from support.helpers import make_module

BYTES = ": all bytes are data, Enter, Ctrl-Z and Esc too"
LTE = ("EC200S-CN", (b'AT+QMTOPEN=0,"h",1', b'AT+QMTCONN=0,"c"'))
NB = ("BC35-G", LTE[1])
LUAT = ("Air724UG", (b"AT+MIPSTART=h,1", b"AT+MCONFIG=c", b"AT+MCONNECT=1,300"))
OPENS = {b"AT+QMTOPEN": "opened", b"AT+MIPSTAR": "opened", b"AT+QMTCONN": "connected", b"AT+MCONNEC": "connected"}
PUBLISH = b'AT+QMTPUBEX=0,0,0,0,"a",26'
WILLEX = b'AT+QMTCFG="willex",0,1,0,0,"a",9'
PROMPTS = {
    "QMTPUBEX": (
        LTE,
        (),
        b'AT+QMTPUBEX=0,0,0,0,"a",26',
        b"x" * 22,
        "AT+QMTPUBEX",
        f"waits for 4 more of 26 bytes{BYTES}",
    ),
    "nothing at all": (
        LTE,
        (),
        b'AT+QMTPUBEX=0,0,0,0,"a",26',
        b"",
        "AT+QMTPUBEX",
        f"waits for 26 more of 26 bytes{BYTES}",
    ),
    "willex": (("EC200S-CN", ()), (), WILLEX, b"12", "AT+QMTCFG", f"waits for 7 more of 9 bytes{BYTES}"),
    "QFUPL": (("EC200S-CN", ()), (), b'AT+QFUPL="f",10,60', b"abc", "AT+QFUPL", f"waits for 7 more of 10 bytes{BYTES}"),
    "QFWRITE": (
        ("EC200S-CN", ()),
        (b'AT+QFOPEN="f",0',),
        b"AT+QFWRITE=1,10,60",
        b"abc",
        "AT+QFWRITE",
        f"waits for 7 more of 10 bytes{BYTES}",
    ),
    "QMTPUB": (NB, (), b'AT+QMTPUB=0,0,0,0,"a",5', b"on", "AT+QMTPUB", f"waits for 3 more of 5 bytes{BYTES}"),
    "QMTPUB to Ctrl-Z": (
        NB,
        (),
        b'AT+QMTPUB=0,0,0,0,"a"',
        b"on\r\n",
        "AT+QMTPUB",
        "waits for Ctrl-Z, which ends the data; Esc cancels",
    ),
    "QMTPUB of LTE": (LTE, (), b'AT+QMTPUB=0,0,0,0,"a",5', b"on", "AT+QMTPUB", f"waits for 3 more of 5 bytes{BYTES}"),
    "QMTPUB of LTE to Ctrl-Z": (
        LTE,
        (),
        b'AT+QMTPUB=0,0,0,0,"a"',
        b"on\r\n",
        "AT+QMTPUB",
        "waits for Ctrl-Z, which ends the data; Esc cancels",
    ),
    "MPUBEX": (LUAT, (), b'AT+MPUBEX="a",0,0,5', b"on", "AT+MPUBEX", f"waits for 3 more of 5 bytes{BYTES}"),
    "FSWRITE": (
        ("Air724UG", ()),
        (b'AT+FSCREATE="f"',),
        b'AT+FSWRITE="f",0,5,30',
        b"on",
        "AT+FSWRITE",
        f"waits for 3 more of 5 bytes{BYTES}",
    ),
}


def made(name: str, lines: tuple[bytes, ...]) -> tuple[Module, list[Note]]:
    """A module that has been typed these lines, with a server that accepts, and its notes from then on."""
    notes: list[Note] = []
    module = make_module(name, observers=[NoteListener(notes.append)])
    module.power_on(0.0)
    for line in lines:
        module.receive(line + b"\r", 0.0)
        if OPENS.get(line[:10]) == "opened":
            module.on_reply(StreamOpened(1), 0.0)
        elif OPENS.get(line[:10]) == "connected":
            module.on_reply(StreamReceived(1, encode(Connack(0))), 0.0)
    module.data_to_send()
    notes.clear()
    return module, notes


@pytest.mark.parametrize(("device", "before", "line", "data", "subject", "reason"), PROMPTS.values(), ids=PROMPTS)
def test_what_is_awaited(
    device: tuple[str, tuple[bytes, ...]],
    before: tuple[bytes, ...],
    line: bytes,
    data: bytes,
    subject: str,
    reason: str,
) -> None:
    module, notes = made(device[0], (*device[1], *before))
    module.receive(line + b"\r", 10.0)
    last = 10.0
    for number, byte in enumerate(data):
        last = 11.0 + number
        module.receive(bytes((byte,)), last)
    said = module.data_to_send()
    due = module.deadline()
    assert due is not None
    assert due <= last + 5.0
    module.advance(last + 4.999)
    assert notes == []
    module.advance(last + 5.0)
    assert [(*note[:2], str(note.reason)) for note in notes] == [(last + 5.0, subject, reason)]
    module.advance(last + 20.0)
    module.receive(b"x", last + 21.0)
    module.advance(last + 26.5)
    assert len(notes) == 1, "once a prompt"
    assert said.endswith((b"> ", b">", b"CONNECT\r\n"))
    assert module.data_to_send() == b""


def test_the_next_prompt_is_told_of_again() -> None:
    module, notes = made(*LTE)
    for now in (10.0, 20.0):
        module.receive(b'AT+QMTPUBEX=0,0,0,0,"a",2\r', now)
        module.advance(now + 5.0)
        module.receive(b"on", now + 6.0)
    assert [note[0] for note in notes] == [15.0, 25.0]


def test_data_that_ends_is_not_awaited() -> None:
    """By its last byte, by the time that the command gives, by the power."""
    module, notes = made(*LTE)
    module.receive(b'AT+QMTPUBEX=0,0,0,0,"a",2\ron', 10.0)
    module.advance(20.0)
    assert notes == []
    module.receive(b'AT+QFUPL="f",10,5\r', 20.0)
    assert module.deadline() == 25.0
    module.advance(25.0)
    assert [note[1] for note in notes] == ['AT+QFUPL="f",10,5']
    module.receive(b'AT+QMTPUBEX=0,0,0,0,"a",2\r', 30.0)
    module.power_off(31.0)
    module.power_on(32.0)
    module.advance(60.0)
    assert len(notes) == 1
