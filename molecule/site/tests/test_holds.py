"""What a live estate must hold under: repeated, interrupted, partial and hampered runs of site.yml.

Every test leaves the estate as it found it.  The tests of this file run in the order they are written.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import threading
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from lab import ROOT, RUN_SECONDS, Run, on, playbook, playbook_command, until

BROKER, VICTIM = "peter-kafka01.foo.bar", "peter-kafka03.foo.bar"
HOSTS = [f"peter-{name}0{number}.foo.bar" for name in ("zk", "kafka") for number in (1, 2, 3)]
TOPIC, GROUP, MESSAGES, COMMITTED = "holds-under", "holds-under-group", 1000, 400

# Runs on a broker host, with the library that the toolkit installed there.
IN_CONTAINER = """
import json, sys
sys.path.insert(0, "/opt/kafka-estate/python/current")
from confluent_kafka import Consumer, ConsumerGroupTopicPartitions, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic
SERVERS = {"bootstrap.servers": "peter-kafka01.foo.bar:9092,peter-kafka02.foo.bar:9092,peter-kafka03.foo.bar:9092"}
admin = AdminClient(SERVERS)
"""

PREPARE = (
    IN_CONTAINER
    + f"""
if "{TOPIC}" not in admin.list_topics(timeout=20).topics:
    admin.create_topics([NewTopic("{TOPIC}", 3, 3)])["{TOPIC}"].result(30)
    producer = Producer({{**SERVERS, "acks": "all", "enable.idempotence": True}})
    for number in range({MESSAGES}):
        producer.produce("{TOPIC}", str(number).encode(), partition=number % 3)
    assert producer.flush(120) == 0
    consumer = Consumer({{**SERVERS, "group.id": "{GROUP}"}})
    consumer.commit(offsets=[TopicPartition("{TOPIC}", 0, {COMMITTED // 3})], asynchronous=False)
    consumer.close()
"""
)

SNAPSHOT = (
    IN_CONTAINER
    + f"""
consumer = Consumer({{**SERVERS, "group.id": "reader", "enable.auto.commit": False, "auto.offset.reset": "earliest"}})
marks = [consumer.get_watermark_offsets(TopicPartition("{TOPIC}", number), timeout=60) for number in range(3)]
consumer.assign([TopicPartition("{TOPIC}", number, 0) for number in range(3)])
seen = set()
while len(seen) < {MESSAGES}:
    message = consumer.poll(60)
    if message is None:
        break
    seen.add(int(message.value()))
group = list(admin.list_consumer_group_offsets([ConsumerGroupTopicPartitions("{GROUP}")]).values())[0].result(20)
topics = sorted(admin.list_topics(timeout=20).topics)
offsets = [part.offset for part in group.topic_partitions]
print(json.dumps({{"marks": marks, "seen": len(seen), "offsets": offsets, "topics": topics}}))
"""
)

# Prints the lowest number of brokers that the cluster named until its standard input ends. A broker that stops closes its
# connections, and who asked it asks another one, as every client does; one that names none for 45 s ends this with the error.
WATCH = (
    IN_CONTAINER
    + """
import select, time
from confluent_kafka import KafkaException
lowest, answered = 99, time.monotonic()
while not select.select([sys.stdin], [], [], 0.3)[0]:
    try:
        lowest = min(lowest, len(AdminClient(SERVERS).list_topics(timeout=5).brokers))
        answered = time.monotonic()
    except KafkaException:
        if time.monotonic() - answered > 45:
            raise
print(lowest)
"""
)


def in_container(host: str, script: str) -> str:
    """Run a Python script on a host and return what it prints."""
    return on(host, "python3", "-c", script)


def snapshot() -> dict[str, Any]:
    """Return every message count, watermark, committed offset and topic name of the upstream cluster."""
    result: dict[str, Any] = json.loads(in_container(BROKER, SNAPSHOT))
    return result


def site(*args: str, inventory: Sequence[str] = ()) -> Run:
    """Run site.yml."""
    return playbook("site.yml", *args, inventory=inventory)


def started(host: str) -> str:
    """Return when each of the toolkit's services on a host started."""
    units = ["zookeeper", "kafka", "kafka-connect", "schema-registry", "elasticsearch"]
    return on(host, "systemctl", "show", "--property=Id,ExecMainStartTimestampMonotonic", *units)


def all_started() -> dict[str, str]:
    """Return the start times of every host."""
    return {host: started(host) for host in HOSTS}


@pytest.fixture(scope="module", autouse=True)
def records() -> dict[str, Any]:
    """Messages and a committed offset that must survive everything in this file."""
    in_container(BROKER, PREPARE)
    before = snapshot()
    assert before["seen"] == MESSAGES
    return before


def test_a_run_changes_nothing_and_keeps_every_message_and_offset(records: dict[str, Any]) -> None:
    times = all_started()
    run = site()
    assert run.status == 0, run.output
    assert run.changed() == {}
    assert all_started() == times
    until(snapshot, 120, "every record and offset is there", records.__eq__)


@pytest.mark.parametrize("args", [("--limit", f"{VICTIM},peter-zk02.foo.bar"), ("--tags", "kafka")])
def test_a_part_of_the_estate_alone_changes_nothing(args: tuple[str, ...]) -> None:
    run = site(*args)
    assert run.status == 0, run.output
    assert run.changed() == {}


@pytest.fixture
def setting(tmp_path: Path) -> list[str]:
    """An inventory beside the lab's with one changed broker setting of the upstream cluster."""
    overlay = tmp_path / "overlay.yml"
    overlay.write_text("kafka_upstream:\n  vars:\n    kafka_broker_config: {num.io.threads: 9}\n")
    return [str(overlay)]


def test_a_setting_restarts_one_cluster_one_broker_at_a_time(records: dict[str, Any], setting: list[str]) -> None:
    planned = site("--check", inventory=setting)
    assert planned.status == 0, planned.output
    before = all_started()
    watcher = subprocess.Popen(
        ["docker", "exec", "-i", "peter-zk01.foo.bar", "python3", "-c", WATCH],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        run = site(inventory=setting)
    finally:
        lowest, _ = watcher.communicate("\n", timeout=180)
    assert watcher.returncode == 0
    assert run.status == 0, run.output
    assert planned.changed() == run.changed()
    upstream = {"peter-kafka01.foo.bar", "peter-kafka02.foo.bar", "peter-kafka03.foo.bar"}
    assert set(run.changed()) == upstream
    after = all_started()
    assert {host for host in after if after[host] != before[host]} == upstream
    assert int(lowest) >= 2
    until(snapshot, 120, "every record and offset is there", records.__eq__)


@pytest.fixture
def left() -> Iterator[list[int]]:
    """Processes that outlive a killed run: Mitogen gives its own a session, and nobody ends it. They go after the test."""
    pids: list[int] = []
    yield pids
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def test_a_killed_run_is_finished_by_the_next(records: dict[str, Any], left: list[int]) -> None:
    def kill(pid: int) -> None:
        left.extend(map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split()))
        os.killpg(pid, signal.SIGKILL)

    # The setting of the test before is taken back: brokers roll, and the run dies on the way, three times.
    for seconds in random.Random(12).sample(range(6, 30), 3):
        killed = subprocess.Popen(
            playbook_command("site.yml"), cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
        )
        timer = threading.Timer(seconds, kill, (killed.pid,))
        timer.start()
        killed.wait(RUN_SECONDS)
        timer.cancel()
    run = site()
    assert run.status == 0, run.output
    until(snapshot, 120, "every record and offset is there", records.__eq__)


def test_with_one_host_down_the_others_converge_and_the_run_says_so(records: dict[str, Any]) -> None:
    subprocess.run(["docker", "stop", "--time", "30", VICTIM], check=True, capture_output=True, timeout=300)
    try:
        run = site()
        assert run.status != 0
        assert run.stats[VICTIM]["unreachable"] or run.stats[VICTIM]["failures"]
        assert VICTIM in run.output
        others = {host: counts for host, counts in run.stats.items() if host not in (VICTIM, "localhost")}
        assert all(counts["ok"] > 5 and not counts["failures"] for counts in others.values()), others
        # Nor did the run before, which finished what three killed ones had begun, leave anything to do.
        assert set(run.changed()) <= {VICTIM}
    finally:
        subprocess.run(["docker", "start", VICTIM], check=True, capture_output=True, timeout=300)
    run = site()
    assert run.status == 0, run.output
    until(snapshot, 120, "every record and offset is there", records.__eq__)
