"""Whether a member may be restarted: the rules every roll depends on."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.estate.kafka.plugins.module_utils.kafka.partitions import Partition
from ansible_collections.estate.kafka.plugins.module_utils.restart.rules import (
    broker_blockers,
    broker_unsettled,
    index_blockers,
    lost_tasks,
    quorum_blockers,
    unavoidable,
)

ALL = {1, 2, 3}


def partition(in_sync: tuple[int, ...], replicas: tuple[int, ...] = (1, 2, 3), leader: int = 1) -> Partition:
    return Partition("orders", 0, leader, replicas, in_sync)


def test_a_broker_of_a_healthy_cluster_may_go() -> None:
    assert broker_blockers([partition((1, 2, 3))], ALL, ALL) == []


def test_an_absent_broker_blocks_the_others() -> None:
    assert broker_blockers([], {1, 3}, ALL) == ["broker 2 is not in the cluster"]


def test_a_replica_out_of_sync_blocks_every_broker() -> None:
    (problem,) = broker_blockers([partition((1, 3))], ALL, ALL)
    assert "orders-0" in problem and "[2]" in problem


def test_a_topic_that_can_never_survive_is_named_and_does_not_block() -> None:
    single = partition((1,), replicas=(1,))
    assert broker_blockers([single], ALL, ALL) == []
    assert unavoidable([single], 1, {"orders": 2}) == ["orders-0 (replicas [1], min.insync.replicas=2)"]
    assert unavoidable([single], 2, {"orders": 2}) == []


def test_a_restarted_broker_must_register_catch_up_and_lead_again() -> None:
    assert broker_unsettled([], {2, 3}, 1) == ["broker 1 is not registered yet"]
    assert "not back in sync" in broker_unsettled([partition((2, 3), leader=2)], ALL, 1)[0]
    assert "leadership" in broker_unsettled([partition((1, 2, 3), leader=2)], ALL, 1)[0]
    assert broker_unsettled([partition((1, 2, 3))], ALL, 1) == []


@pytest.mark.parametrize(
    ("modes", "member", "expected"),
    [
        ({"a": "leader", "b": "follower", "c": "follower"}, "a", []),
        ({"a": "leader", "b": "follower", "c": ""}, "c", []),
        ({"a": "standalone"}, "a", []),
    ],
)
def test_a_quorum_that_remains_lets_go(modes: dict[str, str], member: str, expected: list[str]) -> None:
    assert quorum_blockers(modes, member) == expected


def test_a_quorum_that_would_be_lost_blocks() -> None:
    problems = quorum_blockers({"a": "leader", "b": "follower", "c": ""}, "b")
    assert any("c does not serve" in problem for problem in problems)
    assert any("quorum needs 2" in problem for problem in problems)


def test_an_ensemble_without_leader_blocks() -> None:
    assert "no single leader" in str(quorum_blockers({"a": "follower", "b": "follower", "c": "follower"}, "a"))


def test_only_tasks_that_ran_before_count_as_lost() -> None:
    before = {"m/0": "RUNNING", "m/1": "FAILED", "m/2": "RUNNING"}
    assert lost_tasks(before, {"m/0": "RUNNING", "m/1": "FAILED"}) == ["task m/2 was RUNNING and is gone"]


GREEN = {"status": "green", "number_of_nodes": 3, "unassigned_shards": 0, "relocating_shards": 0, "initializing_shards": 0}


@pytest.mark.parametrize(
    ("difference", "nodes", "words"),
    [
        ({}, 3, []),
        ({"number_of_nodes": 2}, 3, ["2 of 3 Elasticsearch nodes"]),
        ({"status": "yellow", "unassigned_shards": 4}, 3, ["yellow: 4 shards"]),
        ({"relocating_shards": 1, "initializing_shards": 2}, 3, ["3 shards are being moved"]),
        ({"status": "yellow", "number_of_nodes": 1, "unassigned_shards": 4}, 1, []),
    ],
)
def test_an_elasticsearch_node_goes_only_when_every_shard_has_its_copies(
    difference: dict[str, Any], nodes: int, words: list[str]
) -> None:
    problems = index_blockers({**GREEN, **difference}, nodes)
    assert len(problems) == len(words) and all(word in problem for word, problem in zip(words, problems))
