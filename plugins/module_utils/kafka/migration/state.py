# SPDX-License-Identifier: Apache-2.0
"""What is seen of a cluster between ZooKeeper and controllers of its own: nodes, ensemble, active controller.  Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

# ZkMigrationState of a controller; 0 is none at all.
DUAL_WRITE, BEFORE, DONE = 1, 2, 3
METRIC = re.compile(r"^kafka_controller_kafkacontroller_(\w+?) ([-0-9.Ee+]+)$", re.MULTILINE)


@dataclass(frozen=True)
class Node:
    """A broker or controller: the phase in its file and of its process, '' for none; ``data`` are '', formatted or started."""

    id: int
    host: str
    written: str = ""
    running: str = ""
    data: str = ""
    copied: bool = False
    stray: tuple[str, ...] = ()

    def is_in(self, *phases: str) -> bool:
        """Whether file and process are in one of the phases, and in the same."""
        return self.written == self.running and self.running in phases

    def touches(self, phase: str) -> bool:
        """Whether its file or its process is in a phase."""
        return phase in (self.written, self.running)


@dataclass(frozen=True)
class Left:
    """The znode ``migration`` of a cluster: how far a controller had copied, -1 for nothing, and its epoch."""

    offset: int
    epoch: int


@dataclass(frozen=True)
class Ensemble:
    """What ZooKeeper has below the chroot of the cluster."""

    cluster_id: str = ""
    brokers: frozenset[int] = frozenset()
    controller: int | None = None
    controller_epoch: int = 0
    left: Left | None = None
    # Topics waiting for their deletion, and replicas that move.
    unfinished: tuple[str, ...] = ()
    delegation_tokens: int = 0


@dataclass(frozen=True)
class Active:
    """What the active controller says; ``waiting`` is how many brokers of ZooKeeper it knows, ``behind`` what they lack."""

    id: int
    state: int
    waiting: int = 0
    behind: int = 0


@dataclass(frozen=True)
class State:
    """Everything that a decision about the next step needs."""

    name: str
    brokers: tuple[Node, ...]
    controllers: tuple[Node, ...]
    ensemble: Ensemble
    active: Active | None = None
    # Hosts that could not be looked at, and what else is wrong with the cluster now.
    unseen: tuple[str, ...] = ()
    troubles: tuple[str, ...] = ()

    @property
    def controller_ids(self) -> frozenset[int]:
        """The ids of the controllers."""
        return frozenset(node.id for node in self.controllers)

    @property
    def led_by_controllers(self) -> bool:
        """Whether ZooKeeper names one of the controllers as the cluster's."""
        return self.ensemble.controller in self.controller_ids

    @property
    def migration_state(self) -> int | None:
        """What the active controller says, None without one."""
        return self.active.state if self.active else None


def nodes(rows: Iterable[Mapping[str, Any]], seen: Mapping[str, Mapping[str, Any]], component: str) -> tuple[Node, ...]:
    """Return the nodes of one kind; ``seen`` has what was found on each host by component."""
    result = []
    for row in rows:
        found = seen.get(row["host"], {}).get(component) or {}
        result.append(
            Node(
                int(row["id"]),
                str(row["host"]),
                found.get("written", ""),
                found.get("running", ""),
                found.get("data", ""),
                bool(found.get("copied")),
                tuple(found.get("stray", ())),
            )
        )
    return tuple(result)


def left_from(content: bytes | None) -> Left | None:
    """Return what the znode ``migration`` says, None without one; one that is empty says nothing that could be used."""
    if content is None:
        return None
    found = _decoded(content)
    return Left(int(found.get("kraft_metadata_offset", -1)), int(found.get("kraft_controller_epoch", -1)))


def highest_epoch(states: Iterable[bytes]) -> int:
    """Return the highest epoch of a controller that has written the state of a partition."""
    return max((int(_decoded(content).get("controller_epoch", 0)) for content in states), default=0)


def controller_from(content: bytes | None) -> int | None:
    """Return the id in the znode ``controller``, None without one."""
    found = _decoded(content).get("brokerid")
    return None if found is None else int(found)


def cluster_id_from(content: bytes | None) -> str:
    """Return the id in the znode ``cluster/id``."""
    return str(_decoded(content).get("id", ""))


def _decoded(content: bytes | None) -> Mapping[str, Any]:
    try:
        found = json.loads(content or b"{}")
    except ValueError:
        return {}
    return found if isinstance(found, Mapping) else {}


def active_from(metrics: Mapping[int, str]) -> Active | None:
    """Return what the active controller says, from the text of each controller's agent; None where none says that it is."""
    for node, text in metrics.items():
        values = {name: int(float(value)) for name, value in METRIC.findall(text)}
        if values.get("activecontrollercount") == 1:
            return Active(
                node,
                values.get("zkmigrationstate", 0),
                values.get("migratingzkbrokercount", 0),
                values.get("zkwritebehindlag", 0),
            )
    return None


def listed(names: Sequence[Any]) -> str:
    """Return names with commas between them."""
    return ", ".join(str(name) for name in names)
