"""The next step of a migration, forward and back, and every trap as a state that is refused."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.estate.kafka.plugins.module_utils.kafka.migration.plan import back, finalise, forward, stands
from ansible_collections.estate.kafka.plugins.module_utils.kafka.migration.state import (
    Active,
    Ensemble,
    Left,
    Node,
    State,
    active_from,
    controller_from,
    highest_epoch,
    left_from,
)

COPIED = Left(28, 3)


def brokers(*phases: str) -> tuple[Node, ...]:
    """Return brokers in phases; `a>b` is one whose file is in b and whose process was started in a."""
    rows = []
    for number, phase in enumerate(phases, start=1):
        running, _, written = phase.partition(">")
        rows.append(Node(number, f"b{number}", written or running, running))
    return tuple(rows)


def controllers(phase: str = "migration", data: str = "started", copied: bool = False) -> tuple[Node, ...]:
    return tuple(Node(3000 + number, f"c{number}", phase, phase, data, copied) for number in (1, 2, 3))


BEGIN = State("k", brokers(*["zookeeper"] * 3), controllers("", ""), Ensemble("id", frozenset((1, 2, 3)), 1, 4))
PREPARED = replace(BEGIN, controllers=controllers(), active=Active(3001, 2), ensemble=replace(BEGIN.ensemble, left=Left(-1, 1)))
SOME = replace(PREPARED, brokers=brokers("migration", "zookeeper", "zookeeper"), active=Active(3001, 2, waiting=1))
COPYING = replace(PREPARED, brokers=brokers(*["migration"] * 3), active=Active(3001, 2, waiting=3))
DUAL = replace(
    COPYING,
    controllers=controllers(copied=True),
    active=Active(3001, 1, waiting=3),
    ensemble=Ensemble("id", frozenset((1, 2, 3)), 3001, 5, COPIED),
)
MIXED = replace(DUAL, brokers=brokers("kraft", "migration", "migration"), active=Active(3001, 1, waiting=2))
KRAFT = replace(
    DUAL,
    brokers=brokers(*["kraft"] * 3),
    active=Active(3001, 1),
    ensemble=replace(DUAL.ensemble, brokers=frozenset()),
)
FINALISING = replace(KRAFT, controllers=(Node(3001, "c1", "kraft", "kraft", "started", True), *KRAFT.controllers[1:]))
FINAL = replace(KRAFT, controllers=controllers("kraft", copied=True), active=Active(3002, 3))


def names(plan: object) -> list[str]:
    assert not plan.refused, plan.refused  # type: ignore[attr-defined]
    return [step.name for step in plan.steps]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("state", "wanted"),
    [
        (BEGIN, ["controllers", "brokers", "copy", "kraft"]),
        (PREPARED, ["brokers", "copy", "kraft"]),
        (SOME, ["brokers", "copy", "kraft"]),
        (COPYING, ["copy", "kraft"]),
        (DUAL, ["kraft"]),
        (MIXED, ["kraft"]),
        (KRAFT, []),
        (FINAL, []),
    ],
)
def test_forward_goes_as_far_as_dual_writes_and_never_further(state: State, wanted: list[str]) -> None:
    assert names(forward(state)) == wanted


@pytest.mark.parametrize(
    ("state", "wanted"),
    [
        (BEGIN, []),
        (PREPARED, ["leave"]),
        (SOME, ["leave", "brokers_out"]),
        (COPYING, ["leave", "brokers_out"]),
        (DUAL, ["leave", "brokers_out"]),
        (MIXED, ["brokers_back", "leave", "brokers_out"]),
        (KRAFT, ["brokers_back", "leave", "brokers_out"]),
    ],
)
def test_back_undoes_in_the_order_that_loses_nothing(state: State, wanted: list[str]) -> None:
    assert names(back(state)) == wanted


def test_forward_may_stop_earlier() -> None:
    assert names(forward(BEGIN, "controllers")) == ["controllers"]
    assert names(forward(BEGIN, "migration")) == ["controllers", "brokers", "copy"]
    assert names(forward(PREPARED, "controllers")) == []


def test_what_a_killed_run_left_is_finished_first() -> None:
    """A file that was written and a process that was not restarted."""
    assert forward(replace(SOME, brokers=brokers("migration", "zookeeper>migration", "zookeeper"))).next == "brokers"
    assert forward(replace(DUAL, brokers=brokers("migration>kraft", "migration", "migration"))).next == "kraft"
    assert back(replace(DUAL, brokers=brokers("migration>kraft", "migration", "migration"))).next == "brokers_back"
    away = replace(DUAL, controllers=controllers("", ""), active=None)
    assert back(away).next == "leave"
    led = replace(away, ensemble=Ensemble("id", frozenset((1, 2, 3)), 1, 6))
    assert back(replace(led, brokers=brokers("zookeeper", "migration>zookeeper", "migration"))).next == "brokers_out"


def refused(plan: object, *words: str) -> None:
    assert plan.next == "" and plan.refused  # type: ignore[attr-defined]
    for word in words:
        assert any(word in one for one in plan.refused), (word, plan.refused)  # type: ignore[attr-defined]


@pytest.mark.parametrize("offset", [-1, 28])
def test_a_left_over_znode_keeps_fresh_controllers_away(offset: int) -> None:
    """They would believe it, copy nothing and delete everything: seen on 3.9.2."""
    state = replace(BEGIN, ensemble=replace(BEGIN.ensemble, left=Left(offset, 3)))
    refused(forward(state), "delete every topic", "-e back=true")
    assert names(back(state)) == ["leave"]


def test_controllers_that_run_beside_a_znode_which_they_did_not_write_are_refused() -> None:
    refused(forward(replace(PREPARED, ensemble=replace(PREPARED.ensemble, left=COPIED))), "controller 3001 did not write it")
    formatted = replace(PREPARED, controllers=controllers(data="formatted"), active=None)
    refused(forward(formatted), "c1, c2, c3 did not write it")


def test_a_controller_that_would_be_formatted_after_the_others_have_run_is_refused() -> None:
    """It would get an id that is not among the voters, and only follow: seen when the first start was interrupted."""
    late = (*PREPARED.controllers[:2], replace(PREPARED.controllers[2], data="", running=""))
    refused(forward(replace(PREPARED, controllers=late)), "c3: the controller has no storage", "-e back=true")
    assert names(back(replace(PREPARED, controllers=late))) == ["leave"]


def test_controllers_that_were_all_stopped_are_started_again() -> None:
    stopped = tuple(replace(node, running="") for node in DUAL.controllers)
    assert forward(replace(DUAL, controllers=stopped, active=None)).next == "controllers"


@pytest.mark.parametrize("phase", ["kraft", "migration>kraft"])
def test_a_broker_without_zookeeper_before_the_copy_is_refused(phase: str) -> None:
    state = replace(COPYING, brokers=brokers(phase, "migration", "migration"))
    refused(forward(state), "b1", "-stray")
    assert back(state).next == "brokers_back"


def test_the_copy_is_told_by_the_active_controller_the_znode_and_the_log() -> None:
    for state in (
        replace(DUAL, active=Active(3001, 2, 3)),
        replace(DUAL, active=None),
        replace(DUAL, controllers=controllers(copied=False)),
        replace(DUAL, ensemble=replace(DUAL.ensemble, controller=1)),
        replace(DUAL, ensemble=replace(DUAL.ensemble, left=None)),
    ):
        assert "kraft" not in [forward(state).next]


def test_brokers_that_the_inventory_lacks_are_refused() -> None:
    refused(forward(replace(PREPARED, ensemble=replace(PREPARED.ensemble, brokers=frozenset((1, 2, 3, 9))))), "(9)")


def test_a_host_that_was_not_seen_stops_every_way() -> None:
    state = replace(DUAL, unseen=("b2",))
    for plan in (forward(state), back(state), finalise(state, "k")):
        refused(plan, "b2")


def test_what_is_wrong_before_the_first_step_stops_it() -> None:
    refused(forward(replace(BEGIN, troubles=("2 partitions have replicas out of sync",))), "out of sync")


def test_the_last_step_needs_the_name_and_everything_before_it() -> None:
    assert names(finalise(KRAFT, "k")) == ["final"]
    for confirmed in ("", "other"):
        refused(finalise(KRAFT, confirmed), "migrate_confirm_no_way_back=k", "every way back")
    refused(finalise(BEGIN, "k"), "b1, b2, b3: the broker does not run without ZooKeeper yet", "c1, c2, c3: the controller")
    refused(finalise(MIXED, "k"), "b2, b3")
    refused(finalise(replace(KRAFT, brokers=brokers("kraft", "migration>kraft", "kraft")), "k"), "b2")
    refused(finalise(replace(KRAFT, active=None), "k"), "no controller says that it is the active one")
    stopped = (replace(KRAFT.controllers[0], running=""), *KRAFT.controllers[1:])
    refused(finalise(replace(KRAFT, controllers=stopped), "k"), "c1: the controller does not run")
    refused(finalise(replace(KRAFT, active=Active(3001, 1, waiting=1)), "k"), "1 brokers of ZooKeeper")
    refused(finalise(replace(KRAFT, ensemble=replace(KRAFT.ensemble, brokers=frozenset((7,)))), "k"), "7")


def test_check_mode_tells_the_last_step_before_anybody_confirmed_it() -> None:
    assert names(finalise(KRAFT, "", told=True)) == ["final"]
    refused(finalise(KRAFT, "other", told=True), "migrate_confirm_no_way_back is other")
    refused(finalise(MIXED, "", told=True), "b2, b3")


def test_a_last_step_that_was_interrupted_is_ended() -> None:
    """Written and not restarted, or the active one of those that remain: there is no way but on."""
    assert names(finalise(FINALISING, "k")) == ["final"]
    refused(finalise(FINALISING, ""), "migrate_confirm_no_way_back=k")
    written = replace(KRAFT, controllers=(replace(KRAFT.controllers[0], written="kraft"), *KRAFT.controllers[1:]))
    assert names(finalise(written, "k")) == ["final"]
    down = tuple(replace(node, written="kraft", running="") for node in KRAFT.controllers)
    assert names(finalise(replace(KRAFT, controllers=down, active=None), "k")) == ["final"]
    assert names(finalise(FINAL, "")) == []


def test_the_first_controller_without_zookeeper_is_the_point_of_no_return() -> None:
    refused(back(FINALISING), "point of no return")
    refused(back(FINAL), "point of no return")
    refused(forward(FINALISING), "-e finalise=true")


def test_a_broker_put_back_on_zookeeper_after_the_end_belongs_to_nothing() -> None:
    refused(forward(replace(FINAL, brokers=brokers("zookeeper", "kraft", "kraft"))), "b1", "belong to nothing")


def test_back_from_brokers_without_zookeeper_needs_an_active_controller() -> None:
    refused(back(replace(MIXED, active=None)), "b1", "systemctl start kafka-controller")


def test_what_zookeeper_lacks_is_not_thrown_away() -> None:
    refused(back(replace(DUAL, active=Active(3001, 1, waiting=3, behind=4))), "last 4 changes")


def test_where_a_cluster_stands_is_said_in_words() -> None:
    assert stands(MIXED).startswith("2 of 3 brokers with both; 1 of 3 brokers without ZooKeeper; all metadata copied")
    assert stands(BEGIN) == "3 of 3 brokers on ZooKeeper; no controller runs"
    assert stands(FINAL) == "without ZooKeeper"
    assert "finalising" in stands(FINALISING)


def test_znodes_and_metrics_are_read() -> None:
    assert left_from(b'{"version":0,"kraft_metadata_offset":28,"kraft_controller_epoch":14}') == Left(28, 14)
    assert left_from(b"") == Left(-1, -1) and left_from(None) is None
    assert controller_from(b'{"version":2,"brokerid":3003,"kraftControllerEpoch":1}') == 3003
    assert controller_from(None) is None
    assert highest_epoch([b'{"controller_epoch":4}', b'{"controller_epoch":14}', b"?"]) == 14
    metrics = "kafka_controller_kafkacontroller_{} {}\n"
    text = "".join(
        metrics.format(name, value)
        for name, value in {"activecontrollercount": "1.0", "zkmigrationstate": "2.0", "migratingzkbrokercount": "3.0"}.items()
    )
    assert active_from({3001: "", 3002: text}) == Active(3002, 2, 3)
    assert active_from({3001: metrics.format("activecontrollercount", "0.0")}) is None
