"""The members of one cluster that are restarted one after the other in one run, and where that ended."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

# What all members of one cluster are given alike; the rest is a member's own.
SHARED = ("broker_ids", "servers", "urls")


def roll_name(unit: str, member: Mapping[str, Any]) -> str:
    """Return the same short name for all members of a cluster, from the module's options of any of them."""
    shared = {key: sorted(map(str, member[key])) for key in SHARED if member.get(key)}
    address = str((member.get("client") or {}).get("bootstrap.servers", ""))
    return hashlib.sha256(json.dumps([unit, address, shared], sort_keys=True).encode()).hexdigest()[:24]


@dataclass(frozen=True)
class End:
    """The member at which a roll ended, and the first line of the reason."""

    host: str
    reason: str


class Roll:
    """Says to all processes of one run whether a roll has ended; ``path`` is a file that it has for itself."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def ended(self, host: str) -> End | None:
        """Return where the roll ended; None while it goes on, and for the member at which it ended, which may try again."""
        try:
            end = End(**json.loads(self.path.read_text(encoding="utf-8")))
        except FileNotFoundError:
            return None
        return None if end.host == host else end

    def end(self, host: str, reason: str) -> None:
        """End the roll at a member, unless it has ended already."""
        if self.ended(host) is not None:
            return
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # Whole or not there at all: others may read it at this moment.
        draft = self.path.with_suffix(f".{os.getpid()}")
        draft.write_text(json.dumps({"host": host, "reason": brief(reason)}), encoding="utf-8")
        draft.replace(self.path)

    def go_on(self, host: str) -> None:
        """Take back the end of the roll if this member, which has now been restarted, was the reason."""
        if self.path.exists() and self.ended(host) is None:
            self.path.unlink()


def brief(reason: str) -> str:
    """Return the first line of a message, and the one after it where that is what the first announces."""
    first, *rest = reason.splitlines() or ["no reason"]
    return f"{first} {rest[0].strip(' -')}" if rest and first.endswith(":") else first
