"""The students exercise on the live estate, counted a second time by Kafka's own tools and by Elasticsearch."""

from __future__ import annotations

import json
from typing import Any

import pytest
from lab import on, playbook, rest

UPSTREAM, DOWNSTREAM = "peter-kafka01.foo.bar", "peter-zk01.foo.bar"
TOPIC, INDEX = "peter-avro01-kafka1", "http://peter-kafka02.foo.bar:9200/students"
EXERCISE, LOG = "/opt/kafka-estate/exercise", "/var/lib/kafka-estate/exercise/acknowledged"


def exercise(*args: str) -> dict[str, Any]:
    """Run the playbook; return the result of its last task."""
    run = playbook("playbooks/exercise.yml", *args)
    assert run.status == 0, run.output
    return run.last(UPSTREAM)


def counted() -> list[int]:
    """Return the number of students upstream, downstream and in the index, without the toolkit's own counting."""
    up = on(UPSTREAM, "kafka-get-offsets", "--topic", TOPIC)
    down = on(DOWNSTREAM, "kafka-get-offsets", "--topic", f"src.{TOPIC}")
    return [int(up.rsplit(":", 1)[1]), int(down.rsplit(":", 1)[1]), rest(UPSTREAM, f"{INDEX}/_count")["count"]]


@pytest.fixture(scope="module")
def sent() -> int:
    """Return the number of students in the estate after the exercise: 100 on a new one."""
    result = exercise()
    assert {(place["records"], place["distinct"], place["lost"], place["doubled"]) for place in result["places"]} == {
        (result["sent"], result["sent"], 0, 0)
    }
    assert sum(version["indexed"] for version in result["versions"]) == result["sent"]
    assert result["rules"]["compatibility"] == "FULL" and "school" in result["rules"]["refused"]
    return int(result["sent"])


def test_every_student_is_everywhere_exactly_once(sent: int) -> None:
    assert sent >= 100 and counted() == [sent, sent, sent]


def test_the_exercise_again_sends_nothing(sent: int) -> None:
    result = exercise()
    assert not result["changed"] and result["sent"] == sent
    assert counted() == [sent, sent, sent]


def test_a_run_that_was_cut_short_is_completed(sent: int) -> None:
    servers = "peter-kafka01.foo.bar:9092,peter-kafka02.foo.bar:9092"
    on(
        UPSTREAM,
        *("env", "PYTHONPATH=/opt/kafka-estate/students/current", "python3", f"{EXERCISE}/produce.py"),
        *("--bootstrap-servers", servers, "--registry", "http://peter-kafka03.foo.bar:8081", "--topic", TOPIC),
        *("--run", "v1-99991231T000000", "--count", "20", "--acknowledged", LOG),
        *("--numbers", "-"),
        text="0 1 2 17",
    )
    result = exercise()
    assert result["changed"] and result["sent"] == sent + 20
    assert "16 students of run v1-99991231T000000" in result["estate_report"]
    assert counted() == [sent + 20] * 3


def test_students_can_be_read_with_the_schema() -> None:
    students = on(
        DOWNSTREAM.replace("zk", "kafka"),
        *("env", "PYTHONPATH=/opt/kafka-estate/students/current", "python3", f"{EXERCISE}/consume.py"),
        *("--bootstrap-servers", "peter-zk01.foo.bar:9092", "--registry", "http://peter-kafka03.foo.bar:8081"),
        *("--topic", f"src.{TOPIC}"),
    ).splitlines()
    assert ", class " in students[0] and json.loads(students[-1])["read"] == counted()[1]
