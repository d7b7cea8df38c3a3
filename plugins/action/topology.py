"""Reads groups and variables of every host of the inventory; returns the picture of the estate, or all its mistakes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ansible._internal._datatag._tags import Origin, VaultedValue
from ansible.errors import AnsibleError
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display
from ansible_collections.estate.kafka.plugins.module_utils.estate.problems import Undefined, render
from ansible_collections.estate.kafka.plugins.module_utils.estate.roles import load_roles, wanted_variables
from ansible_collections.estate.kafka.plugins.module_utils.estate.topology import plan

ROOT = Path(__file__).resolve().parents[2]


class ActionModule(ActionBase):  # type: ignore[misc]
    """``estate.kafka.topology``: runs on the controller alone; see the module of that name for its documentation."""

    _requires_connection = False
    _supports_check_mode = True

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Fail once with every problem of the inventory, or return the picture."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        assert task_vars is not None
        roles = load_roles(ROOT)
        wanted = wanted_variables(roles)
        every = task_vars["hostvars"]
        hosts = list(dict.fromkeys(host for members in task_vars["groups"].values() for host in members))
        hostvars = {host: _set_by_person(every[host], wanted) for host in hosts}
        outcome = plan(task_vars["groups"], _cluster_groups(every), hostvars, roles, _describe)
        for line in render(outcome.warnings):
            Display().warning(line)
        problems = render(outcome.problems)
        if problems:
            result.update(
                failed=True,
                problems=problems,
                msg=f"{len(problems)} problem(s) in the inventory; no host was changed:\n"
                + "\n".join(f"  - {line}" for line in problems),
            )
            return result
        result.update(
            changed=False,
            topology=outcome.topology,
            placement=outcome.placement,
            names=[host for host, carried in outcome.placement.items() if carried["components"]],
            warned=render(outcome.warnings),
        )
        return result


def _set_by_person(variables: Mapping[str, Any], wanted: Any) -> dict[str, Any]:
    values = {}
    for name in variables:
        if wanted(name):
            try:
                values[str(name)] = variables[name]
            except AnsibleError as error:
                values[str(name)] = Undefined(str(error).splitlines()[0])
    return values


def _cluster_groups(every: Any) -> dict[str, list[str]]:
    """Return the direct children of kafka_broker with their hosts; the variable 'groups' does not tell who is a child."""
    parent = every._inventory.groups.get("kafka_broker")
    children = parent.child_groups if parent else []
    return {str(group.name): [str(host.name) for host in group.get_hosts()] for group in children}


def _describe(value: Any) -> str:
    """Show a value with the file and line it was written in, a vaulted one without the value."""
    shown = "a vaulted value" if VaultedValue.is_tagged_on(value) else repr(value)
    origin = Origin.get_tag(value)
    if origin is None or not origin.path:
        return shown
    path = Path(origin.path)
    name = path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path
    return f"{shown} ({name}:{origin.line_num})" if origin.line_num else f"{shown} ({name})"
