"""From the flows ``mirrors`` of the inventory to the connectors of MirrorMaker 2 in each Connect cluster.  Pure functions.

What a connector of MirrorMaker 2 produces goes to the cluster of the Connect workers; ``target.cluster`` is only where it makes
topics.  So a connector whose records belong elsewhere gets ``producer.override.bootstrap.servers``: a flow whose workers do not
stand beside its target, and the heartbeat of every flow, which is written on the source so that the flow itself carries it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from ansible_collections.estate.kafka.plugins.module_utils.text import as_strings

MIRROR_SPEC: dict[str, Any] = {
    "name": {"type": "str"},
    "source": {"type": "str", "required": True},
    "target": {"type": "str", "required": True},
    "source_alias": {"type": "str"},
    "target_alias": {"type": "str"},
    "source_bootstrap": {"type": "str"},
    "target_bootstrap": {"type": "str"},
    "connect": {"type": "str"},
    "topics": {"type": "list", "elements": "str", "default": [".*"]},
    "topics_exclude": {"type": "list", "elements": "str"},
    "groups": {"type": "list", "elements": "str", "default": [".*"]},
    "groups_exclude": {"type": "list", "elements": "str"},
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

PACKAGE = "org.apache.kafka.connect.mirror."
DEFAULT, IDENTITY = f"{PACKAGE}DefaultReplicationPolicy", f"{PACKAGE}IdentityReplicationPolicy"
POLICY, SEPARATOR = "replication.policy.class", "replication.policy.separator"
HEARTBEATS = "heartbeats"
# MirrorMaker's own exclusions, which it uses when a flow names none.
EXCLUDED = (r"mm2.*\.internal", r".*\.replica", r"__.*")
# Where schema registries and Connect keep their state, by the usual names; and names that these patterns are for.
STATE = (r"_schemas.*", r"kafkasql-.*", r"registry-events", r"_confluent.*", r"connect-(configs|offsets|status)")
STATE_NAMES = ("_schemas", "kafkasql-journal", "registry-events", "connect-configs", "connect-offsets", "connect-status")
# MirrorMaker's own replication factor of its topic of offset syncs, and the word for the brokers' own.
OFFSET_SYNCS_FACTOR = 3
BROKER_DEFAULT = -1
# A mirror copies bytes. Workers that also carry other connectors often convert to JSON by default, and Connect's own converter
# of headers writes bytes as Base64 (KIP-145: SimpleHeaderConverter): keys, values or headers would arrive as something else.
CONVERTERS = {
    f"{part}.converter": "org.apache.kafka.connect.converters.ByteArrayConverter" for part in ("key", "value", "header")
}
# Milliseconds that a broker may keep a fetch for which it has nothing. While a fetch of quiet partitions, such as that of
# heartbeats, waits at a broker, a task fetches no more of the busy ones there: with Kafka's own 500 it gets 1 MiB for each.
FETCH_WAIT = 50
# A task takes so many records at a time, and each time is a transaction, whose end costs more than the records: with Kafka's
# own 500 a flow has a seventh of its speed, with these four fifths (measured in the lab).
EXACTLY_ONCE = {
    "exactly.once.support": "required",
    "consumer.isolation.level": "read_committed",
    "consumer.max.poll.records": 5000,
}
# Seconds until a flow finds the heartbeats of a cluster outside of the inventory, where nobody makes the topic beforehand.
REFRESH = 30
# Settings that the checks of this file depend on, and the option of the flow to use instead.
OPTIONS = {
    "source.cluster.alias": "source_alias",
    "target.cluster.alias": "target_alias",
    "source.cluster.bootstrap.servers": "source_bootstrap",
    "target.cluster.bootstrap.servers": "target_bootstrap",
    "topics": "topics",
    "topics.exclude": "topics_exclude",
}
ALIAS = re.compile(r"[A-Za-z0-9._-]+")
# A name.  MirrorMaker reads every one as a pattern, in which a dot is any character: see escaped().
LITERAL = re.compile(r"[A-Za-z0-9._-]+")

Refusal = tuple[str, str]


@dataclass(frozen=True)
class Place:
    """One end of a flow."""

    cluster: str
    alias: str
    bootstrap: str
    # 0 for a cluster outside of the inventory.
    brokers: int
    factor: int
    # Topics in which services of the inventory keep their state.
    state_topics: tuple[str, ...]


@dataclass(frozen=True)
class Flow:
    """A flow with everything decided; ``options`` are those of the inventory with their defaults."""

    name: str
    source: Place
    target: Place
    connect: str
    # Name of the Kafka cluster that the workers stand beside.
    beside: str
    options: Mapping[str, Any]

    @property
    def identity(self) -> bool:
        """Whether mirrored topics keep their names."""
        return self.policy.endswith("IdentityReplicationPolicy")

    @property
    def policy(self) -> str:
        """The class that names mirrored topics."""
        chosen = IDENTITY if self.options["policy"] == "identity" else DEFAULT
        return self._settings("source").get(POLICY, chosen) or DEFAULT

    @property
    def separator(self) -> str:
        """What stands between alias and name of a mirrored topic."""
        return self._settings("source").get(SEPARATOR) or "."

    @property
    def topics(self) -> list[str]:
        """The patterns of topics that the flow takes."""
        return escaped(self.options["topics"]) or []

    @property
    def exclude(self) -> list[str] | None:
        """The patterns of topics that the flow leaves out; None for MirrorMaker's own.

        What registries and Connect keep belongs to their cluster.  Names alone take nothing that nobody has named.
        """
        if self.options["topics_exclude"] is None and self.endless:
            return [*EXCLUDED, *STATE, *(escaped(self.state_topics) or [])]
        return escaped(self.options["topics_exclude"])

    @property
    def state_topics(self) -> list[str]:
        """The topics known to hold the state of services, of the target too where they would meet there."""
        ends = (self.source, self.target) if self.identity else (self.source,)
        return list(dict.fromkeys(name for end in ends for name in end.state_topics))

    @property
    def excluded(self) -> list[str]:
        """The patterns of topics that the flow leaves out."""
        return list(EXCLUDED) if self.exclude is None else self.exclude

    @property
    def endless(self) -> bool:
        """Whether it takes topics by a pattern, so that there may always be one more."""
        return not all(LITERAL.fullmatch(name) for name in _names(self))

    def _settings(self, kind: str) -> dict[str, str | None]:
        config = self.options["config"] or {}
        return {**as_strings(config.get("all")), **as_strings(config.get(kind))}

    def connectors(self) -> list[dict[str, Any]]:
        """Return the connectors of the flow, each as an item of the module ``connectors``."""
        made = [self._connector(self.name, "source", self._source())]
        if self.options["checkpoint"]:
            made.append(self._connector(f"{self.name}-checkpoint", "checkpoint", self._checkpoint()))
        if self.options["heartbeat"]:
            made.append(self._connector(f"{self.name}-heartbeat", "heartbeat", self._heartbeat()))
        return made

    def _connector(self, name: str, kind: str, own: Mapping[str, Any]) -> dict[str, Any]:
        settings = {
            "connector.class": f"{PACKAGE}Mirror{kind.capitalize()}Connector",
            "tasks.max": 1,
            **CONVERTERS,
            "source.cluster.alias": self.source.alias,
            "target.cluster.alias": self.target.alias,
            "source.cluster.bootstrap.servers": self.source.bootstrap,
            **({POLICY: IDENTITY} if self.options["policy"] == "identity" else {}),
            **own,
        }
        config = {key: value for key, value in {**as_strings(settings), **self._settings(kind)}.items() if value is not None}
        return {"name": name, "config": config, "state": self.options["state"]}

    def _into(self, place: Place) -> dict[str, Any]:
        """Where the records of a connector go."""
        override = {} if place.cluster == self.beside else {"producer.override.bootstrap.servers": place.bootstrap}
        return {"target.cluster.bootstrap.servers": place.bootstrap, **override}

    def _source(self) -> dict[str, Any]:
        syncs = self.source.factor != OFFSET_SYNCS_FACTOR
        heartbeats_follow = self.options["heartbeat"] and not self.source.brokers
        return {
            **self._into(self.target),
            "tasks.max": self.options["tasks"],
            "consumer.fetch.max.wait.ms": FETCH_WAIT,
            **({"refresh.topics.interval.seconds": REFRESH} if heartbeats_follow else {}),
            "topics": self.topics,
            "topics.exclude": self.exclude,
            "replication.factor": self.target.factor,
            "offset-syncs.topic.replication.factor": self.source.factor if syncs else None,
            **(EXACTLY_ONCE if self.options["exactly_once"] else {}),
        }

    def _checkpoint(self) -> dict[str, Any]:
        return {
            **self._into(self.target),
            "topics": self.topics,
            "topics.exclude": self.exclude,
            "groups": escaped(self.options["groups"]),
            "groups.exclude": escaped(self.options["groups_exclude"]),
            "checkpoints.topic.replication.factor": self.target.factor,
            "sync.group.offsets.enabled": self.options["sync_group_offsets"],
        }

    def _heartbeat(self) -> dict[str, Any]:
        return {**self._into(self.source), "heartbeats.topic.replication.factor": self.source.factor}

    def shown(self) -> dict[str, Any]:
        """Return what the picture of the estate holds of the flow: no settings, so no secrets."""
        known = [place.cluster for place in (self.target, self.source) if place.brokers]
        return {
            "name": self.name,
            "source": self.source.cluster,
            "target": self.target.cluster,
            "source_alias": self.source.alias,
            "target_alias": self.target.alias,
            "source_bootstrap": self.source.bootstrap,
            "target_bootstrap": self.target.bootstrap,
            "connect": self.connect,
            "connectors": [made["name"] for made in self.connectors()],
            # The cluster whose brokers ask how far the flow is.
            "asked_by": (known or [self.beside])[0],
            "heartbeats": f"{self.source.alias}{self.separator}{HEARTBEATS}" if self.options["heartbeat"] else "",
            "identity": self.identity,
            "separator": self.separator,
            "topics": self.topics,
            "topics_exclude": self.excluded,
            **{key: self.options[key] for key in ("heartbeat_max_age", "lag_max", "state")},
        }


def plan(
    items: Sequence[Mapping[str, Any]],
    clusters: Mapping[str, Mapping[str, Any]],
    connect_clusters: Mapping[str, Mapping[str, Any]],
) -> tuple[list[Flow], list[Refusal]]:
    """Return the flows, and what is wrong with them: what was found, and the remedy.

    ``clusters`` and ``connect_clusters`` are those of the topology.
    """
    flows: list[Flow] = []
    refused: list[Refusal] = []
    owners = {address: name for name, found in clusters.items() for address in _addresses(found["bootstrap"]).values()}
    aliases = {
        str(item[end]): str(item[f"{end}_alias"]) for item in items for end in ("source", "target") if item.get(f"{end}_alias")
    }
    for item in items:
        options = {key: item.get(key, option.get("default")) for key, option in MIRROR_SPEC.items()}
        title = f"{item['source']} → {item['target']}"
        problems = [*_wrong(options, clusters, connect_clusters), *_disguised(options, owners)]
        refused += [(f"{title}: {found}", remedy) for found, remedy in problems]
        if problems:
            continue
        connect = _workers(options, connect_clusters)[0]
        source, target = (_place(options, end, clusters, aliases) for end in ("source", "target"))
        name = str(options["name"] or f"{options['source']}-to-{options['target']}")
        flow = Flow(name, source, target, connect, str(connect_clusters[connect]["cluster"]), options)
        refused += [(f"{title}: {found}", remedy) for found, remedy in _cannot(flow, connect_clusters[connect])]
        flows.append(flow)
    return flows, [*refused, *_together(flows)]


def _wrong(
    options: Mapping[str, Any], clusters: Mapping[str, Any], connect_clusters: Mapping[str, Mapping[str, Any]]
) -> Iterator[Refusal]:
    """What keeps a flow from being made at all."""
    for end in ("source", "target"):
        name, bootstrap = options[end], options[f"{end}_bootstrap"]
        if name not in clusters and not bootstrap:
            yield (
                f"{end} {name!r}, which no host of group kafka_broker has as kafka_broker_cluster",
                f"Name one of {', '.join(clusters) or 'no cluster at all'}, or give {end}_bootstrap for a cluster outside of the "
                "inventory",
            )
        elif name in clusters and bootstrap:
            yield f"{end}_bootstrap for a cluster of the inventory", "Remove it: its addresses follow from the inventory"
    if options["source"] == options["target"]:
        yield "one cluster as source and target", "Name two clusters"
    found = _workers(options, connect_clusters)
    if len(found) != 1:
        known = ", ".join(connect_clusters) or "none: put hosts into group kafka_connect"
        what = f"connect {options['connect']!r}" if options["connect"] else f"{len(found)} Connect clusters that could carry it"
        yield what, f"Write the kafka_connect_group_id of its workers as connect. Known: {known}"


def _disguised(options: Mapping[str, Any], owners: dict[str, str]) -> Iterator[Refusal]:
    """Whether an address is one of another cluster; what is new is added to ``owners``."""
    for end in ("source", "target"):
        for written, address in _addresses(options[f"{end}_bootstrap"] or "").items():
            owner = owners.setdefault(address, options[end])
            if owner != options[end]:
                yield (
                    f"{end}_bootstrap with {written!r}, which is an address of cluster {owner}",
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


def _place(options: Mapping[str, Any], end: str, clusters: Mapping[str, Mapping[str, Any]], aliases: Mapping[str, str]) -> Place:
    name = str(options[end])
    found = clusters.get(name, {})
    factor = found.get("default_replication_factor") or BROKER_DEFAULT
    if end == "target" and options["replication_factor"] is not None:
        factor = int(options["replication_factor"])
    return Place(
        name,
        str(options[f"{end}_alias"] or aliases.get(name, name)),
        str(options[f"{end}_bootstrap"] or found.get("bootstrap", "")),
        len(found.get("brokers", ())),
        int(factor),
        tuple(found.get("state_topics", ())),
    )


def _cannot(flow: Flow, workers: Mapping[str, Any]) -> Iterator[Refusal]:
    """What a flow that is clear in itself asks for and cannot have."""
    if flow.options["exactly_once"] and not workers.get("exactly_once"):
        yield (
            "exactly_once, which the workers do not support as they are set",
            f"Set exactly.once.source.support to enabled in kafka_connect_config of the workers of {flow.connect}, or remove "
            "exactly_once",
        )
    if flow.options["exactly_once"] and flow.beside != flow.target.cluster:
        yield (
            f"exactly_once, and workers of {flow.connect} beside {flow.beside}",
            "Let workers beside the target carry it: only there do records and their offsets share one transaction",
        )
    if not flow.topics:
        yield "topics []", "Write names or patterns, or leave it out for all topics"
    if int(flow.options["tasks"]) < 1:
        yield f"tasks {flow.options['tasks']}", "Write at least 1"
    for place in (flow.source, flow.target):
        separated = flow.separator in place.alias
        if not ALIAS.fullmatch(place.alias) or separated:
            yield (
                f"alias {place.alias!r}",
                f"Write an alias of letters, digits, '_' and '-', without {flow.separator!r}: it comes before the names of "
                "mirrored topics, and a loop is seen by it",
            )
    factor, brokers = flow.target.factor, flow.target.brokers
    if factor != BROKER_DEFAULT and (factor < 1 or (brokers and factor > brokers)):
        most = f"at most {brokers}" if brokers else "at least 1"
        yield f"replication_factor {factor}", f"Write {most}, or {BROKER_DEFAULT} for the brokers' own"
    config = flow.options["config"] or {}
    for kind, settings in config.items():
        for key in sorted({*OPTIONS, "name"} & set(settings or ())):
            yield f"config.{kind} with {key}", f"Use {OPTIONS.get(key, 'name')} of the flow, which is checked"
    yield from _state_copied(flow)
    for topic in flow.options["topics"]:
        if not flow.identity and str(topic).startswith(f"{flow.target.alias}{flow.separator}"):
            yield (
                f"topic {topic!r}",
                "Leave it out: MirrorMaker takes a name that begins with the target's alias for one that came from "
                f"{flow.target.cluster}",
            )


def _state_copied(flow: Flow) -> Iterator[Refusal]:
    """Whether a flow that keeps the names of topics would write the state of services over that of others."""
    if not flow.identity:
        return
    for name in sorted({*_names(flow)} & {*flow.target.state_topics}):
        yield f"topic {name!r}, in which {flow.target.cluster} keeps the state of a service of its own", "Leave it out"
    lacking = [name for name in dict.fromkeys([*flow.state_topics, *STATE_NAMES]) if name not in _names(flow)]
    lacking = [name for name in lacking if carries(flow, name)]
    if lacking:
        yield (
            f"policy identity and topics_exclude without {', '.join(lacking)}",
            f"Add {'it' if len(lacking) == 1 else 'them'}, or leave topics_exclude out: what registries and Connect keep there "
            "would be written among what others keep",
        )


def _together(flows: Sequence[Flow]) -> Iterator[Refusal]:
    """What is wrong between flows."""
    ways: dict[tuple[str, str], Flow] = {}
    for flow in flows:
        way = (flow.source.cluster, flow.target.cluster)
        if way in ways:
            yield f"two flows {way[0]} → {way[1]}", "Make one of them, with the topics of both"
        ways.setdefault(way, flow)
    names: dict[tuple[str, str], str] = {}
    for flow in flows:
        title = f"{flow.source.cluster} → {flow.target.cluster}"
        for made in flow.connectors():
            owner = names.setdefault((flow.connect, made["name"]), title)
            if owner != title:
                yield f"connector {made['name']} of both {owner} and {title}", "Give each flow a name of its own"
    yield from _aliases(flows)
    for circle in _circles(list(ways.values())):
        path = " → ".join([circle[0].source.cluster, *(flow.target.cluster for flow in circle)])
        yield from ((f"a circle {path} with {found}", remedy) for found, remedy in _round(circle))


def _aliases(flows: Sequence[Flow]) -> Iterator[Refusal]:
    """One cluster has one alias and one alias means one cluster, or mirrored topics mix and loops are not seen."""
    of_cluster: dict[str, set[str]] = {}
    of_alias: dict[str, set[str]] = {}
    for flow in flows:
        for place in (flow.source, flow.target):
            of_cluster.setdefault(place.cluster, set()).add(place.alias)
            of_alias.setdefault(place.alias, set()).add(place.cluster)
    for cluster, aliases in of_cluster.items():
        if len(aliases) > 1:
            yield (
                f"aliases {', '.join(sorted(aliases))} for cluster {cluster}",
                "Give it one alias in all flows: MirrorMaker knows by it what has been there before",
            )
    for alias, clusters in of_alias.items():
        if len(clusters) > 1:
            yield f"alias {alias} for the clusters {', '.join(sorted(clusters))}", "Give each cluster an alias of its own"


def _circles(flows: Sequence[Flow]) -> Iterator[tuple[Flow, ...]]:
    """Return every circle of flows once, from its first cluster by name."""

    def walk(path: tuple[Flow, ...]) -> Iterator[tuple[Flow, ...]]:
        start, here = path[0].source.cluster, path[-1].target.cluster
        if here == start:
            yield path
            return
        seen = {flow.source.cluster for flow in path}
        for flow in flows:
            if flow.source.cluster == here and here not in seen and flow.target.cluster >= start:
                yield from walk((*path, flow))

    for flow in flows:
        if flow.target.cluster >= flow.source.cluster:
            yield from walk((flow,))


def _round(circle: Sequence[Flow]) -> Iterator[Refusal]:
    """Why a record could go round a circle for ever."""
    unknown = sorted({flow.policy for flow in circle} - {DEFAULT, IDENTITY})
    separators = sorted({flow.separator for flow in circle if not flow.identity})
    if unknown:
        yield f"{POLICY} {', '.join(unknown)}", "Use MirrorMaker's own in a circle: what another one lets go round is not known"
    elif len(separators) > 1 and all(flow.endless for flow in circle):
        yield (
            f"the separators {' and '.join(map(repr, separators))}",
            f"Give all its flows one {SEPARATOR}: a loop is seen by it, and a record would go round for ever",
        )
    elif _loops(circle):
        yield (
            "policy identity and topics that can be the same",
            "Use policy default in every direction, or name topics or patterns that have no topic in common: "
            "a record would go round for ever",
        )


def _loops(circle: Sequence[Flow]) -> bool:
    """Return whether a record may come back under a name that goes round again.

    The default policy knows its own topics by their prefix.  Identity forgets where a topic came from, so a circle of it carries
    the same name round, and a mixed one a name that grows, which only a pattern takes.
    """
    identities = [flow for flow in circle if flow.identity]
    if not identities or not all(overlap(one, other) for one, other in combinations(circle, 2)):
        return False
    return len(identities) == len(circle) or all(flow.endless for flow in circle)


def escaped(patterns: Iterable[Any] | None) -> list[str] | None:
    """Return patterns in which a name stands for itself alone."""
    if patterns is None:
        return None
    return [text.replace(".", r"\.") if LITERAL.fullmatch(text) else text for text in map(str, patterns)]


def _names(flow: Flow) -> list[str]:
    return [str(name) for name in flow.options["topics"]]


def overlap(one: Flow, other: Flow) -> bool:
    """Return whether two flows may carry a topic of the same name; two patterns may, unless their beginnings differ."""
    return any(_meet(mine, one, theirs, other) for mine in _names(one) for theirs in _names(other))


def _meet(mine: str, one: Flow, theirs: str, other: Flow) -> bool:
    literal = [name for name in (mine, theirs) if LITERAL.fullmatch(name)]
    if literal:
        return all(carries(flow, name) for flow in (one, other) for name in literal) and len(set(literal)) == 1
    first, second = _beginning(mine), _beginning(theirs)
    return first.startswith(second) or second.startswith(first)


def _beginning(pattern: str) -> str:
    """Return the characters that every match of a pattern begins with."""
    if "|" in pattern:
        return ""
    text = ""
    for found in re.finditer(r"\\([.\-_])|([A-Za-z0-9_\-])|(.)", pattern):
        if found.group(3):
            # A quantifier belongs to the character before it.
            return text[:-1] if found.group(3) in "*?{" else text
        text += found.group(1) or found.group(2)
    return text


def carries(flow: Flow, topic: str) -> bool:
    """Return whether the filters of a flow let a topic through."""
    return carried(topic, flow.topics, flow.excluded)


def carried(topic: str, topics: Iterable[str], exclude: Iterable[str]) -> bool:
    """Return whether a name matches one of the patterns and none of the excluded ones."""
    return _matches(topic, topics) and not _matches(topic, exclude)


def _matches(topic: str, patterns: Iterable[str]) -> bool:
    return any(_pattern(str(pattern)).fullmatch(topic) for pattern in patterns)


def _pattern(text: str) -> re.Pattern[str]:
    try:
        return re.compile(text)
    except re.error:  # valid in Java only, perhaps: it may match anything
        return re.compile(".*")


def came_from(topic: str, alias: str, separator: str) -> bool:
    """Return whether a topic has been on the cluster of this alias, by the prefixes of the default policy."""
    return alias in topic.split(separator)[:-1]


def kept(flows: Iterable[Flow], cluster: str) -> list[str]:
    """Return the names of the topics that flows bring to a cluster, as patterns of the module ``topics``, perhaps too many."""
    result = []
    for flow in flows:
        if flow.target.cluster != cluster:
            continue
        if flow.identity:
            result += [name if LITERAL.fullmatch(name) else f"{_beginning(name)}*" for name in _names(flow)]
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
