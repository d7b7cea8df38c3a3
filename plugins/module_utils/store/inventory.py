# SPDX-License-Identifier: Apache-2.0
"""What an action sees of the inventory: hosts by group, their variables, and the Python and machine that preflight found."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ansible_collections.estate.kafka.plugins.module_utils.store.catalogue import Component, Target, hosts_of, target_of


class Inventory:
    """Groups and hosts of a play's variables; a host's variables are made once, which is what costs time."""

    def __init__(self, task_vars: Mapping[str, Any]) -> None:
        self.groups: Mapping[str, list[str]] = task_vars["groups"]
        self._every = task_vars["hostvars"]
        self._hosts: dict[str, Any] = {}

    def _of(self, host: str) -> Any:
        if host not in self._hosts:
            self._hosts[host] = self._every[host]
        return self._hosts[host]

    def variable(self, host: str, name: str) -> Any:
        """Return a host's variable, None when nobody set it."""
        return self._of(host).get(name)

    def targets(self) -> dict[str, Target]:
        """Return Python and machine of each host that was looked at in this run."""
        hosts = dict.fromkeys(host for members in self.groups.values() for host in members)
        found = {host: target_of(self.variable(host, "ansible_facts") or {}) for host in hosts}
        return {host: target for host, target in found.items() if target}

    def on(self, components: Iterable[Component]) -> dict[str, list[Component]]:
        """Return the components of the catalogue that each host needs, for hosts that need any."""
        result: dict[str, list[Component]] = {}
        for component in components:
            for host in hosts_of(component, self.groups, self.variable):
                result.setdefault(host, []).append(component)
        return result
