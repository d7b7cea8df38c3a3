"""The students' way through the estate while something breaks on it: every count stays exact.

Runs on the estate of the site scenario, whose verify includes it, or on the lab's (``tests/lab/run pytest tests/e2e``).
The exercise runs first: it brings its scripts to their host.
The faults have a topic, a connector, a subject and an index of their own, so the exercise's students are left as they are.
"""

from __future__ import annotations

import json
import subprocess
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from lab import ROOT, module, on, playbook, rest, until

HOST, REGISTRY_HOST, ELASTIC_HOST = "peter-kafka01.foo.bar", "peter-kafka03.foo.bar", "peter-kafka02.foo.bar"
WORKERS = [f"peter-zk0{number}.foo.bar" for number in (1, 2, 3)]
UPSTREAM, DOWNSTREAM = (",".join(f"peter-{kind}0{number}.foo.bar:9092" for number in (1, 2, 3)) for kind in ("kafka", "zk"))
REGISTRY, ELASTIC = f"http://{REGISTRY_HOST}:8081", f"http://{ELASTIC_HOST}:9200"
CONNECT = [f"http://{worker}:8083" for worker in WORKERS]
AWAY_SECONDS = 20
# Records a second of a producer that is not to end before a worker is killed, on a busy machine either.
SLOWLY = 4000
# So few in one request that indexing goes on while something is done to the indexer or to Elasticsearch.
SMALL_BATCHES = ("--batch", "10")


def command(script: str, *words: str) -> list[str]:
    """Return the command that runs a script of the exercise on its host."""
    path = f"/opt/kafka-estate/exercise/{script}.py"
    return ["docker", "exec", HOST, "env", "PYTHONPATH=/opt/kafka-estate/students/current", "python3", path, *words]


def script(name: str, *words: str) -> dict[str, Any]:
    """Run a script of the exercise to its end; return its result."""
    done = subprocess.run(command(name, *words), capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr[-2000:]
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


def ask(method: str, url: str) -> Any:
    """Return what a service answers to a request from the host of the exercise."""
    return rest(HOST, url, method)


def started() -> list[str]:
    """Return when each Connect worker started."""
    return [on(worker, "systemctl", "show", "--property=ExecMainStartTimestampMonotonic", "kafka-connect") for worker in WORKERS]


def begun() -> list[list[str]]:
    """Return how many connectors and tasks each Connect worker has begun, by its own count."""
    lines = [rest(worker, "http://localhost:7072/metrics").splitlines() for worker in WORKERS]
    return [[line for line in found if "startup_attempts_total " in line and line[0] != "#"] for found in lines]


class Way:
    """A way of students through the estate: a topic, its mirror, an index."""

    def __init__(self) -> None:
        self.name = f"e2e-{uuid.uuid4().hex[:8]}"
        self.mirrored = f"src.{self.name}"
        self.connector = f"{self.name}-mirror"
        self.runs = 0

    def make(self) -> None:
        """Make the topic and its mirror."""
        on(HOST, "kafka-topics", "--create", "--topic", self.name, "--partitions", "1", "--replication-factor", "3")
        config = {
            "connector.class": "org.apache.kafka.connect.mirror.MirrorSourceConnector",
            "source.cluster.alias": "src",
            "target.cluster.alias": "dst",
            "source.cluster.bootstrap.servers": UPSTREAM,
            "target.cluster.bootstrap.servers": DOWNSTREAM,
            "topics": self.name,
            "replication.factor": 3,
            "tasks.max": 1,
        }
        done = module(WORKERS[0], "connectors", urls=CONNECT, connectors=[{"name": self.connector, "config": config}])
        assert not done.get("failed"), done

    def states(self) -> set[str]:
        """Return the states of the mirror and of its task."""
        status = ask("GET", f"{CONNECT[0]}/connectors/{self.connector}/status")
        return {status["connector"]["state"], *(task["state"] for task in status["tasks"])}

    def until(self, state: str) -> None:
        """Wait until the mirror and its task have a state."""
        until(self.states, 180, f"mirror and task are {state}", lambda found: found == {state})

    def producing(self, count: int, *more: str) -> list[str]:
        """Return the words of a producer of v2."""
        words = ["--bootstrap-servers", UPSTREAM, "--registry", REGISTRY, "--topic", self.name, "--version", "v2"]
        self.runs += 1
        return [*words, "--run", f"v2-{self.runs}", "--count", str(count), *more]

    def indexing(self, *more: str) -> list[str]:
        """Return the words of the indexer."""
        words = ["--bootstrap-servers", DOWNSTREAM, "--registry", REGISTRY, "--elasticsearch", ELASTIC, "--index", self.name]
        return [*words, "--topic", self.mirrored, "--group", self.name, "--until-end", *more]

    def upstream(self) -> list[str]:
        """Return the keys of the topic."""
        keys: list[str] = script("count", "--bootstrap-servers", UPSTREAM, "--topic", self.name)["ids"]
        return keys

    def downstream(self, at_least: int) -> list[str]:
        """Return the keys of the mirrored topic, once it has so many different ones."""
        words = ["--bootstrap-servers", DOWNSTREAM, "--topic", self.mirrored, "--at-least", str(at_least)]
        keys: list[str] = script("count", *words)["ids"]
        return keys

    def indexed(self) -> list[str]:
        """Return the keys of the index."""
        keys: list[str] = script("count", "--elasticsearch", ELASTIC, "--index", self.name)["ids"]
        return keys

    def counted(self, runs: int = 1) -> list[tuple[int, int]]:
        """Return records and different students of the last runs at each of the three places; those behind are waited for."""
        up = self.upstream()
        down = self.downstream(len(set(up)))
        script("index", *self.indexing())
        last = tuple(f"v2-{run}/" for run in range(self.runs - runs + 1, self.runs + 1))
        counts = [Counter(key for key in keys if key.startswith(last)) for keys in (up, down, self.indexed())]
        return [(counter.total(), len(counter)) for counter in counts]

    def remove(self) -> None:
        """Remove what this way has made, but for its group: Kafka forgets that in time, it has a static member until then."""
        ask("DELETE", f"{CONNECT[0]}/connectors/{self.connector}")
        on(HOST, "kafka-topics", "--delete", "--topic", self.name)
        on(WORKERS[0], "kafka-topics", "--delete", "--topic", self.mirrored)
        ask("DELETE", f"{ELASTIC}/{self.name}?ignore_unavailable=true")
        ask("DELETE", f"{REGISTRY}/subjects/{self.name}-value")


@pytest.fixture(scope="module")
def way() -> Iterator[Way]:
    """Return a way of its own for the students of these tests."""
    exercise = playbook("playbooks/exercise.yml")
    assert exercise.status == 0, exercise.output
    way = Way()
    way.make()
    yield way
    way.remove()


@contextmanager
def away(host: str, unit: str) -> Iterator[float]:
    """Keep a service down inside, and start it again at the end."""
    on(host, "systemctl", "stop", unit)
    try:
        yield time.monotonic()
    finally:
        on(host, "systemctl", "start", unit)


def test_an_incompatible_schema_is_refused_with_the_reason(way: Way) -> None:
    file = ROOT / "examples" / "students" / "student_v1.avsc"
    declared = [{"name": f"{way.name}-value", "schema_file": str(file), "compatibility": "FULL"}]
    assert len(module(REGISTRY_HOST, "subjects", urls=[REGISTRY], subjects=declared)["actions"]) == 2
    first, again = (script("rules", "--registry", REGISTRY, "--topic", way.name) for _ in range(2))
    assert first["compatibility"] == "FULL" and first["refused"] == again["refused"] and "school" in first["refused"]
    assert ask("GET", f"{REGISTRY}/subjects/{way.name}-value/versions") == [1, 2]


def test_an_indexer_killed_three_times_loses_and_doubles_nothing(way: Way) -> None:
    script("produce", *way.producing(15000))
    way.downstream(len(set(way.upstream())))
    before = len(way.indexed())
    for _ in range(3):
        with subprocess.Popen(command("index", *way.indexing(*SMALL_BATCHES)), stderr=subprocess.PIPE, text=True) as indexer:
            assert indexer.stderr is not None and any("indexed" in line for line in indexer.stderr)
            on(HOST, "pkill", "-KILL", "-f", f"^python3 /opt/kafka-estate/exercise/index.py .*{way.name}")
        assert indexer.returncode == 137
    assert before < len(way.indexed()) < before + 15000
    assert way.counted() == [(15000, 15000)] * 3


def test_a_paused_mirror_catches_up(way: Way) -> None:
    ask("PUT", f"{CONNECT[0]}/connectors/{way.connector}/pause")
    try:
        way.until("PAUSED")
        behind = way.downstream(0)
        script("produce", *way.producing(10000))
        assert way.downstream(0) == behind
    finally:
        ask("PUT", f"{CONNECT[0]}/connectors/{way.connector}/resume")
    assert way.counted() == [(10000, 10000)] * 3


def test_a_registry_that_is_away_only_delays(way: Way) -> None:
    """One producer is in the middle of its students when it goes, another starts while it is away."""
    before = len(way.upstream())
    midway = subprocess.Popen(command("produce", *way.producing(1000, "--rate", "25")), stdout=subprocess.DEVNULL)
    until(way.upstream, 60, "the first of them are upstream", lambda keys: len(keys) > before)
    with away(REGISTRY_HOST, "schema-registry") as since:
        late = subprocess.Popen(command("produce", *way.producing(1000)), stdout=subprocess.DEVNULL)
        time.sleep(max(0.0, since + AWAY_SECONDS - time.monotonic()))
        assert late.poll() is None
    assert late.wait(300) == midway.wait(300) == 0
    assert way.counted(runs=2) == [(2000, 2000)] * 3


def test_an_elasticsearch_that_goes_away_only_delays(way: Way) -> None:
    """It goes while the indexer is in the middle of its students."""
    script("produce", *way.producing(10000))
    way.downstream(len(set(way.upstream())))
    before = len(way.indexed())
    with subprocess.Popen(command("index", *way.indexing(*SMALL_BATCHES)), stderr=subprocess.PIPE, text=True) as indexer:
        assert indexer.stderr is not None and any("indexed" in line for line in indexer.stderr)
        with away(ELASTIC_HOST, "elasticsearch") as since:
            time.sleep(max(0.0, since + AWAY_SECONDS - time.monotonic()))
            assert indexer.poll() is None
        said = indexer.communicate(timeout=400)[1]
    assert indexer.returncode == 0, said
    assert len(way.indexed()) == before + 10000
    assert way.counted() == [(10000, 10000)] * 3


def test_connectors_reconciled_twice_change_and_restart_nothing(way: Way) -> None:
    def seen() -> tuple[Any, list[str], list[list[str]]]:
        return ask("GET", f"{CONNECT[0]}/connectors?expand=status"), started(), begun()

    def running() -> bool:
        tasks = [part for one in seen()[0].values() for part in (one["status"]["connector"], *one["status"]["tasks"])]
        return bool(tasks) and all(part["state"] == "RUNNING" for part in tasks)

    until(running, 120, "all connectors and tasks run")
    before = seen()
    assert any(not attempts.endswith(" 0.0") for worker in before[2] for attempts in worker)
    for _ in range(2):
        done = playbook("playbooks/objects.yml")
        assert done.status == 0 and done.changed() == {}, done.output
    assert seen() == before


def test_a_worker_killed_while_50000_pass_loses_nothing_and_the_index_has_each_once(way: Way) -> None:
    url = f"{CONNECT[0]}/connectors/{way.connector}/status"
    victim = ask("GET", url)["tasks"][0]["worker_id"].partition(":")[0]
    before, behind = started(), len(way.downstream(0))
    words = command("produce", *way.producing(50000, "--rate", str(SLOWLY)))
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as producer:
        assert producer.stderr is not None and any("sent" in line for line in producer.stderr)
        on(victim, "systemctl", "kill", "--signal=KILL", "kafka-connect")
        assert producer.poll() is None
        sent = json.loads(producer.communicate()[0])
    assert producer.returncode == 0 and sent["sent"] == 50000 and sent["seconds"] >= 50000 / SLOWLY
    up, down, found = way.counted()
    assert up == found == (50000, 50000)
    # The mirror sends at least once: what the worker had not yet noted passes a second time, and the document's id makes it one.
    assert down[1] == 50000 <= down[0] <= 100000
    assert behind < len(way.downstream(0))
    until(lambda: on(victim, "systemctl", "is-active", "kafka-connect"), 120, "the worker is started again")
    after = started()
    assert [one != other for one, other in zip(before, after, strict=True)] == [worker == victim for worker in WORKERS]
    way.until("RUNNING")


def test_the_exercise_has_its_students_still() -> None:
    done = playbook("playbooks/exercise.yml")
    assert done.status == 0, done.output
    result = done.last(HOST)
    assert not result["changed"]
    assert all(version["lost"] == 0 and version["sent"] == version["indexed"] for version in result["versions"])
