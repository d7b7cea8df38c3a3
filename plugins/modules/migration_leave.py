#!/usr/bin/python
# SPDX-License-Identifier: Apache-2.0
"""Gives ZooKeeper's brokers the lead of their cluster again, after its controllers were stopped."""

from __future__ import annotations

DOCUMENTATION = r"""
module: migration_leave
short_description: Lead of a cluster back from controllers to ZooKeeper's brokers
version_added: 0.2.0
description:
  - For a cluster whose controllers have been stopped on the way back from a migration.
  - Where the controllers led, raises the epoch of ZooKeeper's controllers above theirs, and the versions of the partitions above
    the epochs that brokers may know, then deletes the znodes C(controller) and C(migration) and waits until every broker
    names the same broker as controller. Where they did not lead yet, deletes C(migration) alone.
options:
  zookeeper: {description: Address of the ensemble with the chroot., type: str, required: true}
  controllers: {description: Ids of the controllers., type: list, elements: int, required: true}
  brokers: {description: Ids of the brokers., type: list, elements: int, required: true}
  epoch: {description: Epoch of the controllers' quorum before they were stopped., type: int, default: 0}
extends_documentation_fragment: [estate.kafka.client, estate.kafka.attributes, ansible.builtin.action_common_attributes]
author: kafka-estate maintainers (!UNKNOWN)
"""

EXAMPLES = r"""
- name: ZooKeeper's brokers lead again
  estate.kafka.migration_leave:
    zookeeper: "{{ estate_topology.clusters['kafka-1'].zookeeper_connect }}"
    controllers: [3001, 3002, 3003]
    brokers: [1, 2, 3]
    client: {bootstrap.servers: "{{ estate_topology.clusters['kafka-1'].bootstrap }}"}
"""

RETURN = r"""
actions: {description: "What was done, or in check mode would be.", type: list, elements: str, returned: success}
"""

from typing import Any

from ansible_collections.estate.kafka.plugins.module_utils.errors import ClusterError
from ansible_collections.estate.kafka.plugins.module_utils.host.mark import heard_of
from ansible_collections.estate.kafka.plugins.module_utils.kafka.connection import CLIENT_SPEC
from ansible_collections.estate.kafka.plugins.module_utils.kafka.migration.ensemble import LiveEnsemble
from ansible_collections.estate.kafka.plugins.module_utils.kafka.migration.read import followed
from ansible_collections.estate.kafka.plugins.module_utils.kafka.migration.state import highest_epoch
from ansible_collections.estate.kafka.plugins.module_utils.module import EstateModule
from ansible_collections.estate.kafka.plugins.module_utils.polling import poll_until

# By how much the version of a partition's znode may be behind the epoch that its leader knows: one was seen.
REWRITES = 20


def leave(params: dict[str, Any], check_mode: bool) -> list[str]:
    """Do it, or only say what would be done; raises ClusterError."""
    with LiveEnsemble(params["zookeeper"], params["timeout"]) as ensemble:
        found = ensemble.read()
        led = found.controller in params["controllers"]
        actions = []
        if led:
            states = ensemble.partition_states()
            above = max(params["epoch"], found.left.epoch if found.left else 0, highest_epoch(states.values()))
            if found.controller_epoch <= above:
                actions.append(f"set controller_epoch to {above + 1}, it was {found.controller_epoch}")
            actions.append(f"write the states of {len(states)} partitions again, for versions above what their leaders know")
            if not check_mode:
                ensemble.raise_epoch(above)
                ensemble.rewrite(states, REWRITES)
        paths = [*(["/controller"] if led else []), *(["/migration"] if found.left else [])]
        actions += [f"delete the znode {path[1:]}" for path in paths]
        if not check_mode:
            ensemble.delete(paths)

        def lacking() -> list[str]:
            controller = ensemble.read().controller
            if controller is None or controller not in params["brokers"]:
                return [f"the znode controller names {controller}, which is no broker"]
            return followed(params["client"], params["brokers"], controller, params["timeout"])

        if not check_mode and (missing := poll_until(lacking, params["timeout"])):
            raise ClusterError(f"within {params['timeout']} s ZooKeeper's brokers did not lead again: {'; '.join(missing)}")
    return actions


def main() -> None:
    """Entry point of the module."""
    module = EstateModule(
        argument_spec={
            **CLIENT_SPEC,
            "zookeeper": {"type": "str", "required": True},
            "controllers": {"type": "list", "elements": "int", "required": True},
            "brokers": {"type": "list", "elements": "int", "required": True},
            "epoch": {"type": "int", "default": 0},
        },
        supports_check_mode=True,
    )
    if not module.check_mode:
        heard_of()
    try:
        actions = leave(module.params, module.check_mode)
    except ClusterError as error:
        module.fail_json(msg=str(error))
    module.exit_json(changed=bool(actions), actions=actions)


if __name__ == "__main__":
    main()
