"""From what hosts, clusters and Prometheus said to the page of the report.  Pure: the template prints what is made here."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from ansible_collections.estate.kafka.plugins.module_utils import drawing, plots
from ansible_collections.estate.kafka.plugins.module_utils.drawing import State
from ansible_collections.estate.kafka.plugins.module_utils.health import assess
from ansible_collections.estate.kafka.plugins.module_utils.observations import QUESTIONS
from ansible_collections.estate.kafka.plugins.module_utils.report_words import WORDS, Words
from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

Observed = Mapping[str, Sequence[Mapping[str, Any]] | str]


def component_states(topology: Mapping[str, Any], seen: Observed, words: Words) -> dict[tuple[str, str], State]:
    """Return how each component is, by what its own host observed."""
    states = {}
    for row in topology["components"]:
        listed = seen.get(row["host"], "")
        found = [] if isinstance(listed, str) else [one for one in listed if one["component"] == row["component"]]
        state = State("unknown")
        if found and found[0]["error"]:
            state = State("bad", words["no_answer"])
        elif found and row["component"] in QUESTIONS:
            state = State("ok")
        states[row["component"], row["host"]] = state
    return states


def host_states(topology: Mapping[str, Any], seen: Observed, components: Mapping[Any, State], words: Words) -> dict[str, State]:
    """Return how each host is: unreachable, not asked, or as its worst component."""
    states = {}
    for host in dict.fromkeys(row["host"] for row in topology["components"]):
        marks = {state.mark for (_, owner), state in components.items() if owner == host}
        if host not in seen:
            states[host] = State("unknown", words["not_asked"])
        elif isinstance(seen[host], str):
            states[host] = State("bad", words["unreachable"])
        else:
            states[host] = State("bad" if "bad" in marks else "ok")
    return states


def cluster_states(topology: Mapping[str, Any], seen: Observed, words: Words) -> dict[str, State]:
    """Return how each cluster is, by the first broker that answers."""
    states = {}
    for name, cluster in topology["clusters"].items():
        hosts = {broker["host"] for broker in cluster["brokers"]}
        views = [
            one["view"]
            for host, listed in seen.items()
            if host in hosts and not isinstance(listed, str)
            for one in listed
            if one["component"] == "kafka_broker" and not one["error"]
        ]
        if not views:
            asked = bool(hosts & set(seen))
            states[name] = State("bad" if asked else "unknown", words["nobody_answers" if asked else "not_asked"])
            continue
        view = views[0]
        live = len(view["brokers"])
        parts = [words["brokers_of"].format(live=live, all=len(hosts))]
        wrong = [(key, len(view[key])) for key in ("offline", "under_min_isr", "under_replicated") if view[key]]
        parts += [words.count(number, key) for key, number in wrong] or [words["in_sync"]]
        bad = bool(view["offline"] or view["under_min_isr"])
        states[name] = State("bad" if bad else "warn" if wrong or live < len(hosts) else "ok", ", ".join(parts))
    return states


def plot_cards(prometheus: Mapping[str, Any], words: Words, now: datetime) -> list[dict[str, Any]]:
    """Return title, drawing and legend of each plot."""
    cards = []
    for name, (_, unit) in QUERIES.items():
        found = prometheus.get("results", {}).get(name)
        if not found:
            continue
        lines = [plots.Series(" ".join(one["labels"].values()) or name, one["values"]) for one in found["series"]]
        title = words[f"plot_{name}"]
        svg = plots.plot(title, lines, found["start"], found["step"], unit, now.tzinfo) if now.tzinfo else ""
        why = words["plot_error"].format(error=found["error"]) if found["error"] else words["no_data"]
        legend = [
            {"key": Markup(plots.legend_mark(index)), "name": one.name, "last": plots.shown(plots.last(one.values), unit)}
            for index, one in enumerate(lines[: plots.MOST])
        ]
        cards.append({"title": title, "svg": Markup(svg), "why": "" if svg else why, "legend": legend if svg else []})
    return cards


QUERIES = {
    "messages": ('sum by (cluster) (rate(kafka_server_brokertopicmetrics_messagesin_total{topic=""}[$window]))', "per_second"),
    "bytes_in": ('sum by (cluster) (rate(kafka_server_brokertopicmetrics_bytesin_total{topic=""}[$window]))', "bytes_per_second"),
    "under_replicated": ("sum by (cluster) (kafka_server_replicamanager_underreplicatedpartitions)", "count"),
    "size": ("sum by (cluster) (kafka_log_log_size)", "bytes"),
}


def render(template: Path, given: Mapping[str, Any]) -> str:
    """Return the page; everything that the estate said is escaped."""
    words, topology, seen, now = WORDS[given["language"]], given["topology"], given["seen"], given["now"]
    health = assess(topology, seen, given["left_out"])
    components = component_states(topology, seen, words)
    states = {
        "components": components,
        "hosts": host_states(topology, seen, components, words),
        "clusters": cluster_states(topology, seen, words),
    }
    pictures = [drawing.inline(topology, drawing.View(words, **states, **form)) for form in ({}, drawing.NARROW)]
    versions: dict[tuple[str, str], list[str]] = defaultdict(list)
    for host, listed in given["versions"].items():
        for name, version in listed.items():
            versions[name, version].append(host)
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    return environment.from_string(template.read_text(encoding="utf-8")).render(
        words=words,
        written=words["written"].format(time=now.strftime("%Y-%m-%d %H:%M %Z")),
        light=Markup(drawing.LIGHT + drawing.HEALTH_LIGHT + plots.STYLE),
        dark=Markup(drawing.DARK + drawing.HEALTH_DARK + plots.STYLE_DARK),
        pictures=[Markup(one) for one in pictures],
        problems=[words.sentence(one) for one in health.problems],
        verdict=words.count(len(health.problems), "problems")
        if health.problems
        else words["well_asked" if health.notes else "well"],
        clusters=[
            {"name": name, "state": states["clusters"][name], "details": given["clusters"].get(name)}
            for name in topology["clusters"]
        ],
        shown=plots.shown,
        alerts=given["prometheus"].get("alerts", []),
        no_prometheus=given["no_prometheus"] and words[given["no_prometheus"]].format(error=given["prometheus"].get("error", "")),
        cards=plot_cards(given["prometheus"], words, now),
        versions=sorted(versions.items()),
    )
