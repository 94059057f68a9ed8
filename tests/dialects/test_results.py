"""Every result and code that the command tables declare can be made to happen, or is said not to."""

import pytest

from modemlab.dialect.registry import dialects
from support.results_table import Code, codes, excused, play, producers, scenarios, shown_codes
from support.scenarios import SCENARIOS, Scenario

DECLARED = {code for dialect in dialects() for code in codes(dialect)}
ALL = [(model, scenario) for name, (model, _) in SCENARIOS.items() for scenario in scenarios(name)]


@pytest.mark.parametrize(("model", "scenario"), ALL, ids=lambda value: getattr(value, "title", value))
def test_a_scenario_shows_what_it_claims(model: str, scenario: Scenario) -> None:
    lines = play(model, scenario)
    missing = [line for line in scenario.shows if line not in lines]
    assert not missing, lines
    assert play(model, scenario) == lines


def test_every_declared_code_has_a_scenario_or_a_reason() -> None:
    made, why = producers().keys(), excused().keys()
    assert sorted(DECLARED - made - why) == []
    assert sorted(why & made) == [], "docs/fidelity.md excuses what a scenario produces"


def test_every_scenario_is_of_use() -> None:
    """Each claims at least one declared code, and none of them belongs to no dialect."""
    found = {dialect.name: dialect for dialect in dialects()}
    for name in SCENARIOS:
        for scenario in scenarios(name):
            for line in scenario.shows:
                assert list(shown_codes(found[name], line)), f"{name}: {line}"


def test_the_list_is_what_the_manuals_print() -> None:
    """The MQTT results of the guide for EC200x, typed from it."""
    typed: dict[str, dict[str, tuple[int, ...]]] = {
        "+QMTOPEN": {"result": (-1, 0, 1, 2, 3, 4, 5)},
        "+QMTCLOSE": {"result": (-1, 0)},
        "+QMTCONN": {"result": (0, 1, 2), "ret_code": (0, 1, 2, 3, 4, 5)},
        "+QMTDISC": {"result": (-1, 0)},
        "+QMTSUB": {"result": (0, 1, 2)},
        "+QMTUNS": {"result": (0, 1, 2)},
        "+QMTPUBEX": {"result": (0, 1, 2)},
        "+QMTSTAT": {"err_code": (1, 2, 3, 4, 5, 6, 7, 8)},
        "+QMTPING": {"result": (1,)},
    }
    wanted = {
        Code("quectel_lte", urc, name, str(value))
        for urc, parameters in typed.items()
        for name, values in parameters.items()
        for value in values
    }
    assert {code for code in DECLARED if code.dialect == "quectel_lte" and code.urc in typed} == wanted
