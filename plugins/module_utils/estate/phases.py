# SPDX-License-Identifier: Apache-2.0
"""The phases of brokers and controllers of clusters that migrate, as they were found: who keeps which, and who may not. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ansible_collections.estate.kafka.plugins.module_utils.estate.problems import Problem
from ansible_collections.estate.kafka.plugins.module_utils.kafka.migration.phases import KRAFT, ZOOKEEPER
from ansible_collections.estate.kafka.plugins.module_utils.kafka.migration.phases import MIGRATION as MIDDLE

Phases = dict[str, dict[str, str]]
MIGRATION = "kafka_broker_migration"
RUN_AGAIN = (
    "A migration was interrupted there: run playbooks/migrate.yml -e cluster={name} again, forward or with -e back=true. "
    "No other playbook restarts a node into another phase"
)


def kept_phases(
    clusters: Mapping[str, Mapping[str, Any]], observed: Mapping[str, Mapping[str, Any]], migrates: bool
) -> tuple[list[Problem], Phases]:
    """Return the phase in which each node of a cluster that migrates is to stay, by host and component, and what forbids that.

    ``migrates`` is whether the run itself is the migration, which looks closer and finishes what another one began.
    """
    problems: list[Problem] = []
    result: Phases = {}
    for name, cluster in clusters.items():
        if not cluster["controllers"]:
            continue
        found = {
            (row["host"], component): observed[row["host"]].get("phases", {}).get(component, {})
            for component, rows in (("kafka_broker", cluster["brokers"]), ("kafka_controller", cluster["controllers"]))
            for row in rows
            if row["host"] in observed
        }
        if not cluster["migration"]:
            problems += _not_left(name, found)
            continue
        if not migrates:
            problems += [*_interrupted(name, found), *_new(name, found)]
        for (host, component), phase in found.items():
            result.setdefault(host, {})[component] = phase.get("written", "")
    return problems, result


def _not_left(name: str, found: Mapping[tuple[str, str], Mapping[str, str]]) -> Iterator[Problem]:
    """What still needs ZooKeeper of a cluster that has controllers and, as the inventory says, no ZooKeeper.

    A process without ZooKeeper that never was in a migration says nothing of phases, so only one in the middle of it counts.
    """
    for (host, component), phase in found.items():
        others = {phase.get("written", "")} - {"", KRAFT} | {phase.get("running", "")} & {MIDDLE}
        if others:
            yield Problem(
                host,
                MIGRATION,
                f"nothing, and a {component.removeprefix('kafka_')} in phase {', '.join(sorted(others))!r}",
                f"Cluster {name} has not left ZooKeeper: set {MIGRATION}: true and its chroot again, and end the migration with "
                f"playbooks/migrate.yml -e cluster={name}, and then -e finalise=true, before they go",
            )


def _interrupted(name: str, found: Mapping[tuple[str, str], Mapping[str, str]]) -> Iterator[Problem]:
    for (host, component), phase in found.items():
        written, running = phase.get("written", ""), phase.get("running", "")
        what = component.removeprefix("kafka_")
        if running and written != running:
            text = f"a {what} that runs in phase {running!r}, and a file of phase {written or 'none'!r}"
            yield Problem(host, MIGRATION, text, RUN_AGAIN.format(name=name))


def _new(name: str, found: Mapping[tuple[str, str], Mapping[str, str]]) -> Iterator[Problem]:
    brokers = {host: phase for (host, component), phase in found.items() if component == "kafka_broker"}
    beyond = sorted({phase["written"] for phase in brokers.values() if phase.get("written") not in ("", None, ZOOKEEPER)})
    for host, phase in brokers.items():
        if beyond and not phase.get("written"):
            remedy = "A broker is added before a migration or after it, not in it: take it out of the inventory for now"
            yield Problem(host, MIGRATION, f"a new broker, and others of cluster {name} in phase {', '.join(beyond)}", remedy)
