# SPDX-License-Identifier: Apache-2.0
"""The picture of an estate: from what the topology says to the text of an SVG.

Pure.  Every broker stands in the field of its cluster, other hosts in the field of their ensemble or under 'Other
hosts'; an arrow goes from the cluster that is mirrored to the one it is mirrored to.  A ``View`` says how wide the picture is, in
which language, and how everything in it is; without one it is the picture of the documentation.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any
from xml.sax.saxutils import escape

from ansible_collections.estate.kafka.plugins.module_utils.report.estate_fields import (
    Estate,
    Flow,
    View,
    Zone,
    by_rack,
    member_id,
    mirrors,
    zones_of,
)
from ansible_collections.estate.kafka.plugins.module_utils.report.svg import MARKS, box, clip, mark, text, width_of, wrap
from ansible_collections.estate.kafka.plugins.module_utils.report.svg_style import DARK, LIGHT

GAP = 14
ARROW_GAP = 62
HOST_HEAD = 34
ROW = 24
LINE = 17
LANE = 18
SMALL_HEIGHT = 42
# A field with more hosts than this shows them as small boxes, one row or more for each rack.
MAX_LARGE_HOSTS = 9


# Components with a colour of their own in the style below.
COLOURED = ("zookeeper", "schema_registry", "kafka_connect", "elasticsearch", "kibana", "prometheus", "alertmanager", "grafana")


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
    if len(zone.hosts) <= MAX_LARGE_HOSTS:
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
    hosts = [host for zone in zones if len(zone.hosts) > MAX_LARGE_HOSTS for host in zone.hosts]
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
