"""Playbooks on the running services while a host is down: the one that would otherwise speak for its cluster.

It is the first broker of the downstream cluster, the first Connect worker and a ZooKeeper server.
"""

from __future__ import annotations

import json
import re
import subprocess
import uuid
from collections.abc import Iterator

import pytest
from lab import Run, on, playbook, until

DOWN, NEXT, EXERCISE = "peter-zk01.foo.bar", "peter-zk02.foo.bar", "peter-kafka01.foo.bar"
MIRRORED = "src.peter-avro01-kafka1"


@pytest.fixture(scope="module", autouse=True)
def down() -> Iterator[None]:
    """Keep the host down, and wait in the end until all is well again."""
    subprocess.run(["docker", "stop", "--time", "30", DOWN], check=True, capture_output=True, timeout=300)
    try:
        yield
    finally:
        subprocess.run(["docker", "start", DOWN], check=True, capture_output=True, timeout=300)
    until(lambda: playbook("playbooks/health.yml"), 600, "the estate is well again", lambda run: run.status == 0)


def test_health_names_it_and_shows_the_rest() -> None:
    """At once; what the others say of it follows when they have seen it go: who had no time to take leave is missed later."""

    runs: list[Run] = []

    def shown() -> set[str]:
        runs.append(playbook("playbooks/health.yml"))
        return {*re.findall(r"[23] of 3 (?:workers|brokers)", runs[-1].output)}

    until(shown, 180, "the rest of it is shown", lambda found: found >= {"2 of 3 workers", "3 of 3 brokers", "2 of 3 brokers"})
    for run in runs:
        assert run.status != 0 and DOWN in run.output, run.output


def test_offsets_are_moved_by_the_next_broker() -> None:
    group = f"down-{uuid.uuid4().hex[:8]}"
    item = {"group": group, "topic": MIRRORED, "to": "earliest", "create": True}
    words = {
        "consumer_group_offsets_cluster": "kafka-2",
        "consumer_group_offsets": [item],
        "consumer_group_offsets_confirm": [group],
    }
    foretold, done, again = (
        playbook("playbooks/consumer_group_offsets.yml", "-e", json.dumps(words), *args)
        for args in (("--check", "--diff"), (), ())
    )
    try:
        for run in (foretold, done, again):
            assert run.stats[DOWN]["unreachable"] == 1 and DOWN in run.output
            assert [host for host, counts in run.stats.items() if counts["failures"]] == []
        assert foretold.last(NEXT)["actions"] == done.last(NEXT)["actions"] != []
        assert foretold.changed() == done.changed() == {NEXT: 1} and again.changed() == {}
    finally:
        on(NEXT, "kafka-consumer-groups", "--delete", "--group", group)


def test_the_exercise_is_checked_and_counted() -> None:
    for args in (("--check", "--diff"), ()):
        run = playbook("playbooks/exercise.yml", *args)
        assert run.stats[DOWN]["unreachable"] == 1
        assert [host for host, counts in run.stats.items() if counts["failures"]] == []
        result = run.last(EXERCISE)
        assert not result["changed"], result
    assert all(version["lost"] == 0 and version["sent"] == version["indexed"] for version in result["versions"])
