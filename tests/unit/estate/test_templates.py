"""What a template refers to says whether the inventory can resolve it, or only a run."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.estate.kafka.plugins.module_utils.estate.templates import needs_run, resolved

VARIABLES: dict[str, Any] = {
    "size": "{{ memory // 2 }}m",
    "memory": "{{ ansible_facts.memtotal_mb }}",
    "ring": "{{ gnir }}",
    "gnir": "{{ ring }}",
    "deep": {"a": ["{{ size }}"]},
    "ansible_user": "root",
    "port": 9092,
}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("{{ ansible_facts.memtotal_mb // 4 }}m", True),
        ("{{ size }}", True),
        ("{{ deep.a[0] }}", True),
        ("{% if ansible_memtotal_mb > 5 %}1g{% endif %}", True),
        ("{{ estate_topology.clusters | length }}", True),
        ("{{ hostvars['a'].x }}", True),
        ("{{ nowhere }}", False),
        ("{{ port }} {{ ring }}", False),
        ("{{ ansible_user }}", False),
        ("{{ $labels.instance }}", False),
        ("{% for ansible_x in [1] %}{% endfor %}", False),
        ("plain", False),
        (5, False),
    ],
)
def test_what_only_a_run_knows(value: Any, expected: bool) -> None:
    assert needs_run(value, VARIABLES) is expected


def test_every_place_is_resolved() -> None:
    found = resolved({"a": ["x", {"b": "y"}], "c": 1}, lambda item: f"<{item}>")
    assert found == {"a": ["<x>", {"b": "<y>"}], "c": "<1>"}
