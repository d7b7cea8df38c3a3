# SPDX-License-Identifier: Apache-2.0
"""Which certificates an estate needs, from its topology.  Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.estate.kafka.plugins.module_utils.security import consoles, search
from ansible_collections.estate.kafka.plugins.module_utils.security.connect import REST
from ansible_collections.estate.kafka.plugins.module_utils.security.metrics import AGENTS, AUTHORITY, logins
from ansible_collections.estate.kafka.plugins.module_utils.security.profile import authority, common_name
from ansible_collections.estate.kafka.plugins.module_utils.security.registry import AUTHORITY as REGISTRY
from ansible_collections.estate.kafka.plugins.module_utils.security.registry import hosts as registries


@dataclass(frozen=True)
class Wanted:
    """A certificate: by which authority, under which file name, for which subject, and for which names and addresses.

    With ``stores`` it is wanted as PKCS12 too, and so is its authority.
    """

    authority: str
    name: str
    subject: str
    unit: str
    names: tuple[str, ...]
    stores: bool = False


def authorities(topology: Mapping[str, Any]) -> list[str]:
    """Return the names of the authorities that an estate has."""
    found = replaceable(topology)
    found += [REGISTRY] if registries(topology) else []
    found += [search.HTTP, search.TRANSPORT] if _hosts(topology, "elasticsearch") else []
    found += [search.KIBANA_HTTP] if _hosts(topology, "kibana") else []
    found += [AUTHORITY] if logins(topology) or consoles.hosts(topology, "grafana") else []
    return found


def replaceable(topology: Mapping[str, Any]) -> list[str]:
    """Return the names of the authorities that can be replaced: those of clusters, ensembles and Connect's REST."""
    clusters = [authority(name, kind) for name in topology["clusters"] for kind in ("brokers", "listeners")]
    ensembles = [authority(name, kind) for name in topology["ensembles"] for kind in ("servers", "clients")]
    return clusters + ensembles + [authority(group, REST) for group in topology.get("connect_clusters", {})]


def for_clients(topology: Mapping[str, Any]) -> dict[str, str]:
    """Return those of them that programs outside of the estate trust, of brokers' listeners for clients, with their clusters."""
    return {authority(name, "listeners"): name for name in topology["clusters"]}


def _hosts(topology: Mapping[str, Any], name: str) -> list[str]:
    return list(topology.get(name, {}).get("hosts", ()))


def certificates(topology: Mapping[str, Any], hosts: Collection[str], addresses: Mapping[str, Sequence[str]]) -> list[Wanted]:
    """Return the certificates for ``hosts``; ``addresses`` are those under which others reach a host."""
    found: list[Wanted] = []

    def add(ca: str, name: str, subject: str, unit: str, host: str, stores: bool = False) -> None:
        names = tuple(dict.fromkeys((host, *addresses.get(host, ()))))
        found.append(Wanted(ca, name, common_name(subject), common_name(unit), names, stores))

    for name, ensemble in topology["ensembles"].items():
        for server in ensemble["servers"]:
            host = server["host"]
            if host in hosts:
                add(authority(name, "servers"), host, f"server-{server['id']}", name, host)
                add(authority(name, "clients"), host, f"server-{server['id']}", name, host)
                add(authority(name, "clients"), f"toolkit@{host}", "toolkit", name, host)
    for name, cluster in topology["clusters"].items():
        for broker in cluster["brokers"]:
            host = broker["host"]
            if host in hosts:
                add(authority(name, "brokers"), host, f"broker-{broker['id']}", name, host)
                add(authority(name, "brokers"), f"toolkit@{host}", "toolkit", name, host)
                add(authority(name, "listeners"), host, f"broker-{broker['id']}", name, host)
            if host in hosts and not cluster.get("controllers"):
                # ZooKeeper knows a cluster by this subject: all its brokers have the same.
                add(authority(cluster["ensemble"], "clients"), f"{name}@{host}", name, "kafka", host)
        for row in (row for row in cluster.get("controllers", ()) if row["host"] in hosts):
            host = row["host"]
            add(authority(name, "brokers"), f"controller@{host}", f"controller-{row['id']}", name, host)
            if host not in [broker["host"] for broker in cluster["brokers"]]:
                add(authority(name, "brokers"), f"toolkit@{host}", "toolkit", name, host)
    for group, workers in topology.get("connect_clusters", {}).items():
        for host in (host for host in workers["hosts"] if host in hosts):
            add(authority(group, REST), host, "worker", group, host, stores=True)
            add(authority(group, REST), f"toolkit@{host}", "toolkit", group, host)
    for host in (host for host in registries(topology) if host in hosts):
        add(REGISTRY, host, "registry", "schema-registry", host, stores=True)
        add(REGISTRY, f"toolkit@{host}", "toolkit", "schema-registry", host)
    for host in (host for host in _hosts(topology, "elasticsearch") if host in hosts):
        # Sinks of Connect may want the authority as a store.
        add(search.HTTP, host, host, "elasticsearch", host, stores=bool(topology.get("connect_clusters")))
        add(search.TRANSPORT, host, host, "elasticsearch", host)
    for host in (host for host in _hosts(topology, "kibana") if host in hosts):
        add(search.KIBANA_HTTP, host, host, "kibana", host)
    for row in topology.get("metrics", ()):
        if "tls" in row and row["host"] in hosts:
            name, host = row["component"], row["host"]
            add(AUTHORITY, f"{name}@{host}", name, "metrics", host, stores=name in AGENTS)
    for host in (host for host in consoles.hosts(topology, "grafana") if host in hosts):
        add(AUTHORITY, f"grafana@{host}", "grafana", "metrics", host)
    return found


def addresses_of(seen: Mapping[str, Mapping[str, Any] | None]) -> dict[str, list[str]]:
    """Return the addresses that the hosts of the estate have for each other; ``seen`` is what preflight observed, by host.

    What only the host itself takes for its own, such as its loopback interface, is nobody else's way to it.
    """
    found: dict[str, set[str]] = {}
    for host, result in seen.items():
        for name, answer in ((result or {}).get("observed", {}).get("names") or {}).items():
            for address in answer["addresses"]:
                if name != host or not address.startswith(("127.", "::1", "fe80")):
                    found.setdefault(name, set()).add(address.split("%")[0])
    return {name: sorted(some) for name, some in found.items()}


def trusted(topology: Mapping[str, Any], host: str) -> dict[str, str]:
    """Return the authorities that a host of the estate trusts, by the name of the toolkit's file there."""
    found = {}
    for name, ensemble in topology["ensembles"].items():
        if any(server["host"] == host for server in ensemble["servers"]):
            found["zookeeper-ca.pem"] = authority(name, "clients")
    for name, cluster in topology["clusters"].items():
        if any(broker["host"] == host for broker in cluster["brokers"]):
            found |= {f"{kind}-ca.pem": authority(name, kind) for kind in ("brokers", "listeners")}
        if any(row["host"] == host for row in cluster.get("controllers", ())):
            found["controllers-ca.pem"] = authority(name, "brokers")
    for group, workers in topology.get("connect_clusters", {}).items():
        if host in workers["hosts"]:
            found["connect-ca.pem"] = authority(group, REST)
    if host in registries(topology):
        found["registry-ca.pem"] = REGISTRY
    if host in _hosts(topology, "elasticsearch"):
        found["elasticsearch-ca.pem"] = search.HTTP
    if host in _hosts(topology, "kibana"):
        found["kibana-ca.pem"] = search.KIBANA_HTTP
    readers = [*topology.get("metrics", ()), *topology.get("components", ())]
    if any("tls" in row and row["host"] == host for row in readers):
        found["metrics-ca.pem"] = AUTHORITY
    return found


def distrusted(
    topology: Mapping[str, Any],
    seen: Mapping[str, Mapping[str, Any] | None],
    texts: Callable[[str], list[str]],
    folder: str,
    own: Collection[str],
) -> list[str]:
    """Return the hosts that trust another authority than the folder has, of those in ``own``, a line each.

    ``texts`` gives what may be trusted of an authority. What another one signed, the running members would refuse.
    """
    lines = []
    for host, result in seen.items():
        there = ((result or {}).get("observed") or {}).get("authorities") or {}
        for file, name in trusted(topology, host).items():
            if name not in own:
                continue
            known = [hashlib.sha256(text.encode()).hexdigest() for text in texts(name)]
            if file in there and there[file] not in known:
                lines.append(
                    f"{host}: trusts another authority {name} than {folder} has; playbooks/rotate.yml replaces one: put "
                    "back the folder as it was, from its copy, or remove the host's estate before"
                )
    return lines
