# SPDX-License-Identifier: Apache-2.0
"""The steps of a live estate from open to secured, and back, from the stages in which its members were found.  Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from ansible_collections.estate.kafka.plugins.module_utils.security.stages import (
    BESIDE,
    BETWEEN,
    CLOSED,
    OPEN,
    STAGES,
    WATCHED,
)
from ansible_collections.estate.kafka.plugins.module_utils.text import shorten

BROKERS, SERVERS = "kafka_broker", "zookeeper"
CONFIRM = "secure_confirm_close"
# By host and component: the stage of the file, and that of the process.
Found = Mapping[str, Mapping[str, Mapping[str, str]]]


@dataclass(frozen=True)
class Step:
    """A rolling restart of all members of one kind into a stage."""

    name: str
    component: str
    stage: str
    does: str
    back: str


ROLL = "rolling restart: "
RESTARTS = "-e back=true, a rolling restart for each step that was done"
NONE = "none"
FORWARD = (
    Step("zookeeper_beside", SERVERS, BESIDE, f"{ROLL}ZooKeeper's servers have the port with TLS beside the open one", RESTARTS),
    Step("zookeeper_between", SERVERS, BETWEEN, f"{ROLL}ZooKeeper's servers speak TLS among each other", RESTARTS),
    Step("brokers_beside", BROKERS, BESIDE, f"{ROLL}brokers have both ports with TLS beside the open one", RESTARTS),
    Step("brokers_between", BROKERS, BETWEEN, f"{ROLL}brokers speak TLS among each other and to ZooKeeper", RESTARTS),
    Step(
        "brokers_watched",
        BROKERS,
        WATCHED,
        f"{ROLL}brokers have an authorizer that denies nobody yet and tells whom it would; users and rights are made",
        RESTARTS,
    ),
    Step("brokers_closed", BROKERS, CLOSED, f"{ROLL}the open port is closed, and nobody is allowed without a right", NONE),
    Step("zookeeper_closed", SERVERS, CLOSED, f"{ROLL}the open port of ZooKeeper is closed", NONE),
)
AGAIN = "forward again"
BACK = (
    Step("back_brokers_between", BROKERS, BETWEEN, f"{ROLL}brokers are without an authorizer", AGAIN),
    Step("back_brokers_beside", BROKERS, BESIDE, f"{ROLL}brokers speak plainly to each other and to ZooKeeper", AGAIN),
    Step("back_brokers_open", BROKERS, OPEN, f"{ROLL}brokers have the open port alone", AGAIN),
    Step("back_zookeeper_beside", SERVERS, BESIDE, f"{ROLL}ZooKeeper's servers speak plainly among each other", AGAIN),
    Step("back_zookeeper_open", SERVERS, OPEN, f"{ROLL}ZooKeeper's servers have the open port alone", AGAIN),
)


@dataclass(frozen=True)
class Plan:
    """The steps that are left, and why none is taken; ``stands`` is the lowest stage of each kind of member."""

    stands: Mapping[str, str]
    steps: tuple[Step, ...] = ()
    refused: tuple[str, ...] = ()
    # The last steps wait for a confirmation.
    waits: bool = False


def plan(found: Found, back: bool, clusters: Collection[str], confirmed: Collection[str]) -> Plan:
    """Return the steps; the last ones, which close the open ports, only where every cluster is named in ``confirmed``.

    They begin in a run of their own, after somebody has seen who is still there.
    """
    ranks = {component: _ranks(found, component) for component in STAGES}
    stands = {component: STAGES[component][min(some_ranks.values(), default=0)] for component, some_ranks in ranks.items()}
    if apart := [line for component, of in ranks.items() for line in _apart(component, of)]:
        return Plan(stands, (), tuple(apart))
    if back:
        return Plan(stands, *_back(ranks))
    due = [step for step in FORWARD if _rank(step) > min(ranks[step.component].values(), default=_rank(step))]
    last = [step for step in due if step.stage == CLOSED]
    unknown = sorted({*confirmed} - {*clusters})
    if unknown:
        return Plan(stands, (), (f"{CONFIRM} names {', '.join(unknown)}; there are {', '.join(sorted(clusters))}",))
    looked_at = last == due and {*confirmed} == {*clusters}
    return Plan(stands, tuple(due if looked_at else (step for step in due if step not in last)), (), bool(last) and not looked_at)


def _back(ranks: Mapping[str, Mapping[str, int]]) -> tuple[tuple[Step, ...], tuple[str, ...]]:
    ends = {component: len(stages) - 1 for component, stages in STAGES.items()}
    closed = {what.partition(" (")[0] for component, of in ranks.items() for what, rank in of.items() if rank == ends[component]}
    if closed:
        return (), (f"{shorten(sorted(closed))}: the last step has begun, and there is no way back from it: end it",)
    return tuple(step for step in BACK if _rank(step) < max(ranks[step.component].values(), default=0)), ()


def _rank(step: Step) -> int:
    return STAGES[step.component].index(step.stage)


def _ranks(found: Found, component: str) -> dict[str, int]:
    """Return how far each member is, by host and what tells it."""
    stages = STAGES[component]
    return {
        f"{host} ({what})": stages.index(stage)
        for host, components in found.items()
        for what, stage in components.get(component, {}).items()
        if what in ("written", "running") and stage in stages
    }


def _apart(component: str, ranks: Mapping[str, int]) -> list[str]:
    """Return what says that members are further apart than one step, which no run of this toolkit does."""
    if not ranks or max(ranks.values()) - min(ranks.values()) <= 1:
        return []
    shown = ", ".join(f"{what} {STAGES[component][rank]}" for what, rank in ranks.items())
    return [
        f"{component}: members are more than one stage apart: {shown}. Put back the file of the member that was changed by hand"
    ]


def lines(found: Plan, back: bool, clusters: Collection[str]) -> list[str]:
    """Return in words where the estate stands and what is left."""
    stands = f"ZooKeeper is {found.stands[SERVERS]}, brokers are {found.stands[BROKERS]}"
    left = [f"{step.name}: {step.does}. Way back: {step.back}" for step in found.steps]
    if not found.steps:
        left = ["Nothing is left on this way" if back or not found.waits else "The next step is the last"]
    if found.waits:
        wish = ",".join(sorted(clusters))
        left.append(
            "brokers_closed, zookeeper_closed: the open ports are closed. Way back: none. They wait for a run of their own with "
            f"-e {CONFIRM}={wish}, after a look at who is still there"
        )
    return [stands, *left]
