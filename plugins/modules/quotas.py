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
extends_documentation_fragment: [estate.kafka.client, estate.kafka.attributes, ansible.builtin.action_common_attributes]
requirements:
  - kafka-python, which the C(kafka-client) release brings to every broker host
attributes:
  diff_mode: {support: full}
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

from collections.abc import Sequence
from typing import Any

from ansible_collections.estate.kafka.plugins.module_utils.declared import reconcile as engine
from ansible_collections.estate.kafka.plugins.module_utils.kafka.connection import CLIENT_SPEC
from ansible_collections.estate.kafka.plugins.module_utils.kafka.protocol import Requests
from ansible_collections.estate.kafka.plugins.module_utils.kafka.quotas.client import LiveQuotas
from ansible_collections.estate.kafka.plugins.module_utils.kafka.quotas.plan import (
    QUOTA_SPEC,
    Action,
    Wanted,
    applied,
    missing_changes,
    plan,
    refusals,
    shown,
)
from ansible_collections.estate.kafka.plugins.module_utils.module import EstateModule


def reconcile(cluster: LiveQuotas | None, wanted: Sequence[Wanted], prune: bool, check_mode: bool) -> dict[str, Any]:
    """Bring the quotas to what is wanted, or in check mode only say what that takes; return the module's result."""

    def planned() -> engine.Change[LiveQuotas, Action]:
        engine.refuse(refusals(wanted))
        before = cluster.quotas() if cluster else {}
        actions = plan(before, wanted, prune)
        rejected = cluster.apply(actions, validate_only=True) if cluster else []
        engine.refuse_rejected(rejected, "the cluster does not accept the quotas")
        return engine.Change(
            actions,
            shown(before),
            lambda done: shown(applied(before, done)),
            lambda cluster, actions: cluster.apply(actions, validate_only=False),
            engine.until_shown(lambda cluster: missing_changes(actions, cluster.quotas())),
        )

    return engine.reconcile("quotas", cluster, planned, check_mode)


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

    def live() -> dict[str, Any]:
        with Requests(module.params["client"], module.params["timeout"]) as requests:
            return reconcile(LiveQuotas(requests), wanted, prune, module.check_mode)

    engine.exit_with(module, "quotas", live, lambda: reconcile(None, wanted, prune, check_mode=True))


if __name__ == "__main__":
    main()
