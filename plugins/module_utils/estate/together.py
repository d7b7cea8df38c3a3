# SPDX-License-Identifier: Apache-2.0
"""What hosts of one estate must have alike, and what each must have for itself, beyond ids and ports.  Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from ansible_collections.estate.kafka.plugins.module_utils.estate.addresses import LOCALHOST, binds, login_mistakes
from ansible_collections.estate.kafka.plugins.module_utils.estate.clusters import ZNODES
from ansible_collections.estate.kafka.plugins.module_utils.estate.components import BY_NAME
from ansible_collections.estate.kafka.plugins.module_utils.estate.listeners import EVERYWHERE, advertised_by, loopback
from ansible_collections.estate.kafka.plugins.module_utils.estate.options import flat
from ansible_collections.estate.kafka.plugins.module_utils.estate.problems import NAMED, Found
from ansible_collections.estate.kafka.plugins.module_utils.estate.services import STATE_TOPICS, state_topic
from ansible_collections.estate.kafka.plugins.module_utils.estate.values import Inventory
from ansible_collections.estate.kafka.plugins.module_utils.text import shorten

AUTHORIZER = "authorizer.class.name"
# How Ansible reaches a host: two hosts alike in all of these are one machine.
LOGIN = ("ansible_host", "ansible_port", "ansible_ssh_common_args", "ansible_ssh_extra_args", "ansible_ssh_executable")
SSH = 22
# Open files without which a node of a cluster of Elasticsearch refuses to start.
FILES = 65535
# Variables with the one address that a console listens on.
CONSOLES = ("kibana", "grafana", "cmak")
# Where Elasticsearch listens for HTTP, the option that counts first in front.
SEARCH_BINDS = ("http.bind_host", "http.host", "network.bind_host", "network.host")


def check_together(inventory: Inventory, topology: Mapping[str, Any], versions: Mapping[str, str]) -> None:
    """Tell the inventory what does not fit between hosts; ``versions`` are those that are installed, by component."""
    check_machines(inventory)
    check_cluster_ids(inventory, topology["clusters"])
    for name, cluster in topology["clusters"].items():
        hosts = [broker["host"] for broker in cluster["brokers"]]
        check_advertised(inventory, name, hosts)
        if not cluster["controllers"] or cluster["migration"]:
            check_racks(inventory, name, cluster["brokers"])
            check_authorizer(inventory, name, hosts)
    check_state_topics(inventory)
    check_binds(inventory)
    check_search(inventory, versions)
    check_cmak(inventory, topology)


def check_machines(inventory: Inventory) -> None:
    """Two names for one machine: what is placed on both would be installed twice in one place."""
    owners: dict[tuple[str, ...], str] = {}
    for host in (host for host, components in inventory.placed.items() if components):
        values = inventory.hostvars[host]
        for variable, remedy in login_mistakes(values):
            inventory.problem(host, variable, values[variable], remedy)
        if values.get("ansible_become") is True:
            remedy = "It makes root of every task, also of those that need none: leave it out unless preflight asked for it"
            inventory.warning(host, "ansible_become", True, remedy)
        address = values.get("ansible_host")
        if not isinstance(address, str) or values.get("ansible_connection", "ssh") not in ("ssh", "smart", "paramiko"):
            continue
        key = tuple(str(values.get(name, SSH if name == "ansible_port" else "")) for name in LOGIN)
        if owners.setdefault(key, host) != host:
            inventory.problem(
                host,
                "ansible_host",
                address,
                f"{owners[key]} has this address too: correct one of them, or write one host in all its groups",
            )


def check_cluster_ids(inventory: Inventory, clusters: Mapping[str, Mapping[str, Any]]) -> None:
    """One id for two clusters: brokers of one would take those of the other for their own."""
    owners: dict[str, str] = {}
    for name, cluster in clusters.items():
        if cluster["cluster_id"] and owners.setdefault(cluster["cluster_id"], name) != name:
            host = cluster["brokers"][0]["host"]
            remedy = f"Cluster {owners[cluster['cluster_id']]} has this id too: each has one of its own, in its own group_vars"
            inventory.problem(host, "kafka_cluster_id", cluster["cluster_id"], remedy)


def check_advertised(inventory: Inventory, cluster: str, hosts: Sequence[str]) -> None:
    """One address for two brokers: a broker of ZooKeeper refuses it at its start, and clients would reach the wrong one."""
    owners: dict[tuple[str, int], str] = {}
    for host in hosts:
        for one in advertised_by(host, _value_of(inventory, host)):
            if one.host.strip("[]") in EVERYWHERE:
                continue
            if owners.setdefault((one.host.lower(), one.port), host) != host:
                inventory.problem(
                    host,
                    "kafka_broker_advertised_listeners",
                    one.text,
                    f"{owners[one.host.lower(), one.port]} of the same cluster {cluster} has this address too: write each "
                    "broker's own, as the role's default does",
                )


def check_racks(inventory: Inventory, cluster: str, brokers: Sequence[Mapping[str, Any]]) -> None:
    """A rack for some brokers only: with ZooKeeper no topic can be created then."""
    lacking = [broker["host"] for broker in brokers if not broker["rack"]]
    if any((broker["host"], "kafka_broker_rack") in inventory.bad for broker in brokers):
        return
    if lacking and len(lacking) < len(brokers):
        inventory.problem(
            lacking[0],
            "kafka_broker_rack",
            Found(f"no rack for {shorten(lacking, NAMED)}, and one for other brokers of cluster {cluster}"),
            "Give all brokers of the cluster a rack, or none: otherwise Kafka creates no topic ('Not all brokers have rack "
            "information')",
        )


def check_authorizer(inventory: Inventory, cluster: str, hosts: Sequence[str]) -> None:
    """An authorizer on some brokers only: the others let everybody do everything."""
    chosen = {host: str(inventory.options(host, "kafka_broker").get(AUTHORIZER) or "") for host in hosts}
    if len(set(chosen.values())) > 1:
        without = [host for host, name in chosen.items() if not name]
        inventory.problem(
            hosts[0],
            f"kafka_broker_config.{AUTHORIZER}",
            Found(
                f"none on {shorten(without, NAMED)}, and one on other brokers of cluster {cluster}"
                if without
                else f"different ones within cluster {cluster}"
            ),
            "Set the same one for all brokers of the cluster: each decides for the partitions that it leads",
        )


def check_state_topics(inventory: Inventory) -> None:
    """One topic for two who keep their state in it: Connect clusters, or Connect and a schema registry."""
    owners: dict[tuple[str, str], tuple[str, str, str]] = {}
    for role, where in STATE_TOPICS.items():
        for host in inventory.hosts_of(role):
            cluster = inventory.value(host, BY_NAME[role].cluster)
            whole = str(inventory.value(host, "kafka_connect_group_id")) if role == "kafka_connect" else role
            for variable in where.topics:
                topic = state_topic(inventory, host, where, variable)
                if not isinstance(topic, str) or not topic or cluster is None:
                    continue
                mine = (role, whole, variable)
                owner = owners.setdefault((str(cluster), topic), mine)
                if owner != mine and (owner[:2] != mine[:2] or variable not in inventory.hostvars[host]):
                    inventory.problem(
                        host,
                        variable,
                        Found(f"topic {topic!r}"),
                        f"{owner[2]} of {owner[1]} is this topic of cluster {cluster} too: give each state a topic of its own",
                    )
                elif owner != mine and owner[2] not in inventory.hostvars[host]:
                    remedy = f"{owner[2]} is this topic by itself: give each state a topic of its own"
                    inventory.problem(host, variable, topic, remedy)


def check_binds(inventory: Inventory) -> None:
    """Servers on the loopback interface, or on another host's: the toolkit itself asks them by the names of their hosts."""
    _elsewhere(inventory)
    for host in inventory.hosts_of("zookeeper"):
        option = "clientPortAddress"
        address = inventory.options(host, "zookeeper").get(option)
        _only_here(inventory, host, f"{inventory.level_of(host, 'zookeeper', option)}.{option}", address)
    for host in inventory.hosts_of("elasticsearch"):
        options = dict(flat(inventory.options(host, "elasticsearch")))
        option = next((name for name in SEARCH_BINDS if options.get(name) is not None), "")
        if option:
            _only_here(inventory, host, f"{inventory.level_of(host, 'elasticsearch', option)}.{option}", options[option])
        else:
            variable = "elasticsearch_network_host"
            _only_here(inventory, host, variable, inventory.value(host, variable, may_need_facts=True))


def _elsewhere(inventory: Inventory) -> None:
    """Addresses to listen on that another host of the inventory has: the process ends, for it cannot bind them."""
    owners = {host.lower(): host for host in inventory.placed}
    owners |= {
        str(values["ansible_host"]).lower(): host for host, values in inventory.hostvars.items() if "ansible_host" in values
    }
    for host, components in inventory.placed.items():
        for role in (component.role for component in components):
            bound = binds(role, _value_of(inventory, host))
            if role in CONSOLES:
                bound[f"{role}_address"] = [str(inventory.value(host, f"{role}_address", may_need_facts=True))]
            for variable, texts in bound.items():
                for text in texts:
                    if owners.get(text.lower().rstrip("."), host) != host:
                        remedy = f"Only {owners[text.lower().rstrip('.')]} has it: leave the address out, or write one of {host}"
                        inventory.problem(host, variable, Found(f"the address {text}"), remedy)


def _only_here(inventory: Inventory, host: str, place: str, address: Any) -> None:
    texts = [str(one).strip("[] ") for one in (address if isinstance(address, (list, tuple)) else str(address or "").split(","))]
    known = [text for text in texts if text and "{{" not in text]
    if known and all(loopback(text) or text.strip("_") == "local" for text in known) and host.lower() not in LOCALHOST:
        remedy = f"Nobody reaches it by the name {host} there, not even the host itself: leave it out, or write an address of it"
        inventory.problem(host, place, address, remedy)


def check_search(inventory: Inventory, versions: Mapping[str, str]) -> None:
    """Nodes of Elasticsearch against one another, and Kibana against them."""
    hosts = list(inventory.hosts_of("elasticsearch"))
    names = {host: inventory.value(host, "elasticsearch_cluster_name") for host in hosts}
    for host in hosts[1:]:
        if None not in (names[host], names[hosts[0]]) and names[host] != names[hosts[0]]:
            remedy = f"{hosts[0]} has {names[hosts[0]]!r}: the nodes of group elasticsearch are one cluster, set it once for them"
            inventory.problem(host, "elasticsearch_cluster_name", names[host], remedy)
    roles = {host: dict(flat(inventory.options(host, "elasticsearch"))).get("node.roles") for host in hosts}
    if hosts and all(isinstance(found, (list, str)) and "master" not in _words(found) for found in roles.values()):
        inventory.problem(
            hosts[0],
            f"{inventory.level_of(hosts[0], 'elasticsearch', 'node.roles')}.node.roles",
            roles[hosts[0]],
            "No node may become the master, so they never form a cluster: give master to one or three of them",
        )
    for host in hosts if len(hosts) > 1 else ():
        _locked(inventory, host)
        files = inventory.number(host, "elasticsearch_limit_nofile")
        if files is not None and files < FILES:
            remedy = f"Write at least {FILES}: a node that has others looks at it, and ends at its start"
            inventory.problem(host, "elasticsearch_limit_nofile", files, remedy)
    kibana, search = (_numbers(versions.get(name, "")) for name in ("kibana", "elasticsearch"))
    if hosts and inventory.hosts_of("kibana") and kibana and search and (kibana[0] != search[0] or kibana > search):
        inventory.problem(
            inventory.hosts_of("kibana")[0],
            "estate_versions",
            Found(f"Kibana {versions['kibana']} and Elasticsearch {versions['elasticsearch']}"),
            "Kibana works with an Elasticsearch of its own version, or a later one of the same major: set both there",
        )


def _locked(inventory: Inventory, host: str) -> None:
    """Memory is locked only where the unit allows it; a cluster of several nodes refuses to start otherwise."""
    options = dict(flat(inventory.options(host, "elasticsearch")))
    unit = inventory.value(host, "elasticsearch_unit", may_need_facts=True)
    if str(options.get("bootstrap.memory_lock")).lower() == "true" and "LimitMEMLOCK" not in str(unit):
        option = "bootstrap.memory_lock"
        inventory.problem(
            host,
            f"{inventory.level_of(host, 'elasticsearch', option)}.{option}",
            options[option],
            "The unit must allow it, or the node refuses to start: add elasticsearch_unit: {Service: {LimitMEMLOCK: infinity}}",
        )


def check_cmak(inventory: Inventory, topology: Mapping[str, Any]) -> None:
    """The ensemble CMAK keeps its own in, and its place there."""
    for host in inventory.hosts_of("cmak"):
        ensemble, znode = inventory.value(host, "cmak_ensemble"), inventory.value(host, "cmak_znode")
        known = topology["ensembles"]
        if ensemble is not None and known and ensemble not in known:
            remedy = f"No host of group zookeeper has zookeeper_ensemble {ensemble!r}. Known: {', '.join(known)}"
            inventory.problem(host, "cmak_ensemble", ensemble, remedy)
        if isinstance(znode, str) and not re.fullmatch(r"(/[^/\s]+)+", znode):
            inventory.problem(host, "cmak_znode", znode, "Write an absolute znode path without '/' at its end, such as /cmak")
        for name, cluster in topology["clusters"].items():
            if znode is not None and (cluster["ensemble"], cluster["chroot"]) == (ensemble, znode):
                remedy = f"It is the chroot of cluster {name}: write a path of its own, such as /cmak"
                inventory.problem(host, "cmak_znode", znode, remedy)
            elif is_kafkas(cluster, ensemble, znode):
                remedy = f"Kafka itself has this znode of cluster {name}: write a path of its own, such as /cmak"
                inventory.problem(host, "cmak_znode", znode, remedy)


def is_kafkas(cluster: Mapping[str, Any], ensemble: Any, znode: Any) -> bool:
    """Return whether a znode is, or lies in, one that Kafka makes for a cluster."""
    root = f"{cluster['chroot']}/"
    inside = isinstance(znode, str) and bool(cluster["ensemble"]) and cluster["ensemble"] == ensemble and znode.startswith(root)
    return inside and znode.removeprefix(root).split("/")[0] in ZNODES


def _value_of(inventory: Inventory, host: str) -> Callable[[str], Any]:
    return lambda variable: inventory.value(host, variable, may_need_facts=True)


def _words(found: Any) -> Iterator[str]:
    return (str(one).strip() for one in (found if isinstance(found, list) else str(found).split(",")))


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")[:2])) if re.match(r"\d+\.\d+", version) else ()
