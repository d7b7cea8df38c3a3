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
from ansible_collections.estate.kafka.plugins.module_utils.security.company import (
    LIST,
    PLAYBOOK,
    REQUESTS,
    ask,
    due,
    list_of,
    own_faults,
    signed,
    take,
)
from ansible_collections.estate.kafka.plugins.module_utils.security.faults import clock_faults
from ansible_collections.estate.kafka.plugins.module_utils.security.folder import (
    AUTHORITY,
    DROP,
    ISSUE,
    ISSUER,
    SAID,
    STEPS,
    Folder,
)
from ansible_collections.estate.kafka.plugins.module_utils.security.renewal import made_at, renewal_of
from ansible_collections.estate.kafka.plugins.module_utils.security.wanted import (
    Wanted,
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
        clocks = {host: result["clock"] for host, result in seen.items() if result and "clock" in result}
        try:
            company = signed(topology, known)
            if wrong := own_faults(folder, known, company):
                return refusal(HEADING, wrong)
            # One that is given with its key signs like the toolkit's own.
            company = [name for name in company if not folder.there(folder.file(name, AUTHORITY, "key"))]
            by_company = [one for one in wanted if one.authority in company]
            if "requests" in self._task.args:
                return self._asked(folder, topology, known, company, by_company)
            own = [name for name in known if name not in company]
            renewal = renewal_of(renew, now, own, sorted({one.names[0] for one in wanted}))
            moved = _moved(folder, topology, replace, now, own) if replace else {}
        except (ValueError, CertificateError) as error:
            return refusal(HEADING, [str(error)])
        wrong = folder.plan(own, [one for one in wanted if one.authority in own], now, renewal)
        wrong += take(folder, by_company, now)
        if not renew and not replace:
            # What the hosts trust was seen before a rotation changed it. Of a company's, nobody is let in by a certificate.
            wrong += distrusted(topology, seen, folder.accepted, str(folder.path), own)
        if wrong := wrong or clock_faults(clocks, folder.held, now):
            return refusal(HEADING, wrong)
        for one in by_company:
            if why := due(folder, one, now):
                said = f"certificate {one.authority}/{one.name}: {why}; run {PLAYBOOK}, and have it signed anew"
                Display().warning(f"{one.names[0]}: {said}")
        done = self._written(folder)
        if moved.get("done") and not self._task.check_mode:
            folder.finish(replace["authority"])
        return done | moved

    def _written(self, folder: Folder) -> dict[str, Any]:
        """Write what was made; return it as the result of a task."""
        made = list(folder.made)
        if made and not folder.encrypt:
            Display().warning(
                f"{folder.path}: the private keys are not encrypted, for this run has no vault password; only their owner may "
                "read them. With --vault-password-file they are encrypted from the start."
            )
        if made:
            folder.write(foretold() if self._task.check_mode else None)
        after = "".join(f"{line}\n" for line in made)
        diff = {"before": "", "after": after, "after_header": str(folder.path)}
        return {"changed": bool(made), "made": made, "diff": diff}

    def _asked(
        self, folder: Folder, topology: Mapping[str, Any], known: list[str], company: list[str], wanted: list[Wanted]
    ) -> dict[str, Any]:
        """Write requests for the company's authority, and the list of them."""
        options = self._task.args["requests"] or {}
        if not company:
            raise ValueError("estate_ca is own: the toolkit signs every certificate itself, and there is nothing to ask for")
        asked = ask(folder, wanted, str(topology["company"]["subject"]), utc_now(), bool(options.get("new_keys")))
        at, text = folder.path / REQUESTS / LIST, list_of(topology, known, company, wanted, asked)
        if folder.text(at) != text:
            folder.put(at, text)
            folder.made.append(f"list of requests {at}")
        line = f"{len(asked)} certificate(s) to be signed; {at} says what by whom" if asked else "every certificate is there"
        return self._written(folder) | {"line": line, "asked": {path.name: why for path, why in asked.items()}}


def _moved(
    folder: Folder, topology: Mapping[str, Any], asked: Mapping[str, Any], now: datetime, own: list[str]
) -> dict[str, Any]:
    """Take the next step of a replacement where it stands at the one before; return how it stands.

    ``waits`` is whether clients outside of the estate have to know the new authority before the step is taken.
    """
    name, after = str(asked["authority"]), str(asked.get("after") or "")
    if name in authorities(topology) and name not in own:
        raise ValueError(f"authority is {name}, which the company's stands for: see docs/operations/company-authority.md")
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
    made = made_at(read_certificate(folder.bundle(name, part=ISSUER), name))
    if not step and made >= renewal_of(asked, now, [name], []).limit:
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
