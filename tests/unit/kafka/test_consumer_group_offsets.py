"""Offsets of groups: where each target leads, what is refused before anything is written, check mode equal to the run."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from types import SimpleNamespace
from typing import Any

import pytest
from ansible_collections.estate.kafka.plugins.module_utils.errors import ClusterError
from ansible_collections.estate.kafka.plugins.module_utils.kafka.groups import client as groups_client
from ansible_collections.estate.kafka.plugins.module_utils.kafka.groups.client import GroupsCluster
from ansible_collections.estate.kafka.plugins.module_utils.kafka.groups.plan import (
    Action,
    Group,
    Member,
    Range,
    Wanted,
    milliseconds,
    seconds,
)
from ansible_collections.estate.kafka.plugins.module_utils.kafka.partitions import Where
from ansible_collections.estate.kafka.plugins.modules.consumer_group_offsets import reconcile

NOW = 1_800_000_000.0
TOPICS = {"orders": [0, 1, 2], "clicks": [0]}
# orders-2 has no record left; the group has never been there.
RANGES = {("orders", 0): Range(10, 110), ("orders", 1): Range(0, 50), ("orders", 2): Range(7, 7), ("clicks", 0): Range(0, 9)}
HOUR_AGO = int((NOW - 3600) * 1000)


class Memory(GroupsCluster):
    """A cluster in memory that refuses to write for the partitions it is told to."""

    timeout = 0.0

    def __init__(self, refuse: Collection[Where] = ()) -> None:
        held = {("orders", 0): 100, ("orders", 1): 50, ("clicks", 0): 3, ("deleted", 0): 5}
        self.held: dict[str, Group] = {
            "shop": Group("empty", (), held),
            "live": Group("stable", tuple(Member(f"c{number}", f"/10.0.0.{number}") for number in range(7)), {("clicks", 0): 1}),
            "moving": Group("preparing rebalancing", (), {("clicks", 0): 1}),
        }
        self.refuse = refuse
        self.writes = 0

    def topics(self) -> dict[str, list[int]]:
        return TOPICS

    def groups(self, names: Sequence[str]) -> dict[str, Group]:
        return {name: self.held.get(name, Group("dead")) for name in names}

    def ranges(self, wheres: Iterable[Where]) -> dict[Where, Range]:
        return {where: RANGES[where] for where in wheres}

    def moments(self, asked: Collection[tuple[Where, int]]) -> dict[tuple[Where, int], int]:
        """Find the record of an hour ago on the first partition, and no younger one anywhere."""
        return {key: 60 for key in asked if key == (("orders", 0), HOUR_AGO)}

    def write(self, actions: Sequence[Action]) -> list[tuple[Action, str]]:
        done = [action for action in actions if action.where not in self.refuse]
        self.writes += len(done)
        for action in done:
            old = self.held.get(action.group, Group("empty"))
            self.held[action.group] = Group("empty", (), {**old.offsets, action.where: action.after})
        return [(action, "NO: because") for action in actions if action not in done]


def item(group: str = "shop", **options: Any) -> Wanted:
    return Wanted.of({"group": group, **options}, NOW)


Moves = dict[Where, int]
CASES: dict[str, tuple[Wanted, Moves]] = {
    "earliest of all it has read": (item(to="earliest"), {("clicks", 0): 0, ("orders", 0): 10, ("orders", 1): 0}),
    "latest of a topic, where it has not been too": (item(topic="orders", to="latest"), {("orders", 0): 110, ("orders", 2): 7}),
    "an offset": (item(topic="orders", partitions=[0], offset=42), {("orders", 0): 42}),
    "the end as an offset": (item(topic="clicks", offset=9), {("clicks", 0): 9}),
    "where it is": (item(topic="orders", partitions=[1], to="latest"), {}),
    "back, where it has been": (item(topic="orders", shift=-20), {("orders", 0): 80, ("orders", 1): 30}),
    "on by one": (item(topic="orders", partitions=[0], shift=1), {("orders", 0): 101}),
    "the last hour": (item(topic="orders", partitions=[0, 1], duration="1h"), {("orders", 0): 60}),
    "a moment": (item(topic="orders", partitions=[0], timestamp=str(HOUR_AGO)), {("orders", 0): 60}),
    "the nearest": (item(topic="orders", shift=-60, clamp=True), {("orders", 0): 40, ("orders", 1): 0}),
    "a new group": (item("new", topic="clicks", offset=4, create=True), {("clicks", 0): 4}),
}


@pytest.mark.parametrize("case", CASES)
def test_check_mode_shows_what_a_run_does(case: str) -> None:
    wanted, moves = CASES[case]
    cluster = Memory()
    before = cluster.groups([wanted.group])[wanted.group].offsets
    foretold = reconcile(cluster, [wanted], [wanted.group], check_mode=True)
    assert cluster.writes == 0
    assert reconcile(cluster, [wanted], [wanted.group], check_mode=False) == foretold
    assert cluster.groups([wanted.group])[wanted.group].offsets == {**before, **moves}
    assert foretold["changed"] == bool(moves) and cluster.writes == len(moves)
    if wanted.kind != "shift":
        again = reconcile(cluster, [wanted], [], check_mode=False)
        assert not again["changed"] and again["diff"] == {"before": "", "after": ""}


def test_an_action_says_what_it_means_for_the_consumer() -> None:
    result = reconcile(Memory(), [item(topic="orders", to="latest"), item(topic="clicks", shift=-3)], ["shop"], check_mode=True)
    assert result["actions"] == [
        "shop: orders-0 from 100 to 110, 10 skipped",
        "shop: orders-2 to 7",
        "shop: clicks-0 from 3 to 0, 3 to be read again",
    ]
    assert result["diff"]["before"] == "shop: clicks-0:\n  offset: 3\nshop: orders-0:\n  offset: 100\n"
    assert result["diff"]["after"].endswith("shop: orders-2:\n  offset: 7\n")


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        (item("live", to="earliest"), "live is stable with 7 members: c0 on 10.0.0.0, c1 on 10.0.0.1"),
        (item("live", to="earliest"), "c4 on 10.0.0.4 and 2 more; stop them"),
        (item("moving", to="earliest"), "moving is preparing rebalancing with 0 members; stop them"),
        (item("new", topic="clicks", to="latest"), "new: there is no such group; correct the name, or write create: true"),
        (item("new", to="latest", create=True), "has committed no offset; name a topic and an absolute target"),
        (item("new", topic="clicks", shift=1, create=True), "has committed no offset on clicks"),
        (item(topic="order", to="latest"), "shop: there is no topic order"),
        (item(topic="orders", partitions=[1, 3, 9], to="latest"), "shop: orders has no partition 3, 9; it has 0 to 2"),
        (item(topic="clicks", offset=10), "clicks-0 has offsets 0 to 9, 10 is out of range; write another one, or clamp: true"),
        (item(topic="orders", partitions=[0], offset=9), "orders-0 has offsets 10 to 110, 9 is out of range"),
        (item(topic="orders", shift=-60), "orders-1 has offsets 0 to 50, -10 is out of range"),
        (item(topic="orders", partitions=[2], shift=1), "orders-2 has no committed offset to shift"),
    ],
)
@pytest.mark.parametrize("check_mode", [True, False])
def test_what_is_refused_is_said_before_anything_changes(wanted: Wanted, words: str, check_mode: bool) -> None:
    cluster = Memory()
    good = (
        item(topic="orders", partitions=[0], to="earliest") if wanted.topic == "clicks" else item(topic="clicks", to="earliest")
    )
    result = reconcile(cluster, [good, wanted], ["shop", "live", "moving", "new"], check_mode)
    assert result["failed"] and cluster.writes == 0 and words in result["msg"]


def test_a_partition_listed_twice_is_refused() -> None:
    result = reconcile(Memory(), [item(to="earliest"), item(topic="clicks", offset=1)], ["shop"], check_mode=False)
    assert result["failed"] and "shop: clicks-0 listed twice" in result["msg"]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({}, "no target; give exactly one of to, offset"),
        ({"to": "latest", "offset": 0}, "to and offset; give exactly one"),
        ({"partitions": [0], "to": "latest"}, "partitions without topic"),
        ({"topic": "clicks", "partitions": [], "to": "latest"}, "partitions is an empty list; name some"),
        ({"duration": "1 week"}, "write it like 45s"),
        ({"duration": ""}, "write it like 45s"),
        ({"timestamp": "yesterday"}, "write it like 2026-11-21T10:00:00+09:00"),
        ({"timestamp": "2026-11-21 10:00"}, "has no time zone"),
        ({"timestamp": "1800000000"}, "in milliseconds since 1970"),
    ],
)
def test_an_item_that_means_nothing(options: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words.replace("+", r"\+")):
        item(**options)


def test_durations_and_moments() -> None:
    assert [seconds(text) for text in ("90s", "30m", "1d12h", "PT12H", "P1DT30M")] == [90, 1800, 129600, 43200, 88200]
    assert milliseconds("1970-01-02T00:00:00Z") == milliseconds("1970-01-02 09:00:00+09:00") == 86_400_000


def test_a_run_changes_only_groups_that_are_confirmed_and_check_mode_warns() -> None:
    cluster = Memory()
    wanted = [item(topic="orders", to="earliest")]
    result = reconcile(cluster, wanted, ["shopp"], check_mode=False)
    assert result["failed"] and cluster.writes == 0
    line = "shop: 3 partitions would change, 140 offsets to be read again, 0 skipped; to confirm, name it: confirm: [shop]"
    assert result["refused"] == [line]
    foretold = reconcile(cluster, wanted, [], check_mode=True)
    assert foretold.pop("warnings") == [f"a run without check mode refuses: {line}"]
    assert foretold == reconcile(cluster, wanted, ["shop"], check_mode=False)


def test_a_refusal_of_the_cluster_names_what_was_done_and_a_rerun_finishes() -> None:
    cluster = Memory(refuse={("orders", 1)})
    wanted = [item(topic="orders", to="earliest")]
    result = reconcile(cluster, wanted, ["shop"], check_mode=False)
    assert result["failed"] and result["changed"] and "1 of 3 changes refused, 2 were done" in result["msg"]
    assert result["refused"] == ["shop: orders-1 from 50 to 0, 50 to be read again: NO: because"]
    cluster.refuse = ()
    assert reconcile(cluster, wanted, ["shop"], check_mode=False)["actions"] == [
        "shop: orders-1 from 50 to 0, 50 to be read again"
    ]


def test_what_a_shift_left_undone_is_named_with_its_offset() -> None:
    result = reconcile(Memory(refuse={("orders", 1)}), [item(topic="orders", shift=-5)], ["shop"], check_mode=False)
    assert "next time write partitions: [1] and offset: 45 for orders" in result["refused"][0]


def test_offsets_that_do_not_show_are_a_failure() -> None:
    cluster = Memory()
    cluster.write = lambda actions: []  # type: ignore[method-assign]
    result = reconcile(cluster, [item(topic="clicks", to="earliest")], ["shop"], check_mode=False)
    assert result["failed"] and result["refused"] == ["shop: clicks-0 from 3 to 0, 3 to be read again: it shows 3"]


def test_a_coordinator_that_loads_or_a_leader_that_moves_is_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    said = [({}, {"g": "COORDINATOR_LOAD_IN_PROGRESS: it loads"}), ({"g": Group("empty")}, {})]
    monkeypatch.setattr(groups_client, "read_groups", lambda cluster, names: said.pop(0))
    cluster = groups_client.GroupsCluster({"bootstrap.servers": "127.0.0.1:1"}, 5)
    assert cluster.groups(["g"]) == {"g": Group("empty")} and said == []
    said = [({}, {"g": "GROUP_AUTHORIZATION_FAILED: no"})]
    with pytest.raises(ClusterError, match="GROUP_AUTHORIZATION_FAILED"):
        cluster.groups(["g"])
    place, answer = ("t", 0), SimpleNamespace(offset=7)
    answers: list[Any] = [({}, {place: "NOT_LEADER_FOR_PARTITION: moved"}), ({place: answer}, {})]
    monkeypatch.setattr(groups_client, "read_offsets", lambda cluster, asked: answers.pop(0))
    assert cluster._offsets({place: None}) == {place: 7}
