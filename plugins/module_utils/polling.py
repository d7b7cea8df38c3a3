# SPDX-License-Identifier: Apache-2.0
"""Asking again until the answer is as wanted or the time is over."""

from __future__ import annotations

import time
from collections.abc import Callable

# Seconds between two questions: a service that is asked five times a second does not notice, a person neither.
POLL_SECONDS = 0.2


def poll_until(ask: Callable[[], list[str]], timeout: float) -> list[str]:
    """Ask until nothing is missing or the time is over; return the last answer. ``timeout`` is in seconds."""

    def verdict() -> tuple[list[str], int]:
        missing = ask()
        return missing, 0 if missing else 1

    return poll_until_stable(verdict, timeout)


def poll_until_stable(ask: Callable[[], tuple[list[str], int]], timeout: float, pause: float | None = None) -> list[str]:
    """Ask until the same verdict came as often in a row as it says it must, or the time is over; return the problems.

    A verdict is its problems and that number; 0 means that only time can change it. ``timeout`` and ``pause``, the time between
    two questions, are in seconds.
    """
    end = time.monotonic() + timeout
    last: tuple[bool, int] | None = None
    seen = 0
    while True:
        problems, enough = ask()
        seen = seen + 1 if (bool(problems), enough) == last else 1
        last = (bool(problems), enough)
        if 0 < enough <= seen or time.monotonic() > end:
            return problems
        time.sleep(POLL_SECONDS if pause is None else pause)
