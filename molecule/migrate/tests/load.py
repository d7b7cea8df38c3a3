"""Runs on a broker's host: sends numbered records until a file appears, then reads the topic and says what is missing.

Arguments: bootstrap servers, topic, mark of this run, file that ends it, and one with more settings of the clients where they log
in. Prints JSON.
"""

from __future__ import annotations

import itertools
import json
import sys
import time
from pathlib import Path

sys.path.insert(0, "/opt/kafka-estate/python/current")
from confluent_kafka import OFFSET_BEGINNING, Consumer, Producer, TopicPartition

RATE = 100
servers, topic, mark, end = sys.argv[1:5]
settings = json.loads(Path(sys.argv[5]).read_text()) if len(sys.argv) > 5 else {}
acknowledged: dict[str, float] = {}
refused: list[str] = []


def answered(error: object, message: object) -> None:
    """Remember when a record was acknowledged."""
    if error is None:
        acknowledged[message.value().decode()] = time.monotonic()  # type: ignore[attr-defined]
    else:
        refused.append(str(error))


settings["bootstrap.servers"] = servers
producer = Producer({**settings, "acks": "all", "enable.idempotence": True, "delivery.timeout.ms": 300000, "linger.ms": 0})
sent = 0
begin = time.monotonic()
while not Path(end).exists():
    producer.produce(topic, f"{mark}-{sent}".encode(), on_delivery=answered)
    sent += 1
    while (left := begin + sent / RATE - time.monotonic()) > 0:
        producer.poll(left)
    producer.poll(0)
    if sent % RATE == 0:
        Path(f"{end}.state").write_text(json.dumps([sent, len(acknowledged)]))
producer.flush(300)
times = sorted(acknowledged.values())
gap = max((after - before for before, after in itertools.pairwise(times)), default=0.0)

consumer = Consumer({"group.id": f"load-{mark}", **settings, "enable.auto.commit": False})
partitions = consumer.list_topics(topic, timeout=30).topics[topic].partitions
wanted = {one: consumer.get_watermark_offsets(TopicPartition(topic, one), timeout=30)[1] for one in partitions}
consumer.assign([TopicPartition(topic, one, OFFSET_BEGINNING) for one in partitions])
seen: dict[str, int] = {}
while any(consumer.position([TopicPartition(topic, one)])[0].offset < high for one, high in wanted.items() if high):
    for found in consumer.consume(1000, 5):
        value = (found.value() or b"").decode(errors="replace")
        if found.error() is None and value.startswith(f"{mark}-"):
            seen[value] = seen.get(value, 0) + 1
print(
    json.dumps(
        {
            "sent": sent,
            "acknowledged": len(acknowledged),
            "refused": len(refused),
            "lost": len(acknowledged.keys() - seen.keys()),
            "doubled": sum(count > 1 for count in seen.values()),
            "gap": round(gap, 2),
            "seconds": round(time.monotonic() - begin, 1),
        }
    )
)
