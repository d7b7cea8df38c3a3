# SPDX-License-Identifier: Apache-2.0
"""Fills the artefact store on the controller, or reads a mirror's index, and names the releases."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ansible.utils.display import Display
from ansible_collections.estate.kafka.plugins.module_utils.host.paths import fixed_umask
from ansible_collections.estate.kafka.plugins.module_utils.store.catalogue import (
    KINDS,
    MACHINES,
    PYTHONS,
    Policy,
    StoreError,
    carried_targets,
    check_policy,
    chosen,
    needed,
)
from ansible_collections.estate.kafka.plugins.module_utils.store.inventory import Inventory
from ansible_collections.estate.kafka.plugins.module_utils.store.mirror import from_mirror
from ansible_collections.estate.kafka.plugins.module_utils.store.outcome import Outcome
from ansible_collections.estate.kafka.plugins.module_utils.store.store import Settings, Store, load_catalogue, read_lock
from ansible_collections.estate.kafka.plugins.plugin_utils.on_controller import ControllerAction

ROOT = Path(__file__).resolve().parents[2]


class ActionModule(ControllerAction):
    """``estate.kafka.store``: runs on the controller alone; see the module of that name for its documentation."""

    def answer(self, task_vars: dict[str, Any]) -> dict[str, Any]:
        """Return the releases this inventory needs, or fail with every source that was tried."""
        options = self.options(
            {
                "store": {"type": "path"},
                "mirror_url": {"type": "str", "default": ""},
                "versions": {"type": "dict", "default": {}},
                "sources": {"type": "list", "elements": "str", "default": list(KINDS)},
                "require_all": {"type": "bool", "default": True},
                "components": {"type": "list", "elements": "str"},
                "pythons": {"type": "list", "elements": "str", "default": list(PYTHONS)},
                "machines": {"type": "list", "elements": "str", "default": list(MACHINES[:1])},
                "verify": {"type": "bool", "default": False},
                "update_lock": {"type": "bool", "default": False},
            }
        )
        try:
            with fixed_umask():
                outcome = self._ensure(options, task_vars)
        except (StoreError, OSError) as error:
            return {"failed": True, "msg": str(error)}
        result: dict[str, Any] = {
            "changed": bool(outcome.fetched or outcome.would_fetch),
            "fetched": outcome.fetched,
            "would_fetch": outcome.would_fetch,
        }
        if options["update_lock"]:
            for label, reason in outcome.left_out.items():
                Display().warning(f"not locked anew: {label}: {reason}")
            return result | {"kept": outcome.left_out, **self._known(task_vars)}
        for sentence in outcome.left_out.values():
            Display().warning(f"left out: {sentence}")
        known = self._known(task_vars)
        known["releases"] |= outcome.releases
        known["left_out"] |= outcome.left_out
        return result | known

    @staticmethod
    def _known(task_vars: dict[str, Any]) -> dict[str, dict[str, Any]]:
        """Return what an earlier call of the run said, which may have been about other components."""
        return {key: dict(task_vars.get(f"estate_{key}", {})) for key in ("releases", "left_out")}

    def _ensure(self, options: dict[str, Any], task_vars: dict[str, Any]) -> Outcome:
        artifacts = ROOT / "artifacts"
        policy = Policy(check_policy(options["sources"]), options["require_all"])
        carried = carried_targets(options["pythons"], options["machines"])
        components = load_catalogue(artifacts, options["versions"])
        inventory = Inventory(task_vars)
        targets = inventory.targets()
        wanted = needed(components.values(), inventory.groups, inventory.variable, targets, carried)
        if options["components"] is not None:
            # What is locked by name need not be in the inventory.
            among = None if options["update_lock"] else wanted
            wanted = chosen(components, options["components"], carried, among)
        if options["mirror_url"]:
            return from_mirror(wanted, read_lock(artifacts), policy, options["mirror_url"])
        machines = {target.machine for target in targets.values()} or {target.machine for target in carried}
        settings = Settings(
            store=Path(options["store"] or _default_store()),
            artifacts=artifacts,
            policy=policy,
            machine=machines.pop() if len(machines) == 1 else MACHINES[0],
            verify=options["verify"],
            check_mode=self._task.check_mode,
            report=Display().display,
        )
        store = Store(settings)
        return store.update_lock(wanted) if options["update_lock"] else store.ensure(wanted)


def _default_store() -> Path:
    """``.cache/store`` of the clone; of the current directory when the collection is installed elsewhere."""
    installed = ROOT.parent.parent.name == "ansible_collections"
    return (Path.cwd() if installed else ROOT) / ".cache" / "store"
