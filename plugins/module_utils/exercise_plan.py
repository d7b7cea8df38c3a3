"""Which students still have to be sent, and whether every one arrived everywhere exactly once.  Pure functions."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from ansible_collections.estate.kafka.plugins.module_utils.report import table

# run/number/count, as examples/students/produce.py writes it.
KEY = re.compile(r"(?P<run>[^/]+)/(?P<number>\d+)/(?P<count>\d+)")


@dataclass(frozen=True)
class Sending:
    """Students to be sent: these numbers of a run of ``count``."""

    run: str
    count: int
    numbers: Sequence[int]


@dataclass(frozen=True)
class Place:
    """What was found at one place."""

    name: str
    records: int
    distinct: int
    lost: int
    doubled: int
    others: int


def acknowledged(log: str, low: Mapping[int, int]) -> tuple[set[str], set[str]]:
    """Return the keys ever acknowledged, and those of them whose records retention has not removed.

    A line of the log is ``partition offset key``; ``low`` has the lowest offset that each partition still holds.
    A partition that is not in it is empty: then nothing says that its records went by retention.
    """
    every: set[str] = set()
    kept: set[str] = set()
    for line in log.splitlines():
        partition, offset, key = line.split(" ", 2)
        every.add(key)
        if int(offset) >= low.get(int(partition), 0):
            kept.add(key)
    return every, kept


def to_send(known: Iterable[str], count: int, again: bool, new_run: str) -> Sending | None:
    """Return what has to be sent: a first run, a new one when asked for, or the rest of the last one when it was cut short."""
    runs: dict[str, set[int]] = {}
    counts: dict[str, int] = {}
    for key in known:
        if match := KEY.fullmatch(key):
            runs.setdefault(match["run"], set()).add(int(match["number"]))
            counts[match["run"]] = int(match["count"])
    if not runs or again:
        return Sending(new_run, count, range(count))
    last = max(runs)
    missing = sorted(set(range(counts[last])) - runs[last])
    return Sending(last, counts[last], missing) if missing else None


def examine(name: str, keys: Iterable[str], expected: set[str]) -> Place:
    """Compare the keys found at a place with those expected."""
    found = Counter(keys)
    records = sum(number for key, number in found.items() if key in expected)
    distinct = sum(1 for key in found if key in expected)
    others = sum(found.values()) - records
    return Place(name, records, distinct, len(expected) - distinct, records - distinct, others)


def problems(places: Iterable[Place]) -> list[str]:
    """Return what is not exact."""
    return [
        f"{place.name}: {number} students {what}"
        for place in places
        for number, what in ((place.lost, "lost"), (place.doubled, "doubled"))
        if number
    ]


def report(sent: int, places: Sequence[Place], notes: Iterable[str]) -> str:
    """Return the table of the exercise."""
    rows: list[list[str | int]] = [["sent and acknowledged", sent, sent, 0, 0]]
    rows += [[place.name, place.records, place.distinct, place.lost, place.doubled] for place in places]
    lines = [table(["students", "records", "distinct", "lost", "doubled"], rows), *notes]
    lines += [f"{place.name} also holds {place.others} records that are not of these runs." for place in places if place.others]
    return "\n".join(lines)
