"""Clusters with controllers in the estate topology, and every mistake that is theirs."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest
from ansible_collections.estate.kafka.plugins.filter.cmak import cmak_clusters
from ansible_collections.estate.kafka.plugins.module_utils.estate.ports import connections
from ansible_collections.estate.kafka.plugins.module_utils.estate.problems import render
from ansible_collections.estate.kafka.plugins.module_utils.estate.topology import Plan, plan
from real_estate import DEFINITIONS, ROLES, ROOT, real_plan

HOSTS = ["a", "b", "c"]


class Estate:
    """A cluster of three brokers and three controllers on the same hosts, and beside it one on ZooKeeper."""

    def __init__(self) -> None:
        self.groups = {
            "kafka_controller": list(HOSTS),
            "kafka_broker": [*HOSTS, "old"],
            "kafka_new": list(HOSTS),
            "kafka_old": ["old"],
            "zookeeper": ["old"],
        }
        self.hostvars: dict[str, dict[str, Any]] = {
            host: {
                "kafka_broker_cluster": "new",
                "kafka_broker_version": "4.3.1",
                "kafka_broker_id": number,
                "kafka_controller_cluster": "new",
                "kafka_controller_id": 3000 + number,
            }
            for number, host in enumerate(HOSTS, 1)
        }
        self.hostvars["old"] = {
            "zookeeper_id": 1,
            "kafka_broker_id": 1,
            "kafka_broker_cluster": "old",
            "kafka_broker_chroot": "/old",
            "kafka_broker_default_replication_factor": 1,
            "kafka_broker_min_insync_replicas": 1,
        }

    def plan(self) -> Plan:
        children = {"kafka_new": self.groups["kafka_new"], "kafka_old": self.groups["kafka_old"]}
        return plan(self.groups, children, deepcopy(self.hostvars), ROLES, definitions=DEFINITIONS)


def put(host: str, **values: Any) -> Callable[[Estate], None]:
    return lambda estate: estate.hostvars[host].update(values)


def put_all(**values: Any) -> Callable[[Estate], None]:
    return both(*(put(host, **values) for host in HOSTS))


def both(*edits: Callable[[Estate], None]) -> Callable[[Estate], None]:
    def edit(estate: Estate) -> None:
        for one in edits:
            one(estate)

    return edit


def controllers(*hosts: str) -> Callable[[Estate], None]:
    def edit(estate: Estate) -> None:
        estate.groups["kafka_controller"] = list(hosts)

    return edit


def test_both_kinds_of_clusters_stand_in_one_inventory() -> None:
    outcome = Estate().plan()
    assert (render(outcome.problems), render(outcome.warnings)) == ([], [])
    new, old = outcome.topology["clusters"]["new"], outcome.topology["clusters"]["old"]
    assert (new["artefact"], old["artefact"]) == ("kafka-4", "kafka")
    assert [(row["id"], row["host"]) for row in new["controllers"]] == [(3001, "a"), (3002, "b"), (3003, "c")]
    assert new["controller_bootstrap"] == "a:9095,b:9095,c:9095"
    assert new["zookeeper_connect"] == new["chroot"] == new["ensemble"] == ""
    assert old["controllers"] == [] and old["zookeeper_connect"] == "old:2181/old"
    reach = {(one.source, one.target) for one in connections(outcome.topology) if one.port == 9095}
    assert reach == {(one, other) for one in HOSTS for other in HOSTS if one != other}


def test_metrics_of_a_controller_bear_its_cluster() -> None:
    estate = Estate()
    put_all(estate_jmx_exporter=True)(estate)
    rows = [row for row in estate.plan().topology["metrics"] if row["component"] == "kafka_controller"]
    assert {(row["host"], row["port"], row["cluster"]) for row in rows} == {(host, 7074, "new") for host in HOSTS}


BAD: dict[str, tuple[Callable[[Estate], None], str]] = {
    "controllers and a chroot": (
        put("b", kafka_broker_chroot="/kafka"),
        "b: kafka_broker_chroot: found '/kafka'. Cluster new has controllers (a, b, c), so it has no ZooKeeper",
    ),
    "controllers and an ensemble": (
        put_all(kafka_broker_ensemble="zookeeper"),
        "a, b, c: kafka_broker_ensemble: found 'zookeeper'. Cluster new has controllers (a, b, c), so it has no ZooKeeper",
    ),
    "a broker's id": (
        put("c", kafka_controller_id=1),
        "c: kafka_controller_id: found 1. broker a of the same cluster new has this id too",
    ),
    "another controller's id": (
        put("c", kafka_controller_id=3001),
        "c: kafka_controller_id: found 3001. a of the same cluster new has this id too",
    ),
    "a negative id": (put("c", kafka_controller_id=-3), "c: kafka_controller_id: found -3. Choose a number from 0"),
    "a cluster without brokers": (
        put("c", kafka_controller_cluster="lost"),
        "c: kafka_controller_cluster: found 'lost'. No host of group kafka_broker has kafka_broker_cluster 'lost'. Known: ",
    ),
    "no version": (
        put("a", kafka_broker_version=""),
        "a: kafka_broker_version: found nothing. Cluster new has controllers, so write 4.3.1",
    ),
    "the line with ZooKeeper": (
        put("a", kafka_broker_version="3.9.2"),
        "a: kafka_broker_version: found '3.9.2'. Cluster new has controllers, so write 4.3.1",
    ),
    "Kafka 4 on ZooKeeper": (
        put("old", kafka_broker_version="4.3.1"),
        "old: kafka_broker_version: found '4.3.1'. Cluster old has no controllers, so only Kafka 3.9 has ZooKeeper",
    ),
    "a version that the store has not": (
        put("a", kafka_broker_version="4.9.9"),
        "a: kafka_broker_version: found '4.9.9'. The catalogue has 4.3.1 of kafka-4",
    ),
    "a controller's version that the store has not": (
        put("a", kafka_controller_version="4.2.0"),
        "a: kafka_controller_version: found '4.2.0'. The catalogue has 4.3.1 of kafka-4",
    ),
    "no chroot without controllers": (
        lambda estate: estate.hostvars["old"].pop("kafka_broker_chroot"),
        "old: kafka_broker_chroot: found nothing. Set it: a host of group kafka_broker cannot be without it where",
    ),
    "an id that is none": (
        put("a", kafka_cluster_id="cluster-1"),
        "a: kafka_cluster_id: found 'cluster-1'. Write the 22 letters",
    ),
    "two ids": (
        both(put("a", kafka_cluster_id="A" * 22), put("b", kafka_cluster_id="B" * 22)),
        "b: kafka_cluster_id: found 'BBBBBBBBBBBBBBBBBBBBBB'. a of the same cluster new has 'AAAAAAAAAAAAAAAAAAAAAA'",
    ),
    "one directory for both": (
        put("a", kafka_controller_data_dir="/var/lib/kafka/data"),
        "a: kafka_controller_data_dir: found '/var/lib/kafka/data'. kafka_broker_log_dirs of the same host has it too",
    ),
    "a map without the listener of the controllers": (
        put("a", kafka_broker_host_config={"listener.security.protocol.map": "PLAINTEXT:PLAINTEXT"}),
        "a: kafka_broker_host_config.listener.security.protocol.map: found 'PLAINTEXT:PLAINTEXT'. Add CONTROLLER:PLAINTEXT",
    ),
    "the older authorizer": (
        put_all(kafka_broker_config={"authorizer.class.name": "kafka.security.authorizer.AclAuthorizer"}),
        "kafka_broker_config.authorizer.class.name: found 'kafka.security.authorizer.AclAuthorizer'. It kept its",
    ),
    "an authorizer that the controllers have not": (
        put_all(kafka_broker_config={"authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer"}),
        "an authorizer that not all nodes of cluster new have, a (kafka_controller)",
    ),
    "a property of the older log4j": (
        put("a", kafka_controller_log4j_config={"log4j.logger.kafka": "WARN"}),
        "a: kafka_controller_log4j_config.log4j.logger.kafka: found 'WARN'. Kafka 4 has Log4j 2, which knows no such property",
    ),
    "an option that Kafka 4 took out": (
        put("a", kafka_broker_config={"inter.broker.protocol.version": "3.9"}),
        "a: kafka_broker_config.inter.broker.protocol.version: found '3.9'. Kafka 4.3.1 has it no more. Remove it",
    ),
    "an option of controllers that follows from elsewhere": (
        put("a", kafka_controller_config={"min.insync.replicas": 1}),
        "a: kafka_controller_config.min.insync.replicas: found 1. Set it for the brokers of the cluster",
    ),
    "a setting of a topic that Kafka 4 took out": (
        put_all(kafka_topics=[{"name": "t", "partitions": 1, "config": {"message.format.version": "2.0"}}]),
        "Topic t: Kafka 4.3.1 has it no more.",
    ),
    "a metadata directory of a broker": (
        put("a", kafka_broker_config={"metadata.log.dir": "/srv/metadata"}),
        "a: kafka_broker_config.metadata.log.dir: found '/srv/metadata'. Remove it",
    ),
}


@pytest.mark.parametrize("mistake", BAD)
def test_mistake_is_named(mistake: str) -> None:
    edit, expected = BAD[mistake]
    estate = Estate()
    edit(estate)
    found = "\n".join(render(estate.plan().problems))
    assert expected in found, found


@pytest.mark.parametrize(
    ("hosts", "expected"),
    [
        (["a"], "found 1 controller of cluster new (a). Use 3 or 5"),
        (["a", "b"], "found 2 controllers of cluster new (a, b). Use 1 or 3: two stop when either stops"),
        (HOSTS, ""),
    ],
)
def test_the_number_of_controllers(hosts: list[str], expected: str) -> None:
    estate = Estate()
    controllers(*hosts)(estate)
    for host in HOSTS:
        if host not in hosts:
            estate.hostvars[host] = {name: value for name, value in estate.hostvars[host].items() if "controller" not in name}
    outcome = estate.plan()
    assert render(outcome.problems) == []
    assert expected in "\n".join(render(outcome.warnings)) and bool(outcome.warnings) == bool(expected)


def test_the_reference_estate_without_zookeeper() -> None:
    """The same hosts, names, ports and flows; the controllers of each cluster stand beside its brokers."""
    prod, kraft = (real_plan(ROOT / f"inventories/{name}").topology for name in ("prod", "kraft"))
    assert kraft["ensembles"] == {}
    for name, cluster in kraft["clusters"].items():
        assert [row["host"] for row in cluster["controllers"]] == [row["host"] for row in cluster["brokers"]]
        assert cluster["brokers"] == prod["clusters"][name]["brokers"]
        assert cluster["bootstrap"] == prod["clusters"][name]["bootstrap"]
    assert kraft["mirrors"] == prod["mirrors"]
    workers = {name: {**found, "artefact": "kafka-4"} for name, found in prod["connect_clusters"].items()}
    assert kraft["connect_clusters"] == workers


class Workers(Estate):
    """The same, with workers beside each cluster."""

    def __init__(self, **newer: Any) -> None:
        super().__init__()
        self.groups["kafka_connect"] = ["b", "c", "old"]
        for host in ("b", "c"):
            put(host, kafka_connect_cluster="new", kafka_connect_group_id="of-new", **newer)(self)
        put("old", kafka_connect_cluster="old", kafka_connect_group_id="of-old", kafka_connect_replication_factor=1)(self)


def test_workers_of_either_line_stand_beside_a_cluster_of_either() -> None:
    for version, artefact in (("", "kafka"), ("3.9.2", "kafka"), ("4.3.1", "kafka-4")):
        estate = Workers(kafka_connect_version=version)
        put("old", kafka_connect_version=version)(estate)
        outcome = estate.plan()
        assert render(outcome.problems) == []
        assert {found["artefact"] for found in outcome.topology["connect_clusters"].values()} == {artefact}


MIRROR = {"connector.class": "org.apache.kafka.connect.mirror.MirrorSourceConnector", "topics.blacklist": "x"}


@pytest.mark.parametrize(
    ("edit", "expected"),
    [
        (
            put("old", kafka_connect_version="4.2.0"),
            "old: kafka_connect_version: found '4.2.0'. The catalogue has 4.3.1 of kafka-4",
        ),
        (
            put("old", kafka_connect_version="3.8.0"),
            "old: kafka_connect_version: found '3.8.0'. The catalogue has 3.9.2 of kafka",
        ),
        (put("old", kafka_connect_version="2.8"), "old: kafka_connect_version: found '2.8'. Write 3.9.2 or 4.3.1"),
        (put("c", kafka_connect_version="3.9.2"), "c: kafka_connect_version: found another value. b of the same Connect cluster"),
        (
            put("b", kafka_connect_log4j_config={"log4j.rootLogger": "DEBUG"}),
            "b: kafka_connect_log4j_config.log4j.rootLogger: found 'DEBUG'. Kafka 4 has Log4j 2",
        ),
        (
            put("c", kafka_connect_config={"producer.auto.include.jmx.reporter": False}),
            "c: kafka_connect_config.producer.auto.include.jmx.reporter: found False. Kafka 4.3.1 has it no more. Set metric.rep",
        ),
        (
            both(*(put(host, kafka_connectors=[{"name": "m", "config": MIRROR}]) for host in ("b", "c"))),
            "b: kafka_connectors: found m: config with topics.blacklist, which the workers' Kafka 4 has no more. Write topics.ex",
        ),
    ],
)
def test_what_a_worker_of_kafka_4_cannot_have_is_refused_by_name(edit: Callable[[Estate], None], expected: str) -> None:
    estate = Workers(kafka_connect_version="4.3.1")
    edit(estate)
    told = render(estate.plan().problems)
    assert [line for line in told if line.startswith(expected)], told
    # The same is right for a worker of the older line, but for its version.
    if "version" not in expected:
        older = Workers()
        edit(older)
        assert render(older.plan().problems) == []


def test_an_exporter_that_cannot_read_kafka_4_is_refused_for_its_clusters_alone() -> None:
    """Seen on 4.3.1: brokers close its connections, and it shows no lag at all."""
    for cluster, implementation, refused in (
        ("new", "consumer_group_exporter", True),
        ("old", "consumer_group_exporter", False),
        ("new", "kafka_exporter", False),
    ):
        estate = Estate()
        estate.groups["kafka_exporter"] = ["old"]
        put("old", kafka_exporter_cluster=cluster, kafka_exporter_implementation=implementation)(estate)
        told = render(estate.plan().problems)
        start = "old: kafka_exporter_implementation: found 'consumer_group_exporter'. It shows no lag of cluster new, which runs"
        assert [line.startswith(start) for line in told] == ([True] if refused else []), told


def test_cmak_shows_no_cluster_without_zookeeper() -> None:
    estate = Estate()
    estate.groups["cmak"] = ["old"]
    put("old", cmak_password="not-a-known-one")(estate)
    outcome = estate.plan()
    assert render(outcome.problems) == []
    assert "old: groups: found CMAK, and new without ZooKeeper. CMAK reads ZooKeeper" in render(outcome.warnings)[0]
    assert [one["name"] for one in cmak_clusters(outcome.topology["clusters"], {})] == ["old"]
    estate.groups["kafka_broker"] = list(HOSTS)
    estate.groups["kafka_old"] = []
    assert any("old: groups: found CMAK, and new without ZooKeeper" in line for line in render(estate.plan().problems))


def test_what_kafka_4_has_is_taken_and_what_only_3_9_has_stays_right_there() -> None:
    estate = Estate()
    put("a", kafka_controller_config={"controller.quorum.election.timeout.ms": 900}, kafka_broker_config={"num.io.threads": 4})(
        estate
    )
    put("old", kafka_broker_config={"inter.broker.protocol.version": "3.9", "zookeeper.session.timeout.ms": 6000})(estate)
    assert render(estate.plan().problems) == []
