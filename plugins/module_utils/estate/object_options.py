# SPDX-License-Identifier: Apache-2.0
"""Settings of topics and of connectors, held against what Kafka itself defines.  Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from ansible_collections.estate.kafka.plugins.module_utils.estate.conversion import undefined_in
from ansible_collections.estate.kafka.plugins.module_utils.estate.option_kinds import (
    CONNECTOR,
    CONNECTOR_ELSEWHERE,
    MIRRORS,
    TOPIC,
)
from ansible_collections.estate.kafka.plugins.module_utils.estate.option_values import INTEGER, as_written
from ansible_collections.estate.kafka.plugins.module_utils.estate.options import Complaint, Definitions, check, line_of, tell
from ansible_collections.estate.kafka.plugins.module_utils.estate.values import Inventory
from ansible_collections.estate.kafka.plugins.module_utils.mirrors.removed import removed

REMOTE, REMOTE_SYSTEM = "remote.storage.enable", "remote.log.storage.system.enable"


def check_object_options(inventory: Inventory, definitions: Definitions) -> None:
    """Tell the inventory what is wrong with the settings of every topic and of every connector."""

    def topics(host: str, config: Mapping[str, Any], of_line: Definitions) -> Iterator[Complaint]:
        yield from check_topic(config, of_line)
        told = inventory.options(host, "kafka_broker").get(REMOTE_SYSTEM)
        # What only the run knows may be true.
        if _remote(config) and not (undefined_in(told) or as_written(told).lower() == "true"):
            remedy = f"The brokers have no remote storage: set {REMOTE_SYSTEM} in kafka_broker_config, or remove it"
            yield Complaint(REMOTE, config[REMOTE], remedy)

    def connectors(_: str, config: Mapping[str, Any], of_line: Definitions) -> Iterator[Complaint]:
        yield from check_connector(config, of_line)

    _flows(inventory, definitions)
    _each(inventory, "kafka_broker", "kafka_topics", "Topic", definitions, topics)
    _each(inventory, "kafka_connect", "kafka_connectors", "Connector", definitions, connectors)


def _each(
    inventory: Inventory,
    role: str,
    variable: str,
    noun: str,
    definitions: Definitions,
    wrong: Callable[[str, Mapping[str, Any], Definitions], Iterable[Complaint]],
) -> None:
    """Tell what ``wrong`` finds in the settings of each object that a variable lists."""
    # The hosts of a cluster have the same objects; what has no mistake is looked at once for each line of Kafka.
    right: set[tuple[str, str]] = set()
    for host in inventory.hosts_of(role):
        line = line_of(inventory, host, role)
        for number, item in enumerate(inventory.value(host, variable, may_need_facts=True) or ()):
            config = item.get("config") if isinstance(item, Mapping) else None
            if not isinstance(config, Mapping) or (line, repr(config)) in right:
                continue
            complaints = list(wrong(host, config, definitions.of(line)))
            if not complaints:
                right.add((line, repr(config)))
            for complaint in complaints:
                remedy = f"{noun} {item.get('name')}: {complaint.remedy}"
                tell(inventory, host, f"{variable}[{number}].config.{complaint.option}", replace(complaint, remedy=remedy))


def _flows(inventory: Inventory, definitions: Definitions) -> None:
    """Tell what is wrong with the settings of MirrorMaker in flows; they are those of the whole estate, so one host is asked."""
    workers = inventory.hosts_of("kafka_connect")
    owner = next((host for host in inventory.hostvars if inventory.value(host, "mirrors", may_need_facts=True)), "")
    if not owner or not workers:
        return
    for number, flow in enumerate(inventory.value(owner, "mirrors", may_need_facts=True) or ()):
        config = flow.get("config") if isinstance(flow, Mapping) else None
        group = flow.get("connect") if isinstance(flow, Mapping) else None
        worker = next((host for host in workers if inventory.value(host, "kafka_connect_group_id") == group), workers[0])
        of_line = definitions.of(line_of(inventory, worker, "kafka_connect"))
        allowed = tuple(map(str, inventory.value(worker, "kafka_connect_unknown_options", may_need_facts=True) or ()))
        for kind, settings in config.items() if isinstance(config, Mapping) else ():
            for complaint in check_flow(str(kind), settings, of_line, allowed) if isinstance(settings, Mapping) else ():
                tell(inventory, owner, f"mirrors[{number}].config.{kind}.{complaint.option}", complaint)


def check_flow(
    kind: str, settings: Mapping[str, Any], definitions: Definitions, allowed: tuple[str, ...] = ()
) -> list[Complaint]:
    """Return what is wrong with settings of one kind of connector of a flow, or of ``all``; what is gone is told elsewhere."""
    gone = {key for key, _ in removed(settings)}
    asked = {key: value for key, value in settings.items() if key not in gone and not isinstance(value, Mapping)}
    kinds = [MIRRORS[kind]] if kind in MIRRORS else [*MIRRORS.values()]
    found = [{one.option: one for one in check(each, asked, definitions, {}, allowed)} for each in kinds]
    # What one of them reads is no mistake among the settings of all.
    return [complaint for option, complaint in found[0].items() if all(option in others for others in found)]


def check_topic(config: Mapping[str, Any], definitions: Definitions) -> list[Complaint]:
    """Return everything wrong with the settings of one topic."""
    return [*check(TOPIC, config, definitions, {}, ()), *_contradictions(config)]


def check_connector(config: Mapping[str, Any], definitions: Definitions) -> list[Complaint]:
    """Return what is wrong with the settings of one connector that Connect itself reads; all others are its class's own."""
    return list(check(CONNECTOR, config, definitions, {}, CONNECTOR_ELSEWHERE))


def _contradictions(config: Mapping[str, Any]) -> Iterator[Complaint]:
    """Yield settings of a topic that brokers refuse beside each other; one that is no number is told elsewhere."""
    least, most = (as_written(config.get(f"{end}.compaction.lag.ms")) for end in ("min", "max"))
    if INTEGER.fullmatch(least) and INTEGER.fullmatch(most) and int(least) > int(most):
        remedy = f"max.compaction.lag.ms is {most}: write at most as much"
        yield Complaint("min.compaction.lag.ms", config["min.compaction.lag.ms"], remedy)
    policy = [part.strip() for part in as_written(config.get("cleanup.policy")).split(",")]
    if _remote(config) and "compact" in policy:
        yield Complaint(
            REMOTE, config[REMOTE], "Kafka moves no segments of compacted topics: remove it, or compact from cleanup.policy"
        )


def _remote(config: Mapping[str, Any]) -> bool:
    return as_written(config.get(REMOTE)).lower() == "true"
