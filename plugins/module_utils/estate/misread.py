# SPDX-License-Identifier: Apache-2.0
"""Numbers that YAML reads otherwise than a person wrote them.  Pure: what knows how a value was written is handed in.

YAML 1.1 reads ``010`` as 8, ``12:30`` as 750, ``1_000`` as 1000 and ``0x1F`` as 31.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

# Returns the text of a value in its file; '' where that is not known.
Speller = Callable[[Any], str]
# A number with a zero before it, whose digits are read in base 8, and one with colons, read in base 60.
OTHER_BASE = re.compile(r"[-+]?0[0-7_]*[0-7][0-7_]*|[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?")
# What a role reads as the digits of a mode has a check of its own.
MODE = re.compile(r".*\.mode")


def misread(found: Any, used: Any, spelt: Speller, path: str = "") -> Iterator[tuple[str, Any, str]]:
    """Yield place, value and text of each number that is used as something else than what was written.

    ``used`` is the value as everybody uses it: where that is a text, it has to be the one that was written.
    """
    if isinstance(found, Mapping):
        for key, item in found.items():
            if not isinstance(used, Mapping) or key in used:
                yield from misread(item, used[key] if isinstance(used, Mapping) else item, spelt, f"{path}.{key}")
    elif isinstance(found, (list, tuple)):
        same = used if isinstance(used, (list, tuple)) and len(used) == len(found) else found
        for number, (item, other) in enumerate(zip(found, same, strict=True)):
            yield from misread(item, other, spelt, f"{path}[{number}]")
    elif isinstance(found, (int, float)) and not isinstance(found, bool) and not MODE.fullmatch(path):
        text = spelt(found)
        if text and ((isinstance(used, str) and text != used) or OTHER_BASE.fullmatch(text)):
            yield path, found, text
