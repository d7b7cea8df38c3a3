# SPDX-License-Identifier: Apache-2.0
"""Makes the authorities, keys and certificates of a secured estate that are missing or about to end, beside the inventory."""

from __future__ import annotations

from typing import Any

from ansible.utils.display import Display
from ansible_collections.estate.kafka.plugins.module_utils.security.certificates import utc_now
from ansible_collections.estate.kafka.plugins.module_utils.security.wanted import (
    addresses_of,
    authorities,
    certificates,
    distrusted,
)
from ansible_collections.estate.kafka.plugins.plugin_utils.on_controller import ControllerAction, refusal, registered, with_any
from ansible_collections.estate.kafka.plugins.plugin_utils.pki import folder_of


class ActionModule(ControllerAction):
    """``estate.kafka.certificates``: runs on the controller alone; see the module of that name for its documentation."""

    def answer(self, task_vars: dict[str, Any]) -> dict[str, Any]:
        """Fail with everything that is wrong with the folder, or return what was made."""
        topology = self._task.args["topology"]
        seen = with_any(registered(task_vars, self._task.args["register"], "ansible_play_hosts"), ["observed"])
        folder = folder_of(topology, self._loader)
        known = authorities(topology)
        wrong = folder.plan(known, certificates(topology, seen, addresses_of(seen)), utc_now())
        wrong += distrusted(topology, seen, lambda name: folder.bundle(name), str(folder.path))
        if wrong:
            return refusal("problem(s) with certificates; no host was changed", wrong)
        if folder.made and not folder.encrypt:
            Display().warning(
                f"{folder.path}: the private keys are not encrypted, for this run has no vault password; only their owner may "
                "read them. With --vault-password-file they are encrypted from the start."
            )
        made = list(folder.made)
        if made and not self._task.check_mode:
            folder.write()
        after = "".join(f"{line}\n" for line in made)
        diff = {"before": "", "after": after, "after_header": str(folder.path)}
        return {"changed": bool(made), "made": made, "diff": diff}
