"""A flow between two secured clusters: what it carries, what its users may do and not, and where its passwords are."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from lab import on, playbook, until
from stranger import exposed, exposed_here, vault_passwords

testinfra_hosts = ["ansible://one.mirrors.test"]

SOURCE, TARGET = "one.mirrors.test", "two.mirrors.test"
SCENARIO = Path(__file__).resolve().parents[1]
USERS = {SOURCE: "estate-mirror-up-to-down-source", TARGET: "estate-mirror-up-to-down-target"}
RECORDS = 300
# What a user sees, writes and reads at the cluster of the host that this runs on.
CLIENT = """
import json, sys
sys.path.insert(0, "/opt/kafka-estate/python/current")
from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.admin import AdminClient
host, user, password, topic = json.load(sys.stdin)
SETTINGS = {
    "bootstrap.servers": f"{host}:9094", "security.protocol": "SASL_SSL", "sasl.mechanism": "SCRAM-SHA-512",
    "ssl.ca.location": "/opt/kafka-estate/tls/listeners-ca.pem", "sasl.username": user, "sasl.password": password, "log_level": 0,
}
admin = AdminClient(SETTINGS)
names = sorted(admin.list_topics(timeout=30).topics)
written = []
producer = Producer({**SETTINGS, "message.timeout.ms": 60000})
producer.produce(topic, b"x", on_delivery=lambda error, _: written.append(error and error.name()))
producer.flush(90)
consumer = Consumer({**SETTINGS, "group.id": "anybody"})
consumer.assign([TopicPartition(topic, 0, 0)])
read = consumer.poll(60)
consumer.close()
print(json.dumps({"topics": names, "written": written, "read": read and read.error() and read.error().name()}))
"""
# Who was allowed what, or denied: user, operation, resource.
AUDIT = r"Principal = User:(\S+) is (Allowed|Denied) Operation = (\w+) from host = \S+ on resource = (\S+)"
OPERATIONS = {"describe_configs": "DescribeConfigs", "alter_configs": "AlterConfigs"}


@pytest.fixture(scope="module")
def passwords() -> dict[str, str]:
    return vault_passwords(SCENARIO)


def produce(topic: str, first: int, count: int) -> None:
    lines = "".join(f"{number}\n" for number in range(first, first + count))
    on(SOURCE, "kafka-console-producer", "--topic", topic, text=lines)


def records(host: str, topic: str) -> int:
    """Return how many records a topic holds."""
    found = on(host, "kafka-get-offsets", "--topic", topic).split()
    return sum(int(line.rpartition(":")[2]) for line in found)


def arrived(count: int) -> None:
    """Wait until the target has as many, and see that it has no more."""
    until(lambda: records(TARGET, "src.orders"), 240, f"{count} records on the target", lambda found: found >= count)
    assert records(TARGET, "src.orders") == records(SOURCE, "orders") == count


def audited(host: str) -> set[tuple[str, str, str, str]]:
    """Return what the authorizer has noted of the flow's user at a cluster: verdict, operation, type and name of the resource."""
    text = on(host, "sh", "-c", f"grep -rhF 'User:{USERS[host]} ' /var/log/kafka; [ $? -le 1 ]")
    found = {match.groups() for match in re.finditer(AUDIT, text)}
    return {
        (verdict, operation, *resource.split(":", 2)[::2])
        for user, verdict, operation, resource in found  # type: ignore[misc]
        if user == USERS[host]
    }


def given(host: str) -> set[tuple[str, str, str, str]]:
    """Return the rights of the flow's user at a cluster: operation, type, pattern and name of the resource."""
    found = set()
    resource: tuple[str, ...] = ()
    text = on(host, "kafka-acls", "--list", "--principal", f"User:{USERS[host]}")
    for line in text.splitlines():
        if match := re.search(r"resourceType=(\w+), name=(\S+), patternType=(\w+)", line):
            resource = match.groups()
        for operation in re.findall(r"operation=(\w+)", line):
            found.add((operation, resource[0], resource[2], resource[1]))
    return found


def unused(host: str) -> list[tuple[str, str, str, str]]:
    """Return the rights of the flow's user that it has not used yet."""

    def same(right: tuple[str, str, str, str], seen: tuple[str, str, str, str]) -> bool:
        operation, kind, pattern, name = right
        verdict, done, of, what = seen
        words = (done.replace("_", "").upper(), of.upper())
        fits = what.startswith(name) if pattern == "PREFIXED" else what == name
        return verdict == "Allowed" and words == (operation.replace("_", "").upper(), kind.upper()) and fits

    seen = audited(host)
    return sorted(right for right in given(host) if not any(same(right, one) for one in seen))


def test_records_arrive_each_once_and_offsets_follow() -> None:
    produce("orders", 0, RECORDS)
    arrived(RECORDS)
    consume = ("--topic", "src.orders", "--from-beginning", "--max-messages", str(RECORDS), "--timeout-ms", "60000")
    values = on(TARGET, "kafka-console-consumer", *consume).split()
    assert sorted(map(int, values)) == [*range(RECORDS)]
    group = ("--topic", "orders", "--group", "shop", "--from-beginning", "--max-messages", str(RECORDS), "--timeout-ms", "60000")
    on(SOURCE, "kafka-console-consumer", *group)
    describe = ("kafka-consumer-groups", "--describe", "--group", "shop")
    until(lambda: on(TARGET, *describe), 240, "the group's offsets on the target", lambda text: "src.orders" in text)


def test_each_right_is_used_and_none_is_missing() -> None:
    # A topic that comes later and grows.
    on(SOURCE, "kafka-topics", "--create", "--topic", "late-ones", "--partitions", "1")
    until(lambda: on(TARGET, "kafka-topics", "--list"), 120, "a topic that came later", lambda text: "src.late-ones" in text)
    on(SOURCE, "kafka-topics", "--alter", "--topic", "late-ones", "--partitions", "2")
    for host in (SOURCE, TARGET):
        assert given(host)
        until(lambda host=host: unused(host), 240, f"every right at {host} is used", lambda found: not found)
        assert not [one for one in audited(host) if one[0] == "Denied"], host


def test_its_users_may_do_no_more(passwords: dict[str, str]) -> None:
    seen = {}
    for host, cluster, side in ((SOURCE, "up", "source"), (TARGET, "down", "target")):
        password = passwords[f"kafka_password_{cluster}_estate_mirror_up_to_down_{side}"]
        script = json.dumps([host, USERS[host], password, "payroll"])
        seen[side] = json.loads(on(host, "python3", "-c", CLIENT, text=script))
        assert seen[side]["written"] == [refused := "TOPIC_AUTHORIZATION_FAILED"] and seen[side]["read"] == refused
    assert set(seen["source"]["topics"]) == {"orders", "late-ones", "heartbeats", "mm2-offset-syncs.down.internal"}
    assert {name.partition(".")[0] for name in seen["target"]["topics"]} == {"src"}


def test_a_right_that_is_taken_stops_the_flow_until_it_is_back() -> None:
    acl = ("--allow-principal", f"User:{USERS[SOURCE]}", "--operation", "Read", "--topic", "orders")
    on(SOURCE, "kafka-acls", "--remove", "--force", *acl)
    before = records(SOURCE, "orders")
    produce("orders", before, 1)
    wanted = ("Denied", "Read", "Topic", "orders")
    until(lambda: audited(SOURCE), 120, "the flow is refused", lambda found: wanted in found)
    assert records(TARGET, "src.orders") == before
    run = playbook("playbooks/objects.yml")
    assert run.status == 0, run.output
    assert set(run.changed()) == {SOURCE}
    arrived(before + 1)


def test_its_worker_restarts_and_health_and_audit_see_the_flow(tmp_path: Path) -> None:
    roll = playbook("playbooks/kafka_connect.yml", "-e", "kafka_connect_log_level=WARN")
    assert roll.status == 0, roll.output
    assert set(roll.changed()) == {TARGET}
    before = records(SOURCE, "orders")
    produce("orders", before, 1)
    arrived(before + 1)
    words = ("up-to-down", "up to 0 records behind, last heartbeat ")
    health = until(lambda: playbook("playbooks/health.yml"), 240, "a flow that is well", lambda run: run.status == 0)
    assert all(word in health.output for word in words), health.output
    path = tmp_path / "audit.json"
    playbook("playbooks/audit.yml", "-b", f"--extra-vars=audit_path={path}")
    (mirrors,) = (one for one in json.loads(path.read_text())["statements"] if one["number"] == 11)
    assert {finding["code"] for finding in mirrors["findings"]} == {"mirror_good"}, mirrors


def test_no_password_is_anywhere_but_in_its_place(passwords: dict[str, str]) -> None:
    login = ("--cacert", "/opt/kafka-estate/tls/connect-ca.pem", "--cert", "/opt/kafka-estate/tls/connect.pem")
    shown: Any = on(TARGET, "curl", "-sS", *login, f"https://{TARGET}:8083/connectors?expand=info&expand=status")
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
