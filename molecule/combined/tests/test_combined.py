"""Brokers that are the controllers of their cluster, as a client and an operator see them."""

from __future__ import annotations

import json
import re
from itertools import pairwise
from pathlib import Path

import pytest
from lab import http, on, playbook, until
from living import load

NAMES = ["one.both.test", "two.both.test", "three.both.test"]
SERVERS = ",".join(f"{name}:9092" for name in NAMES)
PLACES = ("/var/lib/kafka/data", "/var/lib/kafka/metadata")
VOTERS = "playbooks/controllers.yml"


def unit(host: str, name: str) -> str:
    """Return a property of the one unit."""
    return on(host, "systemctl", "show", "kafka", f"--property={name}", "--value").strip()


def active() -> str:
    """Return the host of the active controller, as soon as one says that it is; all three are asked."""
    said = "kafka_controller_kafkacontroller_activecontrollercount 1.0"

    def told() -> list[str]:
        return [name for name in NAMES if said in str(http(name, f"http://{name}:7071/metrics").body)]

    return until(told, 180, "one controller is active", lambda found: len(found) == 1)[0]


def directories() -> dict[str, str]:
    """Return the id of the directory with which each host votes."""
    texts = {name: on(name, "cat", f"{PLACES[1]}/meta.properties") for name in NAMES}
    return {name: text.split("directory.id=")[1].split()[0] for name, text in texts.items()}


def status() -> dict[str, str]:
    shown = on(NAMES[0], "kafka-metadata-quorum", "describe", "--status")
    return {name: value.strip() for name, _, value in (line.partition(":") for line in shown.splitlines())}


def whole() -> None:
    """Wait until all three vote and keep up, and every replica is in sync."""
    run = until(lambda: playbook("playbooks/health.yml"), 300, "a healthy estate", lambda run: run.status == 0)
    assert re.search(r"Controllers of Kafka both +3 of 3 controllers +active [123]", run.output), run.output
    assert re.search(r"Kafka both +3 of 3 brokers", run.output), run.output


@pytest.fixture(scope="module")
def topic() -> str:
    """A topic of three replicas, made with no more than its name."""
    on(NAMES[1], "kafka-topics", "--create", "--topic", "counted", "--if-not-exists", "--partitions", "3")
    return "counted"


def test_one_process_votes_and_serves() -> None:
    found = status()
    voters = json.loads(found["CurrentVoters"])
    ports = {number: [f"CONTROLLER://{name}:9095"] for number, name in enumerate(NAMES, 1)}
    assert {voter["id"]: voter["endpoints"] for voter in voters} == ports
    assert {voter["id"]: voter["directoryId"] for voter in voters} == dict(enumerate(directories().values(), 1))
    for number, name in enumerate(NAMES, 1):
        for place in PLACES:
            assert f"cluster.id={found['ClusterId']}" in on(name, "cat", f"{place}/meta.properties")
            assert f"node.id={number}\n" in on(name, "cat", f"{place}/meta.properties")
        assert on(name, "sh", "-c", "pgrep -fc [k]afka.Kafka").strip() == "1"
        assert on(name, "stat", "-c", "%U", f"/proc/{unit(name, 'MainPID')}").strip() == "kafka"


def test_no_topics_minimum_is_less_than_the_inventory_says(topic: str) -> None:
    """The active controller writes its own file's value over that of every broker when the quorum is made."""
    shown = until(
        lambda: on(NAMES[0], "kafka-configs", "--entity-type", "topics", "--entity-name", topic, "--describe", "--all"),
        60,
        "the topic's settings are known",
        lambda found: "min.insync.replicas=" in found,
    )
    assert re.search(r"^ *min\.insync\.replicas=2 .*DYNAMIC_DEFAULT_BROKER_CONFIG", shown, re.MULTILINE), shown
    assert "ReplicationFactor: 3" in on(NAMES[0], "kafka-topics", "--describe", "--topic", topic)


def test_prometheus_would_see_both() -> None:
    metrics = str(http(NAMES[2], f"http://{NAMES[2]}:7071/metrics").body)
    for name in (
        'kafka_server_raft_state{state="(leader|follower)"} 1.0',
        "kafka_server_raft_number_of_voters 3.0",
        "kafka_server_raft_current_epoch ",
        "kafka_controller_kafkacontroller_lastappliedrecordlagms ",
        "kafka_server_kafkaserver_brokerstate 3.0",
    ):
        assert re.search(f"^{name}", metrics, re.MULTILINE), name


def test_the_active_one_is_killed_and_no_acknowledged_record_is_lost(topic: str) -> None:
    before = active()
    process = unit(before, "MainPID")
    host = next(name for name in NAMES if name != before)
    with load(host, SERVERS, topic) as found:
        on(before, "kill", "-9", process)
        until(lambda: unit(before, "MainPID"), 120, "it is started again", lambda now: now not in ("0", process))
        whole()
    assert (found["lost"], found["doubled"], found["refused"]) == (0, 0, 0) and found["acknowledged"] > 100, found


def test_one_that_lost_its_metadata_observes_until_it_is_let_in_again() -> None:
    before = directories()
    lost = next(name for name in NAMES if name != active())
    on(lost, "systemctl", "stop", "kafka")
    on(lost, "find", PLACES[1], "-mindepth", "1", "-delete")
    run = playbook("playbooks/kafka.yml")
    assert run.status == 0 and set(run.changed()) == {lost}, run.output[-3000:]
    assert "does not vote before playbooks/controllers.yml has run" in run.output
    now, number = directories(), 1 + NAMES.index(lost)
    said, done = (playbook(VOTERS, *arguments) for arguments in (["--check"], []))
    assert (said.status, done.status) == (0, 0), said.output[-3000:] + done.output[-3000:]
    (speaker,) = done.changed()
    expected = [
        f"remove controller {number} with directory {before[lost]}: {lost} has {now[lost]} now",
        f"add controller {number} with directory {now[lost]}, on {lost}",
    ]
    assert [run.last(speaker)["actions"] for run in (said, done)] == [expected, expected]
    assert {one["id"]: one["directoryId"] for one in json.loads(status()["CurrentVoters"])} == dict(enumerate(now.values(), 1))
    whole()


def test_controllers_of_their_own_are_refused_where_the_data_are(tmp_path: Path) -> None:
    other = tmp_path / "dedicated.yml"
    controllers = {name: {"kafka_controller_id": 3000 + number} for number, name in enumerate(NAMES, 1)}
    groups = {
        "kafka_controller": {"vars": {"kafka_controller_cluster": "both"}, "hosts": controllers},
        "kafka_both": {"vars": {"kafka_broker_combined": False}},
    }
    other.write_text(json.dumps(groups))
    run = playbook("playbooks/preflight.yml", inventory=[str(other)])
    assert run.status != 0 and not run.changed(), run.output[-3000:]
    for words in ("a broker and a controller in one of cluster both", "Set it to true again", "what they agreed on"):
        assert words in run.output, run.output[-3000:]


def test_a_changed_option_goes_round_the_active_one_last(topic: str) -> None:
    if active() == NAMES[-1]:
        # The last host of the inventory would go last anyway.
        on(NAMES[-1], "systemctl", "restart", "kafka")
        until(active, 180, "another one is active", NAMES[-1].__ne__)
        whole()
    last = active()
    changed = {"controller.quorum.election.timeout.ms": 1100, "controller.quorum.fetch.timeout.ms": 6000}
    with load(NAMES[0], SERVERS, topic) as found:
        run = playbook("playbooks/kafka.yml", "--extra-vars", json.dumps({"kafka_broker_config": changed}))
    assert run.status == 0, run.output[-3000:]
    assert (found["lost"], found["doubled"], found["refused"]) == (0, 0, 0) and found["acknowledged"] > 100, found
    down_up = sorted(
        (int(unit(name, "InactiveEnterTimestampMonotonic")), int(unit(name, "ActiveEnterTimestampMonotonic")), name)
        for name in NAMES
    )
    assert down_up[-1][2] == last != NAMES[-1], down_up
    for (_, up, _), (down, _, _) in pairwise(down_up):
        assert up < down, f"two were down at once: {down_up}"
    whole()
