# SPDX-License-Identifier: Apache-2.0
"""Files that ``java.util.Properties`` reads: Kafka's, ZooKeeper's zoo.cfg, and those of log4j.

Java reads the bytes as ISO-8859-1, so everything beyond ASCII is written as ``\\uXXXX``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ansible_collections.estate.kafka.plugins.module_utils.formats.scalar import HEADER, scalar

NAMED = {"\\": "\\\\", "\n": "\\n", "\r": "\\r", "\f": "\\f"}
SPECIAL = re.compile(r"[\\]|[^\t\x20-\x7e]")
# What ends a key, and what makes a line a comment where it comes first.
IN_KEY = re.compile(r"[=: \t]|^[#!]")


def properties(options: Mapping[Any, Any]) -> str:
    """Return ``key=value`` lines in the given order; null removes a key, lists are joined by commas.

    Raises ValueError, which names the option, where a value is a dictionary.
    """
    return HEADER + "".join(
        f"{_key(str(key))}={_value(scalar(str(key), value))}\n" for key, value in options.items() if value is not None
    )


def _key(key: str) -> str:
    return IN_KEY.sub(lambda found: "\\t" if found[0] == "\t" else f"\\{found[0]}", _escaped(scalar(key, key)))


def _value(value: str) -> str:
    # Java leaves blanks before a value out.
    return f"\\{_escaped(value)}" if value.startswith(" ") else re.sub(r"^\t", r"\\t", _escaped(value))


def _escaped(text: str) -> str:
    return SPECIAL.sub(lambda found: NAMED.get(found[0]) or _units(found[0]), text)


def _units(character: str) -> str:
    """Return a character as the UTF-16 units that Java's escapes stand for."""
    raw = character.encode("utf-16-be")
    return "".join(f"\\u{raw[at : at + 2].hex()}" for at in range(0, len(raw), 2))
