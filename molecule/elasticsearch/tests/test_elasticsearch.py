"""A single Elasticsearch node as its clients and its operator see it."""

from __future__ import annotations

from typing import Any

from lab import until
from testinfra.host import Host

testinfra_hosts = ["ansible://elasticsearch"]

URL = "http://one.elastic.test:9200"


def test_it_indexes_and_counts(host: Host, ask: Any) -> None:
    for number in range(3):
        assert ask(host, f"{URL}/students/_doc/{number}", "PUT", {"name": f"student {number}"}, wait=True).status in (200, 201)
    assert ask(host, f"{URL}/students/_refresh", "POST", wait=True).status == 200
    assert ask(host, f"{URL}/students/_count").body["count"] == 3


def test_the_configuration_is_in_force(host: Host, ask: Any) -> None:
    nodes = ask(host, f"{URL}/_nodes/settings,jvm").body
    (node,) = nodes["nodes"].values()
    assert nodes["cluster_name"] == "seen-from-outside"
    assert node["settings"]["node"]["attr"]["rack"] == "r1", "elasticsearch_host_config does not reach the node"
    assert node["settings"]["path"] == {
        "data": "/var/lib/elasticsearch/data",
        "logs": "/var/log/elasticsearch",
        "home": "/opt/elasticsearch/current",
    }
    assert node["jvm"]["mem"]["heap_max_in_bytes"] <= 512 * 1024**2


def test_systemd_watches_the_server_itself(host: Host, unit: Any) -> None:
    (server,) = host.process.filter(comm="java")
    shown = unit(host, "elasticsearch", "MainPID", "ActiveState", "UnitFileState")
    assert shown == {"MainPID": str(server.pid), "ActiveState": "active", "UnitFileState": "enabled"}
    assert server.user == "elasticsearch"


def test_the_unit_is_hardened(host: Host, unit: Any, hardened: dict[str, str]) -> None:
    assert unit(host, "elasticsearch") == hardened


def test_the_service_cannot_write_its_configuration(host: Host) -> None:
    config = host.file("/etc/elasticsearch")
    assert (config.user, config.group, config.mode) == ("root", "elasticsearch", 0o2750)
    for name in ("elasticsearch.yml", "jvm.options", "jvm.options.d/heap.options", "log4j2.properties"):
        file = host.file(f"/etc/elasticsearch/{name}")
        assert (file.user, file.group, file.mode) == ("root", "elasticsearch", 0o640)


def test_it_logs_where_logs_are_looked_for(host: Host) -> None:
    log = host.file("/var/log/elasticsearch/elasticsearch.log")
    assert log.contains("started")
    assert log.user == "elasticsearch"


def test_kernel_settings_are_kept_and_refusals_are_no_failure(host: Host) -> None:
    assert host.file("/etc/sysctl.d/60-kafka-estate.conf").contains("^vm.max_map_count = ")
    assert host.sysctl("vm.max_map_count") >= 262144


def test_a_killed_server_comes_back_with_its_documents(host: Host, unit: Any, ask: Any) -> None:
    before = unit(host, "elasticsearch", "MainPID")["MainPID"]
    host.check_output("kill -KILL %s", before)
    until(lambda: unit(host, "elasticsearch", "MainPID")["MainPID"], 120, "a new process", lambda pid: pid not in (before, "0"))
    healthy = f"{URL}/_cluster/health/students?wait_for_status=yellow&timeout=15s"
    until(lambda: ask(host, healthy).status, 240, "it answers and has its documents", lambda status: status == 200)
    assert ask(host, f"{URL}/students/_count").body["count"] == 3


def test_wrong_values_are_named_before_anything_changes(converge: Any) -> None:
    run = converge("--extra-vars", '{"elasticsearch_port": "92o0", "elasticsearch_heaps": "1g"}')
    assert run.returncode != 0
    assert "elasticsearch_port: found '92o0'" in run.stdout
    assert "Write elasticsearch_heap if that is meant" in run.stdout
    assert "changed=0" in run.stdout


def test_several_nodes_on_a_kernel_they_refuse_are_told_so(converge: Any) -> None:
    run = converge(
        "--check",
        "--extra-vars",
        '{"_elasticsearch_kernel": 65530, "_elasticsearch_hosts": ["one.elastic.test", "two.elastic.test"]}',
    )
    assert run.returncode != 0
    assert "one.elastic.test: vm.max_map_count is 65530" in run.stdout
    assert "sysctl -w vm.max_map_count=262144" in run.stdout
