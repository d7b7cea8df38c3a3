"""What exporter.yml serves on the whole estate: lag of real groups in both clusters, every host, the real Elasticsearch."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from lab import module, on, rest, until

GROUP = TOPIC = "exporters-lag"
# Cluster, the host whose exporter reads it, and a broker of it.
CLUSTERS = {"kafka-1": "peter-kafka01.foo.bar", "kafka-2": "peter-zk01.foo.bar"}
HOSTS = [f"peter-{name}0{number}.foo.bar" for name in ("zk", "kafka") for number in (1, 2, 3)]
SEARCH = "peter-kafka02.foo.bar"


def scrape(host: str, port: int) -> dict[str, float]:
    lines = rest(host, f"http://{host}:{port}/metrics").splitlines()
    return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines if line and line[0] != "#")}


@pytest.fixture(params=CLUSTERS)
def lagging(request: pytest.FixtureRequest) -> Iterator[str]:
    """A cluster with a group that has read four of seven records; gone afterwards."""
    host = CLUSTERS[request.param]
    bootstrap = ["--bootstrap-server", f"{host}:9092"]
    topic = [{"name": TOPIC, "partitions": 1, "replication_factor": 3}]
    assert module(host, "topics", client={"bootstrap.servers": f"{host}:9092"}, topics=topic)["changed"]
    try:
        on(host, "kafka-console-producer", *bootstrap, "--topic", TOPIC, text="\n".join("1234567") + "\n")
        read = ["--topic", TOPIC, "--group", GROUP, "--from-beginning", "--max-messages", "4"]
        on(host, "kafka-console-consumer", *bootstrap, *read)
        yield host
    finally:
        on(host, "kafka-consumer-groups", *bootstrap, "--delete", "--group", GROUP)
        on(host, "kafka-topics", *bootstrap, "--delete", "--topic", TOPIC)


def test_lag_of_a_group_is_what_it_has_left(lagging: str) -> None:
    def lag() -> float:
        series = scrape(lagging, 9308)
        return sum(value for name, value in series.items() if name.startswith("kafka_consumer_group_lag{") and GROUP in name)

    assert until(lag, 240, "the lag", lambda found: found == 3)


@pytest.mark.parametrize("host", HOSTS)
def test_every_host_has_a_node_exporter_that_sees_memory_and_the_root(host: str) -> None:
    series = scrape(host, 9100)
    assert series["node_memory_MemTotal_bytes"] > 0
    assert any(name.startswith("node_filesystem_avail_bytes{") and 'mountpoint="/"' in name for name in series)


def test_documents_and_health_of_elasticsearch_are_what_it_says_itself() -> None:
    def both() -> tuple[float, dict[str, float], dict[str, int]]:
        stats = rest(SEARCH, f"http://{SEARCH}:9200/_stats/docs?level=indices")
        series = scrape(SEARCH, 9114)
        health = sum(value for name, value in series.items() if name.startswith("elasticsearch_cluster_health_status"))
        shown = {
            name.split('index="')[1].split('"')[0]: value for name, value in series.items() if "indices_docs_primary{" in name
        }
        return health, shown, {name: shown_count(found) for name, found in stats["indices"].items()}

    # What was written between the two questions is seen by one of them.
    until(both, 120, "both say the same", lambda seen: seen[0] == 1 and seen[1] and seen[1] == seen[2])


def shown_count(found: dict[str, dict[str, dict[str, int]]]) -> int:
    return found["primaries"]["docs"]["count"]
