# SPDX-License-Identifier: Apache-2.0
"""What brokers and controllers of one cluster read about its metadata, as options of their files.  Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

LISTENER = "CONTROLLER"


def quorum_options(cluster: Mapping[str, Any]) -> dict[str, Any]:
    """Return how every node of a cluster without ZooKeeper finds the controllers, and what they speak there."""
    return {
        "controller.listener.names": LISTENER,
        "controller.quorum.bootstrap.servers": cluster["controller_bootstrap"],
    }


def broker_options(cluster: Mapping[str, Any], broker: int) -> dict[str, Any]:
    """Return what a broker's options are beside those on ZooKeeper: nothing for a cluster there; null removes one."""
    if not cluster["controllers"]:
        return {}
    return {
        "broker.id": None,
        "reserved.broker.max.id": None,
        "zookeeper.connect": None,
        "zookeeper.connection.timeout.ms": None,
        # The controllers decide them, and a broker warns of each at every start.
        "default.replication.factor": None,
        "num.partitions": None,
        "process.roles": "broker",
        "node.id": broker,
        **quorum_options(cluster),
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
