# SPDX-License-Identifier: Apache-2.0
"""On which brokers the replicas of a topic shall be, and what a throttle of their move needs.  Pure functions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import TypeAlias

# Replicas of each partition, by its number; the first of a partition is its preferred leader.
Placement: TypeAlias = "tuple[tuple[int, ...], ...]"
# The rack of each live broker.
Racks: TypeAlias = "Mapping[int, str | None]"


@dataclass(frozen=True)
class Throttle:
    """What Kafka needs to know to slow down the copies of a topic: replicas that send, replicas that receive, their brokers."""

    leaders: str
    followers: str
    brokers: frozenset[int]


def spread(current: Placement, factor: int, racks: Racks, in_sync: Sequence[Collection[int]]) -> Placement:
    """Return the placement with ``factor`` replicas of each partition that moves as little as possible.

    Replicas that are there stay, in their order, so the preferred leader stays too.  A new one goes to the rack that has the
    fewest of this partition, there to the broker with the fewest replicas of this topic.  Of too many, those on brokers
    that are gone go first, then those out of sync, then those of the rack that has most; the preferred leader goes last.
    """
    rack = rack_of(racks)
    order = _alternating(racks)
    load = Counter(broker for replicas in current for broker in replicas)
    result = []
    for number, replicas in enumerate(current):
        kept = list(replicas)
        while len(kept) > factor:
            gone = max(kept, key=lambda broker: _dispensable(broker, kept, rack, in_sync[number], load))
            kept.remove(gone)
            load[gone] -= 1
        start = order.index(kept[0]) + 1 if kept and kept[0] in order else number
        turns = order[start % len(order) :] + order[: start % len(order)] if order else []
        while len(kept) < factor:
            there = Counter(rack.get(broker) for broker in kept)
            free = [broker for broker in turns if broker not in kept]
            new = min(free, key=lambda broker: (there[rack[broker]], load[broker]))
            kept.append(new)
            load[new] += 1
        result.append(tuple(kept))
    return tuple(result)


def _dispensable(
    broker: int, kept: Sequence[int], rack: Mapping[int, str], in_sync: Collection[int], load: Mapping[int, int]
) -> tuple[bool, bool, bool, int, int, int]:
    crowd = sum(rack.get(other) == rack.get(broker) for other in kept)
    return (broker not in rack, broker not in in_sync, broker != kept[0], crowd, load[broker], kept.index(broker))


def rack_of(racks: Racks) -> dict[int, str]:
    """Return the rack of each live broker; where not every broker has one, each stands for itself, as Kafka does it."""
    if all(racks.values()):
        return {broker: str(rack) for broker, rack in racks.items()}
    return {broker: f"broker {broker}" for broker in racks}


def _alternating(racks: Racks) -> list[int]:
    """Return the brokers with those of one rack as far apart as can be."""
    lanes: dict[str, list[int]] = {}
    for broker, rack in sorted(rack_of(racks).items()):
        lanes.setdefault(rack, []).append(broker)
    order: list[int] = []
    while any(lanes.values()):
        order += [lane.pop(0) for _, lane in sorted(lanes.items()) if lane]
    return order


def impossible(current: Placement, target: Placement, racks: Racks, in_sync: Sequence[Collection[int]]) -> list[str]:
    """Return why replicas cannot come to their places, one line for each reason."""
    problems = []
    for number, replicas in enumerate(target):
        if number >= len(current) or replicas == current[number]:
            continue
        if not set(in_sync[number]) & set(racks):
            problems.append(f"partition {number} has no live replica to copy from: bring back one of {_ids(current[number])}")
        gone = [broker for broker in replicas if broker not in racks]
        if gone:
            problems.append(
                f"partition {number} would keep or get a replica on broker {_ids(gone)}, which is not in the cluster: bring it "
                "back, or give the brokers of each partition under replicas"
            )
    return problems


def moved(current: Placement, target: Placement) -> dict[int, tuple[int, ...]]:
    """Return the new replicas of each partition that is there already and whose replicas change."""
    return {number: new for number, (old, new) in enumerate(zip(current, target)) if old != new}


def copies(current: Placement, partitions: Mapping[int, Sequence[int]]) -> dict[int, list[int]]:
    """Return the brokers that get a copy they do not have, for each partition that has any."""
    added = {number: [broker for broker in new if broker not in current[number]] for number, new in partitions.items()}
    return {number: brokers for number, brokers in added.items() if brokers}


def throttle(current: Placement, partitions: Mapping[int, Sequence[int]]) -> Throttle | None:
    """Return what slows down these moves; None when nothing is copied."""
    added = copies(current, partitions)
    if not added:
        return None
    return Throttle(
        leaders=",".join(f"{number}:{broker}" for number in sorted(added) for broker in current[number]),
        followers=",".join(f"{number}:{broker}" for number in sorted(added) for broker in added[number]),
        brokers=frozenset(broker for number in added for broker in (*current[number], *added[number])),
    )


def throttled(marks: Iterable[str]) -> set[int]:
    """Return the brokers in settings of slowed down replicas, such as ``0:1,0:2,1:3``; ``*`` names none."""
    return {
        int(broker)
        for mark in marks
        for replica in mark.split(",")
        for broker in replica.strip().partition(":")[2:]
        if broker.isdigit()
    }


def _ids(brokers: Iterable[int]) -> str:
    return ", ".join(str(broker) for broker in brokers)
