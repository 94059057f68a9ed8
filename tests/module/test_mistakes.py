"""The host's mistakes: what is told of each, in every split of what the host sends."""

from random import Random

import pytest

from modemlab.module.custom_commands import read_custom_commands
from modemlab.module.effects import OpenStream, SendStream, StreamOpened, StreamReceived
from modemlab.module.host_mistakes import MAX_KEPT
from modemlab.module.log_notes import Mistake, MistakeKind, Note
from modemlab.module.observer import NoteListener
from modemlab.module.playback import replay_offline
from support.helpers import PIECES, make_module
from support.luat_lines import BOOT as LUAT_BOOT
from support.luat_lines import ONLINE as LUAT_ONLINE
from support.nb_lines import nb_online
from support.qmt_lines import BOOT, ok, opened, prompt, urc
from support.qmt_lines import online as opened_at_once

PUBLISH = 'AT+QMTPUBEX=0,0,0,0,"t",%d'
GUIDE = "(MQTT guide, 3.3.8)"
DONE = "<<\n<< OK\n" + urc("+QMTPUBEX: 0,0,0")
LOST = "S: closed\n" + urc("+QMTSTAT: 0,1")
NB_PROMPT = '>> AT+QMTPUB=0,0,0,0,"t"\n<<| \\r\\n>\\x20\n'
NB_DONE = "<<\n<< OK\n" + urc("+QMTPUB: 0,0,0")


def online(*settings: str) -> str:
    """A module whose client 0 is connected by a host that makes no mistake."""
    return opened_at_once(ok("AT+QIACT=1"), *settings)


NOT_ACTIVE = (
    'AT+QMTOPEN=0,"broker.example",1883: mistake: a network opened before its PDP context: context {} is not active, '
    "and some firmwares do not activate it automatically (TCP/IP guide V1.2, 2.2.2)"
)
# The model, the transcript, and the notes of mistakes.
TABLE = {
    "a network without its context": ("EC200S-CN", BOOT + opened(), [NOT_ACTIVE.format(1)]),
    "a network with another context": (
        "EC200S-CN",
        BOOT + ok("AT+QIACT=1", 'AT+QMTCFG="pdpcid",0,2') + opened(),
        [NOT_ACTIVE.format(2)],
    ),
    "a network whose context the host took": (
        "EC200S-CN",
        BOOT + ok("AT+QIACT=1", "AT+QIDEACT=1") + opened(),
        [NOT_ACTIVE.format(1)],
    ),
    "a network whose context another client has": ("EC200S-CN", online() + opened(1), []),
    "a client that is open already": (
        "EC200S-CN",
        online() + ok('AT+QMTOPEN=0,"broker.example",1883') + urc("+QMTOPEN: 0,2"),
        [],
    ),
    "nothing wrong": (
        "EC200S-CN",
        online() + prompt(PUBLISH % 9) + '>>| {"温":1}\\r\\n\n' + DONE + "~~ 9\n>> AT\n<<\n<< OK\n~~ 9\n",
        [],
    ),
    "a link that dies while the time is asked for": (
        "EC200S-CN",
        online() + ok('AT+QNTP=1,"time.example"') + LOST + "~~ 9\n",
        [],
    ),
    "a ping that is refused, and a host that waits": (
        "EC200S-CN",
        BOOT + '>> AT+QPING=1,"a"\n<<\n<< ERROR\n~~ 9\n',
        [
            (
                'AT+QPING=1,"a": mistake: the host waits for a result that cannot come: the host is silent for '
                "5 s, but +QPING "
                "never comes after an error (TCP/IP guide V1.2, 2.2.11)"
            )
        ],
    ),
    "two lines at once": (
        "EC200S-CN",
        BOOT + ">>| AT\\r\\nAT+CPIN?\\r\\n\n<<\n<< OK\n<<\n<< +CPIN: READY\n<<\n<< OK\n",
        ["AT+CPIN?: mistake: the next command before the last one's final result (V.250, 5.5)"],
    ),
    "names misspelt": (
        "EC200S-CN",
        BOOT + "".join(f">> {line}\n<<\n<< ERROR\n" for line in ("AT+QMTOPN?", "ATQMTOPEN?", "AT+QFOO", "AT+QIOPEN=1")),
        [
            "AT+QMTOPN?: mistake: a misspelt command name: did you mean AT+QMTOPEN?",
            "ATQMTOPEN?: mistake: a misspelt command name: did you mean AT+QMTOPEN?",
        ],
    ),
    "data with the command": (
        "EC200S-CN",
        online() + f">>| {PUBLISH % 2}\\r\\nhi\n<<| \\r\\n>\\x20\n" + DONE,
        [f"{PUBLISH % 2}: mistake: data before the prompt {GUIDE}"],
    ),
    "a command with the data": (
        "EC200S-CN",
        online() + prompt(PUBLISH % 2) + ">>| hiAT\\r\n" + DONE + "<<\n<< OK\n",
        ["AT: mistake: the next command before the last one's final result (V.250, 5.5)"],
    ),
    "characters counted": (
        "EC200S-CN",
        online() + prompt(PUBLISH % 7) + '>>| {"温":1}\n' + DONE + "~~ 0.9\n~~ 0.2\n",
        [
            (
                f"{PUBLISH % 7}: mistake: a length that is not the data size in bytes: 7 is the length in characters, "
                f"but in bytes it is 9 {GUIDE}"
            )
        ],
    ),
    "characters counted, and the next command": (
        "EC200S-CN",
        online() + prompt(PUBLISH % 2) + ">>| 温度\\r\\n\n" + DONE + ">> AT\n<<\n<< OK\n",
        [
            (
                f"{PUBLISH % 2}: mistake: a length that is not the data size in bytes: 2 is the length in characters, "
                f"but in bytes it is 6 {GUIDE}"
            )
        ],
    ),
    "a byte too many": (
        "EC200S-CN",
        online() + prompt(PUBLISH % 2) + ">>| hi!\\r\\n\n" + DONE + ">> AT\n<<\n<< OK\n",
        [
            (
                f"{PUBLISH % 2}: mistake: a length that is not the data size in bytes: "
                f"1 byte came after the announced 2 {GUIDE}"
            )
        ],
    ),
    "noise long after data": (
        "EC200S-CN",
        online() + prompt(PUBLISH % 2) + ">>| hi\n" + DONE + "~~ 2\n>>| ??\\r\n>> AT\n<<\n<< OK\n",
        [],
    ),
    "data that the next command completes": (
        "EC200S-CN",
        online() + prompt(PUBLISH % 6) + ">>| hi\n~~ 3\n>>| AT+CSQ\\r\n" + DONE + "~~ 2\n",
        [
            (
                f"{PUBLISH % 6}: mistake: data that never completes: 2 of 6 bytes came, and the command after them "
                f"was taken as data {GUIDE}"
            )
        ],
    ),
    "data that never completes": (
        "EC200S-CN",
        BOOT + '>> AT+QFUPL="a",6,5\n<<\n<< CONNECT\n>>| hi\n~~ 6\n<<\n<< +QFUPL: 2,6869\n<<\n<< +CME ERROR: 421\n',
        [
            (
                'AT+QFUPL="a",6,5: mistake: data that never completes: 2 of 6 bytes came, then time ran out '
                "(file guide V1.0, 2.2.4)"
            )
        ],
    ),
    "a dead client": (
        "EC200S-CN",
        online() + LOST + f">> {PUBLISH % 2}\n<<\n<< ERROR\n>> AT\n<<\n<< OK\n",
        [
            (
                f"{PUBLISH % 2}: mistake: a command for a client that has ended: the link of client 0 has ended, as "
                f"+QMTSTAT: 0,1 reported {GUIDE}"
            )
        ],
    ),
    "a client opened anew": (
        "EC200S-CN",
        online() + LOST + '>> AT+QMTOPEN=0,"h",1883\n<<\n<< OK\nS: opened\n' + urc("+QMTOPEN: 0,0"),
        [],
    ),
    "another client than the dead one": (
        "EC200S-CN",
        online() + LOST + ">> AT+QMTDISC=1\n<<\n<< ERROR\n>> AT\n<<\n<< OK\n",
        [],
    ),
    "silence after a refusal": (
        "EC200S-CN",
        BOOT + '>> AT+QMTCONN=0,"c"\n<<\n<< ERROR\n~~ 4.9\n~~ 0.2\n~~ 30\n',
        [
            (
                'AT+QMTCONN=0,"c": mistake: the host waits for a result that cannot come: the host is silent for 5 s, '
                "but +QMTCONN never comes after an error (MQTT guide, 3.3.4)"
            )
        ],
    ),
    "no silence after a refusal": (
        "EC200S-CN",
        BOOT + '>> AT+QMTCONN=0,"c"\n<<\n<< ERROR\n~~ 4.9\n>> AT\n<<\n<< OK\n~~ 30\n',
        [],
    ),
    "a message asked of a dead client": (
        "EC200S-CN",
        online(ok('AT+QMTCFG="recv/mode",0,1')) + LOST + ">> AT+QMTRECV=0,1\n<<\n<< ERROR\n>> AT\n<<\n<< OK\n",
        [
            (
                "AT+QMTRECV=0,1: mistake: a command for a client that has ended: the link of client 0 has ended, as "
                "+QMTSTAT: 0,1 reported (MQTT guide, 3.3.9)"
            )
        ],
    ),
    "a malformed command for a dead client": (
        "EC200S-CN",
        online() + LOST + ">> AT+QMTOPEN=0\n<<\n<< ERROR\n>> AT\n<<\n<< OK\n",
        [],
    ),
    "a dead client that is closed": (
        "EC200S-CN",
        online() + LOST + ">> AT+QMTCLOSE=0\n<<\n<< OK\n" + urc("+QMTCLOSE: 0,0") + "~~ 30\n",
        [],
    ),
    "Luat's dead client": (
        "Air724UG",
        LUAT_ONLINE + "S: closed\n" + urc("CLOSED") + ">> AT+MSUB=7,1\n<<\n<< +CME ERROR: 767\n>> AT\n<<\n<< OK\n",
        [
            (
                "AT+MSUB=7,1: mistake: a command for a client that has ended: the link of client 0 has ended, as "
                "CLOSED reported (Luat AT manual V1.6.3, 16.6)"
            )
        ],
    ),
    "a dead client of BC35-G": (
        "BC35-G",
        nb_online() + LOST + '>> AT+QMTSUB=0,1,"t",0\n<<\n<< ERROR\n>> AT\n<<\n<< OK\n',
        [
            (
                'AT+QMTSUB=0,1,"t",0: mistake: a command for a client that has ended: the link of client 0 has ended, '
                "as +QMTSTAT: 0,1 reported (BC35-G & BC28 MQTT guide V1.0, 3.2.7)"
            )
        ],
    ),
    "results outstanding as a link dies": (
        "EC200S-CN",
        online()
        + prompt('AT+QMTPUBEX=0,7,1,0,"t",2')
        + '>>| hi\n<<\n<< OK\n>> AT+QMTSUB=0,8,"t",0\n<<\n<< OK\n'
        + LOST
        + "~~ 4.9\n~~ 0.2\n~~ 30\n",
        [
            (
                'AT+QMTPUBEX=0,7,1,0,"t",2: mistake: the host waits for a result that cannot come: the host is '
                "silent for 5 s, "
                f"but +QMTPUBEX never comes after +QMTSTAT: 0,1 {GUIDE}"
            )
        ],
    ),
    "results outstanding as a link dies, and a host that goes on": (
        "EC200S-CN",
        online()
        + '>> AT+QMTSUB=0,8,"t",0\n<<\n<< OK\n'
        + LOST
        + '~~ 4\n>> AT+QMTOPEN=0,"h",1883\n<<\n<< OK\nS: opened\n'
        + urc("+QMTOPEN: 0,0")
        + "~~ 30\n",
        [],
    ),
    "no results outstanding as a link dies": (
        "EC200S-CN",
        online() + prompt(PUBLISH % 2) + ">>| hi\n" + DONE + LOST + "~~ 30\n",
        [],
    ),
    "a result of another message": (
        "EC200S-CN",
        online()
        + '>> AT+QMTSUB=0,1,"t",0\n<<\n<< OK\n>> AT+QMTSUB=0,2,"u",0\n<<\n<< OK\n'
        + "S< 9003000100\n"
        + urc("+QMTSUB: 0,1,0,0")
        + LOST
        + "~~ 6\n",
        [
            (
                'AT+QMTSUB=0,2,"u",0: mistake: the host waits for a result that cannot come: the host is silent '
                "for 5 s, "
                "but +QMTSUB never comes after +QMTSTAT: 0,1 (MQTT guide, 3.3.6)"
            )
        ],
    ),
    "a message cancelled ahead of the end": (
        "BC35-G",
        nb_online() + NB_PROMPT + ">>| hi\\x1b\n<<\n<< OK\n" + LOST + "~~ 30\n",
        [],
    ),
    "results outstanding as Luat's link dies": (
        "Air724UG",
        LUAT_ONLINE
        + ">> AT+MSUB=t,1\n<<\n<< OK\n>> AT+MPUB=t,0,0,x\n<<\n<< OK\nS: closed\n"
        + urc("CLOSED")
        + "~~ 6\n",
        [
            (
                "AT+MSUB=t,1: mistake: the host waits for a result that cannot come: the host is silent for 5 s, "
                "but SUBACK never comes after CLOSED (Luat AT manual V1.6.3, 16.6)"
            )
        ],
    ),
    "silence after a refused setting": ("EC200S-CN", BOOT + ">> AT+CREG=9\n<<\n<< +CME ERROR: 50\n~~ 30\n", []),
    "no wait behind Ctrl-Z": (
        "BC35-G",
        nb_online() + NB_PROMPT + ">>| hi\\x1aAT\\r\n" + NB_DONE + "<<\n<< OK\n",
        ["AT: mistake: no wait between Ctrl-Z and the result (BC35-G & BC28 MQTT guide V1.0, 3.2.9)"],
    ),
    "Ctrl-Z and CR LF": ("BC35-G", nb_online() + NB_PROMPT + ">>| hi\\x1a\\r\\n\n" + NB_DONE + "~~ 9\n", []),
    "silence after Luat's refusal": (
        "Air724UG",
        LUAT_BOOT + ">> AT+MCONNECT=1,60\n<<\n<< +CME ERROR: 767\n~~ 6\n",
        [
            (
                "AT+MCONNECT=1,60: mistake: the host waits for a result that cannot come: the host is silent for 5 s, "
                "but CONNACK OK never comes after an error (Luat AT manual V1.6.3, 16.3)"
            )
        ],
    ),
}


def mistakes_of(model: str, transcript: str, piece: int) -> list[str]:
    """The notes of mistakes, once the transcript is held to."""
    notes: list[Note] = []
    module = make_module(model, observers=[NoteListener(notes.append)], mistakes=True)
    differences = replay_offline(module, transcript, piece)
    assert not differences, f"in pieces of {piece}:\n" + "\n".join(map(str, differences))
    told = [f"{note.subject}: {note.reason}" for note in notes if note.mistake is not None]
    assert module.mistakes is not None
    assert sum(module.mistakes.counts.values()) == len(told) == len(module.mistakes.kept)
    return told


@pytest.mark.parametrize("name", TABLE)
@pytest.mark.parametrize("piece", PIECES)
def test_mistakes(name: str, piece: int) -> None:
    """Exactly these notes, whole and in pieces."""
    model, transcript, expected = TABLE[name]
    assert mistakes_of(model, transcript, piece) == expected


def test_a_host_that_leaves_in_the_middle_of_data() -> None:
    """The bytes that came, and those that were announced."""
    notes: list[Note] = []
    module = make_module(observers=[NoteListener(notes.append)], mistakes=True)
    replay_offline(module, online() + prompt(PUBLISH % 6) + ">>| hi\n")
    module.dtr_dropped(9.0)
    assert str(notes[0].reason) == (
        f"mistake: data that never completes: 2 of 6 bytes came, then the host closed the port {GUIDE}"
    )


def test_summary_counts_each_kind_and_what_is_kept_is_bounded() -> None:
    """One line a kind; a hundred mistakes are kept, all are counted, across starts too."""
    module = make_module(mistakes=True)
    module.power_on(0.0)
    for _ in range(2 * MAX_KEPT):
        module.receive(b"AT\rAT+CSQ\r", 1.0)
        module.data_to_send()
    module.power_off(2.0)
    module.power_on(3.0)
    module.receive(b'AT+QMTCONN=0,"c"\r', 4.0)
    module.data_to_send()
    module.power_off(10.0)
    assert module.mistakes is not None
    assert len(module.mistakes.kept) == MAX_KEPT
    assert module.mistakes.kept[0] == Mistake(1.0, MistakeKind.EARLY, "AT+CSQ", None, "V.250, 5.5")
    assert module.mistakes.summary() == [
        "200 x the next command before the last one's final result, first with AT+CSQ",
        "1 x the host waits for a result that cannot come",
    ]


def test_lines_with_names_are_watched_each() -> None:
    """What is said on one line is no answer to the other."""
    module = make_module(mistakes=True)
    module.set_lines(("usbat", "uart1"))
    module.power_on(0.0)
    module.receive(b"AT\r", 1.0)
    module.select_line(1)
    module.receive(b"AT\r", 1.0)
    assert module.mistakes is not None
    assert module.mistakes.counts == {}
    module.receive(b"AT\r", 1.0)
    assert module.mistakes.counts == {MistakeKind.EARLY: 1}


def test_nothing_is_watched_unless_asked_for() -> None:
    """Off by default: no notes, no deadline."""
    notes: list[Note] = []
    module = make_module(observers=[NoteListener(notes.append)])
    module.power_on(0.0)
    module.receive(b'AT\rAT+QMTCONN=0,"c"\r', 0.0)
    assert module.mistakes is None
    assert module.deadline() is None
    assert [str(note.reason) for note in notes] == ["client 0 is closed, but must be open (MQTT guide, 3.3.4)"]


@pytest.mark.parametrize("model", ["EC200S-CN", "BC35-G", "Air724UG"])
def test_watching_changes_nothing(model: str) -> None:
    """Whatever a host does, the module says the same bytes with and without being watched."""
    pieces = [
        b"AT",
        b"\r",
        b"\n",
        b"\x1a",
        b"\x1b",
        b"A/",
        b"+++",
        b";",
        b"noise",
        "温".encode(),
        b"+QSLOW",
        b'+QFUPL="a",3,1',
    ]
    pieces += [b'+QMTOPEN=0,"h",1', b'+QMTCONN=0,"c"', b'+QMTPUBEX=0,0,0,0,"t",3', b'+QMTPUB=0,0,0,0,"t"', b"ATE0\r"]
    pieces += [b'+MIPSTART="h",1', b"+MCONNECT=1,60", b'+MPUBEX="t",0,0,3', b'+FSCREATE="a"', b'+FSWRITE="a",0,3,1']
    extras = read_custom_commands({"answer": [{"command": "AT+QSLOW", "delay": 1}]})
    lots = Random(1)
    for _ in range(100):
        pair = [make_module(model, mistakes=watched, custom_commands=extras) for watched in (False, True)]
        for module in pair:
            module.power_on(0.0)
        now = 0.0
        for _ in range(60):
            now += lots.choice((0.0, 0.0, 0.1, 1.0, 6.0))
            happens, data = lots.random(), b"".join(lots.choices(pieces, k=lots.randrange(1, 5)))
            taken = lots.random() < 0.7
            for module in pair:
                if happens < 0.8:
                    module.receive(data, now)
                elif happens < 0.85:
                    module.dtr_dropped(now)
                else:
                    module.advance(now)
                for effect in module.effects:
                    if type(effect) is OpenStream:
                        module.on_reply(StreamOpened(effect.stream), now)
                    elif type(effect) is SendStream:
                        module.on_reply(StreamReceived(effect.stream, b"\x20\x02\x00\x00"), now)
                module.effects.clear()
            if taken:
                assert pair[0].data_to_send() == pair[1].data_to_send()
        for module in pair:
            module.power_off(now)
        assert pair[0].data_to_send() == pair[1].data_to_send()
        assert pair[0].unknown == pair[1].unknown
