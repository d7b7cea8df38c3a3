# SPDX-License-Identifier: Apache-2.0
"""Values and lists as text: for people, and the way Kafka and Connect write them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

MAX_NAMED = 5


def shorten(things: Sequence[Any], most: int = MAX_NAMED) -> str:
    """Return the first of many things, and how many more there are."""
    more = len(things) - most
    return ", ".join(str(one) for one in things[:most]) + (f" and {more} more" if more > 0 else "")


def sentence(words: str) -> str:
    """Return words with a capital in front; the others stay as they are, for a name may be among them."""
    return words[:1].upper() + words[1:]


def table(header: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    """Return rows under a header in aligned columns; a column of numbers is aligned to the right."""
    lines = [[str(cell) for cell in row] for row in (header, *rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(header))]
    right = [all(isinstance(row[column], int) for row in rows) for column in range(len(header))]
    return "\n".join(
        "  ".join(cell.rjust(width) if number else cell.ljust(width) for cell, width, number in zip(line, widths, right)).rstrip()
        for line in lines
    )


def text(value: Any) -> str:
    """Return a value of the inventory the way Kafka and Connect write it: true, false, and lists joined by commas."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (list, tuple)):
        return ",".join(text(item) for item in value)
    return str(value)


def nested(values: Mapping[str, Any] | None) -> list[str]:
    """Return which values of a service's settings have no form as text, each with what to write instead."""
    problems = []
    for key, value in (values or {}).items():
        if isinstance(value, Mapping):
            keys = shorten(sorted(_dotted(str(key), value))) or f"{key}.<name>"
            problems.append(f"{key} is a mapping, and settings are flat; write dotted keys: {keys}")
        elif isinstance(value, (list, tuple)) and any(item is None or isinstance(item, (Mapping, list, tuple)) for item in value):
            problems.append(f"{key} is a list of more than texts and numbers; write a flat list, or dotted keys: {key}.<name>")
    return problems


def _dotted(prefix: str, values: Mapping[str, Any]) -> list[str]:
    return [
        name
        for key, value in values.items()
        for name in (_dotted(f"{prefix}.{key}", value) if isinstance(value, Mapping) else [f"{prefix}.{key}"])
    ]


def as_strings(values: Mapping[str, Any] | None) -> dict[str, str | None]:
    """Return all values as text; a null stays and means the default."""
    return {str(key): None if value is None else text(value) for key, value in (values or {}).items()}
