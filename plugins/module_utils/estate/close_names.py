# SPDX-License-Identifier: Apache-2.0
"""The name that was probably meant by one that is unknown.  Pure."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from functools import cache

# How much a name must be like a known one for that to be the one that was meant, and where anything may follow a prefix.
CLOSE, VERY_CLOSE = 0.75, 0.93


def closest(name: str, candidates: Iterable[str], cutoff: float) -> str:
    """Return the candidate that is most like a name; '' where none is."""
    plain = {_plain(known): known for known in candidates}
    if found := plain.get(_plain(name)) or plain.get(_plain(name).removeprefix("zookeeper.")):
        return found
    close = difflib.get_close_matches(_plain(name), plain, n=1, cutoff=cutoff)
    return plain[close[0]] if close else ""


@cache
def _plain(name: str) -> str:
    """Return a name without what is most easily confused: capitals, and what stands between words."""
    return re.sub(r"[_\-. ]+", ".", name.strip().lower())
