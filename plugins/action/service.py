# SPDX-License-Identifier: Apache-2.0
"""Asks the host only where the files of this run have not shown that the service is steady."""

from __future__ import annotations

from typing import Any

from ansible.plugins.action import ActionBase
from ansible_collections.estate.kafka.plugins.plugin_utils.seen import Steady


class ActionModule(ActionBase):  # type: ignore[misc]
    """Controller's half of ``estate.kafka.service``; see the module for its options."""

    TRANSFERS_FILES = False
    _supports_check_mode = True

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Return the module's result; that of a steady service is known."""
        super().run(tmp, task_vars)
        host, name = str((task_vars or {}).get("inventory_hostname")), str(self._task.args.get("name"))
        if not self._task.delegate_to and Steady(host, name):
            return {"changed": False, "actions": [], "stale": [], "reloaded": [], "waited": 0.0}
        result: dict[str, Any] = self._execute_module(module_name="estate.kafka.service", task_vars=task_vars)
        return result
