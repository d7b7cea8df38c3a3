# SPDX-License-Identifier: Apache-2.0
"""A misspelt part of ``--limit``, which Ansible passes over as long as another part names a host."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable


def unknown_parts(parts: Iterable[str], names: Iterable[str], hosts_of: Callable[[str], list[object]]) -> list[str]:
    """Return a sentence for each part of ``--limit`` that names no host or group.

    ``parts`` are patterns as written, with '!' or '&'; a file of hosts ('@file') is Ansible's to read. ``names`` are those
    of the inventory's hosts and groups. ``hosts_of`` returns the hosts of one pattern.
    """
    known = sorted(names)
    sentences = []
    for part in parts:
        pattern = part.lstrip("!&")
        if not pattern or pattern.startswith("@") or pattern == "all" or pattern in known or hosts_of(pattern):
            continue
        near = difflib.get_close_matches(pattern, known, n=1)
        hint = f" Did you mean {near[0]}?" if near else ""
        sentences.append(f"--limit: {part} names no host or group of the inventory.{hint}")
    return sentences
