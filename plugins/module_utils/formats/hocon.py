# SPDX-License-Identifier: Apache-2.0
"""HOCON, the format of CMAK's configuration: paths, and values in JSON, which is a part of HOCON."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from ansible_collections.estate.kafka.plugins.module_utils.formats.scalar import HEADER

# Elements that a path has without quotes, or in quotes of their own.
PATH = re.compile(r'(?:[\w-]+|"(?:[^"\\\x00-\x1f]|\\.)*")(?:\.(?:[\w-]+|"(?:[^"\\\x00-\x1f]|\\.)*"))*', re.ASCII)
ELEMENT = re.compile(r"[\w-]+", re.ASCII)


def hocon(options: Mapping[Any, Any]) -> str:
    """Return ``path = value`` lines in the given order; null removes an option.

    A dot in a name separates, but in quotes. Raises ValueError, which names the option, for numbers that are none.
    """
    return HEADER + "".join(
        f"{_path(str(key))} = {_json(str(key), value)}\n" for key, value in options.items() if value is not None
    )


def _path(key: str) -> str:
    if PATH.fullmatch(key):
        return key
    return ".".join(part if ELEMENT.fullmatch(part) else json.dumps(part) for part in key.split("."))


def _json(name: str, value: Any) -> str:
    try:
        return json.dumps(value, allow_nan=False)
    except ValueError:
        raise ValueError(f"option '{name}': HOCON holds no number that is infinite or none") from None
