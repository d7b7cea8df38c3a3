"""Which versions of Kafka run with the features that a cluster has finalised, and which clusters are to change theirs."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.estate.kafka.plugins.module_utils.estate.upgrades import upgrades
from ansible_collections.estate.kafka.plugins.module_utils.kafka.features.binaries import unfit

OF_3_9 = {"metadata.version": 21, "kraft.version": 1}
OF_4_3 = {"metadata.version": 30, "kraft.version": 1, "transaction.version": 2}


@pytest.mark.parametrize(
    ("version", "finalised", "said"),
    [
        ("4.3.1", OF_3_9, []),
        ("3.9.2", OF_3_9, []),
        ("4.3.2", OF_4_3, []),
        ("4.3.1-2", OF_4_3, []),
        # A release of which nothing is known here has the levels of those before it, and more.
        ("4.9.0", {"metadata.version": 40}, []),
        (
            "3.9.2",
            OF_4_3,
            [
                "metadata.version: 30 is finalised, and Kafka 3.9.2 supports 21 at most, so no node of it would start here",
                "transaction.version: 2 is finalised, and Kafka 3.9.2 supports 0 at most",
            ],
        ),
        ("4.2.1", OF_4_3, ["metadata.version: 30 is finalised, and Kafka 4.2.1 supports 29 at most"]),
        ("4.3.1", {"metadata.version": 5}, ["metadata.version: 5 is finalised, and Kafka 4.3.1 needs 7 or more; raise it first"]),
        ("3.8.1", OF_3_9, ["Kafka 3.8.1: its levels of features are not known here; write 3.9 or newer"]),
    ],
)
def test_a_version_runs_with_what_is_finalised_or_is_refused(version: str, finalised: dict[str, int], said: list[str]) -> None:
    told = list(unfit(version, finalised))
    assert len(told) == len(said) and all(line.startswith(start) for line, start in zip(told, said, strict=True)), told


def cluster(**values: Any) -> dict[str, Any]:
    rows = {"brokers": [{"host": "a"}, {"host": "b"}], "controllers": [{"host": "c"}]}
    return {**rows, "artefact": "kafka-4", "migration": {}, **values}


def seen(*versions: tuple[str, str, str]) -> dict[str, Any]:
    return {host: {"install": {"versions": {name: version}}} for host, name, version in versions}


@pytest.mark.parametrize(
    ("found", "values", "asked"),
    [
        (seen(("a", "kafka", "3.9.2"), ("c", "kafka-controller", "4.3.1")), {}, {"k": "4.3.1"}),
        (seen(("b", "kafka", "4.3.1"), ("c", "kafka-controller", "3.9.2")), {}, {"k": "4.3.1"}),
        (seen(("a", "kafka", "4.3.1"), ("c", "kafka-controller", "4.3.1")), {}, {}),
        (seen(("a", "kafka", "4.3.1")), {"artefact": "kafka"}, {"k": "3.9.2"}),
        # A broker of another cluster stands beside its controller; and nothing is installed on the others yet.
        (seen(("c", "kafka", "3.9.2")), {}, {}),
        (seen(("a", "kafka", "3.9.1")), {"controllers": [], "artefact": "kafka"}, {}),
        (seen(("a", "kafka", "3.9.1")), {"migration": {"protocol_map": None}, "artefact": "kafka"}, {}),
    ],
)
def test_a_cluster_is_asked_where_a_member_has_another_version(
    found: dict[str, Any], values: dict[str, Any], asked: dict[str, str]
) -> None:
    assert upgrades({"k": cluster(**values)}, found, {"kafka": "3.9.2", "kafka-4": "4.3.1"}) == asked
