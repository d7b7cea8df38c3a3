# SPDX-License-Identifier: Apache-2.0
"""Everything that a cluster's metadata hold for people: topics, settings of brokers, ACLs, users, quotas, offsets of groups."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.estate.kafka.plugins.module_utils.errors import ClusterError, NoAnswerError
from ansible_collections.estate.kafka.plugins.module_utils.kafka.acls.client import LiveAcls
from ansible_collections.estate.kafka.plugins.module_utils.kafka.connection import explain
from ansible_collections.estate.kafka.plugins.module_utils.kafka.groups.client import GroupsCluster
from ansible_collections.estate.kafka.plugins.module_utils.kafka.protocol import Requests
from ansible_collections.estate.kafka.plugins.module_utils.kafka.quotas.client import LiveQuotas
from ansible_collections.estate.kafka.plugins.module_utils.kafka.users.client import LiveUsers
from ansible_collections.estate.kafka.plugins.module_utils.kafka.view import DYNAMIC_TOPIC_CONFIG

# ConfigSource of what was set for a broker, or for all brokers, while they ran.
DYNAMIC_BROKER, DYNAMIC_DEFAULT = 2, 3


def read_objects(client: Mapping[str, Any], timeout: float) -> dict[str, Any]:
    """Return the objects by kind and name, as JSON can hold them; raises ClusterError where any cannot be read.

    ``timeout`` is in seconds, for each request.
    """
    cluster = GroupsCluster(client, timeout)
    if hidden := cluster.missing_describe_permission():
        raise ClusterError(hidden)
    metadata = cluster.metadata()
    configs = cluster.configs(metadata.topics)
    ids = _topic_ids(cluster, list(metadata.topics))
    topics = {
        name: {
            "id": ids.get(name, ""),
            "partitions": {str(number): list(one.replicas) for number, one in sorted(topic.partitions.items())},
            "config": {
                key: entry.value for key, entry in sorted(configs[name].items()) if int(entry.source) == DYNAMIC_TOPIC_CONFIG
            },
        }
        for name, topic in sorted(metadata.topics.items())
        if name in configs
    }
    with Requests(client, timeout) as requests:
        try:
            acls = sorted(f"{acl.where()}: {acl.operation}" for acl in LiveAcls(requests).acls())
        except NoAnswerError:
            acls = []
        users = {str(login): count for login, count in LiveUsers(requests, None, [], everybody=True).users().items()}
        quotas = {str(entity): dict(values) for entity, values in LiveQuotas(requests).quotas().items()}
    return {
        "topics": topics,
        "settings": _settings(cluster, sorted(metadata.brokers)),
        "acls": dict.fromkeys(acls, True),
        "users": users,
        "quotas": quotas,
        "groups": _offsets(cluster),
    }


def _topic_ids(cluster: GroupsCluster, names: list[str]) -> dict[str, str]:
    from confluent_kafka import KafkaException, TopicCollection

    found = {}
    for name, answer in cluster.admin.describe_topics(TopicCollection(names), request_timeout=cluster.timeout).items():
        try:
            found[name] = str(answer.result().topic_id)
        except KafkaException as error:
            raise ClusterError(f"topic {name} cannot be read: {explain(error)}") from error
    return found


def _settings(cluster: GroupsCluster, brokers: list[int]) -> dict[str, dict[str, str | None]]:
    """Return what was set for brokers while they ran, by broker; what holds for all of them is under each."""
    from confluent_kafka import KafkaException
    from confluent_kafka.admin import ConfigResource, ResourceType

    # librdkafka sends each to its broker, and takes one at a time.
    asked = {
        str(broker): cluster.admin.describe_configs(
            [ConfigResource(ResourceType.BROKER, str(broker))], request_timeout=cluster.timeout
        )
        for broker in brokers
    }
    found = {}
    try:
        for broker, answers in asked.items():
            (answer,) = answers.values()
            found[broker] = {
                name: entry.value
                for name, entry in sorted(answer.result().items())
                if int(entry.source) in (DYNAMIC_BROKER, DYNAMIC_DEFAULT)
            }
    except KafkaException as error:
        raise ClusterError(f"settings of the brokers cannot be read: {explain(error)}") from error
    return found


def _offsets(cluster: GroupsCluster) -> dict[str, dict[str, int]]:
    from confluent_kafka import KafkaException

    try:
        listed = cluster.admin.list_consumer_groups(request_timeout=cluster.timeout).result()
    except KafkaException as error:
        raise ClusterError(f"groups cannot be listed: {explain(error)}") from error
    if listed.errors:
        raise ClusterError(f"groups cannot be listed: {explain(listed.errors[0])}")
    names = sorted(group.group_id for group in listed.valid)
    return {
        name: {f"{topic}/{partition}": offset for (topic, partition), offset in sorted(group.offsets.items())}
        for name, group in cluster.groups(names).items()
    }
