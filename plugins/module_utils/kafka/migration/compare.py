# SPDX-License-Identifier: Apache-2.0
"""What a cluster held before a migration, or a step of it, and holds now: what is lost or is another.  Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

Objects = Mapping[str, Any]
KINDS = ("topics", "settings", "acls", "users", "quotas", "groups")


def lost(before: Objects, now: Objects) -> list[str]:
    """Return what was there before and is not now, or is another; what has been added meanwhile is nobody's loss.

    An offset that a group has committed since is later; one that is earlier is a loss.
    """
    return [line for kind in KINDS for line in _lost(kind, before.get(kind, {}), now.get(kind, {}))]


def _lost(kind: str, before: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[str]:
    for name, had in before.items():
        if name not in now:
            yield f"{kind}: {name} is gone"
        elif kind == "groups":
            for where, offset in had.items():
                if (found := now[name].get(where)) is None or found < offset:
                    yield f"groups: {name} was at offset {offset} of {where}, and is at {'none' if found is None else found}"
        elif kind == "topics":
            if now[name]["id"] != had["id"]:
                yield f"topics: {name} is another topic of that name"
            if len(now[name]["partitions"]) < len(had["partitions"]):
                yield f"topics: {name} had {len(had['partitions'])} partitions, and has {len(now[name]['partitions'])}"
            yield from _changed(f"topics: {name}", had["config"], now[name]["config"])
        else:
            yield from _changed(f"{kind}: {name}", had, now[name])


def _changed(what: str, before: Any, now: Any) -> Iterator[str]:
    if before != now:
        yield f"{what} was {before}, and is {now}"


def counted(objects: Objects) -> str:
    """Return how much there is of each kind."""
    partitions = sum(len(topic["partitions"]) for topic in objects.get("topics", {}).values())
    return f"{len(objects.get('topics', {}))} topics with {partitions} partitions, " + ", ".join(
        f"{len(objects.get(kind, {}))} {kind}" for kind in KINDS[1:]
    )
