# SPDX-License-Identifier: Apache-2.0
"""From the flows ``mirrors`` of the inventory to the connectors of MirrorMaker 2 in each Connect cluster.  Pure functions.

What a connector of MirrorMaker 2 produces goes to the cluster of the Connect workers; ``target.cluster`` is only where it makes
topics.  So a connector whose records belong elsewhere gets ``producer.override.bootstrap.servers``: a flow whose workers do not
stand beside its target, and the heartbeat of every flow, which is written on the source so that the flow itself carries it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from ansible_collections.estate.kafka.plugins.module_utils.declared.items import converted
from ansible_collections.estate.kafka.plugins.module_utils.declared.refusal import Refusal, at
from ansible_collections.estate.kafka.plugins.module_utils.formats.java_pattern import java_mistake
from ansible_collections.estate.kafka.plugins.module_utils.formats.topic_name import PART
from ansible_collections.estate.kafka.plugins.module_utils.kafka.lines import LINE_4
from ansible_collections.estate.kafka.plugins.module_utils.mirrors.circles import circles
from ansible_collections.estate.kafka.plugins.module_utils.mirrors.flow import (
    BROKER_DEFAULT,
    STATE_NAMES,
    Endpoint,
    Flow,
)
from ansible_collections.estate.kafka.plugins.module_utils.mirrors.patterns import (
    HEARTBEATS,
    LITERAL,
    beginning,
    separate,
)
from ansible_collections.estate.kafka.plugins.module_utils.mirrors.removed import removed
from ansible_collections.estate.kafka.plugins.module_utils.mirrors.secured import not_secured
from ansible_collections.estate.kafka.plugins.module_utils.security.mirrors import login, principal
from ansible_collections.estate.kafka.plugins.module_utils.text import nested, sentence

# With "commas" a text is a list that is written with commas, as MirrorMaker's own files have it.
MIRROR_SPEC: dict[str, Any] = {
    "name": {"type": "str"},
    "source": {"type": "str", "required": True},
    "target": {"type": "str", "required": True},
    "source_alias": {"type": "str"},
    "target_alias": {"type": "str"},
    "source_bootstrap": {"type": "str"},
    "target_bootstrap": {"type": "str"},
    "connect": {"type": "str"},
    "topics": {"type": "list", "elements": "str", "commas": True, "default": [".*"]},
    "topics_exclude": {"type": "list", "elements": "str", "commas": True},
    "groups": {"type": "list", "elements": "str", "commas": True, "default": [".*"]},
    "groups_exclude": {"type": "list", "elements": "str", "commas": True},
    "policy": {"type": "str", "choices": ["default", "identity"], "default": "default"},
    "tasks": {"type": "int", "default": 1},
    "replication_factor": {"type": "int"},
    "exactly_once": {"type": "bool", "default": False},
    "checkpoint": {"type": "bool", "default": True},
    "sync_group_offsets": {"type": "bool", "default": True},
    "heartbeat": {"type": "bool", "default": True},
    "heartbeat_max_age": {"type": "int", "default": 60},
    "lag_max": {"type": "int"},
    "state": {"type": "str", "choices": ["running", "paused", "stopped"], "default": "running"},
    "config": {
        "type": "dict",
        "options": {kind: {"type": "dict"} for kind in ("all", "source", "checkpoint", "heartbeat")},
    },
}

# Settings that the checks of this file depend on, and the option of the flow to use instead.
OPTIONS = {
    "source.cluster.alias": "source_alias",
    "target.cluster.alias": "target_alias",
    "source.cluster.bootstrap.servers": "source_bootstrap",
    "target.cluster.bootstrap.servers": "target_bootstrap",
    "topics": "topics",
    "topics.exclude": "topics_exclude",
}
# Options that MirrorMaker reads as lists of patterns.
PATTERNS = ("topics", "topics_exclude", "groups", "groups_exclude")
ADDRESS = re.compile(r"([^\s:/,;]+|\[[0-9A-Fa-f:.]+\]):(\d{1,5})")
# What a pattern consists of that is more than a name.
MORE = re.compile(r"[\\^$.|?*+()\[\]{}]")

# What was found, and the remedy.
Mistake = tuple[str, str]


def plan(
    items: Sequence[Mapping[str, Any]],
    clusters: Mapping[str, Mapping[str, Any]],
    connect_clusters: Mapping[str, Mapping[str, Any]],
) -> tuple[list[Flow], list[Mistake]]:
    """Return the flows, and what is wrong with them: what was found, and the remedy.

    ``clusters`` and ``connect_clusters`` are those of the topology.
    """
    flows: list[Flow] = []
    refused: list[Mistake] = []
    owners = {address: name for name, found in clusters.items() for address in _addresses(found["bootstrap"]).values()}
    written = items
    items, mistakes = converted(written, MIRROR_SPEC)
    refused += [
        (Refusal(f"{_title(written[number], number)}: {wrong}", number), "Correct the option") for number, wrong in mistakes
    ]
    numbers = [number for number in range(len(written)) if number not in {wrong for wrong, _ in mistakes}]
    aliases = {item[end]: item[f"{end}_alias"] for item in items for end in ("source", "target") if item[f"{end}_alias"]}
    places: list[int] = []
    for number, item in zip(numbers, items):
        options = {**item, **{key: separate(item[key]) for key in PATTERNS}}
        title = f"{item['source']} → {item['target']}"
        problems = [*_wrong(options, clusters, connect_clusters), *_wrong_values(options), *_disguised(options, owners)]
        refused += [(Refusal.about(title, number, found), remedy) for found, remedy in problems]
        if problems:
            continue
        connect = _workers(options, connect_clusters)[0]
        source, target = (_endpoint(options, end, clusters, aliases) for end in ("source", "target"))
        name = str(options["name"] or f"{options['source']}-to-{options['target']}")
        if directory := connect_clusters[connect].get("directory"):
            source, target = (
                replace(endpoint, login=login(endpoint.cluster, principal(name, side), directory))
                for side, endpoint in (("source", source), ("target", target))
            )
        flow = Flow(name, source, target, connect, str(connect_clusters[connect]["cluster"]), options)
        cannot = _cannot(flow, connect_clusters[connect])
        refused += [(Refusal.about(title, number, found), remedy) for found, remedy in cannot]
        flows.append(flow)
        places.append(number)
    return flows, [*refused, *_together(flows, places)]


def _title(item: Any, number: int) -> str:
    """Return how to call an item that could not be converted."""
    ends = [str(item.get(end, "?")) for end in ("source", "target")] if isinstance(item, Mapping) else []
    return f"flow {number + 1} of the list" + (f", {' → '.join(ends)}" if ends else "")


def _wrong(
    options: Mapping[str, Any], clusters: Mapping[str, Any], connect_clusters: Mapping[str, Mapping[str, Any]]
) -> Iterator[Mistake]:
    """What keeps a flow from being made at all."""
    for end in ("source", "target"):
        name, bootstrap = options[end], options[f"{end}_bootstrap"]
        if name not in clusters and not bootstrap:
            yield (
                at(f".{end}", f"{end} {name!r}, which no host of group kafka_broker has as kafka_broker_cluster"),
                f"Name one of {', '.join(clusters) or 'no cluster at all'}, or give {end}_bootstrap for a cluster outside of the "
                "inventory",
            )
        elif name in clusters and bootstrap:
            yield (
                at(f".{end}_bootstrap", f"{end}_bootstrap for a cluster of the inventory"),
                "Remove it: its addresses follow from the inventory",
            )
    if options["source"] == options["target"]:
        yield "one cluster as source and target", "Name two clusters"
    found = _workers(options, connect_clusters)
    if len(found) != 1:
        known = ", ".join(connect_clusters) or "none: put hosts into group kafka_connect"
        what = f"connect {options['connect']!r}" if options["connect"] else f"{len(found)} Connect clusters that could carry it"
        yield at(".connect", what), f"Write the kafka_connect_group_id of its workers as connect. Known: {known}"


def _wrong_values(options: Mapping[str, Any]) -> Iterator[Mistake]:
    """Values that can never work, whatever the estate has."""
    for end in ("source", "target"):
        if options[f"{end}_alias"] == "":
            yield at(f".{end}_alias", f"{end}_alias ''"), "Write an alias, or leave it out"
    for name in options["topics"] or ():
        if not MORE.search(name) and not PART.fullmatch(name):
            yield at(".topics", f"topics with {name!r}, and no topic has such a name"), "Correct the name"
    for option in PATTERNS:
        for pattern in options[option] or ():
            if wrong := java_mistake(pattern):
                yield (
                    at(f".{option}", f"{option} with {pattern!r}, which is no pattern of Java: {wrong}"),
                    "Correct it. MirrorMaker reads a comma as the end of a pattern, so write x{1,3} as xx?x?; "
                    "everything is .*, not *",
                )
    for end in ("source", "target"):
        for address in filter(None, (part.strip() for part in (options[f"{end}_bootstrap"] or "").split(","))):
            match = ADDRESS.fullmatch(address)
            if not match or not 0 < int(match[2]) < 65536:
                yield (
                    at(f".{end}_bootstrap", f"{end}_bootstrap with {address!r}"),
                    "Write host:port, several with commas between them",
                )
    for option, least in (("heartbeat_max_age", 1), ("lag_max", 0), ("tasks", 1)):
        if options[option] is not None and options[option] < least:
            yield at(f".{option}", f"{option} {options[option]}"), f"Write at least {least}"
    for kind, settings in (options["config"] or {}).items():
        for line in nested(settings):
            yield at(f".config.{kind}", f"config.{kind}: {line.partition('; ')[0]}"), sentence(line.partition("; ")[2])


def _disguised(options: Mapping[str, Any], owners: dict[str, str]) -> Iterator[Mistake]:
    """Whether an address is one of another cluster; what is new is added to ``owners``."""
    for end in ("source", "target"):
        for written, address in _addresses(options[f"{end}_bootstrap"] or "").items():
            owner = owners.setdefault(address, options[end])
            if owner != options[end]:
                yield (
                    at(f".{end}_bootstrap", f"{end}_bootstrap with {written!r}, which is an address of cluster {owner}"),
                    f"Write {end}: {owner}: a loop is not seen where one cluster has two names",
                )


def _addresses(bootstrap: str) -> dict[str, str]:
    """Return each address as it is written, with host and port in the form in which equal ones look equal."""
    written = filter(None, (address.strip() for address in bootstrap.split(",")))
    return {address: address.lower().rpartition("://")[2].replace(".:", ":") for address in written}


def _workers(options: Mapping[str, Any], connect_clusters: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Return the Connect clusters that can be meant: the named one, those beside the target, or all."""
    if options["connect"]:
        return [name for name in connect_clusters if name == options["connect"]]
    return [name for name, found in connect_clusters.items() if found["cluster"] == options["target"]] or list(connect_clusters)


def _endpoint(
    options: Mapping[str, Any], end: str, clusters: Mapping[str, Mapping[str, Any]], aliases: Mapping[str, str]
) -> Endpoint:
    name = str(options[end])
    found = clusters.get(name, {})
    factor = found.get("default_replication_factor") or BROKER_DEFAULT
    if end == "target" and options["replication_factor"] is not None:
        factor = int(options["replication_factor"])
    return Endpoint(
        name,
        str(options[f"{end}_alias"] or aliases.get(name, name)),
        str(options[f"{end}_bootstrap"] or found.get("bootstrap", "")),
        len(found.get("brokers", ())),
        int(factor),
        tuple(found.get("state_topics", ())),
    )


def _cannot(flow: Flow, workers: Mapping[str, Any]) -> Iterator[Mistake]:
    """What a flow that is clear in itself asks for and cannot have."""
    if flow.options["exactly_once"] and not workers.get("exactly_once"):
        yield (
            at(".exactly_once", "exactly_once, which the workers do not support as they are set"),
            f"Set exactly.once.source.support to enabled in kafka_connect_config of the workers of {flow.connect}, or remove "
            "exactly_once",
        )
    if flow.options["exactly_once"] and flow.beside != flow.target.cluster:
        yield (
            at(".exactly_once", f"exactly_once, and workers of {flow.connect} beside {flow.beside}"),
            "Let workers beside the target carry it: only there do records and their offsets share one transaction",
        )
    if not flow.topics:
        yield at(".topics", "topics []"), "Write names or patterns, or leave it out for all topics"
    for endpoint in (flow.source, flow.target):
        separated = flow.separator in endpoint.alias
        end = "source" if endpoint is flow.source else "target"
        # MirrorMaker's own topic is the longest of those that it makes by itself.
        if not PART.fullmatch(f"mm2-offset-syncs{flow.separator}{endpoint.alias}{flow.separator}internal") or separated:
            yield (
                at(f".{end}_alias", f"alias {endpoint.alias!r}, separator {flow.separator!r}")
                if not PART.fullmatch(flow.separator)
                else at(f".{end}_alias", f"alias {endpoint.alias!r}"),
                f"Write an alias of letters, digits, '_' and '-', without {flow.separator!r}: it comes before the names of "
                "mirrored topics, and a loop is seen by it",
            )
    factor, brokers = flow.target.factor, flow.target.brokers
    if factor != BROKER_DEFAULT and (factor < 1 or (brokers and factor > brokers)):
        most = f"at most {brokers}" if brokers else "at least 1"
        yield at(".replication_factor", f"replication_factor {factor}"), f"Write {most}, or {BROKER_DEFAULT} for the brokers' own"
    config = flow.options["config"] or {}
    for kind, settings in config.items():
        for key in sorted({*OPTIONS, "name"} & set(settings or ())):
            yield (
                at(f".config.{kind}.{key}", f"config.{kind} with {key}"),
                f"Use {OPTIONS.get(key, 'name')} of the flow, which is checked",
            )
        for key, remedy in removed(settings) if workers.get("artefact") == LINE_4 else ():
            yield (
                at(f".config.{kind}.{key}", f"config.{kind} with {key}, which the workers' Kafka 4 has no more"),
                sentence(remedy),
            )
    yield from _state_copied(flow)
    if flow.source.login:
        yield from not_secured(flow, bool(workers.get("exactly_once")))
    for topic in flow.options["topics"]:
        if not flow.identity and str(topic).startswith(f"{flow.target.alias}{flow.separator}"):
            yield (
                at(".topics", f"topic {topic!r}"),
                "Leave it out: MirrorMaker takes a name that begins with the target's alias for one that came from "
                f"{flow.target.cluster}",
            )


def _state_copied(flow: Flow) -> Iterator[Mistake]:
    """Whether a flow that keeps the names of topics would write the state of services over that of others."""
    if not flow.identity:
        return
    for name in sorted({*flow.names} & {*flow.target.state_topics}):
        yield (
            at(".topics", f"topic {name!r}, in which {flow.target.cluster} keeps the state of a service of its own"),
            "Leave it out",
        )
    lacking = [name for name in dict.fromkeys([*flow.state_topics, *STATE_NAMES]) if name not in flow.names]
    lacking = [name for name in lacking if flow.carries(name)]
    if lacking:
        yield (
            at(".topics_exclude", f"policy identity and topics_exclude without {', '.join(lacking)}"),
            f"Add {'it' if len(lacking) == 1 else 'them'}, or leave topics_exclude out: what registries and Connect keep there "
            "would be written among what others keep",
        )


def _together(flows: Sequence[Flow], numbers: Sequence[int]) -> Iterator[Mistake]:
    """What is wrong between flows; ``numbers`` are theirs in the list of the inventory."""
    ways: dict[tuple[str, str], Flow] = {}
    for number, flow in zip(numbers, flows):
        way = (flow.source.cluster, flow.target.cluster)
        if way in ways:
            yield Refusal(f"two flows {way[0]} → {way[1]}", number), "Make one of them, with the topics of both"
        ways.setdefault(way, flow)
    names: dict[tuple[str, str], str] = {}
    for number, flow in zip(numbers, flows):
        title = f"{flow.source.cluster} → {flow.target.cluster}"
        for made in flow.connectors():
            owner = names.setdefault((flow.connect, made["name"]), title)
            if owner != title:
                yield Refusal(f"connector {made['name']} of both {owner} and {title}", number), "Give each flow a name of its own"
    yield from _aliases(flows)
    yield from circles(list(ways.values()))


def _aliases(flows: Sequence[Flow]) -> Iterator[Mistake]:
    """One cluster has one alias and one alias means one cluster, or mirrored topics mix and loops are not seen."""
    of_cluster: dict[str, set[str]] = {}
    of_alias: dict[str, set[str]] = {}
    for flow in flows:
        for endpoint in (flow.source, flow.target):
            of_cluster.setdefault(endpoint.cluster, set()).add(endpoint.alias)
            of_alias.setdefault(endpoint.alias, set()).add(endpoint.cluster)
    for cluster, aliases in of_cluster.items():
        if len(aliases) > 1:
            yield (
                f"aliases {', '.join(sorted(aliases))} for cluster {cluster}",
                "Give it one alias in all flows: MirrorMaker knows by it what has been there before",
            )
    for alias, clusters in of_alias.items():
        if len(clusters) > 1:
            yield f"alias {alias} for the clusters {', '.join(sorted(clusters))}", "Give each cluster an alias of its own"


def kept(flows: Iterable[Flow], cluster: str) -> list[str]:
    """Return the names of the topics that flows bring to a cluster, as patterns of the module ``topics``, perhaps too many."""
    result = []
    for flow in flows:
        if flow.target.cluster != cluster:
            continue
        if flow.identity:
            result += [name if LITERAL.fullmatch(name) else f"{beginning(name)}*" for name in flow.names]
        else:
            result.append(f"{flow.source.alias}{flow.separator}*")
    return list(dict.fromkeys(result))


def connectors(flows: Iterable[Flow], connect: str) -> list[dict[str, Any]]:
    """Return the connectors that one Connect cluster carries."""
    return [made for flow in flows if flow.connect == connect for made in flow.connectors()]


def topics(flows: Iterable[Flow], cluster: str) -> list[dict[str, Any]]:
    """Return the topics that a cluster needs before the connectors start.

    A source connector looks for topics when it starts and then every ten minutes: the heartbeats must be there by then.
    """
    wanted = any(flow.source.cluster == cluster and flow.options["heartbeat"] for flow in flows)
    return [{"name": HEARTBEATS, "partitions": 1, "config": {"cleanup.policy": "compact"}}] if wanted else []
