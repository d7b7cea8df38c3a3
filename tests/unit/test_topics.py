"""Topics: what is planned, what is refused, and that check mode shows exactly what a run then does."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Any

import pytest
from ansible_collections.estate.kafka.plugins.module_utils.topics_plan import (
    Action,
    AddPartitions,
    Configure,
    Create,
    Topic,
    Wanted,
    applied,
    plan,
    refusals,
)
from ansible_collections.estate.kafka.plugins.modules.topics import reconcile

ORDERS = Topic(2, 3, {"retention.ms": "1000"})

CASES: dict[str, tuple[Wanted, list[Action]]] = {
    "nothing to do": (Wanted("orders", 2, 3, {"retention.ms": "1000"}), []),
    "only named": (Wanted("orders"), []),
    "create": (Wanted("clicks", 6, 2, {"a": "b", "c": None}), [Create("clicks", 6, 2, {"a": "b"})]),
    "create with the broker's defaults": (Wanted("clicks"), [Create("clicks", -1, -1, {})]),
    "more partitions": (Wanted("orders", 4), [AddPartitions("orders", 4)]),
    "set": (Wanted("orders", config={"cleanup.policy": "compact"}), [Configure("orders", {"cleanup.policy": "compact"})]),
    "change": (Wanted("orders", config={"retention.ms": "5"}), [Configure("orders", {"retention.ms": "5"})]),
    "back to default": (Wanted("orders", config={"retention.ms": None}), [Configure("orders", {"retention.ms": None})]),
    "default already": (Wanted("orders", config={"cleanup.policy": None}), []),
    "two changes": (
        Wanted("orders", 4, 3, {"retention.ms": "5"}),
        [AddPartitions("orders", 4), Configure("orders", {"retention.ms": "5"})],
    ),
}


class Memory:
    """A cluster in memory that refuses the topic names it is told to."""

    def __init__(self, refuse: Collection[str] = ()) -> None:
        self.held: dict[str, Topic] = {"orders": ORDERS, "other": Topic(1, 1)}
        self.refuse = refuse
        self.writes = 0

    def topics(self, names: Collection[str]) -> dict[str, Topic]:
        return {name: topic for name, topic in self.held.items() if name in names}

    def apply(self, actions: Sequence[Action], validate_only: bool) -> list[tuple[Action, str]]:
        accepted = [action for action in actions if action.topic not in self.refuse]
        if not validate_only:
            self.writes += len(accepted)
            self.held = applied(self.held, accepted)
        return [(action, "NO: because") for action in actions if action.topic in self.refuse]

    def settle(self, ask: Callable[[], list[str]]) -> list[str]:
        return ask()


@pytest.mark.parametrize("case", CASES)
def test_plan(case: str) -> None:
    wanted, actions = CASES[case]
    assert plan({"orders": ORDERS}, [wanted]) == actions


@pytest.mark.parametrize("case", CASES)
def test_check_mode_shows_what_a_run_does_and_a_second_run_does_nothing(case: str) -> None:
    wanted, actions = CASES[case]
    cluster = Memory()
    foretold = reconcile(cluster, [wanted], check_mode=True)
    assert cluster.writes == 0
    assert reconcile(cluster, [wanted], check_mode=False) == foretold
    assert cluster.writes == len(actions)
    assert foretold["changed"] == bool(actions)
    again = reconcile(cluster, [wanted], check_mode=False)
    assert not again["changed"] and again["diff"] == {"before": "", "after": ""}
    assert cluster.held["other"] == Topic(1, 1)


def test_values_of_the_inventory_are_compared_as_kafka_writes_them() -> None:
    wanted = Wanted.of(
        {
            "name": "orders",
            "partitions": None,
            "replication_factor": None,
            "config": {"retention.ms": 1000, "preallocate": False, "cleanup.policy": ["compact", "delete"]},
        }
    )
    held = Topic(2, 3, {"retention.ms": "1000", "preallocate": "false", "cleanup.policy": "compact,delete"})
    assert plan({"orders": held}, [wanted]) == []


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        (Wanted("orders", 1), ["orders", "2 partitions", "cannot take partitions away"]),
        (Wanted("orders", 2, 2), ["orders", "replication factor 3", "kafka-reassign-partitions"]),
        (Wanted("new", 0), ["new", "partitions is 0"]),
        (Wanted("a b"), ["a b", "not a topic name"]),
        (Wanted(".."), ["..", "not a topic name"]),
    ],
)
def test_what_is_refused_is_said_before_anything_changes(wanted: Wanted, words: list[str]) -> None:
    cluster = Memory()
    result = reconcile(cluster, [Wanted("fine", 1, 1), wanted], check_mode=False)
    assert result["failed"] and cluster.writes == 0
    assert all(word in result["msg"] for word in words)


def test_a_name_listed_twice_is_refused() -> None:
    (problem,) = refusals({}, [Wanted("orders", 1), Wanted("orders", 2)])
    assert "listed twice" in problem


def test_a_refusal_of_the_cluster_names_what_was_done_and_what_not_and_a_rerun_finishes() -> None:
    cluster = Memory(refuse={"second"})
    wanted = [Wanted("first", 1, 1), Wanted("second", 1, 1)]
    foretold = reconcile(cluster, wanted, check_mode=True)
    result = reconcile(cluster, wanted, check_mode=False)
    assert result["failed"] and result["changed"]
    assert result["actions"] == ["create first"] and result["refused"] == ["create second: NO: because"]
    assert foretold["diff"] == result["diff"] and foretold["refused"] == result["refused"]
    cluster.refuse = ()
    final: dict[str, Any] = reconcile(cluster, wanted, check_mode=False)
    assert final["actions"] == ["create second"] and "failed" not in final
