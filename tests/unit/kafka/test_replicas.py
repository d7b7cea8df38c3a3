"""Where replicas go: as few moves as possible, spread over racks; how their moves are slowed down and waited for."""

from __future__ import annotations

from collections import Counter

import pytest
from ansible_collections.estate.kafka.plugins.module_utils.kafka.topics.placement import impossible, moved, spread, throttle
from ansible_collections.estate.kafka.plugins.module_utils.kafka.topics.reassignment import (
    Progress,
    Running,
    expected,
    in_words,
    wait,
)
from ansible_collections.estate.kafka.plugins.module_utils.polling import Clock

THREE = {1: None, 2: None, 3: None}
RACKS = {1: "a", 2: "a", 3: "b", 4: "b", 5: "c", 6: "c"}


def all_in_sync(placement: tuple[tuple[int, ...], ...]) -> list[frozenset[int]]:
    return [frozenset(replicas) for replicas in placement]


@pytest.mark.parametrize("factor", [2, 3])
@pytest.mark.parametrize("brokers", [3, 6, 7])
def test_new_replicas_are_even_over_brokers_and_leave_the_old_ones_in_place(brokers: int, factor: int) -> None:
    current = tuple((number % brokers + 1,) for number in range(brokers * 4))
    racks = dict.fromkeys(range(1, brokers + 1))
    target = spread(current, factor, racks, all_in_sync(current))
    assert all(new[:1] == old and len(set(new)) == factor for old, new in zip(current, target))
    load = Counter(broker for replicas in target for broker in replicas)
    assert max(load.values()) - min(load.values()) <= 1


@pytest.mark.parametrize("factor", [2, 3])
def test_no_rack_has_two_replicas_before_each_has_one(factor: int) -> None:
    current = tuple((number % 6 + 1,) for number in range(24))
    target = spread(current, factor, RACKS, all_in_sync(current))
    assert all(len({RACKS[broker] for broker in replicas}) == factor for replicas in target)
    load = Counter(broker for replicas in target for broker in replicas)
    assert max(load.values()) - min(load.values()) <= 1


def test_racks_do_not_count_where_a_broker_has_none() -> None:
    target = spread(((1,), (1,)), 2, {1: "a", 2: "a", 3: None}, [{1}, {1}])
    assert {replicas[1] for replicas in target} == {2, 3}


@pytest.mark.parametrize(
    ("replicas", "in_sync", "left"),
    [
        ((1, 3, 5), {1, 3, 5}, (1, 3)),  # the preferred leader stays
        ((1, 2, 5), {1, 2, 5}, (1, 5)),  # rack a has two
        ((1, 3, 5), {1, 5}, (1, 5)),  # 3 is behind
        ((9, 3, 5), {3, 5}, (3, 5)),  # 9 is not there, leader or not
    ],
)
def test_of_too_many_replicas_the_least_useful_goes(replicas: tuple[int, ...], in_sync: set[int], left: tuple[int, ...]) -> None:
    assert spread((replicas,), 2, RACKS, [in_sync]) == (left,)


def test_the_replication_factor_that_is_there_moves_nothing() -> None:
    current = ((1, 2), (1, 2), (1, 9))
    assert spread(current, 2, RACKS, all_in_sync(current)) == current


def test_what_cannot_be_copied_is_said() -> None:
    current = ((9,), (1, 9), (1, 2))
    problems = impossible(current, ((9, 1), (1, 9, 3), (1, 2)), RACKS, [{9}, {1}, {1, 2}])
    assert ["partition 0 has no live" in problems[0], "broker 9" in problems[1], "partition 1" in problems[2]] == [True] * 3
    assert len(problems) == 3


def test_the_throttle_names_senders_receivers_and_brokers() -> None:
    current = ((1, 2), (2, 3), (3, 1))
    target = ((1, 2, 3), (3, 2), (3, 1))
    assert moved(current, target) == {0: (1, 2, 3), 1: (3, 2)}
    found = throttle(current, moved(current, target))
    assert found and (found.leaders, found.followers, found.brokers) == ("0:1,0:2", "0:3", frozenset({1, 2, 3}))
    assert throttle(current, {1: (3, 2)}) is None


def test_the_replicas_after_a_move_under_way() -> None:
    assert Running((4, 1, 2, 3), adding=(4,), removing=(2, 3)).target() == (4, 1)


def waited(copied: list[int], timeout: float) -> tuple[Progress, float]:
    """Wait with a clock of our own: one answer after the other, the last again and again."""
    now = [0.0]
    answers = iter(copied)
    last = [0]

    def ask(_: Progress | None) -> Progress:
        last[0] = next(answers, last[0])
        return Progress(frozenset() if last[0] == 100 else frozenset({("orders", 0)}), last[0])

    def sleep(seconds: float) -> None:
        now[0] += seconds

    return wait(ask, timeout, lambda _: None, Clock(lambda: now[0], sleep)), now[0]


def test_a_move_is_waited_for_as_long_as_it_goes_on() -> None:
    progress, seconds = waited(list(range(101)), timeout=10)
    assert not progress.left and seconds > 100


def test_a_move_that_stands_still_is_given_up_after_the_timeout() -> None:
    progress, seconds = waited([1, 2, 3, 4], timeout=10)
    assert progress.of("orders") == [0] and 10 < seconds < 20


def test_progress_in_words() -> None:
    sizes = {("orders", 0, 1): 6_000_000, ("orders", 0, 2): 5_000_000, ("orders", 1, 1): 4_000_000}
    size = expected(sizes, [("orders", 0, 3), ("orders", 1, 3)])
    assert size == 10_000_000
    half = Progress(frozenset({("orders", 1)}), 5_000_000)
    assert in_words(half, 2, size, 10) == "1 of 2 partitions moved, 5.0 MB of 10.0 MB after 10 s, about 10 s left"
