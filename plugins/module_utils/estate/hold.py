# SPDX-License-Identifier: Apache-2.0
"""One run at a time changes the estate: which host keeps its mark, and whether the mark of another run still counts.  Pure."""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping, Sequence
from typing import Any

# Hosts outside of the run's limit that are tried before one of the run keeps the mark.
OUTSIDE = 2
IDLE_MAX = 4 * 3600


def keepers(hosts: Sequence[str], live: Collection[str], play: Collection[str]) -> list[str]:
    """Return the hosts that may keep the mark, in the order in which they are tried; the first that answers keeps it.

    ``hosts`` are those of the whole inventory in its order, so that runs with different limits meet at the same one. ``play``
    are the hosts of the run's limit and ``live`` those of them that have answered.
    """
    tried: list[str] = []
    for host in hosts:
        if host in live:
            return [*tried, host]
        if host not in play and len(tried) < OUTSIDE:
            tried.append(host)
    return [*tried, *list(live)[:1]]


def is_over(mark: Mapping[str, Any], alive: bool | None, idle_max: float) -> bool:
    """Return whether the run of a mark has ended without saying so.

    ``alive`` says whether its process lives, None where that cannot be seen from here: then silence of ``idle_max`` seconds
    counts as its end.
    """
    return not alive if alive is not None else float(mark["idle"]) >= idle_max


def refusal(mark: Mapping[str, Any], keeper: str, alive: bool | None, idle_max: float) -> str:
    """Return why this run does not start, and what to do."""
    since = time.strftime("%Y-%m-%d %H:%M:%S %z", time.localtime(float(mark["since"])))
    seen = (
        f"its process {mark['pid']} runs on this machine"
        if alive
        else f"{keeper} last heard of it {ago(mark['idle'])} ago, and {ago(idle_max)} without a sign count as its end"
    )
    return (
        f"{mark['who']} has held the estate since {since}; nothing was changed by this run.\n"
        f"  - It runs {mark['command']}\n"
        f"  - Its mark is on {keeper}: {seen}\n"
        "  - Wait until it has ended and run again. --check, health.yml and report.yml work meanwhile\n"
        f"  - If you know that it is dead, take over with: -e estate_take_over={mark['id']}"
    )


def ago(seconds: float) -> str:
    """Return a length of time as people say it."""
    for unit, length in (("h", 3600), ("min", 60)):
        if seconds >= length:
            return f"{seconds / length:.3g} {unit}"
    return f"{seconds:.0f} s"
