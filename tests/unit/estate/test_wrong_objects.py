"""Objects that no Kafka, Connect, registry or monitoring takes are refused; what works, however unusual, passes."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.estate.kafka.plugins.module_utils.connect.settings import wrong_settings
from ansible_collections.estate.kafka.plugins.module_utils.kafka.quotas.plan import Wanted
from ansible_collections.estate.kafka.plugins.module_utils.kafka.quotas.plan import refusals as quota_refusals
from ansible_collections.estate.kafka.plugins.module_utils.registry.avro import avro_mistakes
from fastavro import parse_schema
from hypothesis import given, settings
from hypothesis import strategies as st
from test_wrong_values import ACL, AUTHORIZER, FLOW, GROUPS, lines

OWN = {**GROUPS, "kibana": ("k3",)}
SINK = {"connector.class": "com.example.ParquetSink"}
VIEW = {"id": "v", "title": "logs-*"}
CHART = {"type": "visualization", "id": "c", "attributes": {"title": "C"}}
OPS = {
    "alertmanager_receivers": [{"name": "night-shift", "email_configs": [{"to": "a@example.com"}]}],
    "alertmanager_global": {"smtp_from": "estate@example.com", "smtp_smarthost": "mail.example.com:25"},
}


def topic(**config: Any) -> dict[str, Any]:
    return {"kafka_topics": [{"name": "t", "config": {key.replace("_", "."): value for key, value in config.items()}}]}


def acl(**options: Any) -> dict[str, Any]:
    return {"kafka_acls": [{**ACL, **options}], "kafka_broker_config": AUTHORIZER}


def quota(values: dict[str, Any], **whom: str) -> dict[str, Any]:
    return {"kafka_quotas": [{**(whom or {"user": "u"}), "quotas": values}]}


def connector(config: dict[str, Any]) -> dict[str, Any]:
    return {"kafka_connectors": [{"name": "c", "config": config}]}


def subject(schema: Any, **more: Any) -> dict[str, Any]:
    return {"schema_subjects": [{"name": "s", "schema": schema, **more}]}


def rules(*rules: Any, **group: Any) -> dict[str, Any]:
    return {"prometheus_rules": {"f": {"groups": [{"name": "g", "rules": list(rules), **group}]}}}


def route(**options: Any) -> dict[str, Any]:
    return {**OPS, "alertmanager_routes": [{"receiver": "night-shift", "routes": [options]}]}


WRONG: list[tuple[dict[str, Any], str]] = [
    (topic(min_compaction_lag_ms=90_000, max_compaction_lag_ms="60000"), "write at most as much"),
    (topic(remote_storage_enable="true"), "remote.log.storage.system.enable"),
    (
        {**topic(remote_storage_enable=True, cleanup_policy=["delete", "compact"]), "kafka_broker_config": {}},
        "no segments of compacted",
    ),
    (acl(principal="USER:a"), "Write User:a"),
    (acl(principal="User: shop"), "Write User:shop"),
    (acl(principal="Group:ops "), "Write Group:ops"),
    (quota({"consumer_byte_rate": 0.5}), "whole numbers"),
    (quota({"producer_byte_rate": 1e19}), "whole numbers"),
    (quota({"connection_creation_rate": 2**31}, ip="10.1.1.1"), "whole numbers"),
    (quota({"connection_creation_rate": 5}, ip="192.168.0.0/16"), "Kafka has no quotas for networks"),
    (quota({"connection_creation_rate": 5}, ip="192.168.0.*"), "Kafka has no quotas for networks"),
    (quota({"connection_creation_rate": 5}, ip="fd00::/8"), "Kafka has no quotas for networks"),
    (quota({"producer_byte_rate": 5}, user="User:a", client_id="c"), "Write user: a"),
    ({"kafka_users": [{"name": "User:a", "password": "x"}]}, "Write name: a"),
    ({"kafka_users": [{"name": "a", "password": "x"}], "kafka_users_login": {"security.protocol": "SASL_SSL"}}, "host:port"),
    ({"kafka_users": [{"name": "a", "password": "x"}], "kafka_users_update_password": "changed"}, "Give login"),
    (connector({**SINK, "file": "/x"}), "neither topics nor topics.regex"),
    (connector({**SINK, "topics": " , ", "topics.regex": ""}), "found c: "),
    (connector({**SINK, "topics": "a,b c"}), "'b c', and no topic has such a name"),
    (connector({**SINK, "topics.regex": "(a"}), "no pattern of Java"),
    (connector({**SINK, "topics": ["x", "y"], "errors.deadletterqueue.topic.name": "y"}), "another topic"),
    (connector({**SINK, "topics": "x", "transforms": "one, two", "transforms.two.type": "T"}), "transforms.one.type"),
    (connector({**SINK, "topics": "x", "predicates": ["p", "p"], "predicates.p.type": "P"}), "name each once".capitalize()),
    (
        connector({**SINK, "topics": "x", "transforms": "m", "transforms.m.type": "T", "transforms.m.predicate": "q"}),
        "List it there",
    ),
    (connector({"connector.class": "org/example/Sink.java"}), "no name of a Java class"),
    (connector({"connector.class": "X", "name": "d"}), "Leave it out"),
    ({"mirrors": [{**FLOW, "target_alias": ""}]}, "leave it out"),
    ({"mirrors": [{**FLOW, "source_alias": "x" * 240}]}, "alias 'xxx"),
    ({"mirrors": [{**FLOW, "config": {"source": {"replication.policy.separator": "::"}}}]}, "separator '::'"),
    ({"mirrors": [{**FLOW, "topics": ["new orders"]}]}, "no topic has such a name"),
    (subject({"type": "record", "name": "R", "fields": [{"name": "id", "type": "uuid"}]}), "a type 'uuid' in R.id"),
    (
        subject({"type": "record", "name": "R", "fields": [{"name": "a", "type": "int"}, {"name": "a", "type": "int"}]}),
        "twice in R",
    ),
    (subject({"type": "record", "name": "R", "fields": [{"name": "a"}]}), "a field without a type in R"),
    (subject({"type": "error", "name": "first-class", "fields": []}), "the name 'first-class'"),
    (subject('{"type": "enum", "name": "E", "symbols": ["A", "B", "A"]}'), "the symbol 'A' twice"),
    (subject({"type": "enum", "name": "E", "symbols": [True]}), "the symbol True"),
    (subject({"type": "array"}), "without items"),
    (subject({"type": "fixed", "name": "F", "size": "16"}), "without a size"),
    (subject(["null", ["string"]]), "a union in a union"),
    (subject({"fields": []}), "without a type"),
    (subject(3), "has 3 for a type"),
    (subject(["x"], schema_type="JSON"), "no JSON schema"),
    (subject({"message": "M"}, schema_type="PROTOBUF"), "Write it as a text"),
    ({"prometheus_rules": {"f": {"group": []}}}, "write groups if that is meant"),
    (rules({"alert": "A", "expr": "up", "severity": "page"}), "rules[0].severity"),
    (rules({"alert": "A", "record": "r", "expr": "up"}), "one of alert and record"),
    (rules({"expr": "up"}), "one of alert and record"),
    (rules({"alert": "A"}), "rules[0].expr"),
    (rules({"record": "r", "expr": "up", "for": "1m"}), "Only an alert has it"),
    (rules({"alert": "A", "expr": "up", "keep_firing_for": "1 h"}), "a duration"),
    (rules({"alert": "A", "expr": "up", "annotations": ["x"]}), "annotations"),
    (rules(interval=30), "a duration"),
    ({"prometheus_rules": {"f": {"groups": [{"name": "g"}, {"name": "g"}]}}}, "a name of its own"),
    (route(recievers="x"), "write receiver if that is meant"),
    (route(repeat_interval=4), "routes[0].repeat_interval"),
    (route(matchers=["severity"]), "Write a matcher"),
    (route(matchers="severity=page"), "It must be a list"),
    (route(match=["a"]), "labels and values"),
    (route(active_time_intervals=["office-hours"]), "time_intervals in alertmanager_config"),
    ({"alertmanager_inhibit_rules": [{"equal": "cluster"}]}, "It must be a list"),
    (
        {"alertmanager_receivers": [{"name": "a"}, {"name": "b"}, {"name": "a"}]},
        "alertmanager_receivers[2].name: found a secret value",
    ),
    ({"alertmanager_receivers": [{"name": "a", "webhook_config": []}]}, "Write webhook_configs"),
    ({"alertmanager_receivers": [{"name": "a", "email_configs": {"to": "b"}}]}, "a list of mappings"),
    ({"kibana_data_views": [VIEW, {**VIEW, "title": "x"}]}, "an id of its own"),
    ({"kibana_saved_objects": [{**CHART, "attributes": "{}"}]}, "a mapping"),
    ({"kibana_saved_objects": [{**CHART, "references": [{"id": "v", "type": "index-pattern"}]}]}, "type, id and name"),
    ({"kibana_saved_objects": [CHART, CHART]}, "no other of the type"),
    ({"kibana_saved_objects": [{**CHART, "update_at": "2026-01-01"}]}, "no such key"),
    ({"kibana_saved_objects": [{"exportedCount": 1, "missingRefCount": 0}]}, "summary at the end of an export"),
]


@pytest.mark.parametrize(("values", "words"), WRONG, ids=lambda case: str(case)[:60])
def test_what_nothing_takes_is_refused(values: dict[str, Any], words: str) -> None:
    problems = lines(values, groups=OWN)
    assert any(words in line for line in problems), problems


RIGHT: list[dict[str, Any]] = [
    topic(min_compaction_lag_ms=60_000, max_compaction_lag_ms=60_000, cleanup_policy="compact,delete"),
    {
        **topic(remote_storage_enable=True),
        "kafka_broker_config": {
            "remote.log.storage.system.enable": True,
            "remote.log.storage.manager.class.name": "org.example.S3",
            "remote.log.metadata.manager.listener.name": "PLAINTEXT",
        },
    },
    acl(principal="Group:ops"),
    acl(principal="User:CN=a b,O=c", resource_type="group", resource_name="any thing *"),
    quota({"request_percentage": 0.5, "controller_mutation_rate": 2.5, "producer_byte_rate": "1e6"}),
    quota({"connection_creation_rate": 1}, ip="client7"),
    quota({"connection_creation_rate": 1}, ip="fd00::7"),
    quota({}),
    connector({**SINK, "topics.regex": r"(a|b)\.[^x]{1,3}"}),
    connector({**SINK, "topics": "${file:/etc/topics.properties:list}"}),
    connector({"connector.class": "JdbcSource", "topics": "a b", "transforms": ""}),
    connector({"connector.class": "a.B$C", "transforms": "t", "transforms.t.type": "T", "transforms.other.type": "U"}),
    connector(
        {
            **SINK,
            **{"topics": "a", "transforms": "t", "transforms.t.type": "T", "transforms.t.predicate": "p"},
            **{"predicates": "p", "predicates.p.type": "P"},
        }
    ),
    {"mirrors": [{**FLOW, "source_alias": "x_y-1", "topics": ["a.b", "(x|y)-.*"], "groups": ["주문 그룹"]}]},
    subject({"type": "record", "name": "a.b.R", "fields": [{"name": "next", "type": ["null", "R"], "default": None}]}),
    subject(
        {"type": "record", "name": "R", "fields": [{"name": "x", "type": "com.x.Other"}]},
        references=[{"name": "com.x.Other", "subject": "o", "version": 1}],
    ),
    subject(
        {"type": "record", "name": "주문", "fields": [{"name": "가격", "type": {"type": "bytes", "logicalType": "decimal"}}]}
    ),
    subject(True, schema_type="JSON"),
    subject('syntax = "proto3"; message A {}', schema_type="PROTOBUF"),
    {"prometheus_rules": {"f": {"groups": []}, "empty": {}}},
    rules({"record": "a:b", "expr": "vector(1)", "labels": {"a": 1}}, interval="1m", limit=5),
    rules({"alert": "A", "expr": 1, "for": "0s", "annotations": {"d": "{{ $value }}"}}, query_offset="10s"),
    route(matchers=["a!~b", 'c="d"'], match_re={"e": "f"}, group_by=["..."], **{"continue": True}),
    {**route(mute_time_intervals=["nights"]), "alertmanager_config": {"time_intervals": [{"name": "nights"}]}},
    {"alertmanager_receivers": [{"name": "silent"}, {"name": "b", "carrier_pigeon_configs": [{}]}]},
    {
        "kibana_data_views": [VIEW, {**VIEW, "id": "V"}],
        "kibana_saved_objects": [CHART, {**CHART, "type": "lens", "references": []}],
    },
]


@pytest.mark.parametrize("values", RIGHT, ids=lambda case: str(case)[:60])
def test_what_works_passes(values: dict[str, Any]) -> None:
    assert lines(values, groups=OWN) == []


NAMES = st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,5}", fullmatch=True)


@st.composite
def schemas(draw: st.DrawFn) -> Any:
    """A schema that is right by construction; names are unique by a number at their end."""
    taken: list[str] = []

    def name() -> str:
        taken.append(f"{draw(NAMES)}_{len(taken)}")
        return taken[-1]

    def one(depth: int) -> Any:
        kinds = ["string", "long", "bytes", "enum", "fixed"] + (["record", "array", "map", "union", "again"] if depth else [])
        kind = draw(st.sampled_from(kinds))
        if kind == "enum":
            return {"type": "enum", "name": name(), "symbols": draw(st.lists(NAMES, min_size=1, max_size=3, unique=True))}
        if kind == "fixed":
            return {"type": "fixed", "name": name(), "size": draw(st.integers(1, 16))}
        if kind == "record":
            own = name()
            fields = draw(st.lists(NAMES, max_size=3, unique=True))
            return {"type": "record", "name": own, "fields": [{"name": field, "type": one(depth - 1)} for field in fields]}
        if kind in ("array", "map"):
            return {"type": kind, "items" if kind == "array" else "values": one(depth - 1)}
        if kind == "union":
            return ["null", draw(st.sampled_from(["int", "string"]))]
        return {"type": "string", "doc": "again"} if kind == "again" else kind

    return one(3)


@given(schemas())
@settings(max_examples=60, deadline=None)
def test_no_schema_that_is_right_is_refused(schema: Any) -> None:
    parse_schema(schema)
    assert avro_mistakes(schema) == []


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=4),
        lambda inner: (
            st.lists(inner)
            | st.dictionaries(st.sampled_from(["type", "name", "fields", "symbols", "items", "values", "size"]), inner)
        ),
        max_leaves=8,
    )
)
@settings(max_examples=100, deadline=None)
def test_no_structure_breaks_the_check(schema: Any) -> None:
    assert all(isinstance(line, str) for line in avro_mistakes(schema))


@given(st.dictionaries(st.sampled_from(["connector.class", "topics", "topics.regex", "transforms", "predicates"]), st.text()))
@settings(max_examples=100, deadline=None)
def test_no_settings_break_the_check(config: dict[str, str]) -> None:
    assert all(line.inside.startswith(".config") for line in wrong_settings(config))


@given(st.integers(1, 2**53))
@settings(max_examples=50, deadline=None)
def test_every_whole_number_is_a_quota(value: int) -> None:
    for written in (value, str(value), float(value)):
        item = {"user": "a", "client_id": None, "ip": None, "quotas": {"producer_byte_rate": written}}
        assert quota_refusals([Wanted.of(item)]) == []
