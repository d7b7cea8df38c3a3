# SPDX-License-Identifier: Apache-2.0
"""What the drawing of an estate shows, from the topology: its fields from top to bottom and the flows between them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.estate.kafka.plugins.module_utils.report.svg import State
from ansible_collections.estate.kafka.plugins.module_utils.report.words import WORDS, Words

HUES = ("blue", "orange", "green", "purple")


@dataclass(frozen=True)
class Flow:
    """A mirror from one cluster to another."""

    source: str
    target: str
    title: str
    note: str
    key: str


@dataclass(frozen=True)
class View:
    """How the picture is drawn, and how everything in it is; nothing is marked where nothing is known."""

    words: Words = field(default_factory=lambda: WORDS["en"])
    width: int = 980
    columns: int = 3
    small_columns: int = 10
    edge: int = 20
    # By component and host, by host, by cluster, and by the key of a flow.
    components: Mapping[tuple[str, str], State] = field(default_factory=dict)
    hosts: Mapping[str, State] = field(default_factory=dict)
    clusters: Mapping[str, State] = field(default_factory=dict)
    flows: Mapping[str, State] = field(default_factory=dict)

    @property
    def marked(self) -> bool:
        return bool(self.components or self.hosts)


NARROW: dict[str, int] = {"width": 344, "columns": 1, "small_columns": 3, "edge": 8}


@dataclass
class Zone:
    """One coloured field of the picture with its hosts."""

    title: str
    note: str
    hue: str
    hosts: list[str] = field(default_factory=list)
    cluster: str = ""
    # A cluster outside of the inventory has no hosts that are known.
    outside: bool = False


@dataclass(frozen=True)
class Estate:
    """What the picture needs of a topology, ready to look up."""

    topology: Mapping[str, Any]
    components: Mapping[str, Sequence[Mapping[str, Any]]]
    suffix: str
    view: View

    @classmethod
    def of(cls, topology: Mapping[str, Any], view: View) -> Estate:
        components: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
        for row in topology["components"]:
            components[row["host"]].append(row)
        return cls(topology, components, common_suffix(list(components)), view)

    def short(self, host: str) -> str:
        return host.removesuffix(self.suffix)


def common_suffix(hosts: Sequence[str]) -> str:
    """Return the domain all names end in, with its leading dot, or ''."""
    domains = {host.partition(".")[2] for host in hosts}
    return f".{domains.pop()}" if len(domains) == 1 and "" not in domains else ""


def mirrors(topology: Mapping[str, Any], words: Words = WORDS["en"]) -> list[Flow]:
    """Return the flows that the inventory declares; without any, that from the one other cluster to the one beside Connect."""
    note = words["flow_note"]
    if declared := topology.get("mirrors"):
        return [
            Flow(
                flow["source"],
                flow["target"],
                flow["name"],
                note.format(source=flow["source"], target=flow["target"]),
                flow["name"],
            )
            for flow in declared
        ]
    clusters = list(topology["clusters"])
    return [
        Flow(
            source,
            connect["cluster"],
            words["flow"].format(group=group_id),
            note.format(source=source, target=connect["cluster"]),
            group_id,
        )
        for group_id, connect in topology["connect_clusters"].items()
        if len(clusters) == 2 and connect["cluster"] in clusters
        for source in clusters
        if source != connect["cluster"]
    ]


def zones_of(topology: Mapping[str, Any], words: Words = WORDS["en"]) -> list[Zone]:
    """Return the fields from top to bottom: ensembles of their own hosts, clusters in the order of the flow, other hosts."""
    flows = mirrors(topology, words)
    targets = {flow.target for flow in flows}
    brokers = {broker["host"] for cluster in topology["clusters"].values() for broker in cluster["brokers"]}
    ensembles, taken = [], set(brokers)
    for name, ensemble in topology["ensembles"].items():
        hosts = [server["host"] for server in ensemble["servers"] if server["host"] not in brokers]
        taken.update(hosts)
        ensembles.append(
            Zone(words["ensemble"].format(name=name), words.count(len(hosts), "zookeeper_servers"), "grey", hosts),
        )
    clusters = []
    for index, (name, cluster) in enumerate(topology["clusters"].items()):
        controllers = cluster.get("controllers", ())
        note = words["cluster_note_kraft" if controllers else "cluster_note"].format(
            controllers=", ".join(str(row["id"]) for row in controllers),
            brokers=words.count(len(cluster["brokers"]), "brokers"),
            chroot=cluster["chroot"] or "/",
            ensemble=cluster["ensemble"],
            replication=cluster["default_replication_factor"],
            in_sync=cluster["min_insync_replicas"],
        )
        hosts = [broker["host"] for broker in cluster["brokers"]]
        clusters.append(Zone(words["cluster"].format(name=name), note, HUES[index % len(HUES)], hosts, name))
    for name in dict.fromkeys(end for flow in flows for end in (flow.source, flow.target)):
        if name not in topology["clusters"]:
            clusters.append(Zone(words["cluster"].format(name=name), words["outside"], "grey", [], name, outside=True))
    others = list(dict.fromkeys(row["host"] for row in topology["components"] if row["host"] not in taken))
    ordered = [
        *ensembles,
        *sorted(clusters, key=lambda zone: zone.cluster in targets),
        Zone(words["other_hosts"], "", "grey", others),
    ]
    return [zone for zone in ordered if zone.hosts or zone.outside]


def member_id(estate: Estate, component: str, host: str) -> str:
    """Return the id a broker or a ZooKeeper server has, as ' 1', or ''."""
    rows: list[Mapping[str, Any]] = []
    if component == "kafka_broker":
        rows = [row for cluster in estate.topology["clusters"].values() for row in cluster["brokers"]]
    elif component == "kafka_controller":
        rows = [row for cluster in estate.topology["clusters"].values() for row in cluster.get("controllers", ())]
    elif component == "zookeeper":
        rows = [row for ensemble in estate.topology["ensembles"].values() for row in ensemble["servers"]]
    return next((f" {row['id']}" for row in rows if row["host"] == host), "")


def by_rack(estate: Estate, hosts: Sequence[str]) -> dict[str, list[str]]:
    racks = {row["host"]: row["rack"] for cluster in estate.topology["clusters"].values() for row in cluster["brokers"]}
    result: dict[str, list[str]] = defaultdict(list)
    for host in hosts:
        result[racks.get(host, "")].append(host)
    return result
