#!/usr/bin/env python3
"""Writes the students of a topic to an Elasticsearch index: each exactly once, however often this is killed and rerun.

A document's id is the place of its record (topic, partition, offset), so a record read again replaces itself; offsets are
committed only after Elasticsearch has acknowledged the documents, so no record is passed over.

index.py --bootstrap-servers b1:9092 --registry http://r:8081 --topic src.peter-avro01-kafka1 \
         --elasticsearch http://e:9200 --index students --until-end
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator
from typing import Any

from common import SCHEMA, finish, progress, record_time
from confluent_kafka import Consumer, KafkaException, TopicPartition
from confluent_kafka.schema_registry import SchemaRegistryClient
from confluent_kafka.schema_registry.avro import AvroDeserializer
from confluent_kafka.serialization import MessageField, SerializationContext
from elasticsearch import Elasticsearch, helpers

MAPPING = {
    "properties": {
        "name": {"type": "keyword"},
        "class": {"type": "integer"},
        "timestamp": {"type": "date"},
        "key": {"type": "keyword"},
    }
}


def documents(messages: list[Any], read: AvroDeserializer, index: str) -> Iterator[dict[str, Any]]:
    """Turn records into the documents of one bulk request."""
    for message in messages:
        student: Any = read(message.value(), SerializationContext(message.topic(), MessageField.VALUE))
        yield {
            "_index": index,
            "_id": f"{message.topic()}-{message.partition()}-{message.offset()}",
            "name": student["name"],
            "class": student["class"],
            "timestamp": record_time(message),
            "key": (message.key() or b"").decode(errors="replace"),
        }


def at_end(consumer: Consumer, timeout: float) -> bool:
    """Return whether every partition assigned to this consumer is read to its end."""
    assigned = consumer.assignment()
    for place in consumer.position(assigned):
        low, high = consumer.get_watermark_offsets(TopicPartition(place.topic, place.partition), timeout=timeout)
        if place.offset < 0:  # nothing read yet: where the group stands counts
            place = consumer.committed([place], timeout=timeout)[0]
        if max(place.offset, low) < high:
            return False
    return bool(assigned)


def main() -> int:
    """Read, index, commit; return 0 when stopped or at the end, 1 when something was refused."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bootstrap-servers", required=True)
    parser.add_argument("--registry", required=True, help="URL of the schema registry")
    parser.add_argument("--topic", required=True)
    parser.add_argument("--elasticsearch", required=True, help="URLs, separated by commas")
    parser.add_argument("--index", default="students")
    parser.add_argument("--group", default="students-indexer", help="consumer group")
    parser.add_argument("--batch", type=int, default=500, help="records of one bulk request")
    parser.add_argument("--until-end", action="store_true", help="stop when the topic is read to its end")
    parser.add_argument("--idle", type=float, help="stop after so many seconds without a record")
    parser.add_argument("--timeout", type=float, default=60, help="seconds for each service to answer")
    options = parser.parse_args()

    elastic = Elasticsearch(
        options.elasticsearch.split(","), request_timeout=options.timeout, retry_on_timeout=True, max_retries=5
    )
    if not elastic.indices.exists(index=options.index):
        elastic.indices.create(index=options.index, mappings=MAPPING, settings={"index.auto_expand_replicas": "0-1"})
    read = AvroDeserializer(SchemaRegistryClient({"url": options.registry}), SCHEMA)
    consumer = Consumer(
        {
            "bootstrap.servers": options.bootstrap_servers,
            "group.id": options.group,
            # The same member after a kill: it takes its partitions back at once instead of after the session's end.
            "group.instance.id": f"{options.group}-1",
            "auto.offset.reset": "earliest",
            "enable.auto.commit": False,
        }
    )
    consumer.subscribe([options.topic])
    indexed = 0
    problems: list[str] = []
    last = time.monotonic()
    try:
        while True:
            messages = consumer.consume(options.batch, timeout=1.0)
            for message in messages:
                if message.error():
                    raise KafkaException(message.error())
            if messages:
                done, _ = helpers.bulk(elastic, documents(messages, read, options.index), max_retries=5)
                indexed += done
                progress(f"{indexed} indexed")
                consumer.commit(offsets=_after(messages), asynchronous=False)
                last = time.monotonic()
            elif (options.until_end and at_end(consumer, options.timeout)) or (
                options.idle and time.monotonic() - last > options.idle
            ):
                break
            elif options.until_end and not consumer.assignment() and time.monotonic() - last > options.timeout:
                problems.append(f"group {options.group} got no partition of {options.topic} in {options.timeout:.0f} s")
                break
    except KeyboardInterrupt:
        progress("stopped")
    finally:
        consumer.close()
    return finish({"indexed": indexed}, problems)


def _after(messages: list[Any]) -> list[TopicPartition]:
    """Return, for each partition, the offset after its last record."""
    ends: dict[tuple[str, int], int] = {}
    for message in messages:
        ends[message.topic(), message.partition()] = message.offset() + 1
    return [TopicPartition(topic, partition, offset) for (topic, partition), offset in ends.items()]


if __name__ == "__main__":
    sys.exit(main())
