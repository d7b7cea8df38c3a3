#!/usr/bin/env python3
"""Writes the students of a topic to an Elasticsearch index: each exactly once, however often this is killed and rerun.

A document's id is the id of its student, so a record that is read again, or that the mirror brought twice, replaces itself.
Offsets are committed only after Elasticsearch has acknowledged the documents, so no record is passed over. While
Elasticsearch writes one batch, the next is read and decoded; while it is away, this waits.

index.py --bootstrap-servers b1:9092 --registry http://r:8081 --topic src.peter-avro01-kafka1 \
         --elasticsearch http://e:9200 --index students --until-end
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import deque
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import orjson
from common import LOGIN_HELP, NO_LOGIN, SCHEMA_FILES, Reader, ended, finish, id_of, login, progress, record_time, search_login
from confluent_kafka import Consumer, TopicPartition
from elasticsearch import ApiError, Elasticsearch, TransportError

FIELDS = {
    "name": {"type": "keyword"},
    "class": {"type": "integer"},
    "phone": {"type": "keyword"},
    "age": {"type": "integer"},
    "timestamp": {"type": "date"},
    "id": {"type": "keyword"},
}
# Batches on their way at a time: two that Elasticsearch has in work, and one that is decoded.
AHEAD = 3
# What passes by itself: too busy, no node to write to, a shard that is not there yet.
PASSING = (429, 502, 503, 504)


class Refused(Exception):
    """Documents that Elasticsearch did not write."""

    def __init__(self, items: list[dict[str, Any]]) -> None:
        super().__init__(f"{len(items)} documents refused, the first: {items[0]}")
        self.items = items


class Index:
    """An index of Elasticsearch, with patience."""

    def __init__(self, urls: str, name: str, timeout: float, patience: float, secured: Mapping[str, Any] = NO_LOGIN) -> None:
        self.name = name
        self.patience = patience
        self.elastic = Elasticsearch(urls.split(","), request_timeout=timeout, **secured)

    def patiently(self, call: Any) -> Any:
        """Return what a call returns; try again while Elasticsearch is away, until the patience is over."""
        end = time.monotonic() + self.patience
        pause = 0.1
        while True:
            try:
                return call()
            except (TransportError, ApiError, Refused) as error:
                if not _passing(error) or time.monotonic() > end:
                    raise
                progress(f"waiting for Elasticsearch: {type(error).__name__} {str(error)[:100]}")
                time.sleep(pause)
                pause = min(1, 2 * pause)

    def prepare(self) -> None:
        """Create the index, or give it the fields that it lacks."""
        if self.patiently(lambda: self.elastic.indices.exists(index=self.name)):
            self.patiently(lambda: self.elastic.indices.put_mapping(index=self.name, properties=FIELDS))
        else:
            settings = {"index.auto_expand_replicas": "0-1"}
            self.patiently(
                lambda: self.elastic.indices.create(index=self.name, mappings={"properties": FIELDS}, settings=settings)
            )

    def write(self, messages: list[Any], read: Reader) -> list[float]:
        """Write records as documents; return the seconds from each record's time to the acknowledgement."""
        body = self.body(messages, read)
        self.patiently(lambda: self.bulk(body))
        now = time.time()
        return [now - message.timestamp()[1] / 1000 for message in messages]

    def body(self, messages: list[Any], read: Reader) -> bytes:
        """Return the bulk request for records: two lines for each. A record without an id is known by its place.

        The client's helper does this too, at twice the cost.
        """
        lines = []
        for message in messages:
            student = id_of(message)
            name = student or f"{message.topic()}-{message.partition()}-{message.offset()}"
            document = {**read(message.value()), "timestamp": record_time(message), "id": student}
            lines.append(b'{"index":{"_id":%b}}\n%b\n' % (orjson.dumps(name), orjson.dumps(document)))
        return b"".join(lines)

    def bulk(self, body: bytes) -> None:
        """Send a bulk request; raise what was refused.

        A line for each document is asked for only then, by sending all of it once more: that does no harm.
        """
        request: dict[str, Any] = {"index": self.name, "operations": [body]}
        if self.elastic.bulk(**request, filter_path="errors")["errors"]:
            answers = [item["index"] for item in self.elastic.bulk(**request)["items"]]
            if refused := [answer for answer in answers if "error" in answer]:
                raise Refused(refused)


def _passing(error: Exception) -> bool:
    """Return whether Elasticsearch refuses only for now."""
    if isinstance(error, Refused):
        return all(item["status"] in PASSING for item in error.items)
    return error.status_code in PASSING if isinstance(error, ApiError) else True


class Work:
    """Batches on their way to the index, in the order in which they were read."""

    def __init__(self, index: Index, read: Reader, consumer: Consumer) -> None:
        self.index = index
        self.read = read
        self.consumer = consumer
        self.pool = ThreadPoolExecutor(AHEAD)
        self.batches: deque[tuple[Future[list[float]], dict[tuple[str, int], int]]] = deque()
        self.delays: list[float] = []
        self.said = 0
        self.written: dict[tuple[str, int], int] = {}
        self.committed = 0.0

    def add(self, messages: list[Any]) -> None:
        """Begin to write a batch."""
        self.batches.append((self.pool.submit(self.index.write, messages, self.read), _after(messages)))

    def drain(self, left: int) -> None:
        """Take the batches that are written, oldest first; wait until no more than so many are left."""
        while self.batches and (len(self.batches) > left or self.batches[0][0].done()):
            # A batch that was refused stays, so that nothing behind it is ever committed.
            future, offsets = self.batches[0]
            self.delays += future.result()
            self.batches.popleft()
            self.written |= offsets
            # Once a second while batches follow each other: what a kill leaves uncommitted is only written once more.
            if not self.batches or time.monotonic() > self.committed + 1:
                self.commit()
            if len(self.delays) - self.said >= 10_000 or not self.said:
                self.said = len(self.delays)
                progress(f"{self.said} indexed")

    def commit(self) -> None:
        """Commit what is written."""
        offsets = [TopicPartition(topic, partition, offset) for (topic, partition), offset in self.written.items()]
        self.consumer.commit(offsets=offsets, asynchronous=False)
        self.written, self.committed = {}, time.monotonic()


def _after(messages: list[Any]) -> dict[tuple[str, int], int]:
    """Return, for each partition, the offset after its last record."""
    return {(message.topic(), message.partition()): message.offset() + 1 for message in messages}


def result(delays: list[float], seconds: float) -> dict[str, Any]:
    """Return what was done: documents, seconds from the first record to the last acknowledgement, delays of the records."""
    found: dict[str, Any] = {"indexed": len(delays), "seconds": round(seconds, 3)}
    if delays:
        ordered = sorted(delays)
        found |= {f"p{part}": round(ordered[len(ordered) * part // 100], 3) for part in (50, 99)}
    return found


def main() -> int:
    """Read, index, commit; return 0 when stopped or at the end, 1 when something was refused."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bootstrap-servers", required=True)
    parser.add_argument("--registry", required=True, help="URL of the schema registry")
    parser.add_argument("--topic", required=True)
    parser.add_argument("--elasticsearch", required=True, help="URLs, separated by commas")
    parser.add_argument("--index", default="students")
    parser.add_argument("--version", choices=SCHEMA_FILES, default="v2", help="schema of this reader")
    parser.add_argument("--group", default="students-indexer", help="consumer group")
    parser.add_argument("--batch", type=int, default=1000, help="most records of one bulk request")
    parser.add_argument("--until-end", action="store_true", help="stop when the topic is read to its end")
    parser.add_argument("--idle", type=float, help="stop after so many seconds without a record")
    parser.add_argument("--timeout", type=float, default=60, help="seconds for each service to answer")
    parser.add_argument("--patience", type=float, default=300, help="seconds to wait for an Elasticsearch that is away")
    parser.add_argument("--kafka-login", type=Path, help=LOGIN_HELP)
    parser.add_argument("--registry-login", type=Path, help=LOGIN_HELP)
    parser.add_argument("--elasticsearch-login", type=Path, help=LOGIN_HELP)
    options = parser.parse_args()

    secured = search_login(options.elasticsearch_login)
    index = Index(options.elasticsearch, options.index, options.timeout, options.patience, secured)
    index.prepare()
    consumer = Consumer(
        {
            **login(options.kafka_login),
            "bootstrap.servers": options.bootstrap_servers,
            "group.id": options.group,
            # The same member after a kill: it takes its partitions back at once instead of after the session's end.
            "group.instance.id": f"{options.group}-1",
            "auto.offset.reset": "earliest",
            "enable.auto.commit": False,
            "enable.partition.eof": True,
        }
    )
    work = Work(index, Reader(options.registry, options.version, login(options.registry_login)), consumer)
    consumer.subscribe([options.topic], on_revoke=lambda *_: work.drain(0))
    at_end: set[int] = set()
    problems: list[str] = []
    begin = first = last = done = time.monotonic()
    try:
        while True:
            messages = [message for message in consumer.consume(options.batch, timeout=0.05) if not _noted(message, at_end)]
            now = time.monotonic()
            if messages:
                first, last = (now if not work.delays and not work.batches else first), now
                work.add(messages)
            pending = len(work.batches)
            work.drain(AHEAD - 1 if messages else 0)
            done = time.monotonic() if pending else done
            assigned = {place.partition for place in consumer.assignment()}
            if not messages and (
                (options.until_end and assigned and assigned <= at_end) or (options.idle and now - last > options.idle)
            ):
                break
            if options.until_end and not assigned and now - begin > options.timeout:
                problems.append(f"group {options.group} got no partition of {options.topic} in {options.timeout:.0f} s")
                break
    except KeyboardInterrupt:
        progress("stopped")
    finally:
        consumer.close()
    return finish(result(work.delays, done - first), problems)


def _noted(message: Any, at_end: set[int]) -> bool:
    """Return whether this is the end of a partition, and keep in mind which partitions are at their end."""
    if ended(message):
        at_end.add(message.partition())
        return True
    at_end.discard(message.partition())
    return False


if __name__ == "__main__":
    sys.exit(main())
