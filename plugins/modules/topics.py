#!/usr/bin/python
"""Topics of a cluster as the inventory has them, in one connection."""

from __future__ import annotations

DOCUMENTATION = r"""
module: topics
short_description: Topics of a Kafka cluster as a list
description:
  - Creates the topics that are missing, raises their number of partitions and changes their settings.
  - Topics and settings that are not listed are left as they are; nothing is ever deleted.
  - Fewer partitions and another replication factor are refused before anything is changed.
  - In check mode the cluster is asked to validate every change, so that it refuses then what it would refuse later.
    Where it does not run yet, all topics are shown as new, with a warning.
options:
  topics:
    description: What must be there.
    type: list
    elements: dict
    required: true
    suboptions:
      name: {description: Name of the topic., type: str, required: true}
      partitions:
        description: Number of partitions; the broker's C(num.partitions) for a new topic when it is left out.
        type: int
      replication_factor:
        description: Replicas of each partition; the broker's C(default.replication.factor) for a new topic when it is left out.
        type: int
      config:
        description: Settings of the topic. Null returns one to the broker's default.
        type: dict
        default: {}
extends_documentation_fragment: [estate.kafka.client]
attributes:
  check_mode: {support: full}
  diff_mode: {support: full}
author: kafka-estate maintainers
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
"""

RETURN = r"""
actions:
  description: What was done, or in check mode would be.
  type: list
  elements: str
  returned: always
  sample: ["create orders", "raise partitions of clicks to 12"]
refused:
  description: What the cluster refused, with its reason and a remedy.
  type: list
  elements: str
  returned: failure
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Protocol

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.estate.kafka.plugins.module_utils.kafka_client import (
    CLIENT_SPEC,
    Cluster,
    ClusterError,
    NoAnswerError,
    hide_secrets,
)
from ansible_collections.estate.kafka.plugins.module_utils.objects import diff, failure, shown
from ansible_collections.estate.kafka.plugins.module_utils.topics_plan import (
    TOPIC_SPEC,
    Action,
    Topic,
    Wanted,
    applied,
    plan,
    refusals,
    shortfalls,
)


class Topics(Protocol):
    """What this module needs of a cluster."""

    def topics(self, names: Collection[str]) -> Mapping[str, Topic]:
        """Return those of the named topics that exist."""

    def apply(self, actions: Sequence[Action], validate_only: bool) -> Sequence[tuple[Action, str]]:
        """Carry the actions out or only validate them; return those refused."""

    def settle(self, ask: Any) -> list[str]:
        """Ask until nothing is missing or the time is over; return the last answer."""


class Nothing:
    """What check mode sees before the cluster is installed: no topics, and nobody to validate."""

    def topics(self, names: Collection[str]) -> Mapping[str, Topic]:
        """Return no topic."""
        return {}

    def apply(self, actions: Sequence[Action], validate_only: bool) -> Sequence[tuple[Action, str]]:
        """Refuse nothing."""
        return []

    def settle(self, ask: Any) -> list[str]:
        """Wait for nothing."""
        return []


def reconcile(cluster: Topics, wanted: Sequence[Wanted], check_mode: bool) -> dict[str, Any]:
    """Bring the topics to what is wanted, or in check mode only say what that takes; return the module's result."""
    names = [topic.name for topic in wanted]
    before = cluster.topics(names)
    if problems := refusals(before, wanted):
        return failure("topics", "nothing was changed", problems)
    actions = plan(before, wanted)
    refused = cluster.apply(actions, validate_only=check_mode)
    done = [action for action in actions if action not in [refusal[0] for refusal in refused]]
    after = applied(before, done)
    result: dict[str, Any] = {
        "changed": bool(done),
        "actions": [str(action) for action in done],
        "diff": diff(shown(before), shown(after)),
    }
    if refused:
        lines = [f"{action}: {reason}" for action, reason in refused]
        others = f"{len(done)} {'would be' if check_mode else 'were'} done"
        return {**result, **failure("topics", f"{len(refused)} of {len(actions)} changes refused, {others}", lines)}
    if done and not check_mode:
        missing = cluster.settle(lambda: shortfalls(after, cluster.topics(names)))
        if missing:
            return {**result, **failure("topics", "the cluster took the changes but does not show them", missing)}
    return result


def main() -> None:
    """Entry point of the module."""
    module = AnsibleModule(
        argument_spec={
            **CLIENT_SPEC,
            "topics": {"type": "list", "elements": "dict", "options": TOPIC_SPEC, "required": True},
        },
        supports_check_mode=True,
    )
    hide_secrets(module)
    wanted = [Wanted.of(item) for item in module.params["topics"]]
    try:
        result = reconcile(Cluster(module.params["client"], module.params["timeout"]), wanted, module.check_mode)
    except NoAnswerError as error:
        if not module.check_mode:
            module.fail_json(msg=str(error))
        module.warn(f"shown as for a cluster without topics: {error}")
        result = reconcile(Nothing(), wanted, check_mode=True)
    except ClusterError as error:
        module.fail_json(msg=str(error))
    if result.get("failed"):
        module.fail_json(**result)
    module.exit_json(**result)


if __name__ == "__main__":
    main()
