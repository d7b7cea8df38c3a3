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
# What Java takes for blank, and how it reads a line: a key, what separates it, and escapes in either part.
BLANK = " \t\f"
KEY = re.compile(r"(?:\\.|[^\\=: \t\f])*", re.DOTALL)
SEPARATOR = re.compile(r"[ \t\f]*[=:]?[ \t\f]*")
ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|(.))", re.DOTALL)
READ = {"t": "\t", "n": "\n", "r": "\r", "f": "\f"}


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


def parsed(content: str) -> dict[str, str]:
    """Return what ``java.util.Properties`` reads from a text; of a key that is there twice the last value."""
    found: dict[str, str] = {}
    lines = iter(re.split(r"\r\n|\r|\n", content))
    for line in lines:
        whole = line.lstrip(BLANK)
        if not whole or whole[0] in "#!":
            continue
        while _continues(whole):
            whole = whole[:-1] + next(lines, "").lstrip(BLANK)
        key = KEY.match(whole)
        name = key[0] if key else ""
        value = SEPARATOR.sub("", whole[len(name) :], count=1)
        found[_unescaped(name)] = _unescaped(value)
    return found


def _continues(line: str) -> bool:
    """Return whether a line ends with an odd number of backslashes."""
    return (len(line) - len(line.rstrip("\\"))) % 2 == 1


def _unescaped(text: str) -> str:
    raw = ESCAPE.sub(lambda found: chr(int(found[1], 16)) if found[1] else READ.get(found[2], found[2]), text)
    return raw.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
