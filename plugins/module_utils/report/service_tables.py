# SPDX-License-Identifier: Apache-2.0
"""The tables of the report on mirrors, on services beside the brokers, and on versions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ansible_collections.estate.kafka.plugins.module_utils.health.health import Health
from ansible_collections.estate.kafka.plugins.module_utils.report import facts as report_facts
from ansible_collections.estate.kafka.plugins.module_utils.report import lines_svg as plots
from ansible_collections.estate.kafka.plugins.module_utils.report.cells import Column, Table, icon, marked, number
from ansible_collections.estate.kafka.plugins.module_utils.report.estate_fields import common_suffix
from ansible_collections.estate.kafka.plugins.module_utils.report.facts import Mirror, answers
from ansible_collections.estate.kafka.plugins.module_utils.report.svg import State
from ansible_collections.estate.kafka.plugins.module_utils.report.words import Words
from markupsafe import Markup


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


def version_table(hosts: Sequence[str], given: Mapping[str, Any], words: Words) -> Table | None:
    """Return each version in use with the hosts that have it; several versions of a component are marked."""
    found: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for host, listed in given["versions"].items():
        for name, version in listed.items():
            found[name][version].append(host)
    for host, system in given["systems"].items():
        if system:
            found[""][system].append(host)
    suffix = common_suffix(hosts)
    rows = []
    for name, versions in sorted(found.items(), key=lambda item: (not item[0], item[0])):
        different = Markup(" {}").format(icon("warn", words)) if len(versions) > 1 and name else ""
        for version, listed in sorted(versions.items()):
            where = words["on_all"] if len(listed) == len(hosts) else ", ".join(one.removesuffix(suffix) for one in listed)
            rows.append([name or words["system"], Markup("{}{}").format(version, different), where])
    columns = [Column(words[key]) for key in ("component", "version", "on_hosts")]
    return Table(columns, rows, stacked=True) if rows else None
