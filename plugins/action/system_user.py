# SPDX-License-Identifier: Apache-2.0
"""Makes the system user of a component, and its group where that has a name or an id of its own, with Ansible's own modules."""

from __future__ import annotations

from typing import Any

from ansible.plugins.action import ActionBase


class ActionModule(ActionBase):  # type: ignore[misc]
    """``estate.kafka.system_user``; see the module of that name for its documentation.

    One round trip, as long as the group is the user's own: the tools of the system make that one with the user.
    """

    TRANSFERS_FILES = False
    _supports_check_mode = True

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Return the result of the module ``user``, or the first that failed."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        args = self._task.args
        name, group, gid = args["name"], args.get("group") or args["name"], args.get("gid")
        user = {"name": name, "home": args["home"], "system": True, "create_home": False, "shell": "/usr/sbin/nologin"}
        if args.get("uid") is not None:
            user["uid"] = args["uid"]
        grouped = False
        if group != name or gid is not None:
            options = {"name": group, "system": True} | ({} if gid is None else {"gid": gid})
            made = self._execute_module(module_name="ansible.builtin.group", module_args=options, task_vars=task_vars)
            if made.get("failed") or made.get("unreachable"):
                return made  # type: ignore[no-any-return]
            grouped = bool(made.get("changed"))
            # The user cannot be looked at with a group that check mode did not make.
            if grouped and self._task.check_mode:
                return result | {"changed": True}
            user["group"] = group
        done: dict[str, Any] = self._execute_module(module_name="ansible.builtin.user", module_args=user, task_vars=task_vars)
        return done | {"changed": grouped or bool(done.get("changed"))}
