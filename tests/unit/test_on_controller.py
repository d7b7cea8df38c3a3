"""What the actions share that run on the controller alone."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from ansible_collections.estate.kafka.plugins.plugin_utils.on_controller import (
    ControllerAction,
    refusal,
    registered,
    with_any,
)


class Action(ControllerAction):
    def __init__(self, check_mode: bool = False) -> None:
        self._task = SimpleNamespace(check_mode=check_mode)

    def answer(self, task_vars: dict[str, Any]) -> dict[str, Any]:
        return {}


def test_a_file_is_written_with_the_folders_it_lacks(tmp_path: Path) -> None:
    path = tmp_path / "a/b/page"
    assert Action().write(path, "é\n", "page_path") == {}
    assert path.read_text(encoding="utf-8") == "é\n"


def test_check_mode_writes_nothing(tmp_path: Path) -> None:
    assert Action(check_mode=True).write(tmp_path / "a/page", "text", "page_path") == {}
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("blocked", ["file/page", "folder"])
def test_a_file_that_cannot_be_written_names_the_option_to_change(tmp_path: Path, blocked: str) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "folder").mkdir()
    failure = Action().write(tmp_path / blocked, "text", "page_path")
    assert failure["failed"]
    assert failure["msg"].startswith(f"{tmp_path / blocked}: ") and failure["msg"].endswith("; give another page_path")


def test_what_hosts_registered_is_read_of_the_hosts_that_were_named() -> None:
    hostvars = {"a": {"seen": {"observed": 1}}, "b": {"seen": {"msg": "unreachable"}}, "c": {}, "d": {"seen": {"error": 2}}}
    task_vars = {"hostvars": hostvars, "ansible_play_hosts_all": [*hostvars], "ansible_play_hosts": ["a", "c"]}
    every = registered(task_vars, "seen")
    assert every == {"a": {"observed": 1}, "b": {"msg": "unreachable"}, "c": {}, "d": {"error": 2}}
    assert registered(task_vars, "seen", "ansible_play_hosts") == {"a": {"observed": 1}, "c": {}}
    assert with_any(every, ["observed"]) == {"a": {"observed": 1}, "b": None, "c": None, "d": None}
    assert with_any(every, ["observed", "error"]) == {"a": {"observed": 1}, "b": None, "c": None, "d": {"error": 2}}


def test_a_refusal_counts_its_problems_and_lists_each() -> None:
    assert refusal("problem(s) in the cellar", ["damp", "dark"]) == {
        "failed": True,
        "msg": "2 problem(s) in the cellar:\n  - damp\n  - dark",
    }
