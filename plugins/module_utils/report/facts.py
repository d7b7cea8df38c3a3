# SPDX-License-Identifier: Apache-2.0
"""How everything in the estate is, for the report: a state for each component, host, cluster and mirror.  Pure functions.

The marks are the judge's (``health.judge``); what is added here are words and numbers.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ansible_collections.estate.kafka.plugins.module_utils.health.health import Health
from ansible_collections.estate.kafka.plugins.module_utils.health.judge import ASLEEP, STATES, WATCHERS
from ansible_collections.estate.kafka.plugins.module_utils.health.observe import AGENT, AGENTS, QUESTIONS
from ansible_collections.estate.kafka.plugins.module_utils.mirrors.lag import carries, joined
from ansible_collections.estate.kafka.plugins.module_utils.report.lines_svg import shown
from ansible_collections.estate.kafka.plugins.module_utils.report.svg import State
from ansible_collections.estate.kafka.plugins.module_utils.report.words import Words

Observation = Mapping[str, Any]
# What each host observed, or why it could not be asked; a host that this run leaves alone is absent.
Observed = Mapping[str, Sequence[Observation] | str]
# What cluster_info told of a cluster, or why it told nothing.
Details = Mapping[str, Any] | str
# The word for what the judge found of a component.
FOUND = {"no_answer": "no_answer", "broker_missing": "not_in_cluster", "agent_silent": "no_metrics"}


def answers(seen: Observed, component: str, hosts: Iterable[str]) -> dict[str, Observation]:
    """Return what the component answered, by host."""
    found = {}
    for host in hosts:
        for one in listed_by(seen, host):
            if one["component"] == component and not one["error"]:
                found[host] = one
    return found


def installed(seen: Observed, component: str) -> bool:
    """Return whether any host that was asked has the component."""
    said = [one for host in seen for one in listed_by(seen, host) if one["component"] == component]
    return any(one.get("installed", True) for one in said) or not said


def agents(topology: Mapping[str, Any], seen: Observed) -> tuple[list[tuple[str, str]], dict[tuple[str, str], bool]]:
    """Return which components have a JMX exporter agent on hosts that were asked, and those whose agent is silent, with whether
    they are installed with one."""
    asked = [
        (row["component"], row["host"])
        for row in topology.get("metrics", [])
        if row["component"] in AGENTS and not isinstance(seen.get(row["host"], ""), str)
    ]
    silent = {
        (name, host): bool(one.get("installed", True))
        for name, host in asked
        for one in listed_by(seen, host)
        if one["component"] == name + AGENT
    }
    return asked, silent


def listed_by(seen: Observed, host: str) -> Sequence[Observation]:
    """Return what a host observed; nothing where it could not be asked."""
    listed = seen.get(host, "")
    return [] if isinstance(listed, str) else listed


def component_states(
    topology: Mapping[str, Any], seen: Observed, left_out: Iterable[str], health: Health, words: Words
) -> dict[tuple[str, str], State]:
    """Return how each component is, by component and host."""
    states = {}
    for row in topology["components"]:
        component, host = row["component"], row["host"]
        mark = health.mark("component", component, host)
        codes = health.codes("component", component, host)
        if component in left_out:
            state = State("unknown", words["left_out"])
        elif component in WATCHERS and not installed(seen, component):
            state = State("unknown", words["not_installed"])
        elif mark and host in seen:
            state = State(mark, next((words[FOUND[code]] for code in codes if code in FOUND), ""))
        else:
            asked = any(one["component"] == component for one in listed_by(seen, host))
            state = State("ok" if asked and component in QUESTIONS else "unknown")
        states[component, host] = state
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
            states[host] = State(next((mark for mark in ("bad", "warn") if mark in marks), "ok"))
    return states


def view_of(cluster: Mapping[str, Any], seen: Observed) -> Mapping[str, Any] | None:
    """Return what the first broker that answers says of its cluster."""
    found = answers(seen, "kafka_broker", [broker["host"] for broker in cluster["brokers"]])
    return next((one["view"] for one in found.values()), None)


def cluster_states(topology: Mapping[str, Any], seen: Observed, health: Health, words: Words) -> dict[str, State]:
    """Return how each cluster is, by the first broker that answers."""
    states = {}
    for name, cluster in topology["clusters"].items():
        hosts = {broker["host"] for broker in cluster["brokers"]}
        view = view_of(cluster, seen)
        if not view:
            asked = bool(hosts & set(seen))
            states[name] = State("bad" if asked else "unknown", words["nobody_answers" if asked else "not_asked"])
            continue
        parts = [words["brokers_of"].format(live=len(view["brokers"]), all=len(hosts))]
        parts += [words.count(len(view[key]), key) for key in STATES if view[key]] or [words["in_sync"]]
        states[name] = State(health.mark("cluster", name) or "ok", ", ".join(parts))
    return states


@dataclass(frozen=True)
class Mirror:
    """A declared flow as it is; times in seconds, None where they are not known."""

    name: str
    source: str
    target: str
    state: State
    tasks: str = "-"
    heartbeat: float | None = None
    # Records of the source that Connect has not noted as copied; and how much older the newest record of the target is.
    behind: int | None = None
    delay: float | None = None
    # Topics that are carried, and those of them that are not on the target yet.
    topics: int = 0
    missing: tuple[str, ...] = ()


def mirrors(
    topology: Mapping[str, Any], seen: Observed, details: Mapping[str, Details], health: Health, words: Words
) -> list[Mirror]:
    """Return each flow that the inventory declares."""
    return [_mirror(flow, topology, seen, details, health, words) for flow in topology.get("mirrors", [])]


def _mirror(
    flow: Mapping[str, Any],
    topology: Mapping[str, Any],
    seen: Observed,
    details: Mapping[str, Details],
    health: Health,
    words: Words,
) -> Mirror:
    name, ends = flow["name"], (flow["source"], flow["target"])

    def said(component: str, host: str) -> Mapping[str, Any]:
        found: Mapping[str, Any] = answers(seen, component, [host]).get(host, {}).get("flows", {})
        return found

    told = {"age": None, "behind": None, **joined(topology, flow, said)}
    heartbeat = told["age"]
    behind = None if told["behind"] is None else sum(told["behind"].values())
    delay, topics, missing = mirrored(flow, details)
    mirror = Mirror(name, *ends, State("unknown"), "-", heartbeat, behind, delay, topics, missing)
    workers = topology["connect_clusters"].get(flow["connect"], {}).get("hosts", [])
    found = answers(seen, "kafka_connect", workers)
    if not found:
        asked = any(host in seen for host in workers)
        state = State("bad" if asked else "unknown", words["no_answer" if asked else "not_asked"])
        return replace(mirror, state=state)
    known = next(iter(found.values()))["connectors"]
    tasks = [task for one in flow["connectors"] for task in known.get(one, {}).get("tasks", [])]
    running = tasks.count("RUNNING")
    states = [known[one]["state"] if one in known else "" for one in flow["connectors"]]
    # The worst of its connectors names the flow: one that is missing, failed, asleep.
    worst = sorted(states, key=lambda state: (state != "", state in ("RUNNING", *ASLEEP), state == "RUNNING"))[:1]
    word = worst[0].lower() if worst else "running"
    says = [words.get(word, word) if word else words["connector_missing"]]
    if tasks and word == "running":
        says.append(words["tasks_of"].format(running=running, all=len(tasks)))
    if heartbeat is not None:
        says.append(words["heartbeat"].format(age=shown(heartbeat, "seconds")))
    if behind is not None and flow["lag_max"] is not None and behind > flow["lag_max"]:
        says.append(words.count(behind, "behind"))
    return replace(mirror, state=State(health.mark("mirror", name) or "ok", ", ".join(says)), tasks=f"{running} / {len(tasks)}")


def mirrored(flow: Mapping[str, Any], details: Mapping[str, Details]) -> tuple[float | None, int, tuple[str, ...]]:
    """Return how much older the newest record of the target is than that of the source, how many topics the flow carries, and
    those that are not on the target yet."""
    source, target = details.get(flow["source"]), details.get(flow["target"])
    if not isinstance(target, Mapping) or not isinstance(source, Mapping):
        return None, 0, ()
    there = {row["name"]: row for row in target["topics"]}
    prefix = "" if flow["identity"] else f"{flow['source_alias']}{flow['separator']}"
    delay: float | None = None
    missing, topics = [], 0
    for row in source["topics"]:
        if not carries(flow, row["name"]):
            continue
        topics += 1
        here = there.get(prefix + row["name"])
        if here is None or (here["newest"] is None and row["records"]):
            missing.append(row["name"])
        elif row["newest"] is not None and here["newest"] is not None:
            delay = max(delay or 0.0, (row["newest"] - here["newest"]) / 1000)
    return delay, topics, tuple(missing)
