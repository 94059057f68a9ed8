"""The pytest plugin, driven by pytest's own runs of tests that use it."""

import subprocess
import sys
import xml.etree.ElementTree as Xml

import pytest

# Imported here, so that the runs inside this one need not import it again.
from modemlab.bench.lab import Lab

pytest_plugins = ["pytester"]
QUIET = ("-p", "no:cacheprovider", "-p", "no:hypothesispytest", "-W", "error")


def run(pytester: pytest.Pytester, source: str, *options: str) -> pytest.RunResult:
    """Run a file of tests in this process."""
    pytester.makepyfile(source)
    return pytester.runpytest_inprocess(*QUIET, *options)


def test_the_fixture_gives_a_module_in_memory_or_on_a_port(pytester: pytest.Pytester) -> None:
    """The marker says which model, where, and under which conditions; the nearest one decides of each."""
    source = """
        import socket
        import pytest

        pytestmark = pytest.mark.modem(model="BC35-G", strict=True)

        def test_in_memory(modem_lab):
            assert modem_lab.plan.model.name == "BC35-G"
            assert modem_lab.module.strict
            assert modem_lab.ask("AT+CSQ") == ["+CSQ:24,99", "OK"]

        @pytest.mark.modem(model="Air724UG", port="tcp", conditions="cat1")
        class TestOnAPort:
            @pytest.mark.modem(conditions={"rtt": 0.5}, seed=7)
            def test_on_a_port(self, modem_lab):
                assert (modem_lab.plan.model.name, modem_lab.plan.conditions.rtt) == ("Air724UG", 0.5)
                host, _, number = modem_lab.port.removeprefix("tcp://").rpartition(":")
                with socket.create_connection((host, int(number)), 5) as line:
                    line.sendall(b"AT\\r")
                    modem_lab.expect(line="OK")
    """
    run(pytester, source, "--strict-markers").assert_outcomes(passed=2)


def test_a_scenario_beside_the_test_is_played(pytester: pytest.Pytester) -> None:
    pytester.makefile(".toml", day='[[step]]\nat = 5\naction = { do = "cover", stat = "denied" }\n')
    source = """
        import pytest

        @pytest.mark.modem(scenario="day.toml")
        def test_it(modem_lab):
            modem_lab.ask("AT+CREG=1")
            modem_lab.expect(urc="+CREG: 3")
            assert round(modem_lab.now, 3) == 5
    """
    run(pytester, source).assert_outcomes(passed=1)


def test_a_failed_test_shows_its_traffic(pytester: pytest.Pytester) -> None:
    """In the terminal and in JUnit XML; a test that passes shows none, and one that fails without a lab none."""
    source = r"""
        def test_passes(modem_lab):
            modem_lab.ask("AT+CGMI")

        def test_fails(modem_lab):
            modem_lab.play(">> AT+CSQ\n<< AT+CSQ\\r\n<< +CSQ: 7,99\n")

        def test_has_no_lab():
            assert not "x"
    """
    result = run(pytester, source, "--junitxml=out.xml")
    result.assert_outcomes(passed=1, failed=2)
    result.stdout.fnmatch_lines(
        [
            "E*AssertionError: line 3: something else was said",
            "E*    >> AT+CSQ",
            "E*  - << +CSQ: 7,99",
            "E*  + << +CSQ: 24,99",
            "*- modem traffic -*",
            "    0.000 << \\r\\nRDY\\r\\n",
            "    0.000 >> AT+CSQ\\r",
            "    0.000 << AT+CSQ\\r\\r\\n+CSQ: 24,99\\r\\n\\r\\nOK\\r\\n",
        ]
    )
    text = result.stdout.str()
    assert text.count("modem traffic") == 1
    assert "AT+CGMI" not in text
    assert "def play" not in text
    out = Xml.parse(pytester.path / "out.xml")
    assert [case.get("name") for case in out.iter("testcase") if case.find("failure") is not None] == [
        "test_fails",
        "test_has_no_lab",
    ]


@pytest.mark.parametrize(
    ("marker", "reason"),
    [
        ("model='EC999'", "'EC999' is not a known model; known are Air724UG,*"),
        ("'BC35-G'", "'BC35-G' has no name, expected model=, port=, conditions=, scenario=, *"),
        ("modle='BC35-G'", "'modle' is none of model, port, conditions, scenario, strict, quirks, users, seed"),
        ("conditions='cat9'", "conditions: profile is 'cat9', expected one of lab,*"),
        ("scenario='nowhere.toml'", "*nowhere.toml: No such file or directory"),
        ("port='com1'", "port 'com1' is of no known kind*"),
        ("quirks=['x']", "'x' is not a known quirk of*"),
        ("quirks=3", "quirks are 3, expected names"),
        ("conditions={3: 4}", "conditions are {3: 4}, expected a profile or a table of fields"),
    ],
)
def test_a_mistake_in_the_marker_is_an_error_of_usage(pytester: pytest.Pytester, marker: str, reason: str) -> None:
    """One line that names the test, and no test has run."""
    source = f"""
        import pytest

        def test_first():
            open("ran", "w").close()

        @pytest.mark.modem({marker})
        def test_it(modem_lab):
            pass
    """
    result = run(pytester, source)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    (line,) = (line for line in result.stderr.lines if line.strip())
    head = "ERROR: test_a_mistake_in_the_marker_is_an_error_of_usage.py::test_it: modem: "
    assert line.startswith(head)
    result.stderr.fnmatch_lines(f"ERROR: *::test_it: modem: {reason.replace('[', '[[]')}")
    assert not (pytester.path / "ran").exists()


def test_the_plugin_costs_nothing_where_it_is_not_used() -> None:
    """Importing it imports nothing else of modemlab, and modemlab itself imports no pytest."""
    program = (
        "import sys, modemlab.pytest_plugin; "
        "print(sorted(name for name in sys.modules if name.startswith('modemlab'))); "
        "gone = ('modemlab', '_pytest', 'pytest'); "
        "[sys.modules.pop(name) for name in list(sys.modules) if name.split('.')[0] in gone]; "
        "import modemlab.bench.lab; print('pytest' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["['modemlab', 'modemlab.pytest_plugin']", "False"]


def test_it_is_found_by_its_entry_point(pytestconfig: pytest.Config) -> None:
    """Whoever installs modemlab has the fixture."""
    assert pytestconfig.pluginmanager.has_plugin("modemlab")
    assert Lab.__module__ == "modemlab.bench.lab"
