"""Firmware in the loop: the pump's firmware, built for this machine, on a virtual module with a network that can fail.

pytest runs it wherever modemlab is installed: the fixture `modem_lab` comes with it.
"""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from modemlab import Lab

SOURCES = Path(__file__).parent.parent / "c_driver"
READING = '{"rpm":1200}'
WAIT = 10


@pytest.fixture(scope="session")
def firmware(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The pump's firmware."""
    home = tmp_path_factory.mktemp("firmware")
    for source in (*SOURCES.glob("*.[ch]"), SOURCES / "Makefile"):
        shutil.copy(source, home)
    subprocess.run(["make", "-C", str(home), "pump"], check=True, capture_output=True)
    return home / "pump"


def start(firmware: Path, lab: Lab, *options: str) -> "subprocess.Popen[str]":
    """Switch the pump on."""
    environment = {**os.environ, **lab.environment}
    return subprocess.Popen(
        [firmware, *options], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


@pytest.mark.modem(port="pty")
def test_a_reading_is_published_once(firmware: Path, modem_lab: Lab) -> None:
    with start(firmware, modem_lab) as pump:
        assert pump.wait(WAIT) == 0
    assert [(message.topic, message.payload, message.qos) for message in modem_lab.messages] == [
        ("pump/7/state", READING.encode(), 1)
    ]
    modem_lab.expect(mistakes=0)


@pytest.mark.modem(port="pty")
def test_a_message_that_is_repeated_is_waited_for(firmware: Path, modem_lab: Lab) -> None:
    """Two PUBACKs are lost, five seconds each, which pass at once."""
    modem_lab.perform("faults", faults=[{"packet": "PUBACK", "action": "drop", "times": 2}])
    with start(firmware, modem_lab) as pump:
        modem_lab.expect(topic="pump/7/state")
        modem_lab.advance(10)
        assert pump.wait(WAIT) == 0
    modem_lab.expect(topic="pump/7/state", payload=READING, nth=3)
    modem_lab.expect(urc="+QMTPUBEX: 0,2,0")


@pytest.mark.modem(port="pty")
def test_an_order_is_read_by_its_length(firmware: Path, modem_lab: Lab) -> None:
    """Whatever its bytes look like."""
    order = b'\r\nOK\r\n\r\n+QMTSTAT: 0,1\r\n> "'
    with start(firmware, modem_lab, "-w", "5") as pump:
        modem_lab.expect(urc="+QMTSUB: 0,1,0,1")
        modem_lab.publish("pump/7/set", order, qos=1)
        said, _ = pump.communicate(timeout=WAIT)
    assert said == f"pump/7/set: {order.hex(' ')}\n"
    assert pump.returncode == 0


@pytest.mark.modem(
    port="pty",
    scenario="""
        [[step]]
        after = { packet = "PUBLISH", direction = "out" }
        action = { do = "disconnect", how = "reset" }
    """,
)
def test_a_link_that_is_lost_is_opened_again(firmware: Path, modem_lab: Lab) -> None:
    with start(firmware, modem_lab) as pump:
        assert pump.wait(WAIT) == 0
    modem_lab.expect(client=0, state="connected", nth=2)
    modem_lab.expect(packet="PUBACK", direction="in")


@pytest.mark.modem(port="pty")
@pytest.mark.parametrize(
    ("action", "arguments", "reason"),
    [("lock_sim", {"pin": "4321"}, "the SIM is not ready"), ("insert_sim", {"card": "absent"}, "the SIM is not ready")],
)
def test_what_is_missing_is_said(
    firmware: Path, modem_lab: Lab, action: str, arguments: dict[str, str], reason: str
) -> None:
    modem_lab.perform(action, **arguments)
    with start(firmware, modem_lab) as pump:
        _, said = pump.communicate(timeout=WAIT)
    assert (pump.returncode, said) == (1, f"pump: {reason}\n")
