#!/usr/bin/python
# SPDX-License-Identifier: Apache-2.0
"""Says what the next step of a cluster's migration from ZooKeeper to controllers is, forward or back, or why there is none."""

from __future__ import annotations

DOCUMENTATION = r"""
module: migration
short_description: State and next step of a migration from ZooKeeper to controllers
version_added: 0.2.0
description:
  - Reads the state from the ensemble, the agents of the controllers, the brokers and what M(estate.kafka.migration_host) found on
    each host, and returns the steps that are left. Changes nothing.
  - Fails with every reason when the next step must not be done.
  - With O(wait_for) it waits until a step has done what it is for.
options:
  cluster: {description: The cluster as the topology has it., type: dict, required: true}
  metrics:
    description: Where the agents are, as the topology has them.
    type: list
    elements: dict
    required: true
  hosts:
    description: Results of M(estate.kafka.migration_host) by host; a host without one is a reason to refuse.
    type: dict
    required: true
  way: {description: Which way to go., type: str, choices: [forward, back, final], default: forward}
  until:
    description: How far to go forward.
    type: str
    choices: [controllers, migration, kraft]
    default: kraft
  confirmed:
    description: Name of the cluster that is to have no way back any more. In check mode the last step is told without it.
    type: str
    default: ""
  wait_for:
    description: >-
      Wait for a controller that says it is the active one, for all metadata to be copied, or for the end. C(copied) is the gate
      before a broker does without ZooKeeper, and fails at once.
    type: str
    choices: [controllers, copy, done, copied]
  keep: {description: Return everything that the cluster's metadata hold for people., type: bool, default: false}
  tree: {description: Return all znodes of the cluster too., type: bool, default: false}
  before: {description: What was kept before; what has been lost since is a failure., type: dict, default: {}}
extends_documentation_fragment: [estate.kafka.client, estate.kafka.attributes, ansible.builtin.action_common_attributes]
author: kafka-estate maintainers (!UNKNOWN)
"""

EXAMPLES = r"""
- name: What is left
  estate.kafka.migration:
    cluster: "{{ estate_topology.clusters['kafka-1'] }}"
    metrics: "{{ estate_topology.metrics }}"
    hosts: "{{ _migrate_seen }}"
    client: {bootstrap.servers: "{{ estate_topology.clusters['kafka-1'].bootstrap }}"}
  register: __migrate
"""

RETURN = r"""
stands: {description: Where the cluster stands., type: str, returned: success}
next: {description: Name of the next step; empty when nothing is left., type: str, returned: success}
untouched: {description: Nothing of a migration has begun., type: bool, returned: success}
lines: {description: "The steps that are left, each with its way back.", type: list, elements: str, returned: success}
epoch: {description: Epoch of the controllers' quorum., type: int, returned: success}
active: {description: Id of the active controller; 0 without one., type: int, returned: success}
objects: {description: What the metadata hold., type: dict, returned: with O(keep)}
znodes: {description: All znodes of the cluster by path., type: dict, returned: with O(tree)}
"""

from typing import Any

from ansible_collections.estate.kafka.plugins.module_utils.errors import ClusterError
from ansible_collections.estate.kafka.plugins.module_utils.kafka.connection import CLIENT_SPEC
from ansible_collections.estate.kafka.plugins.module_utils.kafka.migration.compare import counted, lost
from ansible_collections.estate.kafka.plugins.module_utils.kafka.migration.ensemble import LiveEnsemble
from ansible_collections.estate.kafka.plugins.module_utils.kafka.migration.objects import read_objects
from ansible_collections.estate.kafka.plugins.module_utils.kafka.migration.plan import (
    Plan,
    back,
    final_begun,
    finalise,
    forward,
    uncopied,
    untouched,
)
from ansible_collections.estate.kafka.plugins.module_utils.kafka.migration.read import active, agents_of, behind, read_state
from ansible_collections.estate.kafka.plugins.module_utils.kafka.migration.state import DONE, DUAL_WRITE, State
from ansible_collections.estate.kafka.plugins.module_utils.kafka.quorum import ask
from ansible_collections.estate.kafka.plugins.module_utils.module import EstateModule
from ansible_collections.estate.kafka.plugins.module_utils.polling import poll_until

# What the active controller must say.
REACHED: dict[str, tuple[int, ...]] = {"controllers": (0, 1, 2, 3), "copy": (DUAL_WRITE,), "done": (DONE,)}


def waited(params: dict[str, Any]) -> list[str]:
    """Wait until the active controller says that a step has done what it is for; return what is lacking when time is over."""
    wanted = REACHED[params["wait_for"]]

    def lacking() -> list[str]:
        found = active(agents_of(params["cluster"], params["metrics"]))
        if found is None:
            return ["no controller's agent says that it is the active one"]
        if found.state in wanted:
            return []
        return [f"the active controller {found.id} is in state {found.state}, and knows {found.waiting} brokers of ZooKeeper"]

    return poll_until(lacking, params["timeout"])


def last_step(params: dict[str, Any], state: State, told: bool) -> Plan:
    """Return the last step; before its first controller all of them have to follow the leader, which may take a while."""
    plan = finalise(state, params["confirmed"], told)
    if plan.next and not final_begun(state) and (missing := poll_until(lambda: behind(params["cluster"]), params["timeout"])):
        return Plan(plan.stands, plan.steps, tuple(missing))
    return plan


def planned(params: dict[str, Any], state: State, told: bool) -> Plan:
    """Return the steps of the way that was asked for; of the last one in check mode they are ``told`` without a confirmation."""
    if params["way"] == "back":
        return back(state)
    return last_step(params, state, told) if params["way"] == "final" else forward(state, params["until"])


def main() -> None:
    """Entry point of the module."""
    module = EstateModule(
        argument_spec={
            **CLIENT_SPEC,
            "cluster": {"type": "dict", "required": True},
            "metrics": {"type": "list", "elements": "dict", "required": True},
            "hosts": {"type": "dict", "required": True},
            "way": {"type": "str", "choices": ["forward", "back", "final"], "default": "forward"},
            "until": {"type": "str", "choices": ["controllers", "migration", "kraft"], "default": "kraft"},
            "confirmed": {"type": "str", "default": ""},
            "wait_for": {"type": "str", "choices": [*REACHED, "copied"]},
            "keep": {"type": "bool", "default": False},
            "tree": {"type": "bool", "default": False},
            "before": {"type": "dict", "default": {}},
        },
        supports_check_mode=True,
    )
    params = module.params
    cluster, timeout = params["cluster"], params["timeout"]
    if params["wait_for"] in REACHED and (missing := waited(params)):
        module.fail_json(msg=f"{cluster['name']}: not reached within {timeout} s: {'; '.join(missing)}")
    try:
        seen = {host: found.get("nodes") for host, found in params["hosts"].items()}
        state = read_state(cluster, agents_of(cluster, params["metrics"]), seen, params["client"], timeout)
        plan = planned(params, state, module.check_mode)
        refused = [*plan.refused, *(uncopied(state) if params["wait_for"] == "copied" else [])]
        if refused:
            module.fail_json(
                msg=f"{cluster['name']}: {plan.stands}. Not done, nothing was changed:\n"
                + "\n".join(f"  - {one}" for one in refused)
            )
        extra: dict[str, Any] = {}
        lines = [f"{cluster['name']}: {plan.stands}"]
        if params["keep"] or params["before"]:
            objects = read_objects(params["client"], timeout)
            extra["objects"] = objects
            lines.append(f"It holds {counted(objects)}, and {state.ensemble.delegation_tokens} delegation tokens")
            if missing := lost(params["before"], objects):
                module.fail_json(
                    msg=f"{cluster['name']}: since the migration began this was lost or has become another:\n"
                    + "\n".join(f"  - {one}" for one in missing)
                )
        if params["tree"]:
            with LiveEnsemble(cluster["zookeeper_connect"], timeout) as ensemble:
                extra["znodes"] = ensemble.dump()
    except ClusterError as error:
        module.fail_json(msg=f"{cluster['name']}: {error}")
    for node in state.brokers:
        if node.stray:
            module.warn(f"{node.host}: {len(node.stray)} folders were put aside and stay on the disk, such as {node.stray[0]}")
    lines += [f"{step.name}: {step.does}. Way back: {step.back}" for step in plan.steps] or ["Nothing is left on this way"]
    quorum = ask(cluster["controller_bootstrap"].split(",")).quorum if any(node.running for node in state.controllers) else None
    epoch = quorum.epoch if quorum else 0
    module.exit_json(
        changed=False,
        stands=plan.stands,
        next=plan.next,
        untouched=untouched(state),
        lines=lines,
        epoch=epoch,
        active=state.active.id if state.active else 0,
        **extra,
    )


if __name__ == "__main__":
    main()
