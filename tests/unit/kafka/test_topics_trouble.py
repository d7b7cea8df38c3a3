"""Topics in trouble: a cluster that goes away, what is refused for now, throttles that a move or a dead run left."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from contextlib import nullcontext
from typing import Any

import pytest
from ansible_collections.estate.kafka.plugins.module_utils.declared.deletions import Deletion
from ansible_collections.estate.kafka.plugins.module_utils.errors import NoAnswerError
from ansible_collections.estate.kafka.plugins.module_utils.kafka.passing import ask_again
from ansible_collections.estate.kafka.plugins.module_utils.kafka.topics import client as topics_client
from ansible_collections.estate.kafka.plugins.module_utils.kafka.topics.client import TopicsCluster
from ansible_collections.estate.kafka.plugins.module_utils.kafka.topics.plan import (
    Wanted,
)
from ansible_collections.estate.kafka.plugins.module_utils.kafka.topics.reassignment import Running
from ansible_collections.estate.kafka.plugins.module_utils.kafka.topics.topic import (
    Action,
    Create,
    Delete,
    Finish,
    Move,
    Topic,
)
from ansible_collections.estate.kafka.plugins.module_utils.polling import Clock
from ansible_collections.estate.kafka.plugins.modules.topics import reconcile
from test_topics import FOLLOWER, LEADER, Memory


class Gone(TopicsCluster):
    """A cluster that makes topics and then does not answer any more."""

    def __init__(self, answers: list[list[tuple[Action, str]]]) -> None:
        self.timeout = 5
        self.answers = answers
        self.asked: list[list[str]] = []

    def _create(self, actions: Sequence[Any], validate_only: bool) -> list[tuple[Action, str]]:
        self.asked.append([action.topic for action in actions])
        return self.answers.pop(0)

    def _move(self, actions: Sequence[Any], validate_only: bool) -> list[tuple[Action, str]]:
        raise NoAnswerError("no broker answered")


def test_what_was_done_is_told_when_the_cluster_goes_away_in_the_middle() -> None:
    create, move, delete = Create("a", 1, 1, {}), Move("b", ((1,),), ((2,),)), Delete("c")
    refused = Gone([[]]).apply([create, move, delete], validate_only=False)
    assert refused == [(move, "perhaps done, perhaps not; run again: no broker answered"), (delete, "not tried; run again")]


def test_what_is_refused_only_for_now_is_asked_again() -> None:
    a, b, c = (Create(name, 1, 1, {}) for name in "abc")
    cluster = Gone([[(a, "NOT_CONTROLLER: moved"), (b, "INVALID_CONFIG: no")], []])
    assert cluster.apply([a, b, c], validate_only=False) == [(b, "INVALID_CONFIG: no")]
    assert cluster.asked == [["a", "b", "c"], ["a"]]


def test_what_is_refused_for_now_and_for_too_long_is_refused() -> None:
    seconds = iter([0, 1, 9])
    refused = ask_again(["a"], lambda items: [("a", "NOT_CONTROLLER: moved")], 5, Clock(lambda: next(seconds), lambda _: None))
    assert refused == [("a", "NOT_CONTROLLER: moved")]


def test_a_cluster_that_is_silent_for_a_moment_is_asked_again_and_what_was_done_is_told() -> None:
    class Silent(Memory):  # type: ignore[misc]
        def topics(self, names: Collection[str]) -> dict[str, Topic]:
            if self.writes:
                raise NoAnswerError("no broker answered")
            found: dict[str, Topic] = super().topics(names)
            return found

    result = reconcile(Silent(), [Wanted("new", 1, 2)], Deletion(), check_mode=False)
    assert result["failed"] and result["actions"] == ["create new"] and "cannot be asked: no broker answered" in result["msg"]


class Rated(TopicsCluster):
    """Brokers 1 to 4 with rates of their own, and a topic whose move ends at once or stays under way."""

    def __init__(self, rates: dict[int, dict[str, str | None]], under_way: tuple[int, ...] = ()) -> None:
        self.timeout, self.speed, self.tell, self.client = 5, 50, print, {}
        self.held = {broker: {LEADER: None, FOLLOWER: None, **rates.get(broker, {})} for broker in (1, 2, 3, 4)}
        self.first = {broker: dict(found) for broker, found in self.held.items()}
        self.slow: set[int] = set()
        self.under_way = under_way

    def racks(self) -> dict[int, str | None]:
        return dict.fromkeys(self.held)

    def _rates(self, broker: int) -> dict[str, str | None]:
        return dict(self.held[broker])

    def _set_broker(self, broker: int, config: Mapping[str, str | None]) -> None:
        self.held[broker].update(config)

    def _requests(self) -> Any:
        return nullcontext(self)

    def _configure(self, actions: Sequence[Any], validate_only: bool = False) -> list[tuple[Action, str]]:
        return []

    def _marks(self, topic: str) -> list[str]:
        return ["0:1,0:2", "0:3"]

    def _wait(self, *_: Any) -> list[tuple[Action, str]]:
        self.slow = {broker for broker, rates in self.held.items() if "50" in rates.values()}
        return []


@pytest.fixture
def rated(monkeypatch: pytest.MonkeyPatch) -> None:
    def under_way(cluster: Any) -> dict[tuple[str, int], Running]:
        return {("else", 0): Running(cluster.under_way, (), ())} if cluster.under_way else {}

    monkeypatch.setattr(topics_client, "moves_under_way", under_way)
    monkeypatch.setattr(topics_client, "start_moves", lambda *_: [])


@pytest.mark.usefixtures("rated")
@pytest.mark.parametrize("under_way", [(), (4,)])
def test_rates_are_put_back_where_replicas_moved_and_nowhere_else(under_way: tuple[int, ...]) -> None:
    cluster = Rated({1: {LEADER: "7"}, 4: {LEADER: "9", FOLLOWER: "9"}}, under_way)
    assert cluster.apply([Move("orders", ((1, 2),), ((1, 3),))], validate_only=False) == []
    assert cluster.slow == {1, 2, 3} and cluster.held == cluster.first


@pytest.mark.usefixtures("rated")
def test_a_broker_of_another_move_keeps_its_throttle() -> None:
    cluster = Rated({}, under_way=(3, 4))
    cluster.apply([Move("orders", ((1, 2),), ((1, 3),))], validate_only=False)
    assert cluster.held == {**cluster.first, 3: {LEADER: "50", FOLLOWER: "50"}}


@pytest.mark.usefixtures("rated")
def test_what_a_run_that_died_left_goes_from_the_brokers_of_its_marks_alone() -> None:
    left: dict[str, str | None] = {LEADER: "50", FOLLOWER: "50"}
    none: dict[str, str | None] = {LEADER: None, FOLLOWER: None}
    cluster = Rated({1: left, 2: left, 3: left, 4: {LEADER: "9"}})
    assert cluster.apply([Finish("orders", ())], validate_only=False) == []
    assert cluster.held == {**cluster.first, 1: none, 2: none, 3: none}
