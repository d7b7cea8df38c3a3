"""The cluster that has left ZooKeeper gets Kafka 4, goes back, gets it again and raises its features, under load.

The tests are one sequence, and begin where those of the migration ended.
"""

from __future__ import annotations

import re
from functools import partial
from pathlib import Path

import pytest
from lab import Run, kill_run, on, playbook
from living import (
    BROKER,
    CONTROLLER,
    MAX_SECONDS,
    NAMES,
    active,
    kill_controller,
    process,
    refused,
    transition,
    with_fault,
    without_zookeeper,
)

OLD, NEW = "3.9.2", "4.3.1"
RELEASE = ("-e", '{"kafka_features": {"release": "4.3"}}')
CONFIRMED = ("-e", "upgrade_confirm_old_clients=kafka-1")
# Asks a broker in a version that Kafka 4 does not understand, as clients before 0.10.1 do: ListOffsets 0, of no topic.
OLD_CLIENT = """
import socket, struct, sys
name = b"too-old"
request = struct.pack(">hhih", 2, 0, 7, len(name)) + name + struct.pack(">ii", -1, 0)
with socket.create_connection((sys.argv[1], 9092), timeout=60) as connection:
    connection.sendall(struct.pack(">i", len(request)) + request)
    assert struct.unpack(">ii", connection.recv(8))[1] == 7
"""


def runs(unit: str) -> list[str]:
    """Return the version that each process of a unit runs, told by the kind of log that it was started with; '' for none."""
    found = []
    for name in NAMES:
        pid = process(name, unit)
        words = "" if pid == "0" else on(name, "cat", f"/proc/{pid}/cmdline")
        found.append(NEW if "-Dlog4j2." in words else OLD if words else "")
    return found


def began(unit: str) -> list[int]:
    """Return when each process of a unit was started; the containers share one clock."""
    asked = ("systemctl", "show", unit, "--property=ActiveEnterTimestampMonotonic", "--value")
    return [int(on(name, *asked)) for name in NAMES]


@pytest.fixture
def old(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANSIBLE_INVENTORY", without_zookeeper(tmp_path, OLD))


@pytest.fixture
def new(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANSIBLE_INVENTORY", without_zookeeper(tmp_path, NEW))


def site(*args: str) -> Run:
    run = playbook("site.yml", *args, seconds=MAX_SECONDS)
    assert run.status == 0, run.output[-4000:]
    return run


def minimums() -> dict[str, str]:
    """Return min.insync.replicas of every topic, as a broker tells it."""
    asked = on(NAMES[0], "kafka-configs", "--entity-type", "topics", "--all", "--describe")
    return dict(re.findall(r"(?s)configs for topic (\S+) are:.*?min\.insync\.replicas=(\d+)", asked))


def test_features_are_refused_before_the_programs(old: None) -> None:
    refused(playbook("playbooks/features.yml", *RELEASE), "install the newer version there first")


def test_clients_that_kafka_4_does_not_understand_are_named(new: None) -> None:
    on(NAMES[0], "python3", "-c", OLD_CLIENT, NAMES[1])
    asked = "client id 'too-old', User:ANONYMOUS, software unknown: LIST_OFFSETS 0"
    for check in ((), ("--check",)):
        refused(playbook("site.yml", *check), "broker 2 was asked by", asked, "upgrade_confirm_old_clients")


def test_the_programs_of_kafka_4(new: None) -> None:
    last = NAMES.index(active())
    with transition(f"{OLD} to {NEW}, controllers and then brokers"):
        site(*CONFIRMED)
    assert runs(CONTROLLER) == runs(BROKER) == [NEW] * 3
    controllers = began(CONTROLLER)
    assert max(controllers) == controllers[last] and max(controllers) < min(began(BROKER))
    assert not site().changed()


def test_the_way_back_is_the_same_road(old: None) -> None:
    with transition(f"{NEW}, back to {OLD}"):
        site()
    assert runs(CONTROLLER) == runs(BROKER) == [OLD] * 3


def test_a_run_that_was_killed_goes_on(new: None) -> None:
    with transition(f"{OLD} to {NEW}; the run killed in the controllers and run again, a controller killed"):
        kill_run("site.yml", *CONFIRMED, when=lambda: runs(CONTROLLER).count(NEW) == 1)
        with_fault(partial(site, *CONFIRMED), lambda: runs(BROKER).count(NEW) == 1, kill_controller)
    assert runs(CONTROLLER) == runs(BROKER) == [NEW] * 3


def test_features(new: None) -> None:
    before = minimums()
    with transition(f"features raised to those of {NEW}"):
        run = playbook("playbooks/features.yml", *RELEASE)
        assert run.status == 0 and run.changed(), run.output[-4000:]
    assert minimums() == before and set(before.values()) == {"2"}
    assert not playbook("playbooks/features.yml", *RELEASE).changed()
    assert playbook("playbooks/health.yml").status == 0
    assert not site().changed()


def test_there_is_no_way_back_from_features(old: None) -> None:
    refused(playbook("site.yml"), "metadata.version: 30 is finalised, and Kafka 3.9.2 supports 21 at most")
    assert runs(CONTROLLER) == runs(BROKER) == [NEW] * 3
