# SPDX-License-Identifier: Apache-2.0
"""Says who runs, and judges the mark of another run."""

from __future__ import annotations

from typing import Any

from ansible.errors import AnsibleConnectionFailure
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display
from ansible_collections.estate.kafka.plugins.module_utils.estate.hold import IDLE_MAX, ago, is_over, refusal
from ansible_collections.estate.kafka.plugins.plugin_utils.this_run import is_alive, this_run


class ActionModule(ActionBase):  # type: ignore[misc]
    """Controller's half of ``estate.kafka.hold``; see the module for its options."""

    TRANSFERS_FILES = False
    _supports_check_mode = True

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Return the module's result, or a failure that names the run which holds the estate.

        A host that cannot be reached is no failure, for it may stand in for others: ``answered`` is false, and the next is tried.
        """
        super().run(tmp, task_vars)
        variables = task_vars or {}
        keeper = str(self._task.delegate_to or variables["inventory_hostname"])
        none: dict[str, Any] = {"changed": False, "held": False, "mark": {}, "keeper": keeper, "answered": False}
        if self._task.check_mode:
            return {**none, "answered": True}
        args: dict[str, Any] = {**self._task.args, "run": this_run()}
        while True:
            try:
                result = self._execute_module(module_name="estate.kafka.hold", module_args=args, task_vars=variables)
            except AnsibleConnectionFailure as error:
                result = {"unreachable": True, "msg": str(error)}
            if result.get("unreachable"):
                return {**none, "msg": result["msg"]}
            mark = result.get("mark")
            # A login that may not replace the mark of a run that is over goes on without one.
            if not mark or mark["id"] == args.get("take_over"):
                return {**result, "keeper": keeper, "answered": True}
            alive, idle_max = is_alive(mark), float(args.get("idle_max", IDLE_MAX))
            if not is_over(mark, alive, idle_max):
                return {"failed": True, "changed": False, "mark": mark, "msg": refusal(mark, keeper, alive, idle_max)}
            if alive is None:
                Display().warning(
                    f"{keeper} has not heard of {mark['who']}'s run {mark['id']} for {ago(mark['idle'])}: it counts as ended"
                )
            args["take_over"] = mark["id"]
