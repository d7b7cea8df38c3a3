# SPDX-License-Identifier: Apache-2.0
"""Clusters that are to leave ZooKeeper: what their inventory must say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.estate.kafka.plugins.module_utils.estate.problems import NAMED, Found
from ansible_collections.estate.kafka.plugins.module_utils.estate.values import Inventory
from ansible_collections.estate.kafka.plugins.module_utils.kafka.migration.phases import AUTHORIZER, PROTOCOL_MAP, SUCCESSORS
from ansible_collections.estate.kafka.plugins.module_utils.text import shorten

MIGRATION = "kafka_broker_migration"
SPOKEN = "inter.broker.protocol.version"
# What would be lost on the way, and why.
REFUSED = {
    "control.plane.listener.name": "Remove it first: brokers with controllers have no such listener",
    "metadata.log.dir": "Remove it: a broker's copy of the metadata lies in the first of kafka_broker_log_dirs",
}


def migrates(inventory: Inventory, brokers: Sequence[str]) -> bool:
    """Whether the inventory wants a cluster to leave ZooKeeper."""
    return any(inventory.value(host, MIGRATION) is True for host in brokers)


def check_migration(
    inventory: Inventory, name: str, brokers: Sequence[str], controllers: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    """Find what is in the way of a migration; return what controllers take from the brokers' options while it goes on."""
    without = [host for host in brokers if inventory.value(host, MIGRATION) is not True]
    if without:
        having = sorted(set(brokers) - set(without))
        remedy = f"Set it once, in the group_vars of cluster {name}: {shorten(having, NAMED)} has true"
        inventory.problem(without[0], MIGRATION, inventory.value(without[0], MIGRATION), remedy)
    hosts = [str(row["host"]) for row in controllers]
    if not hosts:
        remedy = f"Put the controllers into group kafka_controller, with kafka_controller_cluster: {name}, or remove it"
        inventory.problem(brokers[0], MIGRATION, True, remedy)
    for host in hosts:
        version = str(inventory.value(host, "kafka_controller_version") or "")
        if not version.startswith("3."):
            remedy = f"Cluster {name} migrates, and only controllers of 3.9 read ZooKeeper: write 3.9.2"
            inventory.problem(host, "kafka_controller_version", version or Found("nothing"), remedy)
    for host in (*brokers, *hosts):
        if (profile := inventory.value(host, "security_profile")) not in (None, "open"):
            remedy = f"Cluster {name} migrates, and that is implemented for 'open' only, yet: leave it on ZooKeeper"
            inventory.problem(host, "security_profile", profile, remedy)
        if inventory.value(host, "estate_jmx_exporter") is not True:
            remedy = "Set it to true: the state of the migration is read from the controllers' agents"
            inventory.problem(host, "estate_jmx_exporter", inventory.value(host, "estate_jmx_exporter"), remedy)
    for host in brokers:
        _check_options(inventory, host)
    check_authorizers(inventory, name, brokers, hosts)
    options = inventory.options(brokers[0], "kafka_broker")
    return {
        "inter_broker_listener": str(
            options.get("inter.broker.listener.name") or options.get("security.inter.broker.protocol") or "PLAINTEXT"
        ),
        "protocol_map": options.get(PROTOCOL_MAP),
    }


def _check_options(inventory: Inventory, host: str) -> None:
    options = inventory.options(host, "kafka_broker")
    for option, remedy in REFUSED.items():
        if options.get(option) is not None:
            inventory.problem(host, f"{inventory.level_of(host, 'kafka_broker', option)}.{option}", options[option], remedy)
    spoken = options.get(SPOKEN)
    if spoken is not None and not str(spoken).startswith("3.9"):
        inventory.problem(
            host,
            f"{inventory.level_of(host, 'kafka_broker', SPOKEN)}.{SPOKEN}",
            spoken,
            "Remove it, and run site.yml, first: the controllers would wait for ever for a broker that speaks an older protocol",
        )


def check_authorizers(inventory: Inventory, name: str, brokers: Sequence[str], controllers: Sequence[str]) -> None:
    """Find controllers that would not decide as the brokers do: without an authorizer no ACL could be changed any more."""
    wanted = {
        SUCCESSORS.get(found, found)
        for found in (str(inventory.options(host, "kafka_broker").get(AUTHORIZER) or "") for host in brokers)
    }
    for host in controllers:
        options = inventory.options(host, "kafka_controller")
        found = str(options.get(AUTHORIZER) or "")
        if len(wanted) == 1 and {found} != wanted:
            right = next(iter(wanted))
            remedy = f"Write {right}: the brokers of cluster {name} have it, or its like" if right else "Remove it: no broker has"
            inventory.problem(host, f"kafka_controller_config.{AUTHORIZER}", found or Found("nothing"), remedy)
        users = options.get("super.users"), inventory.options(brokers[0], "kafka_broker").get("super.users")
        if any(wanted) and users[0] != users[1]:
            remedy = f"Write {users[1]!r}, as the brokers of cluster {name} have it"
            inventory.problem(host, "kafka_controller_config.super.users", users[0] or Found("nothing"), remedy)
