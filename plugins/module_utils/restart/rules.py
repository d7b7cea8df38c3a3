"""Whether one member of a cluster may be restarted now.  Pure functions; ``members`` does the talking."""

from __future__ import annotations

from typing import Any

from ansible_collections.estate.kafka.plugins.module_utils.kafka.partitions import Partition


def broker_blockers(partitions: list[Partition], live: set[int], expected: set[int]) -> list[str]:
    """Return why no broker of the cluster must be restarted now; an empty list means that one may.

    Every broker must be there and every replica in sync: then a partition falls under its ``min.insync.replicas`` only
    if it has no more replicas than that, and no order of restarts can spare it (see :func:`unavoidable`).  The rule is
    that of Strimzi's KafkaAvailability, made stricter.
    """
    problems = [f"broker {missing} is not in the cluster" for missing in sorted(expected - live)]
    for partition in partitions:
        missing = sorted(set(partition.replicas) - set(partition.in_sync))
        if missing:
            problems.append(f"partition {partition}: replicas {missing} are not in sync (in sync: {sorted(partition.in_sync)})")
    return problems


def unavoidable(partitions: list[Partition], broker: int, min_in_sync: dict[str, int]) -> list[str]:
    """Return the partitions that a restart of the broker makes unavailable for writes whatever the order of restarts."""
    return [
        f"{partition} (replicas {list(partition.replicas)}, min.insync.replicas={min_in_sync.get(partition.topic, 1)})"
        for partition in partitions
        if broker in partition.replicas and len(partition.replicas) <= min_in_sync.get(partition.topic, 1)
    ]


def broker_unsettled(partitions: list[Partition], live: set[int], broker: int) -> list[str]:
    """Return what the restarted broker still lacks: being registered, in every in-sync set, leader where preferred."""
    if broker not in live:
        return [f"broker {broker} is not registered yet"]
    problems = []
    for partition in partitions:
        if broker in partition.replicas and broker not in partition.in_sync:
            problems.append(f"partition {partition}: broker {broker} is not back in sync")
        elif partition.replicas and partition.replicas[0] == broker != partition.leader:
            problems.append(f"partition {partition}: leadership has not returned to broker {broker}")
    return problems


def quorum_blockers(modes: dict[str, str], member: str) -> list[str]:
    """Return why the ZooKeeper server must not be restarted now.

    ``modes`` maps every server of the ensemble to ``leader``, ``follower``, ``standalone`` or '' when it does not answer.
    Without the member a majority must remain; an ensemble of one has no quorum to lose.
    """
    if len(modes) == 1:
        return []
    problems = [f"ZooKeeper {server} does not serve" for server, mode in sorted(modes.items()) if not mode and server != member]
    if list(modes.values()).count("leader") != 1:
        problems.append(f"the ensemble has no single leader: {modes}")
    others = sum(1 for server, mode in modes.items() if mode and server != member)
    if others < len(modes) // 2 + 1:
        problems.append(f"only {others} of {len(modes)} servers would remain; a quorum needs {len(modes) // 2 + 1}")
    return problems


def lost_tasks(before: dict[str, str], after: dict[str, str]) -> list[str]:
    """Return the Connect tasks that ran before a worker's restart and do not now; maps are ``connector/task`` → state."""
    return [
        f"task {task} was RUNNING and is {after.get(task, 'gone')}"
        for task, state in sorted(before.items())
        if state == "RUNNING" and after.get(task) != "RUNNING"
    ]


def index_blockers(health: dict[str, Any], nodes: int) -> list[str]:
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
