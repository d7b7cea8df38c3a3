"""What Grafana's dashboards show: panels with their queries, units and meanings.  ``dashboards.py`` makes JSON of it.

A panel is a row: its kind, title, meaning, unit and queries.  A query is PromQL with a legend: the values of labels, then words.
``rate``, ``rates``, ``total``, ``most`` and ``count`` write the queries that occur often; they keep the labels of their legend.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Panel:
    """A panel. ``queries`` are pairs of PromQL and legend; ``quiet`` says why it may have no data on a healthy estate."""

    title: str
    description: str
    unit: str
    queries: tuple[tuple[str, str], ...]
    width: int = 12
    height: int = 8
    quiet: str = ""


@dataclass(frozen=True)
class Line(Panel):
    """Values over time."""

    stacked: bool = False
    least: float | None = 0
    most: float | None = None


@dataclass(frozen=True)
class Number(Panel):
    """One number for each series, now."""

    width: int = 4
    height: int = 4
    red_from: float | None = None
    orange_from: float | None = None
    red_below: float | None = None


@dataclass(frozen=True)
class Rows(Panel):
    """A table with one line for each series."""

    hidden: tuple[str, ...] = ()
    names: Mapping[str, str] = field(default_factory=dict)
    units: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Row:
    """A heading."""

    title: str


@dataclass(frozen=True)
class Variable:
    """A choice at the top: the values a label has in a metric."""

    name: str
    label: str
    metric: str


@dataclass(frozen=True)
class Board:
    """A dashboard."""

    name: str
    title: str
    description: str
    variables: tuple[Variable, ...]
    parts: tuple[Panel | Row, ...]


Query = tuple[str, str]
RATE = "[$__rate_interval]"


def q(expr: str, labels: str = "", words: str = "") -> Query:
    """Return a query whose legend is the values of labels and then words."""
    return expr, " ".join([*(f"{{{{{label}}}}}" for label in labels.split()), *([words] if words else [])])


def rate(labels: str, counter: str, words: str = "") -> Query:
    """Return how fast each counter grows."""
    return q(f"rate({counter}{RATE})", labels, words)


def rates(labels: str, counter: str, words: str = "") -> Query:
    """Return how fast counters grow, added up to what differs in the labels."""
    return total(labels, f"rate({counter}{RATE})", words)


def total(labels: str, expr: str, words: str = "") -> Query:
    """Return the sum for each value of the labels."""
    return _by("sum", labels, expr, words)


def most(labels: str, expr: str, words: str = "") -> Query:
    """Return the largest for each value of the labels."""
    return _by("max", labels, expr, words)


def count(labels: str, expr: str) -> Query:
    """Return how many there are for each value of the labels."""
    return _by("count", labels, expr, "")


def _by(function: str, labels: str, expr: str, words: str) -> Query:
    return q(f"{function} by ({', '.join(labels.split())}) ({expr})", labels, words)


def line(title: str, description: str, unit: str, *queries: Query, **more: Any) -> Line:
    """Return a panel of values over time."""
    return Line(title, description, unit, queries, **more)


def number(title: str, description: str, query: Query, unit: str = "none", **more: Any) -> Number:
    """Return a panel of numbers."""
    return Number(title, description, unit, (query,), **more)


def rows(title: str, description: str, query: Query, unit: str = "none", hidden: str = "", **more: Any) -> Rows:
    """Return a table; ``hidden`` names the columns it leaves out."""
    return Rows(title, description, unit, (query,), hidden=tuple(hidden.split()), **more)


def produce(part: str, words: str) -> Query:
    """Return how long one part of a produce request takes."""
    return q(f'max(kafka_network_requestmetrics_{part}{{cluster=~"$cluster", request="Produce", quantile="0.99"}})', words=words)


CLUSTER = Variable("cluster", "Cluster", "kafka_server_kafkaserver_brokerstate")
BROKER = '{cluster=~"$cluster"}'
WHOLE = '{cluster=~"$cluster", topic=""}'
TOPIC = '{cluster=~"$cluster", topic=~"$topic"}'
LAG = 'cluster_group_topic:kafka_consumer_lag:sum{cluster=~"$cluster", topic=~"$topic", group=~"$group"}'
CONNECTOR = '{connector=~"$connector"}'
HOST = '{host=~"$host"}'
DISKS = 'host=~"$host", fstype!~"tmpfs|ramfs|overlay|squashfs|nsfs|fuse.*"'
CARDS = 'host=~"$host", device!~"lo|veth.*|docker.*|br-.*"'
# Columns of a table that say nothing about its lines.
PLAIN = "__name__ instance job role Value"
# Why a panel is quiet.
NO_GROUP = "no consumer group has committed an offset"
NO_MIRROR = "no mirror runs"
NO_CONNECTOR = "no connector is there"
ON_ZOOKEEPER = "the clusters have ZooKeeper"

# The rows: one panel each, its queries on lines of their own where they do not fit.
# fmt: off
ESTATE = Board(
    "estate", "Estate overview", "Everything at a glance: what is down, what every cluster does, how the hosts are.",
    (),
    (
        Row("Is everything there"),
        number("Targets down", "Services whose metrics cannot be read now.", q("count(up == 0) or vector(0)"), red_from=1),
        number("Brokers", "Brokers that are running.", q("sum(kafka_server_kafkaserver_brokerstate == bool 3)")),
        number("Controllers", "Controllers of each cluster; exactly one is right.",
            total("cluster", "kafka_controller_kafkacontroller_activecontrollercount"), width=5, red_below=1),
        number("Offline partitions", "Partitions without a leader: nobody can read or write them.",
            q("sum(kafka_controller_kafkacontroller_offlinepartitionscount)"), red_from=1),
        number("Under-replicated partitions", "Partitions with a replica that is not in sync.",
            q("sum(kafka_server_replicamanager_underreplicatedpartitions)"), red_from=1),
        number("Alerts", "Alerts that fire now.", q('count(ALERTS{alertstate="firing"}) or vector(0)'), width=3, red_from=1),
        rows("Targets", "Every service Prometheus asks: 1 answers, 0 does not.",
            q("up"), hidden="__name__ instance role", names={"Value": "answers", "job": "component"}),
        rows("Alerts that fire or are about to", "Empty when all is well.",
            q("ALERTS"), hidden="__name__ instance Value", quiet="nothing is wrong"),
        Row("What the clusters do"),
        line("Messages in", "Records written per second.", "cps", q("cluster:kafka_messages_in:rate5m", "cluster")),
        line("Traffic", "Bytes written by producers and read by consumers.", "Bps",
            q("cluster:kafka_bytes_in:rate5m", "cluster", "in"), q("cluster:kafka_bytes_out:rate5m", "cluster", "out")),
        line("Consumer lag", "Records that consumer groups have yet to read.", "short",
            total("cluster group", "cluster_group_topic:kafka_consumer_lag:sum"), quiet=NO_GROUP),
        line("Mirror and sink lag", "Records that connectors have yet to read.", "short",
            q("cluster_topic:kafka_connect_lag:sum", "cluster topic"), quiet=NO_MIRROR),
        Row("Hosts"),
        line("CPU", "Share of all processors that is busy.", "percentunit", q("host:cpu_busy:ratio5m", "host"), most=1),
        line("Memory", "Share of memory in use, caches not counted.", "percentunit", q("host:memory_used:ratio", "host"), most=1),
    ),
)

CLUSTERS = Board(
    "cluster", "Kafka cluster", "Brokers, replication, requests, threads and JVMs of the chosen clusters.",
    (CLUSTER,),
    (
        Row("State"),
        number("Brokers", "Brokers that are running.", q(f"sum(kafka_server_kafkaserver_brokerstate{BROKER} == bool 3)")),
        number("Controllers", "Exactly one for each cluster is right.",
            total("cluster", f"kafka_controller_kafkacontroller_activecontrollercount{BROKER}"), red_below=1),
        number("Topics", "Topics of each cluster.",
            most("cluster", f"kafka_controller_kafkacontroller_globaltopiccount{BROKER}")),
        number("Partitions", "Partitions of each cluster.",
            most("cluster", f"kafka_controller_kafkacontroller_globalpartitioncount{BROKER}")),
        number("Under min-ISR", "Partitions that refuse writes with acks=all.",
            q(f"sum(kafka_server_replicamanager_underminisrpartitioncount{BROKER})"), red_from=1),
        number("Offline log directories", "Disks that failed.",
            q(f"sum(kafka_log_logmanager_offlinelogdirectorycount{BROKER})"), red_from=1),
        rows("Versions", "Version of each broker.", q(f"kafka_server_version{BROKER}"), hidden=PLAIN),
        line("Leaders", "Partitions that a broker leads. They should be spread evenly.", "none",
            q(f"kafka_server_replicamanager_leadercount{BROKER}", "cluster host")),
        Row("Traffic"),
        line("Messages in", "Records written per second.", "cps",
            rates("cluster host", f"kafka_server_brokertopicmetrics_messagesin_total{WHOLE}")),
        line("Bytes in", "Written by producers.", "Bps",
            rates("cluster host", f"kafka_server_brokertopicmetrics_bytesin_total{WHOLE}")),
        line("Bytes out", "Read by consumers.", "Bps",
            rates("cluster host", f"kafka_server_brokertopicmetrics_bytesout_total{WHOLE}")),
        line("Replication", "Between brokers: in and out.", "Bps",
            rates("cluster", f"kafka_server_brokertopicmetrics_replicationbytesin_total{BROKER}", "in"),
            rates("cluster", f"kafka_server_brokertopicmetrics_replicationbytesout_total{BROKER}", "out")),
        line("Reassignment", "What moves of replicas cost.", "Bps",
            rates("cluster", f"kafka_server_brokertopicmetrics_reassignmentbytesin_total{BROKER}"),
            quiet="no replica has been moved since the brokers started"),
        line("Connections", "Open connections of clients and other brokers.", "none",
            total("cluster host", f"kafka_server_socketservermetrics_connection_count{BROKER}")),
        Row("Replication"),
        line("Under-replicated partitions", "Partitions led here with a replica that is not in sync.", "none",
            q(f"kafka_server_replicamanager_underreplicatedpartitions{BROKER}", "cluster host")),
        line("In-sync sets that shrink and grow", "Per second. A broker that comes and goes, or cannot keep up.", "cps",
            rates("cluster", f"kafka_server_replicamanager_isrshrinks_total{BROKER}", "shrink"),
            rates("cluster", f"kafka_server_replicamanager_isrexpands_total{BROKER}", "grow")),
        line("Replica lag", "Records the slowest follower on a broker is behind.", "short",
            most("cluster host", f"kafka_server_replicafetchermanager_maxlag{BROKER}")),
        line("Elections", "Leader elections per second; an unclean one has lost records.", "cps",
            rates("cluster", f"kafka_controller_controllerstats_leaderelections_total{BROKER}"),
            rates("cluster", f"kafka_controller_controllerstats_uncleanleaderelections_total{BROKER}", "unclean")),
        Row("Requests"),
        line("Requests", "Per second, by kind.", "reqps",
            rates("request", f"kafka_network_requestmetrics_requests_total{BROKER}")),
        line("Errors", "Answers with an error per second, by kind.", "reqps",
            rates("request error", f"kafka_network_requestmetrics_errors_total{BROKER}"),
            quiet="no request has been refused since the brokers started"),
        line("Time of requests", "99 of 100 are faster; a follower's and a consumer's fetch waits for new records.", "ms",
            most("request", 'kafka_network_requestmetrics_totaltimems{cluster=~"$cluster", quantile="0.99"}')),
        line("Where a produce request spends its time", "Each part, 99 of 100 are faster: queue, disk, followers, answer.", "ms",
            produce("requestqueuetimems", "in the queue"),
            produce("localtimems", "on the leader"),
            produce("remotetimems", "waiting for followers"),
            produce("responsequeuetimems", "in the queue of answers"),
            produce("responsesendtimems", "sending"),
            produce("throttletimems", "held by a quota")),
        line("Idle request handlers", "Share of time; below 0.3 the broker is near its limit.", "percentunit",
            q(f"kafka_server_kafkarequesthandlerpool_requesthandleravgidle_ratio{BROKER}", "cluster host"), most=1),
        line("Idle network threads", "Share of time; below 0.3 the broker is near its limit.", "percentunit",
            q(f"kafka_network_socketserver_networkprocessoravgidle_ratio{BROKER}", "cluster host"), most=1),
        line("Requests in the queue", "Requests no thread has taken yet.", "none",
            q(f"kafka_network_requestchannel_requestqueuesize{BROKER}", "cluster host")),
        line("Waiting requests", "Requests that wait for records, followers or a timeout.", "none",
            total("operation", f"kafka_server_delayedoperationpurgatory_purgatorysize{BROKER}")),
        Row("Controllers of clusters without ZooKeeper"),
        number("Controllers that vote", "Those that lead or follow; a majority is needed.",
            count("cluster", 'kafka_server_raft_state{cluster=~"$cluster", state=~"leader|follower"}'),
            width=6, quiet=ON_ZOOKEEPER),
        number("Epoch", "Grows by one with each election.",
            most("cluster", f"kafka_server_raft_current_epoch{BROKER}"), width=6, quiet=ON_ZOOKEEPER),
        rows("Parts of controllers", "Each controller and its part.",
            q(f"kafka_server_raft_state{BROKER}"), hidden=PLAIN, quiet=ON_ZOOKEEPER),
        line("Behind the active one", "Milliseconds since it applied a record; one comes twice a second.", "ms",
            q(f"kafka_controller_kafkacontroller_lastappliedrecordlagms{BROKER}", "cluster host"), quiet=ON_ZOOKEEPER),
        line("Commits of metadata", "Milliseconds until a majority has a record.", "ms",
            q(f"kafka_server_raft_commit_latency_avg{BROKER}", "cluster", "average"),
            q(f"kafka_server_raft_commit_latency_max{BROKER}", "cluster", "most"), quiet=ON_ZOOKEEPER),
        Row("Disk, ZooKeeper and JVM"),
        line("Log flush", "Milliseconds a flush takes; 99 of 100 are faster.", "ms",
            q('kafka_log_logflushstats_logflushtimems{cluster=~"$cluster", quantile="0.99"}', "cluster host")),
        line("ZooKeeper latency", "As the broker sees it; 99 of 100 are faster.", "ms",
            q('kafka_server_zookeeperclientmetrics_zookeeperrequestlatencyms{cluster=~"$cluster", quantile="0.99"}',
              "cluster host")),
        line("Heap", "Heap in use.", "bytes",
            total("cluster host", 'jvm_memory_used_bytes{role="kafka_broker", cluster=~"$cluster", area="heap"}')),
        line("Garbage collection", "Share of time the JVM collects.", "percentunit",
            rates("cluster host", 'jvm_gc_collection_seconds_sum{role="kafka_broker", cluster=~"$cluster"}')),
        line("Processor of the broker", "Processors the process uses.", "none",
            rate("cluster host", 'process_cpu_seconds_total{role="kafka_broker", cluster=~"$cluster"}')),
        line("Open files", "Files and connections the process has open.", "none",
            q('process_open_fds{role="kafka_broker", cluster=~"$cluster"}', "cluster host")),
    ),
)

TOPICS = Board(
    "topics", "Topics and consumer lag", "What is written to each topic, how large it is, and how far its readers are behind.",
    (CLUSTER, Variable("topic", "Topic", "kafka_log_log_size"),
     Variable("group", "Group", "cluster_group_topic:kafka_consumer_lag:sum")),
    (
        Row("Topics"),
        line("Messages in", "Records written per second.", "cps",
            q(f"cluster_topic:kafka_messages_in:rate5m{TOPIC}", "cluster topic")),
        line("Bytes in", "Written by producers.", "Bps",
            rates("cluster topic", f"kafka_server_brokertopicmetrics_bytesin_total{TOPIC}")),
        line("Bytes out", "Read by consumers.", "Bps",
            rates("cluster topic", f"kafka_server_brokertopicmetrics_bytesout_total{TOPIC}")),
        line("Size", "Bytes on disk, all replicas together.", "bytes",
            q(f"cluster_topic:kafka_log_bytes:sum{TOPIC}", "cluster topic")),
        rows("Partitions per topic", "Partitions of each topic.",
            q(f"count by (cluster, topic) (count by (cluster, topic, partition) (kafka_log_log_size{TOPIC}))"),
            names={"Value": "partitions"}),
        line("Failed requests", "Produce and fetch requests of a topic that failed, per second.", "reqps",
            rates("cluster topic", f"kafka_server_brokertopicmetrics_failedproducerequests_total{TOPIC}", "produce"),
            rates("cluster topic", f"kafka_server_brokertopicmetrics_failedfetchrequests_total{TOPIC}", "fetch"),
            quiet="no request has failed since the brokers started"),
        Row("Readers"),
        line("Lag by group", "Records a consumer group has yet to read.", "short", total("cluster group", LAG), quiet=NO_GROUP),
        line("Lag by group and topic", "Records a consumer group has yet to read of a topic.", "short",
            q(LAG, "cluster group topic"), quiet=NO_GROUP),
        line("Records consumed", "Per minute, by the offsets a group commits.", "cpm",
            q('60 * (sum by (cluster, group, topic) '
              f'(rate(kafka_consumer_group_offset{{cluster=~"$cluster", group=~"$group", topic=~"$topic"}}{RATE})) '
              'or sum by (cluster, group, topic) '
              f'(label_replace(rate(kafka_consumergroup_current_offset{TOPIC}{RATE}), "group", "$1", "consumergroup", "(.+)")))',
              "cluster group topic"),
            quiet=NO_GROUP),
        line("Groups", "Consumer groups of each cluster, by how they are.", "none",
            total("cluster", f"kafka_coordinator_group_groupmetadatamanager_numgroups{BROKER}", "all"),
            total("cluster", f"kafka_coordinator_group_groupmetadatamanager_numgroupsstable{BROKER}", "stable"),
            total("cluster", f"kafka_coordinator_group_groupmetadatamanager_numgroupsempty{BROKER}", "empty"),
            total("cluster", f"kafka_coordinator_group_groupmetadatamanager_numgroupspreparingrebalance{BROKER}", "rebalancing")),
    ),
)

CONNECT = Board(
    "connect", "Connect and mirrors", "Workers, connectors and tasks of Kafka Connect, and how far the mirrors are behind.",
    (Variable("connector", "Connector", "kafka_connect_connector_metrics_status"),),
    (
        Row("State"),
        number("Workers", "Workers that answer.", q('sum(up{role="kafka_connect"})'), red_below=1),
        number("Connectors", "Connectors on all workers.", q("sum(kafka_connect_connect_worker_metrics_connector_count)")),
        number("Tasks", "Tasks on all workers.", q("sum(kafka_connect_connect_worker_metrics_task_count)")),
        number("Failed tasks", "Tasks that have stopped with an error.",
            q("sum(kafka_connect_connect_worker_metrics_connector_failed_task_count) or vector(0)"), red_from=1),
        number("Rebalancing", "Workers that are sharing out the work again.",
            q("sum(kafka_connect_connect_worker_rebalance_metrics_rebalancing)"), orange_from=1),
        rows("State of connectors", "Each connector and how it is.",
            q(f"kafka_connect_connector_metrics_status{CONNECTOR}"), hidden=PLAIN, quiet=NO_CONNECTOR),
        rows("State of tasks", "Each task, its worker and how it is.",
            q(f"kafka_connect_connector_task_metrics_status{CONNECTOR}"), hidden=PLAIN, quiet=NO_CONNECTOR),
        Row("Work"),
        line("Records of sources", "Read from the source and written to Kafka, per second. A mirror is a source.", "cps",
            rates("connector", f"kafka_connect_source_task_metrics_source_record_poll_total{CONNECTOR}", "read"),
            rates("connector", f"kafka_connect_source_task_metrics_source_record_write_total{CONNECTOR}", "written"),
            quiet="no source connector runs"),
        line("Records of sinks", "Read from Kafka and handed to the sink, per second.", "cps",
            rates("connector", f"kafka_connect_sink_task_metrics_sink_record_read_total{CONNECTOR}", "read"),
            rates("connector", f"kafka_connect_sink_task_metrics_sink_record_send_total{CONNECTOR}", "handed over"),
            quiet="no sink connector runs"),
        line("Errors", "Records that failed or were left out, per second.", "cps",
            rates("connector", f"kafka_connect_task_error_metrics_record_failures_total{CONNECTOR}", "failed"),
            rates("connector", f"kafka_connect_task_error_metrics_records_skipped_total{CONNECTOR}", "left out"),
            quiet=NO_CONNECTOR),
        line("Offset commits", "Milliseconds a commit takes on average.", "ms",
            most("connector", f"kafka_connect_connector_task_metrics_offset_commit_avg_time_ms{CONNECTOR}"),
            quiet="no task has committed"),
        Row("Mirrors"),
        line("Mirrored records", "Written to the target per second, by the topic's name there.", "cps",
            rates("target topic", "kafka_connect_mirror_mirrorsourceconnector_records_total"), quiet=NO_MIRROR),
        line("Mirrored bytes", "Written to the target.", "Bps",
            rates("target topic", "kafka_connect_mirror_mirrorsourceconnector_bytes_total"), quiet=NO_MIRROR),
        line("Delay of mirrors",
            "Time from a record's own time stamp to its arrival in the target. The last value stays while nothing is sent.", "ms",
            most("target topic", "kafka_connect_mirror_mirrorsourceconnector_replication_latency_ms_avg", "average"),
            most("target topic", "kafka_connect_mirror_mirrorsourceconnector_replication_latency_ms_max", "most"),
            quiet=NO_MIRROR),
        line("Lag of mirrors and sinks", "Records they have yet to read; a dot in a topic's name shows as _ here.", "short",
            q("sum by (client_id, topic) (kafka_consumer_fetch_manager_metrics_records_lag)", "topic"), quiet=NO_MIRROR),
        Row("Workers"),
        line("Heap", "Heap in use.", "bytes", total("host", 'jvm_memory_used_bytes{role="kafka_connect", area="heap"}')),
        line("Processor", "Processors the worker uses.", "none", rate("host", 'process_cpu_seconds_total{role="kafka_connect"}')),
        line("Rebalances", "Rebalances that were finished, per hour.", "none",
            q("increase(kafka_connect_connect_worker_rebalance_metrics_completed_rebalances_total[1h])", "host")),
        line("Latency of producers", "Average time of a request of the producers inside the workers.", "ms",
            most("host", "kafka_producer_producer_metrics_request_latency_avg"),
            quiet="no producer has sent anything for a while"),
    ),
)

ZOOKEEPER = Board(
    "zookeeper", "ZooKeeper", "The ensembles: who leads, how fast, how large.",
    (),
    (
        Row("State"),
        number("Servers that serve", "By ensemble.", count("cluster", "zookeeper_serving"), width=6, red_below=1),
        number("Servers that vote", "As the ensemble is configured.",
            most("cluster", "zookeeper_quorumsize"), width=6, quiet="the server stands alone"),
        number("Leaders", "Exactly one for each ensemble is right.",
            count("cluster", 'zookeeper_serving{mode=~"Leader|Standalone"}'), width=6, red_below=1),
        number("Znodes", "Nodes in the tree.", most("cluster", "zookeeper_nodecount"), width=6),
        rows("Servers", "Each server and its part.", q("zookeeper_serving"), hidden=PLAIN),
        line("Connections", "Clients connected to a server.", "none", q("zookeeper_numaliveconnections", "host")),
        Row("Work"),
        line("Requests waiting", "Requests a server has not answered yet.", "none", q("zookeeper_outstandingrequests", "host")),
        line("Latency", "Average and most since the server started.", "ms",
            q("zookeeper_avgrequestlatency", "host", "average"), q("zookeeper_maxrequestlatency", "host", "most")),
        line("Packets", "Received and sent per second.", "pps",
            rate("host", "zookeeper_packetsreceived_total", "received"), rate("host", "zookeeper_packetssent_total", "sent")),
        line("Watches", "Watches that clients have set.", "none", q("zookeeper_watchcount", "host")),
        Row("Disk and JVM"),
        line("Data", "Snapshots and transaction logs.", "bytes",
            q("zookeeper_datadirsize", "host", "snapshots"), q("zookeeper_logdirsize", "host", "logs")),
        line("Sync to disk", "Milliseconds of the last one.", "ms", q("zookeeper_txnlogelapsedsynctime", "host")),
        line("Heap", "Heap in use.", "bytes", total("host", 'jvm_memory_used_bytes{role="zookeeper", area="heap"}')),
        line("Garbage collection", "Share of time the JVM collects.", "percentunit",
            rates("host", 'jvm_gc_collection_seconds_sum{role="zookeeper"}')),
    ),
)

HOSTS = Board(
    "hosts", "Hosts", "Processors, memory, disks and networks of the hosts.",
    (Variable("host", "Host", "node_uname_info"),),
    (
        Row("At a glance"),
        line("CPU", "Share of all processors that is busy.", "percentunit", q(f"host:cpu_busy:ratio5m{HOST}", "host"), most=1),
        line("Memory", "Share in use, caches not counted.", "percentunit", q(f"host:memory_used:ratio{HOST}", "host"), most=1),
        rows("Hosts", "Kernel of each host.",
            q(f"node_uname_info{HOST}"), hidden="__name__ instance job role Value domainname nodename sysname version"),
        rows("Uptime", "Since the host started.",
            q(f"node_time_seconds{HOST} - node_boot_time_seconds{HOST}"), unit="s", hidden="instance job role",
            names={"Value": "uptime"}, units={"uptime": "s"}),
        Row("Processors"),
        line("Time by kind", "Processors busy with each kind of work, all chosen hosts together.", "none",
            rates("mode", 'node_cpu_seconds_total{host=~"$host", mode!="idle"}'), stacked=True),
        line("Load", "Processes that run or wait, average of a minute, for each processor.", "none",
            q(f"node_load1{HOST} / on (host) group_left ()"
              ' count by (host) (node_cpu_seconds_total{mode="idle", host=~"$host"})', "host")),
        line("Processes", "Running, and blocked by a device.", "none",
            q(f"node_procs_running{HOST}", "host", "running"), q(f"node_procs_blocked{HOST}", "host", "blocked")),
        line("Context switches and interrupts", "Per second.", "ops",
            rate("host", f"node_context_switches_total{HOST}", "switches"), rate("host", f"node_intr_total{HOST}", "interrupts")),
        line("Pressure", "Share of time in which somebody waited for processor, memory or disk.", "percentunit",
            rate("host", f"node_pressure_cpu_waiting_seconds_total{HOST}", "processor"),
            rate("host", f"node_pressure_memory_waiting_seconds_total{HOST}", "memory"),
            rate("host", f"node_pressure_io_waiting_seconds_total{HOST}", "disk"), quiet="the kernel does not tell (CONFIG_PSI)"),
        Row("Memory"),
        line("Memory by use", "All chosen hosts together.", "bytes",
            q(f"sum(node_memory_MemTotal_bytes{HOST} - node_memory_MemFree_bytes{HOST}"
              f" - node_memory_Buffers_bytes{HOST} - node_memory_Cached_bytes{HOST})", words="programs"),
            q(f"sum(node_memory_Cached_bytes{HOST})", words="page cache"),
            q(f"sum(node_memory_Buffers_bytes{HOST})", words="buffers"), q(f"sum(node_memory_MemFree_bytes{HOST})", words="free"),
            stacked=True),
        line("Swap", "In use; a broker must not swap.", "bytes",
            q(f"node_memory_SwapTotal_bytes{HOST} - node_memory_SwapFree_bytes{HOST}", "host")),
        line("Page faults", "That had to read from disk, per second.", "ops", rate("host", f"node_vmstat_pgmajfault{HOST}")),
        line("Dirty pages", "Written to memory and not yet to disk.", "bytes", q(f"node_memory_Dirty_bytes{HOST}", "host")),
        Row("Disks"),
        line("Space in use", "Share of each file system.", "percentunit",
            q(f"1 - node_filesystem_avail_bytes{{{DISKS}}} / node_filesystem_size_bytes{{{DISKS}}}", "host mountpoint"), most=1),
        line("Inodes in use", "Share of each file system.", "percentunit",
            q(f"1 - node_filesystem_files_free{{{DISKS}}} / (node_filesystem_files{{{DISKS}}} > 0)", "host mountpoint"), most=1),
        line("Throughput", "Read and written.", "Bps",
            rates("host", f"node_disk_read_bytes_total{HOST}", "read"),
            rates("host", f"node_disk_written_bytes_total{HOST}", "written")),
        line("Operations", "Reads and writes per second.", "iops",
            rates("host", f"node_disk_reads_completed_total{HOST}", "reads"),
            rates("host", f"node_disk_writes_completed_total{HOST}", "writes")),
        line("Busy", "Share of time a device worked.", "percentunit",
            rate("host device", f"node_disk_io_time_seconds_total{HOST}")),
        line("Time of an operation", "Average wait for a read and a write.", "s",
            q(f"rate(node_disk_read_time_seconds_total{HOST}{RATE}) / (rate(node_disk_reads_completed_total{HOST}{RATE}) > 0)",
              "host device", "read"),
            q(f"rate(node_disk_write_time_seconds_total{HOST}{RATE}) / (rate(node_disk_writes_completed_total{HOST}{RATE}) > 0)",
              "host device", "write"),
            quiet="no disk was read or written"),
        Row("Network"),
        line("Traffic", "Received and sent.", "Bps",
            rates("host", f"node_network_receive_bytes_total{{{CARDS}}}", "received"),
            rates("host", f"node_network_transmit_bytes_total{{{CARDS}}}", "sent")),
        line("Packets", "Received and sent per second.", "pps",
            rates("host", f"node_network_receive_packets_total{{{CARDS}}}", "received"),
            rates("host", f"node_network_transmit_packets_total{{{CARDS}}}", "sent")),
        line("Errors and drops", "Per second.", "pps",
            total("host", f"rate(node_network_receive_errs_total{{{CARDS}}}{RATE})"
                          f" + rate(node_network_transmit_errs_total{{{CARDS}}}{RATE})", "errors"),
            total("host", f"rate(node_network_receive_drop_total{{{CARDS}}}{RATE})"
                          f" + rate(node_network_transmit_drop_total{{{CARDS}}}{RATE})", "dropped")),
        line("TCP connections", "Open ones.", "none", q(f"node_netstat_Tcp_CurrEstab{HOST}", "host")),
        line("TCP sent again", "Segments per second that had to be sent again.", "pps",
            rate("host", f"node_netstat_Tcp_RetransSegs{HOST}")),
        Row("Limits and time"),
        line("File descriptors", "Share of what the kernel allows.", "percentunit",
            q(f"node_filefd_allocated{HOST} / node_filefd_maximum{HOST}", "host")),
        line("Clock", "Offset as the kernel knows it.", "s", q(f"node_timex_offset_seconds{HOST}", "host"), least=None),
        line("Tracked connections", "Share of the firewall's table.", "percentunit",
            q(f"node_nf_conntrack_entries{HOST} / node_nf_conntrack_entries_limit{HOST}", "host"),
            quiet="the kernel tracks no connections here"),
        line("Scrape", "How long node exporter takes.", "s",
            q('scrape_duration_seconds{role="node_exporter", host=~"$host"}', "host")),
    ),
)

ELASTICSEARCH = Board(
    "elasticsearch", "Elasticsearch", "State, documents, indexing, searching and JVMs of the cluster that takes the students.",
    (),
    (
        Row("State"),
        number("Green", "1 when every shard has all its copies.",
            q('max(elasticsearch_cluster_health_status{color="green"})'), red_below=1),
        number("Nodes", "Nodes in the cluster.", q("max(elasticsearch_cluster_health_number_of_nodes)")),
        number("Active shards", "Shards that serve.", q("max(elasticsearch_cluster_health_active_shards)")),
        number("Unassigned shards", "Shards without a node.",
            q("max(elasticsearch_cluster_health_unassigned_shards)"), red_from=1),
        number("Documents", "On all nodes, copies counted.", q("sum(elasticsearch_indices_docs)"), unit="short"),
        number("Pending tasks", "Changes of the cluster that wait.",
            q("max(elasticsearch_cluster_health_number_of_pending_tasks)"), orange_from=5),
        Row("Work"),
        line("Indexing", "Documents indexed per second.", "cps", rates("name", "elasticsearch_indices_indexing_index_total")),
        line("Time of indexing", "Average for a document.", "s",
            q(f"sum by (name) (rate(elasticsearch_indices_indexing_index_time_seconds_total{RATE}))"
              f" / (sum by (name) (rate(elasticsearch_indices_indexing_index_total{RATE})) > 0)", "name"),
            quiet="nothing is indexed"),
        line("Searches", "Per second.", "reqps", rates("name", "elasticsearch_indices_search_query_total")),
        line("Size", "Bytes of all indices.", "bytes", total("name", "elasticsearch_indices_store_size_bytes")),
        line("Rejected", "Work that found no free thread, per second.", "cps",
            q(f"sum by (name, type) (rate(elasticsearch_thread_pool_rejected_count{RATE})) > 0", "name type"),
            quiet="nothing was rejected"),
        line("Disk", "Free space of the data directory.", "bytes",
            q("elasticsearch_filesystem_data_available_bytes", "name path")),
        Row("JVM"),
        line("Heap", "In use, and its limit.", "bytes",
            q('elasticsearch_jvm_memory_used_bytes{area="heap"}', "name", "in use"),
            q('elasticsearch_jvm_memory_max_bytes{area="heap"}', "name", "limit")),
        line("Garbage collection", "Share of time the JVM collects.", "percentunit",
            rates("name gc", "elasticsearch_jvm_gc_collection_seconds_sum")),
        line("Processor", "Share of the host's processors.", "percent", q("elasticsearch_process_cpu_percent", "name")),
        line("Circuit breakers", "Times a request was refused to save memory, per second.", "cps",
            rates("name breaker", "elasticsearch_breakers_tripped")),
    ),
)

DASHBOARDS = (ESTATE, CLUSTERS, TOPICS, CONNECT, ZOOKEEPER, HOSTS, ELASTICSEARCH)
