"""Topics: what is planned, what is refused, and that check mode shows exactly what a run then does."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.estate.kafka.plugins.module_utils.declared.deletions import Deletion
from ansible_collections.estate.kafka.plugins.module_utils.kafka.topics.client import RATES, TopicsCluster
from ansible_collections.estate.kafka.plugins.module_utils.kafka.topics.kept import kept_by
from ansible_collections.estate.kafka.plugins.module_utils.kafka.topics.plan import (
    Wanted,
    applied,
    judged_beforehand,
    missing_changes,
    plan,
    refusals,
)
from ansible_collections.estate.kafka.plugins.module_utils.kafka.topics.topic import (
    MARKS,
    SENDERS,
    Action,
    AddPartitions,
    Configure,
    Create,
    Defaults,
    Delete,
    Finish,
    Move,
    Topic,
    View,
)
from ansible_collections.estate.kafka.plugins.modules.topics import reconcile

LIVE = {1: None, 2: None, 3: None, 4: None}
PLACES = ((1, 2, 3), (2, 3, 1))
IN_SYNC = (frozenset({1, 2, 3}), frozenset({1, 2, 3}))
ORDERS = Topic(2, 3, {"retention.ms": "1000"}, PLACES, IN_SYNC, minimum=2)

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
        [Configure("orders", {"retention.ms": "5"}), AddPartitions("orders", 4)],
    ),
    "fewer replicas": (Wanted("orders", 2, 2), [Move("orders", PLACES, ((1, 2), (2, 3)))]),
    "more replicas, then more partitions": (
        Wanted("orders", 3, 4),
        [Move("orders", PLACES, ((1, 2, 3, 4), (2, 3, 1, 4))), AddPartitions("orders", 3)],
    ),
    "a setting that needs the new replicas comes after them": (
        Wanted("orders", None, 4, {"min.insync.replicas": "4"}),
        [Move("orders", PLACES, ((1, 2, 3, 4), (2, 3, 1, 4))), Configure("orders", {"min.insync.replicas": "4"})],
    ),
    "a setting for fewer replicas comes before": (
        Wanted("orders", None, 1, {"min.insync.replicas": "1"}),
        [Configure("orders", {"min.insync.replicas": "1"}), Move("orders", PLACES, ((1,), (2,)))],
    ),
    "chosen replicas": (
        Wanted("orders", replicas=((1, 2, 3), (4, 2, 1), (3, 4, 1))),
        [Move("orders", PLACES, ((1, 2, 3), (4, 2, 1))), AddPartitions("orders", 3, ((3, 4, 1),))],
    ),
    "create on chosen replicas": (Wanted("clicks", replicas=((1, 2), (2, 3))), [Create("clicks", 2, 2, {}, ((1, 2), (2, 3)))]),
    "absent already": (Wanted("clicks", absent=True), []),
    "delete": (Wanted("orders", absent=True), [Delete("orders")]),
}


class Memory(TopicsCluster):
    """A cluster in memory that refuses the topic names it is told to, at once or only when it carries the change out."""

    timeout = 0.0

    def __init__(self, refuse: Collection[str] = (), late: Collection[str] = ()) -> None:
        self.late = late
        self.held: dict[str, Topic] = {"orders": ORDERS, "other": Topic(1, 1), "__consumer_offsets": Topic(1, 1)}
        self.refuse = refuse
        self.writes = 0

    def look(self, names: Collection[str]) -> View:
        return View(self.topics(names), frozenset(self.held), LIVE, Defaults(3, 2))

    def topics(self, names: Collection[str]) -> dict[str, Topic]:
        return {name: topic for name, topic in self.held.items() if name in names}

    def to_copy(self, actions: Iterable[Action]) -> list[dict[str, Any]]:
        return [{"topic": action.topic} for action in actions if isinstance(action, Move)]

    def apply(self, actions: Sequence[Action], validate_only: bool) -> list[tuple[Action, str]]:
        refuse = {*self.refuse, *([] if validate_only else self.late)}
        accepted = [action for action in actions if action.topic not in refuse]
        if not validate_only:
            self.writes += len(accepted)
            self.held = applied(self.held, accepted)
        return [(action, "NO: because") for action in actions if action.topic in refuse]


@pytest.mark.parametrize("case", CASES)
def test_plan(case: str) -> None:
    wanted, actions = CASES[case]
    assert plan({"orders": ORDERS}, [wanted], LIVE, ["orders"] if wanted.name == "orders" and wanted.absent else []) == actions


@pytest.mark.parametrize("case", CASES)
def test_check_mode_shows_what_a_run_does_and_a_second_run_does_nothing(case: str) -> None:
    wanted, actions = CASES[case]
    cluster = Memory()
    confirmed = Deletion(frozenset({wanted.name}) if wanted.absent else frozenset())
    foretold = reconcile(cluster, [wanted], confirmed, check_mode=True)
    assert cluster.writes == 0
    assert reconcile(cluster, [wanted], confirmed, check_mode=False) == foretold
    assert cluster.writes == len(actions)
    assert foretold["changed"] == bool(actions)
    again = reconcile(cluster, [wanted], confirmed, check_mode=False)
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
    assert plan({"orders": held}, [wanted], LIVE) == []


@pytest.mark.parametrize(
    ("written", "shown", "same"),
    [
        ("1", "1.0", True),
        ("0.0001", "1.0E-4", True),
        (".5", "0.5", True),
        ("060000", "60000", True),
        (" 60000", "60000", True),
        ("compact, delete", "compact,delete", True),
        ("True", "true", True),
        ("1", "10", False),
        ("0.5", "0.50001", False),
        ("9223372036854775807", "9223372036854775806", False),
        ("delete,compact", "compact,delete", False),
        ("Compact", "compact", False),
        ("", "0", False),
        ("true", "false", False),
    ],
)
def test_a_setting_is_compared_by_its_value_not_by_its_text(written: str, shown: str, same: bool) -> None:
    held = Topic(2, 3, {"a": shown})
    actions = plan({"orders": held}, [Wanted("orders", config={"a": written})], LIVE)
    assert (actions == []) == same
    assert (missing_changes([Configure("orders", {"a": written})], {"orders": held}) == []) == same


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        (Wanted("orders", 1), ["orders", "2 partitions", "cannot take partitions away"]),
        (Wanted("orders", 2, 5), ["orders", "replication factor 5 is asked for, and 4 brokers are live (1, 2, 3, 4)"]),
        (Wanted("new", 2, 5), ["new", "4 brokers are live"]),
        (Wanted("orders", None, 1), ["orders", "min.insync.replicas is 2", "acks=all"]),
        (Wanted("orders", config={"min.insync.replicas": "4"}), ["orders", "min.insync.replicas is 4", "replication factor 3"]),
        (Wanted("new", 1, 1, {"min.insync.replicas": "2"}), ["new", "min.insync.replicas is 2 with replication factor 1"]),
        (Wanted("orders", config={SENDERS: "*"}), ["orders", "use throttle"]),
        (Wanted("new", replicas=((1, 2), (3,))), ["new", "the same number of brokers"]),
        (Wanted("new", replicas=((1, 1),)), ["new", "a broker twice for partition 0"]),
        (Wanted("new", replicas=((1, 9),)), ["new", "broker [9], which is not in the cluster"]),
        (Wanted("orders", replicas=((1, 2, 9), (2, 3, 1))), ["orders", "partition 0", "broker 9, which is not in the cluster"]),
        (Wanted("orders", 3, replicas=((1, 2, 3), (2, 3, 1))), ["orders", "partitions is 3, but replicas has 2"]),
        (Wanted("orders", absent=True), ["orders", "confirm_delete: [orders]"]),
        (Wanted("__consumer_offsets", absent=True), ["__consumer_offsets", "never deleted here"]),
        (Wanted("new", 0), ["new", "partitions is 0"]),
        (Wanted("a b"), ["a b", "not a topic name"]),
        (Wanted("f_ine.x"), ["f_ine.x", "there is f.ine_x"]),
        (Wanted("_.consumer_offsets"), ["_.consumer_offsets", "there is __consumer_offsets"]),
        (Wanted("new", 1, 1), ["new: min.insync.replicas is 2, the brokers' default, with replication factor 1", "replicas: 1"]),
        (Wanted("new", replicas=((1,),)), ["new: min.insync.replicas is 2, the brokers' default", "acks=all"]),
        (Wanted("new", 1, None, {"min.insync.replicas": "9"}), ["is 9 with replication factor 3, the brokers' default"]),
        (Wanted(".."), ["..", "not a topic name"]),
    ],
)
def test_what_is_refused_is_said_before_anything_changes(wanted: Wanted, words: list[str]) -> None:
    cluster = Memory()
    result = reconcile(cluster, [Wanted("f.ine_x", 1, 2), wanted], Deletion(), check_mode=False)
    assert result["failed"] and cluster.writes == 0
    assert all(word in result["msg"] for word in words)


def test_a_topic_made_for_less_than_acks_all_is_taken_when_its_settings_say_so() -> None:
    wanted = [Wanted("one", 1, 1, {"min.insync.replicas": "1"}), Wanted("two", 1, 2), Wanted("three")]
    assert refusals({}, wanted, LIVE, (), Defaults(3, 2)) == []
    # One whose settings are not to be seen, or that has been so before, is left to its owner.
    assert refusals({}, [Wanted("one", 1, 1)], LIVE) == []
    single = {"one": Topic(1, 1, {}, ((1,),), (frozenset({1}),), minimum=2)}
    assert refusals(single, [Wanted("one", 1, 1, {"min.insync.replicas": None})], LIVE, ["one"], Defaults(3, 2)) == []
    allowed = {"one": replace(single["one"], config={"min.insync.replicas": "1"}, minimum=1)}
    (problem,) = refusals(allowed, [Wanted("one", config={"min.insync.replicas": None})], LIVE, ["one"], Defaults(3, 2))
    assert "is 2, the brokers' default, with replication factor 1, which the topic has" in problem


def test_names_that_kafka_counts_as_the_same() -> None:
    (problem,) = refusals({}, [Wanted("a.b"), Wanted("a_b")], LIVE)
    assert problem.startswith("a_b: ") and "there is a.b" in problem
    both = {"a.b": Topic(1, 1), "a_b": Topic(1, 1)}
    assert refusals(both, [Wanted("a.b"), Wanted("a_b")], LIVE, both) == []
    assert refusals({}, [Wanted("a.b"), Wanted("a_b", absent=True)], LIVE) == []


def test_more_replicas_than_live_brokers_though_one_partition_has_them() -> None:
    held = replace(ORDERS, placement=((1, 2, 3), (2, 3)), in_sync=(frozenset({2, 3}), frozenset({2, 3})))
    (problem,) = refusals({"orders": held}, [Wanted("orders", None, 3)], {2: None, 3: None})
    assert "2 brokers are live (2, 3)" in problem


@pytest.mark.parametrize("broker", [1.7, True, None, "a", [1]])
def test_what_is_no_id_of_a_broker_is_refused(broker: Any) -> None:
    item: dict[str, Any] = {
        "name": "orders",
        "partitions": None,
        "replication_factor": None,
        "config": {},
        "replicas": [[broker, 2]],
    }
    with pytest.raises(ValueError, match=f"orders: {re.escape(repr(broker))}"):
        Wanted.of({**item, "replicas": [[broker, 2]]})


def test_a_name_listed_twice_is_refused() -> None:
    (problem,) = refusals({}, [Wanted("orders", 1), Wanted("orders", 2)], LIVE)
    assert "listed twice" in problem


def test_what_the_cluster_does_not_accept_is_found_before_anything_changes() -> None:
    cluster = Memory(refuse={"second"})
    wanted = [Wanted("first", 1, 2), Wanted("second", 1, 2)]
    foretold = reconcile(cluster, wanted, Deletion(), check_mode=True)
    result = reconcile(cluster, wanted, Deletion(), check_mode=False)
    assert result == foretold and cluster.writes == 0
    assert result["failed"] and "nothing was changed" in result["msg"]
    assert result["refused"] == ["create second: NO: because"]


def test_a_late_refusal_of_the_cluster_names_what_was_done_and_what_not_and_a_rerun_finishes() -> None:
    cluster = Memory(late={"second"})
    wanted = [Wanted("first", 1, 2), Wanted("second", 1, 2)]
    result = reconcile(cluster, wanted, Deletion(), check_mode=False)
    assert result["failed"] and result["changed"]
    assert result["actions"] == ["create first"] and result["refused"] == ["create second: NO: because"]
    assert "first" in result["diff"]["after"] and "second" not in result["diff"]["after"]
    cluster.late = ()
    final: dict[str, Any] = reconcile(cluster, wanted, Deletion(), check_mode=False)
    assert final["actions"] == ["create second"] and "failed" not in final


def test_what_a_cluster_can_judge_beforehand() -> None:
    config, more, chosen = Configure("orders", {"a": "b"}), AddPartitions("orders", 3), AddPartitions("orders", 3, ((1, 2),))
    move, ends = Move("orders", PLACES, ((1, 2), (2, 3))), Finish("orders", (0,))
    assert judged_beforehand([config, move, more, Delete("old")]) == [config, more]
    assert judged_beforehand([config, move, chosen]) == [config]
    assert judged_beforehand([ends, config, more]) == [config]
    assert judged_beforehand([Finish("orders", ()), chosen]) == [chosen]


def test_a_move_under_way_is_waited_for_and_its_throttle_goes() -> None:
    held = replace(ORDERS, moving=(0,), config=dict.fromkeys(MARKS, "0:1"))
    actions = plan({"orders": held}, [Wanted("orders", 2, 3)], LIVE)
    assert actions == [Finish("orders", (0,))]
    assert applied({"orders": held}, actions) == {"orders": replace(ORDERS, config={})}
    left = plan({"orders": replace(held, moving=())}, [Wanted("orders", 2, 2)], LIVE)
    assert left == [Finish("orders", ()), Move("orders", PLACES, ((1, 2), (2, 3)))]


@pytest.mark.parametrize(
    ("confirmed", "prune", "gone", "refused"),
    [
        ((), True, [], ""),
        (("other",), True, ["delete other"], ""),
        (("other",), False, [], "switch prune on"),
        (("orders",), True, [], "listed as present"),
        (("__consumer_offsets",), True, [], "never deleted here"),
        (("never-was",), False, [], ""),
    ],
)
def test_pruning_takes_only_what_is_confirmed_by_name(
    confirmed: tuple[str, ...], prune: bool, gone: list[str], refused: str
) -> None:
    cluster = Memory()
    result = reconcile(cluster, [Wanted("orders")], Deletion(frozenset(confirmed), prune), check_mode=False)
    if refused:
        assert refused in result["msg"] and cluster.writes == 0
        return
    assert result["actions"] == gone and "__consumer_offsets" in cluster.held
    assert not prune or result["unlisted"] == ([] if gone else ["other"])


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("__transaction_state", True),
        ("_schemas", True),
        ("kafkasql-journal", True),
        ("heartbeats", True),
        ("src.heartbeats", True),
        ("src.checkpoints.internal", True),
        ("mm2-offset-syncs.dst.internal", True),
        ("mm2-configs.src.internal", True),
        ("connect-offsets", True),
        ("team-a-status", True),
        ("order-status", False),
        ("src.orders", True),
        ("orders", False),
    ],
)
def test_topics_that_something_else_keeps(name: str, kept: bool) -> None:
    names = {name, "team-a-configs", "team-a-offsets", "team-a-status"}
    assert bool(kept_by(name, names, ["src.*"])) == kept


def test_what_others_change_of_listed_topics_meanwhile_fails_no_run() -> None:
    class Busy(Memory):
        """A cluster where another tool moves and changes topics while this run goes on."""

        def topics(self, names: Collection[str]) -> dict[str, Topic]:
            found = super().topics(names)
            if self.writes:
                others = {**found["orders"].config, "retention.ms": "1"}
                found["orders"] = replace(found["orders"], placement=((4, 1), (2, 3)), replication_factor=2, config=others)
            return found

    cluster = Busy()
    wanted = [Wanted("orders"), Wanted("new", 1, 2)]
    result = reconcile(cluster, wanted, Deletion(), check_mode=False)
    assert result["actions"] == ["create new"] and not result.get("failed"), result
    result = reconcile(cluster, [Wanted("orders", config={"cleanup.policy": "compact"})], Deletion(), check_mode=False)
    assert not result.get("failed"), result


@pytest.mark.parametrize(
    ("action", "there", "words"),
    [
        (Create("t", 2, 1, {"a": "1"}), None, "not there"),
        (Create("t", 2, 1, {"a": "1"}), Topic(1, 1, {"a": "1"}), "1 partitions instead of 2"),
        (Create("t", 2, 2, {}), Topic(2, 1), "replication factor 1 instead of 2"),
        (Create("t", 1, 1, {}, ((3,),)), Topic(1, 1, {}, ((1,),)), "replicas of partition 0 are not [3]"),
        (Create("t", 1, 1, {"a": "1"}), Topic(1, 1), "settings {'a': None} instead of {'a': '1'}"),
        (Create("t", -1, -1, {}), Topic(7, 3, {"b": "set by a policy"}), None),
        (AddPartitions("t", 3), Topic(2, 1), "2 partitions instead of 3"),
        (AddPartitions("t", 3), Topic(4, 1), None),
        (AddPartitions("t", 2, ((2,),)), Topic(2, 1, {}, ((1,), (1,))), "replicas of partition 1 are not [2]"),
        (Configure("t", {"a": None}), Topic(1, 1, {"a": "1"}), "settings {'a': '1'}"),
        (Move("t", ((1,), (2,)), ((3,), (2,))), Topic(2, 1, {}, ((1,), (9,))), "replicas of partition 0 are not [3]"),
        (Move("t", ((1,), (2,)), ((3,), (2,))), Topic(2, 1, {}, ((3,), (9,))), None),
        (Finish("t", (0,)), Topic(1, 1, {SENDERS: "0:1"}), "settings"),
        (Delete("t"), Topic(1, 1), "still there"),
        (Delete("t"), None, None),
    ],
)
def test_a_change_that_the_cluster_does_not_show(action: Action, there: Topic | None, words: str | None) -> None:
    missing = missing_changes([action], {"t": there} if there else {})
    assert missing == [] if words is None else len(missing) == 1 and missing[0].startswith(f"t: {words}")


# -- a cluster that goes away, or says "not now" -----------------------------------------------------------------------


# -- the throttle of moves ---------------------------------------------------------------------------------------------

LEADER, FOLLOWER = RATES


def test_settings_of_more_than_one_level_are_refused_by_name() -> None:
    item: dict[str, Any] = {"name": "t2", "partitions": None, "replication_factor": None, "config": {"a": {"b": 1}, "c": [{}]}}
    (one, other) = refusals({}, [Wanted.of(item)], LIVE)
    assert one.startswith("t2: config: a is a mapping") and "a.b" in one and "c is a list" in other
    assert Wanted.of({**item, "config": None}).config == {}
