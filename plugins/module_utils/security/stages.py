# SPDX-License-Identifier: Apache-2.0
"""The stages on the way from an open to a secured estate: how a member's files tell them, and what each changes.  Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

# Ports beside one another; the members among themselves over TLS, and brokers to ZooKeeper; an authorizer that denies nobody yet.
OPEN, BESIDE, BETWEEN, WATCHED, CLOSED = "open", "beside", "between", "watched", "closed"
STAGES = {"zookeeper": (OPEN, BESIDE, BETWEEN, CLOSED), "kafka_broker": (OPEN, BESIDE, BETWEEN, WATCHED, CLOSED)}
MIDDLE = (BESIDE, BETWEEN, WATCHED)
FLAG = "-Destate.security="
# Of all members here: who comes to the old port is nobody in particular.
ANONYMOUS = "ANONYMOUS"
PLAINTEXT = "PLAINTEXT"
PROTOCOL_MAP, BETWEEN_BROKERS = "listener.security.protocol.map", "inter.broker.listener.name"
AUTHORIZER, SUPER_USERS = "authorizer.class.name", "super.users"
# What the files of the toolkit have from the second stage on, whatever else stands in them.
MARKS = {"zookeeper": "secureClientPort", "kafka_broker": "listener.name.broker.ssl.keystore.location"}

Values = dict[str, Any]


def written(component: str, options: Mapping[str, str]) -> str:
    """Return the stage that a member's file stands for; '' where it has none."""
    if not options:
        return ""
    if MARKS[component] not in options:
        return OPEN
    if component == "zookeeper":
        if options.get("portUnification", "").lower() != "true":
            return CLOSED
        return BETWEEN if options.get("sslQuorum", "").lower() == "true" else BESIDE
    if options.get(BETWEEN_BROKERS) == PLAINTEXT:
        return BESIDE
    if f"{PLAINTEXT}:" not in options.get(PROTOCOL_MAP, ""):
        return CLOSED
    return WATCHED if AUTHORIZER in options else BETWEEN


def running(words: Sequence[str], wanted: str) -> str:
    """Return the stage in which a process was started, by its command line; outside of the way it tells none.

    ``wanted`` is what its file stands for: what a process has that is neither on the way nor down.
    """
    found = [word[len(FLAG) :] for word in words if word.startswith(FLAG)]
    if found:
        return found[-1]
    return OPEN if words and wanted in MIDDLE else wanted


def flags(stage: str) -> list[str]:
    """Return what tells a process's stage on its command line: nothing outside of the way, so that nothing restarts for it."""
    return [f"{FLAG}{stage}"] if stage in MIDDLE else []


def ensemble_in_stage(ensemble: Mapping[str, Any], stage: str) -> Values:
    """Return an ensemble of a secured topology as it is in a stage; '' and the last change nothing, and no stage an open one.

    ``client_port`` of a server is that by which the toolkit asks it, ``secured_port`` that of TLS.
    """
    if stage in ("", CLOSED) or "tls" not in ensemble:
        return dict(ensemble)
    plain = stage in (OPEN, BESIDE)
    servers = [
        {**server, "secured_port": server["client_port"], "client_port": server["open_port" if plain else "client_port"]}
        for server in ensemble["servers"]
    ]
    found = {**ensemble, "servers": servers, "stage": stage}
    if stage == OPEN:
        found["connect"] = ensemble["open"]["connect"]
    return found


def cluster_in_stage(cluster: Mapping[str, Any], stage: str, users: Sequence[Mapping[str, Any]] = ()) -> Values:
    """Return a cluster of a secured topology as it is in a stage; ``users`` are those of ``kafka_users``."""
    if stage in ("", CLOSED) or "client" not in cluster:
        return dict(cluster)
    found = {**cluster, "stage": stage, "users": [str(user["name"]) for user in users] if stage == WATCHED else []}
    if stage in (OPEN, BESIDE):
        found |= {"zookeeper_connect": cluster["open"]["zookeeper_connect"]}
        # Not every broker has the other port yet.
        found["client"] = {"bootstrap.servers": cluster["open"]["bootstrap"]}
    if stage == OPEN:
        found["brokers"] = [{**broker, "port": broker["open_port"]} for broker in cluster["brokers"]]
        found["bootstrap"] = cluster["open"]["bootstrap"]
        del found["login"]
    return found


def broker_options(options: Mapping[str, Any], cluster: Mapping[str, Any], own: Mapping[str, Any]) -> Values:
    """Return the options of a secured broker as they are in the stage of its cluster; ``own`` is the broker of the topology."""
    stage = cluster.get("stage", CLOSED)
    if stage == CLOSED:
        return dict(options)
    found = {
        **options,
        "listeners": [f"{PLAINTEXT}://:{own['open_port']}", *options["listeners"]],
        "advertised.listeners": [f"{PLAINTEXT}://{own['host']}:{own['open_port']}", *options["advertised.listeners"]],
        PROTOCOL_MAP: [f"{PLAINTEXT}:{PLAINTEXT}", *options[PROTOCOL_MAP]],
    }
    dropped: tuple[str, ...] = ()
    if stage == WATCHED:
        more = ";".join(f"User:{name}" for name in (ANONYMOUS, *cluster["users"]))
        found[SUPER_USERS] = f"{options[SUPER_USERS]};{more}"
    else:
        # With ACLs on its znodes a broker that has no identity yet could not change them.
        dropped = (AUTHORIZER, SUPER_USERS, "zookeeper.set.acl")
    if stage == BESIDE:
        found[BETWEEN_BROKERS] = PLAINTEXT
        dropped += tuple(name for name in options if name.startswith("zookeeper."))
    return {name: value for name, value in found.items() if name not in dropped}


def zookeeper_options(options: Mapping[str, Any], ensemble: Mapping[str, Any], own: Mapping[str, Any]) -> Values:
    """Return the options of a secured server as they are in the stage of its ensemble."""
    stage = ensemble.get("stage", CLOSED)
    if stage == CLOSED:
        return dict(options)
    return {**options, "clientPort": own["open_port"], "sslQuorum": stage == BETWEEN, "portUnification": True}


def removed(files: Sequence[Mapping[str, Any]]) -> list[Values]:
    """Return the items that take away the keys and certificates of a member that is open again."""
    return [{"path": item["path"], "state": "absent"} for item in files if "pem" in item]
