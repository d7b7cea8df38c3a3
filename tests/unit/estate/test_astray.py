"""A variable that is written for hosts on which nothing reads it, and for no other, is told."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.estate.kafka.plugins.module_utils.estate.problems import render
from ansible_collections.estate.kafka.plugins.module_utils.estate.topology import plan
from real_estate import DEFINITIONS, ROLES

GROUPS = {
    "all": ("z", "k", "gone"),
    "zookeeper": ("z",),
    "kafka_broker": ("k",),
    "kafka_main": ("k",),
    "node_exporter": ("z", "k"),
}
BROKER = {
    "kafka_broker_id": 1,
    "kafka_broker_cluster": "m",
    "kafka_broker_chroot": "/m",
    "kafka_broker_default_replication_factor": 1,
    "kafka_broker_min_insync_replicas": 1,
}
EVERY: dict[str, dict[str, Any]] = {"z": {"zookeeper_id": 1}, "k": BROKER, "gone": {}}


def lines(**values: dict[str, Any]) -> list[str]:
    every = {host: {**variables, **values.get(host, {})} for host, variables in EVERY.items()}
    return render(plan(GROUPS, {"kafka_main": ("k",)}, every, ROLES, definitions=DEFINITIONS).problems)


@pytest.mark.parametrize(
    ("host", "variable", "value", "group"),
    [
        ("z", "kafka_broker_heap", "1g", "kafka_broker"),
        ("k", "zookeeper_heap", "1g", "zookeeper"),
        ("z", "kafka_topics", [{"name": "t"}], "kafka_broker"),
        ("z", "kafka_acls", [], "kafka_broker"),
    ],
)
def test_a_variable_of_a_component_that_is_on_other_hosts(host: str, variable: str, value: Any, group: str) -> None:
    (line,) = lines(**{host: {variable: value}})
    assert line.startswith(f"{host}: {variable}: found a value on hosts that are not in group {group}. Nothing reads it there")


@pytest.mark.parametrize(
    "values",
    [
        {"z": {"kafka_broker_heap": "1g"}, "k": {"kafka_broker_heap": "1g"}},
        # Of a component that the estate does not have yet, or of all hosts.
        {"z": {"prometheus_retention_time": "30d"}, "k": {"kafka_connectors": []}},
        {"z": {"estate_jmx_exporter": False, "preflight_memory_reserve": 100}},
        # Of a host that has no component any more.
        {"gone": {"kafka_broker_heap": "1g"}},
        {"z": {"java_version": 17}, "k": {"node_exporter_port": 9101}},
    ],
)
def test_what_somebody_reads_or_nobody_could(values: dict[str, Any]) -> None:
    assert lines(**values) == []
