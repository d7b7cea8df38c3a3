# SPDX-License-Identifier: Apache-2.0
"""From where consumer groups are and where they should go on to the offsets to write.  Pure functions."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ansible_collections.estate.kafka.plugins.module_utils.kafka.partitions import Where
from ansible_collections.estate.kafka.plugins.module_utils.text import shorten

OFFSET_SPEC: dict[str, Any] = {
    "group": {"type": "str", "required": True},
    "topic": {"type": "str"},
    "partitions": {"type": "list", "elements": "int"},
    "to": {"type": "str", "choices": ["earliest", "latest"]},
    "offset": {"type": "int"},
    "timestamp": {"type": "str"},
    "shift": {"type": "int"},
    "duration": {"type": "str"},
    "clamp": {"type": "bool", "default": False},
    "create": {"type": "bool", "default": False},
}
TARGETS = ("to", "offset", "timestamp", "shift", "duration")
# 1d12h, 90m, 45s; and as ISO 8601 has it: P1DT12H.
SHORT = re.compile(r"(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?")
ISO = re.compile(r"P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?")
UNITS = (86400, 3600, 60, 1)
# Milliseconds since 1970 have more digits than this since 1973; fewer are seconds.
MIN_MILLISECONDS = 100_000_000_000
# A group that nobody is in, and one that nobody ever was in.
IDLE = ("empty", "dead")


@dataclass(frozen=True)
class Member:
    """A consumer that is in a group."""

    client_id: str
    host: str

    def __str__(self) -> str:
        return f"{self.client_id} on {self.host.lstrip('/')}"


@dataclass(frozen=True)
class Group:
    """A consumer group: its state in Kafka's words, its members, and the offsets it has committed."""

    state: str
    members: tuple[Member, ...] = ()
    offsets: Mapping[Where, int] = field(default_factory=dict)

    def there(self) -> bool:
        """Return whether the cluster knows it at all; Kafka calls one it never heard of dead."""
        return self.state != "dead" or bool(self.offsets)


@dataclass(frozen=True)
class Wanted:
    """Where a group is to go on: one target for all the partitions chosen."""

    group: str
    topic: str | None
    partitions: tuple[int, ...] | None
    # to, offset, timestamp or shift; a duration has become a timestamp.
    kind: str
    value: str | int
    clamp: bool = False
    create: bool = False

    @classmethod
    def of(cls, params: Mapping[str, Any], now: float) -> Wanted:
        """Build it from one item of the module's list; raises ValueError with the reason."""
        kinds = [kind for kind in TARGETS if params.get(kind) is not None]
        if len(kinds) != 1:
            raise ValueError(f"{' and '.join(kinds) or 'no target'}; give exactly one of {', '.join(TARGETS)}")
        kind, value = kinds[0], params[kinds[0]]
        if kind == "timestamp":
            value = milliseconds(value)
        elif kind == "duration":
            kind, value = "timestamp", int((now - seconds(value)) * 1000)
        partitions = params.get("partitions")
        if partitions is not None and not params.get("topic"):
            raise ValueError("partitions without topic; name the topic")
        if partitions is not None and not partitions:
            raise ValueError("partitions is an empty list; name some, or leave it out for all of the topic")
        return cls(
            params["group"],
            params.get("topic"),
            None if partitions is None else tuple(partitions),
            kind,
            value,
            bool(params.get("clamp")),
            bool(params.get("create")),
        )


def seconds(text: str) -> int:
    """Return the seconds of a duration such as 1d12h or P1DT12H; raises ValueError for anything else."""
    found = SHORT.fullmatch(text.strip()) or ISO.fullmatch(text.strip())
    if not found or not any(found.groups()):
        raise ValueError(f"duration {text!r}; write it like 45s, 30m, 12h, 1d12h or PT12H")
    return sum(int(number or 0) * unit for number, unit in zip(found.groups(), UNITS))


def milliseconds(text: str) -> int:
    """Return a moment, written in ISO 8601 with its zone or as such a number, in milliseconds since 1970; raises ValueError."""
    words = text.strip()
    if words.isdigit():
        if int(words) < MIN_MILLISECONDS:
            raise ValueError(f"timestamp {words} is too small; it is in milliseconds since 1970")
        return int(words)
    try:
        moment = datetime.fromisoformat(re.sub(r"[zZ]$", "+00:00", words))
    except ValueError as error:
        raise ValueError(f"timestamp {text!r}; write it like 2026-11-21T10:00:00+09:00, or in milliseconds") from error
    if moment.tzinfo is None:
        raise ValueError(f"timestamp {text!r} has no time zone; end it with Z or with an offset such as +09:00")
    return int(moment.timestamp() * 1000)


@dataclass(frozen=True)
class Action:
    """The offset of one group on one partition; ``before`` is None where it had committed none."""

    group: str
    where: Where
    before: int | None
    after: int
    # Whether a second run with the same list would move it once more.
    relative: bool = False

    def __str__(self) -> str:
        name = f"{self.group}: {place(self.where)}"
        if self.before is None:
            return f"{name} to {self.after}"
        ahead = self.after - self.before
        effect = f"{ahead} skipped" if ahead > 0 else f"{-ahead} to be read again"
        return f"{name} from {self.before} to {self.after}, {effect}"


@dataclass(frozen=True)
class Range:
    """The first offset that a partition still has, and the one its next record will get."""

    first: int
    next: int


def place(where: Where) -> str:
    """Return a partition as Kafka writes it."""
    return f"{where[0]}-{where[1]}"


def refusals(wanted: Iterable[Wanted], groups: Mapping[str, Group], topics: Mapping[str, Collection[int]]) -> list[str]:
    """Return everything that is wrong before any offset is looked at.

    ``topics`` has the partitions of every topic of the cluster.
    """
    problems = []
    seen: dict[tuple[str, Where], None] = {}
    for item in wanted:
        group = groups[item.group]
        if group.members or group.state not in IDLE:
            who = f": {shorten(group.members)}" if group.members else ""
            problems.append(
                f"{item.group} is {group.state} with {len(group.members)} members{who}; stop them: "
                "a consumer that runs would go on where it is and overwrite the offsets"
            )
            continue
        if not group.there() and not item.create:
            problems.append(f"{item.group}: there is no such group; correct the name, or write create: true for a new one")
            continue
        if item.topic is not None and item.topic not in topics:
            problems.append(f"{item.group}: there is no topic {item.topic}; correct the name")
            continue
        if item.topic is not None and (unknown := sorted(set(item.partitions or ()) - set(topics[item.topic]))):
            known = len(topics[item.topic])
            problems.append(f"{item.group}: {item.topic} has no partition {shorten(unknown)}; it has 0 to {known - 1}")
            continue
        chosen = selected(item, group, topics)
        if not chosen:
            problems.append(f"{item.group}: it has committed no offset{_on(item)}; name a topic and an absolute target")
        twice = [place(where) for where in chosen if (item.group, where) in seen]
        if twice:
            problems.append(f"{item.group}: {shorten(twice)} listed twice; keep one entry")
        seen.update(dict.fromkeys((item.group, where) for where in chosen))
    return list(dict.fromkeys(problems))


def _on(item: Wanted) -> str:
    return f" on {item.topic}" if item.topic else ""


def selected(item: Wanted, group: Group, topics: Mapping[str, Collection[int]]) -> list[Where]:
    """Return the partitions an item speaks of: those named; or those of the topic, to shift only where the group has been."""
    if item.topic is None:
        return sorted(where for where in group.offsets if where[1] in topics.get(where[0], ()))
    if item.partitions is not None:
        return [(item.topic, number) for number in dict.fromkeys(item.partitions)]
    there = [(item.topic, number) for number in sorted(topics[item.topic])]
    return [where for where in there if where in group.offsets] if item.kind == "shift" else there


def plan(
    wanted: Iterable[Wanted],
    groups: Mapping[str, Group],
    topics: Mapping[str, Collection[int]],
    ranges: Mapping[Where, Range],
    moments: Mapping[tuple[Where, int], int],
) -> tuple[list[Action], list[str]]:
    """Return the offsets to write and what cannot be done.

    ``moments`` has the first offset at or after a moment, or the end where no record is so young.
    """
    actions, problems = [], []
    for item in wanted:
        group = groups[item.group]
        for where in selected(item, group, topics):
            before, found = group.offsets.get(where), ranges[where]
            if item.kind == "shift" and before is None:
                problems.append(f"{item.group}: {place(where)} has no committed offset to shift; give an absolute target")
                continue
            after = _target(item, before, found, moments.get((where, int(item.value))) if item.kind == "timestamp" else None)
            if not found.first <= after <= found.next:
                if not item.clamp:
                    problems.append(
                        f"{item.group}: {place(where)} has offsets {found.first} to {found.next}, {after} is out of range; "
                        "write another one, or clamp: true for the nearest"
                    )
                    continue
                after = min(max(after, found.first), found.next)
            if after != before:
                actions.append(Action(item.group, where, before, after, relative=item.kind == "shift"))
    return actions, problems


def _target(item: Wanted, before: int | None, found: Range, moment: int | None) -> int:
    if item.kind == "to":
        return found.first if item.value == "earliest" else found.next
    if item.kind == "timestamp":
        return found.next if moment is None else moment
    return int(item.value) + ((before or 0) if item.kind == "shift" else 0)


def applied(groups: Mapping[str, Group], actions: Iterable[Action]) -> dict[tuple[str, Where], int]:
    """Return the committed offsets as they will be after the actions."""
    result = {(name, where): offset for name, group in groups.items() for where, offset in group.offsets.items()}
    result.update({(action.group, action.where): action.after for action in actions})
    return result


def shown(offsets: Mapping[tuple[str, Where], int]) -> dict[str, dict[str, int]]:
    """Return committed offsets by name, the way ``diff`` takes them."""
    return {f"{group}: {place(where)}": {"offset": offset} for (group, where), offset in sorted(offsets.items())}


def unconfirmed(actions: Iterable[Action], confirmed: Collection[str]) -> list[str]:
    """Return a line for each group whose offsets would change and whom nobody has confirmed."""
    sums: dict[str, list[int]] = {}
    for action in actions:
        if action.group not in confirmed:
            again, skipped, number = sums.get(action.group, [0, 0, 0])
            ahead = action.after - (action.after if action.before is None else action.before)
            sums[action.group] = [again + max(0, -ahead), skipped + max(0, ahead), number + 1]
    return [
        f"{group}: {number} partitions would change, {again} offsets to be read again, {skipped} skipped; "
        f"to confirm, name it: confirm: [{group}]"
        for group, (again, skipped, number) in sums.items()
    ]


def missing_changes(done: Iterable[Action], groups: Mapping[str, Group]) -> list[str]:
    """Return which of the offsets the cluster does not show."""
    return [
        f"{action}: it shows {found}"
        for action in done
        if (found := groups[action.group].offsets.get(action.where)) != action.after
    ]


def advice(action: Action) -> str:
    """Return what to do about an offset that was not written, where running again would be wrong."""
    if not action.relative:
        return ""
    topic, number = action.where
    return f"; next time write partitions: [{number}] and offset: {action.after} for {topic}: shift would move the others again"
