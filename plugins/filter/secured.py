# SPDX-License-Identifier: Apache-2.0
"""Filters that give what the profile ``secured`` adds to a component; see ``module_utils/security/profile.py``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ansible_collections.estate.kafka.plugins.module_utils.security.passwords import with_passwords
from ansible_collections.estate.kafka.plugins.module_utils.security.profile import broker, zookeeper


class FilterModule:
    """The filters of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return each filter by the name it has in templates."""
        return {"secured_broker": broker, "secured_zookeeper": zookeeper, "with_passwords": with_passwords}
