# SPDX-License-Identifier: Apache-2.0
"""What uses the clusters: schema registries, Connect, exporters, flows between clusters; and Elasticsearch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.estate.kafka.plugins.module_utils.declared.refusal import place_of
from ansible_collections.estate.kafka.plugins.module_utils.estate.components import BY_NAME, Component
from ansible_collections.estate.kafka.plugins.module_utils.estate.problems import Found, Undefined
from ansible_collections.estate.kafka.plugins.module_utils.estate.secured import secured
from ansible_collections.estate.kafka.plugins.module_utils.estate.values import Inventory
from ansible_collections.estate.kafka.plugins.module_utils.estate.versions import worker_artefact
from ansible_collections.estate.kafka.plugins.module_utils.kafka.lines import LINE_4
from ansible_collections.estate.kafka.plugins.module_utils.mirrors.plan import plan as plan_mirrors
from ansible_collections.estate.kafka.plugins.module_utils.mirrors.rights import logins
from ansible_collections.estate.kafka.plugins.module_utils.security import search
from ansible_collections.estate.kafka.plugins.module_utils.security.connect import rest_login
from ansible_collections.estate.kafka.plugins.module_utils.security.registry import toolkit_login


@dataclass(frozen=True)
class StateTopics:
    """Which variables of a role name the topics its component keeps its state in, and which options have the last word."""

    role: str
    topics: Mapping[str, tuple[str, ...]]


STATE_TOPICS = {
    "schema_registry": StateTopics("schema_registry", {"schema_registry_topic": ("apicurio.kafkasql.topic", "kafkastore.topic")}),
    "kafka_connect": StateTopics(
        "kafka_connect",
        {f"kafka_connect_{kind}_topic": () for kind in ("config", "offset", "status")},
    ),
}


def used_cluster(inventory: Inventory, host: str, component: Component, clusters: Mapping[str, Any]) -> str:
    """Return the name of the cluster a component uses, which must be there and large enough for its topics."""
    name = inventory.value(host, component.cluster)
    if name is not None and name not in clusters:
        inventory.problem(
            host,
            component.cluster,
            name,
            f"No host of group kafka_broker has kafka_broker_cluster {name!r}. Known: {', '.join(clusters) or 'none'}",
        )
    elif name is not None and component.replication:
        factor, brokers = inventory.value(host, component.replication), len(clusters[name]["brokers"])
        # -1 leaves it to the brokers, which Connect can ask for since 2.4.
        left = factor == -1 and component.name == "kafka_connect"
        if factor is not None and not left and not 1 <= factor <= brokers:
            own = ", or -1 for what the brokers give" if component.name == "kafka_connect" else ""
            remedy = f"Cluster {name} has {brokers} broker(s): set a number from 1 to {brokers}{own}"
            inventory.problem(host, component.replication, factor, remedy)
    return str(name)


def schema_registries(inventory: Inventory, clusters: Mapping[str, Any]) -> dict[str, Any]:
    urls = {}
    closed = secured(inventory)
    keepers: dict[str, Any] = {}
    for host in inventory.hosts_of("schema_registry"):
        cluster = used_cluster(inventory, host, BY_NAME["schema_registry"], clusters)
        add_state_topics(inventory, host, clusters, cluster, STATE_TOPICS["schema_registry"])
        keeper = keepers.setdefault(cluster, {"hosts": [], "topics": []})
        keeper["hosts"].append(host)
        keeper["topics"] += [
            name for name in state_topics(inventory, host, STATE_TOPICS["schema_registry"]) if name not in keeper["topics"]
        ]
        urls[host] = f"{'https' if closed else 'http'}://{host}:{inventory.number(host, 'schema_registry_port')}"
    found: dict[str, Any] = {"schema_registries": urls, "schema_registry_url": next(iter(urls.values()), "")}
    return found | ({"registry": {"tls": toolkit_login(), "clusters": keepers}} if closed and urls else {})


def connect_clusters(inventory: Inventory, clusters: Mapping[str, Any], versions: Mapping[str, str]) -> dict[str, Any]:
    """Return every Connect cluster by its group id; ``versions`` has what is installed of each line of Kafka."""
    result: dict[str, Any] = {}
    closed = secured(inventory)
    for host in inventory.hosts_of("kafka_connect"):
        cluster = used_cluster(inventory, host, BY_NAME["kafka_connect"], clusters)
        group_id = str(inventory.value(host, "kafka_connect_group_id"))
        # All workers of one have the same version, or the objects are refused.
        artefact = worker_artefact(inventory, host, versions)
        entry = result.setdefault(
            group_id, {"cluster": cluster, "artefact": artefact, "hosts": [], "urls": [], "exactly_once": True}
        )
        if closed:
            entry |= {"tls": rest_login(), "topics": state_topics(inventory, host, STATE_TOPICS["kafka_connect"])}
            _place_of_secrets(inventory, host, entry)
        if entry["cluster"] != cluster:
            inventory.problem(
                host,
                "kafka_connect_cluster",
                cluster,
                f"{entry['hosts'][0]} has the same kafka_connect_group_id {group_id!r} on cluster "
                f"{entry['cluster']}: give the workers of each cluster a group id of their own",
            )
        add_state_topics(inventory, host, clusters, cluster, STATE_TOPICS["kafka_connect"])
        config = inventory.options(host, "kafka_connect")
        entry["exactly_once"] = entry["exactly_once"] and str(config.get("exactly.once.source.support")).lower() == "enabled"
        entry["hosts"].append(host)
        entry["urls"].append(f"{'https' if closed else 'http'}://{host}:{inventory.number(host, 'kafka_connect_port')}")
    return result


def _place_of_secrets(inventory: Inventory, host: str, entry: dict[str, Any]) -> None:
    """Note where the logins of flows lie: a connector names one file, which every worker must have."""
    for key, variable in (("directory", "kafka_connect_config_dir"), ("user", "kafka_connect_user")):
        value = str(inventory.value(host, variable))
        if entry.setdefault(key, value) != value:
            remedy = f"{entry['hosts'][0]} of the same Connect cluster has {entry[key]!r}: give all its workers one value"
            inventory.problem(host, variable, value, remedy)


def _option_instead(inventory: Inventory, host: str, where: StateTopics, variable: str) -> str:
    """Return the option that names a topic in place of its variable, '' for none."""
    options = inventory.options(host, where.role)
    return next((key for key in where.topics[variable] if options.get(key)), "")


def state_topic(inventory: Inventory, host: str, where: StateTopics, variable: str) -> Any:
    """Return the topic that a component keeps a state in, or ``Undefined``."""
    key = _option_instead(inventory, host, where, variable)
    name = inventory.options(host, where.role)[key] if key else inventory.value(host, variable)
    if isinstance(name, Undefined):
        return name
    # The role's default follows from the group id, and is not templated here.
    return str(name or "").replace("{{ kafka_connect_group_id }}", str(inventory.value(host, "kafka_connect_group_id")))


def add_state_topics(inventory: Inventory, host: str, clusters: Mapping[str, Any], cluster: str, where: StateTopics) -> None:
    """Add the topics in which a component keeps its state to what is known of its cluster."""
    known = clusters[cluster]["state_topics"] if cluster in clusters else []
    known += [name for name in state_topics(inventory, host, where) if name not in known]


def state_topics(inventory: Inventory, host: str, where: StateTopics) -> list[str]:
    """Return the topics in which a component keeps its state; notes those that are not known here."""
    found: list[str] = []
    for variable in where.topics:
        name = state_topic(inventory, host, where, variable)
        if isinstance(name, Undefined):
            # A topic that is not known here would not be kept from those that are not listed.
            key = _option_instead(inventory, host, where, variable)
            inventory.problem(host, f"{inventory.level_of(host, where.role, key)}.{key}", name, Undefined.remedy)
        elif name and name not in found:
            found.append(name)
    return found


def elasticsearch(inventory: Inventory) -> dict[str, Any]:
    hosts, closed = inventory.hosts_of("elasticsearch"), secured(inventory)
    scheme = "https" if closed else "http"
    found = {
        "hosts": list(hosts),
        "urls": [f"{scheme}://{host}:{inventory.number(host, 'elasticsearch_port')}" for host in hosts],
        "transports": [f"{host}:{inventory.number(host, 'elasticsearch_transport_port')}" for host in hosts],
    }
    return found | ({"tls": search.login_files()} if closed else {})


def kibana(inventory: Inventory) -> dict[str, Any]:
    hosts, closed = inventory.hosts_of("kibana"), secured(inventory)
    scheme = "https" if closed else "http"
    found = {"hosts": list(hosts), "urls": [f"{scheme}://{host}:{inventory.number(host, 'kibana_port')}" for host in hosts]}
    return found | ({"tls": search.kibana_files()} if closed else {})


def exporters(inventory: Inventory, clusters: Mapping[str, Any]) -> dict[str, Any]:
    """Check that an exporter has something to read, and that no other reads it too: sums would count twice.

    Return those of a secured estate by the cluster that they log in at.
    """
    readers: dict[str, str] = {}
    found: dict[str, Any] = {}
    for host in inventory.hosts_of("kafka_exporter"):
        cluster = used_cluster(inventory, host, BY_NAME["kafka_exporter"], clusters)
        first = readers.setdefault(cluster, host)
        if first != host and cluster in clusters:
            inventory.problem(
                host, "kafka_exporter_cluster", cluster, f"{first} reads this cluster already: keep one, or lag counts twice"
            )
        implementation = inventory.value(host, "kafka_exporter_implementation")
        found[cluster] = {"hosts": [host], "implementation": implementation}
        if implementation == "consumer_group_exporter" and clusters.get(cluster, {}).get("artefact") == LINE_4:
            inventory.problem(
                host,
                "kafka_exporter_implementation",
                implementation,
                f"It shows no lag of cluster {cluster}, which runs Kafka 4: it speaks versions of the protocol that Kafka 4 took "
                "out, and cannot read what that keeps of groups. Write kafka_exporter",
            )
    readers_of_search = inventory.hosts_of("elasticsearch_exporter")
    if readers_of_search and not inventory.hosts_of("elasticsearch"):
        inventory.problem(
            readers_of_search[0],
            "groups",
            Found("no host in group elasticsearch"),
            "Add one, or empty group elasticsearch_exporter",
        )
    for host in readers_of_search[1:]:
        inventory.problem(
            host,
            "groups",
            Found("elasticsearch_exporter"),
            f"{readers_of_search[0]} reads Elasticsearch already: keep one host in this group",
        )
    return {"kafka_exporters": found} if found and secured(inventory) else {}


def mirrors(inventory: Inventory, clusters: Mapping[str, Any], connect_clusters: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the flows, checked; they are those of the whole estate, so every host must see the same."""
    owner, items = "", None
    for host in inventory.hostvars:
        found = inventory.value(host, "mirrors")
        if found is None:
            continue
        if items is not None and found != items:
            inventory.problem(
                host,
                "mirrors",
                Found("other flows"),
                f"{owner} has different ones: set them once, for group all",
            )
        if items is None:
            owner, items = host, found
    flows, refused = plan_mirrors(items or [], clusters, connect_clusters)
    for what, remedy in refused:
        inventory.problem(owner, "mirrors", Found(what, place_of(what)), remedy)
    for host in inventory.hosts_of("kafka_connect"):
        declared = {connector["name"] for connector in inventory.value(host, "kafka_connectors") or []}
        group_id = str(inventory.value(host, "kafka_connect_group_id"))
        for flow in flows:
            for name in declared & set(flow.shown()["connectors"]) if flow.connect == group_id else ():
                inventory.problem(
                    host,
                    "kafka_connectors",
                    Found(f"{name}, which is a connector of the flow {flow.name} too"),
                    "Remove it there, or give the flow another name",
                )
    return [flow.shown() | ({"logins": sides} if (sides := logins(flow)) else {}) for flow in flows]
