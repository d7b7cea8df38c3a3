# SPDX-License-Identifier: Apache-2.0
"""A topic as the cluster has it, and what can be done to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.estate.kafka.plugins.module_utils.kafka.topics.placement import Placement, Racks, copies, moved

BROKER_DEFAULT = -1
MINIMUM = "min.insync.replicas"
# Settings of a topic that say which of its replicas are slowed down.  They are there exactly while replicas move.
SENDERS, RECEIVERS = "leader.replication.throttled.replicas", "follower.replication.throttled.replicas"
MARKS = (SENDERS, RECEIVERS)


@dataclass(frozen=True)
class Topic:
    """A topic as the cluster has it; ``config`` holds only what was set on the topic itself.

    ``placement`` holds the replicas of each partition that is known; while they move, those that there will be.
    """

    partitions: int
    replication_factor: int
    config: Mapping[str, str] = field(default_factory=dict)
    placement: Placement = ()
    in_sync: tuple[frozenset[int], ...] = ()
    moving: tuple[int, ...] = ()
    # min.insync.replicas in force, wherever it comes from.
    minimum: int = 1

    def shown(self) -> dict[str, Any]:
        """Return the topic as one flat mapping, for a diff."""
        return {
            "partitions": "default of the broker" if self.partitions == BROKER_DEFAULT else self.partitions,
            "replication_factor": "default of the broker"
            if self.replication_factor == BROKER_DEFAULT
            else self.replication_factor,
            **({"replicas move": ", ".join(str(number) for number in self.moving)} if self.moving else {}),
            **{key: self.config[key] for key in sorted(self.config)},
        }


@dataclass(frozen=True)
class Defaults:
    """What the brokers give a topic that does not say itself; None where that cannot be known."""

    replication_factor: int | None = None
    minimum: int | None = None


UNKNOWN_DEFAULTS = Defaults()


@dataclass(frozen=True)
class Action:
    """A change of one topic."""

    topic: str


@dataclass(frozen=True)
class Create(Action):
    """A topic that is not there yet."""

    partitions: int
    replication_factor: int
    config: Mapping[str, str]
    replicas: Placement = ()

    def __str__(self) -> str:
        return f"create {self.topic}"


@dataclass(frozen=True)
class AddPartitions(Action):
    """More partitions for a topic, ``partitions`` in all; ``replicas`` are those of the new ones, when they are given."""

    partitions: int
    replicas: Placement = ()

    def __str__(self) -> str:
        return f"raise partitions of {self.topic} to {self.partitions}"


@dataclass(frozen=True)
class Configure(Action):
    """Settings of a topic to be set, or with None returned to their defaults."""

    config: Mapping[str, str | None]

    def __str__(self) -> str:
        settings = (f"{key}={'default' if value is None else value}" for key, value in self.config.items())
        return f"configure {self.topic}: {', '.join(settings)}"


@dataclass(frozen=True)
class Finish(Action):
    """A move of replicas that an earlier run or somebody else began: waited for, and its throttle taken away."""

    moving: tuple[int, ...]

    def __str__(self) -> str:
        if self.moving:
            return f"wait for the move of replicas of {self.topic} that is under way"
        return f"remove the throttle that an earlier move of {self.topic} left"


@dataclass(frozen=True)
class Move(Action):
    """New replicas for partitions of a topic; ``before`` are those of all its partitions."""

    before: Placement
    after: Placement

    def partitions(self) -> dict[int, tuple[int, ...]]:
        """Return the new replicas of the partitions that change."""
        return moved(self.before, self.after)

    def copies(self) -> dict[int, list[int]]:
        """Return the brokers that get a copy, by partition."""
        return copies(self.before, self.partitions())

    def __str__(self) -> str:
        factors = [max(len(replicas) for replicas in placement) for placement in (self.before, self.after)]
        what = f"replication factor {factors[0]} to {factors[1]}" if factors[0] != factors[1] else "same replication factor"
        number = sum(len(brokers) for brokers in self.copies().values())
        partitions = f"{len(self.partitions())} of {len(self.before)} partitions"
        return f"move replicas of {self.topic}: {what}, {partitions}, {number} copies"


@dataclass(frozen=True)
class Delete(Action):
    """A topic that goes, with all its records."""

    def __str__(self) -> str:
        return f"delete {self.topic}"


@dataclass(frozen=True)
class View:
    """What a run looks at first: the topics asked for, the names of all, and the live brokers with their racks."""

    topics: Mapping[str, Topic]
    names: frozenset[str]
    racks: Racks
    defaults: Defaults = UNKNOWN_DEFAULTS
