"""A living cluster leaves ZooKeeper, comes back from every state but the last, and leaves it, while somebody writes to it.

The tests are one sequence: each begins where the one before ended. The table goes to .cache/transitions.md.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from lab import Run, kill_run, on, playbook
from living import (
    BROKER,
    CONTROLLER,
    MAX_SECONDS,
    NAMES,
    TABLE,
    active,
    kill_controller,
    process,
    refused,
    transition,
    with_fault,
    without_zookeeper,
)

ZNODES = """
import sys
sys.path.insert(0, "/opt/kafka-estate/python/current")
from kazoo.client import KazooClient
client = KazooClient("one.migrate.test:2181/kafka1")
client.start(timeout=30)
"""
BACK = ("-e", "back=true")
FINAL = ("-e", "finalise=true")
CONFIRMED = (*FINAL, "-e", "migrate_confirm_no_way_back=kafka-1")
FLAG = "-Destate.phase="
BROKEN = "/run/systemd/system/kafka.service.d/broken.conf"


def migrate(*args: str) -> Run:
    return playbook("playbooks/migrate.yml", "-e", "cluster=kafka-1", *args, seconds=MAX_SECONDS)


def phase(host: str, unit: str) -> str:
    """Return the phase that a process was started in; '' where none runs."""
    if (pid := process(host, unit)) == "0":
        return ""
    words = on(host, "cat", f"/proc/{pid}/cmdline").split("\0")
    return next((word.removeprefix(FLAG) for word in words if word.startswith(FLAG)), "zookeeper")


def phases(unit: str) -> list[str]:
    return [phase(name, unit) for name in NAMES]


def reached(unit: str, wanted: str) -> Callable[[], bool]:
    """Return what tells that the first process of a unit, and not every one, is in a phase."""
    return lambda: wanted in (found := phases(unit)) and found != [wanted] * len(found)


def done(*args: str) -> Run:
    """Run a part of the way to its end."""
    run = migrate(*args)
    assert run.status == 0, run.output[-4000:]
    return run


def killed(*args: str, when: Callable[[], object]) -> None:
    """Run a part of the way, and kill the run as soon as something is seen."""
    kill_run("playbooks/migrate.yml", "-e", "cluster=kafka-1", *args, when=when)


def disturbed(*args: str, when: Callable[[], object], fault: Callable[[], None]) -> Run:
    """Run a part of the way to its end; as soon as something is seen, a fault happens."""
    return with_fault(lambda: done(*args), when, fault)


def test_the_steps_are_told_before_anything_changes() -> None:
    TABLE.unlink(missing_ok=True)
    run = migrate("--check")
    assert run.status == 0, run.output[-4000:]
    for step in ("controllers", "brokers", "copy", "kraft"):
        assert f"{step}: " in run.output
    assert "Way back: -e back=true" in run.output


def test_the_last_step_is_refused_before_all_others() -> None:
    refused(migrate(*CONFIRMED), "the broker does not run without ZooKeeper yet", "the controller does not run")


def test_a_znode_that_an_earlier_migration_left_keeps_controllers_away() -> None:
    content = json.dumps({"version": 0, "kraft_metadata_offset": 28, "kraft_controller_id": 3003, "kraft_controller_epoch": 1})
    on(NAMES[0], "python3", "-c", f"{ZNODES}client.create('/migration', {content.encode()!r})")
    refused(migrate(), "delete every topic and ACL")
    done(*BACK)
    assert on(NAMES[0], "python3", "-c", f"{ZNODES}print(client.exists('/migration'))").strip() == "None"


def test_controllers() -> None:
    wanted = ("-e", "migrate_until=controllers")
    with transition("controllers; the run killed and run again"):
        killed(*wanted, when=lambda: "" not in phases(CONTROLLER))
        done(*wanted)


def test_controllers_back() -> None:
    with transition("controllers, back"):
        done(*BACK)


def test_metadata_copied() -> None:
    wanted = ("-e", "migrate_until=migration")
    with transition("controllers and brokers, metadata copied; the run killed and run again, a controller killed"):
        killed(*wanted, when=reached(BROKER, "migration"))
        disturbed(*wanted, when=lambda: phases(BROKER).count("migration") > 1, fault=kill_controller)


def test_metadata_copied_back() -> None:
    with transition("metadata copied, back; the run killed and run again"):
        killed(*BACK, when=lambda: "" in phases(CONTROLLER))
        done(*BACK)


def test_dual_writes() -> None:
    with transition("all steps to dual writes; a controller killed in the last"):
        disturbed(when=reached(BROKER, "kraft"), fault=kill_controller)


def test_dual_writes_back() -> None:
    with transition("dual writes, back; the run killed and a controller killed, run again"):
        killed(*BACK, when=reached(BROKER, "migration"))
        kill_controller()
        done(*BACK)


def test_a_broker_that_does_not_come_back_ends_the_step() -> None:
    with transition("all steps to dual writes; the second broker does not come back, is mended, and the run is run again"):
        before, third = phases(BROKER), process(NAMES[2], BROKER)
        on(NAMES[1], "sh", "-c", f"mkdir -p {Path(BROKEN).parent} && cat > {BROKEN}", text="[Service]\nExecStartPre=/bin/false\n")
        try:
            run = migrate()
        finally:
            on(NAMES[1], "rm", BROKEN)
            on(NAMES[1], "systemctl", "daemon-reload")
        assert run.status != 0, run.output[-4000:]
        found = phases(BROKER)
        assert found[0] != before[0] and found[1] == "" and process(NAMES[2], BROKER) == third, found
        done()
    assert phases(BROKER) == ["kraft"] * 3


def test_the_same_run_again_changes_nothing() -> None:
    run = done()
    assert not run.changed(), run.output[-4000:]


def test_other_playbooks_leave_every_node_in_its_phase() -> None:
    run = playbook("site.yml")
    assert run.status == 0 and not run.changed(), run.output[-4000:]


def test_other_playbooks_do_not_finish_a_step_that_was_interrupted() -> None:
    """As after a run that was killed: the file is of the next phase, the process of the one before."""
    on(NAMES[2], "cp", "-a", "/etc/kafka/server.properties", "/root/kept")
    on(NAMES[2], "sed", "-i", "$ a zookeeper.metadata.migration.enable=true", "/etc/kafka/server.properties")
    try:
        refused(playbook("site.yml"), "playbooks/migrate.yml")
    finally:
        on(NAMES[2], "cp", "-a", "/root/kept", "/etc/kafka/server.properties")


def test_the_last_step_says_what_is_lost_and_wants_the_clusters_name() -> None:
    run = done(*FINAL, "--check")
    assert "final: restart the controllers without ZooKeeper" in run.output and "the point of no return" in run.output
    refused(migrate(*FINAL), "migrate_confirm_no_way_back", "every way back to ZooKeeper")
    assert phases(CONTROLLER) == ["migration"] * 3


def test_the_inventory_cannot_forget_zookeeper_before_the_last_step(forgotten: None) -> None:
    refused(playbook("site.yml"), "has not left ZooKeeper: set kafka_broker_migration: true and its chroot again")


def test_the_last_step() -> None:
    """The run is killed after the first controller, and a controller that leads is killed in the next."""
    with transition("finalised; the run killed after the first controller and run again, a controller killed"):
        last = active()
        killed(*CONFIRMED, when=reached(CONTROLLER, "kraft"))
        refused(migrate(*BACK), "the point of no return")
        refused(migrate(), "-e finalise=true")
        disturbed(*CONFIRMED, when=lambda: phases(CONTROLLER).count("kraft") == 2, fault=kill_controller)
    assert phases(CONTROLLER) == ["kraft"] * 3 and last
    assert not done(*CONFIRMED).changed()


@pytest.fixture
def forgotten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The inventory of a cluster that has left ZooKeeper."""
    monkeypatch.setenv("ANSIBLE_INVENTORY", without_zookeeper(tmp_path, "3.9.2"))


def everything(units: Sequence[str] = (BROKER, CONTROLLER, "zookeeper")) -> list[str]:
    return [process(name, unit) for name in NAMES for unit in units]


def test_without_zookeeper_in_the_inventory_the_cluster_is_one_like_others(forgotten: None) -> None:
    znodes = f"{ZNODES}print(sorted(client.get_children('/brokers/topics')))"
    before, kept = everything(), on(NAMES[0], "python3", "-c", znodes)
    first = playbook("site.yml")
    assert first.status == 0, first.output[-4000:]
    second = playbook("site.yml")
    assert second.status == 0 and not second.changed(), second.output[-4000:]
    # Nothing was restarted, and ZooKeeper has what it had.
    assert everything() == before and on(NAMES[0], "python3", "-c", znodes) == kept
    refused(migrate(), "has left ZooKeeper, and nothing is left to do")
