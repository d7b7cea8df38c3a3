"""Fills the artefact store on the controller, or reads a mirror's index, and gives every host its releases."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display
from ansible_collections.estate.kafka.plugins.module_utils.store.catalogue import (
    KINDS,
    Component,
    Policy,
    StoreError,
    Target,
    check_policy,
    needed,
    read_catalogue,
)
from ansible_collections.estate.kafka.plugins.module_utils.store.store import (
    Outcome,
    Settings,
    Store,
    from_mirror,
    read_lock,
)

ROOT = Path(__file__).resolve().parents[2]


class ActionModule(ActionBase):  # type: ignore[misc]
    """``estate.kafka.store``: runs on the controller alone; see the module of that name for its documentation."""

    _requires_connection = False
    _supports_check_mode = True

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Return the releases this inventory needs as facts, or fail with every source that was tried."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        assert task_vars is not None
        _, options = self.validate_argument_spec(
            {
                "store": {"type": "path"},
                "mirror_url": {"type": "str", "default": ""},
                "versions": {"type": "dict", "default": {}},
                "sources": {"type": "list", "elements": "str", "default": list(KINDS)},
                "require_all": {"type": "bool", "default": True},
                "python": {"type": "str", "default": "3.11"},
                "machine": {"type": "str", "default": "x86_64"},
                "components": {"type": "list", "elements": "str"},
                "verify": {"type": "bool", "default": False},
                "update_lock": {"type": "bool", "default": False},
            }
        )
        try:
            outcome = self._ensure(options, task_vars)
        except (StoreError, OSError) as error:
            return result | {"failed": True, "msg": str(error)}
        result |= {
            "changed": bool(outcome.fetched or outcome.would_fetch),
            "fetched": outcome.fetched,
            "would_fetch": outcome.would_fetch,
        }
        if options["update_lock"]:
            return result | {"kept": outcome.left_out}
        for sentence in outcome.left_out.values():
            Display().warning(f"left out: {sentence}")
        # An earlier call of the run may have been about other components.
        releases = {**task_vars.get("estate_releases", {}), **outcome.releases}
        left_out = {**task_vars.get("estate_left_out", {}), **outcome.left_out}
        return result | {"ansible_facts": {"estate_releases": releases, "estate_left_out": left_out}}

    def _ensure(self, options: dict[str, Any], task_vars: dict[str, Any]) -> Outcome:
        artifacts = ROOT / "artifacts"
        policy = Policy(check_policy(options["sources"]), options["require_all"])
        target = Target(options["python"], options["machine"])
        catalogue = yaml.load((artifacts / "catalogue.yml").read_text(), Loader=_YAML)
        components = read_catalogue(catalogue, options["versions"], target)
        wanted = _needed(components, task_vars)
        if options["components"] is not None:
            wanted = [component for component in wanted if component.name in options["components"]]
        if options["mirror_url"]:
            return from_mirror(wanted, read_lock(artifacts), policy, options["mirror_url"])
        settings = Settings(
            store=Path(options["store"] or _default_store()),
            artifacts=artifacts,
            policy=policy,
            target=target,
            verify=options["verify"],
            check_mode=self._task.check_mode,
            report=Display().display,
        )
        store = Store(settings)
        return store.update_lock(wanted) if options["update_lock"] else store.ensure(wanted)


_YAML = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def _needed(components: dict[str, Component], task_vars: dict[str, Any]) -> list[Component]:
    hostvars = task_vars["hostvars"]
    return needed(components.values(), task_vars["groups"], lambda host, name: hostvars[host].get(name))


def _default_store() -> Path:
    """``.cache/store`` of the clone; of the current directory when the collection is installed elsewhere."""
    installed = ROOT.parent.parent.name == "ansible_collections"
    return (Path.cwd() if installed else ROOT) / ".cache" / "store"
