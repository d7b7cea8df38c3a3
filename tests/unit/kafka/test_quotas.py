"""Quotas: what is planned, what is refused, what pruning leaves alone, and that check mode shows what a run then does."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import pytest
from ansible_collections.estate.kafka.plugins.module_utils.kafka.quotas.client import LiveQuotas
from ansible_collections.estate.kafka.plugins.module_utils.kafka.quotas.plan import (
    DEFAULT,
    Action,
    Entity,
    Wanted,
    applied,
    plan,
    refusals,
)
from ansible_collections.estate.kafka.plugins.modules.quotas import reconcile

SHOP, OTHER, NIGHTLY, ANYBODY = Entity("shop"), Entity("other"), Entity("shop", "nightly"), Entity(ip=DEFAULT)
P, C = "producer_byte_rate", "consumer_byte_rate"

CASES: dict[str, tuple[list[Wanted], bool, list[Action]]] = {
    "nothing to do": ([Wanted(SHOP, {P: 1000.0})], False, []),
    "set": ([Wanted(SHOP, {"request_percentage": 12.5})], False, [Action(SHOP, {"request_percentage": 12.5})]),
    "change": ([Wanted(SHOP, {P: 2000.0, C: 5.0})], False, [Action(SHOP, {P: 2000.0})]),
    "remove": ([Wanted(SHOP, {P: None})], False, [Action(SHOP, {P: None})]),
    "remove what is not there": ([Wanted(OTHER, {C: None})], False, []),
    "a default": ([Wanted(Entity(DEFAULT), {P: 1.0})], False, [Action(Entity(DEFAULT), {P: 1.0})]),
    "an address": (
        [Wanted(ANYBODY, {"connection_creation_rate": 9.0})],
        False,
        [Action(ANYBODY, {"connection_creation_rate": 9.0})],
    ),
    "prune values and entities of the same parts": (
        [Wanted(SHOP, {P: 1000.0})],
        True,
        [Action(SHOP, {C: None}), Action(OTHER, {P: None})],
    ),
    "prune nothing with an empty list": ([], True, []),
}


class Memory(LiveQuotas):
    """A cluster in memory that refuses the entities it is told to."""

    timeout = 0.0

    def __init__(self, refuse: Collection[Entity] = (), fail: Collection[Entity] = ()) -> None:
        self.held: dict[Entity, Mapping[str, float]] = {SHOP: {P: 1000.0, C: 5.0}, OTHER: {P: 7.0}, NIGHTLY: {P: 3.0}}
        self.refuse = refuse
        self.fail = fail
        self.writes = 0

    def quotas(self) -> dict[Entity, Mapping[str, float]]:
        return self.held

    def apply(self, actions: Sequence[Action], validate_only: bool) -> list[tuple[Action, str]]:
        no = self.refuse if validate_only else [*self.refuse, *self.fail]
        accepted = [action for action in actions if action.entity not in no]
        if not validate_only:
            self.writes += len(accepted)
            self.held = applied(self.held, accepted)
        return [(action, "NO: because") for action in actions if action.entity in no]


@pytest.mark.parametrize("case", CASES)
def test_check_mode_shows_what_a_run_does_and_a_second_run_does_nothing(case: str) -> None:
    wanted, prune, actions = CASES[case]
    cluster = Memory()
    assert plan(cluster.held, wanted, prune) == actions
    foretold = reconcile(cluster, wanted, prune, check_mode=True)
    assert cluster.writes == 0
    assert reconcile(cluster, wanted, prune, check_mode=False) == foretold
    assert cluster.writes == len(actions)
    assert foretold["changed"] == bool(actions)
    again = reconcile(cluster, wanted, prune, check_mode=False)
    assert not again["changed"] and again["diff"] == {"before": "", "after": ""}
    assert cluster.held[NIGHTLY] == {P: 3.0}


def _item(**options: Any) -> Wanted:
    return Wanted.of({"user": None, "client_id": None, "ip": None, "quotas": {}, **options})


def test_numbers_of_the_inventory_are_compared_as_numbers() -> None:
    for value in (1000, "1000", 1000.0):
        assert plan({SHOP: {P: 1000.0}}, [_item(user="shop", quotas={P: value})], prune=True) == []


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        (_item(quotas={P: 1}), "names nobody"),
        (_item(user="a", ip="10.0.0.1"), "make two entries"),
        (_item(user=""), "empty name"),
        (_item(user="a", quotas={"producer_rate": 1}), "no quota producer_rate for it; there are producer_byte_rate"),
        (_item(ip="10.0.0.1", quotas={P: 1}), "there are connection_creation_rate"),
        (_item(user="a", quotas={P: "1MB"}), "'1MB'; it must be a number"),
        (_item(user="a", quotas={P: 0}), "above 0"),
        (_item(user="a", quotas={P: True}), "must be a number"),
        (_item(user="a", quotas={P: "nan"}), "must be a number"),
    ],
)
def test_what_is_refused_is_said_before_anything_changes(wanted: Wanted, words: str) -> None:
    cluster = Memory()
    result = reconcile(cluster, [Wanted(OTHER, {P: 1.0}), wanted], prune=False, check_mode=False)
    assert result["failed"] and cluster.writes == 0 and words in result["msg"]


def test_an_entity_listed_twice_is_refused() -> None:
    (problem,) = refusals([Wanted(SHOP), Wanted(SHOP)])
    assert "user shop: listed twice" in problem


def test_what_the_cluster_does_not_accept_keeps_the_rest_from_being_changed() -> None:
    cluster = Memory(refuse={SHOP})
    wanted = [Wanted(OTHER, {P: 1.0}), Wanted(SHOP, {P: 3.0})]
    result = reconcile(cluster, wanted, prune=False, check_mode=False)
    assert result == reconcile(cluster, wanted, prune=False, check_mode=True)
    assert result["failed"] and cluster.writes == 0 and "set user shop: producer_byte_rate=3: NO: because" in result["msg"]


def test_a_later_refusal_names_what_was_done_and_what_not_and_a_rerun_finishes() -> None:
    cluster = Memory(fail={SHOP})
    wanted = [Wanted(OTHER, {P: 1.0}), Wanted(SHOP, {P: 2.0})]
    result = reconcile(cluster, wanted, prune=False, check_mode=False)
    assert result["failed"] and result["changed"]
    assert result["actions"] == ["set user other: producer_byte_rate=1"]
    assert result["refused"] == ["set user shop: producer_byte_rate=2: NO: because"]
    cluster.fail = ()
    final = reconcile(cluster, wanted, prune=False, check_mode=False)
    assert final["actions"] == ["set user shop: producer_byte_rate=2"] and "failed" not in final
