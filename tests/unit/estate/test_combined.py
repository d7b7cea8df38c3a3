"""Clusters whose brokers are their controllers too: the topology, what is refused, and what the first directories decide."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from functools import partial
from typing import Any

import pytest
from ansible_collections.estate.kafka.plugins.filter.jmx import jmx_agent
from ansible_collections.estate.kafka.plugins.filter.kafka_nodes import FilterModule
from ansible_collections.estate.kafka.plugins.module_utils.estate.combined import changed_roles
from ansible_collections.estate.kafka.plugins.module_utils.estate.directories import foreign, mounts
from ansible_collections.estate.kafka.plugins.module_utils.estate.formation import formations
from ansible_collections.estate.kafka.plugins.module_utils.estate.heap import heap, heap_mb
from ansible_collections.estate.kafka.plugins.module_utils.estate.levels import merged
from ansible_collections.estate.kafka.plugins.module_utils.estate.ports import connections
from ansible_collections.estate.kafka.plugins.module_utils.estate.preflight import disks, memory
from ansible_collections.estate.kafka.plugins.module_utils.estate.problems import render
from ansible_collections.estate.kafka.plugins.module_utils.estate.topology import Plan, plan
from ansible_collections.estate.kafka.plugins.module_utils.kafka.migration.node import phases
from ansible_collections.estate.kafka.plugins.module_utils.kafka.storage import Found, directory_id, voters
from real_estate import DEFINITIONS, ROLES, ROOT
from yaml import safe_load

HOSTS = ["a", "b", "c"]
ID, OTHER = "-kraftTestEstateCluste", "MkU3OEVBNTcwNTJENDM2Qk"
FILTERS = FilterModule().filters()


class Estate:
    """Three brokers that are the controllers of their cluster."""

    def __init__(self) -> None:
        self.groups: dict[str, list[str]] = {"kafka_broker": list(HOSTS), "kafka_new": list(HOSTS)}
        self.hostvars: dict[str, dict[str, Any]] = {
            host: {
                "kafka_broker_cluster": "new",
                "kafka_broker_version": "4.3.1",
                "kafka_broker_id": number,
                "kafka_broker_combined": True,
            }
            for number, host in enumerate(HOSTS, 1)
        }

    def put(self, *hosts: str, **values: Any) -> None:
        for host in hosts or HOSTS:
            self.hostvars[host].update(values)

    def plan(self) -> Plan:
        children = {"kafka_new": self.groups["kafka_new"]}
        return plan(self.groups, children, deepcopy(self.hostvars), ROLES, definitions=DEFINITIONS)


def dedicated(*hosts: str, **values: Any) -> Callable[[Estate], None]:
    """Controllers in a group of their own, on these hosts."""

    def edit(estate: Estate) -> None:
        estate.groups["kafka_controller"] = list(hosts)
        for number, host in enumerate(hosts, 1):
            estate.hostvars.setdefault(host, {}).update(
                {"kafka_controller_cluster": "new", "kafka_controller_id": 3000 + number, **values}
            )

    return edit


def only(*hosts: str, **values: Any) -> Callable[[Estate], None]:
    """The brokers of these hosts alone."""

    def edit(estate: Estate) -> None:
        estate.groups.update(kafka_broker=list(hosts), kafka_new=list(hosts))
        estate.hostvars = {host: {**estate.hostvars[host], **values} for host in hosts}

    return edit


def test_brokers_are_the_controllers_and_what_that_costs_is_said() -> None:
    estate = Estate()
    estate.put(estate_jmx_exporter=True)
    outcome = estate.plan()
    (warning,) = render(outcome.warnings)
    assert render(outcome.problems) == []
    assert "kafka_broker_combined: found true in cluster new (a, b, c)" in warning
    for cost in ("takes a broker and a voter at once", "slows the metadata down", "scaled", "advises against it in production"):
        assert cost in warning
    cluster = outcome.topology["clusters"]["new"]
    assert cluster["combined"] and cluster["artefact"] == "kafka-4" and cluster["zookeeper_connect"] == ""
    assert cluster["controllers"] == [{"id": number, "host": host, "port": 9095} for number, host in enumerate(HOSTS, 1)]
    assert cluster["controller_bootstrap"] == "a:9095,b:9095,c:9095"
    assert {row["component"] for row in outcome.topology["components"]} == {"kafka_broker"}
    reach = {(one.source, one.target) for one in connections(outcome.topology) if one.port == 9095}
    assert reach == {(one, other) for one in HOSTS for other in HOSTS if one != other}
    (carried,) = outcome.placement["a"]["components"]
    assert carried["data_dirs"] == ["/var/lib/kafka/data", "/var/lib/kafka/metadata"]
    assert carried["ports"]["kafka_broker_controller_port"] == 9095


def test_a_broker_may_stand_beside_them_without_a_vote() -> None:
    estate = Estate()
    estate.hostvars["d"] = {**estate.hostvars["a"], "kafka_broker_id": 4, "kafka_broker_combined": False}
    for group in ("kafka_broker", "kafka_new"):
        estate.groups[group].append("d")
    outcome = estate.plan()
    assert render(outcome.problems) == []
    assert [row["id"] for row in outcome.topology["clusters"]["new"]["controllers"]] == [1, 2, 3]
    assert "kafka_broker_controller_port" not in outcome.placement["d"]["components"][0]["ports"]


BAD: dict[str, tuple[Callable[[Estate], None], str]] = {
    "a chroot": (
        lambda estate: estate.put("b", kafka_broker_chroot="/kafka"),
        "b: kafka_broker_chroot: found '/kafka'. Cluster new has kafka_broker_combined, so it has no ZooKeeper: remove the chr",
    ),
    "an ensemble": (
        lambda estate: estate.put(kafka_broker_ensemble="zookeeper"),
        "a, b, c: kafka_broker_ensemble: found 'zookeeper'. Cluster new has kafka_broker_combined, so it has no ZooKeeper",
    ),
    "two": (
        only("a", "b", kafka_broker_default_replication_factor=2, kafka_broker_min_insync_replicas=1),
        "kafka_broker_combined: found true for 2 brokers of cluster new. Use 1 or 3: with two, each is needed for a majority",
    ),
    "the line with ZooKeeper": (
        lambda estate: estate.put(kafka_broker_version="3.9.2"),
        "kafka_broker_version: found '3.9.2'. Cluster new has kafka_broker_combined, which is implemented for Kafka 4 only",
    ),
    "no version": (
        lambda estate: estate.put("a", kafka_broker_version=""),
        "a: kafka_broker_version: found nothing. Cluster new has controllers, so write 4.3.1",
    ),
    "a secured estate": (
        lambda estate: estate.put(security_profile="secured"),
        "security_profile: found 'secured'. Cluster new has kafka_broker_combined, which is implemented for 'open' only",
    ),
    "a migration": (
        lambda estate: estate.put(kafka_broker_migration=True),
        "kafka_broker_migration: found True. Cluster new has kafka_broker_combined, and the way from ZooKeeper leads to",
    ),
    "controllers of their own beside them": (
        dedicated("x"),
        "a, b, c: kafka_broker_combined: found True. Cluster new has hosts in group kafka_controller (x)",
    ),
    "a controller of its own on the host": (
        dedicated("a"),
        "a: kafka_broker_combined: found True. The host has a controller of cluster new (group kafka_controller)",
    ),
    "one port for both": (
        lambda estate: estate.put("a", kafka_broker_controller_port=9092),
        "a: kafka_broker_controller_port: found 9092. kafka_broker_port has this port too",
    ),
    "the listener of the controllers": (
        lambda estate: estate.put("a", kafka_broker_listeners=["PLAINTEXT://:9092", "CONTROLLER://:9095"]),
        "a: kafka_broker_listeners: found 'CONTROLLER://:9095'. Remove it: the listener of the controllers is added by itself",
    ),
    "metadata among partitions": (
        lambda estate: estate.put("a", kafka_broker_log_dirs=["/var/lib/kafka"]),
        "a: kafka_broker_metadata_dir: found '/var/lib/kafka/metadata'. It lies in /var/lib/kafka of kafka_broker_log_dirs",
    ),
    "the metadata as an option": (
        lambda estate: estate.put("a", kafka_broker_config={"metadata.log.dir": "/srv/metadata"}),
        "a: kafka_broker_config.metadata.log.dir: found '/srv/metadata'. Set kafka_broker_metadata_dir instead",
    ),
    "roles as an option": (
        lambda estate: estate.put("a", kafka_broker_config={"process.roles": "broker,controller"}),
        "a: kafka_broker_config.process.roles: found 'broker,controller'. Remove it: a cluster has ZooKeeper, the controllers of",
    ),
    "options for controllers of their own": (
        lambda estate: estate.put(kafka_controller_config={"controller.quorum.election.timeout.ms": 900}),
        "kafka_controller_config: found {'controller.quorum.election.timeout.ms': 900}. Nothing reads it where brokers are the "
        "controllers: write kafka_broker_config",
    ),
    "a map without the listener": (
        lambda estate: estate.put("a", kafka_broker_config={"listener.security.protocol.map": "PLAINTEXT:PLAINTEXT"}),
        "Add CONTROLLER:PLAINTEXT, the listener of the controllers of cluster new",
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
    [(["a"], "found 1 controller of cluster new (a). Use 3 or 5"), (HOSTS, "")],
)
def test_the_number_of_controllers(hosts: list[str], expected: str) -> None:
    estate = Estate()
    factors = {"kafka_broker_default_replication_factor": 1, "kafka_broker_min_insync_replicas": 1}
    only(*hosts, **(factors if len(hosts) == 1 else {}))(estate)
    outcome = estate.plan()
    assert render(outcome.problems) == []
    assert expected in "\n".join(render(outcome.warnings)) and len(outcome.warnings) == 1 + bool(expected)


# -- what a host gets --------------------------------------------------------------------------------------------------


def test_one_file_has_the_options_of_both() -> None:
    cluster = Estate().plan().topology["clusters"]["new"]
    own = {"broker.id": 1, "listeners": ["PLAINTEXT://:9092"], "default.replication.factor": 3, "num.partitions": 1}
    both = FILTERS["combined_options"](cluster, "a", own["listeners"], ["PLAINTEXT://a:9092"], "/m")
    found = merged(own, FILTERS["broker_options"](cluster, 1), both)
    assert found["process.roles"] == "broker,controller" and found["node.id"] == 1 and "broker.id" not in found
    assert found["listeners"] == ["PLAINTEXT://:9092", "CONTROLLER://:9095"]
    assert found["advertised.listeners"] == ["PLAINTEXT://a:9092", "CONTROLLER://a:9095"]
    assert found["controller.quorum.bootstrap.servers"] == "a:9095,b:9095,c:9095" and found["metadata.log.dir"] == "/m"
    # The active controller makes it the cluster's: it is there from the first format on.
    assert (found["min.insync.replicas"], found["default.replication.factor"], found["num.partitions"]) == (2, 3, 1)


def test_a_broker_without_a_vote_and_one_beside_other_controllers_have_nothing_of_it() -> None:
    cluster = Estate().plan().topology["clusters"]["new"]
    rest = (["PLAINTEXT://:9092"], ["PLAINTEXT://d:9092"], "/m")
    assert FILTERS["combined_options"](cluster, "d", *rest) == {}
    assert FILTERS["combined_options"]({**cluster, "combined": False}, "a", *rest) == {}


def test_memory_and_disk_are_those_of_both() -> None:
    assert heap_mb(heap("kafka_broker", 8192, True)) == 2048 + 512
    (row,) = Estate().plan().placement["a"]["components"]
    carried = {"components": [row], "limits": {"preflight_memory_reserve": 512}}
    (problem,) = memory("a", {"ansible_memtotal_mb": 900}, carried)
    assert "kafka_broker 384 + 160" in problem.found
    empty = {"device": 1, "free": 0, "live": False}
    observed = {
        "disks": {"/var/lib/kafka/data": empty, "/var/lib/kafka/metadata": empty},
        "install": {"releases": ["kafka"], "device": 2, "free": 0},
    }
    limits = {"preflight_disk_kafka_broker": 10, "preflight_disk_kafka_controller": 1}
    (problem,) = disks("a", observed, {"components": [row], "limits": limits})[0]
    assert "0.0 GiB free where 11 GiB are needed" in problem.found


def test_the_agent_shows_a_controller_as_one_by_itself_does() -> None:
    release = {"jmx-exporter": {"version": "1", "file": "f", "sha256": "0", "source": "s", "url": ""}}
    agent = partial(jmx_agent, release, "kafka_broker", True, {}, 7071, "/etc/kafka", {"rules": [{"pattern": "mine"}]})
    found = [safe_load(agent(more_rules=name)["files"][0]["content"]) for name in ("", "jmx-exporter-combined.yml")]
    own = safe_load((ROOT / "roles/kafka_controller/files/jmx-exporter.yml").read_text())
    plain, both = ([rule["pattern"] for rule in one["rules"]] for one in found)
    more = both[1 : len(both) - len(plain) + 1]
    assert both[0] == plain[0] == "mine" and both == ["mine", *more, *plain[1:]]
    assert set(more) <= {rule["pattern"] for rule in own["rules"]} and any("raft-metrics" in one for one in more)
    assert {"kafka.server:type=raft-metrics", *found[0]["includeObjectNames"]} <= set(found[1]["includeObjectNames"])


def test_a_disk_of_its_own_may_have_what_file_systems_have() -> None:
    (row,) = Estate().plan().placement["a"]["components"]
    seen = {"disks": {"/var/lib/kafka/data": {"folders": []}, "/var/lib/kafka/metadata": {"folders": ["lost+found"]}}}
    assert foreign("a", seen, {"components": [row]}) == []
    mounted = {"/var/lib/kafka/metadata": {"point": "/var/lib/kafka/metadata", "options": ["ro"]}}
    (problem,) = mounts("a", {"mounts": mounted}, {"components": [row]})
    assert problem.variable == "kafka_broker_metadata_dir"


# -- directories and roles as they are found ---------------------------------------------------------------------------


def formed(host: str, **more: Any) -> dict[str, Any]:
    number = 1 + HOSTS.index(host)
    own = {"node_id": str(number), "directory_id": directory_id(ID, number), "cluster_id": ID, "version": "1", "empty": False}
    return {**own, **more}


def told(seen: dict[str, dict[str, Any]], unit: str = "kafka.service") -> tuple[str, str, dict[str, Any]]:
    """Return problems, warnings and what was decided; ``seen`` has what differs from empty directories /d and /m, by host."""
    row = {"component": "kafka_broker", "data_dirs": ["/d", "/m"], "combined": True, "metadata_dir": "/m"}
    cluster = Estate().plan().topology["clusters"]["new"]
    observed = {
        host: {
            "disks": {path: {"storage": vars(Found(**found.get(path, {})))} for path in ("/d", "/m")},
            "listeners": {"9095": {"units": [unit]}} if "running" in found else {},
        }
        for host, found in seen.items()
    }
    problems, warnings, result = formations(
        {"new": cluster}, {host: {"components": [row]} for host in HOSTS}, observed, lambda: OTHER
    )
    return "\n".join(render(problems)), "\n".join(render(warnings)), result["new"]


def test_a_new_cluster_begins_with_all_of_them_as_voters() -> None:
    problems, warnings, found = told({host: {} for host in HOSTS})
    rows = [{"id": number, "host": host, "port": 9095} for number, host in enumerate(HOSTS, 1)]
    assert (problems, warnings) == ("", "")
    assert (found["cluster_id"], found["voters"]) == (OTHER, voters(OTHER, rows))


def test_the_voter_is_the_directory_of_the_metadata() -> None:
    seen = {host: {"/m": formed(host, started=True), "/d": formed(host, directory_id="d" * 22)} for host in HOSTS}
    problems, warnings, found = told(seen)
    assert (problems, warnings, found["voters"]) == ("", "", "")
    assert found["directories"] == {host: directory_id(ID, number) for number, host in enumerate(HOSTS, 1)}


def test_one_that_lost_its_metadata_is_refused_while_it_runs_and_observes_afterwards() -> None:
    seen: dict[str, dict[str, Any]] = {host: {"/m": formed(host, started=True)} for host in ("a", "b")}
    problems, *_ = told({**seen, "c": {"/d": formed("c"), "running": {}}})
    assert "c: kafka_broker_metadata_dir: found no formatted storage in /m, and the controller runs" in problems
    assert "stop kafka first" in problems
    problems, warnings, _ = told({**seen, "c": {"/d": formed("c")}})
    assert problems == "" and "does not vote before playbooks/controllers.yml has run" in warnings


def test_brokers_with_partitions_are_no_new_cluster() -> None:
    """As they are where controllers of their own were there before, or will be afterwards."""
    problems, *_ = told({host: {"/d": formed(host, records=True)} for host in HOSTS})
    assert "a, b, c: kafka_broker_metadata_dir: found no formatted storage in /m" in problems
    assert "No controller has what they agreed on" in problems


@pytest.mark.parametrize(
    ("combined", "roles", "expected"),
    [
        (True, "", ""),
        (True, "broker,controller", ""),
        (True, "controller, broker", ""),
        (False, "broker", ""),
        (False, "", ""),
        (
            True,
            "broker",
            "kafka_broker_combined: found true, and a broker and no controller of cluster new on the host. Set it to false",
        ),
        (
            False,
            "broker,controller",
            "kafka_broker_combined: found false, and a broker and a controller in one of cluster new on the host. Set it to true",
        ),
    ],
)
def test_a_broker_never_becomes_a_controller_nor_the_other_way_round(combined: bool, roles: str, expected: str) -> None:
    cluster = Estate().plan().topology["clusters"]["new"]
    if not combined:
        # Controllers of their own; or none, where the inventory says that the cluster is on ZooKeeper.
        cluster = {**cluster, "combined": False}
    observed = {host: {"phases": {"kafka_broker": {"written": "kraft", "running": "", "roles": roles}}} for host in HOSTS}
    found = "\n".join(render(list(changed_roles({"new": cluster}, observed))))
    assert expected in found and bool(found) == bool(expected), found


def test_roles_are_read_from_the_file(tmp_path: Any) -> None:
    (tmp_path / "server.properties").write_text("process.roles=broker,controller\n")
    places = {"file": str(tmp_path / "server.properties"), "unit": "no-such-unit-anywhere", "log": ""}
    assert phases(places)["roles"] == "broker,controller"
