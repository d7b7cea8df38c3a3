"""Flows on the live estate: the notes' connector, heartbeats that pass, both directions without a loop, a cluster outside."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from lab import on, playbook, rest, until

UPSTREAM, DOWNSTREAM = "peter-kafka01.foo.bar", "peter-zk01.foo.bar"
BOOTSTRAP = {
    name: ",".join(f"peter-{host}0{number}.foo.bar:9092" for number in (1, 2, 3))
    for name, host in (("kafka-1", "kafka"), ("kafka-2", "zk"))
}
WORKER = "peter-zk01.foo.bar"
# How topics begin that only the flow back makes: heartbeats of other flows it took along are among them.
LEFT_BEHIND = ("mm2-offset-syncs.src.", "dst.")
EVERY_SECOND = ("refresh.topics", "refresh.groups", "emit.checkpoints", "sync.group.offsets")
UP, DOWN, IN = 300, 200, 100
# A cluster that the inventory does not know: one process that is broker and controller, on a port of its own.
OUTSIDE_HOST, OUTSIDE = "peter-kafka03.foo.bar", "peter-kafka03.foo.bar:19092"
OUTSIDE_CONFIG = f"""process.roles=broker,controller
node.id=1
controller.quorum.voters=1@localhost:19093
controller.listener.names=CONTROLLER
listeners=PLAINTEXT://:19092,CONTROLLER://localhost:19093
advertised.listeners=PLAINTEXT://{OUTSIDE}
offsets.topic.replication.factor=1
offsets.topic.num.partitions=1
group.initial.rebalance.delay.ms=0
log.cleaner.dedupe.buffer.size=4194304
"""
AT = ("--bootstrap-server", OUTSIDE)
# Topics as a registry and Connect have them.
STATE = ("_schemas", "connect-configs")
# Runs on a broker host: every topic of its cluster, with the number of records of those that are named.
RECORDS = """
import json, sys
sys.path.insert(0, "/opt/kafka-estate/python/current")
from confluent_kafka import TopicPartition
from confluent_kafka.admin import AdminClient, OffsetSpec
address, *wanted = sys.argv[1:]
admin = AdminClient({"bootstrap.servers": address})
found = admin.list_topics(timeout=20).topics
parts = [TopicPartition(name, part) for name in found if name in wanted for part in found[name].partitions]
counts = dict.fromkeys(found, 0)
for part, answer in admin.list_offsets(dict.fromkeys(parts, OffsetSpec.latest())).items() if parts else ():
    counts[part.topic] += answer.result(20).offset
print(json.dumps(counts))
"""
JAVA = "java -Xmx160m -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -cp '/opt/kafka/current/libs/*'"


def connect(path: str, method: str = "GET") -> Any:
    """Return what Connect answers."""
    return rest(WORKER, f"http://{WORKER}:8083{path}", method)


def records(host: str, *wanted: str) -> list[int]:
    """Return the number of records that topics of a host's cluster ever had; 0 for one that is not there."""
    found: dict[str, int] = json.loads(on(host, "python3", "-c", RECORDS, f"{host}:9092", *wanted))
    return [found.get(topic, 0) for topic in wanted]


def topics(host: str) -> list[str]:
    """Return the topics of a host's cluster."""
    return list(json.loads(on(host, "python3", "-c", RECORDS, f"{host}:9092")))


@pytest.fixture
def outside() -> Iterator[str]:
    """A cluster outside of the inventory while the test runs; returns the name of its folder."""
    home = f"/tmp/outside-{uuid.uuid4().hex[:8]}"
    on(OUTSIDE_HOST, "mkdir", home)
    on(OUTSIDE_HOST, "tee", f"{home}/server.properties", text=f"{OUTSIDE_CONFIG}log.dirs={home}/data\n")
    start = (
        f"cd {home} && {JAVA} kafka.tools.StorageTool format -t AAAAAAAAAAAAAAAAAAAAAQ -c server.properties && "
        f"{{ exec {JAVA} kafka.Kafka server.properties >log 2>&1 & echo $! >pid; }}"
    )
    try:
        on(OUTSIDE_HOST, "sh", "-c", start)
        until(lambda: on(OUTSIDE_HOST, "kafka-topics", *AT, "--list"), 240, "the cluster outside answers", lambda _: True)
        yield home
    finally:
        on(OUTSIDE_HOST, "sh", "-c", f"kill -9 $(cat {home}/pid); rm -r {home}")


@pytest.fixture
def both_ways(tmp_path: Path, outside: str) -> Iterator[str]:
    """Two flows, there and back, that take every topic that ends with the name returned, and look for news each second.

    A third brings every topic of the cluster outside downstream, under its own name.
    """
    name = f"active-{uuid.uuid4().hex[:8]}"
    common: dict[str, Any] = {
        "topics": [f".*{name}"],
        "groups": [name],
        "heartbeat": False,
        "config": {"all": {f"{what}.interval.seconds": 1 for what in EVERY_SECOND}},
    }
    flows = [
        {"name": f"{name}-up", "source": "kafka-1", "target": "kafka-2", "source_alias": "src", "target_alias": "dst", **common},
        {"name": f"{name}-down", "source": "kafka-2", "target": "kafka-1", **common},
        {
            "name": f"{name}-in",
            "source": f"plant-{name}",
            "source_bootstrap": OUTSIDE,
            "target": "kafka-2",
            "policy": "identity",
            "groups": [name],
            "config": common["config"],
        },
    ]
    # Beside the lab's inventories: its flows, for the time of this test, are these.
    (tmp_path / "hosts.yml").write_text("all: {}\n")
    (tmp_path / "group_vars").mkdir()
    (tmp_path / "group_vars/all.yml").write_text(json.dumps({"mirrors": flows}))
    made = [f"{name}-{way}{kind}" for way in ("up", "down") for kind in ("", "-checkpoint")]
    made += [f"{name}-in{kind}" for kind in ("", "-checkpoint", "-heartbeat")]
    before = {host: topics(host) for host in (UPSTREAM, DOWNSTREAM)}
    try:
        for host in before:
            on(host, "kafka-topics", "--create", "--topic", name, "--partitions", "2", "--replication-factor", "3")
        for topic in (f"{name}-plant", *STATE):
            on(OUTSIDE_HOST, "kafka-topics", *AT, "--create", "--topic", topic, "--partitions", "2")
        ways: list[list[str]] = [["--check", "--diff"], ["--diff"]]
        runs = [playbook("playbooks/objects.yml", *args, inventory=[str(tmp_path)]) for args in ways]
        assert [run.status for run in runs] == [0, 0], runs[-1].output
        foretold, done = (run.last(WORKER) for run in runs)
        assert [foretold[key] for key in ("changed", "actions", "diff")] == [done[key] for key in ("changed", "actions", "diff")]
        assert done["actions"] == [f"create {one}" for one in made]
        yield name
    finally:
        for one in connect("/connectors") or ():
            if one in made:
                connect(f"/connectors/{one}", "DELETE")
        for host, names in before.items():
            extra = [topic for topic in topics(host) if topic not in names and (name in topic or topic.startswith(LEFT_BEHIND))]
            if extra:
                on(host, "kafka-topics", "--delete", "--topic", "|".join(extra))


def test_the_connector_of_the_notes_has_their_settings_and_no_others() -> None:
    assert connect("/connectors/peter-mirrormaker2/config") == {
        "name": "peter-mirrormaker2",
        "connector.class": "org.apache.kafka.connect.mirror.MirrorSourceConnector",
        "tasks.max": "1",
        "source.cluster.alias": "src",
        "target.cluster.alias": "dst",
        "source.cluster.bootstrap.servers": BOOTSTRAP["kafka-1"],
        "target.cluster.bootstrap.servers": BOOTSTRAP["kafka-2"],
        "replication.factor": "3",
        "topics": "peter-avro01-kafka1",
    }


def test_heartbeats_are_written_upstream_and_pass_through_the_flow() -> None:
    assert "heartbeats" in topics(UPSTREAM) and "heartbeats" not in topics(DOWNSTREAM)
    first = records(DOWNSTREAM, "src.heartbeats")
    until(lambda: records(DOWNSTREAM, "src.heartbeats"), 300, "a heartbeat more", lambda count: count > first > [0])


def test_both_directions_and_a_cluster_outside_at_once_do_not_loop_and_offsets_follow(both_ways: str) -> None:
    name = both_ways
    for host, count in ((UPSTREAM, UP), (DOWNSTREAM, DOWN)):
        on(host, "kafka-console-producer", "--topic", name, text="".join(f"{host} {number}\n" for number in range(count)))
    read = ["kafka-console-consumer", "--topic", name, "--group", name, "--from-beginning", "--max-messages", str(UP)]
    assert len(on(UPSTREAM, *read).splitlines()) == UP

    def counted() -> list[int]:
        return records(UPSTREAM, name, f"dst.{name}") + records(DOWNSTREAM, name, f"src.{name}")

    plant = f"{name}-plant"
    numbers = "".join(f"{number}\n" for number in range(IN))
    on(OUTSIDE_HOST, "kafka-console-producer", *AT, "--topic", plant, text=numbers)
    read = [*AT, "--topic", plant, "--group", name, "--from-beginning", "--max-messages", str(IN)]
    assert len(on(OUTSIDE_HOST, "kafka-console-consumer", *read).splitlines()) == IN

    until(counted, 300, "every record on both sides", lambda counts: counts == [UP, DOWN, DOWN, UP])
    # Without a prefix, and with the heartbeats of the cluster outside; what its registry and Connect keep stays there.
    until(lambda: records(DOWNSTREAM, plant), 300, "every record from outside", lambda count: count == [IN])
    until(lambda: records(DOWNSTREAM, f"plant-{name}.heartbeats"), 300, "a heartbeat from outside", any)
    assert not {*STATE} & {*topics(DOWNSTREAM)}
    # The positions of the groups that read everything, translated: nothing of it is left to read downstream.
    described = ["kafka-consumer-groups", "--describe", "--group", name]
    expected = {f"src.{name}", plant}
    until(lambda: on(DOWNSTREAM, *described), 300, "the groups downstream", lambda groups: expected <= {*groups.split()})
    # Both connectors have looked for new topics many times by now: what came from the other side stays where it is.
    assert counted() == [UP, DOWN, DOWN, UP]
    for host in (UPSTREAM, DOWNSTREAM):
        mine = sorted(topic for topic in topics(host) if topic.endswith(name))
        assert mine == sorted([name, f"dst.{name}" if host == UPSTREAM else f"src.{name}"])
