"""What stands around a cluster without ZooKeeper: workers of both lines, mirrors both ways, a registry, agents, health."""

from __future__ import annotations

import json
import re
import uuid

import pytest
import testinfra
from lab import http, on, playbook, rest, until

LOCAL, OLD = "one.kraft.test", "old.kraft.test"
WORKERS = {"three.kraft.test": "4.3.1", OLD: "3.9.2"}
CONTROLLERS = ["one.kraft.test", "two.kraft.test", "three.kraft.test"]
REGISTRY = "http://two.kraft.test:8081"
RECORDS = 300
CLIENT = """
import json, sys
sys.path.insert(0, "/opt/kafka-estate/python/current")
from confluent_kafka import OFFSET_BEGINNING, Consumer, Producer, TopicPartition
server, topic, mark, count = sys.argv[1:4] + [int(sys.argv[4])]
"""
SEND = f"""{CLIENT}
producer = Producer({{"bootstrap.servers": server, "acks": "all"}})
for number in range(count):
    producer.produce(topic, f"{{mark}}-{{number}}".encode())
assert producer.flush(60) == 0
"""
# Prints how many records of this run there are, and how many different ones.
READ = f"""{CLIENT}
consumer = Consumer({{"bootstrap.servers": server, "group.id": "proof", "enable.auto.commit": False}})
known = consumer.list_topics(timeout=20).topics
consumer.assign([TopicPartition(topic, number, OFFSET_BEGINNING) for number in known[topic].partitions] if topic in known else [])
found = []
while topic in known and (message := consumer.poll(5)):
    if message.error() is None and message.value().startswith(mark.encode()):
        found.append(message.value())
print(json.dumps([len(found), len(set(found))]))
"""


def metrics(host: str, port: int) -> str:
    answer = http(host, f"http://{host}:{port}/metrics")
    assert answer.status == 200, answer
    return str(answer.body)


@pytest.mark.parametrize(("worker", "version"), WORKERS.items())
def test_a_worker_runs_the_line_it_was_asked_for_beside_a_cluster_of_its_own(worker: str, version: str) -> None:
    assert rest(worker, f"http://{worker}:8083/")["version"] == version
    assert "INFO" in on(worker, "cat", "/var/log/kafka-connect/connect.log")
    shown = metrics(worker, 7072)
    assert "\njmx_scrape_error 0.0" in shown and f'version="{version}"' in shown


@pytest.mark.parametrize(
    ("source", "topic", "target", "mirrored"),
    [(OLD, "from-old", LOCAL, "old.from-old"), (LOCAL, "from-local", OLD, "local.from-local")],
)
def test_mirrors_bring_every_record_once_in_both_directions(source: str, topic: str, target: str, mirrored: str) -> None:
    mark = uuid.uuid4().hex
    on(source, "python3", "-c", SEND, f"{source}:9092", topic, mark, str(RECORDS))

    def came() -> list[int]:
        found: list[int] = json.loads(on(target, "python3", "-c", READ, f"{target}:9092", mirrored, mark, "0"))
        return found

    assert until(came, 120, "every record came", lambda found: found[1] == RECORDS) == [RECORDS, RECORDS]


def test_the_registry_keeps_a_schema_in_a_cluster_without_zookeeper() -> None:
    """Its journal is a topic, and what is read after a restart came from there."""
    subject, schema = f"proof-{uuid.uuid4().hex[:8]}", json.dumps({"type": "record", "name": "r", "fields": []})
    made = rest("two.kraft.test", f"{REGISTRY}/subjects/{subject}/versions", "POST", {"schema": schema})
    on("two.kraft.test", "systemctl", "restart", "schema-registry")
    found = until(
        lambda: http("two.kraft.test", f"{REGISTRY}/schemas/ids/{made['id']}"), 120, "it is back", lambda a: a.status == 200
    )
    assert json.loads(found.body["schema"]) == json.loads(schema)


def test_the_agents_of_controllers_tell_of_the_quorum() -> None:
    told = [metrics(host, 7074) for host in CONTROLLERS]
    active = [float(re.findall(r"^kafka_controller_kafkacontroller_activecontrollercount (\S+)", text, re.M)[0]) for text in told]
    assert sorted(active) == [0, 0, 1]
    for text in told:
        assert "\njmx_scrape_error 0.0" in text
        assert re.search(r'^kafka_server_raft_state\{state="(leader|follower)"\} 1.0$', text, re.MULTILINE)
        assert re.search(r"^kafka_server_raft_current_epoch [1-9]", text, re.MULTILINE)


def default_minimum(value: int) -> None:
    change = f"min.insync.replicas={value}"
    on(LOCAL, "kafka-configs", "--entity-type", "brokers", "--entity-default", "--alter", "--add-config", change)


def test_health_tells_a_minimum_that_fell_and_a_controller_that_is_down() -> None:
    """As the active controller does it by itself, over every broker's file, where its own file does not say better."""
    victim = testinfra.get_host("ansible://two.kraft.test")
    default_minimum(1)
    try:
        victim.check_output("systemctl stop kafka-controller")
        run = playbook("playbooks/health.yml")
    finally:
        victim.check_output("systemctl start kafka-controller")
        default_minimum(2)
    assert run.status != 0
    for expected in (
        r"Kafka local: topics have a smaller min.insync.replicas than the inventory's 2, .*--add-config min.insync.replicas=2: ",
        "Controllers of Kafka local on two.kraft.test does not answer: ",
    ):
        assert re.search(expected, run.output), run.output
    # The cluster on ZooKeeper has replicas for a minimum of one, as its inventory says.
    assert "Kafka old: topics" not in run.output
    until(lambda: on(LOCAL, "kafka-metadata-quorum", "describe", "--status"), 90, "it keeps up", keeps_up)


def keeps_up(shown: str) -> bool:
    return any(int(lag) < 20 for lag in re.findall(r"^MaxFollowerLag: +(\d+)", shown, re.MULTILINE))
