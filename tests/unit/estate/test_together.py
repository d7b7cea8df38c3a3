"""What hosts of one estate must have alike or each for itself: told by host and variable before a host is touched."""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.estate.kafka.plugins.module_utils.estate.options import Definitions, load_definitions
from ansible_collections.estate.kafka.plugins.module_utils.estate.problems import render
from ansible_collections.estate.kafka.plugins.module_utils.estate.roles import meant, wanted_variables
from ansible_collections.estate.kafka.plugins.module_utils.estate.topology import plan
from hypothesis import given, settings
from hypothesis import strategies as st
from real_estate import ROLES

ROOT = Path(__file__).resolve().parents[3]
KAFKA = ("k1", "k2", "k3")
GROUPS: dict[str, tuple[str, ...]] = {
    "all": (*KAFKA, "z1"),
    "zookeeper": ("z1",),
    "kafka_broker": KAFKA,
    "kafka_connect": ("k1", "k2"),
    "schema_registry": ("k3",),
    "elasticsearch": ("k1", "k2", "k3"),
    "kibana": ("k1",),
    "grafana": ("k2",),
    "prometheus": ("z1",),
    "node_exporter": ("z1",),
    "cmak": ("k3",),
}


# By the versions that an inventory chooses.
BY_VERSIONS: dict[str, Definitions] = {}


def lines(values: dict[str, dict[str, Any]], groups: dict[str, tuple[str, ...]] | None = None) -> tuple[list[str], list[str]]:
    """Return problems and warnings of a sound estate after hosts (or 'all') were given variables."""
    every: dict[str, dict[str, Any]] = {host: {} for host in (groups or GROUPS)["all"]}
    for number, host in enumerate(KAFKA, 1):
        every[host] = {"kafka_broker_id": number, "kafka_broker_cluster": "main", "kafka_broker_chroot": "/main"}
        every[host] |= {"kafka_connect_cluster": "main", "schema_registry_cluster": "main"}
    every["z1"]["zookeeper_id"] = 1
    for host in every:
        every[host] |= deepcopy(values.get("all", {})) | deepcopy(values.get(host, {}))
    roles, definitions = ROLES, BY_VERSIONS
    versions = every["k1"].get("estate_versions", {})
    if str(versions) not in definitions:
        definitions[str(versions)] = load_definitions(ROOT, versions)
    found = plan(groups or GROUPS, {}, every, roles, definitions=definitions[str(versions)])
    return render(found.problems), render(found.warnings)


ACL = "kafka.security.authorizer.AclAuthorizer"
WRONG: list[tuple[dict[str, dict[str, Any]], str, str]] = [
    ({"k1": {"ansible_host": "10.0.0.1"}, "k2": {"ansible_host": "10.0.0.1"}}, "k2: ansible_host: found '10.0.0.1'", "k1 has"),
    (
        {"k1": {"ansible_host": "10.0.0.1"}, "k2": {"ansible_host": "10.0.0.1", "ansible_port": "22"}},
        "k2: ansible_host: found '10.0.0.1'",
        "k1 has",
    ),
    (
        {"all": {"kafka_broker_advertised_listeners": ["PLAINTEXT://Broker.example.com:9092"]}},
        "k2, k3: kafka_broker_advertised_listeners",
        "k1 of the same cluster",
    ),
    ({"k2": {"kafka_broker_rack": "r1"}}, "k1: kafka_broker_rack: found no rack for k1, k3", "or none"),
    (
        {"k2": {"kafka_broker_host_config": {"authorizer.class.name": ACL}}},
        "k1: kafka_broker_config.authorizer.class.name: found none on k1, k3",
        "the same one",
    ),
    ({"all": {"kafka_connect_status_topic": "_schemas"}}, "kafka_connect_status_topic: found topic '_schemas'", "of its own"),
    ({"all": {"kafka_connect_config_topic": "connect-cluster-offsets"}}, "kafka_connect_config_topic", "of its own"),
    (
        {"k1": {"kafka_connect_group_id": "a"}, "k2": {"kafka_connect_offset_topic": "a-offsets"}},
        "k2: kafka_connect_offset_topic",
        "of a is this topic",
    ),
    ({"all": {"zookeeper_config": {"clientPortAddress": "127.0.0.1"}}}, "z1: zookeeper_config.clientPortAddress", "Nobody"),
    ({"all": {"elasticsearch_network_host": "_local_"}}, "elasticsearch_network_host: found '_local_'", "Nobody"),
    ({"k2": {"elasticsearch_host_config": {"http": {"host": "localhost"}}}}, "k2: elasticsearch_", "Nobody"),
    ({"k3": {"elasticsearch_cluster_name": "other"}}, "k3: elasticsearch_cluster_name: found 'other'", "k1 has 'estate'"),
    ({"all": {"elasticsearch_config": {"node.roles": ["data"]}}}, "k1: elasticsearch_config.node.roles", "the master"),
    ({"all": {"elasticsearch_config": {"bootstrap.memory_lock": True}}}, "bootstrap.memory_lock", "LimitMEMLOCK"),
    ({"all": {"estate_versions": {"elasticsearch": "9.0.0"}}}, "k1: estate_versions: found Kibana", "of its own version"),
    ({"all": {"estate_versions": {"kibana": "8.99.0"}}}, "k1: estate_versions: found Kibana 8.99.0", "of its own version"),
    ({"all": {"cmak_ensemble": "other"}}, "k3: cmak_ensemble: found 'other'", "Known: zookeeper"),
    ({"all": {"cmak_znode": "cmak/"}}, "k3: cmak_znode", "absolute"),
    ({"all": {"cmak_znode": "/main"}}, "k3: cmak_znode", "chroot of cluster main"),
    ({"all": {"kibana_config": {"server": {"port": 5602}}}}, "k1: kibana_config.server.port: found 5602", "kibana_port"),
    ({"all": {"grafana_host_config": {"server.http_port": 3001}}}, "k2: grafana_host_config.server.http_port", "grafana_port"),
    ({"all": {"node_exporter_config": {"web.listen-address": ":1"}}}, "z1: node_exporter_config", "node_exporter_port"),
    ({"all": {"elasticsearch_environment": {"ES_PATH_CONF": "/x"}}}, "elasticsearch_environment.ES_PATH_CONF", "config_dir"),
    ({"all": {"elasticsearch_environment": {"ES_JAVA_OPTS": "-Xmx4g"}}}, "elasticsearch_environment", "elasticsearch_heap"),
    (
        {"all": {"kafka_broker_user": "svc", "kafka_broker_uid": 901, "schema_registry_user": "svc", "schema_registry_uid": 902}},
        "k3: schema_registry_uid: found 902",
        "gives svc the id 901",
    ),
    ({"all": {"kafka_broker_uid": 65535}}, "kafka_broker_uid: found 65535", "systemd"),
    ({"all": {"kafka_broker_log_retention_ms": 0}}, "kafka_broker_log_retention_ms: found 0", "for ever"),
    ({"all": {"elasticsearch_cluster_name": "a:b"}}, "elasticsearch_cluster_name: found 'a:b'", "':'"),
    (
        {"all": {"kibana_config": {"server.basePath": "kibana"}}},
        "k1: kibana_config.server.basePath: found 'kibana'",
        "begin with",
    ),
    (
        {"all": {"kibana_config": {"server": {"publicBaseUrl": "http://k1/"}}}},
        "k1: kibana_config.server.publicBaseUrl",
        "end with",
    ),
    ({"all": {"alertmanager_repeat_interval": "0s"}}, "alertmanager_repeat_interval: found '0s'", "more than 0"),
    ({"all": {"kafka_broker_rack": "r\n1"}}, "kafka_broker_rack", "one line"),
    ({"all": {"elasticsearch_java_home": "jdk"}}, "elasticsearch_java_home: found 'jdk'", "absolute"),
    ({"all": {"kafka_broker_heap": 4}}, "kafka_broker_heap: found 4", "such as 512m"),
    ({"all": {"estate_versions": {"kafka": "3.9"}}}, "estate_versions.kafka: found '3.9'", "three numbers"),
    (
        {"all": {"kafka_connect_listeners": ["http://:8083", "http://127.0.0.1:8083"]}},
        "kafka_connect_listeners: found 'http://127.0.0.1:8083'",
        "port 8083 too",
    ),
    (
        {"all": {"kafka_broker_listeners": ["PLAINTEXT://:9092/"]}},
        "kafka_broker_listeners: found 'PLAINTEXT://:9092/'",
        "NAME://",
    ),
    (
        {"all": {"kafka_broker_config": {"listener.security.protocol.map": "PLAINTEXT:PLAINTXT"}}},
        "kafka_broker_config.listener.security.protocol.map: found 'PLAINTXT' for PLAINTEXT",
        "SASL_SSL",
    ),
    (
        {"all": {"kafka_broker_config": {"control.plane.listener.name": "PLAINTEXT"}}},
        "kafka_broker_config.control.plane.listener.name",
        "none yet",
    ),
]


@pytest.mark.parametrize(("values", "found", "remedy"), WRONG, ids=lambda case: str(case)[:70])
def test_what_does_not_fit_is_refused(values: dict[str, dict[str, Any]], found: str, remedy: str) -> None:
    problems, _ = lines(values)
    assert any(found in line and remedy in line for line in problems), problems


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"k1": {"ansible_host": "10.0.0.1", "ansible_port": 22}, "k2": {"ansible_host": "10.0.0.1", "ansible_port": 2222}},
        {"all": {"ansible_host": "engine", "ansible_connection": "community.docker.docker"}},
        {"all": {"kafka_broker_rack": "r1"}},
        {"all": {"zookeeper_heap": "1T", "kafka_connect_replication_factor": -1}},
        {"k2": {"kafka_broker_advertised_listeners": ["PLAINTEXT://lb.example.com:19092"]}},
        {"all": {"kafka_broker_config": {"authorizer.class.name": ACL}}},
        {"k1": {"kafka_connect_group_id": "a"}, "k2": {"kafka_connect_group_id": "b"}},
        {"all": {"elasticsearch_network_host": "_site_"}},
        {"all": {"elasticsearch_network_host": "127.0.0.1", "elasticsearch_config": {"network.bind_host": "0.0.0.0"}}},
        {"k1": {"elasticsearch_host_config": {"node.roles": ["master"]}}},
        {
            "all": {
                "elasticsearch_config": {"bootstrap.memory_lock": True},
                "elasticsearch_unit": {"Service": {"LimitMEMLOCK": "infinity"}},
            }
        },
        {"all": {"kibana_config": {"server.name": "x", "server.basePath": "/kibana"}}},
        {"all": {"grafana_config": {"server.root_url": "https://grafana.example.com/"}}},
        {"all": {"kafka_broker_config": {"listener.security.protocol.map": "PLAINTEXT:plaintext"}}},
    ],
    ids=str,
)
def test_what_fits_passes(values: dict[str, dict[str, Any]]) -> None:
    assert lines(values)[0] == []


@settings(max_examples=12, deadline=None)
@given(st.lists(st.sampled_from(["", "r1", "r2"]), min_size=3, max_size=3))
def test_racks_are_for_all_brokers_of_a_cluster_on_zookeeper_or_for_none(racks: list[str]) -> None:
    problems, _ = lines({host: {"kafka_broker_rack": rack} for host, rack in zip(KAFKA, racks)})
    assert bool(problems) == (0 < racks.count("") < 3)


@pytest.mark.parametrize(
    ("group", "hosts", "wrong"),
    [
        ("kafka_brokers", ("x1",), True),
        ("kafka-connect", ("z1",), True),
        ("Zookeeper", ("z1",), False),
        ("zookeepers", ("z1",), False),
        ("datacenter_a", ("x1",), False),
        ("kafka_brokers", ("k1", "z1"), False),
    ],
)
def test_a_group_but_for_a_letter(group: str, hosts: tuple[str, ...], wrong: bool) -> None:
    groups = {**GROUPS, "all": (*GROUPS["all"], "x1"), group: hosts}
    problems, _ = lines({}, groups)
    assert bool(problems) == wrong
    assert not wrong or problems[0].startswith(f"group {group}: groups: found {hosts[0]} in group")


@pytest.mark.parametrize(
    ("written", "right"),
    [
        ("KAFKA_BROKER_PORT", "kafka_broker_port"),
        ("kafka_heap", "kafka_broker_heap"),
        ("kafka_listeners", "kafka_broker_listeners"),
        ("broker_id", "kafka_broker_id"),
        ("connect_port", "kafka_connect_port"),
        ("zk_port", "zookeeper_client_port"),
        ("zk_data_dir", "zookeeper_data_dir"),
        ("es_heap", "elasticsearch_heap"),
        ("kafka_version", "estate_versions: {kafka: …}"),
    ],
)
def test_a_variable_by_another_s_name_is_told(written: str, right: str) -> None:
    assert wanted_variables(ROLES)(written)
    problems, warnings = lines({"all": {written: 1}})
    assert problems == []
    assert any(f": {written}: found 1. Nothing reads this variable. Write {right} if" in line for line in warnings), warnings


@pytest.mark.parametrize("name", ["kafka-broker-port", "kafka.broker.port", "Kafka-Broker-Port"])
def test_what_is_no_name_of_a_variable_is_of_no_use_to_anybody(name: str) -> None:
    (line,), _ = lines({"all": {name: 1}})
    assert f": {name}: found 1. Nothing reads this variable. Write kafka_broker_port if" in line


@pytest.mark.parametrize("name", ["kafka_team_email", "datacenter", "broker", "connect", "kafka_topics", "ansible_port"])
def test_other_variables_are_nobody_s_business(name: str) -> None:
    assert meant(name, {"kafka_topics", "kafka_broker_port", "kafka_connect_port"}) == ""
