# SPDX-License-Identifier: Apache-2.0
"""Judges the estate by what its hosts observed; see the module of that name for its documentation."""

from __future__ import annotations

from typing import Any

from ansible.plugins.action import ActionBase
from ansible_collections.estate.kafka.plugins.module_utils.health.judge import assess, observed

MOST_CHARACTERS = 200


class ActionModule(ActionBase):  # type: ignore[misc]
    """``estate.kafka.health``: runs on the controller alone."""

    _requires_connection = False
    _supports_check_mode = True

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Return the table; failed when there is a problem."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        task_vars = task_vars or {}
        _, options = self.validate_argument_spec(
            argument_spec={
                "topology": {"type": "dict", "required": True},
                "register": {"type": "str", "required": True},
                "left_out": {"type": "dict", "default": {}},
                "may_lack": {"type": "bool", "default": False},
            }
        )
        hostvars = task_vars["hostvars"]
        observations = {
            str(host): observed(hostvars[host].get(options["register"], {}), MOST_CHARACTERS)
            for host in task_vars["ansible_play_hosts_all"]
        }
        health = assess(options["topology"], observations, options["left_out"], options["may_lack"])
        result.update(changed=False, estate_report=health.report(), problems=health.problems)
        if health.problems:
            result.update(failed=True, msg=f"{len(health.problems)} problem(s); the table names each")
        return result
