"""What the control API is, as OpenAPI 3.1 describes it: made of the vocabulary and of the fields of its values."""

from collections.abc import Mapping
from dataclasses import MISSING, fields
from typing import Any

from modemlab.bench.actions import VOCABULARY
from modemlab.bench.steering import FARTHEST
from modemlab.module.world import ACTIONS
from modemlab.net.conditions import PROFILES, Conditions, Strike
from modemlab.net.faults import Fault
from modemlab.net.fields import Number, OneOf

ERROR = {
    "description": "What is wrong, in one line",
    "content": {
        "application/json": {
            "schema": {"type": "object", "required": ["error"], "properties": {"error": {"type": "string"}}}
        }
    },
}

SECONDS = {
    "type": "object",
    "required": ["seconds"],
    "properties": {"seconds": {"type": "number", "minimum": 0, "maximum": FARTHEST}},
    "additionalProperties": False,
}


def describe(version: str) -> dict[str, Any]:
    """The document."""
    query = [
        parameter("since", "Lines behind this number", {"type": "integer", "minimum": 0, "default": 0}),
        parameter("most", "How many", {"type": "integer", "minimum": 1, "maximum": 1000, "default": 100}),
    ]
    return {
        "openapi": "3.1.0",
        "info": {"title": "modemlab control", "version": version, "description": "A virtual module, from outside."},
        "paths": {
            "/state": {"get": operation("The module, its mobile, clients, conditions and faults")},
            "/traffic": {"get": operation("The latest of what passed, as a trace has it", parameters=query)},
            "/actions": {
                "get": operation("The actions, each with arguments that it takes"),
                "post": operation("Do an action, or several in order", requestBody=body(actions())),
            },
            "/advance": {"post": operation("Let time pass for the module", requestBody=body(SECONDS))},
            "/openapi.json": {"get": operation("This document")},
        },
        "components": {
            "schemas": {"Fault": table(Fault), **{name_of(name): action_schema(name) for name in VOCABULARY}},
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
        "security": [{}, {"token": []}],
    }


def operation(summary: str, **more: Any) -> dict[str, Any]:
    """An operation that answers with JSON."""
    answer = {"description": "Done", "content": {"application/json": {"schema": {"type": "object"}}}}
    return {"summary": summary, "responses": {"200": answer, "4XX": ERROR}, **more}


def parameter(name: str, about: str, schema: Mapping[str, Any]) -> dict[str, Any]:
    """A parameter of a query."""
    return {"name": name, "in": "query", "description": about, "schema": schema}


def body(schema: Mapping[str, Any]) -> dict[str, Any]:
    """What a POST takes."""
    return {"required": True, "content": {"application/json": {"schema": schema}}}


def actions() -> dict[str, Any]:
    """An action, or a list of them."""
    one = {"oneOf": [{"$ref": f"#/components/schemas/{name_of(name)}"} for name in VOCABULARY]}
    return {"oneOf": [one, {"type": "array", "items": one, "minItems": 1, "maxItems": 100}]}


def name_of(action: str) -> str:
    """The name of an action's schema."""
    return "".join(word.title() for word in action.split("_"))


def action_schema(name: str) -> dict[str, Any]:
    """The schema of an action: `do`, and its arguments beside it."""
    entry = VOCABULARY[name]
    if name == "conditions":
        properties = {"profile": {"enum": list(PROFILES)}, **table(Conditions)["properties"]}
        needed: list[str] = []
    elif name == "strike":
        properties, needed = table(Strike)["properties"], ["what"]
    elif name == "faults":
        listed = {"type": "array", "items": {"$ref": "#/components/schemas/Fault"}, "maxItems": 100}
        properties, needed = {"faults": listed}, ["faults"]
    else:
        properties = {key: {"examples": [value]} for key, value in entry.example.items()}
        needed = list(ACTIONS[name].required) if name in ACTIONS else []
    return {
        "type": "object",
        "description": entry.about,
        "required": ["do", *needed],
        "properties": {"do": {"const": name}, **properties},
        "additionalProperties": False,
        "examples": [{"do": name, **entry.example}],
    }


def table(kind: type) -> dict[str, Any]:
    """The schema of a data class whose fields say what they take."""
    properties, needed = {}, []
    for each in fields(kind):
        properties[each.name] = value_schema(each.metadata["expected"])
        if each.default is MISSING:
            needed.append(each.name)
        elif each.default is not None:
            properties[each.name]["default"] = each.default
    return {"type": "object", "required": needed, "properties": properties, "additionalProperties": False}


def value_schema(expected: Number | OneOf) -> dict[str, Any]:
    """The schema of a field."""
    if isinstance(expected, OneOf):
        return {"enum": list(expected.words)}
    kind = "integer" if expected.whole else "number"
    return {"type": kind, "minimum": expected.least, "maximum": expected.most}
