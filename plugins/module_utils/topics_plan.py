"""From the topics a cluster has and the topics it should have to the changes between them.  Pure functions."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.estate.kafka.plugins.module_utils.objects import texts

BROKER_DEFAULT = -1
TOPIC_SPEC: dict[str, Any] = {
    "name": {"type": "str", "required": True},
    "partitions": {"type": "int"},
    "replication_factor": {"type": "int"},
    "config": {"type": "dict", "default": {}},
}
LEGAL_NAME = re.compile(r"(?!\.{1,2}$)[A-Za-z0-9._-]{1,249}")


@dataclass(frozen=True)
class Topic:
    """A topic as the cluster has it; ``config`` holds only what was set on the topic itself."""

    partitions: int
    replication_factor: int
    config: Mapping[str, str] = field(default_factory=dict)

    def shown(self) -> dict[str, Any]:
        """Return the topic as one flat mapping, for a diff."""
        return {
            "partitions": "default of the broker" if self.partitions == BROKER_DEFAULT else self.partitions,
            "replication_factor": "default of the broker"
            if self.replication_factor == BROKER_DEFAULT
            else self.replication_factor,
            **{key: self.config[key] for key in sorted(self.config)},
        }


@dataclass(frozen=True)
class Wanted:
    """A topic as the inventory has it; what is None is left to the broker, a config of None returns to its default."""

    name: str
    partitions: int | None = None
    replication_factor: int | None = None
    config: Mapping[str, str | None] = field(default_factory=dict)

    @classmethod
    def of(cls, params: Mapping[str, Any]) -> Wanted:
        """Build it from one item of the module's list."""
        return cls(params["name"], params["partitions"], params["replication_factor"], texts(params["config"]))


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

    def __str__(self) -> str:
        return f"create {self.topic}"


@dataclass(frozen=True)
class AddPartitions(Action):
    """More partitions for a topic, ``partitions`` in all."""

    partitions: int

    def __str__(self) -> str:
        return f"raise partitions of {self.topic} to {self.partitions}"


@dataclass(frozen=True)
class Configure(Action):
    """Settings of a topic to be set, or with None returned to their defaults."""

    config: Mapping[str, str | None]

    def __str__(self) -> str:
        settings = (f"{key}={'default' if value is None else value}" for key, value in self.config.items())
        return f"configure {self.topic}: {', '.join(settings)}"


def refusals(current: Mapping[str, Topic], wanted: Iterable[Wanted]) -> list[str]:
    """Return everything asked for that is impossible or not done here, each with what to do instead."""
    problems = []
    seen: set[str] = set()
    for topic in wanted:
        if topic.name in seen:
            problems.append(f"{topic.name}: listed twice; keep one entry")
        seen.add(topic.name)
        if not LEGAL_NAME.fullmatch(topic.name):
            problems.append(
                f"{topic.name!r}: not a topic name; use up to 249 letters, digits, '.', '_' and '-', and not '.' or '..' alone"
            )
        for option in ("partitions", "replication_factor"):
            value = getattr(topic, option)
            if value is not None and value < 1:
                problems.append(f"{topic.name}: {option} is {value}; it must be at least 1")
        found = current.get(topic.name)
        if found and topic.partitions is not None and 0 < topic.partitions < found.partitions:
            problems.append(
                f"{topic.name}: has {found.partitions} partitions, {topic.partitions} are asked for; Kafka cannot take "
                f"partitions away: write {found.partitions}, or make a new topic and copy the records"
            )
        if found and topic.replication_factor not in (None, found.replication_factor):
            problems.append(
                f"{topic.name}: has replication factor {found.replication_factor}, {topic.replication_factor} is asked for; "
                f"replicas are not moved here: write {found.replication_factor}, or move them with kafka-reassign-partitions"
            )
    return problems


def plan(current: Mapping[str, Topic], wanted: Iterable[Wanted]) -> list[Action]:
    """Return the changes in the order in which they are made: create, add partitions, configure."""
    create: list[Action] = []
    grow: list[Action] = []
    configure: list[Action] = []
    for topic in wanted:
        found = current.get(topic.name)
        if found is None:
            config = {key: value for key, value in topic.config.items() if value is not None}
            create.append(
                Create(topic.name, topic.partitions or BROKER_DEFAULT, topic.replication_factor or BROKER_DEFAULT, config)
            )
            continue
        if topic.partitions and topic.partitions > found.partitions:
            grow.append(AddPartitions(topic.name, topic.partitions))
        changes = {key: value for key, value in topic.config.items() if found.config.get(key) != value}
        if changes:
            configure.append(Configure(topic.name, changes))
    return create + grow + configure


def applied(current: Mapping[str, Topic], actions: Iterable[Action]) -> dict[str, Topic]:
    """Return the topics as they will be after the actions."""
    result = dict(current)
    for action in actions:
        found = result.get(action.topic)
        if isinstance(action, Create):
            result[action.topic] = Topic(action.partitions, action.replication_factor, dict(action.config))
        elif found and isinstance(action, AddPartitions):
            result[action.topic] = Topic(action.partitions, found.replication_factor, found.config)
        elif found and isinstance(action, Configure):
            config = {key: value for key, value in {**found.config, **action.config}.items() if value is not None}
            result[action.topic] = Topic(found.partitions, found.replication_factor, config)
    return result


def shortfalls(expected: Mapping[str, Topic], found: Mapping[str, Topic]) -> list[str]:
    """Return what the cluster does not show yet of the topics as they should be by now."""
    missing = []
    for name, topic in expected.items():
        there = found.get(name)
        if there is None:
            missing.append(f"{name}: not there")
        elif topic.partitions not in (BROKER_DEFAULT, there.partitions):
            missing.append(f"{name}: {there.partitions} partitions instead of {topic.partitions}")
        elif topic.replication_factor not in (BROKER_DEFAULT, there.replication_factor):
            missing.append(f"{name}: replication factor {there.replication_factor} instead of {topic.replication_factor}")
        elif dict(topic.config) != dict(there.config):
            missing.append(f"{name}: settings {dict(there.config)} instead of {dict(topic.config)}")
    return missing
