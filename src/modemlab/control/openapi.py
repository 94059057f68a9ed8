"""What the control API is, as OpenAPI 3.1 describes it: made of the vocabulary and of the fields of its values."""

from dataclasses import MISSING, fields
from typing import Any

from modemlab.clocks.skippable import FARTHEST
from modemlab.dialect.mobile import COVERAGE, Sim
from modemlab.dialect.mqtt_events import State
from modemlab.module.mobile_actions import ACTIONS
from modemlab.module.notes import Kind
from modemlab.net.conditions import PROFILES, Conditions, Strike
from modemlab.net.faults import Fault
from modemlab.scenario.actions import MOST_ACTIONS, MOST_FAULTS, VOCABULARY, UrcBeforeResult
from modemlab.validation.fields import Number, OneOf, PlainText
from modemlab.virtual.traffic_log import MOST_LINES

Schema = dict[str, Any]

# The actions whose arguments are the fields of a data class.
TABLES: dict[str, type] = {"strike": Strike, "urc_before_result": UrcBeforeResult}
TEXT, WHOLE, YES_OR_NO, ANYTHING = {"type": "string"}, {"type": "integer"}, {"type": "boolean"}, {"type": "object"}


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


SECONDS = record(seconds={"type": "number", "minimum": 0, "maximum": FARTHEST})
MOBILE = record(
    sim={"enum": [sim.name.lower() for sim in Sim]},
    registration={"enum": list(COVERAGE)},
    packet={"enum": list(COVERAGE)},
    signal=many(WHOLE, minItems=2, maxItems=2),
    operator=many(TEXT, minItems=3, maxItems=3),
    cell=ANYTHING,
    contexts=by_name(TEXT),
)
CLIENT = record(
    client=WHOLE, state={"enum": [state.name.lower() for state in State]}, server={"type": ["string", "null"]}
)
MISTAKE = record(what={"enum": [kind.value for kind in Kind]}, times=WHOLE, first=TEXT, detail=TEXT)
ANSWERS = {
    "Error": record(error=TEXT),
    "Done": record(done=many(TEXT)),
    "Actions": record(actions=by_name(record(about=TEXT, example=ANYTHING))),
    "Traffic": record(count=WHOLE, lines=many(record(number=WHOLE, time=TEXT, mark=TEXT, text=TEXT, hex=TEXT))),
    "State": record(
        model=TEXT,
        power=YES_OR_NO,
        ports=many(TEXT),
        mobile=MOBILE,
        clients=many(CLIENT),
        conditions=reference("NetworkConditions"),
        faults=many(reference("Fault")),
        unknown=by_name(WHOLE),
        looked_up=by_name(record(manual=TEXT, near=TEXT)),
        mistakes=many(MISTAKE),
    ),
}


def describe(version: str) -> dict[str, Any]:
    """The document."""
    query = [
        parameter("since", "Lines behind this number", {"type": "integer", "minimum": 0, "default": 0}),
        parameter("most", "How many", {"type": "integer", "minimum": 1, "maximum": MOST_LINES, "default": 100}),
    ]
    return {
        "openapi": "3.1.0",
        "info": {"title": "modemlab control", "version": version, "description": "A virtual module, from outside."},
        "paths": {
            "/state": {"get": operation("State", "The module, its mobile, clients, conditions and faults")},
            "/traffic": {"get": operation("Traffic", "The latest of what passed, as a trace has it", parameters=query)},
            "/actions": {
                "get": operation("Actions", "The actions, each with arguments that it takes"),
                "post": operation("Done", "Do an action, or several in order", requestBody=body(actions())),
            },
            "/advance": {"post": operation("Done", "Let time pass for the module", requestBody=body(SECONDS))},
            "/openapi.json": {"get": operation("", "This document")},
        },
        "components": {
            "schemas": {
                **ANSWERS,
                "Fault": table(Fault),
                "NetworkConditions": table(Conditions),
                **{name_of(name): action_schema(name) for name in VOCABULARY},
            },
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
        "security": [{}, {"token": []}],
    }


def operation(answer: str, summary: str, **more: Any) -> dict[str, Any]:
    """An operation that answers with the JSON of that schema."""
    schema = reference(answer) if answer else ANYTHING
    done = {"description": "Done", "content": {"application/json": {"schema": schema}}}
    wrong = {
        "description": "What is wrong, in one line",
        "content": {"application/json": {"schema": reference("Error")}},
    }
    return {"summary": summary, "responses": {"200": done, "4XX": wrong}, **more}


def parameter(name: str, about: str, schema: Schema) -> dict[str, Any]:
    """A parameter of a query."""
    return {"name": name, "in": "query", "description": about, "schema": schema}


def body(schema: Schema) -> dict[str, Any]:
    """What a POST takes."""
    return {"required": True, "content": {"application/json": {"schema": schema}}}


def actions() -> Schema:
    """An action, or a list of them."""
    one = {"oneOf": [reference(name_of(name)) for name in VOCABULARY]}
    return {"oneOf": [one, many(one, minItems=1, maxItems=MOST_ACTIONS)]}


def name_of(action: str) -> str:
    """The name of an action's schema."""
    return "".join(word.title() for word in action.split("_"))


def action_schema(name: str) -> Schema:
    """The schema of an action: `do`, and its arguments beside it."""
    entry = VOCABULARY[name]
    if name == "conditions":
        properties = {"profile": {"enum": list(PROFILES)}, **table(Conditions)["properties"]}
        needed: list[str] = []
    elif name in TABLES:
        properties, needed = table(TABLES[name])["properties"], table(TABLES[name])["required"]
    elif name == "faults":
        properties, needed = {"faults": many(reference("Fault"), maxItems=MOST_FAULTS)}, ["faults"]
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


def table(kind: type) -> Schema:
    """The schema of a data class whose fields say what they take."""
    properties, needed = {}, []
    for each in fields(kind):
        schema = properties[each.name] = value_schema(each.metadata["expected"], each.default is None)
        if each.default is MISSING:
            needed.append(each.name)
        else:
            schema["default"] = each.default
    return {"type": "object", "required": needed, "properties": properties, "additionalProperties": False}


def value_schema(expected: Number | OneOf | PlainText, optional: bool) -> Schema:
    """The schema of a field; one that is optional takes null."""
    if isinstance(expected, PlainText):
        return {"type": ["string", "null"] if optional else "string", "description": str(expected)}
    if isinstance(expected, OneOf):
        return {"enum": [*expected.words, None] if optional else list(expected.words)}
    kind = "integer" if expected.whole else "number"
    return {"type": [kind, "null"] if optional else kind, "minimum": expected.least, "maximum": expected.most}
