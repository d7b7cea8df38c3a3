# SPDX-License-Identifier: Apache-2.0
"""What is known of the estate that is judged, ready to look up, and how a statement says what it found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.estate.kafka.plugins.module_utils.audit.findings import Finding
from ansible_collections.estate.kafka.plugins.module_utils.audit.ports import Port
from ansible_collections.estate.kafka.plugins.module_utils.audit.services import Service, services_of


class Estate:
    """What is known: facts by host, ports, and principals known to be machines."""

    def __init__(self, hosts: Mapping[str, Any], ports: Sequence[Port], machines: Sequence[str] = ()) -> None:
        self.hosts = hosts
        self.ports = ports
        self.machines = [one if one.startswith("User:") else f"User:{one}" for one in machines]
        self.services = [service for host, facts in sorted(hosts.items()) for service in services_of(host, facts)]
        self._ports = {(port.host, port.port): port for port in ports if port.protocol == "tcp"}

    def of(self, kind: str) -> list[Any]:
        """Return the services of a kind, with readable settings or not."""
        return [one for one in self.services if one.kind == kind]

    def read(self, kind: str) -> list[Any]:
        """Return the services of a kind whose settings are known."""
        return [one for one in self.of(kind) if not one.facts["error"]]

    def port(self, host: str, number: int) -> Port | None:
        """Return a port of a host that listens."""
        return self._ports.get((host, number))

    def started(self, port: Port) -> float | None:
        """Return when the process that has a port was started."""
        found = next((one for one in self.services if one.host == port.host and one.facts["pid"] == port.pid), None)
        return float(found.facts["started"]) if found else None


def say(number: int, result: str, code: str, service: Service, **values: Any) -> Finding:
    """Return a finding that the settings of a service speak for."""
    return Finding(number, result, code, service.host, {**values, "_of": service.kind})
