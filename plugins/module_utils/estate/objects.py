# SPDX-License-Identifier: Apache-2.0
"""The objects that an inventory lists for the running services, looked at before a host is: what no cluster would take.  Pure.

Each list is held against the rules of the module that will bring it about, as far as they need no running service.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from ansible_collections.estate.kafka.plugins.module_utils.connect import plan as connectors
from ansible_collections.estate.kafka.plugins.module_utils.declared.items import converted
from ansible_collections.estate.kafka.plugins.module_utils.declared.refusal import Refusal, at, place_of
from ansible_collections.estate.kafka.plugins.module_utils.estate.addresses import LOCALHOST, advertised_host
from ansible_collections.estate.kafka.plugins.module_utils.estate.close_names import CLOSE, closest
from ansible_collections.estate.kafka.plugins.module_utils.estate.conversion import same, undefined_in
from ansible_collections.estate.kafka.plugins.module_utils.estate.problems import Found
from ansible_collections.estate.kafka.plugins.module_utils.estate.values import Inventory
from ansible_collections.estate.kafka.plugins.module_utils.kafka.acls import plan as acls
from ansible_collections.estate.kafka.plugins.module_utils.kafka.features.plan import RELEASES, levels
from ansible_collections.estate.kafka.plugins.module_utils.kafka.lines import LINE_4
from ansible_collections.estate.kafka.plugins.module_utils.kafka.quotas import plan as quotas
from ansible_collections.estate.kafka.plugins.module_utils.kafka.topics import plan as topics
from ansible_collections.estate.kafka.plugins.module_utils.kafka.topics.topic import Defaults
from ansible_collections.estate.kafka.plugins.module_utils.kafka.users import plan as users
from ansible_collections.estate.kafka.plugins.module_utils.mirrors.removed import removed
from ansible_collections.estate.kafka.plugins.module_utils.registry import plan as subjects
from ansible_collections.estate.kafka.plugins.module_utils.text import sentence

# Topics of Kafka's own.
INTERNAL = ("__consumer_offsets", "__transaction_state")
Items = Sequence[Mapping[str, Any]]
Refusals = Iterator[str]
# What all hosts of one cluster, of one Connect cluster, and of the schema registry must agree about: one of them is asked.
OF_CLUSTER = (
    "kafka_topics",
    "kafka_topics_throttle",
    "kafka_topics_keep",
    "kafka_users",
    "kafka_users_login",
    "kafka_users_update_password",
    "kafka_acls",
    "kafka_acls_prune",
    "kafka_quotas",
    "kafka_quotas_prune",
    "kafka_features",
)
# What the controller reads once for the whole estate.
OF_ESTATE = ("estate_versions", "estate_store", "estate_artifact_sources", "estate_require_all_artifacts", "security_profile")
OF_WORKERS = (
    "kafka_connectors",
    "kafka_connect_version",
    "kafka_connect_offset_topic",
    "kafka_connect_config_topic",
    "kafka_connect_status_topic",
    "kafka_connect_replication_factor",
    "kafka_connect_offset_partitions",
    "kafka_connect_status_partitions",
)
OF_REGISTRY = ("schema_subjects", "schema_compatibility")


def check_objects(inventory: Inventory, topology: Mapping[str, Any]) -> None:
    """Tell the inventory what is wrong with its topics, users, ACLs, quotas, connectors and subjects."""
    _agree(inventory, [host for host, placed in inventory.placed.items() if placed], OF_ESTATE, "estate")
    for name, cluster in topology["clusters"].items():
        hosts = [broker["host"] for broker in cluster["brokers"]]
        _agree(inventory, hosts, OF_CLUSTER, f"cluster {name}")
        _tell(inventory, hosts, "kafka_topics", topics.TOPIC_SPEC, partial(_topics, cluster))
        _tell(inventory, hosts, "kafka_acls", acls.ACL_SPEC, _acls)
        _tell(inventory, hosts, "kafka_quotas", quotas.QUOTA_SPEC, _quotas)
        _tell(inventory, hosts, "kafka_users", users.USER_SPEC, partial(_users, bool(topology.get("secured"))))
        _login(inventory, hosts, cluster)
        _features(inventory, hosts, cluster)
    for name, found in topology["connect_clusters"].items():
        _agree(inventory, found["hosts"], OF_WORKERS, f"Connect cluster {name}")
        _tell(inventory, found["hosts"], "kafka_connectors", connectors.CONNECTOR_SPEC, partial(_connectors, found["artefact"]))
        _workers(inventory, found["hosts"])
    registries = inventory.hosts_of("schema_registry")
    _agree(inventory, registries, OF_REGISTRY, "schema registry")
    _tell(inventory, registries, "schema_subjects", subjects.SUBJECT_SPEC, _subjects)


def _features(inventory: Inventory, hosts: Sequence[str], cluster: Mapping[str, Any]) -> None:
    """Refuse features of a cluster on ZooKeeper, which has none, and levels that are no numbers."""
    host = next((one for one in hosts if inventory.hostvars[one].get("kafka_features")), "")
    declared = inventory.hostvars[host]["kafka_features"] if host else None
    if not isinstance(declared, Mapping) or undefined_in(declared):
        return
    if not cluster["controllers"]:
        remedy = f"Cluster {cluster['name']} is on ZooKeeper, and features are finalised by controllers: take it out"
        inventory.problem(host, "kafka_features", Found("features"), remedy)
    if cluster["migration"]:
        remedy = f"Cluster {cluster['name']} is leaving ZooKeeper: declare features when kafka_broker_migration is out again"
        inventory.problem(host, "kafka_features", Found("features"), remedy)
    known = {name for release in RELEASES.values() for name in release}
    for name in (one for one in declared.get("levels") or {} if one not in known):
        # One that is like no other may be of a newer release: playbooks/features.yml asks the members.
        if other := closest(str(name), known, CLOSE):
            inventory.problem(host, "kafka_features", Found(f"{name}, which no release has"), f"Write {other} if that is meant")
    for line in levels(declared)[1]:
        found, _, remedy = line.partition("; ")
        inventory.problem(host, "kafka_features", Found(found), sentence(remedy))


def _agree(inventory: Inventory, hosts: Sequence[str], variables: Sequence[str], whole: str) -> None:
    """Refuse values that differ within what is one: any of its hosts may be the one that is asked."""
    for variable in variables:
        if any((host, variable) in inventory.bad for host in hosts):
            continue
        for host in hosts[1:]:
            first, found = (inventory.hostvars[one].get(variable) for one in (hosts[0], host))
            if not same(first, found):
                inventory.problem(
                    host,
                    variable,
                    Found("another value" if found is not None else "nothing"),
                    f"{hosts[0]} of the same {whole} has {'another one' if first is not None else 'none'}: set it once, in the "
                    f"group_vars of the whole {whole}",
                )
                break


def _tell(
    inventory: Inventory,
    hosts: Sequence[str],
    variable: str,
    spec: Mapping[str, Any],
    refusals: Callable[[Items], Refusals],
) -> None:
    host = next((one for one in hosts if inventory.hostvars[one].get(variable)), "")
    # As it is there, though one of the items may be wrong: it must not hide what is wrong with the others.
    items = inventory.hostvars[host].get(variable) if host else None
    # What only the run knows is checked by the run.
    known: list[dict[str, Any]] = []
    numbers: list[int] = []
    for number, item in enumerate(items if isinstance(items, list) else ()):
        right, _ = converted([] if undefined_in(item) else [item], spec)
        known += right
        numbers += [number] * len(right)
    for line in dict.fromkeys(refusals(known)):
        found, _, remedy = line.partition("; ")
        if isinstance(line, Refusal) and line.item is not None:
            line = Refusal.of(numbers[line.item], line)
        inventory.problem(host, variable, Found(found, place_of(line)), sentence(remedy) or "Correct the entry")


def check_files(inventory: Inventory, alerts: Collection[str], read: Callable[[str], str]) -> None:
    """Tell the inventory what is wrong beside files of the controller: schemas, and alerts that the toolkit does not have.

    ``alerts`` are the names of the toolkit's; ``read`` returns the text of a file, or raises OSError or ValueError.
    """
    for host in inventory.hosts_of("prometheus"):
        for name in inventory.value(host, "prometheus_alerts", may_need_facts=True) or ():
            if alerts and name not in alerts:
                close = difflib.get_close_matches(str(name), alerts, n=1, cutoff=0.5)
                remedy = f"Write {close[0]} if that is meant" if close else "Write the name of one of the toolkit's alerts"
                inventory.problem(host, f"prometheus_alerts.{name}", Found("an alert that the toolkit does not have"), remedy)
    hosts = inventory.hosts_of("schema_registry")
    _tell(inventory, hosts, "schema_subjects", subjects.SUBJECT_SPEC, partial(_schema_files, read))


def _schema_files(read: Callable[[str], str], items: Items) -> Refusals:
    for number, item in enumerate(items):
        path = item["schema_file"]
        # A relative one is looked for beside the playbook that brings the subjects.
        if not path or not path.startswith("/") or item["state"] == "absent" or item["schema"] is not None:
            continue
        try:
            schema = subjects.Wanted.of({**item, "schema": read(path)}).schema
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or "it is no text"
            line = f"schema_file {path} cannot be read ({reason}); correct it"
            yield Refusal.about(item["name"], number, at(".schema_file", line))
        else:
            for line in subjects.wrong_schema(schema) if schema else ():
                yield Refusal.about(item["name"], number, at(".schema_file", f"{path}: {line}"))


def _login(inventory: Inventory, hosts: Sequence[str], cluster: Mapping[str, Any]) -> None:
    """Refuse to try passwords where there is no listener named to try them at."""
    host = next((one for one in hosts if inventory.hostvars[one].get("kafka_users")), "")
    chosen = inventory.value(host, "kafka_users_update_password", may_need_facts=True) if host else None
    login = (inventory.value(host, "kafka_users_login", may_need_facts=True) or cluster.get("login")) if host else None
    if (host, "kafka_users_login") in inventory.bad or undefined_in(login):
        return
    for line in users.login_problems(login, str(chosen or ("changed" if login else "on_create"))):
        found, _, remedy = line.partition(": ")
        variable = "kafka_users_login" if login else "kafka_users_update_password"
        inventory.problem(host, variable, Found(found), sentence(remedy))


def _workers(inventory: Inventory, hosts: Sequence[str]) -> None:
    """Refuse what keeps the workers of a Connect cluster apart: one topic for two states, one name for two workers."""
    variables = [name for name in OF_WORKERS if name.endswith("_topic")]
    given = [inventory.value(hosts[0], name, may_need_facts=True) for name in variables] if hosts else []
    for number, name in enumerate(given):
        if isinstance(name, str) and name in given[:number]:
            remedy = f"{variables[given.index(name)]} has this topic too: give each state a topic of its own"
            inventory.problem(hosts[0], variables[number], name, remedy)
    owners: dict[str, str] = {}
    for host in hosts:
        name = advertised_host(host, partial(inventory.value, host, may_need_facts=True))
        if len(hosts) > 1 and name in LOCALHOST:
            inventory.problem(
                host, "kafka_connect_advertised_host", name, "Write the name by which the other workers reach this one"
            )
        elif owners.setdefault(name, host) != host:
            remedy = f"{owners[name]} of the same Connect cluster has this name too: leave it out, or give each worker its own"
            inventory.problem(host, "kafka_connect_advertised_host", name, remedy)


def _topics(cluster: Mapping[str, Any], items: Items) -> Refusals:
    brokers = cluster["brokers"]
    factor, minimum = (cluster.get(f"{name}") for name in ("default_replication_factor", "min_insync_replicas"))
    defaults = Defaults(*(one if isinstance(one, int) else None for one in (factor, minimum)))
    ids = {broker["id"] for broker in brokers}
    wanted = {}
    for number, item in enumerate(items):
        try:
            wanted[number] = topics.Wanted.of(item)
        except ValueError:
            line = at(".replicas", "replicas with something else than ids of brokers; write numbers, such as [[1, 2], [2, 3]]")
            yield Refusal.about(item["name"], number, line)
    numbers = list(wanted)
    for refusal in topics.refusals({}, wanted.values(), {}, defaults=defaults):
        yield Refusal(refusal, None if refusal.item is None else numbers[refusal.item], refusal.inside)
    for number, topic in wanted.items():
        for wrong in _of_kafka(topic, cluster.get("state_topics", ())):
            yield Refusal.about(topic.name, number, wrong)
        if topic.absent:
            continue
        unknown = {broker for replicas in topic.replicas or () for broker in replicas} - ids
        if unknown:
            line = at(
                ".replicas",
                f"replicas on broker {', '.join(map(str, sorted(unknown)))}, which the cluster does not have; "
                f"write ids among {', '.join(map(str, sorted(one for one in ids if one is not None)))}",
            )
            yield Refusal.about(topic.name, number, line)
        elif topic.factor and topic.factor > len(brokers):
            where = ".replicas" if topic.replicas else ".replication_factor"
            line = at(where, f"replication factor {topic.factor} with {len(brokers)} brokers; write at most {len(brokers)}")
            yield Refusal.about(topic.name, number, line)


def _of_kafka(topic: topics.Wanted, kept: Collection[str]) -> Refusals:
    """Yield what must not be asked of topics that Kafka or a service keeps its state in."""
    if topic.name in INTERNAL and topic.absent:
        yield at(".state", "state absent for a topic of Kafka's own; take it out")
    elif topic.name in INTERNAL and topic.partitions is not None:
        why = "groups and transactions have their places in it by that number"
        yield at(".partitions", f"partitions {topic.partitions} for a topic of Kafka's own: {why}; leave them out")
    elif topic.name in kept and topic.absent:
        yield at(".state", "state absent, and a schema registry or Connect keeps its state in it; take it out")
    elif topic.name in kept and not _for_ever(topic.config):
        why = "a schema registry or Connect keeps its state in it, which brokers would delete by time"
        yield at(
            ".config.cleanup.policy", f"cleanup.policy {topic.config['cleanup.policy']}: {why}; write compact, or leave it out"
        )


def _for_ever(config: Mapping[str, Any]) -> bool:
    """Return whether a topic with these settings keeps the last of each key."""
    policy = str(config.get("cleanup.policy") or "compact")
    return "delete" not in policy or str(config.get("retention.ms")) == "-1"


def _acls(items: Items) -> Refusals:
    yield from acls.empty_items(items)
    allowed: dict[Any, int] = {}
    for number, item in enumerate(items):
        for one in acls.wanted_acls([item]):
            other = replace(one, permission="deny" if one.permission == "allow" else "allow")
            allowed[one] = number
            if other in allowed:
                words = f"{one.principal} may {one.operation} by one entry and may not by another"
                yield Refusal.of(number, f"{words}; Kafka lets the one that denies win: remove one of them")
    for number, item in enumerate(items):
        for line in acls.refusals(acls.wanted_acls([item])):
            yield Refusal.of(number, line)


def _quotas(items: Items) -> Refusals:
    yield from quotas.refusals(map(quotas.Wanted.of, items))


def _users(made: bool, items: Items) -> Refusals:
    # A password that nobody wrote is made in a secured estate.
    given = [{**item, "password": item.get("password") or "made"} for item in items] if made else items
    yield from users.refusals(map(users.Wanted.of, given))


def _connectors(artefact: str, items: Items) -> Refusals:
    yield from connectors.refusals([connectors.Wanted.of(item) for item in items])
    for number, item in enumerate(items if artefact == LINE_4 else ()):
        config = item.get("config") or {}
        if str(config.get("connector.class", "")).rpartition(".")[2].startswith("Mirror"):
            for key, remedy in removed(config):
                line = f"config with {key}, which the workers' Kafka 4 has no more; {remedy}"
                yield Refusal.about(item["name"], number, at(f".config.{key}", line))


def _subjects(items: Items) -> Refusals:
    wanted = [subjects.Wanted.of(item) for item in items]
    # Whether a subject without a schema is there is for the registry to say.
    there = {item.name: subjects.Subject(None) for item in wanted if item.schema is None}
    yield from subjects.refusals(subjects.Registry(None, there), wanted)
    for number, item in enumerate(items):
        if item.get("schema") is not None and item.get("schema_file") is not None:
            yield Refusal.about(item["name"], number, at(".schema_file", "schema and schema_file; give one of them"))
