"""A living cluster leaves ZooKeeper and comes back from every state but the last, while somebody writes to it.

The tests are one sequence: each begins where the one before ended. The table goes to .cache/transitions.md.
"""

from __future__ import annotations

import json
import subprocess
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from lab import ROOT, Run, on, playbook, until

NAMES = ["one.migrate.test", "two.migrate.test", "three.migrate.test"]
SERVERS = ",".join(f"{name}:9092" for name in NAMES)
TABLE = ROOT / ".cache" / "transitions.md"
HEADER = "| transition | acknowledged | lost | doubled | longest gap | seconds |\n| --- | --- | --- | --- | --- | --- |\n"
ZNODES = """
import sys
sys.path.insert(0, "/opt/kafka-estate/python/current")
from kazoo.client import KazooClient
client = KazooClient("one.migrate.test:2181/kafka1")
client.start(timeout=30)
"""


def migrate(*args: str) -> Run:
    return playbook("playbooks/migrate.yml", "-e", "cluster=kafka-1", *args)


def started(path: str) -> bool:
    return subprocess.run(["docker", "exec", NAMES[1], "test", "-e", path], check=False).returncode == 0


@contextmanager
def load() -> Iterator[dict[str, Any]]:
    """Somebody writes a hundred records a second; what came of them is in the mapping at the end."""
    mark = uuid.uuid4().hex[:8]
    end = f"/root/end-{mark}"
    on(NAMES[1], "sh", "-c", "cat > /root/load.py", text=(Path(__file__).with_name("load.py")).read_text())
    command = ["docker", "exec", NAMES[1], "python3", "/root/load.py", SERVERS, "counted", mark, end]
    found: dict[str, Any] = {}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        until(lambda: started(f"{end}.state"), 120, "the first records are acknowledged", bool)
        try:
            yield found
        finally:
            on(NAMES[1], "touch", end)
            out, _ = process.communicate(timeout=600)
    found.update(json.loads(out))


def transition(name: str, *args: str) -> Run:
    """Run a part of the way under load; no record that was acknowledged may be lost, and none come twice."""
    with load() as found:
        begin = time.monotonic()
        run = migrate(*args)
        seconds = time.monotonic() - begin
    assert run.status == 0, run.output[-4000:]
    cells = [name, found["acknowledged"], found["lost"], found["doubled"], f"{found['gap']} s", round(seconds)]
    if not TABLE.exists():
        TABLE.write_text(HEADER)
    with TABLE.open("a") as stream:
        stream.write(f"| {' | '.join(map(str, cells))} |\n")
    assert (found["lost"], found["doubled"], found["refused"]) == (0, 0, 0), found
    assert found["acknowledged"] == found["sent"] > 100
    return run


def test_the_steps_are_told_before_anything_changes() -> None:
    TABLE.unlink(missing_ok=True)
    run = migrate("--check")
    assert run.status == 0, run.output[-4000:]
    for step in ("controllers", "brokers", "copy", "kraft"):
        assert f"{step}: " in run.output
    assert "Way back: -e back=true" in run.output


def test_a_znode_that_an_earlier_migration_left_keeps_controllers_away() -> None:
    content = json.dumps({"version": 0, "kraft_metadata_offset": 28, "kraft_controller_id": 3003, "kraft_controller_epoch": 1})
    on(NAMES[0], "python3", "-c", f"{ZNODES}client.create('/migration', {content.encode()!r})")
    run = migrate()
    assert run.status != 0 and not run.changed() and "delete every topic and ACL" in run.output, run.output[-4000:]
    run = migrate("-e", "back=true")
    assert run.status == 0, run.output[-4000:]
    assert on(NAMES[0], "python3", "-c", f"{ZNODES}print(client.exists('/migration'))").strip() == "None"


@pytest.mark.parametrize(
    ("name", "args"),
    [
        ("controllers", ["-e", "migrate_until=controllers"]),
        ("controllers, back", ["-e", "back=true"]),
        ("controllers and brokers, metadata copied", ["-e", "migrate_until=migration"]),
        ("metadata copied, back", ["-e", "back=true"]),
        ("all steps to dual writes", []),
        ("dual writes, back", ["-e", "back=true"]),
        ("all steps to dual writes again", []),
    ],
)
def test_a_part_of_the_way_under_load(name: str, args: list[str]) -> None:
    transition(name, *args)


def test_the_same_run_again_changes_nothing() -> None:
    run = migrate()
    assert run.status == 0 and not run.changed(), run.output[-4000:]


def test_other_playbooks_leave_every_node_in_its_phase() -> None:
    run = playbook("site.yml")
    assert run.status == 0 and not run.changed(), run.output[-4000:]


def test_other_playbooks_do_not_finish_a_step_that_was_interrupted() -> None:
    """As after a run that was killed: the file is of the next phase, the process of the one before."""
    on(NAMES[2], "cp", "-a", "/etc/kafka/server.properties", "/root/kept")
    on(NAMES[2], "sed", "-i", "$ a zookeeper.metadata.migration.enable=true", "/etc/kafka/server.properties")
    try:
        run = playbook("site.yml")
        assert run.status != 0 and not run.changed() and "playbooks/migrate.yml" in run.output, run.output[-4000:]
    finally:
        on(NAMES[2], "cp", "-a", "/root/kept", "/etc/kafka/server.properties")
