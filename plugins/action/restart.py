"""Ends a roll for all members at the first that fails, and restarts the others through the module."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ansible import constants
from ansible.plugins.action import ActionBase
from ansible_collections.estate.kafka.plugins.module_utils.restart.roll import Roll, roll_name


class ActionModule(ActionBase):  # type: ignore[misc]
    """Controller's half of ``estate.kafka.restart``; see the module for its options.

    Each task of each host is a process of its own. What they share is a folder that Ansible makes for one run and removes
    at its end.
    """

    TRANSFERS_FILES = False
    _supports_check_mode = True

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Return the module's result, or at once a failure when the roll has ended."""
        super().run(tmp, task_vars)
        variables = task_vars or {}
        host = str(variables["inventory_hostname"])
        args = self._task.args
        name = roll_name(str(args.get("name")), args.get("member") or {})
        roll = Roll(Path(constants.DEFAULT_LOCAL_TMP) / "kafka-estate-rolls" / name)
        if (ended := roll.ended(host)) is not None:
            return {
                "failed": True,
                "changed": False,
                "msg": f"{args.get('name')}: not restarted, nothing was stopped: the roll ended at {ended.host}: {ended.reason}",
            }
        try:
            result: dict[str, Any] = self._execute_module(module_name="estate.kafka.restart", task_vars=task_vars)
        except Exception as error:  # a lost connection, for one: nobody knows how the member is
            roll.end(host, str(error))
            raise
        if result.get("failed") or result.get("unreachable"):
            roll.end(host, str(result.get("msg", "")))
        elif not result.get("deferred"):
            roll.go_on(host)
        return result
