"""Results as JUnit XML, as CI systems read it."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree as Xml


class Case(NamedTuple):
    """A result: its group and name, why it failed or was skipped ("" if it did not), the seconds that it took, and what
    passed meanwhile, for those who look into it.
    """

    group: str
    name: str
    failure: str = ""
    skipped: str = ""
    seconds: float = 0.0
    out: str = ""


def write_junit(path: Path, suite: str, cases: Sequence[Case], out: str = "", seconds: float | None = None) -> None:
    """Write one suite to a file: `out` is its `system-out`, `seconds` those of all cases together. Raises OSError."""
    path.write_text(junit(suite, cases, out, seconds), encoding="utf-8")


def junit(suite: str, cases: Sequence[Case], out: str = "", seconds: float | None = None) -> str:
    """The document of one suite; see `write_junit`."""
    attributes = {
        "name": clean(suite),
        "tests": str(len(cases)),
        "failures": str(sum(bool(case.failure) for case in cases)),
        "errors": "0",
        "skipped": str(sum(bool(case.skipped) for case in cases)),
        "time": f"{sum(case.seconds for case in cases) if seconds is None else seconds:.3f}",
    }
    root = Xml.Element("testsuites")
    top = Xml.SubElement(root, "testsuite", attributes)
    for case in cases:
        named = {"classname": clean(case.group), "name": clean(case.name), "time": f"{case.seconds:.3f}"}
        each = Xml.SubElement(top, "testcase", named)
        if case.failure:
            first = case.failure.partition("\n")[0]
            Xml.SubElement(each, "failure", {"message": clean(first)}).text = clean(case.failure)
        elif case.skipped:
            Xml.SubElement(each, "skipped", {"message": clean(case.skipped)})
        if case.out:
            Xml.SubElement(each, "system-out").text = clean(case.out)
    if out:
        Xml.SubElement(top, "system-out").text = clean(out)
    Xml.indent(root)
    return f'<?xml version="1.0" encoding="utf-8"?>\n{Xml.tostring(root, encoding="unicode")}\n'


def clean(text: str) -> str:
    """A text without what XML 1.0 cannot hold, which is escaped as Python does."""
    return "".join(c if fits(ord(c)) else c.encode("unicode_escape", "surrogatepass").decode() for c in text)


def fits(code: int) -> bool:
    """Whether XML 1.0 has that character (2.2)."""
    return code in (9, 10, 13) or 32 <= code <= 0xD7FF or 0xE000 <= code <= 0xFFFD or code >= 0x10000
