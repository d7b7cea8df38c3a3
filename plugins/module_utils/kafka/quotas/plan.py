# SPDX-License-Identifier: Apache-2.0
"""From the quotas a cluster has and the quotas it should have to the changes between them.  Pure functions."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.estate.kafka.plugins.module_utils.declared.refusal import Refusal, at

# What stands for everybody who has no quota of their own.
DEFAULT = "<default>"
# Options of the inventory -> what Kafka calls that part of an entity.
PARTS = {"user": "user", "client_id": "client-id", "ip": "ip"}
CLIENT_KEYS = ("producer_byte_rate", "consumer_byte_rate", "request_percentage", "controller_mutation_rate")
IP_KEYS = ("connection_creation_rate",)
# Those that Kafka keeps as whole numbers, with the largest.
WHOLE = {"producer_byte_rate": 2**63 - 1, "consumer_byte_rate": 2**63 - 1, "connection_creation_rate": 2**31 - 1}

QUOTA_SPEC: dict[str, Any] = {
    "user": {"type": "str"},
    "client_id": {"type": "str"},
    "ip": {"type": "str"},
    "quotas": {"type": "dict", "required": True},
}


@dataclass(frozen=True)
class Entity:
    """Whom a quota is for: each part a name, the default, or None for not looked at."""

    user: str | None = None
    client_id: str | None = None
    ip: str | None = None

    def kind(self) -> tuple[str, ...]:
        """Return which parts it has."""
        return tuple(part for part in PARTS if getattr(self, part) is not None)

    def __str__(self) -> str:
        return ", ".join(
            f"default {PARTS[part]}" if getattr(self, part) == DEFAULT else f"{PARTS[part]} {getattr(self, part)}"
            for part in self.kind()
        )


Quotas = Mapping[Entity, Mapping[str, float]]


@dataclass(frozen=True)
class Wanted:
    """Quotas of one entity as the inventory has them; a value of None removes one."""

    entity: Entity
    values: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, params: Mapping[str, Any]) -> Wanted:
        """Build it from one item of the module's list."""
        values = {str(key): _number(value) for key, value in params["quotas"].items()}
        return cls(Entity(params["user"], params["client_id"], params["ip"]), values)


@dataclass(frozen=True)
class Action:
    """Quotas of an entity to be set, or with None removed."""

    entity: Entity
    values: Mapping[str, float | None]

    def __str__(self) -> str:
        settings = (f"{key}={'none' if value is None else plain(value)}" for key, value in self.values.items())
        return f"set {self.entity}: {', '.join(settings)}"


def plain(value: float) -> str:
    """Return a number without the zeros a float brings."""
    return str(int(value)) if value == int(value) else str(value)


def _number(value: Any) -> Any:
    """Return a value of the inventory as a number where it is one; refusals() names what is not."""
    if value is None or isinstance(value, bool):
        return value
    try:
        return float(value)
    except (TypeError, ValueError):
        return value


def refusals(wanted: Iterable[Wanted]) -> list[Refusal]:
    """Return everything asked for that Kafka has no quota for, each with what to do instead."""
    problems: list[Refusal] = []
    seen: set[Entity] = set()
    for number, item in enumerate(wanted):
        entity, name = item.entity, str(item.entity)
        if not entity.kind():
            line = f"an item of the list names nobody; give user, client_id or ip, {DEFAULT!r} for the default"
            problems.append(Refusal(line, number))
            continue
        lines: list[str] = ["listed twice; keep one entry"] if entity in seen else []
        seen.add(entity)
        if entity.ip is not None and len(entity.kind()) > 1:
            lines.append("a quota for an ip cannot be for a user or client too; make two entries")
        if "" in (entity.user, entity.client_id, entity.ip):
            lines.append(f"an empty name; write {DEFAULT!r} for the default")
        lines += _wrong_names(entity)
        keys = CLIENT_KEYS if entity.ip is None else IP_KEYS
        for key, value in item.values.items():
            if key not in keys:
                lines.append(at(f".quotas.{key}", f"there is no quota {key} for it; there are {', '.join(keys)}"))
            elif value is not None and (not isinstance(value, float) or not 0 < value < float("inf")):
                lines.append(at(f".quotas.{key}", f"{key} is {value!r}; it must be a number above 0, or null for no quota"))
            elif value is not None and key in WHOLE and (not value.is_integer() or value > WHOLE[key]):
                lines.append(at(f".quotas.{key}", f"{key} is {value!r}; Kafka takes whole numbers up to {WHOLE[key]} for it"))
        problems += [Refusal.about(name, number, line) for line in lines]
    return problems


def _wrong_names(entity: Entity) -> list[str]:
    """Return what is wrong with a name that Kafka would take, or not, and that nobody can have."""
    lines: list[str] = []
    if entity.user is not None and entity.user.startswith("User:"):
        lines.append(at(".user", f"a user's name stands without its type here; write user: {entity.user[len('User:') :]}"))
    if entity.ip is not None and entity.ip not in ("", DEFAULT) and not is_host(entity.ip):
        lines.append(
            at(".ip", "neither an address nor the name of a host, and Kafka has no quotas for networks; write one address")
        )
    return lines


def is_host(text: str) -> bool:
    """Return whether a text can be an address, or a name that a broker can look up."""
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return bool(re.fullmatch(r"[A-Za-z0-9._-]+", text))
    return True


def plan(current: Quotas, wanted: Sequence[Wanted], prune: bool) -> list[Action]:
    """Return the changes, one for each entity.

    Pruned are the quotas that are not listed of entities made of the same parts as those in the list.
    """
    actions = []
    listed = {item.entity: item.values for item in wanted}
    kinds = {entity.kind() for entity in listed}
    others = sorted((entity for entity in current if prune and entity not in listed and entity.kind() in kinds), key=str)
    for entity in [*listed, *others]:
        found, values = current.get(entity, {}), listed.get(entity, {})
        changes = {key: value for key, value in values.items() if found.get(key) != value}
        if prune:
            changes.update({key: None for key in found if key not in values})
        if changes:
            actions.append(Action(entity, changes))
    return actions


def applied(current: Quotas, actions: Iterable[Action]) -> dict[Entity, Mapping[str, float]]:
    """Return the quotas as they will be after the actions."""
    result = dict(current)
    for action in actions:
        values = {key: value for key, value in {**result.get(action.entity, {}), **action.values}.items() if value is not None}
        if values:
            result[action.entity] = values
        else:
            result.pop(action.entity, None)
    return result


def shown(quotas: Quotas) -> dict[str, dict[str, str]]:
    """Return the quotas by name, the way ``diff`` takes them."""
    return {str(entity): {key: plain(values[key]) for key in sorted(values)} for entity, values in quotas.items()}


def missing_changes(done: Iterable[Action], found: Quotas) -> list[str]:
    """Return which of the changes the cluster does not show yet."""
    missing = []
    for action in done:
        there = found.get(action.entity, {})
        if any(there.get(key) != value for key, value in action.values.items()):
            missing.append(f"{action}: not there")
    return missing
