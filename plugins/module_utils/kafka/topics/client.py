# SPDX-License-Identifier: Apache-2.0
"""Topics of a cluster, read and changed: through librdkafka, and for moves of replicas through kafka-python."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any

from ansible_collections.estate.kafka.plugins.module_utils.errors import ClusterError
from ansible_collections.estate.kafka.plugins.module_utils.kafka.connection import Cluster, config_entries, explain, refused
from ansible_collections.estate.kafka.plugins.module_utils.kafka.passing import ask_again
from ansible_collections.estate.kafka.plugins.module_utils.kafka.protocol import Requests
from ansible_collections.estate.kafka.plugins.module_utils.kafka.topics.moves import (
    moves_under_way,
    new_replicas,
    replica_sizes,
    start_moves,
)
from ansible_collections.estate.kafka.plugins.module_utils.kafka.topics.placement import throttle, throttled
from ansible_collections.estate.kafka.plugins.module_utils.kafka.topics.plan import judged_beforehand, stages, without
from ansible_collections.estate.kafka.plugins.module_utils.kafka.topics.reassignment import (
    Progress,
    arriving,
    expected,
    in_words,
    wait,
)
from ansible_collections.estate.kafka.plugins.module_utils.kafka.topics.topic import (
    MARKS,
    MINIMUM,
    RECEIVERS,
    SENDERS,
    Action,
    AddPartitions,
    Configure,
    Create,
    Defaults,
    Delete,
    Finish,
    Move,
    Topic,
    View,
)

RATES = ("leader.replication.throttled.rate", "follower.replication.throttled.rate")


class TopicsCluster(Cluster):
    """A cluster whose topics are read and changed.  ``speed`` is the throttle of moves in bytes/s, 0 for none."""

    def __init__(self, client: Mapping[str, Any], timeout: float, speed: int, tell: Callable[[str], None]) -> None:
        super().__init__(client, timeout)
        self.client = client
        self.speed = speed
        self.tell = tell

    def look(self, names: Collection[str]) -> View:
        """Return those of the named topics that exist, with what else a plan needs."""
        metadata = self.metadata_with_controller()
        there = {name: metadata.topics[name] for name in names if name in metadata.topics}
        topics = self._topics(there)
        gone = there.keys() - topics.keys()
        return View(topics, frozenset(metadata.topics) - gone, self.racks(), self._defaults(metadata.controller_id))

    def _defaults(self, controller: int) -> Defaults:
        """Return what the controller gives a new topic; nothing where this user may not read it."""
        try:
            found = self._broker_config(controller)
        except ClusterError as error:
            if "AUTHORIZATION_FAILED" in str(error):
                return Defaults()
            raise
        # Of a cluster without ZooKeeper the controllers decide the number of replicas, and what a broker's file says is nothing.
        decides = not (found["process.roles"].value if "process.roles" in found else "")
        return Defaults(int(found["default.replication.factor"].value) if decides else None, int(found[MINIMUM].value))

    def topics(self, names: Collection[str]) -> dict[str, Topic]:
        """Return those of the named topics that exist."""
        return dict(self.look(names).topics)

    def _topics(self, there: Mapping[str, Any]) -> dict[str, Topic]:
        from confluent_kafka.admin import ConfigSource

        configs = self.configs(there)
        own = ConfigSource.DYNAMIC_TOPIC_CONFIG.value
        result = {}
        for name in configs:
            topic = there[name]
            partitions = [topic.partitions[number] for number in sorted(topic.partitions)]
            result[name] = Topic(
                len(partitions),
                max((len(partition.replicas) for partition in partitions), default=0),
                {key: entry.value for key, entry in configs[name].items() if int(entry.source) == own},
                tuple(tuple(partition.replicas) for partition in partitions),
                tuple(frozenset(partition.isrs) for partition in partitions),
                minimum=int(configs[name][MINIMUM].value),
            )
        return self._with_moves(result)

    def _with_moves(self, topics: dict[str, Topic]) -> dict[str, Topic]:
        """Return the topics with the replicas they will have once the moves that are under way end."""
        perhaps = [
            name
            for name, topic in topics.items()
            if any(mark in topic.config for mark in MARKS)
            or any(set(replicas) != in_sync for replicas, in_sync in zip(topic.placement, topic.in_sync))
        ]
        if not perhaps:
            return topics
        with self._requests() as requests:
            running = moves_under_way(requests)
        for name in perhaps:
            found = topics[name]
            placement = tuple(
                running[name, number].target() if (name, number) in running else replicas
                for number, replicas in enumerate(found.placement)
            )
            moving = tuple(number for topic, number in sorted(running) if topic == name)
            factor = max((len(replicas) for replicas in placement), default=0)
            topics[name] = Topic(
                found.partitions, factor, found.config, placement, found.in_sync, moving=moving, minimum=found.minimum
            )
        return topics

    def _requests(self) -> Requests:
        return Requests(self.client, self.timeout)

    def to_copy(self, actions: Iterable[Action]) -> list[dict[str, Any]]:
        """Return what each move will copy."""
        moves = [action for action in actions if isinstance(action, Move)]
        if not moves:
            return []
        with self._requests() as requests:
            sizes = replica_sizes(requests, {move.topic for move in moves}, self.racks())
        return [
            {
                "topic": move.topic,
                "partitions": len(move.partitions()),
                "copies": len(new_replicas([move])),
                "bytes": expected(sizes, new_replicas([move])),
            }
            for move in moves
        ]

    def apply(self, actions: Sequence[Action], validate_only: bool) -> list[tuple[Action, str]]:
        """Carry the actions out, or only ask the cluster whether it would; return those it refused, with the reason.

        What the cluster cannot be asked beforehand (a move, a deletion) counts as taken.  Once a move has not come to its
        end, the later actions of its topic are not tried; once the cluster does not answer, nothing more is.
        """
        result: list[tuple[Action, str]] = []
        gone = False
        if validate_only:
            actions = judged_beforehand(actions)
        calls: Mapping[type[Action], Callable[[Sequence[Any], bool], list[tuple[Action, str]]]] = {
            Create: self._create,
            Configure: self._configure,
            Finish: self._finish,
            Move: self._move,
            AddPartitions: self._grow,
            Delete: self._delete,
        }
        for stage in stages(actions):
            stuck = {action.topic: reason for action, reason in result if isinstance(action, (Finish, Move))}
            result += [
                (action, "not tried, because its replicas did not come to their places")
                for action in stage
                if action.topic in stuck
            ]
            chosen = [action for action in stage if action.topic not in stuck]
            if gone:
                result += [(action, "not tried; run again") for action in chosen]
                continue
            try:
                result += self._stage(calls[type(chosen[0])], chosen, validate_only) if chosen else []
            except ClusterError as error:
                if validate_only:
                    raise
                # What was done until now must be told all the same.
                gone = True
                result += [(action, f"perhaps done, perhaps not; run again: {error}") for action in chosen]
        return result

    def _stage(
        self, call: Callable[[Sequence[Any], bool], list[tuple[Action, str]]], actions: Sequence[Action], validate_only: bool
    ) -> list[tuple[Action, str]]:
        return ask_again(actions, lambda chosen: call(chosen, validate_only), self.timeout)

    def _create(self, actions: Sequence[Any], validate_only: bool) -> list[tuple[Action, str]]:
        from confluent_kafka.admin import NewTopic

        new = [
            NewTopic(
                action.topic,
                action.partitions,
                config=dict(action.config),
                **(
                    {"replica_assignment": [list(brokers) for brokers in action.replicas]}
                    if action.replicas
                    else {"replication_factor": action.replication_factor}
                ),
            )
            for action in actions
        ]
        answers = self._call(self.admin.create_topics, new, validate_only)
        return refused((action, answers[action.topic]) for action in actions)

    def _grow(self, actions: Sequence[Any], validate_only: bool) -> list[tuple[Action, str]]:
        from confluent_kafka.admin import NewPartitions

        new = [
            NewPartitions(
                action.topic,
                action.partitions,
                **({"replica_assignment": [list(brokers) for brokers in action.replicas]} if action.replicas else {}),
            )
            for action in actions
        ]
        answers = self._call(self.admin.create_partitions, new, validate_only)
        return refused((action, answers[action.topic]) for action in actions)

    def _configure(self, actions: Sequence[Any], validate_only: bool = False) -> list[tuple[Action, str]]:
        from confluent_kafka.admin import ConfigResource, ResourceType

        resources = [
            ConfigResource(ResourceType.TOPIC, action.topic, incremental_configs=config_entries(action.config))
            for action in actions
        ]
        answers = self._call(self.admin.incremental_alter_configs, resources, validate_only)
        by_name = {resource.name: answer for resource, answer in answers.items()}
        return refused((action, by_name[action.topic]) for action in actions)

    def _delete(self, actions: Sequence[Any], validate_only: bool) -> list[tuple[Action, str]]:
        answers = self.admin.delete_topics([action.topic for action in actions], request_timeout=self.timeout)
        return refused((action, answers[action.topic]) for action in actions)

    def _call(self, method: Callable[..., Any], new: Sequence[Any], validate_only: bool) -> Any:
        return method(new, request_timeout=self.timeout, validate_only=validate_only)

    # -- moves of replicas -------------------------------------------------------------------------------------------

    def _finish(self, actions: Sequence[Any], validate_only: bool) -> list[tuple[Action, str]]:
        with self._requests() as requests:
            topics = {action.topic for action in actions}
            running = {key: found for key, found in moves_under_way(requests).items() if key[0] in topics}
            copies = [(*key, broker) for key, found in running.items() for broker in found.adding]
            marks = {action.topic: self._marks(action.topic) for action in actions}
            marked = [action for action in actions if marks[action.topic]]
            before: dict[int, dict[str, str | None]] = {}
            if running and marked:
                before = self._set_rates({broker for found in running.values() for broker in found.replicas})
            stalled = self._wait(requests, set(running), copies, actions)
            left = {action.topic for action, _ in stalled}
            ended = [action for action in marked if action.topic not in left]
            # Whoever set the marks set the rates of their brokers too; what was there before that, nobody knows any more.
            own = throttled(mark for action in ended for mark in marks[action.topic])
            before.update({broker: dict.fromkeys(RATES) for broker in own})
            return stalled + self._release(requests, ended, before)

    def _marks(self, topic: str) -> list[str]:
        """Return which replicas of a topic are slowed down, as its settings have it."""
        from confluent_kafka.admin import ConfigSource

        own = ConfigSource.DYNAMIC_TOPIC_CONFIG.value
        found = self.configs([topic]).get(topic, {})
        return [str(found[mark].value) for mark in MARKS if mark in found and int(found[mark].source) == own]

    def _move(self, actions: Sequence[Any], validate_only: bool) -> list[tuple[Action, str]]:
        """Mark the replicas, set the rates, start, wait; then the rates go first and the marks last.

        So a run that dies in between leaves a mark, by which the next run finds what is to be taken away.
        """
        slowed = {action: found for action in actions if (found := throttle(action.before, action.partitions())) and self.speed}
        marks = [
            Configure(action.topic, {SENDERS: found.leaders, RECEIVERS: found.followers}) for action, found in slowed.items()
        ]
        with self._requests() as requests:
            before: dict[int, dict[str, str | None]] = {}
            result = self._translate(actions, self._configure(marks) if marks else [])
            going = without(actions, result)
            slow = [action for action in going if action in slowed]
            try:
                if slow:
                    before = self._set_rates({broker for action in slow for broker in slowed[action].brokers})
                result += start_moves(requests, going, self.timeout)
                started = without(going, result)
                running = {(action.topic, number) for action in started for number in action.partitions()}
                result += self._wait(requests, running, new_replicas(started), started)
            except ClusterError as error:
                result += [(action, str(error)) for action in without(going, result)]
            under_way = {topic for topic, _ in moves_under_way(requests)}
            result += self._release(requests, [action for action in slow if action.topic not in under_way], before)
        return result

    def _translate(self, actions: Sequence[Action], found: Iterable[tuple[Action, str]]) -> list[tuple[Action, str]]:
        """Return refusals of settings as refusals of the actions they belong to."""
        by_topic = {action.topic: action for action in actions}
        return [(by_topic[action.topic], reason) for action, reason in found]

    def _wait(
        self,
        requests: Requests,
        partitions: set[tuple[str, int]],
        copies: list[tuple[str, int, int]],
        actions: Sequence[Action],
    ) -> list[tuple[Action, str]]:
        """Wait until the partitions have arrived; return the actions that have some left when nothing moves any more."""
        topics = {topic for topic, _ in partitions}
        racks = self.racks()
        size = expected(replica_sizes(requests, topics, racks), copies) if partitions else 0
        begun = time.monotonic()

        def ask(last: Progress | None) -> Progress:
            try:
                left = partitions & set(moves_under_way(requests))
                brokers = {broker for _, _, broker in copies}.intersection(racks)
                copied = arriving(replica_sizes(requests, topics, brokers), copies) if left else size
                return Progress(frozenset(left), copied)
            except ClusterError as error:
                return Progress(last.left if last else frozenset(partitions), last.copied if last else 0, str(error))

        def words(progress: Progress) -> str:
            return in_words(progress, len(partitions), size, time.monotonic() - begun)

        progress = wait(ask, self.timeout, lambda progress: self.tell(f"moving replicas: {words(progress)}"))
        if partitions:
            self.tell(f"moving replicas: {words(progress)}")
        return [
            (
                action,
                f"nothing moved for {self.timeout:.0f} s, partitions {progress.of(action.topic)} are left; {words(progress)}"
                + (f"; {progress.error}" if progress.error else "")
                + "; the brokers go on with it under its throttle, and the next run waits for it and removes the throttle:"
                " see that the brokers are up, raise throttle or timeout, and run again",
            )
            for action in actions
            if action.topic in progress.topics()
        ]

    def _set_rates(self, brokers: Iterable[int]) -> dict[int, dict[str, str | None]]:
        """Slow down copies from and to the live ones of these brokers; return the rates they had."""
        value = str(self.speed) if self.speed else None
        live = sorted(set(brokers).intersection(self.racks()))
        before = {broker: self._rates(broker) for broker in live}
        for broker in live:
            self._set_broker(broker, {rate: value for rate in RATES if before[broker][rate] != value})
        return before

    def _broker_config(self, broker: int) -> dict[str, Any]:
        """Return the settings of a broker in force, as confluent_kafka's ConfigEntry by name."""
        from confluent_kafka import KafkaException
        from confluent_kafka.admin import ConfigResource, ResourceType

        answers = self.admin.describe_configs([ConfigResource(ResourceType.BROKER, str(broker))], request_timeout=self.timeout)
        try:
            (found,) = (answer.result() for answer in answers.values())
        except KafkaException as error:
            raise ClusterError(f"settings of broker {broker} cannot be read: {explain(error)}") from error
        return dict(found)

    def _rates(self, broker: int) -> dict[str, str | None]:
        from confluent_kafka.admin import ConfigSource

        own = ConfigSource.DYNAMIC_BROKER_CONFIG.value
        found = self._broker_config(broker)
        return {rate: found[rate].value if rate in found and int(found[rate].source) == own else None for rate in RATES}

    def _set_broker(self, broker: int, config: Mapping[str, str | None]) -> None:
        from confluent_kafka.admin import ConfigResource, ResourceType

        if not config:
            return
        resource = ConfigResource(ResourceType.BROKER, str(broker), incremental_configs=config_entries(config))
        answers = self.admin.incremental_alter_configs([resource], request_timeout=self.timeout)
        for _, reason in refused((broker, answer) for answer in answers.values()):
            raise ClusterError(f"the throttle of broker {broker} cannot be set: {reason}")

    def _release(
        self, requests: Requests, actions: Sequence[Action], before: Mapping[int, Mapping[str, str | None]]
    ) -> list[tuple[Action, str]]:
        """Take the throttle away from topics whose moves have ended.

        ``before`` has the rates that each broker that took part had before, and only those are put back. A broker that had none
        and takes part in another move keeps its rates: the run that waits for that move removes them.
        """
        if not actions:
            return []
        try:
            busy = {broker for found in moves_under_way(requests).values() for broker in found.replicas}
            for broker in sorted(set(before).intersection(self.racks())):
                now = self._rates(broker)
                wanted = {rate: value for rate, value in before[broker].items() if value is not None or broker not in busy}
                self._set_broker(broker, {rate: value for rate, value in wanted.items() if now[rate] != value})
        except ClusterError as error:
            return [(action, f"its throttle is not removed, the next run does it: {error}") for action in actions]
        cleared = [Configure(action.topic, dict.fromkeys(MARKS)) for action in actions]
        return self._translate(actions, self._configure(cleared))
