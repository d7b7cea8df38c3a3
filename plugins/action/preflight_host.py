# SPDX-License-Identifier: Apache-2.0
"""Runs the module of this name between two readings of the controller's clock."""

from __future__ import annotations

import time
from typing import Any

from ansible.errors import AnsibleConnectionFailure, AnsibleError
from ansible.plugins.action import ActionBase


class ActionModule(ActionBase):  # type: ignore[misc]
    """Action half of ``estate.kafka.preflight_host``; see the module for its options."""

    _supports_check_mode = True

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Return facts and observations; a module that cannot run is an observation too, an unreachable host is not."""
        super().run(tmp, task_vars)
        before = time.time()
        try:
            found: dict[str, Any] = self._execute_module(module_name="estate.kafka.preflight_host", task_vars=task_vars)
        except AnsibleConnectionFailure:
            raise
        except AnsibleError as error:
            found = {"failed": True, "msg": str(error)}
        after = time.time()
        if found.get("unreachable"):
            return found
        if found.get("failed"):
            said = " ".join(str(found.get(key) or "") for key in ("msg", "module_stderr", "module_stdout"))
            return {"changed": False, "error": " ".join(said.split())[:500]}
        return {**found, "clock": {"before": before, "host": found["observed"]["time"], "after": after}}
