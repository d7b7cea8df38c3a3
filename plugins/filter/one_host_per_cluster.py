# SPDX-License-Identifier: Apache-2.0
"""Filter ``estate.kafka.one_host_per_cluster``: one host of each cluster to talk to it for all."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

DOCUMENTATION = r"""
name: one_host_per_cluster
short_description: One live host of each cluster
version_added: 0.1.0
description:
  - Returns, for each cluster of the topology, the first of its hosts that this run can reach, so that what is asked once
    for each cluster does not depend on one certain host.
options:
  _input: {description: Clusters by name; C(estate_topology.clusters) or C(.connect_clusters)., type: dict, required: true}
  live: {description: Hosts that the play can reach; C(ansible_play_hosts)., type: list, elements: str, required: true}
author: kafka-estate maintainers (!UNKNOWN)
"""

EXAMPLES = r"""
- name: Topics
  estate.kafka.topics:
    client: {bootstrap.servers: "{{ estate_topology.clusters[kafka_broker_cluster].bootstrap }}"}
    topics: "{{ kafka_topics }}"
  when: inventory_hostname in estate_topology.clusters | estate.kafka.one_host_per_cluster(ansible_play_hosts)
"""

RETURN = r"""
_value: {description: Host names., type: list, elements: str}
"""


def one_host_per_cluster(clusters: Mapping[str, Mapping[str, Any]], live: Collection[str]) -> list[str]:
    """Return one live host of each cluster that has any."""
    result = []
    for cluster in clusters.values():
        hosts = [broker["host"] for broker in cluster.get("brokers", [])] or list(cluster.get("hosts", []))
        result += [host for host in hosts if host in live][:1]
    return result


class FilterModule:
    """The filter of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return the filter by name."""
        return {"one_host_per_cluster": one_host_per_cluster}
