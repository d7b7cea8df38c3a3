# SPDX-License-Identifier: Apache-2.0
"""Who must reach whom: from the estate topology to a matrix of ports, and to rules of a firewall.  Pure functions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.estate.kafka.plugins.module_utils.text import shorten, table

# Sources that are no hosts of the estate.
CLIENTS, OPERATORS, CONTROLLER = "clients", "operators", "controller"
OUTSIDE = (CLIENTS, OPERATORS, CONTROLLER)
SSH = 22
CONSOLES = ("kibana", "grafana", "cmak", "akhq", "prometheus", "alertmanager")


@dataclass(frozen=True, order=True)
class Connection:
    """One host or group of people, ``source``, must reach a TCP port of a host."""

    target: str
    port: int
    purpose: str
    source: str


def connections(topology: Mapping[str, Any], ssh_port: int = SSH) -> list[Connection]:
    """Return every connection that the estate needs, sorted, each once; those within one host are left out.

    ``topology`` is the estate topology. Its rows of components say which cluster a component ``uses``.
    """
    found = {
        Connection(target, port, purpose, source)
        for purpose, sources, targets, port in _needed(topology, ssh_port)
        for target in targets
        for source in sources
        if source != target
    }
    return sorted(found)


Need = tuple[str, Sequence[str], Sequence[str], int]


def _needed(topology: Mapping[str, Any], ssh_port: int) -> Iterator[Need]:
    """Yield purpose, sources, targets and port of each kind of connection."""
    rows = topology["components"]
    yield "Ansible over SSH", [CONTROLLER], list(dict.fromkeys(row["host"] for row in rows)), ssh_port
    yield from _zookeeper(topology)
    yield from _controllers(topology)
    yield from _kafka(topology)
    yield from _connect(topology)
    for host in topology["schema_registries"]:
        port = _port(rows, "schema_registry", host)
        askers = [*_hosts(rows, "akhq"), *_hosts(rows, "blackbox_exporter")]
        yield "schema registry", [CLIENTS, *askers], [host], port
    yield from _elasticsearch(topology)
    yield from _monitoring(topology)
    for component in CONSOLES:
        for host in _hosts(rows, component):
            yield f"{component.replace('_', ' ')}, in a browser", [OPERATORS], [host], _port(rows, component, host)


def _zookeeper(topology: Mapping[str, Any]) -> Iterator[Need]:
    for name, ensemble in topology["ensembles"].items():
        members = [server["host"] for server in ensemble["servers"]]
        users = [
            broker["host"]
            for cluster in topology["clusters"].values()
            if cluster["ensemble"] == name
            for broker in cluster["brokers"]
        ]
        for server in ensemble["servers"]:
            yield "ZooKeeper followers to the leader", members, [server["host"]], server["peer_port"]
            yield "ZooKeeper leader election", members, [server["host"]], server["election_port"]
            # The servers themselves ask each other before and after a restart.
            askers = [*users, *members, *_hosts(topology["components"], "cmak")]
            yield "ZooKeeper clients", askers, [server["host"]], server["client_port"]


def _controllers(topology: Mapping[str, Any]) -> Iterator[Need]:
    for name, cluster in topology["clusters"].items():
        members = [row["host"] for key in ("controllers", "brokers") for row in cluster.get(key, ())]
        for row in cluster.get("controllers", ()):
            yield f"controllers of Kafka {name}", members, [row["host"]], row["port"]


def _kafka(topology: Mapping[str, Any]) -> Iterator[Need]:
    rows = topology["components"]
    for name, cluster in topology["clusters"].items():
        members = [broker["host"] for broker in cluster["brokers"]]
        users = [row["host"] for row in rows if row.get("uses") == name]
        for workers in topology["connect_clusters"].values():
            users += workers["hosts"] if workers["cluster"] == name else []
        for flow in topology.get("mirrors", ()):
            if name in (flow["source"], flow["target"]):
                users += topology["connect_clusters"].get(flow["connect"], {"hosts": []})["hosts"]
        users += [*_hosts(rows, "akhq"), *_hosts(rows, "cmak")]
        for broker in cluster["brokers"]:
            yield f"Kafka {name}", [CLIENTS, *members, *users], [broker["host"]], broker["port"]
            if "peer_port" in broker:
                yield f"Kafka {name} between brokers", members, [broker["host"]], broker["peer_port"]


def _connect(topology: Mapping[str, Any]) -> Iterator[Need]:
    rows = topology["components"]
    for name, workers in topology["connect_clusters"].items():
        for host in workers["hosts"]:
            askers = [*workers["hosts"], *_hosts(rows, "akhq"), *_hosts(rows, "blackbox_exporter")]
            yield f"Kafka Connect {name}, REST", askers, [host], _port(rows, "kafka_connect", host)


def _elasticsearch(topology: Mapping[str, Any]) -> Iterator[Need]:
    rows, nodes = topology["components"], list(topology["elasticsearch"]["hosts"])
    for host in nodes:
        http, transport = _ports(rows, "elasticsearch", host)[:2]
        askers = [host for name in ("kibana", "elasticsearch_exporter", "blackbox_exporter") for host in _hosts(rows, name)]
        yield "Elasticsearch, HTTP", [CLIENTS, *nodes, *askers], [host], http
        yield "Elasticsearch between nodes", nodes, [host], transport


def _monitoring(topology: Mapping[str, Any]) -> Iterator[Need]:
    rows = topology["components"]
    prometheus = _hosts(rows, "prometheus")
    for row in topology["metrics"]:
        yield f"metrics of {row['component'].replace('_', ' ')}", prometheus, [row["host"]], row["port"]
    alertmanagers = _hosts(rows, "alertmanager")
    for host in alertmanagers:
        port, *peers = _ports(rows, "alertmanager", host)
        yield "alerts", prometheus, [host], port
        for peer in peers:
            yield "Alertmanager between peers", alertmanagers, [host], peer
    for host in prometheus:
        port = _port(rows, "prometheus", host)
        yield "Prometheus, asked by Grafana", _hosts(rows, "grafana"), [host], port
    blackbox = _hosts(rows, "blackbox_exporter")
    for component in CONSOLES:
        for host in _hosts(rows, component):
            yield "probes of the blackbox exporter", blackbox, [host], _port(rows, component, host)


def _hosts(rows: Iterable[Mapping[str, Any]], component: str) -> list[str]:
    return [row["host"] for row in rows if row["component"] == component]


def _ports(rows: Iterable[Mapping[str, Any]], component: str, host: str) -> list[int]:
    return next(list(row["ports"]) for row in rows if row["component"] == component and row["host"] == host)


def _port(rows: Iterable[Mapping[str, Any]], component: str, host: str) -> int:
    return _ports(rows, component, host)[0]


def matrix(found: Iterable[Connection]) -> str:
    """Return the connections as a table: purpose, port, from whom, to whom."""
    groups: dict[tuple[str, int], tuple[dict[str, None], dict[str, None]]] = {}
    for one in found:
        sources, targets = groups.setdefault((one.purpose, one.port), ({}, {}))
        sources[one.source] = None
        targets[one.target] = None
    rows = [
        [port, purpose, shorten(list(sources), 3), shorten(list(targets), 3)]
        for (purpose, port), (sources, targets) in groups.items()
    ]
    return table(["port", "what for", "from", "to"], sorted(rows))


def rules(found: Iterable[Connection], addresses: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """Return a ruleset of nftables for each host that is reached, by host.

    ``addresses`` maps a host, and each of ``clients``, ``operators`` and ``controller``, to addresses or networks. A source
    without any stays a comment: the rule is incomplete until somebody fills it in.
    """
    hosts: dict[str, dict[tuple[int, str], list[str]]] = {}
    for one in found:
        hosts.setdefault(one.target, {}).setdefault((one.port, one.purpose), []).append(one.source)
    return {host: _ruleset(host, wanted, addresses) for host, wanted in sorted(hosts.items())}


def _ruleset(host: str, wanted: Mapping[tuple[int, str], Sequence[str]], addresses: Mapping[str, Sequence[str]]) -> str:
    lines = [
        f"# What must reach {host}. Written from the inventory; load it with: nft -f <file>",
        "table inet kafka_estate",
        "delete table inet kafka_estate",
        "table inet kafka_estate {",
        "  chain input {",
        "    type filter hook input priority filter; policy drop;",
        "    ct state established,related accept",
        '    iifname "lo" accept',
        "    meta l4proto { icmp, ipv6-icmp } accept",
    ]
    for (port, purpose), sources in sorted(wanted.items()):
        known = sorted({address for source in sources for address in addresses.get(source, ())})
        unknown = sorted(source for source in sources if not addresses.get(source))
        for family, mark in (("ip", "."), ("ip6", ":")):
            if mine := [address for address in known if mark in address and (mark == ":" or ":" not in address)]:
                lines.append(f'    {family} saddr {{ {", ".join(mine)} }} tcp dport {port} accept comment "{purpose}"')
        if unknown:
            lines.append(f"    # tcp dport {port} ({purpose}): no address known of {', '.join(unknown)}")
    return "\n".join([*lines, "  }", "}"]) + "\n"
