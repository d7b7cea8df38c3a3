# SPDX-License-Identifier: Apache-2.0
"""Makes the system user of a component, and its group where that has a name or an id of its own, with Ansible's own modules."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible.plugins.action import ActionBase
from ansible_collections.estate.kafka.plugins.plugin_utils.seen import seen

NO_LOGIN = "/usr/sbin/nologin"


def known_result(args: Mapping[str, Any], observed: Mapping[str, Any], check_mode: bool) -> dict[str, Any] | None:
    """Return the result where preflight has seen enough for it, otherwise None; ``observed`` is what it saw on the host.

    In check mode a user that was missing is missing still; in a real run a play before this one may have made it.
    """
    logins, groups = observed.get("logins", {}), observed.get("accounts", {}).get("groups", {})
    name, group, gid = args["name"], args.get("group") or args["name"], args.get("gid")
    if name not in logins:
        return None
    user = logins[name]
    if user is None:
        return {"changed": True} if check_mode else None
    grouped = (group == name and gid is None) or (groups.get(group) == user["gid"] and gid in (None, user["gid"]))
    as_wanted = user["home"] == args["home"] and user["shell"] == NO_LOGIN and args.get("uid") in (None, user["uid"])
    return {"changed": False, "uid": user["uid"]} if as_wanted and grouped else None


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
        known = known_result(args, seen(self._task, task_vars), self._task.check_mode)
        if known is not None:
            return result | known
        name, group, gid = args["name"], args.get("group") or args["name"], args.get("gid")
        user = {"name": name, "home": args["home"], "system": True, "create_home": False, "shell": NO_LOGIN}
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
