# SPDX-License-Identifier: Apache-2.0
"""Filters that turn the flows of the inventory into connectors and topics."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ansible.errors import AnsibleFilterError
from ansible_collections.estate.kafka.plugins.module_utils.mirrors.flow import Flow
from ansible_collections.estate.kafka.plugins.module_utils.mirrors.plan import connectors, kept, plan, topics


def _flows(mirrors: Sequence[Mapping[str, Any]], topology: Mapping[str, Any]) -> list[Flow]:
    flows, refused = plan(mirrors, topology["clusters"], topology["connect_clusters"])
    if refused:
        raise AnsibleFilterError("mirrors: " + "; ".join(f"{found}. {remedy}" for found, remedy in refused))
    return flows


def mirror_connectors(mirrors: Sequence[Mapping[str, Any]], topology: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    """Return the connectors of one Connect cluster."""
    return connectors(_flows(mirrors, topology), name)


def mirror_topics(
    mirrors: Sequence[Mapping[str, Any]], topology: Mapping[str, Any], name: str, listed: Sequence[Mapping[str, Any]] = ()
) -> list[dict[str, Any]]:
    """Return the topics one Kafka cluster needs, but for those that are listed already."""
    known = {str(topic["name"]) for topic in listed}
    return [topic for topic in topics(_flows(mirrors, topology), name) if topic["name"] not in known]


def mirror_keep(mirrors: Sequence[Mapping[str, Any]], topology: Mapping[str, Any], name: str) -> list[str]:
    """Return patterns of the topics that flows bring to one Kafka cluster."""
    return kept(_flows(mirrors, topology), name)


class FilterModule:
    """The filters of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return the filters by name."""
        return {"mirror_connectors": mirror_connectors, "mirror_topics": mirror_topics, "mirror_keep": mirror_keep}
