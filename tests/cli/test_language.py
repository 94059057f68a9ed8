"""In what language the command line speaks: by `--lang`, wherever it stands, or by the locale."""

import os
import re
import subprocess
from unicodedata import east_asian_width

import pytest

from modemlab.cli.language import preferred
from modemlab.cli.subcommands import SUBCOMMANDS as SUBCOMMAND_NAMES
from support.command_line import COMMAND, ENVIRONMENT, PATIENCE, run

HAN = re.compile("[\u4e00-\u9fff]")
CREDENTIALS = ("aliyun", "onenet", "huawei", "tencent", "thingscloud")
SUBCOMMANDS = [(), *((name,) for name in sorted(SUBCOMMAND_NAMES)), *(("credentials", name) for name in CREDENTIALS)]


@pytest.mark.parametrize(
    ("settings", "language"),
    [
        ({"LANG": "zh_CN.UTF-8"}, "zh"),
        ({"LANG": "de_DE.UTF-8"}, "en"),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": "C"}, "en"),
        ({"LC_MESSAGES": "zh_TW", "LANG": "en_US"}, "zh"),
    ],
)
def test_language_of_the_locale(settings: dict[str, str], language: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """LC_ALL, LC_MESSAGES, LANG, the first that is set."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    assert preferred() == language


@pytest.mark.parametrize("arguments", [("--lang", "zh", "models", "-x"), ("models", "-x", "--lang=zh")])
def test_ahead_of_the_subcommand_and_behind_it(arguments: tuple[str, ...]) -> None:
    """And ahead of its mistakes or behind them."""
    done = run("--lang", "zh", "module")
    assert (done.returncode, done.stderr) == (2, "modemlab: 缺少 MODEL（详见 modemlab module --help）\n")
    done = run("module", "EC200S", "--baud", "x", "--lang", "zh")
    assert (done.returncode, done.stderr) == (2, "modemlab: --baud 'x' 不是 50 至 4,000,000 的整数\n")
    done = run(*arguments)
    assert done.returncode == 2
    assert "-x" in done.stderr


def test_what_a_program_is_given_is_its_own() -> None:
    """Behind `--`."""
    done = run("check", "/nosuch/check.toml", "--", "program", "--lang", "zh")
    assert (done.returncode, done.stderr) == (2, "modemlab: /nosuch/check.toml: No such file or directory\n")


def test_the_option_is_stronger_than_the_locale() -> None:
    """In both ways."""
    for locale, option, said in (
        ("zh_CN.UTF-8", (), "modemlab: 需要主题：-t TOPIC，或 -L URL\n"),
        ("zh_CN.UTF-8", ("--lang", "en"), "modemlab: a topic is needed: -t TOPIC, or -L URL\n"),
        ("C.UTF-8", ("--lang", "zh"), "modemlab: 需要主题：-t TOPIC，或 -L URL\n"),
        ("C.UTF-8", (), "modemlab: a topic is needed: -t TOPIC, or -L URL\n"),
    ):
        environment = {**ENVIRONMENT, "LC_ALL": locale, "PYTHONUTF8": "1"}
        done = subprocess.run(
            [*COMMAND, "pub", "--port", os.devnull, "-h", "x", "-n", *option],
            capture_output=True,
            encoding="utf-8",
            timeout=PATIENCE,
            check=False,
            env=environment,
        )
        assert (done.returncode, done.stderr) == (2, said)


@pytest.mark.parametrize("arguments", [("--lang", "fr"), ("models", "--lang", "fr")])
def test_a_language_that_there_is_not(arguments: tuple[str, ...]) -> None:
    """Says which there are."""
    done = run(*arguments)
    assert (done.returncode, done.stderr) == (2, "modemlab: 'fr' is not a known value of --lang. One of: en, zh\n")


@pytest.mark.parametrize("path", SUBCOMMANDS, ids="-".join)
def test_help_in_chinese(path: tuple[str, ...]) -> None:
    """Within the terminal's columns; all but names is Chinese, and English help has none."""
    environment = {**ENVIRONMENT, "COLUMNS": "80", "PYTHONUTF8": "1"}
    for language in ("en", "zh"):
        done = subprocess.run(
            [*COMMAND, *path, "--lang", language, "--help"],
            capture_output=True,
            encoding="utf-8",
            timeout=PATIENCE,
            check=True,
            env=environment,
        )
        lines = done.stdout.splitlines()
        wide = [line for line in lines if sum(1 + (east_asian_width(each) in "WF") for each in line) > 80]
        assert wide == []
        assert (HAN.search(done.stdout) is not None) is (language == "zh")
        sentences = [line for line in lines if re.search(r"[a-z]+ (is|are|the|of|to|a|in) ", line)]
        assert language == "en" or sentences == []
