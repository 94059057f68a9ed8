"""The pytest plugin: the fixture `modem_lab`, a virtual module and a broker for one test; docs/pytest.md describes it.

pytest loads it wherever modemlab is installed, so it imports nothing of modemlab until a test asks for it.
"""

from collections.abc import Generator, Iterator
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from modemlab.lab.lab import Lab

MARKER, TITLE = "modem", "modem traffic"
MARKER_ARGUMENTS = (
    "model",
    "port",
    "conditions",
    "scenario",
    "strict",
    "quirks",
    "users",
    "seed",
    "tls",
    "grant",
    "show_secrets",
)
HELP = (
    f"{MARKER}({', '.join(f'{name}=...' for name in MARKER_ARGUMENTS[:4])}): "
    "what the module of modem_lab is, and what happens to it; "
    f"also {', '.join(MARKER_ARGUMENTS[4:])}. For each argument, the nearest marker decides."
)
LAB: pytest.StashKey["Lab"] = pytest.StashKey()


def pytest_configure(config: pytest.Config) -> None:
    """Declare the marker."""
    config.addinivalue_line("markers", HELP)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Hold all markers to what they take, before any test runs. Raises `UsageError` with one line."""
    for item in items:
        if item.get_closest_marker(MARKER) is None:
            continue
        try:
            check(options_of(item))
        except ValueError as error:
            raise pytest.UsageError(f"{item.nodeid}: {MARKER}: {' '.join(str(error).split())}") from None


@pytest.fixture
def modem_lab(request: pytest.FixtureRequest) -> Iterator["Lab"]:
    """A module that is on and a broker, in memory unless the marker says otherwise: see `modemlab.lab.lab.Lab`."""
    from modemlab.lab.lab import Lab  # noqa: PLC0415 (as above)

    with Lab(**options_of(request.node)) as lab:
        request.node.stash[LAB] = lab
        yield lab


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show the traffic of a test that failed: with the traceback, which JUnit XML has too."""
    lab = item.stash.get(LAB, None)
    if lab is not None and call.excinfo is not None and not item.config.getoption("fulltrace"):
        shorten(call.excinfo)
    report = yield
    if lab is not None and report.failed and (traffic := lab.traffic):
        if (add := getattr(report.longrepr, "addsection", None)) is not None:
            add(TITLE, traffic)
        else:
            report.sections.append((TITLE, traffic))
    return report


def shorten(failure: pytest.ExceptionInfo[BaseException]) -> None:
    """Leave out the calls within modemlab of an error whose words are meant for the test; `--full-trace` has them."""
    from modemlab.at.errors import ModemError  # noqa: PLC0415 (as above)

    if isinstance(failure.value, AssertionError | ModemError | ValueError | RuntimeError):
        own = Path(__file__).parent
        call: TracebackType | None = failure.tb
        while call is not None:
            inner = call.tb_next
            while inner is not None and own in Path(inner.tb_frame.f_code.co_filename).parents:
                inner = inner.tb_next
            call.tb_next = inner
            call = inner


def options_of(item: pytest.Item) -> dict[str, Any]:
    """What the markers of a test say, those nearest to it last. Raises ValueError with one line."""
    from modemlab.text.name_suggestions import unknown  # noqa: PLC0415 (as above)

    options: dict[str, Any] = {"home": item.path.parent}
    for marker in reversed(list(item.iter_markers(MARKER))):
        if marker.args:
            raise ValueError(
                f"{marker.args[0]!r:.60} has no name, expected {', '.join(f'{name}=' for name in MARKER_ARGUMENTS)}"
            )
        for name, value in marker.kwargs.items():
            if name not in MARKER_ARGUMENTS:
                raise ValueError(unknown(name, "argument", MARKER_ARGUMENTS))
            options[name] = value
    return options


def check(options: dict[str, Any]) -> None:
    """Hold options to what a lab takes. Raises ValueError with one line."""
    from modemlab.lab.options import make_plan  # noqa: PLC0415 (as above)

    make_plan(**options)
