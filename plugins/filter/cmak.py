# SPDX-License-Identifier: Apache-2.0
"""Filter ``estate.kafka.cmak_clusters``: the clusters of an estate as the module of that name takes them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

DOCUMENTATION = r"""
name: cmak_clusters
short_description: Clusters of an estate as the module cmak_clusters takes them
version_added: 0.1.0
description:
  - Each cluster on ZooKeeper with its connect string, chroot included, and the same settings for all.
options:
  _input: {description: Clusters by name; C(estate_topology.clusters)., type: dict, required: true}
  settings: {description: Fields of CMAK's form., type: dict, required: true}
author: kafka-estate maintainers (!UNKNOWN)
"""

EXAMPLES = r"""
- name: Clusters
  ansible.builtin.debug:
    msg: "{{ estate_topology.clusters | estate.kafka.cmak_clusters({'jmxEnabled': true}) }}"
"""

RETURN = r"""
_value: {description: The clusters., type: list, elements: dict}
"""


def cmak_clusters(clusters: Mapping[str, Mapping[str, Any]], settings: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return one item for each cluster on ZooKeeper."""
    return [
        {"name": name, "zookeeper": cluster["zookeeper_connect"], "settings": dict(settings)}
        for name, cluster in clusters.items()
        # CMAK reads ZooKeeper, and nothing else.
        if cluster["zookeeper_connect"]
    ]


class FilterModule:
    """The filter of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return the filter by name."""
        return {"cmak_clusters": cmak_clusters}
