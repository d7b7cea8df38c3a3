# SPDX-License-Identifier: Apache-2.0
"""Controllers of clusters without ZooKeeper: their quorums, and what they share with its brokers, or must not."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.estate.kafka.plugins.module_utils.estate.combined import (
    COMBINED,
    check_combined,
    check_dedicated,
    combined_quorums,
    is_combined,
)
from ansible_collections.estate.kafka.plugins.module_utils.estate.problems import NAMED, Found
from ansible_collections.estate.kafka.plugins.module_utils.estate.values import Inventory
from ansible_collections.estate.kafka.plugins.module_utils.estate.versions import check_log4j, check_version
from ansible_collections.estate.kafka.plugins.module_utils.kafka.lines import ARTEFACTS, LINE_3, LINE_4
from ansible_collections.estate.kafka.plugins.module_utils.text import shorten

LISTENER = "CONTROLLER"
# A cluster id is 16 bytes in base64 for URLs, without padding.
CLUSTER_ID = re.compile(r"[A-Za-z0-9_-]{22}")
ZOOKEEPERS_OWN = {"kafka_broker_ensemble": "the ensemble", "kafka_broker_chroot": "the chroot"}
AUTHORIZER = "authorizer.class.name"


def quorums(inventory: Inventory) -> dict[str, list[dict[str, Any]]]:
    """Return the controllers of each cluster that has any: id, host and port, in the order of their ids."""
    found: dict[str, list[dict[str, Any]]] = {}
    for name, hosts in inventory.members("kafka_controller", "kafka_controller_cluster").items():
        check_size(inventory, name, hosts)
        rows = [
            {
                "id": inventory.number(host, "kafka_controller_id"),
                "host": host,
                "port": inventory.number(host, "kafka_controller_port"),
            }
            for host in hosts
        ]
        found[name] = sorted(rows, key=lambda row: (row["id"] or 0, row["host"]))
    check_dedicated(inventory, found)
    for name, brokers in combined_quorums(inventory).items():
        if name not in found:
            check_size(inventory, name, [row["host"] for row in brokers], ("group kafka_broker", COMBINED))
            found[name] = brokers
    return found


DEDICATED = ("group kafka_controller", "kafka_controller_cluster")


def check_size(inventory: Inventory, name: str, hosts: Sequence[str], place: tuple[str, str] = DEDICATED) -> None:
    """Warn about a single controller or an even number of them; ``place`` is the group and the variable to change."""
    if len(hosts) % 2 == 0:
        less = "two stop when either stops" if len(hosts) == 2 else "an even number bears no more failures than one less"
        found = Found(f"{len(hosts)} controllers of cluster {name} ({shorten(hosts, NAMED)})")
        remedy = f"Use {len(hosts) - 1} or {len(hosts) + 1}: {less}"
        inventory.warning(*place, found, remedy)
    elif len(hosts) == 1:
        found = Found(f"1 controller of cluster {name} ({hosts[0]})")
        remedy = "Use 3 or 5: while it is down nothing about the cluster can change, and with its disk the cluster is lost"
        inventory.warning(*place, found, remedy)


def check_quorums(inventory: Inventory, found: Mapping[str, Sequence[Mapping[str, Any]]], brokers: Mapping[str, Any]) -> None:
    """Find controllers of clusters that have no broker."""
    for name, rows in found.items():
        if name not in brokers:
            known = ", ".join(brokers) or "none"
            for row in rows:
                inventory.problem(
                    row["host"],
                    "kafka_controller_cluster",
                    name,
                    f"No host of group kafka_broker has kafka_broker_cluster {name!r}. Known: {known}",
                )


def check_consoles(inventory: Inventory, clusters: Mapping[str, Mapping[str, Any]]) -> None:
    """Find consoles that cannot show clusters without ZooKeeper."""
    without = [name for name, cluster in clusters.items() if cluster["controllers"] and not cluster["zookeeper_connect"]]
    for host in inventory.hosts_of("cmak") if without else ():
        tell = inventory.problem if len(without) == len(clusters) else inventory.warning
        tell(
            host,
            "groups",
            Found(f"CMAK, and {shorten(without, NAMED)} without ZooKeeper"),
            "CMAK reads ZooKeeper and nothing else, so it cannot show them: use AKHQ",
        )


def check_cluster(
    inventory: Inventory, name: str, brokers: Sequence[str], controllers: Sequence[Mapping[str, Any]], leaving: bool = False
) -> None:
    """Find what brokers and controllers of one cluster must not have, or not have apart.

    One that is ``leaving`` ZooKeeper has its own rules, see ``migration``; so has one whose brokers are its controllers, see
    ``combined``.
    """
    if any(is_combined(inventory, host) for host in brokers):
        check_combined(inventory, name, brokers)
        check_without_zookeeper(inventory, name, brokers, [])
        return
    check_ids(inventory, name, brokers, controllers)
    hosts = [str(row["host"]) for row in controllers]
    check_shared_directories(inventory, brokers, hosts)
    if not leaving:
        check_without_zookeeper(inventory, name, brokers, hosts)


def check_without_zookeeper(inventory: Inventory, name: str, brokers: Sequence[str], hosts: Sequence[str]) -> None:
    """Find what brokers and controllers (``hosts``) of a cluster without ZooKeeper must not have."""
    for host in brokers:
        for variable, what in ZOOKEEPERS_OWN.items():
            if inventory.hostvars[host].get(variable):
                inventory.problem(
                    host,
                    variable,
                    inventory.hostvars[host][variable],
                    f"Cluster {name} has controllers ({shorten(hosts, NAMED)}), so it has no ZooKeeper: remove {what}, or take "
                    "those hosts out of group kafka_controller. To move it, set kafka_broker_migration: true in its "
                    "group_vars and read docs/operations/migrate.md"
                    if hosts
                    else f"Cluster {name} has {COMBINED}, so it has no ZooKeeper: remove {what}, or {COMBINED}",
                )
        check_options(inventory, host, name)
    for host, role in _nodes(brokers, hosts):
        if not str(inventory.value(host, f"{role}_version") or "").startswith("3."):
            check_log4j(inventory, host, role)
        elif inventory.value(host, "security_profile") == "secured":
            found = inventory.value(host, f"{role}_version")
            remedy = (
                f"Cluster {name} has controllers; with security_profile: secured only Kafka 4 is implemented then: write 4.3.1"
            )
            inventory.problem(host, f"{role}_version", found, remedy)
    check_authorizers(inventory, name, brokers, hosts)


def check_shared_directories(inventory: Inventory, brokers: Sequence[str], controllers: Sequence[str]) -> None:
    """Find a directory that a broker and a controller of one host would have both."""
    for host in set(brokers) & set(controllers):
        data, logs = inventory.value(host, "kafka_controller_data_dir"), inventory.value(host, "kafka_broker_log_dirs") or []
        if data in logs:
            inventory.problem(
                host,
                "kafka_controller_data_dir",
                data,
                "kafka_broker_log_dirs of the same host has it too: a broker and a controller cannot share a directory",
            )


def check_ids(inventory: Inventory, name: str, brokers: Sequence[str], controllers: Sequence[Mapping[str, Any]]) -> None:
    """Find ids that are no numbers for a node, and those of which a broker or another controller of the cluster has the same."""
    owners = {inventory.number(host, "kafka_broker_id"): f"broker {host}" for host in brokers}
    for row in controllers:
        number, host = row["id"], row["host"]
        if number is None:
            continue
        if not 0 <= number < 2**31:
            inventory.problem(host, "kafka_controller_id", number, f"Choose a number from 0 to {2**31 - 1}")
        if number in owners:
            inventory.problem(
                host,
                "kafka_controller_id",
                number,
                f"{owners[number]} of the same cluster {name} has this id too: brokers and controllers of a cluster share one "
                "row of numbers, such as 1, 2, 3 and 3001, 3002, 3003",
            )
        owners.setdefault(number, host)


def check_options(inventory: Inventory, host: str, name: str) -> None:
    options = inventory.options(host, "kafka_broker")
    if options.get("metadata.log.dir") is not None:
        inventory.problem(
            host,
            f"{inventory.level_of(host, 'kafka_broker', 'metadata.log.dir')}.metadata.log.dir",
            options["metadata.log.dir"],
            "Set kafka_broker_metadata_dir instead"
            if is_combined(inventory, host)
            else "Remove it: a broker's copy of the metadata lies in the first of kafka_broker_log_dirs",
        )
    key = "listener.security.protocol.map"
    value = options.get(key)
    if value is not None and LISTENER not in {
        pair.split(":")[0].strip() for pair in (value if isinstance(value, list) else str(value).split(","))
    }:
        inventory.problem(
            host,
            f"{inventory.level_of(host, 'kafka_broker', key)}.{key}",
            value,
            f"Add {LISTENER}:PLAINTEXT, the listener of the controllers of cluster {name}",
        )


def check_authorizers(inventory: Inventory, name: str, brokers: Sequence[str], controllers: Sequence[str]) -> None:
    """Find nodes of one cluster that do not have the same authorizer: controllers decide who may change anything."""
    chosen = {(host, role): inventory.options(host, role).get(AUTHORIZER) or "" for host, role in _nodes(brokers, controllers)}
    for (host, role), found in chosen.items():
        place = f"{inventory.level_of(host, role, AUTHORIZER)}.{AUTHORIZER}"
        if "AclAuthorizer" in str(found):
            inventory.problem(
                host,
                place,
                found,
                "It kept its rules in ZooKeeper: write org.apache.kafka.metadata.authorizer.StandardAuthorizer, for brokers and "
                "controllers, with super.users for both",
            )
    if len(set(chosen.values())) > 1:
        lacking = [f"{host} ({role})" for (host, role), found in chosen.items() if not found] or [host for host, _ in chosen]
        inventory.problem(
            brokers[0],
            f"kafka_broker_config.{AUTHORIZER}",
            Found(f"an authorizer that not all nodes of cluster {name} have, {shorten(lacking, NAMED)}"),
            "Set the same authorizer and super.users in kafka_broker_config and in kafka_controller_config",
        )


def _nodes(brokers: Sequence[str], controllers: Sequence[str]) -> list[tuple[str, str]]:
    return [*((host, "kafka_broker") for host in brokers), *((host, "kafka_controller") for host in controllers)]


def check_versions(
    inventory: Inventory,
    name: str,
    brokers: Sequence[str],
    controllers: Sequence[Mapping[str, Any]],
    versions: Mapping[str, str],
    leaving: bool = False,
) -> str:
    """Find versions that the store would not have, or that do not fit the cluster; return the artefact that its brokers run.

    ``versions`` has the installed version of each line by its artefact; without it only the line is looked at. A cluster that is
    ``leaving`` ZooKeeper runs the line that has both; one that has left it stays on that line until all its brokers say Kafka 4.
    """
    without = bool(controllers) and not leaving
    asked = {host: str(inventory.value(host, "kafka_broker_version") or "") for host in brokers}
    artefact = LINE_4 if without and not all(version.startswith("3.") for version in asked.values()) else LINE_3
    have = versions.get(artefact, "")
    for host, version in asked.items():
        fits = version.startswith("4.") if artefact == LINE_4 else version.split(".")[0] in ("", "3")
        if not fits:
            what = "migrates" if leaving else "has controllers" if controllers else "has no controllers"
            remedy = (
                f"write {have or '4.3.1'} for all its brokers, or 3.9.2 for all if it has left ZooKeeper and is not upgraded yet"
                if without
                else "it can only run 3.9: remove it"
                if leaving
                else "only Kafka 3.9 has ZooKeeper: remove it, or put the cluster's controllers into group kafka_controller"
            )
            found = version if version else Found("nothing")
            inventory.problem(host, "kafka_broker_version", found, f"Cluster {name} {what}, so {remedy}")
        else:
            check_version(inventory, host, "kafka_broker_version", version, artefact, versions)
    for row in controllers:
        if is_combined(inventory, row["host"]):
            continue  # it has the version of the broker that it is
        version = str(inventory.value(row["host"], "kafka_controller_version") or "")
        if leaving and not version.startswith("3."):
            continue  # told by check_migration
        if without and ARTEFACTS.get(version.split(".")[0] or "4") != artefact:
            remedy = f"Write {have or 'their version'}: brokers and controllers of cluster {name} have one version"
            inventory.problem(row["host"], "kafka_controller_version", version or Found("nothing"), remedy)
            continue
        check_version(inventory, row["host"], "kafka_controller_version", version, artefact, versions)
    return artefact


def cluster_id(inventory: Inventory, name: str, hosts: Sequence[str]) -> str:
    """Return the id that the inventory has for a cluster, '' for none."""
    first, owner = "", ""
    for host in dict.fromkeys(hosts):
        found = inventory.value(host, "kafka_cluster_id")
        if found in (None, ""):
            continue
        if not CLUSTER_ID.fullmatch(str(found)):
            remedy = "Write the 22 letters, digits, '-' and '_' of cluster.id in meta.properties of a member"
            inventory.problem(host, "kafka_cluster_id", found, remedy)
        elif first and str(found) != first:
            remedy = f"{owner} of the same cluster {name} has {first!r}: a cluster has one id"
            inventory.problem(host, "kafka_cluster_id", found, remedy)
        first, owner = first or str(found), owner or host
    return first
