"""What the scripts of the exercise share: the schemas, the ids, reading records, and how a script ends."""

from __future__ import annotations

import io
import json
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import fastavro
from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, KafkaException, TopicPartition
from confluent_kafka.schema_registry import SchemaRegistryClient

# The record of the book, whose namespace reads "studnet.avro": misspelled there, spelled right here. Readers do not
# mind, for Avro matches records by their name without the namespace. v3 is many students of v2.
# Carries the id of a student. Records have no key: consumers of the AvroConsumer class decode a key as Avro too, and end
# at the first one that is plain text.
ID_HEADER = "student"
SCHEMA_FILES = {"v1": "student_v1.avsc", "v2": "student_v2.avsc", "v3": "student_v2.avsc"}
# Of an estate where nobody logs in.
NO_LOGIN: Mapping[str, Any] = {}
LOGIN_HELP = "file with TLS and login, a setting a line: name=value"


def schema(version: str) -> str:
    """Return the Avro schema of a version, as JSON."""
    return (Path(__file__).parent / SCHEMA_FILES[version]).read_text(encoding="utf-8")


def login(path: Path | None) -> dict[str, Any]:
    """Return the settings in a file of lines ``name=value``; none without a file. What a program writes into its files is no
    secret of a command line.
    """
    lines = path.read_text(encoding="utf-8").splitlines() if path else []
    return {name.strip(): value for name, sign, value in (line.partition("=") for line in lines) if sign and name[:1] != "#"}


def search_login(path: Path | None) -> dict[str, Any]:
    """Return a login for the client of Elasticsearch, from the two settings that a file for the schema registry has too."""
    found = login(path)
    if not found:
        return {}
    return {"ca_certs": found["ssl.ca.location"], "basic_auth": tuple(found["basic.auth.user.info"].split(":", 1))}


def registry(url: str, secured: Mapping[str, Any] = NO_LOGIN) -> SchemaRegistryClient:
    """Return a client that waits for a registry that is away, for a minute or more."""
    patience = {"max.retries": 60, "retries.wait.ms": 500, "retries.max.wait.ms": 2000}
    return SchemaRegistryClient({**secured, "url": url, **patience})


def student_id(run: str, number: int, count: int) -> str:
    """Return the id of one student: it tells a lost student from a doubled one wherever the record arrives."""
    return f"{run}/{number:06d}/{count}"


def id_of(message: Any) -> str:
    """Return the id of the student in a record, or '' for a record that other programs sent."""
    return next((value.decode(errors="replace") for name, value in message.headers() or () if name == ID_HEADER), "")


def record_time(message: Any) -> str:
    """Return the time that the producer gave the record."""
    seconds, milliseconds = divmod(message.timestamp()[1], 1000)
    return f"{_written(seconds)}.{milliseconds:03d}Z"


@lru_cache
def _written(seconds: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds))


class Reader:
    """Reads values with one schema, whatever schema they were written with; asks the registry once for each of those.

    AvroDeserializer of confluent-kafka does the same and more, at several times the cost.
    """

    def __init__(self, url: str, version: str, secured: Mapping[str, Any] = NO_LOGIN) -> None:
        self.registry = registry(url, secured)
        self.own: Any = fastavro.parse_schema(json.loads(schema(version)))
        self.writers: dict[int, tuple[Any, Any]] = {}

    def writer(self, value: bytes) -> int:
        """Return the id of the schema that a value was written with: four bytes behind the first."""
        if len(value) < 5 or value[0] != 0:
            raise ValueError(f"not a value of the schema registry: {value[:10]!r}")
        return int.from_bytes(value[1:5], "big")

    def __call__(self, value: bytes) -> Any:
        """Return the student in a value."""
        number = self.writer(value)
        if number not in self.writers:
            writer = fastavro.parse_schema(json.loads(str(self.registry.get_schema(number).schema_str)))
            # Comparing the two schemas for each value would cost a quarter of reading it.
            self.writers[number] = writer, None if writer == self.own else self.own
        return fastavro.schemaless_reader(io.BytesIO(value[5:]), *self.writers[number])


def records(
    bootstrap_servers: str,
    topic: str,
    timeout: float,
    enough: Callable[[], bool] = lambda: True,
    secured: Mapping[str, Any] = NO_LOGIN,
) -> Iterator[Any]:
    """Read a topic from its beginning, outside of any group, until its end is reached and it is enough.

    When no record has come for ``timeout`` seconds, what is there has to do.
    """
    consumer = Consumer(
        {
            **secured,
            "bootstrap.servers": bootstrap_servers,
            # Asked for and never joined.
            "group.id": "students-reader",
            "enable.auto.commit": False,
            "enable.partition.eof": True,
            "auto.offset.reset": "earliest",
        }
    )
    try:
        last = time.monotonic()
        partitions: list[int] = []
        while not partitions:
            found = consumer.list_topics(topic, timeout=timeout).topics[topic]
            if found.error and found.error.code() == KafkaError.TOPIC_AUTHORIZATION_FAILED:
                raise KafkaException(found.error)
            partitions = list(found.partitions)
            if not partitions and (enough() or time.monotonic() - last > timeout):
                return  # there is no such topic
            time.sleep(0 if partitions else 0.5)
        consumer.assign([TopicPartition(topic, partition, OFFSET_BEGINNING) for partition in partitions])
        at_end: set[int] = set()
        while len(at_end) < len(partitions) or not enough():
            messages = consumer.consume(1000, timeout=0.2)
            for message in messages:
                if ended(message):
                    at_end.add(int(message.partition() or 0))
                else:
                    at_end.discard(int(message.partition() or 0))
                    yield message
            if messages:
                last = time.monotonic()
            elif time.monotonic() - last > timeout:
                if len(at_end) < len(partitions):
                    raise TimeoutError(f"no record of {topic} came for {timeout:.0f} s, and its end is not reached")
                return
    finally:
        consumer.close()


def ended(message: Any) -> bool:
    """Return whether this is no record but the end of a partition; raise what went wrong."""
    error = message.error()
    if error is None:
        return False
    if error.code() == KafkaError._PARTITION_EOF:
        return True
    raise KafkaException(error)


def progress(text: str) -> None:
    """Say something to the person watching; standard output is for the result."""
    print(text, file=sys.stderr, flush=True)


def finish(result: dict[str, Any], problems: list[str]) -> int:
    """Print the result as one line of JSON and return the exit code."""
    for problem in problems[:10]:
        progress(f"error: {problem}")
    print(json.dumps({**result, "problems": problems[:10]}), flush=True)
    return 1 if problems else 0
