"""Two lines of Kafka in one catalogue: which hosts get which."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_collections.estate.kafka.plugins.module_utils.store.catalogue import hosts_of, read_catalogue
from ansible_collections.estate.kafka.plugins.module_utils.store.store import load_catalogue, read_lock

ARTIFACTS = Path(__file__).resolve().parents[3] / "artifacts"
GROUPS = {
    "zookeeper": ["z"],
    "kafka_controller": ["c"],
    "kafka_broker": ["old", "unset", "new"],
    "kafka_connect": ["worker", "new"],
}
VERSIONS = {"old": "3.9.2", "new": "4.3.1", "worker": "4.3.1"}


def on(component: str, brokers: dict[str, Any], workers: dict[str, Any] | None = None) -> set[str]:
    found = load_catalogue(ARTIFACTS, {})[component]
    versions = {"kafka_broker_version": brokers, "kafka_connect_version": workers or {}}
    return set(hosts_of(found, GROUPS, lambda host, name: versions.get(name, {}).get(host)))


def test_a_broker_gets_the_line_of_its_version() -> None:
    # A worker stands beside a broker of either line with 3.9, whatever that broker's version.
    assert on("kafka", VERSIONS) == {"z", "old", "unset", "worker", "new"}
    assert on("kafka-4", VERSIONS) == {"c", "new"}
    assert on("kafka", {"old": "4.3.1", "unset": "4.0.0", "new": "4.3.1"}) == {"z", "worker", "new"}


def test_a_worker_gets_the_line_of_its_own_version_whatever_stands_beside_it() -> None:
    newer = {"worker": "4.3.1", "new": "4.3.1"}
    assert on("kafka", VERSIONS, newer) == {"z", "old", "unset"} and on("kafka-4", VERSIONS, newer) == {"c", "new", "worker"}
    # The version of a worker is none of the broker on its host, and the other way round.
    mixed = {"worker": "3.9.2", "new": "3.9.2", "old": "4.3.1"}
    assert on("kafka", VERSIONS, mixed) == {"z", "old", "unset", "worker", "new"}
    assert on("kafka-4", VERSIONS, mixed) == {"c", "new"}


def test_an_empty_version_is_none() -> None:
    assert on("kafka-4", {"old": "", "new": None}) == {"c"}
    assert "unset" in on("kafka", {"unset": ""})


@pytest.mark.parametrize(("value", "expected"), [("41.0", False), ("4", True), (4.3, True), ("3.4", False)])
def test_a_line_is_the_first_number_of_a_version(value: Any, expected: bool) -> None:
    assert ("old" in on("kafka-4", {"old": value})) is expected


def test_both_lines_are_locked_and_the_newer_one_can_write_a_log() -> None:
    lock = read_lock(ARTIFACTS)
    for name in ("kafka", "kafka-4"):
        component = load_catalogue(ARTIFACTS, {})[name]
        assert component.archive in lock[name][component.version]["maven"]
    jars = lock["kafka-4"][load_catalogue(ARTIFACTS, {})["kafka-4"].version]["maven"]
    # Without a binding of slf4j to Log4j no line is written, and of another version than its core it fails.
    binding, core = (next(jar for jar in jars if jar.startswith(start)) for start in ("log4j-slf4j-impl-", "log4j-core-"))
    assert binding.removeprefix("log4j-slf4j-impl-") == core.removeprefix("log4j-core-")


def test_a_condition_without_groups_is_for_all() -> None:
    entry = {"version": 1, "groups": ["a", "b"], "when": {"variable": "v", "value": "x"}, "sources": [{"kind": "maven"}]}
    (component,) = read_catalogue({"components": {"one": entry}}, {}).values()
    assert hosts_of(component, {"a": ["1"], "b": ["2"]}, lambda host, name: {"2": "x"}.get(host)) == ["2"]
