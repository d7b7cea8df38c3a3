"""How the scenario ``hosts`` types README's ten steps: every command, at a terminal, and none after one that fails."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
import ten_steps
from readme import steps


def typed(commands: list[str], folder: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[int, str]:
    monkeypatch.setattr(ten_steps, "LOG", folder / "log")
    return ten_steps.type_at_terminal(["bash", "-c", ten_steps.script(commands)], folder, dict(os.environ))


def test_all_commands_of_the_readme_are_typed_in_their_order() -> None:
    mine = ten_steps.commands()
    places = [
        next(place for place, one in enumerate(mine) if one.startswith(command.partition(" <")[0]))
        for step in steps("README.md")
        for command in step
    ]
    assert places == sorted(places) and len(places) == 9
    runs = [command for command in mine if command.startswith("ansible-playbook ")]
    assert len(runs) == 5 and all(command.endswith(" -u operator --ask-become-pass") for command in runs)


@pytest.mark.parametrize("failing", ["false", "false && true", "true && false", "exit 3"])
def test_no_command_follows_one_that_fails(failing: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    status, shown = typed(["echo one", failing, "echo two"], tmp_path, monkeypatch)
    assert status and "one" in shown and "two" not in shown


def test_a_command_sees_the_folder_and_the_settings_of_those_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "inner").mkdir()
    status, shown = typed(["cd inner && SEEN=yes", 'basename "$PWD" && echo "$SEEN"'], tmp_path, monkeypatch)
    assert status == 0 and "inner\r\nyes\r\n" in shown


def test_the_password_is_given_at_each_prompt_and_never_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ask = f"{sys.executable} -c 'import getpass; print(len(getpass.getpass(\"BECOME password: \")))'"
    status, shown = typed([ask, ask], tmp_path, monkeypatch)
    assert status == 0 and ten_steps.PASSWORD not in shown
    assert shown.count(f"{len(ten_steps.PASSWORD)}\r\n") == 2 and shown.count("BECOME password: \r\n") == 2


def test_faults_of_a_run_that_ended_well_are_named() -> None:
    good = "BECOME password: " * 5 + "All is well."
    assert ten_steps.faults(good, "log") == []
    assert ten_steps.faults(good, f"x {ten_steps.PASSWORD}") == ["the password of the login was printed or logged"]
    assert ten_steps.faults(good.replace("well", "bad"), "") == ["health does not say that all is well"]
    assert ten_steps.faults(good + "BECOME password: ", "") == [
        "the password was asked for 6 times in the five runs of ansible-playbook"
    ]
