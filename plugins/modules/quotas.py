#!/usr/bin/python
# SPDX-License-Identifier: Apache-2.0
"""Quotas of a cluster as the inventory has them, in one connection."""

from __future__ import annotations

DOCUMENTATION = r"""
module: quotas
short_description: Quotas of a Kafka cluster as a list
version_added: 0.1.0
description:
  - Sets the quotas of users, client ids and addresses. Quotas that are not listed are left as they are, unless O(prune) is set.
  - Before anything is changed, and in check mode too, the cluster is asked to validate all of it.
  - In check mode a cluster that does not run yet is shown as one without quotas, with a warning.
options:
  quotas:
    description: What must be there.
    type: list
    elements: dict
    required: true
    suboptions:
      user: {description: Name of the user without its type; V(<default>) for users without a quota of their own., type: str}
      client_id: {description: "Client id, with or without a user; V(<default>) for the others.", type: str}
      ip: {description: "Address of the client, never with a user or client id; V(<default>) for the others.", type: str}
      quotas:
        description:
          - For users and client ids C(producer_byte_rate) and C(consumer_byte_rate) in bytes per second and broker,
            C(request_percentage) in percent of one thread, C(controller_mutation_rate) in partitions per second.
          - For an ip C(connection_creation_rate) in connections per second.
          - Null removes one.
        type: dict
        required: true
  prune:
    description:
      - Remove quotas that are not listed, of the entities in the list and of all entities made of the same parts. A list with
        users alone removes the quotas of other users; those of client ids, of users with a client id and of addresses stay.
      - An empty list removes nothing.
    type: bool
    default: false
extends_documentation_fragment: [estate.kafka.client, ansible.builtin.action_common_attributes]
requirements:
  - kafka-python, which the C(kafka-client) release brings to every broker host
attributes:
  check_mode: {support: full}
  diff_mode: {support: full}
  platform: {support: full, platforms: posix}
author: kafka-estate maintainers (!UNKNOWN)
"""

EXAMPLES = r"""
- name: Quotas of kafka-1
  estate.kafka.quotas:
    client: {bootstrap.servers: "{{ estate_topology.clusters['kafka-1'].bootstrap }}"}
    quotas:
      - {user: shop, quotas: {producer_byte_rate: 10485760, consumer_byte_rate: 20971520}}
      - {user: shop, client_id: nightly, quotas: {consumer_byte_rate: 1048576}}
      - {user: <default>, quotas: {request_percentage: 50, controller_mutation_rate: null}}
      - {ip: <default>, quotas: {connection_creation_rate: 100}}
"""

RETURN = r"""
actions:
  description: What was done, or in check mode would be.
  type: list
  elements: str
  returned: always
  sample: ["set user shop: producer_byte_rate=10485760"]
refused: {description: "What was refused, with its reason and a remedy.", type: list, elements: str, returned: failure}
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from ansible_collections.estate.kafka.plugins.module_utils.declared.diff import failure, outcome
from ansible_collections.estate.kafka.plugins.module_utils.declared.reconcile import exit_with, seen
from ansible_collections.estate.kafka.plugins.module_utils.kafka.connection import CLIENT_SPEC
from ansible_collections.estate.kafka.plugins.module_utils.kafka.protocol import Requests
from ansible_collections.estate.kafka.plugins.module_utils.kafka.quotas.client import LiveQuotas
from ansible_collections.estate.kafka.plugins.module_utils.kafka.quotas.plan import (
    QUOTA_SPEC,
    Action,
    Entity,
    Wanted,
    applied,
    missing_changes,
    plan,
    refusals,
    shown,
)
from ansible_collections.estate.kafka.plugins.module_utils.module import EstateModule


class Quotas(Protocol):
    """What this module needs of a cluster."""

    def quotas(self) -> Mapping[Entity, Mapping[str, float]]:
        """Return all quotas."""

    def apply(self, actions: Sequence[Action], validate_only: bool) -> Sequence[tuple[Action, str]]:
        """Carry the actions out or only validate them; return those refused."""

    def poll_until(self, ask: Callable[[], list[str]]) -> list[str]:
        """Ask until nothing is missing or the time is over; return the last answer."""


class Nothing:
    """What check mode sees before the cluster is installed: no quotas, and nobody to validate."""

    def quotas(self) -> Mapping[Entity, Mapping[str, float]]:
        """Return no quota."""
        return {}

    def apply(self, actions: Sequence[Action], validate_only: bool) -> Sequence[tuple[Action, str]]:
        """Refuse nothing."""
        return []

    def poll_until(self, ask: Callable[[], list[str]]) -> list[str]:
        """Wait for nothing."""
        return []


def reconcile(cluster: Quotas, wanted: Sequence[Wanted], prune: bool, check_mode: bool) -> dict[str, Any]:
    """Bring the quotas to what is wanted, or in check mode only say what that takes; return the module's result."""
    if problems := refusals(wanted):
        return failure("quotas", "nothing was changed", problems)
    before = cluster.quotas()
    actions = plan(before, wanted, prune)
    if problems := [f"{action}: {reason}" for action, reason in cluster.apply(actions, validate_only=True)]:
        return failure("quotas", "the cluster does not accept the quotas; nothing was changed", problems)
    refused = [] if check_mode else cluster.apply(actions, validate_only=False)
    result = outcome("quotas", actions, refused, shown(before), lambda done: shown(applied(before, done)), check_mode)
    if actions and not check_mode and not refused:
        return seen(result, "quotas", "the cluster", cluster.poll_until, lambda: missing_changes(actions, cluster.quotas()))
    return result


def main() -> None:
    """Entry point of the module."""
    module = EstateModule(
        argument_spec={
            **CLIENT_SPEC,
            "quotas": {"type": "list", "elements": "dict", "options": QUOTA_SPEC, "required": True},
            "prune": {"type": "bool", "default": False},
        },
        supports_check_mode=True,
    )
    wanted = [Wanted.of(item) for item in module.params["quotas"]]
    prune = module.params["prune"]

    def live(check_mode: bool) -> dict[str, Any]:
        with Requests(module.params["client"], module.params["timeout"]) as requests:
            return reconcile(LiveQuotas(requests), wanted, prune, check_mode)

    exit_with(module, "quotas", live, lambda: reconcile(Nothing(), wanted, prune, check_mode=True))


if __name__ == "__main__":
    main()
