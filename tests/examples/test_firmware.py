"""The C programs of `examples/`: built with the system's compiler, driven over a pty."""

import os
import subprocess
from pathlib import Path

import pytest

from support.programs import require

pytest_plugins = ["pytester"]
pytestmark = pytest.mark.skipif(os.name != "posix", reason="the programs open ptys")
EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
WAIT = 60.0


def test_the_firmware_in_the_loop_passes_its_tests(pytester: pytest.Pytester) -> None:
    """The example's own tests, run by pytest."""
    require("cc", "make")
    result = pytester.runpytest_inprocess("-p", "no:cacheprovider", str(EXAMPLES / "firmware_in_the_loop"))
    result.assert_outcomes(passed=6)


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The driver with a program of the test's own around it."""
    home = tmp_path_factory.mktemp("driver")
    source = home / "digest.c"
    source.write_text(DIGEST)
    command = [require("cc", "make"), "-std=c11", "-Wall", "-Wextra", "-Werror", "-fsanitize=undefined", "-I"]
    subprocess.run(
        [*command, str(EXAMPLES / "c_driver"), "-o", str(home / "digest"), str(source)], check=True, capture_output=True
    )
    return home / "digest"


# Reads what a module says from stdin, byte by byte, while a command is pending, and prints what it came to.
DIGEST = r"""
#include "at.c"
#include <stdio.h>
int main(void)
{
    static struct at_urc urcs[] = {{.name = "+QMTOPEN", .least = 2, .most = 2}, {.name = "RDY"}, {.name = NULL}};
    static struct at at;
    int byte;
    at.urcs = urcs;
    at.echo = "AT+QMTOPEN?";
    at.result = AT_PENDING;
    while ((byte = getchar()) != EOF)
        take_byte(&at, (char)byte);
    printf("%d %s|", at.result, at.info);
    for (struct at_urc *urc = urcs; urc->name != NULL; urc++)
        if (urc->came)
            printf("%s %d %d|", urc->name, urc->values[0], urc->values[1]);
    if (at.message.came)
        printf("%s %zu %.*s|", at.message.topic, at.message.length, (int)at.message.length, at.message.payload);
    printf(at.prompted ? "prompt\n" : "\n");
    return 0;
}
"""
PENDING, GOOD, BAD = 4, 0, 1
LONG = b"x" * 300


@pytest.mark.parametrize(
    ("said", "came"),
    [
        (b"AT+QMTOPEN?\r\r\nOK\r\n", f"{GOOD} |"),
        (b"\r\nERROR\r\n", f"{BAD} |"),
        (b"\r\n+CME ERROR: 3\r\n", f"{BAD} |"),
        (b"\r\n+QMTOPEN: 0,0\r\n", f"{PENDING} |+QMTOPEN 0 0|"),
        (b"\r\n+QMTOPEN: 0,-1\r\n", f"{PENDING} |+QMTOPEN 0 -1|"),
        (b'\r\n+QMTOPEN: 0,"h",1883\r\n\r\nOK\r\n', f'{GOOD} +QMTOPEN: 0,"h",1883|'),
        (b"\r\n+QMTOPEN: 0,0,0\r\n", f"{PENDING} +QMTOPEN: 0,0,0|"),
        (b"\r\n+QMTOPENED: 0,0\r\n", f"{PENDING} +QMTOPENED: 0,0|"),
        (b"\r\nRDY\r\n", f"{PENDING} |RDY 0 0|"),
        (b"\r\n> ", f"{PENDING} |prompt"),
        (b"AT+QMTOPEN?\r\r\nAT+QMTOPEN?\r\n", f"{PENDING} AT+QMTOPEN?|"),
        (b'\r\n+QMTRECV: 0,1,"t",6,"\r\nOK\r\n"\r\n', f"{PENDING} |t 6 \r\nOK\r\n|"),
        (b'\r\n+QMTRECV: 0,1,"t",0,""\r\n\r\nOK\r\n', f"{GOOD} |t 0 |"),
        (b'\r\n+QMTRECV: 0,1,"a"b",2,"""\r\n', f'{PENDING} |a"b 2 ""|'),
        (b"\r\n" + LONG + b"\r\n\r\nOK\r\n", f"{GOOD} |"),
        (b'\r\n+QMTRECV: 0,1,"' + LONG + b'",1,"x"\r\n\r\nOK\r\n', f"{GOOD} |"),
        (b'\r\n+QMTRECV: 0,1,"t",1600,"' + b"y" * 1600 + b'"\r\n\r\nOK\r\n', f"{GOOD} |t 1500 {'y' * 1500}|"),
    ],
)
def test_the_driver_tells_lines_apart(program: Path, said: bytes, came: str) -> None:
    """Echo, results, URCs by their shape, payloads by their length; nothing that is too long does harm."""
    done = subprocess.run([program], input=said, capture_output=True, timeout=WAIT, check=True)
    assert (done.stdout.decode().removesuffix("\n"), done.stderr) == (came, b"")


def test_the_driver_holds_against_every_cut(program: Path) -> None:
    """A conversation that ends anywhere leaves it in order: no crash, nothing made up."""
    said = b'AT+QMTOPEN?\r\r\n+QMTOPEN: 0,"h",1\r\n\r\nOK\r\n\r\n+QMTRECV: 0,1,"t",4,"OK\r\n"\r\n'
    for end in range(0, len(said), 5):
        done = subprocess.run([program], input=said[:end], capture_output=True, timeout=WAIT, check=True)
        assert done.stderr == b""
