"""Subcommands that end by themselves, and every way to call one wrongly."""

import re
import socket
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from modemlab import __version__
from modemlab.cli.options import ModuleOptions
from modemlab.cli.subcommands import app
from support.command_line import run

TABLE = (
    *((name, name[:6], "luat") for name in ("Air724UG", "Air720UG", "Air720UH", "Air722UG", "Air820UG")),
    ("EC200T-CN", "EC200T", "quectel_lte"),
    ("EC200S-CN", "EC200S", "quectel_lte"),
    ("EC200N-CN", "EC200N", "quectel_lte"),
    ("EC600S-CN", "EC600S", "quectel_lte"),
    ("EC600N-CN", "EC600N", "quectel_lte"),
    ("EG912Y-CN", "EG912Y", "quectel_lte"),
    ("BC35-G", "BC35", "quectel_nb"),
    ("BC28", "BC28", "quectel_nb"),
)
MODELS = tuple(row[0] for row in TABLE)


def test_version_is_one_line() -> None:
    """--version."""
    done = run("--version")
    assert (done.returncode, done.stdout, done.stderr) == (0, f"modemlab {__version__}\n", "")


def test_nothing_asked_for_lists_the_subcommands() -> None:
    """`modemlab` alone says what there is."""
    done = run()
    assert done.returncode == 0
    for name in ("up", "module", "broker", "models", "commands", "record", "replay"):
        assert re.search(rf"^  {name} ", done.stdout, re.MULTILINE), name
        assert run(name, "--help").returncode == 0


def test_a_module_has_the_same_options_wherever_it_runs() -> None:
    """`module` and `up` alike."""
    commands: Any = get_command(app)
    for name in ("module", "up"):
        options = {option.name: option for option in commands.get_command(None, name).params}
        assert set(ModuleOptions._fields) <= set(options), name
        assert "--control-token" in options["control_token"].opts


@pytest.mark.parametrize("name", ["check", "commands", "module", "probe"])
def test_help_shows_arguments_by_their_names(name: str) -> None:
    """Without Python's names of their types, and without braces."""
    help_text = run(name, "--help").stdout
    assert "<" not in help_text.partition("Options:")[0]
    assert "{" not in help_text.partition("\n")[0]


def test_no_line_of_a_list_of_subcommands_is_cut() -> None:
    """Each is said whole."""
    assert "..." not in run("credentials", "--help").stdout.partition("Commands:")[2]


WRONG = [
    (["broker", "--grant", "x"], "--grant takes a whole number"),
    (["broker", "--max-memory", ""], "--max-memory takes a whole number"),
    (["up", "--session-expiry", "1e3"], "--session-expiry takes a whole number"),
    (["fly"], "'fly' is not a known subcommand of modemlab. One of: up, module, broker, models"),
    (["module"], "Missing argument 'MODEL'"),
    (["module", "EC21"], "'EC21' is not a known model. One of: " + ", ".join(MODELS)),
    (["up", "--model", "SIM800"], "'SIM800' is not a known model. One of: " + ", ".join(MODELS)),
    (["module", "EC200S", "--network", "5g"], "'5g' is not a known network profile. One of: lab, cat1, nbiot, edge"),
    (["up", "--network", "CAT1"], "'CAT1' is not a known network profile; did you mean 'cat1'\\? One of: lab, cat1"),
    (["up", "--baud", "1200"], "1200 bit/s is not a rate of Quectel EC200x, EC600x and EG912Y; AT.IPR accepts 4800"),
    (["up", "--quirk", "odd"], "'odd' is not a known quirk of Quectel EC200x, EC600x and EG912Y. One of: disc-stat"),
    (["module", "EC200S", "--seed", "x"], "--seed takes a whole number of 0 to 9,223,372,036,854,775,807"),
    (["module", "EC200S", "--seed", "-1"], "--seed takes a whole number of 0 to 9,223,372,036,854,775,807"),
    (["commands", "--model", "x"], "'x' is not a known model. One of: " + ", ".join(MODELS)),
    (["module", "EC200S", "--port", "com3"], "port 'com3' has no known form"),
    (["module", "EC200S", "--port", "tcp://127.0.0.1"], "has no TCP port"),
    (["module", "EC200S", "--port", "tcp://127.0.0.1:70000"], "is not a number of 0 to 65535"),
    (["module", "EC200S", "--port", "tcp://nowhere.invalid:1"], "tcp://nowhere.invalid:1: the name did not resolve"),
    (["module", "EC200S", "--port", "pty:/dev/null"], "/dev/null exists and is not a link"),
    (["module", "EC200S", "--port", "serial:/dev/nothing"], "/dev/nothing cannot be opened: No such file or directory"),
    (["module", "EC200S", "--port", "serial:/dev/null"], "/dev/null cannot be opened: it is not a serial device"),
    (["module", "EC200S", "--port", "serial:/dev/x?baud=no"], "baud 'no' is not a number of 50 to 4000000"),
    (["module", "EC200S", "--port", "rfc2217://nowhere.invalid:1"], "cannot listen on rfc2217://nowhere.invalid:1: "),
    (["module", "EC200S", "--port", "stdio", "--port", "stdio"], "stdio is one port: give it once"),
    (
        ["module", "EC200S", "--port", "pty#com1"],
        "#com1 is not a port of Quectel .*; its ports: usbat, usbmodem, uart1",
    ),
    (["module", "BC35-G", "--port", "pty#usbat"], "#usbat is not a port of .*; its ports: -"),
    (["module", "EC200S", "--port", "pty", "--port", "stdio#usbat"], "give each port of a module its #NAME, or none"),
    (["module", "EC200S", "--connect-to", "a:b"], "--connect-to 'a:b' is not of the form HOST1:PORT1:HOST2:PORT2"),
    (["module", "EC200S", "--quirk", "magic"], "'magic' is not a known quirk of .*\\. One of: disc-stat"),
    (["module", "EC200S", "--imei", "12"], "IMEI '12' is not 15 digits"),
    (["module", "EC200S", "--imei", "86600000000001\uff17"], "is not 15 digits"),
    (["module", "EC200S", "--apn", 'a"b'], "APN 'a\"b' is not made of"),
    (["module", "EC200S", "--files", "/dev/null"], "--files /dev/null: is not a directory"),
    (["module", "EC200S", "--files", ""], "--files : names no directory"),
    (["module", "EC200S", "--files", "/dev/null/x"], "--files /dev/null/x: Not a directory"),
    (["module", "EC200S", "--log-level", "loud"], "'loud' is not a known value of --log-level. One of: debug"),
    (["module", "EC200S", "--trace", "/nowhere/at/all"], "/nowhere/at/all: No such file or directory"),
    (
        ["module", "EC200S", "--parity", "N"],
        "'--parity' is not a known option of modemlab module; did you mean '--port'\\?",
    ),
    (["module", "EC200S", "--baud", "fast"], "--baud 'fast' is not a whole number of 50 to 4,000,000"),
    (["module", "EC200S", "--baud", "9600.5"], "--baud '9600.5' is not a whole number of 50 to 4,000,000"),
    (["module", "EC200S", "--baud", "49"], "--baud '49' is not a whole number"),
    (["module", "EC200S", "--baud", "12345"], r"12345 bit/s is not a rate of Quectel .*; AT\+IPR accepts 4800, .*"),
    (["module", "EC200S", "--baud", "9600", "--fifo", "0"], "--fifo '0' is not a whole number of 1 to 65,536"),
    (["module", "EC200S", "--fifo", "64"], "--fifo needs --baud"),
    (["module", "EC200S", "--noise", "1.01"], "--noise '1.01' is not a number of 0 to 1"),
    (["module", "EC200S", "--noise", "-0.5"], "--noise '-0.5' is not a number of 0 to 1"),
    (["module", "EC200S", "--speed", "0"], "--speed '0' is not a number of 0.1 to 1,000"),
    (["module", "EC200S", "--speed", "nan"], "--speed 'nan' is not a number of 0.1 to 1,000"),
    (["module", "EC200S", "--speed", "1e2"], "--speed '1e2' is not a number of 0.1 to 1,000"),
    (["module", "EC200S", "EC600S"], "too many arguments: EC600S"),
    (["broker", "--port", "pty"], "port 'pty': a broker listens on TCP only: write tcp://HOST:PORT"),
    (["broker", "--max-memory", "lots"], "--max-memory takes a whole number "),
    (["broker", "--max-memory", "0"], "--max-memory 0 is not 16 to 1,048,576 MB"),
    (["module", "EC200S-CN", "--grant", "1"], r"'--grant' is not a known option of modemlab module\. One of: --port"),
    (["probe", "http://h:1"], "write a device, HOST:PORT, tcp://HOST:PORT or rfc2217://HOST:PORT"),
    (["broker", "--port", "nohost"], "port 'nohost' has no known form: write tcp://HOST:PORT, HOST:PORT or PORT"),
    (["broker", "--port", "24013x"], "port '24013x' has no known form"),
    (["broker", "--port", "99999"], "port '99999': TCP port '99999' is not a number of 0 to 65535"),
    (["broker", "--port", "nowhere.invalid:1"], "tcp://nowhere.invalid:1: the name did not resolve: check its "),
    (["module", "EC200S", "--port", "70000"], "TCP port '70000' is not a number of 0 to 65535"),
    (["module", "EC200S", "--control", "80000"], "--control '80000' is not of the form http://HOST:PORT"),
    (["probe", "127.0.0.1:1"], "tcp://127.0.0.1:1: no program listens there: is the module running"),
    (["probe", "1"], "tcp://127.0.0.1:1: no program listens there"),
    (["term", "--plain", "localhost:1"], "tcp://localhost:1: no program listens there"),
    (["conform", "[::1]:70000"], r"port '\[::1\]:70000': TCP port '70000' is not a number"),
    (["up", "--mode", "x"], "'--mode' is not a known option of modemlab up; did you mean '--model'"),
    (["prob"], "'prob' is not a known subcommand of modemlab; did you mean 'probe'"),
    (["credentials", "aliyn"], "'aliyn' is not a known subcommand of modemlab credentials; did you mean 'aliyun'"),
    (["module", "EC200"], "'EC200' is not a known model; did you mean 'EC200T-CN'\\? One of: " + ", ".join(MODELS)),
    (["module", "EC200S", "--quirk", "disc"], "'disc' is not a known quirk of .*; did you mean 'disc-stat'"),
    (["module", "EC200S", "--log-level", "inf"], "'inf' is not a known value of --log-level; did you mean 'info'"),
    (["term", "x", "--lang", "cn"], "'cn' is not a known value of --lang.* One of: en, zh"),
    (["broker", "--port", "tcp://127.0.0.1:0#usbat"], "a broker listens on TCP only: write tcp://HOST:PORT"),
    (["broker", "--users", "/nowhere"], "/nowhere: No such file or directory"),
    (["up", "--broker", ":1883"], "--broker ':1883' is not of the form HOST:PORT"),
    (["up", "--broker", "a:0"], "--broker 'a:0': TCP port 0 cannot be connected to"),
    (["up", "--broker", "a:b:c"], "--broker 'a:b:c' is not of the form HOST:PORT, an IPv6 address in brackets"),
    (["up", "--broker", "a:x"], "--broker 'a:x': TCP port 'x' is not a number of 0 to 65535"),
    (["up", "--broker", "nowhere.invalid"], "--broker nowhere.invalid:1883: the name did not resolve: check its "),
    (
        ["up", "--broker", "127.0.0.1:1"],
        "--broker 127.0.0.1:1: no program listens there: is a broker running.* starts one",
    ),
    (["up", "--broker", "mqtt://127.0.0.1:1"], "--broker 127.0.0.1:1: no program listens there"),
    (["up", "--broker", "1"], "--broker 127.0.0.1:1: no program listens there"),
    (["up", "--broker", "tcp://[::1]:1"], r"--broker \[::1\]:1: "),
    (["commands", "QMTOPN"], r"'QMTOPN' is not a known command; near it are AT\+QMTOPEN"),
    (["commands", "QIOPNE"], r"'QIOPNE' is not a known command; near it are AT\+QIOPEN, .*"),
    (["commands", "#*!"], r"'#\*!' is not a known command; `modemlab commands` lists those that are"),
    (["commands", "A\nB"], "'A\\\\nB' is not a known command"),
    (["replay"], "Missing argument 'FILE'"),
    (["schema"], r"Missing argument 'scenario\|check\|answers'\. Choose from: scenario, check, answers"),
    (["replay", "/nowhere", "--port", "tcp://127.0.0.1:1"], "/nowhere: No such file or directory"),
    (["replay", "/dev/null", "--port", "stdio"], "port 'stdio' cannot be opened by a host: write tcp://HOST"),
    (["replay", "/dev/null", "--port", "serial:/dev/null"], "serial:/dev/null: not a serial device: "),
    (["replay", "/dev/null", "--port", "serial:/dev/x?baud=77"], "this system does not support 77 bit/s"),
]


@pytest.mark.parametrize("name", ["+QIOPEN", "qiopen", "AT+QIOPEN=?"])
def test_a_command_that_the_manuals_name_and_no_module_has(name: str) -> None:
    """Its place, and what a module does; in each dialect whose manuals have it."""
    done = run("commands", name)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == (
        "AT+QIOPEN  Open a socket\n"
        "Quectel EC200x, EC600x and EG912Y; TCP/IP guide V1.2, 2.2.4\n"
        "Known, not simulated: an error, as of an unknown command; --answers FILE can answer it\n"
    )
    assert run("commands", name, "--model", "BC35-G").returncode == 2


@pytest.mark.parametrize(
    ("arguments", "line"), WRONG, ids=[" ".join(a).encode("unicode_escape").decode() for a, _ in WRONG]
)
def test_what_is_wrong_is_one_line_and_status_2(arguments: list[str], line: str) -> None:
    """Never a traceback, nothing on stdout."""
    done = run(*arguments)
    assert done.returncode == 2
    assert done.stdout == ""
    assert re.fullmatch(rf"modemlab: .*{line}.*\n", done.stderr), done.stderr


@pytest.mark.parametrize(
    ("subcommand", "opens", "wrong"),
    [
        (
            ["module", "EC200S"],
            "send commands to the module, and with AT+QMTOPEN connect from this machine to any address",
            "cannot ",
        ),
        (["broker"], "read and publish all messages: the broker has no users", ""),
    ],
)
def test_an_address_of_another_machine(subcommand: list[str], opens: str, wrong: str) -> None:
    """What `--allow-remote` opens is said first, then that it cannot be had."""
    url = "tcp://203.0.113.1:1883"
    done = run(*subcommand, "--allow-remote", "--port", url)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        f"modemlab: anyone who can reach {url} from another machine can {opens}\n"
        f"modemlab: {wrong and f'{wrong}listen on '}{url}: this machine does not have that address\n"
    )


@pytest.mark.parametrize("subcommand", [["module", "EC200S"], ["broker"]])
def test_port_in_use(subcommand: list[str]) -> None:
    """A port that another program has is named."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        url = f"tcp://127.0.0.1:{taken.getsockname()[1]}"
        done = run(*subcommand, "--port", url)
    assert done.returncode == 2
    assert re.fullmatch(rf"modemlab: (cannot listen on )?{url}: another program listens there\n", done.stderr), (
        done.stderr
    )


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (b"alice:secret\nbob\n", "line 2: not name:password"),
        (b"alice:secret\n\xff:x\n", "line 2: not UTF-8"),
        (b"a:b\na:c\n", "line 2: a second entry for 'a'"),
    ],
)
def test_users_file_that_cannot_be_read_is_told_by_its_line(tmp_path: Path, content: bytes, line: str) -> None:
    """The file and the line are named."""
    path = tmp_path / "users"
    path.write_bytes(content)
    done = run("broker", "--users", str(path))
    assert (done.returncode, done.stdout, done.stderr) == (2, "", f"modemlab: {path}: {line}\n")


def test_models_table() -> None:
    """Each model with its series and dialect."""
    done = run("models")
    assert done.returncode == 0
    rows = [line.split()[:3] for line in done.stdout.splitlines()]
    assert rows == [["model", "series", "dialect"], *map(list, TABLE)]


def test_commands_lists_all() -> None:
    """A line for each command, and for the URCs that belong to none."""
    done = run("commands")
    assert done.returncode == 0
    names = [line.split()[0] for line in done.stdout.splitlines()]
    for name in ("ATE", "AT&F", "ATS3", "AT+CREG", "AT+QICSGP", "AT+QMTCFG", "AT+QMTPUBEX", "+QMTSTAT", "AT+MPUB"):
        assert name in names
    shown = run("commands", "--model", "EC600N").stdout
    assert "AT+QMTPUBEX" in shown
    assert "AT+MPUB " not in shown


@pytest.mark.parametrize("name", ["QMTOPEN", "+QMTOPEN", "AT+QMTOPEN", "at+qmtopen", "AT+QMTOPEN=?", "AT+QMTOPEN?"])
def test_one_command_in_full(name: str) -> None:
    """All that the declaration says, whatever way it is named."""
    done = run("commands", name)
    assert done.returncode == 0
    for text in (
        "AT+QMTOPEN  Open the network of an MQTT client\n",
        ', 3.3.2\n  test    AT+QMTOPEN=?\n          +QMTOPEN: (0-5),"hostname",(1-65535)\n',
        "  read    AT+QMTOPEN?\n          +QMTOPEN: <client_idx>,<host_name>,<port>\n",
        "  write   AT+QMTOPEN=<client_idx>,<host_name>,<port>\n",
        "Maximum response time: 120 s\n",
        "  <port>        1 to 65535               Port of the server\n",
        "  +QMTOPEN: <client_idx>,<result>\n",
        "4: the name could not be resolved\n",
    ):
        assert text in done.stdout


@pytest.mark.parametrize(
    ("name", "texts"),
    [
        ("e", ["ATE<value>", "0: off", "Kept: AT&W stores it"]),
        ("&f", ["AT&F<value>"]),
        ("ats4", ["ATS4=<n>", "ATS4?", "0 to 127"]),
        ("QMTCFG", ['AT+QMTCFG="keepalive",<client_idx>[,<keep_alive_time>]', "0 to 3600 s", "120 s"]),
        ("QMTSUB", ["<topic>,<qos>[,<topic>,<qos>]...", "Unless strict: <msgid> is 0 to 65535"]),
        ("qmtstat", ["+QMTSTAT: <client_idx>,<err_code>", "8: the module closed the connection"]),
    ],
)
def test_commands_of_every_kind(name: str, texts: list[str]) -> None:
    """Basic commands, S-parameters, options, repeated parameters, URCs of no command."""
    done = run("commands", name)
    assert done.returncode == 0
    for text in texts:
        assert text in done.stdout
