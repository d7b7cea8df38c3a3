# SPDX-License-Identifier: Apache-2.0
"""Where something inside a value was written.  Pure: what knows the place of one value is handed in."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

Locator = Callable[[Any], str]


def nearest(value: Any, inside: str, place: Locator) -> str:
    """Return where the innermost thing at ``inside`` of a variable was written that has a place; '' where nothing has.

    ``inside`` is a path such as ``[2].config.retention.ms``; it may end before the value does, or lead out of it. ``place``
    returns ``file:line`` of one value or key: true, false and null have none, and lists may have lost theirs. The variable's own
    name is not asked: where several files set it, the name is of one and the value of another.
    """
    steps = [(None, value), *_steps(value, inside)]
    for key, found in reversed(steps):
        where = place(found) or (place(key) if key is not None else "") or next(filter(None, map(place, _within(found))), "")
        if where:
            return where
    return ""


def _steps(value: Any, inside: str) -> Iterator[tuple[Any, Any]]:
    """Yield the key, None in a list, and the value of each step of a path as far as it leads; a key may have dots."""
    while inside:
        if isinstance(value, Mapping):
            rest = inside[1:]
            fits = [key for key in value if rest == str(key) or rest.startswith((f"{key}.", f"{key}["))]
            if not fits:
                return
            key = max(fits, key=lambda one: len(str(one)))
            value, inside = value[key], rest[len(str(key)) :]
            yield key, value
            continue
        match = re.match(r"\[(\d+)\]", inside)
        if not match or not isinstance(value, (list, tuple)) or int(match[1]) >= len(value):
            return
        value, inside = value[int(match[1])], inside[match.end() :]
        yield None, value


def _within(value: Any) -> Iterator[Any]:
    """Yield everything inside a value in the order in which it is written."""
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield key
            yield item
            yield from _within(item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield item
            yield from _within(item)
