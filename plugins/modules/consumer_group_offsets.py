#!/usr/bin/python
# SPDX-License-Identifier: Apache-2.0
"""Committed offsets of consumer groups, moved to where the groups are to go on."""

from __future__ import annotations

DOCUMENTATION = r"""
module: consumer_group_offsets
short_description: Move the committed offsets of consumer groups
version_added: 0.1.0
description:
  - Moves the offsets of consumer groups to the beginning, the end, a moment, an offset, or by a number of records.
  - It changes which records the consumers read next, so a run changes a group only if O(confirm) names it. Check mode shows
    everything without that, with a warning for the groups that a run would refuse.
  - A group with members is refused, with the client id and the address of each, and so are unknown groups, topics and
    partitions and offsets that a partition does not have, before any offset is written.
  - A second run with the same list changes nothing, but for O(offsets[].shift), which moves again each time, and for
    O(offsets[].duration) and V(latest), which mean another place when time has passed or records have come.
options:
  offsets:
    description: Where groups are to go on. Each item has exactly one of C(to), C(offset), C(timestamp), C(shift), C(duration).
    type: list
    elements: dict
    required: true
    suboptions:
      group: {description: Name of the group., type: str, required: true}
      topic:
        description: Name of the topic; all partitions that the group has committed offsets for when it is left out.
        type: str
      partitions:
        description: Numbers of partitions; all of the topic when they are left out, to shift only those with an offset.
        type: list
        elements: int
      to:
        description: V(earliest) for the first record that is still there, V(latest) for what comes next.
        type: str
        choices: [earliest, latest]
      offset: {description: The offset itself., type: int}
      timestamp:
        description:
          - The first record at or after this moment, the end where none is so young. ISO 8601 with a time zone, such as
            V(2026-11-21T10:00:00+09:00), or milliseconds since 1970.
        type: str
      shift: {description: "Number of offsets to go on, or to go back if it is negative.", type: int}
      duration:
        description: The first record of the last while, such as V(90s), V(30m), V(12h), V(1d12h) or V(PT12H).
        type: str
      clamp:
        description: Take the nearest offset that the partition has instead of refusing one that it does not have.
        type: bool
        default: false
      create:
        description: Whether the group may be one that is not there yet, to give it offsets before its first consumer starts.
        type: bool
        default: false
  confirm:
    description: Names of the groups whose offsets this run may change.
    type: list
    elements: str
    default: []
extends_documentation_fragment: [estate.kafka.client, estate.kafka.attributes, ansible.builtin.action_common_attributes]
attributes:
  diff_mode: {support: full}
author: kafka-estate maintainers (!UNKNOWN)
"""

EXAMPLES = r"""
- name: Read orders again from the morning on
  estate.kafka.consumer_group_offsets:
    client: {bootstrap.servers: "{{ estate_topology.clusters['kafka-1'].bootstrap }}"}
    offsets:
      - {group: shop, topic: orders, timestamp: "2026-11-21T06:00:00+09:00"}
    confirm: [shop]

- name: Skip one record that cannot be read, and start two other groups over
  estate.kafka.consumer_group_offsets:
    client: {bootstrap.servers: "{{ estate_topology.clusters['kafka-1'].bootstrap }}"}
    offsets:
      - {group: billing, topic: orders, partitions: [3], shift: 1}
      - {group: search, to: earliest}
      - {group: audit, duration: 1d}
    confirm: [billing, search, audit]
"""

RETURN = r"""
actions:
  description: What was done, or in check mode would be.
  type: list
  elements: str
  returned: always
  sample: ["shop: orders-0 from 100 to 40, 60 to be read again"]
refused: {description: "What was refused, with its reason and a remedy.", type: list, elements: str, returned: failure}
"""

import time
from collections.abc import Collection, Sequence
from typing import Any

from ansible_collections.estate.kafka.plugins.module_utils.declared import reconcile as engine
from ansible_collections.estate.kafka.plugins.module_utils.declared.diff import failure
from ansible_collections.estate.kafka.plugins.module_utils.kafka.connection import CLIENT_SPEC
from ansible_collections.estate.kafka.plugins.module_utils.kafka.groups.client import GroupsCluster
from ansible_collections.estate.kafka.plugins.module_utils.kafka.groups.plan import (
    OFFSET_SPEC,
    Action,
    Wanted,
    advice,
    applied,
    missing_changes,
    plan,
    refusals,
    selected,
    shown,
    unconfirmed,
)
from ansible_collections.estate.kafka.plugins.module_utils.module import EstateModule


def reconcile(cluster: GroupsCluster, wanted: Sequence[Wanted], confirmed: Collection[str], check_mode: bool) -> dict[str, Any]:
    """Move the offsets, or in check mode only say what that takes; return the module's result."""

    def planned() -> engine.Change[GroupsCluster, Action]:
        names = list(dict.fromkeys(item.group for item in wanted))
        # Topics first: where no broker answers, that says so with its address.
        topics = cluster.topics()
        groups = cluster.groups(names)
        engine.refuse(refusals(wanted, groups, topics))
        chosen = [(item, where) for item in wanted for where in selected(item, groups[item.group], topics)]
        ranges = cluster.ranges(where for _, where in chosen)
        moments = cluster.moments({(where, int(item.value)) for item, where in chosen if item.kind == "timestamp"})
        actions, problems = plan(wanted, groups, topics, ranges, moments)
        engine.refuse(problems)
        questions = unconfirmed(actions, confirmed)
        engine.refuse([] if check_mode else questions)
        warnings = [f"a run without check mode refuses: {line}" for line in questions]
        return engine.Change(
            actions,
            shown(applied(groups, ())),
            lambda done: shown(applied(groups, done)),
            lambda cluster, actions: [(action, reason + advice(action)) for action, reason in cluster.write(actions)],
            engine.until_shown(lambda cluster: missing_changes(actions, cluster.groups(names))),
            more={"warnings": warnings} if warnings else {},
        )

    return engine.reconcile("consumer_group_offsets", cluster, planned, check_mode)


def main() -> None:
    """Entry point of the module."""
    module = EstateModule(
        argument_spec={
            **CLIENT_SPEC,
            "offsets": {"type": "list", "elements": "dict", "options": OFFSET_SPEC, "required": True},
            "confirm": {"type": "list", "elements": "str", "default": []},
        },
        supports_check_mode=True,
    )
    params = module.params
    wanted, problems, now = [], [], time.time()
    for item in params["offsets"]:
        try:
            wanted.append(Wanted.of(item, now))
        except ValueError as error:
            problems.append(f"{item['group']}: {error}")

    def live() -> dict[str, Any]:
        if problems:
            return failure("consumer_group_offsets", "nothing was changed", problems)
        return reconcile(GroupsCluster(params["client"], params["timeout"]), wanted, params["confirm"], module.check_mode)

    engine.exit_with(module, "groups", live)


if __name__ == "__main__":
    main()
