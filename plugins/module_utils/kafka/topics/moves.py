# SPDX-License-Identifier: Apache-2.0
"""Moves of replicas on a live cluster: those under way, those to start, and what they copy, by requests of kafka-python."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from ansible_collections.estate.kafka.plugins.module_utils.errors import ClusterError
from ansible_collections.estate.kafka.plugins.module_utils.kafka.protocol import Requests, broker_sizes, explain_code
from ansible_collections.estate.kafka.plugins.module_utils.kafka.topics.reassignment import Running
from ansible_collections.estate.kafka.plugins.module_utils.kafka.topics.topic import Action, Move


def new_replicas(moves: Iterable[Move]) -> list[tuple[str, int, int]]:
    """Return every replica that moves will copy, as topic, partition and broker."""
    return [(move.topic, number, broker) for move in moves for number, brokers in move.copies().items() for broker in brokers]


def moves_under_way(requests: Requests) -> dict[tuple[str, int], Running]:
    """Return every partition of the cluster whose replicas move, by topic and number; raises ClusterError."""
    from kafka.protocol.admin import ListPartitionReassignmentsRequest

    request = ListPartitionReassignmentsRequest(topics=None, timeout_ms=int(requests.timeout * 1000))
    answer = requests.send_to_controller(request, lambda found: [found.error_code])
    if answer.error_code:
        raise ClusterError(f"moves of replicas cannot be read: {explain_code(answer.error_code, answer.error_message)}")
    return {
        (topic.name, partition.partition_index): Running(
            tuple(partition.replicas), tuple(partition.adding_replicas), tuple(partition.removing_replicas)
        )
        for topic in answer.topics
        for partition in topic.partitions
    }


def start_moves(requests: Requests, moves: Sequence[Move], timeout: float) -> list[tuple[Action, str]]:
    """Ask the controller for new replicas; return the moves it refused, with the reason. ``timeout`` is in seconds."""
    from kafka.protocol.admin import AlterPartitionReassignmentsRequest

    if not moves:
        return []
    asked = AlterPartitionReassignmentsRequest.ReassignableTopic
    request = AlterPartitionReassignmentsRequest(
        timeout_ms=int(timeout * 1000),
        topics=[
            asked(
                name=move.topic,
                partitions=[
                    asked.ReassignablePartition(partition_index=number, replicas=list(replicas))
                    for number, replicas in sorted(move.partitions().items())
                ],
            )
            for move in moves
        ],
    )
    answer = requests.send_to_controller(request, lambda found: [found.error_code])
    if answer.error_code:
        reason = explain_code(answer.error_code, answer.error_message)
        return [(move, reason) for move in moves]
    reasons: dict[str, list[str]] = {}
    for topic in answer.responses:
        for partition in topic.partitions:
            if partition.error_code:
                reason = explain_code(partition.error_code, partition.error_message)
                reasons.setdefault(topic.name, []).append(f"partition {partition.partition_index}: {reason}")
    return [(move, "; ".join(reasons[move.topic])) for move in moves if move.topic in reasons]


def replica_sizes(requests: Requests, topics: Collection[str], brokers: Iterable[int]) -> dict[tuple[str, int, int], int]:
    """Return the bytes of every replica of topics on brokers, by topic, partition and broker."""
    found = (broker_sizes(requests, broker) for broker in sorted(brokers))
    return {replica: size for sizes in found for replica, size in sizes.items() if replica[0] in topics}
