# SPDX-License-Identifier: Apache-2.0
"""A connector as Connect has it, and the requests that change its state."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

# The state that is asked for -> the last word of the path that asks for it.
VERBS = {"RUNNING": "resume", "PAUSED": "pause", "STOPPED": "stop"}


@dataclass(frozen=True)
class Connector:
    """A connector as Connect has it; ``tasks`` maps the number of a task to its state and trace."""

    config: Mapping[str, str]
    state: str = "UNASSIGNED"
    trace: str = ""
    tasks: Mapping[int, tuple[str, str]] = field(default_factory=dict)

    @classmethod
    def of(cls, info: Mapping[str, Any], status: Mapping[str, Any] | None) -> Connector:
        """Build it from Connect's answers; the name is no setting. One that no worker has started yet has no status."""
        config = {key: value for key, value in info["config"].items() if key != "name"}
        if not status:
            return cls(config)
        tasks = {task["id"]: (task["state"], task.get("trace", "")) for task in status["tasks"]}
        return cls(config, status["connector"]["state"], status["connector"].get("trace", ""), tasks)

    def target(self) -> str:
        """Return the state that was asked for last."""
        return self.state if self.state in ("PAUSED", "STOPPED") else "RUNNING"

    def may_idle(self) -> bool:
        """Return whether having no task is nothing special: without consumer groups there are no checkpoints."""
        return self.config.get("connector.class", "").endswith("MirrorCheckpointConnector")

    def failed(self) -> bool:
        """Return whether the connector or one of its tasks has failed."""
        return self.state == "FAILED" or any(state == "FAILED" for state, _ in self.tasks.values())

    def shown(self) -> dict[str, Any]:
        """Return the connector as one flat mapping, for a diff."""
        return {"state": self.target(), **{key: self.config[key] for key in sorted(self.config)}}
