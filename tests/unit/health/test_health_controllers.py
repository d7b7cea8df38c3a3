"""Clusters without ZooKeeper in the health of an estate: their quorums, and the minimum that the active controller may lower."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from ansible_collections.estate.kafka.plugins.module_utils.health.health import Health
from ansible_collections.estate.kafka.plugins.module_utils.health.judge import assess
from ansible_collections.estate.kafka.plugins.module_utils.kafka.quorum import CAUGHT_UP_MS
from ansible_collections.estate.kafka.plugins.module_utils.kafka.view import lowered
from ansible_collections.estate.kafka.plugins.module_utils.report.words import WORDS
from confluent_kafka.admin import ConfigSource

HOSTS = ("a", "b", "c")
CLUSTER = {
    "name": "new",
    "min_insync_replicas": 2,
    "brokers": [{"id": number, "host": host} for number, host in enumerate(HOSTS, 1)],
    "controllers": [{"id": 3000 + number, "host": host} for number, host in enumerate(HOSTS, 1)],
}
TOPOLOGY: dict[str, Any] = {
    "ensembles": {},
    "clusters": {"new": CLUSTER},
    "schema_registries": {},
    "connect_clusters": {},
    "elasticsearch": {"hosts": []},
    "components": [{"component": name, "host": host} for name in ("kafka_controller", "kafka_broker") for host in HOSTS],
}
EMPTY: dict[str, Any] = {"offline": [], "under_min_isr": [], "under_replicated": [], "too_few_replicas": [], "lowered": []}
VIEW: dict[str, Any] = {"controller": 2, "brokers": [{"id": number} for number in (1, 2, 3)], "partitions": 9, **EMPTY}
# What the leader says; the others only that they do not lead.
LED: dict[str, Any] = {"leader": 3002, "epoch": 7, "voters": {"3001": 300, "3002": 0, "3003": CAUGHT_UP_MS - 1}}
SILENT: dict[str, Any] = {"leader": None, "epoch": None, "voters": {}}


def judged(quorums: dict[str, Any], view: dict[str, Any] | None = None) -> Health:
    """Return the health; ``quorums`` maps hosts to what the controller there says, or to its error."""
    seen: dict[str, Any] = {}
    for host in HOSTS:
        said = quorums.get(host, SILENT)
        told = {"error": said} if isinstance(said, str) else {"error": "", **said}
        seen[host] = [
            {"component": "kafka_controller", "host": host, **told},
            {"component": "kafka_broker", "host": host, "error": "", "view": {**VIEW, **(view or {})}, "flows": {}},
        ]
    return assess(TOPOLOGY, seen, {})


def test_a_quorum_that_is_whole_is_told_with_its_active_controller() -> None:
    health = judged({"b": LED})
    assert health.problems == []
    assert ("Controllers of Kafka new", "3 of 3 controllers", "active 3002, epoch 7") in health.rows


@pytest.mark.parametrize(("installed", "problems"), [(False, 0), (True, len(HOSTS))])
def test_controllers_that_a_migration_has_not_made_yet_are_not_missed(installed: bool, problems: int) -> None:
    leaving = {
        **TOPOLOGY,
        "clusters": {"new": {**CLUSTER, "zookeeper_connect": "z:2181/k", "migration": {"inter_broker_listener": "PLAINTEXT"}}},
    }
    seen: dict[str, list[dict[str, Any]]] = {
        host: [
            {"component": "kafka_controller", "host": host, "error": "refused", "installed": installed},
            {"component": "kafka_broker", "host": host, "error": "", "view": VIEW, "flows": {}},
        ]
        for host in HOSTS
    }
    assert len(assess(leaving, seen, {}).problems) == problems


def led(**voters: int | None) -> dict[str, Any]:
    return {**LED, "voters": {number.removeprefix("n"): lag for number, lag in voters.items()}}


@pytest.mark.parametrize(
    ("quorums", "code", "english", "korean"),
    [
        ({}, "no_active_controller", "no controller is active", "활성 컨트롤러 없음"),
        (
            {"b": led(n3001=9, n3002=0)},
            "controller_missing",
            "controller 3003 on c does not vote",
            "컨트롤러 3003(c)",
        ),
        (
            {"b": led(n3001=9, n3002=0, n3003=8, n3009=5)},
            "controllers_unknown",
            "voters 3009 are not in the inventory",
            "인벤토리에 없는 투표자 3009",
        ),
        (
            {"b": led(n3001=CAUGHT_UP_MS, n3002=0, n3003=8)},
            "controller_behind",
            "controller 3001 on a does not keep up with the active one, behind for 5 s",
            "컨트롤러 3001(a)",
        ),
        ({"b": led(n3001=None, n3002=0, n3003=8)}, "controller_behind", "behind for ?", "컨트롤러 3001(a)"),
    ],
)
def test_what_is_wrong_with_a_quorum_is_told_in_both_languages(
    quorums: dict[str, Any], code: str, english: str, korean: str
) -> None:
    health = judged(quorums)
    (finding,) = health.findings
    assert finding.code == code and english in str(finding) and finding.problem
    assert korean in WORDS["ko"].finding(finding)
    assert health.mark("cluster", "new")


def test_the_controller_of_the_highest_epoch_is_believed() -> None:
    """One that was cut off may still say that it leads."""
    stale = {**led(n3001=0, n3002=None, n3003=None), "leader": 3001, "epoch": 6}
    assert judged({"a": stale, "b": LED}).problems == []


def test_a_silent_controller_is_named_and_the_quorum_is_still_judged() -> None:
    health = judged({"b": LED, "c": "connection refused"})
    assert [finding.code for finding in health.findings] == ["no_answer"]
    assert "Controllers of Kafka new on c does not answer: connection refused" in health.problems


def entry(value: int, source: ConfigSource) -> dict[str, Any]:
    return {"min.insync.replicas": SimpleNamespace(value=str(value), source=source.value)}


def test_a_topic_whose_minimum_fell_is_found_unless_somebody_set_it_there() -> None:
    configs = {
        "fell": entry(1, ConfigSource.DYNAMIC_DEFAULT_BROKER_CONFIG),
        "default": entry(1, ConfigSource.DEFAULT_CONFIG),
        "file": entry(1, ConfigSource.STATIC_BROKER_CONFIG),
        "meant": entry(1, ConfigSource.DYNAMIC_TOPIC_CONFIG),
        "right": entry(2, ConfigSource.DYNAMIC_DEFAULT_BROKER_CONFIG),
        "more": entry(3, ConfigSource.DYNAMIC_DEFAULT_BROKER_CONFIG),
    }
    assert lowered(configs, 2) == ["default", "fell", "file"]
    assert lowered(configs, 1) == []


def test_a_fallen_minimum_is_a_problem_with_what_to_do() -> None:
    health = judged({"b": LED}, {"lowered": ["orders", "payments"]})
    (finding,) = health.findings
    assert (finding.code, health.mark("cluster", "new")) == ("minimum_lowered", "bad")
    for text in (str(finding), WORDS["ko"].finding(finding)):
        assert "--add-config min.insync.replicas=2" in text and "orders" in text and "payments" in text
