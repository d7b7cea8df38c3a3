# SPDX-License-Identifier: Apache-2.0
"""What a cluster holds: topics with sizes, replicas of each broker, and how far its consumer groups are."""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from ansible_collections.estate.kafka.plugins.module_utils.errors import ClusterError, NoAnswerError
from ansible_collections.estate.kafka.plugins.module_utils.kafka.connection import Cluster, explain
from ansible_collections.estate.kafka.plugins.module_utils.kafka.groups.client import read_groups
from ansible_collections.estate.kafka.plugins.module_utils.kafka.offsets import read_offsets
from ansible_collections.estate.kafka.plugins.module_utils.kafka.partitions import Partition, Where
from ansible_collections.estate.kafka.plugins.module_utils.kafka.protocol import Requests, broker_sizes

# Bytes by (topic, partition, broker).
Sizes = Mapping[tuple[str, int, int], int]


def topic_rows(
    partitions: Sequence[Partition],
    begins: Mapping[Where, int],
    ends: Mapping[Where, int],
    sizes: Sizes | None,
    newest: Mapping[Where, int] | None = None,
) -> list[dict[str, Any]]:
    """Return a row for each topic; records, bytes and the time of the newest record are None where they are not known."""
    by_topic: dict[str, list[Partition]] = defaultdict(list)
    for partition in partitions:
        by_topic[partition.topic].append(partition)
    bytes_of: Counter[str] = Counter()
    for (topic, _, _), size in (sizes or {}).items():
        bytes_of[topic] += size
    rows = []
    for name, listed in sorted(by_topic.items()):
        places = [(name, partition.number) for partition in listed]
        known = all(place in begins and place in ends for place in places)
        rows.append(
            {
                "name": name,
                "partitions": len(listed),
                "replication": max(len(partition.replicas) for partition in listed),
                "under_replicated": sum(len(partition.in_sync) < len(partition.replicas) for partition in listed),
                "offline": sum(partition.leader < 0 for partition in listed),
                "records": sum(ends[place] - begins[place] for place in places) if known else None,
                "bytes": None if sizes is None else bytes_of[name],
                "newest": max((moment for place in places if (moment := (newest or {}).get(place, -1)) > 0), default=None),
            }
        )
    return rows


def broker_rows(brokers: Iterable[int], partitions: Sequence[Partition], sizes: Sizes | None) -> list[dict[str, Any]]:
    """Return a row for each broker, those that are gone but still have replicas included."""
    leaders = Counter(partition.leader for partition in partitions if partition.leader >= 0)
    replicas = Counter(member for partition in partitions for member in partition.replicas)
    behind = Counter(member for one in partitions for member in set(one.replicas) - set(one.in_sync))
    bytes_of: Counter[int] = Counter()
    for (_, _, broker), size in (sizes or {}).items():
        bytes_of[broker] += size
    return [
        {
            "id": broker,
            "leaders": leaders[broker],
            "replicas": replicas[broker],
            "out_of_sync": behind[broker],
            "bytes": bytes_of[broker] if any(owner == broker for _, _, owner in sizes or ()) else None,
        }
        for broker in sorted({*brokers, *replicas})
    ]


def group_rows(groups: Sequence[Mapping[str, Any]], ends: Mapping[Where, int]) -> list[dict[str, Any]]:
    """Return a row for each group that has committed offsets: how many records it is behind, in all and by topic."""
    rows = []
    for group in groups:
        lag: Counter[str] = Counter()
        for place, offset in group["offsets"].items():
            if place in ends and offset >= 0:
                lag[place[0]] += max(0, ends[place] - offset)
        if lag:
            row = {key: group[key] for key in ("group", "state", "members")}
            rows.append({**row, "lag": sum(lag.values()), "topics": dict(sorted(lag.items()))})
    return sorted(rows, key=lambda row: (-int(row["lag"]), str(row["group"])))


def details(cluster: Cluster, client: Mapping[str, Any]) -> dict[str, Any]:
    """Return topics, brokers and groups; what a cluster does not tell is None, with the reason under ``unknown``."""
    metadata = cluster.metadata()
    partitions = cluster.partitions(metadata)
    unknown: list[str] = []
    begins, ends, newest = offsets(cluster, partitions, unknown)
    asked = int(time.time() * 1000)
    sizes = log_sizes(client, cluster.timeout, metadata.brokers, unknown)
    return {
        "topics": topic_rows(partitions, begins, ends, sizes, newest),
        "brokers": broker_rows(metadata.brokers, partitions, sizes),
        "groups": group_rows(groups(cluster, unknown), ends),
        "unknown": list(dict.fromkeys(unknown)),
        "asked": asked,
    }


def offsets(
    cluster: Cluster, partitions: Sequence[Partition], unknown: list[str]
) -> tuple[dict[Where, int], dict[Where, int], dict[Where, int]]:
    """Return of every partition that has a leader the first and the next offset, and the time of the newest record in ms."""
    from confluent_kafka.admin import OffsetSpec

    led = [(one.topic, one.number) for one in partitions if one.leader >= 0]
    answers = []
    specs = (OffsetSpec.earliest(), OffsetSpec.latest(), OffsetSpec.max_timestamp())  # type: ignore[no-untyped-call]
    for spec in specs:
        found, reasons = read_offsets(cluster, dict.fromkeys(led, spec))
        unknown += [f"offsets: {reason}" for reason in reasons.values()]
        answers.append(found)
    begins, ends = ({where: int(answer.offset) for where, answer in found.items()} for found in answers[:2])
    return begins, ends, {where: int(answer.timestamp) for where, answer in answers[2].items()}


def groups(cluster: Cluster, unknown: list[str]) -> list[dict[str, Any]]:
    """Return state, members and committed offsets of every consumer group."""
    from confluent_kafka import KafkaException

    try:
        listed = cluster.admin.list_consumer_groups(request_timeout=cluster.timeout).result()
    except KafkaException as error:
        unknown.append(f"groups: {explain(error)}")
        return []
    unknown += [f"groups: {explain(error)}" for error in listed.errors]
    found, reasons = read_groups(cluster, [group.group_id for group in listed.valid])
    unknown += [f"groups: {name}: {reason}" for name, reason in reasons.items()]
    return [
        {"group": name, "state": group.state, "members": len(group.members), "offsets": group.offsets}
        for name, group in found.items()
    ]


def with_versions(
    brokers: Iterable[Mapping[str, Any]], racks: Mapping[int, str | None], version_of: Callable[[int], str]
) -> list[dict[str, Any]]:
    """Return the brokers with rack and version; None for a rack that is not set and a version that cannot be asked."""
    rows = []
    for broker in brokers:
        try:
            version: str | None = version_of(broker["id"])
        except ClusterError:
            version = None
        rows.append({**broker, "rack": racks.get(broker["id"]), "version": version})
    return rows


def log_sizes(client: Mapping[str, Any], timeout: float, brokers: Iterable[int], unknown: list[str]) -> Sizes | None:
    """Return the bytes of every replica on the brokers that answer; None where no broker can be asked."""
    sizes: dict[tuple[str, int, int], int] = {}
    answered = False
    try:
        with Requests(client, timeout) as requests:
            for broker in sorted(brokers):
                try:
                    sizes.update(broker_sizes(requests, broker))
                    answered = True
                except NoAnswerError:
                    raise
                except ClusterError as error:
                    unknown.append(f"sizes: {error}")
    except ClusterError as error:
        unknown.append(f"sizes: {error}")
    return sizes if answered else None
