"""The estate topology and every mistake an inventory can hold, without Ansible running."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Collection, Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.estate.kafka.plugins.module_utils.estate.components import (
    BY_NAME,
    COMPONENTS,
    PREFLIGHT_OPTIONS,
    REMOVED,
)
from ansible_collections.estate.kafka.plugins.module_utils.estate.problems import Undefined, render
from ansible_collections.estate.kafka.plugins.module_utils.estate.roles import Role
from ansible_collections.estate.kafka.plugins.module_utils.estate.topology import Plan, plan
from real_estate import ROLES, real_plan

ROOT = Path(__file__).resolve().parents[3]
INVENTORIES = sorted(path.parent for path in (ROOT / "inventories").rglob("hosts.yml"))

DEFAULTS: dict[str, dict[str, Any]] = {
    "zookeeper": {
        "zookeeper_ensemble": "zookeeper",
        "zookeeper_client_port": 2181,
        "zookeeper_peer_port": 2888,
        "zookeeper_election_port": 3888,
        "zookeeper_data_dir": "/var/lib/zookeeper",
        "zookeeper_heap": "",
    },
    "kafka_broker": {
        "kafka_broker_ensemble": "zookeeper",
        "kafka_broker_port": 9092,
        "kafka_broker_rack": "",
        "kafka_broker_default_replication_factor": 3,
        "kafka_broker_min_insync_replicas": 2,
        "kafka_broker_log_dirs": ["/var/lib/kafka/data"],
        "kafka_broker_heap": "",
        "kafka_broker_config": {},
        "kafka_broker_group_config": {},
        "kafka_broker_host_config": {},
    },
    "schema_registry": {
        "schema_registry_implementation": "apicurio",
        "schema_registry_port": 8081,
        "schema_registry_backend_port": 8082,
        "schema_registry_heap": "",
        "schema_registry_topic": "_schemas",
        "schema_registry_config": {},
        "schema_registry_group_config": {},
        "schema_registry_host_config": {},
    },
    "kafka_connect": {
        "kafka_connect_group_id": "connect-cluster",
        "kafka_connect_port": 8083,
        "kafka_connect_heap": "",
        "kafka_connect_replication_factor": 3,
        **{f"kafka_connect_{kind}_topic": f"{{{{ kafka_connect_group_id }}}}-{kind}s" for kind in ("config", "offset")},
        "kafka_connect_status_topic": "{{ kafka_connect_group_id }}-status",
        "kafka_connect_config": {},
        "kafka_connect_group_config": {},
        "kafka_connect_host_config": {},
    },
    "elasticsearch": {"elasticsearch_port": 9200, "elasticsearch_transport_port": 9300, "elasticsearch_heap": ""},
    "kafka_exporter": {"kafka_exporter_port": 9308},
    "elasticsearch_exporter": {"elasticsearch_exporter_port": 9114},
}
TYPES = {int: "int", str: "str", list: "list", dict: "dict", bool: "bool"}
REQUIRED = {
    "zookeeper": {"zookeeper_id": "int"},
    "kafka_broker": {"kafka_broker_id": "int", "kafka_broker_cluster": "str", "kafka_broker_chroot": "str"},
    "schema_registry": {"schema_registry_cluster": "str"},
    "kafka_connect": {"kafka_connect_cluster": "str"},
    "elasticsearch": {},
    "kafka_exporter": {"kafka_exporter_cluster": "str"},
    "elasticsearch_exporter": {},
}


def fixture_roles() -> dict[str, Role]:
    roles = {}
    for name, defaults in DEFAULTS.items():
        options: dict[str, dict[str, Any]] = {
            key: {"type": TYPES[type(value)], "default": value} for key, value in defaults.items()
        }
        options.update({key: {"type": kind, "required": True} for key, kind in REQUIRED[name].items()})
        roles[name] = Role(name, defaults, options)
    roles["schema_registry"].options["schema_registry_implementation"]["choices"] = ["apicurio", "confluent"]
    return roles


class Estate:
    """Three ZooKeepers with a downstream cluster and Connect, three upstream brokers, a registry, an Elasticsearch."""

    def __init__(self) -> None:
        zk, kafka = [f"zk{n}" for n in (1, 2, 3)], [f"kafka{n}" for n in (1, 2, 3)]
        self.groups: dict[str, list[str]] = {
            "all": zk + kafka,
            "zookeeper": list(zk),
            "kafka_broker": kafka + zk,
            "kafka_upstream": list(kafka),
            "kafka_downstream": list(zk),
            "schema_registry": ["kafka3"],
            "kafka_connect": list(zk),
            "elasticsearch": ["kafka2"],
        }
        self.hostvars: dict[str, dict[str, Any]] = {host: {} for host in zk + kafka}
        for number, host in enumerate(zk, 1):
            self.hostvars[host].update(zookeeper_id=number, kafka_connect_cluster="kafka-2")
        for name, chroot, hosts in (("kafka-1", "/kafka3", kafka), ("kafka-2", "/kafka4", zk)):
            for number, host in enumerate(hosts, 1):
                self.hostvars[host].update(kafka_broker_id=number, kafka_broker_cluster=name, kafka_broker_chroot=chroot)
        self.hostvars["kafka3"]["schema_registry_cluster"] = "kafka-1"

    def every(self, group: str, **values: Any) -> None:
        for host in self.groups[group]:
            self.hostvars[host].update(values)

    def only(self, *groups: str) -> None:
        for name in self.groups:
            if name not in ("all", *groups):
                self.groups[name] = []

    def plan(self, command_line: Collection[str] = ()) -> Plan:
        clusters = {name: self.groups[name] for name in ("kafka_upstream", "kafka_downstream")}
        return plan(self.groups, clusters, self.hostvars, fixture_roles(), command_line=command_line)


@pytest.fixture
def estate() -> Estate:
    return Estate()


def state_topics(estate: Estate) -> dict[str, list[str]]:
    return {name: sorted(found["state_topics"]) for name, found in estate.plan().topology["clusters"].items()}


def test_acls_need_an_authorizer(estate: Estate) -> None:
    acl = {"principal": "User:a", "operations": ["read"], "resource_type": "topic", "resource_name": "a"}
    estate.every("kafka_downstream", kafka_acls=[acl])
    (line,) = render(estate.plan().problems)
    assert line.startswith("zk1, zk2, zk3: kafka_acls: found ACLs, and no authorizer") and "authorizer.class.name" in line
    estate.every("kafka_downstream", kafka_broker_config={"authorizer.class.name": "kafka.security.authorizer.AclAuthorizer"})
    assert render(estate.plan().problems) == []


def test_topics_in_which_components_keep_their_state(estate: Estate) -> None:
    connect = ["connect-cluster-configs", "connect-cluster-offsets", "connect-cluster-status"]
    assert state_topics(estate) == {"kafka-1": ["_schemas"], "kafka-2": connect}
    estate.every("kafka_connect", kafka_connect_group_id="one", kafka_connect_status_topic="beats")
    estate.hostvars["kafka3"]["schema_registry_topic"] = "registry-journal"
    assert state_topics(estate) == {"kafka-1": ["registry-journal"], "kafka-2": ["beats", "one-configs", "one-offsets"]}
    estate.hostvars["kafka3"]["schema_registry_config"] = {"apicurio.kafkasql.topic": "journal"}
    assert state_topics(estate) == {"kafka-1": ["journal"], "kafka-2": ["beats", "one-configs", "one-offsets"]}


def test_the_reference_estate(estate: Estate) -> None:
    outcome = estate.plan()
    assert render(outcome.problems) == []
    assert render(outcome.warnings) == []
    topology = outcome.topology
    assert topology["ensembles"]["zookeeper"]["connect"] == "zk1:2181,zk2:2181,zk3:2181"
    assert topology["ensembles"]["zookeeper"]["servers"][0] == {
        "id": 1,
        "host": "zk1",
        "client_port": 2181,
        "peer_port": 2888,
        "election_port": 3888,
    }
    upstream = topology["clusters"]["kafka-1"]
    assert upstream["zookeeper_connect"] == "zk1:2181,zk2:2181,zk3:2181/kafka3"
    assert upstream["bootstrap"] == "kafka1:9092,kafka2:9092,kafka3:9092"
    assert upstream["brokers"][2] == {"id": 3, "host": "kafka3", "port": 9092, "rack": ""}
    assert (upstream["default_replication_factor"], upstream["min_insync_replicas"]) == (3, 2)
    assert topology["clusters"]["kafka-2"]["bootstrap"] == "zk1:9092,zk2:9092,zk3:9092"
    assert topology["schema_registry_url"] == "http://kafka3:8081"
    assert topology["connect_clusters"]["connect-cluster"] == {
        "cluster": "kafka-2",
        "hosts": ["zk1", "zk2", "zk3"],
        "urls": ["http://zk1:8083", "http://zk2:8083", "http://zk3:8083"],
        "artefact": "kafka",
        "exactly_once": False,
    }
    assert topology["mirrors"] == []
    assert topology["elasticsearch"] == {
        "hosts": ["kafka2"],
        "urls": ["http://kafka2:9200"],
        "transports": ["kafka2:9300"],
    }
    assert {"component": "kafka_broker", "host": "zk1", "ports": [9092], "address": "zk1:9092"} in topology["components"]
    assert [row["component"] for row in outcome.placement["zk1"]["components"]] == [
        "zookeeper",
        "kafka_broker",
        "kafka_connect",
    ]
    assert outcome.placement["kafka1"]["limits"]["preflight_clock_skew_max"] == 2


def test_members_are_in_the_order_of_their_ids(estate: Estate) -> None:
    estate.hostvars["kafka1"]["kafka_broker_id"] = 30
    assert estate.plan().topology["clusters"]["kafka-1"]["bootstrap"] == "kafka2:9092,kafka3:9092,kafka1:9092"


def test_a_role_alone_needs_no_other_group(estate: Estate) -> None:
    estate.only("elasticsearch")
    assert estate.plan().problems == []
    estate = Estate()
    estate.only("zookeeper")
    assert estate.plan().problems == []


Edit = Callable[[Estate], Any]


def put(host: str, **values: Any) -> Edit:
    return lambda estate: estate.hostvars[host].update(values)


def put_all(group: str, **values: Any) -> Edit:
    return lambda estate: estate.every(group, **values)


def drop(host: str, variable: str) -> Edit:
    return lambda estate: estate.hostvars[host].pop(variable)


def empty(*groups: str) -> Edit:
    return lambda estate: [estate.groups.update({group: []}) for group in groups]


def ensemble_of(size: int) -> Edit:
    def edit(estate: Estate) -> None:
        estate.groups["zookeeper"] = [f"zk{n}" for n in (1, 2, 3)][:size] + [f"kafka{n}" for n in range(1, size - 2)]
        for number, host in enumerate(estate.groups["zookeeper"], 1):
            estate.hostvars[host]["zookeeper_id"] = number

    return edit


def misnamed_group(estate: Estate) -> None:
    estate.groups["kafka_connects"] = estate.groups.pop("kafka_connect")


def without_kafka3(estate: Estate) -> None:
    estate.groups["kafka_upstream"].remove("kafka3")
    estate.groups["kafka_broker"].remove("kafka3")


def two_clusters(estate: Estate) -> None:
    estate.groups["kafka_downstream"].append("kafka1")


# what is wrong, and the line (host, variable, value found, remedy) it must give
def exporter(**clusters: str | None) -> Edit:
    def edit(estate: Estate) -> None:
        estate.groups["kafka_exporter"] = list(clusters)
        for host, cluster in clusters.items():
            estate.hostvars[host].update({"kafka_exporter_cluster": cluster} if cluster else {})

    return edit


def search_exporter(*hosts: str, nothing_to_read: bool = False) -> Edit:
    def edit(estate: Estate) -> None:
        estate.groups["elasticsearch_exporter"] = list(hosts)
        if nothing_to_read:
            estate.groups["elasticsearch"] = []

    return edit


BAD: dict[str, tuple[Edit, str]] = {
    "duplicate broker id": (
        put("kafka2", kafka_broker_id=1),
        "kafka2: kafka_broker_id: found 1. kafka1 of the same cluster kafka-1 has this id too: give each a number of its own.",
    ),
    "missing broker id": (
        drop("kafka2", "kafka_broker_id"),
        "kafka2: kafka_broker_id: found nothing. Set it: a host of group kafka_broker cannot be without it.",
    ),
    "broker id of another, in quotes": (
        put("kafka2", kafka_broker_id="1"),
        "kafka2: kafka_broker_id: found '1'. kafka1 of the same cluster kafka-1 has this id too",
    ),
    "broker id a word": (put("kafka2", kafka_broker_id="two"), "kafka2: kafka_broker_id: found 'two'. It must be an integer"),
    "broker id true": (put("kafka2", kafka_broker_id=True), "kafka2: kafka_broker_id: found True. It must be an integer"),
    "broker id without value": (put("kafka2", kafka_broker_id=None), "kafka2: kafka_broker_id: found None. Give it a value"),
    "negative broker id": (put("kafka2", kafka_broker_id=-1), "kafka2: kafka_broker_id: found -1. Choose a number from 0"),
    "duplicate ZooKeeper id": (
        put("zk3", zookeeper_id=1),
        "zk3: zookeeper_id: found 1. zk1 of the same ensemble zookeeper has this id too",
    ),
    "missing ZooKeeper id": (drop("zk3", "zookeeper_id"), "zk3: zookeeper_id: found nothing. Set it"),
    "ZooKeeper id with a fraction": (put("zk3", zookeeper_id="3.5"), "zk3: zookeeper_id: found '3.5'. It must be an integer."),
    "ZooKeeper id too large": (put("zk3", zookeeper_id=256), "zk3: zookeeper_id: found 256. Choose a number from 1 to 255"),
    "two clusters on one chroot": (
        put_all("kafka_downstream", kafka_broker_chroot="/kafka3"),
        "zk1: kafka_broker_chroot: found '/kafka3'. Cluster kafka-1 has this chroot of ensemble zookeeper too: "
        "give cluster kafka-2 one of its own.",
    ),
    "chroot without slash": (
        put_all("kafka_upstream", kafka_broker_chroot="kafka3"),
        "kafka1: kafka_broker_chroot: found 'kafka3'. Write an absolute znode path",
    ),
    "chroot with a slash at its end": (
        put_all("kafka_upstream", kafka_broker_chroot="/kafka3/"),
        "kafka1: kafka_broker_chroot: found '/kafka3/'. Write an absolute znode path",
    ),
    "chroot of two slashes": (
        put_all("kafka_upstream", kafka_broker_chroot="//"),
        "kafka1: kafka_broker_chroot: found '//'. Write an absolute znode path",
    ),
    "chroot not the same in a cluster": (
        put("kafka2", kafka_broker_chroot="/other"),
        "kafka2: kafka_broker_chroot: found '/other'. kafka1 of the same cluster kafka-1 has '/kafka3'",
    ),
    "ensemble of 2": (
        ensemble_of(2),
        "group zookeeper: zookeeper_ensemble: found 2 servers in ensemble 'zookeeper' (zk1, zk2). Use 1, 3 or 5",
    ),
    "replication factor above broker count": (
        put_all("kafka_upstream", kafka_broker_default_replication_factor=4),
        "kafka1: kafka_broker_default_replication_factor: found 4. Cluster kafka-1 has 3 brokers: set a number from 1 to 3",
    ),
    "default replication factor above broker count": (
        without_kafka3,
        "kafka1: kafka_broker_default_replication_factor: found 3. Cluster kafka-1 has 2 brokers",
    ),
    "replication factor of Connect above broker count": (
        put_all("kafka_connect", kafka_connect_replication_factor=5),
        "zk1, zk2, zk3: kafka_connect_replication_factor: found 5. Cluster kafka-2 has 3 broker(s): set a number from 1 to 3",
    ),
    "min-ISR above replication factor": (
        put_all("kafka_upstream", kafka_broker_default_replication_factor=2, kafka_broker_min_insync_replicas=3),
        "kafka1: kafka_broker_min_insync_replicas: found 3. The replication factor of cluster kafka-1 is 2",
    ),
    "typo": (
        put("kafka2", kafka_broker_prot=9093),
        "kafka2: kafka_broker_prot: found 9093. Role kafka_broker has no such variable. Write kafka_broker_port if that",
    ),
    "typo with the prefix of the longer role": (
        put("zk1", kafka_connect_prt=1),
        "zk1: kafka_connect_prt: found 1. Role kafka_connect has no such variable. Write kafka_connect_port",
    ),
    "typo in a limit of preflight": (
        put("kafka2", preflight_clock_skew=9),
        "kafka2: preflight_clock_skew: found 9. Preflight has no such variable. Write preflight_clock_skew_max",
    ),
    "removed variable": (
        put("kafka2", brokerid=2),
        "kafka2: brokerid: found 2. This variable was removed. Write kafka_broker_id on each host",
    ),
    "several in a string for a list": (
        put("kafka2", kafka_broker_log_dirs="/data1,/data2"),
        "kafka2: kafka_broker_log_dirs: found '/data1,/data2'. It must be a list.",
    ),
    "half a list": (
        put("kafka2", kafka_broker_log_dirs="[1,2"),
        "kafka2: kafka_broker_log_dirs: found '[1,2'. It must be a list.",
    ),
    "nobody knows whether": (
        put("kafka2", kafka_topics_prune="maybe"),
        "kafka2: kafka_topics_prune: found 'maybe'. It must be true",
    ),
    "a version without quotes": (
        put("kafka2", kafka_broker_ensemble=3.10),
        "kafka2: kafka_broker_ensemble: found 3.1. It must be a string: put it in quotes.",
    ),
    "inside a topic": (
        put("kafka2", kafka_topics=[{"name": "a", "partitions": "3"}, {"name": "b", "partitions": "3.5"}]),
        "kafka2: kafka_topics[1].partitions: found '3.5'. It must be an integer.",
    ),
    "password that is no text": (
        put("kafka2", kafka_users=[{"name": "a", "password": ["hunter2"]}]),
        "kafka2: kafka_users[0].password: found a secret value, a list. It must be a string.",
    ),
    "template inside a mapping": (
        put("kafka2", kafka_broker_config={"a": {"b": [1, Undefined("'nope' is undefined", written="'{{ nope }}' (x.yml:3)")]}}),
        "kafka2: kafka_broker_config.a.b[1]: found '{{ nope }}' (x.yml:3), a template that fails: 'nope' is undefined. Write",
    ),
    "number as text beside what only a run knows": (
        put("kafka2", kafka_topics=[{"name": Undefined("no facts", later=True), "partitions": "3"}]),
        "kafka2: kafka_topics: found ",
    ),
    "topic with a state that only a run knows": (
        put(
            "kafka3",
            schema_registry_config={"a": 1},
            schema_registry_group_config={"apicurio.kafkasql.topic": Undefined("no", later=True)},
        ),
        "kafka3: schema_registry_group_config.apicurio.kafkasql.topic: found a template that fails: no. Write a value",
    ),
    "flows that only a run knows": (
        put_all("all", mirrors=[{"source": Undefined("no facts", later=True), "target": "kafka-2"}]),
        "zk1, zk2, zk3, kafka1 and 2 more: mirrors: found a value inside it that is only known during the run. Write a value",
    ),
    "list for a mapping": (
        put("kafka2", kafka_broker_config=["a=b"]),
        "kafka2: kafka_broker_config: found ['a=b']. It must be a mapping.",
    ),
    "value outside the choices": (
        put("kafka3", schema_registry_implementation="karapace"),
        "kafka3: schema_registry_implementation: found 'karapace'. It must be one of apicurio, confluent",
    ),
    "heap that is no size": (
        put("kafka2", kafka_broker_heap="512"),
        "kafka2: kafka_broker_heap: found '512'. Write a JVM size such as 512m or 2g.",
    ),
    "two components on one port": (
        put("zk1", kafka_connect_port=9092),
        "zk1: kafka_connect_port: found 9092. kafka_broker_port has this port too: choose another for one of them.",
    ),
    "one component twice on one port": (
        put("zk1", zookeeper_election_port=2888),
        "zk1: zookeeper_election_port: found 2888. zookeeper_peer_port has this port too",
    ),
    "port out of range": (put("zk1", kafka_connect_port=70000), "zk1: kafka_connect_port: found 70000. Choose a port"),
    "no ZooKeeper": (
        empty("zookeeper"),
        "group zookeeper: groups: found no hosts, and kafka_broker has some. Put the servers of the ensemble into group",
    ),
    "unknown ensemble": (
        put_all("kafka_upstream", kafka_broker_ensemble="east"),
        "kafka1, kafka2, kafka3: kafka_broker_ensemble: found 'east'. No host of group zookeeper has zookeeper_ensemble 'east'"
        ". Known: zookeeper.",
    ),
    "no brokers for Connect and registry": (
        empty("kafka_broker", "kafka_upstream", "kafka_downstream"),
        "kafka3: schema_registry_cluster: found 'kafka-1'. No host of group kafka_broker has kafka_broker_cluster 'kafka-1'",
    ),
    "unknown cluster of Connect": (
        put_all("kafka_connect", kafka_connect_cluster="kafka-3"),
        "zk1, zk2, zk3: kafka_connect_cluster: found 'kafka-3'. No host of group kafka_broker has kafka_broker_cluster "
        "'kafka-3'. Known: kafka-1, kafka-2.",
    ),
    "one Connect group id on two clusters": (
        put("zk3", kafka_connect_cluster="kafka-1"),
        "zk3: kafka_connect_cluster: found 'kafka-1'. zk1 has the same kafka_connect_group_id 'connect-cluster'",
    ),
    "an exporter of a cluster that is not there": (
        exporter(kafka1="kafka-3"),
        "kafka1: kafka_exporter_cluster: found 'kafka-3'. No host of group kafka_broker has kafka_broker_cluster 'kafka-3'",
    ),
    "an exporter of no cluster": (exporter(kafka1=None), "kafka1: kafka_exporter_cluster: found nothing. Set it"),
    "two exporters of one cluster": (
        exporter(kafka1="kafka-1", kafka2="kafka-1"),
        "kafka2: kafka_exporter_cluster: found 'kafka-1'. kafka1 reads this cluster already: keep one, or lag counts twice",
    ),
    "an Elasticsearch exporter with nothing to read": (
        search_exporter("zk1", nothing_to_read=True),
        "zk1: groups: found no host in group elasticsearch. Add one, or empty group elasticsearch_exporter",
    ),
    "two Elasticsearch exporters": (
        search_exporter("zk1", "zk2"),
        "zk2: groups: found elasticsearch_exporter. zk1 reads Elasticsearch already: keep one host in this group",
    ),
    "typo of an estate variable": (
        put("kafka2", estate_mirror_ulr="x"),
        "kafka2: estate_mirror_ulr: found 'x'. Nothing reads this variable. Write estate_mirror_url",
    ),
    "misnamed group": (
        misnamed_group,
        "group kafka_connects: groups: found hosts in group 'kafka_connects' and none in 'kafka_connect'. "
        "Name the group kafka_connect.",
    ),
    "nothing at all": (lambda estate: estate.only(), "group all: groups: found no host in any group of a component."),
    "host in two clusters": (
        two_clusters,
        "kafka1: groups: found membership of both kafka_upstream and kafka_downstream. A host runs one broker",
    ),
    "port that needs what is not in the inventory": (
        put("kafka2", kafka_broker_port=Undefined("'nope' is undefined")),
        "kafka2: kafka_broker_port: found a template that fails: 'nope' is undefined. Write a value that follows",
    ),
}


@pytest.mark.parametrize("mistake", BAD)
def test_mistake_is_named(estate: Estate, mistake: str) -> None:
    edit, expected = BAD[mistake]
    edit(estate)
    lines = render(estate.plan().problems)
    assert any(line.startswith(expected) for line in lines), lines


def test_all_mistakes_come_at_once(estate: Estate) -> None:
    put("zk3", zookeeper_id=1)(estate)
    put("kafka2", kafka_broker_prot=9093)(estate)
    put("zk1", kafka_connect_port=9092)(estate)
    assert len(render(estate.plan().problems)) == 3


@pytest.mark.parametrize(
    ("edit", "expected"),
    [
        (ensemble_of(4), "group zookeeper: zookeeper_ensemble: found 4 servers in ensemble 'zookeeper'"),
        (
            put_all("kafka_upstream", kafka_broker_min_insync_replicas=3),
            "kafka1: kafka_broker_min_insync_replicas: found 3. It equals the replication factor of cluster kafka-1",
        ),
        (put("kafka2", kafka_brokr_port=1), "kafka2: kafka_brokr_port: found 1. Nothing reads this variable. Write kafka_broker"),
    ],
    ids=["even ensemble", "min-ISR equals the replication factor", "typo in a prefix"],
)
def test_warning(estate: Estate, edit: Edit, expected: str) -> None:
    edit(estate)
    outcome = estate.plan()
    assert outcome.problems == []
    assert [line for line in render(outcome.warnings) if line.startswith(expected)]


def test_two_ensembles_may_share_ids_and_chroot(estate: Estate) -> None:
    estate.groups["zookeeper"] += estate.groups["kafka_upstream"]
    for number, host in enumerate(estate.groups["kafka_upstream"], 1):
        estate.hostvars[host].update(zookeeper_id=number, zookeeper_ensemble="up", kafka_broker_ensemble="up")
    estate.every("kafka_upstream", kafka_broker_chroot="/kafka4")
    outcome = estate.plan()
    assert outcome.problems == []
    assert outcome.topology["clusters"]["kafka-1"]["zookeeper_connect"] == "kafka1:2181,kafka2:2181,kafka3:2181/kafka4"


def test_the_root_of_the_ensemble_is_no_chroot(estate: Estate) -> None:
    put_all("kafka_upstream", kafka_broker_chroot="/")(estate)
    found = estate.plan()
    assert found.problems == []
    assert found.topology["clusters"]["kafka-1"]["zookeeper_connect"] == found.topology["ensembles"]["zookeeper"]["connect"]
    put_all("kafka_downstream", kafka_broker_chroot="/brokers")(estate)
    assert any("Kafka itself has a znode /brokers" in problem.remedy for problem in estate.plan().problems)


def test_a_component_on_a_low_port_is_granted_it(estate: Estate) -> None:
    put_all("kafka_connect", kafka_connect_port=83)(estate)
    rows = estate.plan().topology["components"]
    assert {row["component"] for row in rows if row.get("privileged")} == {"kafka_connect"}


def test_a_secret_is_not_shown(estate: Estate) -> None:
    roles = deepcopy(fixture_roles())
    roles["kafka_broker"].options["kafka_broker_password"] = {"type": "str", "no_log": True}
    estate.hostvars["kafka1"]["kafka_broker_password"] = ["hunter2"]
    lines = render(plan(estate.groups, {}, estate.hostvars, roles).problems)
    assert lines == ["kafka1: kafka_broker_password: found a secret value, a list. It must be a string."]


@pytest.mark.parametrize(
    ("name", "found", "words"),
    [
        ("kafka_connect_secrets", "hunter2", "found a secret value, a string. It must be a mapping"),
        ("kafka_connect_secrets", [{"db": "hunter2"}], "found a secret value, a list. It must be a mapping"),
        ("kafka_connect_secret", {"db": "hunter2"}, "found a secret value, a mapping. Role kafka_connect has no such variable"),
        ("cmak_pasword", "hunter2", "Role cmak has no such variable. Write cmak_password"),
        ("kafka_connectors", [{"name": "a", "config": {"db.pin": "hunter2"}, "state": "runing"}], "It must be one of running"),
        ("kafka_connectors", [{"name": "a", "configs": {"db.pin": "hunter2"}}], "write config if that is meant"),
        ("kafka_conectors", [{"name": "a", "config": {"db.pin": "hunter2"}}], "Write kafka_connectors if that is meant"),
        (
            "mirrors",
            [{"source": "a", "target": "b", "config": {"pin": "hunter2"}, "state": "runing"}],
            "It must be one of running",
        ),
        ("kafka_connect_config", [{"sasl.jaas.config": "hunter2"}], "found a secret value, a list. It must be a mapping"),
        ("kafka_connect_confg", {"sasl.jaas.config": "hunter2"}, "Write kafka_connect_config if that is meant"),
        ("kafka_connect_urls", ["http://user:hunter2@h/"], "Role kafka_connect has no such variable"),
    ],
)
def test_of_a_secret_only_name_and_type_are_told(estate: Estate, name: str, found: Any, words: str) -> None:
    (host,) = estate.groups["kafka_connect"][:1]
    estate.hostvars[host][name] = found
    outcome = plan(estate.groups, {}, estate.hostvars, ROLES)
    text = "\n".join(render(outcome.problems + outcome.warnings))
    assert re.search(rf"{host}: {name}(\[0\]\S+)?: ", text) and words in text and "hunter2" not in text


def test_what_was_converted_is_what_everybody_uses(estate: Estate) -> None:
    put("kafka1", kafka_broker_id="1", kafka_broker_port="9093", kafka_broker_log_dirs="/data")(estate)
    put_all("kafka_upstream", kafka_topics=[{"name": "a", "partitions": "3", "config": None}], kafka_topics_prune="no")(estate)
    outcome = estate.plan()
    assert outcome.problems == []
    topics = {"kafka_topics": [{"name": "a", "partitions": 3}], "kafka_topics_prune": False}
    assert outcome.topology["clusters"]["kafka-1"]["brokers"][0] == {"id": 1, "host": "kafka1", "port": 9093, "rack": ""}
    assert outcome.placement["kafka1"]["components"][0]["data_dirs"] == ["/data"]
    assert outcome.converted == {
        "kafka1": {
            "kafka_broker_id": 1,
            "kafka_broker_port": 9093,
            "kafka_broker_log_dirs": ["/data"],
            **topics,
        },
        **{host: topics for host in estate.groups["kafka_upstream"] if host != "kafka1"},
    }


def test_on_the_command_line_only_single_values_are_converted(estate: Estate) -> None:
    put_all("all", kafka_topics_prune="no", kafka_topics_throttle="5", kafka_topics_keep="a")(estate)
    outcome = estate.plan(command_line=["kafka_topics_prune", "kafka_topics_throttle", "kafka_topics_keep"])
    (line,) = render(outcome.problems)
    assert line.startswith("zk1, zk2, zk3, kafka1 and 2 more: kafka_topics_keep: found 'a'. Write it as JSON")
    assert outcome.converted == {}


def test_options_are_those_of_all_levels(estate: Estate) -> None:
    authorizer = {"authorizer.class.name": "kafka.security.authorizer.AclAuthorizer"}
    acls = [{"principal": "User:a", "operations": ["read"], "resource_type": "topic", "resource_name": "a"}]
    put_all("kafka_upstream", kafka_acls=acls, kafka_broker_config=authorizer, kafka_broker_host_config={"a": 1})(estate)
    assert estate.plan().problems == []
    put("kafka2", kafka_broker_group_config={"authorizer.class.name": None})(estate)
    assert [
        line for line in render(estate.plan().problems) if line.startswith("kafka2: kafka_acls: found ACLs, and no authorizer")
    ]
    put("kafka2", kafka_broker_host_config=authorizer)(estate)
    assert estate.plan().problems == []


def test_a_worker_of_its_own_options_takes_exactly_once_from_its_cluster(estate: Estate) -> None:
    def exactly_once() -> bool:
        return bool(estate.plan().topology["connect_clusters"]["connect-cluster"]["exactly_once"])

    put_all("kafka_connect", kafka_connect_config={"exactly.once.source.support": "enabled"})(estate)
    put("zk2", kafka_connect_host_config={"offset.flush.timeout.ms": 1})(estate)
    assert exactly_once()
    put("zk2", kafka_connect_host_config={"exactly.once.source.support": None})(estate)
    assert not exactly_once()


def test_a_heap_may_need_facts(estate: Estate) -> None:
    put("kafka1", kafka_broker_heap=Undefined("'memtotal_mb' is undefined", later=True))(estate)
    assert estate.plan().problems == []


def test_confluent_registry_needs_no_backend_port(estate: Estate) -> None:
    put("kafka3", schema_registry_implementation="confluent", schema_registry_backend_port=9092)(estate)
    assert estate.plan().problems == []


# -- the real inventories and the real roles ----------------------------------------------------------------------------


@pytest.fixture(scope="module", params=INVENTORIES, ids=lambda path: path.name)
def real(request: pytest.FixtureRequest) -> Iterator[tuple[str, Plan]]:
    yield request.param.name, real_plan(request.param)


def test_inventory_is_good(real: tuple[str, Plan]) -> None:
    name, outcome = real
    assert render(outcome.problems) == []
    # The example of combined mode is warned of what it costs, and of nothing else.
    assert [line.split(": ")[1] for line in render(outcome.warnings)] == ["kafka_broker_combined"] * (name == "combined")


def test_inventory_has_its_shape(real: tuple[str, Plan]) -> None:
    name, outcome = real
    clusters = {key: len(cluster["brokers"]) for key, cluster in outcome.topology["clusters"].items()}
    ensembles = {key: len(ensemble["servers"]) for key, ensemble in outcome.topology["ensembles"].items()}
    assert (clusters, ensembles) == {
        "prod": ({"kafka-1": 3, "kafka-2": 3}, {"zookeeper": 3}),
        "kraft": ({"kafka-1": 3, "kafka-2": 3}, {}),
        "secured": ({"kafka-1": 3, "kafka-2": 3}, {"zookeeper": 3}),
        "sample": ({"upstream": 3}, {"zookeeper": 3}),
        "combined": ({"main": 3}, {}),
        "single-cluster": ({"main": 3}, {"zookeeper": 3}),
        "two-ensembles": ({"east": 3, "west": 3}, {"east": 3, "west": 3}),
        "sixty-brokers": ({"big": 60}, {"zookeeper": 5}),
    }[name]


def test_sixty_brokers_stand_in_six_racks_and_are_planned_fast() -> None:
    started = time.process_time()
    outcome = real_plan(ROOT / "inventories/examples/sixty-brokers")
    assert time.process_time() - started < 8
    racks = [broker["rack"] for broker in outcome.topology["clusters"]["big"]["brokers"]]
    assert {rack: racks.count(rack) for rack in racks} == {f"rack-{n}": 10 for n in range(1, 7)}


# -- the table of components and the roles agree -------------------------------------------------------------------------


@pytest.mark.parametrize("component", [c.name for c in COMPONENTS if c.role in ROLES])
def test_table_names_variables_of_the_role(component: str) -> None:
    row, role = BY_NAME[component], ROLES[BY_NAME[component].role]
    named = {port.variable for port in row.ports} | {*row.data_dirs} | ({row.heap.variable} if row.heap else set())
    named |= {row.replication} - {""}
    assert named <= role.defaults.keys()
    assert {*row.required} <= {name for name, option in role.options.items() if option.get("required")}
    assert not row.disk_limit or row.disk_limit in PREFLIGHT_OPTIONS


def test_removed_variables_are_gone() -> None:
    assert not REMOVED.keys() & {name for role in ROLES.values() for name in role.options}
