"""Rules for whole kinds of mistakes, among them numbers that YAML reads otherwise, members that differ, and passwords."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from ansible.module_utils.common.yaml import yaml_load
from ansible_collections.estate.kafka.plugins.module_utils.estate.hidden import Level, unread_sections
from ansible_collections.estate.kafka.plugins.module_utils.estate.inventory_files import unread_keys
from ansible_collections.estate.kafka.plugins.module_utils.estate.misread import misread
from ansible_collections.estate.kafka.plugins.module_utils.estate.object_options import check_flow
from ansible_collections.estate.kafka.plugins.module_utils.estate.problems import Undefined, render
from ansible_collections.estate.kafka.plugins.module_utils.estate.shadows import unread
from ansible_collections.estate.kafka.plugins.module_utils.estate.templates import unknown_host
from ansible_collections.estate.kafka.plugins.module_utils.estate.topology import plan
from ansible_collections.estate.kafka.plugins.module_utils.estate.weakness import weakness
from ansible_collections.estate.kafka.plugins.module_utils.kafka.lines import LINE_4
from ansible_collections.estate.kafka.plugins.module_utils.registry.avro import avro_mistakes
from ansible_collections.estate.kafka.plugins.plugin_utils import written
from command_line import of_project
from hypothesis import assume, given
from hypothesis import strategies as st
from real_estate import DEFINITIONS, ROLES, ROOT

KAFKA = ("k1", "k2", "k3")
HOSTS = (*KAFKA, "z1", "z2", "z3")
GROUPS: dict[str, tuple[str, ...]] = {
    "all": HOSTS,
    "zookeeper": ("z1", "z2", "z3"),
    "kafka_broker": KAFKA,
    "kafka_main": KAFKA,
    "kafka_connect": ("k1", "k2"),
    "schema_registry": ("k3",),
    "elasticsearch": ("k2", "k3"),
    "kibana": ("k3",),
    "cmak": ("z1",),
    "prometheus": ("z1",),
    "alertmanager": ("z1",),
    "blackbox_exporter": ("z1",),
    "kafka_exporter": ("z1",),
    "elasticsearch_exporter": ("z1",),
}
OF_ROLE = {
    "kafka_connect": {"kafka_connect_cluster": "main"},
    "schema_registry": {"schema_registry_cluster": "main"},
    "kafka_exporter": {"kafka_exporter_cluster": "main"},
    "cmak": {"cmak_password": "k9-Xw2.ppQ4"},
}


def lines(values: Mapping[str, Mapping[str, Any]], warnings: bool = False, **more: Any) -> list[str]:
    """Return the problems of a sound estate after hosts (or 'all') were given variables."""
    every: dict[str, dict[str, Any]] = {host: {} for host in HOSTS}
    for number, host in enumerate(KAFKA, 1):
        every[host] = {"kafka_broker_id": number, "kafka_broker_cluster": "main", "kafka_broker_chroot": "/main"}
    for number, host in enumerate(GROUPS["zookeeper"], 1):
        every[host]["zookeeper_id"] = number
    for role, needed in OF_ROLE.items():
        for host in GROUPS[role]:
            every[host] |= needed
    for name, variables in values.items():
        for host in HOSTS if name == "all" else (name,):
            every[host] |= variables
    made = plan(GROUPS, {"kafka_main": KAFKA}, every, ROLES, definitions=DEFINITIONS, **more)
    return render(made.warnings if warnings else made.problems)


ALERTS = {"receivers": [{"name": "a"}]}
AUTHORIZER = {"authorizer.class.name": "kafka.security.authorizer.AclAuthorizer"}
ACL = {"principal": "User:a", "operations": ["read"], "resource_type": "topic", "resource_name": "a"}
DEAD = {"connector.class": "org.example.X", "topics": "a, b"}


def rule(expression: str) -> dict[str, Any]:
    return {"own": {"groups": [{"name": "a", "rules": [{"alert": "X", "expr": expression}]}]}}


def told_by(**ways: Any) -> dict[str, Any]:
    return {"alertmanager_receivers": [{"name": "a", **ways}], "alertmanager_receiver": "a"}


WRONG: list[tuple[dict[str, dict[str, Any]], str, str]] = [
    # Members that differ.
    ({"k1": {"kafka_broker_message_max_bytes": 10485760}}, "kafka_broker_message_max_bytes: found 10485760 on k1", "one cluster"),
    (
        {"k1": {"kafka_broker_host_config": {"auto.create.topics.enable": True}}},
        "auto.create.topics.enable: found true on",
        "one",
    ),
    (
        {"k2": {"kafka_broker_host_config": {"log.cleanup.policy": "compact"}}},
        "found delete on k1, k3, compact on k2",
        "one cluster",
    ),
    ({"z1": {"zookeeper_host_config": {"tickTime": 3000}}}, "zookeeper_host_config.tickTime: found 3000 on z1", "one ensemble"),
    ({"k2": {"kafka_connect_key_converter": "a.B"}}, "kafka_connect_key_converter: found", "one Connect cluster"),
    # Confirmations of one run.
    ({"k1": {"kafka_topics_confirm_delete": ["a"]}}, "kafka_topics_confirm_delete: found ['a']", "for every run"),
    ({"all": {"estate_take_over": "7f"}}, "estate_take_over: found '7f'", "for every run"),
    ({"k1": {"kafka_connectors_restart": ["a"]}, "k2": {"kafka_connectors_restart": ["a"]}}, "kafka_connectors_restart", "-e"),
    # Where Ansible logs in.
    ({"k1": {"ansible_host": "ssh://10.0.0.1"}}, "ansible_host: found 'ssh://10.0.0.1'", "a port is ansible_port"),
    ({"k1": {"ansible_host": "10.0.0.1:22"}}, "ansible_host", "a port is ansible_port"),
    ({"k1": {"ansible_host": "10.0.0.300"}}, "ansible_host: found '10.0.0.300'", "a name or an address"),
    ({"k1": {"ansible_host": "a b"}}, "ansible_host", "a name or an address"),
    ({"k1": {"ansible_port": "ssh"}}, "ansible_port: found 'ssh'", "from 1 to 65535"),
    ({"k1": {"ansible_port": 0}}, "ansible_port: found 0", "from 1 to 65535"),
    ({"k1": {"ansible_python_interpreter": "/usr/bin/python2.7"}}, "ansible_python_interpreter", "Python 3"),
    # Addresses of others.
    (
        {"all": {"kafka_broker_listeners": ["PLAINTEXT://k1:9092"]}},
        "kafka_broker_listeners: found the address k1",
        "Only k1 has it",
    ),
    (
        {"k2": {"ansible_host": "10.0.0.2"}, "k3": {"elasticsearch_network_host": "10.0.0.2"}},
        "elasticsearch_network_host",
        "Only k2",
    ),
    ({"k3": {"kibana_address": "k1"}}, "kibana_address: found the address k1", "Only k1 has it"),
    # Hosts.
    ({"all": {"kafka_broker_java": "/usr/lib/jvm/java-17-openjdk-amd64"}}, "kafka_broker_java", "amd64/bin/java"),
    ({"all": {"elasticsearch_java_home": "/usr/bin/java"}}, "elasticsearch_java_home", "a folder with bin/java"),
    ({"all": {"kafka_broker_limit_nofile": 100}}, "kafka_broker_limit_nofile: found 100", "at least 1024"),
    ({"all": {"elasticsearch_limit_nofile": 16384}}, "elasticsearch_limit_nofile: found 16384", "at least 65535"),
    ({"all": {"kafka_broker_log_dirs": ["/etc/kafka/data"]}}, "kafka_broker_log_dirs[0]", "programs and settings"),
    ({"all": {"zookeeper_data_dir": "/usr/share/zookeeper"}}, "zookeeper_data_dir", "programs and settings"),
    # Behind the toolkit's back.
    (
        {"all": {"kafka_broker_jvm_flags": ["-Dlog4j.configuration=file:/x"]}},
        "kafka_broker_jvm_flags[0]",
        "kafka_broker_log4j_config",
    ),
    ({"all": {"elasticsearch_jvm_flags": ["-Des.path.conf=/x"]}}, "elasticsearch_jvm_flags[0]", "elasticsearch_config_dir"),
    (
        {"all": {"kafka_broker_unit": {"Service": {"TimeoutStopSec": 9}}}},
        "kafka_broker_unit.Service.TimeoutStopSec",
        "stop_timeout",
    ),
    ({"all": {"schema_registry_config": {"quarkus.http.port": 8099}}}, "quarkus.http.port", "schema_registry_backend_port"),
    ({"all": {"schema_registry_config": {"apicurio.kafkasql.bootstrap.servers": "a:1"}}}, "bootstrap.servers", "_cluster"),
    (
        {"all": {"kafka_exporter_config": {"kafka.server": ["a:1"]}}},
        "kafka_exporter_config.kafka.server",
        "kafka_exporter_cluster",
    ),
    ({"all": {"elasticsearch_exporter_config": {"es.uri": "http://a"}}}, "es.uri", "group elasticsearch"),
    ({"all": {"kibana_config": {"elasticsearch.hosts": ["http://a:9200"]}}}, "elasticsearch.hosts", "group elasticsearch"),
    ({"all": {"cmak_config": {"cmak.zkhosts": "a:2181"}}}, "cmak_config.cmak.zkhosts", "cmak_ensemble"),
    ({"all": {"blackbox_exporter_config": {"modules": {}}}}, "blackbox_exporter_config.modules", "blackbox_exporter_modules"),
    ({"all": {"prometheus_config": {"scrape_configs": []}}}, "prometheus_config.scrape_configs", "prometheus_scrape_configs"),
    ({"all": {"prometheus_config": {"rule_files": []}}}, "prometheus_config.rule_files", "prometheus_rules"),
    ({"all": {"alertmanager_config": {"route": {"receiver": "me"}}}}, "alertmanager_config.route.receiver: found 'me'", "nobody"),
    ({"all": {"alertmanager_config": {"route": {"reciever": "a"}, **ALERTS}}}, "alertmanager_config.route.reciever", "receiver"),
    (
        {"all": {"alertmanager_config": ALERTS, "alertmanager_receivers": [{"name": "b"}]}},
        "alertmanager_receivers",
        "alertmanager_config.receivers stands in its place",
    ),
    # Objects and what watches them.
    (
        {"all": {"kafka_topics": [{"name": "__consumer_offsets", "partitions": 3}]}},
        "partitions 3 for a topic of Kafka's own",
        "out",
    ),
    ({"all": {"kafka_topics": [{"name": "_schemas", "state": "absent"}]}}, "state absent, and a schema registry", "Take it out"),
    (
        {"all": {"kafka_topics": [{"name": "_schemas", "config": {"cleanup.policy": "delete"}}]}},
        "cleanup.policy delete: a schema registry or Connect keeps its state in it",
        "Write compact",
    ),
    (
        {"all": {"kafka_broker_config": AUTHORIZER, "kafka_acls": [ACL, {**ACL, "permission": "deny"}]}},
        "User:a may read by one entry and may not by another",
        "remove one of them",
    ),
    (
        {"all": {"kafka_connectors": [{"name": "c", "config": {**DEAD, "errors.deadletterqueue.topic.name": "a"}}]}},
        "errors.deadletterqueue.topic.name is a, which is one of topics",
        "Write another topic",
    ),
    (
        {"z1": {"kibana_address": "127.0.0.1:5601"}, "k3": {"kibana_address": "127.0.0.1:5601"}},
        "kibana_address",
        "without a port",
    ),
    ({"all": {"prometheus_alerts": {"HostDown": {"for": "5 minutes"}}}}, "prometheus_alerts.HostDown.for", "such as 30s"),
    ({"all": {"prometheus_alerts": {"HostDown": {"level": "x"}}}}, "prometheus_alerts.HostDown.level", "for, labels"),
    ({"all": {"prometheus_scrape_configs": [{"job_name": "a"}, {"job_name": "a"}]}}, "[1].job_name: found 'a'", "no other has"),
    (
        {"all": {"prometheus_scrape_configs": [{"job_name": "a", "static_configs": [{"targets": ["http://a:9100/metrics"]}]}]}},
        "[0].static_configs[0].targets[0]: found 'http://a:9100/metrics'",
        "Write host:port",
    ),
    ({"all": {"prometheus_rules": rule("sum(rate(x[5m])")}}, "prometheus_rules.own.groups[0].rules[0].expr", "A ) is missing"),
    ({"all": {"prometheus_rules": rule('up{job="a"} == 0)')}}, "rules[0].expr", "closes no bracket"),
    ({"all": told_by(email_configs=[{"to": "a@b.c"}])}, "email_configs[0].smarthost: found nothing", "smtp_smarthost"),
    ({"all": told_by(webhook_configs=[{}])}, "webhook_configs[0].url: found nothing", "nobody is told"),
    ({"all": told_by(webhook_configs=[{"url": "a.b"}])}, "webhook_configs[0].url", "begins with http://"),
    ({"all": told_by(slack_configs=[{"channel": "x"}])}, "slack_configs[0].api_url: found nothing", "slack_api_url"),
    ({"all": {"kafka_broker": {"heap": "4g"}}}, "kafka_broker: found a mapping with heap", "kafka_broker_heap"),
    (
        {"all": {"prometheus_config": {"global": {}}, "prometheus_scrape_interval": "30s"}},
        "prometheus_scrape_interval",
        "prometheus_config.global stands in its place",
    ),
]


@pytest.mark.parametrize(("values", "found", "remedy"), WRONG, ids=lambda case: str(case)[:70])
def test_what_is_wrong_by_its_kind_is_refused(values: dict[str, dict[str, Any]], found: str, remedy: str) -> None:
    assert any(found in line and remedy in line for line in lines(values)), lines(values)


RIGHT: list[dict[str, dict[str, Any]]] = [
    {},
    {"k1": {"kafka_broker_host_config": {"num.io.threads": 32, "num.replica.fetchers": 4}}},
    {"k1": {"kafka_broker_host_config": {"auto.create.topics.enable": "false", "log.cleanup.policy": ["delete"]}}},
    {"k1": {"kafka_broker_host_config": {"log.cleanup.policy": Undefined("facts", later=True)}}},
    {"all": {"kafka_broker_message_max_bytes": 10485760, "zookeeper_config": {"tickTime": 3000}}},
    {"z1": {"zookeeper_host_config": {"maxClientCnxns": 200}}},
    {"all": {"kafka_topics_confirm_delete": [], "estate_take_over": "", "kafka_topics_prune": True}},
    {"k1": {"ansible_host": "2001:db8::1", "ansible_port": "2222"}, "k2": {"ansible_host": "fe80::1%eth0"}},
    {"k1": {"ansible_host": "kafka_one"}, "k2": {"ansible_host": "{{ address }}", "ansible_port": "{{ port }}"}},
    {"all": {"kafka_broker_listeners": ["PLAINTEXT://{{ inventory_hostname }}:9092"]}},
    {"all": {"kafka_broker_java": "/opt/jdk-17/bin/java", "elasticsearch_java_home": "/opt/jdk-17"}},
    {"all": {"kafka_broker_java": "/usr/local/bin/stand-in-java", "kafka_broker_limit_nofile": 1024}},
    {"all": {"zookeeper_unit": {"Service": {"TimeoutStopSec": 30}}}},
    {"all": {"schema_registry_config": {"apicurio.kafkasql.topic": "journal", "apicurio.rules.global": "x"}}},
    {"all": {"prometheus_config": {"global": {"scrape_interval": "1m"}, "alerting": {"alertmanagers": []}}}},
    {"all": {"alertmanager_config": {"route": {"receiver": "a", "routes": [{"receiver": "a"}]}, **ALERTS}}},
    {"all": {"prometheus_rules": rule('sum by (a) (rate(x{b=~"(c|d", e!=")"}[5m:1m])) # (')}},
    {"all": {"prometheus_alerts": {"HostDown": {"for": "5m", "labels": {"a": "b"}}, "Other": None}}},
    {"all": {**told_by(email_configs=[{"to": "a", "from": "b", "smarthost": "c:25"}])}},
    {"all": {**told_by(slack_configs=[{"channel": "x"}]), "alertmanager_global": {"slack_api_url_file": "/x"}}},
    {"all": {"kafka_topics": [{"name": "__consumer_offsets", "replication_factor": 3}, {"name": "_schemas", "partitions": 1}]}},
    {"all": {"kafka_topics": [{"name": "_schemas", "config": {"cleanup.policy": "delete", "retention.ms": -1}}]}},
    {"all": {"kafka_broker_config": AUTHORIZER, "kafka_acls": [ACL, {**ACL, "permission": "deny", "host": "10.0.0.5"}]}},
    {"k3": {"kibana_address": "0.0.0.0"}, "z1": {"cmak_address": "::"}},
    {"all": {"blackbox_exporter_modules": {"icmp": {"prober": "icmp"}}, "blackbox_exporter_config": {"x": 1}}},
]


@pytest.mark.parametrize("values", RIGHT, ids=lambda case: str(case)[:70])
def test_what_is_right_passes(values: dict[str, dict[str, Any]]) -> None:
    assert lines(values) == []


def test_a_confirmation_of_the_command_line_passes() -> None:
    assert lines({"all": {"kafka_topics_confirm_delete": ["a"]}}, command_line=["kafka_topics_confirm_delete"]) == []


def test_everything_as_root_is_a_warning() -> None:
    assert any("ansible_become: found True" in line for line in lines({"k1": {"ansible_become": True}}, warnings=True))


# Numbers as YAML reads them.


def misspelt(text: str, as_text: bool) -> bool:
    """Return whether a number of this text is used as something else than was written."""
    value = yaml_load(text)
    return bool(list(misread([value], [str(value) if as_text else value], lambda found: text)))


@pytest.mark.parametrize("text", ["010", "0777", "12:30", "1_000", "0x1F", "0b11", "+7", "1:2:3", "-010", "1.50"])
def test_a_text_is_the_one_that_was_written(text: str) -> None:
    assert misspelt(text, as_text=True)


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        *((text, True) for text in ("010", "-010", "007", "1:30:00")),
        *((text, False) for text in ("1_000", "0x10", "0", "0.5", "10", "-3")),
    ],
)
def test_a_number_is_not_one_of_another_base(text: str, wrong: bool) -> None:
    assert misspelt(text, as_text=False) is wrong


@given(st.integers())
def test_no_decimal_number_is_misread(number: int) -> None:
    assert not misspelt(str(number), as_text=True)
    assert not misspelt(str(number), as_text=False)


@given(st.integers(60, 10**9))
def test_every_number_in_another_base_is_told(number: int) -> None:
    assert misspelt(f"0{number:o}", as_text=False)
    assert misspelt(f"{number // 60}:{number % 60:02}", as_text=False)
    assert misspelt(f"{number:#x}", as_text=True)


def test_places_of_numbers_lead_through_lists_and_mappings() -> None:
    found = {"a": [{"b": 8}, 8], "c": True, "files": [{"mode": 416}]}
    texts = {8: "010", 416: "0640"}
    assert [path for path, _, _ in misread(found, found, lambda value: texts[value])] == [".a[0].b", ".a[1]"]


def test_the_text_of_a_number_is_read_at_its_place(monkeypatch: pytest.MonkeyPatch) -> None:
    places = {1: "/f.yml:2:5", 2: "/f.yml:2:10", 3: "/f.yml:1:1", 4: "/none.yml:1:1", 5: "/f.yml:7:1", 6: ""}
    monkeypatch.setattr(written, "_origin", lambda value: places[value])

    def read(path: str) -> str:
        if path != "/f.yml":
            raise OSError
        return "version: 3.9.1\na: [010, 12:30]  # 7\n"

    of = written.Spelling(read).of
    assert [of(number) for number in places] == ["010", "12:30", "", "", "", ""]


def test_a_file_of_an_inventory_is_looked_at(tmp_path: Path) -> None:
    folder = tmp_path / "a/b"
    shutil.copytree(ROOT / "inventories/examples/single-cluster", folder)
    (folder / "group_vars/kafka_main/more.yml").write_text("kafka_broker_rack: 010\nkafka_broker_num_partitions: 0_6\n")
    hosts = folder / "hosts.yml"
    hosts.write_text(hosts.read_text().replace("schema_registry:\n      hosts:", "schema_registry:\n      host:"))
    run = of_project().run
    first = run("ansible", "all[0]", "-i", folder, "-m", "estate.kafka.topology", joined=True)
    assert "the key 'host'" in first.stdout and "Write hosts if that is meant" in first.stdout, first.stdout
    hosts.write_text(hosts.read_text().replace("host:\n", "hosts:\n"))
    done = run("ansible", "all[0]", "-i", folder, "-m", "estate.kafka.topology", joined=True)
    assert "kafka_broker_rack: found 010, which YAML reads as 8" in done.stdout, done.stdout
    assert "more.yml:1). Put it in quotes, or write 10" in done.stdout


def test_the_message_says_what_was_written_and_shows_no_secret() -> None:
    def text(value: Any) -> str:
        return {8: "010", 83: "0123"}.get(value, str(value)) if not isinstance(value, bool) else ""

    (line,) = lines({"k1": {"kafka_broker_config": {"num.io.threads": 8}}}, spelt=text)
    assert "kafka_broker_config.num.io.threads: found 010, which YAML reads as 8. Put it in quotes, or write 10" in line
    secret = lines({"z1": {"cmak_password": 83}}, spelt=text)
    assert any("cmak_password: found a secret value, a number" in line for line in secret) and "0123" not in str(secret)


# The inventory's own file.


@pytest.mark.parametrize(
    ("content", "key", "remedy"),
    [
        ({"all": {"children": {"a": {"host": {"h": None}}}}}, "'host'", "Write hosts"),
        ({"all": {"chlidren": {}}}, "'chlidren'", "Write children"),
        ({"all": {"children": {"a": {"var": {"x": 1}}}}}, "'var'", "Write vars"),
        ({"kafka_broker_rack": "a"}, "'kafka_broker_rack'", "Move variables into a file of group_vars"),
        ({"a": {"broker1": {"kafka_broker_id": 1}}}, "'broker1'", "Write hosts, children or vars before it"),
    ],
)
def test_a_key_that_ansible_passes_over_is_named(content: Any, key: str, remedy: str) -> None:
    (line,) = render(unread_keys(content, lambda key: ""))
    assert key in line and remedy in line


@pytest.mark.parametrize(
    "content", [None, [], {"plugin": "x", "groups": {}}, {"all": None}, {"a": {"hosts": {}, "vars": None, "children": None}}]
)
def test_what_ansible_reads_is_no_mistake(content: Any) -> None:
    assert unread_keys(content, lambda key: "") == []


# Passwords.


@pytest.mark.parametrize(
    ("password", "name"),
    [
        ("shopshopshop", "shop"),
        ("shop12345678", "shop"),
        ("esuoheraw", "warehouse"),
        ("Sh0p-sh0p", "shop"),
        ("Password-2024!", "shop"),
        ("P4ssw0rd1", "x"),
        ("aaaaaaaaaaaa", "x"),
        ("123456789012", "x"),
        ("abababababab", "x"),
        ("grafana123", "grafana"),
        ("admin-admin-admin", "admin"),
    ],
)
def test_a_password_that_is_soon_guessed(password: str, name: str) -> None:
    assert weakness(password, (name,))


@pytest.mark.parametrize(
    "password", ["shop-x7Kq9mZp2", "correct horse battery staple", "비밀번호여덟자리임", "feeds-the-estate-7"]
)
def test_a_password_with_a_name_in_it_may_be_a_good_one(password: str) -> None:
    assert weakness(password, ("shop",)) == ""


@given(
    st.from_regex(r"[a-z]{3,12}", fullmatch=True),
    st.sampled_from(["{0}", "{0}{0}", "{0}-{0}", "{1}", "{0}123", "{0}{1}!", "2024{0}"]),
)
def test_no_password_is_made_of_its_user_s_name(name: str, form: str) -> None:
    assume(len(set(name)) > 1)
    assert weakness(form.format(name, name[::-1]), (name,))


@given(st.binary(min_size=12, max_size=24))
def test_what_openssl_makes_is_never_refused(made: bytes) -> None:
    assume(len(set(made.hex())) > 7)
    assert weakness(made.hex(), ("shop", "kafka", "abc")) == ""


# Rights and secrets of a secured estate are in tests/unit/security. Schemas:

DEFAULTS: list[tuple[Any, Any, bool]] = [
    ("int", 0, True),
    ("int", "0", False),
    ("int", 2**31, False),
    ("long", 2**31, True),
    ("boolean", 1, False),
    ("double", 1, True),
    ("string", None, False),
    (["null", "int"], None, True),
    (["int", "null"], None, False),
    (["int", "null"], 3, True),
    ({"type": "array", "items": "string"}, [], True),
    ({"type": "array", "items": "string"}, [1], False),
    ({"type": "array", "items": "string"}, {}, False),
    ({"type": "map", "values": "long"}, {"a": 1}, True),
    ({"type": "map", "values": "long"}, [], False),
    ({"type": "enum", "name": "E", "symbols": ["P", "Q"]}, "P", True),
    ({"type": "enum", "name": "E", "symbols": ["P", "Q"]}, "R", False),
    ({"type": "record", "name": "R", "fields": [{"name": "x", "type": "int"}]}, {"x": 1}, True),
    ({"type": "record", "name": "R", "fields": [{"name": "x", "type": "int"}]}, {}, False),
    ({"type": "int", "logicalType": "date"}, 3, True),
    ({"type": "int", "logicalType": "date"}, "2024-01-01", False),
]


@pytest.mark.parametrize(("kind", "default", "fits"), DEFAULTS, ids=str)
def test_the_default_of_a_field_is_of_its_type(kind: Any, default: Any, fits: bool) -> None:
    schema = {"type": "record", "name": "A", "fields": [{"name": "x", "type": kind, "default": default}]}
    assert (avro_mistakes(schema) == []) is fits


def test_a_default_of_the_wrong_branch_of_a_union_is_told_as_that() -> None:
    schema = {"type": "record", "name": "A", "fields": [{"name": "x", "type": ["int", "null"], "default": None}]}
    assert "put the type of the default first in the union" in avro_mistakes(schema)[0]


# Settings of MirrorMaker.


@pytest.mark.parametrize(
    ("kind", "settings", "words"),
    [
        ("source", {"offset.lag.maxx": 100}, "Write offset.lag.max"),
        ("source", {"offset-syncs.topic.location": "there"}, "source, target"),
        ("checkpoint", {"emit.checkpoints.interval.seconds": "sixty"}, "an integer"),
        ("checkpoint", {"sync.topic.acls.enabled": False}, "no such option"),
        ("all", {"refresh.topics.interval.second": 5}, "refresh.topics.interval.seconds"),
        ("source", {"consumer.fetch.max.wait.msec": 5}, "consumer.fetch.max.wait.ms"),
    ],
)
@pytest.mark.parametrize("line", ["", LINE_4])
def test_a_setting_of_a_flow_that_nothing_reads(kind: str, settings: dict[str, Any], words: str, line: str) -> None:
    (complaint,) = check_flow(kind, settings, DEFINITIONS.of(line))
    assert words in complaint.remedy


@pytest.mark.parametrize("line", ["", LINE_4])
def test_settings_of_a_flow_that_mirrormaker_reads(line: str) -> None:
    settings = {
        "sync.topic.acls.enabled": False,
        "emit.checkpoints.interval.seconds": 10,
        "consumer.fetch.max.wait.ms": None,
        "producer.override.linger.ms": 20,
        "source.consumer.max.poll.records": 100,
        "target.cluster.security.protocol": "PLAINTEXT",
        "key.converter": "org.apache.kafka.connect.converters.ByteArrayConverter",
        "transforms": "a",
        "transforms.a.type": "x.Y",
        "replication.policy.own": "z",
        "replication.policy.separator": "_",
    }
    assert check_flow("all", settings, DEFINITIONS.of(line)) == []
    assert check_flow("source", {"my.plugin.x": 1}, DEFINITIONS.of(line), ("my.plugin.",)) == []


def test_names_that_are_one_host_s() -> None:
    def told(other: str) -> tuple[list[str], list[str]]:
        hosts = ("node1.example.com", other)
        groups = {"all": hosts, "zookeeper": hosts[:1], "node_exporter": hosts}
        made = plan(groups, {}, {hosts[0]: {"zookeeper_id": 1}, other: {}}, ROLES)
        return render(made.problems), render(made.warnings)

    assert "write it in one way" in told("node1")[0][0]
    problems, warnings = told("node1.exmaple.com")
    assert problems == [] and "the name 'node1.exmaple.com' beside 'node1.example.com'" in warnings[0]
    assert "the name 'node-1.example.com' beside" in told("node-1.example.com")[1][0]
    for other in ("node2.example.com", "node1.example.org", "node1.dc2.example.com"):
        assert told(other) == ([], [])


@pytest.mark.parametrize(
    ("text", "host"),
    [
        ("{{ hostvars['a'].x }}", "a"),
        ('{{ hostvars["b"]["x"] }}', ""),
        ("{{ hostvars[item].x }}", ""),
        ("{{ hostvars.get('c') }}", "c"),
    ],
)
def test_a_host_that_a_template_asks_and_nobody_has(text: str, host: str) -> None:
    assert unknown_host(text, {"b"}) == host


def test_sections_of_an_inventory_in_a_file_of_variables() -> None:
    levels = [Level("group a", (1, 1), {"vars": {"x": 1}, "hosts": "text"}), Level("host b", (9, 0), {"y": 2})]
    (line,) = render(unread_sections("b", levels, lambda value: "f.yml:1"))
    assert line.startswith("b: vars: found a mapping of group a (f.yml:1), which nothing reads. Write what is in it")


def test_a_template_of_variables_is_not_read(tmp_path: Path) -> None:
    folder = tmp_path / "group_vars/a"
    folder.mkdir(parents=True)
    for name in ("main.yml.j2", "README.md", "old.yml.bak", "ok.yml"):
        (folder / name).write_text("x: 1")
    (line,) = render(unread([tmp_path], {"a"}, ["", ".yml", ".yaml", ".json"]))
    assert "main.yml.j2, which Ansible does not read. Name it main.yml." in line


BIG = {"kafka_topics": [{"name": "big", "config": {"max.message.bytes": 20971520}}]}
FLOW = {"source": "main", "target": "far", "target_bootstrap": "far.example.com:9092"}


@pytest.mark.parametrize(
    ("flow", "workers", "told"),
    [
        ({"topics": ["big"]}, {}, True),
        ({"topics": ["b.*"]}, {}, True),
        ({"topics": ["small"]}, {}, False),
        ({"topics": ["b.*"], "topics_exclude": ["big"]}, {}, False),
        ({"topics": ["big"], "config": {"source": {"producer.override.max.request.size": 20971520}}}, {}, False),
        ({"topics": ["big"], "config": {"all": {"producer.override.max.request.size": 2097152}}}, {}, True),
        ({"topics": ["big"]}, {"kafka_connect_config": {"producer.max.request.size": 20971520}}, False),
        ({"topics": ["(?i:BIG)(?<n>x)?"]}, {}, False),
    ],
    ids=str,
)
def test_records_that_a_flow_cannot_carry(flow: dict[str, Any], workers: dict[str, Any], told: bool) -> None:
    values = {**BIG, "mirrors": [{**FLOW, **flow}], **workers}
    found = lines({"all": values}, warnings=True)
    assert any("kafka_topics[0].config.max.message.bytes: found 20971520" in line for line in found) is told, found
