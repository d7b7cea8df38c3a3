"""Health: one row for each cluster, one sentence for each thing that is wrong."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest
from ansible_collections.estate.kafka.plugins.module_utils.health.health import Health
from ansible_collections.estate.kafka.plugins.module_utils.health.judge import assess
from ansible_collections.estate.kafka.plugins.module_utils.health.observe import observe
from ansible_collections.estate.kafka.plugins.module_utils.kafka.partitions import Partition
from ansible_collections.estate.kafka.plugins.module_utils.kafka.view import partition_states

HOSTS = ("h1", "h2", "h3")
PLACED = ("zookeeper", "kafka_broker", "schema_registry", "kafka_connect", "elasticsearch", "prometheus", "alertmanager")
TOPOLOGY: dict[str, Any] = {
    "ensembles": {"zookeeper": {"servers": [{"host": host} for host in HOSTS]}},
    "clusters": {
        "kafka-1": {"name": "kafka-1", "brokers": [{"id": number, "host": host} for number, host in enumerate(HOSTS, 1)]}
    },
    "schema_registries": {"h1": "http://h1:8081"},
    "connect_clusters": {"connect-cluster": {"hosts": ["h1", "h2"]}},
    "mirrors": [
        {
            "name": "mirror",
            "source": "kafka-0",
            "target": "kafka-1",
            "state": "running",
            "connect": "connect-cluster",
            "connectors": ["mirror", "mirror-heartbeat"],
            "asked_by": {"source": "kafka-1", "target": "kafka-1"},
            "heartbeats": "kafka-0.heartbeats",
            "heartbeat_max_age": 60,
            "lag_max": 1000,
        }
    ],
    "elasticsearch": {"hosts": ["h3"]},
    "components": [
        {"component": component, "host": host, "ports": [1], "url": f"http://{host}:1"}
        for component, hosts in zip(PLACED, (HOSTS, HOSTS, ("h1",), ("h1", "h2"), ("h3",), ("h2",), ("h2",)))
        for host in hosts
    ],
}
VIEW = {
    "controller": 1,
    "brokers": [{"id": 1}, {"id": 2}, {"id": 3}],
    "partitions": 9,
    "offline": [],
    "under_min_isr": [],
    "under_replicated": [],
    "too_few_replicas": [],
}
ANSWERS: dict[str, dict[str, Any]] = {
    "zookeeper": {"mode": "follower"},
    "kafka_broker": {
        "view": VIEW,
        "flows": {"mirror": {"ends": [["a", 0, 0, 700], ["b", 0, 100, 500]], "ends_error": "", "age": 2.7, "age_error": ""}},
    },
    "schema_registry": {"subjects": ["a", "b"]},
    "kafka_connect": {
        "connectors": {name: {"state": "RUNNING", "tasks": ["RUNNING"]} for name in ("mirror", "mirror-heartbeat")},
        "flows": {"mirror": {"noted": [["a", 0, 99]], "noted_error": ""}},
    },
    "elasticsearch": {"status": "green", "nodes": 1, "documents": {".internal": 5, "students": 100}},
    "prometheus": {"targets": 14, "up": 13, "firing": ["ZooKeeperDown"]},
    "alertmanager": {},
}


def observed() -> dict[str, list[dict[str, Any]]]:
    """Return what the hosts of a healthy estate see."""
    result: dict[str, list[dict[str, Any]]] = {host: [] for host in HOSTS}
    for row in TOPOLOGY["components"]:
        answer = {"component": row["component"], "host": row["host"], "error": "", **copy.deepcopy(ANSWERS[row["component"]])}
        if (row["component"], row["host"]) == ("zookeeper", "h2"):
            answer["mode"] = "leader"
        result[row["host"]].append(answer)
    return result


def of(seen: dict[str, list[dict[str, Any]]], component: str) -> list[dict[str, Any]]:
    """Return the observations of one component."""
    return [one for listed in seen.values() for one in listed if one["component"] == component]


def judge(seen: Any, left_out: dict[str, str] | None = None) -> Health:
    return assess(TOPOLOGY, seen, left_out or {})


def test_a_healthy_estate_has_no_problems_and_a_row_for_each_cluster() -> None:
    health = judge(observed())
    assert health.problems == []
    report = health.report()
    assert "All is well." in report
    for words in (
        "3 of 3 servers",
        "leader h2",
        "3 of 3 brokers",
        "2 subjects",
        "mirror RUNNING with 1 of 1",
        "students 100",
        "last heartbeat 2 s",
    ):
        assert words in report
    assert "13 of 14 targets up, firing: ZooKeeperDown" in report
    assert ".internal" not in report


def break_mode(seen: dict[str, Any]) -> None:
    for one in of(seen, "zookeeper"):
        one["mode"] = "follower"


def break_answer(seen: dict[str, Any]) -> None:
    of(seen, "zookeeper")[0].update(error="connection refused")


def break_broker(seen: dict[str, Any]) -> None:
    for one in of(seen, "kafka_broker"):
        one["view"]["brokers"] = [{"id": 1}, {"id": 3}]


def break_stranger(seen: dict[str, Any]) -> None:
    for one in of(seen, "kafka_broker"):
        one["view"]["brokers"].append({"id": 9})


def break_partitions(seen: dict[str, Any]) -> None:
    for one in of(seen, "kafka_broker"):
        one["view"]["offline"] = [f"t-{number}" for number in range(7)]


def break_isr(seen: dict[str, Any]) -> None:
    for one in of(seen, "kafka_broker"):
        one["view"]["under_min_isr"] = ["t-0"]


def break_factor(seen: dict[str, Any]) -> None:
    for one in of(seen, "kafka_broker"):
        one["view"]["too_few_replicas"] = ["t-0"]


def break_registry(seen: dict[str, Any]) -> None:
    of(seen, "schema_registry")[0]["error"] = "HTTP Error 503"


def break_task(seen: dict[str, Any]) -> None:
    for one in of(seen, "kafka_connect"):
        one["connectors"]["mirror"]["tasks"] = ["FAILED", "RUNNING"]


def break_connector(seen: dict[str, Any]) -> None:
    for one in of(seen, "kafka_connect"):
        one["connectors"]["mirror"]["state"] = "FAILED"


def break_index(seen: dict[str, Any]) -> None:
    of(seen, "elasticsearch")[0]["status"] = "red"


def break_nodes(seen: dict[str, Any]) -> None:
    of(seen, "elasticsearch")[0]["nodes"] = 0


def spoil_flow(**found: Any) -> Callable[[dict[str, Any]], None]:
    """Return what makes all brokers tell something else of the flow."""

    def spoil(seen: dict[str, Any]) -> None:
        for one in [*of(seen, "kafka_broker"), *of(seen, "kafka_connect")]:
            known = one["flows"]["mirror"]
            known.update({key: value for key, value in found.items() if key in known})

    return spoil


def lose_connector(seen: dict[str, Any]) -> None:
    for one in of(seen, "kafka_connect"):
        del one["connectors"]["mirror-heartbeat"]


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (break_mode, ["ensemble zookeeper has 0 leaders"]),
        (break_answer, ["ZooKeeper on h1", "connection refused"]),
        (break_broker, ["kafka-1: broker 2 on h2 is not in the cluster"]),
        (break_stranger, ["brokers [9] are not in the inventory"]),
        (break_partitions, ["7 partitions have no leader", "t-0, t-1", "and 2 more"]),
        (break_isr, ["min.insync.replicas", "t-0"]),
        (break_factor, ["1 partitions were made with fewer replicas than min.insync.replicas", "raise replication_factor"]),
        (break_registry, ["Schema registry on h1", "503"]),
        (break_task, ["1 tasks of mirror are FAILED"]),
        (break_connector, ["connector mirror is FAILED"]),
        (lose_connector, ["Mirror mirror: Connect has no connector mirror-heartbeat", "playbooks/objects.yml"]),
        (spoil_flow(age=61.0), ["the last heartbeat on kafka-1 is 61 s old, above heartbeat_max_age 60: nothing passes"]),
        (spoil_flow(age=None), ["Mirror mirror: no heartbeat has come through"]),
        (spoil_flow(age=None, age_error="refused"), ["Mirror mirror: heartbeats cannot be asked: refused"]),
        (
            spoil_flow(ends=[["a", 0, 0, 101], ["b", 0, 0, 1000]]),
            [
                "up to 1001 records behind, more than lag_max 1000, most of them in b, a; heartbeats come",
                "offset.flush.interval.ms",
            ],
        ),
        (spoil_flow(ends=None, ends_error="no answer"), ["how far it is behind cannot be asked: no answer"]),
        (spoil_flow(noted=None, noted_error="HTTP 404"), ["how far it is behind cannot be asked: HTTP 404"]),
        (break_index, ["Elasticsearch is red"]),
        (break_nodes, ["0 of 1 nodes"]),
    ],
)
def test_each_thing_that_is_wrong_is_one_sentence(spoil: Callable[[dict[str, Any]], None], words: list[str]) -> None:
    seen = observed()
    spoil(seen)
    (problem,) = judge(seen).problems
    assert all(word in problem for word in words)


def test_an_estate_without_its_monitoring_is_well_and_one_whose_monitoring_is_down_is_not() -> None:
    seen = observed()
    for component in ("prometheus", "alertmanager"):
        of(seen, component)[0].update(error="refused", installed=False)
    health = assess(TOPOLOGY, seen, {}, may_lack=True)
    assert health.problems == [] and "monitoring.yml brings it" in health.report()
    of(seen, "prometheus")[0].update(installed=True)
    assert judge(seen).problems == ["Prometheus on h2 does not answer: refused"]


def test_a_host_that_is_down_is_named_and_the_rest_is_shown() -> None:
    seen: dict[str, Any] = observed()
    seen["h1"] = "connection timed out"
    health = judge(seen)
    (problem,) = health.problems
    assert problem.startswith("h1, which carries zookeeper, kafka_broker, schema_registry, kafka_connect")
    assert "2 of 3 servers" in health.report() and "connection timed out" in health.report()


@pytest.mark.parametrize("host", HOSTS)
def test_a_leader_that_cannot_be_asked_is_unknown_and_two_are_always_too_many(host: str) -> None:
    seen: dict[str, Any] = observed()
    seen[host] = "connection timed out"
    health = judge(seen)
    assert len(health.problems) == 1
    assert ("leader unknown" in health.report()) == (host == "h2")
    for one in (one for listed in seen.values() if not isinstance(listed, str) for one in listed if "mode" in one):
        one["mode"] = "leader"
    assert any("has 2 leaders" in problem for problem in judge(seen).problems)


def test_hosts_outside_of_a_limited_run_are_no_problem() -> None:
    seen = observed()
    health = judge({"h1": seen["h1"]})
    assert health.problems == []
    assert "Not asked in this run: h2, h3." in health.report()
    assert "All is well" not in health.report()


def test_a_component_left_out_is_said_and_no_problem() -> None:
    seen = observed()
    of(seen, "elasticsearch")[0]["error"] = "refused"
    health = judge(seen, {"elasticsearch": "no source could be reached"})
    assert health.problems == [] and "no source could be reached" in health.report()


def test_a_component_that_is_not_installed_is_left_out_where_the_estate_may_lack_it() -> None:
    seen = observed()
    of(seen, "elasticsearch")[0].update(error="refused", installed=False)
    health = assess(TOPOLOGY, seen, {}, may_lack=True)
    assert health.problems == [] and "estate_require_all_artifacts" in health.report()
    assert len(judge(seen).problems) > 0
    of(seen, "elasticsearch")[0].update(installed=True)
    assert len(assess(TOPOLOGY, seen, {}, may_lack=True).problems) > 0


def test_a_problem_always_marks_what_it_is_about() -> None:
    seen = observed()
    for one in of(seen, "kafka_connect"):
        one["connectors"]["mirror"] = {"state": "FAILED", "tasks": []}
    health = judge(seen)
    assert health.mark("mirror", "mirror") == "bad" and health.codes("mirror", "mirror") == ["connector_state"]
    assert all(finding.marks for finding in health.findings)
    assert health.mark("mirror", "another") == ""


def test_a_paused_connector_is_no_problem() -> None:
    seen = observed()
    for one in of(seen, "kafka_connect"):
        one["connectors"]["mirror"] = {"state": "PAUSED", "tasks": ["PAUSED"]}
    assert judge(seen).problems == []


def test_a_flow_that_stands_is_not_told_to_note_sooner() -> None:
    seen = observed()
    spoil_flow(age=99.0, ends=[["a", 0, 0, 1101]])(seen)
    assert len(judge(seen).problems) == 2 and "offset.flush" not in judge(seen).report()


def test_a_flow_that_is_held_has_no_limits_not_named_and_no_heartbeats_nothing_to_judge() -> None:
    seen = observed()
    spoil_flow(age=None, ends=None, ends_error="refused")(seen)
    assert len(judge(seen).problems) == 2
    for changes in ({"state": "paused"}, {"lag_max": None, "heartbeat_max_age": 0}, {"lag_max": None, "heartbeats": ""}):
        topology = {**TOPOLOGY, "mirrors": [{**TOPOLOGY["mirrors"][0], **changes}]}
        health = assess(topology, seen, {})
        assert health.problems == [] and "Mirror mirror" in health.report()


def test_partitions_by_what_is_wrong_with_them() -> None:
    found = [
        Partition("a", 0, 1, (1, 2, 3), (1, 2, 3)),
        Partition("b", 0, 1, (1, 2, 3), (1, 2)),
        Partition("c", 0, 1, (1, 2, 3), (1,)),
        Partition("d", 0, -1, (1, 2), ()),
        Partition("e", 0, 1, (1,), (1,)),
    ]
    assert partition_states(found, {"a": 2, "b": 2, "c": 2, "e": 2}) == {
        "offline": ["d-0"],
        "under_replicated": ["b-0", "c-0", "d-0"],
        "under_min_isr": ["c-0", "d-0"],
        "too_few_replicas": ["e-0"],
    }


@pytest.mark.parametrize("component", ["zookeeper", "schema_registry", "kafka_connect", "elasticsearch", "kibana", "cmak"])
def test_services_that_do_not_answer_are_observations(component: str) -> None:
    # No more than the component's own row is needed for that.
    row = {"component": component, "host": "127.0.0.1", "ports": [1], "address": "", "url": "http://127.0.0.1:1"}
    (observation,) = observe({"components": [row]}, "127.0.0.1")
    assert observation["component"] == component and "refused" in observation["error"]


def test_a_broker_that_is_a_controller_too_is_asked_as_both() -> None:
    controllers = [{"id": 1, "host": "127.0.0.1", "port": 1}]
    cluster = {"name": "new", "brokers": [], "controllers": controllers, "controller_bootstrap": "127.0.0.1:1", "combined": True}
    (observation,) = observe({"components": [], "clusters": {"new": cluster}}, "127.0.0.1")
    assert observation["component"] == "kafka_controller" and "refused" in observation["error"]
    assert observe({"components": [], "clusters": {"new": {**cluster, "combined": False}}}, "127.0.0.1") == []


# -- exporters -------------------------------------------------------------------------------------------------------------
