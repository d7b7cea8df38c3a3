# SPDX-License-Identifier: Apache-2.0
"""A flow between two clusters with everything decided, and the connectors of MirrorMaker 2 that it is made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.estate.kafka.plugins.module_utils.mirrors.patterns import HEARTBEATS, LITERAL, carried, escaped
from ansible_collections.estate.kafka.plugins.module_utils.text import as_strings

PACKAGE = "org.apache.kafka.connect.mirror."
DEFAULT, IDENTITY = f"{PACKAGE}DefaultReplicationPolicy", f"{PACKAGE}IdentityReplicationPolicy"
INTERNAL_SEPARATOR = "replication.policy.internal.topic.separator.enabled"
POLICY, SEPARATOR = "replication.policy.class", "replication.policy.separator"
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


def _prefixed(prefix: str, login: Mapping[str, str]) -> dict[str, str]:
    return {f"{prefix}{name}": value for name, value in login.items()}


@dataclass(frozen=True)
class Endpoint:
    """One end of a flow."""

    cluster: str
    alias: str
    bootstrap: str
    # 0 for a cluster outside of the inventory.
    brokers: int
    factor: int
    # Topics in which services of the inventory keep their state.
    state_topics: tuple[str, ...]
    # With what connectors log in there, as settings of a client; nothing in an open estate.
    login: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Flow:
    """A flow with everything decided; ``options`` are those of the inventory with their defaults."""

    name: str
    source: Endpoint
    target: Endpoint
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
        return not all(LITERAL.fullmatch(name) for name in self.names)

    @property
    def names(self) -> list[str]:
        """The names and patterns of topics as the inventory has them."""
        return [str(name) for name in self.options["topics"]]

    def carries(self, topic: str) -> bool:
        """Return whether the filters let a topic through."""
        return carried(topic, self.topics, self.excluded)

    def _settings(self, kind: str) -> dict[str, str | None]:
        config = self.options["config"] or {}
        return {**as_strings(config.get("all")), **as_strings(config.get(kind))}

    def setting(self, kind: str, name: str) -> str | None:
        """Return what the inventory sets for a kind of connector."""
        return self._settings(kind).get(name)

    def says(self, kind: str, name: str, default: bool) -> bool:
        """Return a setting that is true or false."""
        value = self.setting(kind, name)
        return default if value is None else value.strip().lower() == "true"

    def internal(self, name: str) -> str:
        """Return the whole name of a topic that MirrorMaker keeps for itself."""
        return f"{name}{self.separator if self.says('source', INTERNAL_SEPARATOR, True) else '.'}internal"

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
            **_prefixed("source.cluster.", self.source.login),
            **({POLICY: IDENTITY} if self.options["policy"] == "identity" else {}),
            **own,
        }
        config = {key: value for key, value in {**as_strings(settings), **self._settings(kind)}.items() if value is not None}
        return {"name": name, "config": config, "state": self.options["state"]}

    def _into(self, endpoint: Endpoint) -> dict[str, Any]:
        """Where the records of a connector go."""
        override = {} if endpoint.cluster == self.beside else {"producer.override.bootstrap.servers": endpoint.bootstrap}
        # The producer would take the worker's login, and what else the connector opens would take none.
        logins = {**_prefixed("target.cluster.", endpoint.login), **_prefixed("producer.override.", endpoint.login)}
        return {"target.cluster.bootstrap.servers": endpoint.bootstrap, **override, **logins}

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
            # It would take the right to alter the whole target. Who may do what there, its own inventory says.
            **({"sync.topic.acls.enabled": False} if self.target.login else {}),
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
        """Return what the estate topology holds of the flow: no settings, so no secrets."""
        known = [endpoint.cluster for endpoint in (self.target, self.source) if endpoint.brokers]
        ends = {"source": self.source, "target": self.target}
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
            # The cluster whose brokers ask each end how far the flow is: its own, where it is one of the inventory.
            "asked_by": {
                end: endpoint.cluster if endpoint.brokers else (known or [self.beside])[0] for end, endpoint in ends.items()
            },
            "heartbeats": f"{self.source.alias}{self.separator}{HEARTBEATS}" if self.options["heartbeat"] else "",
            "identity": self.identity,
            "separator": self.separator,
            "topics": self.topics,
            "topics_exclude": self.excluded,
            **{key: self.options[key] for key in ("heartbeat_max_age", "lag_max", "state")},
        }
