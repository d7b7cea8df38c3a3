"""Alerts of the live estate: what breaks makes them fire, what is mended clears them.

The tests of this file run in the order they are written.  Much is broken at once and mended at once, for each wait is time.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import suppress
from typing import Any
from urllib.parse import quote

import pytest
from lab import http, module, on, playbook, rest, until

WATCHER = "peter-kafka01.foo.bar"
BROKER = REGISTRY = "peter-kafka03.foo.bar"
WORKER, ASKED = "peter-zk02.foo.bar", "peter-zk01.foo.bar"
DEAD = "peter-zk03.foo.bar"
BROKER_ID, OTHER_ID = 3, 1
CONNECTOR, TOPICS, GROUP = "alerts-fails", ("alerts-alone", "alerts-two", "alerts-lag"), "alerts-slow"
# A topic that a mirror of its own copies slowly.
MIRROR = "alerts-mirror"
SEARCH, COPIES, NOWHERE, DISK = "peter-kafka02.foo.bar", "alerts-copies", "alerts-nowhere", "/srv/alerts-disk"
STOPPED = [(BROKER, "kafka"), (REGISTRY, "schema-registry"), (WORKER, "kafka-connect"), (WORKER, "node-exporter")]

SEARCH_DOWN = f'alertname="ElasticsearchDown", host="{SEARCH}"'
# What the stopped services, the topics, the connectors and the full disk make fire. The mirror first: it has copied all at last.
ALERTS = [
    f'alertname="KafkaMirrorLagging", topic="{MIRROR}"',
    f'alertname="KafkaBrokerDown", cluster="kafka-1", host="{BROKER}"',
    'alertname="KafkaUnderReplicatedPartitions", cluster="kafka-1"',
    'alertname="KafkaUnderMinIsr", cluster="kafka-1"',
    'alertname="KafkaOfflinePartitions", cluster="kafka-1"',
    f'alertname="KafkaConnectWorkerDown", host="{WORKER}"',
    f'alertname="KafkaConnectTaskFailed", connector="{CONNECTOR}"',
    f'alertname="SchemaRegistryDown", host="{REGISTRY}"',
    f'alertname="ExporterDown", role="node_exporter", host="{WORKER}"',
    f'alertname="HostDiskFull", host="{SEARCH}", mountpoint="{DISK}/full"',
]
SLOW_ALERTS = [
    f'alertname="KafkaConsumerLagGrowing", cluster="kafka-1", group="{GROUP}"',
    'alertname="ElasticsearchNotGreen", severity="warning"',
]
# Red is not yellow, so this one comes after that; and what the disk's past foretells takes longest.
LAST_ALERTS = [
    'alertname="ElasticsearchNotGreen", severity="critical"',
    f'alertname="HostDiskFullSoon", host="{SEARCH}", mountpoint="{DISK}/full"',
]
# What a host that stands still makes fire.
HOST_ALERTS = [
    f'alertname="HostDown", host="{DEAD}"',
    f'alertname="ZooKeeperDown", host="{DEAD}"',
    'alertname="ZooKeeperQuorumAtRisk", cluster="zookeeper"',
]
ALL = [SEARCH_DOWN, *ALERTS, *HOST_ALERTS, *SLOW_ALERTS, *LAST_ALERTS]
# Those that a test saw fire.
FIRED: set[str] = set()

# A partition that lives on one broker alone, one that cannot be written while one of its two brokers is down, one for a
# group that reads nothing, and a topic with much to copy.
TOPICS_SCRIPT = f"""
import sys
sys.path.insert(0, "/opt/kafka-estate/python/current")
from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic
SERVERS = {{"bootstrap.servers": "{WATCHER}:9092"}}
admin = AdminClient(SERVERS)
target = AdminClient({{"bootstrap.servers": "{ASKED}:9092"}})

def write(topic, count, **settings):
    producer = Producer({{**SERVERS, **settings}})
    for number in range(count):
        producer.produce(topic, b"x")
        producer.poll(0)
    assert producer.flush(60) == 0

def commit(offset):
    consumer = Consumer({{**SERVERS, "group.id": "{GROUP}"}})
    consumer.commit(offsets=[TopicPartition("{TOPICS[2]}", 0, offset)], asynchronous=False)
    consumer.close()

def done(futures):
    for future in futures.values():
        future.result(30)

if sys.argv[1] == "make":
    alone = {{"min.insync.replicas": "1"}}
    done(admin.create_topics([
        NewTopic("{TOPICS[0]}", 1, replica_assignment=[[{BROKER_ID}]], config=alone),
        NewTopic("{TOPICS[1]}", 1, replica_assignment=[[{OTHER_ID}, {BROKER_ID}]], config={{"min.insync.replicas": "2"}}),
        NewTopic("{TOPICS[2]}", 1, replica_assignment=[[{OTHER_ID}]], config=alone),
        NewTopic("{MIRROR}", 6, replica_assignment=[[{OTHER_ID}]] * 6, config=alone),
    ]))
    write("{TOPICS[2]}", 1500)
    commit(0)
    write("{MIRROR}", 120000, **{{"batch.num.messages": 100, "linger.ms": 100, "queue.buffering.max.messages": 200000}})
elif sys.argv[1] == "more":
    write("{TOPICS[2]}", 500)
elif sys.argv[1] == "read":
    commit(2000)
else:
    # What is gone already, from an attempt before this one, is not deleted again.
    groups = {{group.group_id for group in admin.list_consumer_groups().result(30).valid}}
    if groups := {{"{GROUP}"}} & groups:
        done(admin.delete_consumer_groups([*groups]))
    if topics := {{*{[*TOPICS, MIRROR]!r}}} & admin.list_topics(timeout=30).topics.keys():
        done(admin.delete_topics([*topics]))
    if copied := {{"src.{MIRROR}"}} & target.list_topics(timeout=30).topics.keys():
        done(target.delete_topics([*copied]))
"""
# A file system of 2 MiB, which node exporter sees once it is started anew. In a container it cannot be a disk, and memory alone
# is not looked at, so another file system lies over it.
MOUNT = f"""
set -e
mkdir {DISK}
mount -t tmpfs -o size=2m,mode=755 tmpfs {DISK}
cd {DISK}
mkdir lower upper work full
mount -t overlay -o lowerdir=lower,upperdir=upper,workdir=work overlay {DISK}/full
systemctl restart node-exporter
"""
UNMOUNT = f"if [ -d {DISK} ]; then umount {DISK}/full {DISK}; rmdir {DISK}; systemctl restart node-exporter; fi"


def topics(verb: str) -> None:
    """Make the topics and the group, write more than the group reads, read it, or remove everything."""
    on(WATCHER, "python3", "-c", TOPICS_SCRIPT, verb)


def ask(host: str, url: str, method: str = "GET", body: Any = None) -> Any:
    """Return the answer to one request that a host sends to itself."""
    return rest(host, f"http://localhost:{url}", method, body)


def query(expression: str) -> list[dict[str, Any]]:
    """Return what Prometheus finds now."""
    found: list[dict[str, Any]] = ask(WATCHER, f"9090/api/v1/query?query={quote(expression)}")["data"]["result"]
    return found


def firing(alert: str) -> bool:
    """Whether an alert with these labels fires."""
    return bool(query(f'ALERTS{{alertstate="firing", {alert}}}'))


def fires(alert: str, seconds: float) -> None:
    """Wait until an alert fires, and remember that it did."""
    until(lambda: firing(alert), seconds, "it fires")
    FIRED.add(alert)


def states(**labels: str) -> dict[str, str]:
    """Return the state that Alertmanager has for alerts by name: active, or suppressed where another one explains it."""
    told = [one for one in ask(WATCHER, "9093/api/v2/alerts") if labels.items() <= one["labels"].items()]
    return {one["labels"]["alertname"]: one["status"]["state"] for one in told}


def connectors(path: str = "", method: str = "GET", body: Any = None) -> Any:
    """Ask a Connect worker that stays up."""
    return ask(ASKED, f"8083/connectors{path}", method, body)


def removed() -> bool:
    """Remove the connectors; workers that are dividing their tasks anew refuse."""
    with suppress(AssertionError):
        for name in {CONNECTOR, MIRROR} & {*connectors()}:
            connectors(f"/{name}", "DELETE")
        return not {CONNECTOR, MIRROR} & {*connectors()}
    return False


def index(name: str, **settings: Any) -> bool:
    """Make an index; an Elasticsearch that is not there yet cannot, and one that was slow to answer may have made it."""
    url = f"http://localhost:9200/{name}?wait_for_active_shards=0"
    answer = http(SEARCH, url, "PUT", {"settings": {"number_of_shards": 1, **settings}})
    return answer.status == 200 or "resource_already_exists" in str(answer.body)


def docker(verb: str) -> None:
    """Make the host stand still, or go on."""
    subprocess.run(["docker", verb, DEAD], capture_output=True, timeout=60)


def mend() -> None:
    """Put everything back; again is no harm."""
    docker("unpause")
    for host, unit in [*STOPPED, (SEARCH, "elasticsearch")]:
        on(host, "systemctl", "start", "--no-block", unit)
    on(SEARCH, "sh", "-c", UNMOUNT)
    for name in (COPIES, NOWHERE):
        with suppress(AssertionError):
            ask(SEARCH, f"9200/{name}", "DELETE")
    topics("read")
    until(removed, 240, "the connectors are removed")


@pytest.fixture(scope="module")
def prepared() -> Iterator[None]:
    """Make what will break, and take Elasticsearch away; everything is as before afterwards."""
    topics("make")
    try:
        on(SEARCH, "systemctl", "stop", "--no-block", "elasticsearch")
        # A sink whose file cannot be made: its task fails when it starts, and stays failed.
        sink = {
            "connector.class": "org.apache.kafka.connect.file.FileStreamSinkConnector",
            "topics": "heartbeats",
            "file": "/nowhere/at-all",
            # So many that one is on a worker that stays.
            "tasks.max": "6",
        }
        # A mirror that is given a hundred records every two seconds. With six tasks one runs on the worker that stays.
        mirror = {
            "connector.class": "org.apache.kafka.connect.mirror.MirrorSourceConnector",
            "source.cluster.alias": "src",
            "target.cluster.alias": "dst",
            "source.cluster.bootstrap.servers": f"{WATCHER}:9092",
            "target.cluster.bootstrap.servers": f"{ASKED}:9092",
            "topics": MIRROR,
            "replication.factor": "3",
            "tasks.max": "6",
            "source.consumer.fetch.min.bytes": "1000000",
            "source.consumer.max.partition.fetch.bytes": "1",
            "source.consumer.fetch.max.wait.ms": "2000",
        }
        for name, config in ((CONNECTOR, sink), (MIRROR, mirror)):
            connectors(f"/{name}/config", "PUT", config)
        on(SEARCH, "sh", "-c", MOUNT)
        yield
    finally:
        mend()
        # Brokers that have just come back may refuse, while they choose leaders and coordinators.
        until(lambda: topics("remove"), 180, "the topics are removed", lambda _: True)


@pytest.fixture(scope="module")
def faults(prepared: None) -> None:
    """Break one thing of each kind."""
    on(SEARCH, "systemctl", "start", "--no-block", "elasticsearch")
    until(lambda: query(f'cluster_topic:kafka_connect_lag:sum{{topic="{MIRROR}"}} > 10000'), 180, "the lag of the mirror is seen")
    until(lambda: query(f'cluster_group_topic:kafka_consumer_lag:sum{{group="{GROUP}"}} > 1000'), 180, "the lag is seen")
    topics("more")
    # Writing must fail: the disk is full only if there was no more room.
    on(SEARCH, "sh", "-c", f"! dd if=/dev/zero of={DISK}/full/file bs=64k")
    for host, unit in STOPPED:
        on(host, "systemctl", "stop", "--no-block", unit)


@pytest.fixture(scope="module")
def copies(faults: None) -> None:
    """Ask Elasticsearch for a copy for which there is no second node."""
    until(lambda: index(COPIES, number_of_replicas=1), 240, "Elasticsearch makes an index")


@pytest.fixture(scope="module")
def dead_host(copies: None) -> None:
    """Let a whole host stand still, and the group fall behind further: what grows is what did so in the last ten minutes."""
    topics("more")
    docker("pause")


@pytest.fixture(scope="module")
def nowhere(dead_host: None) -> None:
    """Ask Elasticsearch for an index that may lie on no node."""
    nobody = {"index.routing.allocation.require._name": "nobody"}
    until(lambda: index(NOWHERE, number_of_replicas=0, **nobody), 120, "Elasticsearch makes an index")


@pytest.fixture(scope="module")
def mended(nowhere: None) -> None:
    """Mend everything; nothing counts as cleared that was not seen to fire."""
    assert set(ALL) == FIRED
    mend()


def test_every_target_of_the_inventory_is_up_and_no_other_is_asked() -> None:
    topology = module(WATCHER, "topology")["topology"]
    expected = {(row["component"], row["host"], row.get("cluster", "")) for row in topology["metrics"]}
    expected |= {("probe_http", host, "") for host in topology["schema_registries"]}

    def found(expression: str) -> set[tuple[str, str, str]]:
        return {(one["job"], one["host"], one.get("cluster", "")) for one in (row["metric"] for row in query(expression))}

    until(lambda: found("up == 1") == expected, 240, "all targets are up")
    assert found("up") == expected
    probes = {row for row in expected if row[0] == "probe_http"}
    until(lambda: found("probe_success == 1") == probes, 120, "all probes succeed")


def test_a_well_estate_fires_nothing_of_this() -> None:
    until(lambda: not any(firing(alert) for alert in ALL), 240, "nothing fires")


def test_an_elasticsearch_that_is_away_fires(prepared: None) -> None:
    fires(SEARCH_DOWN, 240)


@pytest.mark.parametrize("alert", ALERTS)
def test_what_is_broken_fires(faults: None, alert: str) -> None:
    fires(alert, 300)


def test_what_follows_from_a_broker_that_is_down_tells_nobody(faults: None) -> None:
    wanted = {
        "KafkaUnderReplicatedPartitions": "suppressed",
        "KafkaBrokerDown": "active",
        "KafkaOfflinePartitions": "active",
    }
    until(lambda: states(cluster="kafka-1"), 120, "the follower is kept quiet", lambda found: wanted.items() <= found.items())


def test_monitoring_can_be_run_while_a_broker_is_down(copies: None) -> None:
    run = playbook("monitoring.yml")
    assert run.status == 0, run.output
    assert run.changed() == {}


@pytest.mark.parametrize("alert", HOST_ALERTS)
def test_a_host_that_stands_still_fires(dead_host: None, alert: str) -> None:
    fires(alert, 240)


def test_a_host_that_stands_still_is_told_of_once(dead_host: None) -> None:
    def once() -> bool:
        found = states(host=DEAD)
        return len(found) > 2 and {name for name, state in found.items() if state == "active"} == {"HostDown"}

    until(once, 120, "HostDown keeps the others of its host quiet")


@pytest.mark.parametrize("alert", SLOW_ALERTS)
def test_what_goes_on_for_long_fires(dead_host: None, alert: str) -> None:
    fires(alert, 300)


@pytest.mark.parametrize("alert", LAST_ALERTS)
def test_what_comes_last_fires(nowhere: None, alert: str) -> None:
    fires(alert, 300)


@pytest.mark.parametrize("alert", ALL)
def test_what_is_mended_clears(mended: None, alert: str) -> None:
    until(lambda: not firing(alert), 300, "it clears")
