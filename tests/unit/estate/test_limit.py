"""A part of ``--limit`` that names nothing is told, with the name that was probably meant."""

from __future__ import annotations

from fnmatch import fnmatch

import pytest
from ansible_collections.estate.kafka.plugins.plugin_utils.limit import unknown_parts

NAMES = ["all", "kafka_broker", "zookeeper", "node1", "node2"]


def hosts_of(pattern: str) -> list[object]:
    return [name for name in NAMES[3:] if fnmatch(name, pattern)]


@pytest.mark.parametrize("part", ["all", "node1", "node*", "zookeeper", "!node2", "&kafka_broker", "@failed.retry", ""])
def test_what_names_hosts_or_groups_is_accepted_even_an_empty_group(part: str) -> None:
    assert unknown_parts([part], NAMES, hosts_of) == []


def test_a_misspelt_part_among_good_ones_is_told_with_the_likely_name() -> None:
    (sentence,) = unknown_parts(["node1", "!zookeper"], NAMES, hosts_of)
    assert sentence == "--limit: !zookeper names no host or group of the inventory. Did you mean zookeeper?"
