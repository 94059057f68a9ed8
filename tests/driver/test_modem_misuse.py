"""What no module could do is refused in a line, whatever its type, and the client goes on."""

from typing import Any

import pytest

from modemlab.at.errors import UsageError
from support.modem_desk import FaultlessLab

CALLS: list[tuple[str, tuple[Any, ...], str]] = [
    ("subscribe", (b"a",), "what is subscribed to is a topic filter, or a list of them with a QoS each"),
    ("subscribe", (None,), "what is subscribed to is a topic filter, or a list of them with a QoS each"),
    ("subscribe", (["a", "b"],), "what is subscribed to is a topic filter, or a list of them with a QoS each"),
    ("subscribe", ([("a",)],), "what is subscribed to is a topic filter, or a list of them with a QoS each"),
    ("subscribe", ([],), "a topic filter is missing, or a list of them with a QoS each"),
    ("unsubscribe", (), "a topic filter is missing, or a list of them"),
    ("unsubscribe", ([],), "a topic filter is missing, or a list of them"),
    ("unsubscribe", (None,), "what is no longer subscribed to is a topic filter, or a list of them"),
    ("unsubscribe", ("a", 5), "what is no longer subscribed to is a topic filter, or a list of them"),
    ("publish", ("a", b"x", 1.0), "QoS is 0, 1 or 2, not 1.0"),
    ("publish", ("a", b"x", 0, None), "retain is None, expected True or False"),
    ("publish", ("a", b"x", 0, float("inf")), "retain is a float, expected True or False"),
    ("publish", ("a", b"x", 0, 2), "retain is 2, expected True or False"),
    ("subscribe", (["ab"],), "QoS is 0, 1 or 2, not 'b'"),
    ("subscribe", ("a", "1"), "QoS is 0, 1 or 2, not '1'"),
    ("subscribe", ("a", 5), "QoS is 0, 1 or 2, not 5"),
    ("subscribe", ([(5, 1)],), "a topic is text, not int"),
    ("publish", (5, "on"), "a topic is text, not int"),
    ("publish", (None, "on"), "a topic is text, not NoneType"),
    ("publish", (b"a", "on"), "a topic is text, not bytes"),
    ("publish", ("a", 10**5000), "the message is a number that is too long"),
    ("unsubscribe", ([5],), "a topic is text, not int"),
    ("command", (b"AT",), "a command line is text, not bytes"),
    ("command", (None,), "a command line is text, not NoneType"),
    ("command", ("AT\ud800",), "the command line is text that UTF-8 does not have"),
]


@pytest.mark.parametrize(("call", "arguments", "reason"), CALLS)
def test_a_call_that_is_wrong(call: str, arguments: tuple[Any, ...], reason: str) -> None:
    """Before anything is sent."""
    with FaultlessLab() as lab:

        async def main() -> None:
            async with lab.modem() as modem, modem.mqtt("broker.example") as client:
                traffic = lab.traffic
                with pytest.raises(UsageError) as caught:
                    await getattr(modem if call == "command" else client, call)(*arguments)
                assert str(caught.value) == reason
                assert lab.traffic == traffic
                await client.publish("a", "on", qos=1)

        lab.run(main())
