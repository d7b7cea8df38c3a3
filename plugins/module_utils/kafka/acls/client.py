# SPDX-License-Identifier: Apache-2.0
"""The ACLs of a live cluster, read and changed with Kafka's own requests."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ansible_collections.estate.kafka.plugins.module_utils.errors import ClusterError, NoAnswerError
from ansible_collections.estate.kafka.plugins.module_utils.kafka.acls.plan import (
    OPERATIONS,
    PATTERNS,
    PERMISSIONS,
    RESOURCE_TYPES,
    Acl,
    Action,
    Create,
)
from ansible_collections.estate.kafka.plugins.module_utils.kafka.protocol import NO_ERROR, Requests, explain_code, in_chunks

ANY = 1
SECURITY_DISABLED = 54
TYPE_NAMES, PATTERN_NAMES, OPERATION_NAMES, PERMISSION_NAMES = (
    {number: name for name, number in numbers.items()} for numbers in (RESOURCE_TYPES, PATTERNS, OPERATIONS, PERMISSIONS)
)


class LiveAcls:
    """The ACLs of one cluster."""

    def __init__(self, requests: Requests) -> None:
        self.requests = requests
        self.timeout = requests.timeout

    def acls(self) -> set[Acl]:
        """Return all ACLs; raises ClusterError, or NoAnswerError where the cluster has no authorizer."""
        from kafka.protocol.admin import DescribeAclsRequest

        answer = self.requests.send(
            DescribeAclsRequest(
                resource_type_filter=ANY,
                resource_name_filter=None,
                pattern_type_filter=ANY,
                principal_filter=None,
                host_filter=None,
                operation=ANY,
                permission_type=ANY,
            )
        )
        if answer.error_code != NO_ERROR:
            # Without an authorizer the cluster is not ready for ACLs yet; the run that brings it may be this one.
            kind = NoAnswerError if answer.error_code == SECURITY_DISABLED else ClusterError
            raise kind(f"ACLs cannot be read: {explain_code(answer.error_code, answer.error_message)}")
        found = ((resource, acl) for resource in answer.resources for acl in resource.acls)
        return {
            Acl(
                acl.principal,
                acl.host,
                PERMISSION_NAMES[acl.permission_type],
                TYPE_NAMES[resource.resource_type],
                resource.resource_name,
                PATTERN_NAMES[resource.pattern_type],
                OPERATION_NAMES[acl.operation],
            )
            for resource, acl in found
            # What a newer broker may have brought cannot be listed, so it is neither compared nor pruned.
            if resource.resource_type in TYPE_NAMES and acl.operation in OPERATION_NAMES
        }

    def apply(self, actions: Sequence[Action]) -> list[tuple[Action, str]]:
        """Carry the actions out; return those refused, with the reason. Nothing is deleted when something was refused."""
        create: list[Action] = [action for action in actions if isinstance(action, Create)]
        delete = [action for action in actions if not isinstance(action, Create)]
        refused = in_chunks(create, self._create)
        if refused:
            return [*refused, *((action, "not tried after a refusal; correct that and run again") for action in delete)]
        return in_chunks(delete, self._delete)

    def _create(self, actions: Sequence[Action]) -> list[tuple[Action, str]]:
        from kafka.protocol.admin import CreateAclsRequest

        creations = [
            CreateAclsRequest.AclCreation(
                resource_type=RESOURCE_TYPES[action.acl.resource_type],
                resource_name=action.acl.resource_name,
                resource_pattern_type=PATTERNS[action.acl.pattern],
                principal=action.acl.principal,
                host=action.acl.host,
                operation=OPERATIONS[action.acl.operation],
                permission_type=PERMISSIONS[action.acl.permission],
            )
            for action in actions
        ]
        return _refused(actions, self.requests.send(CreateAclsRequest(creations=creations)).results)

    def _delete(self, actions: Sequence[Action]) -> list[tuple[Action, str]]:
        from kafka.protocol.admin import DeleteAclsRequest

        filters = [
            DeleteAclsRequest.DeleteAclsFilter(
                resource_type_filter=RESOURCE_TYPES[action.acl.resource_type],
                resource_name_filter=action.acl.resource_name,
                pattern_type_filter=PATTERNS[action.acl.pattern],
                principal_filter=action.acl.principal,
                host_filter=action.acl.host,
                operation=OPERATIONS[action.acl.operation],
                permission_type=PERMISSIONS[action.acl.permission],
            )
            for action in actions
        ]
        results = self.requests.send(DeleteAclsRequest(filters=filters)).filter_results
        worst = [
            next((one for one in (result, *result.matching_acls) if one.error_code != NO_ERROR), result) for result in results
        ]
        return _refused(actions, worst)


def _refused(actions: Sequence[Action], results: Sequence[Any]) -> list[tuple[Action, str]]:
    return [
        (action, explain_code(result.error_code, result.error_message))
        for action, result in zip(actions, results)
        if result.error_code != NO_ERROR
    ]
