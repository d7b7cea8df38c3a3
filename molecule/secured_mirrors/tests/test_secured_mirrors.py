"""A flow between two secured clusters: what it carries, what its users may do and not, and where its passwords are."""

from __future__ import annotations

import json
import re
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from lab import on, playbook, until
from stranger import exposed, exposed_here, vault_passwords

testinfra_hosts = ["ansible://one.mirrors.test"]

SOURCE, TARGET = "one.mirrors.test", "two.mirrors.test"
SCENARIO = Path(__file__).resolve().parents[1]
USERS = {SOURCE: "estate-mirror-up-to-down-source", TARGET: "estate-mirror-up-to-down-target"}
# How many rights each has.
RIGHTS = {SOURCE: 12, TARGET: 9}
RECORDS = 300
# Runs on a broker's host: with the toolkit's key at the brokers' own port, or as a user at that of clients. A process of Java for
# each look would cost most of the time that this scenario takes.
CLIENT = """
import json, sys
sys.path.insert(0, "/opt/kafka-estate/python/current")
from confluent_kafka import Consumer, ConsumerGroupTopicPartitions, Producer, TopicPartition
from confluent_kafka.admin import *
question, host, words, user, password = json.load(sys.stdin)
TLS = "/opt/kafka-estate/tls"
TOOLKIT = {
    "bootstrap.servers": f"{host}:9091", "security.protocol": "SSL", "ssl.ca.location": f"{TLS}/brokers-ca.pem",
    "ssl.certificate.location": f"{TLS}/toolkit.pem", "ssl.key.location": f"{TLS}/toolkit.pem", "log_level": 0,
}
USER = {
    "bootstrap.servers": f"{host}:9094", "security.protocol": "SASL_SSL", "ssl.ca.location": f"{TLS}/listeners-ca.pem",
    "sasl.mechanism": "SCRAM-SHA-512", "sasl.username": user, "sasl.password": password, "log_level": 0,
}
SETTINGS = USER if user else TOOLKIT
admin = AdminClient(SETTINGS)

def topics():
    return sorted(admin.list_topics(timeout=60).topics)

def places(consumer, topic):
    numbers = consumer.list_topics(topic, timeout=60).topics[topic].partitions
    return [TopicPartition(topic, number, consumer.get_watermark_offsets(TopicPartition(topic, number))[1]) for number in numbers]

def count(topic):
    return sum(place.offset for place in places(Consumer({**SETTINGS, "group.id": "anybody"}), topic))

def produce(topic, first, number):
    errors = []
    producer = Producer({**SETTINGS, "message.timeout.ms": 120000})
    for value in range(first, first + number):
        producer.produce(topic, str(value).encode(), on_delivery=lambda error, _: errors.append(error and error.name()))
    producer.flush(150)
    return sorted({error or "" for error in errors})

def read(topic, number):
    consumer = Consumer({**SETTINGS, "group.id": "anybody"})
    consumer.assign([TopicPartition(topic, place.partition, 0) for place in places(consumer, topic)])
    found = []
    while len(found) < number and (message := consumer.poll(90)):
        found.append(message.error().name() if message.error() else int(message.value()))
    consumer.close()
    return found

def error(topic):
    found = admin.list_topics(topic, timeout=60).topics[topic].error
    return found and found.name()

def commit(group, topic):
    consumer = Consumer({**SETTINGS, "group.id": group, "enable.auto.commit": False})
    consumer.commit(offsets=places(consumer, topic), asynchronous=False)
    consumer.close()

def committed(group):
    asked = admin.list_consumer_group_offsets([ConsumerGroupTopicPartitions(group)])[group].result()
    return {f"{place.topic}-{place.partition}": place.offset for place in asked.topic_partitions}

def create(topic):
    admin.create_topics([NewTopic(topic, 1, 1)])[topic].result()

def grow(topic, number):
    admin.create_partitions([NewPartitions(topic, number)])[topic].result()

def filtered(who, name=None, operation=AclOperation.ANY):
    pattern = ResourcePatternType.ANY if name is None else ResourcePatternType.LITERAL
    kind = ResourceType.ANY if name is None else ResourceType.TOPIC
    return AclBindingFilter(kind, name, pattern, f"User:{who}", None, operation, AclPermissionType.ANY)

def acls(who):
    found = admin.describe_acls(filtered(who)).result()
    return [[one.operation.name, one.restype.name, one.resource_pattern_type.name, one.name] for one in found]

def revoke(who, topic):
    removed = filtered(who, topic, AclOperation.READ)
    return len(admin.delete_acls([removed])[removed].result())

print(json.dumps(globals()[question](*words)))
"""
# What Connect answers who holds the toolkit's key.
REST = """
import ssl, sys, urllib.request
context = ssl.create_default_context(cafile="/opt/kafka-estate/tls/connect-ca.pem")
context.load_cert_chain("/opt/kafka-estate/tls/connect.pem")
asked = urllib.request.Request(f"https://{sys.argv[1]}:8083/connectors{sys.argv[3]}", method=sys.argv[2])
print(urllib.request.urlopen(asked, context=context, timeout=90).read().decode())
"""
# Who was allowed what, or denied: user, verdict, operation, resource.
AUDIT = re.compile(r"Principal = User:(\S+) is (Allowed|Denied) Operation = (\w+) from host = \S+ on resource = (\S+)")


@pytest.fixture(scope="module")
def passwords() -> dict[str, str]:
    return vault_passwords(SCENARIO)


def asked(host: str, question: str, *words: Any, user: str = "", password: str = "") -> Any:
    """Return what the cluster of a host answers; see CLIENT."""
    return json.loads(on(host, "python3", "-c", CLIENT, text=json.dumps([question, host, words, user, password])))


def produce(first: int, count: int) -> None:
    assert asked(SOURCE, "produce", "orders", first, count) == [""]


def arrived(count: int) -> None:
    """Wait until the target has as many, and see that it has no more."""
    until(lambda: asked(TARGET, "count", "src.orders"), 300, f"{count} records on the target", lambda found: found >= count)
    assert asked(TARGET, "count", "src.orders") == asked(SOURCE, "count", "orders") == count


def audited(host: str) -> set[tuple[str, str, str, str]]:
    """Return what the authorizer has noted of the flow's user at a cluster: verdict, operation, type and name of the resource."""
    text = on(host, "sh", "-c", f"grep -rhF 'User:{USERS[host]} ' /var/log/kafka; [ $? -le 1 ]")
    found = {match.groups() for match in re.finditer(AUDIT, text)}
    return {
        (verdict, operation, *resource.split(":", 2)[::2]) for user, verdict, operation, resource in found if user == USERS[host]
    }


def unused(host: str, rights: list[list[str]]) -> list[list[str]]:
    """Return the rights of the flow's user that it has not used yet."""
    seen = {(operation.upper(), kind.upper(), name) for verdict, operation, kind, name in audited(host) if verdict == "Allowed"}

    def used(operation: str, kind: str, pattern: str, name: str) -> bool:
        names = [what for done, of, what in seen if (done, of) == (operation.replace("_", ""), kind)]
        return any(what.startswith(name) if pattern == "PREFIXED" else what == name for what in names)

    return [right for right in rights if not used(*right)]


def test_records_arrive_each_once_and_offsets_follow() -> None:
    # Where this is run once more, they are there.
    if not asked(SOURCE, "count", "orders"):
        produce(0, RECORDS)
    arrived(RECORDS)
    assert sorted(asked(TARGET, "read", "src.orders", RECORDS)) == [*range(RECORDS)]
    asked(SOURCE, "commit", "shop", "orders")
    until(lambda: sum(asked(TARGET, "committed", "shop").values()), 300, "offsets on the target", lambda found: found == RECORDS)


def test_each_right_is_used_and_none_is_missing() -> None:
    # A topic that comes later and grows. Where this is run once more, it is there.
    if "late-ones" not in asked(SOURCE, "topics"):
        asked(SOURCE, "create", "late-ones")
        until(lambda: asked(TARGET, "topics"), 300, "a topic that came later", lambda found: "src.late-ones" in found)
        asked(SOURCE, "grow", "late-ones", 2)
    # It reads what it has written when it starts again.
    restart = "/up-to-down-checkpoint/restart?includeTasks=true&onlyFailed=false"
    on(TARGET, "python3", "-c", REST, TARGET, "POST", restart)
    for host, user in USERS.items():
        rights = asked(host, "acls", user)
        assert len(rights) == RIGHTS[host]
        until(partial(unused, host, rights), 300, f"every right at {host} is used", lambda found: not found)
        assert not [one for one in audited(host) if one[0] == "Denied"], host


def test_its_users_may_do_no_more(passwords: dict[str, str]) -> None:
    seen = {}
    for host, cluster, side in ((SOURCE, "up", "source"), (TARGET, "down", "target")):
        login = {"user": USERS[host], "password": passwords[f"kafka_password_{cluster}_estate_mirror_up_to_down_{side}"]}
        seen[side] = asked(host, "topics", **login)
        refused = "TOPIC_AUTHORIZATION_FAILED"
        assert asked(host, "produce", "payroll", 0, 1, **login) == [refused]
        # Nor describe it, which who may read it may.
        assert asked(host, "error", "payroll", **login) == refused and asked(host, "error", "payroll") is None
    assert set(seen["source"]) == {"orders", "late-ones", "heartbeats", "mm2-offset-syncs.down.internal"}
    assert {name.partition(".")[0] for name in seen["target"]} == {"src"}


def test_a_right_that_is_taken_stops_the_flow_until_it_is_back() -> None:
    assert asked(SOURCE, "revoke", USERS[SOURCE], "orders") == 1
    before = asked(SOURCE, "count", "orders")
    produce(before, 1)
    until(lambda: audited(SOURCE), 300, "it is refused", lambda found: ("Denied", "Read", "Topic", "orders") in found)
    assert asked(TARGET, "count", "src.orders") == before
    run = playbook("playbooks/objects.yml")
    assert run.status == 0, run.output
    assert set(run.changed()) == {SOURCE}
    arrived(before + 1)


def test_its_worker_restarts_and_health_and_audit_see_the_flow(tmp_path: Path) -> None:
    on(TARGET, "systemctl", "restart", "kafka-connect")
    before = asked(SOURCE, "count", "orders")
    produce(before, 1)
    arrived(before + 1)
    words = ("up-to-down", "up to 0 records behind, last heartbeat ")
    well = partial(playbook, "playbooks/health.yml")
    until(well, 300, "a flow that is well", lambda run: run.status == 0 and all(word in run.output for word in words))
    path = tmp_path / "audit.json"
    playbook("playbooks/audit.yml", "-b", f"--extra-vars=audit_path={path}")
    (mirrors,) = (one for one in json.loads(path.read_text())["statements"] if one["number"] == 11)
    assert {finding["code"] for finding in mirrors["findings"]} == {"mirror_good"}, mirrors


def test_no_password_is_anywhere_but_in_its_place(passwords: dict[str, str]) -> None:
    shown = on(TARGET, "python3", "-c", REST, TARGET, "GET", "?expand=info&expand=status")
    assert shown.count("${file:/etc/kafka-connect/secrets/mirrors.properties:") == 9
    assert not [name for name, password in passwords.items() if password in shown]
    kept = on(TARGET, "stat", "-c", "%a %U", "/etc/kafka-connect/secrets/mirrors.properties")
    assert kept.split() == ["400", "kafka-connect"]
    for host in (SOURCE, TARGET):
        assert exposed(host, passwords.values(), "/etc/kafka", "/etc/kafka-connect") == [], host
    assert exposed_here(SCENARIO, passwords.values()) == []


def test_a_connector_that_would_end_its_worker_is_refused_before_anything_is_changed() -> None:
    config = {
        "connector.class": "org.apache.kafka.connect.mirror.MirrorSourceConnector",
        "source.cluster.alias": "up",
        "target.cluster.alias": "down",
        "source.cluster.bootstrap.servers": f"{SOURCE}:9094",
        "target.cluster.bootstrap.servers": f"{TARGET}:9094",
        "topics": "payroll",
    }
    run = playbook("playbooks/objects.yml", "-e", json.dumps({"kafka_connectors": [{"name": "by-hand", "config": config}]}))
    assert run.status != 0 and not run.changed()
    assert "source.cluster.bootstrap.servers without source.cluster.security.protocol" in run.output
