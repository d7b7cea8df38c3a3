# SPDX-License-Identifier: Apache-2.0
"""Makes the authorities, keys and certificates of a secured estate that are missing or about to end, beside the inventory."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from ansible.utils.display import Display
from ansible_collections.estate.kafka.plugins.module_utils.security import mirrors
from ansible_collections.estate.kafka.plugins.module_utils.security.certificates import (
    CertificateError,
    read_certificate,
    utc_now,
)
from ansible_collections.estate.kafka.plugins.module_utils.security.folder import DROP, ISSUE, SAID, STEPS, Folder
from ansible_collections.estate.kafka.plugins.module_utils.security.renewal import made_at, renewal_of
from ansible_collections.estate.kafka.plugins.module_utils.security.wanted import (
    addresses_of,
    authorities,
    certificates,
    distrusted,
    for_clients,
    replaceable,
)
from ansible_collections.estate.kafka.plugins.plugin_utils.on_controller import ControllerAction, refusal, registered, with_any
from ansible_collections.estate.kafka.plugins.plugin_utils.pki import folder_of, foretold

HEADING = "problem(s) with certificates; no host was changed"


class ActionModule(ControllerAction):
    """``estate.kafka.certificates``: runs on the controller alone; see the module of that name for its documentation."""

    def answer(self, task_vars: dict[str, Any]) -> dict[str, Any]:
        """Fail with everything that is wrong with the folder, or return what was made."""
        topology, now = self._task.args["topology"], utc_now()
        renew, replace = self._task.args.get("renew"), self._task.args.get("replace")
        seen = with_any(registered(task_vars, self._task.args["register"], "ansible_play_hosts"), ["observed"])
        folder = folder_of(topology, self._loader, self._task.check_mode)
        known, wanted = authorities(topology), certificates(topology, seen, addresses_of(seen))
        try:
            renewal = renewal_of(renew, now, known, sorted({one.names[0] for one in wanted}))
            moved = _moved(folder, topology, replace, now) if replace else {}
        except (ValueError, CertificateError) as error:
            return refusal(HEADING, [str(error)])
        wrong = folder.plan(known, wanted, now, renewal)
        if not renew and not replace:
            # What the hosts trust was seen before a rotation changed it.
            wrong += distrusted(topology, seen, folder.accepted, str(folder.path))
        if wrong:
            return refusal(HEADING, wrong)
        if folder.made and not folder.encrypt:
            Display().warning(
                f"{folder.path}: the private keys are not encrypted, for this run has no vault password; only their owner may "
                "read them. With --vault-password-file they are encrypted from the start."
            )
        if folder.made:
            folder.write(foretold() if self._task.check_mode else None)
            if moved.get("done") and not self._task.check_mode:
                folder.finish(replace["authority"])
        made = list(folder.made)
        after = "".join(f"{line}\n" for line in made)
        diff = {"before": "", "after": after, "after_header": str(folder.path)}
        return {"changed": bool(made), "made": made, "diff": diff} | moved


def _moved(folder: Folder, topology: Mapping[str, Any], asked: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """Take the next step of a replacement where it stands at the one before; return how it stands.

    ``waits`` is whether clients outside of the estate have to know the new authority before the step is taken.
    """
    name, after = str(asked["authority"]), str(asked.get("after") or "")
    if name not in replaceable(topology):
        known = ", ".join(replaceable(topology))
        raise ValueError(f"authority is {name}, and to replace others than these is not implemented yet: {known}")
    if name in for_clients(topology) and mirrors.users(topology, for_clients(topology)[name]):
        raise ValueError(
            f"authority is {name}, which flows trust too, and their connectors keep the old one: not implemented yet"
        )
    step = folder.step(name)
    there = step == after and folder.bundle(name)
    if not there:
        return _standing(name, step, SAID.get(step, "nothing is under way"))
    if not step and (made := made_at(read_certificate(folder.bundle(name), name))) >= renewal_of(asked, now, [name], []).limit:
        return _standing(name, step, f"made on {made:%Y-%m-%d %H:%M} UTC, so it is left as it is; give made_before to replace it")
    if step == DROP:
        folder.made.append(f"authority {name}: the new one has replaced it")
        return _standing(name, step, "replaced", done=True)
    if STEPS[step] == ISSUE and name in for_clients(topology) and asked.get("clients_trust") != name:
        return _standing(name, step, SAID[step], waits=True)
    folder.replace(name, STEPS[step], now)
    return _standing(name, STEPS[step], SAID[STEPS[step]])


def _standing(name: str, step: str, said: str, waits: bool = False, done: bool = False) -> dict[str, Any]:
    number = f"{[*STEPS.values()].index(step) + 1} of {len(STEPS)}: " if step and not done else ""
    return {"step": step, "waits": waits, "done": done, "line": f"{name}: {number}{said}"}
