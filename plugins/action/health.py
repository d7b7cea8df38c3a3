# SPDX-License-Identifier: Apache-2.0
"""Judges the estate by what its hosts observed; see the module of that name for its documentation."""

from __future__ import annotations

from typing import Any

from ansible_collections.estate.kafka.plugins.module_utils.health.judge import assess, observed
from ansible_collections.estate.kafka.plugins.plugin_utils.on_controller import ControllerAction, registered

MAX_CHARACTERS = 200


class ActionModule(ControllerAction):
    """``estate.kafka.health``: runs on the controller alone."""

    def answer(self, task_vars: dict[str, Any]) -> dict[str, Any]:
        """Return the table; failed when there is a problem."""
        options = self.options(
            {
                "topology": {"type": "dict", "required": True},
                "register": {"type": "str", "required": True},
                "left_out": {"type": "dict", "default": {}},
                "may_lack": {"type": "bool", "default": False},
            }
        )
        answers = registered(task_vars, options["register"])
        observations = {host: observed(answer, MAX_CHARACTERS) for host, answer in answers.items()}
        health = assess(options["topology"], observations, options["left_out"], options["may_lack"])
        result = {"changed": False, "estate_report": health.report(), "problems": health.problems}
        if health.problems:
            result.update(failed=True, msg=f"{len(health.problems)} problem(s); the table names each")
        return result
