"""How long a restart waits for a cluster to answer well."""

from __future__ import annotations

import pytest
from ansible_collections.estate.kafka.plugins.module_utils.errors import LoginError
from ansible_collections.estate.kafka.plugins.module_utils.restart.members import Plain
from ansible_collections.estate.kafka.plugins.modules.restart import poll_until, wait_until_restartable


def test_it_asks_until_nothing_is_in_the_way() -> None:
    answers = iter([["not yet"], ["nearly"], []])
    assert poll_until(lambda: next(answers), 60) == []


def test_at_the_end_of_its_time_it_returns_what_is_in_the_way() -> None:
    assert poll_until(lambda: ["broker 2 is not in the cluster"], 0) == ["broker 2 is not in the cluster"]


def test_a_cluster_that_does_not_answer_is_in_the_way() -> None:
    def ask() -> list[str]:
        raise ConnectionRefusedError("no")

    assert poll_until(ask, 0) == ["ConnectionRefusedError: no"]


@pytest.mark.parametrize("mistake", [TypeError, SystemError, ImportError])
def test_a_mistake_of_the_program_is_not_waited_for(mistake: type[Exception]) -> None:
    def ask() -> list[str]:
        raise mistake("wrong arguments")

    with pytest.raises(mistake):
        poll_until(ask, 60)


class Busy(Plain):
    """A member that may go, and of which the cluster does not say at first what that costs."""

    def __init__(self, *answers: Exception | list[str]) -> None:
        self.answers = list(answers)

    def warnings(self) -> list[str]:
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


def test_what_a_restart_costs_is_asked_again_when_nobody_answers() -> None:
    """A broker whose ZooKeeper was just restarted cannot tell the settings of its topics."""
    assert wait_until_restartable(Busy(OSError("timed out"), ["unavailable: a"]), 60) == ([], ["unavailable: a"])
    assert wait_until_restartable(Busy(OSError("timed out")), 0) == (["OSError: timed out"], [])


def test_a_login_that_is_refused_is_not_waited_for() -> None:
    with pytest.raises(LoginError):
        wait_until_restartable(Busy(LoginError("no broker of a:9092 let this user in")), 60)
