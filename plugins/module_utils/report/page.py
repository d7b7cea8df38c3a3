# SPDX-License-Identifier: Apache-2.0
"""From what hosts, clusters and Prometheus said to the page of the report.  Pure: the template prints what is made here."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from types import SimpleNamespace
from typing import Any

from ansible_collections.estate.kafka.plugins.module_utils.estate.components import BY_NAME
from ansible_collections.estate.kafka.plugins.module_utils.health.judge import WATCHERS, Health, assess
from ansible_collections.estate.kafka.plugins.module_utils.report import estate_svg as drawing
from ansible_collections.estate.kafka.plugins.module_utils.report import facts as report_facts
from ansible_collections.estate.kafka.plugins.module_utils.report import lines_svg as plots
from ansible_collections.estate.kafka.plugins.module_utils.report import questions as report_plots
from ansible_collections.estate.kafka.plugins.module_utils.report.audit import AuditPart, Row, audit_part
from ansible_collections.estate.kafka.plugins.module_utils.report.estate_svg import State
from ansible_collections.estate.kafka.plugins.module_utils.report.facts import Mirror, answers
from ansible_collections.estate.kafka.plugins.module_utils.report.words import WORDS, Words
from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

# Rows of a table that are seen at once; the others are unfolded.
MOST_ROWS = 25
INTERNAL = ("__", "connect-", "mm2-", "kafkasql-", "_schemas", "registry-events", "apicurio-")
MIRRORED_INTERNAL = (".heartbeats", ".checkpoints.internal", ".internal")
SEVERITIES = {"critical": "bad", "warning": "warn"}


@dataclass(frozen=True)
class Column:
    """A column: its title, and whether it holds numbers."""

    title: str
    number: bool = False


@dataclass(frozen=True)
class Table:
    """A table; ``folded`` has further rows, which are unfolded under ``more``.

    On a phone a ``stacked`` table has a line for each cell, another one is scrolled.
    """

    columns: Sequence[Column]
    rows: Sequence[Sequence[str]]
    folded: Sequence[Sequence[str]] = ()
    more: str = ""
    stacked: bool = False


@dataclass(frozen=True)
class Tile:
    """One figure at the top of the page."""

    title: str
    value: str
    note: str = ""
    mark: str = ""


def icon(mark: str, words: Words) -> Markup:
    """Return the mark of a state; what it means is read to those who cannot see it."""
    return Markup('<svg viewBox="0 0 16 16" class="icon" role="img" aria-label="{}">{}</svg>').format(
        words[f"mark_{mark}"], Markup(drawing.mark(mark, 0, 0, 16))
    )


def marked(state: State, words: Words) -> Markup:
    """Return a mark with its word, or with the word for the mark alone."""
    return Markup("{} {}").format(icon(state.mark, words), state.word or words[f"mark_{state.mark}"])


def number(value: float | None) -> str:
    """Return a whole number with its thousands apart."""
    return "-" if value is None else f"{value:,.0f}"


def counted(value: int, mark: str) -> str:
    """Return a number that should be 0, in the colour of a mark where it is not."""
    return Markup('<span class="word {}">{}</span>').format(mark, number(value)) if value else "0"


def age(moment: float | None, now: float) -> str:
    """Return how long ago a time in ms was."""
    return "-" if moment is None else plots.shown(max(0.0, (now - moment) / 1000), "seconds")


def period(hours: float, words: Words) -> str:
    """Return a time in the largest unit in which it is a whole number."""
    minutes = round(hours * 60)
    for size, key in ((1440, "days"), (60, "one_hours")):
        if minutes >= size and minutes % size == 0:
            return words.count(minutes // size, key)
    return words.count(minutes, "minutes")


def broker_table(cluster: Mapping[str, Any], view: Mapping[str, Any] | None, details: Any, suffix: str, words: Words) -> Table:
    """Return the brokers of the inventory and those that only the cluster knows."""
    known = {row["id"]: row for row in details["brokers"]} if isinstance(details, Mapping) else {}
    live = {broker["id"] for broker in view["brokers"]} if view else set()
    of = {broker["id"]: broker for broker in cluster["brokers"]}
    racks = any(broker["rack"] for broker in cluster["brokers"])
    rows = []
    members = sorted({*of, *known, *live})
    if len(members) > MOST_ROWS:  # those in trouble are not folded away
        members.sort(key=lambda member: member in live and not known.get(member, {}).get("out_of_sync"))
    for member in members:
        row = known.get(member, {})
        state = State("ok") if member in live else State("bad", words["not_in_cluster"]) if view else State("unknown")
        note = words["controller"] if view and view["controller"] == member else state.word
        name = f"{member} · {note}" if note else str(member)
        rows.append(
            [
                Markup("{} {}").format(icon(state.mark, words), name),
                of[member]["host"].removesuffix(suffix) if member in of else "-",
                *([of[member]["rack"] if member in of else "-"] if racks else []),
                number(row.get("leaders")),
                number(row.get("replicas")),
                counted(row["out_of_sync"], "bad") if row else "-",
                plots.shown(row.get("bytes"), "bytes"),
            ]
        )
    names = [words["broker"], words["host"], *([words["rack"]] if racks else [])]
    numbers = [words[key] for key in ("leaders", "replicas", "out_of_sync", "size")]
    columns = [*(Column(name) for name in names), *(Column(name, number=True) for name in numbers)]
    return folded(Table(columns, rows), words, "more_brokers")


def is_internal(name: str) -> bool:
    """Return whether a topic or a group serves Kafka, Connect, MirrorMaker or the registry themselves."""
    return name.startswith(INTERNAL) or name.endswith(MIRRORED_INTERNAL) or name == "heartbeats"


def topic_tables(details: Mapping[str, Any], words: Words) -> list[Table]:
    """Return the table of topics, and one of internal topics."""
    columns = [Column(words["topic"])]
    columns += [
        Column(words[key], number=True)
        for key in ("partitions", "replication", "out_of_sync", "leaderless", "records", "size", "newest")
    ]

    def row(topic: Mapping[str, Any]) -> list[str]:
        return [
            topic["name"],
            number(topic["partitions"]),
            number(topic["replication"]),
            counted(topic["under_replicated"], "warn"),
            counted(topic["offline"], "bad"),
            number(topic["records"]),
            plots.shown(topic["bytes"], "bytes"),
            age(topic["newest"], details["asked"]),
        ]

    def by_trouble(topic: Mapping[str, Any]) -> tuple[bool, bool, str]:
        return (not topic["offline"], not topic["under_replicated"], topic["name"])

    topics = sorted(details["topics"], key=by_trouble)
    own = [row(topic) for topic in topics if not is_internal(topic["name"])]
    internal = [row(topic) for topic in topics if is_internal(topic["name"])]
    tables = [folded(Table(columns, own), words, "more_topics")] if own else []
    return [*tables, Table(columns, [], internal, words.count(len(internal), "internal_topics"))] if internal else tables


def group_tables(details: Mapping[str, Any], words: Words) -> list[Table]:
    """Return the consumer groups, those that are furthest behind first, and apart from them those of services."""
    columns = [Column(words["group"]), Column(words["state"]), Column(words["members"], number=True)]
    columns += [Column(words["lag"], number=True), Column(words["lag_by_topic"])]
    own: list[list[str]] = []
    internal: list[list[str]] = []
    for group in details["groups"]:
        state = group["state"]
        rebalancing = "rebalance" in state or "rebalancing" in state
        says = words.get(f"group_{'rebalancing' if rebalancing else state}") or state
        topics = sorted(group["topics"].items(), key=lambda item: (-item[1], item[0]))
        some = ", ".join(f"{name} {number(lag)}" for name, lag in topics[:3])
        more = f" … +{len(topics) - 3}" if len(topics) > 3 else ""
        rows = internal if is_internal(group["group"]) else own
        rows.append([group["group"], says, number(group["members"]), number(group["lag"]), some + more])
    tables = [folded(Table(columns, own), words, "more_groups")] if own else []
    return [*tables, Table(columns, [], internal, words.count(len(internal), "internal_groups"))] if internal else tables


def folded(table: Table, words: Words, key: str) -> Table:
    """Return the table with the rows beyond the first ones folded."""
    if len(table.rows) <= MOST_ROWS + 5:
        return table
    rest = table.rows[MOST_ROWS:]
    return Table(table.columns, table.rows[:MOST_ROWS], rest, words.count(len(rest), key))


def mirror_table(mirrors: Sequence[Mirror], words: Words) -> Table:
    """Return the declared flows."""
    columns = [Column(words["mirror"]), Column(words["from_to"]), Column(words["state"])]
    columns += [Column(words[key], number=True) for key in ("tasks", "topics", "records_behind", "delay", "last_heartbeat")]
    columns += [Column(words["missing"])] if any(one.missing for one in mirrors) else []
    rows = []
    for one in mirrors:
        seconds = [plots.shown(value, "seconds") for value in (one.delay, one.heartbeat)]
        missing = [", ".join(one.missing[:5]) + (f" … +{len(one.missing) - 5}" if len(one.missing) > 5 else "")]
        rows.append(
            [
                one.name,
                f"{one.source} → {one.target}",
                marked(one.state, words),
                one.tasks,
                number(one.topics),
                number(one.behind),
                *seconds,
                *(missing if len(columns) > 8 else []),
            ]
        )
    return Table(columns, rows, stacked=True)


def service_table(
    topology: Mapping[str, Any],
    seen: report_facts.Observed,
    components: Mapping[tuple[str, str], State],
    left_out: Iterable[str],
    health: Health,
    words: Words,
) -> Table | None:
    """Return what ZooKeeper, Connect, registries and Elasticsearch say."""
    rows: list[list[str]] = []

    def row(
        component: str, name: str, hosts: Sequence[str], found: Mapping[str, Any], says: Sequence[str], bad: str = ""
    ) -> None:
        asked = [host for host in hosts if host in seen]
        mark = "unknown" if not asked or component in left_out else bad or ("ok" if len(found) == len(asked) else "bad")
        word = words["left_out"] if component in left_out else ", ".join(says)
        title = " ".join(filter(None, (words.component(component), name)))
        state = Markup('<span class="whole">{} {}</span>').format(icon(mark, words), f"{len(found)} / {len(hosts)}")
        rows.append([title, state, word or words["nobody_answers" if asked else "not_asked"]])

    for name, ensemble in topology["ensembles"].items():
        hosts = [server["host"] for server in ensemble["servers"]]
        found = answers(seen, "zookeeper", hosts)
        leaders = [host for host, one in found.items() if one["mode"] in ("leader", "standalone")]
        says = [words["leader"].format(host=host) for host in leaders] or [words["no_leader"]] * bool(found)
        row("zookeeper", name, hosts, found, says, health.mark("ensemble", name))
    for name, cluster in topology["clusters"].items():
        if hosts := [one["host"] for one in cluster.get("controllers", ())]:
            found = answers(seen, "kafka_controller", hosts)
            active = [one["leader"] for one in found.values() if one["leader"] is not None]
            says = [words["leader"].format(host=active[0])] if active else [words["no_leader"]] * bool(found)
            marks = {health.mark("component", "kafka_controller", host) for host in hosts}
            row("kafka_controller", name, hosts, found, says, next((mark for mark in ("bad", "warn") if mark in marks), ""))
    for name, connect in topology["connect_clusters"].items():
        found = answers(seen, "kafka_connect", connect["hosts"])
        known = next(iter(found.values()))["connectors"] if found else {}
        says = [f"{one}: {connector_words(status, words)}" for one, status in sorted(known.items())]
        says = says or [words["no_connectors"]] * bool(found)
        row("kafka_connect", name, connect["hosts"], found, says, health.mark("connect", name))
    if hosts := list(topology["schema_registries"]):
        found = answers(seen, "schema_registry", hosts)
        subjects = next(iter(found.values()))["subjects"] if found else []
        row("schema_registry", "", hosts, found, [words.count(len(subjects), "subjects")] * bool(found))
    if hosts := list(topology["elasticsearch"]["hosts"]):
        found = answers(seen, "elasticsearch", hosts)
        says = []
        if found:
            one = next(iter(found.values()))
            documents = {name: count for name, count in sorted(one["documents"].items()) if not name.startswith(".")}
            says = [one["status"], *(f"{name} {words.count(count, 'documents')}" for name, count in list(documents.items())[:5])]
        row("elasticsearch", "", hosts, found, says, health.mark("elasticsearch"))
    listed = {"zookeeper", "kafka_controller", "kafka_broker", "kafka_connect", "schema_registry", "elasticsearch"}
    for component in dict.fromkeys(one["component"] for one in topology["components"] if one["component"] not in listed):
        hosts = [one["host"] for one in topology["components"] if one["component"] == component]
        found = answers(seen, component, hosts)
        states = {components[component, host] for host in hosts}
        state = next((one for mark in ("bad", "warn", "unknown") for one in states if one.mark == mark), State("ok"))
        says = [state.word or words[f"mark_{state.mark}"]]
        for one in found.values():
            if "targets" in one:
                says = [words["targets_of"].format(up=one["up"], all=one["targets"])]
        row(component, "", hosts, found, says, state.mark)
    asked, silent = report_facts.agents(topology, seen)
    if asked:
        there = len(asked) > len(silent) or any(silent.values())
        says = [f"{words.component(name)} {host}" for name, host in silent] if there else [words["not_installed"]]
        mark = "unknown" if not there else "warn" if silent else "ok"
        answer = Markup('<span class="whole">{} {}</span>').format(
            icon(mark, words), f"{len(asked) - len(silent)} / {len(asked)}"
        )
        quiet = words["no_answer"] + ": " if there and silent else ""
        rows.append([words["component_jmx_exporter"], answer, quiet + ", ".join(says or [words["mark_ok"]])])
    columns = [Column(words["component"]), Column(words["answer"]), Column(words["what"])]
    return Table(columns, rows, stacked=True) if rows else None


def connector_words(status: Mapping[str, Any], words: Words) -> str:
    """Return state and running tasks of a connector."""
    state = words.get(status["state"].lower()) or status["state"].lower()
    tasks = status["tasks"]
    return f"{state} {tasks.count('RUNNING')}/{len(tasks)}" if tasks else state


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


def version_table(hosts: Sequence[str], given: Mapping[str, Any], words: Words) -> Table | None:
    """Return each version in use with the hosts that have it; several versions of a component are marked."""
    found: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for host, listed in given["versions"].items():
        for name, version in listed.items():
            found[name][version].append(host)
    for host, system in given["systems"].items():
        if system:
            found[""][system].append(host)
    suffix = drawing.common_suffix(hosts)
    rows = []
    for name, versions in sorted(found.items(), key=lambda item: (not item[0], item[0])):
        different = Markup(" {}").format(icon("warn", words)) if len(versions) > 1 and name else ""
        for version, listed in sorted(versions.items()):
            where = words["on_all"] if len(listed) == len(hosts) else ", ".join(one.removesuffix(suffix) for one in listed)
            rows.append([name or words["system"], Markup("{}{}").format(version, different), where])
    columns = [Column(words[key]) for key in ("component", "version", "on_hosts")]
    return Table(columns, rows, stacked=True) if rows else None


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


def cluster_parts(
    topology: Mapping[str, Any], given: Mapping[str, Any], states: Mapping[str, State], words: Words
) -> list[dict[str, Any]]:
    """Return what is shown of each cluster."""
    parts = []
    suffix = drawing.common_suffix([row["host"] for row in topology["components"]])
    for name, cluster in topology["clusters"].items():
        details, view = given["clusters"].get(name), report_facts.view_of(cluster, given["seen"])
        told = isinstance(details, Mapping)
        facts = [f"id {view['cluster_id']}", words.count(view["partitions"], "partitions_of")] if view else []
        parts.append(
            {
                "name": name,
                "title": words["cluster"].format(name=name),
                "state": marked(states[name], words),
                "facts": " · ".join([*facts, *([f"chroot {cluster['chroot']}"] if cluster["chroot"] else [])]),
                "brokers": broker_table(cluster, view, details, suffix, words),
                "topics": topic_tables(details, words) if told else [],
                "groups": group_tables(details, words) if told else [],
                "told": told,
                "unknown": list(details["unknown"]) if told else [details or states[name].word],
            }
        )
    return parts


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
        drawing.View(words, components=components, hosts=hosts, clusters=clusters, flows=flows),
        drawing.View(words, **drawing.NARROW, components=components, hosts=hosts, clusters=clusters, flows=flows),
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
        light=Markup(drawing.LIGHT + drawing.HEALTH_LIGHT + plots.STYLE),
        dark=Markup(drawing.DARK + drawing.HEALTH_DARK + plots.STYLE_DARK),
        pictures=[Markup(drawing.inline(topology, view)) for view in views],
        problems=problems,
        verdict=marked(verdict, words),
        skipped=words["not_asked_hosts"].format(hosts=", ".join(skipped)) if skipped else "",
        tiles=tiles(topology, given, {"clusters": clusters}, mirrors, alerts, words),
        icons={mark: icon(mark, words) for mark in drawing.MARKS},
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
