"""A flow that is exactly once, on workers that are set for it, one of which is killed while records pass."""

from __future__ import annotations

import json
import subprocess
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from lab import on, playbook, rest, until

BROKER, WORKERS = "one.connect.test", ["one.connect.test", "two.connect.test"]
# A name that no other run has: Connect remembers how far a connector was, and that counts again for one of the same name.
FLOW = TOPIC = f"once-{uuid.uuid4().hex[:8]}"
MIRRORED = f"plant.{TOPIC}"
PARTITIONS, RATE = 4, 8_000

# They run on the broker's host, with the library that the toolkit installed there.
CLIENT = f"""
import json, sys, time
sys.path.insert(0, "/opt/kafka-estate/python/current")
from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, KafkaException, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic
SERVER = {{"bootstrap.servers": "{BROKER}:9092"}}
"""
MAKE = f"""{CLIENT}
admin = AdminClient(SERVER)
admin.create_topics([NewTopic("{TOPIC}", {PARTITIONS}, 1)])["{TOPIC}"].result(30)
"""
# Until its input ends and for five seconds more, so that records pass before and after whatever is done in between; prints how
# many records it sent.
SEND = f"""{CLIENT}
import select
producer = Producer({{**SERVER, "enable.idempotence": True}})
begin, number, end = time.monotonic(), 0, None
while end is None or number < end:
    producer.produce("{TOPIC}", str(number).encode(), partition=number % {PARTITIONS})
    number += 1
    if number % 1000 == 0:
        producer.poll(0)
        time.sleep(max(0, begin + number / {RATE} - time.monotonic()))
        if end is None and select.select([sys.stdin], [], [], 0)[0]:
            end = number + 5 * {RATE}
assert producer.flush(120) == 0
print(number)
"""
# Prints how many records of the mirrored topic a reader of what is committed finds, and how many different ones.
READ = f"""{CLIENT}
settings = {{"group.id": "{TOPIC}", "enable.auto.commit": False, "enable.partition.eof": True}}
consumer = Consumer({{**SERVER, **settings, "isolation.level": "read_committed"}})
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


def connect(worker: str, path: str, method: str = "GET") -> Any:
    """Return what a worker answers, once it does not say "not now"."""
    return rest(worker, f"http://{worker}:8083{path}", method)


def task(worker: str) -> Any:
    """Return what a worker says of the flow's only task."""
    (found,) = connect(worker, f"/connectors/{FLOW}/status")["tasks"]
    return found


def removed() -> bool:
    """Return whether no worker has the flow any more."""
    return all(FLOW not in (connect(worker, "/connectors") or ()) for worker in WORKERS)


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
    if FLOW in (connect(BROKER, "/connectors") or ()):
        connect(BROKER, f"/connectors/{FLOW}", "DELETE")
    until(removed, 180, "both workers answer, without the flow")


def test_a_worker_is_killed_and_each_record_comes_once(mirrors: list[str]) -> None:
    on(BROKER, "python3", "-c", MAKE)
    run = playbook("playbooks/objects.yml", inventory=mirrors)
    assert run.status == 0, run.output
    words = ["docker", "exec", "-i", BROKER, "python3", "-c", SEND]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as producer:
        some = until(read, 180, "the first records are committed", lambda found: found[0] > 0)
        victim = task(BROKER)["worker_id"].partition(":")[0]
        on(victim, "systemctl", "kill", "--signal=KILL", "kafka-connect")
        assert producer.poll() is None
        records = int(producer.communicate()[0])
    assert producer.returncode == 0 and 0 < some[0] < records
    (other,) = {*WORKERS} - {victim}
    until(read, 300, "every record came", lambda found: found[1] == records)
    until(lambda: task(other)["state"], 180, "the task runs", lambda state: state == "RUNNING")
    assert read() == [records, records]
