"""A cluster of two Elasticsearch nodes as its clients and its operator see it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from lab import playbook, until
from testinfra.host import Host

testinfra_hosts = ["ansible://elasticsearch"]

URL = "http://one.elastic.test:9200"
URLS = (URL, "http://two.elastic.test:9200")
UUID = "/_cluster/state/metadata?filter_path=cluster_uuid"


def test_both_nodes_are_in_one_cluster(host: Host, ask: Any) -> None:
    found = [ask(host, f"{url}{UUID}").body["cluster_uuid"] for url in URLS]
    assert len(found) == 2 and len(set(found)) == 1 and found[0] != "_na_"
    assert ask(host, f"{URL}/_cluster/health?wait_for_status=green&timeout=30s").body["number_of_nodes"] == 2


def test_what_the_first_formation_needs_is_in_no_configuration(host: Host, ask: Any) -> None:
    assert host.run("grep --recursive initial_master_nodes /etc/elasticsearch/elasticsearch.yml").rc == 1
    assert started(host)[0].endswith("-E cluster.initial_master_nodes=one.elastic.test,two.elastic.test")


def started(host: Host) -> list[str]:
    """Return what each start of the node ran."""
    journal = host.check_output("journalctl --unit=elasticsearch --output=cat")
    return re.findall(r"^Starts: (.*)$", journal, re.MULTILINE)


def test_one_more_node_makes_no_restart_due(host: Host, tmp_path: Path) -> None:
    """Those that run find it in a file that they read again by themselves."""
    more = {"elasticsearch": {"hosts": {"three.elastic.test": {"elasticsearch_transport_port": 9302}}}}
    (tmp_path / "more.json").write_text(json.dumps(more), encoding="utf-8")
    run = playbook(
        "molecule/elasticsearch/converge.yml",
        *("--check", "--diff", "--limit=localhost:one.elastic.test:two.elastic.test"),
        inventory=[str(tmp_path / "more.json")],
    )
    assert run.status == 0, run.output[-3000:]
    tasks = {task["task"]["name"]: task["hosts"] for play in run.plays for task in play["tasks"]}
    name = host.backend.get_hostname()
    (files,) = [hosts[name] for task, hosts in tasks.items() if task.endswith(": Files")]
    assert {Path(path).name for path in files["changed_paths"]} == {"nodes.json", "unicast_hosts.txt"}
    (service,) = [hosts[name] for task, hosts in tasks.items() if task.endswith(": Service")]
    assert service["stale"] == []


def test_it_indexes_and_counts(host: Host, ask: Any) -> None:
    for number in range(3):
        assert ask(host, f"{URL}/students/_doc/{number}", "PUT", {"name": f"student {number}"}).status in (200, 201)
    assert ask(host, f"{URL}/students/_refresh", "POST").status == 200
    assert ask(host, f"{URL}/students/_count").body["count"] == 3


def test_the_configuration_is_in_force(host: Host, ask: Any) -> None:
    nodes = ask(host, f"{URL}/_nodes/settings,jvm").body
    (node,) = [found for found in nodes["nodes"].values() if found["name"] == "one.elastic.test"]
    assert nodes["cluster_name"] == "seen-from-outside"
    assert node["settings"]["node"]["attr"]["rack"] == "r1", "elasticsearch_config does not reach the node"
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
    whole = f"{URL}/_cluster/health/students?wait_for_status=green&wait_for_nodes=2&timeout=15s"
    until(lambda: ask(host, whole).status, 120, "both nodes and all copies", lambda status: status == 200)
    assert ask(host, f"{URL}/students/_count").body["count"] == 3
    assert "initial_master_nodes" not in started(host)[-1]


def test_a_node_that_has_lost_its_data_joins_the_cluster_again(host: Host, ask: Any) -> None:
    """It must not form one of its own: its first start is no first formation. Of two nodes only the master has a vote."""
    own = f"http://{host.backend.get_hostname()}:9200"
    (master,) = ask(host, f"{URL}/_cat/master?format=json", wait=True).body
    if master["node"] == host.backend.get_hostname():
        return
    before = ask(host, f"{own}{UUID}").body
    host.check_output("systemctl stop elasticsearch")
    host.check_output("find /var/lib/elasticsearch/data -mindepth 1 -delete")
    host.check_output("systemctl start elasticsearch")
    whole = f"{own}/_cluster/health/students?wait_for_status=green&wait_for_nodes=2&timeout=15s"
    until(lambda: ask(host, whole).status, 120, "both nodes and all copies", lambda status: status == 200)
    assert ask(host, f"{own}{UUID}").body == before
    assert "initial_master_nodes" not in started(host)[-1]


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
