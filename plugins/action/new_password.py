# SPDX-License-Identifier: Apache-2.0
"""Makes a new password for a user of a cluster, and puts it in the place of the old one in the inventory's vault file."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Any

from ansible.parsing.vault import VaultLib
from ansible_collections.estate.kafka.plugins.action.passwords import BYTES
from ansible_collections.estate.kafka.plugins.module_utils.security import mirrors
from ansible_collections.estate.kafka.plugins.module_utils.security.passwords import pending, renewable
from ansible_collections.estate.kafka.plugins.module_utils.security.services import users
from ansible_collections.estate.kafka.plugins.plugin_utils.on_controller import ControllerAction
from ansible_collections.estate.kafka.plugins.plugin_utils.vault_file import (
    add_secrets,
    vault_file,
    with_secrets,
    without_secrets,
    write_secrets,
)


class ActionModule(ControllerAction):
    """``estate.kafka.new_password``: runs on the controller alone; see the module of that name for its documentation."""

    def answer(self, task_vars: dict[str, Any]) -> dict[str, Any]:
        """Return the new password with its variable, or why it is not changed."""
        args, every = self._task.args, task_vars["hostvars"]
        topology, cluster, user = args["topology"], str(args.get("cluster") or ""), str(args.get("user") or "")
        known = {
            name: [*(every[one["brokers"][0]["host"]].get("kafka_users") or []), *users(topology, name)]
            for name, one in topology["clusters"].items()
        }
        flows = [one["name"] for one in mirrors.users(topology, cluster)]
        path = Path(vault_file(every[topology["components"][0]["host"]].get("inventory_dir")))
        vault = VaultLib(list(self._loader._vault.secrets or []))
        try:
            variable = renewable(known, flows, cluster, user)
            kept = self._kept(path)
            if variable not in kept:
                raise ValueError(f"{variable} is not in {path}, where this run could change it: change it where it is written")
            if not vault.secrets:
                raise ValueError("this run has no vault password to keep a new one with: give it with --vault-password-file")
        except ValueError as error:
            return {"failed": True, "msg": f"{error}; nothing was changed"}
        new = str(kept.get(pending(variable)) or "")
        if args.get("promote"):
            changed = bool(new)
            if changed and not self._task.check_mode:
                try:
                    self._promote(path, variable, new, vault)
                except ValueError as error:
                    return {"failed": True, "msg": str(error)}
        else:
            changed, new = not new, new or secrets.token_hex(BYTES)
            if changed and not self._task.check_mode:
                add_secrets(path, {pending(variable): new}, vault)
        return {"_ansible_no_log": True, "changed": changed, "variable": variable, "password": new, "path": str(path)}

    def _kept(self, path: Path) -> dict[str, Any]:
        found = self._loader.load_from_file(str(path.resolve()), cache="none") if path.is_file() else {}
        return dict(found or {})

    def _promote(self, path: Path, variable: str, new: str, vault: VaultLib) -> None:
        """Give the new password the variable, in one write; what would not read so is not written."""
        content = without_secrets(path.read_text(encoding="utf-8"), [variable, pending(variable)], vault)
        content = with_secrets(content, {variable: new}, vault)
        plain = vault.decrypt(content).decode() if content.startswith("$ANSIBLE_VAULT") else content
        found = self._loader.load(plain, file_name=str(path.resolve())) or {}
        before = {name: str(value) for name, value in self._kept(path).items() if name != pending(variable)}
        if {name: str(value) for name, value in found.items()} != before | {variable: new}:
            raise ValueError(
                f"{path}: {variable} cannot be changed there without changing more; the new one is {pending(variable)}"
            )
        write_secrets(path, content)
