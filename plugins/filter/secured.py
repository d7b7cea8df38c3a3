# SPDX-License-Identifier: Apache-2.0
"""Filters that give what the profile ``secured`` adds to a component; see ``module_utils/security/profile.py``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ansible_collections.estate.kafka.plugins.filter.client import java_client
from ansible_collections.estate.kafka.plugins.module_utils.security.connect import CLIENTS, rights, users, worker
from ansible_collections.estate.kafka.plugins.module_utils.security.passwords import with_passwords
from ansible_collections.estate.kafka.plugins.module_utils.security.profile import broker, zookeeper


def connect(
    topology: Mapping[str, Any], group: str, host: str, directory: str, user: str, passwords: Mapping[str, str]
) -> dict[str, Any]:
    """Return what a worker has more; its login stands among the options, for itself and for the clients of its connectors."""
    found = worker(topology, group, host, directory, user, passwords)
    login = java_client(found.pop("login"))
    return found | {"options": {**found["options"], **{f"{side}{name}": login[name] for side in CLIENTS for name in login}}}


class FilterModule:
    """The filters of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return each filter by the name it has in templates."""
        return {
            "secured_broker": broker,
            "secured_connect": connect,
            "secured_rights": rights,
            "secured_users": users,
            "secured_zookeeper": zookeeper,
            "with_passwords": with_passwords,
        }
