"""Pieces of transcripts of BC35-G and BC28, beside those of the MQTT commands that both families share."""

from typing import Any

from modemlab.module.module import Module
from support.helpers import exchange, hold, make_module
from support.mobile_line import UTC
from support.qmt_lines import connected, opened

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


OK = b"\r\nOK\r\n"


def nb_module(name: str = "BC35-G", **options: object) -> Module:
    """A module that is on, has said so, and gives numbers of errors."""
    module = make_module(name, utc=UTC, **options)
    module.power_on(0.0)
    exchange(module, b"AT+CMEE=1")
    return module


def info(*lines: str) -> bytes:
    """Information lines and OK."""
    return ("\r\n" + "".join(line + "\r\n" for line in lines) + "\r\nOK\r\n").encode()


def cme(code: int) -> bytes:
    """A failure."""
    return f"\r\n+CME ERROR: {code}\r\n".encode()
