"""As much of JSON Schema (2020-12) as the control API's description uses; a word that is not known here is an error."""

import re
from typing import Any

KINDS: dict[str, type | tuple[type, ...]] = {
    "object": dict,
    "array": list,
    "string": str,
    "boolean": bool,
    "null": type(None),
    "integer": int,
    "number": (int, float),
}
ABOUT = {"title", "description", "examples", "default", "$defs"}
WORDS = {
    *ABOUT,
    *("type", "enum", "const", "minimum", "maximum", "required", "properties", "additionalProperties"),
    *("items", "prefixItems", "minItems", "maxItems", "oneOf", "anyOf", "$ref"),
    *("minLength", "maxLength", "pattern"),
}


def misfits(value: Any, schema: dict[str, Any], root: dict[str, Any], where: str = "") -> list[str]:
    """Where a value is not as a schema has it."""
    assert set(schema) <= WORDS, (where, set(schema) - WORDS)
    if "$ref" in schema:
        return misfits(value, found(schema["$ref"], root), root, where)
    wrong = []
    kinds = schema.get("type", [])
    if kinds and not any(is_kind(value, kind) for kind in ([kinds] if isinstance(kinds, str) else kinds)):
        return [f"{where} is no {kinds}: {value!r}"]
    if "enum" in schema and value not in schema["enum"]:
        wrong.append(f"{where} is none of {schema['enum']}: {value!r}")
    if "const" in schema and value != schema["const"]:
        wrong.append(f"{where} is not {schema['const']}: {value!r}")
    if is_kind(value, "number") and not schema.get("minimum", value) <= value <= schema.get("maximum", value):
        wrong.append(f"{where} is out of its bounds: {value!r}")
    if isinstance(value, dict):
        properties, others = schema.get("properties", {}), schema.get("additionalProperties", True)
        wrong += [f"{where}.{name} is missing" for name in schema.get("required", []) if name not in value]
        for name, item in value.items():
            rule = properties.get(name, others)
            if rule is False:
                wrong.append(f"{where}.{name} is unknown")
            elif rule is not True:
                wrong += misfits(item, rule, root, f"{where}.{name}")
    if isinstance(value, list):
        if not schema.get("minItems", 0) <= len(value) <= schema.get("maxItems", len(value)):
            wrong.append(f"{where} has {len(value)} items")
        for number, item in enumerate(value):
            kind = schema.get("prefixItems", [])[number : number + 1] or [schema.get("items", {})]
            wrong += misfits(item, kind[0], root, f"{where}[{number}]")
    if isinstance(value, str):
        if not schema.get("minLength", 0) <= len(value) <= schema.get("maxLength", len(value)):
            wrong.append(f"{where} has {len(value)} characters")
        if not re.search(schema.get("pattern", ""), value):
            wrong.append(f"{where} is not as {schema['pattern']}: {value!r}")
    if "anyOf" in schema and all(misfits(value, each, root, where) for each in schema["anyOf"]):
        wrong.append(f"{where} fits none of {len(schema['anyOf'])}")
    if "oneOf" in schema:
        fits = [each for each in schema["oneOf"] if not misfits(value, each, root, where)]
        if len(fits) != 1:
            wrong.append(f"{where} fits {len(fits)} of {len(schema['oneOf'])}")
    return wrong


def is_kind(value: Any, kind: str) -> bool:
    """Whether a value is of that type; true and false are no numbers."""
    return isinstance(value, KINDS[kind]) and not (isinstance(value, bool) and kind in ("integer", "number"))


def found(reference: str, root: dict[str, Any]) -> Any:
    """What a reference within the document leads to. Raises KeyError if nothing does."""
    assert reference.startswith("#/"), reference
    at: Any = root
    for name in reference[2:].split("/"):
        at = at[name]
    return at
