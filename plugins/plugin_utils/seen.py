# SPDX-License-Identifier: Apache-2.0
"""What preflight saw of a host in this run, so that an action need not ask the host again where nothing is to be done."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ansible import constants

REGISTERED = "__preflight_host"
"""Where playbooks/preflight.yml registers what it saw."""


def seen(task: Any, task_vars: Mapping[str, Any] | None) -> Mapping[str, Any]:
    """Return what ``preflight_host`` observed on the task's host in this run, by the names of its module.

    It is {} where preflight has not looked, such as in a play of one's own, and for a task that is delegated. It is of the run's
    beginning: what was there then is there still, and what was missing may have come meanwhile.
    """
    if task.delegate_to:
        return {}
    observed: Mapping[str, Any] = ((task_vars or {}).get(REGISTERED) or {}).get("observed") or {}
    return observed


class Steady:
    """Whether a service of a host was seen steady in this run: enabled, serving, and with the files that it started with.

    Each task of each host is a process of its own. What they share is a folder that Ansible makes for one run and removes at its
    end.
    """

    def __init__(self, host: str, service: str) -> None:
        folder = Path(constants.DEFAULT_LOCAL_TMP) / "kafka-estate-steady" / host.replace("/", "_")
        self._mark = folder / service

    def keep(self, steady: bool) -> None:
        """Note what was seen last."""
        if not steady:
            self._mark.unlink(missing_ok=True)
            return
        self._mark.parent.mkdir(parents=True, exist_ok=True)
        self._mark.touch()

    def __bool__(self) -> bool:
        return self._mark.exists()
