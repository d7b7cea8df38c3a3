# SPDX-License-Identifier: Apache-2.0
"""One value of an option as text, before a format escapes it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.estate.kafka.plugins.module_utils.text import text

HEADER = "# Written by kafka-estate from the inventory; changes made here are lost.\n"


def scalar(name: str, value: Any) -> str:
    """Return the text of an option: true and false, lists joined by commas.

    Raises ValueError, which names the option and never its value, for what no file holds as one value.
    """
    items = value if isinstance(value, (list, tuple)) else [value]
    if any(isinstance(item, Mapping) for item in items):
        raise ValueError(f"option '{name}': one value is wanted here, and this is a dictionary; write its keys as dotted names")
    return encodable(name, text(value))


def encodable(name: str, value: str) -> str:
    """Return the value; raises ValueError where UTF-8, in which all files are written, does not hold it."""
    try:
        value.encode()
    except UnicodeEncodeError:
        raise ValueError(f"option '{name}': half of a surrogate pair is no character") from None
    return value
