"""The age of the last heartbeat: none has come, or nobody could be asked, are two things."""

from __future__ import annotations

import time
from types import SimpleNamespace
from typing import Any

import pytest
from ansible_collections.estate.kafka.plugins.module_utils.errors import ClusterError
from ansible_collections.estate.kafka.plugins.module_utils.mirrors import lag

TOPIC = "src.heartbeats"
TARGET: Any = SimpleNamespace(metadata=lambda: SimpleNamespace(topics={TOPIC: SimpleNamespace(partitions=[0])}))


def age(monkeypatch: pytest.MonkeyPatch, found: dict[Any, Any], reasons: dict[Any, str]) -> float | None:
    monkeypatch.setattr(lag, "read_offsets", lambda cluster, asked: (found, reasons))
    return lag._age(TARGET, {"heartbeats": TOPIC})


def test_the_youngest_heartbeat_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    answer = SimpleNamespace(offset=7, timestamp=(time.time() - 3) * 1000)
    assert age(monkeypatch, {(TOPIC, 0): answer}, {}) == pytest.approx(3, abs=1)


def test_a_topic_without_records_has_seen_none(monkeypatch: pytest.MonkeyPatch) -> None:
    assert age(monkeypatch, {(TOPIC, 0): SimpleNamespace(offset=-1, timestamp=-1)}, {}) is None


def test_a_topic_that_nobody_answers_for_is_not_one_without_records(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ClusterError, match="timed out"):
        age(monkeypatch, {}, {(TOPIC, 0): "Local: timed out"})
