"""The description of the control API: OpenAPI 3.1 by its form, and true of what is taken and answered.

The form is typed from the OpenAPI Specification 3.1.0, 4.8: which fields an object has, and which it must have.
"""

import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from modemlab.control.openapi import describe
from modemlab.scenario.actions import ACTIONS, read_action
from modemlab.validation.input_errors import InputMistakes
from support.json_schema import KINDS, WORDS, found, misfits

DOCUMENT = describe("1.2.3")
SCHEMAS = DOCUMENT["components"]["schemas"]

# Object: the fields that it must have, those that it may have, and what those hold that are objects themselves:
# `[x]` for a list of x, `{x}` for a map of names to x.
FORM: dict[str, tuple[str, str, dict[str, str]]] = {
    "openapi": (
        "openapi info",
        "jsonSchemaDialect servers paths webhooks components security tags externalDocs",
        {"info": "info", "paths": "{path}", "components": "components"},
    ),
    "info": ("title version", "summary description termsOfService contact license", {}),
    "components": (
        "",
        "schemas responses parameters examples requestBodies headers securitySchemes links callbacks pathItems",
        {"schemas": "{schema}", "securitySchemes": "{security}"},
    ),
    "path": (
        "",
        "$ref summary description get put post delete options head patch trace servers parameters",
        {"get": "operation", "post": "operation"},
    ),
    "operation": (
        "",
        "tags summary description operationId parameters requestBody responses callbacks deprecated security servers",
        {"parameters": "[parameter]", "requestBody": "body", "responses": "{response}"},
    ),
    "parameter": (
        "name in schema",
        "description required deprecated allowEmptyValue style explode allowReserved example examples",
        {"schema": "schema"},
    ),
    "body": ("content", "description required", {"content": "{media}"}),
    "response": ("description", "headers content links", {"content": "{media}"}),
    "media": ("", "schema example examples encoding", {"schema": "schema"}),
    "security": ("type", "description name in scheme bearerFormat flows openIdConnectUrl", {}),
}
PLACES = {"path": r"/[\w./]*", "media": r"[\w-]+/[\w-]+", "response": r"[1-5](\d\d|XX)|default", "schema": r"[\w.-]+"}


def hold(kind: str, value: Any, where: str) -> None:
    """Hold a part of the document to its form."""
    if kind.startswith("["):
        for number, each in enumerate(value):
            hold(kind[1:-1], each, f"{where}[{number}]")
    elif kind.startswith("{"):
        for name, each in value.items():
            assert re.fullmatch(PLACES.get(kind[1:-1], ".+"), name), (where, name)
            hold(kind[1:-1], each, f"{where}.{name}")
    elif kind == "schema":
        hold_schema(value, where)
    else:
        needed, others, inner = FORM[kind]
        assert set(needed.split()) <= set(value), where
        assert set(value) <= {*needed.split(), *others.split()}, where
        for name, form in inner.items():
            if name in value:
                hold(form, value[name], f"{where}.{name}")


def hold_schema(value: Any, where: str) -> None:
    """Hold a schema to JSON Schema, and what it refers to to being there."""
    assert set(value) <= WORDS, (where, set(value) - WORDS)
    if "$ref" in value:
        assert found(value["$ref"], DOCUMENT) is not value, where
    kinds = value.get("type", [])
    assert set([kinds] if isinstance(kinds, str) else kinds) <= set(KINDS), where
    assert set(value.get("required", [])) <= set(value.get("properties", {})), where
    inner = [
        *value.get("properties", {}).items(),
        *enumerate(value.get("oneOf", [])),
        *enumerate(value.get("anyOf", [])),
    ]
    inner += [(name, value[name]) for name in ("items", "additionalProperties") if isinstance(value.get(name), dict)]
    for name, each in inner:
        hold_schema(each, f"{where}.{name}")
    for example in value.get("examples", []):
        assert not misfits(example, {**value, "examples": []}, DOCUMENT), where
    if "default" in value:
        assert not misfits(value["default"], value, DOCUMENT), where


def test_the_form() -> None:
    """Every object of the document, every reference, every example."""
    hold("openapi", DOCUMENT, "")
    assert DOCUMENT["openapi"] == "3.1.0"
    for each in DOCUMENT["security"]:
        assert set(each) <= set(DOCUMENT["components"]["securitySchemes"])


@pytest.mark.parametrize("name", ACTIONS)
def test_actions(name: str) -> None:
    """Each has a schema that its example fits, and nothing beside it."""
    schema, example = SCHEMAS[ACTIONS[name].__name__], {"do": name, **ACTIONS[name].example}
    assert misfits(example, schema, DOCUMENT) == []
    assert misfits({**example, "more": 1}, schema, DOCUMENT) == [".more is unknown"]
    posted = DOCUMENT["paths"]["/actions"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    assert not misfits(example, posted, DOCUMENT)
    assert not misfits([example] * 2, posted, DOCUMENT)
    assert misfits([], posted, DOCUMENT)


FIGURES: list[Any] = [
    None,
    True,
    "1",
    -1,
    -0.5,
    0,
    0.5,
    1,
    2,
    60,
    60.5,
    99,
    100,
    255,
    256,
    1e6,
    10**400,
    float("inf"),
    "drop",
]
PACKETS = ["PUBACK", "CONNECT", "PUBLISH", "PING"]


@given(st.sampled_from(["conditions", "disconnect", "faults"]), st.data())
@settings(max_examples=300)
def test_what_is_described_is_what_is_taken(name: str, data: st.DataObject) -> None:
    """Whatever the schema refuses is refused; whatever it takes is taken, unless fields do not fit each other."""
    properties = SCHEMAS["Fault" if name == "faults" else ACTIONS[name].__name__]["properties"]
    field = data.draw(st.sampled_from(sorted(set(properties) - {"do"})))
    arguments = {field: data.draw(st.sampled_from([*FIGURES, *PACKETS, "reset", "lab", "in"]))}
    if name == "faults":
        arguments = {"faults": [{"packet": "PUBACK", "action": "drop", **arguments}]}
    elif name == "disconnect":
        arguments = {"how": "reset", **arguments}
    wrong = misfits({"do": name, **arguments}, SCHEMAS[ACTIONS[name].__name__], DOCUMENT)
    try:
        read_action(name, arguments)
    except InputMistakes as error:
        told = str(error)
    else:
        told = ""
    assert bool(told) == bool(wrong) or ", as " in told, told
