# SPDX-License-Identifier: Apache-2.0
"""Options of a component at three levels, laid over each other. Pure.

``<role>_config`` is for the estate, ``<role>_group_config`` for a cluster or another group, ``<role>_host_config`` for a host.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

# Suffixes of the variables, the last word last.
LEVELS = ("config", "group_config", "host_config")


def level_variables(role: str) -> tuple[str, ...]:
    """Return the variables with the options of a role, the last word last."""
    return tuple(f"{role}_{level}" for level in LEVELS)


def overlaid(*levels: Mapping[str, Any]) -> dict[str, Any]:
    """Return each level laid over those before it; a null stays, for it removes what the toolkit itself sets."""
    result: dict[str, Any] = {}
    for level in levels:
        result.update(level)
    return result


def merged(defaults: Mapping[str, Any], *levels: Mapping[str, Any]) -> dict[str, Any]:
    """Return the defaults with each level laid over them; a null removes its key."""
    return {key: value for key, value in overlaid(defaults, *levels).items() if value is not None}
