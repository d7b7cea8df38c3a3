# SPDX-License-Identifier: Apache-2.0
"""Filter ``estate.kafka.heap``; the formula and its sources are in ``module_utils/heap.py``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ansible.errors import AnsibleFilterError
from ansible_collections.estate.kafka.plugins.module_utils.estate.heap import heap as planned_heap
from ansible_collections.estate.kafka.plugins.module_utils.estate.heap import heap_mb


def heap(role: str, memtotal_mb: int, combined: bool = False) -> str:
    """Wrap the plain function so that a wrong role reads as an error of the template.

    Raises AnsibleFilterError for a role that has no heap.
    """
    try:
        return planned_heap(role, int(memtotal_mb), combined)
    except ValueError as error:
        raise AnsibleFilterError(f"estate.kafka.heap: {error}") from error


def mebibytes(size: str) -> int:
    """Return the MiB of a JVM size string, for programs that want a plain number.

    Raises AnsibleFilterError for any other text.
    """
    try:
        return heap_mb(size)
    except ValueError as error:
        raise AnsibleFilterError(f"estate.kafka.mebibytes: {error}") from error


class FilterModule:
    """The filters of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return the filters by name."""
        return {"heap": heap, "mebibytes": mebibytes}
