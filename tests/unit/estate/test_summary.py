from __future__ import annotations

from typing import Any

from ansible_collections.estate.kafka.plugins.module_utils.estate.summary import summary

TOPOLOGY: dict[str, Any] = {
    "components": [
        {"component": "zookeeper", "host": "a.test", "ports": [2181, 2888], "address": "a.test:2181"},
        {"component": "kafka_broker", "host": "a.test", "ports": [9092], "address": "a.test:9092"},
        {"component": "kafka_connect", "host": "b.test", "ports": [8083], "url": "http://b.test:8083"},
        {"component": "kafka_connect", "host": "a.test", "ports": [8083], "url": "http://a.test:8083"},
    ],
    "clusters": {"kafka-1": {"name": "kafka-1", "brokers": [{"host": "a.test"}]}},
}


def test_names_every_component_with_its_cluster_and_ports() -> None:
    text = summary(TOPOLOGY, {}, {})
    assert "  a.test  ZooKeeper (2181, 2888) · Kafka kafka-1 (9092) · Kafka Connect (8083)\n" in text
    assert "Left out" not in text


def test_addresses_stand_in_for_names_and_one_member_of_a_component_is_enough_to_open() -> None:
    text = summary(TOPOLOGY, {}, {"b.test": "10.0.0.7"})
    assert text.count("Kafka Connect  http") == 1
    assert "Kafka Connect  http://10.0.0.7:8083" in text


def test_what_was_left_out_is_said_with_its_reason() -> None:
    assert "  kibana: no source had it\n" in summary(TOPOLOGY, {"kibana": "no source had it"}, {})
