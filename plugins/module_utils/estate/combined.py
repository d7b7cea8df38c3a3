# SPDX-License-Identifier: Apache-2.0
"""Clusters whose brokers are their controllers too: one process does both.  What that costs, and what does not go with it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ansible_collections.estate.kafka.plugins.module_utils.estate.problems import NAMED, Found, Problem
from ansible_collections.estate.kafka.plugins.module_utils.estate.values import Inventory
from ansible_collections.estate.kafka.plugins.module_utils.kafka.nodes import LISTENER
from ansible_collections.estate.kafka.plugins.module_utils.text import shorten

COMBINED = "kafka_broker_combined"
BROKER, BOTH = "broker", "broker,controller"
# What each of the two is called, by ``process.roles``.
NAMES = {BROKER: "a broker and no controller", BOTH: "a broker and a controller in one"}
COSTS = (
    "Each restart or failure takes a broker and a voter at once, clients' load slows the metadata down, and neither can be "
    "scaled or upgraded without the other: Kafka's documentation advises against it in production. Controllers in group "
    "kafka_controller, on hosts of their own or on these, have none of that; a cluster that has run cannot change"
)
# What somebody may write who thinks of controllers of their own, and what is meant.
INSTEAD = {
    **{f"kafka_controller_{end}": f"kafka_broker_{end}" for end in ("config", "group_config", "host_config", "log4j_config")},
    "kafka_controller_port": "kafka_broker_controller_port",
    "kafka_controller_data_dir": "kafka_broker_metadata_dir",
}


def is_combined(inventory: Inventory, host: str) -> bool:
    """Whether the inventory wants a host's broker to be a controller too."""
    return inventory.value(host, COMBINED) is True


def combined_quorums(inventory: Inventory) -> dict[str, list[dict[str, Any]]]:
    """Return the controllers of each cluster that has brokers which are: id, host and port, in the order of their ids."""
    found: dict[str, list[dict[str, Any]]] = {}
    for name, hosts in inventory.members("kafka_broker", "kafka_broker_cluster").items():
        rows = [
            {
                "id": inventory.number(host, "kafka_broker_id"),
                "host": host,
                "port": inventory.number(host, "kafka_broker_controller_port"),
            }
            for host in hosts
            if is_combined(inventory, host)
        ]
        if rows:
            found[name] = sorted(rows, key=lambda row: (row["id"] or 0, row["host"]))
    return found


def check_dedicated(inventory: Inventory, quorums: Mapping[str, Sequence[Mapping[str, Any]]]) -> None:
    """Find brokers that are to be controllers where others are controllers already; ``quorums`` are those of the others."""
    others = {str(row["host"]): name for name, rows in quorums.items() for row in rows}
    for name, rows in combined_quorums(inventory).items():
        for row in rows:
            host = row["host"]
            if host in others:
                remedy = (
                    f"The host has a controller of cluster {others[host]} (group kafka_controller), and a host has one at most"
                )
                inventory.problem(host, COMBINED, True, f"{remedy}: remove one of them")
            elif name in quorums:
                hosts = shorten([str(row["host"]) for row in quorums[name]], NAMED)
                remedy = f"Cluster {name} has hosts in group kafka_controller ({hosts}): its controllers are all of one kind"
                inventory.problem(host, COMBINED, True, f"{remedy}. Remove this, or those hosts")


def check_combined(inventory: Inventory, name: str, brokers: Sequence[str]) -> None:
    """Find what a cluster with brokers that are controllers must not have, and say what it costs."""
    hosts = [host for host in brokers if is_combined(inventory, host)]
    inventory.warning("group kafka_broker", COMBINED, Found(f"true in cluster {name} ({shorten(hosts, NAMED)})"), COSTS)
    if len(hosts) == 2:
        remedy = "Use 1 or 3: with two, each is needed for a majority, so neither could be restarted while the cluster runs"
        inventory.problem("group kafka_broker", COMBINED, Found(f"true for 2 brokers of cluster {name}"), remedy)
    for host in hosts:
        _check_host(inventory, name, host)
    for host in brokers:
        _check_way(inventory, name, host)


def _check_host(inventory: Inventory, name: str, host: str) -> None:
    """Find what a broker that is a controller must not have."""
    version = str(inventory.value(host, "kafka_broker_version") or "")
    if version.startswith("3."):
        remedy = f"Cluster {name} has {COMBINED}, which is implemented for Kafka 4 only: write 4.3.1"
        inventory.problem(host, "kafka_broker_version", version, remedy)
    for text in inventory.value(host, "kafka_broker_listeners", may_need_facts=True) or ():
        if str(text).upper().startswith(f"{LISTENER}:"):
            remedy = "Remove it: the listener of the controllers is added by itself, with kafka_broker_controller_port"
            inventory.problem(host, "kafka_broker_listeners", text, remedy)
    # Beside controllers of another cluster they may be meant for those.
    for variable, instead in INSTEAD.items() if not inventory.hosts_of("kafka_controller") else ():
        if found := inventory.hostvars[host].get(variable):
            remedy = f"Nothing reads it where brokers are the controllers: write {instead}"
            inventory.problem(host, variable, found, remedy)


def _check_way(inventory: Inventory, name: str, host: str) -> None:
    """Find a way from ZooKeeper or to a secured estate that brokers of such a cluster cannot go."""
    if inventory.value(host, "kafka_broker_migration") is True:
        remedy = f"Cluster {name} has {COMBINED}, and the way from ZooKeeper leads to controllers of group kafka_controller only"
        inventory.problem(host, "kafka_broker_migration", True, f"{remedy}: remove one of them")
    if (profile := inventory.value(host, "security_profile")) == "secured":
        remedy = f"Cluster {name} has {COMBINED}, which is implemented for 'open' only: use hosts of group kafka_controller"
        inventory.problem(host, "security_profile", profile, remedy)


def changed_roles(clusters: Mapping[str, Mapping[str, Any]], observed: Mapping[str, Mapping[str, Any]]) -> Iterator[Problem]:
    """Yield brokers that are to become controllers, or to be controllers no more: their quorum would begin anew, without data."""
    for name, cluster in clusters.items():
        both = {row["host"] for row in cluster["controllers"]} if cluster.get("combined") else set()
        for row in cluster["brokers"]:
            host = row["host"]
            found = observed.get(host, {}).get("phases", {}).get("kafka_broker", {}).get("roles", "")
            roles = ",".join(sorted(one.strip() for one in found.split(",")))
            wanted = BOTH if host in both else BROKER
            # One on ZooKeeper has no roles: who takes it away from there is told by formation.
            if roles and roles != wanted:
                yield Problem(
                    host,
                    COMBINED,
                    f"{str(host in both).lower()}, and {NAMES.get(roles, roles)} of cluster {name} on the host",
                    f"Set it to {str(roles == BOTH).lower()} again: what the controllers agreed on lies where they are. To "
                    "change it, make a new cluster and move topics and clients there, such as with mirrors",
                )
