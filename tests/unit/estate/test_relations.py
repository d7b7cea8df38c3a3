"""Options held against one another, as the programs do it at their start.

What Kafka's own classes said of these (3.9.2 and 4.3.1, ZooKeeper 3.8.6, tried by hand) is what is expected here.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.estate.kafka.plugins.module_utils.estate.options import Definitions, load_definitions
from ansible_collections.estate.kafka.plugins.module_utils.estate.problems import Undefined
from ansible_collections.estate.kafka.plugins.module_utils.estate.relations import LEFT_OUT, related
from hypothesis import given, settings
from hypothesis import strategies as st

ROOT = Path(__file__).resolve().parents[3]
FACTORS = {
    "offsets.topic.replication.factor": 3,
    "transaction.state.log.replication.factor": 3,
    "transaction.state.log.min.isr": 2,
}
SETS = {"kafka_broker": "broker", "kafka_connect": "connect", "zookeeper": "zookeeper", "elasticsearch": "node"}


@lru_cache
def definitions() -> Definitions:
    return load_definitions(ROOT)


def wrong(role: str, options: dict[str, Any], line: str = "") -> list[str]:
    known = definitions().of(line)
    program = known.programs[SETS[role]]
    defaults = {name: definition.get("default") for name, definition in program.options.items()}
    assumed = {**known.fixed[role], **(FACTORS if role == "kafka_broker" else {})}
    return [option for option, _ in related(role, options, assumed, defaults, program.version)]


BROKER: list[tuple[dict[str, Any], str]] = [
    ({"replica.lag.time.max.ms": 499}, "replica.lag.time.max.ms"),
    ({"replica.fetch.wait.max.ms": "30001", "replica.socket.timeout.ms": 60000}, "replica.fetch.wait.max.ms"),
    ({"replica.socket.timeout.ms": 499}, "replica.socket.timeout.ms"),
    ({"queued.max.request.bytes": 104857599}, "queued.max.request.bytes"),
    ({"offsets.commit.required.acks": 4}, "offsets.commit.required.acks"),
    ({"offsets.commit.required.acks": -2}, "offsets.commit.required.acks"),
    ({"transaction.state.log.replication.factor": 1}, "transaction.state.log.replication.factor"),
    ({"group.min.session.timeout.ms": 1800001}, "group.min.session.timeout.ms"),
    ({"connections.max.idle.ms": 100}, "connections.max.idle.ms"),
    ({"log.cleaner.dedupe.buffer.size": 1048576}, "log.cleaner.dedupe.buffer.size"),
    ({"log.cleaner.threads": 200}, "log.cleaner.threads"),
    ({"log.cleaner.threads": 0}, "log.cleaner.threads"),
    ({"log.roll.jitter.ms": -1}, "log.roll.jitter.ms"),
    ({"offsets.topic.compression.codec": 9}, "offsets.topic.compression.codec"),
    ({"max.connections.per.ip": 0}, "max.connections.per.ip"),
    ({"max.connections.per.ip.overrides": ["10.0.0.1:5", "10.0.0.2"]}, "max.connections.per.ip.overrides"),
    ({"group.consumer.min.heartbeat.interval.ms": 6000}, "group.consumer.min.heartbeat.interval.ms"),
    ({"group.consumer.session.timeout.ms": 1000}, "group.consumer.session.timeout.ms"),
    ({"group.share.max.heartbeat.interval.ms": 4000}, "group.share.max.heartbeat.interval.ms"),
    ({"remote.log.storage.system.enable": "true"}, "remote.log.storage.system.enable"),
]


@pytest.mark.parametrize(("options", "named"), BROKER, ids=str)
def test_a_broker_that_would_end_at_its_start(options: dict[str, Any], named: str) -> None:
    assert named in wrong("kafka_broker", options)


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"replica.lag.time.max.ms": 500, "replica.socket.timeout.ms": 500},
        {"queued.max.request.bytes": 0},
        {"queued.max.request.bytes": 1000, "socket.request.max.bytes": 1000},
        {"connections.max.idle.ms": -1},
        {"log.cleaner.dedupe.buffer.size": 1048577},
        {"max.connections.per.ip": 0, "max.connections.per.ip.overrides": "[::1]:5,10.0.0.1:7"},
        {"offsets.commit.required.acks": -1},
        {"inter.broker.protocol.version": "3.9-IV0", "log.message.format.version": 2.8},
        {"inter.broker.protocol.version": "3.8.1"},
        {"super.users": "admin"},
        {"authorizer.class.name": "org.example.Own", "super.users": "admin"},
        {"authorizer.class.name": "kafka.security.authorizer.AclAuthorizer", "super.users": "User:CN=a,O=b;User:c"},
        {"replica.lag.time.max.ms": "{{ later }}", "replica.socket.timeout.ms": Undefined("facts", later=True)},
        {"replica.lag.time.max.ms": None},
        {"remote.log.storage.system.enable": True, "remote.log.storage.manager.class.name": "org.example.Store"},
    ],
    ids=str,
)
def test_what_a_broker_takes(options: dict[str, Any]) -> None:
    assert wrong("kafka_broker", options) == []


@pytest.mark.parametrize("option", ["inter.broker.protocol.version", "log.message.format.version"])
@pytest.mark.parametrize("version", ["4.0", "3.10", "3.99", "3", "4.0-IV3", "3.x", 4])
def test_a_version_that_the_broker_does_not_know(option: str, version: Any) -> None:
    assert wrong("kafka_broker", {option: version}) == [option]


@pytest.mark.parametrize(
    "name",
    ["AclAuthorizer", "kafka.security.auth.SimpleAclAuthorizer", "org.apache.kafka.metadata.authorizer.StandardAuthorizer"],
)
def test_an_authorizer_that_a_broker_on_zookeeper_cannot_have(name: str) -> None:
    assert wrong("kafka_broker", {"authorizer.class.name": name}) == ["authorizer.class.name"]


def test_super_users_without_their_type() -> None:
    own = {"authorizer.class.name": "kafka.security.authorizer.AclAuthorizer"}
    assert wrong("kafka_broker", {**own, "super.users": "User:a;bob"}) == ["super.users"]


def test_kafka_4_wants_a_member_to_be_heard_before_its_session_ends() -> None:
    options = {"group.consumer.max.heartbeat.interval.ms": 60000, "group.consumer.heartbeat.interval.ms": 50000}
    assert wrong("kafka_broker", options, "kafka-4") == ["group.consumer.heartbeat.interval.ms"]
    assert wrong("kafka_broker", options) == []
    assert wrong("kafka_broker", {"group.streams.heartbeat.interval.ms": 99999}, "kafka-4")


OTHERS: list[tuple[str, dict[str, Any], str]] = [
    ("kafka_connect", {"heartbeat.interval.ms": 10000}, "heartbeat.interval.ms"),
    ("kafka_connect", {"session.timeout.ms": 3000}, "session.timeout.ms"),
    ("kafka_connect", {"consumer.session.timeout.ms": 2000}, "consumer.session.timeout.ms"),
    ("kafka_connect", {"producer.acks": 1}, "producer.acks"),
    ("kafka_connect", {"producer.max.in.flight.requests.per.connection": 6}, "producer.max.in.flight.requests.per.connection"),
    ("kafka_connect", {"producer.retries": 0}, "producer.retries"),
    ("kafka_connect", {"producer.delivery.timeout.ms": 30019}, "producer.delivery.timeout.ms"),
    ("zookeeper", {"tickTime": 0}, "tickTime"),
    ("zookeeper", {"initLimit": "0"}, "initLimit"),
    ("zookeeper", {"syncLimit": 0}, "syncLimit"),
    ("zookeeper", {"minSessionTimeout": 40001}, "minSessionTimeout"),
    ("zookeeper", {"maxSessionTimeout": 3999}, "maxSessionTimeout"),
    ("zookeeper", {"tickTime": 500, "minSessionTimeout": 20000}, "minSessionTimeout"),
    ("zookeeper", {"electionAlg": 0}, "electionAlg"),
    ("zookeeper", {"peerType": "observer"}, "peerType"),
    ("zookeeper", {"4lw.commands.whitelist": "stat, ruok"}, "4lw.commands.whitelist"),
    ("elasticsearch", {"node.roles": ["data", "mastre"]}, "node.roles"),
    ("elasticsearch", {"xpack.security.enabled": True}, "xpack.security.enabled"),
    (
        "elasticsearch",
        {"cluster.routing.allocation.disk.watermark.low": "92%"},
        "cluster.routing.allocation.disk.watermark.low",
    ),
]


@pytest.mark.parametrize(("role", "options", "named"), OTHERS, ids=str)
def test_other_components_that_would_end_at_their_start(role: str, options: dict[str, Any], named: str) -> None:
    assert named in wrong(role, options)


@pytest.mark.parametrize(
    ("role", "options"),
    [
        ("kafka_connect", {"heartbeat.interval.ms": 9999}),
        ("kafka_connect", {"producer.acks": 1, "producer.enable.idempotence": False}),
        ("kafka_connect", {"producer.acks": "all", "producer.delivery.timeout.ms": 30020}),
        ("zookeeper", {"tickTime": 4000, "minSessionTimeout": 80000}),
        ("zookeeper", {"4lw.commands.whitelist": "*", "electionAlg": 3, "maxSessionTimeout": -1}),
        ("zookeeper", {"4lw.commands.whitelist": ["srvr", "stat"]}),
        ("elasticsearch", {"node.roles": [], "xpack.security.enabled": False}),
        ("elasticsearch", {"cluster.routing.allocation.disk.watermark.low": "100gb"}),
    ],
    ids=str,
)
def test_what_other_components_take(role: str, options: dict[str, Any]) -> None:
    assert wrong(role, options) == []


LIMITS = st.one_of(
    st.integers(-(2**65), 2**65), st.text(max_size=8), st.none(), st.booleans(), st.lists(st.integers(), max_size=2)
)


@settings(max_examples=60, deadline=None)
@given(data=st.data())
@pytest.mark.parametrize("role", SETS)
def test_any_values_are_judged_and_only_what_people_set_is_named(role: str, data: st.DataObject) -> None:
    names = [case[0] for case in BROKER] if role == "kafka_broker" else [case[1] for case in OTHERS if case[0] == role]
    known = sorted(
        {option for options in names for option in options} | LEFT_OUT.get(role, {}).keys() | definitions().fixed[role].keys()
    )
    options = data.draw(st.dictionaries(st.sampled_from(known), LIMITS, max_size=4))
    assert set(wrong(role, options)) <= options.keys()


@settings(max_examples=80, deadline=None)
@given(st.integers(0, 2**31 - 1), st.integers(0, 2**31 - 1), st.integers(0, 2**31 - 1))
def test_a_follower_waits_no_longer_than_it_may_lag_or_its_socket_lasts(wait: int, lag: int, socket: int) -> None:
    options = {"replica.fetch.wait.max.ms": wait, "replica.lag.time.max.ms": lag, "replica.socket.timeout.ms": socket}
    assert bool(wrong("kafka_broker", options)) == (wait > lag or wait > socket)


@settings(max_examples=80, deadline=None)
@given(st.integers(1, 10**6), st.one_of(st.just(-1), st.integers(0, 10**8)), st.one_of(st.just(-1), st.integers(0, 10**8)))
def test_sessions_of_zookeeper(tick: int, least: int, most: int) -> None:
    shortest, longest = (tick * 2 if least == -1 else least), (tick * 20 if most == -1 else most)
    options = {"tickTime": tick, "minSessionTimeout": least, "maxSessionTimeout": most}
    assert bool(wrong("zookeeper", options)) == (shortest > longest)
