# SPDX-License-Identifier: Apache-2.0
"""Asks the host only where preflight has not seen that its kernel's settings are as wanted."""

from __future__ import annotations

from typing import Any

from ansible.plugins.action import ActionBase
from ansible.utils.display import Display
from ansible_collections.estate.kafka.plugins.module_utils.host.kernel import PATH, outcome, refusals, wanted, warnings
from ansible_collections.estate.kafka.plugins.plugin_utils.seen import seen


class ActionModule(ActionBase):  # type: ignore[misc]
    """Controller's half of ``estate.kafka.kernel``; see the module for its options."""

    TRANSFERS_FILES = False
    _supports_check_mode = True

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Return the module's result: without the host where nothing is to be done, and in check mode where preflight looked."""
        super().run(tmp, task_vars)
        args = self._task.args
        least, exact = args.get("least") or {}, args.get("exact") or {}
        found = seen(self._task, task_vars).get("settings")
        if found and args.get("path", PATH) == PATH and {*least, *exact} <= set(found["values"]):
            try:
                values = wanted(found["values"], least, exact)
            except (TypeError, ValueError):
                values = {}
            refused = refusals(found, values)
            result = outcome(found, values, refused)
            if values and (self._task.check_mode or not result["changed"]):
                for line in warnings(found, values, refused):
                    Display().warning(line)
                return result
        done: dict[str, Any] = self._execute_module(module_name="estate.kafka.kernel", task_vars=task_vars)
        return done
