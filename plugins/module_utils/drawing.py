"""The picture of an estate: from what the topology says to the text of an SVG.

Pure.  Every broker stands in the field of its cluster, other hosts in the field of their ensemble or under 'Other
hosts'; an arrow goes from the cluster that is mirrored to the one beside which Kafka Connect runs.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from xml.sax.saxutils import escape

WIDTH = 980
EDGE = 20
GAP = 14
ARROW_GAP = 62
COLUMNS = 3
HOST_HEAD = 34
ROW = 24
ZONE_HEAD = 56
# A field with more hosts than this shows them as small boxes, one row of ten or more for each rack.
MOST_LARGE = 9
SMALL_COLUMNS = 10
SMALL_HEIGHT = 42

NAMES = {
    "zookeeper": "ZooKeeper",
    "kafka_broker": "Kafka broker",
    "schema_registry": "Schema Registry",
    "kafka_connect": "Kafka Connect",
    "elasticsearch": "Elasticsearch",
}
HUES = ("blue", "orange", "green", "purple")

LIGHT = """
text { font-family: system-ui, 'Segoe UI', 'Helvetica Neue', 'DejaVu Sans', Arial, sans-serif; font-size: 13px; fill: #1f2328 }
.page { fill: #ffffff; stroke: #d0d7de }
.host { fill: #ffffff; stroke: #c4ccd4 }
.name { font-weight: 600; font-size: 14px }
.small { font-size: 11px }
.soft { fill: #59636e; font-size: 12px }
.mono { font-family: ui-monospace, 'DejaVu Sans Mono', Menlo, monospace; font-size: 11px; fill: #59636e }
.zone { font-weight: 700; font-size: 16px }
.rule { stroke: #d8dee4 }
.flow { stroke: #0a7f8c; fill: none; stroke-width: 3 }
.head { fill: #0a7f8c }
.blue { fill: #eaf4ff; stroke: #54aeff } .blue-text { fill: #0550ae } .blue-mark { fill: #2f81f7 }
.orange { fill: #fff3e8; stroke: #fb8f44 } .orange-text { fill: #953800 } .orange-mark { fill: #e16f24 }
.green { fill: #e9f9ed; stroke: #4ac26b } .green-text { fill: #116329 } .green-mark { fill: #2da44e }
.purple { fill: #f8f0ff; stroke: #c297ff } .purple-text { fill: #6639ba } .purple-mark { fill: #8250df }
.grey { fill: #f6f8fa; stroke: #c4ccd4 } .grey-text { fill: #424a53 } .grey-mark { fill: #818b98 }
.zookeeper { fill: #7c8a2e } .schema_registry { fill: #b35bc7 } .kafka_connect { fill: #0a7f8c } .elasticsearch { fill: #d4a200 }
"""
DARK = """
text { fill: #e6edf3 }
.page { fill: #0d1117; stroke: #3d444d }
.host { fill: #161b22; stroke: #3d444d }
.soft, .mono { fill: #9da7b1 }
.rule { stroke: #30363d }
.flow { stroke: #39c5cf } .head { fill: #39c5cf }
.blue { fill: #0b1c33; stroke: #1f6feb } .blue-text { fill: #79c0ff }
.orange { fill: #281a0d; stroke: #bd561d } .orange-text { fill: #ffa657 }
.green { fill: #0b2113; stroke: #238636 } .green-text { fill: #7ee787 }
.purple { fill: #1e1533; stroke: #8957e5 } .purple-text { fill: #d2a8ff }
.grey { fill: #12171e; stroke: #3d444d } .grey-text { fill: #b1bac4 }
.zookeeper { fill: #a8b84a } .schema_registry { fill: #cf7fe2 } .kafka_connect { fill: #39c5cf } .elasticsearch { fill: #e8bb2c }
"""


@dataclass
class Zone:
    """One coloured field of the picture with its hosts."""

    title: str
    note: str
    hue: str
    hosts: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Estate:
    """What the picture needs of a topology, ready to look up."""

    topology: Mapping[str, Any]
    components: Mapping[str, Sequence[Mapping[str, Any]]]
    suffix: str

    @classmethod
    def of(cls, topology: Mapping[str, Any]) -> Estate:
        components: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
        for row in topology["components"]:
            components[row["host"]].append(row)
        return cls(topology, components, common_suffix(list(components)))

    def short(self, host: str) -> str:
        return host.removesuffix(self.suffix)


def common_suffix(hosts: Sequence[str]) -> str:
    """Return the domain all names end in, with its leading dot, or ''."""
    domains = {host.partition(".")[2] for host in hosts}
    return f".{domains.pop()}" if len(domains) == 1 and "" not in domains else ""


def mirrors(topology: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """Return (source cluster, target cluster, Connect group), where the inventory leaves no doubt about the source."""
    clusters = list(topology["clusters"])
    return [
        (next(name for name in clusters if name != connect["cluster"]), connect["cluster"], group_id)
        for group_id, connect in topology["connect_clusters"].items()
        if len(clusters) == 2 and connect["cluster"] in clusters
    ]


def zones_of(topology: Mapping[str, Any]) -> list[Zone]:
    """Return the fields from top to bottom: ensembles of their own hosts, clusters in the order of the flow, other hosts."""
    targets = [target for _, target, _ in mirrors(topology)]
    brokers = {broker["host"] for cluster in topology["clusters"].values() for broker in cluster["brokers"]}
    ensembles, taken = [], set(brokers)
    for name, ensemble in topology["ensembles"].items():
        hosts = [server["host"] for server in ensemble["servers"] if server["host"] not in brokers]
        taken.update(hosts)
        ensembles.append(Zone(f"Ensemble {name}", count(len(hosts), "ZooKeeper server"), "grey", hosts))
    clusters = []
    for index, (name, cluster) in enumerate(topology["clusters"].items()):
        note = (
            f"{count(len(cluster['brokers']), 'broker')} · chroot {cluster['chroot']} of ensemble {cluster['ensemble']} · "
            f"replication {cluster['default_replication_factor']}, in sync {cluster['min_insync_replicas']}"
        )
        zone = Zone(f"Cluster {name}", note, HUES[index % len(HUES)], [broker["host"] for broker in cluster["brokers"]])
        clusters.append((name in targets, zone))
    others = list(dict.fromkeys(row["host"] for row in topology["components"] if row["host"] not in taken))
    ordered = [
        *ensembles,
        *(zone for _, zone in sorted(clusters, key=lambda pair: pair[0])),
        Zone("Other hosts", "", "grey", others),
    ]
    return [zone for zone in ordered if zone.hosts]


def count(number: int, what: str) -> str:
    """Return '1 broker' or '3 brokers'."""
    return f"{number} {what}{'' if number == 1 else 's'}"


def text(x: float, y: float, style: str, content: str, anchor: str = "start") -> str:
    where = "" if anchor == "start" else f' text-anchor="{anchor}"'
    return f'<text x="{x:g}" y="{y:g}" class="{style}"{where}>{escape(content)}</text>'


def box(x: float, y: float, width: float, height: float, style: str, radius: int = 8) -> str:
    return f'<rect x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" rx="{radius}" class="{style}"/>'


def clip(name: str, width: float, size: float) -> str:
    """Shorten a name that would not fit ``width``; a letter is about six tenths of the font size wide."""
    letters = int(width / (size * 0.6))
    return name if len(name) <= letters else f"{name[: letters - 1]}…"


def member_id(estate: Estate, component: str, host: str) -> str:
    """Return the id a broker or a ZooKeeper server has, as ' 1', or ''."""
    rows: list[Mapping[str, Any]] = []
    if component == "kafka_broker":
        rows = [row for cluster in estate.topology["clusters"].values() for row in cluster["brokers"]]
    elif component == "zookeeper":
        rows = [row for ensemble in estate.topology["ensembles"].values() for row in ensemble["servers"]]
    return next((f" {row['id']}" for row in rows if row["host"] == host), "")


def large_host(estate: Estate, host: str, x: float, y: float, width: float, height: float, hue: str) -> list[str]:
    out = [f"<g><title>{escape(host)}</title>", box(x, y, width, height, "host")]
    out.append(text(x + 12, y + 22, "name", clip(estate.short(host), width - 24, 14)))
    out.append(f'<line x1="{x:g}" x2="{x + width:g}" y1="{y + HOST_HEAD:g}" y2="{y + HOST_HEAD:g}" class="rule"/>')
    for index, row in enumerate(estate.components[host]):
        top = y + HOST_HEAD + 6 + index * ROW
        mark = f"{hue}-mark" if row["component"] == "kafka_broker" else row["component"]
        label = NAMES.get(row["component"], row["component"]) + member_id(estate, row["component"], host)
        out.append(box(x + 12, top + 4, 5, 14, mark, 2))
        out.append(text(x + 25, top + 16, "item", label))
        out.append(text(x + width - 12, top + 16, "mono", " ".join(str(port) for port in row["ports"]), "end"))
    return [*out, "</g>"]


def small_host(estate: Estate, host: str, x: float, y: float, width: float, hue: str) -> list[str]:
    out = [f"<g><title>{escape(host)}</title>", box(x, y, width, SMALL_HEIGHT, "host", 5)]
    out.append(text(x + 8, y + 17, "small", clip(estate.short(host), width - 12, 11)))
    for index, row in enumerate(estate.components[host]):
        mark = f"{hue}-mark" if row["component"] == "kafka_broker" else row["component"]
        out.append(box(x + 8 + index * 9, y + 25, 6, 10, mark, 2))
    ports = [str(row["ports"][0]) for row in estate.components[host] if row["ports"]]
    out.append(text(x + width - 8, y + 34, "mono", ports[0] if ports else "", "end"))
    return [*out, "</g>"]


def draw_zone(estate: Estate, zone: Zone, y: float) -> tuple[list[str], float]:
    """Return the field as drawn at ``y`` and its height."""
    left, inner = 2 * EDGE, WIDTH - 4 * EDGE
    out: list[str] = []
    bottom = y + ZONE_HEAD
    if len(zone.hosts) <= MOST_LARGE:
        width = (inner - (COLUMNS - 1) * GAP) / COLUMNS
        for start in range(0, len(zone.hosts), COLUMNS):
            hosts = zone.hosts[start : start + COLUMNS]
            tall = HOST_HEAD + 12 + ROW * max(len(estate.components[host]) for host in hosts)
            for index, host in enumerate(hosts):
                out += large_host(estate, host, left + index * (width + GAP), bottom, width, tall, zone.hue)
            bottom += tall + GAP
    else:
        for rack, hosts in by_rack(estate, zone.hosts).items():
            first = 70.0 if rack else 0.0
            width = (inner - first - (SMALL_COLUMNS - 1) * 6) / SMALL_COLUMNS
            if rack:
                out.append(text(left, bottom + 25, "soft", clip(rack, first - 6, 12)))
            for index, host in enumerate(hosts):
                row, column = divmod(index, SMALL_COLUMNS)
                x, top = left + first + column * (width + 6), bottom + row * (SMALL_HEIGHT + 6)
                out += small_host(estate, host, x, top, width, zone.hue)
            bottom += ((len(hosts) + SMALL_COLUMNS - 1) // SMALL_COLUMNS) * (SMALL_HEIGHT + 6) + 4
    height = bottom - y + 4
    field_of = [
        box(EDGE, y, WIDTH - 2 * EDGE, height, zone.hue, 12),
        text(left, y + 24, f"zone {zone.hue}-text", zone.title),
        text(left, y + 43, "soft", zone.note),
    ]
    return field_of + out, height


def by_rack(estate: Estate, hosts: Sequence[str]) -> dict[str, list[str]]:
    racks = {row["host"]: row["rack"] for cluster in estate.topology["clusters"].values() for row in cluster["brokers"]}
    result: dict[str, list[str]] = defaultdict(list)
    for host in hosts:
        result[racks.get(host, "")].append(host)
    return result


def draw_flow(y: float, source: str, target: str, group_id: str) -> list[str]:
    """Return the arrow from one field to the next, which begins ``ARROW_GAP`` lower."""
    x, end = WIDTH / 2, y + ARROW_GAP
    label = f"MirrorMaker 2 in Kafka Connect ({group_id})"
    return [
        f'<path d="M{x:g} {y:g} V{end - 12:g}" class="flow"/>',
        f'<path d="M{x - 9:g} {end - 14:g} H{x + 9:g} L{x:g} {end - 1:g} Z" class="head"/>',
        text(x + 20, y + ARROW_GAP / 2 - 3, "name", label),
        text(x + 20, y + ARROW_GAP / 2 + 15, "soft", f"reads {source} (upstream), writes {target} (downstream)"),
    ]


def marks_without_words(estate: Estate, zones: Sequence[Zone]) -> list[str]:
    """Return the components beside brokers on hosts that are drawn as small boxes."""
    hosts = [host for zone in zones if len(zone.hosts) > MOST_LARGE for host in zone.hosts]
    found = dict.fromkeys(row["component"] for host in hosts for row in estate.components[host])
    return [component for component in found if component != "kafka_broker"]


def draw_legend(components: Sequence[str], y: float) -> list[str]:
    """Name the colours of small boxes, which have no room for words."""
    out, x = [], float(2 * EDGE)
    for component in components:
        name = NAMES.get(component, component)
        out += [box(x, y + 2, 6, 10, component, 2), text(x + 12, y + 12, "soft", name)]
        x += 40 + len(name) * 7.5
    return out


def picture(topology: Mapping[str, Any]) -> str:
    """Return the SVG of an estate."""
    estate = Estate.of(topology)
    flows = {target: (source, group_id) for source, target, group_id in mirrors(topology)}
    summary = " · ".join(
        [
            count(len(estate.components), "host"),
            count(len(topology["clusters"]), "cluster"),
            count(len(topology["ensembles"]), "ZooKeeper ensemble"),
            *([f"names end in {estate.suffix}"] if estate.suffix else []),
        ]
    )
    body = [text(2 * EDGE, 38, "soft", summary)]
    y = 54.0
    previous = ""
    zones = zones_of(topology)
    for zone in zones:
        cluster = zone.title.removeprefix("Cluster ")
        source, group_id = flows.get(cluster, ("", ""))
        if previous:
            if source and previous == source:
                body += draw_flow(y, source, cluster, group_id)
                y += ARROW_GAP
            else:
                y += GAP
        drawn, height = draw_zone(estate, zone, y)
        body += drawn
        y += height
        previous = cluster
    if marks := marks_without_words(estate, zones):
        body += draw_legend(marks, y + 12)
        y += 24
    total = y + EDGE
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {total:g}" role="img" aria-label="{escape(summary)}">',
            f"<style>{LIGHT}@media (prefers-color-scheme: dark) {{{DARK}}}\n</style>",
            box(0.5, 0.5, WIDTH - 1, total - 1, "page", 14),
            *body,
            "</svg>",
            "",
        ]
    )
