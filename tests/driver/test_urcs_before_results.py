"""URCs between a command's echo and its result, as some firmwares print them: every answer is still the right one.

On written conversations, at each place where a line of the answer begins; and on a virtual module of each dialect that
is told to print them, drawn at random.
"""

from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from modemlab.at.syntax import ParsedCommand
from modemlab.lab.lab import Lab
from modemlab.module.early_urcs import EarlyUrc, put_early
from modemlab.module.observer import Observer
from modemlab.transcripts.format import Mark, TranscriptStep, parse_transcript, unescape
from support.driver_conversations import CONVERSATIONS
from support.driver_line import HostEnd

# What may come at any time and says nothing of the client at work.
URCS: dict[str, tuple[bytes, ...]] = {
    "quectel_lte": (
        *(b"+CREG: 5", b"+CEREG: 2", b'+CGREG: 1,"00C3","80D413D",7', b"+CTZV: +32", b"+QIND: SMS DONE"),
        *(b'+CGEV: NW DEACT "IP","10.64.5.2",5', b"+QMTSTAT: 4,1", b"+CSCON: 0", b"+QUSIM: 1"),
        *(b'+QMTRECV: 4,0,"t",6,"\r\nOK\r\n"', b'+QMTRECV: 4,0,"t",6\r\n\r\nOK\r\n', b"+QMTRECV: 4,0"),
        *(b"RING", b"+CRING: VOICE", b"NO CARRIER", b"BUSY", b"SMS DONE", b"PB DONE", b"APP RDY", b"POWERED DOWN"),
    ),
    "quectel_nb": (
        *(b"+CEREG:5", b"+CSCON:0", b"+CSCON:1", b'+QMTRECV: 0,0,"t","on"', b"+CTZV:+32", b"+NPING: 1"),
        *(b"RING", b"NO CARRIER", b"NO ANSWER"),
    ),
    "luat": (
        *(b"+CREG: 5", b"+CGREG: 1", b"+NITZ: 2024/05/06,14:10:00+32,0", b'+MSUB: "t",6 byte,\r\nOK\r\n'),
        *(b"+CSCON: 0", b"^MODE: 17,17", b"RING", b"NO CARRIER", b"SMS READY", b"+MSUB: 0", b"^SIMST: 1"),
    ),
}


def places(steps: list[TranscriptStep]) -> list[int]:
    """Where a line of an answer begins: a CR LF that the module says ahead of it."""
    return [number for number, step in enumerate(steps) if step.mark is Mark.SAID and step.text == ""]


def converse(name: str, urc: bytes, place: int, piece: int) -> HostEnd:
    """The host's end of that conversation, once this URC has come at that place."""
    dialect, recipe, transcript, _ = CONVERSATIONS[name]
    steps = list(parse_transcript(transcript))
    end = HostEnd(dialect, piece)
    end.start(recipe())
    for number, step in enumerate(steps):
        if number == place:
            end.say(b"\r\n" + urc + b"\r\n")
        if step.mark in (Mark.SEND, Mark.SEND_RAW):
            assert end.sent() == unescape(step.text) + (b"\r" if step.mark is Mark.SEND else b"")
        elif step.mark is Mark.SAID:
            end.say(unescape(step.text) + b"\r\n")
        elif step.mark is Mark.SAID_RAW:
            end.say(unescape(step.text))
        elif step.mark is Mark.WAIT:
            end.wait(float(step.text))
    return end


@pytest.mark.parametrize("piece", [0, 1])
@pytest.mark.parametrize("name", CONVERSATIONS)
def test_in_each_place_of_a_conversation(name: str, piece: int) -> None:
    """The value or the error is the same, and the line is in step afterwards."""
    dialect, _, transcript, expected = CONVERSATIONS[name]
    steps = list(parse_transcript(transcript))
    for urc in URCS[dialect.name]:
        for place in places(steps):
            end = converse(name, urc, place, piece)
            assert len(end.results) == 1, (urc, place)
            got = type(end.results[0]) if isinstance(expected, type) else end.results[0]
            assert got == expected, (urc, place)
            assert end.exchange.idle, (urc, place)


# On a virtual module

MODELS = {"quectel_lte": "EC200S-CN", "quectel_nb": "BC35-G", "luat": "Air724UG"}
ASKED: dict[str, dict[str, list[str]]] = {
    "quectel_lte": {"AT+CREG?": ["+CREG: 0,1"], "AT+CSQ": ["+CSQ: 24,99"], "AT+CGATT?": ["+CGATT: 1"], "AT": []},
    "quectel_nb": {"AT+CEREG?": ["+CEREG:0,1"], "AT+CSCON?": ["+CSCON:0,0"], "AT+CGATT?": ["+CGATT:1"], "AT": []},
    "luat": {"AT+CREG?": ["+CREG: 0,1"], "AT+CSQ": ["+CSQ: 29,99"], "AT+CGATT?": ["+CGATT: 1"], "AT": []},
}


@pytest.mark.parametrize("name", MODELS)
@given(rng=st.randoms(use_true_random=False))
@settings(max_examples=25, deadline=None, derandomize=True, database=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_module_that_prints_them_is_driven(name: str, rng: Random) -> None:
    """Up to two ahead of the result of each command that the driver writes: answers and messages come as ever."""
    with Lab(MODELS[name]) as lab:

        class PrintsSome(Observer):
            def on_command(self, call: ParsedCommand) -> None:
                for _ in range(rng.randint(0, 2)):
                    put_early(lab.module, EarlyUrc(rng.choice(URCS[name])))

        async def main() -> bytes:
            async with lab.modem() as modem:
                # Until the module is known, nobody can know where a message ends that holds a result code.
                lab.module.add_observer(PrintsSome())
                await modem.ready()
                for line, lines in ASKED[name].items():
                    assert await modem.command(line) == lines, line
                async with modem.mqtt("broker.example", client_id="pump-7") as client:
                    assert await client.subscribe("pump/7/set", qos=1) == (1,)
                    await client.publish("pump/7/state", b"on", qos=1)
                    lab.publish("pump/7/set", "off", qos=1)
                    while (message := await anext(client.messages)).topic != "pump/7/set":
                        pass
                    return message.payload

        assert lab.run(main()) == b"off"
        lab.expect(topic="pump/7/state", payload="on", within=0)
