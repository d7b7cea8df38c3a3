# SPDX-License-Identifier: Apache-2.0
"""The members that are restarted one after the other in one run, and where that ended.

The first member of a cluster that fails ends its roll: the others may have to do its work. Members with no cluster between
them, such as exporters, take nothing from each other: one that fails may have a fault of its own, which is no reason to leave
the others as they were. A second one that fails says that the change is at fault, and that ends the roll.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ansible_collections.estate.kafka.plugins.module_utils.host.paths import write_whole

# What all members of one cluster are given alike; the rest is a member's own.
SHARED = ("broker_ids", "servers", "urls")
# Of members with no cluster between them this many may fail: the first may have a fault of its own.
LONE_FAILURES = 1


def roll_name(unit: str, member: Mapping[str, Any]) -> str:
    """Return the same short name for all members of a cluster, from the module's options of any of them.

    Those of a unit with no cluster between them have one name, too.
    """
    return hashlib.sha256(json.dumps([unit, *_in_common(member)], sort_keys=True).encode()).hexdigest()[:24]


def tolerated(member: Mapping[str, Any]) -> int:
    """Return how many members may fail before the others are left alone."""
    return 0 if any(_in_common(member)) else LONE_FAILURES


def _in_common(member: Mapping[str, Any]) -> tuple[str, dict[str, list[str]]]:
    shared = {key: sorted(map(str, member[key])) for key in SHARED if member.get(key)}
    return str((member.get("client") or {}).get("bootstrap.servers", "")), shared


@dataclass(frozen=True)
class End:
    """The member at which a roll ended, and the first line of the reason."""

    host: str
    reason: str


class Roll:
    """Says to all processes of one run which members of a roll have failed; ``path`` is a folder that it has for itself.

    ``tolerated`` is how many other members may fail before a member is left alone.
    """

    def __init__(self, path: Path, tolerated: int = 0) -> None:
        self.path = path
        self.tolerated = tolerated

    def ended(self, host: str) -> End | None:
        """Return where the roll ended; None while it goes on, and for a member that failed itself, which may try again."""
        others = [file for file in self.path.glob("*.json") if file != self._file(host)]
        if len(others) <= self.tolerated:
            return None
        last = max(others, key=lambda file: file.stat().st_mtime_ns)
        return End(**json.loads(last.read_text(encoding="utf-8")))

    def end(self, host: str, reason: str) -> None:
        """Note that a member failed, unless the roll has ended already."""
        if self.ended(host) is None:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            write_whole(self._file(host), json.dumps({"host": host, "reason": brief(reason)}).encode())

    def go_on(self, host: str) -> None:
        """Take back the failure of a member that has now been restarted."""
        self._file(host).unlink(missing_ok=True)

    def _file(self, host: str) -> Path:
        return self.path / f"{hashlib.sha256(host.encode()).hexdigest()[:24]}.json"


def brief(reason: str) -> str:
    """Return the first line of a message, and the one after it where that is what the first announces."""
    first, *rest = reason.splitlines() or ["no reason"]
    return f"{first} {rest[0].strip(' -')}" if rest and first.endswith(":") else first
