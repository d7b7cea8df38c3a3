# SPDX-License-Identifier: Apache-2.0
"""Files and words that ``/bin/sh`` reads."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.estate.kafka.plugins.module_utils.formats.scalar import HEADER, encodable, scalar

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
# An assignment neither splits its value nor looks for files that a star stands for.
PLAIN_VALUE = re.compile(r"[\w@%+=:,./*-]*", re.ASCII)


def assignments(options: Mapping[Any, Any]) -> str:
    """Return ``NAME=value`` lines for sh to source, in the given order; null removes a name.

    Raises ValueError, which names the option, for a name that no variable can have and for a value with a NUL.
    """
    lines = []
    for name, value in options.items():
        if not NAME.fullmatch(str(name)):
            raise ValueError(f"option '{name}': no name of a variable of sh; letters, digits and underscores are")
        if value is not None:
            given = _held(str(name), scalar(str(name), value))
            lines.append(f"{name}={given if PLAIN_VALUE.fullmatch(given) else shlex.quote(given)}\n")
    return HEADER + "".join(lines)


def command(words: Sequence[str]) -> str:
    """Return words as a command of sh."""
    return " ".join(shlex.quote(_held(f"word {number}", str(word))) for number, word in enumerate(words, 1))


def _held(name: str, value: str) -> str:
    if "\0" in value:
        raise ValueError(f"option '{name}': sh holds no NUL; take it out")
    return encodable(name, value)
