"""What the roles would write for each inventory of the project: every host finds its own ensemble, cluster and rack."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
RELEASE = {"version": "1.0", "file": "/nowhere", "sha256": "0" * 64, "source": "maven", "url": ""}
EXTRA = {
    "ansible_connection": "local",
    "ansible_become": False,
    "ansible_python_interpreter": sys.executable,
    "zookeeper_heap": "1g",
    "kafka_broker_heap": "1g",
    "estate_releases": {"kafka": RELEASE, "kafka-4": RELEASE, "kafka-client": RELEASE, "jmx-exporter": RELEASE},
}

# Inventory, host, file, lines it must hold.
EXPECTED = [
    (
        "prod",
        "peter-zk02.foo.bar",
        "/etc/kafka/server.properties",
        ["broker.id=2", "advertised.listeners=PLAINTEXT://peter-zk02.foo.bar:9092"],
    ),
    (
        "prod",
        "peter-kafka03.foo.bar",
        "/etc/kafka/server.properties",
        ["zookeeper.connect=peter-zk01.foo.bar:2181,peter-zk02.foo.bar:2181,peter-zk03.foo.bar:2181/kafka3"],
    ),
    ("prod", "peter-zk03.foo.bar", "/var/lib/zookeeper/myid", ["3"]),
    (
        "examples/combined",
        "node2.example.com",
        "/etc/kafka/server.properties",
        [
            "process.roles=broker,controller",
            "node.id=2",
            "listeners=PLAINTEXT://:9092,CONTROLLER://:9095",
            "metadata.log.dir=/var/lib/kafka/metadata",
            "min.insync.replicas=2",
        ],
    ),
    ("examples/single-cluster", "node2.example.com", "/etc/kafka/server.properties", ["broker.id=102", "min.insync.replicas=2"]),
    (
        "examples/two-ensembles",
        "west2.example.com",
        "/etc/kafka/server.properties",
        ["zookeeper.connect=west1.example.com:2181,west2.example.com:2181,west3.example.com:2181/kafka"],
    ),
    ("examples/two-ensembles", "east1.example.com", "/etc/zookeeper/zoo.cfg", ["server.3=east3.example.com:2888:3888"]),
    ("examples/sixty-brokers", "broker305.example.com", "/etc/kafka/server.properties", ["broker.id=305", "broker.rack=rack-3"]),
    (
        "examples/sixty-brokers",
        "monitoring.example.com",
        "/etc/prometheus/targets/kafka_broker.json",
        [f'      "broker{cluster}{number:02}.example.com:7071"' for cluster in range(1, 7) for number in range(1, 11)],
    ),
    ("prod", "peter-kafka01.foo.bar", "/etc/prometheus/targets/zookeeper.json", ['      "peter-zk03.foo.bar:7073"']),
    ("examples/sixty-brokers", "zk4.example.com", "/etc/zookeeper/zoo.cfg", ["server.5=zk5.example.com:2888:3888"]),
]


def rendered(inventory: str) -> dict[tuple[str, str], list[str]]:
    """Return the lines of every file, by host and path, for the hosts that this module asks about."""
    hosts = sorted({host for name, host, _, _ in EXPECTED if name == inventory})
    run = subprocess.run(
        [
            str(Path(sys.executable).with_name("ansible-playbook")),
            f"--inventory={ROOT / 'inventories' / inventory}",
            f"--limit={','.join(hosts)}",
            "--check",
            "--diff",
            f"--extra-vars={json.dumps(EXTRA)}",
            "tests/integration/render.yml",
        ],
        cwd=ROOT,
        env={**os.environ, "ANSIBLE_STDOUT_CALLBACK": "ansible.posix.json", "ANSIBLE_LOG_PATH": os.devnull},
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    document, _ = json.JSONDecoder().raw_decode(run.stdout[run.stdout.index("{\n") :])
    return {
        (host, diff["after_header"]): diff["after"].splitlines()
        for play in document["plays"]
        for task in play["tasks"]
        for host, result in task["hosts"].items()
        for diff in result.get("diff", [])
    }


@pytest.mark.parametrize("inventory", sorted({name for name, _, _, _ in EXPECTED}))
def test_every_host_finds_its_own(inventory: str) -> None:
    files = rendered(inventory)
    for name, host, path, lines in EXPECTED:
        if name == inventory:
            assert set(lines) <= set(files[host, path]), (host, path)
