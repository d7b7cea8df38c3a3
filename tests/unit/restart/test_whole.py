"""Whether the other members of a cluster are all there, asked without a restart."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.estate.kafka.plugins.module_utils.errors import PermissionMissingError
from ansible_collections.estate.kafka.plugins.module_utils.restart.members import Plain
from ansible_collections.estate.kafka.plugins.modules import whole
from module_run import run_module


class Member(Plain):
    """One that gives its answers one after the other, and the last one for ever."""

    def __init__(self, answers: list[list[str] | Exception]) -> None:
        self.answers = answers

    def before(self) -> list[str]:
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer


def asked(
    answers: list[list[str] | Exception], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, check: bool = False
) -> dict[str, Any]:
    monkeypatch.setattr(whole, "member_of", lambda kind, params: Member(answers))
    found: dict[str, Any] = run_module("whole", capsys, check=check, kind="zookeeper", member={}, timeout=2)
    return found


@pytest.mark.parametrize("check", [False, True])
def test_a_member_that_comes_back_is_waited_for(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, check: bool
) -> None:
    found = asked([["ZooKeeper two does not serve"], OSError("no answer"), []], capsys, monkeypatch, check)
    assert not found.get("failed") and not found["changed"]


def test_one_that_stays_away_is_named(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    found = asked([["ZooKeeper two does not serve"]], capsys, monkeypatch)
    assert found["failed"] and found["blockers"] == ["ZooKeeper two does not serve"]
    assert found["msg"].endswith("nothing was changed:\n  - ZooKeeper two does not serve")


def test_what_must_be_known_and_is_hidden_is_told(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    found = asked([PermissionMissingError("topics are hidden")], capsys, monkeypatch)
    assert found["failed"] and "topics are hidden" in found["msg"]
