"""What an inventory asks for and no estate can have is refused by host and variable; what is right but unusual passes.

The roles, their defaults and the programs' options are the real ones.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.estate.kafka.plugins.module_utils.estate.problems import Undefined, render
from ansible_collections.estate.kafka.plugins.module_utils.estate.topology import plan
from real_estate import DEFINITIONS, ROLES

ROOT = Path(__file__).resolve().parents[3]
KAFKA = ("k1", "k2", "k3")
HOSTS = (*KAFKA, "z1")
GROUPS = {
    "all": HOSTS,
    "zookeeper": ("z1",),
    "kafka_broker": KAFKA,
    "kafka_main": KAFKA,
    "kafka_connect": ("k1", "k2"),
    "schema_registry": ("k3",),
    "elasticsearch": ("k3",),
    "prometheus": ("z1",),
    "alertmanager": ("z1",),
}
FLOW = {"source": "far", "source_bootstrap": "far.example.com:9092", "target": "main"}
AUTHORIZER = {"authorizer.class.name": "kafka.security.authorizer.AclAuthorizer"}
ACL = {"principal": "User:a", "operations": ["read"], "resource_type": "topic", "resource_name": "a"}
CLASS = {"connector.class": "org.example.X"}
# Of a broker with a second listener.
TWO = {
    "kafka_broker_listeners": ["PLAINTEXT://:9092", "CLIENT://:9097"],
    "kafka_broker_advertised_listeners": ["PLAINTEXT://{{ inventory_hostname }}:9092", "CLIENT://{{ inventory_hostname }}:9097"],
    "kafka_broker_config": {"listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CLIENT:PLAINTEXT"},
}


def lines(
    values: dict[str, Any], hosts: tuple[str, ...] = HOSTS, groups: Mapping[str, tuple[str, ...]] | None = None
) -> list[str]:
    """Return the problems of a sound estate after variables were given to some of its hosts."""
    groups = groups or GROUPS
    every: dict[str, dict[str, Any]] = {host: {} for host in groups["all"]}
    for number, host in enumerate(groups["kafka_broker"], 1):
        every[host] = {"kafka_broker_id": number, "kafka_broker_cluster": "main", "kafka_broker_chroot": "/main"}
    for host in groups["kafka_connect"]:
        every[host]["kafka_connect_cluster"] = "main"
    for host in groups["schema_registry"]:
        every[host]["schema_registry_cluster"] = "main"
    for number, host in enumerate(groups["zookeeper"], 1):
        every[host]["zookeeper_id"] = number
    for host in hosts:
        every[host] |= deepcopy(values)
    roles, definitions = ROLES, DEFINITIONS
    return render(plan(groups, {"kafka_main": groups["kafka_broker"]}, every, roles, definitions=definitions).problems)


def renamed(old: str, new: str) -> dict[str, tuple[str, ...]]:
    return {group: tuple(new if host == old else host for host in hosts) for group, hosts in GROUPS.items()}


# Values of every host -> a beginning of the message behind the hosts, and words of its remedy.
WRONG: list[tuple[dict[str, Any], str, str]] = [
    # Ranges and forms.
    ({"estate_versions": {"kafka-4": "3.9.2"}}, "estate_versions.kafka-4: found '3.9.2'", "Kafka 4"),
    ({"zookeeper_data_dir": "/opt/kafka/current/data"}, "zookeeper_data_dir", "in an installed release"),
    ({"kafka_broker_log_dirs": ["/opt/kafka/3.9.2/data"]}, "kafka_broker_log_dirs[0]", "in an installed release"),
    ({"kafka_broker_flags": ["-x"]}, "kafka_broker_flags", "Write kafka_broker_config"),
    ({"kafka_topics": [{"name": "a", "config": {"compression.gzip.level": 0}}]}, "kafka_topics[0].config", "one of -1, 1"),
    ({"kafka_broker_wait_timeout": 0}, "kafka_broker_wait_timeout: found 0", "at least 1"),
    ({"kafka_broker_log_retention_ms": -2}, "kafka_broker_log_retention_ms: found -2", "for ever"),
    ({"kafka_broker_log_segment_bytes": 2**31}, "kafka_broker_log_segment_bytes", "from 14 to"),
    ({"kafka_broker_num_partitions": 0}, "kafka_broker_num_partitions", "at least 1"),
    ({"kafka_broker_limit_nofile": -1}, "kafka_broker_limit_nofile", "at least 1"),
    ({"kafka_broker_uid": 0}, "kafka_broker_uid", "root"),
    ({"kafka_broker_user": "Kafka User"}, "kafka_broker_user: found 'Kafka User'", "letters, digits"),
    ({"elasticsearch_user": "root"}, "elasticsearch_user", "refuses to run as root"),
    ({"kafka_broker_log_file_size": "100 MB"}, "kafka_broker_log_file_size", "such as 50MB"),
    ({"kafka_broker_heap": "1m"}, "kafka_broker_heap", "such as 512m"),
    ({"preflight_disk_kafka_broker": -1}, "preflight_disk_kafka_broker", "at least 0"),
    ({"preflight_clock_skew_max": float("nan")}, "preflight_clock_skew_max", "a number"),
    ({"prometheus_scrape_interval": 15}, "prometheus_scrape_interval", "with its unit"),
    ({"prometheus_scrape_interval": "5s"}, "prometheus_scrape_timeout: found '10s'", "is 5s"),
    ({"prometheus_scrape_interval": "5m"}, "prometheus_scrape_interval: found '5m'", "at most 2m"),
    ({"prometheus_evaluation_interval": "2m1s"}, "prometheus_evaluation_interval: found '2m1s'", "at most 2m"),
    ({"prometheus_retention_size": "8G"}, "prometheus_retention_size", "8GB"),
    ({"prometheus_probe_tls": ["https://a:443"]}, "prometheus_probe_tls", "host:port"),
    ({"prometheus_external_labels": {"a-b": "c"}}, "prometheus_external_labels", "letters, digits"),
    ({"prometheus_rules": {"a/../b": {"groups": []}}}, "prometheus_rules", "names of files"),
    ({"alertmanager_retention": "5d"}, "alertmanager_retention", "hours"),
    (
        {"alertmanager_receivers": [{"name": "a"}], "alertmanager_receiver": "b"},
        "alertmanager_receiver: found 'b'",
        "there are a",
    ),
    ({"alertmanager_routes": [{"routes": [{"receiver": "b"}]}]}, "alertmanager_routes[0].receiver: found 'b'", "there are none"),
    ({"alertmanager_receivers": [{"nme": "a"}]}, "alertmanager_receivers[0].nme", "has no such key"),
    ({"alertmanager_receivers": [{"name": "a"}, {"name": "a"}]}, "alertmanager_receivers", "a name of its own"),
    ({"estate_mirror_url": "mirror.example.com"}, "estate_mirror_url", "http://"),
    ({"estate_artifact_sources": ["internet"]}, "estate_artifact_sources[0]: found 'internet'", "one of publisher"),
    ({"estate_artifact_sources": []}, "estate_artifact_sources", "at least one"),
    ({"estate_host_machines": "amd64"}, "estate_host_machines[0]", "x86_64"),
    ({"estate_versions": {"kafka": 3.9}}, "estate_versions.kafka: found 3.9", "in quotes"),
    ({"estate_versions": {"kafka": "v3.9.1"}}, "estate_versions.kafka", "such as"),
    ({"estate_versions": {"kafka": "4.0.0"}}, "estate_versions.kafka: found '4.0.0'", "Kafka 4 cannot run with ZooKeeper"),
    ({"estate_jmx_exporters": True}, "estate_jmx_exporters", "Write estate_jmx_exporter"),
    ({"schema_registry_topic": "a b"}, "schema_registry_topic", "name of a topic"),
    ({"schema_registry_topic": "__consumer_offsets"}, "schema_registry_topic", "not Kafka's own"),
    ({"kafka_connect_offset_topic": "x", "kafka_connect_status_topic": "x"}, "kafka_connect_status_topic", "of its own"),
    ({"kafka_connect_advertised_host": "same"}, "kafka_connect_advertised_host: found 'same'", "k1 of the same Connect"),
    ({"kafka_connect_advertised_host": "localhost"}, "kafka_connect_advertised_host", "other workers"),
    ({"kafka_connect_advertised_host": ""}, "kafka_connect_advertised_host", "Jetty"),
    # Paths, alone and together.
    ({"kafka_broker_log_dirs": []}, "kafka_broker_log_dirs", "at least one"),
    ({"kafka_broker_log_dirs": ["data"]}, "kafka_broker_log_dirs[0]: found 'data'", "absolute"),
    ({"kafka_broker_log_dirs": ["/a,/b"]}, "kafka_broker_log_dirs[0]", "entry of its own"),
    ({"kafka_broker_log_dirs": ["/a/../etc"]}, "kafka_broker_log_dirs[0]", "absolute"),
    ({"kafka_broker_log_dirs": ["/a\n"]}, "kafka_broker_log_dirs[0]", "absolute"),
    ({"kafka_broker_log_dirs": ["/a", "/a/"]}, "kafka_broker_log_dirs: found '/a/'", "this directory too"),
    ({"kafka_broker_log_dirs": ["/a", "/a/b"]}, "kafka_broker_log_dirs: found '/a/b'", "partition"),
    ({"kafka_broker_log_dirs": ["/tmp/kafka"]}, "kafka_broker_log_dirs[0]", "elsewhere"),
    ({"kafka_broker_log_dirs": ["/home/kafka"]}, "kafka_broker_log_dirs[0]", "elsewhere"),
    ({"zookeeper_data_dir": "/var/lib"}, "zookeeper_data_dir", "/var/lib/zookeeper"),
    ({"zookeeper_data_dir": "/"}, "zookeeper_data_dir", "/zookeeper"),
    ({"kafka_broker_log_dir": "/var/lib/kafka/data/log"}, "kafka_broker_log_dir", "partition"),
    ({"kafka_connect_log_dir": "/var/log/kafka"}, "kafka_connect_log_dir", "kafka_broker_log_dir has this directory"),
    ({"elasticsearch_data_dir": "/d", "kafka_broker_log_dirs": ["/d/k"]}, "kafka_broker_log_dirs", "only elasticsearch"),
    ({"kafka_broker_uid": 900, "kafka_connect_uid": 900}, "kafka_connect_uid: found 900", "kafka has this id too"),
    # Listeners.
    ({"kafka_broker_port": 9192, "kafka_broker_listeners": ["PLAINTEXT://:9092"]}, "kafka_broker_port: found 9192", "agree"),
    ({"kafka_broker_listeners": ["CLIENT://:9092"]}, "kafka_broker_listeners: found 'CLIENT://:9092'", "protocol.map"),
    ({"kafka_broker_listeners": ["PLAINTEXT:9092"]}, "kafka_broker_listeners: found 'PLAINTEXT:9092'", "NAME://host:port"),
    ({"kafka_broker_listeners": ["PLAINTEXT://::1:9092"]}, "kafka_broker_listeners", "NAME://host:port"),
    ({"kafka_broker_listeners": ["PLAINTEXT://:9092", "PLAINTEXT://:9095"]}, "kafka_broker_listeners", "name of its own"),
    ({"kafka_broker_listeners": ["PLAINTEXT://:9092", "SSL://:9092"]}, "kafka_broker_listeners", "port 9092 too"),
    ({"kafka_broker_listeners": ["PLAINTEXT://localhost:9092"]}, "kafka_broker_listeners", "No other host"),
    ({"kafka_broker_listeners": ["SASL_SSL://:9092"]}, "kafka_broker_advertised_listeners", "no listener PLAINTEXT"),
    ({"kafka_broker_advertised_listeners": ["PLAINTEXT://0.0.0.0:9092"]}, "kafka_broker_advertised_listeners", "Clients"),
    ({"kafka_broker_config": {"inter.broker.listener.name": "X"}}, "kafka_broker_listeners", "inter.broker.listener.name"),
    ({**TWO, "kafka_broker_jmx_exporter_port": 9097, "estate_jmx_exporter": True}, "kafka_broker_listeners", "has port 9097"),
    ({"kafka_connect_listeners": ["https://:8083"]}, "kafka_connect_port: found 8083", "agree"),
    ({"kafka_connect_listeners": [":8083"]}, "kafka_connect_listeners", "http://:8083"),
    # Behind the toolkit's back.
    ({"kafka_broker_jvm_flags": ["-Xms1g -Xmx4g"]}, "kafka_broker_jvm_flags[0]", "kafka_broker_heap"),
    ({"kafka_broker_jvm_flags": ["-XX:MaxRAMPercentage=75"]}, "kafka_broker_jvm_flags[0]", "kafka_broker_heap"),
    ({"kafka_broker_environment": {"JAVA_TOOL_OPTIONS": "-Xmx4g"}}, "kafka_broker_environment.JAVA_TOOL_OPTIONS", "heap"),
    ({"kafka_broker_environment": {"KAFKA_HEAP_OPTS": "-Xmx4g"}}, "kafka_broker_environment.KAFKA_HEAP_OPTS", "heap"),
    ({"kafka_broker_unit": {"Servce": {"Nice": 5}}}, "kafka_broker_unit: found a section [Servce]", "Service"),
    ({"kafka_broker_unit": {"Service": {"User": "root"}}}, "kafka_broker_unit.Service.User", "kafka_broker_user"),
    ({"kafka_broker_unit": "[Service]\nLimitNOFILE=5\n"}, "kafka_broker_unit.Service.LimitNOFILE", "kafka_broker_limit_nofile"),
    ({"zookeeper_config": {"dataLogDir": "/x"}}, "zookeeper_config.dataLogDir", "zookeeper_data_dir"),
    (
        {"kafka_broker_config": {"transaction.state.log.min.isr": 9}},
        "kafka_broker_config.transaction.state.log.min.isr",
        "at most",
    ),
    ({"kafka_broker_chroot": "/zookeeper"}, "kafka_broker_chroot", "for itself"),
    ({"kafka_broker_chroot": "/a/../b"}, "kafka_broker_chroot", "absolute"),
    ({"kafka_broker_chroot": "/a,b"}, "kafka_broker_chroot", "absolute"),
    ({"kafka_client": {"bootstrap.server": "a:1"}}, "kafka_client.bootstrap.server", "Write bootstrap.servers"),
    ({"kafka_client": {"security.protocol": "TLS"}}, "kafka_client.security.protocol", "sasl_ssl"),
    ({"kafka_client": {"socket.timeout.ms": "10s"}}, "kafka_client.socket.timeout.ms", "an integer from 10"),
    # Ports that no variable has.
    ({"kafka_connect_config": {"admin.listeners": "http://:9092"}}, "kafka_connect_config.admin.listeners", "port 9092 too"),
    ({"kafka_broker_jvm_flags": ["-Dcom.sun.management.jmxremote.port=8083"]}, "kafka_broker_jvm_flags[0]", "port 8083 too"),
    ({"prometheus_flags": ["--web.listen-address=:99999"]}, "prometheus_flags[0]", "from 1 to 65535"),
    ({"kafka_broker_environment": {"JMX_PORT": "9999"}}, "kafka_broker_environment.JMX_PORT", "starts Java itself"),
    # Flags of programs.
    ({"kafka_broker_jvm_flags": ["-Xlog:gc -XX:+UseG1GC"]}, "kafka_broker_jvm_flags[0]", "in another way"),
    ({"prometheus_flags": ["-web.enable-lifecycle"]}, "prometheus_flags[0]", "Write --web.enable-lifecycle"),
    ({"prometheus_flags": ["--web.x=1"]}, "prometheus_flags[0]: found '--web.x=1'", "list it in prometheus_unknown_options"),
    ({"kafka_broker_chroot": ""}, "kafka_broker_chroot: found ''", "'/' alone"),
    ({"kafka_broker_files": [{"path": "/etc/x", "content": "", "mode": "rw-r--r--"}]}, "kafka_broker_files[0].mode", "octal"),
    # A path of the toolkit's, in a directory that the inventory names or not.
    (
        {"kafka_broker_files": [{"path": "/etc/x", "content": ""}, {"path": "/etc/kafka//server.properties", "content": ""}]},
        "kafka_broker_files[1].path: found '/etc/kafka//server.properties'",
        "The toolkit writes this path itself",
    ),
    (
        {"kafka_broker_files": [{"path": "/a/b/cli.env", "content": ""}], "kafka_broker_config_dir": "/a/b"},
        "kafka_broker_files[0].path: found '/a/b/cli.env'",
        "The toolkit writes this path itself",
    ),
    (
        {"kafka_connect_files": [{"path": "/etc/kafka-connect/log4j.properties", "content": ""}]},
        "kafka_connect_files[0].path: found '/etc/kafka-connect/log4j.properties'",
        "The toolkit writes this path itself",
    ),
    (
        {"zookeeper_files": [{"path": "/etc/systemd/system/zookeeper.service", "content": ""}]},
        "zookeeper_files[0].path",
        "The toolkit writes this path itself",
    ),
    (
        {"prometheus_files": [{"path": "/usr/local/bin/promtool", "state": "link", "src": "/a"}]},
        "prometheus_files[0].path",
        "The toolkit writes this path itself",
    ),
    (
        {"elasticsearch_config": {"cluster.routing.allocation.disk.watermark.low": "95 percent"}},
        "elasticsearch_config.cluster.routing.allocation.disk.watermark.low",
        "85%",
    ),
    ({"kafka_topics": [{"name": date(2026, 11, 30)}]}, "kafka_topics[0].name", "in quotes"),
    ({"prometheus_flags": ["--web.enable-lifecyle"]}, "prometheus_flags[0]", "Write web.enable-lifecycle"),
    ({"alertmanager_flags": ["--cluster.pear=a:1"]}, "alertmanager_flags[0]", "Write cluster.peer"),
    # Objects inside the services.
    ({"kafka_topics": [{"name": "a b"}]}, "kafka_topics: found 'a b': not a topic name", "Use up to 249"),
    ({"kafka_topics": [{"name": "a"}, {"name": "a"}]}, "kafka_topics: found a: listed twice", "Keep one"),
    ({"kafka_topics": [{"name": "a.b"}, {"name": "a_b"}]}, "kafka_topics: found a_b", "Choose another name"),
    ({"kafka_topics": [{"name": "a", "partitions": 0}]}, "kafka_topics: found a: partitions is 0", "at least 1"),
    ({"kafka_topics": [{"name": "a", "replication_factor": 4}]}, "kafka_topics: found a: replication factor 4", "at most 3"),
    ({"kafka_topics": [{"name": "a", "replicas": [[1, 9]]}]}, "kafka_topics: found a: replicas on broker 9", "among 1, 2, 3"),
    ({"kafka_topics": [{"name": "a", "replicas": [["x"]]}]}, "kafka_topics: found a: replicas", "Write numbers"),
    ({"kafka_topics": [{"name": "a", "replicationfactor": 3}]}, "kafka_topics[0].replicationfactor", "write replication_factor"),
    ({"kafka_topics": [{"partitions": 3}]}, "kafka_topics[0].name: found nothing", "cannot be without"),
    ({"kafka_topics": [{"name": "t", "state": "gone"}]}, "kafka_topics[0].state: found 'gone'", "present, absent"),
    (
        {"kafka_acls": [ACL, {**ACL, "host": "client.example.com"}], "kafka_broker_config": AUTHORIZER},
        "kafka_acls: found allow User:a from client.example.com",
        "Give an IPv4",
    ),
    ({"kafka_acls": [{**ACL, "principal": "a"}], "kafka_broker_config": AUTHORIZER}, "kafka_acls", "such as User:a"),
    ({"kafka_acls": [{**ACL, "operations": ["read", "wirte"]}]}, "kafka_acls[0].operations[1]: found 'wirte'", "write write"),
    ({"kafka_quotas": [{"user": "a", "quotas": {"producer_byte_rate": "1MB"}}]}, "kafka_quotas: found user a", "a number"),
    ({"kafka_quotas": [{"quotas": {"producer_byte_rate": 1}}]}, "kafka_quotas", "Give user, client_id or ip"),
    ({"kafka_features": {"release": "4.3"}}, "kafka_features: found features", "is on ZooKeeper"),
    ({"kafka_features": {"levels": {"kraft.version": "1-IV0"}}}, "kafka_features: found kraft.version", "features describe"),
    (
        {"kafka_features": {"levels": {"metadata.versoin": 29}}},
        "found metadata.versoin, which no release has",
        "Write metadata.version",
    ),
    ({"kafka_features": {"levels": {"Share_Version": 1}}}, "found Share_Version", "Write share.version if"),
    ({"kafka_features": {"release": "5.0"}}, "kafka_features", "4.3"),
    ({"kafka_users": [{"name": "a"}]}, "kafka_users: found a (SCRAM-SHA-512): has no password", "Give it one"),
    ({"kafka_users": [{"name": "a", "password": "x", "iterations": 1}]}, "kafka_users", "4096"),
    ({"kafka_connectors": [{"name": "c", "config": {}}]}, "kafka_connectors: found c: config has no connector.class", "Name"),
    (
        {"kafka_connectors": [{"name": "c", "config": {**CLASS, "transforms": {"u": {"type": "T"}}}}]},
        "kafka_connectors: found c: config: transforms is a mapping",
        "transforms.u.type",
    ),
    ({"kafka_connectors": [{"name": "c", "config": {**CLASS, "tasks.max": 0}}]}, "kafka_connectors", "at least 1"),
    ({"schema_subjects": [{"name": "s", "schema": "{bad"}]}, "schema_subjects: found s: its schema is not valid JSON", "Correct"),
    ({"schema_subjects": [{"name": "s", "schema": "1", "schema_file": "/x"}]}, "schema_subjects: found s", "one of them"),
    ({"mirrors": [{**FLOW, "source_bootstrap": "far"}]}, "mirrors: found far → main: source_bootstrap with 'far'", "host:port"),
    ({"mirrors": [{**FLOW, "source_bootstrap": "far:99999"}]}, "mirrors", "host:port"),
    ({"mirrors": [{**FLOW, "sync_group_offset": False}]}, "mirrors[0].sync_group_offset", "write sync_group_offsets"),
]


@pytest.mark.parametrize(("values", "found", "remedy"), WRONG, ids=lambda case: str(case)[:60])
def test_what_can_never_work_is_refused(values: dict[str, Any], found: str, remedy: str) -> None:
    problems = lines(values)
    assert any(f": {found}" in line and remedy in line for line in problems), problems


RIGHT: list[dict[str, Any]] = [
    {},
    {"kafka_client": {"security.protocol": "SASL_SSL", "sasl.mechanism": "PLAIN", "acks": "all", "socket.timeout.ms": 9000}},
    {"prometheus_flags": ["--web.enable-lifecyle"], "prometheus_unknown_options": ["web.enable-lifecyle"]},
    {"alertmanager_flags": ["--cluster.peer=a:1", "--web.listen-address=:9999"], "kafka_connect_port": 83},
    {"kafka_broker_chroot": "/"},
    {"kafka_broker_log_dirs": ["/opt/kafka/data", "/opt/kafka-data/current"]},
    TWO,
    {"kafka_broker_listeners": ["PLAINTEXT://[::]:9092"], "kafka_connect_listeners": ["http://0.0.0.0:8083", "https://:8443"]},
    {"kafka_broker_port": 9192},
    {"kafka_broker_config": {"listener.security.protocol.map": Undefined("facts", later=True)}},
    {"kafka_broker_log_dirs": ["/data1/kafka", "/data2/kafka"], "zookeeper_data_dir": "/data1/zookeeper"},
    {"elasticsearch_data_dir": "/es/data", "elasticsearch_log_dir": "/es/data/logs"},
    {"kafka_broker_uid": 900, "kafka_connect_uid": 900, "kafka_connect_user": "kafka"},
    {"kafka_broker_user": "svc.kafka-01", "kafka_broker_group": ""},
    {"kafka_broker_log_retention_ms": -1, "kafka_topics_throttle": 0, "preflight_memory_reserve": 0},
    {
        "prometheus_scrape_interval": "1m30s",
        "prometheus_evaluation_interval": "2m",
        "alertmanager_retention": "1h30m",
        "prometheus_retention_size": "0",
    },
    {"alertmanager_receivers": [{"name": "a"}], "alertmanager_routes": [{"receiver": "a", "routes": [{"receiver": "a"}]}]},
    {"alertmanager_config": {"receivers": [{"name": "b"}]}, "alertmanager_receiver": "b"},
    {"estate_mirror_url": "http://[2001:db8::1]:8000/kafka", "estate_host_pythons": "3.11"},
    {"estate_versions": {"kafka": "3.9.1", "jmx-exporter": "1.0.1"}},
    {"kafka_broker_jvm_flags": ["-XX:+UseZGC", "-Xss512k", "-Xlog:gc*:file=/var/log/kafka/%t.log"]},
    {"kafka_broker_unit": {"Unit": {"After": "x.target"}, "Service": {"LimitNPROC": 8192, "Nice": -5}}},
    {"kafka_topics": [{"name": "a.b-c", "config": {"retention.ms": None}}, {"name": "x", "replicas": [["1", 2]]}]},
    {"kafka_topics": [{"name": "gone", "state": "absent"}, {"name": Undefined("facts", later=True)}]},
    {"kafka_acls": [{**ACL, "host": "2001:db8::1"}, {**ACL, "operations": "all"}], "kafka_broker_config": AUTHORIZER},
    {"kafka_quotas": [{"user": "<default>", "quotas": {"request_percentage": 12.5, "consumer_byte_rate": None}}]},
    {"kafka_users": [{"name": "앨리스", "password": 'p,="#!%$ \\'}, {"name": "gone", "state": "absent"}]},
    {"kafka_connectors": [{"name": "한글 이름", "config": {**CLASS, "topics": ["a", "b"], "empty": None}}]},
    {"schema_subjects": [{"name": "a/b", "compatibility": "FULL"}, {"name": "s", "schema": {"type": "string"}}]},
    {"mirrors": [{**FLOW, "topics": "a, b", "groups": ".*", "source_bootstrap": "[2001:db8::1]:9092, far.example.com:9093"}]},
]


def test_a_wrong_key_hides_nothing_in_the_other_items() -> None:
    problems = lines({"kafka_topics": [{"name": "a b"}, {"name": "x", "partition": 3}]})
    assert any("kafka_topics[1].partition: " in line for line in problems), problems
    assert any("kafka_topics: found 'a b': not a topic name" in line for line in problems), problems


@pytest.mark.parametrize("values", RIGHT, ids=lambda case: str(case)[:60])
def test_what_is_right_but_unusual_passes(values: dict[str, Any]) -> None:
    assert lines(values) == []


@pytest.mark.parametrize(
    "name", ["localhost", "127.0.0.1", "0.0.0.0", "fd00::5", "-a", "a..b", "a b", "브로커", "256.1.1.1", "a" * 64]
)
def test_a_name_by_which_no_other_host_reaches_it(name: str) -> None:
    problems = lines({}, hosts=(), groups=renamed("z1", name))
    assert any(line.startswith(f"{name}: inventory_hostname: found the name") for line in problems), problems


@pytest.mark.parametrize("name", ["zk_1", "10.0.0.5", "ZK1.Example.com", "zk1.example.com.", "a" * 63])
def test_an_unusual_name_of_a_host(name: str) -> None:
    assert lines({}, hosts=(), groups=renamed("z1", name)) == []


def test_one_host_alone_may_be_called_localhost() -> None:
    groups = {group: ("localhost",) if hosts else () for group, hosts in GROUPS.items()}
    values = {
        "kafka_broker_default_replication_factor": 1,
        "kafka_broker_min_insync_replicas": 1,
        "kafka_connect_replication_factor": 1,
        "schema_registry_replication_factor": 1,
    }
    assert lines(values, ("localhost",), groups) == []


def test_two_spellings_of_one_host() -> None:
    (line,) = (one for one in lines({}, hosts=(), groups=renamed("k2", "K1")) if "inventory_hostname" in one)
    assert line.startswith("K1: inventory_hostname: found the name 'K1' beside 'k1'")


@pytest.mark.parametrize(
    ("host", "variable", "value"),
    [
        ("k2", "kafka_topics", [{"name": "only-here"}]),
        ("k1", "kafka_users_update_password", "always"),
        ("k2", "kafka_connectors", [{"name": "c", "config": CLASS}]),
        ("k2", "kafka_connect_offset_topic", "other"),
        ("k2", "estate_versions", {"kafka": "3.9.1"}),
    ],
)
def test_what_is_one_for_several_hosts_must_be_the_same_on_all(host: str, variable: str, value: Any) -> None:
    problems = lines({variable: value}, hosts=(host,))
    assert any(f": {variable}: found " in line and "set it once" in line for line in problems), problems
    assert not [line for line in lines({variable: value}) if "set it once" in line]


@pytest.mark.parametrize(
    ("one", "other", "wrong"), [("/k", "/k/brokers", True), ("/k/config", "/k", True), ("/k", "/k/2", False)]
)
def test_a_chroot_inside_another(one: str, other: str, wrong: bool) -> None:
    groups = {**GROUPS, "kafka_connect": (), "schema_registry": ()}
    roles, definitions = ROLES, DEFINITIONS
    every: dict[str, dict[str, Any]] = {host: {} for host in HOSTS}
    for host, (cluster, chroot) in zip(KAFKA, [("a", one), ("b", other)]):
        every[host] = {
            "kafka_broker_id": 1,
            "kafka_broker_cluster": cluster,
            "kafka_broker_chroot": chroot,
            "kafka_broker_default_replication_factor": 1,
            "kafka_broker_min_insync_replicas": 1,
        }
    groups["kafka_broker"] = groups["kafka_main"] = KAFKA[:2]
    every["z1"]["zookeeper_id"] = 1
    problems = render(plan(groups, {}, every, roles, definitions=definitions).problems)
    assert any("Kafka itself has a znode" in line for line in problems) == wrong, problems
