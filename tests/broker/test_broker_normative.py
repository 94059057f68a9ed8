"""What MQTT 3.1.1 demands of a server, statement by statement: bytes in and out of the broker, no sockets."""

import re

import pytest

from modemlab.broker.limits import Limits
from modemlab.broker.router import Router
from modemlab.mqtt.server import ServerSession


def hexed(text: str) -> str:
    """A text as hexadecimal digits."""
    return text.encode().hex()


def field(text: str) -> str:
    """A text with its length ahead."""
    return f"{len(text.encode()):04x}{hexed(text)}"


def connect(client_id: str = "a", flags: int = 2, keep: int = 0, rest: str = "", level: int = 4) -> str:
    """CONNECT, by hand."""
    body = f"{field('MQTT' if level == 4 else 'MQIsdp')}{level:02x}{flags:02x}{keep:04x}{field(client_id)}{rest}"
    return f"10{len(body) // 2:02x}{body}"


def publish(payload: str, qos: int = 0, packet_id: int = 0, topic: str = "t", flags: int = 0) -> str:
    """PUBLISH, by hand."""
    body = field(topic) + (f"{packet_id:04x}" if qos else "") + hexed(payload)
    return f"{0x30 | qos << 1 | flags:02x}{len(body) // 2:02x}{body}"


def subscribe(topic_filter: str = "t", qos: int = 0, packet_id: int = 1) -> str:
    """SUBSCRIBE with one filter, by hand."""
    body = f"{packet_id:04x}{field(topic_filter)}{qos:02x}"
    size = len(body) // 2
    return f"82{size:02x}{body}" if size < 128 else f"82{size % 128 | 128:02x}{size // 128:02x}{body}"


OK, PRESENT = "20020000", "20020100"
SUB0, SUB1, SUB2 = "9003000100", "9003000101", "9003000102"
A, B, KEEP = f"A> {connect()}\nA< {OK}", f"B> {connect('b')}\nB< {OK}", connect("a", 0)
WILL = connect("a", 0x06, 10, field("w") + field("gone"))
WATCHED = f"{B}\nB> {subscribe('w')}\nB< {SUB0}\n"

# A statement, and a conversation: X> what client X sends, X< all that it is sent since, X! it is closed, X~ its link is
# lost, +N so many seconds pass.
STATEMENTS: list[tuple[str, str]] = [
    ("1.5.3-1", f"{A}\nA> 30 05 0003 eda080\nA<\nA!"),
    ("1.5.3-2", f"{A}\nA> 30 05 0003 610062\nA<\nA!"),
    (
        "1.5.3-3",
        (
            f"{A}\nA> {subscribe(chr(0xFEFF) + 't')}\nA< {SUB0}\nA> {publish('x', topic=chr(0xFEFF) + 't')}\n"
            f"A< {publish('x', topic=chr(0xFEFF) + 't')}"
        ),
    ),
    ("2.2.2-2", f"{A}\nA> c1 00\nA<\nA!"),
    ("2.3.1-1", f"{A}\nA> {publish('x', 1, 0)}\nA!"),
    (
        "2.3.1-6",
        (
            f"{A}\nA> {publish('x', 1, 0x1234)}\nA< 4002 1234\nA> {publish('x', 2, 0x1235)}\nA< 5002 1235\n"
            "A> 6202 1235\nA< 7002 1235"
        ),
    ),
    ("2.3.1-7", f"{A}\nA> {subscribe('t', 0, 0x55)}\nA< 9003 0055 00\nA> a205 0056 0001 74\nA< b002 0056"),
    ("3.1.0-1", "A> c0 00\nA<\nA!"),
    ("3.1.0-2", f"{A}\nA> {connect()}\nA<\nA!"),
    ("3.1.2-1", "A> 10 0d 0004 4d515455 04 02 0000 0001 61\nA<\nA!"),
    ("3.1.2-2", "A> 10 0d 0004 4d515454 03 02 0000 0001 61\nA< 20020001\nA!"),
    ("3.1.2-2", "A> 10 0f 0006 4d5149736470 04 02 0000 0001 61\nA< 20020001\nA!"),
    ("3.1.2-2", "A> 10 0d 0004 4d515454 02 02 0000 0001 61\nA< 20020001\nA!"),
    ("3.1.2-2", "A> 10 0d 0004 4d515454 05 02 0000 0001 61\nA< 20020001\nA!"),
    ("3.1.2-2", "A> 10 0d 0004 4d515454 83 02 0000 0001 61\nA< 20020001\nA!"),
    ("3.1.2-3", f"A> {connect(flags=3)}\nA<\nA!"),
    (
        "3.1.2-4",
        (
            f"{B}\nA> {KEEP}\nA< {OK}\nA> {subscribe('t', 1)}\nA< {SUB1}\nA~\nA> {KEEP}\nA< {PRESENT}\n"
            f"B> {publish('x')}\nA< {publish('x')}"
        ),
    ),
    (
        "3.1.2-5",
        (
            f"{B}\nA> {KEEP}\nA< {OK}\nA> {subscribe('t', 2)}\nA< {SUB2}\nA~\nB> {publish('1', 1, 9)}\n"
            f"B> {publish('2', 2, 8)}\nA> {KEEP}\nA< {PRESENT} {publish('1', 1, 1)} {publish('2', 2, 2)}"
        ),
    ),
    (
        "3.1.2-6",
        (
            f"A> {KEEP}\nA< {OK}\nA> {subscribe('t', 1)}\nA< {SUB1}\nA~\nA> {connect()}\nA< {OK}\n"
            f"A> {publish('x', 1, 5)}\nA< 4002 0005\nA~\nA> {KEEP}\nA< {OK}"
        ),
    ),
    (
        "3.1.2.7",
        (
            f"{B}\nB> {publish('kept', flags=1)}\nB~\nA> {connect()}\nA< {OK}\nA> {subscribe()}\n"
            f"A< {SUB0} {publish('kept', flags=1)}"
        ),
    ),
    ("3.1.2-8", f"{WATCHED}A> {WILL}\nA< {OK}\nA~\nB< {publish('gone', topic='w')}"),
    ("3.1.2-8", f"{WATCHED}A> {WILL}\nA< {OK}\n+15\nA!\nB< {publish('gone', topic='w')}"),
    ("3.1.2-8", f"{WATCHED}A> {WILL}\nA< {OK}\nA> c1 00\nA!\nB< {publish('gone', topic='w')}"),
    ("3.1.2-10", f"{WATCHED}A> {WILL}\nA< {OK}\nA> e000\nA!\nB<"),
    ("3.1.2-11", f"A> {connect(flags=0x0A)}\nA!"),
    ("3.1.2-11", f"A> {connect(flags=0x22)}\nA!"),
    ("3.1.2-14", f"A> {connect(flags=0x1E, rest=field('w') + field('x'))}\nA!"),
    (
        "3.1.2-16",
        f"{WATCHED}A> {WILL}\nA< {OK}\nA~\nB< {publish('gone', topic='w')}\nB> {subscribe('w', 0, 2)}\nB< 9003 0002 00",
    ),
    (
        "3.1.2-17",
        (
            f"A> {connect(flags=0x26, rest=field('w') + field('x'))}\nA< {OK}\nA~\n{B}\nB> {subscribe('w')}\n"
            f"B< {SUB0} {publish('x', topic='w', flags=1)}"
        ),
    ),
    ("3.1.2-18", f"A> {connect(rest=field('u'))}\nA!"),
    ("3.1.2-19", f"A> {connect(flags=0x82)}\nA!"),
    ("3.1.2-20", f"A> {connect(flags=0x82, rest=field('u') + field('p'))}\nA!"),
    ("3.1.2-21", f"A> {connect(flags=0xC2, rest=field('u'))}\nA!"),
    ("3.1.2-22", f"A> {connect(flags=0x42, rest=field('p'))}\nA!"),
    ("3.1.2-24", f"A> {connect(keep=10)}\nA< {OK}\n+14\nA> c000\nA< d000\n+14\nA> c000\nA< d000\n+15\nA!"),
    ("3.1.3-5", f"A> {connect('0123456789abcdefghijABC')}\nA< {OK}"),
    ("3.1.3-6", f"A> {connect('')}\nA< {OK}\nB> {connect('')}\nB< {OK}\nA> c000\nA< d000"),
    ("3.1.3-8", f"A> {connect('', 0)}\nA< 20020002\nA!"),
    ("3.1.4-2", f"{A}\nB> {connect('a')}\nA!\nB< {OK}"),
    ("3.1.4-4", f"A> {connect()} {publish('x', 1, 3)}\nA< {OK} 4002 0003"),
    ("3.1.4-5", f"A> {connect('', 0)} {publish('x', 1, 3)}\nA< 20020002\nA!"),
    ("3.2.2-1", f"A> {KEEP}\nA< {OK}\nA~\nA> {connect()}\nA< {OK}"),
    ("3.2.2-2", f"A> {KEEP}\nA< {OK}\nA~\nA> {KEEP}\nA< {PRESENT}"),
    ("3.2.2-3", f"A> {KEEP}\nA< {OK}"),
    ("3.2.2-4", f"A> {KEEP}\nA< {OK}\nA~\nA> {connect('', 0)}\nA< 20020002\nA!"),
    (
        "3.3.1-1",
        (
            f"{B}\nA> {KEEP}\nA< {OK}\nA> {subscribe('t', 1)}\nA< {SUB1}\nB> {publish('x', 1, 7)}\n"
            f"A< {publish('x', 1, 1)}\nA~\nA> {KEEP}\nA< {PRESENT} {publish('x', 1, 1, flags=8)}"
        ),
    ),
    ("3.3.1-2", f"{A}\nA> 38 03 0001 74\nA!"),
    (
        "3.3.1-3",
        (
            f"{B}\nB> {subscribe('t', 1)}\nB< {SUB1}\n{A}\nA> {publish('x', 1, 7, flags=8)}\nA< 4002 0007\n"
            f"B< {publish('x', 1, 1)}"
        ),
    ),
    ("3.3.1-4", f"{A}\nA> 36 06 0001 74 0001 78\nA!"),
    (
        "3.3.1-5",
        (
            f"{A}\nA> {publish('1', flags=1)} {publish('2', 1, 4, flags=1)}\nA< 4002 0004\nA> {subscribe('t', 1)}\n"
            f"A< {SUB1} {publish('2', 1, 1, flags=1)}"
        ),
    ),
    (
        "3.3.1-6",
        (
            f"{A}\nA> {publish('x', flags=1)} {publish('y', topic='u', flags=1)} {subscribe('t')}\n"
            f"A< {SUB0} {publish('x', flags=1)}"
        ),
    ),
    (
        "3.3.1-7",
        (
            f"{A}\nA> {publish('1', 1, 4, flags=1)} {publish('2', flags=1)}\nA< 4002 0004\nA> {subscribe('t', 1)}\n"
            f"A< {SUB1} {publish('2', flags=1)}"
        ),
    ),
    ("3.3.1-8", f"{A}\nA> {publish('x', flags=1)} {subscribe()}\nA< {SUB0} {publish('x', flags=1)}"),
    ("3.3.1-9", f"{A}\nA> {subscribe()}\nA< {SUB0}\nA> {publish('x', flags=1)}\nA< {publish('x')}"),
    ("3.3.1-10", f"{A}\nA> {publish('x', flags=1)} {publish('', flags=1)} {subscribe()}\nA< {SUB0}"),
    (
        "3.3.1-11",
        (
            f"{A}\nA> {subscribe()}\nA< {SUB0}\nA> {publish('', flags=1)}\nA< {publish('')}\n"
            f"A> {subscribe('t', 0, 2)}\nA< 9003 0002 00"
        ),
    ),
    ("3.3.1-12", f"{A}\nA> {publish('1', flags=1)} {publish('2')} {subscribe()}\nA< {SUB0} {publish('1', flags=1)}"),
    ("3.3.2-2", f"{A}\nA> {publish('x', topic='t/#')}\nA!"),
    ("3.3.2-2", f"{A}\nA> {publish('x', topic='+')}\nA!"),
    (
        "3.3.2-3",
        f"{A}\nA> {subscribe('+/x')}\nA< {SUB0}\nA> {publish('1', topic='y/x')}\nA< {publish('1', topic='y/x')}",
    ),
    (
        "3.3.4-1",
        f"{A}\nA> {publish('0')}\nA<\nA> {publish('1', 1, 2)}\nA< 4002 0002\nA> {publish('2', 2, 3)}\nA< 5002 0003",
    ),
    (
        "3.3.5-1",
        (
            f"{A}\nA> {subscribe('t', 0)} {subscribe('#', 2)} {subscribe('+', 1)}\nA< {SUB0} {SUB2} {SUB1}\n"
            f"A> {publish('x', 2, 9)}\nA< {publish('x', 2, 1)} 5002 0009"
        ),
    ),
    ("3.4.4", f"{A}\nA> 4002 0001\nA<\nA> c000\nA< d000"),
    ("3.6.1-1", f"{A}\nA> 6002 0001\nA!"),
    ("3.8.1-1", f"{A}\nA> 8006 0001 0001 74 00\nA!"),
    ("3.8.3-1", f"{A}\nA> 8206 0001 0001 ff 00\nA!"),
    ("3.8.3-3", f"{A}\nA> 8202 0001\nA!"),
    ("3-8.3-4", f"{A}\nA> 8206 0001 0001 74 03\nA!"),
    ("3-8.3-4", f"{A}\nA> 8206 0001 0001 74 04\nA!"),
    ("3.8.4-1", f"{A}\nA> {subscribe()}\nA< {SUB0}"),
    ("3.8.4-2", f"{A}\nA> {subscribe('t', 2, 0xABCD)}\nA< 9003 abcd 02"),
    (
        "3.8.4-3",
        (
            f"{A}\nA> {publish('x', 1, 5, flags=1)} {subscribe('t', 1)}\nA< {SUB1} {publish('x', 1, 1, flags=1)} "
            f"4002 0005\nA> 4002 0001 {subscribe('t', 0, 2)}\nA< 9003 0002 00 {publish('x', flags=1)}\n"
            f"A> {publish('y', 1, 6)}\n"
            f"A< {publish('y')} 4002 0006"
        ),
    ),
    ("3.8.4-4", f"{A}\nA> 820e 0001 0001 61 00 0001 62 01 0001 63 02\nA< 9005 0001 00 01 02"),
    (
        "3.8.4-6",
        (
            f"{A}\nA> {subscribe('t', 1)}\nA< {SUB1}\nA> {publish('0')} {publish('2', 2, 9)}\n"
            f"A< {publish('0')} {publish('2', 1, 1)} 5002 0009"
        ),
    ),
    ("3.9.3-2", f"{A}\nA> {subscribe('/' * 200, 1)}\nA< 9003 0001 80"),
    ("3.10.1-1", f"{A}\nA> a005 0001 0001 74\nA!"),
    ("3.10.3-2", f"{A}\nA> a202 0001\nA!"),
    (
        "3.10.4-1",
        (
            f"{A}\nA> {subscribe('t/+')} a205 0002 0001 74\nA< {SUB0} b002 0002\nA> {publish('x', topic='t/1')}\n"
            f"A< {publish('x', topic='t/1')}"
        ),
    ),
    ("3.10.4-2", f"{A}\nA> {subscribe()} a205 0002 0001 74 {publish('x')}\nA< {SUB0} b002 0002"),
    (
        "3.10.4-3",
        (
            f"{A}\nA> {subscribe('t', 1)} {publish('x', 1, 5)} a205 0002 0001 74\n"
            f"A< {SUB1} {publish('x', 1, 1)} b002 0002 4002 0005\nA> 4002 0001 c000\nA< d000"
        ),
    ),
    ("3.10.4-5", f"{A}\nA> a205 0002 0001 74\nA< b002 0002"),
    (
        "3.10.4-6",
        (
            f"{A}\nA> {subscribe('a')} {subscribe('b')} a208 0002 0001 61 0001 62\nA< {SUB0} {SUB0} b002 0002\n"
            f"A> {publish('x', topic='a')} {publish('x', topic='b')}\nA<"
        ),
    ),
    ("3.12.4-1", f"{A}\nA> c000\nA< d000"),
    ("3.14.1-1", f"{A}\nA> e100\nA!"),
    ("3.14.4-3", f"{WATCHED}A> {WILL}\nA< {OK}\nA> e000\nA<\nA!\nB<"),
    ("4.3.1-1", f"{A}\nA> {subscribe('t', 2)}\nA< {SUB2}\nA> {publish('x')}\nA< {publish('x')}"),
    (
        "4.3.2-1",
        (
            f"{A}\nA> {subscribe('t', 1)}\nA< {SUB1}\nA> {publish('1', 1, 9)} {publish('2', 1, 9)}\n"
            f"A< {publish('1', 1, 1)} {publish('2', 1, 2)} 4002 0009 4002 0009"
        ),
    ),
    (
        "4.3.3-2",
        (
            f"{A}\nA> {subscribe('t', 2)}\nA< {SUB2}\nA> {publish('x', 2, 9)}\nA< {publish('x', 2, 1)} 5002 0009\n"
            f"A> {publish('x', 2, 9, flags=8)}\nA< 5002 0009\nA> 6202 0009\nA< 7002 0009\nA> {publish('y', 2, 9)}\n"
            f"A< {publish('y', 2, 2)} 5002 0009"
        ),
    ),
    (
        "4.4.0-1",
        (
            f"A> {KEEP}\nA< {OK}\nA> {subscribe('t', 2)}\nA< {SUB2}\nA> {publish('1', 2, 9)} {publish('2', 1, 8)}\n"
            f"A< {publish('1', 2, 1)} {publish('2', 1, 2)} 5002 0009 4002 0008\n"
            f"A> 5002 0001\nA< 6202 0001\nA~\nA> {KEEP}\n"
            f"A< {PRESENT} 6202 0001 {publish('2', 1, 2, flags=8)}"
        ),
    ),
    (
        "4.5.0-1",
        (
            f"{B}\nA> {KEEP}\nA< {OK}\nA> {subscribe('t', 1)}\nA< {SUB1}\nA~\nB> {publish('x', 1, 9)}\n"
            f"B< 4002 0009\nA> {KEEP}\nA< {PRESENT} {publish('x', 1, 1)}"
        ),
    ),
    (
        "4.6.0-2",
        f"{A}\nA> {publish('1', 1, 3)} {publish('2', 1, 2)} {publish('3', 1, 1)}\nA< 4002 0003 4002 0002 4002 0001",
    ),
    ("4.6.0-3", f"{A}\nA> {publish('1', 2, 3)} {publish('2', 2, 2)}\nA< 5002 0003 5002 0002"),
    (
        "4.6.0-4",
        (
            f"{A}\nA> {subscribe('t', 2)}\nA< {SUB2}\nA> {publish('1', 2, 3)} {publish('2', 2, 2)}\n"
            f"A< {publish('1', 2, 1)} {publish('2', 2, 2)} 5002 0003 5002 0002\nA> 5002 0002 5002 0001\n"
            "A< 6202 0002 6202 0001"
        ),
    ),
    (
        "4.6.0-6",
        (
            f"{A}\nA> {subscribe('t', 1)}\nA< {SUB1}\nA> {''.join(publish(str(n), 1, n + 1) for n in range(3))}\n"
            f"A< {''.join(publish(str(n), 1, n + 1) for n in range(3))} 4002 0001 4002 0002 4002 0003"
        ),
    ),
    ("4.7.1-2", f"{A}\nA> {subscribe('t#')}\nA<\nA!"),
    ("4.7.1-2", f"{A}\nA> {subscribe('#/t')}\nA<\nA!"),
    ("4.7.1-3", f"{A}\nA> {subscribe('t+')}\nA<\nA!"),
    ("4.7.2-1", f"{A}\nA> {subscribe('#')} {subscribe('+/x')}\nA< {SUB0} {SUB0}\nA> {publish('x', topic='$S/x')}\nA<"),
    ("4.7.3-1", f"{A}\nA> 3003 0000 78\nA!"),
    ("4.7.3-1", f"{A}\nA> 8205 0001 0000 00\nA!"),
    ("4.7.3-4", f"{A}\nA> {subscribe('T')}\nA< {SUB0}\nA> {publish('x')}\nA<"),
    (
        "4.8.0-1",
        (
            f"{A}\nA> {subscribe('t', 2)} {publish('x', 2, 9)}\nA< {SUB2} {publish('x', 2, 1)} 5002 0009\n"
            "A> 5002 0001\nA< 6202 0001\nA> 4002 0001\nA<\nA!"
        ),
    ),
    (
        "4.8.0-1",
        (
            f"{A}\nA> {subscribe('t', 2)} {publish('x', 2, 9)}\nA< {SUB2} {publish('x', 2, 1)} 5002 0009\n"
            "A> 4002 0001\nA<\nA!"
        ),
    ),
    (
        "4.8.0-1",
        (
            f"{A}\nA> {subscribe('t', 2)} {publish('x', 2, 9)}\nA< {SUB2} {publish('x', 2, 1)} 5002 0009\n"
            "A> 7002 0001\nA<\nA!"
        ),
    ),
    (
        "4.8.0-1",
        (
            f"{A}\nA> {subscribe('t', 1)} {publish('x', 1, 9)}\nA< {SUB1} {publish('x', 1, 1)} 4002 0009\n"
            "A> 5002 0001\nA<\nA!"
        ),
    ),
    (
        "4.8.0-1",
        (
            f"{A}\nA> {subscribe('t', 1)} {publish('x', 1, 9)}\nA< {SUB1} {publish('x', 1, 1)} 4002 0009\n"
            "A> 7002 0001\nA<\nA!"
        ),
    ),
    (
        "4.3.3",
        (
            f"{A}\nA> {subscribe('t', 2)} {publish('x', 2, 9)}\nA< {SUB2} {publish('x', 2, 1)} 5002 0009\n"
            "A> 5002 0001\nA< 6202 0001\nA> 5002 0001\nA< 6202 0001\nA> 7002 0001\nA> 7002 0001\nA> c000\nA< d000"
        ),
    ),
    ("4.3.3", f"{A}\nA> 6202 0001\nA< 7002 0001\nA> 5002 0001\nA< 6202 0001\nA> 7002 0001\nA> c000\nA< d000"),
]


class Conversation:
    """Clients at a router, each by a letter."""

    def __init__(self) -> None:
        self.router = Router(Limits())
        self.sessions: dict[str, ServerSession] = {}
        self.now = 0.0

    def step(self, line: str) -> None:
        """Do what a line says, or see that it is so."""
        if line[0] == "+":
            self.now += float(line[1:])
            for session in tuple(self.sessions.values()):
                self.router.handle(session, session.advance(self.now), self.now)
            return
        who, what, data = line[0], line[1], bytes.fromhex(line[2:])
        if what == ">" and (who not in self.sessions or self.sessions[who].ended):
            self.sessions[who] = ServerSession(self.now)
        session = self.sessions[who]
        if what == ">":
            self.router.handle(session, session.receive(data, self.now), self.now)
        elif what == "<":
            assert session.take().hex() == data.hex(), line
        elif what == "~":
            self.router.handle(session, session.end("lost"), self.now)
        else:
            assert session.ended, line


@pytest.mark.parametrize(
    ("statement", "steps"), STATEMENTS, ids=[f"{n}-{each[0]}" for n, each in enumerate(STATEMENTS)]
)
def test_statement(statement: str, steps: str) -> None:
    assert re.fullmatch(r"[1-4][.-]\d+\.\d+([-.]\d+)?", statement)
    conversation = Conversation()
    for line in steps.splitlines():
        conversation.step(line)
    for name, session in conversation.sessions.items():
        assert session.ended or f"{name}!" not in steps


CONTROL = [0x01, 0x09, 0x0A, 0x1F, 0x7F, 0x80, 0x9F, 0xFDD0, 0xFDEF, 0xFFFE, 0xFFFF, 0x1FFFE, 0x10FFFF]
ALLOWED = [0x20, 0x7E, 0xA0, 0xAD, 0x200B, 0xFDCF, 0xFDF0, 0xFFFD, 0xE000, 0x2A6D4, 0x1F600]


@pytest.mark.parametrize("place", ["topic", "filter", "unsubscribed", "will", "client", "user"])
@pytest.mark.parametrize(("code", "refused"), [(n, True) for n in CONTROL] + [(n, False) for n in ALLOWED])
@pytest.mark.parametrize("level", [3, 4])
def test_characters_that_a_server_may_refuse(level: int, code: int, refused: bool, place: str) -> None:
    """3.1.1, 1.5.3: control characters and what is no character close the connection, wherever a text is."""
    text = f"t{chr(code)}/x"
    unsubscribe = f"0002{field(text)}"
    conversation = Conversation()
    if place in {"topic", "filter", "unsubscribed"}:
        conversation.step(f"A> {connect(level=level)}")
        conversation.step(f"A< {OK}")
        given = {
            "topic": publish("x", 1, 5, text),
            "filter": subscribe(text),
            "unsubscribed": f"a2{len(unsubscribe) // 2:02x}{unsubscribe}",
        }[place]
        answer = {"topic": "4002 0005", "filter": SUB0, "unsubscribed": "b002 0002"}[place]
    else:
        given = {
            "will": connect(flags=0x06, rest=field(text) + field("x"), level=level),
            "client": connect(text, level=level),
            "user": connect(flags=0x82, rest=field(text), level=level),
        }[place]
        answer = OK
    conversation.step(f"A> {given}")
    conversation.step("A<" if refused else f"A< {answer}")
    assert conversation.sessions["A"].ended is refused


@pytest.mark.parametrize("first", ["11", "12", "14", "18", "1f"])
def test_flags_of_connect_count_from_3_1_1_on(first: str) -> None:
    """3.1 leaves them unused (its section 3.1)."""
    for level, answer in ((3, OK), (4, "")):
        conversation = Conversation()
        conversation.step(f"A> {first}{connect(level=level)[2:]}")
        conversation.step(f"A< {answer}")
        assert conversation.sessions["A"].ended is (level == 4)
