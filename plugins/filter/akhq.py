# SPDX-License-Identifier: Apache-2.0
"""Filter ``estate.kafka.akhq_connections``: the clusters of an estate the way AKHQ's configuration has them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

DOCUMENTATION = r"""
name: akhq_connections
short_description: Clusters of an estate as connections of AKHQ
version_added: 0.1.0
description:
  - Each cluster with its brokers, and with the registry and the Connect workers that use it.
  - The registry is given to every cluster, since mirrored messages have the schemas of the original ones.
options:
  _input: {description: The estate topology., type: dict, required: true}
author: kafka-estate maintainers (!UNKNOWN)
"""

EXAMPLES = r"""
- name: Connections
  ansible.builtin.debug:
    msg: "{{ estate_topology | estate.kafka.akhq_connections }}"
"""

RETURN = r"""
_value: {description: The value of C(akhq.connections)., type: dict}
"""


def akhq_connections(topology: Mapping[str, Any]) -> dict[str, Any]:
    """Return the value of ``akhq.connections``; a dot in a cluster's name becomes a dash, for AKHQ takes none."""
    result: dict[str, Any] = {}
    for name, cluster in topology["clusters"].items():
        connection: dict[str, Any] = {"properties": {"bootstrap.servers": cluster["bootstrap"]}}
        if topology["schema_registry_url"]:
            connection["schema-registry"] = {"url": topology["schema_registry_url"], "type": "confluent"}
        workers = [
            {"name": group.replace(".", "-"), "url": connect["urls"][0]}
            for group, connect in topology["connect_clusters"].items()
            if connect["cluster"] == name
        ]
        if workers:
            connection["connect"] = workers
        result[name.replace(".", "-")] = connection
    return result


class FilterModule:
    """The filter of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return the filter by name."""
        return {"akhq_connections": akhq_connections}
