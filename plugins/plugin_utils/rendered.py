# SPDX-License-Identifier: Apache-2.0
"""What the roles make of the variables of a host: their own expressions, templated on the controller as a run does it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ansible.errors import AnsibleError
from ansible.module_utils.common.yaml import yaml_load
from ansible.template import Templar, trust_as_template
from ansible_collections.estate.kafka.plugins.module_utils.estate.merged_options import Rendered, levels_of
from ansible_collections.estate.kafka.plugins.module_utils.estate.templates import resolved
from ansible_collections.estate.kafka.plugins.module_utils.estate.values import Inventory

# Variables of a role's vars with what it sets before people do.
DEFAULTS = ("defaults", "flags")


def trusted(variables: Mapping[str, Any]) -> Any:
    """Return a role's variables with their strings marked as templates of the project's own."""
    return resolved(variables, lambda value: trust_as_template(value) if isinstance(value, str) else value)


class Renderer:
    """Templates ``_<role>_options``, the options that a role writes in the end, with everything that role sees."""

    def __init__(self, templar: Templar, root: Path, inventory: Inventory, raw: Any, more: Mapping[str, Any]) -> None:
        """Keep what it needs: ``raw`` maps a host to its variables as written, ``more`` is what preflight adds for all hosts."""
        self.templar = templar
        self.root = root
        self.inventory = inventory
        self.raw = raw
        self.more = more
        self.roles: dict[str, tuple[Mapping[str, Any], Mapping[str, Any]]] = {}

    def __call__(self, host: str, role: str) -> Rendered:
        """Return what a role makes of a host."""
        if role not in self.roles:
            written = yaml_load((self.root / "roles" / role / "vars/main.yml").read_text(encoding="utf-8"))
            self.roles[role] = written, trusted(written)
        written, own = self.roles[role]
        variables = {
            **trusted(self.inventory.roles[role].defaults),
            **self.raw(host),
            **self.inventory.converted.get(host, {}),
            **levels_of(self.inventory, host, role),
            **own,
            **self.more,
        }
        templar = self.templar.copy_with_new_env(available_variables=variables)
        before = next((name for end in DEFAULTS if (name := f"_{role}_{end}") in written), "")
        try:
            options = templar.template(trust_as_template(f"{{{{ _{role}_options }}}}"))
            defaults = templar.template(trust_as_template(f"{{{{ {before} }}}}")) if before else {}
        except AnsibleError:
            # It needs facts of the host.
            return Rendered()
        return Rendered(options, defaults, written.get(before, {}))
