# SPDX-License-Identifier: Apache-2.0
"""In which phase of the way from ZooKeeper to controllers a node is: what its file says, and what stands in it.  Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.estate.kafka.plugins.module_utils.kafka.lines import LINE_3
from ansible_collections.estate.kafka.plugins.module_utils.kafka.nodes import LISTENER, ON_ZOOKEEPER, quorum_options

# Of a broker all three, of a controller the last two: it has ZooKeeper beside it, or no longer. '' is no node yet.
ZOOKEEPER, MIGRATION, KRAFT = "zookeeper", "migration", "kraft"
ENABLE = "zookeeper.metadata.migration.enable"
FLAG = "-Destate.phase="
AUTHORIZER = "authorizer.class.name"
# Which authorizer does on controllers what the one on ZooKeeper did.
SUCCESSORS = {
    "kafka.security.authorizer.AclAuthorizer": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
}
PROTOCOL_MAP = "listener.security.protocol.map"
PROTOCOLS = ("PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL")
# Beside what only brokers on ZooKeeper have: what 3.9 without it refuses or no longer means.
ZOOKEEPERS_PREFIX, ZOOKEEPERS_OWN = ("zookeeper.",), ("inter.broker.protocol.version", "control.plane.listener.name")


def written_phase(options: Mapping[str, str]) -> str:
    """Return the phase that the file of a broker or controller stands for; '' for no file."""
    if options.get(ENABLE, "").strip().lower() == "true":
        return MIGRATION
    if options.get("process.roles"):
        return KRAFT
    return ZOOKEEPER if options.get("zookeeper.connect") else ""


def running_phase(words: Sequence[str]) -> str:
    """Return the phase that a process was started in, by its command line; without the flag it is one on ZooKeeper."""
    found = [word[len(FLAG) :] for word in words if word.startswith(FLAG)]
    return found[-1] if found else ZOOKEEPER


def phase_flags(phase: str) -> list[str]:
    """Return what tells a process's phase on its command line: nothing on ZooKeeper, so that nothing restarts for it."""
    return [f"{FLAG}{phase}"] if phase in (MIGRATION, KRAFT) else []


def kept_phase(cluster: Mapping[str, Any], found: str, wanted: str = "") -> str:
    """Return the phase to write for a node of a cluster: that which the migration wants, otherwise the one it has.

    A node that has no file yet is one on ZooKeeper. All of a cluster that has left it, and still runs the line that can, are
    without it. '' is any other cluster.
    """
    if cluster.get("migration"):
        return wanted or found or ZOOKEEPER
    return KRAFT if cluster.get("controllers") and cluster.get("artefact") == LINE_3 else ""


def in_phase(options: Mapping[str, Any], cluster: Mapping[str, Any], broker: int, phase: str) -> dict[str, Any]:
    """Return the options of a broker on ZooKeeper as they are in a phase; '' and ZooKeeper change nothing."""
    if phase not in (MIGRATION, KRAFT):
        return dict(options)
    found = {**options, **quorum_options(cluster), PROTOCOL_MAP: protocol_map(options.get(PROTOCOL_MAP))}
    if phase == MIGRATION:
        return {**found, ENABLE: True}
    kept = {
        name: value
        for name, value in found.items()
        if name not in (*ON_ZOOKEEPER, *ZOOKEEPERS_OWN) and not name.startswith(ZOOKEEPERS_PREFIX)
    }
    if AUTHORIZER in kept:
        kept[AUTHORIZER] = SUCCESSORS.get(str(kept[AUTHORIZER]), kept[AUTHORIZER])
    return {**kept, "process.roles": "broker", "node.id": broker}


def protocol_map(given: Any) -> list[str]:
    """Return which listener speaks what, with that of the controllers; without a map each listener speaks what it is called."""
    pairs = given if isinstance(given, list) else str(given).split(",") if given else [f"{name}:{name}" for name in PROTOCOLS]
    names = {str(pair).split(":")[0].strip() for pair in pairs}
    return [*(str(pair).strip() for pair in pairs), *([] if LISTENER in names else [f"{LISTENER}:PLAINTEXT"])]


def controller_in_phase(options: Mapping[str, Any], cluster: Mapping[str, Any], phase: str) -> dict[str, Any]:
    """Return the options of a controller as they are in a phase: while it migrates it has ZooKeeper and the brokers' listener."""
    if phase != MIGRATION:
        return dict(options)
    migration = cluster["migration"]
    return {
        **options,
        ENABLE: True,
        "zookeeper.connect": cluster["zookeeper_connect"],
        "inter.broker.listener.name": migration["inter_broker_listener"],
        PROTOCOL_MAP: protocol_map(migration["protocol_map"]),
    }
