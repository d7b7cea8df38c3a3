# SPDX-License-Identifier: Apache-2.0
"""Shows what runs where; see the module of that name for its documentation."""

from __future__ import annotations

from typing import Any

from ansible_collections.estate.kafka.plugins.module_utils.estate.summary import summary
from ansible_collections.estate.kafka.plugins.plugin_utils.on_controller import ControllerAction


class ActionModule(ControllerAction):
    def answer(self, task_vars: dict[str, Any]) -> dict[str, Any]:
        options = self.options(
            {
                "topology": {"type": "dict", "required": True},
                "left_out": {"type": "dict", "default": {}},
                "addresses": {"type": "dict", "default": {}},
            }
        )
        report = summary(options["topology"], options["left_out"], options["addresses"])
        return {"changed": False, "estate_report": report}
