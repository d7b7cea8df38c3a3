# SPDX-License-Identifier: Apache-2.0
"""Whether a structure can be a schema of Avro, as far as Avro's own specification decides it.  Pure.

Defaults and logical types are left to the registry.
"""

from __future__ import annotations

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


# YAML reads yes, no, on and off as true and false.
NAME = "write letters, digits and '_', not a digit first, in quotes where YAML reads something else"


def _is_name(value: Any, dots: bool = False) -> bool:
    """Return whether a value is a name; Avro's parsers for Java take letters of any language."""
    return isinstance(value, str) and all(part.isidentifier() for part in (value.split(".") if dots else [value]))
