"""The engine of declared objects: what it does with a change, in check mode, in a run, and where the service refuses."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from ansible_collections.estate.kafka.plugins.module_utils.declared.reconcile import (
    Change,
    exit_with,
    reconcile,
    refuse,
    until_shown,
)
from ansible_collections.estate.kafka.plugins.module_utils.errors import ClusterError, NoAnswerError


class Memory:
    """A service that has names; it takes what it is told to, and shows it after some questions."""

    def __init__(self, refuse: str = "", slow: int = 0) -> None:
        self.timeout = 5.0
        self.names = {"old"}
        self.refuse = refuse
        self.slow = slow

    def carry_out(self, actions: Sequence[str]) -> list[tuple[str, str]]:
        self.names |= {name for name in actions if name != self.refuse}
        return [(name, "NO") for name in actions if name == self.refuse]

    def missing(self, actions: Sequence[str]) -> list[str]:
        self.slow -= 1
        if self.slow == 0:
            raise ClusterError("busy")
        return [] if self.slow < 0 else [f"{name}: not there" for name in actions]


def run(service: Memory | None, names: Sequence[str], check_mode: bool = False, **options: Any) -> dict[str, Any]:
    held = service.names if service else set()
    actions = [name for name in names if name not in held]

    def planned() -> Change[Memory, str]:
        refuse([f"{name}: no name" for name in names if " " in name])
        return Change(
            actions,
            {name: {"there": True} for name in held},
            lambda done: {name: {"there": True} for name in {*held, *done}},
            lambda service, actions: service.carry_out(actions),
            until_shown(lambda service: service.missing(actions)),
            **options,
        )

    return reconcile("things", service, planned, check_mode)


def test_check_mode_shows_what_a_run_does_and_the_run_waits_until_it_shows() -> None:
    service = Memory(slow=3)
    foretold = run(service, ["old", "new"], check_mode=True)
    assert service.names == {"old"} and service.slow == 3
    assert run(service, ["old", "new"]) == foretold
    assert foretold == {"changed": True, "actions": ["new"], "diff": {"before": "", "after": "new:\n  there: True\n"}}
    assert service.slow < 0
    assert not run(service, ["old", "new"])["changed"]


def test_what_is_refused_beforehand_changes_nothing() -> None:
    service = Memory()
    result = run(service, ["new", "a b"])
    assert result == {"failed": True, "msg": "things: nothing was changed:\n  - a b: no name", "refused": ["a b: no name"]}
    assert service.names == {"old"}


def test_a_refusal_tells_what_was_done_all_the_same_and_nothing_is_waited_for() -> None:
    service = Memory(refuse="b", slow=9)
    result = run(service, ["a", "b"], more={"unlisted": ["c"]})
    assert result["msg"] == "things: 1 of 2 changes refused, 1 were done:\n  - b: NO"
    assert (result["failed"], result["changed"], result["actions"], result["unlisted"]) == (True, True, ["a"], ["c"])
    assert service.slow == 9


@pytest.mark.parametrize(("slow", "words"), [(9, "new: not there"), (1, "it cannot be asked: busy")])
def test_what_does_not_show_in_time_is_a_failure_that_tells_what_was_done(slow: int, words: str) -> None:
    service = Memory(slow=slow)
    service.timeout = 0.0
    result = run(service, ["new"])
    assert result["failed"] and result["actions"] == ["new"]
    assert result["msg"] == f"things: the cluster took the changes but does not show them:\n  - {words}"


def test_notes_stand_beside_other_warnings() -> None:
    service = Memory()
    change: Change[Memory, str] = Change(
        [], {}, lambda done: {}, lambda service, actions: [], lambda service, touched: ([], ["two"]), more={"warnings": ["one"]}
    )
    assert reconcile("things", service, lambda: change, check_mode=False)["warnings"] == ["one", "two"]
    assert reconcile("things", service, lambda: change, check_mode=True)["warnings"] == ["one"]


class Ended(Exception):
    """How a module ended."""


class Module:
    """What ``exit_with`` needs of a module."""

    def __init__(self, check_mode: bool) -> None:
        self.check_mode = check_mode
        self.warnings: list[str] = []

    def warn(self, text: str) -> None:
        self.warnings.append(text)

    def fail_json(self, **result: Any) -> None:
        raise Ended({**result, "failed": True})

    def exit_json(self, **result: Any) -> None:
        raise Ended(result)


@pytest.mark.parametrize("check_mode", [True, False])
def test_only_check_mode_shows_something_for_a_service_that_is_not_there_yet(check_mode: bool) -> None:
    def live() -> dict[str, Any]:
        raise NoAnswerError("nobody")

    module = Module(check_mode)
    with pytest.raises(Ended) as ended:
        exit_with(module, "things", live, lambda: run(None, ["new"], check_mode=True))
    (result,) = ended.value.args
    assert result.get("failed", False) != check_mode and bool(module.warnings) == check_mode
    assert result["actions"] == ["new"] if check_mode else result["msg"] == "nobody"
