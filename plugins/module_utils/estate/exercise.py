# SPDX-License-Identifier: Apache-2.0
"""What the students exercise of a secured estate goes through: its users there, and their rights, follow from it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any

from ansible_collections.estate.kafka.plugins.module_utils.estate.problems import Found
from ansible_collections.estate.kafka.plugins.module_utils.estate.secured import secured
from ansible_collections.estate.kafka.plugins.module_utils.estate.values import Inventory
from ansible_collections.estate.kafka.plugins.module_utils.estate.variables import EXERCISE_OPTIONS

GROUP = "exercise"
CLUSTERS = ("exercise_source_cluster", "exercise_target_cluster")
# Through what it goes beside clusters.
SERVICES = ("schema_registry", "elasticsearch")


def exercise(inventory: Inventory, clusters: Mapping[str, Any]) -> dict[str, Any]:
    """Return host, clusters and topics of the exercise by ``exercise``; nothing where the estate is open or has none."""
    hosts = inventory.groups.get(GROUP, ())
    if not hosts or not secured(inventory):
        _check_clusters(inventory, hosts, clusters)
        return {}
    host = hosts[0]
    for other in hosts[1:]:
        found = Found("exercise, which runs on one host: the logins are that one's")
        inventory.problem(other, "groups", found, f"Keep {host} alone in group {GROUP}")
    for service in (service for service in SERVICES if not inventory.hosts_of(service)):
        remedy = f"Add one, or empty group {GROUP}"
        inventory.problem(host, "groups", Found(f"{GROUP} without a host in group {service}"), remedy)
    values = {name: _value(inventory, host, name) for name in EXERCISE_OPTIONS}
    _check_clusters(inventory, [host], clusters)
    _check_index(inventory, host, values["exercise_index"])
    keys = {name: name.removeprefix("exercise_").removesuffix("_cluster") for name in EXERCISE_OPTIONS}
    return {GROUP: {"hosts": [host]} | {keys[name]: value for name, value in values.items()}}


def _check_clusters(inventory: Inventory, hosts: Sequence[str], clusters: Mapping[str, Any]) -> None:
    """Clusters that the exercise names and the estate does not have."""
    for host in hosts:
        for name in CLUSTERS:
            found = inventory.value(host, name, may_need_facts=True)
            if isinstance(found, str) and found and found not in clusters:
                known = ", ".join(clusters) or "none"
                remedy = f"No host of group kafka_broker has kafka_broker_cluster {found!r}. Known: {known}"
                inventory.problem(host, name, found, remedy)


def _value(inventory: Inventory, host: str, name: str) -> str:
    """Return a variable of the exercise; notes one that is missing."""
    found = inventory.value(host, name)
    option = EXERCISE_OPTIONS[name]
    if not found and option.get("required") and name not in inventory.hostvars[host]:
        inventory.problem(host, name, Found("nothing"), f"Set it: a host of group {GROUP} cannot be without it")
    return str(found or option.get("default", ""))


def _check_index(inventory: Inventory, host: str, index: str) -> None:
    """An index that the indexer may not write, so that it would be refused after everything else is done."""
    for node in inventory.hosts_of("elasticsearch")[:1]:
        patterns = [str(one) for one in inventory.value(node, "elasticsearch_indexer_indices", may_need_facts=True) or ()]
        # A pattern between slashes is an expression of Lucene, which only Elasticsearch reads.
        if patterns and not any(one.startswith("/") or fnmatchcase(index, one) for one in patterns):
            remedy = f"Choose one that matches, or add it to elasticsearch_indexer_indices: there is {', '.join(patterns)}"
            inventory.problem(host, "exercise_index", Found(f"{index!r}, which estate-indexer may not write"), remedy)
