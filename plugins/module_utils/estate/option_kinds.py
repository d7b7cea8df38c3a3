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

TOPIC = Kind(options="topic", noun="a topic")
KINDS = {
    "kafka_broker": Kind(
        options="broker",
        noun="a broker",
        unknown="kafka_broker_unknown_options",
        # Kafka looks for the name of the listener in lower case, and for SASL for the mechanism in lower case behind it.
        prefixes=(
            (re.compile(rf"listener\.name\.[^.A-Z]+\.{_MECHANISM}(?=sasl\.)"), "broker"),
            (re.compile(r"listener\.name\.[^.A-Z]+\."), "broker"),
        ),
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
            (
                _of(
                    "process.roles",
                    "controller.quorum.voters",
                    "controller.quorum.bootstrap.servers",
                    "controller.listener.names",
                ),
                "Remove it: the brokers of this toolkit have ZooKeeper, and no controllers of their own",
            ),
            (
                _of("zookeeper.metadata.migration.enable"),
                "Remove it: the move of a cluster away from ZooKeeper is not implemented yet",
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
}
