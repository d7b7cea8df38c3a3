# SPDX-License-Identifier: Apache-2.0
"""Moves of replicas that are under way: which are left, how far they are, and when to give up waiting.  No I/O."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from ansible_collections.estate.kafka.plugins.module_utils.polling import CLOCK, Clock, poll

MIN_POLL_SECONDS, MAX_POLL_SECONDS = 0.25, 5.0
TELL_SECONDS = 10.0


@dataclass(frozen=True)
class Running:
    """A partition whose replicas move, as the controller shows it."""

    replicas: tuple[int, ...]
    adding: tuple[int, ...]
    removing: tuple[int, ...]

    def target(self) -> tuple[int, ...]:
        """Return the replicas that there will be, in their order."""
        return tuple(broker for broker in self.replicas if broker not in self.removing)


@dataclass(frozen=True)
class Progress:
    """How far moves are: partitions left, and bytes that have arrived where they are new."""

    left: frozenset[tuple[str, int]]
    copied: int = 0
    # Why there is no newer answer.
    error: str = ""

    def topics(self) -> set[str]:
        """Return the topics with partitions left."""
        return {topic for topic, _ in self.left}

    def of(self, topic: str) -> list[int]:
        """Return the partitions of a topic that are left."""
        return sorted(number for name, number in self.left if name == topic)


def wait(
    ask: Callable[[Progress | None], Progress],
    timeout: float,
    tell: Callable[[Progress], None],
    clock: Clock = CLOCK,
) -> Progress:
    """Ask until nothing is left, or nothing has moved for ``timeout`` seconds; return the last answer.

    However long a move takes, it is waited for as long as it goes on.  ``tell`` hears of it now and then.
    """
    moved = told = clock.now()
    last: Progress | None = None

    def look() -> Progress:
        nonlocal last, moved, told
        progress, now = ask(last), clock.now()
        if last and (progress.left, progress.copied) != (last.left, last.copied):
            moved = now
        if last and now - told >= TELL_SECONDS:
            told = now
            tell(progress)
        last = progress
        return progress

    def over(progress: Progress) -> bool:
        return not progress.left or clock.now() - moved > timeout

    return poll(look, over, math.inf, lambda waited: min(MAX_POLL_SECONDS, max(MIN_POLL_SECONDS, waited / 20)), clock)


def in_words(progress: Progress, partitions: int, size: int, seconds: float) -> str:
    """Return how far moves of so many partitions and bytes are after so many seconds."""
    words = (
        f"{partitions - len(progress.left)} of {partitions} partitions moved, {megabytes(progress.copied)} of {megabytes(size)}"
    )
    speed = progress.copied / seconds if seconds > 0 else 0
    if not progress.left:
        return f"{words} in {seconds:.0f} s"
    if speed and size > progress.copied:
        return f"{words} after {seconds:.0f} s, about {(size - progress.copied) / speed:.0f} s left"
    return f"{words} after {seconds:.0f} s"


def megabytes(size: int) -> str:
    """Return a number of bytes in MB."""
    return f"{size / 1e6:.1f} MB"


def arriving(sizes: Mapping[tuple[str, int, int], int], copies: Iterable[tuple[str, int, int]]) -> int:
    """Return the bytes that are there of new replicas, each a topic, a partition and a broker."""
    return sum(sizes.get(copy, 0) for copy in copies)


def expected(sizes: Mapping[tuple[str, int, int], int], copies: Iterable[tuple[str, int, int]]) -> int:
    """Return the bytes that new replicas will have: as many as the largest replica of the partition has."""
    largest: dict[tuple[str, int], int] = {}
    for (topic, number, _), size in sizes.items():
        largest[topic, number] = max(size, largest.get((topic, number), 0))
    return sum(largest.get((topic, number), 0) for topic, number, _ in copies)
