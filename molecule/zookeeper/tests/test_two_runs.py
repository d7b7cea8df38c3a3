"""Two runs at once against one estate: the second is told who holds it, and stops before it changes anything."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from lab import ROOT, RUN_SECONDS, on, playbook_command

testinfra_hosts = ["ansible://one.zookeeper.test"]

PLAYBOOK = "playbooks/zookeeper.yml"
KEEPER = "one.zookeeper.test"
MARK = "/run/kafka-estate/run.json"
# The checks, and none of the component's tasks.
CHECKS = "--tags=none"
LIMIT = f"--limit={KEEPER}"


def command(*args: str) -> list[str]:
    return playbook_command(PLAYBOOK, *args)


def run(*args: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command(*args), cwd=ROOT, capture_output=True, text=True, timeout=RUN_SECONDS, check=False)


def mark() -> dict[str, Any] | None:
    """Return the mark that is there."""
    found = on(KEEPER, "sh", "-c", f"cat {MARK} 2>/dev/null || :")
    return dict(json.loads(found)) if found else None


def changed(done: subprocess.CompletedProcess[str]) -> list[str]:
    return re.findall(r"changed=[1-9]", done.stdout)


@contextmanager
def stopped_in_its_middle() -> Iterator[subprocess.Popen[str]]:
    """A run that has ended its first step and stands still."""
    with subprocess.Popen(command(), cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as first:
        try:
            assert first.stdout is not None
            seen = []
            for line in first.stdout:
                seen.append(line)
                if "Preflight ·" in line:
                    first.send_signal(signal.SIGSTOP)
                    break
            assert first.poll() is None, "".join(seen)
            yield first
        finally:
            first.kill()


def test_the_second_run_waits_for_a_living_first_and_not_for_a_dead_one() -> None:
    with stopped_in_its_middle() as first:
        held = mark()
        assert held is not None and held["pid"] == first.pid and PLAYBOOK in held["command"]
        second = run(CHECKS)
        assert second.returncode != 0 and not changed(second), second.stdout
        assert re.search(rf"{re.escape(held['who'])} has held the estate since \d{{4}}-\d\d-\d\d \d\d:\d\d:\d\d", second.stdout)
        assert f"its process {first.pid} runs on this machine" in second.stdout
        assert f"-e estate_take_over={held['id']}" in second.stdout
        elsewhere = run(CHECKS, "--limit=three.zookeeper.test", "-e", "estate_take_over=another")
        assert elsewhere.returncode != 0 and held["id"] in elsewhere.stdout, elsewhere.stdout
        checked = run("--check", CHECKS, LIMIT)
        assert checked.returncode == 0, checked.stdout
        assert mark() == held
        first.kill()
        after = run(CHECKS)
        assert after.returncode == 0 and not changed(after), after.stdout
    assert mark() is None


@pytest.fixture
def left_behind() -> Iterator[dict[str, Any]]:
    """The mark of a run on a controller that this one cannot see."""
    mark = {"id": "0a1b2c3d", "who": "ann@elsewhere", "command": "ansible-playbook site.yml", "machine": "another", "pid": 1}
    mark["since"] = time.time() - 5000
    on(KEEPER, "mkdir", "-p", str(Path(MARK).parent))
    on(KEEPER, "tee", MARK, text=json.dumps(mark))
    on(KEEPER, "touch", "-d", "-600 seconds", MARK)
    yield mark
    on(KEEPER, "rm", "-f", MARK)


def test_a_run_of_another_controller_holds_until_it_is_taken_over(left_behind: dict[str, Any]) -> None:
    refused = run(CHECKS, LIMIT)
    assert refused.returncode != 0 and "ann@elsewhere has held the estate since" in refused.stdout, refused.stdout
    assert re.search(r"one.zookeeper.test last heard of it 1\d(\.\d+)? min ago", refused.stdout), refused.stdout
    assert mark() == left_behind
    taken = run(CHECKS, LIMIT, "-e", f"estate_take_over={left_behind['id']}")
    assert taken.returncode == 0, taken.stdout
    assert mark() is None


def test_a_run_of_another_controller_that_is_silent_too_long_counts_as_ended(left_behind: dict[str, Any]) -> None:
    done = run(CHECKS, LIMIT, "-e", "estate_run_idle_max=500")
    assert done.returncode == 0, done.stdout
    assert "has not heard of ann@elsewhere's run 0a1b2c3d for 1" in " ".join((done.stdout + done.stderr).split())
    assert mark() is None


def test_a_run_that_fails_leaves_no_mark() -> None:
    failed = run(CHECKS, LIMIT, "-e", "estate_store=/proc/nowhere")
    assert failed.returncode != 0 and "/proc/nowhere" in failed.stdout, failed.stdout
    assert mark() is None
