"""`modemlab module --port stdio`: the line on the process's own stdin and stdout, all else on stderr."""

import os
import pty
import select
import signal
import subprocess
import termios
import time

import pytest

from support.command_line import COMMAND, ENVIRONMENT, PATIENCE

STDIO = [*COMMAND, "module", "EC200S", "--port", "stdio"]


def started(*arguments: str, terminal: int = subprocess.PIPE) -> "subprocess.Popen[bytes]":
    """A module on pipes, or on a terminal; its stderr is a pipe."""
    return subprocess.Popen(
        [*STDIO, *arguments], stdin=terminal, stdout=terminal, stderr=subprocess.PIPE, env=ENVIRONMENT
    )


def read(fd: int, ends: bytes) -> bytes:
    """What comes, up to these bytes; fails when they do not come in time."""
    data = b""
    until = time.monotonic() + PATIENCE
    while not data.endswith(ends):
        assert select.select([fd], [], [], max(until - time.monotonic(), 0))[0], data
        part = os.read(fd, 1)
        assert part, data
        data += part
    return data


def test_a_conversation() -> None:
    """Only the line is on stdout; the ready line and the reasons are on stderr; the end of stdin ends it."""
    with started() as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        out = process.stdout.fileno()
        assert read(out, b"RDY\r\n") == b"\r\nRDY\r\n"
        for data, answer in ((b"AT\r", b"AT\r\r\nOK\r\n"), (b"ATE0\r", b"ATE0\r\r\nOK\r\n")):
            process.stdin.write(data)
            process.stdin.flush()
            assert read(out, b"OK\r\n") == answer
        process.stdin.write(b"AT+QMTOPEN=9\r")
        process.stdin.flush()
        assert read(out, b"ERROR\r\n") == b"\r\nERROR\r\n"
        process.stdin.close()
        assert process.stdout.read() == b""
        assert process.wait(PATIENCE) == 0
        lines = process.stderr.read().decode().splitlines()
        assert lines[0] == "EC200S-CN ready on stdio"
        assert len(lines) == 2
        assert "AT+QMTOPEN=9: " in lines[1]


@pytest.mark.parametrize("how", ["pipe", "file"])
def test_a_script_is_answered_to_its_end(how: str, tmp_path: object) -> None:
    """What stdin ends with is answered before the process ends, however much it is."""
    script = b"ATE0\r" + b"ATI\r" * 2000
    answer = b"\r\nQuectel\r\nEC200SCN\r\nRevision: EC200SCNAAR03A01M08\r\n\r\nOK\r\n"
    wanted = b"\r\nRDY\r\nATE0\r\r\nOK\r\n" + answer * 2000
    if how == "pipe":
        done = subprocess.run(STDIO, input=script, capture_output=True, timeout=PATIENCE, check=False, env=ENVIRONMENT)
    else:
        path = f"{tmp_path}/script"
        with open(path, "wb") as file:
            file.write(script)
        with open(path, "rb") as file:
            done = subprocess.run(
                STDIO, stdin=file, capture_output=True, timeout=PATIENCE, check=False, env=ENVIRONMENT
            )
    assert (done.returncode, done.stderr) == (0, b"EC200S-CN ready on stdio\n")
    assert done.stdout == wanted


def test_a_stdout_that_nobody_reads_any_more_ends_it() -> None:
    """As a pager does that is left."""
    with started() as process:
        assert process.stdin is not None
        assert process.stdout is not None
        read(process.stdout.fileno(), b"RDY\r\n")
        process.stdout.close()
        process.stdin.write(b"AT\r")
        process.stdin.flush()
        assert process.wait(PATIENCE) == 0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signals_end_it(number: int) -> None:
    """Though its thread waits for stdin."""
    with started() as process:
        assert process.stdout is not None
        read(process.stdout.fileno(), b"RDY\r\n")
        process.send_signal(number)
        assert process.wait(PATIENCE) == 0


def test_beside_another_port_it_may_end() -> None:
    """With a second port the module goes on when stdin has ended."""
    with started("--port", "tcp://127.0.0.1:0") as process:
        assert process.stdin is not None
        assert process.stdout is not None
        read(process.stdout.fileno(), b"RDY\r\n")
        process.stdin.close()
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(0.5)
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) == 0


def test_a_terminal_passes_keys_on() -> None:
    """Enter is a CR, nothing is echoed twice, Ctrl-Z is data, and the terminal is put back as it was."""
    master, slave = pty.openpty()
    before = termios.tcgetattr(slave)
    try:
        with started(terminal=slave) as process:
            assert read(master, b"RDY\r\r\n") == b"\r\r\nRDY\r\r\n"
            os.write(master, b"AT\r")
            assert read(master, b"OK\r\r\n") == b"AT\r\r\r\nOK\r\r\n"
            os.write(master, b"\x1a\x1cATE0\r")
            assert read(master, b"OK\r\r\n") == b"ATE0\r\r\r\nOK\r\r\n"
            os.write(master, b"\x03")
            process.send_signal(signal.SIGINT)  # it is not in the terminal's foreground here
            assert process.wait(PATIENCE) == 0
        assert termios.tcgetattr(slave) == before
    finally:
        os.close(master)
        os.close(slave)


@pytest.mark.parametrize("closed", ["<&-", ">&-"])
def test_a_closed_file_is_one_line(closed: str) -> None:
    """Without stdin or stdout there is no such port."""
    command = " ".join(f"'{word}'" for word in STDIO) + f" {closed}"
    done = subprocess.run(
        ["/bin/sh", "-c", command],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
        env=ENVIRONMENT,
    )
    assert (done.returncode, done.stderr) == (2, "modemlab: stdio: stdin or stdout is closed\n")


def test_a_script_on_a_line_with_a_rate() -> None:
    """Its end does not wait for the line: what it said arrives, and all of the answer with it."""
    done = subprocess.run(
        [*STDIO, "--baud", "4800"],
        input=b"ATE0\r" + b"AT+CGMM\r" * 3,
        capture_output=True,
        timeout=PATIENCE,
        check=False,
        env=ENVIRONMENT,
    )
    assert (done.returncode, done.stderr) == (0, b"EC200S-CN ready on stdio\n")
    assert done.stdout == b"\r\nRDY\r\nATE0\r\r\nOK\r\n" + b"\r\nEC200SCN\r\n\r\nOK\r\n" * 3
