# SPDX-License-Identifier: Apache-2.0
"""What the judge of an estate finds: data, with one English sentence for each code.  Other languages have tables of their own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.estate.kafka.plugins.module_utils.text import shorten

# What a finding is about: ("host", name), ("component", component, host), ("cluster", name), ("ensemble", name),
# ("connect", group id), ("mirror", name of the flow) or ("elasticsearch",).
Subject = tuple[str, ...]
Marks = dict[Subject, str]

PERHAPS = (
    "; heartbeats come through, so perhaps Connect has only not noted the rest yet: it does so every minute, "
    "and offset.flush.interval.ms: 10000 in kafka_connect_config makes it sooner"
)
BEHIND = "Mirror {name}: up to {count} records behind, more than lag_max {most}, most of them in {topics}"
SENTENCES = {
    "unreachable": "{host}, which carries {carried}, cannot be asked: {error}",
    "no_answer": "{title} on {host} does not answer: {error}",
    "no_single_leader": "ZooKeeper ensemble {name} has {leaders} leaders: no quorum, or it is split",
    "no_active_controller": "{title}: no controller is active: nothing can change, and no partition gets a new leader",
    "controller_missing": "{title}: controller {controller} on {host} does not vote: playbooks/controllers.yml adds it",
    "controllers_unknown": "{title}: voters {controllers} are not in the inventory: playbooks/controllers.yml removes them",
    "controller_behind": "{title}: controller {controller} on {host} does not keep up with the active one, behind for {behind}",
    "broker_missing": "{title}: broker {broker} on {host} is not in the cluster",
    "brokers_unknown": "{title}: brokers {brokers} are not in the inventory",
    "offline": "{title}: {count} partitions have no leader: nothing can be written or read: {partitions}",
    "under_min_isr": "{title}: {count} partitions have fewer replicas in sync than min.insync.replicas: writes with acks=all are "
    "refused: {partitions}",
    "under_replicated": "{title}: {count} partitions have replicas that are not in sync: {partitions}",
    "too_few_replicas": "{title}: {count} partitions were made with fewer replicas than min.insync.replicas, so writes with "
    "acks=all are always refused; raise replication_factor of the topic or lower its min.insync.replicas: {partitions}",
    "minimum_lowered": "{title}: topics have a smaller min.insync.replicas than the inventory's {wanted}, and nobody set it for "
    "them, so what is acknowledged may be on fewer brokers; set the cluster's with kafka-configs --entity-type brokers "
    "--entity-default --alter --add-config min.insync.replicas={wanted}: {topics}",
    "connector_state": "{title}: connector {connector} is {state}",
    "connector_tasks": "{title}: {count} tasks of {connector} are {states}",
    "mirror_connector_missing": "Mirror {name}: Connect has no connector {connector}; playbooks/objects.yml makes it",
    "mirror_asleep": "Mirror {name}: connector {connector} is {state}, and the inventory wants it running; playbooks/objects.yml "
    "resumes it",
    "mirror_idle": "Mirror {name}: connector {connector} has no task: no topic matches, or none could start",
    "mirror_behind": BEHIND,
    "mirror_behind_perhaps": BEHIND + PERHAPS,
    "mirror_behind_unknown": "Mirror {name}: how far it is behind cannot be asked: {error}",
    "heartbeat_none": "Mirror {name}: no heartbeat has come through",
    "heartbeat_unknown": "Mirror {name}: heartbeats cannot be asked: {error}",
    "heartbeat_old": "Mirror {name}: the last heartbeat on {target} is {age} s old, above heartbeat_max_age {most}: "
    "nothing passes",
    "elasticsearch_red": "Elasticsearch is red: shards without a primary, some documents cannot be reached",
    "elasticsearch_yellow": "Elasticsearch is yellow: some copies of shards are not assigned",
    "elasticsearch_nodes": "Elasticsearch has {live} of {count} nodes",
    "agent_silent": "JMX exporter of {component} on {host} does not answer: {error}",
    "targets_down": "Prometheus reaches {up} of {count} targets",
}


@dataclass(frozen=True)
class Finding:
    """One thing that was found: its code, the mark that each of its subjects gets for it (``bad`` or ``warn``), its values.

    A value that is a list is of names.  ``problem`` is false for a remark, which leaves the estate well.
    """

    code: str
    marks: tuple[tuple[Subject, str], ...]
    values: Mapping[str, Any]
    problem: bool = True

    def __str__(self) -> str:
        return SENTENCES[self.code].format(**{name: _shown(value) for name, value in self.values.items()})


def _shown(value: Any) -> str:
    return shorten(value) if isinstance(value, (list, tuple)) else str(value)
