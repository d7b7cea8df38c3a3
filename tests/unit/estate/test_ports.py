"""Who must reach whom, for the reference estate."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.estate.kafka.plugins.module_utils.estate.ports import Connection, connections, matrix, rules
from command_line import of_project

ROOT = Path(__file__).resolve().parents[3]
ZK = [f"zk{number}" for number in (1, 2, 3)]
KAFKA = [f"k{number}" for number in (1, 2)]


def component(name: str, host: str, *ports: int, **more: Any) -> dict[str, Any]:
    return {"component": name, "host": host, "ports": list(ports), **more}


TOPOLOGY = {
    "components": [
        *(component("zookeeper", host, 2181, 2888, 3888) for host in ZK),
        *(component("kafka_broker", host, 9092) for host in KAFKA),
        component("schema_registry", "k2", 8081, uses="one"),
        component("kafka_connect", "zk1", 8083),
        component("elasticsearch", "k1", 9200, 9300),
        component("prometheus", "k1", 9090),
        component("grafana", "k2", 3000),
        component("alertmanager", "k1", 9093, 9094),
    ],
    "ensembles": {
        "zookeeper": {
            "servers": [{"host": host, "client_port": 2181, "peer_port": 2888, "election_port": 3888} for host in ZK],
        }
    },
    "clusters": {"one": {"ensemble": "zookeeper", "brokers": [{"host": host, "port": 9092} for host in KAFKA]}},
    "connect_clusters": {"workers": {"cluster": "one", "hosts": ["zk1"]}},
    "schema_registries": {"k2": "http://k2:8081"},
    "elasticsearch": {"hosts": ["k1"]},
    "metrics": [{"component": "kafka_broker", "host": host, "port": 7071} for host in KAFKA],
    "mirrors": [],
}


def sources(found: list[Connection], target: str, port: int) -> set[str]:
    return {one.source for one in found if (one.target, one.port) == (target, port)}


@pytest.mark.parametrize(
    ("target", "port", "wanted"),
    [
        ("zk1", 2181, {*KAFKA, "zk2", "zk3"}),
        ("zk1", 3888, {"zk2", "zk3"}),
        ("k1", 9092, {"clients", "k2", "zk1"}),
        ("k2", 9092, {"clients", "k1", "zk1"}),
        ("k2", 8081, {"clients"}),
        ("k1", 9200, {"clients"}),
        ("k2", 7071, {"k1"}),
        ("k1", 9090, {"operators", "k2"}),
        ("zk3", 22, {"controller"}),
        ("k1", 9300, set()),
    ],
)
def test_each_port_is_for_those_who_need_it(target: str, port: int, wanted: set[str]) -> None:
    assert sources(connections(TOPOLOGY), target, port) == wanted


def test_the_table_has_one_line_for_a_purpose() -> None:
    lines = matrix(connections(TOPOLOGY)).splitlines()
    assert [line for line in lines if "leader election" in line] == [next(line for line in lines if line.split()[0] == "3888")]


def test_rules_name_addresses_and_what_has_none_is_a_comment() -> None:
    known = {"k1": ["10.0.0.1"], "zk2": ["fd00::2"], "clients": ["10.1.0.0/16"]}
    found = rules(connections(TOPOLOGY), known)
    assert set(found) == {*ZK, *KAFKA}
    assert 'ip saddr { 10.0.0.1, 10.1.0.0/16 } tcp dport 9092 accept comment "Kafka one"' in found["k2"]
    assert "# tcp dport 9092 (Kafka one): no address known of zk1" in found["k2"]
    assert 'ip6 saddr { fd00::2 } tcp dport 3888 accept comment "ZooKeeper leader election"' in found["zk1"]


def test_nftables_reads_the_rules(tmp_path: Path) -> None:
    assert shutil.which("nft"), "no nft on the PATH: tests/lab/setup installs nftables"
    known = {host: [f"10.0.0.{number}"] for number, host in enumerate([*ZK, *KAFKA], start=1)} | {"clients": ["fd00::/64"]}
    for host, text in rules(connections(TOPOLOGY), known).items():
        (tmp_path / host).write_text(text)
        done = subprocess.run(["unshare", "--net", "nft", "--check", "--file", tmp_path / host], capture_output=True, text=True)
        assert done.returncode == 0, done.stderr


def test_the_playbook_shows_the_table_and_writes_rules_that_say_whom_they_lack(tmp_path: Path) -> None:
    """In a run of its own, which contacts no host: those of prod cannot be reached from here."""
    words = [
        "-v",
        "-e",
        f"ports_rules_dir={tmp_path}",
        "-e",
        '{"ports_clients": ["10.1.0.0/16"], "ports_controller": ["10.2.0.5"]}',
    ]
    done = of_project().run(
        "ansible-playbook", "-i", ROOT / "inventories/prod", ROOT / "playbooks/ports.yml", *words, joined=True
    )
    assert done.returncode == 0, done.stdout
    assert re.search(r"2181 +ZooKeeper clients", done.stdout) and re.search(r"9092 +Kafka kafka-2", done.stdout), done.stdout
    rules = (tmp_path / "peter-kafka01.foo.bar.nft").read_text()
    assert "ip saddr { 10.1.0.0/16 } tcp dport 9092 accept" in rules and "no address known of" in rules
    assert len(list(tmp_path.iterdir())) == 6
