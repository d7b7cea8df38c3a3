# SPDX-License-Identifier: Apache-2.0
"""What a Kafka cluster says of itself: its brokers, and the partitions that something is wrong with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.estate.kafka.plugins.module_utils.kafka.connection import Cluster
from ansible_collections.estate.kafka.plugins.module_utils.kafka.partitions import Partition

MINIMUM = "min.insync.replicas"
# Where a value comes from, as Kafka's protocol and confluent_kafka's ConfigSource number it: the topic itself.
DYNAMIC_TOPIC_CONFIG = 1


def cluster_view(cluster: Cluster, wanted: int | None = None) -> dict[str, Any]:
    """Return what a Kafka cluster says of itself; ``wanted`` is the ``min.insync.replicas`` that its topics should have."""
    metadata = cluster.metadata()
    partitions = cluster.partitions(metadata)
    configs = cluster.configs(metadata.topics)
    minimum = {name: int(config[MINIMUM].value) for name, config in configs.items()}
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
        **({} if wanted is None else {"lowered": lowered(configs, wanted)}),
    }


def lowered(configs: Mapping[str, Mapping[str, Any]], wanted: int) -> list[str]:
    """Return the topics whose ``min.insync.replicas`` is less than is wanted, though nobody has set it for them.

    ``configs`` has confluent_kafka's ConfigEntry by topic and name. Whoever set it for a topic meant it; what comes from the
    cluster may have fallen by itself, as the active controller's own value does over that of every broker's file.
    """
    return sorted(
        name
        for name, config in configs.items()
        if int(config[MINIMUM].source) != DYNAMIC_TOPIC_CONFIG and int(config[MINIMUM].value) < wanted
    )


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
