# SPDX-License-Identifier: Apache-2.0
"""The profiles of the hosts as they were found, against that of the inventory, and the stages between the two.  Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ansible_collections.estate.kafka.plugins.module_utils.estate.problems import Problem
from ansible_collections.estate.kafka.plugins.module_utils.estate.secured import OPTIONS
from ansible_collections.estate.kafka.plugins.module_utils.security.profile import COVERED, PROFILES
from ansible_collections.estate.kafka.plugins.module_utils.security.stages import CLOSED, MIDDLE, OPEN, STAGES
from ansible_collections.estate.kafka.plugins.module_utils.text import shorten

VARIABLE = "security_profile"
PLAYBOOK = "playbooks/secure.yml"
# Options of an open member that the toolkit writes itself, among those that belong to the profile.
WRITTEN = {
    "kafka_broker": ("listeners", "advertised.listeners", "zookeeper.connect", "zookeeper.connection.timeout.ms"),
    "zookeeper": ("clientPort", "admin.enableServer"),
}
Placement = Mapping[str, Mapping[str, Any]]
Observed = Mapping[str, Mapping[str, Any]]
Stages = dict[str, dict[str, str]]


def kept_stages(placement: Placement, observed: Observed, moves: bool) -> tuple[list[Problem], Stages]:
    """Return the stage in which each member is to stay, by host and component, and what is wrong with the profile.

    ``moves`` is whether the run itself moves the estate, which finishes what another one began.
    """
    problems: list[Problem] = []
    result: Stages = {}
    for host, row, stage in members(placement, observed):
        result.setdefault(host, {})[row["component"]] = stage.get("written", "")
    if moves:
        if any(stage != CLOSED for found in result.values() for stage in found.values()):
            problems += [*_not_moved(placement), *_foreign(placement, observed)]
        return problems, result
    for host in observed:
        problems += [*_other(host, placement[host], observed[host])]
    if not problems:
        problems += [*_interrupted(placement, observed)]
    return problems, result


def members(placement: Placement, observed: Observed) -> Iterator[tuple[str, Mapping[str, Any], Mapping[str, Any]]]:
    """Yield host, what it carries, and the stage found, of each member that has stages."""
    for host, found in observed.items():
        for row in placement[host]["components"]:
            if row["component"] in STAGES:
                yield host, row, found.get("stages", {}).get(row["component"], {})


def _other(host: str, carried: Mapping[str, Any], observed: Mapping[str, Any]) -> Iterator[Problem]:
    """Another profile in the inventory than the live data of the host was made under."""
    paths = [path for row in carried["components"] if row["component"] in COVERED for path in row["data_dirs"]]
    live = next((path for path in paths if observed["disks"][path].get("live")), "")
    wanted = bool(carried.get("secured"))
    stages = {found["written"] for found in observed.get("stages", {}).values() if found["written"]}
    if not live:
        return
    if not wanted and (on_the_way := sorted(stages & {*MIDDLE})):
        yield Problem(
            host,
            VARIABLE,
            f"'open' in the inventory, and an estate on its way to 'secured' (stage {', '.join(on_the_way)})",
            f"Set {VARIABLE}: secured, and run {PLAYBOOK}, forward or with -e back=true",
        )
        return
    found = stages != {OPEN} if stages else bool(observed.get("authorities"))
    if wanted == found:
        return
    names = PROFILES if wanted else tuple(reversed(PROFILES))
    yield Problem(
        host,
        VARIABLE,
        f"{names[1]!r} in the inventory, and data of an estate that is {names[0]} in {live}",
        f"{PLAYBOOK} moves a live estate of ZooKeeper and brokers, and no other playbook does: run it, or set {VARIABLE}: open"
        if wanted
        else f"A secured estate is not opened again: set {VARIABLE}: secured",
    )


def _interrupted(placement: Placement, observed: Observed) -> Iterator[Problem]:
    """Members of which some are in another stage than the others, or run in another than their file is of."""
    again = f"The move to secured was interrupted there: run {PLAYBOOK} again, forward or with -e back=true"
    for component in STAGES:
        found = {host: stage for host, row, stage in members(placement, observed) if row["component"] == component and stage}
        stages = {stage["written"] for stage in found.values()}
        for host, stage in found.items():
            if stage["written"] and stage["written"] != stage["running"]:
                text = f"a {component} that runs in stage {stage['running']!r}, and a file of stage {stage['written']!r}"
                yield Problem(host, VARIABLE, text, again)
            elif stages & {*MIDDLE} and len(stages) > 1:
                others = ", ".join(sorted(stages - {stage["written"], ""})) or "none"
                yield Problem(
                    host,
                    VARIABLE,
                    f"a {component} in stage {stage['written'] or 'none, which is a new one'!r}, and others in stage {others}",
                    f"{again}; a member is added before the move or after it",
                )


def _not_moved(placement: Placement) -> Iterator[Problem]:
    """What the estate has beside ensembles and brokers, which would lose those they speak to."""
    for host, carried in placement.items():
        if carried["components"] and not carried.get("secured"):
            yield Problem(host, VARIABLE, "'open'", f"{PLAYBOOK} moves to what the inventory says: set {VARIABLE}: secured")
        names = sorted({row["component"] for row in carried["components"]} - {*STAGES})
        if names:
            yield Problem(
                host,
                "groups",
                f"{', '.join(names)}, and {PLAYBOOK} moves ensembles and brokers alone, yet",
                "Take it out of these groups for the move, and stop it: it speaks plainly to ports that are to be closed",
            )
        for row in carried["components"]:
            for variable in row["ports"]:
                if variable.endswith("_jmx_exporter_port"):
                    yield Problem(
                        host,
                        "estate_jmx_exporter",
                        f"true, and {PLAYBOOK} does not move agents, yet",
                        "Set it to false and run site.yml before the move: whoever reads them would be left without a login",
                    )
                    return


def _foreign(placement: Placement, observed: Observed) -> Iterator[Problem]:
    """What an open member has of its own, and the profile sets or has no place for: nobody may lose it unasked."""
    for host, row, stage in members(placement, observed):
        component, port = row["component"], row["stage"]["port"]
        if not stage.get("written"):
            yield Problem(
                host,
                "groups",
                f"a {component} that was never installed",
                f"Install it before the move, with {VARIABLE}: open, or take it out until the end",
            )
        for variable, number in row["ports"].items():
            if number == port:
                remedy = "Choose another: one port cannot be open and secured while the estate moves"
                yield Problem(host, variable, f"{number}, the port of the open {component} too", remedy)
        if stage.get("written") != OPEN:
            continue
        names = [name for name in stage["options"] if name.startswith(OPTIONS[component]) and not name.startswith("server.")]
        own = [name for name in names if name not in WRITTEN[component]]
        wanted = [f"PLAINTEXT://:{port}", f"PLAINTEXT://{host}:{port}"]
        if component == "kafka_broker" and stage["listens"] != wanted:
            own += [f"{' and '.join(stage['listens'])} instead of {' and '.join(wanted)}"]
        if own:
            yield Problem(
                host,
                f"{component}_config",
                f"a live {component} with {shorten(own)}",
                f"{PLAYBOOK} moves members that listen as the toolkit has them, without settings of security of their own: run "
                f"site.yml with {VARIABLE}: open and without them, before the move",
            )
