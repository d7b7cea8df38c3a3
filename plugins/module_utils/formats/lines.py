# SPDX-License-Identifier: Apache-2.0
"""Files that hold one option a line, such as Elasticsearch's jvm.options."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ansible_collections.estate.kafka.plugins.module_utils.formats.scalar import HEADER, scalar


def lines(values: Sequence[Any]) -> str:
    """Return a file with one value on each line.

    Raises ValueError for a value that its reader would take for several, for a comment, or for nothing.
    """
    for number, value in enumerate(values, 1):
        text = scalar(f"line {number}", value)
        if any(end in text for end in "\n\r\0") or text != text.strip() or text.startswith("#") or not text:
            raise ValueError(
                f"line {number}, {text.partition('=')[0]!r}: a line has no line end in it, no blank at an end, no # first"
            )
    return HEADER + "".join(f"{value}\n" for value in values)
