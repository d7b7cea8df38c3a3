# SPDX-License-Identifier: Apache-2.0
"""From the topics a cluster has and the topics it should have to the changes between them.  Pure functions."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ansible_collections.estate.kafka.plugins.module_utils.declared.diff import shown
from ansible_collections.estate.kafka.plugins.module_utils.declared.refusal import Refusal, at
from ansible_collections.estate.kafka.plugins.module_utils.formats.topic_name import LEGAL_NAME
from ansible_collections.estate.kafka.plugins.module_utils.kafka.topics.placement import (
    Placement,
    Racks,
    impossible,
    spread,
)
from ansible_collections.estate.kafka.plugins.module_utils.kafka.topics.topic import (
    BROKER_DEFAULT,
    MARKS,
    MINIMUM,
    UNKNOWN_DEFAULTS,
    Action,
    AddPartitions,
    Configure,
    Create,
    Defaults,
    Delete,
    Finish,
    Move,
    Topic,
)
from ansible_collections.estate.kafka.plugins.module_utils.text import as_strings, nested

TOPIC_SPEC: dict[str, Any] = {
    "name": {"type": "str", "required": True},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "partitions": {"type": "int"},
    "replication_factor": {"type": "int"},
    "replicas": {"type": "list", "elements": "list"},
    "config": {"type": "dict"},
}
INTEGER = re.compile(r"[+-]?[0-9]+")
DECIMAL = re.compile(r"[+-]?([0-9]+\.[0-9]*|\.?[0-9]+)([eE][+-]?[0-9]+)?")


@dataclass(frozen=True)
class Wanted:
    """A topic as the inventory has it; what is None is left to the broker, a config of None returns to its default."""

    name: str
    partitions: int | None = None
    replication_factor: int | None = None
    config: Mapping[str, str | None] = field(default_factory=dict)
    replicas: Placement | None = None
    absent: bool = False
    # What is wrong with settings that cannot be written as text.
    problems: tuple[str, ...] = ()

    @classmethod
    def of(cls, params: Mapping[str, Any]) -> Wanted:
        """Build it from one item of the module's list."""
        name, replicas = params["name"], params.get("replicas")
        return cls(
            name,
            params["partitions"],
            params["replication_factor"],
            as_strings(params["config"]),
            None if replicas is None else tuple(tuple(_broker_id(name, broker) for broker in brokers) for brokers in replicas),
            params.get("state") == "absent",
            tuple(nested(params["config"])),
        )

    @property
    def count(self) -> int | None:
        """Number of partitions, given as such or by their replicas."""
        return self.partitions if self.replicas is None else len(self.replicas)

    @property
    def factor(self) -> int | None:
        """Replication factor, given as such or by the replicas."""
        return self.replication_factor if not self.replicas else len(self.replicas[0])


def _broker_id(topic: str, value: Any) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, str) and value.strip().isdigit():
        return int(value)
    raise ValueError(f"{topic}: {value!r}")


def refusals(
    current: Mapping[str, Topic],
    wanted: Iterable[Wanted],
    racks: Racks,
    names: Iterable[str] = (),
    defaults: Defaults = UNKNOWN_DEFAULTS,
) -> list[Refusal]:
    """Return everything asked for that is impossible or not done here, each with what to do instead.

    ``names`` are those of all topics of the cluster.
    """
    problems: list[Refusal] = []
    seen: set[str] = set()
    taken = {_as_kafka_counts(name): name for name in names}
    for number, topic in enumerate(wanted):
        if topic.name in seen:
            problems.append(Refusal.about(topic.name, number, "listed twice; keep one entry"))
        seen.add(topic.name)
        if not LEGAL_NAME.fullmatch(topic.name):
            line = at(".name", "not a topic name; use up to 249 letters, digits, '.', '_' and '-', and not '.' or '..' alone")
            problems.append(Refusal.about(repr(topic.name), number, line))
        if topic.absent:
            continue
        found = current.get(topic.name)
        other = taken.setdefault(_as_kafka_counts(topic.name), topic.name)
        if not found and other != topic.name:
            line = at(".name", f"'.' and '_' count as the same in a name, and there is {other}; choose another name")
            problems.append(Refusal.about(topic.name, number, line))
        lines = _wrong_values(topic) or _impossible(found, topic, racks, defaults)
        problems += [Refusal.about(topic.name, number, line) for line in lines]
    return problems


def _as_kafka_counts(name: str) -> str:
    """Return a name as Kafka compares it with those of other topics: its metrics cannot tell '.' from '_'."""
    return name.replace(".", "_")


def _wrong_values(topic: Wanted) -> list[str]:
    problems: list[str] = [at(".config", f"config: {line}") for line in topic.problems]
    for option in ("partitions", "replication_factor"):
        value = getattr(topic, option)
        if value is not None and value < 1:
            problems.append(at(f".{option}", f"{option} is {value}; it must be at least 1"))
    for key in MARKS:
        if key in topic.config:
            problems.append(
                at(
                    f".config.{key}",
                    f"{key} is set while replicas move and removed afterwards; take it out of config, and use throttle",
                )
            )
    if topic.replicas is not None:
        problems += _wrong_replicas(topic, topic.replicas)
    return problems


def _wrong_replicas(topic: Wanted, replicas: Placement) -> list[str]:
    if not replicas or len({len(brokers) for brokers in replicas}) > 1 or not replicas[0]:
        return [at(".replicas", "replicas needs the same number of brokers, at least one, for each partition")]
    problems: list[str] = [
        at(f".replicas[{number}]", f"replicas has a broker twice for partition {number}: {list(brokers)}")
        for number, brokers in enumerate(replicas)
        if len(set(brokers)) < len(brokers)
    ]
    for option, given, meant in (
        ("partitions", topic.partitions, len(replicas)),
        ("replication_factor", topic.replication_factor, len(replicas[0])),
    ):
        if given not in (None, meant):
            problems.append(at(f".{option}", f"{option} is {given}, but replicas has {meant}; leave {option} out"))
    return problems


def _impossible(found: Topic | None, topic: Wanted, racks: Racks, defaults: Defaults) -> list[str]:
    problems: list[str] = []
    if found and topic.count is not None and topic.count < found.partitions:
        problems.append(
            f"has {found.partitions} partitions, {topic.count} are asked for; Kafka cannot take "
            f"partitions away: write {found.partitions}, or make a new topic and copy the records"
        )
    there = found and all(len(replicas) == topic.factor for replicas in found.placement)
    if racks and topic.factor and topic.factor > len(racks) and not there:
        return [
            *problems,
            f"replication factor {topic.factor} is asked for, and {len(racks)} brokers are live "
            f"({', '.join(str(broker) for broker in sorted(racks))}); lower replication_factor or bring the missing brokers up",
        ]
    problems += _unwritable(found, topic, defaults)
    if racks and topic.replicas and not found:
        gone = sorted({broker for brokers in topic.replicas for broker in brokers} - set(racks))
        if gone:
            problems.append(f"replicas names broker {gone}, which is not in the cluster; there are {sorted(racks)}")
    if found and found.placement and not problems:
        problems += impossible(found.placement, _target(found, topic, racks), racks, found.in_sync)
    return problems


def _unwritable(found: Topic | None, topic: Wanted, defaults: Defaults) -> list[str]:
    """Return why nobody could write with acks=all, where this change brings it about."""
    given = topic.config.get(MINIMUM)
    returns = MINIMUM in topic.config and given is None and found is not None and MINIMUM in found.config
    lowered = found and topic.factor and topic.factor < found.replication_factor
    if found and not (given or returns or lowered):
        return []
    if topic.factor:
        factor, of_factor = topic.factor, ""
    elif found:
        factor, of_factor = found.replication_factor, ", which the topic has"
    else:
        factor, of_factor = defaults.replication_factor or 0, ", the brokers' default.replication.factor"
    if given:
        minimum, of_minimum, remedy = _number(given), "", f"write at most {factor}, better less"
    elif found and not returns:
        minimum, of_minimum = found.minimum, ""
        remedy = f"set {MINIMUM} under config too, or keep replication factor {found.replication_factor}"
    else:
        minimum, of_minimum = defaults.minimum or 0, ", the brokers' default"
        remedy = f"raise replication_factor, or set {MINIMUM}: {factor} under config if fewer replicas are meant"
    if not factor or minimum <= factor:
        return []
    line = (
        f"{MINIMUM} is {minimum}{of_minimum}{',' if of_minimum else ''} with replication factor {factor}{of_factor}, so nobody "
        f"could write with acks=all; {remedy}"
    )
    return [at(f".config.{MINIMUM}" if given else ".replication_factor", line)]


def _target(found: Topic, topic: Wanted, racks: Racks) -> Placement:
    """Return where the replicas of the partitions that are there shall be."""
    if topic.replicas is not None:
        return topic.replicas[: len(found.placement)]
    if topic.factor is None:
        return found.placement
    return spread(found.placement, topic.factor, racks, found.in_sync)


def plan(current: Mapping[str, Topic], wanted: Iterable[Wanted], racks: Racks, deletions: Iterable[str] = ()) -> list[Action]:
    """Return the changes in the order in which they are made.

    Create; configure; finish moves, move replicas, add partitions (which Kafka refuses while replicas move, and gives as
    many replicas as the others have); settings that need the new replicas; delete.
    """
    create: list[Action] = []
    grow: list[Action] = []
    configure: list[Action] = []
    late: list[Action] = []
    finish: list[Action] = []
    move: list[Action] = []
    for topic in wanted:
        found = current.get(topic.name)
        if topic.absent:
            continue
        if found is None:
            config = {key: value for key, value in topic.config.items() if value is not None}
            create.append(
                Create(topic.name, topic.count or BROKER_DEFAULT, topic.factor or BROKER_DEFAULT, config, topic.replicas or ())
            )
            continue
        if found.moving or any(mark in found.config for mark in MARKS):
            finish.append(Finish(topic.name, found.moving))
        target = _target(found, topic, racks)
        if target != found.placement:
            move.append(Move(topic.name, found.placement, target))
        if topic.count and topic.count > found.partitions:
            grow.append(AddPartitions(topic.name, topic.count, (topic.replicas or ())[found.partitions :]))
        changes = {key: value for key, value in topic.config.items() if not same_value(found.config.get(key), value)}
        if changes:
            needs_move = target != found.placement and _number(changes.get(MINIMUM)) > found.minimum
            (late if needs_move else configure).append(Configure(topic.name, changes))
    delete = [Delete(name) for name in deletions]
    return [*create, *configure, *finish, *move, *grow, *late, *delete]


def judged_beforehand(actions: Iterable[Action]) -> list[Action]:
    """Return the actions that a cluster can be asked to validate; not a move, a deletion, or partitions that need a move first.

    Kafka takes no partitions while replicas move, and chosen replicas only as many as the topic's partitions have.
    """
    actions = list(actions)
    busy = {action.topic for action in actions if isinstance(action, Finish) and action.moving}
    moved_first = {action.topic for action in actions if isinstance(action, Move)}
    return [
        action
        for action in actions
        if isinstance(action, (Create, Configure))
        or (isinstance(action, AddPartitions) and action.topic not in (busy | moved_first if action.replicas else busy))
    ]


def same_value(one: str | None, other: str | None) -> bool:
    """Return whether two texts are the same value of a setting: Kafka shows 1 as 1.0, True as true and spaces not at all."""
    if one is None or other is None:
        return one is other
    return [_part(part) for part in one.split(",")] == [_part(part) for part in other.split(",")]


def _part(text: str) -> Any:
    text = text.strip()
    if INTEGER.fullmatch(text):
        return int(text)
    if DECIMAL.fullmatch(text):
        return float(text)
    return text.lower() if text.lower() in ("true", "false") else text


def _number(value: str | None) -> int:
    return int(value) if value and value.strip().isdigit() else 0


def applied(current: Mapping[str, Topic], actions: Iterable[Action]) -> dict[str, Topic]:
    """Return the topics as they will be after the actions."""
    result = dict(current)
    for action in actions:
        found = result.get(action.topic)
        if isinstance(action, Create):
            result[action.topic] = Topic(
                action.partitions, action.replication_factor, dict(action.config), placement=action.replicas
            )
        elif isinstance(action, Delete):
            result.pop(action.topic, None)
        elif found:
            result[action.topic] = _changed(found, action)
    return result


def _changed(found: Topic, action: Action) -> Topic:
    if isinstance(action, AddPartitions):
        return replace(found, partitions=action.partitions, placement=found.placement + action.replicas)
    if isinstance(action, Configure):
        config = {key: value for key, value in {**found.config, **action.config}.items() if value is not None}
        return replace(found, config=config)
    if isinstance(action, Finish):
        return replace(found, moving=(), config={key: value for key, value in found.config.items() if key not in MARKS})
    if isinstance(action, Move):
        factor = max(len(replicas) for replicas in action.after)
        return replace(found, replication_factor=factor, placement=action.after)
    return found


def shown_topics(topics: Mapping[str, Topic], actions: Iterable[Action]) -> dict[str, dict[str, Any]]:
    """Return the topics the way ``diff`` takes them, with the replicas of those partitions whose replicas move."""
    result = shown(topics)
    for action in actions:
        if isinstance(action, Move) and action.topic in result:
            placement = topics[action.topic].placement
            for number in action.partitions():
                replicas = ", ".join(str(broker) for broker in placement[number])
                result[action.topic][f"replicas of partition {number}"] = replicas
    return result


def missing_changes(actions: Iterable[Action], found: Mapping[str, Topic]) -> list[str]:
    """Return which of the changes the cluster does not show yet; what others change of the topics meanwhile is theirs."""
    missing = []
    for action in actions:
        there = found.get(action.topic)
        if isinstance(action, Delete):
            lacking = "still there" if there else ""
        else:
            lacking = _lacking(action, there) if there else "not there"
        if lacking:
            missing.append(f"{action.topic}: {lacking}")
    return list(dict.fromkeys(missing))


def _lacking(action: Action, there: Topic) -> str:
    """Return what a topic does not show of a change."""
    config: Mapping[str, str | None] = action.config if isinstance(action, (Create, Configure)) else {}
    placement: Mapping[int, tuple[int, ...]] = {}
    if isinstance(action, (Create, AddPartitions)):
        if action.partitions != BROKER_DEFAULT and there.partitions < action.partitions:
            return f"{there.partitions} partitions instead of {action.partitions}"
        placement = dict(enumerate(action.replicas, max(action.partitions, 0) - len(action.replicas)))
    if isinstance(action, Create) and action.replication_factor not in (BROKER_DEFAULT, there.replication_factor):
        return f"replication factor {there.replication_factor} instead of {action.replication_factor}"
    if isinstance(action, Move):
        placement = action.partitions()
    for number, replicas in placement.items():
        if number >= len(there.placement) or there.placement[number] != replicas:
            return f"replicas of partition {number} are not {list(replicas)}"
    if isinstance(action, Finish):
        config = dict.fromkeys(MARKS)
    wrong = {key: there.config.get(key) for key, value in config.items() if not same_value(there.config.get(key), value)}
    return f"settings {wrong} instead of { {key: config[key] for key in wrong} }" if wrong else ""


def stages(actions: Sequence[Action]) -> list[list[Action]]:
    """Return the actions in their order, neighbours of one kind together."""
    stages: list[list[Action]] = []
    for action in actions:
        if stages and type(stages[-1][0]) is type(action):
            stages[-1].append(action)
        else:
            stages.append([action])
    return stages


def without(actions: Iterable[Any], refusals: Iterable[tuple[Action, str]]) -> list[Any]:
    """Return the actions that are not among the refused."""
    gone = [action for action, _ in refusals]
    return [action for action in actions if action not in gone]
