# SPDX-License-Identifier: Apache-2.0
"""Judges what ``preflight_host`` observed on all hosts, and fails once with everything that is wrong."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ansible.module_utils.parsing.convert_bool import boolean
from ansible.utils.display import Display
from ansible_collections.estate.kafka.plugins.module_utils.estate.combined import changed_roles
from ansible_collections.estate.kafka.plugins.module_utils.estate.formation import formations
from ansible_collections.estate.kafka.plugins.module_utils.estate.libc import packaged, packages_need
from ansible_collections.estate.kafka.plugins.module_utils.estate.passwords import only_passwords_of
from ansible_collections.estate.kafka.plugins.module_utils.estate.phases import kept_phases
from ansible_collections.estate.kafka.plugins.module_utils.estate.preflight import evaluate
from ansible_collections.estate.kafka.plugins.module_utils.estate.problems import render
from ansible_collections.estate.kafka.plugins.module_utils.estate.stages import kept_stages
from ansible_collections.estate.kafka.plugins.module_utils.estate.upgrades import upgrades
from ansible_collections.estate.kafka.plugins.module_utils.host.java import accepted
from ansible_collections.estate.kafka.plugins.module_utils.host.libc import older
from ansible_collections.estate.kafka.plugins.module_utils.kafka.storage import new_cluster_id
from ansible_collections.estate.kafka.plugins.module_utils.store.catalogue import (
    KINDS,
    Component,
    Policy,
    StoreError,
    check_policy,
)
from ansible_collections.estate.kafka.plugins.module_utils.store.inventory import Inventory
from ansible_collections.estate.kafka.plugins.module_utils.store.store import load_catalogue
from ansible_collections.estate.kafka.plugins.plugin_utils.on_controller import ControllerAction, refusal, registered, with_any
from ansible_collections.estate.kafka.plugins.plugin_utils.vault_file import vault_file

ARTIFACTS = Path(__file__).resolve().parents[2] / "artifacts"


class ActionModule(ControllerAction):
    """``estate.kafka.preflight``: runs on the controller alone; see the module of that name for its documentation."""

    def answer(self, task_vars: dict[str, Any]) -> dict[str, Any]:
        """Fail with every problem of every host, or return the warnings."""
        every = task_vars["hostvars"]
        topology = self._task.args["topology"]
        seen = with_any(registered(task_vars, self._task.args["register"]), ["observed", "error"])
        try:
            catalogue = load_catalogue(ARTIFACTS, task_vars.get("estate_versions") or {})
            policy = _policy(every[task_vars["inventory_hostname"]])
        except StoreError as error:
            return {"failed": True, "msg": f"{error}; no host was changed"}
        on = Inventory(task_vars).on(catalogue.values())
        placement = only_passwords_of(topology["placement"], self._task.args.get("components"))
        placement = {host: _with_needs(carried, on.get(host, [])) for host, carried in placement.items()}
        for host, carried in placement.items():
            carried["vault_file"] = vault_file(every[host].get("inventory_dir"))
        for host, least in _libc(on, seen, policy).items():
            placement[host]["libc"] = least
        clusters = topology["topology"]["clusters"]
        problems, warnings = evaluate(placement, clusters, seen)
        looked = {host: what["observed"] for host, what in seen.items() if what and "observed" in what}
        refused, noted, formed = formations(clusters, placement, looked, new_cluster_id)
        problems += refused
        warnings += noted
        migrates = boolean(self._task.args.get("migrates", False))
        refused, phases = kept_phases(clusters, looked, migrates)
        problems += [*refused, *changed_roles(clusters, looked)]
        refused, stages = kept_stages(placement, looked, boolean(self._task.args.get("moves", False)))
        problems += refused
        steps = upgrades(clusters, looked, {name: component.version for name, component in catalogue.items()})
        for line in render(warnings):
            Display().warning(line)
        lines = render(problems)
        failure = refusal("problem(s) on the hosts; none was changed", lines) | {"problems": lines} if lines else {}
        return failure | {
            "changed": False,
            "formations": formed,
            "phases": phases,
            "stages": stages,
            "upgrades": steps,
            "java_majors": {host: carried["java_majors"] for host, carried in placement.items()},
            "warned": render(warnings),
            "unreachable_hosts": [host for host, what in seen.items() if what is None],
        }


def _with_needs(carried: Mapping[str, Any], components: list[Component]) -> dict[str, Any]:
    """Add what the catalogue says: majors of Java that all of a host's components run on, and which are Python libraries."""
    return {
        **carried,
        "java_majors": carried["java_majors"] or accepted(component.java for component in components),
        "libraries": [component.name for component in components if component.wheels],
    }


def _policy(variables: Mapping[str, Any]) -> Policy:
    """Return what the inventory allows the store, as the store itself does."""
    kinds = variables.get("estate_artifact_sources", KINDS)
    return Policy(check_policy(kinds), boolean(variables.get("estate_require_all_artifacts", True)))


def _libc(
    on: Mapping[str, list[Component]], seen: Mapping[str, Mapping[str, Any] | None], policy: Policy
) -> dict[str, dict[str, str]]:
    """Return the glibc that packages of the controller's distribution need, by host and component.

    Only of hosts with an older one than the controller's: apt is asked for no other.
    """
    old = [host for host, what in seen.items() if what and older(what.get("observed", {}).get("libc", ""))]
    packages = {host: packaged(on.get(host, []), policy) for host in old}
    least = packages_need({name: component for found in packages.values() for name, component in found.items()})
    return {
        host: {component.name: least[component.name] for component in found.values() if component.name in least}
        for host, found in packages.items()
    }
