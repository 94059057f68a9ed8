"""What the control API is, as OpenAPI 3.1 describes it: made of the types that requests are read by."""

from typing import Any

from modemlab.control.requests import REQUEST, Advance, TrafficQuery
from modemlab.dialect.mobile import COVERAGE, Sim
from modemlab.dialect.mqtt_events import State
from modemlab.module.log_notes import MistakeKind
from modemlab.net.conditions import Conditions
from modemlab.validation.parsing import schema_of

Schema = dict[str, Any]

TEXT, INTEGER, BOOLEAN, ANYTHING = {"type": "string"}, {"type": "integer"}, {"type": "boolean"}, {"type": "object"}


def record(**properties: Schema) -> Schema:
    """The schema of an object that has all of these."""
    return {"type": "object", "required": list(properties), "properties": properties, "additionalProperties": False}


def many(items: Schema, **more: Any) -> Schema:
    """The schema of an array."""
    return {"type": "array", "items": items, **more}


def by_name(values: Schema) -> Schema:
    """The schema of an object with names of its own."""
    return {"type": "object", "additionalProperties": values}


def reference(name: str) -> Schema:
    """The schema of that name."""
    return {"$ref": f"#/components/schemas/{name}"}


MOBILE = record(
    sim={"enum": [sim.name.lower() for sim in Sim]},
    registration={"enum": list(COVERAGE)},
    packet={"enum": list(COVERAGE)},
    signal=many(INTEGER, minItems=2, maxItems=2),
    operator=many(TEXT, minItems=3, maxItems=3),
    cell=ANYTHING,
    contexts=by_name(TEXT),
)
CLIENT = record(
    client=INTEGER, state={"enum": [state.name.lower() for state in State]}, server={"type": ["string", "null"]}
)
MISTAKE = record(what={"enum": [kind.value for kind in MistakeKind]}, times=INTEGER, first=TEXT, detail=TEXT)
ANSWERS = {
    "Error": {
        "type": "object",
        "required": ["error"],
        "properties": {
            "error": TEXT,
            "mistakes": many(
                record(path=many({"type": ["string", "integer"]}), text=TEXT, given=TEXT, expected=TEXT, nearest=TEXT)
            ),
        },
        "additionalProperties": False,
    },
    "Done": record(done=many(TEXT)),
    "Actions": record(actions=by_name(record(about=TEXT, example=ANYTHING))),
    "Traffic": record(count=INTEGER, lines=many(record(number=INTEGER, time=TEXT, mark=TEXT, text=TEXT, hex=TEXT))),
    "State": record(
        model=TEXT,
        power=BOOLEAN,
        ports=many(TEXT),
        mobile=MOBILE,
        clients=many(CLIENT),
        conditions=reference("Conditions"),
        faults=many(reference("Fault")),
        unknown=by_name(INTEGER),
        looked_up=by_name(record(manual=TEXT, near=TEXT)),
        mistakes=many(MISTAKE),
    ),
}


def describe(version: str) -> dict[str, Any]:
    """The document."""
    lines = schema_of(TrafficQuery)["properties"]
    query = [
        parameter("since", "Lines behind this number", lines["since"]),
        parameter("limit", "How many", lines["limit"]),
    ]
    action = schema_of(REQUEST, ref_template="#/components/schemas/{model}")
    schemas, seconds = action.pop("$defs"), schema_of(Advance)
    return {
        "openapi": "3.1.0",
        "info": {"title": "modemlab control", "version": version, "description": "A virtual module, from outside."},
        "paths": {
            "/state": {"get": operation("State", "The module, its mobile, clients, conditions and faults")},
            "/traffic": {"get": operation("Traffic", "The latest of what passed, as a trace has it", parameters=query)},
            "/actions": {
                "get": operation("Actions", "The actions, each with arguments that it takes"),
                "post": operation("Done", "Do an action, or several in order", requestBody=body(action)),
            },
            "/advance": {"post": operation("Done", "Let time pass for the module", requestBody=body(seconds))},
            "/openapi.json": {"get": operation("", "This document")},
        },
        "components": {
            "schemas": {**ANSWERS, **schemas, "Conditions": schema_of(Conditions)},
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
        "security": [{}, {"token": []}],
    }


def operation(answer: str, summary: str, **more: Any) -> dict[str, Any]:
    """An operation that answers with the JSON of that schema."""
    schema = reference(answer) if answer else ANYTHING
    done = {"description": "Done", "content": {"application/json": {"schema": schema}}}
    wrong = {
        "description": "What is wrong, in one line, and each mistake by itself",
        "content": {"application/json": {"schema": reference("Error")}},
    }
    return {"summary": summary, "responses": {"200": done, "4XX": wrong}, **more}


def parameter(name: str, about: str, schema: Schema) -> dict[str, Any]:
    """A parameter of a query."""
    return {"name": name, "in": "query", "description": about, "schema": schema}


def body(schema: Schema) -> dict[str, Any]:
    """What a POST takes."""
    return {"required": True, "content": {"application/json": {"schema": schema}}}
