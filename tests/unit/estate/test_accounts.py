"""Users and groups that must be there, and ids that are somebody else's."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.estate.kafka.plugins.module_utils.estate.accounts import accounts

THERE = {"accounts": {"users": {"kafka": 900, "www": 33}, "groups": {"kafka": 901, "www": 33}}}


def said(**account: Any) -> list[tuple[str, str]]:
    row = {"user": "kafka", "group": "kafka", "uid": None, "gid": None, "manage": True, **account}
    found = accounts("b1", THERE, {"components": [{"component": "kafka_broker", "account": row}]})
    return [(problem.variable, problem.found) for problem in found]


@pytest.mark.parametrize(
    "account",
    [{}, {"user": "new", "group": "new"}, {"manage": False}, {"uid": 900, "gid": 901}, {"user": "new", "uid": 5}, {"user": None}],
)
def test_what_is_there_or_can_be_made_is_right(account: dict[str, Any]) -> None:
    assert said(**account) == []


@pytest.mark.parametrize(
    ("account", "variable", "word"),
    [
        ({"user": "new", "manage": False}, "kafka_broker_user", "no user 'new'"),
        ({"group": "new", "manage": False}, "kafka_broker_group", "no group 'new'"),
        ({"uid": 902}, "kafka_broker_uid", "has the id 900"),
        ({"gid": 902}, "kafka_broker_gid", "has the id 901"),
        ({"user": "new", "uid": 33}, "kafka_broker_uid", "'www'"),
        ({"group": "new", "gid": 33}, "kafka_broker_gid", "'www'"),
    ],
)
def test_what_is_missing_or_somebody_elses_is_named(account: dict[str, Any], variable: str, word: str) -> None:
    ((found, text),) = said(**account)
    assert found == variable and word in text


def test_a_host_that_was_not_asked_says_nothing() -> None:
    assert accounts("b1", {}, {"components": [{"component": "kafka_broker", "account": {"user": "kafka"}}]}) == []
