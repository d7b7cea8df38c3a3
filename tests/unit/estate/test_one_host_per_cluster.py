"""One live host speaks for each cluster."""

from __future__ import annotations

from ansible_collections.estate.kafka.plugins.filter.one_host_per_cluster import one_host_per_cluster

CLUSTERS = {
    "kafka-1": {"brokers": [{"host": "a"}, {"host": "b"}]},
    "kafka-2": {"brokers": [{"host": "c"}]},
}


def test_the_first_live_host_of_each() -> None:
    assert one_host_per_cluster(CLUSTERS, ["a", "b", "c"]) == ["a", "c"]
    assert one_host_per_cluster(CLUSTERS, ["b"]) == ["b"]
    assert one_host_per_cluster({"connect-cluster": {"hosts": ["x", "y"]}}, ["y"]) == ["y"]


def test_nobody_speaks_for_a_cluster_out_of_reach() -> None:
    assert one_host_per_cluster(CLUSTERS, []) == []
