# SPDX-License-Identifier: Apache-2.0
"""Whether a structure can be a schema of Avro, as far as Avro's own specification decides it.  Pure.

Logical types are left to the registry, and so are defaults of types that stand elsewhere.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

PRIMITIVES = frozenset({"null", "boolean", "int", "long", "float", "double", "bytes", "string"})
RECORDS = frozenset({"record", "error"})
NAMED = RECORDS | {"enum", "fixed"}
# Complex type -> the key that says what is in it.
INNER = {"array": "items", "map": "values"}


def avro_mistakes(schema: Any, refers: bool = False) -> list[str]:
    """Return what no parser of Avro takes, each as the end of a sentence about the schema.

    ``refers`` says that it uses other schemas, so a name that it does not define may be theirs.
    """
    return list(_mistakes(schema, "", None if refers else set(_defined(schema))))


def _defined(schema: Any) -> Iterator[str]:
    """Yield the names that a schema defines, without their namespaces."""
    if isinstance(schema, Mapping):
        if isinstance(schema.get("name"), str):
            yield schema["name"].rpartition(".")[2]
        for item in schema.values():
            yield from _defined(item)
    elif isinstance(schema, list):
        for item in schema:
            yield from _defined(item)


def _mistakes(schema: Any, where: str, names: set[str] | None) -> Iterator[str]:
    """Yield the mistakes of one type; ``names`` are the ones it may refer to, None for any."""
    if isinstance(schema, str):
        if schema not in PRIMITIVES and names is not None and schema.rpartition(".")[2] not in names:
            yield f"has a type {schema!r}{where}, which neither Avro nor the schema defines; correct it or add it to references"
    elif isinstance(schema, list):
        plain = [one for one in schema if isinstance(one, str)]
        for twice in sorted({one for one in plain if plain.count(one) > 1}):
            yield f"has {twice!r} twice in a union{where}; name each type once"
        for one in schema:
            if isinstance(one, list):
                yield f"has a union in a union{where}; write one list of types"
            else:
                yield from _mistakes(one, where, names)
    elif not isinstance(schema, Mapping):
        yield f"has {schema!r}{where} for a type; write the name of a type in quotes, a mapping or a list"
    elif schema.get("type") is None:
        yield f"has a mapping without a type{where}; give it one"
    elif schema["type"] in NAMED if isinstance(schema["type"], str) else False:
        yield from _named(schema, where, names)
    elif isinstance(schema["type"], str) and schema["type"] in INNER:
        key = INNER[schema["type"]]
        if key not in schema:
            yield f"has a type {schema['type']!r} without {key}{where}; say what is in it"
        else:
            yield from _mistakes(schema[key], where, names)
    else:
        yield from _mistakes(schema["type"], where, names)


def _named(schema: Mapping[str, Any], where: str, names: set[str] | None) -> Iterator[str]:
    kind, name = schema["type"], schema.get("name")
    if not _is_name(name, dots=True):
        yield f"has a type {kind!r}{where} with the name {name!r}; {NAME}"
    here = f" in {name}" if isinstance(name, str) else where
    if kind in RECORDS:
        fields = schema.get("fields")
        if not isinstance(fields, list):
            yield f"has no list of fields{here}; write fields as a list of mappings with name and type"
            return
        given = [field.get("name") for field in fields if isinstance(field, Mapping)]
        for twice in sorted({one for one in given if isinstance(one, str) and given.count(one) > 1}):
            yield f"has the field {twice!r} twice{here}; keep one"
        for field in fields:
            if not isinstance(field, Mapping) or field.get("type") is None:
                yield f"has a field without a type{here}: {field!r}; write a mapping with name and type"
            else:
                if not _is_name(field.get("name")):
                    yield f"has a field with the name {field.get('name')!r}{here}; {NAME}"
                yield from _mistakes(field["type"], f" in {name}.{field.get('name')}", names)
                if "default" in field and not _fits(field["default"], field["type"]):
                    here = f" in {name}.{field.get('name')}"
                    remedy = "put the type of the default first in the union" if _other(field) else "write one of its type"
                    shown = json.dumps(field["default"], ensure_ascii=False, default=str)
                    yield f"has the default {shown}{here}, which is no {_kind(field['type'])}; {remedy}"
    elif kind == "enum":
        symbols = schema.get("symbols")
        if not isinstance(symbols, list):
            yield f"has an enum without a list of symbols{here}; write symbols"
            return
        for symbol in symbols:
            if not _is_name(symbol):
                yield f"has the symbol {symbol!r}{here}; {NAME}"
        for twice in sorted({one for one in symbols if isinstance(one, str) and symbols.count(one) > 1}):
            yield f"has the symbol {twice!r} twice{here}; keep one"
        if "default" in schema and schema["default"] not in symbols:
            yield f"has the default {schema['default']!r}{here}, which is none of its symbols; name one of them"
    elif not isinstance(schema.get("size"), int) or isinstance(schema["size"], bool):
        yield f"has a type 'fixed' without a size{here}; write the number of bytes"


INT, LONG = 2**31, 2**63


def _fits(value: Any, schema: Any) -> bool:
    """Return whether a value can be the default of a type; of a union it has to be one of the first. In doubt it can."""
    if isinstance(schema, list):
        return not schema or _fits(value, schema[0])
    kind = schema.get("type") if isinstance(schema, Mapping) else schema
    if isinstance(kind, (list, Mapping)):
        return _fits(value, kind)
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    whole = isinstance(value, int) and number
    if kind == "record" and isinstance(value, Mapping) and isinstance(schema, Mapping):
        fields = [one for one in schema.get("fields") or () if isinstance(one, Mapping)]
        return all(one.get("name") in value or "default" in one for one in fields) and all(
            _fits(value[one["name"]], one.get("type")) for one in fields if one.get("name") in value
        )
    if kind == "array" and isinstance(value, list) and isinstance(schema, Mapping):
        return all(_fits(one, schema.get("items")) for one in value)
    if kind == "map" and isinstance(value, Mapping) and isinstance(schema, Mapping):
        return all(_fits(one, schema.get("values")) for one in value.values())
    right = {
        "null": value is None,
        "boolean": isinstance(value, bool),
        "int": whole and -INT <= value < INT,
        "long": whole and -LONG <= value < LONG,
        "float": number,
        "double": number,
        "bytes": isinstance(value, str),
        "string": isinstance(value, str),
        "fixed": isinstance(value, str),
        "enum": isinstance(value, str) and (not isinstance(schema, Mapping) or value in (schema.get("symbols") or (value,))),
        "record": False,
        "array": False,
        "map": False,
    }
    return not isinstance(kind, str) or right.get(kind, True)


def _kind(schema: Any) -> str:
    """Return what to call the type that a default has to be of."""
    if isinstance(schema, list):
        return _kind(schema[0]) if schema else "type"
    return _kind(schema["type"]) if isinstance(schema, Mapping) and "type" in schema else str(schema)


def _other(field: Mapping[str, Any]) -> bool:
    """Return whether a default is of another type of its union than the first."""
    kinds = field["type"]
    return isinstance(kinds, list) and any(_fits(field["default"], one) for one in kinds[1:])


# YAML reads yes, no, on and off as true and false.
NAME = "write letters, digits and '_', not a digit first, in quotes where YAML reads something else"


def _is_name(value: Any, dots: bool = False) -> bool:
    """Return whether a value is a name; Avro's parsers for Java take letters of any language."""
    return isinstance(value, str) and all(part.isidentifier() for part in (value.split(".") if dots else [value]))
