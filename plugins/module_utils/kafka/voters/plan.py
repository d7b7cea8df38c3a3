# SPDX-License-Identifier: Apache-2.0
"""Steps that make the voters of a quorum those of the inventory, one voter at a time, and when each may be taken.  Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ansible_collections.estate.kafka.plugins.module_utils.kafka.quorum import Quorum, Replica

CONFIRM = "controllers_confirm_remove"
CONTROLLER_SPEC: dict[str, Any] = {
    "id": {"type": "int", "required": True},
    "host": {"type": "str", "required": True},
    "port": {"type": "int", "required": True},
}


@dataclass(frozen=True)
class Controller:
    """A controller of the inventory; ``directory`` is the id of its formatted directory, '' where none was seen."""

    id: int
    host: str
    port: int
    directory: str = ""

    @classmethod
    def of(cls, row: Mapping[str, Any], directories: Mapping[str, str]) -> Controller:
        """Build it from a module's options."""
        return cls(row["id"], row["host"], row["port"], directories.get(row["host"]) or "")


@dataclass(frozen=True)
class Step:
    """One voter added or removed; ``why`` says why it is removed, ``successor`` is the directory that its node has now."""

    adds: bool
    id: int
    directory: str
    host: str = ""
    port: int = 0
    why: str = ""
    successor: str = ""

    @property
    def key(self) -> tuple[int, str]:
        """Which voter it is about."""
        return self.id, self.directory

    def __str__(self) -> str:
        """Return what is done, as people read it."""
        named = f"controller {self.id} with directory {self.directory}"
        return f"add {named}, on {self.host}" if self.adds else f"remove {named}: {self.why}"


def refusals(quorum: Quorum, wanted: Sequence[Controller]) -> list[str]:
    """Return why nothing can be changed, each with what to do."""
    if quorum.static:
        return [
            "the quorum is static (kraft.version 0): its voters stand in controller.quorum.voters of every file, and none can be "
            "added or removed. Run kafka-features upgrade --feature kraft.version=1, then write "
            "controller.quorum.bootstrap.servers for controller.quorum.voters in all controllers, then in all brokers"
        ]
    voters = {one.id for one in quorum.voters}
    return [
        f"controller {one.id} on {one.host} is to vote, and no formatted directory of it was seen: bring the host up, install it "
        "with playbooks/kafka_controller.yml, or kafka.yml where it is a broker too, and run this again"
        for one in wanted
        if one.id not in voters and not one.directory
    ]


def unconfirmed(cluster: str, steps: Sequence[Step], wanted: Sequence[Controller], confirmed: Collection[str]) -> list[str]:
    """Return the removals that nobody has confirmed, and the confirmations of controllers that are not removed."""
    strangers = {step.id: step for step in steps if not step.adds and not step.successor}
    problems = [
        f"{step}; with it goes a copy of the metadata. Confirm with {CONFIRM}: ['{cluster}:{number}']"
        for number, step in strangers.items()
        if f"{cluster}:{number}" not in confirmed
    ]
    return problems + [
        f"{CONFIRM} names {cluster}:{one.id}, and the inventory has it on {one.host}: take it out of there first"
        for one in wanted
        if f"{cluster}:{one.id}" in confirmed
    ]


def plan(quorum: Quorum, wanted: Sequence[Controller]) -> list[Step]:
    """Return the steps, in their order.

    A voter whose node has another directory now is removed and at once added again. Then go voters that are dead, come the new
    ones, and go those that live: the quorum is never smaller than it must be. The leader goes last.
    """
    known = {one.id: one for one in wanted}
    follow = {one.key for one in quorum.voters if one.caught_up}
    strangers = list(_strangers(quorum, known))
    living = [step for step in strangers if step.key in follow and not step.successor]
    votes = {one.id for one in quorum.voters}
    return [
        *(step for gone in strangers if gone.successor for step in (gone, _adds(known[gone.id]))),
        *(step for step in strangers if step.key not in follow and not step.successor),
        *(_adds(one) for one in wanted if one.id not in votes),
        *sorted(living, key=lambda step: step.id == quorum.leader),
    ]


def _adds(one: Controller) -> Step:
    return Step(True, one.id, one.directory, one.host, one.port)


def _strangers(quorum: Quorum, known: Mapping[int, Controller]) -> Iterator[Step]:
    """Return the removal of each voter that the inventory does not have, or has with another directory; the dead first."""
    for voter in sorted(quorum.voters, key=lambda one: (one.caught_up, one.id)):
        one = known.get(voter.id)
        if one is None:
            yield Step(False, *voter.key, why="it is not in the inventory")
        elif one.directory and one.directory != voter.directory:
            yield Step(False, *voter.key, why=f"{one.host} has {one.directory} now", successor=one.directory)


def taken(quorum: Quorum, step: Step) -> Quorum:
    """Return the quorum after a step."""
    if step.adds:
        return replace(quorum, voters=(*quorum.voters, Replica(step.id, 0, 0, step.directory)))
    return replace(quorum, voters=tuple(one for one in quorum.voters if one.key != step.key))


def hindrances(quorum: Quorum | None, steps: Sequence[Step]) -> list[str]:
    """Return why the steps must not be taken now, one after the other; ``quorum`` is what the leader says, None without one."""
    if quorum is None:
        return ["no controller leads the quorum"]
    problems = []
    for step in steps:
        problems += [reason for reason in blockers(quorum, step) if reason not in problems]
        quorum = taken(quorum, step)
    return problems


def blockers(quorum: Quorum, step: Step) -> list[str]:
    """Return why a step must not be taken now."""
    return _hinders_adding(quorum, step) if step.adds else _hinders_removing(quorum, step)


def _hinders_adding(quorum: Quorum, step: Step) -> list[str]:
    follow = sum(one.caught_up for one in quorum.voters) + 1
    size = len(quorum.voters) + 1
    return [*_not_there(quorum, step.id, step.directory), *_minority(follow, size)]


def _hinders_removing(quorum: Quorum, step: Step) -> list[str]:
    gone = next((one for one in quorum.voters if one.key == step.key), None)
    rest = [one for one in quorum.voters if one.key != step.key]
    problems = _minority(sum(one.caught_up for one in rest), len(rest))
    if step.successor:
        problems += _not_there(quorum, step.id, step.successor)
        if gone is not None and gone.caught_up:
            problems.append(f"controller {step.id} still follows with directory {step.directory}: see which process has its id")
    elif gone is not None and gone.caught_up:
        # While one is down, another one that works does not go.
        problems += [f"controller {one.id} {lag(one)}" for one in rest if not one.caught_up]
    return problems


def _not_there(quorum: Quorum, number: int, directory: str) -> list[str]:
    """Return what a controller lacks that is to vote: it follows with its directory, and has the whole log."""
    found = next((one for one in (*quorum.observers, *quorum.voters) if one.key == (number, directory)), None)
    if found is None:
        return [f"controller {number} with directory {directory} has not reached the leader {quorum.leader}: see that it runs"]
    return [] if found.caught_up else [f"controller {number} with directory {directory} {lag(found)}"]


def _minority(follow: int, size: int) -> list[str]:
    needed = size // 2 + 1
    return [] if follow >= needed else [f"only {follow} of {size} voters would follow; a quorum needs {needed}"]


def lag(replica: Replica) -> str:
    """Return how a replica that has not caught up stands."""
    return "does not follow the leader" if replica.behind is None else f"is {replica.behind / 1000:.0f} s behind the leader"


def in_effect(quorum: Quorum | None, step: Step) -> bool:
    """Whether the leader shows a step as taken."""
    return quorum is not None and (step.key in {one.key for one in quorum.voters}) == step.adds


def shown(quorum: Quorum) -> dict[str, dict[str, Any]]:
    """Return the voters as a diff shows them."""
    return {f"controller {one.id}": {"directory": one.directory} for one in sorted(quorum.voters, key=lambda one: one.id)}


def differs(quorum: Quorum | None, wanted: Sequence[Controller]) -> list[str]:
    """Return what the voters still lack to be those of the inventory, and to work."""
    if quorum is None:
        return ["no controller leads the quorum"]
    return [f"not done: {step}" for step in plan(quorum, wanted)]


def idle(quorum: Quorum) -> list[str]:
    """Return the voters that do not follow."""
    return [f"controller {one.id} with directory {one.directory} {lag(one)}" for one in quorum.voters if not one.caught_up]
