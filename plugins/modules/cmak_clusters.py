#!/usr/bin/python
# SPDX-License-Identifier: Apache-2.0
"""Clusters that CMAK knows."""

from __future__ import annotations

DOCUMENTATION = r"""
module: cmak_clusters
short_description: Clusters registered in CMAK
version_added: 0.1.0
description:
  - Adds clusters that are missing and changes settings that differ, through the forms of CMAK's own pages.
  - It has no other interface for that.
  - A setting that is not named keeps its value. A cluster that is not listed is left as it is; none is ever removed.
  - CMAK finds clusters in ZooKeeper, so one without ZooKeeper (KRaft) is refused with a sentence that says so.
options:
  url: {description: Address of CMAK., type: str, required: true}
  user: {description: Login for basic authentication; empty means none., type: str, default: ""}
  password: {description: Password of that login., type: str, default: ""}
  clusters:
    description: What must be there.
    type: list
    elements: dict
    required: true
    suboptions:
      name: {description: Name of the cluster., type: str, required: true}
      zookeeper: {description: Connect string with the chroot of the cluster., type: str, required: true}
      version:
        description: Version of Kafka. CMAK gets the newest that it offers and that is not newer; the newest it offers when empty.
        type: str
      settings:
        description: Other fields of the form, such as C(jmxEnabled) or C(tuning.brokerViewUpdatePeriodSeconds).
        type: dict
        default: {}
  timeout: {description: Seconds until CMAK shows a change., type: int, default: 60}
extends_documentation_fragment: [estate.kafka.attributes, ansible.builtin.action_common_attributes]
attributes:
  diff_mode: {support: full}
author: kafka-estate maintainers (!UNKNOWN)
"""

EXAMPLES = r"""
- name: Both clusters, with JMX polling
  estate.kafka.cmak_clusters:
    url: http://peter-kafka01.foo.bar:9000
    user: admin
    password: "{{ cmak_password }}"
    clusters:
      - name: kafka-1
        zookeeper: peter-zk01.foo.bar:2181,peter-zk02.foo.bar:2181,peter-zk03.foo.bar:2181/kafka3
        settings: {jmxEnabled: true}
      - name: kafka-2
        zookeeper: peter-zk01.foo.bar:2181,peter-zk02.foo.bar:2181,peter-zk03.foo.bar:2181/kafka4
        settings: {jmxEnabled: true}
"""

RETURN = r"""
actions:
  description: What was done, or in check mode would be.
  type: list
  elements: str
  returned: always
  sample: ["add kafka-1", "update kafka-2: jmxEnabled"]
refused: {description: "What was refused, with the reason.", type: list, elements: str, returned: failure}
"""

from collections.abc import Sequence
from typing import Any

from ansible_collections.estate.kafka.plugins.module_utils.consoles.cmak_client import Cmak
from ansible_collections.estate.kafka.plugins.module_utils.consoles.cmak_plan import (
    Action,
    Form,
    Wanted,
    applied,
    plan,
    refusals,
    shown,
    unknown_fields,
)
from ansible_collections.estate.kafka.plugins.module_utils.declared import reconcile as engine
from ansible_collections.estate.kafka.plugins.module_utils.module import EstateModule

CLUSTER_SPEC: dict[str, Any] = {
    "name": {"type": "str", "required": True},
    "zookeeper": {"type": "str", "required": True},
    "version": {"type": "str"},
    "settings": {"type": "dict", "default": {}},
}


def reconcile(console: Cmak | None, wanted: Sequence[Wanted], check_mode: bool) -> dict[str, Any]:
    """Bring the clusters to what is wanted, or in check mode only say what that takes; return the module's result."""

    def planned() -> engine.Change[Cmak, Action]:
        engine.refuse(refusals(wanted))
        current = console.clusters() if console else {}
        blank = console.blank() if console else Form({name: "" for cluster in wanted for name in cluster.fields})
        engine.refuse(unknown_fields(wanted, blank))
        names = [cluster.name for cluster in wanted]

        def carry_out(console: Cmak, actions: Sequence[Action]) -> list[tuple[Action, str]]:
            return engine.one_by_one(actions, lambda action: console.carry_out(action, current.get(action.cluster, blank)))

        return engine.Change(
            plan(current, wanted, blank),
            shown(current, names),
            lambda done: shown(applied(current, done, blank), names),
            carry_out,
            hidden={"jmxPass", "jaasConfig"},
        )

    return engine.reconcile("cmak_clusters", console, planned, check_mode)


def main() -> None:
    """Entry point of the module."""
    module = EstateModule(
        argument_spec={
            "url": {"type": "str", "required": True},
            "user": {"type": "str", "default": ""},
            "password": {"type": "str", "default": "", "no_log": True},
            "clusters": {"type": "list", "elements": "dict", "options": CLUSTER_SPEC, "required": True},
            "timeout": {"type": "int", "default": 60},
        },
        supports_check_mode=True,
    )
    params = module.params
    wanted = [Wanted.of(item) for item in params["clusters"]]
    cmak = Cmak([params["url"]], params["timeout"], "CMAK", (params["user"], params["password"]))
    engine.exit_with(
        module,
        "clusters in CMAK",
        lambda: reconcile(cmak, wanted, module.check_mode),
        lambda: reconcile(None, wanted, check_mode=True),
    )


if __name__ == "__main__":
    main()
