"""What members answer before their restart, asked over real connections."""

from __future__ import annotations

import socket
import sys
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from ansible_collections.estate.kafka.plugins.module_utils.errors import PermissionMissingError
from ansible_collections.estate.kafka.plugins.module_utils.kafka.partitions import Partition
from ansible_collections.estate.kafka.plugins.module_utils.restart import members
from ansible_collections.estate.kafka.plugins.module_utils.restart.members import (
    Broker,
    ConnectWorker,
    ElasticsearchNode,
    mode_of,
)
from ansible_collections.estate.kafka.plugins.module_utils.restart.rules import NOT_SERVING
from http_server import serving
from module_run import run_module

CONNECTORS = {
    "m": {"status": {"connector": {"state": "RUNNING"}, "tasks": [{"id": 0, "state": "RUNNING"}]}},
    "new": {"info": {}},
}


def answer(request: BaseHTTPRequestHandler) -> tuple[int, Any]:
    """Answer as a Connect worker and as an Elasticsearch node."""
    health = {
        "status": "yellow",
        "number_of_nodes": 2,
        "unassigned_shards": 3,
        "relocating_shards": 0,
        "initializing_shards": 0,
    }
    status = 503 if request.path.startswith("/masterless") else 200
    return status, CONNECTORS if request.path.startswith("/connectors") else health


@pytest.fixture
def healthy() -> Iterator[str]:
    with serving(answer) as url:
        yield url


@pytest.fixture
def hanging() -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"


@pytest.fixture(autouse=True)
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(members, "REQUEST_SECONDS", 2)
    monkeypatch.setattr(members, "NODE_SECONDS", 3)
    monkeypatch.setattr(members, "HIDDEN_SECONDS", 0)


def test_a_worker_that_hangs_is_asked_about_through_the_others(
    hanging: str, healthy: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Time enough for an answer on a busy machine; the one that hangs would use up all of it.
    monkeypatch.setattr(members, "REQUEST_SECONDS", 30)
    worker, begin = ConnectWorker({"url": hanging, "urls": [hanging, healthy]}), time.monotonic()
    assert worker.before() == [] and worker.tasks == {"m/connector": "RUNNING", "m/0": "RUNNING"}
    assert time.monotonic() - begin < 30, "its own is not asked first"


def test_a_worker_that_hangs_alone_may_be_restarted(hanging: str) -> None:
    worker, begin = ConnectWorker({"url": hanging}), time.monotonic()
    assert worker.before() == []
    assert time.monotonic() - begin < 20


def test_a_node_that_hangs_may_be_restarted_when_the_others_do_without_it(hanging: str, healthy: str) -> None:
    assert ElasticsearchNode({"url": hanging, "urls": [hanging, healthy], "nodes": 3}).before() == []
    assert ElasticsearchNode({"url": hanging, "urls": [hanging, healthy], "nodes": 4}).before() != []


def test_a_cluster_may_choose_a_master_before_its_nodes_count_as_without_one(
    healthy: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    node = ElasticsearchNode({"url": f"{healthy}/masterless", "urls": [f"{healthy}/masterless"], "nodes": 2})
    (problem,) = node.before()
    assert "have no master" in problem
    monkeypatch.setattr(members, "ELECTION_SECONDS", 0)
    assert node.before() == []


def test_a_server_that_hangs_serves_nobody_and_one_that_is_not_there_is_not_known(hanging: str) -> None:
    assert mode_of(hanging.removeprefix("http://")) == NOT_SERVING
    assert mode_of("127.0.0.1:1") == ""


class Metadata:
    """A cluster as a user sees it who may describe some of its topics."""

    def __init__(self, topics: dict[str, Any], missing: str = "") -> None:
        self.topics, self.missing = topics, missing

    def __call__(self, *_: Any) -> Metadata:
        return self

    def metadata(self) -> Any:
        return SimpleNamespace(brokers={1: None})

    def partitions(self, _: Any) -> list[Any]:
        return [SimpleNamespace(topic=name, leader=1, replicas=(1,), in_sync=(1,)) for name in self.topics]

    def topic_errors(self, _: Any) -> dict[str, str]:
        return {}

    def missing_describe_permission(self) -> str:
        return self.missing


@pytest.mark.parametrize(
    ("topics", "missing", "told"),
    [
        ({"orders": 1, "bills": 1}, "", ""),
        ({"orders": 1}, "", "not shown: bills; .*Describe and DescribeConfigs on topic"),
        ({}, "", "bills, orders"),
        ({"orders": 1, "bills": 1}, "this user may not describe the cluster", "may not describe the cluster"),
    ],
)
def test_the_gate_refuses_what_it_cannot_see(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, topics: dict[str, Any], missing: str, told: str
) -> None:
    for name in ("orders-0", "orders-1", "bills-0", "gone-0.4f-delete", "meta.properties"):
        (tmp_path / name).mkdir()
    monkeypatch.setattr(members, "Cluster", Metadata(topics, missing))
    broker = Broker({"broker_id": 1, "broker_ids": [1], "client": {}, "log_dirs": [str(tmp_path), "/surely/not/there"]})
    if not told:
        assert broker.before() == []
        return
    with pytest.raises(PermissionMissingError, match=told):
        broker.before()


def test_partitions_that_cannot_be_spared_are_one_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    class Many(Metadata):
        def partitions(self, _: Any) -> list[Any]:
            return [Partition("offsets", number, 1, (1,), (1,)) for number in range(50)]

        def min_in_sync(self, topics: set[str]) -> dict[str, int]:
            return dict.fromkeys(topics, 1)

    monkeypatch.setattr(members, "Cluster", Many({}))
    (warning,) = Broker({"broker_id": 1, "broker_ids": [1], "client": {}}).warnings()
    assert warning.startswith("unavailable during the restart: offsets-0 (replicas [1], min.insync.replicas=1), offsets-1 ")
    assert warning.endswith(" and 45 more")


def test_without_the_client_library_it_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "confluent_kafka.admin", None)
    member = {"broker_id": 1, "broker_ids": [1], "client": {"bootstrap.servers": "127.0.0.1:1"}}
    result = run_module("restart", capsys, name="kafka", kind="kafka_broker", member=member)
    assert result["failed"] and "Traceback" not in result["msg"]
    for words in ("nothing was stopped", "confluent-kafka cannot be loaded", "playbooks/kafka.yml", "Python 3."):
        assert words in result["msg"]
