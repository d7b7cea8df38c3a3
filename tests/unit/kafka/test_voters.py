"""Voters of a quorum: which steps make them those of the inventory, when each may be taken, and what is left alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import reduce
from itertools import pairwise
from typing import Any

import pytest
from ansible_collections.estate.kafka.plugins.module_utils import polling
from ansible_collections.estate.kafka.plugins.module_utils.errors import ClusterError, NoAnswerError
from ansible_collections.estate.kafka.plugins.module_utils.kafka.quorum import Quorum, Replica, View
from ansible_collections.estate.kafka.plugins.module_utils.kafka.voters import client
from ansible_collections.estate.kafka.plugins.module_utils.kafka.voters import plan as planning
from ansible_collections.estate.kafka.plugins.module_utils.kafka.voters.client import Voters, checked
from ansible_collections.estate.kafka.plugins.module_utils.kafka.voters.plan import (
    Controller,
    Step,
    differs,
    hindrances,
    plan,
    refusals,
    taken,
    unconfirmed,
)
from ansible_collections.estate.kafka.plugins.modules.controllers import reconcile, report
from hypothesis import given
from hypothesis import strategies as st

DEAD = None


def directory(number: int, disk: str = "a") -> str:
    # As an id may begin.
    return f"-{disk}{number:020}"


def voter(number: int, disk: str = "a", behind: int | None = 0) -> Replica:
    return Replica(number, 9, behind, directory(number, disk))


def quorum(*voters: Replica, observers: Sequence[Replica] = (), leader: int = 1) -> Quorum:
    return Quorum(leader, 4, voters, tuple(observers), {one.id: f"{one.id}.test:9095" for one in voters})


def inventory(*numbers: int, disk: str = "a", **disks: str) -> list[Controller]:
    return [
        Controller(number, f"{number}.test", 9095, directory(number, disks.get(f"n{number}", disk)) if disk else "")
        for number in numbers
    ]


def steps(*args: Any) -> list[str]:
    return [f"{'+' if step.adds else '-'}{step.id}{step.directory[1]}" for step in plan(*args)]


@pytest.mark.parametrize(
    ("now", "wanted", "expected"),
    [
        pytest.param(quorum(voter(1)), inventory(1, 2, 3), ["+2a", "+3a"], id="grow"),
        pytest.param(quorum(voter(1), voter(2), voter(3)), inventory(1, 2, 3, 4, 5), ["+4a", "+5a"], id="grow to five"),
        pytest.param(quorum(*map(voter, (1, 2, 3, 4, 5)), leader=4), inventory(1, 2, 3), ["-5a", "-4a"], id="the leader last"),
        pytest.param(quorum(*map(voter, (1, 2, 3))), inventory(2, 3, 4), ["+4a", "-1a"], id="move: never smaller than needed"),
        pytest.param(quorum(voter(1), voter(2), voter(3, behind=DEAD)), inventory(1, 2, 4), ["-3a", "+4a"], id="dead ones first"),
        pytest.param(
            quorum(voter(1), voter(2), voter(3, behind=DEAD), observers=[voter(3, "b")]),
            inventory(1, 2, 3, n3="b"),
            ["-3a", "+3b"],
            id="a new disk",
        ),
        pytest.param(
            quorum(*map(voter, (1, 2, 3)), voter(4, behind=DEAD), voter(5, behind=9000)),
            inventory(1, 2, 3, 4, 5, 6, n4="b", n5="b"),
            ["-4a", "+4b", "-5a", "+5b", "+6a"],
            id="two new disks, one after the other",
        ),
        pytest.param(quorum(voter(1), voter(2), voter(3, behind=DEAD)), inventory(1, 2, 3), [], id="a dead one of the inventory"),
        pytest.param(quorum(voter(1), voter(2)), inventory(1, 2, disk=""), [], id="hosts that were not looked at"),
    ],
)
def test_steps(now: Quorum, wanted: list[Controller], expected: list[str]) -> None:
    assert steps(now, wanted) == expected
    assert steps(reduce(taken, plan(now, wanted), now), wanted) == []


@given(st.sets(st.integers(1, 7), min_size=1), st.sets(st.integers(1, 7), min_size=1), st.sets(st.integers(1, 7)))
def test_every_quorum_becomes_that_of_the_inventory_one_voter_at_a_time(now: set[int], then: set[int], moved: set[int]) -> None:
    found = quorum(*(voter(number, behind=DEAD if number in moved else 0) for number in sorted(now)), leader=min(now))
    wanted = inventory(*sorted(then), **{f"n{number}": "b" for number in moved})
    sizes = [len(found.voters)]
    for step in plan(found, wanted):
        found = taken(found, step)
        sizes.append(len(found.voters))
        assert len({one.id for one in found.voters}) == len(found.voters), "two voters of one id"
    assert {one.key for one in found.voters} == {(one.id, one.directory) for one in wanted}
    assert all(abs(after - before) == 1 for before, after in pairwise(sizes))


def hinders(now: Quorum, wanted: list[Controller]) -> str:
    return "; ".join(hindrances(now, plan(now, wanted)))


def test_who_is_to_vote_follows_and_has_the_whole_log() -> None:
    both = inventory(1, 2)
    assert "controller 2 with directory -a" in hinders(quorum(voter(1)), both)
    assert "has not reached the leader 1" in hinders(quorum(voter(1), observers=[voter(2, "b")]), both)
    assert "is 6 s behind the leader" in hinders(quorum(voter(1), observers=[voter(2, behind=6000)]), both)
    assert hinders(quorum(voter(1), observers=[voter(2)]), both) == ""


def test_no_step_leaves_a_minority() -> None:
    now = quorum(voter(1), voter(2), voter(3, behind=DEAD))
    assert "only 1 of 2 voters would follow; a quorum needs 2" in hinders(now, inventory(1, 3))
    # Two of five are down already.
    now = quorum(*map(voter, (1, 2, 3)), voter(4, behind=DEAD), voter(5, behind=DEAD))
    assert "only 2 of 4 voters would follow; a quorum needs 3" in hinders(now, inventory(1, 2, 4, 5))
    # Dead ones may go: that makes the quorum safer.
    assert hinders(now, inventory(1, 2, 3)) == ""
    # One that is to come does not help a quorum that has no majority with it.
    now = quorum(voter(1), voter(2, behind=DEAD), observers=[voter(3)])
    assert hinders(now, inventory(1, 2, 3)) == ""
    now = quorum(voter(1), voter(2, behind=DEAD), voter(4, behind=DEAD), observers=[voter(3)])
    assert "only 2 of 4 voters would follow; a quorum needs 3" in hinders(now, inventory(1, 2, 3, 4))


def test_while_one_is_down_none_that_works_goes() -> None:
    now = quorum(*map(voter, (1, 2, 3, 4)), voter(5, behind=DEAD))
    assert "controller 5 with directory" not in hinders(now, inventory(1, 2, 3, 4))
    assert "controller 5 does not follow the leader" in hinders(now, inventory(1, 2, 3, 5))


def test_an_old_directory_that_still_follows_is_not_taken_for_a_lost_one() -> None:
    now = quorum(*map(voter, (1, 2, 3)), observers=[voter(3, "b")])
    assert "controller 3 still follows with directory -a" in hinders(now, inventory(1, 2, 3, n3="b"))
    now = quorum(voter(1), voter(2), voter(3, behind=DEAD))
    assert "controller 3 with directory -b" in hinders(now, inventory(1, 2, 3, n3="b"))


def test_what_cannot_be_done_is_refused() -> None:
    (line,) = refusals(Quorum(1, 4, (Replica(1, 9, 0), Replica(2, 9, 0)), ()), inventory(1, 2, 3))
    assert "static" in line and "kraft.version=1" in line and "controller.quorum.bootstrap.servers" in line
    (line,) = refusals(quorum(voter(1), voter(2)), inventory(1, 2, 3, disk=""))
    assert "controller 3 on 3.test is to vote" in line and "playbooks/kafka_controller.yml" in line
    assert refusals(quorum(voter(1)), inventory(1, 2)) == []


def test_a_voter_goes_only_if_its_name_is_confirmed() -> None:
    now, wanted = quorum(*map(voter, (1, 2, 3))), inventory(1)
    lines = unconfirmed("orders", plan(now, wanted), wanted, ["orders:3", "other:2"])
    assert len(lines) == 1 and "remove controller 2" in lines[0] and "controllers_confirm_remove: ['orders:2']" in lines[0]
    assert unconfirmed("orders", plan(now, wanted), wanted, ["orders:3", "orders:2", "orders:9"]) == []
    (line,) = unconfirmed("orders", [], inventory(1, 2, 3), ["orders:2"])
    assert "the inventory has it on 2.test" in line
    # What has lost its data needs no name: nothing goes with it.
    now = quorum(voter(1), voter(2), voter(3, behind=DEAD))
    wanted = inventory(1, 2, 3, n3="b")
    assert unconfirmed("orders", plan(now, wanted), wanted, []) == []


def test_ids_of_directories_are_looked_at_before_anything_else() -> None:
    checked(["-kraftTestEstateCluste"])
    for wrong in ("short", "no id: it has blanks!!", "x" * 23):
        with pytest.raises(ClusterError, match="no id of a directory"):
            checked([wrong])


class Live(Voters):
    """A quorum that takes every step at once, after the answers that ``trouble`` has for it."""

    def __init__(self, now: Quorum | None, trouble: Sequence[str] = ()) -> None:
        super().__init__(["1.test:9095"], "id", 0.3)
        self.now, self.trouble, self.done = now, list(trouble), list[str]()

    def view(self) -> View:
        return View(self.now, {} if self.now else {"1.test:9095": "refused"})

    def _take(self, step: Step) -> str:
        if self.trouble and (said := self.trouble.pop(0)):
            return said
        assert self.now is not None
        self.now = taken(self.now, step)
        self.done.append(str(step))
        return ""


NOW = quorum(voter(1), observers=[voter(2), voter(3)])


def test_check_mode_shows_what_a_run_does_and_a_second_run_does_nothing() -> None:
    live, wanted = Live(NOW), inventory(1, 2, 3)
    said = reconcile(live, "orders", wanted, [], True)
    assert live.done == [] and said["changed"]
    done = reconcile(live, "orders", wanted, [], False)
    assert said == done and live.done == done["actions"] and len(live.done) == 2
    assert "+  2: " not in done["diff"]["before"] and "controller 3:" in done["diff"]["after"]
    assert done["estate_report"] == report("orders", wanted, plan(NOW, wanted)) and "1. add controller 2" in done["estate_report"]
    again = reconcile(live, "orders", wanted, [], False)
    assert not again["changed"] and again["actions"] == [] and "1, 2, 3" in again["estate_report"]


def test_check_mode_says_what_a_run_would_refuse() -> None:
    live = Live(quorum(voter(1), voter(2), voter(3, behind=DEAD)))
    said = reconcile(live, "orders", inventory(1, 3), [], True)
    assert any("refuses: remove controller 2" in line for line in said["warnings"])
    assert any("only 1 of 2 voters would follow" in line for line in said["warnings"])
    done = reconcile(live, "orders", inventory(1, 3), [], False)
    assert done["failed"] and "nothing was changed" in done["msg"] and live.done == []
    done = reconcile(live, "orders", inventory(1, 3), ["orders:2"], False)
    assert done["failed"] and "only 1 of 2 voters would follow" in done["msg"] and live.done == [] and not done["changed"]


def test_what_was_done_before_a_step_failed_is_told() -> None:
    live = Live(NOW, ["", "INVALID"])
    done = reconcile(live, "orders", inventory(1, 2, 3), [], False)
    assert done["failed"] and done["changed"] and len(done["actions"]) == 1
    assert "1 of 2 steps were not taken, 1 were" in done["msg"] and "INVALID" in done["msg"]


def test_voters_that_do_not_follow_are_told_where_nothing_is_to_be_done() -> None:
    done = reconcile(Live(quorum(voter(1), voter(2), voter(3, behind=DEAD))), "orders", inventory(1, 2, 3), [], False)
    assert not done["changed"] and ["controller 3 with directory" in line for line in done["warnings"]] == [True]


def test_without_a_leader_nothing_is_tried() -> None:
    with pytest.raises(NoAnswerError, match="Bring back as many as a majority needs"):
        reconcile(Live(None), "orders", inventory(1, 2), [], False)
    assert differs(None, inventory(1)) and hindrances(None, [])


def test_a_voter_that_does_not_answer_is_down_before_the_leader_notices(monkeypatch: pytest.MonkeyPatch) -> None:
    now = quorum(voter(1), voter(2), voter(3))
    monkeypatch.setattr(client, "ask", lambda addresses, tls: View(now, {"3.test:9095": "refused"}))
    found = Voters(["1.test:9095"], "id", 5).view().quorum
    assert found is not None and [one.caught_up for one in found.voters] == [True, True, False]
    monkeypatch.setattr(client, "ask", lambda addresses, tls: View(None, {"1.test:9095": "refused"}))
    assert Voters(["1.test:9095"], "id", 5).view().quorum is None


@pytest.mark.parametrize("answers", [[(6, "not the leader"), OSError("reset"), (0, "")], [(7, "timed out"), (0, "")]])
def test_a_leader_that_ends_in_the_middle_is_no_failure(monkeypatch: pytest.MonkeyPatch, answers: list[Any]) -> None:
    """Neither is an answer that says nothing: the change counts once the leader shows it."""
    voters, now = Voters(["1.test:9095"], "id", 5), [NOW]
    left: list[Any] = list(answers)

    def exchange(address: str, request: bytes, seconds: float, tls: Mapping[str, str]) -> bytes:
        assert address == "1.test:9095"
        answer = left.pop(0)
        if isinstance(answer, OSError):
            raise answer
        if answer[0] == 0:
            now[0] = taken(now[0], wanted)
        code, said = int(answer[0]), str(answer[1])
        return b"\0\0\0\1\0" + b"\0\0\0\0" + code.to_bytes(2, "big") + bytes([len(said) + 1]) + said.encode() + b"\0"

    (wanted,) = plan(NOW, inventory(1, 2))
    monkeypatch.setattr(client, "exchange", exchange)
    monkeypatch.setattr(polling, "POLL_SECONDS", 0)
    monkeypatch.setattr(Voters, "view", lambda self: View(now[0], {}))
    assert voters.carry_out([wanted]) == [] and left == []
    assert planning.in_effect(now[0], wanted)


def test_what_kafka_refuses_is_told_with_its_words(monkeypatch: pytest.MonkeyPatch) -> None:
    said = "The voter id is already in the set"
    answer = b"\0\0\0\1\0" + b"\0\0\0\0" + (126).to_bytes(2, "big") + bytes([len(said) + 1]) + said.encode() + b"\0"
    refused: Callable[..., bytes] = lambda *_: answer  # noqa: E731
    monkeypatch.setattr(client, "exchange", refused)
    monkeypatch.setattr(Voters, "view", lambda self: View(NOW, {}))
    first, later = plan(NOW, inventory(1, 2, 3))
    assert Voters([], "id", 5).carry_out([first, later]) == [
        (first, f"{said} (error code 126)"),
        (later, "not tried; run again"),
    ]
