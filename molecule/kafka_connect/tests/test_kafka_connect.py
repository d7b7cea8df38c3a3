"""Two workers of one Connect cluster as a client and their operator see them."""

from __future__ import annotations

from typing import Any

import testinfra
from testinfra.host import Host

testinfra_hosts = ["ansible://kafka_connect"]

WORKERS = ["one.connect.test", "two.connect.test"]
INPUT = "/var/lib/kafka-connect/input.txt"
TOPICS = (
    "/usr/bin/java -cp '/opt/kafka/current/libs/*' org.apache.kafka.tools.TopicCommand --bootstrap-server one.connect.test:9092"
)


def address(host: Host) -> str:
    return f"http://{host.backend.get_hostname()}:8083"


def test_each_worker_answers_for_the_cluster(host: Host, ask: Any) -> None:
    answer = ask(host, f"{address(host)}/")
    assert answer.status == 200
    assert answer.body["version"] == "3.9.2"
    assert ask(host, f"{address(host)}/connectors").status == 200


def test_kafkas_own_connectors_are_found(host: Host, ask: Any) -> None:
    found = {plugin["class"].rpartition(".")[2] for plugin in ask(host, f"{address(host)}/connector-plugins").body}
    assert {
        "MirrorSourceConnector",
        "MirrorCheckpointConnector",
        "MirrorHeartbeatConnector",
        "FileStreamSourceConnector",
    } <= found


def test_workers_reach_each_other_by_their_advertised_names(host: Host, ask: Any) -> None:
    """A connector put on one worker runs on whichever the group chose, under its advertised name."""
    host.check_output("touch %s", INPUT)
    settings = {"connector.class": "FileStreamSource", "topic": "lines", "file": INPUT, "tasks.max": "1"}
    assert ask(host, f"{address(host)}/connectors/lines/config", "PUT", settings).status in (200, 201)
    probe = (
        "import json, sys, urllib.request;"
        f"state = json.load(urllib.request.urlopen('{address(host)}/connectors/lines/status', timeout=5));"
        "sys.exit(not (state['tasks'] and state['connector']['state'] == state['tasks'][0]['state'] == 'RUNNING'))"
    )
    host.check_output("timeout 60 sh -c 'until python3 -c \"$0\" 2>/dev/null; do sleep 0.3; done' %s", probe)
    state = ask(host, f"{address(host)}/connectors/lines/status").body
    assert state["tasks"][0]["worker_id"].removesuffix(":8083") in WORKERS


def test_internal_topics_have_their_partitions() -> None:
    described = testinfra.get_host(f"ansible://{WORKERS[0]}").check_output(f"{TOPICS} --describe --exclude-internal")
    counts = {
        line.split()[1]: int(line.partition("PartitionCount: ")[2].split()[0])
        for line in described.splitlines()
        if "PartitionCount" in line
    }
    # 5 would be the default of the status topic: kafka_connect_config has the last word.
    assert {name: count for name, count in counts.items() if name.startswith("workers-")} == {
        "workers-offsets": 25,
        "workers-configs": 1,
        "workers-status": 3,
    }


def test_the_worker_has_its_own_user(host: Host) -> None:
    (worker,) = [process for process in host.process.filter(comm="java") if "ConnectDistributed" in process.args]
    assert worker.user == "kafka-connect"


def test_the_unit_is_hardened(host: Host, unit: Any, hardened: dict[str, str]) -> None:
    assert unit(host, "kafka-connect") == hardened


def test_modes(host: Host) -> None:
    for name in ("connect-distributed.properties", "log4j.properties"):
        file = host.file(f"/etc/kafka-connect/{name}")
        assert (file.user, file.group, file.mode) == ("root", "kafka-connect", 0o640)
    plugins = host.file("/usr/share/kafka-connect/plugins")
    assert (plugins.user, plugins.mode) == ("root", 0o755), "a worker must not be able to change its own code"


def test_it_logs_where_logs_are_looked_for(host: Host) -> None:
    assert host.file("/var/log/kafka-connect/connect.log").contains("Kafka Connect started")


def test_wrong_values_are_named_before_anything_changes(converge: Any) -> None:
    run = converge("--extra-vars", '{"kafka_connect_cluster": "loacl", "kafka_connect_offset_partitions": "many"}')
    assert run.returncode != 0
    assert "No host of group kafka_broker has kafka_broker_cluster 'loacl'" in run.stdout
    assert "kafka_connect_offset_partitions: found 'many'" in run.stdout
    assert "changed=0" in run.stdout
