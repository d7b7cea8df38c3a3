"""Offsets of consumer groups on the live estate: where a consumer then goes on, who is refused, the playbook."""

from __future__ import annotations

import json
import subprocess
import time
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from lab import module, on, playbook

BROKER = "peter-kafka02.foo.bar"
CLIENT = {"bootstrap.servers": "peter-kafka01.foo.bar:9092,peter-kafka03.foo.bar:9092"}
SHOWN = ("changed", "actions", "diff")
BEFORE = [f"old{number}" for number in range(6)]
AFTER = [f"new{number}" for number in range(4)]


def cli(*words: str, text: str = "") -> str:
    """Return what a tool of the command line prints for an ordinary user."""
    return on(BROKER, *words, user="nobody", text=text)


def move(*items: dict[str, Any], check: bool = False, **options: Any) -> dict[str, Any]:
    """Run the module on a list of groups."""
    return module(BROKER, "consumer_group_offsets", check=check, client=CLIENT, offsets=list(items), **options)


def read(group: str, number: int) -> list[str]:
    """Return the next records that a consumer of the group reads, and commits."""
    return cli("kafka-console-consumer", "--topic", group, "--group", group, "--max-messages", str(number)).split()


@pytest.fixture(scope="module")
def moment() -> dict[str, int]:
    """Hold the moment between the old and the new records, in milliseconds."""
    return {}


@pytest.fixture(scope="module")
def group(moment: dict[str, int]) -> Iterator[str]:
    """Return the name of a topic of one partition with ten records, and of a group that has read them all."""
    name = f"offsets-{uuid.uuid4().hex[:8]}"
    cli("kafka-topics", "--create", "--topic", name, "--partitions", "1", "--replication-factor", "3")
    cli("kafka-console-producer", "--topic", name, text="\n".join(BEFORE) + "\n")
    moment["between"] = int(time.time() * 1000)
    cli("kafka-console-producer", "--topic", name, text="\n".join(AFTER) + "\n")
    assert move({"group": name, "topic": name, "to": "earliest", "create": True}, confirm=[name])["changed"]
    assert read(name, 10) == BEFORE + AFTER
    yield name
    cli("kafka-consumer-groups", "--delete", "--group", name)
    cli("kafka-topics", "--delete", "--topic", name)


@pytest.mark.parametrize(
    ("target", "next_record"),
    [
        ({"to": "earliest"}, "old0"),
        ({"offset": 4}, "old4"),
        ({"shift": -3}, "new1"),
        ({"timestamp": "between"}, "new0"),
        ({"duration": "1d"}, "old0"),
        ({"shift": -99, "clamp": True}, "old0"),
    ],
    ids=str,
)
def test_a_consumer_goes_on_where_the_group_was_moved_to(
    group: str, moment: dict[str, int], target: dict[str, Any], next_record: str
) -> None:
    assert not move({"group": group, "offset": 10, "topic": group}, confirm=[group]).get("failed")
    wanted = {"group": group, "topic": group, **target}
    if "timestamp" in wanted:
        wanted["timestamp"] = str(moment[wanted["timestamp"]])
    foretold = move(wanted, check=True)
    done = move(wanted, confirm=[group])
    assert [foretold[key] for key in SHOWN] == [done[key] for key in SHOWN] and done["changed"]
    assert group in foretold["warnings"][0] and "warnings" not in done
    assert read(group, 1) == [next_record]


def test_what_is_not_there_is_refused_with_the_range(group: str) -> None:
    result = move({"group": f"{group}-x", "topic": group, "to": "latest"}, confirm=[f"{group}-x"])
    assert result["failed"] and "there is no such group" in result["msg"]
    result = move({"group": group, "topic": group, "offset": 11}, confirm=[group])
    assert result["failed"] and f"{group}-0 has offsets 0 to 10, 11 is out of range" in result["msg"]
    result = move({"group": group, "topic": "no-such-topic", "to": "latest"}, confirm=[group])
    assert result["failed"] and "there is no topic no-such-topic" in result["msg"]


def test_a_group_with_a_member_is_refused_by_name(group: str) -> None:
    words = ["kafka-console-consumer", "--topic", group, "--group", group, "--consumer-property", "client.id=counter"]
    consumer = subprocess.Popen(["docker", "exec", "--user", "nobody", BROKER, "timeout", "60", *words])
    try:
        end = time.monotonic() + 60
        while "counter" not in cli("kafka-consumer-groups", "--describe", "--members", "--group", group):
            assert time.monotonic() < end
        result = move({"group": group, "topic": group, "to": "earliest"}, confirm=[group])
        assert result["failed"] and f"{group} is stable with 1 members: counter on 172." in result["msg"]
    finally:
        on(BROKER, "pkill", "-f", f"client.id=counter.*|--group {group}")
        consumer.wait(30)


def test_the_playbook_needs_the_cluster_and_the_groups_by_name(group: str) -> None:
    chosen = {"consumer_group_offsets": [{"group": group, "topic": group, "offset": 2}]}

    def run(*args: str, **more: Any) -> Any:
        return playbook("playbooks/consumer_group_offsets.yml", "-e", json.dumps({**chosen, **more}), *args)

    result = run(consumer_group_offsets_cluster="kafka-9")
    assert result.status != 0 and "must be one of kafka-1, kafka-2" in result.output
    result = run(consumer_group_offsets_cluster="kafka-1")
    assert result.status != 0 and f"confirm: [{group}]" in result.output
    result = run(consumer_group_offsets_cluster="kafka-1", consumer_group_offsets_confirm=[group])
    assert result.status == 0 and len(result.changed()) == 1
    assert read(group, 1) == ["old2"]
