"""A cluster without ZooKeeper as a client and its operator see it."""

from __future__ import annotations

import json
import re
import uuid
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import testinfra
from lab import Step, http, playbook, steps, until
from testinfra.host import Host

testinfra_hosts = ["ansible://kafka_controller"]

NAMES = ["one.kraft.test", "two.kraft.test", "three.kraft.test"]
CLUSTER_ID = "-kraftTestEstateCluste"
# Runs on a broker's host, with the library the toolkit put there for its modules.
CLIENT = """
import json, sys
sys.path.insert(0, "/opt/kafka-estate/python/current")
from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic
SERVERS = {"bootstrap.servers": "one.kraft.test:9092,two.kraft.test:9092,three.kraft.test:9092"}
admin = AdminClient(SERVERS)
"""
PRODUCE = """
producer = Producer({**SERVERS, "acks": "all"})
for number in range(300):
    producer.produce(sys.argv[1], str(number).encode(), partition=number % 3)
assert producer.flush(120) == 0
"""
COUNT = """
consumer = Consumer({**SERVERS, "group.id": "proof", "auto.offset.reset": "earliest"})
consumer.assign([TopicPartition(sys.argv[1], number, 0) for number in range(3)])
seen = []
while len(seen) < 300 and (message := consumer.poll(60)):
    seen.append(int(message.value()))
print(json.dumps(sorted(seen) == list(range(300))))
"""


def on(host: Host, script: str, *arguments: str) -> Any:
    words = " ".join(["%s"] * len(arguments))
    out = host.check_output(f"python3 -c %s {words}", CLIENT + script, *arguments)
    return json.loads(out) if out else None


def hosts() -> list[Host]:
    return [testinfra.get_host(f"ansible://{name}") for name in NAMES]


def quorum() -> dict[str, str]:
    """Return what the active controller says of the quorum, by the name of each line, as soon as there is one."""

    def asked() -> dict[str, str]:
        shown = hosts()[0].check_output("kafka-metadata-quorum describe --status")
        return {name: value.strip() for name, _, value in (line.partition(":") for line in shown.splitlines())}

    return until(asked, 120, "a controller is active", lambda found: int(found["LeaderId"]) > 0)


def leader() -> str:
    """Return the name of the active controller's host, as soon as one says that it is; the agents answer faster than the tool."""

    def active() -> list[str]:
        told = {name: str(http(name, f"http://{name}:7074/metrics").body) for name in NAMES}
        return [name for name, text in told.items() if "kafka_controller_kafkacontroller_activecontrollercount 1.0" in text]

    return until(active, 120, "one controller is active", lambda found: len(found) == 1)[0]


@pytest.fixture(scope="module")
def topic() -> str:
    """A topic of the toolkit with three replicas, and 300 acknowledged messages in it."""
    name = f"proof-{uuid.uuid4().hex[:8]}"
    client = {"bootstrap.servers": ",".join(f"{one}:9092" for one in NAMES)}
    wanted = [{"name": name, "partitions": 3, "replication_factor": 3}]
    (done,) = steps(NAMES[0], Step("topics", {"client": client, "topics": wanted}))
    assert done.result.get("changed"), done.result
    on(hosts()[0], PRODUCE, name)
    return name


def test_three_controllers_vote_and_the_cluster_has_the_id_of_the_inventory() -> None:
    found = quorum()
    assert found["ClusterId"] == CLUSTER_ID
    voters = json.loads(found["CurrentVoters"])
    assert {voter["id"]: voter["endpoints"] for voter in voters} == {
        3001 + number: [f"CONTROLLER://{name}:9095"] for number, name in enumerate(NAMES)
    }
    assert len({voter["directoryId"] for voter in voters}) == 3


def test_every_directory_is_formatted_for_its_node(host: Host) -> None:
    number = NAMES.index(str(host.backend.get_hostname())) + 1
    places = {"/var/lib/kafka/disk1": number, "/var/lib/kafka/disk2": number, "/var/lib/kafka-controller/metadata": 3000 + number}
    for path, node in places.items():
        meta = host.file(f"{path}/meta.properties")
        assert f"cluster.id={CLUSTER_ID}" in meta.content_string and f"node.id={node}\n" in meta.content_string
        assert meta.user == ("kafka" if "disk" in path else "kafka-controller")


def test_no_topics_minimum_is_less_than_the_inventory_says(topic: str) -> None:
    """The active controller writes its own file's value over that of every broker when the quorum is made."""
    own = f"own-{uuid.uuid4().hex[:8]}"
    host = hosts()[1]
    host.check_output("kafka-topics --create --topic %s", own)

    def settings(name: str) -> str:
        return str(host.check_output("kafka-configs --entity-type topics --entity-name %s --describe --all", name))

    # The broker that is asked may hear of a new topic later than the one that made it.
    described = until(lambda: host.check_output("kafka-topics --describe --topic %s", own), 60, "the topic is known")
    for name in (topic, own):
        shown = until(
            partial(settings, name), 60, "the topic's settings are known", lambda found: "min.insync.replicas=" in found
        )
        assert re.search(r"^ *min\.insync\.replicas=2 .*DYNAMIC_DEFAULT_BROKER_CONFIG", shown, re.MULTILINE), shown
    # What a new topic gets is decided by the controllers.
    assert "PartitionCount: 4" in described and "ReplicationFactor: 3" in described


def test_acknowledged_messages_are_all_there(topic: str) -> None:
    assert on(hosts()[0], COUNT, topic)


def test_units_are_hardened_and_run_as_users_of_their_own(host: Host, unit: Any, hardened: dict[str, str]) -> None:
    for name, user in (("kafka", "kafka"), ("kafka-controller", "kafka-controller")):
        assert unit(host, name) == hardened
        process = unit(host, name, "MainPID")["MainPID"]
        assert host.check_output("stat -c %%U /proc/%s", process) == user


def test_logs_are_written_and_readable_for_their_group_alone(host: Host) -> None:
    for path in ("/var/log/kafka/server.log", "/var/log/kafka-controller/controller.log"):
        assert "INFO" in host.file(path).content_string
    assert host.file("/etc/kafka-controller/controller.properties").mode == 0o640


def test_health_knows_the_controllers() -> None:
    # The voters have just been changed.
    run = until(lambda: playbook("playbooks/health.yml"), 240, "a healthy estate", lambda run: run.status == 0)
    assert re.search(r"Controllers of Kafka local +3 of 3 controllers +active 300\d", run.output), run.output


def test_another_id_is_refused_before_anything_changes(tmp_path: Path) -> None:
    other = tmp_path / "other-id.yml"
    other.write_text(json.dumps({"kafka_local": {"vars": {"kafka_cluster_id": "MkU3OEVBNTcwNTJENDM2Qk"}}}))
    run = playbook("site.yml", inventory=[str(other)])
    assert run.status != 0 and not run.changed(), run.output[-3000:]
    assert f"found data of cluster id {CLUSTER_ID} in /var/lib/kafka-controller/metadata" in run.output


def test_the_active_controller_is_killed_and_another_one_goes_on(topic: str, unit: Any) -> None:
    before = leader()
    victim = testinfra.get_host(f"ansible://{before}")
    process = unit(victim, "kafka-controller", "MainPID")["MainPID"]
    victim.check_output("kill -9 %s", process)
    other = next(host for host in hosts() if str(host.backend.get_hostname()) != before)
    other.check_output("kafka-topics --create --topic %s", f"meanwhile-{uuid.uuid4().hex[:8]}")
    assert on(other, COUNT, topic)

    def whole() -> list[int]:
        shown = other.check_output("kafka-metadata-quorum describe --replication").splitlines()
        rows = [line.split() for line in shown if "Follower" in line or "Leader" in line]
        return [int(row[3]) for row in rows]

    def started() -> str:
        return str(unit(victim, "kafka-controller", "MainPID")["MainPID"])

    until(started, 90, "the controller is started again", lambda found: found not in ("0", process))
    until(whole, 180, "all three keep up again", lambda lags: len(lags) == 3 and max(lags) < 20)


def test_a_changed_option_goes_round_the_controllers_the_active_one_last(unit: Any) -> None:
    if leader() == NAMES[-1]:
        # The last host of the inventory would go last anyway.
        hosts()[-1].check_output("systemctl restart kafka-controller")
        until(leader, 180, "another one is active", NAMES[-1].__ne__)
    active = leader()
    brokers = [unit(host, "kafka", "MainPID") for host in hosts()]
    changed = {"controller.quorum.election.timeout.ms": 1100, "controller.quorum.fetch.timeout.ms": 6000}
    run = playbook("playbooks/kafka_controller.yml", "--extra-vars", json.dumps({"kafka_controller_config": changed}))
    assert run.status == 0, run.output[-3000:]
    down_up = []
    for host in hosts():
        shown = unit(host, "kafka-controller", "InactiveEnterTimestampMonotonic", "ActiveEnterTimestampMonotonic")
        times = int(shown["InactiveEnterTimestampMonotonic"]), int(shown["ActiveEnterTimestampMonotonic"])
        down_up.append((*times, str(host.backend.get_hostname())))
        options = host.file("/etc/kafka-controller/controller.properties").content_string
        assert "controller.quorum.election.timeout.ms=1100" in options
    down_up.sort()
    assert active != NAMES[-1] and [name for _, _, name in down_up][-1] == active
    for (_, up, _), (down, _, _) in pairwise(down_up):
        assert up < down, f"two controllers were down at once: {down_up}"
    assert [unit(host, "kafka", "MainPID") for host in hosts()] == brokers
    until(lambda: int(quorum()["MaxFollowerLag"]), 120, "all three keep up", lambda lag: lag < 20)
