"""Filters that turn the flows of the inventory into connectors and topics."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ansible.errors import AnsibleFilterError
from ansible_collections.estate.kafka.plugins.module_utils.mirrors.flow import Flow
from ansible_collections.estate.kafka.plugins.module_utils.mirrors.plan import connectors, kept, plan, topics

DOCUMENTATION = r"""
name: mirror_connectors
short_description: Connectors of MirrorMaker 2 for the flows of one Connect cluster
description:
  - Returns the source, checkpoint and heartbeat connectors of every flow that this Connect cluster carries, each as an item of
    M(estate.kafka.connectors).
  - C(estate.kafka.mirror_topics) returns the topics that a Kafka cluster needs before they start, as items of
    M(estate.kafka.topics).
  - C(estate.kafka.mirror_keep) returns the names of the topics that flows bring to a Kafka cluster, as patterns of O(keep) of
    M(estate.kafka.topics).
options:
  _input: {description: Flows as C(mirrors) of the inventory holds them., type: list, elements: dict, required: true}
  topology: {description: The picture of the estate., type: dict, required: true}
  listed:
    description: Topics that are listed already, which C(estate.kafka.mirror_topics) leaves to the list.
    type: list
    elements: dict
    default: []
  name: {description: Group id of the Connect cluster; name of the Kafka cluster for the other two., type: str, required: true}
author: kafka-estate maintainers
"""

EXAMPLES = r"""
- name: Connectors
  estate.kafka.connectors:
    urls: "{{ estate_topology.connect_clusters['connect-cluster'].urls }}"
    connectors: "{{ mirrors | estate.kafka.mirror_connectors(estate_topology, 'connect-cluster') }}"
"""

RETURN = r"""
_value: {description: Connectors., type: list, elements: dict}
"""


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
