"""The one loop that asks again, and that nothing else sleeps."""

from __future__ import annotations

import ast
import math
from collections.abc import Iterator
from pathlib import Path

import pytest
from ansible_collections.estate.kafka.plugins.module_utils.polling import Clock, poll

PLUGINS = Path(__file__).parents[2] / "plugins"
LOOP = "module_utils/polling.py"
# What does not poll: it listens for as long as it is told to.
SLEEPS = {"modules/open_port.py"}


class Hands:
    """A clock that only sleeping and asking move."""

    def __init__(self) -> None:
        self.time = 100.0
        self.slept: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.time += seconds

    def clock(self) -> Clock:
        return Clock(lambda: self.time, self.sleep)


def test_a_good_answer_ends_it_at_once() -> None:
    hands = Hands()
    assert poll(lambda: "yes", bool, 0, clock=hands.clock()) == "yes" and hands.slept == []


def test_it_asks_until_the_answer_is_good() -> None:
    hands, answers = Hands(), iter([1, 2, 3, 4])
    assert poll(lambda: next(answers), lambda number: number == 3, 60, clock=hands.clock()) == 3
    assert len(hands.slept) == 2 and set(hands.slept) == {0.2}


def test_the_last_answer_comes_back_when_the_time_is_over() -> None:
    hands, asked = Hands(), []

    def ask() -> int:
        asked.append(hands.time)
        hands.time += 3
        return len(asked)

    assert poll(ask, lambda _: False, 5, clock=hands.clock()) == 2
    assert poll(ask, lambda _: False, -1, clock=hands.clock()) == 3, "it asks once whatever the time"


def test_a_pause_may_grow_with_the_time_waited() -> None:
    hands, left = Hands(), [4]

    def ask() -> int:
        left[0] -= 1
        return left[0]

    assert poll(ask, lambda number: number == 0, math.inf, lambda waited: 1 + waited, hands.clock()) == 0
    assert hands.slept == [1, 2, 4]


def sleepers() -> Iterator[str]:
    """Yield the files under plugins/ that name a function called sleep."""
    for path in sorted(PLUGINS.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            named = node.attr if isinstance(node, ast.Attribute) else ""
            imported = [alias.name for alias in node.names] if isinstance(node, ast.ImportFrom) else []
            if "sleep" in (named, *imported):
                yield str(path.relative_to(PLUGINS))


def test_nothing_else_sleeps() -> None:
    found = set(sleepers())
    assert found - SLEEPS - {LOOP} == set(), "ask again with polling.poll"
    assert found >= SLEEPS, "an exception that is none any more"


@pytest.mark.parametrize("seconds", [0.2, 1.0])
def test_the_pause_is_the_usual_one_unless_told(seconds: float, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ansible_collections.estate.kafka.plugins.module_utils.polling.POLL_SECONDS", seconds)
    hands = Hands()
    poll(lambda: len(hands.slept), lambda number: number == 1, 60, clock=hands.clock())
    assert hands.slept == [seconds]
