# SPDX-License-Identifier: Apache-2.0
"""Brings releases of the artefact store to a host, only those that the host does not have yet."""

from __future__ import annotations

from typing import Any

from ansible.plugins.action import ActionBase


class ActionModule(ActionBase):  # type: ignore[misc]
    """Action half of ``estate.kafka.release``; see the module for its options."""

    TRANSFERS_FILES = True

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Ask the host first; send an archive only when it is missing there and no mirror serves it."""
        super().run(tmp, task_vars)
        args = dict(self._task.args)
        result = self._module(args, task_vars)
        if not result.get("wanted"):
            return result
        directory = self._make_tmp_path()
        items = [dict(item) for item in args["items"]]
        try:
            for index in result["wanted"]:
                archive = self._connection._shell.join_path(directory, f"{index}.tar")
                self._transfer_file(items[index]["release"]["file"], archive)
                items[index]["archive"] = archive
            return self._module({"items": items}, task_vars)
        finally:
            self._remove_tmp_path(directory)

    def _module(self, args: dict[str, Any], task_vars: dict[str, Any] | None) -> dict[str, Any]:
        result: dict[str, Any] = self._execute_module(module_name="estate.kafka.release", module_args=args, task_vars=task_vars)
        return result
