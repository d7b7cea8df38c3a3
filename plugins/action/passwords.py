# SPDX-License-Identifier: Apache-2.0
"""Makes the passwords of users that nobody has written, once, and writes them encrypted into the inventory's vault file."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Any

from ansible.parsing.vault import VaultLib
from ansible.utils.display import Display
from ansible_collections.estate.kafka.plugins.module_utils.estate.passwords import make_password
from ansible_collections.estate.kafka.plugins.module_utils.security import metrics, search
from ansible_collections.estate.kafka.plugins.module_utils.security.passwords import needed
from ansible_collections.estate.kafka.plugins.module_utils.security.services import logins, users
from ansible_collections.estate.kafka.plugins.plugin_utils.on_controller import ControllerAction
from ansible_collections.estate.kafka.plugins.plugin_utils.vault_file import add_secrets, vault_file

BYTES = 24


class ActionModule(ControllerAction):
    """``estate.kafka.passwords``: runs on the controller alone; see the module of that name for its documentation."""

    def answer(self, task_vars: dict[str, Any]) -> dict[str, Any]:
        """Return the passwords by variable; fails where some are missing and the run cannot encrypt."""
        every, topology = task_vars["hostvars"], self._task.args["topology"]
        clusters = topology["clusters"]
        first = {name: every[cluster["brokers"][0]["host"]] for name, cluster in clusters.items()}
        try:
            wanted = needed({name: [*(host.get("kafka_users") or []), *users(topology, name)] for name, host in first.items()})
            host = every[next(iter(topology["elasticsearch"]["hosts"]), task_vars["inventory_hostname"])]
            of_search = search.secrets(topology, host.get("elasticsearch_users") or [])
        except ValueError as error:
            return {"failed": True, "msg": str(error)}
        owners = {variable: first[cluster] for variable, (cluster, _) in wanted.items()}
        owners |= {variable: every[host] for variable, host in logins(topology).items()}
        owners |= dict.fromkeys(of_search, host)
        some = every[topology["components"][0]["host"]]
        chosen = {variable: str(some.get(variable) or "") for variable in map(metrics.variable_of, metrics.logins(topology))}
        if wrong := [name for name, password in chosen.items() if password and not metrics.PASSWORD.fullmatch(password)]:
            remedy = "write 16 to 72 letters, digits and ._~-, or remove it, and one is made"
            return {"failed": True, "msg": f"{', '.join(wrong)}: found a password that is short or has other signs: {remedy}"}
        owners |= dict.fromkeys(chosen, some)
        found = {variable: str(owner.get(variable) or "") for variable, owner in owners.items()}
        path = vault_file(some.get("inventory_dir"))
        missing = [variable for variable, password in found.items() if not password]
        if missing and Path(path).is_file():
            # What was made earlier in this run, no variable has yet.
            kept = self._loader.load_from_file(str(Path(path).resolve()), cache="none") or {}
            found |= {variable: str(kept[variable]) for variable in missing if variable in kept}
            missing = [variable for variable, password in found.items() if not password]
        if not missing:
            return {"_ansible_no_log": True, "changed": False, "passwords": found, "made": []}
        vault = VaultLib(list(self._loader._vault.secrets or []))
        if not vault.secrets:
            commands = "\n".join(f"  {make_password(variable, path)}" for variable in missing)
            return {
                "failed": True,
                "msg": f"{len(missing)} login(s) have no password, and this run has no vault password to keep new "
                f"ones with; nothing was changed. Give one with --vault-password-file, or make them:\n{commands}",
            }
        made = {variable: secrets.token_hex(BYTES) for variable in missing}
        if not self._task.check_mode:
            add_secrets(Path(path), made, vault)
            Display().display(f"made and encrypted in {path}: {', '.join(missing)}")
        return {"_ansible_no_log": True, "changed": True, "passwords": {**found, **made}, "made": missing}
