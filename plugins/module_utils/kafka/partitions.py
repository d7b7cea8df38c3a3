# SPDX-License-Identifier: Apache-2.0
"""A partition as the metadata of its cluster shows it."""

from __future__ import annotations

from dataclasses import dataclass

# A partition: its topic and its number.
Where = tuple[str, int]


@dataclass(frozen=True)
class Partition:
    """One partition as the cluster's metadata shows it; members are broker ids, ``leader`` is -1 when there is none."""

    topic: str
    number: int
    leader: int
    replicas: tuple[int, ...]
    in_sync: tuple[int, ...]

    def __str__(self) -> str:
        return f"{self.topic}-{self.number}"
