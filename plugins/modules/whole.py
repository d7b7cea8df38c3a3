#!/usr/bin/python
# SPDX-License-Identifier: Apache-2.0
"""Waits until a cluster could lose one member, which it can only while all the others are there."""

from __future__ import annotations

DOCUMENTATION = r"""
module: whole
short_description: Whether the other members of a cluster are all there
version_added: 0.2.0
description:
  - Asks what M(estate.kafka.restart) asks before a restart, and restarts nothing. Run on every member, it says that none is down
    and that every replica is in sync.
  - Fails where something is in the way after O(timeout), or where the cluster cannot be asked. Changes nothing, so it asks in
    check mode too.
options:
  kind:
    description: What is asked.
    type: str
    required: true
    choices: [kafka_broker, kafka_controller, kafka_combined, zookeeper, kafka_connect, elasticsearch]
  member:
    description: Who is asked; see M(estate.kafka.restart).
    type: dict
    required: true
  timeout: {description: Seconds to wait., type: int, default: 60}
extends_documentation_fragment: [estate.kafka.attributes, ansible.builtin.action_common_attributes]
author: kafka-estate maintainers (!UNKNOWN)
"""

EXAMPLES = r"""
- name: Are all brokers there
  estate.kafka.whole:
    kind: kafka_broker
    member: {broker_id: 1, broker_ids: [1, 2, 3], client: {bootstrap.servers: "b1:9092,b2:9092"}}
"""

RETURN = r"""
blockers: {description: What is in the way., type: list, elements: str, returned: failure}
"""

from ansible_collections.estate.kafka.plugins.module_utils.errors import ClusterError
from ansible_collections.estate.kafka.plugins.module_utils.module import EstateModule
from ansible_collections.estate.kafka.plugins.module_utils.restart.gate import wait_until_restartable
from ansible_collections.estate.kafka.plugins.module_utils.restart.members import KINDS, member_of


def main() -> None:
    """Entry point of the module."""
    module = EstateModule(
        argument_spec={
            "kind": {"type": "str", "choices": list(KINDS), "required": True},
            "member": {"type": "dict", "required": True},
            "timeout": {"type": "int", "default": 60},
        },
        supports_check_mode=True,
    )
    params = module.params
    try:
        member = member_of(params["kind"], params["member"])
        blockers = wait_until_restartable(member, lambda: False, params["timeout"], patient=True).blockers
    except ClusterError as error:
        blockers = [str(error)]
    if blockers:
        lines = "\n".join(f"  - {line}" for line in blockers)
        module.fail_json(msg=f"not whole after {params['timeout']} s; nothing was changed:\n{lines}", blockers=blockers)
    module.exit_json(changed=False)


if __name__ == "__main__":
    main()
