# SPDX-License-Identifier: Apache-2.0
"""Filters that give what ``secured`` adds to Elasticsearch and its readers; see ``module_utils/security/search.py``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ansible_collections.estate.kafka.plugins.module_utils.security.search import exporter, kibana, node, user_files


class FilterModule:
    """The filters of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return each filter by the name it has in templates."""
        return {
            "secured_elasticsearch": node,
            "secured_elasticsearch_exporter": exporter,
            "secured_elasticsearch_users": user_files,
            "secured_kibana": kibana,
        }
