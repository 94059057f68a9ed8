"""Messages and topics of Luat's modules, both ways (Luat AT manual V1.6.3, 16.4 to 16.10)."""

import pytest

from support.helpers import hold
from support.luat_lines import MODEL, ONLINE, asks, cme, ok, read, urc

MESSAGE = 'S< Publish("t", b"{}")\n'


def stored(text: str) -> str:
    """A message with that text comes."""
    return MESSAGE.format(text)


def places(*valid: int) -> str:
    """AT+MQTTMSGGET? shows that these places hold a message."""
    states = [f"+MQTTMSGGET: {n},{'VALID' if n in valid else 'INVALID'}" for n in range(4)]
    return read("AT+MQTTMSGGET?", *states)


def test_each_quality_of_service() -> None:
    hold(
        ONLINE
        + ok("AT+MPUB=t,0,0,zero")
        + 'S> Publish("t", b"zero")\n'
        + ok("AT+MPUB=t,1,0,one")
        + 'S> Publish("t", b"one", qos=1, packet_id=1)\nS< Puback(1)\n'
        + urc("PUBACK")
        + ok("AT+MPUB=t,2,1,two")
        + 'S> Publish("t", b"two", qos=2, retain=True, packet_id=2)\nS< Pubrec(2)\n'
        + urc("PUBREC")
        + "S> Pubrel(2)\nS< Pubcomp(2)\n"
        + urc("PUBCOMP")
        + ok("AT+MPUB=t,1,0,again")
        + 'S> Publish("t", b"again", qos=1, packet_id=3)\nS< Puback(3)\n'
        + urc("PUBACK"),
        MODEL,
    )


def test_acknowledgements_in_any_order() -> None:
    hold(
        ONLINE
        + ok("AT+MPUB=t,2,0,a", "AT+MPUB=t,1,0,b")
        + 'S> Publish("t", b"a", qos=2, packet_id=1)\nS> Publish("t", b"b", qos=1, packet_id=2)\n'
        + "S< Pubrec(1)\n"
        + urc("PUBREC")
        + "S< Puback(2)\n"
        + urc("PUBACK")
        + "S< Pubcomp(1)\n"
        + urc("PUBCOMP"),
        MODEL,
    )


def test_a_message_that_nobody_acknowledges() -> None:
    hold(
        ONLINE
        + ok("AT+MPUB=t,1,0,x")
        + 'S> Publish("t", b"x", qos=1, packet_id=1)\n'
        + "~~ 15\n"
        + 'S> Publish("t", b"x", qos=1, packet_id=1, dup=True)\n' * 3
        + "S> nothing\n~~ 5\n"
        + urc("CLOSED")
        + "S: close\n",
        MODEL,
    )


def test_topics_that_are_no_names() -> None:
    hold(ONLINE + cme(53, "AT+MPUB=a/#,0,0,x", "AT+MPUB=+,0,0,x", "AT+MPUBEX=#,0,0,1") + "S> nothing\n", MODEL)


def test_an_empty_message() -> None:
    hold(
        ONLINE
        + ok('AT+MPUB="t",1,1,""')
        + 'S> Publish("t", b"", qos=1, retain=True, packet_id=1)\n'
        + cme(53, "AT+MPUB=t,0,0,", "AT+MPUB=t,0,0"),
        MODEL,
    )


# Any bytes, behind a prompt


def test_bytes_of_a_given_length() -> None:
    hold(
        ONLINE
        + asks("AT+MPUBEX=t,0,0,7")
        + ">>| \\x00\\x1a\\x1b\\r\\n\\xffA\n<<\n<< OK\n"
        + 'S> Publish("t", b"\\x00\\x1a\\x1b\\r\\n\\xffA")\n'
        + asks('AT+MPUBEX="t",2,1,1')
        + "~~ 200\n>>| x\n<<\n<< OK\n"
        + 'S> Publish("t", b"x", qos=2, retain=True, packet_id=1)\nS< Pubrec(1)\n'
        + urc("PUBREC")
        + "S> Pubrel(1)\nS< Pubcomp(1)\n"
        + urc("PUBCOMP"),
        MODEL,
    )


def test_bytes_up_to_their_end() -> None:
    hold(
        ONLINE
        + asks("AT+MPUBEX=t,0,0")
        + ">>| hello\\r\\nworld\\x1a\n<<\n<< OK\n"
        + 'S> Publish("t", b"hello\\r\\nworld")\n'
        + asks("AT+MPUBEX=t,0,0,")
        + ">>| \\x1a\n<<\n<< OK\n"
        + 'S> Publish("t", b"")\n',
        MODEL,
    )


def test_bytes_up_to_a_silence() -> None:
    hold(
        ONLINE
        + asks("AT+MPUBEX=t,1,0")
        + ">>| one,\n~~ 4.9\n>>| two\n~~ 4.9\nS> nothing\n~~ 0.2\n<<\n<< OK\n"
        + 'S> Publish("t", b"one,two", qos=1, packet_id=1)\nS< Puback(1)\n'
        + urc("PUBACK"),
        MODEL,
    )


def test_no_bytes_at_all() -> None:
    hold(ONLINE + asks("AT+MPUBEX=t,0,0") + "~~ 4.9\n~~ 0.2\n<<\n<< ERROR\nS> nothing\n", MODEL)


def test_as_many_bytes_as_there_may_be() -> None:
    text = "x" * 4100
    for line in ("AT+MPUBEX=t,0,0", "AT+MPUBEX=t,0,0,4100"):
        hold(ONLINE + asks(line) + f'>>| {text}\n<<\n<< OK\nS> Publish("t", b"{text}")\n', MODEL)


def test_the_session_ends_while_bytes_are_typed() -> None:
    hold(
        ONLINE + asks("AT+MPUBEX=t,0,0,2") + ">>| a\nS: closed\n>>| b\n<<\n<< +CME ERROR: 767\n" + urc("CLOSED"), MODEL
    )


# Topics


def test_subscriptions() -> None:
    hold(
        ONLINE
        + ok('AT+MSUB="a/#",2')
        + 'S> Subscribe(1, (("a/#", 2),))\nS< Suback(1, (1,))\n'
        + urc("SUBACK")
        + ok("AT+MSUB=b,0")
        + 'S> Subscribe(2, (("b", 0),))\nS< Suback(2, (128,))\n'
        + urc("ERROR")
        + ok("AT+MUNSUB=a/#")
        + 'S> Unsubscribe(3, ("a/#",))\nS< Unsuback(3)\n'
        + urc("UNSUBACK"),
        MODEL,
    )


SHOWN = [
    ("b'{\"a\":1}'", r'7 byte,{"a":1}'),
    ('b""', "0 byte,"),
    (r'b"a,b\r\nc"', r"6 byte,a,b\r\nc"),
    (r'b"\xc3\xa9\x00\xff"', r"4 byte,\xc3\xa9\x00\xff"),
]


@pytest.mark.parametrize(("payload", "shown"), SHOWN)
def test_messages_as_they_come(payload: str, shown: str) -> None:
    hold(ONLINE + f'S< Publish("a/1", {payload})\n<<| \\r\\n+MSUB: "a/1",{shown}\\r\\n\n', MODEL)


def test_messages_are_acknowledged_behind_their_line() -> None:
    hold(
        ONLINE
        + 'S< Publish("t", b"1", qos=1, packet_id=7)\n'
        + urc('+MSUB: "t",1 byte,1')
        + "S> Puback(7)\n"
        + 'S< Publish("t", b"2", qos=2, packet_id=8)\n'
        + urc('+MSUB: "t",1 byte,2')
        + "S> Pubrec(8)\nS< Pubrel(8)\nS> Pubcomp(8)\n",
        MODEL,
    )


# Messages that wait


def test_the_newest_overwrites_the_oldest() -> None:
    hold(
        ONLINE
        + ok("AT+MQTTMSGSET=1")
        + "".join(stored(str(n)) + urc(f"+MSUB: {n % 4}") for n in range(6))
        + places(0, 1, 2, 3)
        + read("AT+MQTTMSGGET", *(f'+MSUB: "t",1 byte,{n}' for n in (2, 3, 4, 5)))
        + places()
        + stored("6")
        + urc("+MSUB: 0"),
        MODEL,
    )


def test_storage_is_chosen_before_the_connection_too() -> None:
    lead = ONLINE.partition(">> AT+MIPSTART")
    hold(lead[0] + ok("AT+MQTTMSGSET=1") + lead[1] + lead[2] + stored("a") + urc("+MSUB: 0"), MODEL)


def test_back_to_messages_as_they_come() -> None:
    hold(
        ONLINE
        + ok("AT+MQTTMSGSET=1")
        + stored("a")
        + urc("+MSUB: 0")
        + ok("AT+MQTTMSGSET=0")
        + stored("b")
        + urc('+MSUB: "t",1 byte,b')
        + read("AT+MQTTMSGGET", '+MSUB: "t",1 byte,a'),
        MODEL,
    )


def test_what_waits_goes_with_the_connection() -> None:
    hold(
        ONLINE + ok("AT+MQTTMSGSET=1") + stored("a") + urc("+MSUB: 0") + "S: closed\n" + urc("CLOSED") + places(), MODEL
    )


def test_a_urc_waits_for_the_line_and_the_prompt() -> None:
    hold(
        ONLINE
        + ">>| AT+CS\n"
        + stored("a")
        + "~~ 0.5\n>>| Q\\r\n<<\n<< +CSQ: 29,99\n<<\n<< OK\n"
        + urc('+MSUB: "t",1 byte,a')
        + asks("AT+MPUBEX=t,0,0,1")
        + stored("b")
        + "~~ 2\n>>| x\n<<\n<< OK\n"
        + urc('+MSUB: "t",1 byte,b'),
        MODEL,
    )
