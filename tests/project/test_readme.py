"""Both READMEs: their Python is a program that runs as pasted, and what they install can be installed."""

import asyncio
import os
import re
import subprocess
import sys
import sysconfig
import tomllib
import venv
from pathlib import Path

import pytest

from modemlab import __version__
from modemlab.broker.server import Broker
from modemlab.dialect.registry import find_model
from modemlab.net.connect_to import ConnectTo
from modemlab.virtual.module import VirtualModule

TOP = Path(__file__).parents[2]
READMES = ("README.md", "README.zh-CN.md")
DOCUMENTS = sorted({*(TOP / "docs").rglob("*.md"), *(TOP / name for name in READMES)})
PORT = "127.0.0.1:7000"
PRINTED = "Message(client=0, topic='pump/7/set', payload=b'on', packet_id=1)\n"
WAIT = 60.0


def program(readme: str) -> str:
    """The Python of a README, which is one program."""
    (found,) = re.findall(r"```python\n(.*?)```", (TOP / readme).read_text(encoding="utf-8"), re.DOTALL)
    return str(found)


def test_both_are_one_program() -> None:
    """But for what stands behind #."""
    english, chinese = (re.sub(r" *#.*", "", program(readme)) for readme in READMES)
    assert english == chinese


@pytest.mark.parametrize("readme", READMES)
def test_the_program_runs_as_pasted(readme: str) -> None:
    """Against a module as `make up` starts one, but on a free port."""

    async def main() -> None:
        broker = Broker()
        everything = ConnectTo("", None, *(await broker.start()))
        async with VirtualModule(
            *find_model("EC200S-CN"), ports=["tcp://127.0.0.1:0"], connect_to=[everything]
        ) as module:
            text = program(readme)
            assert text.count(PORT) == 1
            text = text.replace(PORT, module.urls[0])
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-c", text), stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
            )
            try:
                out, err = await asyncio.wait_for(process.communicate(), WAIT)
            finally:
                if process.returncode is None:
                    process.kill()
        await broker.close()
        assert (out.decode(), err.decode(), process.returncode) == (PRINTED, "", 0)

    asyncio.run(main())


def test_no_document_installs_a_name_that_is_not_ours() -> None:
    """The package is not in the index: a document installs a directory, or parts of what is installed already."""
    extras = tomllib.loads((TOP / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]
    named = []
    for path in DOCUMENTS:
        for line in re.findall(r"pipx? install [^`\n]*", path.read_text(encoding="utf-8")):
            assert not re.search(r"install (.* )?modemlab( |$)", line), f"{path}: {line}"
            named += [name for found in re.findall(r"\[([a-z,]+)\]", line) for name in found.split(",")]
    assert {"serial", "control", "term"} <= set(named) <= set(extras)
    for readme in READMES:
        assert "`pip install .`" in (TOP / readme).read_text(encoding="utf-8")


def test_the_install_line_works(tmp_path: Path) -> None:
    """In a fresh environment, with what is installed here in place of the index."""
    pip = (sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet")
    wheels = tmp_path / "wheels"
    subprocess.run((*pip, "wheel", "--no-deps", "--no-build-isolation", "--no-index", "-w", wheels, TOP), check=True)
    (wheel,) = wheels.glob("modemlab-*.whl")
    made = tmp_path / "fresh"
    venv.create(made, with_pip=False, symlinks=os.name == "posix")
    paths = sysconfig.get_paths("venv", vars={"base": str(made), "platbase": str(made)})
    subprocess.run((*pip, "install", "--no-deps", "--no-index", f"--target={paths['purelib']}", wheel), check=True)
    # A directory on the path is searched behind the environment's own; its links to sources are not followed.
    Path(paths["purelib"], "others.pth").write_text(sysconfig.get_paths()["purelib"] + "\n")
    python = Path(paths["scripts"]) / Path(sys.executable).name
    # So would be what PYTHONPATH names, ahead of all.
    clean = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    where = subprocess.run(
        (python, "-c", "import modemlab; print(modemlab.__file__)"),
        capture_output=True,
        text=True,
        check=True,
        env=clean,
    )
    assert where.stdout.startswith(paths["purelib"])
    done = subprocess.run(
        (python, "-m", "modemlab", "--version"), capture_output=True, text=True, check=True, cwd=tmp_path, env=clean
    )
    assert done.stdout == f"modemlab {__version__}\n"
