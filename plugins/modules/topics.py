#!/usr/bin/python
# SPDX-License-Identifier: Apache-2.0
"""Topics of a cluster as the inventory has them, in one connection."""

from __future__ import annotations

DOCUMENTATION = r"""
module: topics
short_description: Topics of a Kafka cluster as a list
version_added: 0.1.0
description:
  - Creates the topics that are missing, raises their number of partitions, moves their replicas and changes their settings.
  - Topics and settings that are not listed are left as they are. A topic is deleted only if O(confirm_delete) names it.
  - Fewer partitions are refused, and so are more replicas than live brokers, C(min.insync.replicas) above the replication
    factor, and names that differ from another only in C(.) and C(_), before anything is changed. For a new topic what it does
    not say is taken from the brokers' settings, if the user of O(client) may read them.
  - The cluster is asked to validate every change that it can validate before the first one is made, in check mode too. Where
    it does not run yet, check mode shows all topics as new, with a warning.
  - Another replication factor moves as little as possible. Replicas that are there stay, the preferred leader too; new ones
    go to the racks that have fewest of the partition, there to the brokers that have fewest of the topic. Where not every
    broker has C(broker.rack), racks do not count.
  - Moves of replicas are waited for as long as something moves, and their progress goes to the system log of the host. A
    move that is under way already is waited for and not begun again. A run that dies leaves the move to the brokers, under
    its throttle; the next run waits for its end and removes the throttle.
options:
  topics:
    description: What must be there.
    type: list
    elements: dict
    required: true
    suboptions:
      name: {description: Name of the topic., type: str, required: true}
      state:
        description: V(absent) deletes the topic with all its records, if O(confirm_delete) names it too.
        type: str
        choices: [present, absent]
        default: present
      partitions:
        description: Number of partitions; the broker's C(num.partitions) for a new topic when it is left out.
        type: int
      replication_factor:
        description:
          - Replicas of each partition. When it is left out, the broker's C(default.replication.factor) for a new topic, and
            those that are there for any other.
        type: int
      replicas:
        description:
          - The ids of the brokers of each partition, the preferred leader first, to choose them yourself.
            Takes the place of O(topics[].partitions) and O(topics[].replication_factor).
        type: list
        elements: list
      config:
        description: Settings of the topic. Null returns one to the broker's default.
        type: dict
  throttle:
    description:
      - Bytes per second that each broker sends, and receives, at most for moves of replicas; 0 for no limit.
      - It must be more than what producers write to the moving partitions on one broker, or the move never ends.
    type: int
    default: 50000000
  keep:
    description:
      - Patterns of names that are never deleted, such as C(src.*) for topics that are mirrored from elsewhere.
      - Kafka's own topics, those of Connect, of schema registries and of MirrorMaker (heartbeats, checkpoints, offset syncs) are
        always kept.
    type: list
    elements: str
    default: []
extends_documentation_fragment:
  - estate.kafka.client
  - estate.kafka.deletions
  - estate.kafka.attributes
  - ansible.builtin.action_common_attributes
requirements:
  - kafka-python too, for moves of replicas; it is part of the same release
attributes:
  diff_mode: {support: full}
author: kafka-estate maintainers (!UNKNOWN)
"""

EXAMPLES = r"""
- name: Topics of kafka-1
  estate.kafka.topics:
    client: {bootstrap.servers: "{{ estate_topology.clusters['kafka-1'].bootstrap }}"}
    topics:
      - {name: peter-avro01-kafka1, partitions: 1, replication_factor: 3}
      - name: orders
        partitions: 12
        replication_factor: 3
        config: {retention.ms: 86400000, cleanup.policy: [compact, delete], min.insync.replicas: null}

- name: Three replicas instead of two, at 10 MB/s
  estate.kafka.topics:
    client: {bootstrap.servers: "{{ estate_topology.clusters['kafka-1'].bootstrap }}"}
    topics: [{name: clicks, replication_factor: 3}]
    throttle: 10000000

- name: A topic goes, with all its records
  estate.kafka.topics:
    client: {bootstrap.servers: "{{ estate_topology.clusters['kafka-1'].bootstrap }}"}
    topics: [{name: old-clicks, state: absent}]
    confirm_delete: [old-clicks]
"""

RETURN = r"""
actions:
  description: What was done, or in check mode would be.
  type: list
  elements: str
  returned: always
  sample: ["create orders", "move replicas of clicks: replication factor 2 to 3, 4 of 4 partitions, 4 copies"]
moves:
  description: What the moves of replicas copied, or in check mode would copy. The bytes were counted before the move.
  type: list
  elements: dict
  returned: always
  sample: [{topic: clicks, partitions: 4, copies: 4, bytes: 1048576}]
unlisted:
  description: Topics that are there, not listed, kept by nobody and not confirmed.
  type: list
  elements: str
  returned: with O(prune)
refused: {description: "What the cluster refused, with its reason and a remedy.", type: list, elements: str, returned: failure}
"""

from collections.abc import Sequence
from typing import Any

from ansible_collections.estate.kafka.plugins.module_utils.declared import reconcile as engine
from ansible_collections.estate.kafka.plugins.module_utils.declared.deletions import DELETION_SPEC, Deletion, left_over
from ansible_collections.estate.kafka.plugins.module_utils.kafka.connection import CLIENT_SPEC
from ansible_collections.estate.kafka.plugins.module_utils.kafka.topics.client import TopicsCluster
from ansible_collections.estate.kafka.plugins.module_utils.kafka.topics.kept import refused_deletions, to_delete, unlisted
from ansible_collections.estate.kafka.plugins.module_utils.kafka.topics.plan import (
    TOPIC_SPEC,
    Wanted,
    applied,
    missing_changes,
    plan,
    refusals,
    shown_topics,
)
from ansible_collections.estate.kafka.plugins.module_utils.kafka.topics.topic import Action, View
from ansible_collections.estate.kafka.plugins.module_utils.module import EstateModule


def reconcile(cluster: TopicsCluster | None, wanted: Sequence[Wanted], deletion: Deletion, check_mode: bool) -> dict[str, Any]:
    """Bring the topics to what is wanted, or in check mode only say what that takes; return the module's result."""

    def planned() -> engine.Change[TopicsCluster, Action]:
        names = {*(topic.name for topic in wanted), *deletion.confirmed}
        view = cluster.look(names) if cluster else View({}, frozenset(), {})
        problems = refusals(view.topics, wanted, view.racks, view.names, view.defaults)
        engine.refuse(problems + refused_deletions(view.names, wanted, deletion))
        actions = plan(view.topics, wanted, view.racks, to_delete(view.names, wanted, deletion))
        rejected = cluster.apply(actions, validate_only=True) if cluster else []
        engine.refuse_rejected(rejected, "the cluster does not accept the topics")
        others = unlisted(view.names, {topic.name for topic in wanted}, deletion)
        return engine.Change(
            actions,
            shown_topics(view.topics, actions),
            lambda done: shown_topics(applied(view.topics, done), actions),
            lambda cluster, actions: cluster.apply(actions, validate_only=False),
            engine.until_shown(lambda cluster: missing_changes(actions, cluster.topics(names))),
            more={"moves": cluster.to_copy(actions) if cluster else [], **left_over(others, deletion)},
        )

    return engine.reconcile("topics", cluster, planned, check_mode)


def main() -> None:
    """Entry point of the module."""
    module = EstateModule(
        argument_spec={
            **CLIENT_SPEC,
            "topics": {"type": "list", "elements": "dict", "options": TOPIC_SPEC, "required": True},
            "throttle": {"type": "int", "default": 50_000_000},
            **DELETION_SPEC,
            "keep": {"type": "list", "elements": "str", "default": []},
        },
        supports_check_mode=True,
    )
    params = module.params
    try:
        wanted = [Wanted.of(item) for item in params["topics"]]
    except ValueError as error:
        module.fail_json(msg=f"topics: replicas holds something else than ids of brokers: {error}")
    deletion = Deletion.of(params)

    def live() -> dict[str, Any]:
        cluster = TopicsCluster(params["client"], params["timeout"], params["throttle"], module.log)
        return reconcile(cluster, wanted, deletion, module.check_mode)

    engine.exit_with(module, "topics", live, lambda: reconcile(None, wanted, deletion, check_mode=True))


if __name__ == "__main__":
    main()
