"""Every refusal names the file and line of the value, or of the nearest thing that has a line: true and null have none."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.estate.kafka.plugins.module_utils.estate.places import nearest
from command_line import of_project
from hypothesis import given
from hypothesis import strategies as st


class Written(str):
    """A text that knows its line, as ansible-core's do."""

    line: int


def written(text: str, line: int) -> Written:
    found = Written(text)
    found.line = line
    return found


def line_of(value: Any) -> str:
    return str(value.line) if isinstance(value, Written) else ""


TOPICS = [
    {
        written("name", 2): written("a", 2),
        written("config", 3): {written("retention.ms", 4): None, written("b", 5): [True, None]},
    },
    {written("name", 6): written("c", 6)},
    [None, [written("deep", 8)]],
]


@pytest.mark.parametrize(
    ("inside", "line"),
    [
        ("", "2"),
        ("[0]", "2"),
        ("[0].name", "2"),
        ("[0].config", "3"),
        ("[0].config.retention.ms", "4"),
        ("[0].config.retention", "3"),
        ("[0].config.b[1]", "5"),
        ("[0].config.b[7]", "5"),
        ("[0].partitions", "2"),
        ("[1].nothing.here[3]", "6"),
        ("[2][0]", "8"),
        ("[9]", "2"),
    ],
)
def test_the_nearest_line_is_taken(inside: str, line: str) -> None:
    assert nearest(TOPICS, inside, line_of) == line


def test_what_has_no_line_anywhere_has_none() -> None:
    assert nearest([{"name": None}], "[0].name", line_of) == ""


VALUES = st.recursive(
    st.none() | st.booleans() | st.text(max_size=3).map(lambda text: written(text, 7)),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("ab.[0]", min_size=1, max_size=4), inner, max_size=3),
    max_leaves=8,
)


@given(VALUES, st.text("ab.[01]", max_size=8))
def test_any_path_into_any_value_of_a_list_with_a_line_ends_at_one(value: Any, inside: str) -> None:
    assert nearest([written("x", 7), value], f"[1]{inside}", line_of) == "7"


INVENTORY = """\
all:
  children:
    zookeeper: {hosts: {z1.example.com: {zookeeper_id: 1}}}
    kafka_broker:
      children:
        kafka_one:
          vars: {kafka_broker_cluster: one, kafka_broker_chroot: /one}
          hosts:
            b1.example.com: {kafka_broker_id: 1}
            b2.example.com: {kafka_broker_id: 2}
            b3.example.com: {kafka_broker_id: 3}
    kafka_connect: {hosts: {b1.example.com: }, vars: {kafka_connect_cluster: one}}
    schema_registry: {hosts: {b1.example.com: }, vars: {schema_registry_cluster: one}}
    prometheus: {hosts: {z1.example.com: }}
"""
OBJECTS = """\
shared:
  - name: clicks
    partitions: 0
kafka_topics: "{{ shared + [] }}"
kafka_quotas:
  - {user: shop, quotas: {producer_byte_rate: 10}}
  - user: web
    quotas:
      consumer_byte_rate: 0
kafka_users:
  - name: shop
    password: secret-of-the-shop
    iterations: 12
kafka_broker_files:
  - path: /etc/kafka/mine
    content: ""
  - path: "{{ kafka_broker_config_dir }}/server.properties"
    content: ""
kafka_broker_jvm_flags: [-Xmx1g]
"""
OF_ALL = """\
mirrors:
  - source: one
    target: far
    target_bootstrap: far.example.com:9092
  - source: far
    source_bootstrap: far.example.com:9092
    target: one
    tasks: 0
    checkpoint: perhaps
"""
CONNECTORS = """\
kafka_connectors:
  - name: files
    config:
      connector.class: org.example.FileSink
      topics: [a]
      topics.regex: "b.*"
  - name: more
    config:
      connector.class: org.example.Any
      tasks.max: none
"""
RULES = """\
prometheus_alerts:
  KafkaBrokerDown: {for: 1m}
  NobodysAlert: {for: 5m}
prometheus_rules:
  mine:
    groups:
      - name: g
        rules:
          - alert: A
            expr: up == 0
            for: true
"""
SUBJECTS = """\
schema_subjects:
  - name: a-value
    schema:
      type: enum
      name: E
      symbols: [A, no]
  - name: b-value
    schema_file: /nowhere/b.avsc
"""


def test_each_object_is_refused_with_its_file_and_line(tmp_path: Path) -> None:
    (tmp_path / "hosts.yml").write_text(INVENTORY)
    parts = {"kafka_one": OBJECTS, "all": OF_ALL, "kafka_connect": CONNECTORS, "schema_registry": SUBJECTS, "prometheus": RULES}
    for group, text in parts.items():
        (tmp_path / f"group_vars/{group}").mkdir(parents=True)
        (tmp_path / f"group_vars/{group}/main.yml").write_text(text)
    done = of_project().run("ansible", "all[0]", "-i", tmp_path / "hosts.yml", "-m", "estate.kafka.topology")
    lines = json.loads(done.stdout[done.stdout.index("=> {") + 3 :])["problems"]
    for group, number, words in (
        ("kafka_one", 3, "kafka_topics: found clicks: partitions is 0"),
        ("kafka_one", 9, "kafka_quotas: found user web: consumer_byte_rate is 0"),
        ("kafka_one", 13, "kafka_users: found shop (SCRAM-SHA-512): iterations is 12"),
        ("kafka_one", 17, "kafka_broker_files[1].path: found '/etc/kafka/server.properties'"),
        ("kafka_one", 19, "kafka_broker_jvm_flags[0]: found '-Xmx1g'"),
        ("all", 9, "mirrors[1].checkpoint: found 'perhaps'"),
        ("kafka_connect", 6, "kafka_connectors: found files: a sink with both topics and topics.regex"),
        ("kafka_connect", 10, "kafka_connectors: found more: tasks.max is 'none'"),
        ("prometheus", 3, "prometheus_alerts.NobodysAlert: found an alert that the toolkit does not have"),
        ("prometheus", 11, "prometheus_rules.mine.groups[0].rules[0].for: found True"),
        ("schema_registry", 3, "schema_subjects: found a-value: its schema has the symbol False in E"),
        ("schema_registry", 8, "schema_subjects: found b-value: schema_file /nowhere/b.avsc cannot be read"),
    ):
        (line,) = [line for line in lines if words in line]
        assert f"group_vars/{group}/main.yml:{number})" in line, line
    assert "secret-of-the-shop" not in done.stdout + done.stderr


def test_a_value_without_a_place_of_its_own_and_one_that_hides_another_have_theirs(tmp_path: Path) -> None:
    """Neither null, true, false nor a date has one: the name of the variable in the file that counts has."""
    (tmp_path / "hosts.yml").write_text(INVENTORY)
    texts = {
        "all/main.yml": "kafka_broker_config: {num.io.threads: 16}\nkafka_broker_rack: !unsafe a\n",
        "kafka_one/main.yml": "kafka_broker_cluster: one\nkafka_topics:\nkafka_broker_rack: 2026-11-30\n",
        "kafka_one/more.yml": "kafka_broker_host_config: yes\n\nkafka_broker_config: {background.threads: 12}\n",
    }
    for name, text in texts.items():
        (tmp_path / "group_vars" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "group_vars" / name).write_text(text)
    done = of_project().run("ansible", "all[0]", "-i", tmp_path / "hosts.yml", "-m", "estate.kafka.topology")
    lines = json.loads(done.stdout[done.stdout.index("=> {") + 3 :])["problems"]
    for name, words in (
        ("kafka_one/main.yml:2", "kafka_topics: found None"),
        ("kafka_one/main.yml:3", "kafka_broker_rack: found 2026-11-30, which YAML reads as a date"),
        ("kafka_one/more.yml:1", "kafka_broker_host_config: found True"),
        ("kafka_one/more.yml:3", "kafka_broker_config: found the mapping of group kafka_one"),
        ("all/main.yml:1", "which has num.io.threads. Ansible takes one of them whole"),
    ):
        (line,) = [line for line in lines if words in line]
        assert f"group_vars/{name})" in line, line


def test_a_value_of_the_command_line_is_in_no_file(tmp_path: Path) -> None:
    (tmp_path / "hosts.yml").write_text(INVENTORY)
    (tmp_path / "group_vars").mkdir()
    (tmp_path / "group_vars/zookeeper.yml").write_text("zookeeper_tick_time: 2000\n")
    given = ["-e", "zookeeper_tick_time=soon"]
    done = of_project().run("ansible", "all[0]", "-i", tmp_path / "hosts.yml", "-m", "estate.kafka.topology", *given)
    lines = json.loads(done.stdout[done.stdout.index("=> {") + 3 :])["problems"]
    (line,) = [line for line in lines if "zookeeper_tick_time" in line]
    assert "found 'soon'" in line and "zookeeper.yml" not in line
