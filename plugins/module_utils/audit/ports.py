# SPDX-License-Identifier: Apache-2.0
"""Every port of every host: what listens there, what it is for, and whom it answers.  Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.estate.kafka.plugins.module_utils.audit.certificates import Certificate, decoded
from ansible_collections.estate.kafka.plugins.module_utils.audit.probe import CERTIFICATE, CLOSED, LOGIN, UNKNOWN
from ansible_collections.estate.kafka.plugins.module_utils.estate.ports import connections

LOCAL = "local"
SHUT = (LOCAL, LOGIN, CERTIFICATE, CLOSED)
# What a port of this estate is not for.
STRANGER = ""


@dataclass(frozen=True)
class Port:
    """A port of a host.

    ``answer`` is open, login, certificate, closed, local or unknown; ``how`` says what was seen, ``asked_from`` by which host.
    ``purpose`` is '' where the matrix of the estate does not have it; ``tls`` is what ``probe.probe`` has, or None.
    """

    host: str
    protocol: str
    port: int
    address: str
    process: str
    user: str
    pid: int | None
    purpose: str
    answer: str
    how: str
    asked_from: str = ""
    tls: Mapping[str, Any] | None = None

    @property
    def certificate(self) -> Certificate | None:
        """Return the certificate that it showed."""
        return decoded(self.tls["certificate"]) if self.tls and self.tls["certificate"] else None


def purposes(topology: Mapping[str, Any], ssh_port: int) -> dict[tuple[str, int], str]:
    """Return what each port of the inventory's estate is for, by host and port."""
    if not topology:
        return {}
    found = {
        (row["host"], int(port)): str(row["component"]).replace("_", " ")
        for row in topology["components"]
        for port in row.get("ports", ())
    }
    return found | {(one.target, one.port): one.purpose for one in connections(topology, ssh_port)}


def targets(hosts: Mapping[str, Any], asker: str) -> list[dict[str, Any]]:
    """Return what one host is to ask of another: all ports but those of loopback and UDP.

    ``hosts`` maps those that answered to their facts.  Each host asks the next one, the last the first, a single one itself.
    """
    names = sorted(hosts)
    if asker not in names:
        return []
    host = names[(names.index(asker) + 1) % len(names)]
    facts = hosts[host]
    found: dict[int, dict[str, Any]] = {}
    for row in facts["listeners"]:
        if row["protocol"] != "tcp" or row["local"]:
            continue
        address = facts["address"] if row["address"] in ("0.0.0.0", "::") else row["address"]
        if address and not address.lower().startswith("fe80"):
            one = {"host": host, "address": address, "port": row["port"], "speaks": row["speaks"], "plain": bool(row["plain"])}
            found.setdefault(row["port"], one)
    return list(found.values())


def all_ports(
    hosts: Mapping[str, Any], probes: Mapping[str, Sequence[Mapping[str, Any]] | str], purpose: Mapping[tuple[str, int], str]
) -> list[Port]:
    """Return every port of the hosts that answered, sorted.

    ``probes`` has what each host was told by the one that it asked, or why it could not ask.
    """
    seen = {
        (one["host"], one["port"]): (asker, one)
        for asker, listed in probes.items()
        if not isinstance(listed, str)
        for one in listed
    }
    # Who should have asked whom: to say why there is no answer.
    why = {
        (target["host"], target["port"]): listed
        for asker, listed in probes.items()
        if isinstance(listed, str)
        for target in targets(hosts, asker)
    }
    found = []
    for host, facts in sorted(hosts.items()):
        for (protocol, port), rows in _by_port(facts["listeners"]).items():
            row = next((one for one in rows if not one["local"]), rows[0])
            asker, told = seen.get((host, port), ("", None))
            if row["local"]:
                answer, how, asker, told = LOCAL, "loopback only", "", None
            elif protocol == "udp":
                answer, how, asker, told = UNKNOWN, "UDP, it does not say who may use it", "", None
            elif told:
                answer, how = told["answer"], told["how"]
            else:
                answer, how = UNKNOWN, f"not asked: {why.get((host, port), 'no other host could')}"
            found.append(
                Port(
                    host,
                    protocol,
                    port,
                    row["address"],
                    row["process"] or next((one["process"] for one in rows if one["process"]), ""),
                    row["user"],
                    row["pid"],
                    purpose.get((host, port), STRANGER),
                    answer,
                    how,
                    asker,
                    told["tls"] if told else None,
                )
            )
    return found


def _by_port(rows: Iterable[Mapping[str, Any]]) -> dict[tuple[str, int], list[Mapping[str, Any]]]:
    found: dict[tuple[str, int], list[Mapping[str, Any]]] = {}
    for row in sorted(rows, key=lambda one: (one["port"], one["protocol"])):
        found.setdefault((row["protocol"], row["port"]), []).append(row)
    return found
