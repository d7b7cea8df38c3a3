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
extends_documentation_fragment: [estate.kafka.client, estate.kafka.attributes, ansible.builtin.action_common_attributes]
requirements:
  - kafka-python, which the C(kafka-client) release brings to every broker host
attributes:
  diff_mode: {support: full}
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

from collections.abc import Sequence
from typing import Any

from ansible_collections.estate.kafka.plugins.module_utils.declared import reconcile as engine
from ansible_collections.estate.kafka.plugins.module_utils.declared.diff import failure
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


def reconcile(cluster: LiveAcls | None, wanted: Sequence[Acl], prune: bool, check_mode: bool) -> dict[str, Any]:
    """Bring the ACLs to what is wanted, or in check mode only say what that takes; return the module's result."""

    def planned() -> engine.Change[LiveAcls, Action]:
        engine.refuse(refusals(wanted))
        before = cluster.acls() if cluster else set()
        actions = plan(before, wanted, prune)
        return engine.Change(
            actions,
            shown(before),
            lambda done: shown(applied(before, done)),
            lambda cluster, actions: cluster.apply(actions),
            engine.until_shown(lambda cluster: missing_changes(actions, cluster.acls())),
        )

    return engine.reconcile("acls", cluster, planned, check_mode)


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

    def live() -> dict[str, Any]:
        with Requests(module.params["client"], module.params["timeout"]) as requests:
            return reconcile(LiveAcls(requests), wanted, prune, module.check_mode)

    engine.exit_with(module, "ACLs", live, lambda: reconcile(None, wanted, prune, check_mode=True))


if __name__ == "__main__":
    main()
