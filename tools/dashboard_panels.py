"""What Grafana's dashboards show: panels with their queries, units and meanings.  ``dashboards.py`` makes JSON of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

RATE = "[$__rate_interval]"


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
    colors: tuple[tuple[float, str], ...] = ()
    bad_below: float | None = None


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


CLUSTER = Variable("cluster", "Cluster", "kafka_server_kafkaserver_brokerstate")
NO_MIRROR = "no mirror runs"
BAD = ((1, "red"),)
BROKER = '{cluster=~"$cluster"}'
WHOLE = '{cluster=~"$cluster", topic=""}'
TOPIC = '{cluster=~"$cluster", topic=~"$topic"}'
HOST = '{host=~"$host"}'


def q(expr: str, legend: str = "") -> tuple[str, str]:
    return expr, legend


ESTATE = Board(
    "estate",
    "Kafka estate",
    "Everything at a glance: what is down, what every cluster does, how the hosts are.",
    (),
    (
        Row("Is everything there"),
        Number(
            "Targets down", "Services whose metrics cannot be read now.", "none", (q("count(up == 0) or vector(0)"),), colors=BAD
        ),
        Number("Brokers", "Brokers that are running.", "none", (q("sum(kafka_server_kafkaserver_brokerstate == bool 3)"),)),
        Number(
            "Controllers",
            "Controllers of each cluster; exactly one is right.",
            "none",
            (q("sum by (cluster) (kafka_controller_kafkacontroller_activecontrollercount)", "{{cluster}}"),),
            width=5,
            bad_below=1,
        ),
        Number(
            "Offline partitions",
            "Partitions without a leader: nobody can read or write them.",
            "none",
            (q("sum(kafka_controller_kafkacontroller_offlinepartitionscount)"),),
            colors=BAD,
        ),
        Number(
            "Under-replicated partitions",
            "Partitions with a replica that is not in sync.",
            "none",
            (q("sum(kafka_server_replicamanager_underreplicatedpartitions)"),),
            colors=BAD,
        ),
        Number(
            "Alerts",
            "Alerts that fire now.",
            "none",
            (q('count(ALERTS{alertstate="firing"}) or vector(0)'),),
            width=3,
            colors=BAD,
        ),
        Rows(
            "Targets",
            "Every service Prometheus asks: 1 answers, 0 does not.",
            "none",
            (q("up"),),
            hidden=("__name__", "instance", "role"),
            names={"Value": "answers", "job": "component"},
        ),
        Rows(
            "Alerts that fire or are about to",
            "Empty when all is well.",
            "none",
            (q("ALERTS"),),
            hidden=("__name__", "instance", "Value"),
            quiet="nothing is wrong",
        ),
        Row("What the clusters do"),
        Line("Messages in", "Records written per second.", "cps", (q("cluster:kafka_messages_in:rate5m", "{{cluster}}"),)),
        Line(
            "Traffic",
            "Bytes written by producers and read by consumers.",
            "Bps",
            (q("cluster:kafka_bytes_in:rate5m", "{{cluster}} in"), q("cluster:kafka_bytes_out:rate5m", "{{cluster}} out")),
        ),
        Line(
            "Consumer lag",
            "Records that consumer groups have yet to read.",
            "short",
            (q("sum by (cluster, group) (cluster_group_topic:kafka_consumer_lag:sum)", "{{cluster}} {{group}}"),),
            quiet="no consumer group has committed an offset",
        ),
        Line(
            "Mirror and sink lag",
            "Records that connectors have yet to read.",
            "short",
            (q("cluster_topic:kafka_connect_lag:sum", "{{cluster}} {{topic}}"),),
            quiet=NO_MIRROR,
        ),
        Row("Hosts"),
        Line("CPU", "Share of all processors that is busy.", "percentunit", (q("host:cpu_busy:ratio5m", "{{host}}"),), most=1),
        Line(
            "Memory",
            "Share of memory in use, caches not counted.",
            "percentunit",
            (q("host:memory_used:ratio", "{{host}}"),),
            most=1,
        ),
    ),
)

CLUSTERS = Board(
    "cluster",
    "Kafka cluster",
    "Brokers, replication, requests, threads and JVMs of the chosen clusters.",
    (CLUSTER,),
    (
        Row("State"),
        Number(
            "Brokers", "Brokers that are running.", "none", (q(f"sum(kafka_server_kafkaserver_brokerstate{BROKER} == bool 3)"),)
        ),
        Number(
            "Controllers",
            "Exactly one for each cluster is right.",
            "none",
            (q(f"sum by (cluster) (kafka_controller_kafkacontroller_activecontrollercount{BROKER})", "{{cluster}}"),),
            bad_below=1,
        ),
        Number(
            "Topics",
            "Topics of each cluster.",
            "none",
            (q(f"max by (cluster) (kafka_controller_kafkacontroller_globaltopiccount{BROKER})", "{{cluster}}"),),
        ),
        Number(
            "Partitions",
            "Partitions of each cluster.",
            "none",
            (q(f"max by (cluster) (kafka_controller_kafkacontroller_globalpartitioncount{BROKER})", "{{cluster}}"),),
        ),
        Number(
            "Under min-ISR",
            "Partitions that refuse writes with acks=all.",
            "none",
            (q(f"sum(kafka_server_replicamanager_underminisrpartitioncount{BROKER})"),),
            colors=BAD,
        ),
        Number(
            "Offline log directories",
            "Disks that failed.",
            "none",
            (q(f"sum(kafka_log_logmanager_offlinelogdirectorycount{BROKER})"),),
            colors=BAD,
        ),
        Rows(
            "Versions",
            "Version of each broker.",
            "none",
            (q(f"kafka_server_version{BROKER}"),),
            hidden=("__name__", "instance", "job", "role", "Value"),
        ),
        Line(
            "Leaders",
            "Partitions that a broker leads. They should be spread evenly.",
            "none",
            (q(f"kafka_server_replicamanager_leadercount{BROKER}", "{{cluster}} {{host}}"),),
        ),
        Row("Traffic"),
        Line(
            "Messages in",
            "Records written per second.",
            "cps",
            (
                q(
                    f"sum by (cluster, host) (rate(kafka_server_brokertopicmetrics_messagesin_total{WHOLE}{RATE}))",
                    "{{cluster}} {{host}}",
                ),
            ),
        ),
        Line(
            "Bytes in",
            "Written by producers.",
            "Bps",
            (
                q(
                    f"sum by (cluster, host) (rate(kafka_server_brokertopicmetrics_bytesin_total{WHOLE}{RATE}))",
                    "{{cluster}} {{host}}",
                ),
            ),
        ),
        Line(
            "Bytes out",
            "Read by consumers.",
            "Bps",
            (
                q(
                    f"sum by (cluster, host) (rate(kafka_server_brokertopicmetrics_bytesout_total{WHOLE}{RATE}))",
                    "{{cluster}} {{host}}",
                ),
            ),
        ),
        Line(
            "Replication",
            "Between brokers: in and out.",
            "Bps",
            (
                q(
                    f"sum by (cluster) (rate(kafka_server_brokertopicmetrics_replicationbytesin_total{BROKER}{RATE}))",
                    "{{cluster}} in",
                ),
                q(
                    f"sum by (cluster) (rate(kafka_server_brokertopicmetrics_replicationbytesout_total{BROKER}{RATE}))",
                    "{{cluster}} out",
                ),
            ),
        ),
        Line(
            "Reassignment",
            "What moves of replicas cost.",
            "Bps",
            (
                q(
                    f"sum by (cluster) (rate(kafka_server_brokertopicmetrics_reassignmentbytesin_total{BROKER}{RATE}))",
                    "{{cluster}}",
                ),
            ),
            quiet="no replica has been moved since the brokers started",
        ),
        Line(
            "Connections",
            "Open connections of clients and other brokers.",
            "none",
            (q(f"sum by (cluster, host) (kafka_server_socketservermetrics_connection_count{BROKER})", "{{cluster}} {{host}}"),),
        ),
        Row("Replication"),
        Line(
            "Under-replicated partitions",
            "Partitions led here with a replica that is not in sync.",
            "none",
            (q(f"kafka_server_replicamanager_underreplicatedpartitions{BROKER}", "{{cluster}} {{host}}"),),
        ),
        Line(
            "In-sync sets that shrink and grow",
            "Per second. A broker that comes and goes, or cannot keep up.",
            "cps",
            (
                q(f"sum by (cluster) (rate(kafka_server_replicamanager_isrshrinks_total{BROKER}{RATE}))", "{{cluster}} shrink"),
                q(f"sum by (cluster) (rate(kafka_server_replicamanager_isrexpands_total{BROKER}{RATE}))", "{{cluster}} grow"),
            ),
        ),
        Line(
            "Replica lag",
            "Records the slowest follower on a broker is behind.",
            "short",
            (q(f"max by (cluster, host) (kafka_server_replicafetchermanager_maxlag{BROKER})", "{{cluster}} {{host}}"),),
        ),
        Line(
            "Elections",
            "Leader elections per second; an unclean one has lost records.",
            "cps",
            (
                q(
                    f"sum by (cluster) (rate(kafka_controller_controllerstats_leaderelections_total{BROKER}{RATE}))",
                    "{{cluster}}",
                ),
                q(
                    f"sum by (cluster) (rate(kafka_controller_controllerstats_uncleanleaderelections_total{BROKER}{RATE}))",
                    "{{cluster}} unclean",
                ),
            ),
        ),
        Row("Requests"),
        Line(
            "Requests",
            "Per second, by kind.",
            "reqps",
            (q(f"sum by (request) (rate(kafka_network_requestmetrics_requests_total{BROKER}{RATE}))", "{{request}}"),),
        ),
        Line(
            "Errors",
            "Answers with an error per second, by kind.",
            "reqps",
            (
                q(
                    f"sum by (request, error) (rate(kafka_network_requestmetrics_errors_total{BROKER}{RATE}))",
                    "{{request}} {{error}}",
                ),
            ),
            quiet="no request has been refused since the brokers started",
        ),
        Line(
            "Time of requests",
            "99 of 100 are faster; a follower's and a consumer's fetch waits for new records.",
            "ms",
            (
                q(
                    'max by (request) (kafka_network_requestmetrics_totaltimems{cluster=~"$cluster", quantile="0.99"})',
                    "{{request}}",
                ),
            ),
        ),
        Line(
            "Where a produce request spends its time",
            "Each part, 99 of 100 are faster: queue, disk, followers, answer.",
            "ms",
            tuple(
                q(f'max(kafka_network_requestmetrics_{name}{{cluster=~"$cluster", request="Produce", quantile="0.99"}})', legend)
                for name, legend in (
                    ("requestqueuetimems", "in the queue"),
                    ("localtimems", "on the leader"),
                    ("remotetimems", "waiting for followers"),
                    ("responsequeuetimems", "in the queue of answers"),
                    ("responsesendtimems", "sending"),
                    ("throttletimems", "held by a quota"),
                )
            ),
        ),
        Line(
            "Idle request handlers",
            "Share of time; below 0.3 the broker is near its limit.",
            "percentunit",
            (q(f"kafka_server_kafkarequesthandlerpool_requesthandleravgidle_ratio{BROKER}", "{{cluster}} {{host}}"),),
            most=1,
        ),
        Line(
            "Idle network threads",
            "Share of time; below 0.3 the broker is near its limit.",
            "percentunit",
            (q(f"kafka_network_socketserver_networkprocessoravgidle_ratio{BROKER}", "{{cluster}} {{host}}"),),
            most=1,
        ),
        Line(
            "Requests in the queue",
            "Requests no thread has taken yet.",
            "none",
            (q(f"kafka_network_requestchannel_requestqueuesize{BROKER}", "{{cluster}} {{host}}"),),
        ),
        Line(
            "Waiting requests",
            "Requests that wait for records, followers or a timeout.",
            "none",
            (q(f"sum by (operation) (kafka_server_delayedoperationpurgatory_purgatorysize{BROKER})", "{{operation}}"),),
        ),
        Row("Disk, ZooKeeper and JVM"),
        Line(
            "Log flush",
            "Milliseconds a flush takes; 99 of 100 are faster.",
            "ms",
            (q('kafka_log_logflushstats_logflushtimems{cluster=~"$cluster", quantile="0.99"}', "{{cluster}} {{host}}"),),
        ),
        Line(
            "ZooKeeper latency",
            "As the broker sees it; 99 of 100 are faster.",
            "ms",
            (
                q(
                    'kafka_server_zookeeperclientmetrics_zookeeperrequestlatencyms{cluster=~"$cluster", quantile="0.99"}',
                    "{{cluster}} {{host}}",
                ),
            ),
        ),
        Line(
            "Heap",
            "Heap in use.",
            "bytes",
            (
                q(
                    'sum by (cluster, host) (jvm_memory_used_bytes{role="kafka_broker", cluster=~"$cluster", area="heap"})',
                    "{{cluster}} {{host}}",
                ),
            ),
        ),
        Line(
            "Garbage collection",
            "Share of time the JVM collects.",
            "percentunit",
            (
                q(
                    f'sum by (cluster, host) (rate(jvm_gc_collection_seconds_sum{{role="kafka_broker", cluster=~"$cluster"}}{RATE}))',
                    "{{cluster}} {{host}}",
                ),
            ),
        ),
        Line(
            "Processor of the broker",
            "Processors the process uses.",
            "none",
            (q(f'rate(process_cpu_seconds_total{{role="kafka_broker", cluster=~"$cluster"}}{RATE})', "{{cluster}} {{host}}"),),
        ),
        Line(
            "Open files",
            "Files and connections the process has open.",
            "none",
            (q('process_open_fds{role="kafka_broker", cluster=~"$cluster"}', "{{cluster}} {{host}}"),),
        ),
    ),
)

LAG = 'cluster_group_topic:kafka_consumer_lag:sum{cluster=~"$cluster", topic=~"$topic", group=~"$group"}'
NO_GROUP = "no consumer group has committed an offset"
TOPICS = Board(
    "topics",
    "Topics and consumer lag",
    "What is written to each topic, how large it is, and how far its readers are behind.",
    (
        CLUSTER,
        Variable("topic", "Topic", "kafka_log_log_size"),
        Variable("group", "Group", "cluster_group_topic:kafka_consumer_lag:sum"),
    ),
    (
        Row("Topics"),
        Line(
            "Messages in",
            "Records written per second.",
            "cps",
            (q('cluster_topic:kafka_messages_in:rate5m{cluster=~"$cluster", topic=~"$topic"}', "{{cluster}} {{topic}}"),),
        ),
        Line(
            "Bytes in",
            "Written by producers.",
            "Bps",
            (
                q(
                    f"sum by (cluster, topic) (rate(kafka_server_brokertopicmetrics_bytesin_total{TOPIC}{RATE}))",
                    "{{cluster}} {{topic}}",
                ),
            ),
        ),
        Line(
            "Bytes out",
            "Read by consumers.",
            "Bps",
            (
                q(
                    f"sum by (cluster, topic) (rate(kafka_server_brokertopicmetrics_bytesout_total{TOPIC}{RATE}))",
                    "{{cluster}} {{topic}}",
                ),
            ),
        ),
        Line(
            "Size",
            "Bytes on disk, all replicas together.",
            "bytes",
            (q('cluster_topic:kafka_log_bytes:sum{cluster=~"$cluster", topic=~"$topic"}', "{{cluster}} {{topic}}"),),
        ),
        Rows(
            "Partitions per topic",
            "Partitions of each topic.",
            "none",
            (q(f"count by (cluster, topic) (count by (cluster, topic, partition) (kafka_log_log_size{TOPIC}))"),),
            names={"Value": "partitions"},
        ),
        Line(
            "Failed requests",
            "Produce and fetch requests of a topic that failed, per second.",
            "reqps",
            (
                q(
                    f"sum by (cluster, topic) (rate(kafka_server_brokertopicmetrics_failedproducerequests_total{TOPIC}{RATE}))",
                    "{{cluster}} {{topic}} produce",
                ),
                q(
                    f"sum by (cluster, topic) (rate(kafka_server_brokertopicmetrics_failedfetchrequests_total{TOPIC}{RATE}))",
                    "{{cluster}} {{topic}} fetch",
                ),
            ),
            quiet="no request has failed since the brokers started",
        ),
        Row("Readers"),
        Line(
            "Lag by group",
            "Records a consumer group has yet to read.",
            "short",
            (q(f"sum by (cluster, group) ({LAG})", "{{cluster}} {{group}}"),),
            quiet=NO_GROUP,
        ),
        Line(
            "Lag by group and topic",
            "Records a consumer group has yet to read of a topic.",
            "short",
            (q(LAG, "{{cluster}} {{group}} {{topic}}"),),
            quiet=NO_GROUP,
        ),
        Line(
            "Records consumed",
            "Per minute, by the offsets a group commits.",
            "cpm",
            (
                q(
                    f'60 * (sum by (cluster, group, topic) (rate(kafka_consumer_group_offset{{cluster=~"$cluster", group=~"$group", topic=~"$topic"}}{RATE}))'
                    f' or sum by (cluster, group, topic) (label_replace(rate(kafka_consumergroup_current_offset{{cluster=~"$cluster", topic=~"$topic"}}{RATE}), "group", "$1", "consumergroup", "(.+)")))',
                    "{{cluster}} {{group}} {{topic}}",
                ),
            ),
            quiet=NO_GROUP,
        ),
        Line(
            "Groups",
            "Consumer groups of each cluster, by how they are.",
            "none",
            tuple(
                q(f"sum by (cluster) (kafka_coordinator_group_groupmetadatamanager_{name}{BROKER})", "{{cluster}} " + legend)
                for name, legend in (
                    ("numgroups", "all"),
                    ("numgroupsstable", "stable"),
                    ("numgroupsempty", "empty"),
                    ("numgroupspreparingrebalance", "rebalancing"),
                )
            ),
        ),
    ),
)

CONNECTOR = '{connector=~"$connector"}'
CONNECT = Board(
    "connect",
    "Connect and mirrors",
    "Workers, connectors and tasks of Kafka Connect, and how far the mirrors are behind.",
    (Variable("connector", "Connector", "kafka_connect_connector_metrics_status"),),
    (
        Row("State"),
        Number("Workers", "Workers that answer.", "none", (q('sum(up{role="kafka_connect"})'),), bad_below=1),
        Number(
            "Connectors", "Connectors on all workers.", "none", (q("sum(kafka_connect_connect_worker_metrics_connector_count)"),)
        ),
        Number("Tasks", "Tasks on all workers.", "none", (q("sum(kafka_connect_connect_worker_metrics_task_count)"),)),
        Number(
            "Failed tasks",
            "Tasks that have stopped with an error.",
            "none",
            (q("sum(kafka_connect_connect_worker_metrics_connector_failed_task_count) or vector(0)"),),
            colors=BAD,
        ),
        Number(
            "Rebalancing",
            "Workers that are sharing out the work again.",
            "none",
            (q("sum(kafka_connect_connect_worker_rebalance_metrics_rebalancing)"),),
            colors=((1, "orange"),),
        ),
        Rows(
            "State of connectors",
            "Each connector and how it is.",
            "none",
            (q(f"kafka_connect_connector_metrics_status{CONNECTOR}"),),
            hidden=("__name__", "instance", "job", "role", "Value"),
            quiet="no connector is there",
        ),
        Rows(
            "State of tasks",
            "Each task, its worker and how it is.",
            "none",
            (q(f"kafka_connect_connector_task_metrics_status{CONNECTOR}"),),
            hidden=("__name__", "instance", "job", "role", "Value"),
            quiet="no connector is there",
        ),
        Row("Work"),
        Line(
            "Records of sources",
            "Read from the source and written to Kafka, per second. A mirror is a source.",
            "cps",
            (
                q(
                    f"sum by (connector) (rate(kafka_connect_source_task_metrics_source_record_poll_total{CONNECTOR}{RATE}))",
                    "{{connector}} read",
                ),
                q(
                    f"sum by (connector) (rate(kafka_connect_source_task_metrics_source_record_write_total{CONNECTOR}{RATE}))",
                    "{{connector}} written",
                ),
            ),
            quiet="no source connector runs",
        ),
        Line(
            "Records of sinks",
            "Read from Kafka and handed to the sink, per second.",
            "cps",
            (
                q(
                    f"sum by (connector) (rate(kafka_connect_sink_task_metrics_sink_record_read_total{CONNECTOR}{RATE}))",
                    "{{connector}} read",
                ),
                q(
                    f"sum by (connector) (rate(kafka_connect_sink_task_metrics_sink_record_send_total{CONNECTOR}{RATE}))",
                    "{{connector}} handed over",
                ),
            ),
            quiet="no sink connector runs",
        ),
        Line(
            "Errors",
            "Records that failed or were left out, per second.",
            "cps",
            (
                q(
                    f"sum by (connector) (rate(kafka_connect_task_error_metrics_record_failures_total{CONNECTOR}{RATE}))",
                    "{{connector}} failed",
                ),
                q(
                    f"sum by (connector) (rate(kafka_connect_task_error_metrics_records_skipped_total{CONNECTOR}{RATE}))",
                    "{{connector}} left out",
                ),
            ),
            quiet="no connector is there",
        ),
        Line(
            "Offset commits",
            "Milliseconds a commit takes on average.",
            "ms",
            (
                q(
                    f"max by (connector) (kafka_connect_connector_task_metrics_offset_commit_avg_time_ms{CONNECTOR})",
                    "{{connector}}",
                ),
            ),
            quiet="no task has committed",
        ),
        Row("Mirrors"),
        Line(
            "Mirrored records",
            "Written to the target per second, by the topic's name there.",
            "cps",
            (
                q(
                    f"sum by (target, topic) (rate(kafka_connect_mirror_mirrorsourceconnector_records_total{RATE}))",
                    "{{target}} {{topic}}",
                ),
            ),
            quiet=NO_MIRROR,
        ),
        Line(
            "Mirrored bytes",
            "Written to the target.",
            "Bps",
            (
                q(
                    f"sum by (target, topic) (rate(kafka_connect_mirror_mirrorsourceconnector_bytes_total{RATE}))",
                    "{{target}} {{topic}}",
                ),
            ),
            quiet=NO_MIRROR,
        ),
        Line(
            "Delay of mirrors",
            "Time from a record's own time stamp to its arrival in the target. The last value stays while nothing is sent.",
            "ms",
            (
                q(
                    "max by (target, topic) (kafka_connect_mirror_mirrorsourceconnector_replication_latency_ms_avg)",
                    "{{target}} {{topic}} average",
                ),
                q(
                    "max by (target, topic) (kafka_connect_mirror_mirrorsourceconnector_replication_latency_ms_max)",
                    "{{target}} {{topic}} most",
                ),
            ),
            quiet=NO_MIRROR,
        ),
        Line(
            "Lag of mirrors and sinks",
            "Records they have yet to read; a dot in a topic's name shows as _ here.",
            "short",
            (q("sum by (client_id, topic) (kafka_consumer_fetch_manager_metrics_records_lag)", "{{topic}}"),),
            quiet=NO_MIRROR,
        ),
        Row("Workers"),
        Line(
            "Heap",
            "Heap in use.",
            "bytes",
            (q('sum by (host) (jvm_memory_used_bytes{role="kafka_connect", area="heap"})', "{{host}}"),),
        ),
        Line(
            "Processor",
            "Processors the worker uses.",
            "none",
            (q(f'rate(process_cpu_seconds_total{{role="kafka_connect"}}{RATE})', "{{host}}"),),
        ),
        Line(
            "Rebalances",
            "Rebalances that were finished, per hour.",
            "none",
            (q("increase(kafka_connect_connect_worker_rebalance_metrics_completed_rebalances_total[1h])", "{{host}}"),),
        ),
        Line(
            "Latency of producers",
            "Average time of a request of the producers inside the workers.",
            "ms",
            (q("max by (host) (kafka_producer_producer_metrics_request_latency_avg)", "{{host}}"),),
            quiet="no producer has sent anything for a while",
        ),
    ),
)

ZOOKEEPER = Board(
    "zookeeper",
    "ZooKeeper",
    "The ensembles: who leads, how fast, how large.",
    (),
    (
        Row("State"),
        Number(
            "Servers that serve",
            "By ensemble.",
            "none",
            (q("count by (cluster) (zookeeper_serving)", "{{cluster}}"),),
            width=6,
            bad_below=1,
        ),
        Number(
            "Servers that vote",
            "As the ensemble is configured.",
            "none",
            (q("max by (cluster) (zookeeper_quorumsize)", "{{cluster}}"),),
            width=6,
            quiet="the server stands alone",
        ),
        Number(
            "Leaders",
            "Exactly one for each ensemble is right.",
            "none",
            (q('count by (cluster) (zookeeper_serving{mode=~"Leader|Standalone"})', "{{cluster}}"),),
            width=6,
            bad_below=1,
        ),
        Number("Znodes", "Nodes in the tree.", "none", (q("max by (cluster) (zookeeper_nodecount)", "{{cluster}}"),), width=6),
        Rows(
            "Servers",
            "Each server and its part.",
            "none",
            (q("zookeeper_serving"),),
            hidden=("__name__", "instance", "job", "role", "Value"),
        ),
        Line("Connections", "Clients connected to a server.", "none", (q("zookeeper_numaliveconnections", "{{host}}"),)),
        Row("Work"),
        Line(
            "Requests waiting",
            "Requests a server has not answered yet.",
            "none",
            (q("zookeeper_outstandingrequests", "{{host}}"),),
        ),
        Line(
            "Latency",
            "Average and most since the server started.",
            "ms",
            (q("zookeeper_avgrequestlatency", "{{host}} average"), q("zookeeper_maxrequestlatency", "{{host}} most")),
        ),
        Line(
            "Packets",
            "Received and sent per second.",
            "pps",
            (
                q(f"rate(zookeeper_packetsreceived_total{RATE})", "{{host}} received"),
                q(f"rate(zookeeper_packetssent_total{RATE})", "{{host}} sent"),
            ),
        ),
        Line("Watches", "Watches that clients have set.", "none", (q("zookeeper_watchcount", "{{host}}"),)),
        Row("Disk and JVM"),
        Line(
            "Data",
            "Snapshots and transaction logs.",
            "bytes",
            (q("zookeeper_datadirsize", "{{host}} snapshots"), q("zookeeper_logdirsize", "{{host}} logs")),
        ),
        Line("Sync to disk", "Milliseconds of the last one.", "ms", (q("zookeeper_txnlogelapsedsynctime", "{{host}}"),)),
        Line(
            "Heap",
            "Heap in use.",
            "bytes",
            (q('sum by (host) (jvm_memory_used_bytes{role="zookeeper", area="heap"})', "{{host}}"),),
        ),
        Line(
            "Garbage collection",
            "Share of time the JVM collects.",
            "percentunit",
            (q(f'sum by (host) (rate(jvm_gc_collection_seconds_sum{{role="zookeeper"}}{RATE}))', "{{host}}"),),
        ),
    ),
)

DISKS = 'host=~"$host", fstype!~"tmpfs|ramfs|overlay|squashfs|nsfs|fuse.*"'
CARDS = 'host=~"$host", device!~"lo|veth.*|docker.*|br-.*"'
HOSTS = Board(
    "hosts",
    "Hosts",
    "Processors, memory, disks and networks of the hosts.",
    (Variable("host", "Host", "node_uname_info"),),
    (
        Row("At a glance"),
        Line(
            "CPU",
            "Share of all processors that is busy.",
            "percentunit",
            (q(f"host:cpu_busy:ratio5m{HOST}", "{{host}}"),),
            most=1,
        ),
        Line(
            "Memory",
            "Share in use, caches not counted.",
            "percentunit",
            (q(f"host:memory_used:ratio{HOST}", "{{host}}"),),
            most=1,
        ),
        Rows(
            "Hosts",
            "Kernel of each host.",
            "none",
            (q(f"node_uname_info{HOST}"),),
            hidden=("__name__", "instance", "job", "role", "Value", "domainname", "nodename", "sysname", "version"),
        ),
        Rows(
            "Uptime",
            "Since the host started.",
            "s",
            (q(f"node_time_seconds{HOST} - node_boot_time_seconds{HOST}"),),
            hidden=("instance", "job", "role"),
            names={"Value": "uptime"},
            units={"uptime": "s"},
        ),
        Row("Processors"),
        Line(
            "Time by kind",
            "Processors busy with each kind of work, all chosen hosts together.",
            "none",
            (q(f'sum by (mode) (rate(node_cpu_seconds_total{{host=~"$host", mode!="idle"}}{RATE}))', "{{mode}}"),),
            stacked=True,
        ),
        Line(
            "Load",
            "Processes that run or wait, average of a minute, for each processor.",
            "none",
            (
                q(
                    f'node_load1{HOST} / on (host) group_left () count by (host) (node_cpu_seconds_total{{mode="idle", host=~"$host"}})',
                    "{{host}}",
                ),
            ),
        ),
        Line(
            "Processes",
            "Running, and blocked by a device.",
            "none",
            (q(f"node_procs_running{HOST}", "{{host}} running"), q(f"node_procs_blocked{HOST}", "{{host}} blocked")),
        ),
        Line(
            "Context switches and interrupts",
            "Per second.",
            "ops",
            (
                q(f"rate(node_context_switches_total{HOST}{RATE})", "{{host}} switches"),
                q(f"rate(node_intr_total{HOST}{RATE})", "{{host}} interrupts"),
            ),
        ),
        Line(
            "Pressure",
            "Share of time in which somebody waited for processor, memory or disk.",
            "percentunit",
            (
                q(f"rate(node_pressure_cpu_waiting_seconds_total{HOST}{RATE})", "{{host}} processor"),
                q(f"rate(node_pressure_memory_waiting_seconds_total{HOST}{RATE})", "{{host}} memory"),
                q(f"rate(node_pressure_io_waiting_seconds_total{HOST}{RATE})", "{{host}} disk"),
            ),
            quiet="the kernel does not tell (CONFIG_PSI)",
        ),
        Row("Memory"),
        Line(
            "Memory by use",
            "All chosen hosts together.",
            "bytes",
            (
                q(
                    f"sum(node_memory_MemTotal_bytes{HOST} - node_memory_MemFree_bytes{HOST} - node_memory_Buffers_bytes{HOST} - node_memory_Cached_bytes{HOST})",
                    "programs",
                ),
                q(f"sum(node_memory_Cached_bytes{HOST})", "page cache"),
                q(f"sum(node_memory_Buffers_bytes{HOST})", "buffers"),
                q(f"sum(node_memory_MemFree_bytes{HOST})", "free"),
            ),
            stacked=True,
        ),
        Line(
            "Swap",
            "In use; a broker must not swap.",
            "bytes",
            (q(f"node_memory_SwapTotal_bytes{HOST} - node_memory_SwapFree_bytes{HOST}", "{{host}}"),),
        ),
        Line(
            "Page faults",
            "That had to read from disk, per second.",
            "ops",
            (q(f"rate(node_vmstat_pgmajfault{HOST}{RATE})", "{{host}}"),),
        ),
        Line(
            "Dirty pages", "Written to memory and not yet to disk.", "bytes", (q(f"node_memory_Dirty_bytes{HOST}", "{{host}}"),)
        ),
        Row("Disks"),
        Line(
            "Space in use",
            "Share of each file system.",
            "percentunit",
            (
                q(
                    f"1 - node_filesystem_avail_bytes{{{DISKS}}} / node_filesystem_size_bytes{{{DISKS}}}",
                    "{{host}} {{mountpoint}}",
                ),
            ),
            most=1,
        ),
        Line(
            "Inodes in use",
            "Share of each file system.",
            "percentunit",
            (
                q(
                    f"1 - node_filesystem_files_free{{{DISKS}}} / (node_filesystem_files{{{DISKS}}} > 0)",
                    "{{host}} {{mountpoint}}",
                ),
            ),
            most=1,
        ),
        Line(
            "Throughput",
            "Read and written.",
            "Bps",
            (
                q(f"sum by (host) (rate(node_disk_read_bytes_total{HOST}{RATE}))", "{{host}} read"),
                q(f"sum by (host) (rate(node_disk_written_bytes_total{HOST}{RATE}))", "{{host}} written"),
            ),
        ),
        Line(
            "Operations",
            "Reads and writes per second.",
            "iops",
            (
                q(f"sum by (host) (rate(node_disk_reads_completed_total{HOST}{RATE}))", "{{host}} reads"),
                q(f"sum by (host) (rate(node_disk_writes_completed_total{HOST}{RATE}))", "{{host}} writes"),
            ),
        ),
        Line(
            "Busy",
            "Share of time a device worked.",
            "percentunit",
            (q(f"rate(node_disk_io_time_seconds_total{HOST}{RATE})", "{{host}} {{device}}"),),
        ),
        Line(
            "Time of an operation",
            "Average wait for a read and a write.",
            "s",
            (
                q(
                    f"rate(node_disk_read_time_seconds_total{HOST}{RATE}) / (rate(node_disk_reads_completed_total{HOST}{RATE}) > 0)",
                    "{{host}} {{device}} read",
                ),
                q(
                    f"rate(node_disk_write_time_seconds_total{HOST}{RATE}) / (rate(node_disk_writes_completed_total{HOST}{RATE}) > 0)",
                    "{{host}} {{device}} write",
                ),
            ),
            quiet="no disk was read or written",
        ),
        Row("Network"),
        Line(
            "Traffic",
            "Received and sent.",
            "Bps",
            (
                q(f"sum by (host) (rate(node_network_receive_bytes_total{{{CARDS}}}{RATE}))", "{{host}} received"),
                q(f"sum by (host) (rate(node_network_transmit_bytes_total{{{CARDS}}}{RATE}))", "{{host}} sent"),
            ),
        ),
        Line(
            "Packets",
            "Received and sent per second.",
            "pps",
            (
                q(f"sum by (host) (rate(node_network_receive_packets_total{{{CARDS}}}{RATE}))", "{{host}} received"),
                q(f"sum by (host) (rate(node_network_transmit_packets_total{{{CARDS}}}{RATE}))", "{{host}} sent"),
            ),
        ),
        Line(
            "Errors and drops",
            "Per second.",
            "pps",
            (
                q(
                    f"sum by (host) (rate(node_network_receive_errs_total{{{CARDS}}}{RATE}) + rate(node_network_transmit_errs_total{{{CARDS}}}{RATE}))",
                    "{{host}} errors",
                ),
                q(
                    f"sum by (host) (rate(node_network_receive_drop_total{{{CARDS}}}{RATE}) + rate(node_network_transmit_drop_total{{{CARDS}}}{RATE}))",
                    "{{host}} dropped",
                ),
            ),
        ),
        Line("TCP connections", "Open ones.", "none", (q(f"node_netstat_Tcp_CurrEstab{HOST}", "{{host}}"),)),
        Line(
            "TCP sent again",
            "Segments per second that had to be sent again.",
            "pps",
            (q(f"rate(node_netstat_Tcp_RetransSegs{HOST}{RATE})", "{{host}}"),),
        ),
        Row("Limits and time"),
        Line(
            "File descriptors",
            "Share of what the kernel allows.",
            "percentunit",
            (q(f"node_filefd_allocated{HOST} / node_filefd_maximum{HOST}", "{{host}}"),),
        ),
        Line("Clock", "Offset as the kernel knows it.", "s", (q(f"node_timex_offset_seconds{HOST}", "{{host}}"),), least=None),
        Line(
            "Tracked connections",
            "Share of the firewall's table.",
            "percentunit",
            (q(f"node_nf_conntrack_entries{HOST} / node_nf_conntrack_entries_limit{HOST}", "{{host}}"),),
            quiet="the kernel tracks no connections here",
        ),
        Line(
            "Scrape",
            "How long node exporter takes.",
            "s",
            (q('scrape_duration_seconds{role="node_exporter", host=~"$host"}', "{{host}}"),),
        ),
    ),
)

ELASTICSEARCH = Board(
    "elasticsearch",
    "Elasticsearch",
    "State, documents, indexing, searching and JVMs of the cluster that takes the students.",
    (),
    (
        Row("State"),
        Number(
            "Green",
            "1 when every shard has all its copies.",
            "none",
            (q('max(elasticsearch_cluster_health_status{color="green"})'),),
            bad_below=1,
        ),
        Number("Nodes", "Nodes in the cluster.", "none", (q("max(elasticsearch_cluster_health_number_of_nodes)"),)),
        Number("Active shards", "Shards that serve.", "none", (q("max(elasticsearch_cluster_health_active_shards)"),)),
        Number(
            "Unassigned shards",
            "Shards without a node.",
            "none",
            (q("max(elasticsearch_cluster_health_unassigned_shards)"),),
            colors=BAD,
        ),
        Number("Documents", "On all nodes, copies counted.", "short", (q("sum(elasticsearch_indices_docs)"),)),
        Number(
            "Pending tasks",
            "Changes of the cluster that wait.",
            "none",
            (q("max(elasticsearch_cluster_health_number_of_pending_tasks)"),),
            colors=((5, "orange"),),
        ),
        Row("Work"),
        Line(
            "Indexing",
            "Documents indexed per second.",
            "cps",
            (q(f"sum by (name) (rate(elasticsearch_indices_indexing_index_total{RATE}))", "{{name}}"),),
        ),
        Line(
            "Time of indexing",
            "Average for a document.",
            "s",
            (
                q(
                    f"sum by (name) (rate(elasticsearch_indices_indexing_index_time_seconds_total{RATE})) / (sum by (name) (rate(elasticsearch_indices_indexing_index_total{RATE})) > 0)",
                    "{{name}}",
                ),
            ),
            quiet="nothing is indexed",
        ),
        Line(
            "Searches",
            "Per second.",
            "reqps",
            (q(f"sum by (name) (rate(elasticsearch_indices_search_query_total{RATE}))", "{{name}}"),),
        ),
        Line(
            "Size", "Bytes of all indices.", "bytes", (q("sum by (name) (elasticsearch_indices_store_size_bytes)", "{{name}}"),)
        ),
        Line(
            "Rejected",
            "Work that found no free thread, per second.",
            "cps",
            (q(f"sum by (name, type) (rate(elasticsearch_thread_pool_rejected_count{RATE})) > 0", "{{name}} {{type}}"),),
            quiet="nothing was rejected",
        ),
        Line(
            "Disk",
            "Free space of the data directory.",
            "bytes",
            (q("elasticsearch_filesystem_data_available_bytes", "{{name}} {{path}}"),),
        ),
        Row("JVM"),
        Line(
            "Heap",
            "In use, and its limit.",
            "bytes",
            (
                q('elasticsearch_jvm_memory_used_bytes{area="heap"}', "{{name}} in use"),
                q('elasticsearch_jvm_memory_max_bytes{area="heap"}', "{{name}} limit"),
            ),
        ),
        Line(
            "Garbage collection",
            "Share of time the JVM collects.",
            "percentunit",
            (q(f"sum by (name, gc) (rate(elasticsearch_jvm_gc_collection_seconds_sum{RATE}))", "{{name}} {{gc}}"),),
        ),
        Line("Processor", "Share of the host's processors.", "percent", (q("elasticsearch_process_cpu_percent", "{{name}}"),)),
        Line(
            "Circuit breakers",
            "Times a request was refused to save memory, per second.",
            "cps",
            (q(f"sum by (name, breaker) (rate(elasticsearch_breakers_tripped{RATE}))", "{{name}} {{breaker}}"),),
        ),
    ),
)

DASHBOARDS = (ESTATE, CLUSTERS, TOPICS, CONNECT, ZOOKEEPER, HOSTS, ELASTICSEARCH)
