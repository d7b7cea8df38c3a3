"""One connection to a cluster: what it makes of answers that differ from topic to topic."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from types import SimpleNamespace
from typing import Any

import pytest
from ansible_collections.estate.kafka.plugins.module_utils.errors import (
    ClusterError,
    LoginError,
    NoAnswerError,
    PermissionMissingError,
)
from ansible_collections.estate.kafka.plugins.module_utils.kafka.connection import Cluster, connected, unanswered
from ansible_collections.estate.kafka.plugins.module_utils.kafka.topics.client import TopicsCluster
from ansible_collections.estate.kafka.plugins.module_utils.kafka.topics.topic import Defaults
from ansible_collections.estate.kafka.plugins.module_utils.kafka.view import cluster_view
from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import AclOperation, ConfigSource

CLIENT = {"bootstrap.servers": "127.0.0.1:1"}
BROKER = SimpleNamespace(id=1, host="h1", port=9092, rack=None)
PARTITION = SimpleNamespace(leader=1, replicas=[1], isrs=[1])
CONTROLLERS_SAY = ("min.insync.replicas", "default.replication.factor")
ENTRY = SimpleNamespace(value="2", source=ConfigSource.DEFAULT_CONFIG.value)


class Admin:
    """An AdminClient whose metadata still has topics that the next request finds gone, or may not read."""

    def __init__(self, broken: Mapping[str, int]) -> None:
        self.broken = broken

    def list_topics(self, timeout: float) -> Any:
        topics = {name: SimpleNamespace(partitions={0: PARTITION}) for name in ("here", *self.broken)}
        return SimpleNamespace(topics=topics, brokers={1: BROKER}, cluster_id="c", controller_id=1)

    def describe_configs(self, resources: Sequence[Any], request_timeout: float) -> dict[Any, Any]:
        answers = {}
        for resource in resources:
            answers[resource] = answer = Future[Any]()
            if resource.name in self.broken:
                answer.set_exception(KafkaException(KafkaError(self.broken[resource.name])))
            else:
                answer.set_result(dict.fromkeys(CONTROLLERS_SAY, ENTRY))
        return answers

    def describe_cluster(self, request_timeout: float) -> Any:
        answer = Future[Any]()
        answer.set_result(SimpleNamespace(nodes=[BROKER]))
        return answer


def test_more_time_than_librdkafka_takes_for_one_request_is_no_mistake() -> None:
    assert Cluster(CLIENT, 900).timeout == 900


def test_a_topic_that_vanishes_between_two_requests_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    admin = Admin({"gone": KafkaError.UNKNOWN_TOPIC_OR_PART})
    cluster = Cluster(CLIENT, 1)
    monkeypatch.setattr(cluster, "admin", admin)
    assert cluster.min_in_sync(["here", "gone"]) == {"here": 2}
    view = cluster_view(cluster)
    assert (view["topics"], view["partitions"]) == (1, 1)
    topics = TopicsCluster(CLIENT, 1, 0, lambda text: None)
    monkeypatch.setattr(topics, "admin", admin)
    found = topics.look(["here", "gone"])
    assert list(found.topics) == ["here"] and found.names == {"here"}
    assert topics._marks("gone") == []


class Electing(Admin):
    """A cluster that says who its controllers are, one for each question and the last for ever: -1 while it chooses one."""

    def __init__(self, *controllers: int) -> None:
        super().__init__({})
        self.controllers = [*controllers]

    def list_topics(self, timeout: float) -> Any:
        found = super().list_topics(timeout)
        found.controller_id = self.controllers.pop(0) if len(self.controllers) > 1 else self.controllers[0]
        return found


def test_a_cluster_that_chooses_a_controller_is_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a new topic gets is asked of the controller: none, or one that is gone, cannot say."""
    topics = TopicsCluster(CLIENT, 30, 0, lambda text: None)
    asked: list[int] = []

    def settings(broker: int) -> dict[str, Any]:
        asked.append(broker)
        return dict.fromkeys(CONTROLLERS_SAY, ENTRY)

    monkeypatch.setattr(topics, "admin", Electing(-1, 7, 1))
    monkeypatch.setattr(topics, "_broker_config", settings)
    assert topics.look(["here"]).defaults.minimum == 2
    assert asked == [1]


def test_a_cluster_that_gets_no_controller_in_time_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    topics = TopicsCluster(CLIENT, 1, 0, lambda text: None)
    monkeypatch.setattr(topics, "admin", Electing(-1))
    with pytest.raises(ClusterError, match=r"127\.0\.0\.1:1 has no controller: see that the brokers"):
        topics.look(["here"])


@pytest.mark.parametrize(("roles", "factor"), [(None, 2), ("", 2), ("broker", None), ("broker,controller", None)])
def test_without_zookeeper_a_broker_is_not_asked_how_many_replicas_new_topics_get(
    monkeypatch: pytest.MonkeyPatch, roles: str | None, factor: int | None
) -> None:
    """The controllers decide it; what a broker's file says, or Kafka's own 1, counts for nothing there."""
    topics = TopicsCluster(CLIENT, 1, 0, lambda text: None)
    config = dict.fromkeys(("min.insync.replicas", "default.replication.factor"), ENTRY)
    config |= {} if roles is None else {"process.roles": SimpleNamespace(value=roles, source=ENTRY.source)}
    monkeypatch.setattr(topics, "_broker_config", lambda broker: config)
    assert topics._defaults(1) == Defaults(factor, 2)


def test_settings_that_may_not_be_read_are_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    cluster = Cluster(CLIENT, 1)
    monkeypatch.setattr(cluster, "admin", Admin({"hidden": KafkaError.TOPIC_AUTHORIZATION_FAILED}))
    with pytest.raises(PermissionMissingError, match=r"TOPIC_AUTHORIZATION_FAILED: .*DescribeConfigs"):
        cluster.min_in_sync(["here", "hidden"])


@pytest.mark.parametrize(
    ("reasons", "kind", "words"),
    [
        ("Connection refused", NoAnswerError, "answered within 2 s: Connection refused"),
        ("SASL authentication error: Authentication failed", LoginError, "let this user in: SASL"),
        ("KafkaTimeoutError: SASL Authentication timed out", ClusterError, "answered within 2 s: Kafka"),
        ("SASL authentication error: Local: Broker transport failure", ClusterError, "answered within 2 s: SASL"),
    ],
)
def test_who_does_not_let_somebody_in_is_there(reasons: str, kind: type[ClusterError], words: str) -> None:
    error = unanswered("a:9092", 2, [reasons])
    assert type(error) is kind and words in str(error)


@pytest.mark.parametrize(
    ("reasons", "timeout", "asked"),
    [
        (["Connection refused"], 30, [1, 2, 4, 8, 30]),
        (["SASL authentication error: Authentication failed"], 30, [1, 2]),
        (["SaslAuthenticationFailedError: invalid credentials", "Request timed out after 225 ms"], 30, [1, 2]),
        (["KafkaTimeoutError: SASL Authentication timed out"], 30, [1, 2, 4, 8, 30]),
        (["SASL authentication error: Authentication failed"], 1, [1]),
    ],
)
def test_who_is_refused_a_login_is_not_kept_waiting(reasons: list[str], timeout: int, asked: list[int]) -> None:
    given: list[int] = []

    def ask(seconds: float) -> None:
        given.append(round(seconds))
        raise OSError

    with pytest.raises(OSError):
        connected(ask, OSError, lambda: reasons, timeout)
    assert given == asked


def test_one_broker_that_refuses_is_not_the_cluster() -> None:
    answers: list[Exception | str] = [OSError(), "metadata"]

    def ask(seconds: float) -> str:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    assert connected(ask, OSError, lambda: ["Authentication failed"], 30) == "metadata"


@pytest.mark.parametrize("operations", [None, [AclOperation.DESCRIBE_CONFIGS], [AclOperation.ALTER, AclOperation.DESCRIBE]])
def test_a_user_who_may_not_describe_the_cluster_is_told_so(
    monkeypatch: pytest.MonkeyPatch, operations: list[AclOperation] | None
) -> None:
    cluster = Cluster(CLIENT, 1)
    monkeypatch.setattr(cluster, "_described", lambda **options: SimpleNamespace(authorized_operations=operations))
    allowed = AclOperation.DESCRIBE in (operations or [])
    assert ("may not describe the cluster" in cluster.missing_describe_permission()) is not allowed
