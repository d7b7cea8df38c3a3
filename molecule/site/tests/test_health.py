"""health.yml: 0 on a healthy estate; otherwise not 0, what is wrong named, and the rest still shown."""

from __future__ import annotations

import json
import subprocess

import pytest
from lab import ROOT, module, on, playbook_command, rest, until

WORKER = "peter-zk01.foo.bar"


def health(*args: str) -> tuple[int, str]:
    """Run the playbook; return its exit status and what a person sees."""
    run = subprocess.run(playbook_command("playbooks/health.yml", *args), cwd=ROOT, capture_output=True, text=True, timeout=300)
    return run.returncode, run.stdout + run.stderr


def systemctl(verb: str, unit: str) -> None:
    """Start or stop a service on the worker's host."""
    on(WORKER, "systemctl", verb, unit)


def test_a_healthy_estate() -> None:
    status, output = health()
    assert status == 0, output
    assert "All is well." in output
    for words in (
        "3 of 3 servers",
        "Kafka kafka-1",
        "Kafka kafka-2",
        "peter-mirrormaker2 RUNNING with 1 of 1 tasks",
        "green",
        "last heartbeat ",
    ):
        assert words in output


def test_a_service_that_is_down_is_named_and_the_rest_is_shown() -> None:
    systemctl("stop", "kafka-connect")
    try:
        status, output = health()
        assert status != 0
        assert f"Kafka Connect connect-cluster on {WORKER} does not answer" in output
        assert "2 of 3 workers" in output and "3 of 3 brokers" in output
    finally:
        systemctl("start", "kafka-connect")
    until(health, 120, "the estate is well again", lambda found: found[0] == 0)


def steer(verb: str) -> None:
    """Pause or resume the connector of the notes."""
    rest(WORKER, f"http://{WORKER}:8083/connectors/peter-mirrormaker2/{verb}", "PUT")


def test_a_mirror_that_stands_or_is_behind_is_named() -> None:
    flow = {"name": "peter-mirrormaker2", "source": "kafka-1", "target": "kafka-2", "source_alias": "src", "target_alias": "dst"}
    # The registry's topic is one that the live connector has never read.
    wanted = {**flow, "topics": ["_schemas"], "heartbeat_max_age": 1, "lag_max": 0}
    steer("pause")
    try:
        status, output = health("-e", json.dumps({"mirrors": [wanted]}))
    finally:
        steer("resume")
    assert status != 0
    assert "2 problem(s)" in output and "Mirror peter-mirrormaker2: up to " in output and "more than lag_max 0" in output
    assert "Mirror peter-mirrormaker2: the last heartbeat on kafka-2 is " in output
    _, output = until(health, 60, "the mirror runs again", lambda found: "peter-mirrormaker2 RUNNING with 1 of 1" in found[1])
    assert "All is well." in output


@pytest.mark.parametrize(("host", "installed"), [("peter-kafka01.foo.bar", False), ("peter-kafka02.foo.bar", True)])
def test_a_service_that_does_not_answer_is_told_from_one_that_is_not_there(host: str, installed: bool) -> None:
    nowhere = {"components": [{"component": "elasticsearch", "host": host, "url": "http://127.0.0.1:1"}]}
    (found,) = module(host, "observe", topology=nowhere, host=host)["observations"]
    assert "refused" in found["error"] and found["installed"] is installed


def test_one_host_alone_does_not_claim_the_whole() -> None:
    status, output = health("--limit", WORKER)
    assert status == 0, output
    assert "All is well" not in output and "Not asked in this run" in output
