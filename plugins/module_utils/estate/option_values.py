# SPDX-License-Identifier: Apache-2.0
"""Whether a program takes a value for an option, by the type, bounds and words that the program itself declares.  Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

INTEGERS = {"short": 2**15, "int": 2**31, "long": 2**63}
INTEGER = re.compile(r"[+-]?[0-9]+")
# As Java reads one, which may end in a letter for its size.
DECIMAL = re.compile(r"([+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?)[dDfF]?")
# Type -> pattern in lower case, and what to write.
PATTERNS = {
    "time": (re.compile(r"0|-1|-?[0-9]+\s*(nanos|micros|ms|s|m|h|d)"), "a time with its unit such as 30s"),
    "bytes": (re.compile(r"0|-1|[0-9]+(\.[0-9]+)?\s*(b|[kmgtp]b?)"), "a size with its unit such as 512mb"),
    # Of Kibana: a number is in milliseconds.
    "duration": (re.compile(r"[0-9]+|([0-9]+(ms|[smhdwy]))+"), "milliseconds, or a time with its unit such as 30s"),
    "memory": (
        re.compile(r"0|-1|[0-9]+(\.[0-9]+)?\s*(b|[kmgtp]b?|%)"),
        "a size with its unit such as 512mb, or a share of the heap such as 10%",
    ),
}


def as_written(value: Any) -> str:
    """Return a value as it stands in the component's own file."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (list, tuple)):
        return ",".join(as_written(item) for item in value)
    return str(value)


def is_known(value: Any) -> bool:
    """Return whether a value can be judged: no template that only the run can fill, no reference that the program resolves."""
    if isinstance(value, Mapping):
        return all(is_known(item) for item in value.values())
    if isinstance(value, (list, tuple)):
        return all(is_known(item) for item in value)
    return isinstance(value, (str, int, float)) and not ("${" in str(value) or "{{" in str(value))


def wanted_instead(value: Any, definition: Mapping[str, Any]) -> str:
    """Return '' when the program takes the value, otherwise what it takes.

    ``definition`` is an entry of artifacts/options: ``type``, and where declared ``min``, ``max``, ``values``, ``any_case``,
    ``not_empty``.
    """
    if not is_known(value):
        return ""
    if isinstance(value, Mapping) or (
        isinstance(value, (list, tuple)) and any(isinstance(item, (Mapping, list)) for item in value)
    ):
        return "one value, or a list of values"
    text, kind = as_written(value).strip(), definition["type"]
    if "values" in definition:
        return _word(text, definition)
    if kind == "boolean":
        return "" if (text if definition.get("exact") else text.lower()) in ("true", "false") else "true or false"
    if kind in INTEGERS or kind in ("float", "double"):
        return _number(text, definition)
    if kind in PATTERNS:
        pattern, words = PATTERNS[kind]
        return "" if pattern.fullmatch(text.lower()) else words
    return "a value that is not empty" if definition.get("not_empty") and not text else ""


def _word(text: str, definition: Mapping[str, Any]) -> str:
    values = [str(word) for word in definition["values"]]
    items = [item.strip() for item in text.split(",")] if definition["type"] == "list" and text else [text] if text else []
    if definition["type"] != "list":
        items = [text]
    known = {word.lower() for word in values} if definition.get("any_case") else set(values)
    if all((item.lower() if definition.get("any_case") else item) in known for item in items):
        return ""
    return f"{'a list of' if definition['type'] == 'list' else 'one of'} {', '.join(values)}"


def _number(text: str, definition: Mapping[str, Any]) -> str:
    kind = definition["type"]
    least, most = definition.get("min"), definition.get("max")
    words = "an integer" if kind in INTEGERS else "a number"
    if least is not None and most is not None:
        words += f" from {least} to {most}"
    elif least is not None or most is not None:
        words += f" of at least {least}" if least is not None else f" of at most {most}"
    if not (INTEGER if kind in INTEGERS else DECIMAL).fullmatch(text):
        return words
    number = int(text) if kind in INTEGERS else float(text.rstrip("dDfF"))
    limit = INTEGERS.get(kind)
    if limit is not None and not -limit <= number < limit:
        return f"{words}, within {limit.bit_length() if kind != 'short' else 16} bits"
    return "" if (least is None or number >= least) and (most is None or number <= most) else words
