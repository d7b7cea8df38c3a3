"""The audit of an open cluster: every statement that does not hold, and every port, a stranger's too, from the running estate."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from lab import on, playbook, until

testinfra_hosts = ["ansible://kafka_broker"]

BROKERS = ["one.kafka.test", "two.kafka.test", "three.kafka.test"]
OPEN = (1, 2, 3, 4, 5, 6, 7, 12)
STRANGER, LOCAL = 31337, 31338
CONNECT = "import socket; [socket.create_connection(('127.0.0.1', port), 5) for port in (31337, 31338)]"
# Something that nobody declared: one server for everybody, one on loopback.
SERVE = "for address in 0.0.0.0:31337 127.0.0.1:31338; do python3 -m http.server --bind ${address%:*} ${address#*:} & done; wait"


@pytest.fixture
def stranger() -> Iterator[str]:
    host = BROKERS[1]
    on(host, "systemd-run", "--unit=stranger", "--uid=nobody", "--working-directory=/tmp", "sh", "-c", SERVE)
    try:
        until(lambda: on(host, "python3", "-c", CONNECT), 60, "both servers listen", lambda _: True)
        yield host
    finally:
        on(host, "systemctl", "stop", "stranger")


def test_an_open_cluster_is_told_what_is_open(stranger: str, tmp_path: Path) -> None:
    path = tmp_path / "audit.json"
    run = playbook("playbooks/audit.yml", f"--extra-vars=audit_path={path}")
    assert run.status != 0 and not run.changed(), run.output
    found = run.last(BROKERS[0])["audit"]
    assert json.loads(path.read_text()) == found
    results = {one["number"]: one["result"] for one in found["statements"]}
    assert results == {number: "fail" if number in OPEN else "pass" for number in range(1, 13)}, found["verdict"]
    seen = {finding["code"]: set(finding["hosts"]) for one in found["statements"] for finding in one["findings"]}
    assert seen["listener_shared"] == seen["no_authorizer"] == seen["keys_none"] == set(BROKERS)
    ports = {(port["host"], port["port"]): port for port in found["ports"]}
    for broker in BROKERS:
        port = ports[broker, 9092]
        assert (port["answer"], port["how"]) == ("open", "Kafka, asks for no login")
        assert (port["process"], port["user"], port["purpose"]) == ("kafka", "kafka", "Kafka local")
        assert port["asked_from"] in BROKERS and port["asked_from"] != broker
    assert ports[BROKERS[0], 2181]["how"] == "ZooKeeper, answers srvr"
    strange, local = ports[stranger, STRANGER], ports[stranger, LOCAL]
    assert (strange["answer"], strange["user"], strange["purpose"]) == ("open", "nobody", "")
    assert local["answer"] == "local"
    said = next(line for line in run.last(BROKERS[0])["estate_report"].splitlines() if line.startswith(str(STRANGER)))
    assert "not in the port matrix" in said and "ANYBODY" in said
