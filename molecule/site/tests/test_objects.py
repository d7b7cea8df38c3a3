"""Topics, connectors and the command line on the live estate."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from lab import Step, foretold, module, on, playbook, steps

BROKER, WORKER = "peter-kafka01.foo.bar", "peter-zk02.foo.bar"
CLIENT = {"bootstrap.servers": "peter-kafka01.foo.bar:9092,peter-kafka03.foo.bar:9092"}
URLS = [f"http://peter-zk0{number}.foo.bar:8083" for number in (1, 2, 3)]


def cli(*words: str, text: str = "", host: str = BROKER) -> str:
    """Return what a tool of the command line prints for an ordinary user."""
    return on(host, *words, user="nobody", text=text)


@pytest.fixture
def topic() -> Iterator[str]:
    """Return the name of a topic that is gone after the test."""
    name = f"objects-{uuid.uuid4().hex[:8]}"
    yield name
    cli("kafka-topics", "--delete", "--if-exists", "--topic", name)


# Written as people write them; Kafka shows 1.0, true, 60000 and compact,delete.
ODD = {"min.cleanable.dirty.ratio": 1, "preallocate": "True", "segment.ms": "060000", "cleanup.policy": "compact, delete"}
STEPS: list[tuple[dict[str, Any], str]] = [
    ({"partitions": 2, "replication_factor": 3, "config": {"retention.ms": 60000}}, "create"),
    ({"partitions": 4, "config": {"retention.ms": None, **ODD}}, "configure"),
    # Nothing is left to do: what is not listed is left alone.
    ({"partitions": 4, "replication_factor": 3, "config": ODD}, ""),
]


def test_check_mode_shows_what_a_run_then_does(topic: str) -> None:
    for options, first in STEPS:
        wanted: dict[str, Any] = {"client": CLIENT, "topics": [{"name": topic, **options}]}
        foretold = module(BROKER, "topics", check=True, **wanted)
        done = module(BROKER, "topics", **wanted)
        assert [foretold[key] for key in ("changed", "actions", "diff")] == [done[key] for key in ("changed", "actions", "diff")]
        assert done["changed"] == bool(first) and "".join(done["actions"]).startswith(first)
    shown = cli("kafka-topics", "--describe", "--topic", topic)
    assert "PartitionCount: 4" in shown and "ReplicationFactor: 3" in shown
    settings = cli("kafka-configs", "--describe", "--entity-type", "topics", "--entity-name", topic)
    assert "cleanup.policy=compact,delete" in settings and "dirty.ratio=1.0" in settings and "retention.ms" not in settings


@pytest.mark.parametrize(
    ("options", "check", "words"),
    [
        ({"partitions": 1, "replication_factor": 4}, True, "3 brokers are live (1, 2, 3)"),
        ({"partitions": 1, "replication_factor": 4}, False, "3 brokers are live (1, 2, 3)"),
        ({"partitions": 1, "config": {"no.such.key": 1}}, True, "INVALID_CONFIG"),
        ({"partitions": 0}, True, "at least 1"),
    ],
)
def test_a_topic_that_is_refused_is_named_with_reason_and_remedy(
    topic: str, options: dict[str, Any], check: bool, words: str
) -> None:
    result = module(BROKER, "topics", check=check, client=CLIENT, topics=[{"name": topic, **options}])
    assert result["failed"] and topic in result["msg"] and words in result["msg"]
    assert topic not in cli("kafka-topics", "--list").split()


def test_brokers_tell_their_version() -> None:
    found = module(BROKER, "cluster_info", client=CLIENT)
    assert [(one["id"], one["version"], one["rack"]) for one in found["brokers"]] == [
        (number, "3.9", None) for number in (1, 2, 3)
    ]


def test_nobody_at_the_address() -> None:
    result = module(BROKER, "topics", client={"bootstrap.servers": "127.0.0.1:1"}, timeout=10, topics=[{"name": "x"}])
    assert result["failed"] and "no broker of 127.0.0.1:1 answered" in result["msg"] and "refused" in result["msg"]


def test_a_connector_that_connect_refuses_is_not_touched() -> None:
    config = {"connector.class": "org.apache.kafka.connect.mirror.MirrorHeartbeatConnector", "tasks.max": "many"}
    result = module(WORKER, "connectors", urls=URLS, connectors=[{"name": "refused", "config": config}])
    assert result["failed"] and "refused: tasks.max" in result["msg"]
    result = module(WORKER, "connectors", urls=URLS, connectors=[{"name": "x", "config": {"connector.class": "a.B"}}])
    assert result["failed"] and "no class a.B" in result["msg"]


def test_connectors_of_which_connect_refuses_one() -> None:
    """Settings that pass its validation and are larger than a record of its topic may be. All are stopped, so nothing runs."""
    names = [f"objects-{uuid.uuid4().hex[:8]}-{letter}" for letter in "abc"]
    config = {"connector.class": "FileStreamSource", "topic": names[0], "file": "/dev/null"}
    good = [{"name": name, "config": config, "state": "stopped"} for name in names]
    bad = {**good[1], "config": {**config, "x.note": "x" * 1_100_000}}
    invalid = {**good[1], "config": {**config, "tasks.max": "many"}}
    wanted = [[good[0], invalid], [good[0], bad, good[2]], good, good]
    done = steps(WORKER, *(Step("connectors", {"urls": URLS, "timeout": 60, "connectors": one}) for one in wanted))
    untouched, partly, rest, nothing = (one.result for one in done)
    # The first would be there for the second run, had it been made before the other was looked at.
    assert untouched["failed"] and f"{names[1]}: tasks.max" in untouched["msg"] and not untouched.get("changed")
    assert partly["failed"] and partly["actions"] == [f"create {names[0]}", f"create {names[2]}"]
    assert "1 of 3 steps refused, 2 done" in partly["msg"] and partly["refused"][0].startswith(f"create {names[1]}: ")
    assert "HTTP 500" in partly["refused"][0] and len(partly["refused"]) == 1 and "xxx" not in partly["msg"] + str(partly["diff"])
    assert rest["actions"] == [f"create {names[1]}"] and nothing["actions"] == []
    other = {**good[0], "config": {**config, "topic": names[1], "x.password": "never-shown"}}
    changed, deleted = foretold(
        WORKER,
        ("connectors", {"urls": URLS, "connectors": [other]}),
        (
            "connectors",
            {"urls": URLS, "connectors": [{"name": one, "state": "absent"} for one in names], "confirm_delete": names},
        ),
    )
    assert changed["actions"] == [f"update {names[0]}"] and "never-shown" not in str(changed) and len(deleted["actions"]) == 3


def test_the_command_line_knows_its_cluster(topic: str) -> None:
    cli("kafka-topics", "--create", "--topic", topic, "--partitions", "1", "--replication-factor", "3")
    cli("kafka-configs", "--alter", "--entity-type", "topics", "--entity-name", topic, "--add-config", "retention.ms=3600000")
    assert "retention.ms=3600000" in cli("kafka-configs", "--describe", "--entity-type", "topics", "--entity-name", topic)
    cli("kafka-console-producer", "--topic", topic, text="one\ntwo\nthree\n")
    read = ["kafka-console-consumer", "--topic", topic, "--group", topic, "--from-beginning", "--max-messages", "3"]
    assert cli(*read).split() == ["one", "two", "three"]
    cli("kafka-consumer-groups", "--reset-offsets", "--group", topic, "--topic", topic, "--to-earliest", "--execute")
    assert cli(*read).split() == ["one", "two", "three"]
    cli("kafka-consumer-groups", "--delete", "--group", topic)
    # It counts what was acknowledged: the last line of it is the sum.
    assert '"acked":100' in cli("kafka-verifiable-producer", "--topic", topic, "--max-messages", "100").replace(" ", "")
    assert topic not in cli("kafka-topics", "--list", host="peter-zk01.foo.bar").split()
    assert "kafka3" in cli("zookeeper-shell", "ls", "/")


def test_what_nobody_lists_is_named_though_the_list_is_empty(topic: str) -> None:
    """The last flow taken out of an inventory leaves no list, and its connectors run on; the registry's topic is kept."""
    held = f"{topic}-held"
    empty = ("mirrors", "kafka_topics", "kafka_users", "schema_subjects")
    prune = ("kafka_topics_prune", "kafka_users_prune", "schema_subjects_prune", "kafka_connectors_prune")
    options = {**{name: [] for name in empty}, **dict.fromkeys(prune, True), "schema_registry_topic": held}
    try:
        for name in (topic, held):
            cli("kafka-topics", "--create", "--topic", name, "--partitions", "1", "--replication-factor", "3")
        run = playbook(
            "playbooks/objects.yml", "--tags", "topics,users,subjects,connectors", "--check", "-e", json.dumps(options)
        )
    finally:
        cli("kafka-topics", "--delete", "--if-exists", "--topic", held)
    assert run.status == 0 and run.changed() == {}, run.output
    tasks = [task["hosts"] for play in run.plays for task in play["tasks"]]
    unlisted = [set(found["unlisted"]) for hosts in tasks for found in hosts.values() if "unlisted" in found]
    assert [names for names in unlisted if topic in names] and not [names for names in unlisted if held in names]
    assert [names for names in unlisted if "peter-mirrormaker2" in names]
    assert len(unlisted) == 6, "topics and users of two clusters, subjects, connectors"
