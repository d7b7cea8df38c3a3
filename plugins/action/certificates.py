# SPDX-License-Identifier: Apache-2.0
"""Makes the authorities, keys and certificates of a secured estate that are missing or about to end, beside the inventory."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible.plugins.action import ActionBase
from ansible.utils.display import Display
from ansible_collections.estate.kafka.plugins.module_utils.security.certificates import utc_now
from ansible_collections.estate.kafka.plugins.module_utils.security.wanted import (
    addresses_of,
    authorities,
    certificates,
    distrusted,
)
from ansible_collections.estate.kafka.plugins.plugin_utils.pki import folder_of


class ActionModule(ActionBase):  # type: ignore[misc]
    """``estate.kafka.certificates``: runs on the controller alone; see the module of that name for its documentation."""

    _requires_connection = False
    _supports_check_mode = True

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Fail with everything that is wrong with the folder, or return what was made."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        task_vars = task_vars or {}
        topology, every = self._task.args["topology"], task_vars["hostvars"]
        seen = {host: _observed(every[host], self._task.args["register"]) for host in task_vars["ansible_play_hosts"]}
        folder = folder_of(topology, self._loader)
        known = authorities(topology)
        wrong = folder.plan(known, certificates(topology, seen, addresses_of(seen)), utc_now())
        wrong += distrusted(topology, seen, lambda name: folder.bundle(name), str(folder.path))
        if wrong:
            lines = "\n".join(f"  - {line}" for line in wrong)
            return result | {"failed": True, "msg": f"{len(wrong)} problem(s) with certificates; no host was changed:\n{lines}"}
        if folder.made and not folder.encrypt:
            Display().warning(
                f"{folder.path}: the private keys are not encrypted, for this run has no vault password; only their owner may "
                "read them. With --vault-password-file they are encrypted from the start."
            )
        made = list(folder.made)
        if made and not self._task.check_mode:
            folder.write()
        after = "".join(f"{line}\n" for line in made)
        result.update(changed=bool(made), made=made, diff={"before": "", "after": after, "after_header": str(folder.path)})
        return result


def _observed(variables: Mapping[str, Any], name: str) -> Mapping[str, Any] | None:
    result = variables.get(name, {})
    return result if "observed" in result else None
