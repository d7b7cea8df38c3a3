# SPDX-License-Identifier: Apache-2.0
"""Shows what runs where; see the module of that name for its documentation."""

from __future__ import annotations

from typing import Any

from ansible.plugins.action import ActionBase
from ansible_collections.estate.kafka.plugins.module_utils.estate.summary import summary


class ActionModule(ActionBase):  # type: ignore[misc]
    _requires_connection = False
    _supports_check_mode = True

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        result: dict[str, Any] = super().run(tmp, task_vars)
        _, options = self.validate_argument_spec(
            argument_spec={
                "topology": {"type": "dict", "required": True},
                "left_out": {"type": "dict", "default": {}},
                "addresses": {"type": "dict", "default": {}},
            }
        )
        result["changed"] = False
        result["estate_report"] = summary(options["topology"], options["left_out"], options["addresses"])
        return result
