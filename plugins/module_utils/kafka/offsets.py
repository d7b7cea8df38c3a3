# SPDX-License-Identifier: Apache-2.0
"""Offsets of partitions, read through librdkafka."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.estate.kafka.plugins.module_utils.kafka.connection import Cluster, explain
from ansible_collections.estate.kafka.plugins.module_utils.kafka.partitions import Where

# Offsets of this many partitions in one request.
BATCH = 2000


def read_offsets(cluster: Cluster, asked: Mapping[Where, Any]) -> tuple[dict[Where, Any], dict[Where, str]]:
    """Return what librdkafka answers for each partition, and for each that fails why.

    ``asked`` has confluent_kafka's OffsetSpec for each. An answer has ``offset``, -1 where there is none, and ``timestamp`` in
    milliseconds.
    """
    from confluent_kafka import KafkaException, TopicPartition

    found, reasons = {}, {}
    places = list(asked)
    for start in range(0, len(places), BATCH):
        wanted = {TopicPartition(*where): asked[where] for where in places[start : start + BATCH]}
        for one, answer in cluster.admin.list_offsets(wanted, request_timeout=cluster.timeout).items():
            try:
                found[(one.topic, one.partition)] = answer.result()
            except KafkaException as error:
                reasons[(one.topic, one.partition)] = explain(error)
    return found, reasons
