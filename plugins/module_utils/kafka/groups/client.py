# SPDX-License-Identifier: Apache-2.0
"""Consumer groups of a live cluster and the offsets of its partitions, read and written through librdkafka."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any

from ansible_collections.estate.kafka.plugins.module_utils.errors import ClusterError
from ansible_collections.estate.kafka.plugins.module_utils.kafka.connection import Cluster, explain
from ansible_collections.estate.kafka.plugins.module_utils.kafka.groups.plan import Action, Group, Member, Range, place
from ansible_collections.estate.kafka.plugins.module_utils.kafka.offsets import read_offsets
from ansible_collections.estate.kafka.plugins.module_utils.kafka.partitions import Where
from ansible_collections.estate.kafka.plugins.module_utils.kafka.passing import ask_again


def read_groups(cluster: Cluster, names: Sequence[str]) -> tuple[dict[str, Group], dict[str, str]]:
    """Return the groups by name, and for each that cannot be read why."""
    from confluent_kafka import ConsumerGroupTopicPartitions, KafkaError, KafkaException

    if not names:
        return {}, {}
    found: dict[str, Group] = {}
    reasons = {}
    described = cluster.admin.describe_consumer_groups(list(names), request_timeout=cluster.timeout)
    # One request for each group: librdkafka takes no more, but they are under way together.
    asked = {
        name: cluster.admin.list_consumer_group_offsets([ConsumerGroupTopicPartitions(name)], request_timeout=cluster.timeout)[
            name
        ]
        for name in names
    }
    for name in names:
        try:
            group = described[name].result()
            state, members = (
                group.state.name.lower().replace("_", " "),
                tuple(Member(one.client_id, one.host) for one in group.members),
            )
        except KafkaException as error:
            if error.args[0].code() != KafkaError.GROUP_ID_NOT_FOUND:
                reasons[name] = explain(error)
                continue
            state, members = "dead", ()
        try:
            committed = asked[name].result()
        except KafkaException as error:
            reasons[name] = explain(error)
            continue
        offsets = {
            (one.topic, one.partition): one.offset for one in committed.topic_partitions if not one.error and one.offset >= 0
        }
        found[name] = Group(state, members, offsets)
    return found, reasons


class GroupsCluster(Cluster):
    """A cluster whose groups get other offsets."""

    def topics(self) -> dict[str, list[int]]:
        """Return the partitions of every topic."""
        return {name: sorted(topic.partitions) for name, topic in self.metadata().topics.items()}

    def groups(self, names: Sequence[str]) -> dict[str, Group]:
        """Return the groups by name; one that is not there is a dead one without offsets.

        Raises ClusterError for any that cannot be read.
        """
        found: dict[str, Group] = {}

        def ask(left: Sequence[str]) -> list[tuple[str, str]]:
            groups, reasons = read_groups(self, left)
            found.update(groups)
            return list(reasons.items())

        if reasons := ask_again(names, ask, self.timeout):
            raise ClusterError("groups cannot be read: " + "; ".join(f"{name}: {why}" for name, why in reasons))
        return found

    def ranges(self, wheres: Iterable[Where]) -> dict[Where, Range]:
        """Return first and next offset of partitions; raises ClusterError for any that cannot be read."""
        from confluent_kafka.admin import OffsetSpec

        listed = list(wheres)
        first = self._offsets(dict.fromkeys(listed, OffsetSpec.earliest()))  # type: ignore[no-untyped-call]
        last = self._offsets(dict.fromkeys(listed, OffsetSpec.latest()))  # type: ignore[no-untyped-call]
        return {where: Range(first[where], last[where]) for where in listed}

    def moments(self, asked: Collection[tuple[Where, int]]) -> dict[tuple[Where, int], int]:
        """Return the first offset at or after each moment, in milliseconds since 1970.

        Those without a record so young are left out. Raises ClusterError for any that cannot be read.
        """
        from confluent_kafka.admin import OffsetSpec

        result = {}
        for moment, listed in groupby(sorted(asked, key=lambda one: one[1]), key=lambda one: one[1]):
            spec = OffsetSpec.for_timestamp(moment)
            found = self._offsets({where: spec for where, _ in listed})
            result.update({(where, moment): offset for where, offset in found.items() if offset >= 0})
        return result

    def _offsets(self, asked: Mapping[Where, Any]) -> dict[Where, int]:
        found: dict[Where, Any] = {}

        def ask(left: Sequence[Where]) -> list[tuple[Where, str]]:
            offsets, reasons = read_offsets(self, {where: asked[where] for where in left})
            found.update(offsets)
            return list(reasons.items())

        if reasons := ask_again(list(asked), ask, self.timeout):
            lines = "; ".join(f"{place(where)}: {why}" for where, why in reasons)
            raise ClusterError(f"offsets cannot be read: {lines}")
        return {where: int(answer.offset) for where, answer in found.items()}

    def write(self, actions: Sequence[Action]) -> list[tuple[Action, str]]:
        """Commit the offsets for the groups, one request for each group; return those refused, with the reason."""
        return ask_again(actions, self._write, self.timeout)

    def _write(self, actions: Sequence[Action]) -> list[tuple[Action, str]]:
        from confluent_kafka import ConsumerGroupTopicPartitions, KafkaException, TopicPartition

        refused: list[tuple[Action, str]] = []
        for name, listed in groupby(sorted(actions, key=lambda action: action.group), key=lambda action: action.group):
            mine = {action.where: action for action in listed}
            offsets = [TopicPartition(*where, action.after) for where, action in mine.items()]
            asked = ConsumerGroupTopicPartitions(name, offsets)
            answer = self.admin.alter_consumer_group_offsets([asked], request_timeout=self.timeout)[name]
            try:
                written = answer.result().topic_partitions
            except KafkaException as error:
                refused += [(action, explain(error)) for action in mine.values()]
                continue
            refused += [(mine[one.topic, one.partition], explain(one.error)) for one in written if one.error]
        return refused
