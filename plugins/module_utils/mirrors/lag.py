# SPDX-License-Identifier: Apache-2.0
"""How far the flows between clusters are: records not yet noted as copied, and the age of the last heartbeat on the target."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ansible_collections.estate.kafka.plugins.module_utils.connect.client import Connect
from ansible_collections.estate.kafka.plugins.module_utils.errors import ClusterError
from ansible_collections.estate.kafka.plugins.module_utils.kafka.connection import Cluster
from ansible_collections.estate.kafka.plugins.module_utils.kafka.offsets import read_offsets
from ansible_collections.estate.kafka.plugins.module_utils.kafka.partitions import Where
from ansible_collections.estate.kafka.plugins.module_utils.mirrors.patterns import HEARTBEATS, came_from, carried

# Names that MirrorMaker takes for topics of a service itself, whatever a flow's patterns say.
BEGINNINGS, ENDINGS = ("__", "."), ("-internal", ".internal")


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


def watch(topology: Mapping[str, Any], cluster: str, timeout: float) -> dict[str, dict[str, Any]]:
    """Return, for each flow that the brokers of this cluster ask about, ``behind`` and ``age``, or why they are not known."""
    connections: dict[str, Cluster] = {}
    result = {}
    for flow in topology.get("mirrors", []):
        if flow["asked_by"] != cluster or flow["state"] != "running":
            continue
        found: dict[str, Any] = {"behind": None, "behind_error": "", "age": None, "age_error": ""}
        for key, ask in (("behind", _behind), ("age", _age)):
            try:
                found[key] = ask(topology, flow, connections, timeout)
            except ClusterError as error:
                found[f"{key}_error"] = str(error)
        result[flow["name"]] = found
    return result


def _cluster(connections: dict[str, Cluster], bootstrap: str, timeout: float) -> Cluster:
    if bootstrap not in connections:
        connections[bootstrap] = Cluster({"bootstrap.servers": bootstrap}, timeout)
    return connections[bootstrap]


def _behind(
    topology: Mapping[str, Any], flow: Mapping[str, Any], connections: dict[str, Cluster], timeout: float
) -> dict[str, int]:
    source = _cluster(connections, flow["source_bootstrap"], timeout)
    from confluent_kafka.admin import OffsetSpec

    urls = topology["connect_clusters"][flow["connect"]]["urls"]
    done = noted(Connect(urls, timeout).offsets(flow["name"]))
    there = _partitions(source, lambda topic: carries(flow, topic))
    end = _offsets(source, there, OffsetSpec.latest())  # type: ignore[no-untyped-call]
    new = [where for where in end if where not in done]
    return behind(done, _offsets(source, new, OffsetSpec.earliest()), end)  # type: ignore[no-untyped-call]


def _age(topology: Mapping[str, Any], flow: Mapping[str, Any], connections: dict[str, Cluster], timeout: float) -> float | None:
    """Return the seconds since the youngest heartbeat on the target; None where none has ever come, or none is sent."""
    if not flow["heartbeats"]:
        return None
    target = _cluster(connections, flow["target_bootstrap"], timeout)
    from confluent_kafka.admin import OffsetSpec

    there = _partitions(target, lambda topic: topic == flow["heartbeats"])
    found, _ = read_offsets(target, dict.fromkeys(there, OffsetSpec.max_timestamp()))  # type: ignore[no-untyped-call]
    written = [answer.timestamp for answer in found.values() if answer.offset >= 0]
    return max(0.0, time.time() - max(written) / 1000) if written else None


def _partitions(cluster: Cluster, chosen: Callable[[str], bool]) -> list[Where]:
    return [(name, number) for name, topic in cluster.metadata().topics.items() if chosen(name) for number in topic.partitions]


def _offsets(cluster: Cluster, wheres: Iterable[Where], spec: Any) -> dict[Where, int]:
    """Return offsets of the partitions that tell them; one without a leader is no fault of the flow."""
    found, _ = read_offsets(cluster, dict.fromkeys(wheres, spec))
    return {where: int(answer.offset) for where, answer in found.items()}
