# SPDX-License-Identifier: Apache-2.0
"""Filters that lay a person's own files and unit settings beside the toolkit's.

The rules are in ``module_utils/estate/hatches.py``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible.errors import AnsibleFilterError
from ansible_collections.estate.kafka.plugins.module_utils.estate import hatches as rules


def with_hatches(items: Sequence[Mapping[str, Any]], unit: str, user: str, hatches: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the items of the module ``files`` with those of the hatches; fails for each that is refused."""
    try:
        return rules.with_hatches(items, unit, user, hatches)
    except ValueError as error:
        raise AnsibleFilterError(str(error)) from error


class FilterModule:
    """Registers the filters."""

    def filters(self) -> dict[str, Any]:
        """Return the filters by name."""
        return {"hatch_watch": rules.hatch_watch, "unit_item": rules.unit_item, "with_hatches": with_hatches}
