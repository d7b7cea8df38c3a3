"""Controllers with security_profile: secured: behind the authority of their cluster's brokers, and nothing opens them again."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest
from ansible_collections.estate.kafka.plugins.module_utils.estate.problems import render
from ansible_collections.estate.kafka.plugins.module_utils.estate.stages import kept_stages
from ansible_collections.estate.kafka.plugins.module_utils.estate.topology import Plan, plan
from ansible_collections.estate.kafka.plugins.module_utils.security.metrics import logins
from ansible_collections.estate.kafka.plugins.module_utils.security.quorum import broker, controller
from ansible_collections.estate.kafka.plugins.module_utils.security.wanted import authorities, certificates, distrusted
from real_estate import DEFINITIONS, ROLES

HOSTS = ("one", "two", "three")


def estate(edits: dict[str, dict[str, Any]] | None = None, **every: Any) -> Plan:
    """Return the plan of three hosts with a broker and a controller each; ``edits`` are variables of a host, ``every`` of all."""
    hostvars: dict[str, dict[str, Any]] = {
        host: {
            "security_profile": "secured",
            "kafka_broker_id": number,
            "kafka_broker_cluster": "new",
            "kafka_broker_version": "4.3.1",
            "kafka_controller_id": 3000 + number,
            "kafka_controller_cluster": "new",
            **every,
            **(edits or {}).get(host, {}),
        }
        for number, host in enumerate(HOSTS, 1)
    }
    return plan({"kafka_controller": list(HOSTS), "kafka_broker": list(HOSTS)}, {}, hostvars, ROLES, definitions=DEFINITIONS)


def cluster(**every: Any) -> dict[str, Any]:
    found: dict[str, Any] = estate(**every).topology["clusters"]["new"]
    return found


def test_a_controller_lets_in_who_has_a_certificate_of_the_brokers_authority() -> None:
    assert not render(estate().problems)
    found = controller(cluster(), "two", "/etc/kafka-controller", "kafka-controller")
    options, keys = found["options"], [item for item in found["files"] if item.get("pem")]
    assert options["listener.security.protocol.map"] == ["CONTROLLER:SSL"]
    assert options["listener.name.controller.ssl.client.auth"] == "required"
    assert options["authorizer.class.name"] == "org.apache.kafka.metadata.authorizer.StandardAuthorizer"
    assert options["super.users"] == "User:estate-broker;User:estate-controller;User:estate-toolkit"
    assert {item["pem"]["authority"] for item in keys} == {"new-brokers"}
    # Not those above it, whose certificates are to be refused.
    (trusted,) = (item for item in keys if item["path"] == "/etc/kafka-controller/tls/brokers-ca.pem")
    assert trusted["pem"]["part"] == "issuer"
    owners = {item["path"]: (item["owner"], item["mode"]) for item in keys if item["pem"].get("name")}
    assert owners == {
        "/etc/kafka-controller/tls/controller.pem": ("kafka-controller", "0400"),
        "/opt/kafka-estate/tls/controllers.pem": ("root", "0400"),
    }
    named = {str(value) for name, value in options.items() if name.endswith("location")}
    # It reads none of them while it runs.
    assert named == set(found["watch"]) and named <= {item["path"] for item in keys}
    assert found["log"]["logger.authorizer.level"] == "INFO"
    assert not [name for name in options if "password" in name]


def test_a_broker_knows_controllers_in_place_of_zookeeper() -> None:
    found = broker(cluster(), "two", "/etc/kafka", "kafka")
    options = found["options"]
    assert not [name for name in options if name.startswith("zookeeper")] and found["cli"] == ""
    assert options["listener.security.protocol.map"] == ["BROKER:SSL", "CLIENT:SASL_SSL", "CONTROLLER:SSL"]
    assert options["authorizer.class.name"] == "org.apache.kafka.metadata.authorizer.StandardAuthorizer"
    # What it shows to controllers it reads at its start alone.
    to_controllers = {options[f"listener.name.controller.ssl.{kind}.location"] for kind in ("keystore", "truststore")}
    assert to_controllers == set(found["watch"]) == {"/etc/kafka/tls/broker.pem", "/etc/kafka/tls/brokers-ca.pem"}
    assert found["reload"] == ["/etc/kafka/tls/listener.pem"]
    rules = options["listener.name.broker.ssl.principal.mapping.rules"]
    same = controller(cluster(), "two", "/etc/kafka-controller", "x")["options"]
    assert rules == same["listener.name.controller.ssl.principal.mapping.rules"] and options["super.users"] == same["super.users"]


def test_each_controller_has_a_certificate_of_its_own_and_the_toolkit_one() -> None:
    topology = estate(estate_jmx_exporter=True).topology
    assert "new-brokers" in authorities(topology) and not [name for name in authorities(topology) if name.endswith("clients")]
    wanted = [(one.name, one.subject) for one in certificates(topology, ["two"], {}) if one.authority == "new-brokers"]
    assert wanted == [("two", "broker-2"), ("toolkit@two", "toolkit"), ("controller@two", "controller-3002")]
    assert logins(topology) == ["metrics"]
    assert "kafka_controller@two" in {one.name for one in certificates(topology, ["two"], {}) if one.stores}
    other = {"observed": {"authorities": {"controllers-ca.pem": hashlib.sha256(b"another").hexdigest()}}}
    (line,) = distrusted(topology, {"two": other}, lambda name: [name], "/pki", ["new-brokers"])
    assert line.startswith("two: trusts another authority new-brokers than /pki has")


def test_a_controller_beside_a_broker_of_another_cluster_has_files_of_its_own() -> None:
    """As in inventories/kraft, where the toolkit on such a host has a key for each of the two."""
    mine, other = cluster(), {**cluster(), "name": "other"}
    paths = [
        [item["path"] for item in found["files"] if item.get("pem")]
        for found in (broker(other, "two", "/etc/kafka", "kafka"), controller(mine, "two", "/etc/kafka-controller", "c"))
    ]
    assert not set(paths[0]) & set(paths[1])


def test_controllers_of_an_open_estate_have_nothing_of_it() -> None:
    found = cluster(security_profile="open")
    assert "controller_tls" not in found
    nothing: dict[str, Any] = {"options": {}, "files": [], "watch": [], "log": {}, "tls": {}}
    assert controller(found, "two", "/etc/kafka-controller", "kafka-controller") == nothing


def test_the_older_line_is_refused_for_both() -> None:
    lines = render(estate(kafka_broker_version="3.9.2", kafka_controller_version="3.9.2").problems)
    for variable in ("kafka_broker_version", "kafka_controller_version"):
        (line,) = (line for line in lines if f"{variable}: found '3.9.2'" in line)
        assert "with security_profile: secured only Kafka 4" in line, lines


OPENED: dict[str, dict[str, Any]] = {
    "kafka_controller_config.listeners": {"kafka_controller_config": {"listeners": "CONTROLLER://:9095,PLAINTEXT://:9096"}},
    "kafka_controller_host_config.listener.security.protocol.map": {
        "kafka_controller_host_config": {"listener.security.protocol.map": "CONTROLLER:PLAINTEXT"}
    },
    "kafka_controller_config.listener.name.controller.ssl.client.auth": {
        "kafka_controller_config": {"listener.name.controller.ssl.client.auth": "none"}
    },
    "kafka_controller_config.super.users": {"kafka_controller_config": {"super.users": "User:shop"}},
    "kafka_controller_config.authorizer.class.name": {"kafka_controller_config": {"authorizer.class.name": None}},
    "kafka_controller_group_config.allow.everyone.if.no.acl.found": {
        "kafka_controller_group_config": {"allow.everyone.if.no.acl.found": True}
    },
    "kafka_controller_config.early.start.listeners": {"kafka_controller_config": {"early.start.listeners": "CONTROLLER"}},
    "kafka_controller_config.ssl.enabled.protocols": {"kafka_controller_config": {"ssl.enabled.protocols": "TLSv1.1"}},
    "kafka_controller_jvm_flags": {"kafka_controller_jvm_flags": ["-Dcom.sun.management.jmxremote.port=9999"]},
    "kafka_controller_environment": {"kafka_controller_environment": {"JMX_PORT": "9999"}},
    "kafka_controller_jmx_exporter_config.httpServer": {"kafka_controller_jmx_exporter_config": {"httpServer": {}}},
    "kafka_broker_config.controller.listener.names": {"kafka_broker_config": {"controller.listener.names": "MINE"}},
}


@pytest.mark.parametrize("variable", OPENED)
def test_what_would_open_a_controller_is_refused(variable: str) -> None:
    lines = render(estate({"two": OPENED[variable]}).problems)
    assert any(line.startswith(f"two: {variable}: found ") and "security_profile: secured" in line for line in lines), lines


def test_settings_that_open_nothing_are_taken() -> None:
    values = {"controller.quorum.election.timeout.ms": 900, "controller.quorum.fetch.timeout.ms": 6000}
    assert not render(estate(kafka_controller_config=values).problems)


def test_a_live_controller_is_not_moved_by_a_word() -> None:
    row = {"component": "kafka_controller", "data_dirs": ["/data"]}
    observed = {"disks": {"/data": {"live": True}}, "authorities": {}}
    (problem,) = kept_stages({"two": {"components": [row], "secured": True}}, {"two": observed}, False)[0]
    assert "data of an estate that is open in /data" in str(problem)
