"""What the scripts of the exercise share: the record, its keys, and how a script ends."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from typing import Any

from confluent_kafka import Consumer, KafkaException, TopicPartition

# The record of the book, whose namespace reads "studnet.avro": misspelled there, spelled right here. Readers do not
# mind, for Avro matches records by their name without the namespace.
SCHEMA = json.dumps(
    {
        "namespace": "student.avro",
        "type": "record",
        "name": "Student",
        "doc": "A student of the exercise.",
        "fields": [
            {"name": "name", "type": ["null", "string"], "default": None, "doc": "Name of the student"},
            {"name": "class", "type": "int", "default": 1, "doc": "Class of the student"},
        ],
    }
)


def key(run: str, number: int, count: int) -> str:
    """Return the key of one student: it tells a lost student from a doubled one wherever the record arrives."""
    return f"{run}/{number:06d}/{count}"


def record_time(message: Any) -> str:
    """Return the time that the producer gave the record."""
    _, milliseconds = message.timestamp()
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(milliseconds / 1000)) + f".{milliseconds % 1000:03d}Z"


def records(bootstrap_servers: str, topic: str, at_least: int = 0, timeout: float = 60) -> Iterator[Any]:
    """Read a topic from its beginning to its present end, outside of any group.

    Waits first until it holds ``at_least`` records; after ``timeout`` seconds it reads what is there.
    """
    consumer = Consumer({"bootstrap.servers": bootstrap_servers, "group.id": "unused", "enable.auto.commit": False})
    try:
        bounds = _bounds(consumer, topic, timeout)
        end = time.monotonic() + timeout
        while sum(high - low for low, high in bounds.values()) < at_least and time.monotonic() < end:
            time.sleep(0.5)
            bounds = _bounds(consumer, topic, timeout)
        left = {partition: high for partition, (low, high) in bounds.items() if low < high}
        consumer.assign([TopicPartition(topic, partition, bounds[partition][0]) for partition in left])
        while left:
            message = consumer.poll(timeout)
            if message is None:
                raise TimeoutError(f"no record of {topic} came for {timeout:.0f} s, and its end is not reached")
            if message.error():
                raise KafkaException(message.error())
            partition, offset = int(message.partition() or 0), int(message.offset() or 0)
            if offset < left.get(partition, 0):
                yield message
            if offset + 1 >= left.get(partition, sys.maxsize):
                del left[partition]
    finally:
        consumer.close()


def _bounds(consumer: Consumer, topic: str, timeout: float) -> dict[int, tuple[int, int]]:
    """Return the lowest offset and the end of each partition; none when there is no such topic (yet)."""
    found = consumer.list_topics(topic, timeout=timeout).topics[topic]
    return {
        partition: consumer.get_watermark_offsets(TopicPartition(topic, partition), timeout=timeout)
        for partition in found.partitions
    }


def progress(text: str) -> None:
    """Say something to the person watching; standard output is for the result."""
    print(text, file=sys.stderr, flush=True)


def finish(result: dict[str, Any], problems: list[str]) -> int:
    """Print the result as one line of JSON and return the exit code."""
    for problem in problems[:10]:
        progress(f"error: {problem}")
    print(json.dumps({**result, "problems": problems[:10]}), flush=True)
    return 1 if problems else 0
