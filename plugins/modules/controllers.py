#!/usr/bin/python
# SPDX-License-Identifier: Apache-2.0
"""Voters of a quorum of controllers, made those of the inventory."""

from __future__ import annotations

DOCUMENTATION = r"""
module: controllers
short_description: Voters of the quorum of a cluster without ZooKeeper
version_added: 0.1.0
description:
  - Adds, removes and replaces voters until they are the controllers of the inventory, one at a time.
  - A controller is known by its id and the id of its directory. One whose node has another directory now, because it has got a
    new disk, is removed and added again.
  - Each step waits until the controller that is to vote has the whole log. It is refused where the voters that follow would be
    no majority afterwards, and a voter that works is only removed while all the others follow. Afterwards the voters are read
    back.
  - A voter that the inventory does not have is removed only if O(confirm_remove) names it.
  - A static quorum is told what to do, and left alone.
  - Check mode shows the same steps, with a warning for what a run would wait for or refuse.
  - It speaks Kafka's protocol with the port of the controllers, and needs no library.
options:
  cluster: {description: Name of the cluster., type: str, required: true}
  cluster_id: {description: Its id., type: str, required: true}
  controllers:
    description: The controllers that are to vote.
    type: list
    elements: dict
    required: true
    suboptions:
      id: {description: Id of the controller., type: int, required: true}
      host: {description: Name under which the others reach it., type: str, required: true}
      port: {description: Port of the controllers., type: int, required: true}
  directories:
    description:
      - Id of the directory of each controller by its host, C(directory.id) in C(meta.properties) beside the metadata log. A voter
        whose host is not named here is left as it is.
    type: dict
    default: {}
  confirm_remove:
    description: Voters that this run may remove although the inventory does not have them, each as C(cluster:id).
    type: list
    elements: str
    default: []
  timeout: {description: Seconds that each step may wait., type: int, default: 120}
  tls:
    description: Files with which controllers are asked that want TLS and a certificate; none where their port is plain.
    type: dict
    suboptions:
      ca: {description: PEM file with the authority that is trusted., type: path, required: true}
      key: {description: PEM file with a key and its certificate., type: path, required: true}
extends_documentation_fragment: [estate.kafka.attributes, ansible.builtin.action_common_attributes]
attributes:
  diff_mode: {support: full}
author: kafka-estate maintainers (!UNKNOWN)
"""

EXAMPLES = r"""
- name: Let the controllers of orders vote
  estate.kafka.controllers:
    cluster: orders
    cluster_id: 5L6g3nShT-eMCtK--X86sw
    controllers:
      - {id: 3001, host: broker1.example.com, port: 9095}
      - {id: 3002, host: broker2.example.com, port: 9095}
      - {id: 3003, host: broker3.example.com, port: 9095}
    directories:
      broker1.example.com: JEXY6aqzQY-32P5TStzaFg
      broker2.example.com: -AT2d1bcTL6Trb5OPxxaKA
      broker3.example.com: MvDxzVmcRsaTz33bUuRU6A
    confirm_remove: ["orders:3004"]
"""

RETURN = r"""
actions:
  description: What was done, or in check mode would be, in this order.
  type: list
  elements: str
  returned: always
  sample: ["add controller 3002 with directory -AT2d1bcTL6Trb5OPxxaKA, on broker2.example.com"]
estate_report: {description: The steps for the screen., type: str, returned: success}
refused: {description: "What was not done, with its reason.", type: list, elements: str, returned: failure}
"""

from collections.abc import Collection, Sequence
from functools import reduce
from typing import Any

from ansible_collections.estate.kafka.plugins.module_utils.declared import reconcile as engine
from ansible_collections.estate.kafka.plugins.module_utils.http import TLS_SPEC
from ansible_collections.estate.kafka.plugins.module_utils.kafka.voters.client import Voters, checked
from ansible_collections.estate.kafka.plugins.module_utils.kafka.voters.plan import (
    CONTROLLER_SPEC,
    Controller,
    Step,
    differs,
    hindrances,
    idle,
    plan,
    refusals,
    shown,
    taken,
    unconfirmed,
)
from ansible_collections.estate.kafka.plugins.module_utils.module import EstateModule


def report(cluster: str, wanted: Sequence[Controller], steps: Sequence[Step]) -> str:
    """Return what people see of the steps, the same in check mode and in a run."""
    if not steps:
        return f"Cluster {cluster}: the voters are those of the inventory, {', '.join(str(one.id) for one in wanted)}"
    lines = [f"  {number}. {step}" for number, step in enumerate(steps, 1)]
    return "\n".join([f"Cluster {cluster}, one voter at a time:", *lines])


def reconcile(
    voters: Voters, cluster: str, wanted: Sequence[Controller], confirmed: Collection[str], check_mode: bool
) -> dict[str, Any]:
    """Make the voters those of the inventory, or in check mode only say what that takes; return the module's result."""

    def planned() -> engine.Change[Voters, Step]:
        quorum = voters.leading()
        engine.refuse(refusals(quorum, wanted), f"cluster {cluster}, nothing was changed")
        steps = plan(quorum, wanted)
        questions = unconfirmed(cluster, steps, wanted, confirmed)
        engine.refuse([] if check_mode else questions, f"cluster {cluster}, nothing was changed")
        warnings = [f"a run without check mode refuses: {line}" for line in questions]
        if check_mode:
            waits = hindrances(quorum, steps)
            warnings += [f"a run without check mode waits for this, and then refuses: {line}" for line in waits]
        elif not steps:
            warnings += idle(quorum)

        def after(done: Sequence[Step]) -> dict[str, dict[str, Any]]:
            return shown(reduce(taken, done, quorum))

        return engine.Change(
            steps,
            shown(quorum),
            after,
            lambda voters, steps: voters.carry_out(steps),
            engine.until_shown(lambda voters: differs(voters.view().quorum, wanted)),
            unseen=f"cluster {cluster}, the voters are not those of the inventory",
            more={"estate_report": report(cluster, wanted, steps), **({"warnings": warnings} if warnings else {})},
            counts=f"cluster {cluster}, {{refused}} of {{all}} steps were not taken, {{done}} were",
        )

    return engine.reconcile("controllers", voters, planned, check_mode)


def main() -> None:
    """Entry point of the module."""
    module = EstateModule(
        argument_spec={
            "cluster": {"type": "str", "required": True},
            "cluster_id": {"type": "str", "required": True},
            "controllers": {"type": "list", "elements": "dict", "options": CONTROLLER_SPEC, "required": True},
            "directories": {"type": "dict", "default": {}},
            "confirm_remove": {"type": "list", "elements": "str", "default": []},
            "timeout": {"type": "int", "default": 120},
            "tls": TLS_SPEC,
        },
        supports_check_mode=True,
    )
    params = module.params
    wanted = [Controller.of(row, params["directories"]) for row in params["controllers"]]

    def live() -> dict[str, Any]:
        checked([one.directory for one in wanted if one.directory])
        voters = Voters(
            [f"{one.host}:{one.port}" for one in wanted], params["cluster_id"], params["timeout"], params["tls"] or {}
        )
        return reconcile(voters, params["cluster"], wanted, params["confirm_remove"], module.check_mode)

    engine.exit_with(module, "voters", live)


if __name__ == "__main__":
    main()
