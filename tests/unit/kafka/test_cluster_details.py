"""What a cluster holds: rows of topics, brokers and groups, with None for what is not known."""

from __future__ import annotations

from pathlib import Path

from ansible_collections.estate.kafka.plugins.filter.answering import answering
from ansible_collections.estate.kafka.plugins.filter.one_host_per_cluster import one_host_per_cluster
from ansible_collections.estate.kafka.plugins.module_utils.errors import ClusterError
from ansible_collections.estate.kafka.plugins.module_utils.host.releases import installed, operating_system
from ansible_collections.estate.kafka.plugins.module_utils.kafka.details import (
    broker_rows,
    group_rows,
    topic_rows,
    with_versions,
)
from ansible_collections.estate.kafka.plugins.module_utils.kafka.partitions import Partition

PARTITIONS = [
    Partition("a", 0, 1, (1, 2, 3), (1, 2, 3)),
    Partition("a", 1, 2, (2, 3, 1), (2, 1)),
    Partition("b", 0, -1, (3,), ()),
]
BEGINS = {("a", 0): 10, ("a", 1): 0}
ENDS = {("a", 0): 110, ("a", 1): 5}
SIZES = {("a", 0, 1): 100, ("a", 0, 2): 100, ("a", 1, 2): 50}


def test_topics_have_what_is_known_of_them() -> None:
    first, second = topic_rows(PARTITIONS, BEGINS, ENDS, SIZES, {("a", 0): 1000, ("a", 1): 2000, ("b", 0): -1})
    assert first == {
        "name": "a",
        "partitions": 2,
        "replication": 3,
        "under_replicated": 1,
        "offline": 0,
        "records": 105,
        "bytes": 250,
        "newest": 2000,
    }
    assert (second["under_replicated"], second["offline"], second["records"], second["bytes"]) == (1, 1, None, 0)
    assert second["newest"] is None
    assert [row["bytes"] for row in topic_rows(PARTITIONS, BEGINS, ENDS, None)] == [None, None]


def test_a_broker_that_is_gone_still_has_its_replicas() -> None:
    rows = {row["id"]: row for row in broker_rows([1, 2], PARTITIONS, SIZES)}
    assert rows[1] == {"id": 1, "leaders": 1, "replicas": 2, "out_of_sync": 0, "bytes": 100}
    assert rows[3] == {"id": 3, "leaders": 0, "replicas": 3, "out_of_sync": 2, "bytes": None}


def test_groups_by_how_far_they_are_behind_and_those_without_offsets_left_out() -> None:
    groups = [
        {"group": "near", "state": "stable", "members": 2, "offsets": {("a", 0): 109, ("gone", 0): 3}},
        {"group": "far", "state": "empty", "members": 0, "offsets": {("a", 0): 20, ("a", 1): 5}},
        {"group": "none", "state": "empty", "members": 0, "offsets": {("a", 0): -1001}},
        {"group": "ahead", "state": "empty", "members": 0, "offsets": {("a", 1): 9}},
    ]
    assert [(row["group"], row["lag"], row["topics"]) for row in group_rows(groups, ENDS)] == [
        ("far", 90, {"a": 90}),
        ("near", 1, {"a": 1}),
        ("ahead", 0, {"a": 0}),
    ]


def test_brokers_have_rack_and_version_where_they_are_known() -> None:
    def version_of(broker: int) -> str:
        if broker == 2:
            raise ClusterError("no answer")
        return "3.9"

    rows = with_versions([{"id": 1, "host": "a"}, {"id": 2, "host": "b"}], {1: "hall-a", 2: None}, version_of)
    assert rows == [
        {"id": 1, "host": "a", "rack": "hall-a", "version": "3.9"},
        {"id": 2, "host": "b", "rack": None, "version": None},
    ]


def test_who_can_be_asked_is_a_host_whose_component_answered() -> None:
    def seen(error: str) -> dict[str, object]:
        return {"r": {"observations": [{"component": "zookeeper", "error": ""}, {"component": "kafka_broker", "error": error}]}}

    hostvars = {"h1": seen("refused"), "h2": seen(""), "h3": {"r": {"unreachable": True}}, "h4": {}}
    found = answering(["h1", "h2", "h3", "h4"], hostvars, "r", "kafka_broker")
    assert found == ["h2"]
    assert one_host_per_cluster({"c": {"brokers": [{"host": "h1"}, {"host": "h2"}]}}, found) == ["h2"]


def test_versions_are_those_the_links_lead_to(tmp_path: Path) -> None:
    for name in ("kafka", "zookeeper"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "current").symlink_to(f"/opt/kafka/3.9.{len(name)}")
    (tmp_path / "other" / "current").mkdir(parents=True)
    assert installed(tmp_path) == {"kafka": "3.9.5", "zookeeper": "3.9.9"}
    assert installed(tmp_path / "nothing") == {}
    (tmp_path / "os").write_text('NAME=x\nPRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\n')
    assert operating_system(tmp_path / "os") == "Debian GNU/Linux 12 (bookworm)"
    assert operating_system(tmp_path / "none") == ""
