"""The pytest plugin, driven by pytest's own runs of tests that use it."""

import subprocess
import sys
import xml.etree.ElementTree as Xml

import pytest

# Imported here, so that the runs inside this one need not import it again.
from modemlab.lab.lab import Lab

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
            assert modem_lab.command("AT+CSQ") == ["+CSQ:24,99", "OK"]

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
    pytester.makefile(".toml", day='[[step]]\nat = 5\naction = { do = "set_registration", stat = "denied" }\n')
    source = """
        import pytest

        @pytest.mark.modem(scenario="day.toml")
        def test_it(modem_lab):
            modem_lab.command("AT+CREG=1")
            modem_lab.expect(urc="+CREG: 3")
            assert round(modem_lab.now, 3) == 5
    """
    run(pytester, source).assert_outcomes(passed=1)


def test_a_failed_test_shows_its_traffic(pytester: pytest.Pytester) -> None:
    """In the terminal and in JUnit XML; a test that passes shows none, and one that fails without a lab none."""
    source = r"""
        def test_passes(modem_lab):
            modem_lab.command("AT+CGMI")

        def test_fails(modem_lab):
            modem_lab.replay(">> AT+CSQ\n<< AT+CSQ\\r\n<< +CSQ: 7,99\n")

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
    told = {case.get("name"): "".join(case.itertext()) for case in out.iter("testcase")}
    assert [name for name, text in told.items() if "modem traffic" in text] == ["test_fails"]
    assert told["test_fails"].count("    0.000 >> AT+CSQ\\r\n") == 1


@pytest.mark.parametrize(
    ("marker", "reason"),
    [
        ("model='EC999'", "'EC999' is not a known model*One of: Air724UG,*"),
        ("'BC35-G'", "'BC35-G' has no name, expected model=, port=, conditions=, scenario=, *"),
        (
            "modle='BC35-G'",
            "'modle' is not a known argument; did you mean 'model'? One of: model, port, conditions, scenario, *",
        ),
        ("conditions='cat9'", "conditions: profile is 'cat9', expected one of lab,*"),
        ("scenario='nowhere.toml'", "*nowhere.toml: No such file or directory"),
        ("port='com1'", "port 'com1' has no known form*"),
        ("quirks=['x']", "'x' is not a known quirk of*"),
        ("quirks=3", "quirks are 3, expected names"),
        ("tls=True", "tls needs a port, expected port='pty' or port='tcp' beside it"),
        ("port='tcp', tls=1", "tls is 1, expected True, or a server's ssl.SSLContext"),
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
        "import modemlab.lab.lab; print('pytest' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["['modemlab', 'modemlab.pytest_plugin']", "False"]


def test_it_is_found_by_its_entry_point(pytestconfig: pytest.Config) -> None:
    """Whoever installs modemlab has the fixture."""
    assert pytestconfig.pluginmanager.has_plugin("modemlab")
    assert Lab.__module__ == "modemlab.lab.lab"


FAULTS = """
    import pytest

    def opened(lab):
        for line, urc in (
            ('AT+QMTOPEN=0,"broker.example",1883', "+QMTOPEN: 0,0"), ('AT+QMTCONN=0,"pump-7"', "+QMTCONN: 0,0,0")
        ):
            lab.command(line)
            lab.expect(urc=urc)
"""


def test_faults_and_clock_are_the_tests(pytester: pytest.Pytester) -> None:
    """In memory fifteen seconds pass at once, exactly; on a port the module's clock is put forward."""
    source = (
        FAULTS
        + """
        lab.perform("faults", faults=[{"packet": "PUBACK", "action": "drop", "times": 3}])
        lab.command('AT+QMTPUBEX=0,1,1,0,"a",2', data=b"on")

    def test_in_memory(modem_lab):
        opened(modem_lab)
        begun = modem_lab.now
        modem_lab.expect(urc="+QMTPUBEX: 0,1,0", within=60)
        assert round(modem_lab.now - begun, 6) == 15
        assert len(modem_lab.messages) == 4

    @pytest.mark.modem(port="tcp")
    def test_on_a_port(modem_lab):
        opened(modem_lab)
        begun = modem_lab.now
        for _ in range(3):
            modem_lab.advance(5)
        modem_lab.expect(urc="+QMTPUBEX: 0,1,0")
        assert modem_lab.now - begun > 15

    @pytest.mark.modem(conditions={"rtt": 2.0})
    def test_under_conditions(modem_lab):
        modem_lab.command('AT+QMTOPEN=0,"broker.example",1883')
        modem_lab.expect(urc="+QMTOPEN: 0,0")
        assert modem_lab.now >= 2
        modem_lab.perform("conditions", profile="lab")
        modem_lab.perform("power_off")
        modem_lab.send(b"AT\\r")
        modem_lab.expect(line="OK", nth=2, never=True, within=60)
    """
    )
    run(pytester, source, "--durations=0").assert_outcomes(passed=3)


@pytest.mark.skipif(sys.platform == "win32", reason="ptys are Unix's")
def test_a_pty_for_a_program_and_the_broker_for_its_environment(pytester: pytest.Pytester) -> None:
    source = """
        import os
        import socket
        import pytest

        @pytest.mark.modem(port="pty")
        def test_it(modem_lab):
            variables = modem_lab.environment
            line = os.open(variables["MODEMLAB_PORT"], os.O_RDWR | os.O_NOCTTY)
            os.write(line, b"ATE0\\r")
            modem_lab.expect(command="ATE")
            os.close(line)
            server = variables["MODEMLAB_MQTT_HOST"], int(variables["MODEMLAB_MQTT_PORT"])
            socket.create_connection(server, 5).close()
            modem_lab.expect(mistakes=0)
    """
    run(pytester, source).assert_outcomes(passed=1)


def test_tls_and_the_driver_are_at_hand(pytester: pytest.Pytester) -> None:
    """A broker that speaks TLS on a port, and asyncio on the test's own time in memory."""
    source = """
        import asyncio
        import pytest
        from modemlab import SyncModem, Tls

        @pytest.mark.modem(port="tcp", tls=True)
        def test_tls(modem_lab):
            with SyncModem.open(modem_lab.port) as modem:
                with modem.mqtt("broker.example", 8883, tls=Tls(ca=modem_lab.ca)) as client:
                    client.publish("a", b"b", qos=1)
            modem_lab.expect(topic="a", payload="b")

        @pytest.mark.modem(model="BC28")
        def test_driver(modem_lab):
            async def work():
                async with modem_lab.modem() as modem, modem.mqtt("broker.example") as client:
                    modem_lab.perform("faults", faults=[{"packet": "PUBACK", "action": "drop"}])
                    await client.publish("a", b"b", qos=1)

            modem_lab.run(work())
            assert 5 < modem_lab.now < 6
            modem_lab.expect(topic="a", nth=2)
    """
    run(pytester, source).assert_outcomes(passed=2)


@pytest.mark.parametrize("style", ["short", "native", "line", "no"])
def test_the_traffic_stands_there_however_tracebacks_are_shown(pytester: pytest.Pytester, style: str) -> None:
    """Once in the XML, and never twice in the terminal."""
    source = """
        def test_fails(modem_lab):
            modem_lab.command("AT+CGMI")
            assert not modem_lab
    """
    result = run(pytester, source, f"--tb={style}", "--junitxml=out.xml")
    result.assert_outcomes(failed=1)
    assert result.stdout.str().count("- modem traffic -") == (style != "no")
    assert (pytester.path / "out.xml").read_text(encoding="utf-8").count("0.000 &gt;&gt; AT+CGMI") == 1


def test_each_kind_of_failure_is_told(pytester: pytest.Pytester) -> None:
    """A transcript's difference, what did not come, no answer: with what came, and the traffic of that test alone."""
    source = r"""
        import pytest

        @pytest.mark.modem(port="tcp")
        def test_transcript(modem_lab):
            modem_lab.replay(">> ATE0\n<< ATE0\\r\n<< OK\n>> AT+CREG?\n<<\n<< +CREG: 0,5\n<<\n<< OK\n")

        def test_expectation(modem_lab):
            modem_lab.perform("set_registration", stat="denied")
            modem_lab.expect(urc="+CREG: 3", within=3)

        def test_answer(modem_lab):
            modem_lab.perform("power_off")
            modem_lab.command("AT", within=2)

        def test_setup(modem_lab, request):
            modem_lab.command("AT+CGMI")
            request.getfixturevalue("breaks")

        @pytest.fixture
        def breaks(modem_lab):
            raise RuntimeError("mine")
    """
    result = run(pytester, source)
    result.assert_outcomes(failed=4)
    result.stdout.fnmatch_lines(
        [
            "E*AssertionError: line 6: something else was said",
            "E*    >> AT+CREG[?]",
            "E*    <<",
            "E*  - << +CREG: 0,5",
            "E*  + << +CREG: 0,1",
            "E*    <<",
            "E*    << OK",
            "*- modem traffic -*",
            "* >> AT+CREG?\\r",
            "E*AssertionError: urc = '+CREG: 3': came 0 times, expected once; nearest: 'RDY' after 0.000 s (waited 3 *",
            "*- modem traffic -*",
            "    0.000 -- mobile: set_registration(stat='denied')*",
            "E*AssertionError: AT: no result code within 2 s; what came: b''",
            "*- modem traffic -*",
            "*RuntimeError: mine",
            "*- modem traffic -*",
            "    0.000 >> AT+CGMI\\r",
        ]
    )
    assert result.stdout.str().count("- modem traffic -") == 4


def test_a_wrong_call_is_shown_at_the_test_s_own_line(pytester: pytest.Pytester) -> None:
    """Without the calls within modemlab, which `--full-trace` has."""
    source = """
        def test_it(modem_lab):
            modem_lab.perform("power_cyle")

        def test_that(modem_lab):
            modem_lab.expect(topc="x")
    """
    told = "E * 'power_cyle' is not a known action; did you mean 'power_cycle'[?] One of: *"
    result = run(pytester, source)
    result.assert_outcomes(failed=2)
    result.stdout.fnmatch_lines((">       modem_lab.perform(*", told, "*.py:2: InputMistakes", "*.py:5: InputMistakes"))
    result.stdout.no_fnmatch_line("*raise *")
    run(pytester, source, "--full-trace").stdout.fnmatch_lines((">*raise InputMistakes(*", told))
