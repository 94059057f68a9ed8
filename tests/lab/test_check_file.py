"""Files of `modemlab check`: what they say, and what is wrong with one, by its line."""

import re
from typing import Any

import pytest

from modemlab.lab.check_file import BrokerTable, ModuleTable, Program, read_check
from modemlab.lab.expectations import ExitMatcher, LineMatcher, MistakesMatcher
from modemlab.scenario.matchers import MessageMatcher, PacketMatcher

WHOLE = r"""
[module]
model = "BC35-G"
port = "tcp://127.0.0.1:0"
network = "nbiot"
speed = 10
quirk = []

[program]
timeout = 5.5

[broker]
users = "users.txt"

[[step]]
at = 1
action = { do = "power_cycle" }

[[expect]]
line = '\+QMTPUB: 0,1,0'
within = 10

[[expect]]
topic = "pump/+/state"
payload_like = '\{.*\}'
qos = 1

[[expect]]
packet = "PUBLISH"
direction = "out"
nth = 2
never = true

[[expect]]
mistakes = 2

[[expect]]
exit = 3
"""


def test_a_file_is_read() -> None:
    found = read_check(WHOLE)
    assert found.module == ModuleTable(model="BC35-G", port="tcp://127.0.0.1:0", network="nbiot", speed=10, quirk=[])
    assert found.program == Program(5.5)
    assert found.broker == BrokerTable("users.txt")
    assert found.scenario is not None
    assert [step.due.seconds for step in found.scenario.steps] == [1]
    expected: list[tuple[Any, float | None, bool]] = [
        (LineMatcher(r"\+QMTPUB: 0,1,0"), 10, False),
        (MessageMatcher("pump/+/state", payload_like=r"\{.*\}", qos=1), None, False),
        (PacketMatcher("PUBLISH", "out", 2), None, True),
        (MistakesMatcher(2), None, True),
        (ExitMatcher(3), None, False),
    ]
    assert [(each.moment, each.within, each.never) for each in found.expectations] == expected
    assert [each.name for each in found.expectations] == [
        r"line = '\+QMTPUB: 0,1,0'",
        r"topic = 'pump/+/state', payload_like = '\{.*\}', qos = 1",
        "never packet = 'PUBLISH', direction = 'out', nth = 2",
        "mistakes = 2",
        "exit = 3",
    ]


def test_an_empty_file_expects_a_program_that_succeeds() -> None:
    found = read_check("")
    assert found.module == ModuleTable("EC200S-CN")
    assert found.scenario is None
    assert [each.name for each in found.expectations] == ["exit = 0"]


def test_a_program_that_runs_forever_has_no_status() -> None:
    found = read_check('[program]\nforever = true\n[[expect]]\nurc = "RDY"\n')
    assert [each.name for each in found.expectations] == ["urc = 'RDY'"]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("x", "line 1: not valid TOML: "),
        (
            "[modul]",
            (
                "line 1: 'modul' is not a known key of a check; did you mean 'module'? One of: module, program, "
                "broker, step"
            ),
        ),
        ("module = 1", "line 1: module is 1, expected a table"),
        ("[module]\nmodel = 'EC999'", "line 2: module: 'EC999' is not a known model"),
        (
            "[module]\nmodel = 'EC200S'\nmodle = 1",
            "line 3: module: 'modle' is not a known key; did you mean 'model'? One of: model, port,",
        ),
        (
            "[module]\nmodel = 'EC200S-CM'",
            "line 2: module: 'EC200S-CM' is not a known model; did you mean 'EC200S-CN'? One of: Air724UG, ",
        ),
        (
            "[program]\n\ntimout = 5",
            "line 3: program: 'timout' is not a known key; did you mean 'timeout'? One of: timeout, forever",
        ),
        (
            "[program]\ntimeout = '5'",
            "line 2: program: timeout is '5', expected a number from 0.1 to 86400 seconds, without quo",
        ),
        ("[module]\n\nstrict = 1", "line 3: module: strict is 1, expected true or false"),
        ("[module]\nspeed = 'x'", "line 2: module: speed is 'x', expected a number from 0.1 to 1000"),
        ("[module]\nspeed = 1e9", "line 2: module: speed is 1000000000, expected a number from 0.1 to 1000"),
        (
            "[module]\nnoise = 0.30000000000000004\nbaud = 1",
            "line 3: module: baud is 1, expected a whole number from 50",
        ),
        ("[module]\nnoise = 1.1", "line 2: module: noise is 1.1, expected a number from 0 to 1"),
        ("[module]\nfifo = 0", "line 2: module: fifo is 0, expected a whole number from 1 to 65536 bytes"),
        ("[module]\nnetwork = 'cat9'", "line 2: module: network is 'cat9', expected one of lab, cat1,"),
        ("[module]\nnetwork = 'cat9'", "tunnel; did you mean 'cat1'?"),
        (
            "[module]\nquirk = [\n'disc-stat',\n'x']",
            "line 4: module: 'x' is not a known quirk of Quectel EC200x, EC600x and EG912Y. One",
        ),
        ("[module]\nquirk = 'x'", "line 2: module: quirk is 'x', expected a list of texts"),
        ("[program]\ntimeout = 0", "line 2: program: timeout is 0, expected a number from 0.1 to 86400 seconds"),
        ("[broker]\nkey = 'a'", "line 1: broker: key and client_ca stand beside certificate"),
        ("[broker]\ncertificate = 1", "line 2: broker: certificate is 1, expected a text"),
        ("[broker]\nusers = 1", "line 2: broker: users is 1, expected a text"),
        ("[[step]]\nat = -1\naction = {do = 'power_cycle'}", "line 2: at is -1, expected a number from 0"),
        ("step = 1", "line 1: step is 1, expected [[step]]"),
        ("expect = [1]", "line 1: expect is 1, expected a table with one of packet"),
        (
            "[[expect]]\nwithin = 1",
            "line 1: expect is {'within': 1}, expected a table with one of packet, command, urc, client, line",
        ),
        ("[[expect]]\nline = 'a'\nexit = 0", "line 3: expect has line and exit, expected one of them"),
        ("[[expect]]\nline = 'a'\nwithin = 'x'", "line 3: expect: line: within is 'x', expected a number from 0"),
        ("[[expect]]\nline = 'a'\nnever = 1", "line 3: expect: line: never is 1, expected true or false"),
        ("[[expect]]\nline = '('", "line 2: expect: line: line is '(', expected a regular expression"),
        (
            "[[expect]]\nline = '(a)\\1'",
            "line 2: expect: line: line is '(a)\\\\1', expected a regular expression, but a pattern has no such thing",
        ),
        (
            "[[expect]]\ntopic = 'a'\npayload_like = '\\bon'",
            (
                "topic: payload_like is '\\\\bon', expected a regular expression, "
                "but a pattern has no word boundaries at position 0"
            ),
        ),
        ("[[expect]]\ntopic = 'a#'", "line 2: expect: topic: topic is 'a#', expected a topic, or a filter of topics"),
        ("[[expect]]\ntopic = 'a'\npayload = 1", "line 3: expect: topic: payload is 1, expected a text"),
        ("[[expect]]\ntopic = 'a'\nqos = 3", "line 3: expect: topic: qos is 3, expected a whole number from 0 to 2"),
        ("[[expect]]\ntopic = 'a'\nretain = 1", "line 3: expect: topic: retain is 1, expected true or false"),
        (
            "[[expect]]\ncommand = 'AT+NONE'",
            "line 2: expect: command: command is 'AT+NONE', expected one that the module knows",
        ),
        ("[[expect]]\ncommand = 'AT+QMTCON'", "expected one that the module knows; did you mean 'AT+QMTCONN'?"),
        (
            "[[expect]]\ntpoic = 'a'\nqos = 1",
            (
                "line 2: 'tpoic' is not a known key of expect; did you mean 'topic'? One of: packet, direction, "
                "nth, within, never,"
            ),
        ),
        (
            "[[expect]]\ntpoic = 'a'\nqos = 1",
            "command, urc, client, state, line, topic, payload, payload_like, qos, retain, exit, mistakes",
        ),
        (
            "[[expect]]\nline = 'a'\n\nwithn = 3",
            "line 4: expect: line: 'withn' is not a known key; did you mean 'within'? One of: line, nth, within, never",
        ),
        ("[[expect]]\nexit = 1.0", "line 2: expect: exit: exit is 1.0, expected a whole number from 0 to 255"),
        (
            "[[expect]]\nexit = '1'",
            "line 2: expect: exit: exit is '1', expected a whole number from 0 to 255, without quotes",
        ),
        ("[[expect]]\nexit = 2024-01-31", "line 2: expect: exit: exit is 2024-01-31, expected a whole number from 0"),
        ("[[expect]]\nlien = 'a'", "line 2: 'lien' is not a known key of expect; did you mean 'line'? One of: "),
        ("[[expect]]\nexit = 256", "line 2: expect: exit: exit is 256, expected a whole number from 0 to 255"),
        ("[[expect]]\nmistakes = -1", "line 2: expect: mistakes: mistakes is -1, expected a whole number from 0"),
        ("[program]\nforever = true", "line 2: with forever, expected at least one [[expect]]"),
        ("[program]\nforever = true\n[[expect]]\nexit = 0", "line 3: a program that runs forever has no exit status"),
    ],
)
def test_what_is_wrong_is_one_line(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=re.escape(reason)) as caught:
        read_check(text)
    assert "\n" not in str(caught.value)
