# SPDX-License-Identifier: Apache-2.0
"""What the toolkit knows of each component's options beside the program's own definitions: what else is read, what is refused.

Pure data. The definitions themselves are in artifacts/options.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from re import Pattern

Refused = tuple[tuple[Pattern[str], str], ...]


@dataclass(frozen=True)
class Kind:
    """Options of one kind of file."""

    # Name of the data in artifacts/options, and what has such options.
    options: str
    noun: str
    # The variable that lets unknown ones through.
    unknown: str = ""
    # Other data whose names are taken as they are: options of clients that a worker makes for itself.
    also: tuple[str, ...] = ()
    # Prefix -> data whose names may follow it.
    prefixes: tuple[tuple[Pattern[str], str], ...] = ()
    # Prefixes that anything may follow.
    open: tuple[Pattern[str], ...] = ()
    # Options that the toolkit alone sets, and what to do instead.
    refused: Refused = ()
    # A file in YAML: options may be written as mappings within mappings, and true and false are the only booleans.
    nested: bool = False

    def refusal(self, name: str) -> str:
        """Return '' or what to do instead of setting this option."""
        return next((remedy for pattern, remedy in self.refused if pattern.fullmatch(name)), "")

    @staticmethod
    def literals(prefix: Pattern[str]) -> list[str]:
        """Return the text of a prefix that is only text."""
        text = prefix.pattern.replace("\\.", ".")
        return [text] if re.fullmatch(r"[\w.]+", text) else []


def _of(*options: str) -> Pattern[str]:
    return re.compile("|".join(re.escape(option) for option in options))


def _prefix(text: str) -> Pattern[str]:
    return re.compile(re.escape(text))


# Options that a config provider, the metrics and their reporter of every Kafka program read by prefix.
_KAFKA_OPEN = (
    re.compile(r"config\.providers($|\.[^.]+\.(class$|param\..))"),
    re.compile(r"metrics\.context\..|metrics\.jmx\.(in|ex)clude$"),
)
_MECHANISM = r"(plain|scram-sha-256|scram-sha-512|gssapi|oauthbearer)\."

# What Kafka 4 took out of brokers and topics, and what to do instead. 4.3.1 reads over such an option without a word.
_REMOVED_IN_4: Refused = (
    (re.compile(r"zookeeper\..+|authorizer\.zookeeper\..+"), "Remove it: Kafka 4 has no ZooKeeper"),
    (
        _of("inter.broker.protocol.version"),
        "Remove it: what brokers and controllers speak is metadata.version, a feature of the whole cluster, which a new one gets "
        "in its newest level",
    ),
    (
        _of("log.message.format.version", "message.format.version"),
        "Remove it: there is one format of messages, and the broker no longer converts to older ones",
    ),
    (
        _of("log.message.downconversion.enable", "message.downconversion.enable"),
        "Remove it: the broker no longer converts messages for old clients; every client must be 2.1 or newer",
    ),
    (
        _of("log.message.timestamp.difference.max.ms"),
        "Set log.message.timestamp.before.max.ms and log.message.timestamp.after.max.ms instead",
    ),
    (
        _of("message.timestamp.difference.max.ms"),
        "Set message.timestamp.before.max.ms and message.timestamp.after.max.ms instead",
    ),
    (_of("delegation.token.master.key"), "Set delegation.token.secret.key instead"),
    (re.compile(r"password\.encoder\..+"), "Remove it: it encrypted secrets in ZooKeeper"),
    (
        _of("broker.id.generation.enable", "reserved.broker.max.id"),
        "Remove it: every id is written in the inventory, and none is reserved",
    ),
    (
        _of("control.plane.listener.name"),
        "Remove it: controllers have a listener of their own, and brokers speak to them over that",
    ),
    (
        _of("controlled.shutdown.max.retries", "controlled.shutdown.retry.backoff.ms"),
        "Remove it: a broker stays until the controllers have moved its leaders; kafka_broker_stop_timeout limits that",
    ),
    (_of("eligible.leader.replicas.enable"), "Remove it: it is the feature eligible.leader.replicas.version of a cluster"),
    (_of("leader.imbalance.per.broker.percentage"), "Remove it: the controllers have no such threshold"),
    (_of("auto.include.jmx.reporter"), "Set metric.reporters instead, which has JmxReporter in its default"),
    (
        _of("alter.config.policy.kraft.compatibility.enable", "offsets.commit.required.acks", "group.share.max.groups"),
        "Remove it: it has no successor",
    ),
)


def removed_in_4(name: str) -> str:
    """Return '' or what to do instead of an option of brokers or topics that Kafka 4 no longer has."""
    return next((remedy for pattern, remedy in _REMOVED_IN_4 if pattern.fullmatch(name)), "")


TOPIC = Kind(options="topic", noun="a topic")
# Its class may read anything beside what Connect does.
CONNECTOR = Kind(
    options="connector",
    noun="a connector",
    prefixes=tuple((_prefix(f"{client}.override."), client) for client in ("producer", "consumer", "admin")),
    open=(re.compile("."),),
)
# Of the connectors that carry a flow: each has clients of both clusters, and parts that people may replace.
_CLIENTS = ("producer", "consumer", "admin")
MIRRORS = {
    kind: Kind(
        options=f"mirror_{kind}",
        noun=f"MirrorMaker's {kind} connector",
        unknown="kafka_connect_unknown_options",
        also=("connector",),
        prefixes=(
            *((_prefix(f"{end}{client}."), client) for client in _CLIENTS for end in ("", "source.", "target.")),
            *((_prefix(f"{end}.cluster."), client) for client in _CLIENTS for end in ("source", "target")),
            *((_prefix(f"{client}.override."), client) for client in _CLIENTS),
        ),
        open=(
            re.compile(r"(transforms|predicates|topic\.creation|(key|value|header)\.converter)\.."),
            re.compile(r"(replication\.policy|(topic|group|config\.property)\.filter|forwarding\.admin)\.."),
        ),
    )
    for kind in ("source", "checkpoint", "heartbeat")
}
# What the plan of connectors judges, with more words.
CONNECTOR_ELSEWHERE = ("name", "connector.class", "tasks.max")
# Of the toolkit's own clients.
CLIENT = Kind(options="client", noun="a client")
# Kafka looks for the name of the listener in lower case, and for SASL for the mechanism in lower case behind it.
_LISTENERS = (
    (re.compile(rf"listener\.name\.[^.A-Z]+\.{_MECHANISM}(?=sasl\.)"), "broker"),
    (re.compile(r"listener\.name\.[^.A-Z]+\."), "broker"),
)
_QUORUM = _of("process.roles", "controller.quorum.voters", "controller.quorum.bootstrap.servers", "controller.listener.names")
KINDS = {
    "kafka_controller": Kind(
        options="broker",
        noun="a controller",
        unknown="kafka_controller_unknown_options",
        prefixes=_LISTENERS,
        open=_KAFKA_OPEN,
        refused=(
            (_QUORUM, "Remove it: it follows from group kafka_controller"),
            (_of("broker.id"), "Remove it: the id of a controller is kafka_controller_id and nothing else"),
            (_of("log.dir", "log.dirs", "metadata.log.dir"), "Set kafka_controller_data_dir instead"),
            (
                _of("listeners", "advertised.listeners"),
                "Set kafka_controller_port instead: everybody who looks for the controller reads that",
            ),
            (
                _of("default.replication.factor", "min.insync.replicas", "num.partitions"),
                "Set it for the brokers of the cluster, such as kafka_broker_min_insync_replicas: the controllers follow those",
            ),
        ),
    ),
    "kafka_broker": Kind(
        options="broker",
        noun="a broker",
        unknown="kafka_broker_unknown_options",
        prefixes=_LISTENERS,
        # Of tiered storage: the prefixes that remote.log.*.impl.prefix has unless it is set.
        open=(*_KAFKA_OPEN, re.compile(r"(rsm|rlmm)\.config\..")),
        refused=(
            (
                _of("zookeeper.connect"),
                "Remove it: it follows from kafka_broker_ensemble and kafka_broker_chroot",
            ),
            (_of("log.dir"), "Set kafka_broker_log_dirs instead: Kafka reads log.dirs, which is always set"),
            (
                _of("log.retention.hours", "log.retention.minutes"),
                "Set kafka_broker_log_retention_ms instead: Kafka reads log.retention.ms, which is always set",
            ),
            (
                _of("node.id", "broker.id.generation.enable"),
                "Remove it: the id of a broker is kafka_broker_id and nothing else",
            ),
            (_QUORUM, "Remove it: a cluster has ZooKeeper, the controllers of group kafka_controller, or kafka_broker_combined"),
            (
                _of("zookeeper.metadata.migration.enable"),
                "Remove it: playbooks/migrate.yml writes it where it belongs, see docs/operations/migrate.md",
            ),
            (
                _of("host.name", "port"),
                "Set kafka_broker_listeners instead: Kafka has had no such option since 3.0",
            ),
            (
                _of("advertised.host.name", "advertised.port"),
                "Set kafka_broker_advertised_listeners instead: Kafka has had no such option since 3.0",
            ),
        ),
    ),
    "kafka_connect": Kind(
        options="connect",
        noun="a worker",
        unknown="kafka_connect_unknown_options",
        also=("producer", "consumer", "admin"),
        prefixes=(
            (_prefix("producer."), "producer"),
            (_prefix("consumer."), "consumer"),
            (_prefix("admin."), "admin"),
            # TLS of the REST interface.
            (_prefix("listeners.https."), "connect"),
            (_prefix("admin.listeners.https."), "connect"),
            # Settings of the topics that the worker makes.
            (_prefix("config.storage."), "topic"),
            (_prefix("offset.storage."), "topic"),
            (_prefix("status.storage."), "topic"),
        ),
        open=(*_KAFKA_OPEN, re.compile(r"(key|value|header)\.converter\..")),
        refused=(
            (_of("bootstrap.servers"), "Remove it: the addresses follow from kafka_connect_cluster"),
            (
                _of("rest.port", "rest.host.name"),
                "Set kafka_connect_listeners instead: Kafka has had no such option since 3.0",
            ),
        ),
    ),
    "zookeeper": Kind(
        options="zookeeper",
        noun="a server",
        unknown="zookeeper_unknown_options",
        open=(re.compile(r"metricsProvider\..|authProvider\..|(group|weight)\.[0-9]+$"),),
        refused=(
            (
                re.compile(r"server\.[0-9]+"),
                "Remove it: the servers follow from group zookeeper, with the zookeeper_id and the ports of each",
            ),
            (
                _of("dataLogDir"),
                "Remove it: the transaction log is in zookeeper_data_dir, the one directory that the service may write to",
            ),
            (_of("dynamicConfigFile"), "Remove it: the servers follow from group zookeeper, and are in zoo.cfg"),
            (
                _of("jute.maxbuffer"),
                "Add -Djute.maxbuffer=… to zookeeper_jvm_flags instead: ZooKeeper does not read it from zoo.cfg",
            ),
        ),
    ),
    "elasticsearch": Kind(
        options="node",
        noun="a node",
        unknown="elasticsearch_unknown_options",
        # Settings of what the build for integration tests, of which the data are, does not have: most of X-Pack, the ingest
        # processors, the repositories, the plugins for clouds; and those of each thread pool.
        open=(
            re.compile(
                r"(xpack|ingest|reindex|script\.painless|thread_pool|s3\.client|gcs\.client|azure\.client|repositories\.url)\.."
            ),
            re.compile(r"(discovery\.(ec2|gce|azure)|cloud|data_streams|searchable_snapshots|stack)\.."),
        ),
        refused=(
            (_of("node.name"), "Remove it: a node has the name of its host"),
            (
                _of("discovery.seed_hosts", "cluster.initial_master_nodes", "discovery.type"),
                "Remove it: the nodes follow from group elasticsearch",
            ),
        ),
        nested=True,
    ),
    "kibana": Kind(
        options="kibana",
        noun="its server",
        unknown="kibana_unknown_options",
        # Of its plugins, whose settings are not all in the documentation that the data are taken from.
        open=(
            re.compile(r"(logging\.appenders|elasticsearch\.customHeaders|server\.customResponseHeaders)\.."),
            re.compile(
                r"(console|data|data_views|dev|enterpriseSearch|externalUrl|feature_flags|interactiveSetup|map|migrations)\.."
            ),
            re.compile(
                r"(monitoring|notifications|plugins|savedObjects|search|share|telemetry|uiSettings|unifiedSearch|xpack)\.."
            ),
        ),
        refused=(
            (_of("elasticsearch.hosts"), "Remove it: the addresses follow from group elasticsearch"),
            (
                re.compile(r"logging\.(dest|events|filter|json|quiet|rotate\..+|silent|timezone|useUTC|verbose)"),
                "Set kibana_log_level, or logging.appenders and logging.root, instead: Kibana 8 has no such setting",
            ),
            (
                _of("kibana.index", "kibana.defaultAppId", "regionmap", "map.regionmap", "xpack.security.enabled"),
                "Remove it: Kibana 8 has no such setting",
            ),
            (_of("server.maxPayloadBytes"), "Set server.maxPayload instead: Kibana 8 has no such setting"),
            (_of("server.keepAliveTimeout"), "Set server.keepaliveTimeout instead: that is how Kibana writes it"),
            (_of("server.ssl.cert"), "Set server.ssl.certificate instead: Kibana 8 has no such setting"),
            (_of("server.xsrf.whitelist"), "Set server.xsrf.allowlist instead: Kibana 8 has no such setting"),
        ),
        nested=True,
    ),
}
