# SPDX-License-Identifier: Apache-2.0
"""Filters that work out what a role's component is on its host.

The rules are in ``module_utils/estate/component_items.py``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.estate.kafka.plugins.module_utils.estate import component_items as rules
from ansible_collections.estate.kafka.plugins.plugin_utils.told import told


def component_items(component: Mapping[str, Any], topology: Mapping[str, Any] | None = None, host: str = "") -> list[Any]:
    """Return the items of the module ``files``; the topology knows whether the component listens below port 1024 on the host."""
    role = (component.get("hatches") or {}).get("role", "")
    rows = [row for row in (topology or {}).get("components") or () if (row["host"], row["component"]) == (host, role)]
    return rules.items(component, any("privileged" in row for row in rows))


class FilterModule:
    """Registers the filters."""

    def filters(self) -> dict[str, Any]:
        """Return the filters by name."""
        return {
            "component_group": rules.group,
            "component_items": told(component_items),
            "component_watch": told(rules.watch),
            "hatches_allowed": told(rules.allowed),
        }
