"""Pieces of transcripts of BC35-G and BC28, beside those of the MQTT commands that both families share."""

from typing import Any

from helpers import hold
from qmt_lines import connected, opened

START = "<<\n<< REBOOT_CAUSE_SECURITY_PMU_POWER_ON_RESET\n<<\n<< Neul\n<< OK\n"
WITH_NUMBERS = ">> AT+CMEE=1\n<<\n<< OK\n"


def refused(code: int, *lines: str) -> str:
    """Each line is answered by that code, AT+CMEE being 1."""
    return "".join(f">> {line}\n<<\n<< +CME ERROR: {code}\n" for line in lines)


def nb_online(*settings: str, fields: str = "level=3, keep_alive=120") -> str:
    """A module just started whose client is connected, with settings made before."""
    return START + "".join(settings) + opened() + connected(0, fields)


def hold_nb(transcript: str, **options: Any) -> None:
    """Play a transcript on both models."""
    for name in ("BC35-G", "BC28"):
        hold(transcript, name, **options)
