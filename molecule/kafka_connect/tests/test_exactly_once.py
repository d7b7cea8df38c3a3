"""A flow that is exactly once, on workers that are set for it, one of which is killed while records pass."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from lab import on, playbook, until

BROKER, WORKERS = "one.connect.test", ["one.connect.test", "two.connect.test"]
FLOW, TOPIC, PARTITIONS, RECORDS = "once", "once", 4, 300_000
MIRRORED = f"plant.{TOPIC}"

# Both run on the broker's host, with the library that the toolkit installed there.
CLIENT = f"""
import json, sys
sys.path.insert(0, "/opt/kafka-estate/python/current")
from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, KafkaException, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic
SERVER = {{"bootstrap.servers": "{BROKER}:9092"}}
"""
SEND = f"""{CLIENT}
AdminClient(SERVER).create_topics([NewTopic("{TOPIC}", {PARTITIONS}, 1)])["{TOPIC}"].result(30)
producer = Producer({{**SERVER, "enable.idempotence": True, "linger.ms": 20, "queue.buffering.max.messages": {RECORDS}}})
for number in range({RECORDS}):
    producer.produce("{TOPIC}", str(number).encode(), partition=number % {PARTITIONS})
assert producer.flush(60) == 0
"""
# Prints how many records of the mirrored topic a reader of what is committed finds, and how many different ones.
READ = f"""{CLIENT}
settings = {{"group.id": "once", "isolation.level": "read_committed", "enable.partition.eof": True, "enable.auto.commit": False}}
consumer = Consumer({{**SERVER, **settings}})
topics = consumer.list_topics(timeout=20).topics
parts = list(topics["{MIRRORED}"].partitions) if "{MIRRORED}" in topics else []
consumer.assign([TopicPartition("{MIRRORED}", part, OFFSET_BEGINNING) for part in parts])
ended, found = set(), []
while len(ended) < len(parts):
    for message in consumer.consume(10000, 1):
        error = message.error()
        if error is None:
            found.append(message.value())
        elif error.code() == KafkaError._PARTITION_EOF:
            ended.add(message.partition())
        else:
            raise KafkaException(error)
consumer.close()
print(json.dumps([len(found), len(set(found))]))
"""


def read() -> list[int]:
    """Return how many records came, and how many different ones."""
    found: list[int] = json.loads(on(BROKER, "python3", "-c", READ))
    return found


def status() -> Any:
    """Return what Connect says of the flow's connector."""
    code = f"import urllib.request as u; print(u.urlopen('http://{BROKER}:8083/connectors/{FLOW}/status').read().decode())"
    return json.loads(on(BROKER, "python3", "-c", code))


@pytest.fixture
def mirrors(tmp_path: Path) -> Iterator[list[str]]:
    """An inventory with a flow from the cluster to itself, which it does not know by the address of its host."""
    flow = {
        "name": FLOW,
        "source": "plant",
        "source_bootstrap": f"{on(BROKER, 'hostname', '-i').split()[0]}:9092",
        "target": "local",
        "topics": [TOPIC],
        "exactly_once": True,
        "checkpoint": False,
        "heartbeat": False,
    }
    file = tmp_path / "mirrors.yml"
    file.write_text(json.dumps({"all": {"vars": {"mirrors": [flow]}}}))
    yield [str(file)]
    code = f"import urllib.request as u; u.urlopen(u.Request('http://{BROKER}:8083/connectors/{FLOW}', method='DELETE'))"
    on(BROKER, "python3", "-c", code)


def test_a_worker_is_killed_and_each_record_comes_once(mirrors: list[str]) -> None:
    on(BROKER, "python3", "-c", SEND)
    run = playbook("playbooks/objects.yml", inventory=mirrors)
    assert run.status == 0, run.output
    some = until(read, 90, "the first records are committed", lambda found: found[0] > 0)
    victim = status()["tasks"][0]["worker_id"].partition(":")[0]
    assert victim in WORKERS
    on(victim, "systemctl", "kill", "--signal=KILL", "kafka-connect")
    assert 0 < some[0] < RECORDS and 0 < read()[0] < RECORDS
    until(read, 180, "every record came", lambda found: found[1] == RECORDS)
    until(status, 60, "the task runs", lambda found: [task["state"] for task in found["tasks"]] == ["RUNNING"])
    assert read() == [RECORDS, RECORDS]
