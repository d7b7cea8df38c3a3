"""Kafka exporters of a secured estate: their login at the brokers, its rights, and a port that is there for their host alone."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.estate.kafka.plugins.module_utils.estate.problems import render
from ansible_collections.estate.kafka.plugins.module_utils.prometheus.plan import targets
from ansible_collections.estate.kafka.plugins.module_utils.security.lag import PRINCIPAL, exporter
from ansible_collections.estate.kafka.plugins.module_utils.security.passwords import variable_of
from ansible_collections.estate.kafka.plugins.module_utils.security.services import rights, users
from test_secured_inventory import estate

PASSWORDS = {variable_of("kafka-1", PRINCIPAL): "p" * 48}


def found(implementation: str, **more: Any) -> dict[str, Any]:
    variables = {"kafka_exporter_cluster": "kafka-1", "kafka_exporter_implementation": implementation}
    plan = estate(every={**variables, **more.pop("every", {})}, **({"kafka_exporter": ["one"], "prometheus": ["one"]} | more))
    assert not render(plan.problems)
    topology: dict[str, Any] = plan.topology
    return topology


@pytest.mark.parametrize("implementation", ["kafka_exporter", "consumer_group_exporter"])
def test_the_login_has_a_password_that_no_flag_shows_and_reads_nothing_but_groups(implementation: str) -> None:
    topology = found(implementation)
    assert users(topology, "kafka-1") == [{"name": PRINCIPAL}] and users(topology, "other") == []
    more = exporter(topology, "kafka-1", "/etc/kafka-exporter", "kafka-exporter", PASSWORDS)
    assert "p" * 48 not in str([more["flags"], more["words"]])
    (login,) = [item for item in more["files"] if item.get("secret")]
    assert (login["owner"], login["mode"]) == ("kafka-exporter", "0400") and "p" * 48 in login["content"]
    assert login["path"] in more["watch"] and login["path"] in str([more["flags"], more["words"]])
    allowed = {(one["resource_type"], one["resource_name"]): one["operations"] for one in rights(topology, "kafka-1")}
    reads = [where for where, operations in allowed.items() if "read" in operations]
    assert allowed["topic", "*"] == ["describe"]
    assert reads == ([("topic", "__consumer_offsets")] if implementation == "consumer_group_exporter" else [])


def test_the_port_is_there_for_prometheus_beside_it() -> None:
    topology = found("kafka_exporter")
    more = exporter(topology, "kafka-1", "/etc/kafka-exporter", "kafka-exporter", PASSWORDS)
    assert more["address"] == "127.0.0.1"
    assert targets(topology, ())["kafka_exporter"][0]["targets"] == ["localhost:9308"]
    apart = estate(every={"kafka_exporter_cluster": "kafka-1"}, kafka_exporter=["two"], prometheus=["one"])
    (problem,) = render(apart.problems)
    assert problem.startswith("two: groups: found kafka_exporter, whose port has neither TLS nor a login")
    assert "Put one, where Prometheus is, into group kafka_exporter instead" in problem


@pytest.mark.parametrize("flag", ["sasl.password", "tls.insecure-skip-tls-verify", "web.listen-address", "zookeeper.server"])
def test_flags_that_would_open_it_are_refused(flag: str) -> None:
    plan = estate(
        every={"kafka_exporter_cluster": "kafka-1", "kafka_exporter_config": {flag: "x"}},
        kafka_exporter=["one"],
        prometheus=["one"],
    )
    assert any(f"one: kafka_exporter_config.{flag}: found" in line for line in render(plan.problems))


def test_an_exporter_of_an_open_estate_has_nothing_more() -> None:
    topology = found("kafka_exporter", every={"security_profile": "open"})
    nothing: dict[str, Any] = {"flags": {}, "words": [], "files": [], "watch": [], "address": "", "python": []}
    assert exporter(topology, "kafka-1", "/etc/kafka-exporter", "kafka-exporter", {}) == nothing
    assert users(topology, "kafka-1") == [] and targets(topology, ())["kafka_exporter"][0]["targets"] == ["one:9308"]
