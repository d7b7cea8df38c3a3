"""The students' way through the estate while something breaks on it: every count stays exact.

Runs on the estate of the site scenario: ``tests/lab/run pytest tests/e2e``, or as part of ``tests/run site``.
"""

from __future__ import annotations

import json
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from lab import on, playbook

HOST, REGISTRY_HOST, ELASTIC_HOST = "peter-kafka01.foo.bar", "peter-kafka03.foo.bar", "peter-kafka02.foo.bar"
WORKERS = [f"peter-zk0{number}.foo.bar" for number in (1, 2, 3)]
UPSTREAM, DOWNSTREAM = "peter-kafka01.foo.bar:9092,peter-kafka02.foo.bar:9092", "peter-zk01.foo.bar:9092,peter-zk02.foo.bar:9092"
TOPIC, CONNECTOR = "peter-avro01-kafka1", "peter-mirrormaker2"
REGISTRY, ELASTIC = f"http://{REGISTRY_HOST}:8081", f"http://{ELASTIC_HOST}:9200"
LOG = "/var/lib/kafka-estate/exercise/acknowledged"
AWAY_SECONDS = 20


def command(script: str, *words: str) -> list[str]:
    """Return the command that runs a script of the exercise on its host."""
    path = f"/opt/kafka-estate/exercise/{script}.py"
    return ["docker", "exec", HOST, "env", "PYTHONPATH=/opt/kafka-estate/students/current", "python3", path, *words]


def script(name: str, *words: str) -> dict[str, Any]:
    """Run a script of the exercise to its end; return its result."""
    done = subprocess.run(command(name, *words), capture_output=True, text=True, timeout=240)
    assert done.returncode == 0, done.stderr[-2000:]
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


def producing(run: str, count: int, *more: str) -> list[str]:
    """Return the words of a producer of v2."""
    words = ["--bootstrap-servers", UPSTREAM, "--registry", REGISTRY, "--topic", TOPIC, "--version", "v2"]
    return [*words, "--run", run, "--count", str(count), "--acknowledged", LOG, *more]


def indexing(*more: str) -> list[str]:
    """Return the words of the indexer."""
    words = ["--bootstrap-servers", DOWNSTREAM, "--registry", REGISTRY, "--elasticsearch", ELASTIC]
    return [*words, "--topic", f"src.{TOPIC}", "--until-end", *more]


def counted(run: str, count: int) -> list[tuple[int, int]]:
    """Return records and different students of a run: upstream, downstream, in the index; those behind are waited for."""
    up = script("count", "--bootstrap-servers", UPSTREAM, "--topic", TOPIC)["keys"]
    down = script("count", "--bootstrap-servers", DOWNSTREAM, "--topic", f"src.{TOPIC}", "--at-least", str(len(set(up))))["keys"]
    script("index", *indexing())
    found = script("count", "--elasticsearch", ELASTIC)["keys"]
    counts = [Counter(key for key in keys if key.startswith(f"{run}/")) for keys in (up, down, found)]
    return [(counter.total(), len(counter)) for counter in counts]


def connect(method: str, path: str) -> Any:
    """Ask Connect."""
    url = f"http://{WORKERS[0]}:8083{path}"
    ask = f"import urllib.request as u; print(u.urlopen(u.Request('{url}', method='{method}')).read().decode())"
    return json.loads(on(HOST, "python3", "-c", ask).strip() or "null")


def status() -> dict[str, Any]:
    """Return the state of the mirror."""
    result: dict[str, Any] = connect("GET", f"/connectors/{CONNECTOR}/status")
    return result


def started() -> list[str]:
    """Return when each Connect worker started."""
    return [on(worker, "systemctl", "show", "--property=ExecMainStartTimestamp", "kafka-connect") for worker in WORKERS]


def until(state: str) -> None:
    """Wait until the mirror and its task have a state."""
    end = time.monotonic() + 60
    while (found := [status()["connector"], *status()["tasks"]]) and any(part["state"] != state for part in found):
        assert time.monotonic() < end, found
        time.sleep(0.5)


@contextmanager
def away(host: str, unit: str) -> Iterator[float]:
    """Keep a service down inside, and start it again at the end."""
    on(host, "systemctl", "stop", unit)
    try:
        yield time.monotonic()
    finally:
        on(host, "systemctl", "start", unit)


@pytest.fixture
def run() -> str:
    """Return the name of a new run."""
    return time.strftime("v2-%Y%m%dT%H%M%S")


def test_an_indexer_killed_three_times_loses_and_doubles_nothing(run: str) -> None:
    script("produce", *producing(run, 5000))
    counted_upstream = script("count", "--bootstrap-servers", UPSTREAM, "--topic", TOPIC)["keys"]
    script("count", "--bootstrap-servers", DOWNSTREAM, "--topic", f"src.{TOPIC}", "--at-least", str(len(set(counted_upstream))))
    before = len(script("count", "--elasticsearch", ELASTIC)["keys"])
    for _ in range(3):
        with subprocess.Popen(command("index", *indexing("--batch", "50")), stderr=subprocess.PIPE, text=True) as indexer:
            assert indexer.stderr is not None and any("indexed" in line for line in indexer.stderr)
            on(HOST, "sh", "-c", "kill -9 $(pgrep -f '^python3 /opt/kafka-estate/exercise/index.py')")
        assert indexer.returncode == 137
    assert before < len(script("count", "--elasticsearch", ELASTIC)["keys"]) < before + 5000
    assert counted(run, 5000) == [(5000, 5000)] * 3


def test_a_worker_killed_while_50000_pass_loses_nothing_and_the_index_has_each_once(run: str) -> None:
    victim = status()["tasks"][0]["worker_id"].partition(":")[0]
    with subprocess.Popen(command("produce", *producing(run, 50000, "--rate", "8000")), stdout=subprocess.DEVNULL) as producer:
        time.sleep(3)
        on(victim, "systemctl", "kill", "--signal=KILL", "kafka-connect")
    assert producer.returncode == 0
    up, down, found = counted(run, 50000)
    assert (up, down[1], found) == ((50000, 50000), 50000, (50000, 50000))
    until("RUNNING")


def test_a_registry_that_is_away_only_delays(run: str) -> None:
    with away(REGISTRY_HOST, "schema-registry") as since:
        producer = subprocess.Popen(command("produce", *producing(run, 1000)), stdout=subprocess.DEVNULL)
        time.sleep(max(0.0, since + AWAY_SECONDS - time.monotonic()))
        assert producer.poll() is None
    assert producer.wait(120) == 0
    assert counted(run, 1000) == [(1000, 1000)] * 3


def test_an_elasticsearch_that_is_away_only_delays(run: str) -> None:
    script("produce", *producing(run, 1000))
    with away(ELASTIC_HOST, "elasticsearch") as since:
        indexer = subprocess.Popen(command("index", *indexing()), stdout=subprocess.DEVNULL)
        time.sleep(max(0.0, since + AWAY_SECONDS - time.monotonic()))
        assert indexer.poll() is None
    assert indexer.wait(180) == 0
    assert counted(run, 1000) == [(1000, 1000)] * 3


def test_a_paused_mirror_catches_up(run: str) -> None:
    connect("PUT", f"/connectors/{CONNECTOR}/pause")
    try:
        until("PAUSED")
        script("produce", *producing(run, 10000))
    finally:
        connect("PUT", f"/connectors/{CONNECTOR}/resume")
    assert counted(run, 10000) == [(10000, 10000)] * 3
    until("RUNNING")


def test_connectors_reconciled_twice_change_and_restart_nothing() -> None:
    before = (
        status(),
        [on(worker, "systemctl", "show", "--property=ExecMainStartTimestamp", "kafka-connect") for worker in WORKERS],
    )
    for _ in range(2):
        done = playbook("playbooks/objects.yml")
        assert done.status == 0 and done.changed() == {}, done.output
    after = (
        status(),
        [on(worker, "systemctl", "show", "--property=ExecMainStartTimestamp", "kafka-connect") for worker in WORKERS],
    )
    assert after == before


def test_an_incompatible_schema_is_refused_with_the_reason() -> None:
    rules = script("rules", "--registry", REGISTRY, "--topic", TOPIC)
    assert rules["compatibility"] == "FULL" and "school" in rules["refused"] and not rules["changed"]


def test_the_exercise_still_counts_every_student_once_in_the_index() -> None:
    done = playbook("playbooks/exercise.yml")
    assert done.status == 0, done.output
    result = done.last(HOST)
    assert not result["changed"] and all(version["sent"] == version["indexed"] for version in result["versions"])
    assert all(version["lost"] == 0 for version in result["versions"])
