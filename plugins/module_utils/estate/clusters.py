# SPDX-License-Identifier: Apache-2.0
"""ZooKeeper ensembles and Kafka clusters: their members, and what these must share or must not."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ansible_collections.estate.kafka.plugins.module_utils.estate.combined import is_combined
from ansible_collections.estate.kafka.plugins.module_utils.estate.controllers import (
    check_cluster,
    check_quorums,
    check_versions,
    cluster_id,
)
from ansible_collections.estate.kafka.plugins.module_utils.estate.migration import check_migration, migrates
from ansible_collections.estate.kafka.plugins.module_utils.estate.problems import NAMED, Found
from ansible_collections.estate.kafka.plugins.module_utils.estate.secured import secured
from ansible_collections.estate.kafka.plugins.module_utils.estate.values import Inventory
from ansible_collections.estate.kafka.plugins.module_utils.security.profile import (
    cluster_login,
    controllers_login,
    ensemble_login,
)
from ansible_collections.estate.kafka.plugins.module_utils.text import shorten

HIGHEST_ZOOKEEPER_ID = 255
CHROOT = re.compile(r"(/[^/\s,\x00-\x1f\x7f-\x9f]+)+")
# Of a secured broker, beside that of clients: its own, and the one that an estate has that is still open.
MORE_PORTS = {"peer_port": "kafka_broker_peer_port", "open_port": "kafka_broker_port"}
# What Kafka makes below the chroot of a cluster.
ZNODES = frozenset(
    (
        *("admin", "brokers", "cluster", "config", "consumers", "controller", "controller_epoch", "delegation_token", "feature"),
        *("isr_change_notification", "kafka-acl", "kafka-acl-changes", "kafka-acl-extended", "kafka-acl-extended-changes"),
        *("latest_producer_id_block", "log_dir_event_notification", "migration"),
    )
)
# Options of a broker that follow kafka_broker_default_replication_factor unless they are set.
OWN_TOPICS = {"offsets.topic.replication.factor", "transaction.state.log.replication.factor", "transaction.state.log.min.isr"}


def ensembles(inventory: Inventory) -> dict[str, Any]:
    closed = secured(inventory)
    client_port = "zookeeper_secured_port" if closed else "zookeeper_client_port"
    result: dict[str, Any] = {}
    for name, hosts in inventory.members("zookeeper", "zookeeper_ensemble").items():
        check_ids(inventory, "zookeeper_id", hosts, f"ensemble {name}", lowest=1, highest=HIGHEST_ZOOKEEPER_ID)
        check_size(inventory, name, hosts)
        servers = [
            {
                "id": inventory.number(host, "zookeeper_id"),
                "host": host,
                "client_port": inventory.number(host, client_port),
                "peer_port": inventory.number(host, "zookeeper_peer_port"),
                "election_port": inventory.number(host, "zookeeper_election_port"),
                # Until an estate that was open has let its old port go.
                **({"open_port": inventory.number(host, "zookeeper_client_port")} if closed else {}),
            }
            for host in hosts
        ]
        servers.sort(key=lambda server: (server["id"] or 0, server["host"]))
        result[name] = {
            "servers": servers,
            "connect": ",".join(f"{server['host']}:{server['client_port']}" for server in servers),
        }
        if closed:
            result[name]["tls"] = ensemble_login()
            result[name]["open"] = {"connect": ",".join(f"{server['host']}:{server['open_port']}" for server in servers)}
    return result


def check_size(inventory: Inventory, name: str, hosts: list[str]) -> None:
    found = Found(f"{len(hosts)} servers in ensemble {name!r} ({shorten(hosts, NAMED)})")
    if len(hosts) == 2:
        inventory.problem("group zookeeper", "zookeeper_ensemble", found, "Use 1, 3 or 5: two stop when either stops")
    elif len(hosts) % 2 == 0:
        inventory.warning(
            "group zookeeper",
            "zookeeper_ensemble",
            found,
            f"Use {len(hosts) - 1} or {len(hosts) + 1}: an even number bears no more failures than one less",
        )


def check_ids(inventory: Inventory, variable: str, hosts: list[str], whole: str, lowest: int, highest: int) -> None:
    owners: dict[int, str] = {}
    for host in hosts:
        number = inventory.number(host, variable)
        if number is None:
            continue
        if not lowest <= number <= highest:
            inventory.problem(host, variable, number, f"Choose a number from {lowest} to {highest}")
        if number in owners:
            inventory.problem(
                host,
                variable,
                inventory.hostvars[host][variable],
                f"{owners[number]} of the same {whole} has this id too: give each a number of its own",
            )
        owners.setdefault(number, host)


def clusters(
    inventory: Inventory,
    ensembles: Mapping[str, Any],
    quorums: Mapping[str, Sequence[Mapping[str, Any]]],
    versions: Mapping[str, str],
) -> dict[str, Any]:
    """Return every cluster; ``quorums`` has the controllers of those without ZooKeeper, ``versions`` what is installed."""
    members = inventory.members("kafka_broker", "kafka_broker_cluster")
    closed = secured(inventory)
    port = "kafka_broker_secured_port" if closed else "kafka_broker_port"
    for host in inventory.hosts_of("kafka_broker"):
        name = inventory.value(host, "kafka_broker_cluster")
        ensemble = inventory.value(host, "kafka_broker_ensemble")
        if (
            ensemble is not None
            and ensemble not in ensembles
            and (name not in quorums or migrates(inventory, [host]))
            and not is_combined(inventory, host)
        ):
            needs_ensemble(inventory, host, ensemble, ensembles)
    check_quorums(inventory, quorums, members)
    result = {}
    owners: dict[tuple[str, str], str] = {}
    for name, hosts in members.items():
        check_ids(inventory, "kafka_broker_id", hosts, f"cluster {name}", lowest=0, highest=2**31 - 1)
        if not closed:
            check_authorizer(inventory, name, hosts)
        controllers = list(quorums.get(name, ()))
        combined = any(is_combined(inventory, host) for host in hosts)
        leaving = migrates(inventory, hosts) and not combined
        if controllers:
            check_cluster(inventory, name, hosts, controllers, leaving)
        if controllers and not leaving:
            known = {"ensemble": "", "chroot": "", "zookeeper_connect": ""}
        else:
            known = on_zookeeper(inventory, name, hosts, ensembles, owners)
        brokers = [
            {
                "id": inventory.number(host, "kafka_broker_id"),
                "host": host,
                "port": inventory.number(host, port),
                "rack": str(inventory.value(host, "kafka_broker_rack") or ""),
                **({name: inventory.number(host, variable) for name, variable in MORE_PORTS.items()} if closed else {}),
            }
            for host in hosts
        ]
        brokers.sort(key=lambda broker: (broker["id"] or 0, broker["host"]))
        result[name] = {
            "name": name,
            # What is installed of Kafka, by its name in the catalogue.
            "artefact": check_versions(inventory, name, hosts, controllers, versions, leaving),
            **known,
            # Of a cluster that has ZooKeeper and controllers: what these take from the brokers.
            "migration": check_migration(inventory, name, hosts, controllers) if leaving else {},
            "controllers": controllers,
            # Brokers are the controllers.
            **({"combined": True} if combined else {}),
            "controller_bootstrap": ",".join(f"{row['host']}:{row['port']}" for row in controllers),
            "cluster_id": cluster_id(inventory, name, [*hosts, *(row["host"] for row in controllers)]),
            "brokers": brokers,
            "bootstrap": ",".join(f"{broker['host']}:{broker['port']}" for broker in brokers),
            **replication(inventory, name, hosts),
            # Where schema registries and Connect keep their state: whoever uses the cluster adds its own.
            "state_topics": [],
            **(cluster_login(brokers) if closed else {}),
            **({"controller_tls": controllers_login()} if closed and controllers else {}),
            **({"open": _open(ensembles, known, brokers)} if closed else {}),
        }
    return result


def _open(ensembles: Mapping[str, Any], known: Mapping[str, str], brokers: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Return where a secured cluster and its ensemble were while they were open."""
    connect = ensembles.get(known["ensemble"], {}).get("open", {}).get("connect", "")
    return {
        "bootstrap": ",".join(f"{broker['host']}:{broker['open_port']}" for broker in brokers),
        "zookeeper_connect": f"{connect}{known['chroot']}",
    }


def on_zookeeper(
    inventory: Inventory,
    name: str,
    hosts: list[str],
    ensembles: Mapping[str, Any],
    owners: dict[tuple[str, str], str],
) -> dict[str, str]:
    """Return where a cluster keeps its metadata in ZooKeeper; ``owners`` remembers the chroots of the others."""
    for host in hosts:
        if "kafka_broker_chroot" not in inventory.hostvars[host]:
            remedy = "Set it: a host of group kafka_broker cannot be without it where its cluster has no controllers"
            inventory.problem(host, "kafka_broker_chroot", Found("nothing"), remedy)
    ensemble = str(common(inventory, name, hosts, "kafka_broker_ensemble"))
    chroot = common(inventory, name, hosts, "kafka_broker_chroot")
    check_chroot(inventory, hosts[0], chroot)
    # Kafka takes the root of the ensemble for no chroot at all, and so does the connect string of everybody else.
    chroot = "" if chroot == "/" else chroot
    owner = owners.setdefault((ensemble, str(chroot)), name)
    if owner != name and chroot is not None:
        inventory.problem(
            hosts[0],
            "kafka_broker_chroot",
            chroot or "/",
            f"Cluster {owner} has this chroot of ensemble {ensemble} too: give cluster {name} one of its own",
        )
    check_nested(inventory, hosts[0], owners, ensemble, str(chroot))
    return {
        "ensemble": ensemble,
        "chroot": str(chroot),
        "zookeeper_connect": f"{ensembles.get(ensemble, {}).get('connect', '')}{chroot}",
    }


def needs_ensemble(inventory: Inventory, host: str, ensemble: str, ensembles: Mapping[str, Any]) -> None:
    if not inventory.groups.get("zookeeper"):
        inventory.problem(
            "group zookeeper",
            "groups",
            Found("no hosts, and kafka_broker has some"),
            "Put the servers of the ensemble into group zookeeper",
        )
        return
    inventory.problem(
        host,
        "kafka_broker_ensemble",
        ensemble,
        f"No host of group zookeeper has zookeeper_ensemble {ensemble!r}. Known: {', '.join(ensembles) or 'none'}",
    )


def common(inventory: Inventory, cluster: str, hosts: list[str], variable: str) -> Any:
    """Return the one value all brokers of a cluster must share."""
    first = inventory.value(hosts[0], variable)
    for host in hosts[1:]:
        found = inventory.value(host, variable)
        if found is not None and first is not None and found != first:
            inventory.problem(
                host,
                variable,
                found,
                f"{hosts[0]} of the same cluster {cluster} has {first!r}: set it once, in the cluster's group_vars",
            )
    return first


def check_authorizer(inventory: Inventory, cluster: str, hosts: Iterable[str]) -> None:
    """ACLs are listed only where the brokers have somebody to ask them."""
    for host in hosts:
        if inventory.value(host, "kafka_acls") and not inventory.options(host, "kafka_broker").get("authorizer.class.name"):
            inventory.problem(
                host,
                "kafka_acls",
                Found(f"ACLs, and no authorizer on this broker of cluster {cluster}"),
                "Set authorizer.class.name in kafka_broker_config of all its brokers, or list no ACLs",
            )


def check_chroot(inventory: Inventory, host: str, chroot: Any) -> None:
    names = str(chroot).split("/")[1:]
    if names[:1] == ["zookeeper"]:
        inventory.problem(host, "kafka_broker_chroot", chroot, "ZooKeeper keeps /zookeeper for itself: write another path")
    elif chroot not in (None, "/") and (not CHROOT.fullmatch(str(chroot)) or {".", ".."} & {*names}):
        inventory.problem(
            host,
            "kafka_broker_chroot",
            chroot,
            "Write an absolute znode path without '/' at its end, such as /kafka, or '/' alone for the root of the ensemble",
        )


def check_nested(inventory: Inventory, host: str, owners: Mapping[tuple[str, str], str], ensemble: str, chroot: str) -> None:
    """Refuse a chroot at a place where another cluster has a znode of its own, or the other way round."""
    for (where, other), owner in owners.items():
        outer, inner = sorted((chroot, other), key=len)
        below = inner.removeprefix(f"{outer}/").split("/")[0]
        if where == ensemble and inner.startswith(f"{outer}/") and below in ZNODES:
            inventory.problem(
                host,
                "kafka_broker_chroot",
                Found(f"{chroot or '/'!r} beside {other or '/'!r} of cluster {owner}"),
                f"Kafka itself has a znode {outer}/{below}: write a path that does not lie in the other one",
            )


def replication(inventory: Inventory, cluster: str, hosts: list[str]) -> dict[str, Any]:
    factor = common(inventory, cluster, hosts, "kafka_broker_default_replication_factor")
    in_sync = common(inventory, cluster, hosts, "kafka_broker_min_insync_replicas")
    brokers = f"cluster {cluster} has {len(hosts)} broker{'s' if len(hosts) > 1 else ''}"
    if factor is not None and not 1 <= factor <= len(hosts):
        inventory.problem(
            hosts[0],
            "kafka_broker_default_replication_factor",
            factor,
            f"{brokers.capitalize()}: set a number from 1 to {len(hosts)}, or add brokers",
        )
    if factor is not None and in_sync is not None and not 1 <= in_sync <= max(factor, 1):
        inventory.problem(
            hosts[0],
            "kafka_broker_min_insync_replicas",
            in_sync,
            f"The replication factor of cluster {cluster} is {factor}: set a number from 1 to {max(factor - 1, 1)}",
        )
    elif factor is not None and factor == in_sync and factor > 1:
        inventory.warning(
            hosts[0],
            "kafka_broker_min_insync_replicas",
            in_sync,
            f"It equals the replication factor of cluster {cluster}: with any broker down nobody can write",
        )
    for host in hosts:
        options = inventory.options(host, "kafka_broker")
        for option in OWN_TOPICS & options.keys():
            found = options[option]
            if str(found).isdigit() and int(str(found)) > len(hosts):
                variable = f"{inventory.level_of(host, 'kafka_broker', option)}.{option}"
                inventory.problem(host, variable, found, f"{brokers.capitalize()}: set at most as many")
    return {
        "default_replication_factor": factor,
        "min_insync_replicas": in_sync,
        "num_partitions": common(inventory, cluster, hosts, "kafka_broker_num_partitions"),
    }
