"""One live host speaks for each cluster."""

from __future__ import annotations

from ansible_collections.estate.kafka.plugins.filter.speakers import speakers

CLUSTERS = {
    "kafka-1": {"brokers": [{"host": "a"}, {"host": "b"}]},
    "kafka-2": {"brokers": [{"host": "c"}]},
}


def test_the_first_live_host_of_each() -> None:
    assert speakers(CLUSTERS, ["a", "b", "c"]) == ["a", "c"]
    assert speakers(CLUSTERS, ["b"]) == ["b"]
    assert speakers({"connect-cluster": {"hosts": ["x", "y"]}}, ["y"]) == ["y"]


def test_nobody_speaks_for_a_cluster_out_of_reach() -> None:
    assert speakers(CLUSTERS, []) == []
