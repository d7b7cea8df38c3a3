# SPDX-License-Identifier: Apache-2.0
"""From the ACLs a cluster has and the ACLs it should have to the changes between them.  Pure functions."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.estate.kafka.plugins.module_utils.declared.refusal import Refusal, at
from ansible_collections.estate.kafka.plugins.module_utils.formats.topic_name import PART

# Names used in the inventory -> numbers of Kafka's protocol.
RESOURCE_TYPES = {"topic": 2, "group": 3, "cluster": 4, "transactional_id": 5, "delegation_token": 6, "user": 7}
PATTERNS = {"literal": 3, "prefixed": 4}
OPERATIONS = {
    "all": 2,
    "read": 3,
    "write": 4,
    "create": 5,
    "delete": 6,
    "alter": 7,
    "describe": 8,
    "cluster_action": 9,
    "describe_configs": 10,
    "alter_configs": 11,
    "idempotent_write": 12,
    "create_tokens": 13,
    "describe_tokens": 14,
}
PERMISSIONS = {"deny": 2, "allow": 3}
# What Kafka asks for on each kind of resource; an ACL with another operation would never be looked at.
MEANINGFUL = {
    "topic": {"read", "write", "create", "describe", "delete", "alter", "describe_configs", "alter_configs"},
    "group": {"read", "describe", "delete", "describe_configs", "alter_configs"},
    "cluster": {"create", "cluster_action", "describe_configs", "alter_configs", "idempotent_write", "alter", "describe"},
    "transactional_id": {"describe", "write"},
    "delegation_token": {"describe"},
    "user": {"create_tokens", "describe_tokens"},
}
CLUSTER = "kafka-cluster"
USER = "User"
EVERYTHING = "*"
PRINCIPAL = re.compile(r"[^:\s]+:.+")

ACL_SPEC: dict[str, Any] = {
    "principal": {"type": "str", "required": True},
    "host": {"type": "str", "default": "*"},
    "operations": {"type": "list", "elements": "str", "required": True, "choices": list(OPERATIONS)},
    "permission": {"type": "str", "default": "allow", "choices": list(PERMISSIONS)},
    "resource_type": {"type": "str", "required": True, "choices": list(RESOURCE_TYPES)},
    "resource_name": {"type": "str"},
    "pattern": {"type": "str", "default": "literal", "choices": list(PATTERNS)},
}


@dataclass(frozen=True, order=True)
class Acl:
    """One rule of the cluster's authorizer, in the names of the inventory."""

    principal: str
    host: str
    permission: str
    resource_type: str
    resource_name: str
    pattern: str
    operation: str

    def where(self) -> str:
        """Return the rule without its operation: who is allowed or denied, from where, on what."""
        starting = " starting with" if self.pattern == "prefixed" else ""
        return f"{self.permission} {self.principal} from {self.host} on {self.resource_type}{starting} {self.resource_name}"


@dataclass(frozen=True)
class Action:
    """A change of one ACL."""

    acl: Acl

    def __str__(self) -> str:
        return f"{type(self).__name__.lower()} {self.acl.where()}: {self.acl.operation}"


@dataclass(frozen=True)
class Create(Action):
    """An ACL that is not there yet."""


@dataclass(frozen=True)
class Delete(Action):
    """An ACL that is there and not listed."""


def wanted_acls(items: Iterable[Mapping[str, Any]]) -> list[Acl]:
    """Return one ACL for each operation of each item of the module's list."""
    acls = [
        Acl(
            item["principal"],
            host_as_kafka_compares(item["host"]),
            item["permission"],
            item["resource_type"],
            item["resource_name"] or (CLUSTER if item["resource_type"] == "cluster" else ""),
            item["pattern"],
            operation,
        )
        for item in items
        for operation in item["operations"]
    ]
    return list(dict.fromkeys(acls))


def host_as_kafka_compares(host: str) -> str:
    """Return an address the way Java writes it, for Kafka compares texts.

    That is an IPv6 address in eight groups, and ::ffff:10.0.0.1 as 10.0.0.1. What is no address is returned as it is.
    """
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host
    if isinstance(address, ipaddress.IPv4Address):
        return str(address)
    if address.ipv4_mapped:
        return str(address.ipv4_mapped)
    number = f"{int(address):032x}"
    groups = ":".join(f"{int(number[start : start + 4], 16):x}" for start in range(0, 32, 4))
    return groups + (f"%{address.scope_id}" if address.scope_id else "")


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def empty_items(items: Iterable[Mapping[str, Any]]) -> list[Refusal]:
    """Return the items of the module's list that allow and deny nothing, each with what to do instead."""
    return [
        Refusal(
            f"{item['principal']} on {item['resource_type']} {item['resource_name'] or ''}".rstrip()
            + ": operations is empty; name some, or take the entry out",
            number,
            ".operations",
        )
        for number, item in enumerate(items)
        if not item["operations"]
    ]


def refusals(wanted: Iterable[Acl]) -> list[str]:
    """Return everything asked for that Kafka cannot keep or would never look at, each with what to do instead."""
    problems: list[str] = []
    for acl in wanted:
        name = f"{acl.where()}: {acl.operation}"
        if wrong := _wrong_principal(acl.principal):
            problems.append(at(".principal", f"{name}: {acl.principal!r} {wrong}"))
        if not acl.resource_name:
            line = f"{name}: no resource_name; give the name of the {acl.resource_type}, '*' for all"
            problems.append(at(".resource_name", line))
        elif acl.pattern == "prefixed" and acl.resource_name == EVERYTHING:
            line = f"{name}: prefixed it means names that begin with '*'; write pattern: literal for all names"
            problems.append(at(".pattern", line))
        elif acl.resource_type == "cluster" and acl.resource_name != CLUSTER:
            problems.append(at(".resource_name", f"{name}: a cluster has only the name {CLUSTER}; leave resource_name out"))
        elif acl.resource_type == "topic" and acl.resource_name != EVERYTHING and not PART.fullmatch(acl.resource_name):
            start = acl.resource_name.rstrip("*")
            hint = f"write resource_name: {start} with pattern: prefixed" if PART.fullmatch(start) else "correct the name"
            problems.append(at(".resource_name", f"{name}: no topic has such a name; {hint}"))
        if acl.host != EVERYTHING and not _is_address(acl.host):
            line = (
                f"{name}: host {acl.host!r} is not the address of one host, and Kafka compares addresses, so it would never "
                f"{acl.permission} anything; give an IPv4 or IPv6 address, or '*' for all"
            )
            problems.append(at(".host", line))
        meaningful = MEANINGFUL[acl.resource_type]
        if acl.operation not in {"all", *meaningful}:
            others = ", ".join(sorted(meaningful))
            line = f"{name}: Kafka never asks for {acl.operation} on a {acl.resource_type}; there are all, {others}"
            problems.append(at(".operations", line))
    return problems


def _wrong_principal(principal: str) -> str:
    """Return why nobody can ever be this principal, '' where somebody can: Kafka compares it letter by letter."""
    kind, _, name = principal.partition(":")
    if not PRINCIPAL.fullmatch(principal):
        return f"is not a principal; write its type before it, such as User:{principal}"
    if kind != USER and kind.lower() == USER.lower():
        return f"has a type that Kafka writes in another way; write {USER}:{name}"
    if name != name.strip():
        return f"has blanks around the name; write {kind}:{name.strip()}"
    return ""


def plan(current: Iterable[Acl], wanted: Sequence[Acl], prune: bool) -> list[Action]:
    """Return the changes in the order in which they are made: what is missing first, so that nobody is locked out between.

    Pruned are only ACLs of principals that the list has, so an empty list prunes nothing.
    """
    there = set(current)
    listed = set(wanted)
    create = [Create(acl) for acl in wanted if acl not in there]
    if not prune:
        return list(create)
    principals = {acl.principal for acl in wanted}
    return [*create, *(Delete(acl) for acl in sorted(there - listed) if acl.principal in principals)]


def applied(current: Iterable[Acl], actions: Iterable[Action]) -> set[Acl]:
    """Return the ACLs as they will be after the actions."""
    result = set(current)
    for action in actions:
        if isinstance(action, Create):
            result.add(action.acl)
        else:
            result.discard(action.acl)
    return result


def shown(acls: Iterable[Acl]) -> dict[str, dict[str, str]]:
    """Return the ACLs by principal and resource, the way ``diff`` takes them."""
    operations: dict[str, list[str]] = {}
    for acl in sorted(acls):
        operations.setdefault(acl.where(), []).append(acl.operation)
    return {where: {"operations": ", ".join(names)} for where, names in operations.items()}


def missing_changes(done: Iterable[Action], found: Iterable[Acl]) -> list[str]:
    """Return which of the changes the cluster does not show yet."""
    there = set(found)
    return [str(action) for action in done if (action.acl in there) != isinstance(action, Create)]
