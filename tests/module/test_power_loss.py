"""The power goes in the middle of anything: what is left is what is stored, and nothing else."""

from collections.abc import Iterator
from typing import Any

import pytest

from modemlab.dialect.mobile import HOME
from modemlab.dialect.network import StreamError
from modemlab.module.clock import Clock
from modemlab.module.effects import StreamClosed, StreamFailed, StreamOpened, StreamReceived, StreamSendBufferFull
from modemlab.module.interpreter import Interpreter
from modemlab.module.mobile import Mobile
from modemlab.module.module import Module
from modemlab.module.playback import ModulePlayback
from modemlab.transcripts.format import Mark, TranscriptStep, parse_transcript, unescape
from support.helpers import make_module
from support.transcript_files import SESSIONS, TranscriptFile

TRANSCRIPTS = [file for file in SESSIONS if file.path.parent.name == "quectel_lte"]

# A session that is in the middle of something at almost every byte: settings of each kind, a context, a SIM that is
# locked, a file, a client with all that it may wait for, data being typed, a line that is typed, URCs held, a shutdown.
SESSION = """
>> ATE0
>> AT+CREG=1;&W;+CEREG=2
>> AT+CTZR=1;+QCFG="urcdelay",7
>> AT+QICSGP=2,1,"iot","me","word",1
>> AT+CLCK="SC",1,"1234"
>> AT+CPIN=1
>> AT+QFUPL="f",4
>>| data
>> AT+QFOPEN="f",2
>> AT+QMTCFG="recv/mode",0,1
>> AT+QMTCFG="pdpcid",0,2
>> AT+QMTOPEN=0,"h",1
S: opened
>> AT+QMTCONN=0,"c"
S< Connack(0)
>> AT+QMTSUB=0,1,"t",1
S< Suback(1, (1,))
S< Publish("t", b"m", qos=1, packet_id=3)
>> AT+QMTPUBEX=0,2,1,0,"t",3
>>| abc
~~ 5.0
>> AT+CGEREP=2
>> AT+QMTOPEN=1,"h",1
M: set_time_zone(zone=36, daylight=1)
>>| AT+CS
M: set_registration(stat="roaming")
M: drop_context(cid=2)
~~ 2.0
>> Q
>> AT+CFUN=4
M: set_signal(signal=[3, 7])
M: refuse_contexts(cause=33)
>> AT+CFUN=1
M: insert_sim(card="absent")
M: reinsert_sim()
>> AT+CPIN=0000
>> AT+CPIN=1234
M: detach()
>> AT+CGATT=1;+CMEE=2;+QCFG="urc/cache",1
M: set_registration(stat="denied", cause=11)
>> AT+QPOWD
~~ 0.5
"""
# The same, shorter, on the other families.
OTHERS = {
    "BC35-G": r"""
>> AT+CMEE=1
>> AT+CEREG=2
>> AT+CSCON=1
>> AT+NCONFIG=AUTOCONNECT,FALSE
>> AT+QMTCFG="keepalive",0,60
>> AT+QMTOPEN=0,"h",1883
S: opened
>> AT+QMTCONN=0,"c"
S< Connack(0)
>> AT+QMTPUB=0,1,1,0,"t"
>>| abc\x1a
M: set_registration(stat="denied")
M: lock_sim()
>> AT+NRB
~~ 1.0
""",
    "Air724UG": r"""
>> AT+CMEE=2
>> AT+CSTT="cmnet"
>> AT+CIICR
>> AT+CIFSR
>> AT+MCONFIG="c"
>> AT+MIPSTART="h",1883
S: opened
>> AT+MCONNECT=1,60
S< Connack(0)
>> AT+MSUB="t",1
S< Suback(1, (1,))
S< Publish("t", b"m", qos=1, packet_id=3)
>> AT+MPUBEX="t",1,0,3
>>| abc
M: lock_sim()
>> AT+CPIN="1234"
M: set_registration(stat="roaming")
~~ 1.0
""",
}
# What outlives the power: of the mobile what the world gives, the definitions of contexts and the clock.
WORLD = (*("card", "coverage", "reject", "signal_here", "operator", "cell", "boot_time", "_refused", "contexts"),)
CODES = ("pin", "puk", "enabled", "pin_left", "puk_left")
UNLIKE = {"happen", "_lock", "_commands", "_out", "_factory", "clock"}


def events(text: str, every_byte: bool) -> Iterator[TranscriptStep]:
    """The steps that do something; with `every_byte` what the host sends comes byte by byte."""
    for step in parse_transcript(text):
        if step.mark in (Mark.SEND, Mark.SEND_RAW):
            data = unescape(step.text) + (b"\r" if step.mark is Mark.SEND else b"")
            for size in [1] * len(data) if every_byte else [len(data)]:
                yield TranscriptStep(step.number, Mark.SEND_RAW, data[:size].hex())
                data = data[size:]
        elif step.mark in (Mark.WAIT, Mark.FROM_SERVER, Mark.NETWORK, Mark.MOBILE) and step.text != "close":
            yield step


def play(steps: list[TranscriptStep], name: str = "EC200S-CN") -> ModulePlayback:
    """A module to which all of that has happened."""
    bench = ModulePlayback(make_module(name, utc=1_700_000_000.0))
    for step in steps:
        if step.mark is Mark.SEND_RAW:
            bench.send(bytes.fromhex(step.text))
        elif step.mark is Mark.WAIT:
            bench.wait(float(step.text))
        elif bench.module.on:
            bench.network(step)
    return bench


def twin(module: Module) -> Module:
    """A new module that has nothing of that one but what outlives its power."""
    other = make_module(module.model.name, utc=1_700_000_000.0, files=module.files)
    other.settings._stored = module.settings._stored
    for name in WORLD:
        value = getattr(module.mobile, name)
        setattr(other.mobile, name, dict(value) if isinstance(value, dict) else value)
    for name in set(Clock.__slots__) - {"synchronised"}:
        setattr(other.mobile.clock, name, getattr(module.mobile.clock, name))
    if module.mobile._lock is not None:
        for name in CODES:
            setattr(other.mobile.sim_lock, name, getattr(module.mobile._lock, name))
    return other


def shape(module: Module) -> dict[str, Any]:
    """All that a module holds, but for its numbers for streams."""
    parts: dict[str, Any] = {name: getattr(module, name) for name in ("on", "clients", "_timers", "restarted")}
    names = getattr(module._memory, "__slots__", ())
    parts["users"] = module.connections.users
    parts["memory"] = {name: getattr(module._memory, name) for name in names}
    parts["settings"] = (dict(module.settings.values), dict(module.settings._stored))
    for kind, part in ((Interpreter, module.line), (Mobile, module.mobile), (Clock, module.mobile.clock)):
        parts.update({f"{kind.__name__}.{n}": getattr(part, n) for n in kind.__slots__ if n not in UNLIKE})
    lock = module.mobile._lock
    parts["lock"] = lock and [getattr(lock, name) for name in lock.__slots__]
    return parts


def cut(bench: ModulePlayback) -> None:
    """Take the power, try the module while it is off, give the power back and compare it with its twin."""
    module, now = bench.module, bench.now + 0.25
    module.data_to_send()
    other = twin(module)
    opened = {user.stream for user in module.connections.users}
    module.power_off(now)
    bench._drain()
    assert opened <= bench.closed
    assert (module.data_to_send(), module.deadline()) == (b"", None)
    module.receive(b"AT\r", now)
    for stream in range(1, 4):
        module.on_reply(StreamOpened(stream), now)
        module.on_reply(StreamReceived(stream, b"\x20\x02\x00\x00"), now)
        module.on_reply(StreamFailed(stream, StreamError.REFUSED), now)
        module.on_reply(StreamClosed(stream), now)
        module.on_reply(StreamSendBufferFull(stream), now)
    module.dtr_dropped(now)
    module.advance(now + 1000.0)
    assert (module.data_to_send(), module.effects, module.connections.users) == (b"", [], ())
    for one in (module, other):
        one.power_on(now + 1000.0)
    said = module.data_to_send()
    assert said == other.data_to_send()
    assert said
    assert shape(module) == shape(other)


@pytest.mark.parametrize("part", range(4))
def test_at_every_byte(part: int) -> None:
    """Of a session that is always in the middle of something."""
    steps = list(events(SESSION, every_byte=True))
    assert len(steps) > 400
    for count in range(part, len(steps) + 1, 4):
        bench = play(steps[:count])
        cut(bench)
        assert bench.module.files.read("f") in (None, b"data")


@pytest.mark.parametrize("name", OTHERS)
def test_at_every_byte_of_other_families(name: str) -> None:
    """Whatever the dialect remembers."""
    steps = list(events(OTHERS[name], every_byte=True))
    for count in range(len(steps) + 1):
        cut(play(steps[:count], name))


@pytest.mark.parametrize("file", TRANSCRIPTS, ids=str)
def test_at_every_event(file: TranscriptFile) -> None:
    """Of every session that is written down."""
    steps = list(events(file.text, every_byte=False))
    for count in range(len(steps) + 1):
        cut(play(steps[:count]))


def probes(module: Module) -> list[str]:
    """What shows the state of a module and changes nothing."""
    return [
        form.command + "?"
        for command in module.dialect.commands.values()
        if not command.basic
        for form in command.forms
        if form.kind.name == "READ"
    ]


def test_answers_are_those_of_a_new_module() -> None:
    """At every event of the session each read form answers as its twin's."""
    steps = list(events(SESSION, every_byte=False))
    for count in range(len(steps) + 1):
        module = play(steps[:count]).module
        other = twin(module)
        module.power_off(100.0)
        for one in (module, other):
            one.power_on(100.0)
            one.data_to_send()
        for probe in probes(module):
            lines = []
            for one in (module, other):
                one.receive(f"AT{probe}\r".encode(), 101.0)
                lines.append(one.data_to_send())
            assert lines[0] == lines[1], (count, probe)


def test_what_is_stored_stays() -> None:
    """The end of the session: AT&W, what is stored at once, contexts, the file, the lock and its PIN."""
    module = play(list(events(SESSION, every_byte=False))).module
    module.power_off(100.0)
    module.mobile.set_registration(HOME, 100.0)
    module.power_on(100.0)
    module.data_to_send()
    said = {}
    for line in ("E0", "+CREG?", "+CEREG?", "+CTZR?", '+QCFG="urcdelay"', "+QICSGP=2", "+CPIN?", "+QFLST", "+CMEE?"):
        module.receive(f"AT{line}\r".encode(), 101.0)
        said[line] = module.data_to_send().split(b"\r\n")[1].decode()
    assert said == {
        "E0": "OK",
        "+CREG?": "+CREG: 1,0",
        "+CEREG?": "+CEREG: 0,0",
        "+CTZR?": "+CTZR: 1",
        '+QCFG="urcdelay"': '+QCFG: "urcdelay",7',
        "+QICSGP=2": '+QICSGP: 1,"iot","me","word",1',
        "+CPIN?": "+CPIN: SIM PIN",
        "+QFLST": '+QFLST: "UFS:f",4',
        "+CMEE?": "+CMEE: 1",
    }
