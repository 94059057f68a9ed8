"""Results as JUnit XML."""

import xml.etree.ElementTree as Xml
from pathlib import Path

from modemlab.lab.junit import Case, write_junit


def test_a_suite_is_written(tmp_path: Path) -> None:
    """Counts, times, reasons; and nothing that XML cannot hold."""
    path = tmp_path / "out.xml"
    cases = [
        Case("a", "well", seconds=0.5),
        Case("a", "<failed> & \x1b\ud800", "it\x00 differs\nat length", seconds=0.25, out=">> A\x00T\n<< \ufffe<&]]>"),
        Case("b", "left", skipped="no <reason>"),
    ]
    write_junit(path, 'suite "1"', cases, "traffic \x07\U0001f4e1")
    suite = Xml.parse(path).getroot().find("testsuite")
    assert suite is not None
    counts = {"tests": "3", "failures": "1", "errors": "0", "skipped": "1", "time": "0.750"}
    assert suite.attrib == {"name": 'suite "1"', **counts}
    assert [case.attrib for case in suite.iter("testcase")] == [
        {"classname": "a", "name": "well", "time": "0.500"},
        {"classname": "a", "name": "<failed> & \\x1b\\ud800", "time": "0.250"},
        {"classname": "b", "name": "left", "time": "0.000"},
    ]
    case = suite.find("testcase[system-out]")
    assert case is not None
    assert (case.get("classname"), case.findtext("system-out")) == ("a", ">> A\\x00T\n<< \\ufffe<&]]>")
    failure, skipped = suite.find(".//failure"), suite.find(".//skipped")
    assert failure is not None
    assert skipped is not None
    assert (failure.get("message"), failure.text) == ("it\\x00 differs", "it\\x00 differs\nat length")
    assert skipped.get("message") == "no <reason>"
    assert suite.findtext("system-out") == "traffic \\x07\U0001f4e1"
    write_junit(path, "none", [], seconds=2.0)
    (empty,) = Xml.parse(path).getroot()
    assert (empty.get("tests"), empty.get("time"), len(empty)) == ("0", "2.000", 0)
