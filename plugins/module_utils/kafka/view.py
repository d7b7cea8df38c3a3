# SPDX-License-Identifier: Apache-2.0
"""What a Kafka cluster says of itself: its brokers, and the partitions that something is wrong with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.estate.kafka.plugins.module_utils.kafka.connection import Cluster
from ansible_collections.estate.kafka.plugins.module_utils.kafka.partitions import Partition


def cluster_view(cluster: Cluster) -> dict[str, Any]:
    """Return what a Kafka cluster says of itself."""
    metadata = cluster.metadata()
    partitions = cluster.partitions(metadata)
    minimum = cluster.min_in_sync(metadata.topics)
    partitions = [partition for partition in partitions if partition.topic in minimum]
    return {
        "cluster_id": metadata.cluster_id,
        "controller": metadata.controller_id,
        "brokers": [
            {"id": broker.id, "host": broker.host, "port": broker.port}
            for broker in sorted(metadata.brokers.values(), key=lambda broker: int(broker.id))
        ],
        "topics": len(minimum),
        "partitions": len(partitions),
        **partition_states(partitions, minimum),
    }


def partition_states(partitions: list[Partition], minimum: Mapping[str, int]) -> dict[str, list[str]]:
    """Return the partitions without a leader, with replicas out of sync, and with fewer in sync than writes need.

    One that has fewer replicas than writes need, in sync or not, is wrongly made rather than broken, so it is told apart.
    """
    too_few = [found for found in partitions if len(found.replicas) < minimum.get(found.topic, 1)]
    return {
        "offline": [str(found) for found in partitions if found.leader < 0],
        "under_replicated": [str(found) for found in partitions if len(found.in_sync) < len(found.replicas)],
        "under_min_isr": [
            str(found) for found in partitions if len(found.in_sync) < minimum.get(found.topic, 1) and found not in too_few
        ],
        "too_few_replicas": [str(found) for found in too_few],
    }
