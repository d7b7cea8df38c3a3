"""A broker that is a controller too: both rules hold before and after its restart, and the active one goes last."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from ansible_collections.estate.kafka.plugins.module_utils.kafka.partitions import Partition
from ansible_collections.estate.kafka.plugins.module_utils.kafka.quorum import Quorum, Replica, View
from ansible_collections.estate.kafka.plugins.module_utils.restart import members
from ansible_collections.estate.kafka.plugins.module_utils.restart.members import Combined, member_of
from ansible_collections.estate.kafka.plugins.module_utils.restart.roll import roll_name

SERVERS = ["a:9095", "b:9095", "c:9095"]
PARAMS = {"broker_id": 1, "broker_ids": [1, 2, 3], "client": {"bootstrap.servers": "a:9092"}, "controllers": SERVERS}


class Metadata:
    """A cluster whose one partition has these replicas in sync."""

    def __init__(self, in_sync: tuple[int, ...], live: tuple[int, ...] = (1, 2, 3)) -> None:
        self.in_sync, self.live = in_sync, live

    def __call__(self, *_: Any) -> Metadata:
        return self

    def metadata(self) -> Any:
        return SimpleNamespace(brokers=dict.fromkeys(self.live))

    def partitions(self, _: Any) -> list[Partition]:
        return [Partition("orders", 0, 2, (2, 1, 3), self.in_sync)]

    def topic_errors(self, _: Any) -> dict[str, str]:
        return {}

    def missing_describe_permission(self) -> str:
        return ""

    def min_in_sync(self, topics: set[str]) -> dict[str, int]:
        return dict.fromkeys(topics, 2)


def quorum(leader: int, **behind: int | None) -> Quorum:
    """One of three voters; those not named follow."""
    lags = {f"v{number}": 100 for number in (1, 2, 3)} | behind
    return Quorum(leader, 5, tuple(Replica(int(name[1:]), 9, lag, f"d{name[1:]}") for name, lag in lags.items()), ())


def member(monkeypatch: pytest.MonkeyPatch, seen: View, in_sync: tuple[int, ...] = (1, 2, 3), **more: Any) -> Combined:
    monkeypatch.setattr(members, "Cluster", Metadata(in_sync, **more))
    monkeypatch.setattr(members, "ask", lambda servers, tls: seen)
    found = member_of("kafka_combined", PARAMS)
    assert isinstance(found, Combined)
    return found


@pytest.mark.parametrize(
    ("voters", "in_sync", "expected"),
    [
        (quorum(2), (1, 2, 3), []),
        (quorum(2, v3=None), (1, 2, 3), ["controller 3 does not follow the leader", "only 1 of 3 controllers would remain"]),
        (quorum(2), (1, 2), ["partition orders-0: replicas [3] are not in sync"]),
        (
            quorum(2, v3=9000),
            (1, 2),
            ["controller 3 is 9 s behind", "only 1 of 3 controllers", "partition orders-0: replicas [3]"],
        ),
    ],
)
def test_it_goes_only_while_the_cluster_can_lose_both(
    monkeypatch: pytest.MonkeyPatch, voters: Quorum, in_sync: tuple[int, ...], expected: list[str]
) -> None:
    blockers = member(monkeypatch, View(voters, {}), in_sync).before()
    assert len(blockers) == len(expected) and all(map(str.startswith, blockers, expected)), blockers


def test_a_dead_broker_of_a_voter_that_others_wait_for_is_not_spared(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its broker has left the cluster, so nothing of that is lost; its vote may be one too many."""
    assert member(monkeypatch, View(quorum(2, v3=None), {}), (2, 3), live=(2, 3)).before()
    assert member(monkeypatch, View(quorum(2), {}), (2, 3), live=(2, 3)).before() == []


def test_the_active_controller_goes_last(monkeypatch: pytest.MonkeyPatch) -> None:
    assert member(monkeypatch, View(quorum(1), {})).last() and not member(monkeypatch, View(quorum(2), {})).last()


@pytest.mark.parametrize(
    ("voters", "in_sync", "expected"),
    [
        (quorum(2), (1, 2, 3), []),
        (quorum(2), (2, 3), ["partition orders-0: broker 1 is not back in sync"]),
        (quorum(2, v1=7000), (1, 2, 3), ["controller 1 is 7 s behind"]),
        (None, (1, 2, 3), ["no controller leads the quorum yet"]),
    ],
)
def test_it_is_whole_when_both_are_back(
    monkeypatch: pytest.MonkeyPatch, voters: Quorum | None, in_sync: tuple[int, ...], expected: list[str]
) -> None:
    lacking = member(monkeypatch, View(voters, {}), in_sync).after()
    assert len(lacking) == len(expected) and all(map(str.startswith, lacking, expected)), lacking


def test_without_a_majority_it_waits_for_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its broker serves only with the others: they are to be restarted too, so the roll goes on."""
    monkeypatch.setattr(members, "ELECTION_SECONDS", 0)
    found = member(monkeypatch, View(None, {"b:9095": "refused", "c:9095": "refused"}))
    assert found.can_serve() and found.before() == []
    assert not found.can_serve() and found.after() == []


def test_all_brokers_of_a_cluster_are_in_one_roll_with_a_vote_and_without() -> None:
    assert roll_name("kafka", PARAMS) == roll_name("kafka", {**PARAMS, "broker_id": 4, "controllers": []})
