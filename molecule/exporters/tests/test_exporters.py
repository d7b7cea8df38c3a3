"""One host with a server, a broker and a worker that were built without agents, after exporter.yml."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from lab import playbook, until
from testinfra.host import Host

testinfra_hosts = ["ansible://zookeeper"]

NAME = "one.exporters.test"
AGENTS = {"kafka": 7071, "kafka-connect": 7072, "zookeeper": 7073}
EXPORTERS = {"node-exporter": 9100, "kafka-exporter": 9308, "elasticsearch-exporter": 9114}
PORTS = AGENTS | EXPORTERS
CACHE = Path(__file__).resolve().parents[3] / ".cache"
# Answers as far as the role goes: it starts, serves, and shows with which flags.
STAND_IN = """#!/usr/bin/python3
import http.server, sys
class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write("\\n".join(sys.argv[1:]).encode())
http.server.HTTPServer(("", 9308), Answer).serve_forever()
"""


def scrape(host: Host, ask: Any, unit: str) -> dict[str, float]:
    answer = ask(host, f"http://{NAME}:{PORTS[unit]}/metrics", wait=True)
    assert answer.status == 200
    lines = [line for line in answer.body.splitlines() if line and not line.startswith("#")]
    return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines)}


def starts(host: Host, unit: str) -> int:
    return int(host.check_output("journalctl --unit=%s --output=cat | grep -c ^Started", unit))


# -- agents ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("unit", AGENTS)
def test_a_member_built_without_agent_was_restarted_once_in_all_runs(host: Host, unit: str) -> None:
    assert starts(host, unit) == 2


@pytest.mark.parametrize("unit", AGENTS)
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


@pytest.mark.parametrize("unit", AGENTS)
def test_the_agents_file_is_not_for_everybody_and_needs_no_restart(host: Host, unit: str) -> None:
    file = host.file(f"/etc/{unit}/jmx-exporter.yml")
    assert (file.user, file.group, file.mode) == ("root", unit, 0o640)
    assert "jmx-exporter.yml" not in host.file(f"/run/{unit}/started-with").content_string


# -- exporters -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", EXPORTERS)
def test_an_exporter_is_hardened_has_a_user_of_its_own_and_started_once(
    host: Host, unit: Any, hardened: dict[str, str], name: str
) -> None:
    wanted = hardened | ({"ProtectHome": "read-only"} if name == "node-exporter" else {})
    assert unit(host, name) == wanted
    assert unit(host, name, "User", "ActiveState") == {"User": name, "ActiveState": "active"}
    assert starts(host, name) == 1


def test_node_exporter_sees_the_host_as_it_is_and_the_files_of_others(host: Host, ask: Any) -> None:
    host.check_output("echo written_by_a_job 7 > /var/lib/node-exporter/textfile/job.prom")
    series = scrape(host, ask, "node-exporter")
    assert series["written_by_a_job"] == 7 and series["node_textfile_scrape_error"] == 0
    total = int(host.check_output("awk '/^MemTotal/ {print $2}' /proc/meminfo"))
    assert series["node_memory_MemTotal_bytes"] == total * 1024
    # The override hook: file systems of containers are shown, one collector is off. Its own unit may not write, the host may.
    (root,) = (name for name in series if name.startswith("node_filesystem_readonly{") and 'mountpoint="/"' in name)
    assert series[root] == 0
    size = host.check_output("python3 -c \"import os; s = os.statvfs('/'); print(s.f_blocks * s.f_frsize)\"")
    assert series[root.replace("readonly", "size_bytes")] == int(size)
    assert not any(name.startswith("node_arp_entries") for name in series)


def test_lag_of_a_consumer_group_is_what_the_group_has_left(host: Host, ask: Any) -> None:
    server = f"--bootstrap-server {NAME}:9092"
    host.check_output(f"kafka-topics {server} --create --if-not-exists --topic exporters-lag --partitions 1")
    host.check_output(f"seq 7 | kafka-console-producer {server} --topic exporters-lag")
    host.check_output(
        f"kafka-console-consumer {server} --topic exporters-lag --group exporters-readers --from-beginning --max-messages 4"
    )

    def lag() -> float:
        series = scrape(host, ask, "kafka-exporter")
        found = [name for name in series if name.startswith("kafka_consumer_group_lag{") and 'group="exporters-readers"' in name]
        return sum(series[name] for name in found) if found else -1

    assert until(lag, 120, "the lag", lambda found: found == 3)


def test_elasticsearch_that_is_not_there_is_shown_as_down(host: Host, ask: Any) -> None:
    """As the alert sees it: the exporter answers, and tells nothing of a cluster."""
    series = scrape(host, ask, "elasticsearch-exporter")
    assert series and not any(name.startswith("elasticsearch_cluster_health_status") for name in series)


def test_health_names_an_exporter_that_is_down(host: Host) -> None:
    host.check_output("systemctl stop node-exporter")
    try:
        run = playbook("playbooks/health.yml")
    finally:
        host.check_output("systemctl start node-exporter")
    # Elasticsearch is in this inventory and on no host.
    assert run.status != 0
    found = run.last(NAME)
    assert [problem for problem in found["problems"] if "Elasticsearch" not in problem] == [
        f"Node exporter on {NAME} does not answer: <urlopen error [Errno 111] Connection refused>"
    ]
    rows = [line.split() for line in found["estate_report"].splitlines()]
    assert {" ".join(row[:5]) for row in rows if "xporter" in " ".join(row[:2])} >= {
        "JMX exporter 3 of 3",
        "Node exporter 0 of 1",
        "Kafka exporter 1 of 1",
    }


# -- the publisher's kafka exporter, as a stand-in ---------------------------------------------------------------------------


@pytest.fixture
def stand_in_store(tmp_path: Path) -> Path:
    """A store with what the ordinary one has and a stand-in archive of kafka_exporter, in the form its publisher gives it."""
    releases = tmp_path / "releases"
    releases.mkdir()
    for path in (CACHE / "store/releases").iterdir():
        if path.name == "index.json":
            shutil.copy(path, releases)
        else:
            (releases / path.name).symlink_to(path.resolve())
    tree = tmp_path / "kafka_exporter-1.9.9.linux-amd64"
    tree.mkdir()
    (tree / "kafka_exporter").write_text(STAND_IN)
    (tree / "kafka_exporter").chmod(0o755)
    downloads = tmp_path / "downloads/kafka-exporter/1.9.9/publisher"
    downloads.mkdir(parents=True)
    archive = shutil.make_archive(str(downloads / tree.name), "gztar", tmp_path, tree.name)
    assert archive.endswith(".linux-amd64.tar.gz")
    return tmp_path


def test_stand_in_of_the_publishers_kafka_exporter_and_back(host: Host, ask: Any, converge: Any, stand_in_store: Path) -> None:
    options = {
        "kafka_exporter_implementation": "kafka_exporter",
        "kafka_exporter_config": {"topic.filter": "^[^_].*$", "tls.enabled": False},
        "estate_store": str(stand_in_store),
        "estate_versions": {"kafka-exporter": "1.9.9"},
        "estate_artifact_sources": ["publisher", "maven", "wheel", "package"],
    }
    try:
        run = converge("--tags", "kafka_exporter", "--extra-vars", json.dumps(options))
        assert run.returncode == 0, run.stdout[-3000:]
        flags = ask(host, f"http://{NAME}:9308/metrics", wait=True).body.splitlines()
        assert flags == [
            "--web.listen-address=:9308",
            f"--kafka.server={NAME}:9092",
            "--topic.filter=^[^_].*$",
            "--no-tls.enabled",
        ]
    finally:
        assert converge("--tags", "kafka_exporter").returncode == 0
    body = ask(host, f"http://{NAME}:9308/metrics", wait=True).body
    assert "kafka_exporter_build" not in body and "python_info" in body


# -- what is refused -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"kafka_broker_jmx_exporter_port": 9092}, ["kafka_broker_jmx_exporter_port", "kafka_broker_port has this port too"]),
        ({"node_exporter_port": 9308}, ["kafka_exporter_port", "node_exporter_port has this port too"]),
        ({"kafka_exporter_cluster": "locl"}, ["kafka_exporter_cluster: found 'locl'", "Known: local"]),
        ({"kafka_exporter_implementation": "burrow"}, ["kafka_exporter_implementation: found 'burrow'"]),
    ],
)
def test_wrong_values_are_named_before_anything_changes(converge: Any, options: dict[str, Any], words: list[str]) -> None:
    run = converge("--extra-vars", json.dumps(options))
    assert run.returncode != 0
    assert all(word in run.stdout for word in words), run.stdout[-3000:]
    assert "changed=0" in run.stdout
