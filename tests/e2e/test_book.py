"""Programs in the way of the book's readers, on an estate that has run the exercise, and the exercise on theirs.

They use the older classes of confluent-kafka, ``AvroProducer`` and ``AvroConsumer``, which decode a key as Avro too, addresses
without ports, and a record whose namespace is spelt as in the book.  The topic and the subject are the tests' own.
"""

from __future__ import annotations

import json
import subprocess
import uuid
from collections.abc import Iterator

import pytest
from lab import module, on, playbook
from test_students import HOST, REGISTRY, UPSTREAM, ask, script

TOPIC = f"book-{uuid.uuid4().hex[:8]}"
STUDENTS = 100
SCHEMA = """
{"namespace": "studnet.avro",
 "type": "record",
 "doc": "This is an example of Avro.",
 "name": "Student",
 "fields": [
   {"name": "name", "type": ["null", "string"], "default": null, "doc": "Name of the student"},
   {"name": "class", "type": "int", "default": 1, "doc": "Class of the student"}
 ]
}
"""
PRODUCER = """
import random, sys
from confluent_kafka import avro
from confluent_kafka.avro import AvroProducer
topic, schema, count = sys.argv[1:]
def delivered(error, message):
    assert error is None, error
producer = AvroProducer({
    "bootstrap.servers": "peter-kafka01.foo.bar,peter-kafka02.foo.bar,peter-kafka03.foo.bar",
    "on_delivery": delivered,
    "schema.registry.url": "http://peter-kafka03.foo.bar:8081",
}, default_value_schema=avro.loads(schema))
for _ in range(int(count)):
    producer.produce(topic=topic, value={"name": random.choice(["Ada", "Yuna"]), "class": random.randint(1, 5)})
assert producer.flush(60) == 0
"""
CONSUMER = """
import sys, time
from confluent_kafka import avro
from confluent_kafka.avro import AvroConsumer
topic, schema, count = sys.argv[1:]
consumer = AvroConsumer({
    "bootstrap.servers": "peter-kafka01.foo.bar,peter-kafka02.foo.bar,peter-kafka03.foo.bar",
    "group.id": f"{topic}-{time.time()}",
    "auto.offset.reset": "earliest",
    "schema.registry.url": "http://peter-kafka03.foo.bar:8081",
}, reader_value_schema=avro.loads(schema))
consumer.subscribe([topic])
read, end = 0, time.monotonic() + 180
while read < int(count) and time.monotonic() < end:
    message = consumer.poll(10)
    if message is not None:
        assert message.error() is None, message.error()
        assert set(message.value()) == {"name", "class"}, message.value()
        read += 1
consumer.close()
print(read)
"""


def program(text: str, count: int) -> str:
    """Run a program on the host of the exercise; return what it prints."""
    command = ["docker", "exec", "-i", HOST, "env", "PYTHONPATH=/opt/kafka-estate/students/current", "python3", "-"]
    done = subprocess.run([*command, TOPIC, SCHEMA, str(count)], input=text, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout.strip()


def exercise(version: str, run: str) -> None:
    """Send students by the exercise's own script."""
    words = ["--bootstrap-servers", UPSTREAM, "--registry", REGISTRY, "--topic", TOPIC, "--version", version]
    assert script("produce", *words, "--run", run, "--count", str(STUDENTS))["sent"] == STUDENTS


@pytest.fixture(scope="module", autouse=True)
def scripts() -> None:
    """Bring the exercise's scripts and libraries to their host."""
    exercise = playbook("playbooks/exercise.yml")
    assert exercise.status == 0, exercise.output


@pytest.fixture
def topic() -> Iterator[None]:
    """Make the topic; remove it and its subject in the end."""
    on(HOST, "kafka-topics", "--create", "--topic", TOPIC, "--partitions", "1", "--replication-factor", "3")
    yield
    on(HOST, "kafka-topics", "--delete", "--topic", TOPIC)
    ask("DELETE", f"{REGISTRY}/subjects/{TOPIC}-value")


def test_the_books_programs_run_before_and_after_the_exercise(topic: None) -> None:
    program(PRODUCER, STUDENTS)
    assert program(CONSUMER, STUDENTS) == str(STUDENTS)
    subject = {"name": f"{TOPIC}-value", "compatibility": "FULL"}
    level = module(HOST, "subjects", urls=[REGISTRY], subjects=[subject])
    assert not level.get("failed"), level
    exercise("v1", "v1-book")
    exercise("v2", "v2-book")
    assert program(CONSUMER, 3 * STUDENTS) == str(3 * STUDENTS)
    program(PRODUCER, STUDENTS)
    assert program(CONSUMER, 4 * STUDENTS) == str(4 * STUDENTS)
    # The exercise tells its own students from theirs.
    ids = script("count", "--bootstrap-servers", UPSTREAM, "--topic", TOPIC)["ids"]
    assert len(ids) == 4 * STUDENTS and len({one for one in ids if one}) == 2 * STUDENTS
    assert ask("GET", f"{REGISTRY}/subjects/{TOPIC}-value/versions") == [1, 2, 3]


def test_all_schemas_are_listed_where_confluents_registry_lists_them(topic: None) -> None:
    exercise("v1", "v1-list")
    (found,) = ask("GET", f"{REGISTRY}/schemas?subjectPrefix={TOPIC}")
    # Numbers go on where a subject was deleted before.
    (number,) = ask("GET", f"{REGISTRY}/subjects/{TOPIC}-value/versions")
    one = ask("GET", f"{REGISTRY}/subjects/{TOPIC}-value/versions/{number}")
    assert found["subject"] == f"{TOPIC}-value"
    assert [found[key] for key in ("version", "id", "schema")] == [one[key] for key in ("version", "id", "schema")]
    assert json.loads(found["schema"])["name"] == "Student"
    every = {(one["subject"], one["version"]) for one in ask("GET", f"{REGISTRY}/schemas")}
    assert {("peter-avro01-kafka1-value", 1), (f"{TOPIC}-value", number)} <= every


def test_one_schema_has_one_version_however_it_is_spelt() -> None:
    """The text of ``schema_subjects`` ends with a line feed, that of a client does not."""
    declared = ask("GET", f"{REGISTRY}/subjects/peter-avro01-kafka1-value/versions")
    path = f"{REGISTRY}/subjects/peter-avro01-kafka1-value/versions"
    spelt = {json.dumps(json.loads(ask("GET", f"{path}/{one}")["schema"])) for one in declared}
    assert len(spelt) == len(declared), "two versions hold one schema"
