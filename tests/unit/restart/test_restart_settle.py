"""How long a restart waits for a cluster to answer well."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from ansible_collections.estate.kafka.plugins.module_utils.errors import LoginError, PermissionMissingError
from ansible_collections.estate.kafka.plugins.module_utils.restart import gate
from ansible_collections.estate.kafka.plugins.module_utils.restart.gate import (
    Gate,
    goes_later,
    wait_until_restartable,
    wait_until_whole,
)
from ansible_collections.estate.kafka.plugins.module_utils.restart.members import Plain

Answer = Exception | list[str]


@pytest.fixture(autouse=True)
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gate, "PAUSE", 0)


def said(*answers: Answer) -> Callable[[], list[str]]:
    left = list(answers)

    def ask() -> list[str]:
        answer = left.pop(0) if len(left) > 1 else left[0]
        if isinstance(answer, Exception):
            raise answer
        return answer

    return ask


def test_it_asks_until_nothing_is_in_the_way() -> None:
    assert wait_until_whole(said(["not yet"], OSError("no"), ["nearly"], []), 60) == []


def test_at_the_end_of_its_time_it_returns_what_is_in_the_way() -> None:
    assert wait_until_whole(said(["broker 2 is not in the cluster"]), 0) == ["broker 2 is not in the cluster"]


def test_a_cluster_that_does_not_answer_is_in_the_way() -> None:
    assert wait_until_whole(said(ConnectionRefusedError("no")), 0) == ["ConnectionRefusedError: no"]


@pytest.mark.parametrize("mistake", [TypeError, SystemError, ImportError])
def test_a_mistake_of_the_program_is_not_waited_for(mistake: type[Exception]) -> None:
    with pytest.raises(mistake):
        wait_until_whole(said(mistake("wrong arguments")), 60)


class Busy(Plain):
    """A member with the given answers before its restart, and to what that costs."""

    def __init__(self, before: Callable[[], list[str]], warnings: Callable[[], list[str]] = list) -> None:
        self.before, self.warnings = before, warnings  # type: ignore[method-assign]


def waited(member: Busy, timeout: float = 60, patient: bool = True, down: bool = False) -> Gate:
    return wait_until_restartable(member, lambda: down, timeout, patient)


def test_what_a_restart_costs_is_asked_again_when_nobody_answers() -> None:
    """A broker whose ZooKeeper was just restarted cannot tell the settings of its topics."""
    timed_out = OSError("timed out")
    assert waited(Busy(list, said(timed_out, ["unavailable: a"]))) == Gate([], ["unavailable: a"], True)
    assert waited(Busy(list, said(timed_out)), 0) == Gate(["OSError: timed out"], [], False)


@pytest.mark.parametrize("refusal", [LoginError, PermissionMissingError])
def test_what_a_login_may_not_do_is_not_waited_for(refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        waited(Busy(said(refusal("no"))))


def test_a_member_that_others_keep_from_its_restart_lets_them_go_first_at_once() -> None:
    assert waited(Busy(said(["broker 2 is not in the cluster"])), patient=False).blockers != []


def test_a_cluster_that_does_not_answer_at_first_is_asked_again_all_the_same() -> None:
    assert waited(Busy(said(OSError("no"), [])), patient=False) == Gate([], [], True)


@pytest.mark.parametrize("answer", [OSError("no"), LoginError("no"), ["broker 2 is not in the cluster"]])
def test_a_unit_that_does_not_run_has_nothing_to_lose(answer: Answer) -> None:
    assert waited(Busy(said(answer)), down=True).blockers == []


class Leader(Plain):
    """A member that should be restarted after the others."""

    def last(self) -> bool:
        return True


@pytest.mark.parametrize("gate", [Gate([], [], True), Gate([], [], False)])
def test_the_member_to_go_last_lets_the_others_go_first(gate: Gate) -> None:
    assert goes_later(gate, Leader())
    assert not goes_later(gate, Plain())


def test_what_ails_the_others_is_known_only_from_an_answer() -> None:
    blockers = ["broker 2 is not in the cluster"]
    assert goes_later(Gate(blockers, [], True), Plain())
    assert not goes_later(Gate(["OSError: no"], [], False), Leader())
