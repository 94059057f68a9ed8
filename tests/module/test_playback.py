"""Transcripts on a module in memory: what of the network and its packets cannot be played names its line."""

import pytest

from modemlab.dialect.registry import find_model
from modemlab.module.module import Module
from modemlab.module.playback import replay_offline


@pytest.mark.parametrize(
    "line",
    [
        *("S: refused", "S< 3", "S> Publish(1)", 'S> Publish(5, b"x")', 'S< Publish("a", "b")', "S> Puback(99999)"),
        *("S> Decoder(True, 5)", "S< encode(3)", "S< Pingreq(()", "S< nobody()", f"S> P({'-' * 99999}1)"),
        *("M: nothing()", "M: set_registration(1)"),
    ],
)
def test_what_cannot_be_played_names_its_line(line: str) -> None:
    with pytest.raises(ValueError, match=r"\Aline 3: [^\n]+\Z"):
        replay_offline(Module(*find_model("EC200S-CN")), f"<<\n<< RDY\n{line}\n")


def test_a_connection_that_nobody_asked_for_differs() -> None:
    (difference,) = replay_offline(Module(*find_model("EC200S-CN")), "<<\n<< RDY\nS: opened host:1883\n")
    assert (difference.number, difference.expected, difference.actual) == (3, b"host:1883", b"nothing")
