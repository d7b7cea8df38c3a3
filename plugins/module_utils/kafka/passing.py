# SPDX-License-Identifier: Apache-2.0
"""What a cluster refuses only for now: asked again until it takes it or the time is over."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from ansible_collections.estate.kafka.plugins.module_utils.polling import CLOCK, Clock, poll

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
    clock: Clock = CLOCK,
) -> list[tuple[Item, str]]:
    """Ask for all items, and for those refused only for now again, for so many seconds; return the refused and the reasons."""
    left = items
    refused: list[tuple[Item, str]] = []

    def once() -> list[tuple[Item, str]]:
        nonlocal left
        answers = ask(left) if left else []
        again = [answer for answer in answers if passes(answer[1])]
        refused.extend(answer for answer in answers if not passes(answer[1]))
        left = [item for item, _ in again]
        return again

    again = poll(once, lambda again: not again, timeout, clock=clock)
    return refused + again
