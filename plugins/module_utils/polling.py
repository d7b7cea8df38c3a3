# SPDX-License-Identifier: Apache-2.0
"""Asking again until the answer is as wanted or the time is over: the one loop that does it, and the one that sleeps."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

# Seconds between two questions: a service that is asked five times a second does not notice, a person neither.
POLL_SECONDS = 0.2
Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Clock:
    """Where the time comes from, in seconds, and what lets it pass."""

    now: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep


CLOCK = Clock()


def poll(
    ask: Callable[[], Answer],
    good: Callable[[Answer], bool],
    timeout: float,
    pause: Callable[[float], float] | None = None,
    clock: Clock = CLOCK,
) -> Answer:
    """Ask until an answer is good or the time is over; return the last one. It asks once at least.

    ``timeout`` is in seconds. ``pause`` says how many seconds to wait for the next question, from those since the first.
    """
    begin = clock.now()
    while True:
        answer = ask()
        if good(answer) or (now := clock.now()) - begin > timeout:
            return answer
        clock.sleep(pause(now - begin) if pause else POLL_SECONDS)


def poll_until(ask: Callable[[], list[str]], timeout: float) -> list[str]:
    """Ask until nothing is missing or the time is over; return the last answer. ``timeout`` is in seconds."""
    return poll(ask, lambda missing: not missing, timeout)


def poll_until_stable(ask: Callable[[], tuple[list[str], int]], timeout: float, pause: float | None = None) -> list[str]:
    """Ask until the same verdict came as often in a row as it says it must, or the time is over; return the problems.

    A verdict is its problems and that number; 0 means that only time can change it. ``timeout`` and ``pause``, the time between
    two questions, are in seconds.
    """
    last: tuple[bool, int] | None = None
    seen = 0

    def stable(answer: tuple[list[str], int]) -> bool:
        nonlocal last, seen
        verdict = bool(answer[0]), answer[1]
        seen = seen + 1 if verdict == last else 1
        last = verdict
        return 0 < answer[1] <= seen

    return poll(ask, stable, timeout, None if pause is None else lambda _: pause)[0]
