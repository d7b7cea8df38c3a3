# SPDX-License-Identifier: Apache-2.0
"""How far the flows between clusters are: records not yet noted as copied, and the age of the last heartbeat on the target.

Each part is asked where the toolkit may ask it: how long the topics are by brokers of the source, the heartbeat by those of the
target, and what Connect has noted by its workers.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any

from ansible_collections.estate.kafka.plugins.module_utils.connect.client import Connect
from ansible_collections.estate.kafka.plugins.module_utils.errors import ClusterError
from ansible_collections.estate.kafka.plugins.module_utils.http import Tls
from ansible_collections.estate.kafka.plugins.module_utils.kafka.connection import Cluster
from ansible_collections.estate.kafka.plugins.module_utils.kafka.offsets import read_offsets
from ansible_collections.estate.kafka.plugins.module_utils.kafka.partitions import Where
from ansible_collections.estate.kafka.plugins.module_utils.mirrors.patterns import HEARTBEATS, came_from, carried

# Names that MirrorMaker takes for topics of a service itself, whatever a flow's patterns say.
BEGINNINGS, ENDINGS = ("__", "."), ("-internal", ".internal")

SIDES = ("source", "target")
# What has to be known to tell how many records a flow has yet to copy.
COUNTED = ("noted", "ends")


def carries(flow: Mapping[str, Any], topic: str) -> bool:
    """Return whether a flow, as the estate topology has it, copies a topic of its source."""
    if topic == HEARTBEATS or topic.startswith(BEGINNINGS) or topic.endswith(ENDINGS):
        return False
    returns = not flow["identity"] and came_from(topic, flow["target_alias"], flow["separator"])
    return not returns and carried(topic, flow["topics"], flow["topics_exclude"])


def noted(offsets: Iterable[Mapping[str, Any]]) -> dict[Where, int]:
    """Return the last record of each partition that Connect has noted as copied, from its answer about a source connector."""
    return {
        (found["partition"]["topic"], int(found["partition"]["partition"])): int(found["offset"]["offset"])
        for found in offsets
        if found.get("offset")
    }


def behind(done: Mapping[Where, int], first: Mapping[Where, int], end: Mapping[Where, int]) -> dict[str, int]:
    """Return by topic how many records of the source are not noted as copied, of topics that have any."""
    result: dict[str, int] = {}
    for where, following in end.items():
        begun = done[where] + 1 if where in done else first.get(where, following)
        if following > begun:
            result[where[0]] = result.get(where[0], 0) + following - begun
    return result


def watch(topology: Mapping[str, Any], cluster: Mapping[str, Any], timeout: float) -> dict[str, dict[str, Any]]:
    """Return what brokers of a cluster know of each flow that they are asked about: ``ends``, ``age``, or why not.

    ``timeout`` is in seconds, for each request.
    """
    connections: dict[str, Cluster] = {}
    found: dict[str, dict[str, Any]] = {}
    for flow in _running(topology):
        for side, key, ask in (("source", "ends", _ends), ("target", "age", _age)):
            if flow["asked_by"][side] != cluster["name"]:
                continue
            own = cluster.get("client") if flow[side] == cluster["name"] else None
            client = own or {"bootstrap.servers": flow[f"{side}_bootstrap"]}
            address = client["bootstrap.servers"]
            if address not in connections:
                connections[address] = Cluster(client, timeout)
            found.setdefault(flow["name"], {}).update(_tried(key, partial(ask, connections[address], flow)))
    return found


def watch_noted(topology: Mapping[str, Any], host: str, timeout: float) -> dict[str, dict[str, Any]]:
    """Return what the workers of a host have noted as copied of each flow that they carry, or why that is not known.

    ``timeout`` is in seconds, for each request.
    """
    found = {}
    for flow in _running(topology):
        workers = topology["connect_clusters"].get(flow["connect"], {"hosts": ()})
        if host in workers["hosts"]:
            connect = Connect(workers["urls"], timeout, Tls.of(workers.get("tls")))
            found[flow["name"]] = _tried("noted", partial(_noted, connect, flow))
    return found


def joined(topology: Mapping[str, Any], flow: Mapping[str, Any], told: Callable[[str, str], Mapping[str, Any]]) -> dict[str, Any]:
    """Return ``behind`` and ``age`` of a flow, or None and a reason in ``behind_error`` or ``age_error``.

    What nobody of the run was asked is left out.  ``told`` returns what the component of a host said of flows, by flow.
    """
    hosts = {side: [("kafka_broker", one["host"]) for one in _brokers(topology, flow["asked_by"][side])] for side in SIDES}
    workers = [("kafka_connect", host) for host in topology["connect_clusters"].get(flow["connect"], {"hosts": ()})["hosts"]]
    parts: dict[str, Any] = {}
    for key, some in (("ends", hosts["source"]), ("age", hosts["target"]), ("noted", workers)):
        answers = [one for where in some if key in (one := told(*where).get(flow["name"], {}))]
        best = next((one for one in answers if not one[f"{key}_error"]), answers[0] if answers else None)
        parts |= {key: best[key], f"{key}_error": best[f"{key}_error"]} if best else {}
    found: dict[str, Any] = {key: parts[key] for key in ("age", "age_error") if key in parts}
    if all(key in parts for key in COUNTED):
        reason = next(filter(None, (parts[f"{key}_error"] for key in COUNTED)), "")
        found |= {"behind": None if reason else _behind(parts["noted"], parts["ends"]), "behind_error": reason}
    return found


def _brokers(topology: Mapping[str, Any], cluster: str) -> list[Mapping[str, Any]]:
    return list(topology["clusters"].get(cluster, {"brokers": ()})["brokers"])


def _running(topology: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [flow for flow in topology.get("mirrors", ()) if flow["state"] == "running"]


def _tried(key: str, ask: Callable[[], Any]) -> dict[str, Any]:
    try:
        return {key: ask(), f"{key}_error": ""}
    except ClusterError as error:
        return {key: None, f"{key}_error": str(error)}


def _behind(done: Iterable[Sequence[Any]], ends: Iterable[Sequence[Any]]) -> dict[str, int]:
    rows = list(ends)
    return behind(
        {(topic, number): last for topic, number, last in done},
        {(topic, number): first for topic, number, first, _ in rows},
        {(topic, number): end for topic, number, _, end in rows},
    )


def _noted(connect: Connect, flow: Mapping[str, Any]) -> list[list[Any]]:
    """Return topic, partition and the last record noted."""
    return [[*where, last] for where, last in noted(connect.offsets(flow["name"])).items()]


def _ends(source: Cluster, flow: Mapping[str, Any]) -> list[list[Any]]:
    """Return topic, partition, the first and the following record of all that a flow carries."""
    from confluent_kafka.admin import OffsetSpec

    there = _partitions(source, lambda topic: carries(flow, topic))
    first = _offsets(source, there, OffsetSpec.earliest())  # type: ignore[no-untyped-call]
    # Those last: what comes meanwhile is counted.
    end = _offsets(source, there, OffsetSpec.latest())  # type: ignore[no-untyped-call]
    return [[*where, first.get(where, following), following] for where, following in end.items()]


def _age(target: Cluster, flow: Mapping[str, Any]) -> float | None:
    """Return the seconds since the youngest heartbeat on the target; None where none has ever come, or none is sent."""
    if not flow["heartbeats"]:
        return None
    from confluent_kafka.admin import OffsetSpec

    there = _partitions(target, lambda topic: topic == flow["heartbeats"])
    found, reasons = read_offsets(target, dict.fromkeys(there, OffsetSpec.max_timestamp()))  # type: ignore[no-untyped-call]
    if not found and reasons:
        # Of a topic that nobody answers for it is not known whether one has come.
        raise ClusterError(next(iter(reasons.values())))
    written = [answer.timestamp for answer in found.values() if answer.offset >= 0]
    return max(0.0, time.time() - max(written) / 1000) if written else None


def _partitions(cluster: Cluster, chosen: Callable[[str], bool]) -> list[Where]:
    return [(name, number) for name, topic in cluster.metadata().topics.items() if chosen(name) for number in topic.partitions]


def _offsets(cluster: Cluster, wheres: Iterable[Where], spec: Any) -> dict[Where, int]:
    """Return offsets of the partitions that tell them; one without a leader is no fault of the flow."""
    found, _ = read_offsets(cluster, dict.fromkeys(wheres, spec))
    return {where: int(answer.offset) for where, answer in found.items()}
