"""The students exercise of a secured estate: its users, their rights, its files, and what is refused by name."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.estate.kafka.plugins.module_utils.estate.problems import render
from ansible_collections.estate.kafka.plugins.module_utils.estate.topology import Plan
from ansible_collections.estate.kafka.plugins.module_utils.security.exercise import exercise
from ansible_collections.estate.kafka.plugins.module_utils.security.passwords import variable_of
from ansible_collections.estate.kafka.plugins.module_utils.security.services import rights, users
from test_secured_inventory import estate

DIRECTORY = "/opt/kafka-estate/exercise"
PASSWORDS = {
    **{
        variable_of(cluster, f"estate-exercise-{name}"): f"{name}-password"
        for cluster, name in (("kafka-1", "producer"), ("kafka-1", "reader"), ("kafka-2", "indexer"))
    },
    "schema_registry_reader_password": "reads-schemas",
    "schema_registry_writer_password": "writes-schemas",
    "estate_password_elasticsearch_estate_indexer": "writes-documents",
}
SET = {
    "exercise_source_cluster": "kafka-1",
    "exercise_target_cluster": "kafka-2",
    "exercise_topic": "students",
    "exercise_mirrored_topic": "src.students",
}
# Of everything, for the clusters are small.
ONCE = {
    "schema_registry_cluster": "kafka-1",
    "schema_registry_replication_factor": 1,
    "kafka_broker_default_replication_factor": 1,
    "kafka_broker_min_insync_replicas": 1,
}
GROUPS = {"schema_registry": ["one"], "elasticsearch": ["two"], "exercise": ["one"]}


def planned(groups: dict[str, list[str]] | None = None, own: dict[str, Any] | None = None, **every: Any) -> Plan:
    other = {"kafka_broker_cluster": "kafka-2", "kafka_broker_chroot": "/kafka4"}
    chosen = {key: value for key, value in {**SET, **(own or {})}.items() if value is not None}
    found: Plan = estate({"one": chosen, "three": other}, ONCE | every, **(GROUPS | (groups or {})))
    return found


def topology(**every: Any) -> dict[str, Any]:
    found = planned(**every)
    assert not render(found.problems)
    return found.topology


def test_each_thing_it_does_has_a_user_that_may_do_it_and_no_more() -> None:
    found = topology()
    assert found["exercise"] == {
        "hosts": ["one"],
        "source": "kafka-1",
        "target": "kafka-2",
        "topic": "students",
        "mirrored_topic": "src.students",
        "index": "students",
    }
    own = {
        cluster: [
            (one["principal"], one["resource_type"], one["resource_name"], one["operations"])
            for one in rights(found, cluster)
            if "exercise" in one["principal"]
        ]
        for cluster in found["clusters"]
    }
    assert own == {
        "kafka-1": [
            ("User:estate-exercise-producer", "topic", "students", ["write"]),
            ("User:estate-exercise-reader", "topic", "students", ["read"]),
            ("User:estate-exercise-reader", "group", "students-reader", ["describe"]),
        ],
        "kafka-2": [
            ("User:estate-exercise-indexer", "topic", "src.students", ["read"]),
            ("User:estate-exercise-indexer", "group", "students-reader", ["describe"]),
            ("User:estate-exercise-indexer", "group", "students-indexer", ["read"]),
        ],
    }
    assert {"name": "estate-exercise-producer"} in users(found, "kafka-1")
    assert [user["name"] for user in users(found, "kafka-2")] == ["estate-exercise-indexer"]


def test_its_logins_are_files_for_root_alone_and_what_it_trusts_is_there() -> None:
    found = exercise(topology(), DIRECTORY, PASSWORDS)
    files = {item["path"]: item for item in found["files"]}
    assert not [password for password in PASSWORDS.values() if password in str(found["logins"])]
    said = {}
    for what, path in found["logins"].items():
        item = files.pop(path)
        assert (item["mode"], item["secret"]) == ("0400", True) and "owner" not in item
        said[what] = dict(line.split("=", 1) for line in item["content"].splitlines())
    assert not [password for password in PASSWORDS.values() if password in str(files)]
    assert {what: one.get("sasl.password") or one["basic.auth.user.info"] for what, one in said.items()} == {
        "produce": "producer-password",
        "read": "reader-password",
        "index": "indexer-password",
        "registry_reader": "reader:reads-schemas",
        "registry_writer": "writer:writes-schemas",
        "elasticsearch": "estate-indexer:writes-documents",
    }
    trusted = {what: files[one["ssl.ca.location"]]["pem"]["authority"] for what, one in said.items()}
    assert trusted == {
        **dict.fromkeys(("produce", "read"), "kafka-1-listeners"),
        "index": "kafka-2-listeners",
        **dict.fromkeys(("registry_reader", "registry_writer"), "schema-registry"),
        "elasticsearch": "elasticsearch-http",
    }


def test_an_open_estate_has_nothing_of_it() -> None:
    found = topology(security_profile="open")
    assert "exercise" not in found
    assert exercise(found, DIRECTORY, PASSWORDS) == {"files": [], "logins": {}}
    assert not users(found, "kafka-1") and not rights(found, "kafka-2")


def test_the_index_is_one_that_its_user_may_write() -> None:
    (problem,) = render(planned(own={"exercise_index": "pupils"}).problems)
    assert problem.startswith("one: exercise_index: found 'pupils', which estate-indexer may not write. Choose one that matches")
    assert not render(planned(own={"exercise_index": "pupils"}, elasticsearch_indexer_indices=["pupil*"]).problems)


@pytest.mark.parametrize(
    ("own", "said"),
    [
        ({"exercise_topic": None}, "one: exercise_topic: found nothing. Set it"),
        ({"exercise_target_cluster": "kafka-9"}, "one: exercise_target_cluster: found 'kafka-9'. No host of group kafka_broker"),
    ],
)
def test_what_it_goes_through_is_known(own: dict[str, Any], said: str) -> None:
    (problem,) = render(planned(own=own).problems)
    assert problem.startswith(said)


@pytest.mark.parametrize("service", ["schema_registry", "elasticsearch"])
def test_it_goes_through_registry_and_elasticsearch(service: str) -> None:
    (problem,) = render(planned({service: []}).problems)
    assert problem.startswith(f"one: groups: found exercise without a host in group {service}")


def test_its_logins_are_those_of_one_host() -> None:
    (problem,) = render(planned({"exercise": ["one", "two"]}).problems)
    assert problem.startswith("two: groups: found exercise, which runs on one host")
