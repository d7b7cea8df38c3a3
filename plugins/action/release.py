# SPDX-License-Identifier: Apache-2.0
"""Brings releases of the artefact store to a host, only those that the host does not have yet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ansible.plugins.action import ActionBase
from ansible_collections.estate.kafka.plugins.module_utils.host.releases import ROOTS, outcome
from ansible_collections.estate.kafka.plugins.plugin_utils.seen import seen


def known_result(
    items: Sequence[Mapping[str, Any]], trees: Mapping[str, Mapping[str, str]] | None, check_mode: bool
) -> dict[str, Any] | None:
    """Return the module's result where preflight has seen enough for it, otherwise None.

    ``trees`` has the versions in each directory, each with the sha256 of the archive it was made from; None where nobody looked.
    In check mode what was missing is missing still; in a real run a play before this one may have brought it.
    """
    if trees is None:
        return None
    fresh = []
    for item in items:
        dest, release = Path(item["dest"]), item["release"]
        found = trees.get(str(dest), {}).get(release["version"])
        if found is None and check_mode and dest.parent in ROOTS:
            fresh.append(f"{dest}/{release['version']}")
        elif found != release["sha256"]:
            return None
    return outcome([f"{item['dest']}/{item['release']['version']}" for item in items], fresh)


class ActionModule(ActionBase):  # type: ignore[misc]
    """Action half of ``estate.kafka.release``; see the module for its options."""

    # With True, Ansible makes a directory on the host for every task and removes it, also where nothing is sent.
    TRANSFERS_FILES = False

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Ask the host first; send an archive only when it is missing there and no mirror serves it."""
        super().run(tmp, task_vars)
        args = dict(self._task.args)
        known = known_result(args.get("items") or [], seen(self._task, task_vars).get("trees"), self._task.check_mode)
        if known is not None:
            return known
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
