"""Replicas moved and topics deleted on the live estate; Kafka's own command line says what came of it."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from lab import Step, module, on, steps, until

BROKER = "peter-kafka01.foo.bar"
CLIENT = {"bootstrap.servers": "peter-kafka01.foo.bar:9092,peter-kafka03.foo.bar:9092"}
RATE = "replication.throttled.rate"
SHOWN = ("changed", "actions", "diff", "moves")


def cli(*words: str) -> str:
    """Return what a tool of the command line prints for an ordinary user."""
    return on(BROKER, *words, user="nobody")


def topics(*wanted: dict[str, Any], check: bool = False, **options: Any) -> dict[str, Any]:
    """Run the module on a list of topics."""
    return module(BROKER, "topics", check=check, client=CLIENT, topics=list(wanted), **options)


def replicas(topic: str) -> dict[int, list[int]]:
    """Return the replicas of each partition; every one of them must be in sync, or get so on a busy machine."""

    def in_sync() -> dict[int, list[int]]:
        shown = cli("kafka-topics", "--describe", "--topic", topic)
        found = {}
        for number, there, followers in re.findall(r"Partition: (\d+).*Replicas: (\S+)\s+Isr: (\S+)", shown):
            found[int(number)] = [int(broker) for broker in there.split(",")]
            assert set(there.split(",")) == set(followers.split(",")), shown
        return found

    return until(in_sync, 90, f"every replica of {topic} is in sync")


def throttles(topic: str) -> str:
    """Return every setting of a throttle on the topic and on the brokers."""
    lines = cli("kafka-configs", "--describe", "--entity-type", "topics", "--entity-name", topic)
    lines += cli("kafka-configs", "--describe", "--entity-type", "brokers")
    return "\n".join(line for line in lines.splitlines() if "throttled" in line)


@pytest.fixture
def topic() -> Iterator[str]:
    """Return the name of a topic that is gone after the test."""
    name = f"topics-{uuid.uuid4().hex[:8]}"
    yield name
    cli("kafka-topics", "--delete", "--if-exists", "--topic", name)


@pytest.fixture
def filled(topic: str) -> str:
    """Return the name of a topic of three partitions, one replica each, with 6 MB in each.

    A throttle is a mean over 11 s: however low, a broker copies a first megabyte at once, and another every 11 s.
    """
    refused = topics({"name": topic, "partitions": 3, "replication_factor": 1})
    assert refused["failed"] and "min.insync.replicas is 2, the brokers' default, with replication factor 1" in refused["msg"]
    wanted = {"name": topic, "partitions": 3, "replication_factor": 1, "config": {"min.insync.replicas": 1}}
    assert topics(wanted)["changed"]
    servers = f"bootstrap.servers={CLIENT['bootstrap.servers']}"
    load = ["--num-records", "18000", "--record-size", "1000", "--throughput", "-1"]
    cli("kafka-producer-perf-test", "--topic", topic, *load, "--producer-props", servers, "acks=all")
    return topic


def test_replicas_come_and_go_and_the_throttle_goes_with_them(filled: str) -> None:
    first = replicas(filled)
    for factor in (3, 2):
        wanted = {"name": filled, "replication_factor": factor, "config": {"min.insync.replicas": 1}}
        foretold = topics(wanted, check=True, throttle=5_000_000)
        done = topics(wanted, throttle=5_000_000)
        assert [foretold[key] for key in SHOWN] == [done[key] for key in SHOWN]
        there = replicas(filled)
        assert all(len(brokers) == factor and brokers[0] == first[number][0] for number, brokers in there.items())
        assert throttles(filled) == ""
        again = topics(wanted)
        assert not again["changed"] and again["moves"] == []
        if factor == 3:
            assert done["moves"][0]["bytes"] > 30_000_000
            log = on(BROKER, "journalctl", "--no-pager", "--lines=50", "--identifier=ansible-estate.kafka.topics")
            assert "3 of 3 partitions moved" in log


def test_chosen_replicas(topic: str) -> None:
    topics({"name": topic, "replicas": [[1, 2], [2, 3]]})
    assert replicas(topic) == {0: [1, 2], 1: [2, 3]}
    done = topics({"name": topic, "replicas": [[3, 1], [2, 3], [1, 3]]})
    assert done["actions"][1] == f"raise partitions of {topic} to 3"
    assert replicas(topic) == {0: [3, 1], 1: [2, 3], 2: [1, 3]}


def test_a_move_somebody_else_began_is_waited_for_and_its_throttle_removed(filled: str) -> None:
    first = replicas(filled)
    rest = {number: [brokers[0], *({1, 2, 3} - set(brokers))] for number, brokers in first.items()}
    parts = [{"topic": filled, "partition": number, "replicas": brokers} for number, brokers in rest.items()]
    asked = json.dumps({"version": 1, "partitions": parts})
    on(BROKER, "tee", "/tmp/topics-move.json", user="nobody", text=asked)
    # So slow that it is certainly under way when the module looks; the module's own throttle then replaces this one.
    tool = ["kafka-reassign-partitions", "--reassignment-json-file", "/tmp/topics-move.json"]
    cli(*tool, "--execute", "--throttle", "1000")
    wanted = {"name": filled, "replication_factor": 3}
    foretold = topics(wanted, check=True)
    assert foretold["actions"] == [f"wait for the move of replicas of {filled} that is under way"]
    slow = topics(wanted, throttle=1000, timeout=5)
    assert slow["failed"] and "nothing moved for 5 s" in slow["msg"] and "run again" in slow["msg"]
    assert RATE in throttles(filled)
    on(BROKER, "rm", "/tmp/topics-move.json")
    done = topics(wanted)
    assert done["actions"] == foretold["actions"]
    assert [sorted(brokers) for brokers in replicas(filled).values()] == [[1, 2, 3]] * 3
    assert throttles(filled) == ""
    assert not topics(wanted)["changed"]


def test_what_was_done_and_what_not_is_said_and_a_rerun_finishes(filled: str) -> None:
    """What the cluster can judge beforehand changes nothing; a move that does not come to its end is known only then."""
    other = f"{filled}-2"
    good = {"name": other, "partitions": 1, "replication_factor": 3}
    try:
        bad = [{"name": filled, "config": {"retention.ms": "soon"}}, {"name": f"{other}-bad", "config": {"no.such.key": 1}}]
        result = topics(good, *bad)
        assert result["failed"] and not result.get("changed") and "nothing was changed" in result["msg"]
        assert len(result["refused"]) == 2 and all("INVALID_CONFIG" in line for line in result["refused"])
        assert other not in cli("kafka-topics", "--list").split()
        wanted = [good, {"name": filled, "replication_factor": 3}]
        result = topics(*wanted, throttle=1000, timeout=5)
        assert result["failed"] and result["actions"] == [f"create {other}"]
        assert len(result["refused"]) == 1 and f"move replicas of {filled}" in result["msg"] and "nothing moved" in result["msg"]
        assert topics(*wanted)["actions"] == [f"wait for the move of replicas of {filled} that is under way"]
        assert not topics(*wanted)["changed"]
    finally:
        cli("kafka-topics", "--delete", "--if-exists", "--topic", other)


def test_a_topic_is_deleted_only_when_its_name_is_confirmed(topic: str) -> None:
    topics({"name": topic, "partitions": 1, "replication_factor": 2})
    absent = {"name": topic, "state": "absent"}
    result = topics(absent)
    assert result["failed"] and f"confirm_delete: [{topic}]" in result["msg"]
    result = topics({"name": "__consumer_offsets", "state": "absent"}, confirm_delete=["__consumer_offsets"])
    assert result["failed"] and "never deleted here" in result["msg"]
    listed = topics({"name": "peter-avro01-kafka1"}, prune=True, check=True)
    assert topic in listed["unlisted"] and not listed["changed"]
    assert not [name for name in listed["unlisted"] if name.startswith(("_", "kafkasql", "mm2-", "registry-"))]
    foretold = topics({"name": "peter-avro01-kafka1"}, prune=True, confirm_delete=[topic], check=True)
    assert topic in cli("kafka-topics", "--list").split()
    done = topics({"name": "peter-avro01-kafka1"}, prune=True, confirm_delete=[topic])
    assert [foretold[key] for key in SHOWN] == [done[key] for key in SHOWN] and done["actions"] == [f"delete {topic}"]
    assert topic not in cli("kafka-topics", "--list").split()
    assert not topics(absent)["changed"]


KEPT = {
    BROKER: [
        "__consumer_offsets",
        "_schemas",
        "heartbeats",
        "kafkasql-snapshots",
        "mm2-offset-syncs.dst.internal",
        "registry-events",
    ],
    "peter-zk01.foo.bar": [
        "__consumer_offsets",
        *(f"connect-cluster-{what}" for what in ("configs", "offsets", "status")),
        "src.checkpoints.internal",
        "src.heartbeats",
    ],
}


@pytest.mark.parametrize("host", KEPT)
def test_what_something_else_keeps_is_never_pruned_not_even_by_name(host: str) -> None:
    options = {"client": {"bootstrap.servers": f"{host}:9092"}, "topics": [], "prune": True}
    named, refused = steps(host, Step("topics", options, check=True), Step("topics", {**options, "confirm_delete": KEPT[host]}))
    assert not {*KEPT[host]}.intersection(named.result["unlisted"]), named.result
    assert refused.result["failed"] and not refused.result.get("changed")
    assert [name for name in KEPT[host] if f"- {name}: " not in refused.result["msg"]] == []
    assert refused.result["msg"].count("never deleted here") == len(KEPT[host])
    assert {*KEPT[host]} <= {*on(host, "kafka-topics", "--list", user="nobody").split()}


@pytest.mark.parametrize("name", ["a b", "..", "x" * 250])
def test_a_name_that_is_none_is_refused(name: str) -> None:
    result = topics({"name": name})
    assert result["failed"] and "not a topic name" in result["msg"]
