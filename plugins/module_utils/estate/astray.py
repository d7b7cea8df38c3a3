# SPDX-License-Identifier: Apache-2.0
"""Variables that were written for hosts on which nothing reads them, while the hosts that would are without.  Pure."""

from __future__ import annotations

from collections.abc import Collection

from ansible_collections.estate.kafka.plugins.module_utils.estate.components import BY_NAME
from ansible_collections.estate.kafka.plugins.module_utils.estate.problems import Found
from ansible_collections.estate.kafka.plugins.module_utils.estate.roles import owner_of
from ansible_collections.estate.kafka.plugins.module_utils.estate.values import Inventory

# Components by the beginnings of the variables for what is inside of them.
OBJECTS = {
    "kafka_topics": "kafka_broker",
    "kafka_users": "kafka_broker",
    "kafka_acls": "kafka_broker",
    "kafka_quotas": "kafka_broker",
    "kafka_client": "kafka_broker",
    "kafka_features": "kafka_broker",
    "schema_subjects": "schema_registry",
    "schema_compatibility": "schema_registry",
    "kafka_connectors": "kafka_connect",
}


def check_astray(inventory: Inventory) -> None:
    """Tell the inventory each variable of a component that has hosts, but is set on other hosts only."""
    for name, hosts in _by_variable(inventory).items():
        component = _reader(name, inventory.roles)
        readers = inventory.hosts_of(component) if component else ()
        if readers and not hosts & set(readers):
            for host in sorted(hosts):
                found = Found(f"a value on hosts that are not in group {component}")
                remedy = f"Nothing reads it there: write it where hosts of that group get it, such as group_vars/{component}/"
                inventory.problem(host, name, found, remedy)


def _by_variable(inventory: Inventory) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for host, variables in inventory.written.items():
        # A host without any component may have been one of them once.
        for name in variables if inventory.placed.get(host) else ():
            if name in inventory.known:
                found.setdefault(name, set()).add(host)
    return found


def _reader(name: str, roles: Collection[str]) -> str:
    """Return the component that reads a variable; '' where that is everybody, or not known."""
    owner = owner_of(name, roles)
    if owner in BY_NAME:
        return owner
    return next((component for beginning, component in OBJECTS.items() if name.startswith(beginning)), "")
