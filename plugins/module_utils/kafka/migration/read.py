# SPDX-License-Identifier: Apache-2.0
"""The state of a cluster between ZooKeeper and controllers, read from the ensemble, the controllers' agents and the brokers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ansible_collections.estate.kafka.plugins.module_utils.errors import ClusterError
from ansible_collections.estate.kafka.plugins.module_utils.http import fetch
from ansible_collections.estate.kafka.plugins.module_utils.kafka.connection import Cluster
from ansible_collections.estate.kafka.plugins.module_utils.kafka.details import with_versions
from ansible_collections.estate.kafka.plugins.module_utils.kafka.migration.ensemble import LiveEnsemble
from ansible_collections.estate.kafka.plugins.module_utils.kafka.migration.plan import untouched
from ansible_collections.estate.kafka.plugins.module_utils.kafka.migration.state import Active, State, active_from, nodes
from ansible_collections.estate.kafka.plugins.module_utils.kafka.protocol import Requests, explain_code
from ansible_collections.estate.kafka.plugins.module_utils.kafka.quorum import ask
from ansible_collections.estate.kafka.plugins.module_utils.kafka.view import cluster_view
from ansible_collections.estate.kafka.plugins.module_utils.text import shorten

AGENT_SECONDS = 5
LINE = "3.9"
# Answers in a row in which a broker names the same controller: one that follows controllers names any broker, by chance.
ANSWERS = 12


def read_state(
    cluster: Mapping[str, Any],
    agents: Sequence[Mapping[str, Any]],
    seen: Mapping[str, Mapping[str, Any] | None],
    client: Mapping[str, Any],
    timeout: float,
) -> State:
    """Return the state of a cluster of the topology.

    ``agents`` has id, host and port of the agent of each controller, ``seen`` what was found on each host by component. Raises
    ClusterError where the ensemble cannot be read. ``timeout`` is in seconds, for each request.
    """
    looked = {host: found for host, found in seen.items() if found}
    brokers = nodes(cluster["brokers"], looked, "kafka_broker")
    controllers = nodes(cluster["controllers"], looked, "kafka_controller")
    with LiveEnsemble(cluster["zookeeper_connect"], timeout) as ensemble:
        found = ensemble.read()
    state = State(
        cluster["name"],
        brokers,
        controllers,
        found,
        active(agents),
        tuple(sorted({node.host for node in (*brokers, *controllers)} - looked.keys())),
    )
    if not untouched(state):
        return state
    troubles = tuple(_troubles(state, client, timeout))
    return State(state.name, brokers, controllers, found, state.active, state.unseen, troubles)


def agents_of(cluster: Mapping[str, Any], metrics: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return id, host and port of the agent of each controller of a cluster; ``metrics`` are those of the topology."""
    ports = {row["host"]: row["port"] for row in metrics if row["component"] == "kafka_controller"}
    return [{**row, "port": ports[row["host"]]} for row in cluster["controllers"] if row["host"] in ports]


def active(agents: Sequence[Mapping[str, Any]]) -> Active | None:
    """Return what the active controller says, asked through each controller's agent."""
    texts = {}
    for agent in agents:
        try:
            status, content = fetch(f"http://{agent['host']}:{agent['port']}/metrics", AGENT_SECONDS)
        except OSError:
            continue
        if status == 200:
            texts[int(agent["id"])] = content.decode(errors="replace")
    return active_from(texts)


def _troubles(state: State, client: Mapping[str, Any], timeout: float) -> Iterator[str]:
    """What must be well before the first step."""
    known = {node.id for node in state.brokers}
    if missing := sorted(known - state.ensemble.brokers):
        yield f"brokers {shorten(missing)} of the inventory are not in ZooKeeper: start them first"
    if strangers := sorted(state.ensemble.brokers - known):
        yield f"ZooKeeper has brokers {shorten(strangers)} that the inventory lacks: the controllers would wait for them for ever"
    if taken := sorted(state.controller_ids & state.ensemble.brokers):
        yield f"the ids {shorten(taken)} of controllers are those of brokers: give the controllers others"
    yield from (f"{one}: wait until that is over" for one in state.ensemble.unfinished)
    try:
        cluster = Cluster(client, timeout)
        view = cluster_view(cluster)
        for key, words in (("offline", "have no leader"), ("under_replicated", "have replicas out of sync")):
            if view[key]:
                yield f"{len(view[key])} partitions {words} ({shorten(view[key])}): mend that first"
        with Requests(client, timeout) as requests:
            for row in with_versions(view["brokers"], {}, requests.version_of):
                if row["version"] != LINE:
                    yield f"broker {row['id']} ({row['host']}) runs Kafka {row['version'] or '?'}: only {LINE} migrates"
                elif broken := _broken_directory(requests, int(row["id"])):
                    yield f"broker {row['id']} ({row['host']}) has a log directory out of service: {broken}"
    except ClusterError as error:
        yield f"the brokers cannot be asked: {error}"


def behind(cluster: Mapping[str, Any]) -> list[str]:
    """Return what keeps a roll of the controllers of a cluster from its first step."""
    quorum = ask(cluster["controller_bootstrap"].split(",")).quorum
    if quorum is None:
        return ["no controller leads the quorum"]
    votes = {one.id for one in quorum.voters if one.caught_up}
    return [
        f"controller {row['id']} ({row['host']}) does not vote, or has not caught up with the leader {quorum.leader}"
        for row in cluster["controllers"]
        if row["id"] not in votes
    ]


def _broken_directory(requests: Requests, broker: int) -> str:
    from kafka.protocol.admin import DescribeLogDirsRequest

    answer = requests.send_to(broker, DescribeLogDirsRequest(topics=[]))
    return next((f"{one.log_dir}: {explain_code(one.error_code)}" for one in answer.results if one.error_code), "")


def followed(client: Mapping[str, Any], brokers: Sequence[int], controller: int, timeout: float) -> list[str]:
    """Return the brokers that do not follow a broker as controller yet, each with what it names instead.

    ``timeout`` is in seconds, for each request.
    """
    from_all = []
    with Requests(client, timeout) as requests:
        from kafka.protocol.metadata import MetadataRequest

        for broker in brokers:
            named = {requests.send_to(broker, MetadataRequest(topics=[])).controller_id for _ in range(ANSWERS)}
            if named != {controller}:
                from_all.append(f"broker {broker} names {shorten(sorted(named))} as controller, not {controller}")
    return from_all
