"""Alerts of the live estate: what breaks makes them fire, what is mended clears them.

The tests of this file run in the order they are written.  Much is broken at once and mended at once, for each wait is time.
"""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any
from urllib.parse import quote

import pytest
from lab import module, on, playbook

WATCHER = "peter-kafka01.foo.bar"
BROKER = REGISTRY = "peter-kafka03.foo.bar"
WORKER, ASKED = "peter-zk02.foo.bar", "peter-zk01.foo.bar"
DEAD = "peter-zk03.foo.bar"
BROKER_ID, OTHER_ID = 3, 1
CONNECTOR, TOPICS, GROUP = "alerts-fails", ("alerts-alone", "alerts-two", "alerts-lag"), "alerts-slow"
SEARCH, INDEX = "peter-kafka02.foo.bar", "alerts-copies"
STOPPED = [(BROKER, "kafka"), (REGISTRY, "schema-registry"), (WORKER, "kafka-connect"), (WORKER, "node-exporter")]

# What the stopped services, the topics, the connector, the index and the group make fire; the slow ones last.
ALERTS = [
    f'alertname="KafkaBrokerDown", cluster="kafka-1", host="{BROKER}"',
    'alertname="KafkaUnderReplicatedPartitions", cluster="kafka-1"',
    'alertname="KafkaUnderMinIsr", cluster="kafka-1"',
    'alertname="KafkaOfflinePartitions", cluster="kafka-1"',
    f'alertname="KafkaConnectWorkerDown", host="{WORKER}"',
    f'alertname="KafkaConnectTaskFailed", connector="{CONNECTOR}"',
    f'alertname="SchemaRegistryDown", host="{REGISTRY}"',
    f'alertname="ExporterDown", role="node_exporter", host="{WORKER}"',
]
SLOW_ALERTS = [
    'alertname="ElasticsearchNotGreen", severity="warning"',
    f'alertname="KafkaConsumerLagGrowing", cluster="kafka-1", group="{GROUP}"',
]
# What a host that stands still makes fire.
HOST_ALERTS = [
    f'alertname="HostDown", host="{DEAD}"',
    f'alertname="ZooKeeperDown", host="{DEAD}"',
    'alertname="ZooKeeperQuorumAtRisk", cluster="zookeeper"',
]
ALL = [*ALERTS, *SLOW_ALERTS, *HOST_ALERTS]
# Those that a test saw fire.
FIRED: set[str] = set()

ASK = """
import json, sys, urllib.request
method, url, body = json.loads(sys.argv[1])
data = None if body is None else json.dumps(body).encode()
request = urllib.request.Request(url, data, {"Content-Type": "application/json"}, method=method)
try:
    text = urllib.request.urlopen(request, timeout=20).read()
except urllib.error.HTTPError as error:
    sys.exit(f"{error.code} {error.read().decode()}")
print(text.decode() or "null")
"""

# A partition that lives on one broker alone, one that cannot be written while one of its two brokers is down, and one for a
# group that reads nothing.
TOPICS_SCRIPT = f"""
import sys
sys.path.insert(0, "/opt/kafka-estate/python/current")
from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic
SERVERS = {{"bootstrap.servers": "{WATCHER}:9092"}}
admin = AdminClient(SERVERS)

def write(count):
    producer = Producer(SERVERS)
    for number in range(count):
        producer.produce("{TOPICS[2]}", b"x")
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
    ]))
    write(1500)
    commit(0)
elif sys.argv[1] == "more":
    write(500)
elif sys.argv[1] == "read":
    commit(2000)
else:
    done(admin.delete_consumer_groups(["{GROUP}"]))
    done(admin.delete_topics({list(TOPICS)!r}))
"""


def topics(verb: str) -> None:
    """Make the topics and the group, write more than the group reads, read it, or remove everything."""
    on(WATCHER, "python3", "-c", TOPICS_SCRIPT, verb)


def ask(host: str, url: str, method: str = "GET", body: Any = None) -> Any:
    """Return the answer to one request that a host sends to itself."""
    return json.loads(on(host, "python3", "-c", ASK, json.dumps([method, f"http://localhost:{url}", body])))


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


def until(seen: Callable[[], Any], seconds: float, what: str) -> Any:
    """Return the first true answer."""
    end = time.monotonic() + seconds
    while not (answer := seen()):
        assert time.monotonic() < end, f"not in {seconds:.0f} s: {what}; last seen: {answer!r}"
        time.sleep(1)
    return answer


def connectors(path: str = "", method: str = "GET", body: Any = None) -> Any:
    """Ask a Connect worker that stays up."""
    return ask(ASKED, f"8083/connectors{path}", method, body)


def removed() -> bool:
    """Remove the connector; workers that are dividing their tasks anew refuse."""
    with suppress(AssertionError):
        if CONNECTOR in connectors():
            connectors(f"/{CONNECTOR}", "DELETE")
        return CONNECTOR not in connectors()
    return False


def docker(verb: str) -> None:
    """Make the host stand still, or go on."""
    subprocess.run(["docker", verb, DEAD], capture_output=True, timeout=60)


def mend() -> None:
    """Put everything back; again is no harm."""
    docker("unpause")
    for host, unit in STOPPED:
        on(host, "systemctl", "start", "--no-block", unit)
    with suppress(AssertionError):
        ask(SEARCH, f"9200/{INDEX}", "DELETE")
    topics("read")
    until(removed, 60, "the connector is removed")


@pytest.fixture(scope="module")
def faults() -> Iterator[None]:
    """Break one thing of each kind; everything is as before afterwards."""
    topics("make")
    try:
        # A sink whose file cannot be made: its task fails when it starts, and stays failed.
        sink = {
            "connector.class": "org.apache.kafka.connect.file.FileStreamSinkConnector",
            "topics": "heartbeats",
            "file": "/nowhere/at-all",
        }
        connectors(f"/{CONNECTOR}/config", "PUT", sink)
        # A copy for which there is no second node.
        ask(SEARCH, f"9200/{INDEX}", "PUT", {"settings": {"number_of_shards": 1, "number_of_replicas": 1}})
        until(lambda: query(f'cluster_group_topic:kafka_consumer_lag:sum{{group="{GROUP}"}} > 1000'), 60, "the lag is seen")
        topics("more")
        for host, unit in STOPPED:
            on(host, "systemctl", "stop", "--no-block", unit)
        yield
    finally:
        mend()
        topics("remove")


@pytest.fixture(scope="module")
def dead_host(faults: None) -> None:
    """Let a whole host stand still."""
    docker("pause")


@pytest.fixture(scope="module")
def mended(dead_host: None) -> None:
    """Mend everything; nothing counts as cleared that was not seen to fire."""
    assert set(ALL) == FIRED
    mend()


def test_every_target_of_the_inventory_is_up_and_no_other_is_asked() -> None:
    topology = module(WATCHER, "topology")["topology"]
    expected = {(row["component"], row["host"], row.get("cluster", "")) for row in topology["metrics"]}
    expected |= {("probe_http", host, "") for host in topology["schema_registries"]}

    def found(expression: str) -> set[tuple[str, str, str]]:
        return {(one["job"], one["host"], one.get("cluster", "")) for one in (row["metric"] for row in query(expression))}

    until(lambda: found("up == 1") == expected, 60, "all targets are up")
    assert found("up") == expected and found("probe_success == 1") == {row for row in expected if row[0] == "probe_http"}


def test_a_well_estate_fires_nothing_of_this() -> None:
    until(lambda: not any(firing(alert) for alert in ALL), 60, "nothing fires")


@pytest.mark.parametrize("alert", ALERTS)
def test_what_is_broken_fires(faults: None, alert: str) -> None:
    fires(alert, 90)


def test_what_follows_from_a_broker_that_is_down_tells_nobody(faults: None) -> None:
    def quiet() -> bool:
        return states(cluster="kafka-1").get("KafkaUnderReplicatedPartitions") == "suppressed"

    until(quiet, 30, "the follower is kept quiet")
    found = states(cluster="kafka-1")
    assert (found["KafkaBrokerDown"], found["KafkaOfflinePartitions"]) == ("active", "active")


def test_monitoring_can_be_run_while_a_broker_is_down(faults: None) -> None:
    run = playbook("monitoring.yml")
    assert run.status == 0, run.output
    assert run.changed() == {}


@pytest.mark.parametrize("alert", HOST_ALERTS)
def test_a_host_that_stands_still_fires(dead_host: None, alert: str) -> None:
    fires(alert, 60)


def test_a_host_that_stands_still_is_told_of_once(dead_host: None) -> None:
    def once() -> bool:
        found = states(host=DEAD)
        return len(found) > 2 and {name for name, state in found.items() if state == "active"} == {"HostDown"}

    until(once, 30, "HostDown keeps the others of its host quiet")


@pytest.mark.parametrize("alert", SLOW_ALERTS)
def test_what_goes_on_for_long_fires(dead_host: None, alert: str) -> None:
    fires(alert, 120)


@pytest.mark.parametrize("alert", ALL)
def test_what_is_mended_clears(mended: None, alert: str) -> None:
    until(lambda: not firing(alert), 120, "it clears")
