"""Whether a member may be restarted: the rules every roll depends on."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.estate.kafka.plugins.module_utils.kafka.partitions import Partition
from ansible_collections.estate.kafka.plugins.module_utils.restart.rules import (
    NOT_SERVING,
    broker_blockers,
    broker_unsettled,
    hidden_topics,
    index_blockers,
    lost_tasks,
    node_blockers,
    quorum_blockers,
    quorum_possible,
    topic_of,
    unavoidable,
)
from hypothesis import given
from hypothesis import strategies as st

ALL = {1, 2, 3}


def partition(in_sync: tuple[int, ...], replicas: tuple[int, ...] = (1, 2, 3), leader: int = 1) -> Partition:
    return Partition("orders", 0, leader, replicas, in_sync)


def blockers(*partitions: Partition, broker: int = 1, live: set[int] = ALL, errors: dict[str, str] | None = None) -> list[str]:
    return broker_blockers(partitions, live, ALL, broker, errors)


def test_a_broker_of_a_healthy_cluster_may_go() -> None:
    assert blockers(partition((1, 2, 3))) == []


def test_an_absent_broker_blocks_the_others() -> None:
    assert blockers(live={1, 3}) == ["broker 2 is not in the cluster"]


@pytest.mark.parametrize("live", [{1, 3}, {3}, set()])
def test_a_broker_that_is_not_in_the_cluster_takes_nothing_from_it(live: set[int]) -> None:
    """The setting that keeps it out, and perhaps others too, may be the one this run corrects."""
    assert blockers(partition((3,)), broker=2, live=live) == []


@pytest.mark.parametrize("broker", [1, 3])
def test_a_replica_out_of_sync_blocks_the_brokers_that_are_in_sync(broker: int) -> None:
    (problem,) = blockers(partition((1, 3)), broker=broker)
    assert "orders-0" in problem and "[2]" in problem


def test_a_replica_out_of_sync_blocks_brokers_without_a_replica() -> None:
    assert blockers(partition((2,), replicas=(2, 3), leader=2), broker=1) != []


@pytest.mark.parametrize("in_sync", [(1, 3), (1,)])
def test_a_broker_that_lags_behind_takes_nothing_from_the_partition(in_sync: tuple[int, ...]) -> None:
    assert blockers(partition(in_sync), broker=2) == []
    assert blockers(partition(in_sync), partition((1, 2), leader=1), broker=2) != [], "where it is in sync the others count"


def test_the_only_replica_in_sync_stays() -> None:
    assert blockers(partition((1,)), broker=1) != []


@pytest.mark.parametrize(
    ("in_sync", "broker", "allowed"), [((1, 2, 3), 1, False), ((1, 2, 3), 2, False), ((2,), 2, True), ((2,), 1, False)]
)
def test_a_partition_without_leader_blocks_all_but_the_one_that_could_lead(
    in_sync: tuple[int, ...], broker: int, allowed: bool
) -> None:
    assert (blockers(partition(in_sync, leader=-1), broker=broker) == []) is allowed


def test_a_topic_with_an_error_blocks_and_is_named() -> None:
    assert blockers(partition((1, 2, 3)), errors={"bills": "INVALID"}) == ["topic bills: INVALID"]


members = st.sets(st.integers(1, 3), min_size=1)


@given(st.lists(st.tuples(members, members, st.integers(-1, 3))), members, st.integers(1, 3))
def test_no_broker_goes_that_takes_a_partition_from_the_others(
    drawn: list[tuple[set[int], set[int], int]], live: set[int], broker: int
) -> None:
    partitions = [
        Partition("t", number, leader, tuple(replicas), tuple(replicas & in_sync) or (min(replicas),))
        for number, (replicas, in_sync, leader) in enumerate(drawn)
    ]
    if blockers(*partitions, broker=broker, live=live):
        return
    for one in partitions:
        if broker in live and broker in one.in_sync and one.leader >= 0:
            assert set(one.replicas) - {broker} <= set(one.in_sync)


@pytest.mark.parametrize(
    ("directory", "topic"),
    [
        ("orders-0", "orders"),
        ("a-b.c_d-12", "a-b.c_d"),
        ("__consumer_offsets-49", "__consumer_offsets"),
        ("__cluster_metadata-0", ""),
        ("orders-0.5c7d-delete", ""),
        ("orders-0.5c7d-future", ""),
        ("meta.properties", ""),
        ("lost+found", ""),
    ],
)
def test_topics_on_a_disk_are_known_by_their_directories(directory: str, topic: str) -> None:
    assert topic_of(directory) == topic


def test_topics_that_a_broker_holds_and_the_cluster_does_not_show_are_hidden() -> None:
    assert hidden_topics({"orders", "bills", "new"}, [partition((1,))], {"new": "LEADER_NOT_AVAILABLE"}) == ["bills"]


def test_a_topic_that_can_never_survive_is_named_and_does_not_block() -> None:
    single = partition((1,), replicas=(1,))
    assert blockers(single) == []
    assert unavoidable([single], 1, {"orders": 2}) == ["orders-0 (replicas [1], min.insync.replicas=2)"]
    assert unavoidable([single], 2, {"orders": 2}) == []


def test_a_restarted_broker_must_register_catch_up_and_lead_again() -> None:
    assert broker_unsettled([], {2, 3}, 1) == ["broker 1 is not registered yet"]
    assert "not back in sync" in broker_unsettled([partition((2, 3), leader=2)], ALL, 1)[0]
    assert "leadership" in broker_unsettled([partition((1, 2, 3), leader=2)], ALL, 1)[0]
    assert broker_unsettled([partition((1, 2, 3))], ALL, 1) == []


def test_a_restarted_broker_does_not_wait_for_what_only_absent_brokers_have() -> None:
    assert broker_unsettled([partition((3,), leader=-1)], {1, 2}, 1) == []
    assert broker_unsettled([partition((3,), leader=-1)], ALL, 1) != []


@pytest.mark.parametrize(
    ("modes", "member", "expected"),
    [
        ({"a": "leader", "b": "follower", "c": "follower"}, "a", []),
        ({"a": "leader", "b": "follower", "c": ""}, "c", []),
        ({"a": "standalone"}, "a", []),
        ({"a": ""}, "a", []),
        ({"a": NOT_SERVING, "b": "", "c": NOT_SERVING}, "a", []),
        ({"a": NOT_SERVING, "b": "leader", "c": "follower"}, "a", []),
    ],
)
def test_a_quorum_that_remains_lets_go(modes: dict[str, str], member: str, expected: list[str]) -> None:
    assert quorum_blockers(modes, member) == expected


def test_a_quorum_that_would_be_lost_blocks() -> None:
    problems = quorum_blockers({"a": "leader", "b": "follower", "c": ""}, "b")
    assert any("c does not serve" in problem for problem in problems)
    assert any("quorum needs 2" in problem for problem in problems)


@pytest.mark.parametrize("others", [("", ""), ("", "leader"), ("leader", "")])
def test_a_server_that_cannot_be_seen_does_not_go_when_it_may_hold_up_the_quorum(others: tuple[str, str]) -> None:
    """It may serve at the port that this run changes."""
    assert quorum_blockers(dict(zip("abc", ["", *others])), "a")


@pytest.mark.parametrize(
    ("others", "possible"), [(("leader", ""), True), ((NOT_SERVING, ""), False), ((NOT_SERVING, NOT_SERVING), False)]
)
def test_a_server_alone_makes_no_quorum(others: tuple[str, str], possible: bool) -> None:
    assert quorum_possible(dict(zip("abc", [NOT_SERVING, *others])), "a") is possible


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


THREE = {**GREEN, "status": "yellow", "unassigned_shards": 4}


@pytest.mark.parametrize(
    ("own", "seen", "nodes", "goes"),
    [
        (GREEN, GREEN, 3, True),
        (THREE, THREE, 3, False),
        (None, {**THREE, "number_of_nodes": 2}, 3, True),
        ({**THREE, "number_of_nodes": 1}, {**THREE, "number_of_nodes": 2}, 3, True),
        (None, {**THREE, "number_of_nodes": 1}, 3, False),
        ({**THREE, "number_of_nodes": 2}, None, 3, False),
        (None, None, 3, False),
        (None, None, 1, True),
    ],
)
def test_an_elasticsearch_node_that_the_others_do_without_goes(
    own: dict[str, Any] | None, seen: dict[str, Any] | None, nodes: int, goes: bool
) -> None:
    assert (node_blockers(own, seen, nodes) == []) is goes


def test_a_node_that_is_left_alone_is_told_of_the_others() -> None:
    """It answers, so that nobody does would send people to the wrong place."""
    (problem, *_) = node_blockers({**THREE, "number_of_nodes": 1}, None, 3)
    assert problem == "1 of 3 Elasticsearch nodes are in the cluster"
    assert node_blockers(None, None, 3) == ["no Elasticsearch node answers"]
