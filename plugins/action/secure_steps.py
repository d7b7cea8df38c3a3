# SPDX-License-Identifier: Apache-2.0
"""Says which steps are left of the move of a live estate from open to secured, or why there is none."""

from __future__ import annotations

from typing import Any

from ansible_collections.estate.kafka.plugins.module_utils.security.moving import lines, plan
from ansible_collections.estate.kafka.plugins.module_utils.text import shorten
from ansible_collections.estate.kafka.plugins.plugin_utils.on_controller import ControllerAction, refusal, registered

SPEC = {
    "topology": {"type": "dict", "required": True},
    "register": {"type": "str", "required": True},
    "back": {"type": "bool", "default": False},
    "confirmed": {"type": "list", "elements": "str", "default": []},
}


class ActionModule(ControllerAction):
    """``estate.kafka.secure_steps``: runs on the controller alone; see the module of that name for its documentation."""

    def answer(self, task_vars: dict[str, Any]) -> dict[str, Any]:
        """Return the steps, or every reason against them."""
        options = self.options(SPEC)
        topology, back = options["topology"], options["back"]
        clusters = list(topology["clusters"])
        hosts = {row["host"] for rows in _members(topology) for row in rows}
        missing = sorted(hosts - {*task_vars["ansible_play_hosts"]})
        seen = registered(task_vars, options["register"], "ansible_play_hosts")
        found = plan(
            {host: result.get("observed", {}).get("stages", {}) for host, result in seen.items()},
            back,
            clusters,
            options["confirmed"],
        )
        refused = [*found.refused]
        if missing:
            refused.append(
                f"{shorten(missing)}: left out by --limit, or cannot be reached. The move needs every host: run again then"
            )
        if refused:
            return refusal("reason(s) against this step; nothing was changed", refused)
        return {
            "changed": False,
            "stands": dict(found.stands),
            "steps": [step.name for step in found.steps],
            "waits": found.waits,
            "lines": lines(found, back, clusters),
        }


def _members(topology: dict[str, Any]) -> list[list[dict[str, Any]]]:
    servers = [ensemble["servers"] for ensemble in topology["ensembles"].values()]
    return servers + [cluster["brokers"] for cluster in topology["clusters"].values()]
