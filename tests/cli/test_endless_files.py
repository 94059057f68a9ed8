"""Every option that names a file, given what has no end or is none: one line, exit status 2, and no wait."""

import sys
from pathlib import Path

import pytest

from support.command_line import run

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there are no devices")

OPTIONS = [
    ("broker", "--port", "tcp://127.0.0.1:0", "--users"),
    ("module", "EC200S-CN", "--port", "tcp://127.0.0.1:0", "--answers"),
    ("up", "--answers"),
    ("module", "EC200S-CN", "--port", "tcp://127.0.0.1:0", "--scenario"),
    ("replay", "--port", "tcp://127.0.0.1:1"),
    ("credentials", "onenet", "--product-id", "p", "--device-name", "d", "--secret-file"),
    ("pub", "--port", "tcp://127.0.0.1:1", "-h", "h", "-t", "t", "-f"),
    ("pub", "--port", "tcp://127.0.0.1:1", "-L", "mqtts://h/t", "-m", "m", "--cafile"),
    ("pub", "--port", "tcp://127.0.0.1:1", "-h", "h", "-t", "t", "-m", "m", "--insecure", "--key", "CERT", "--cert"),
    ("term", "tcp://127.0.0.1:1", "--plain", "--macros"),
]


@pytest.mark.parametrize("options", OPTIONS, ids=[f"{each[0]} {each[-1]}" for each in OPTIONS])
@pytest.mark.parametrize("name", ["/dev/zero", "/"])
def test_no_file(options: tuple[str, ...], name: str) -> None:
    done = run(*(name if each == "CERT" else each for each in options), name)
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert done.stderr.startswith("modemlab: ")
    assert done.returncode in (1, 2)
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("key", ["users", "certificate"])
@pytest.mark.parametrize("name", ["/dev/zero", "/"])
def test_files_that_a_check_names(key: str, name: str, tmp_path: Path) -> None:
    file = tmp_path / "check.toml"
    file.write_text(f'[broker]\n{key} = "{name}"\n')
    done = run("check", str(file), "--", "true")
    assert (done.stdout, done.returncode) == ("", 2)
    assert done.stderr.count("\n") == 1
    assert name in done.stderr


@pytest.mark.parametrize("name", ["/dev/zero", "/"])
def test_the_check_itself(name: str) -> None:
    done = run("check", name, "--", "true")
    assert (done.stdout, done.returncode, done.stderr.count("\n")) == ("", 2, 1)


DEEP = {
    "a key of many parts": ".".join(["a"] * 20_000) + " = 1",
    "a table of many parts": f"[{'.'.join(['a'] * 20_000)}]",
    "a key with quotes": ".".join(['"a"'] * 20_000) + " = 1",
    "a key of a value": f"[[answer]]\ncommand.{'.'.join(['a'] * 20_000)} = 1",
    "arrays": f"answer = {'[' * 20_000}{']' * 20_000}",
    "some arrays": f"answer = {'[' * 200}{']' * 200}",
    "tables in a line": f"answer = {'{a = ' * 20_000}",
}


@pytest.mark.parametrize("text", DEEP.values(), ids=DEEP)
@pytest.mark.parametrize("option", ["--answers", "--scenario"])
def test_what_is_nested_deeply(text: str, option: str, tmp_path: Path) -> None:
    file = tmp_path / "deep.toml"
    file.write_text(text)
    done = run("module", "EC200S-CN", "--port", "tcp://127.0.0.1:0", option, str(file))
    assert (done.stdout, done.returncode, done.stderr.count("\n")) == ("", 2, 1)
    line = 2 if text.startswith("[[") else 1
    told = "nested too deeply" if text.startswith("answer") else "a key of more than 32 parts"
    assert done.stderr == f"modemlab: {file}: line {line}: {told}\n"
