"""What a scrape of one host with a server, a broker and a worker shows."""

from __future__ import annotations

from typing import Any

import pytest
from testinfra.host import Host

testinfra_hosts = ["ansible://zookeeper"]

NAME = "one.exporters.test"
PORTS = {"kafka": 7071, "kafka-connect": 7072, "zookeeper": 7073}


def scrape(host: Host, ask: Any, unit: str) -> dict[str, float]:
    answer = ask(host, f"http://{NAME}:{PORTS[unit]}/metrics")
    assert answer.status == 200
    lines = [line for line in answer.body.splitlines() if line and not line.startswith("#")]
    return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines)}


@pytest.mark.parametrize("unit", PORTS)
def test_a_scrape_has_no_error_and_few_series(host: Host, ask: Any, unit: str) -> None:
    series = scrape(host, ask, unit)
    assert series["jmx_scrape_error"] == 0
    assert len(series) < 600
    assert series["process_cpu_seconds_total"] > 0


@pytest.mark.parametrize(
    ("unit", "name", "value"),
    [
        ("kafka", "kafka_controller_kafkacontroller_activecontrollercount", 1),
        ("kafka", "kafka_controller_kafkacontroller_offlinepartitionscount", 0),
        ("kafka", "kafka_server_replicamanager_underminisrpartitioncount", 0),
        ("kafka", "kafka_server_kafkaserver_brokerstate", 3),
        ("kafka", 'kafka_server_version{broker_id="1",version="3.9.2"}', 1),
        ("kafka-connect", 'kafka_connect_version{version="3.9.2"}', 1),
        ("kafka-connect", "kafka_connect_connect_worker_metrics_task_count", 0),
        ("zookeeper", 'zookeeper_serving{mode="Standalone"}', 1),
        ("zookeeper", "zookeeper_outstandingrequests", 0),
    ],
)
def test_what_is_known_of_this_host_is_what_is_shown(host: Host, ask: Any, unit: str, name: str, value: float) -> None:
    assert scrape(host, ask, unit)[name] == value


def test_topics_of_the_worker_have_sizes_and_rates(host: Host, ask: Any) -> None:
    series = scrape(host, ask, "kafka")
    assert series['kafka_log_log_size{partition="0",topic="workers-configs"}'] > 0
    assert series["kafka_server_brokertopicmetrics_messagesin_total"] > 0
    assert 'kafka_network_requestmetrics_totaltimems{quantile="0.99",request="Produce"}' in series


def test_a_rule_of_the_operator_stands_beside_the_toolkits(host: Host, ask: Any) -> None:
    assert scrape(host, ask, "kafka")["operators_own_rule"] > 1000


@pytest.mark.parametrize("unit", PORTS)
def test_the_agents_file_is_not_for_everybody_and_needs_no_restart(host: Host, unit: str) -> None:
    file = host.file(f"/etc/{unit}/jmx-exporter.yml")
    assert (file.user, file.group, file.mode) == ("root", unit, 0o640)
    assert "jmx-exporter.yml" not in host.file(f"/run/{unit}/started-with").content_string


def test_wrong_values_are_named_before_anything_changes(converge: Any) -> None:
    run = converge("--extra-vars", '{"kafka_broker_jmx_exporter_port": 9092, "estate_jmx_exporter": true}')
    assert run.returncode != 0
    assert "kafka_broker_jmx_exporter_port" in run.stdout
    assert "kafka_broker_port has this port too" in run.stdout
    assert "changed=0" in run.stdout
