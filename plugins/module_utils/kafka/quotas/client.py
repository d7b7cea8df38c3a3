# SPDX-License-Identifier: Apache-2.0
"""The quotas of a live cluster, read and changed with Kafka's own requests."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Any

from ansible_collections.estate.kafka.plugins.module_utils.errors import ClusterError
from ansible_collections.estate.kafka.plugins.module_utils.kafka.protocol import NO_ERROR, Requests, explain_code, in_chunks
from ansible_collections.estate.kafka.plugins.module_utils.kafka.quotas.plan import DEFAULT, PARTS, Action, Entity

PART_NAMES = {kafka: part for part, kafka in PARTS.items()}


class LiveQuotas:
    """The quotas of one cluster."""

    def __init__(self, requests: Requests) -> None:
        self.requests = requests
        self.timeout = requests.timeout

    def quotas(self) -> dict[Entity, Mapping[str, float]]:
        """Return the values of all quotas by entity and key; raises ClusterError where they cannot be read."""
        from kafka.protocol.admin import DescribeClientQuotasRequest

        answer = self.requests.send(DescribeClientQuotasRequest(components=[], strict=False))
        if answer.error_code != NO_ERROR:
            raise ClusterError(f"quotas cannot be read: {explain_code(answer.error_code, answer.error_message)}")
        return {_entity(entry.entity): {one.key: one.value for one in entry.values} for entry in answer.entries or []}

    def apply(self, actions: Sequence[Action], validate_only: bool) -> list[tuple[Action, str]]:
        """Carry the actions out, or only ask the cluster whether it would; return those it refused, with the reason."""
        return in_chunks(actions, partial(self._alter, validate_only))

    def _alter(self, validate_only: bool, actions: Sequence[Action]) -> list[tuple[Action, str]]:
        from kafka.protocol.admin import AlterClientQuotasRequest

        entry = AlterClientQuotasRequest.EntryData
        entries = [
            entry(
                entity=[entry.EntityData(entity_type=kind, entity_name=name) for kind, name in _parts(action.entity)],
                ops=[entry.OpData(key=key, value=value or 0.0, remove=value is None) for key, value in action.values.items()],
            )
            for action in actions
        ]
        request = AlterClientQuotasRequest(entries=entries, validate_only=validate_only)
        answer = self.requests.send_to_controller(request, lambda answer: [entry.error_code for entry in answer.entries])
        found = {_entity(entry.entity): entry for entry in answer.entries}
        results = [(action, found[action.entity]) for action in actions]
        return [
            (action, explain_code(result.error_code, result.error_message))
            for action, result in results
            if result.error_code != NO_ERROR
        ]


def _parts(entity: Entity) -> list[tuple[str, str | None]]:
    """Return the parts of an entity as the protocol has them, where null stands for the default."""
    names = [(part, getattr(entity, part)) for part in entity.kind()]
    return [(PARTS[part], None if name == DEFAULT else name) for part, name in names]


def _entity(parts: Iterable[Any]) -> Entity:
    return Entity(**{PART_NAMES[part.entity_type]: DEFAULT if part.entity_name is None else part.entity_name for part in parts})
