# SPDX-License-Identifier: Apache-2.0
"""From what hosts, clusters and Prometheus said to the page of the report.  Pure: the template prints what is made here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from types import SimpleNamespace
from typing import Any

from ansible_collections.estate.kafka.plugins.module_utils.estate.components import BY_NAME
from ansible_collections.estate.kafka.plugins.module_utils.health.judge import WATCHERS, assess
from ansible_collections.estate.kafka.plugins.module_utils.report import facts as report_facts
from ansible_collections.estate.kafka.plugins.module_utils.report import lines_svg as plots
from ansible_collections.estate.kafka.plugins.module_utils.report import questions as report_plots
from ansible_collections.estate.kafka.plugins.module_utils.report.audit import AuditPart, Row, audit_part
from ansible_collections.estate.kafka.plugins.module_utils.report.cells import Column, Table, folded, icon, marked, number
from ansible_collections.estate.kafka.plugins.module_utils.report.cluster_tables import cluster_parts, is_internal
from ansible_collections.estate.kafka.plugins.module_utils.report.estate_fields import NARROW, View
from ansible_collections.estate.kafka.plugins.module_utils.report.estate_svg import inline
from ansible_collections.estate.kafka.plugins.module_utils.report.facts import Mirror
from ansible_collections.estate.kafka.plugins.module_utils.report.service_tables import mirror_table, service_table, version_table
from ansible_collections.estate.kafka.plugins.module_utils.report.svg import MARKS, State
from ansible_collections.estate.kafka.plugins.module_utils.report.svg_style import DARK, HEALTH_DARK, HEALTH_LIGHT, LIGHT
from ansible_collections.estate.kafka.plugins.module_utils.report.words import WORDS, Words
from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

SEVERITIES = {"critical": "bad", "warning": "warn"}


@dataclass(frozen=True)
class Tile:
    """One figure at the top of the page."""

    title: str
    value: str
    note: str = ""
    mark: str = ""


def period(hours: float, words: Words) -> str:
    """Return a time in the largest unit in which it is a whole number."""
    minutes = round(hours * 60)
    for size, key in ((1440, "days"), (60, "one_hours")):
        if minutes >= size and minutes % size == 0:
            return words.count(minutes // size, key)
    return words.count(minutes, "minutes")


def alert_table(alerts: Sequence[Mapping[str, Any]], words: Words, zone: tzinfo) -> Table:
    """Return the alerts, firing and critical ones first."""
    order = list(SEVERITIES)

    def urgency(alert: Mapping[str, Any]) -> tuple[bool, int, str]:
        severity = alert["severity"]
        return (alert["state"] != "firing", order.index(severity) if severity in order else len(order), alert["name"])

    rows = []
    for alert in sorted(alerts, key=urgency):
        severity, state = alert["severity"], alert["state"]
        labels = " · ".join(f"{key} {value}" for key, value in sorted(alert["labels"].items()) if key != "job")
        mark = State(SEVERITIES.get(severity, "unknown"), words.get(severity) or severity or "-")
        what = Markup('{}{}<div class="soft">{}</div>').format(alert["summary"], to_do(alert, words), labels)
        shown = marked(mark, words) if state == "firing" else mark.word
        rows.append([shown, words.get(state) or state, alert["name"], what, moment(alert["since"], zone)])
    columns = [Column(words[key]) for key in ("severity", "state", "alert", "what", "since")]
    return replace(folded(Table(columns, rows), words, "more_alerts"), stacked=True)


def to_do(alert: Mapping[str, Any], words: Words) -> str:
    """Return what to do first about an alert, and where its runbook is; a link where that is an address."""
    page = alert["runbook"]
    if page.startswith(("https://", "http://")):
        page = Markup('<a href="{0}">{0}</a>').format(page)
    says = [words.action(alert["action"])] if alert["action"] else []
    says += [Markup("{}: {}").format(words["runbook"], page)] if page else []
    return Markup("<div>{}</div>").format(Markup(" ").join(says)) if says else ""


def moment(text: str, zone: tzinfo) -> str:
    """Return a time of Prometheus as people of the zone read it; one that cannot be read stays as it is."""
    try:
        # Prometheus gives nanoseconds; Python reads microseconds at most.
        return datetime.fromisoformat(text[:19] + "+00:00").astimezone(zone).strftime("%m-%d %H:%M")
    except ValueError:
        return text


def tiles(
    topology: Mapping[str, Any],
    given: Mapping[str, Any],
    states: Mapping[str, Mapping[str, State]],
    mirrors: Sequence[Mirror],
    alerts: Sequence[Mapping[str, Any]] | None,
    words: Words,
) -> list[Tile]:
    """Return the figures at the top."""
    seen, made = given["seen"], []
    reached = sum(not isinstance(listed, str) for listed in seen.values())
    made.append(Tile(words["tile_hosts"], f"{reached} / {len(seen)}", mark="ok" if reached == len(seen) else "bad"))
    for name, cluster in topology["clusters"].items():
        view, state = report_facts.view_of(cluster, seen), states["clusters"][name]
        live = str(len(view["brokers"])) if view else "?"
        note = words["in_sync"] if state.mark == "ok" else state.word
        made.append(Tile(words["tile_brokers"].format(name=name), f"{live} / {len(cluster['brokers'])}", note, state.mark))
    told = [details for details in given["clusters"].values() if isinstance(details, Mapping)]
    if told:
        groups = [group for details in told for group in details["groups"] if not is_internal(group["group"])]
        worst = max(groups, key=lambda group: int(group["lag"]), default=None)
        made.append(Tile(words["tile_lag"], number(worst["lag"]) if worst else "-", worst["group"] if worst else ""))
    for one in mirrors[:2]:
        beat = words["heartbeat"].format(age=plots.shown(one.heartbeat, "seconds")) if one.heartbeat is not None else ""
        note = beat if one.state.mark == "ok" else one.state.word
        made.append(Tile(words["tile_mirror"].format(name=one.name), plots.shown(one.delay, "seconds"), note, one.state.mark))
    if alerts is not None:
        firing = [alert for alert in alerts if alert["state"] == "firing"]
        mark = "bad" if any(alert["severity"] == "critical" for alert in firing) else "warn" if firing else "ok"
        made.append(Tile(words["tile_alerts"], number(len(firing)), words.count(len(alerts) - len(firing), "pending_of"), mark))
    if told:
        size = sum(row["bytes"] or 0 for details in told for row in details["brokers"])
        partitions = sum(topic["partitions"] for details in told for topic in details["topics"])
        made.append(Tile(words["tile_size"], plots.shown(size, "bytes"), words.count(partitions, "partitions_of")))
    return made


def audit_tables(part: AuditPart, words: Words) -> dict[str, Table]:
    """Return the tables of the last audit: its statements, what is wrong, and the ports."""

    def rows(listed: Sequence[Row], at: int) -> list[list[str]]:
        """Put the mark of a row before one of its cells."""
        return [
            [Markup("{} {}").format(icon(row.mark, words), cell) if place == at else cell for place, cell in enumerate(row.cells)]
            for row in listed
        ]

    def columns(*names: str) -> list[Column]:
        return [Column(words[name]) for name in names]

    findings = Table(
        columns("audit_statement", "audit_result", "host", "audit_seen", "audit_remedy"), rows(part.findings, 1), stacked=True
    )
    ports = columns("audit_port", "audit_process", "audit_user", "audit_answers", "audit_matrix", "on_hosts")
    return {
        "statements": Table(columns("audit_statement", "audit_result"), rows(part.statements, 1)),
        "findings": folded(findings, words, "more_findings"),
        "ports": Table(ports, [], rows(part.ports, 3), words.count(len(part.ports), "audit_ports")),
    }


def render(template: str, given: Mapping[str, Any]) -> str:
    """Return the page; everything that the estate said is escaped."""
    words, topology, seen, now = WORDS[given["language"]], given["topology"], given["seen"], given["now"]
    zone = now.tzinfo
    health = assess(topology, seen, given["left_out"], given["may_lack"])
    missing = {what for what, running, _ in health.rows if running == "left out"}
    left_out = {name for name in BY_NAME if {name, *WATCHERS.get(name, ())} & missing}
    components = report_facts.component_states(topology, seen, left_out, health, words)
    hosts = report_facts.host_states(topology, seen, components, words)
    clusters = report_facts.cluster_states(topology, seen, health, words)
    mirrors = report_facts.mirrors(topology, seen, given["clusters"], health, words)
    flows = {one.name: one.state for one in mirrors}
    views = [
        View(words, components=components, hosts=hosts, clusters=clusters, flows=flows),
        View(words, **NARROW, components=components, hosts=hosts, clusters=clusters, flows=flows),
    ]
    prometheus = given["prometheus"]
    reason = given["no_prometheus"] and words[given["no_prometheus"]].format(error=prometheus.get("error", ""))
    alerts = None if reason else prometheus.get("alerts", [])
    cards, empty, refused = report_plots.cards({} if reason else prometheus.get("results", {}), words, zone)
    problems = [words.finding(one) for one in health.findings if one.problem]
    firing = sum(alert["state"] == "firing" for alert in alerts or ())
    verdict = State("ok", words["well_asked" if health.notes else "well"])
    if problems:
        verdict = State("bad", words.count(len(problems), "problems"))
    elif firing:
        verdict = State("warn", words.count(firing, "well_firing"))
    skipped = sorted(set(hosts) - set(seen))
    audit = audit_part(given.get("audit") or {}, list(hosts), words)
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    return environment.from_string(template).render(
        words=SimpleNamespace(**words),
        language=words.language,
        written=words["written"].format(time=now.strftime("%Y-%m-%d %H:%M %Z")),
        period="" if reason else words["period"].format(time=period(given["hours"], words)),
        light=Markup(LIGHT + HEALTH_LIGHT + plots.STYLE),
        dark=Markup(DARK + HEALTH_DARK + plots.STYLE_DARK),
        pictures=[Markup(inline(topology, view)) for view in views],
        problems=problems,
        verdict=marked(verdict, words),
        skipped=words["not_asked_hosts"].format(hosts=", ".join(skipped)) if skipped else "",
        tiles=tiles(topology, given, {"clusters": clusters}, mirrors, alerts, words),
        icons={mark: icon(mark, words) for mark in MARKS},
        no_prometheus=reason,
        alerts=alert_table(alerts, words, zone) if alerts else None,
        clusters=cluster_parts(topology, given, clusters, words),
        mirrors=mirror_table(mirrors, words) if mirrors else None,
        services=service_table(topology, seen, components, left_out, health, words),
        cards=cards,
        empty=words["no_data"].format(plots=", ".join(empty)) if empty else "",
        refused=refused,
        audit=audit,
        audit_verdict=marked(State(audit.mark, audit.verdict), words) if audit else "",
        audit_tables=audit_tables(audit, words) if audit else {},
        audit_error=words["audit_unreadable"].format(error=given["audit_error"]) if given.get("audit_error") else "",
        versions=version_table(list(hosts), given, words),
    )
