# SPDX-License-Identifier: Apache-2.0
"""The picture of an estate: from what the topology says to the text of an SVG.

Pure.  Every broker stands in the field of its cluster, other hosts in the field of their ensemble or under 'Other
hosts'; an arrow goes from the cluster that is mirrored to the one it is mirrored to.  A ``View`` says how wide the picture is, in
which language, and how everything in it is; without one it is the picture of the documentation.
"""

from __future__ import annotations

import itertools
import unicodedata
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from xml.sax.saxutils import escape

from ansible_collections.estate.kafka.plugins.module_utils.report.words import WORDS, Words

GAP = 14
ARROW_GAP = 62
HOST_HEAD = 34
ROW = 24
LINE = 17
LANE = 18
SMALL_HEIGHT = 42
# A field with more hosts than this shows them as small boxes, one row or more for each rack.
MOST_LARGE = 9

HUES = ("blue", "orange", "green", "purple")

# The marks of how something is, in a square of 16: an outline that differs as much as the colour does, and a sign in it.
MARKS = {
    "ok": ("M8 1 A7 7 0 1 1 8 15 A7 7 0 1 1 8 1 Z", "M4.8 8.3 L7.1 10.6 L11.3 5.8"),
    "warn": ("M8 1.2 L15.3 14.6 H0.7 Z", "M8 6 V10 M8 12.2 V12.4"),
    "bad": ("M1.8 1.8 H14.2 V14.2 H1.8 Z", "M5.3 5.3 L10.7 10.7 M10.7 5.3 L5.3 10.7"),
    "unknown": ("M8 0.8 L15.2 8 L8 15.2 L0.8 8 Z", "M5 8 H5.1 M8 8 H8.1 M11 8 H11.1"),
}
# Components with a colour of their own in the style below.
COLOURED = ("zookeeper", "schema_registry", "kafka_connect", "elasticsearch", "kibana", "prometheus", "alertmanager", "grafana")

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
.kibana { fill: #d6498a } .prometheus { fill: #d1482c } .alertmanager { fill: #a8557c } .grafana { fill: #e07b00 }
.other { fill: #98a2ad }
.outside { stroke-dasharray: 6 4 }
.badge { fill: #ffffff; stroke: #0a7f8c }
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
.kibana { fill: #f279b0 } .prometheus { fill: #f0765c } .alertmanager { fill: #cf86a8 } .grafana { fill: #f29b38 }
.other { fill: #7a848f }
.badge { fill: #0d1117; stroke: #39c5cf }
"""


# The styles of a picture that says how everything is.
HEALTH_LIGHT = """
.shape { fill: #2da44e } .warn .shape { fill: #bf8700 } .bad .shape { fill: #cf222e } .unknown .shape { fill: #818b98 }
.sign { fill: none; stroke: #ffffff; stroke-width: 1.9; stroke-linecap: round; stroke-linejoin: round }
.word { font-size: 12px; font-weight: 600 }
.word.ok { fill: #116329 } .word.warn { fill: #7d4e00 } .word.bad { fill: #a40e26 } .word.unknown { fill: #59636e }
.host-warn { stroke: #bf8700; stroke-width: 1.5 } .host-bad { stroke: #cf222e; stroke-width: 2 }
.host-unknown { stroke-dasharray: 5 4 }
.flow-warn { stroke: #bf8700 } .flow-bad { stroke: #cf222e; stroke-dasharray: 7 5 }
.flow-unknown { stroke: #818b98; stroke-dasharray: 2 5 }
.head-warn { fill: #bf8700 } .head-bad { fill: #cf222e } .head-unknown { fill: #818b98 }
"""
HEALTH_DARK = """
.shape { fill: #2ea043 } .warn .shape { fill: #b98100 } .bad .shape { fill: #e5484d } .unknown .shape { fill: #6e7681 }
.word.ok { fill: #7ee787 } .word.warn { fill: #e3b341 } .word.bad { fill: #ff9492 } .word.unknown { fill: #9da7b1 }
.host-warn { stroke: #b98100 } .host-bad { stroke: #e5484d }
.flow-warn { stroke: #d29922 } .flow-bad { stroke: #ff7b72 } .flow-unknown { stroke: #6e7681 }
.head-warn { fill: #d29922 } .head-bad { fill: #ff7b72 } .head-unknown { fill: #6e7681 }
"""


@dataclass(frozen=True)
class State:
    """How something is: one of MARKS, and the word for it where there is something to say."""

    mark: str
    word: str = ""


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
            chroot=cluster["chroot"],
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


def text(x: float, y: float, style: str, content: str, anchor: str = "start") -> str:
    where = "" if anchor == "start" else f' text-anchor="{anchor}"'
    return f'<text x="{x:g}" y="{y:g}" class="{style}"{where}>{escape(content)}</text>'


def box(x: float, y: float, width: float, height: float, style: str, radius: int = 8) -> str:
    return f'<rect x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" rx="{radius}" class="{style}"/>'


def mark(state: str, x: float, y: float, size: float = 14) -> str:
    """Return the mark of a state in a square of ``size`` at ``x``, ``y``: the shape tells it as well as the colour."""
    outline, sign = MARKS[state]
    where = f'<g transform="translate({x:g} {y:g}) scale({size / 16:g})" class="mark {state}">'
    return f'{where}<path d="{outline}" class="shape"/><path d="{sign}" class="sign"/></g>'


def width_of(content: str, size: float) -> float:
    """Return about how wide a text is: six tenths of the font size for a letter, all of it for one of Korean."""
    return sum(size if unicodedata.east_asian_width(letter) in "WF" else size * 0.6 for letter in content)


def clip(name: str, width: float, size: float) -> str:
    """Shorten a name that would not fit ``width``."""
    if width_of(name, size) <= width:
        return name
    while name and width_of(f"{name}…", size) > width:
        name = name[:-1]
    return f"{name}…"


def wrap(content: str, width: float, size: float, separator: str = " · ") -> list[str]:
    """Break a note into lines of at most ``width``, between its parts."""
    lines: list[str] = []
    for part in content.split(separator) if content else []:
        joined = f"{lines[-1]}{separator}{part}" if lines else part
        if lines and width_of(joined, size) <= width:
            lines[-1] = joined
        else:
            lines.append(part)
    return [clip(line, width, size) for line in lines]


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


def large_host(estate: Estate, host: str, x: float, y: float, width: float, height: float, hue: str) -> list[str]:
    state = estate.view.hosts.get(host)
    style = f"host host-{state.mark}" if state else "host"
    out = [f"<g><title>{escape(host)}</title>", box(x, y, width, height, style)]
    room = width - 24
    if state:
        out += [mark(state.mark, x + width - 27, y + 10), text(x + width - 33, y + 22, f"word {state.mark}", state.word, "end")]
        room -= 24 + width_of(state.word, 12)
    out.append(text(x + 12, y + 22, "name", clip(estate.short(host), room, 14)))
    out.append(f'<line x1="{x + 1:g}" x2="{x + width - 1:g}" y1="{y + HOST_HEAD:g}" y2="{y + HOST_HEAD:g}" class="rule"/>')
    for index, row in enumerate(estate.components[host]):
        top = y + HOST_HEAD + 6 + index * ROW
        label = estate.view.words.component(row["component"]) + member_id(estate, row["component"], host)
        out.append(box(x + 12, top + 4, 5, 14, bar(row["component"], hue), 2))
        out.append(text(x + 25, top + 16, "item", label))
        out += right_of(estate, row, x + width - 12, top, width - 44 - width_of(label, 13))
    return [*out, "</g>"]


def bar(component: str, hue: str) -> str:
    """Return the style of a component's bar: a broker has the colour of its cluster."""
    if component == "kafka_broker":
        return f"{hue}-mark"
    return component if component in COLOURED else "other"


def right_of(estate: Estate, row: Mapping[str, Any], x: float, top: float, room: float) -> list[str]:
    """Return the ports of a component and its mark; where it is not well, the word for it instead of the ports."""
    state = estate.view.components.get((row["component"], row["host"]))
    out = []
    if state:
        out.append(mark(state.mark, x - 14, top + 4))
        x, room = x - 21, room - 21
    if state and state.word:
        # A word that would be cut says less than the mark alone.
        return [*out, text(x, top + 16, f"word {state.mark}", state.word, "end")] if width_of(state.word, 12) <= room else out
    ports = [str(port) for port in row["ports"]]
    while ports and width_of(" ".join(ports), 11) > room:
        ports.pop()
    return [*out, text(x, top + 16, "mono", " ".join(ports), "end")]


def small_host(estate: Estate, host: str, x: float, y: float, width: float, hue: str) -> list[str]:
    state = estate.view.hosts.get(host)
    style = f"host host-{state.mark}" if state else "host"
    out = [f"<g><title>{escape(host)}</title>", box(x, y, width, SMALL_HEIGHT, style, 5)]
    out.append(text(x + 8, y + 17, "small", clip(estate.short(host), width - 12, 11)))
    left = x + 8
    for row in estate.components[host]:
        found = estate.view.components.get((row["component"], host))
        if found and found.mark != "ok":
            out.append(mark(found.mark, left - 1, y + 25, 11))
            left += 13
        else:
            out.append(box(left, y + 25, 6, 10, bar(row["component"], hue), 2))
            left += 9
    if state:
        out.append(mark(state.mark, x + width - 18, y + 24, 12))
    else:
        ports = [str(row["ports"][0]) for row in estate.components[host] if row["ports"]]
        out.append(text(x + width - 8, y + 34, "mono", ports[0] if ports else "", "end"))
    return [*out, "</g>"]


def draw_zone(estate: Estate, zone: Zone, y: float, width: float) -> tuple[list[str], float]:
    """Return the field as drawn at ``y`` and its height."""
    view = estate.view
    left, inner = 2 * view.edge, width - 2 * view.edge
    state = view.clusters.get(zone.cluster)
    head = []
    title = clip(zone.title, inner, 17)
    bottom = y + 24
    head.append(text(left, bottom, f"zone {zone.hue}-text", title))
    if state:
        room = inner - width_of(title, 16) - 40
        if width_of(state.word, 12) <= room:
            head += [mark(state.mark, left + inner - 15, y + 11), text(left + inner - 21, y + 23, "soft", state.word, "end")]
        else:
            bottom += 22
            head += [mark(state.mark, left, bottom - 13), text(left + 21, bottom - 1, "soft", clip(state.word, inner - 21, 12))]
    for line in wrap(zone.note, inner, 12):
        bottom += LINE + 2
        head.append(text(left, bottom, "soft", line))
    bottom += 13
    out: list[str] = []
    if len(zone.hosts) <= MOST_LARGE:
        each = (inner - (view.columns - 1) * GAP) / view.columns
        for start in range(0, len(zone.hosts), view.columns):
            hosts = zone.hosts[start : start + view.columns]
            tall = HOST_HEAD + 12 + ROW * max(len(estate.components[host]) for host in hosts)
            for index, host in enumerate(hosts):
                out += large_host(estate, host, left + index * (each + GAP), bottom, each, tall, zone.hue)
            bottom += tall + GAP
    else:
        for rack, hosts in by_rack(estate, zone.hosts).items():
            beside = bool(rack) and view.columns > 1
            first = 70.0 if beside else 0.0
            each = (inner - first - (view.small_columns - 1) * 6) / view.small_columns
            if rack:
                out.append(text(left, bottom + (25 if beside else 14), "soft", clip(rack, first - 6 if beside else inner, 12)))
                bottom += 0 if beside else 20
            for index, host in enumerate(hosts):
                row, column = divmod(index, view.small_columns)
                x, top = left + first + column * (each + 6), bottom + row * (SMALL_HEIGHT + 6)
                out += small_host(estate, host, x, top, each, zone.hue)
            bottom += ((len(hosts) + view.small_columns - 1) // view.small_columns) * (SMALL_HEIGHT + 6) + 4
    height = bottom - y + 4
    style = f"{zone.hue} outside" if zone.outside else zone.hue
    return [box(view.edge, y, width, height, style, 12), *head, *out], height


def by_rack(estate: Estate, hosts: Sequence[str]) -> dict[str, list[str]]:
    racks = {row["host"]: row["rack"] for cluster in estate.topology["clusters"].values() for row in cluster["brokers"]}
    result: dict[str, list[str]] = defaultdict(list)
    for host in hosts:
        result[racks.get(host, "")].append(host)
    return result


def flow_style(view: View, flow: Flow, base: str) -> str:
    """Return the style of an arrow: another colour and other dashes where the mirror is not well."""
    state = view.flows.get(flow.key)
    return f"{base} {base}-{state.mark}" if state and state.mark != "ok" else base


def draw_arrow(view: View, flow: Flow, x: float, y: float, height: float, up: bool) -> list[str]:
    """Return the arrow from one field to the next below, or back up."""
    start, end, tip = (y + height, y + 12, y + 1) if up else (y, y + height - 12, y + height - 1)
    base = tip + (13 if up else -13)
    return [
        f'<path d="M{x:g} {start:g} V{end:g}" class="{flow_style(view, flow, "flow")}"/>',
        f'<path d="M{x - 9:g} {base:g} H{x + 9:g} L{x:g} {tip:g} Z" class="{flow_style(view, flow, "head")}"/>',
    ]


def flow_lines(view: View, flow: Flow, room: float) -> list[tuple[str, str, str]]:
    """Return the words beside an arrow, as lines with their style and the mark before them."""
    state = view.flows.get(flow.key)
    lines = [("name", line, "") for line in wrap(flow.title, room, 14, " ")]
    lines += [("soft", line, "") for line in wrap(flow.note, room, 12, ", ")]
    for index, line in enumerate(wrap(state.word, room - 21, 12, ", ") if state else []):
        lines.append(("soft", line, state.mark if state and not index else " "))
    return lines


def draw_words(lines: Sequence[tuple[str, str, str]], x: float, y: float) -> list[str]:
    out = []
    for index, (style, line, shown) in enumerate(lines):
        base = y + index * 18
        if shown.strip():
            out.append(mark(shown, x, base - 11))
        out.append(text(x + (21 if shown else 0), base, style, line))
    return out


def draw_between(view: View, flows: Sequence[Flow], lower: str, y: float, width: float) -> tuple[list[str], float]:
    """Return what stands between two fields: a gap, or the arrows from one to the other with their words."""
    if not flows:
        return [], GAP
    out: list[str] = []
    if view.columns == 1:
        room = width - 44 - 26 * len(flows)
        words = [flow_lines(view, flow, room) for flow in flows]
        height = max(float(ARROW_GAP), 24.0 + sum(18 * len(lines) + 6 for lines in words))
        top = y + 28 + (height - 24 - sum(18 * len(lines) + 6 for lines in words)) / 2
        for index, (flow, lines) in enumerate(zip(flows, words)):
            out += draw_arrow(view, flow, view.edge + 20 + 26 * index, y, height, flow.target != lower)
            out += draw_words(lines, view.edge + 14 + 26 * len(flows) + 8, top)
            top += 18 * len(lines) + 6
        return out, height
    share = width / len(flows)
    places = [view.edge + (width / 2 if len(flows) == 1 else share * index + 40) for index in range(len(flows))]
    room = width / 2 - 24 if len(flows) == 1 else share - 64
    words = [flow_lines(view, flow, room) for flow in flows]
    height = max(float(ARROW_GAP), max(18.0 * len(lines) for lines in words) + 22)
    for flow, x, lines in zip(flows, places, words):
        out += draw_arrow(view, flow, x, y, height, flow.target != lower)
        out += draw_words(lines, x + 20, y + (height - 18 * len(lines)) / 2 + 15)
    return out, height


def draw_lanes(estate: Estate, flows: Sequence[Flow], places: Mapping[str, tuple[float, float]], right: float) -> list[str]:
    """Return the arrows between fields that are not neighbours, each on a lane of its own at the right edge, with its number."""
    out = []
    for index, flow in enumerate(flows):
        (top, tall), (end, end_tall) = places[flow.source], places[flow.target]
        step = 14 * (index + 1)
        start, arrive = top + min(tall - 8, 12 + step), end + min(end_tall - 8, 12 + step)
        lane = right + LANE * (index + 1)
        style = flow_style(estate.view, flow, "flow")
        out.append(f'<path d="M{right:g} {start:g} H{lane:g} V{arrive:g} H{right + 10:g}" class="{style}"/>')
        out.append(
            f'<path d="M{right + 12:g} {arrive - 7:g} V{arrive + 7:g} L{right + 1:g} {arrive:g} Z" '
            f'class="{flow_style(estate.view, flow, "head")}"/>'
        )
        middle = (start + arrive) / 2
        out.append(f'<circle cx="{lane:g}" cy="{middle:g}" r="8" class="badge"/>')
        out.append(text(lane, middle + 4, "small", str(index + 1), "middle"))
    return out


def draw_lane_words(estate: Estate, flows: Sequence[Flow], y: float) -> tuple[list[str], float]:
    """Name the numbered arrows below the picture."""
    view, out = estate.view, []
    for index, flow in enumerate(flows):
        state = view.flows.get(flow.key)
        x = 2 * view.edge
        if state:
            out.append(mark(state.mark, x, y + 3))
            x += 21
        words = " · ".join([f"{index + 1}  {flow.title}", flow.note, *([state.word] if state and state.word else [])])
        for line in wrap(words, view.width - 2 * view.edge - x, 12):
            out.append(text(x, y + 14, "soft", line))
            y += LINE + 1
        y += 3
    return out, y


def marks_without_words(estate: Estate, zones: Sequence[Zone]) -> list[str]:
    """Return the components beside brokers on hosts that are drawn as small boxes."""
    hosts = [host for zone in zones if len(zone.hosts) > MOST_LARGE for host in zone.hosts]
    found = dict.fromkeys(row["component"] for host in hosts for row in estate.components[host])
    return [component for component in found if component != "kafka_broker"]


def draw_legend(estate: Estate, components: Sequence[str], y: float) -> tuple[list[str], float]:
    """Name the colours of small boxes, which have no room for words, and the marks."""
    view = estate.view
    out, left = [], float(2 * view.edge)
    x = left
    items = [(component, view.words.component(component), "") for component in components]
    items += [("", view.words[f"mark_{name}"], name) for name in MARKS] if view.marked else []
    for component, name, shown in items:
        wide = (22 if shown else 14) + width_of(name, 12) + 16
        if x > left and x + wide > view.width - view.edge:
            x, y = left, y + 22
        out.append(mark(shown, x, y) if shown else box(x, y + 2, 6, 10, bar(component, "grey"), 2))
        out.append(text(x + (20 if shown else 12), y + 12, "soft", name))
        x += wide
    return out, y + 24


def picture(topology: Mapping[str, Any], view: View | None = None) -> str:
    """Return the SVG of an estate as a file of its own."""
    drawn = inline(topology, view or View())
    style = f"<style>{LIGHT}@media (prefers-color-scheme: dark) {{{DARK}}}\n</style>"
    return drawn.replace("\n", f"\n{style}\n", 1)


def inline(topology: Mapping[str, Any], view: View) -> str:
    """Return the SVG of an estate for a page that has the styles."""
    estate = Estate.of(topology, view)
    words = view.words
    summary = " · ".join(
        [
            words.count(len(estate.components), "hosts"),
            words.count(len(topology["clusters"]), "clusters"),
            words.count(len(topology["ensembles"]), "ensembles"),
            *([words["names_end"].format(suffix=estate.suffix)] if estate.suffix else []),
        ]
    )
    zones = zones_of(topology, words)
    order = [zone.cluster for zone in zones]
    beside: dict[tuple[str, str], list[Flow]] = defaultdict(list)
    far = []
    for flow in mirrors(topology, words):
        pair = (flow.source, flow.target)
        below = next((couple for couple in itertools.pairwise(order) if set(couple) == set(pair) and all(couple)), None)
        if below:
            beside[below].append(flow)
        else:
            far.append(flow)
    width = view.width - 2 * view.edge - (LANE * len(far) + 6 if far else 0)
    body: list[str] = []
    y = 20.0
    for line in wrap(summary, view.width - 4 * view.edge, 12):
        y += 18
        body.append(text(2 * view.edge, y, "soft", line))
    y += 16
    places: dict[str, tuple[float, float]] = {}
    for index, zone in enumerate(zones):
        if index:
            drawn, height = draw_between(view, beside[(order[index - 1], zone.cluster)], zone.cluster, y, width)
            body += drawn
            y += height
        drawn, height = draw_zone(estate, zone, y, width)
        body += drawn
        places[zone.cluster] = (y, height)
        y += height
    body += draw_lanes(estate, far, places, view.edge + width)
    if far:
        drawn, y = draw_lane_words(estate, far, y + 10)
        body += drawn
    without_words = marks_without_words(estate, zones)
    if without_words or view.marked:
        drawn, y = draw_legend(estate, without_words, y + 12)
        body += drawn
        y -= 12
    total = y + max(view.edge, 14)
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {view.width} {total:g}" role="img" '
            f'aria-label="{escape(summary, {chr(34): "&quot;"})}">',
            box(0.5, 0.5, view.width - 1, total - 1, "page", 14),
            *body,
            "</svg>",
            "",
        ]
    )
