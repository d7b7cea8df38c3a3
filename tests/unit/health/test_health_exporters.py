"""Exporters and agents: those that answer, are down, are silent, lack on some hosts or are left out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_collections.estate.kafka.plugins.module_utils.health import observe as observations
from ansible_collections.estate.kafka.plugins.module_utils.health.judge import assess
from ansible_collections.estate.kafka.plugins.module_utils.health.observe import observe
from http_server import serving
from test_health import HOSTS, TOPOLOGY, observed

WATCHED = {
    **TOPOLOGY,
    "components": [
        *TOPOLOGY["components"],
        *({"component": "node_exporter", "host": host, "ports": [1], "address": f"{host}:1"} for host in HOSTS),
    ],
    "metrics": [{"component": "kafka_broker", "host": host, "port": 7071, "cluster": "kafka-1"} for host in HOSTS],
}


def watched(**exporters: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """Return what the hosts see, with the node exporter's answer of each host that is named."""
    seen: dict[str, list[dict[str, Any]]] = observed()
    for host in HOSTS:
        seen[host].append({"component": "node_exporter", "host": host, "error": "", **exporters.get(host, {})})
    return seen


def test_exporters_and_agents_that_answer_are_two_rows() -> None:
    health = assess(WATCHED, watched(), {})
    assert health.problems == []
    assert ("JMX exporter", "3 of 3", "") in health.rows and ("Node exporter", "3 of 3", "") in health.rows


def test_an_exporter_that_is_down_is_a_problem() -> None:
    health = assess(WATCHED, watched(h2={"error": "refused", "installed": True}), {})
    assert health.problems == ["Node exporter on h2 does not answer: refused"]
    assert ("Node exporter", "2 of 3", "") in health.rows


def test_an_exporter_that_lacks_on_some_hosts_is_a_problem_and_on_all_a_run_still_to_come() -> None:
    nowhere = {"error": "refused", "installed": False}
    assert len(assess(WATCHED, watched(h2=nowhere), {}).problems) == 1
    health = assess(WATCHED, watched(h1=nowhere, h2=nowhere, h3=nowhere), {})
    assert health.problems == [] and ("Node exporter", "0 of 3", "not installed, exporter.yml brings it") in health.rows


def test_an_exporter_that_could_not_be_had_is_left_out_with_the_reason() -> None:
    health = assess(WATCHED, watched(), {"node-exporter": "no source could be reached"})
    assert ("Node exporter", "left out", "no source could be reached") in health.rows


def test_what_a_playbook_that_has_run_did_not_bring_was_left_out() -> None:
    """The run after it cannot know of what its store did not have; that nothing else of it is missing tells as much."""
    here = {"component": "elasticsearch_exporter", "host": "h1", "ports": [2], "address": "h1:2"}
    topology = {**WATCHED, "components": [*WATCHED["components"], here]}
    seen = watched()
    seen["h1"].append({"component": "elasticsearch_exporter", "host": "h1", "error": "refused", "installed": False})
    (state,) = [row[1:] for row in assess(topology, seen, {}, may_lack=True).rows if row[0] == "Elasticsearch exporter"]
    assert state == ("left out", "not installed on its hosts, which estate_require_all_artifacts allows")
    # Where nothing of it is installed, it has not run yet.
    for host in HOSTS:
        seen[host][:] = [
            one | {"installed": False, "error": "refused"} if "exporter" in one["component"] else one for one in seen[host]
        ]
    (state,) = [row[1:] for row in assess(topology, seen, {}, may_lack=True).rows if row[0] == "Elasticsearch exporter"]
    assert state == ("0 of 1", "not installed, exporter.yml brings it")


def test_a_console_that_site_yml_did_not_bring_was_left_out() -> None:
    """Nothing else that only shows comes with site.yml: that the services are there tells that it has run."""
    kibana = {"component": "kibana", "host": "h1", "ports": [5601], "address": "h1:5601"}
    seen = watched()
    seen["h1"].append({"component": "kibana", "host": "h1", "error": "refused", "installed": False})
    topology = {**WATCHED, "components": [*WATCHED["components"], kibana]}
    (state,) = [row[1:] for row in assess(topology, seen, {}, may_lack=True).rows if row[0] == "Kibana"]
    assert state == ("left out", "not installed on its hosts, which estate_require_all_artifacts allows")


def silent(seen: dict[str, list[dict[str, Any]]], *hosts: str, installed: bool) -> dict[str, list[dict[str, Any]]]:
    for host in hosts:
        seen[host].append({"component": "kafka_broker agent", "host": host, "error": "refused", "installed": installed})
    return seen


def test_an_agent_that_is_silent_while_its_broker_answers_is_a_problem() -> None:
    health = assess(WATCHED, silent(watched(), "h3", installed=True), {})
    assert health.problems == ["JMX exporter of kafka_broker on h3 does not answer: refused"]
    assert ("JMX exporter", "2 of 3", "") in health.rows


def test_a_broker_that_is_down_is_named_once() -> None:
    seen = silent(watched(), "h3", installed=True)
    next(one for one in seen["h3"] if one["component"] == "kafka_broker")["error"] = "refused"
    assert assess(WATCHED, seen, {}).problems == ["Kafka kafka-1 on h3 does not answer: refused"]


def test_an_estate_without_agents_is_told_who_brings_them() -> None:
    health = assess(WATCHED, silent(watched(), *HOSTS, installed=False), {})
    assert health.problems == [] and ("JMX exporter", "0 of 3", "not installed, exporter.yml brings it") in health.rows


def test_agents_are_asked_on_hosts_that_have_the_component(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(observations, "FOLDER", tmp_path)
    (tmp_path / "kafka.service").write_text("ExecStart=java -javaagent:/opt/agent.jar kafka.Kafka")
    (tmp_path / "zookeeper.service").write_text("ExecStart=java org.apache.zookeeper")
    # An agent answers as the real one does.
    with serving(lambda request: (200 if request.path == "/-/healthy" else 404, b"")) as url:
        rows = [
            {"component": "kafka_broker", "host": "127.0.0.1", "port": url.rpartition(":")[2]},
            {"component": "zookeeper", "host": "127.0.0.1", "port": 1},
            # Not installed here, so nobody's agent is silent.
            {"component": "kafka_connect", "host": "127.0.0.1", "port": 1},
            {"component": "kafka_broker", "host": "elsewhere", "port": 1},
        ]
        found = observe({"components": [], "metrics": rows}, "127.0.0.1")
    assert [(one["component"], one["installed"]) for one in found] == [("zookeeper agent", False)]
    assert "refused" in found[0]["error"]
