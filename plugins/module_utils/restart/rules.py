# SPDX-License-Identifier: Apache-2.0
"""Whether one member of a cluster may be restarted now.  Pure functions; ``members`` does the talking."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence, Sized
from typing import Any

from ansible_collections.estate.kafka.plugins.module_utils.kafka.partitions import Partition
from ansible_collections.estate.kafka.plugins.module_utils.kafka.quorum import Quorum, Replica


def broker_blockers(
    partitions: Sequence[Partition],
    live: Collection[int],
    expected: Collection[int],
    broker: int,
    errors: Mapping[str, str] | None = None,
) -> list[str]:
    """Return why this broker must not be restarted now; an empty list means that it may.

    ``live`` are the brokers in the cluster, ``expected`` those of the inventory, ``errors`` what the cluster says of topics
    that it has no partitions of. Every other broker must be there and every replica of the others in sync: then a partition falls
    under its ``min.insync.replicas`` only if it has no more replicas than that, and no order of restarts can spare it (see
    :func:`unavoidable`). What only concerns the broker itself is no reason: its restart takes nothing from a cluster that
    it is not part of, nor from a partition that it is not in sync with, and may be what mends it. The rule is that of
    Strimzi's KafkaAvailability, made stricter.
    """
    if broker not in live:
        return []
    problems = [f"broker {missing} is not in the cluster" for missing in sorted(set(expected) - set(live) - {broker})]
    problems += [f"topic {name}: {error}" for name, error in sorted((errors or {}).items())]
    for partition in partitions:
        in_sync = set(partition.in_sync)
        missing = sorted(set(partition.replicas) - in_sync - {broker})
        if partition.leader < 0:
            if in_sync - {broker}:
                problems.append(f"partition {partition} has no leader (in sync: {sorted(in_sync)})")
        elif missing and (broker in in_sync or broker not in partition.replicas):
            problems.append(f"partition {partition}: replicas {missing} are not in sync (in sync: {sorted(in_sync)})")
    return problems


def hidden_topics(on_disk: Collection[str], partitions: Sequence[Partition], errors: Mapping[str, str]) -> list[str]:
    """Return the topics that a broker holds replicas of and the cluster does not show; see :func:`topic_of`."""
    return sorted(set(on_disk) - {partition.topic for partition in partitions} - set(errors))


def topic_of(directory: str) -> str:
    """Return the topic whose replica a directory of a broker's disk holds; '' when it is none that clients could see."""
    found = re.fullmatch(r"(?P<topic>.+)-\d+", directory)
    return found["topic"] if found and found["topic"] != "__cluster_metadata" else ""


def unavoidable(partitions: Sequence[Partition], broker: int, min_in_sync: Mapping[str, int]) -> list[str]:
    """Return the partitions that a restart of the broker makes unavailable for writes whatever the order of restarts."""
    return [
        f"{partition} (replicas {list(partition.replicas)}, min.insync.replicas={min_in_sync.get(partition.topic, 1)})"
        for partition in partitions
        if broker in partition.in_sync and len(partition.replicas) <= min_in_sync.get(partition.topic, 1)
    ]


def broker_unsettled(partitions: Sequence[Partition], live: Collection[int], broker: int) -> list[str]:
    """Return what the restarted broker still lacks: being registered, in every in-sync set, leader where preferred.

    A partition whose in-sync replicas are all on brokers that are down has to wait for these, not for this broker.
    """
    if broker not in live:
        return [f"broker {broker} is not registered yet"]
    problems = []
    for partition in partitions:
        if broker in partition.replicas and broker not in partition.in_sync:
            if partition.leader >= 0 or set(partition.in_sync) & set(live):
                problems.append(f"partition {partition}: broker {broker} is not back in sync")
        elif partition.replicas and partition.replicas[0] == broker != partition.leader:
            problems.append(f"partition {partition}: leadership has not returned to broker {broker}")
    return problems


# What a ZooKeeper server that is there, and has no quorum, is taken down as; '' stands for one that cannot be reached.
NOT_SERVING = "not serving"


def quorum_blockers(modes: Mapping[str, str], member: str) -> list[str]:
    """Return why the ZooKeeper server must not be restarted now.

    ``modes`` maps every server of the ensemble to ``leader``, ``follower``, ``standalone``, NOT_SERVING, or '' when it cannot be
    reached. Without the member a majority must remain; an ensemble of one has no quorum to lose, and a server that says that
    it serves nobody takes nothing away.
    """
    if len(modes) == 1 or modes[member] == NOT_SERVING:
        return []
    others = {server: mode for server, mode in modes.items() if server != member}
    problems = [f"ZooKeeper {server} does not serve" for server in sorted(others) if not serves(others[server])]
    if list(modes.values()).count("leader") != 1:
        problems.append(f"the ensemble has no single leader: {dict(modes)}")
    serving = sum(map(serves, others.values()))
    if serving < majority(modes):
        problems.append(f"only {serving} of {len(modes)} servers would remain; a quorum needs {majority(modes)}")
    return problems


def serves(mode: str) -> bool:
    """Whether a ZooKeeper server of this mode serves."""
    return mode not in ("", NOT_SERVING)


def majority(modes: Sized) -> int:
    """Return how many servers of an ensemble a quorum needs."""
    return len(modes) // 2 + 1


def quorum_possible(modes: Mapping[str, str], member: str) -> bool:
    """Whether the others that serve and this server make a quorum; if not, its restart alone cannot make it serve."""
    return sum(serves(mode) for server, mode in modes.items() if server != member) + 1 >= majority(modes)


def controller_blockers(quorum: Quorum | None, member: int) -> list[str]:
    """Return why a controller must not be restarted now; ``quorum`` is what the leader says, None where there is none.

    Every other voter has caught up, so a majority remains. A quorum of one has nothing to lose, and one that is no voter takes
    nothing away.
    """
    if quorum is None:
        return ["no controller leads the quorum"]
    voters = {one.id: one for one in quorum.voters}
    if member not in voters or len(voters) == 1:
        return []
    others = [one for node, one in sorted(voters.items()) if node != member]
    problems = [f"controller {one.id} {_lag(one)}" for one in others if not one.caught_up]
    left = sum(one.caught_up for one in others)
    if left < majority(voters):
        problems.append(f"only {left} of {len(voters)} controllers would remain; a quorum needs {majority(voters)}")
    return problems


def controller_unsettled(quorum: Quorum | None, member: int) -> list[str]:
    """Return what a restarted controller still lacks: a leader, and the whole metadata log."""
    if quorum is None:
        return ["no controller leads the quorum yet"]
    found = quorum.replica(member)
    if found is None:
        return [f"controller {member} has not reached the leader {quorum.leader} yet"]
    return [] if found.caught_up else [f"controller {member} {_lag(found)}"]


def _lag(replica: Replica) -> str:
    return "does not follow the leader" if replica.behind is None else f"is {replica.behind / 1000:.0f} s behind the leader"


def lost_tasks(before: Mapping[str, str], after: Mapping[str, str]) -> list[str]:
    """Return the Connect tasks that ran before a worker's restart and do not now; maps are ``connector/task`` → state."""
    return [
        f"task {task} was RUNNING and is {after.get(task, 'gone')}"
        for task, state in sorted(before.items())
        if state == "RUNNING" and after.get(task) != "RUNNING"
    ]


def index_blockers(health: Mapping[str, Any], nodes: int) -> list[str]:
    """Return why no Elasticsearch node must be restarted now, or what a restarted one still lacks.

    ``health`` is the answer of ``_cluster/health``. Every node is there and every copy of every shard is assigned (green): then
    each shard has another copy, unless its index has none at all. A node alone has nothing to lose and keeps copies
    unassigned for ever.  Source: Elasticsearch's own procedure for a rolling restart.
    """
    if nodes == 1:
        return []
    problems = []
    if health["number_of_nodes"] < nodes:
        problems.append(f"{health['number_of_nodes']} of {nodes} Elasticsearch nodes are in the cluster")
    if health["status"] != "green":
        problems.append(f"the Elasticsearch cluster is {health['status']}: {health['unassigned_shards']} shards are unassigned")
    if health["relocating_shards"] or health["initializing_shards"]:
        moving = health["relocating_shards"] + health["initializing_shards"]
        problems.append(f"{moving} shards are being moved or made")
    return problems


def node_blockers(own: Mapping[str, Any] | None, others: Sequence[Mapping[str, Any] | None], nodes: int) -> list[str]:
    """Return why this Elasticsearch node must not be restarted now; arguments are answers as in :func:`index_blockers`.

    ``own`` is its own answer, ``others`` are those of the other nodes, each None without one; ``number_of_nodes`` 0 stands for a
    node that answers and is in no cluster. A node that the others have to do without already takes nothing away: it is down,
    hangs, or found none of them. Neither does one that all others wait for: a single node that is to have company must read that.
    """
    if nodes == 1:
        return []
    if own is not None and own["number_of_nodes"] > 1:
        return index_blockers(own, nodes)
    if clusters := [found for found in others if found is not None and found["number_of_nodes"]]:
        largest = max(clusters, key=lambda found: int(found["number_of_nodes"]))
        return [] if largest["number_of_nodes"] >= nodes - 1 else index_blockers(largest, nodes)
    if own is None:
        return [] if masterless(own, others) else ["no Elasticsearch node that is in a cluster answers"]
    return index_blockers(own, nodes) if own["number_of_nodes"] and None in others else []


def masterless(own: Mapping[str, Any] | None, others: Sequence[Mapping[str, Any] | None]) -> bool:
    """Whether nobody has a cluster: this Elasticsearch node says so of itself or all others do, and nobody says otherwise."""
    found = [answer["number_of_nodes"] for answer in (own, *others) if answer is not None]
    return not any(found) and (own is not None or 0 < len(others) == len(found))
