# SPDX-License-Identifier: Apache-2.0
"""Reads the schema files of a list of subjects on the controller and hands the whole list to the host."""

from __future__ import annotations

from typing import Any

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase


class ActionModule(ActionBase):  # type: ignore[misc]
    """Action half of ``estate.kafka.subjects``; see the module for its options."""

    TRANSFERS_FILES = False

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Return the module's result; fails when a file cannot be found or an item has two schemas."""
        super().run(tmp, task_vars)
        args = dict(self._task.args)
        args["subjects"] = [self._read(dict(item)) for item in args.get("subjects") or []]
        result: dict[str, Any] = self._execute_module(module_name="estate.kafka.subjects", module_args=args, task_vars=task_vars)
        return result

    def _read(self, item: dict[str, Any]) -> dict[str, Any]:
        """Replace ``schema_file: path`` by ``schema: text``."""
        path = item.pop("schema_file", None)
        if path is None:
            return item
        if item.get("schema") is not None:
            raise AnsibleActionFail(f"{item.get('name')}: give either 'schema' or 'schema_file', not both")
        item["schema"] = str(self._loader.get_text_file_contents(self._find_needle("files", path)))
        return item
