# SPDX-License-Identifier: Apache-2.0
"""The services of an estate that log in at the brokers of a secured cluster: their users, rights and passwords.  Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.estate.kafka.plugins.module_utils.security import connect, consoles, exercise, lag, mirrors, registry

# Each has the functions ``users`` and ``rights``.
SERVICES = (connect, exercise, lag, mirrors, registry)


def users(topology: Mapping[str, Any], cluster: str) -> list[dict[str, str]]:
    """Return the users of services that log in at a cluster, as items of ``kafka_users``; [] in an open estate."""
    return [user for service in SERVICES for user in service.users(topology, cluster)]


def rights(topology: Mapping[str, Any], cluster: str) -> list[dict[str, Any]]:
    """Return the least rights of these users, as items of ``kafka_acls``."""
    return [right for service in SERVICES for right in service.rights(topology, cluster)]


def logins(topology: Mapping[str, Any]) -> dict[str, str]:
    """Return the variables with passwords of services' own logins, and for each a host that it is for."""
    found = registry.hosts(topology)
    return consoles.logins(topology) | (dict.fromkeys(registry.LOGINS.values(), found[0]) if found else {})
