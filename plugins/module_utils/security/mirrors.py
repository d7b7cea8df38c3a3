# SPDX-License-Identifier: Apache-2.0
"""The profile ``secured`` of flows between clusters: a user for each side, its rights, and where its login lies.  Pure.

A connector takes nothing of its worker's login for the clients that it opens itself. One without settings of TLS reads the
brokers' alert as a length and ends the worker, so every side of every connector is given them all.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from ansible_collections.estate.kafka.plugins.module_utils.security.passwords import variable_of
from ansible_collections.estate.kafka.plugins.module_utils.security.profile import (
    OWN,
    SCRAM,
    SCRAM_MODULE,
    Item,
    authority,
    pem_item,
)

# What the name of a flow may be, for the names of its users are made of it.
NAME = re.compile(r"[A-Za-z0-9._-]+")
# Settings of a connector that decide how one of its clients reaches a cluster.
WAY = re.compile(r"(?:.+\.)?(?:bootstrap\.servers|(?:security|sasl|ssl)\..+)")
# Clients of a connector that take the rest of their settings from the worker.
INHERITED = ("producer.override.", "consumer.override.", "admin.override.")
CLOSED = ("SSL", "SASL_SSL")


def principal(flow: str, side: str) -> str:
    """Return the user of a flow at its source or its target."""
    return f"{OWN}mirror-{flow}-{side}"


def login(cluster: str, user: str, directory: str) -> dict[str, str]:
    """Return how the clients of a connector log in at a cluster, for Java; ``directory`` is that of the worker's files."""
    secret = f"${{file:{_secrets(directory)}:{variable_of(cluster, user)}}}"
    return {
        "security.protocol": "SASL_SSL",
        "sasl.mechanism": SCRAM,
        "sasl.jaas.config": f'{SCRAM_MODULE} required username="{user}" password="{secret}";',
        "ssl.truststore.type": "PEM",
        "ssl.truststore.location": _trusted(directory, cluster),
    }


def _secrets(directory: str) -> str:
    return f"{directory}/secrets/mirrors.properties"


def _trusted(directory: str, cluster: str) -> str:
    return f"{directory}/tls/{authority(cluster, 'listeners')}-ca.pem"


def _sides(topology: Mapping[str, Any]) -> Iterator[tuple[Mapping[str, Any], Mapping[str, Any]]]:
    """Yield each side of each flow, with its flow; none in an open estate."""
    for flow in topology.get("mirrors", ()):
        for side in flow.get("logins", ()):
            yield flow, side


def users(topology: Mapping[str, Any], cluster: str) -> list[dict[str, str]]:
    """Return the users of flows at a cluster, as items of ``kafka_users``."""
    return [{"name": side["user"]} for _, side in _sides(topology) if side["cluster"] == cluster]


def rights(topology: Mapping[str, Any], cluster: str) -> list[dict[str, Any]]:
    """Return the least rights of these users, as items of ``kafka_acls``."""
    return [
        {"principal": f"User:{side['user']}", **right}
        for _, side in _sides(topology)
        if side["cluster"] == cluster
        for right in side["rights"]
    ]


def files(topology: Mapping[str, Any], group: str, passwords: Mapping[str, str]) -> list[Item]:
    """Return the files with which a worker's connectors log in for the flows that its Connect cluster carries; [] without any.

    ``passwords`` are by variable.
    """
    sides = [side for flow, side in _sides(topology) if flow["connect"] == group]
    if not sides:
        return []
    workers = topology["connect_clusters"][group]
    directory, owner = workers["directory"], workers["user"]
    variables = sorted(variable_of(side["cluster"], side["user"]) for side in sides)
    content = "".join(f"{variable}={passwords.get(variable, '')}\n" for variable in variables)
    clusters = sorted({side["cluster"] for side in sides})
    return [
        # The folders are those of the worker's own files, which says whose they are.
        *(pem_item(_trusted(directory, cluster), authority(cluster, "listeners")) for cluster in clusters),
        {"path": _secrets(directory), "content": content, "owner": owner, "mode": "0400", "secret": True},
    ]


def ways(config: Mapping[str, Any]) -> list[str]:
    """Return the settings of a flow that decide how it reaches a cluster: these follow from the profile."""
    return sorted(key for key in map(str, config) if WAY.fullmatch(key))


def unsafe(config: Mapping[str, Any], addresses: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Yield setting and finding of each client of a connector that would speak plainly to a TLS port.

    ``addresses`` are those of the estate's clusters, each with the name of its cluster. What a reference says is not known.
    """
    for key, value in config.items():
        prefix, found, _ = str(key).partition("bootstrap.servers")
        if not found or str(key) != f"{prefix}bootstrap.servers" or (prefix and not prefix.endswith(".")):
            continue
        name = f"{prefix}security.protocol"
        if prefix in INHERITED and name not in config:
            continue
        protocol = str(config.get(name) or "PLAINTEXT").strip().upper()
        known = next((addresses[one.strip()] for one in str(value).split(",") if one.strip() in addresses), "")
        if name not in config:
            yield str(key), f"{key} without {name}"
        elif known and protocol not in CLOSED and "${" not in protocol:
            yield name, f"{name} {protocol} for the cluster {known}, whose brokers speak TLS alone"
    for prefix in INHERITED:
        name = f"{prefix}security.protocol"
        protocol = str(config.get(name, "SASL_SSL")).strip().upper()
        if f"{prefix}bootstrap.servers" not in config and protocol not in CLOSED and "${" not in protocol:
            yield name, f"{name} {protocol} for the workers' own cluster, whose brokers speak TLS alone"
