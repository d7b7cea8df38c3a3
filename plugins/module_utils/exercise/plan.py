# SPDX-License-Identifier: Apache-2.0
"""Which students still have to be sent, and whether every one arrived everywhere exactly once.  Pure functions."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass

from ansible_collections.estate.kafka.plugins.module_utils.text import table

# run/number/count, as examples/students/produce.py writes it; the run is named after the version and the time.
ID = re.compile(r"(?P<run>(?:(?P<version>v\d+)-)?[^/]+)/(?P<number>\d+)/(?P<count>\d+)")
ACKNOWLEDGED = re.compile(rf"(?P<partition>\d+) (?P<offset>\d+) (?P<student>{ID.pattern.replace('[^/]', '[^/ ]')})\n")
FIRST = "v1"


@dataclass(frozen=True)
class Sending:
    """Students to be sent: these numbers of a run of ``count``."""

    run: str
    count: int
    numbers: Sequence[int]


@dataclass(frozen=True)
class Version:
    """The students of one version of the exercise: how many were acknowledged and how many records each place holds."""

    version: str
    sent: int
    upstream: int
    downstream: int
    indexed: int
    lost: int
    doubled: int


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
    """Return the ids ever acknowledged, and those of them whose records retention has not removed.

    A line of the log is ``partition offset student``; one that is not was cut short and is passed over. ``low`` has the lowest
    offset that each partition still holds. A partition that is not in it is empty: then nothing says that its records went by
    retention.
    """
    every: set[str] = set()
    kept: set[str] = set()
    for line in log.splitlines(keepends=True):
        match = ACKNOWLEDGED.fullmatch(line)
        if not match:
            continue
        every.add(match["student"])
        if int(match["offset"]) >= low.get(int(match["partition"]), 0):
            kept.add(match["student"])
    return every, kept


def version_of(student: str) -> str | None:
    """Return the version of the exercise that a student belongs to; None for a record that is none of its students."""
    match = ID.fullmatch(student)
    return (match["version"] or FIRST) if match else None


def to_send(known: Iterable[str], count: int, again: bool, new_run: str) -> Sending | None:
    """Return what has to be sent of one version: a first run, a new one when asked for, or the rest of one that was cut short."""
    runs: dict[str, set[int]] = {}
    counts: dict[str, int] = {}
    version = version_of(f"{new_run}/0/0")
    for student in known:
        match = ID.fullmatch(student)
        if match and (match["version"] or FIRST) == version:
            runs.setdefault(match["run"], set()).add(int(match["number"]))
            counts[match["run"]] = int(match["count"])
    if not runs or again:
        return Sending(new_run, count, range(count))
    last = max(runs)
    missing = sorted(set(range(counts[last])) - runs[last])
    return Sending(last, counts[last], missing) if missing else None


def examine(name: str, ids: Iterable[str], expected: set[str]) -> Place:
    """Compare the ids found at a place with those expected."""
    found = Counter(ids)
    records = sum(number for student, number in found.items() if student in expected)
    distinct = sum(1 for student in found if student in expected)
    others = sum(found.values()) - records
    return Place(name, records, distinct, len(expected) - distinct, records - distinct, others)


def versions(expected: set[str], upstream: Iterable[str], downstream: Iterable[str], indexed: Iterable[str]) -> list[Version]:
    """Return the students of each version, with what is lost or doubled at any place."""
    found = []
    for version in sorted({version_of(student) or "" for student in expected}):
        own = {student for student in expected if version_of(student) == version}
        places = [examine("", ids, own) for ids in (upstream, downstream, indexed)]
        up, down, index = (place.records for place in places)
        lost, doubled = sum(place.lost for place in places), sum(place.doubled for place in places)
        found.append(Version(version, len(own), up, down, index, lost, doubled))
    return found


def problems(places: Iterable[Place], at_least_once: str = "") -> list[str]:
    """Return what is not exact; the place with that name may hold a record twice."""
    return [
        f"{place.name}: {number} students {what}"
        for place in places
        for number, what in ((place.lost, "lost"), (0 if place.name == at_least_once else place.doubled, "doubled"))
        if number
    ]


def unread(read: Mapping[str, int], records: int) -> list[str]:
    """Return the readers that read fewer than so many records."""
    return [
        f"the reader with the {role} schema read {count} of {records} records" for role, count in read.items() if count < records
    ]


def report(found: Sequence[Version], places: Sequence[Place], notes: Iterable[str]) -> str:
    """Return the table of the exercise."""
    header = ["students", "sent", "upstream", "downstream", "indexed", "lost", "doubled"]
    lines = [table(header, [list(astuple(version)) for version in found]), *notes]
    lines += [f"{place.name} also holds {place.others} records that are not of these runs." for place in places if place.others]
    return "\n".join(lines)
