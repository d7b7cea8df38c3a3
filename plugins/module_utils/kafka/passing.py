# SPDX-License-Identifier: Apache-2.0
"""What a cluster refuses only for now: asked again until it takes it or the time is over."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import TypeVar

from ansible_collections.estate.kafka.plugins.module_utils.polling import POLL_SECONDS

Item = TypeVar("Item")
# By the names that both libraries begin a reason with: a controller, leader or coordinator that has just moved, or loads.
PASSING = frozenset(
    {
        "NOT_CONTROLLER",
        "LEADER_NOT_AVAILABLE",
        "NOT_LEADER_FOR_PARTITION",
        "NOT_LEADER_OR_FOLLOWER",
        "COORDINATOR_LOAD_IN_PROGRESS",
        "COORDINATOR_NOT_AVAILABLE",
        "NOT_COORDINATOR",
        "REBALANCE_IN_PROGRESS",
        "CONCURRENT_TRANSACTIONS",
    }
)


def passes(reason: str) -> bool:
    """Return whether a reason, as ``explain`` and ``explain_code`` give it, holds only for now."""
    return reason.partition(":")[0] in PASSING


def ask_again(
    items: Sequence[Item],
    ask: Callable[[Sequence[Item]], Sequence[tuple[Item, str]]],
    timeout: float,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> list[tuple[Item, str]]:
    """Ask for all items, and for those refused only for now again, for so many seconds; return the refused and the reasons."""
    end = clock() + timeout
    refused: list[tuple[Item, str]] = []
    while items:
        answers = ask(items)
        again = [item for item, reason in answers if passes(reason)] if clock() < end else []
        refused += [(item, reason) for item, reason in answers if item not in again]
        items = again
        if items:
            sleep(POLL_SECONDS)
    return refused
