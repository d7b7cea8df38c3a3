"""One run at a time: which host keeps the mark, when a mark no longer counts, and what a refused run is told."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from typing import Any

import pytest
from ansible_collections.estate.kafka.plugins.module_utils.estate.hold import ago, is_over, keepers, refusal
from ansible_collections.estate.kafka.plugins.plugin_utils import this_run
from hypothesis import given
from hypothesis import strategies as st

HOSTS = ["a", "b", "c", "d", "e", "f"]
MARK = {
    "id": "0a1b2c3d",
    "who": "ann@controller",
    "command": "ansible-playbook site.yml -i inventories/prod",
    "since": 0.0,
    "idle": 90.0,
    "pid": 4711,
}


@pytest.mark.parametrize(
    ("live", "play", "tried"),
    [
        (HOSTS, HOSTS, ["a"]),
        (["c", "d"], ["a", "b", "c", "d"], ["c"]),  # a and b are down
        (["b"], ["b"], ["a", "b"]),
        (["f"], ["f"], ["a", "b", "f"]),
        (["f"], ["a", "f"], ["b", "c", "f"]),
        (["monitor"], ["monitor"], ["a", "b", "monitor"]),  # a host that carries nothing
        ([], ["a"], ["b", "c"]),
    ],
)
def test_the_first_host_that_answers_keeps_the_mark(live: list[str], play: list[str], tried: list[str]) -> None:
    assert keepers(HOSTS, live, play) == tried


@given(st.sets(st.sampled_from(HOSTS), min_size=1), st.sets(st.sampled_from(HOSTS), min_size=1))
def test_runs_of_any_limits_meet_where_all_hosts_are_up(one: set[str], other: set[str]) -> None:
    assert keepers(HOSTS, one, one)[0] == keepers(HOSTS, other, other)[0] == "a"


@given(st.sets(st.sampled_from(HOSTS), min_size=1), st.data())
def test_one_that_has_answered_is_among_the_keepers(play: set[str], data: st.DataObject) -> None:
    live = data.draw(st.sets(st.sampled_from(sorted(play)), min_size=1))
    tried = keepers(HOSTS, live, play)
    assert tried[-1] in live
    assert not set(tried) & (play - live), "who did not answer a moment ago is not waited for again"


@pytest.mark.parametrize(
    ("alive", "idle", "over"),
    [(True, 99_999, False), (False, 0, True), (None, 59, False), (None, 60, True)],
)
def test_a_process_that_can_be_seen_decides_and_else_the_silence(alive: bool | None, idle: float, over: bool) -> None:
    assert is_over({"idle": idle}, alive, 60) is over


def test_a_refused_run_is_told_who_since_when_and_what_to_do() -> None:
    said = refusal(MARK, "peter-kafka01", None, 14400)
    assert said.startswith("ann@controller has held the estate since 19")
    assert re.search(r"since \d{4}-\d\d-\d\d \d\d:\d\d:\d\d [+-]\d{4}; nothing was changed", said)
    assert "ansible-playbook site.yml -i inventories/prod" in said
    assert "peter-kafka01 last heard of it 1.5 min ago, and 4 h without a sign count as its end" in said
    assert said.endswith("-e estate_take_over=0a1b2c3d")
    assert "process 4711 runs on this machine" in refusal(MARK, "peter-kafka01", True, 14400)


@pytest.mark.parametrize(("seconds", "said"), [(0, "0 s"), (59.4, "59 s"), (60, "1 min"), (5400, "1.5 h"), (86400, "24 h")])
def test_lengths_of_time(seconds: float, said: str) -> None:
    assert ago(seconds) == said


def mark_of(pid: int) -> dict[str, Any]:
    return {"machine": this_run.machine(), "pid": pid, "started": this_run.started(pid)}


def test_a_process_of_this_machine_is_seen_to_live_and_to_end() -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        mark = mark_of(process.pid)
        assert this_run.is_alive(mark) is True
        assert this_run.is_alive({**mark, "started": "1"}) is False, "another process has the number now"
        assert this_run.is_alive({**mark, "machine": "another"}) is None
        process.send_signal(signal.SIGSTOP)
        assert this_run.is_alive(mark) is True, "it may go on at any time"
        process.kill()
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        assert this_run.is_alive(mark) is False, "it has ended, though nobody has asked for it yet"
    assert this_run.is_alive(mark) is False


def test_the_command_names_playbooks_inventories_and_limit_and_no_variable() -> None:
    arguments = {
        "args": ("site.yml", "exporter.yml"),
        "inventory": ("inventories/my own",),
        "subset": "kafka_main:!a",
        "extra_vars": ("password=secret",),
    }
    assert this_run.command(arguments) == "ansible-playbook site.yml exporter.yml -i 'inventories/my own' --limit 'kafka_main:!a'"
