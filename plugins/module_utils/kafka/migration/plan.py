# SPDX-License-Identifier: Apache-2.0
"""The next step from ZooKeeper to controllers, forward or back, from what is seen of the cluster; or why there is none.

Pure. The steps, their order and the states that are refused are those of Kafka's own page for 3.9, and what was seen beyond it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ansible_collections.estate.kafka.plugins.module_utils.kafka.migration.phases import KRAFT, MIGRATION, ZOOKEEPER
from ansible_collections.estate.kafka.plugins.module_utils.kafka.migration.state import BEFORE, DONE, DUAL_WRITE, State, listed


@dataclass(frozen=True)
class Step:
    """One step: its name, what it does, and the way back from it."""

    name: str
    does: str
    back: str


CONTROLLERS = Step(
    "controllers",
    "format and start the controllers beside ZooKeeper; no broker is touched",
    "-e back=true stops the controllers and deletes the znode migration; no broker is touched",
)
BROKERS = Step(
    "brokers",
    "restart the brokers, one by one, so that they know the controllers; after the last one the controllers copy all metadata",
    "-e back=true stops the controllers, gives ZooKeeper's brokers the lead again and restarts the brokers, one by one",
)
COPY = Step(
    "copy",
    "wait until the controllers have copied all metadata; from then on they lead, and write to ZooKeeper too",
    BROKERS.back,
)
KRAFT_BROKERS = Step(
    "kraft",
    "restart the brokers, one by one, without ZooKeeper; the controllers go on writing to ZooKeeper too",
    "-e back=true restarts the brokers twice, one by one: first with both, then with ZooKeeper alone",
)
FINAL = Step(
    "final",
    "restart the controllers without ZooKeeper, the active one last",
    "none. The first controller without ZooKeeper is the point of no return: from then on any failover ends the migration, what "
    "changes is not in ZooKeeper, and the cluster never runs on it again",
)
BROKERS_BACK = Step(
    "brokers_back", "restart the brokers that are without ZooKeeper, one by one, with both", "run it forward again"
)
LEAVE = Step(
    "leave",
    "stop the controllers and put their data aside, raise the epoch in ZooKeeper, delete the znodes controller and migration, "
    "and wait until every broker follows a broker as controller",
    "run it forward again: the controllers are made anew",
)
BROKERS_OUT = Step("brokers_out", "restart the brokers, one by one, with ZooKeeper alone", "run it forward again")
FORWARD = (CONTROLLERS, BROKERS, COPY, KRAFT_BROKERS)
BACK = (BROKERS_BACK, LEAVE, BROKERS_OUT)
# How far a run goes.
UNTIL = {"controllers": 1, "migration": 3, "kraft": 4}


@dataclass(frozen=True)
class Plan:
    """The steps that are left, in their order, and where the cluster stands; with ``refused`` none of them may be done."""

    stands: str
    steps: tuple[Step, ...] = ()
    refused: tuple[str, ...] = ()

    @property
    def next(self) -> str:
        """The name of the next step, '' when nothing is left or may be done."""
        return self.steps[0].name if self.steps and not self.refused else ""


def stands(state: State) -> str:
    """Return in words where a cluster stands."""
    if final_begun(state):
        ended = all(node.is_in(KRAFT) for node in state.controllers)
        return "without ZooKeeper" if ended else "finalising: the first controller is without ZooKeeper"
    counts = [
        f"{number} of {len(state.brokers)} brokers {words}"
        for phase, words in ((ZOOKEEPER, "on ZooKeeper"), (MIGRATION, "with both"), (KRAFT, "without ZooKeeper"))
        if (number := sum(node.running == phase for node in state.brokers))
    ]
    if state.migration_state == DUAL_WRITE:
        counts.append("all metadata copied, controllers lead and write to ZooKeeper too")
    elif any(node.running for node in state.controllers):
        counts.append("controllers run and have not copied the metadata")
    else:
        counts.append("no controller runs")
    return "; ".join(counts)


def final_begun(state: State) -> bool:
    """Whether any controller is, or is about to be, without ZooKeeper: from then on a failover alone ends the migration."""
    return state.migration_state == DONE or any(node.touches(KRAFT) for node in state.controllers)


def forward(state: State, until: str = "kraft") -> Plan:
    """Return what is left of the way to dual writes, or to an earlier point of it."""
    steps = () if final_begun(state) else FORWARD[: UNTIL[until]]
    return Plan(stands(state), tuple(step for step in steps if not _done(step, state)), tuple(_no_way_forward(state)))


def _done(step: Step, state: State) -> bool:
    if step is CONTROLLERS:
        return all(node.is_in(MIGRATION) for node in state.controllers)
    if step is BROKERS:
        # One whose file is ahead of its process is finished by the step that wrote it.
        return all(node.is_in(MIGRATION) or node.written == KRAFT for node in state.brokers)
    if step is COPY:
        return not uncopied(state)
    return all(node.is_in(KRAFT) for node in state.brokers)


def uncopied(state: State) -> list[str]:
    """Return what is lacking before a broker may do without ZooKeeper: started earlier it puts all its partitions aside."""
    if state.active is None:
        return ["no controller says that it is the active one"]
    if state.active.state != DUAL_WRITE:
        registered = f"{state.active.waiting} of {len(state.brokers)} brokers are registered with it"
        return [f"the active controller {state.active.id} is in state {state.active.state}, not {DUAL_WRITE}; {registered}"]
    lacking = []
    if state.ensemble.left is None or state.ensemble.left.offset < 0:
        lacking.append("the znode migration does not say that anything was copied")
    if not state.led_by_controllers:
        lacking.append(f"the znode controller names {state.ensemble.controller}, which is none of the controllers")
    if not any(node.copied for node in state.controllers):
        lacking.append("no controller's log says 'Completed migration of metadata from ZooKeeper to KRaft'")
    return lacking


def untouched(state: State) -> bool:
    """Whether nothing of a migration has begun."""
    return all(node.is_in(ZOOKEEPER) for node in state.brokers) and not any(
        node.written or node.running or node.data for node in state.controllers
    )


def _no_way_forward(state: State) -> Iterator[str]:
    yield from _unseen(state)
    if final_begun(state):
        for node in state.brokers:
            if node.touches(ZOOKEEPER) or node.touches(MIGRATION):
                yield (
                    f"{node.host}: a broker on ZooKeeper after the last step: it would belong to nothing and log no error. "
                    "Put its server.properties of the others' kind back by hand"
                )
        if not all(node.is_in(KRAFT) for node in state.controllers):
            yield "the finalisation has begun: end it with -e finalise=true; there is no other way any more"
        return
    if untouched(state):
        yield from state.troubles
        yield from _left_over(state)
        return
    yield from _left_over(state)
    yield from _late(state)
    yield from _strangers(state)
    if state.migration_state != DUAL_WRITE:
        for node in state.brokers:
            if node.touches(KRAFT):
                yield (
                    f"{node.host}: the broker is, or at its next start would be, without ZooKeeper, and the active controller "
                    "does not say that the metadata are copied: started so it puts all its partitions aside as -stray. Start the "
                    "controllers that are down; if the copy was never done, -e back=true puts it back"
                )


def _left_over(state: State) -> Iterator[str]:
    """The znode of an earlier migration: fresh controllers believe it, skip the copy and make ZooKeeper as empty as they are."""
    left = state.ensemble.left
    fresh = [node for node in state.controllers if node.data != "started"]
    ours = state.migration_state == DUAL_WRITE or (left is not None and left.offset < 0)
    if left is None or (ours and not all(node in fresh for node in state.controllers)):
        return
    if fresh or state.migration_state == BEFORE:
        who = listed([node.host for node in fresh]) or f"controller {state.active.id if state.active else '?'}"
        yield (
            f"the znode migration of an earlier migration is there (offset {left.offset}), and {who} did not write it: "
            "controllers would believe it, copy nothing, and delete every topic and ACL. -e back=true deletes the znode"
        )


def _late(state: State) -> Iterator[str]:
    """Controllers that were not formatted together with those that have run, as after a run that was killed in between."""
    late = [node.host for node in state.controllers if not node.data]
    if late and any(node.data == "started" for node in state.controllers):
        yield (
            f"{listed(late)}: the controller has no storage, and others have run: formatted now it would follow them and never "
            "vote. -e back=true puts the controllers away; then run forward again"
        )


def _strangers(state: State) -> Iterator[str]:
    strangers = sorted(state.ensemble.brokers - {node.id for node in state.brokers} - state.controller_ids)
    if strangers:
        yield (
            f"ZooKeeper has brokers that the inventory lacks ({listed(strangers)}): the controllers would wait for ever. Add "
            "them to the cluster, or stop them"
        )


def _unseen(state: State) -> Iterator[str]:
    for host in state.unseen:
        yield f"{host}: could not be looked at; a step is only decided when all brokers and controllers of the cluster are seen"


def finalise(state: State, confirmed: str, told: bool = False) -> Plan:
    """Return the last step, or why it may not be done; ``confirmed`` is the name that the operator gave.

    Where it is only ``told`` what would be done, nobody needs to have confirmed it yet.
    """
    steps = () if _is_final(state) else (FINAL,)
    unconfirmed = steps and confirmed != state.name and not (told and not confirmed)
    return Plan(stands(state), steps, (*(_unconfirmed(state, confirmed) if unconfirmed else ()), *_not_final(state)))


def _is_final(state: State) -> bool:
    return state.migration_state == DONE and all(node.is_in(KRAFT) for node in state.controllers)


def _unconfirmed(state: State, confirmed: str) -> Iterator[str]:
    yield (
        f"migrate_confirm_no_way_back is {confirmed or 'not set'}: write the cluster's name, -e migrate_confirm_no_way_back="
        f"{state.name}. What is lost: every way back to ZooKeeper. The first controller without it is the point of no return; "
        "what changes afterwards is not in ZooKeeper"
    )


def _not_final(state: State) -> Iterator[str]:
    yield from _unseen(state)
    waiting = [node.host for node in state.brokers if not node.is_in(KRAFT)]
    if waiting:
        yield f"{listed(waiting)}: the broker does not run without ZooKeeper yet; run the migration forward first"
    if final_begun(state):
        return
    if missing := [node.host for node in state.controllers if not node.is_in(MIGRATION)]:
        yield f"{listed(missing)}: the controller does not run with ZooKeeper; run the migration forward first, which starts it"
    yield from uncopied(state)
    if state.active and state.active.waiting:
        yield f"the active controller still knows {state.active.waiting} brokers of ZooKeeper"
    if state.ensemble.brokers:
        yield f"ZooKeeper still has brokers: {listed(sorted(state.ensemble.brokers))}"


def back(state: State) -> Plan:
    """Return what is left of the way back to ZooKeeper, from any state but the last."""
    return Plan(stands(state), tuple(step for step in BACK if _due_back(step, state)), tuple(_no_way_back(state)))


def _due_back(step: Step, state: State) -> bool:
    if step is BROKERS_BACK:
        return any(node.touches(KRAFT) for node in state.brokers)
    if step is LEAVE:
        left = state.ensemble.left is not None or state.led_by_controllers
        return left or any(node.written or node.running or node.data for node in state.controllers)
    return any(not node.is_in(ZOOKEEPER) for node in state.brokers)


def _no_way_back(state: State) -> Iterator[str]:
    yield from _unseen(state)
    if final_begun(state):
        yield (
            "the migration is final, or its finalisation has begun: the first controller without ZooKeeper is the point of no "
            "return. A broker put back on ZooKeeper would start, log no error and belong to nothing"
        )
        return
    without = [node for node in state.brokers if node.touches(KRAFT)]
    if without and state.active is None:
        yield (
            f"{listed([node.host for node in without])}: without ZooKeeper, and no controller is active: it comes back by way "
            "of the controllers. Start those first (systemctl start kafka-controller)"
        )
    if state.active and state.active.state == DUAL_WRITE and state.active.behind > 0:
        yield (
            f"ZooKeeper lacks the last {state.active.behind} changes of the active controller {state.active.id}, which would be "
            "lost: see that the ensemble answers, and run again"
        )
