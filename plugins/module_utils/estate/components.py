# SPDX-License-Identifier: Apache-2.0
"""The components an estate can have: group, role, ports, memory, disk and units of each, in one place.

Pure data.  A new component is one more entry here; topology, preflight and the heap filter need no change.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.estate.kafka.plugins.module_utils.estate.unit_names import UNITS


@dataclass(frozen=True)
class Port:
    """A port a component listens on, by the variable that holds it; ``when`` is a (variable, value) it depends on.

    With ``unless`` it listens there but where the variable has that value.
    """

    variable: str
    when: tuple[str, str | bool] | None = None
    unless: tuple[str, str | bool] | None = None


@dataclass(frozen=True)
class Heap:
    """The heap a component gets when nobody sets one (see ``heap.py`` for the formula), in MiB."""

    variable: str
    share: float
    least: int
    most: int
    # What the process takes beside its heap: metaspace, code, threads, direct buffers.
    overhead: int


@dataclass(frozen=True)
class Choice:
    """One of several implementations of a component that cannot read each other's data.

    Its release is a folder of /opt, so what is installed on a host is known there.
    """

    release: str
    units: str


@dataclass(frozen=True)
class Component:
    """A component of the estate and what preflight and the topology must know of it."""

    name: str
    group: str
    role: str
    ports: tuple[Port, ...]
    scheme: str = ""
    heap: Heap | None = None
    # MiB of a process without the heap of a JVM.
    memory: int = 0
    required: tuple[str, ...] = ()
    # Variables with passwords: preflight refuses a host without them, or with one that everybody knows.
    passwords: tuple[str, ...] = ()
    # Names in artifacts/catalogue.yml whose absence leaves the component out.
    artefacts: tuple[str, ...] = ()
    # Variables that hold data directories (a path or a list of them), and the GiB a new member needs there.
    data_dirs: tuple[str, ...] = ()
    disk_limit: str = ""
    # Variables with the cluster a component uses, and with the replication factor of its own topics there.
    cluster: str = ""
    replication: str = ""
    # The port, out of `ports`, that serves metrics.
    metrics: str = ""
    java: bool = False
    # The variable that chooses an implementation, and the implementations by its values.
    chosen_by: str = ""
    choices: Mapping[str, Choice] = field(default_factory=dict)

    @property
    def units(self) -> tuple[str, ...]:
        """Return its units on a host."""
        return UNITS[self.name]


SECURED = ("security_profile", "secured")

COMPONENTS = (
    Component(
        name="zookeeper",
        group="zookeeper",
        role="zookeeper",
        ports=(
            Port("zookeeper_client_port", unless=SECURED),
            Port("zookeeper_secured_port", when=SECURED),
            Port("zookeeper_peer_port"),
            Port("zookeeper_election_port"),
            Port("zookeeper_jmx_exporter_port", when=("estate_jmx_exporter", True)),
        ),
        metrics="zookeeper_jmx_exporter_port",
        heap=Heap("zookeeper_heap", share=1 / 16, least=128, most=1024, overhead=64),
        required=("zookeeper_id",),
        data_dirs=("zookeeper_data_dir",),
        disk_limit="preflight_disk_zookeeper",
        java=True,
    ),
    Component(
        name="kafka_controller",
        group="kafka_controller",
        role="kafka_controller",
        ports=(
            Port("kafka_controller_port"),
            Port("kafka_controller_jmx_exporter_port", when=("estate_jmx_exporter", True)),
        ),
        metrics="kafka_controller_jmx_exporter_port",
        heap=Heap("kafka_controller_heap", share=1 / 16, least=128, most=1024, overhead=96),
        required=("kafka_controller_id", "kafka_controller_cluster"),
        data_dirs=("kafka_controller_data_dir",),
        disk_limit="preflight_disk_kafka_controller",
        java=True,
    ),
    Component(
        name="kafka_broker",
        group="kafka_broker",
        role="kafka_broker",
        ports=(
            Port("kafka_broker_port", unless=SECURED),
            Port("kafka_broker_secured_port", when=SECURED),
            Port("kafka_broker_peer_port", when=SECURED),
            Port("kafka_broker_controller_port", when=("kafka_broker_combined", True)),
            Port("kafka_broker_jmx_exporter_port", when=("estate_jmx_exporter", True)),
        ),
        metrics="kafka_broker_jmx_exporter_port",
        heap=Heap("kafka_broker_heap", share=1 / 4, least=256, most=6144, overhead=160),
        required=("kafka_broker_id", "kafka_broker_cluster"),
        data_dirs=("kafka_broker_log_dirs",),
        disk_limit="preflight_disk_kafka_broker",
        java=True,
    ),
    Component(
        name="schema_registry",
        group="schema_registry",
        role="schema_registry",
        ports=(
            Port("schema_registry_port"),
            Port("schema_registry_backend_port", when=("schema_registry_implementation", "apicurio")),
        ),
        scheme="http",
        heap=Heap("schema_registry_heap", share=1 / 16, least=192, most=1024, overhead=160),
        required=("schema_registry_cluster",),
        cluster="schema_registry_cluster",
        replication="schema_registry_replication_factor",
        artefacts=("apicurio-registry", "confluent-schema-registry"),
        java=True,
        chosen_by="schema_registry_implementation",
        choices={
            "apicurio": Choice("apicurio-registry", "schema-registry schema-registry-proxy schema-registry-schemas"),
            "confluent": Choice("confluent-schema-registry", "schema-registry"),
        },
    ),
    Component(
        name="kafka_connect",
        group="kafka_connect",
        role="kafka_connect",
        ports=(Port("kafka_connect_port"), Port("kafka_connect_jmx_exporter_port", when=("estate_jmx_exporter", True))),
        metrics="kafka_connect_jmx_exporter_port",
        scheme="http",
        heap=Heap("kafka_connect_heap", share=1 / 8, least=256, most=2048, overhead=160),
        required=("kafka_connect_cluster",),
        cluster="kafka_connect_cluster",
        replication="kafka_connect_replication_factor",
        java=True,
    ),
    Component(
        name="elasticsearch",
        group="elasticsearch",
        role="elasticsearch",
        ports=(Port("elasticsearch_port"), Port("elasticsearch_transport_port")),
        scheme="http",
        heap=Heap("elasticsearch_heap", share=1 / 4, least=512, most=31744, overhead=256),
        data_dirs=("elasticsearch_data_dir",),
        disk_limit="preflight_disk_elasticsearch",
        artefacts=("elasticsearch",),
        java=True,
    ),
    Component(
        name="node_exporter",
        group="node_exporter",
        role="node_exporter",
        ports=(Port("node_exporter_port"),),
        metrics="node_exporter_port",
        memory=32,
        artefacts=("node-exporter",),
    ),
    Component(
        name="kafka_exporter",
        group="kafka_exporter",
        role="kafka_exporter",
        ports=(Port("kafka_exporter_port"),),
        metrics="kafka_exporter_port",
        memory=64,
        required=("kafka_exporter_cluster",),
        cluster="kafka_exporter_cluster",
        artefacts=("kafka-exporter", "consumer-group-exporter"),
    ),
    Component(
        name="elasticsearch_exporter",
        group="elasticsearch_exporter",
        role="elasticsearch_exporter",
        ports=(Port("elasticsearch_exporter_port"),),
        metrics="elasticsearch_exporter_port",
        memory=32,
        artefacts=("elasticsearch-exporter",),
    ),
    Component(
        name="prometheus",
        group="prometheus",
        role="prometheus",
        ports=(Port("prometheus_port"),),
        metrics="prometheus_port",
        scheme="http",
        memory=512,
        artefacts=("prometheus",),
        data_dirs=("prometheus_data_dir",),
        disk_limit="preflight_disk_prometheus",
    ),
    Component(
        name="alertmanager",
        group="alertmanager",
        role="alertmanager",
        ports=(Port("alertmanager_port"), Port("alertmanager_cluster_port", unless=SECURED)),
        metrics="alertmanager_port",
        scheme="http",
        memory=64,
        artefacts=("alertmanager",),
    ),
    Component(
        name="blackbox_exporter",
        group="blackbox_exporter",
        role="blackbox_exporter",
        ports=(Port("blackbox_exporter_port"),),
        metrics="blackbox_exporter_port",
        memory=32,
        artefacts=("blackbox-exporter",),
    ),
    Component(
        name="kibana",
        group="kibana",
        role="kibana",
        ports=(Port("kibana_port"),),
        scheme="http",
        heap=Heap("kibana_heap", share=1 / 16, least=768, most=2048, overhead=384),
        artefacts=("kibana",),
    ),
    Component(
        name="grafana",
        group="grafana",
        role="grafana",
        ports=(Port("grafana_port"),),
        scheme="http",
        memory=256,
        passwords=("grafana_admin_password",),
        artefacts=("grafana",),
    ),
    Component(
        name="cmak",
        group="cmak",
        role="cmak",
        ports=(Port("cmak_port"),),
        scheme="http",
        heap=Heap("cmak_heap", share=1 / 16, least=256, most=1024, overhead=160),
        passwords=("cmak_password",),
        artefacts=("cmak",),
        java=True,
    ),
    Component(
        name="akhq",
        group="akhq",
        role="akhq",
        ports=(Port("akhq_port"), Port("akhq_management_port")),
        scheme="http",
        heap=Heap("akhq_heap", share=1 / 16, least=256, most=1024, overhead=160),
        passwords=("akhq_password",),
        artefacts=("akhq",),
        java=True,
    ),
)
BY_NAME = {component.name: component for component in COMPONENTS}

# Limits of preflight: what an inventory may override, with unit, default and meaning.
PREFLIGHT_OPTIONS: dict[str, dict[str, Any]] = {
    "preflight_memory_reserve": {
        "type": "int",
        "default": 512,
        "description": "MiB of a host kept free of heaps and their overhead, for the system and the page cache.",
    },
    "preflight_disk_zookeeper": {
        "type": "float",
        "default": 1,
        "description": "GiB that must be free for the data directory of a new ZooKeeper server.",
    },
    "preflight_disk_kafka_controller": {
        "type": "float",
        "default": 1,
        "description": "GiB that must be free for the data directory of a new controller.",
    },
    "preflight_disk_kafka_broker": {
        "type": "float",
        "default": 10,
        "description": "GiB that must be free for each log directory of a new broker.",
    },
    "preflight_disk_elasticsearch": {
        "type": "float",
        "default": 5,
        "description": "GiB that must be free for the data directory of a new Elasticsearch node.",
    },
    "preflight_disk_prometheus": {
        "type": "float",
        "default": 10,
        "description": "GiB that must be free for the data directory of a new Prometheus.",
    },
    "preflight_disk_install": {
        "type": "float",
        "default": 2,
        "description": "GiB that must be free in /opt of a host with nothing of the estate installed.",
    },
    "preflight_clock_skew_max": {
        "type": "float",
        "default": 2,
        "description": "Seconds the clocks of two hosts may be apart.",
    },
    "preflight_resolve_timeout": {
        "type": "float",
        "default": 10,
        "description": "Seconds a host has to resolve the names of all the others.",
    },
}

# Variables of the book's playbooks and of earlier versions -> what to do instead.  In an inventory they are an error.
REMOVED: dict[str, str] = {
    "estate_host_python": "Remove it: each host gets what fits its Python; estate_host_pythons lists those of a store to carry",
    "estate_host_machine": "Remove it: each host gets what fits it; estate_host_machines lists those of a store to carry",
    "brokerid": "Write kafka_broker_id on each host; ids are never derived from host names",
    "myid": "Write zookeeper_id on each host; ids are never derived from host names",
    "kafka_broker_zookeeper_connect": "Remove it: the connect string follows from kafka_broker_ensemble and kafka_broker_chroot",
    "kafka_connect_bootstrap_servers": "Remove it: the addresses follow from kafka_connect_cluster",
    "schema_registry_bootstrap_servers": "Remove it: the addresses follow from schema_registry_cluster",
}
