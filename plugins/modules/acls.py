#!/usr/bin/python
# SPDX-License-Identifier: Apache-2.0
"""ACLs of a cluster as the inventory has them, in one connection."""

from __future__ import annotations

DOCUMENTATION = r"""
module: acls
short_description: ACLs of a Kafka cluster as a list
version_added: 0.1.0
description:
  - Creates the ACLs that are missing. ACLs that are not listed are left as they are, unless O(prune) is set.
  - The cluster needs an authorizer. Kafka looks at ACLs only for users who are not super users, and with
    C(allow.everyone.if.no.acl.found) the first ACL of a resource shuts out everybody else from it.
  - In check mode a cluster that does not run yet, or has no authorizer yet, is shown as one without ACLs, with a warning.
options:
  acls:
    description: What must be there.
    type: list
    elements: dict
    required: true
    suboptions:
      principal:
        description: Who, with the type before the name, such as V(User:alice) or V(User:*).
        type: str
        required: true
      host:
        description:
          - Address of the client, IPv4 or IPv6 in any spelling; V(*) for all. Kafka compares addresses, so a name is refused.
        type: str
        default: "*"
      operations:
        description: What is allowed or denied. Read, write, delete and alter each allow describe too.
        type: list
        elements: str
        required: true
        choices:
          - all
          - read
          - write
          - create
          - delete
          - alter
          - describe
          - cluster_action
          - describe_configs
          - alter_configs
          - idempotent_write
          - create_tokens
          - describe_tokens
      permission: {description: A denial wins over every permission., type: str, default: allow, choices: [deny, allow]}
      resource_type:
        description: Kind of what it is about.
        type: str
        required: true
        choices: [topic, group, cluster, transactional_id, delegation_token, user]
      resource_name:
        description: Its name, or the start of names with O(acls[].pattern=prefixed); V(*) for all. Left out for a cluster.
        type: str
      pattern: {description: How the name is meant., type: str, default: literal, choices: [literal, prefixed]}
  prune:
    description:
      - Delete ACLs that are not listed, of those principals that the list has.
      - ACLs of principals who are not in the list are never deleted, so an empty list deletes nothing. To take
        everything from a principal, remove the last ACLs with C(kafka-acls).
      - What is missing is created first; if the cluster refuses any of it, nothing is deleted.
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
- name: ACLs of kafka-1
  estate.kafka.acls:
    client: {bootstrap.servers: "{{ estate_topology.clusters['kafka-1'].bootstrap }}"}
    acls:
      - {principal: "User:shop", operations: [read, write], resource_type: topic, resource_name: shop., pattern: prefixed}
      - {principal: "User:shop", operations: [read], resource_type: group, resource_name: shop}
      - {principal: "User:shop", operations: [idempotent_write], resource_type: cluster}
"""

RETURN = r"""
actions:
  description: What was done, or in check mode would be.
  type: list
  elements: str
  returned: always
  sample: ["create allow User:shop from * on group shop: read"]
refused: {description: "What was refused, with its reason and a remedy.", type: list, elements: str, returned: failure}
"""

from collections.abc import Callable, Collection, Sequence
from typing import Any, Protocol

from ansible_collections.estate.kafka.plugins.module_utils.declared.diff import failure, outcome
from ansible_collections.estate.kafka.plugins.module_utils.declared.reconcile import exit_with, seen
from ansible_collections.estate.kafka.plugins.module_utils.kafka.acls.client import LiveAcls
from ansible_collections.estate.kafka.plugins.module_utils.kafka.acls.plan import (
    ACL_SPEC,
    Acl,
    Action,
    applied,
    empty_items,
    missing_changes,
    plan,
    refusals,
    shown,
    wanted_acls,
)
from ansible_collections.estate.kafka.plugins.module_utils.kafka.connection import CLIENT_SPEC
from ansible_collections.estate.kafka.plugins.module_utils.kafka.protocol import Requests
from ansible_collections.estate.kafka.plugins.module_utils.module import EstateModule


class Acls(Protocol):
    """What this module needs of a cluster."""

    def acls(self) -> Collection[Acl]:
        """Return all ACLs."""

    def apply(self, actions: Sequence[Action]) -> Sequence[tuple[Action, str]]:
        """Carry the actions out; return those refused."""

    def poll_until(self, ask: Callable[[], list[str]]) -> list[str]:
        """Ask until nothing is missing or the time is over; return the last answer."""


def reconcile(cluster: Acls, wanted: Sequence[Acl], prune: bool, check_mode: bool) -> dict[str, Any]:
    """Bring the ACLs to what is wanted, or in check mode only say what that takes; return the module's result."""
    if problems := refusals(wanted):
        return failure("acls", "nothing was changed", problems)
    before = cluster.acls()
    actions = plan(before, wanted, prune)
    refused = [] if check_mode else cluster.apply(actions)
    result = outcome("acls", actions, refused, shown(before), lambda done: shown(applied(before, done)), check_mode)
    if actions and not check_mode and not refused:
        return seen(result, "acls", "the cluster", cluster.poll_until, lambda: missing_changes(actions, cluster.acls()))
    return result


class Nothing:
    """What check mode sees before the cluster is installed: no ACLs."""

    def acls(self) -> Collection[Acl]:
        """Return no ACL."""
        return []

    def apply(self, actions: Sequence[Action]) -> Sequence[tuple[Action, str]]:
        """Refuse nothing."""
        return []

    def poll_until(self, ask: Callable[[], list[str]]) -> list[str]:
        """Wait for nothing."""
        return []


def main() -> None:
    """Entry point of the module."""
    module = EstateModule(
        argument_spec={
            **CLIENT_SPEC,
            "acls": {"type": "list", "elements": "dict", "options": ACL_SPEC, "required": True},
            "prune": {"type": "bool", "default": False},
        },
        supports_check_mode=True,
    )
    wanted = wanted_acls(module.params["acls"])
    prune = module.params["prune"]
    if problems := empty_items(module.params["acls"]):
        module.fail_json(**failure("acls", "nothing was changed", problems))

    def live(check_mode: bool) -> dict[str, Any]:
        with Requests(module.params["client"], module.params["timeout"]) as requests:
            return reconcile(LiveAcls(requests), wanted, prune, check_mode)

    exit_with(module, "ACLs", live, lambda: reconcile(Nothing(), wanted, prune, check_mode=True))


if __name__ == "__main__":
    main()
