# SPDX-License-Identifier: Apache-2.0
"""The least rights of a flow's users in a secured estate: what its connectors do on each side, as its settings ask.  Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from ansible_collections.estate.kafka.plugins.module_utils.mirrors.flow import Flow
from ansible_collections.estate.kafka.plugins.module_utils.mirrors.patterns import HEARTBEATS, LITERAL, beginning
from ansible_collections.estate.kafka.plugins.module_utils.security.mirrors import principal

# Resource type, name, pattern, and what may be done with it.
Right = tuple[str, str, str, list[str]]


def logins(flow: Flow) -> list[dict[str, Any]]:
    """Return the users of a flow, one for each side, each with ``cluster`` and ``rights``; [] in an open estate."""
    if not flow.source.login:
        return []
    sides = (("source", flow.source, _source(flow)), ("target", flow.target, _target(flow)))
    return [
        {"cluster": endpoint.cluster, "user": principal(flow.name, side), "rights": _merged(wanted)}
        for side, endpoint, wanted in sides
    ]


def _source(flow: Flow) -> Iterator[Right]:
    for name, pattern in _resources(flow.names):
        yield "topic", name, pattern, ["read", "describe_configs"]
    if flow.options["heartbeat"]:
        yield "topic", HEARTBEATS, "literal", ["read", "describe_configs", "create", "write"]
    if flow.options["checkpoint"]:
        for name, pattern in _resources(flow.options["groups"]):
            yield "group", name, pattern, ["describe"]
    if flow.says("source", "sync.topic.acls.enabled", False):
        yield "cluster", "", "literal", ["describe"]
    if not _syncs_at_target(flow):
        yield from _syncs(flow, flow.target.alias)


def _target(flow: Flow) -> Iterator[Right]:
    offsets = flow.options["checkpoint"] and flow.options["sync_group_offsets"]
    prefix = f"{flow.source.alias}{flow.separator}"
    mirrored = _resources(flow.names) if flow.identity else [(prefix, "prefixed")]
    operations = ["create", "write", "alter"]
    operations += ["alter_configs"] if flow.says("source", "sync.topic.configs.enabled", True) else []
    for name, pattern in mirrored:
        # Who writes offsets of a group must be one who may read.
        yield "topic", name, pattern, [*operations, *(["read"] if offsets else [])]
    if flow.identity and flow.options["heartbeat"]:
        yield "topic", f"{prefix}{HEARTBEATS}", "literal", operations
    if flow.options["checkpoint"]:
        yield "topic", flow.internal(f"{flow.source.alias}{flow.separator}checkpoints"), "literal", ["create", "write", "read"]
    for name, pattern in _resources(flow.options["groups"]) if offsets else ():
        yield "group", name, pattern, ["read"]
    if flow.says("source", "sync.topic.acls.enabled", False):
        yield "cluster", "", "literal", ["alter"]
    if _syncs_at_target(flow):
        yield from _syncs(flow, flow.source.alias)


def _syncs_at_target(flow: Flow) -> bool:
    return flow.setting("source", "offset-syncs.topic.location") == "target"


def _syncs(flow: Flow, other: str) -> Iterator[Right]:
    """Rights on the topic that the source connector writes and the checkpoint connector reads."""
    read = ["read"] if flow.options["checkpoint"] else []
    yield "topic", flow.internal(f"mm2-offset-syncs{flow.separator}{other}"), "literal", ["create", "write", *read]


def _resources(names: Iterable[Any]) -> list[tuple[str, str]]:
    """Return what rights on names and patterns can be given for: a pattern is as wide as the beginning of its matches."""
    found = []
    for name in map(str, names):
        start = beginning(name)
        found.append((name, "literal") if LITERAL.fullmatch(name) else (start, "prefixed") if start else ("*", "literal"))
    return list(dict.fromkeys(found))


def _merged(wanted: Iterable[Right]) -> list[dict[str, Any]]:
    """Return items of ``kafka_acls`` without their principal, one for each resource."""
    found: dict[tuple[str, str, str], dict[str, None]] = {}
    for kind, name, pattern, operations in wanted:
        found.setdefault((kind, name, pattern), {}).update(dict.fromkeys(operations))
    return [
        {"operations": list(operations), "resource_type": kind}
        | ({} if kind == "cluster" else {"resource_name": name, "pattern": pattern})
        for (kind, name, pattern), operations in found.items()
    ]
