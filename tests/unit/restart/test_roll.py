"""The first member that fails ends the roll for all others of its cluster."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.estate.kafka.plugins.module_utils.restart.roll import Roll, brief, roll_name, tolerated
from command_line import CommandLine

ROOT = Path(__file__).resolve().parents[3]


def broker(number: int, bootstrap: str = "a:9092") -> dict[str, Any]:
    return {"broker_id": number, "broker_ids": [1, 2], "client": {"bootstrap.servers": bootstrap}}


def test_members_of_one_cluster_are_in_one_roll() -> None:
    assert roll_name("kafka", broker(1)) == roll_name("kafka", broker(2))
    assert roll_name("kafka", broker(1)) != roll_name("kafka", broker(1, "b:9092"))
    assert roll_name("zookeeper", {"servers": ["a", "b"]}) == roll_name("zookeeper", {"servers": ["b", "a"], "member": "a"})
    assert roll_name("kafka", {}) != roll_name("kafka-connect", {})


def test_where_no_cluster_is_between_them_one_failure_is_its_own_and_two_end_the_roll(tmp_path: Path) -> None:
    roll = Roll(tmp_path / "rolls" / "node", tolerated({}))
    roll.end("a", "its disk is full")
    assert [roll.ended(host) for host in "abc"] == [None] * 3
    roll.end("b", "no such option")
    ended = roll.ended("c")
    assert ended is not None and (ended.host, ended.reason) == ("b", "no such option")
    assert roll.ended("a") is None and roll.ended("b") is None, "who failed may try again"
    roll.go_on("b")
    assert roll.ended("c") is None


@pytest.mark.parametrize("member", [broker(1), {"servers": ["a"]}, {"url": "a", "urls": ["a", "b"]}])
def test_the_first_failure_ends_the_roll_of_a_cluster(member: dict[str, Any]) -> None:
    assert tolerated(member) == 0


def test_a_roll_ends_for_all_but_the_member_that_ended_it(tmp_path: Path) -> None:
    roll = Roll(tmp_path / "rolls" / "one")
    assert roll.ended("a") is None
    roll.end("a", "it broke\nand more")
    ended = roll.ended("b")
    assert ended is not None and (ended.host, ended.reason) == ("a", "it broke")
    roll.end("b", "not restarted: the roll ended at a")
    assert roll.ended("a") is None and roll.ended("c") == ended, "the first reason stays"


def test_the_member_that_ended_a_roll_can_mend_it(tmp_path: Path) -> None:
    roll = Roll(tmp_path / "one")
    roll.end("a", "it broke")
    roll.go_on("b")
    assert roll.ended("b") is not None
    roll.go_on("a")
    assert roll.ended("b") is None


@pytest.mark.parametrize(
    ("reason", "shown"),
    [("", "no reason"), ("it broke\nlog", "it broke"), ("it cannot go:\n  - b is out\n  - c", "it cannot go: b is out")],
)
def test_the_reason_is_short(reason: str, shown: str) -> None:
    assert brief(reason) == shown


@pytest.fixture(scope="module")
def command_line(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CommandLine]:
    line = CommandLine(
        PATH=f"{Path(sys.executable).parent}:/usr/bin:/bin",
        HOME=tmp_path_factory.mktemp("home"),
        ANSIBLE_STDOUT_CALLBACK="ansible.posix.json",
        ANSIBLE_COLLECTIONS_PATH=f"{ROOT}/.collections:{ROOT}/.venv/collections",
        ANSIBLE_STRATEGY_PLUGINS=f"{ROOT}/.venv/mitogen",
        ANSIBLE_LOG_PATH=os.devnull,
        ANSIBLE_DEPRECATION_WARNINGS="false",
    )
    yield line
    line.close()


@pytest.mark.parametrize("strategy", ["linear", "free", "mitogen_linear"])
def test_the_others_end_at_once(command_line: CommandLine, tmp_path: Path, strategy: str) -> None:
    """Three members whose cluster is not there: the first waits its time, and names the reason for all."""
    servers = ["127.0.0.1:1", "127.0.0.1:2"]
    task = {
        "estate.kafka.restart": {
            "name": "nothing",
            "kind": "zookeeper",
            "member": {"member": servers[0], "servers": servers},
            "timeout": 2,
        },
        "throttle": 1,
        "register": "done",
    }
    # Stands in for systemctl, which says of the unit that it runs.
    (tmp_path / "systemctl").write_text("#!/bin/sh\necho ActiveState=active; echo SubState=running; echo NRestarts=0\n")
    (tmp_path / "systemctl").chmod(0o755)
    hosts = {f"m{number}": {"ansible_connection": "local", "ansible_python_interpreter": sys.executable} for number in range(3)}
    play = {"hosts": "all", "gather_facts": False, "strategy": strategy, "environment": {"PATH": f"{tmp_path}:/usr/bin:/bin"}}
    (tmp_path / "inventory.json").write_text(json.dumps({"all": {"hosts": hosts}}))
    (tmp_path / "play.yml").write_text(json.dumps([{**play, "tasks": [task]}]))
    begin = time.monotonic()
    run = command_line.run("ansible-playbook", "-i", tmp_path / "inventory.json", tmp_path / "play.yml")
    results = json.JSONDecoder().raw_decode(run.stdout[run.stdout.index("{\n") :])[0]["plays"][0]["tasks"]
    said = {host: result["msg"] for entry in results for host, result in entry["hosts"].items()}
    first = [host for host, text in said.items() if "the roll ended" not in text]
    assert len(first) == 1 and len(said) == 3, (said, run.stderr)
    assert "still cannot lose this member" in said[first[0]]
    for host, text in said.items():
        assert host in first or f"not restarted, nothing was stopped: the roll ended at {first[0]}: " in text, said
        assert host in first or "does not serve" in text, said
    assert time.monotonic() - begin < 300
