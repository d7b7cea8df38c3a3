# SPDX-License-Identifier: Apache-2.0
"""Words of nginx's configuration."""

from __future__ import annotations

import re
from typing import Any

from ansible_collections.estate.kafka.plugins.module_utils.formats.scalar import scalar

PLAIN = re.compile(r"[\w./:@%+=,*~^&?!-]+")
IN_QUOTES = str.maketrans({"\\": "\\\\", '"': '\\"', "\t": "\\t", "\r": "\\r", "\n": "\\n"})


def nginx_word(value: Any, directive: str) -> str:
    """Return a parameter of a directive as one word.

    Raises ValueError, which names the directive, for a NUL, and for a dollar, which nginx can write in no place that expands
    variables.
    """
    text = scalar(directive, value)
    if "$" in text or "\0" in text:
        raise ValueError(f"{directive}: nginx has no way to write a dollar or a NUL; take it out")
    if PLAIN.fullmatch(text):
        return text
    return '"' + text.translate(IN_QUOTES) + '"'
