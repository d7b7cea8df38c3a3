"""What a migration must not lose, compared before and after."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from ansible_collections.estate.kafka.plugins.module_utils.kafka.migration.compare import counted, lost

HELD: dict[str, Any] = {
    "topics": {"a": {"id": "x", "partitions": {"0": [1, 2], "1": [2, 1]}, "config": {"retention.ms": "1"}}},
    "settings": {"1": {"log.cleaner.threads": "2"}},
    "acls": {"allow User:shop from * on topic a: read": True},
    "users": {"shop (SCRAM-SHA-512)": 4096},
    "quotas": {"user shop": {"producer_byte_rate": 1.0}},
    "groups": {"g": {"a/0": 10}},
}


def test_the_same_and_more_is_no_loss() -> None:
    now = copy.deepcopy(HELD)
    now["groups"]["g"]["a/0"] = 11
    now["topics"]["b"] = now["topics"]["a"]
    now["topics"]["a"]["partitions"]["2"] = [1, 2]
    assert lost(HELD, HELD) == lost(HELD, now) == []


@pytest.mark.parametrize(
    ("kind", "name", "value", "said"),
    [
        ("topics", "a", None, "topics: a is gone"),
        ("topics", "a", {**HELD["topics"]["a"], "id": "y"}, "another topic"),
        ("topics", "a", {**HELD["topics"]["a"], "partitions": {"0": [1, 2]}}, "had 2 partitions, and has 1"),
        ("topics", "a", {**HELD["topics"]["a"], "config": {}}, "'retention.ms': '1'"),
        ("settings", "1", {}, "settings: 1 was"),
        ("acls", "allow User:shop from * on topic a: read", None, "is gone"),
        ("users", "shop (SCRAM-SHA-512)", 8192, "and is 8192"),
        ("quotas", "user shop", None, "is gone"),
        ("groups", "g", {"a/0": 9}, "was at offset 10 of a/0, and is at 9"),
        ("groups", "g", {}, "and is at none"),
    ],
)
def test_every_kind_of_loss_is_told(kind: str, name: str, value: Any, said: str) -> None:
    now = copy.deepcopy(HELD)
    if value is None:
        del now[kind][name]
    else:
        now[kind][name] = value
    (line,) = lost(HELD, now)
    assert said in line


def test_how_much_there_is_is_counted() -> None:
    assert counted(HELD) == "1 topics with 2 partitions, 1 settings, 1 acls, 1 users, 1 quotas, 1 groups"
