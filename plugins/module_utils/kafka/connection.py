# SPDX-License-Identifier: Apache-2.0
"""One connection to a Kafka cluster, shared by all modules that read or change its objects."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any, TypeVar

from ansible_collections.estate.kafka.plugins.module_utils.errors import (
    ClusterError,
    LoginError,
    NoAnswerError,
    PermissionMissingError,
)
from ansible_collections.estate.kafka.plugins.module_utils.host.libraries import add_host_python
from ansible_collections.estate.kafka.plugins.module_utils.kafka.partitions import Partition
from ansible_collections.estate.kafka.plugins.module_utils.polling import POLL_SECONDS, poll

# How the libraries say of a login that time was over, or the broker gone, before it was answered.
CUT_SHORT = ("timed out", "transport failure", "disconnected")
Item = TypeVar("Item")

CLIENT_SPEC: dict[str, Any] = {
    "client": {"type": "dict", "required": True},
    "timeout": {"type": "int", "default": 30},
}

REMEDIES = {
    "INVALID_REPLICATION_FACTOR": "lower replication_factor or bring the missing brokers up",
    "INVALID_CONFIG": "correct the key or the value",
    "INVALID_REQUEST": "correct the value",
    "INVALID_PARTITIONS": "correct partitions",
    "INVALID_TOPIC_EXCEPTION": "choose another name; '.' and '_' count as the same in one cluster",
    "TOPIC_AUTHORIZATION_FAILED": "give this user the rights to create, describe and alter the topic",
    "CLUSTER_AUTHORIZATION_FAILED": "give this user the rights on the cluster",
    "POLICY_VIOLATION": "the broker's policy class refuses it; change the request or the policy",
    "SECURITY_DISABLED": "set authorizer.class.name for all brokers, with kafka_broker_config, or list no ACLs",
    "UNACCEPTABLE_CREDENTIAL": "correct iterations, name or password",
    "GROUP_AUTHORIZATION_FAILED": "give this user the rights to read and describe the group",
    "UNKNOWN_MEMBER_ID": "a consumer has joined the group meanwhile; stop the group's consumers and run again",
    "NON_EMPTY_GROUP": "a consumer has joined the group meanwhile; stop the group's consumers and run again",
    "SASL_AUTHENTICATION_FAILED": "correct user name and password",
    "UNKNOWN": "the controller's log says why, in /var/log/kafka/server.log",
    "UNSUPPORTED_SASL_MECHANISM": "choose a mechanism that the listener has enabled",
    "REQUEST_TIMED_OUT": "see that the brokers are up, raise timeout, and run again",
    "_TIMED_OUT": "see that the brokers are up, raise timeout, and run again",
}


def explain(error: Any) -> str:
    """Return name, sentence and remedy of a KafkaError, or of the KafkaException around one."""
    inner = error.args[0] if isinstance(error, Exception) and error.args else error
    name = inner.name() if hasattr(inner, "name") else type(error).__name__
    said = inner.str() if hasattr(inner, "str") else str(error)
    return with_remedy(name, said)


def with_remedy(name: str, said: str) -> str:
    """Return an error of Kafka by name, its sentence and what to do."""
    remedy = REMEDIES.get(name)
    return f"{name}: {said.strip().rstrip('.')}" + (f"; {remedy}" if remedy else "")


def no_controller(address: str) -> ClusterError:
    """Return the error for a cluster that answers and has chosen no controller in time."""
    return ClusterError(f"{address} has no controller: see that the brokers and ZooKeeper are up, and run again")


def refuses(reason: str) -> bool:
    """Whether what a library says of a connection is that a login was refused, not that it was cut short."""
    return "authentication" in reason.lower() and not any(cut in reason.lower() for cut in CUT_SHORT)


def unanswered(address: str, timeout: float, reasons: Sequence[str]) -> ClusterError:
    """Return the error for brokers that cannot be asked; where a login is wanted somebody is there: that is no NoAnswerError.

    ``timeout`` is in seconds.
    """
    said = "; ".join(reasons)
    if any(map(refuses, reasons)):
        return LoginError(f"no broker of {address} let this user in: {said}; correct user name and password")
    answer = f"no broker of {address} answered within {timeout:.0f} s: {said}"
    if "authentication" in said.lower():
        return ClusterError(f"{answer}; correct user name and password")
    return NoAnswerError(answer)


def connected(
    ask: Callable[[float], Item], failure: type[Exception], reasons: Callable[[], Iterable[str]], timeout: float
) -> Item:
    """Return the first answer of a cluster, asked for within so many seconds; raises the failure of the last try.

    Both libraries log in again and again until their time is over, and kafka-python hears only some of the refusals. So they get
    a second, then two, four and so on: who was refused, and let in by no broker for three seconds or more, is not kept waiting
    for the rest. A second is not enough, for one broker may refuse what the others take. The last try has half the time or more.
    """
    end, seconds = time.monotonic() + timeout, 1.0
    while (left := end - time.monotonic()) > 2 * seconds:
        try:
            return ask(seconds)
        except failure:
            if seconds > 1 and any(map(refuses, reasons())):
                raise
        seconds *= 2
    return ask(max(POLL_SECONDS, left))


# The longest that librdkafka waits for one answer, in seconds. A longer timeout asks again.
LONGEST_REQUEST = 300


class Cluster:
    """An administrator's connection, opened by the first request."""

    def __init__(self, client: Mapping[str, Any], timeout: float) -> None:
        add_host_python()
        try:
            from confluent_kafka.admin import AdminClient
        except ImportError as error:
            raise NoAnswerError(
                f"confluent-kafka cannot be loaded ({error}): run this on a broker host of the estate, or install it"
            ) from error
        self.address = str(client.get("bootstrap.servers", ""))
        if not self.address:
            raise ClusterError("client has no bootstrap.servers: give it as host:port,host:port")
        self.timeout = timeout
        self.errors: list[str] = []
        longest = {"socket.timeout.ms": int(min(timeout, LONGEST_REQUEST) * 1000)}
        settings = {**longest, **client, "log_level": 0, "error_cb": self._remember}
        try:
            self.admin = AdminClient(settings)
        except Exception as error:  # KafkaException, ValueError or TypeError: a setting librdkafka does not take
            raise ClusterError(f"client settings: {explain(error)}") from error

    def _remember(self, error: Any) -> None:
        self.errors = [*self.errors[-2:], error.str()]

    def _heard(self) -> list[str]:
        """Return what the connections said last."""
        self.admin.poll(0)
        return list(dict.fromkeys(self.errors))

    def metadata(self) -> Any:
        """Return the metadata of all topics and brokers; raises ClusterError when no broker answers."""
        from confluent_kafka import KafkaException

        self.errors = []
        try:
            return connected(lambda seconds: self.admin.list_topics(timeout=seconds), KafkaException, self._heard, self.timeout)
        except KafkaException as error:
            raise unanswered(self.address, self.timeout, self._heard() or [explain(error)]) from error

    def metadata_with_controller(self) -> Any:
        """Return the metadata as soon as the cluster has a live controller; raises ClusterError when it gets none in time."""
        found = poll(self.metadata, lambda metadata: metadata.controller_id in metadata.brokers, self.timeout)
        if found.controller_id not in found.brokers:
            raise no_controller(self.address)
        return found

    def partitions(self, metadata: Any) -> list[Partition]:
        """Return every partition of the cluster."""
        return [
            Partition(name, number, found.leader, tuple(found.replicas), tuple(found.isrs))
            for name, topic in metadata.topics.items()
            for number, found in topic.partitions.items()
        ]

    def topic_errors(self, metadata: Any) -> dict[str, str]:
        """Return the topics of which the cluster says an error in place of, or beside, their partitions."""
        return {name: explain(topic.error) for name, topic in metadata.topics.items() if topic.error is not None}

    def racks(self) -> dict[int, str | None]:
        """Return the rack of every live broker."""
        return {int(node.id): node.rack for node in self._described().nodes}

    def missing_describe_permission(self) -> str:
        """Return what to say of a user from whom the cluster hides things; Kafka leaves them out and calls that no error."""
        from confluent_kafka.admin import AclOperation

        if AclOperation.DESCRIBE in (self._described(include_authorized_operations=True).authorized_operations or ()):
            return ""
        return (
            "this user may not describe the cluster, so topics, groups and sizes that it has no rights to are left out; "
            "give it the right to describe the cluster and all topics and groups"
        )

    def _described(self, **options: Any) -> Any:
        from confluent_kafka import KafkaException

        try:
            return self.admin.describe_cluster(request_timeout=self.timeout, **options).result()
        except KafkaException as error:
            # librdkafka logs in again and again until its time is over, and then only says that it is.
            if any(map(refuses, heard := self._heard())):
                raise unanswered(self.address, self.timeout, heard) from error
            raise ClusterError(f"the brokers cannot be read: {explain(error)}") from error

    def configs(self, topics: Collection[str]) -> dict[str, dict[str, Any]]:
        """Return the settings of topics in force, as confluent_kafka's ConfigEntry by topic and name.

        Topics that are gone are left out. Raises PermissionMissingError, and ClusterError where they cannot be read.
        """
        from confluent_kafka import KafkaError, KafkaException
        from confluent_kafka.admin import ConfigResource, ResourceType

        if not topics:
            return {}
        resources = [ConfigResource(ResourceType.TOPIC, name) for name in sorted(topics)]
        found = {}
        try:
            for resource, answer in self.admin.describe_configs(resources, request_timeout=self.timeout).items():
                try:
                    found[resource.name] = answer.result()
                except KafkaException as error:
                    if error.args[0].code() != KafkaError.UNKNOWN_TOPIC_OR_PART:
                        raise
        except KafkaException as error:
            if error.args[0].code() == KafkaError.TOPIC_AUTHORIZATION_FAILED:
                raise PermissionMissingError(
                    "TOPIC_AUTHORIZATION_FAILED: this user may not read the settings of all topics; "
                    "give it the right DescribeConfigs on them"
                ) from error
            raise ClusterError(f"settings of the topics cannot be read: {explain(error)}") from error
        return found

    def min_in_sync(self, topics: Collection[str]) -> dict[str, int]:
        """Return ``min.insync.replicas`` of topics; those that are gone are left out."""
        return {name: int(config["min.insync.replicas"].value) for name, config in self.configs(topics).items()}


def refused(answers: Iterable[tuple[Item, Any]]) -> list[tuple[Item, str]]:
    """Return those items that the cluster refused, from each item's future, with the reason."""
    from confluent_kafka import KafkaException

    result = []
    for item, answer in answers:
        try:
            answer.result()
        except KafkaException as error:
            result.append((item, explain(error)))
    return result


def config_entries(config: Mapping[str, str | None]) -> list[Any]:
    """Return changes of settings as librdkafka takes them; None takes a setting away, so that its default counts again."""
    from confluent_kafka.admin import AlterConfigOpType, ConfigEntry

    operations = {True: AlterConfigOpType.DELETE, False: AlterConfigOpType.SET}
    return [ConfigEntry(key, value, incremental_operation=operations[value is None]) for key, value in config.items()]
