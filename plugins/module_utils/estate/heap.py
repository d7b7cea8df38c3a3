# SPDX-License-Identifier: Apache-2.0
"""How large a JVM heap a component gets on a host of a given size."""

from __future__ import annotations

import re

from ansible_collections.estate.kafka.plugins.module_utils.estate.components import BY_NAME, Heap

UNITS = {"k": 1 / 1024, "m": 1, "g": 1024, "t": 1024**2}
STEP = 64


def heap(role: str, memtotal_mb: int, combined: bool = False) -> str:
    """Return the heap of ``role`` as a JVM size string, for instance ``2048m``.

    A component takes a fixed share of the host's memory, whatever else runs there, so that placing one more component
    on a host changes no other's heap (which would restart it): broker and Elasticsearch 1/4, Connect 1/8, ZooKeeper,
    registry and each console 1/16.  The first five on one host take 3/4, any pair at most 1/2, and the rest stays with
    the page cache, from which Kafka and Elasticsearch read.  Preflight adds up what is placed on a host.

    The result is rounded down to 64 MiB and kept between a least and a most, from these sources: Kafka's operations
    guide gives a broker a heap of 6 GB and leaves the rest to the page cache; its start scripts give ZooKeeper 512 MB
    and Connect up to 2 GB; Elasticsearch's guide says no more than half the memory and below the limit of
    compressed object pointers, about 31 GB.  A broker that is a controller too (``combined``) gets what both would get.
    """
    mine = _size(role, memtotal_mb)
    return f"{mine + _size('kafka_controller', memtotal_mb) if combined else mine}m"


def _size(role: str, memtotal_mb: int) -> int:
    size = _sizing(role)
    wanted = int(memtotal_mb * size.share) // STEP * STEP
    return min(max(wanted, size.least), size.most)


def heap_mb(size: str) -> int:
    """Return the MiB of a JVM size string (``512m``, ``2g``); raises ValueError for anything else."""
    match = re.fullmatch(r"([0-9]{1,15})([kmgt])", size.lower())
    if not match:
        raise ValueError(f"{size!r} is not a JVM size such as 512m or 2g")
    return int(int(match[1]) * UNITS[match[2]])


def _has_heap(role: str) -> bool:
    return role in BY_NAME and BY_NAME[role].heap is not None


def _sizing(role: str) -> Heap:
    size = BY_NAME[role].heap if role in BY_NAME else None
    if size is None:
        raise ValueError(f"no heap is known for role {role!r}; known: {', '.join(filter(_has_heap, BY_NAME))}")
    return size
