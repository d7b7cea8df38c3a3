# SPDX-License-Identifier: Apache-2.0
"""What brokers and controllers of one cluster read about its metadata, as options of their files.  Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.estate.kafka.plugins.module_utils.kafka.lines import LINE_3

LISTENER = "CONTROLLER"
# What only a broker on ZooKeeper has; of the last two the controllers decide, and a broker warns of each at every start.
ON_ZOOKEEPER = (
    "broker.id",
    "reserved.broker.max.id",
    "zookeeper.connect",
    "zookeeper.connection.timeout.ms",
    "default.replication.factor",
    "num.partitions",
)


def quorum_options(cluster: Mapping[str, Any]) -> dict[str, Any]:
    """Return how every node of a cluster without ZooKeeper finds the controllers, and what they speak there."""
    return {
        "controller.listener.names": LISTENER,
        "controller.quorum.bootstrap.servers": cluster["controller_bootstrap"],
    }


def broker_options(cluster: Mapping[str, Any], broker: int) -> dict[str, Any]:
    """Return what a broker's options are beside those on ZooKeeper: nothing for a cluster there; null removes one.

    Of a cluster that migrates, or has done so and runs the line that can, they follow from the phase of each broker: see
    ``migration.phases``.
    """
    if not cluster["controllers"] or cluster.get("artefact") == LINE_3:
        return {}
    return {
        **dict.fromkeys(ON_ZOOKEEPER),
        "process.roles": "broker",
        "node.id": broker,
        **quorum_options(cluster),
    }


def combined_options(
    cluster: Mapping[str, Any], host: str, listeners: Sequence[str], advertised: Sequence[str], metadata_dir: str
) -> dict[str, Any]:
    """Return what a broker has more that is a controller of its cluster too, in one process; nothing for any other.

    ``listeners`` and ``advertised`` are those of the broker.
    """
    row = next((row for row in cluster["controllers"] if cluster.get("combined") and row["host"] == host), None)
    if row is None:
        return {}
    return {
        "process.roles": "broker,controller",
        "listeners": [*listeners, f"{LISTENER}://:{row['port']}"],
        "advertised.listeners": [*advertised, f"{LISTENER}://{host}:{row['port']}"],
        "metadata.log.dir": metadata_dir,
        **controller_options(cluster),
    }


def controller_options(cluster: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a controller's options take from its cluster.

    The active controller writes ``min.insync.replicas`` of its own file as the cluster's, over every broker's, when the quorum
    is made: so it is there from the first format on. What new topics get is decided by controllers, too.
    """
    defaults = {
        "default.replication.factor": cluster["default_replication_factor"],
        "min.insync.replicas": cluster["min_insync_replicas"],
        "num.partitions": cluster["num_partitions"],
    }
    return {**quorum_options(cluster), **{name: value for name, value in defaults.items() if value is not None}}
