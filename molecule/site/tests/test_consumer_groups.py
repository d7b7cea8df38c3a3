"""Offsets of consumer groups on the live estate: where a consumer then goes on, who is refused, the playbook."""

from __future__ import annotations

import json
import subprocess
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from lab import module, on, playbook

BROKER = "peter-kafka02.foo.bar"
CLIENT = {"bootstrap.servers": "peter-kafka01.foo.bar:9092,peter-kafka03.foo.bar:9092"}
SHOWN = ("changed", "actions", "diff")
# Where a group that has read all ten records is moved to -> the record it then reads.  The records are an hour apart.
TARGETS: dict[str, tuple[dict[str, Any], int]] = {
    "beginning": ({"to": "earliest"}, 0),
    "offset": ({"offset": 4}, 4),
    "back": ({"shift": -3}, 7),
    "nearest": ({"shift": -99, "clamp": True}, 0),
    "while": ({"duration": "4h"}, 6),
    "moment": ({"timestamp": "2026-01-01T09:02:00+09:00"}, 0),
}
# Runs on the broker's host with the libraries of the toolkit.
CLIENT_SCRIPT = """
import json, select, sys, time
sys.path.insert(0, "/opt/kafka-estate/python/current")
from confluent_kafka import Consumer, ConsumerGroupTopicPartitions, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic
verb, topic, *groups = sys.argv[1:]
client = {"bootstrap.servers": "localhost:9092"}
consuming = {**client, "client.id": "counter", "enable.auto.commit": False}
admin = AdminClient(client)
if verb == "fill":
    admin.create_topics([NewTopic(topic, 1, 3)])[topic].result()
    producer, now = Producer({**client, "topic.metadata.refresh.interval.ms": 500}), time.time()
    for number in range(10):
        producer.produce(topic, str(number), timestamp=int((now - 36000 + 3600 * number + 1800) * 1000))
    assert producer.flush(120) == 0
elif verb == "read":
    found = {}
    for group in groups:
        consumer = Consumer({**consuming, "group.id": group})
        (place,) = consumer.committed([TopicPartition(topic, 0)], 60)
        consumer.assign([place])
        record = consumer.poll(90)
        found[group] = int(record.value())
        consumer.close()
    print(json.dumps(found))
elif verb == "join":
    consumer = Consumer({**consuming, "group.id": groups[0]})
    consumer.subscribe([topic], on_assign=lambda *_: print("joined", flush=True))
    while not select.select([sys.stdin], [], [], 0)[0]:
        consumer.poll(0.5)
    consumer.close()
elif verb == "clean":
    for answer in admin.delete_consumer_groups(groups).values():
        answer.result()
    admin.delete_topics([topic])[topic].result()
"""


def kafka(*words: str) -> list[str]:
    """Return the command that runs the script."""
    return ["timeout", "240", "python3", "-c", CLIENT_SCRIPT, *words]


def move(*items: dict[str, Any], check: bool = False, **options: Any) -> dict[str, Any]:
    """Run the module on a list of groups."""
    return module(BROKER, "consumer_group_offsets", check=check, client=CLIENT, offsets=list(items), **options)


@pytest.fixture(scope="module")
def topic() -> Iterator[str]:
    """Return the name of a topic with ten records, an hour apart, and groups of its name that have read them all."""
    name = f"offsets-{uuid.uuid4().hex[:8]}"
    groups = [f"{name}-{target}" for target in TARGETS]
    on(BROKER, *kafka("fill", name))
    made = move(*({"group": group, "topic": name, "to": "latest", "create": True} for group in groups), confirm=groups)
    assert len(made["actions"]) == len(groups)
    yield name
    on(BROKER, *kafka("clean", name, *groups))


def test_a_consumer_goes_on_where_its_group_was_moved_to(topic: str) -> None:
    groups = {f"{topic}-{target}": found for target, found in TARGETS.items()}
    wanted = [{"group": group, "topic": topic, **target} for group, (target, _) in groups.items()]
    foretold = move(*wanted, check=True)
    done = move(*wanted, confirm=list(groups))
    assert [foretold[key] for key in SHOWN] == [done[key] for key in SHOWN]
    assert len(done["actions"]) == len(foretold["warnings"]) == len(groups) and "warnings" not in done
    assert json.loads(on(BROKER, *kafka("read", topic, *groups))) == {group: record for group, (_, record) in groups.items()}


def test_what_is_not_there_is_refused(topic: str) -> None:
    wanted = [
        {"group": f"{topic}-x", "topic": topic, "to": "latest"},
        {"group": f"{topic}-offset", "topic": "no-such-topic", "to": "latest"},
    ]
    result = move(*wanted, confirm=[f"{topic}-x"])
    assert result["failed"] and "there is no such group" in result["msg"] and "no topic no-such-topic" in result["msg"]
    result = move({"group": f"{topic}-offset", "topic": topic, "offset": 11}, confirm=[f"{topic}-offset"])
    assert result["failed"] and f"{topic}-0 has offsets 0 to 10, 11 is out of range" in result["msg"]


def test_a_group_with_a_member_is_refused_by_name(topic: str) -> None:
    group = f"{topic}-back"
    words = ["docker", "exec", "-i", BROKER, *kafka("join", topic, group)]
    # It leaves the group when its input ends.
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as consumer:
        assert consumer.stdout and consumer.stdout.readline() == "joined\n"
        result = move({"group": group, "to": "earliest"}, confirm=[group])
    assert result["failed"] and f"{group} is stable with 1 members: counter on " in result["msg"]
    assert consumer.returncode == 0


def test_the_playbook_needs_the_cluster_and_the_groups_by_name(topic: str) -> None:
    group = f"{topic}-while"
    chosen = {"consumer_group_offsets": [{"group": group, "offset": 2}], "consumer_group_offsets_confirm": [group]}

    def run(**more: Any) -> Any:
        return playbook("playbooks/consumer_group_offsets.yml", "-e", json.dumps({**chosen, **more}))

    result = run(consumer_group_offsets_cluster="kafka-9")
    assert result.status != 0 and "must be one of kafka-1, kafka-2" in result.output
    result = run(consumer_group_offsets_cluster="kafka-1", consumer_group_offsets_confirm=[])
    assert result.status != 0 and f"confirm: [{group}]" in result.output
    result = run(consumer_group_offsets_cluster="kafka-1")
    assert result.status == 0 and len(result.changed()) == 1
    assert json.loads(on(BROKER, *kafka("read", topic, group))) == {group: 2}
