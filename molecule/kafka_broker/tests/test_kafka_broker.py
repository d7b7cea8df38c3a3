"""A cluster of three brokers as a client and its operator see it."""

from __future__ import annotations

import json
import re
import uuid
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import testinfra
from lab import Step, foretold, playbook, steps, until
from testinfra.host import Host

testinfra_hosts = ["ansible://kafka_broker"]

BROKERS = ["one.kafka.test", "two.kafka.test", "three.kafka.test"]
# Runs on a broker's host, with the library the toolkit put there for its modules.
CLIENT = """
import json, sys
sys.path.insert(0, "/opt/kafka-estate/python/current")
from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, ConfigResource, NewTopic
SERVERS = {"bootstrap.servers": "one.kafka.test:9092,two.kafka.test:9092,three.kafka.test:9092"}
admin = AdminClient(SERVERS)
"""
MAKE_TOPIC = """
if "proof" not in admin.list_topics(timeout=20).topics:
    admin.create_topics([NewTopic("proof", 3, 3)])["proof"].result(30)
    producer = Producer({**SERVERS, "acks": "all"})
    for number in range(300):
        producer.produce("proof", str(number).encode(), partition=number % 3)
    assert producer.flush(120) == 0
"""
COUNT = """
consumer = Consumer({**SERVERS, "group.id": "proof", "auto.offset.reset": "earliest"})
consumer.assign([TopicPartition("proof", number, 0) for number in range(3)])
seen = []
while len(seen) < 300 and (message := consumer.poll(60)):
    seen.append(int(message.value()))
print(json.dumps(sorted(seen) == list(range(300))))
"""
# The broker itself packs the records anew.
CODEC = """
topic = "proof-" + sys.argv[1]
if topic not in admin.list_topics(timeout=20).topics:
    admin.create_topics([NewTopic(topic, 1, 3, config={"compression.type": sys.argv[1]})])[topic].result(30)
errors = []
producer = Producer({**SERVERS, "acks": "all", "message.timeout.ms": 60000})
producer.produce(topic, b"x" * 1000, on_delivery=lambda error, message: errors.append(error and error.str()))
producer.flush(90)
print(json.dumps(errors))
"""
CONFIGURATION = """
broker = ConfigResource(ConfigResource.Type.BROKER, sys.argv[1])
print(json.dumps({name: entry.value for name, entry in admin.describe_configs([broker])[broker].result(60).items()}))
"""
CLUSTER = """
nodes = admin.describe_cluster().result(20).nodes
print(json.dumps({node.id: [node.host, node.rack] for node in nodes}))
"""


def on(host: Host, script: str, *arguments: str) -> Any:
    words = " ".join(["%s"] * len(arguments))
    out = host.check_output(f"python3 -c %s {words}", CLIENT + script, *arguments)
    return json.loads(out) if out else None


def hosts() -> list[Host]:
    return [testinfra.get_host(f"ansible://{name}") for name in BROKERS]


@pytest.fixture
def messages() -> Host:
    """A host from which 300 acknowledged messages were sent."""
    host = hosts()[0]
    on(host, MAKE_TOPIC)
    return host


def test_the_brokers_have_their_ids_names_and_racks(host: Host) -> None:
    assert on(host, CLUSTER) == {
        "11": ["one.kafka.test", "hall-a"],
        "12": ["two.kafka.test", "hall-a"],
        "13": ["three.kafka.test", "서울-1"],
    }


CLIENT_SETTINGS = {"bootstrap.servers": ",".join(f"{name}:9092" for name in BROKERS)}
RACKS = {11: "hall-a", 12: "hall-a", 13: "서울-1"}
REPLICAS = """
topic = admin.list_topics(sys.argv[1], timeout=60).topics[sys.argv[1]]
print(json.dumps([partition.replicas for _, partition in sorted(topic.partitions.items())]))
"""


def test_replicas_are_spread_over_racks_and_the_racks_are_told() -> None:
    """Two of three brokers share a rack, so two replicas of a partition must not be on just these."""
    host, start = hosts()[0], f"racks-{uuid.uuid4().hex[:8]}"
    both = {("hall-a", "서울-1")}

    def run(wanted: dict[str, dict[str, Any]]) -> dict[str, list[list[int]]]:
        """Make the changes as check mode foretells them; return the brokers of each partition of each topic."""
        listed = [
            {"name": f"{start}-{name}", **options, "config": {"min.insync.replicas": 1}} for name, options in wanted.items()
        ]
        (done,) = foretold(BROKERS[0], ("topics", {"client": CLIENT_SETTINGS, "topics": listed}))
        assert len(done["actions"]) == len(wanted), done
        return {name: placement(name, options) for name, options in wanted.items()}

    def placement(name: str, options: dict[str, Any]) -> list[list[int]]:
        """Return the brokers of each partition: the broker that is asked may hear of a change later than the one that made it."""

        def has_all(found: list[list[int]]) -> bool:
            return len(found) == options.get("partitions", 6) and ("replicas" not in options or found == options["replicas"])

        def has_replicas(found: list[list[int]]) -> bool:
            return {len(brokers) for brokers in found} == {options.get("replication_factor", 2)}

        return until(
            lambda: on(host, REPLICAS, f"{start}-{name}"), 60, name, lambda found: has_all(found) and has_replicas(found)
        )

    def in_racks(placement: list[list[int]]) -> set[tuple[str, ...]]:
        return {tuple(sorted({RACKS[broker] for broker in brokers})) for brokers in placement}

    factors = {"more": 1, "all": 2, "fewer": 3, "longer": 2, "chosen": 2}
    first = run({name: {"partitions": 6, "replication_factor": factor} for name, factor in factors.items()})
    assert in_racks(first["all"]) == in_racks(first["longer"]) == both
    changes = {"more": 2, "all": 3, "fewer": 2}
    then = run(
        {
            **{name: {"replication_factor": factor} for name, factor in changes.items()},
            "longer": {"partitions": 9},
            # Who chooses the brokers has the last word.
            "chosen": {"replicas": [[11, 12]] * 6},
        }
    )
    for name, factor in changes.items():
        assert {len(brokers) for brokers in then[name]} == {factor} and in_racks(then[name]) == both, (name, then[name])
        assert [brokers[0] for brokers in then[name]] == [brokers[0] for brokers in first[name]], "the preferred leader stays"
    assert len(then["longer"]) == 9 and in_racks(then["longer"]) == both
    assert then["chosen"] == [[11, 12]] * 6
    asked = steps(BROKERS[0], Step("cluster_info", {"client": CLIENT_SETTINGS}), Step("topology", {}))
    info, topology = (done.result for done in asked)
    assert {one["id"]: one["rack"] for one in info["brokers"]} == RACKS and "warnings" not in info
    rows = topology["topology"]["clusters"]["local"]["brokers"]
    assert {row["id"]: row["rack"] for row in rows} == RACKS


def test_acknowledged_messages_are_all_there(messages: Host) -> None:
    assert on(messages, COUNT) is True


@pytest.mark.parametrize("codec", ["zstd", "snappy", "lz4", "gzip"])
def test_every_codec_works_where_tmp_may_not_execute(codec: str) -> None:
    host = hosts()[0]
    assert "noexec" in host.check_output("findmnt --noheadings --output OPTIONS /tmp")
    assert on(host, CODEC, codec) == [None]


def test_the_configuration_is_in_force() -> None:
    found = on(hosts()[0], CONFIGURATION, "12")
    wanted = {
        "background.threads": "3",
        "log.retention.ms": "86400000",
        "zookeeper.connection.timeout.ms": "50000",
        "auto.create.topics.enable": "false",
        "unclean.leader.election.enable": "false",
        "default.replication.factor": "3",
        "min.insync.replicas": "2",
        "offsets.topic.replication.factor": "3",
        "transaction.state.log.replication.factor": "3",
        "transaction.state.log.min.isr": "2",
        "log.dirs": "/var/lib/kafka/disk1,/var/lib/kafka/disk2",
        "zookeeper.connect": "one.kafka.test:2181/local",
    }
    assert {name: found[name] for name in wanted} == wanted


def test_options_are_merged_from_the_levels_of_all_the_cluster_and_the_host(messages: Host) -> None:
    names = (
        "background.threads",
        "zookeeper.connection.timeout.ms",
        "num.network.threads",
        "num.io.threads",
        "queued.max.requests",
    )
    found = {number: on(messages, CONFIGURATION, number) for number in ("11", "12", "13")}
    assert {number: [options[name] for name in names] for number, options in found.items()} == {
        "11": ["3", "50000", "4", "6", "400"],
        "12": ["3", "50000", "4", "7", "500"],  # the last removed at the host: Kafka's own
        "13": ["3", "50000", "4", "6", "400"],
    }


def test_the_broker_has_its_own_user(host: Host) -> None:
    (broker,) = [process for process in host.process.filter(comm="java") if "kafka.Kafka" in process.args]
    assert broker.user == "kafka"


def test_the_flags_of_the_jvm_are_those_of_the_inventory(host: Host) -> None:
    pid = host.check_output("systemctl show kafka --property=MainPID --value")
    words = host.check_output("tr '\\0' '\\n' < /proc/%s/cmdline", pid).splitlines()
    assert {"-Xlog:gc*:file=/var/log/kafka/gc-%t.log", "-Dproof=two words, $HOME and 100%"} <= set(words)
    logs = [name for name in host.file("/var/log/kafka").listdir() if name.startswith("gc-")]
    assert any(re.fullmatch(r"gc-\d{4}-\d\d-\d\d_\d\d-\d\d-\d\d\.log", name) for name in logs), logs


def test_the_unit_is_hardened_and_lets_a_controlled_shutdown_finish(host: Host, unit: Any, hardened: dict[str, str]) -> None:
    assert unit(host, "kafka") == hardened
    assert unit(host, "kafka", "TimeoutStopUSec", "LimitNOFILE") == {"TimeoutStopUSec": "3min", "LimitNOFILE": "16384"}


def test_modes(host: Host) -> None:
    for name in ("server.properties", "log4j.properties"):
        file = host.file(f"/etc/kafka/{name}")
        assert (file.user, file.group, file.mode) == ("root", "kafka", 0o640)
    for disk in ("disk1", "disk2"):
        data = host.file(f"/var/lib/kafka/{disk}")
        assert (data.user, data.mode) == ("kafka", 0o750)
    assert host.file("/var/log/kafka/server.log").user == "kafka"


def test_a_changed_option_goes_round_one_broker_at_a_time_and_one_that_hangs_goes_first(
    messages: Host, converge: Any, unit: Any
) -> None:
    """The last of the list hangs, so the cluster can lose none of the others before."""
    *_, sick = every = hosts()
    sick.check_output("kill -STOP %s", unit(sick, "kafka", "MainPID")["MainPID"])

    # A question that goes to the one that hangs fails.
    until(
        lambda: set(on(messages, CLUSTER)), 240, "the cluster does without the broker that hangs", lambda seen: "13" not in seen
    )
    options = {"zookeeper.connection.timeout.ms": 50000, "background.threads": 4}
    # Numbers as text, as they come from the command line.
    run = converge("--extra-vars", json.dumps({"kafka_broker_config": options, "kafka_broker_wait_timeout": "160"}))
    assert run.returncode == 0, run.stdout[-3000:]
    down_up = []
    for host in every:
        shown = unit(host, "kafka", "InactiveEnterTimestampMonotonic", "ActiveEnterTimestampMonotonic")
        down_up.append((int(shown["InactiveEnterTimestampMonotonic"]), int(shown["ActiveEnterTimestampMonotonic"])))
    for (_, up), (down, _) in pairwise(sorted(down_up)):
        assert up < down, f"two brokers were down at once: {down_up}"
    assert min(down_up) == down_up[-1], down_up
    assert {on(messages, CONFIGURATION, number)["background.threads"] for number in ("11", "12", "13")} == {"4"}
    assert on(messages, COUNT) is True


def test_the_first_broker_that_cannot_go_ends_the_roll_for_all(tmp_path: Path, unit: Any) -> None:
    ids = [11, 12, 13, 99]
    member = {"broker_id": "{{ kafka_broker_id }}", "broker_ids": ids, "client": CLIENT_SETTINGS}
    task = {"estate.kafka.restart": {"name": "kafka", "kind": "kafka_broker", "member": member, "timeout": 15}, "throttle": 1}
    play = tmp_path / "roll.yml"
    play.write_text(json.dumps([{"hosts": ",".join(BROKERS), "gather_facts": False, "tasks": [task]}]))
    before = [unit(host, "kafka", "InvocationID") for host in hosts()]
    run = playbook(str(play))
    first, *others = (run.last(name)["msg"] for name in BROKERS)
    assert "broker 99 is not in the cluster" in first
    for said in others:
        assert f"the roll ended at {BROKERS[0]}: " in said and "broker 99" in said and "nothing was stopped" in said
    assert [unit(host, "kafka", "InvocationID") for host in hosts()] == before


def test_a_broker_that_keeps_ending_is_reported_in_time_and_runs_once_its_setting_is_mended() -> None:
    host, properties = hosts()[-1], "/etc/kafka/server.properties"
    was = host.check_output("cat %s", properties)
    probe = {"kind": "tcp", "host": BROKERS[-1], "port": 9092}
    options = {"name": "kafka", "probe": probe, "timeout": 180, "logs": ["/var/log/kafka/server.log"]}
    host.check_output("sed -i s/^broker.id=13/broker.id=1001/ %s", properties)
    try:
        host.check_output("systemctl restart kafka")
        (done,) = steps(BROKERS[-1], Step("service", options))
    finally:
        host.check_output("sed -i s/^broker.id=1001/broker.id=13/ %s", properties)
    assert host.check_output("cat %s", properties) == was
    first, second, *rest = done.result["msg"].splitlines()
    assert "broker.id must be greater than or equal to -1 and not greater than reserved.broker.max.id" in first
    # It may have ended once before it was looked at.
    assert re.search(r"ended [23] times", second) and len(rest) < 40 and not any("\tat " in line for line in rest)
    restart = {"kind": "kafka_broker", "member": {"broker_id": 13, "broker_ids": [11, 12, 13], "client": CLIENT_SETTINGS}}
    (mended,) = steps(BROKERS[-1], Step("restart", {**options, **restart}))
    assert mended.result["changed"], mended.result["msg"]


def test_a_changed_java_makes_a_restart_due(unit: Any) -> None:
    """As an update of the distribution's package changes it, which restarts nothing."""
    host = hosts()[0]
    release = host.check_output("readlink -e $(dirname $(readlink -f /usr/bin/java))/../release")
    options = {"name": "kafka", "watch": ["/usr/bin/java"], "wait": False}

    def due() -> list[str]:
        (done,) = steps(BROKERS[0], Step("service", options, check=True))
        stale: list[str] = done.result["stale"]
        return stale

    host.check_output("cp -p %s /tmp/release", release)
    try:
        assert due() == []
        host.check_output("echo 'JAVA_VERSION=\"99\"' >> %s", release)
        assert due() == [release]
    finally:
        host.check_output("cp -p /tmp/release %s", release)
    assert due() == []


def test_wrong_values_are_named_before_anything_changes(converge: Any) -> None:
    wrong = {"kafka_broker_id": "11.5", "kafka_broker_chroot": "local", "kafka_broker_min_insync_replicas": 4}
    run = converge("--extra-vars", json.dumps(wrong))
    assert run.returncode != 0
    assert "kafka_broker_id: found '11.5'" in run.stdout
    assert "kafka_broker_chroot: found 'local'" in run.stdout
    assert "kafka_broker_min_insync_replicas: found 4" in run.stdout
    assert run.stdout.count("changed=0") == run.stdout.count("changed=")
