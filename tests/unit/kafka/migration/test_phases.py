"""What stands in the files of brokers and controllers in each phase of a migration, and how a phase is told."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.estate.kafka.plugins.module_utils.kafka.migration.phases import (
    controller_in_phase,
    in_phase,
    kept_phase,
    phase_flags,
    running_phase,
    written_phase,
)

CLUSTER: dict[str, Any] = {
    "controllers": [{"id": 3001, "host": "c1", "port": 9095}],
    "controller_bootstrap": "c1:9095",
    "zookeeper_connect": "z1:2181/kafka1",
    "migration": {"inter_broker_listener": "INSIDE", "protocol_map": "INSIDE:PLAINTEXT,OUTSIDE:SASL_PLAINTEXT"},
}
BROKER = {
    "broker.id": 1,
    "listeners": ["PLAINTEXT://:9092"],
    "zookeeper.connect": "z1:2181/kafka1",
    "zookeeper.connection.timeout.ms": 60000,
    "inter.broker.protocol.version": "3.9",
    "num.partitions": 4,
    "min.insync.replicas": 2,
    "authorizer.class.name": "kafka.security.authorizer.AclAuthorizer",
}


def text(options: dict[str, Any]) -> dict[str, str]:
    return {name: "true" if value is True else str(value) for name, value in options.items()}


@pytest.mark.parametrize("phase", ["", "zookeeper"])
def test_before_the_migration_nothing_changes_in_a_brokers_file(phase: str) -> None:
    assert in_phase(BROKER, CLUSTER, 1, phase) == BROKER
    assert phase_flags(phase) == []


def test_a_broker_with_both_keeps_its_id_and_its_authorizer_and_knows_the_controllers() -> None:
    found = in_phase(BROKER, CLUSTER, 1, "migration")
    assert found.items() >= (BROKER | {"controller.listener.names": "CONTROLLER"}).items()
    assert found["controller.quorum.bootstrap.servers"] == "c1:9095"
    assert found["zookeeper.metadata.migration.enable"] is True
    assert "CONTROLLER:PLAINTEXT" in found["listener.security.protocol.map"]
    assert "PLAINTEXT:PLAINTEXT" in found["listener.security.protocol.map"]
    assert "process.roles" not in found and written_phase(text(found)) == "migration"


def test_a_broker_without_zookeeper_has_nothing_of_it_left() -> None:
    found = in_phase(BROKER, CLUSTER, 1, "kraft")
    assert not [name for name in found if name.startswith("zookeeper.")]
    assert not {"broker.id", "inter.broker.protocol.version", "num.partitions"} & found.keys()
    assert (found["process.roles"], found["node.id"], found["min.insync.replicas"]) == ("broker", 1, 2)
    assert found["authorizer.class.name"] == "org.apache.kafka.metadata.authorizer.StandardAuthorizer"
    assert written_phase(text(found)) == "kraft"


def test_an_authorizer_of_ones_own_stays() -> None:
    assert in_phase({"authorizer.class.name": "a.B"}, CLUSTER, 1, "kraft")["authorizer.class.name"] == "a.B"


def test_a_controller_that_migrates_has_zookeeper_and_the_brokers_listeners() -> None:
    own = {"process.roles": "controller", "node.id": 3001}
    found = controller_in_phase(own, CLUSTER, "migration")
    assert found["zookeeper.connect"] == "z1:2181/kafka1" and found["inter.broker.listener.name"] == "INSIDE"
    assert found["listener.security.protocol.map"] == ["INSIDE:PLAINTEXT", "OUTSIDE:SASL_PLAINTEXT", "CONTROLLER:PLAINTEXT"]
    assert written_phase(text(found)) == "migration"
    assert controller_in_phase(own, CLUSTER, "kraft") == own and written_phase(text(own)) == "kraft"


def test_a_run_that_is_no_migration_keeps_the_phase_that_it_finds() -> None:
    for phase in ("zookeeper", "migration", "kraft"):
        assert kept_phase(CLUSTER, phase) == phase
    assert kept_phase(CLUSTER, "") == "zookeeper"
    assert kept_phase(CLUSTER, "migration", "kraft") == "kraft"
    assert kept_phase({**CLUSTER, "migration": {}, "controllers": []}, "zookeeper") == ""
    # One that has left ZooKeeper: who is new there never was on it, and Kafka 4 knows no phases.
    left = {**CLUSTER, "migration": {}, "zookeeper_connect": "", "controllers": [{"id": 3001}], "artefact": "kafka"}
    assert kept_phase(left, "") == kept_phase(left, "kraft") == "kraft"
    assert kept_phase({**left, "artefact": "kafka-4"}, "kraft", "kraft") == ""


def test_the_phase_of_a_process_is_told_by_its_command_line() -> None:
    assert running_phase(["java", *phase_flags("migration"), "kafka.Kafka"]) == "migration"
    assert running_phase(["java", "kafka.Kafka"]) == "zookeeper"
    assert written_phase({}) == ""
