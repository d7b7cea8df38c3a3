#!/usr/bin/python
# SPDX-License-Identifier: Apache-2.0
"""Finalised features of a cluster without ZooKeeper, raised to what is declared."""

from __future__ import annotations

DOCUMENTATION = r"""
module: features
short_description: Finalised features of a cluster without ZooKeeper
version_added: 0.1.0
description:
  - Raises features to the levels of a release, or to single levels. What is not declared is left as it is.
  - It refuses a level that a broker or a controller does not support, or is below what is finalised, and does nothing while one
    of them cannot be asked.
  - Most of it cannot be taken back. Check mode has the controllers say whether they would do it, and shows what it costs.
  - Afterwards it reads C(min.insync.replicas) of every topic again, and fails if it fell.
options:
  features:
    description: What is declared.
    type: dict
    required: true
    suboptions:
      release:
        description: Release of Kafka whose levels are meant.
        type: str
        choices: ["3.9", "4.0", "4.1", "4.2", "4.3"]
      levels: {description: "Level of single features by name; these count more than the release's.", type: dict, default: {}}
  brokers: {description: Ids of all brokers of the cluster., type: list, elements: int, required: true}
  controllers:
    description: All its controllers.
    type: list
    elements: dict
    required: true
    suboptions:
      id: {description: Id of the controller., type: int, required: true}
      host: {description: Its host., type: str, required: true}
      port: {description: Port of the controllers., type: int, required: true}
extends_documentation_fragment: [estate.kafka.client, estate.kafka.attributes, ansible.builtin.action_common_attributes]
attributes:
  diff_mode: {support: full}
author: kafka-estate maintainers (!UNKNOWN)
"""

EXAMPLES = r"""
- name: Features of 4.3
  estate.kafka.features:
    client: {bootstrap.servers: "broker1.example.com:9092,broker2.example.com:9092"}
    features: {release: "4.3"}
    brokers: [1, 2]
    controllers:
      - {id: 3001, host: broker1.example.com, port: 9095}
"""

RETURN = r"""
actions:
  description: What was done, or in check mode would be.
  type: list
  elements: str
  returned: always
  sample: ["raise share.version from 0 to 1"]
finalised: {description: Levels that are finalised now by name., type: dict, returned: success}
estate_report: {description: The same for the screen., type: str, returned: success}
refused: {description: "What was refused, with its reason.", type: list, elements: str, returned: failure}
"""

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.estate.kafka.plugins.module_utils.declared import reconcile as engine
from ansible_collections.estate.kafka.plugins.module_utils.kafka.connection import CLIENT_SPEC
from ansible_collections.estate.kafka.plugins.module_utils.kafka.features.client import Features
from ansible_collections.estate.kafka.plugins.module_utils.kafka.features.plan import (
    FEATURES_SPEC,
    Raise,
    fallen,
    levels,
    plan,
    raised,
    refusals,
    shown,
)
from ansible_collections.estate.kafka.plugins.module_utils.kafka.voters.plan import CONTROLLER_SPEC
from ansible_collections.estate.kafka.plugins.module_utils.module import EstateModule


def report(actions: Sequence[Raise]) -> str:
    """Return what people see, the same in check mode and in a run."""
    if not actions:
        return "Features: all that are declared are finalised"
    return "\n".join(["Features:", *(f"  {one}" for one in actions)])


def reconcile(
    cluster: Features,
    declared: Mapping[str, Any],
    brokers: Sequence[int],
    controllers: Sequence[Mapping[str, Any]],
    check_mode: bool,
) -> dict[str, Any]:
    """Raise the features, or in check mode only say what that takes; return the module's result."""

    def planned() -> engine.Change[Features, Raise]:
        wanted, problems = levels(declared)
        engine.refuse(problems)
        finalised = cluster.finalised()
        actions = plan(wanted, finalised)
        # Nobody needs to be asked where nothing is to be raised.
        members = cluster.members(brokers, controllers) if actions else []
        engine.refuse(refusals(wanted, finalised, members))
        engine.refuse_rejected(cluster.send(actions, only_validate=True), "the controllers would not take it")
        before = cluster.minimums() if actions else {}

        def missing(cluster: Features) -> list[str]:
            # A broker that has the new level has heard of what the controllers wrote with it.
            late = [f"broker {one} has not heard: {step}" for one in brokers for step in plan(wanted, cluster.finalised(one))]
            return late or fallen(before, cluster.minimums())

        return engine.Change(
            actions,
            shown(finalised),
            lambda done: shown(raised(finalised, done)),
            lambda cluster, actions: cluster.send(actions, only_validate=False),
            engine.until_shown(missing),
            unseen="the features were raised, and this is not as it should be",
            more={"estate_report": report(actions), "finalised": raised(finalised, actions)},
        )

    return engine.reconcile("features", cluster, planned, check_mode)


def main() -> None:
    """Entry point of the module."""
    module = EstateModule(
        argument_spec={
            **CLIENT_SPEC,
            "features": {"type": "dict", "options": FEATURES_SPEC, "required": True},
            "brokers": {"type": "list", "elements": "int", "required": True},
            "controllers": {"type": "list", "elements": "dict", "options": CONTROLLER_SPEC, "required": True},
        },
        supports_check_mode=True,
    )
    params = module.params

    def live() -> dict[str, Any]:
        cluster = Features(params["client"], params["timeout"])
        return reconcile(cluster, params["features"], params["brokers"], params["controllers"], module.check_mode)

    engine.exit_with(module, "features", live)


if __name__ == "__main__":
    main()
