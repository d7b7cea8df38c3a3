# SPDX-License-Identifier: Apache-2.0
"""What a flow of a secured estate may not be: what goes around its logins, or needs rights that cannot be narrow.  Pure."""

from __future__ import annotations

from collections.abc import Iterator

from ansible_collections.estate.kafka.plugins.module_utils.declared.refusal import at
from ansible_collections.estate.kafka.plugins.module_utils.mirrors.flow import DEFAULT, IDENTITY, Flow
from ansible_collections.estate.kafka.plugins.module_utils.mirrors.patterns import beginning
from ansible_collections.estate.kafka.plugins.module_utils.security.mirrors import NAME, ways

WITH = "with security_profile: secured"
NOT_YET = f"which is not implemented yet {WITH}"


def not_secured(flow: Flow, exactly_once: bool) -> Iterator[tuple[str, str]]:
    """Yield what was found and the remedy; ``exactly_once`` says whether the workers write in transactions."""
    if not NAME.fullmatch(flow.name):
        yield at(".name", f"name {flow.name!r} {WITH}"), "Write letters, digits, '.', '_' and '-': its users are named after it"
    for end, endpoint in (("source", flow.source), ("target", flow.target)):
        if not endpoint.brokers:
            found = f"{end}_bootstrap for {endpoint.cluster}, a cluster outside of the inventory, {NOT_YET}"
            yield at(f".{end}_bootstrap", found), "Name a cluster of the inventory, or carry the flow in an open estate"
    if exactly_once:
        found = f"workers of {flow.connect} with exactly.once.source.support enabled, {NOT_YET} for flows"
        yield at(".connect", found), "Remove it from kafka_connect_config of these workers, and exactly_once from the flow"
    if flow.policy not in (DEFAULT, IDENTITY):
        found = f"replication.policy.class {flow.policy} {WITH}"
        yield at(".config", found), "Use policy default or identity: how another one names topics is not known, so no rights are"
    for name in flow.names if flow.identity else ():
        if not beginning(name):
            found = f"policy identity and the pattern {name!r} {WITH}"
            remedy = "Name topics, or begin patterns with letters: the flow's user would have to write every topic of the target"
            yield at(".topics", found), remedy
    for kind, settings in (flow.options["config"] or {}).items():
        for key in ways(settings or {}):
            found = f"config.{kind} with {key} {WITH}"
            yield at(f".config.{kind}.{key}", found), "Remove it: addresses, logins and TLS of a flow follow from the profile"
