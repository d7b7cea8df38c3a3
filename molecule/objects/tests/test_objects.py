"""Topics, users, ACLs and quotas that the inventory declares, on a broker with an authorizer and logins."""

from __future__ import annotations

import json
import subprocess
import uuid
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from lab import module, on, timed_module

BROKER = "one.objects.test"
CLIENT = {"bootstrap.servers": f"{BROKER}:9092"}
LOGIN = {"bootstrap.servers": f"{BROKER}:9094", "security.protocol": "SASL_PLAINTEXT"}
MANY = 500
SAME = ("changed", "actions", "diff")


def cli(*words: str, text: str = "") -> str:
    """Return what a tool of the command line prints for an ordinary user."""
    return on(BROKER, *words, user="nobody", text=text)


def user(name: str, password: str, mechanism: str = "SCRAM-SHA-512") -> dict[str, str]:
    """Return the client settings of somebody who logs in."""
    return {**LOGIN, "sasl.mechanism": mechanism, "sasl.username": name, "sasl.password": password}


SHOP, GUEST = user("shop", "shop-in-the-lab"), user("guest", "guest-in-the-lab", "SCRAM-SHA-256")
# Runs on the host, with the library the toolkit put there: sends a record and reads it back; prints how both went.
SEND = """
import json, sys
sys.path.insert(0, "/opt/kafka-estate/python/current")
from confluent_kafka import Consumer, Producer
client, topic, group = json.loads(sys.argv[1])
heard, said = [], {}
def note(error):
    heard.append(error.name())
def ended(error, message):
    said["send"] = error.name() if error else "done"
try:
    producer = Producer({**client, "message.timeout.ms": 5000, "error_cb": note, "log_level": 0})
    producer.produce(topic, b"1", on_delivery=ended)
    producer.flush(10)
    consumer = Consumer({**client, "group.id": group, "auto.offset.reset": "earliest", "error_cb": note, "log_level": 0})
    consumer.subscribe([topic])
    message = consumer.poll(10) if said["send"] == "done" else None
    said["read"] = "nothing" if message is None else message.error().name() if message.error() else "done"
    consumer.close()
finally:
    print(json.dumps({**said, "heard": sorted(set(heard))}))
"""


def send(client: dict[str, str], topic: str = "orders", group: str = "shop") -> dict[str, Any]:
    """Return how sending a record and reading one went for a user."""
    found: dict[str, Any] = json.loads(on(BROKER, "python3", "-c", SEND, json.dumps([client, topic, group])))
    return found


@pytest.fixture
def own() -> str:
    """Return the start of names that nobody else has."""
    return f"own-{uuid.uuid4().hex[:8]}"


# -- what the converge made --------------------------------------------------------------------------------------------


def test_a_user_with_grants_sends_and_reads() -> None:
    assert send(SHOP) == {"send": "done", "read": "done", "heard": []}


def test_a_user_without_grants_is_let_in_and_refused() -> None:
    assert send(GUEST)["send"] == "TOPIC_AUTHORIZATION_FAILED"


def test_a_wrong_password_is_not_let_in() -> None:
    assert "_AUTHENTICATION" in send(user("shop", "wrong"))["heard"]


def test_a_grant_ends_where_its_names_end(own: str) -> None:
    assert send(SHOP, group="others")["read"] != "done"


def test_quotas_are_set() -> None:
    shown = cli("kafka-configs", "--describe", "--entity-type", "users")
    assert "user-principal 'shop'" in shown and "producer_byte_rate=1048576.0" in shown
    assert "default user-principal" in shown and "consumer_byte_rate=2097152.0" in shown


# -- check mode and the run that follows -------------------------------------------------------------------------------


def foretold(name: str, /, **options: Any) -> dict[str, Any]:
    """Return the result of a module after comparing it with what check mode said of it; again there is nothing to do."""
    said = module(BROKER, name, check=True, client=CLIENT, **options)
    done = module(BROKER, name, client=CLIENT, **options)
    assert not done.get("failed"), done
    assert {key: said[key] for key in SAME} == {key: done[key] for key in SAME}
    return done


@pytest.fixture
def acl(own: str) -> Iterator[dict[str, Any]]:
    """Return an ACL of a principal of its own; it is gone after the test."""
    yield {"principal": f"User:{own}", "resource_type": "topic", "resource_name": own}
    cli("kafka-acls", "--remove", "--force", "--topic", own)


def test_topics_are_foretold(own: str) -> None:
    kept, gone = {"name": f"{own}-kept", "partitions": 1, "replication_factor": 1}, {"name": f"{own}-gone"}
    first = foretold("topics", topics=[{**kept, "config": {"retention.ms": 60000}}, gone])
    assert first["actions"] == [f"create {own}-kept", f"create {own}-gone"]
    changed = {**kept, "partitions": 3, "config": {"retention.ms": None, "cleanup.policy": "compact"}}
    second = foretold("topics", topics=[changed, {**gone, "state": "absent"}], confirm_delete=[f"{own}-gone"])
    assert len(second["actions"]) == 3
    shown = cli("kafka-topics", "--describe", "--topic", f"{own}.*")
    assert "PartitionCount: 3" in shown and "cleanup.policy=compact" in shown and f"{own}-gone" not in shown
    assert foretold("topics", topics=[changed])["actions"] == []
    foretold("topics", topics=[{**kept, "state": "absent"}], confirm_delete=[f"{own}-kept"])


def test_acls_are_foretold(own: str, acl: dict[str, Any]) -> None:
    foretold("acls", acls=[{**acl, "operations": ["read", "write"]}])
    second = foretold("acls", acls=[{**acl, "operations": ["read", "describe"]}], prune=True)
    assert [action.split()[0] for action in second["actions"]] == ["create", "delete"]
    shown = cli("kafka-acls", "--list", "--topic", own)
    assert "operation=READ" in shown and "operation=DESCRIBE" in shown and "operation=WRITE" not in shown
    assert foretold("acls", acls=[{**acl, "operations": ["read", "describe"]}], prune=True)["actions"] == []


def test_users_are_foretold(own: str) -> None:
    listed = {"name": own, "password": "first-in-the-lab"}
    foretold("scram_users", users=[listed], login=LOGIN)
    assert send(user(own, "first-in-the-lab"))["send"] == "TOPIC_AUTHORIZATION_FAILED"
    again = foretold("scram_users", users=[{**listed, "password": "second-in-the-lab", "iterations": 8192}], login=LOGIN)
    assert again["actions"] == [f"set password and iterations of {own} (SCRAM-SHA-512)"]
    assert "in-the-lab" not in json.dumps({key: again[key] for key in SAME})
    assert "_AUTHENTICATION" in send(user(own, "first-in-the-lab"))["heard"]
    unconfirmed = module(BROKER, "scram_users", client=CLIENT, users=[{"name": own, "state": "absent"}])
    assert unconfirmed["failed"] and "confirm_delete" in unconfirmed["msg"]
    foretold("scram_users", users=[{"name": own, "state": "absent"}], confirm_delete=[own])
    assert "_AUTHENTICATION" in send(user(own, "second-in-the-lab"))["heard"]


def test_quotas_are_foretold(own: str) -> None:
    both = {"producer_byte_rate": 1000, "consumer_byte_rate": 2000}
    foretold("quotas", quotas=[{"client_id": own, "quotas": both}])
    changed = {"producer_byte_rate": 3000, "consumer_byte_rate": None}
    assert foretold("quotas", quotas=[{"client_id": own, "quotas": changed}])["actions"]
    shown = cli("kafka-configs", "--describe", "--entity-type", "clients")
    assert f"client-id '{own}' are producer_byte_rate=3000.0" in shown
    foretold("quotas", quotas=[{"client_id": own, "quotas": dict.fromkeys(both)}])
    assert own not in cli("kafka-configs", "--describe", "--entity-type", "clients")


# -- what is refused ---------------------------------------------------------------------------------------------------

TOPIC = {"partitions": 1, "replication_factor": 1}
ACL = {"principal": "User:a", "operations": ["read"], "resource_type": "topic", "resource_name": "a"}


@pytest.mark.parametrize(
    ("name", "options", "words"),
    [
        ("topics", {"topics": [{**TOPIC, "name": "a b"}]}, ["a b: ", "name"]),
        ("topics", {"topics": [{**TOPIC, "name": "far", "replication_factor": 2}]}, ["far: ", "1 broker"]),
        (
            "topics",
            {"topics": [{**TOPIC, "name": "odd", "config": {"no.such.key": 1}}]},
            ["odd", "INVALID_CONFIG", "no.such.key"],
        ),
        ("acls", {"acls": [{**ACL, "operations": ["cluster_action"]}]}, ["User:a", "never asks for cluster_action"]),
        ("quotas", {"quotas": [{"user": "a", "quotas": {"speed": 1}}]}, ["user a", "no quota speed"]),
        ("scram_users", {"users": [{"name": "a", "password": "b", "iterations": 1}]}, ["a (SCRAM-SHA-512)", "4096"]),
    ],
)
def test_what_is_wrong_is_named_and_nothing_is_changed(name: str, options: dict[str, Any], words: Sequence[str]) -> None:
    result = module(BROKER, name, client=CLIENT, **options)
    assert result["failed"] and not result["changed"]
    assert [word for word in words if word not in result["msg"]] == [], result["msg"]


@pytest.mark.parametrize(
    ("name", "options", "code"),
    [
        ("topics", {"topics": [{**TOPIC, "name": "guests"}]}, "AUTHORIZATION_FAILED"),
        ("acls", {"acls": [ACL]}, "CLUSTER_AUTHORIZATION_FAILED"),
        ("quotas", {"quotas": [{"user": "a", "quotas": {"producer_byte_rate": 1}}]}, "CLUSTER_AUTHORIZATION_FAILED"),
        ("scram_users", {"users": [{"name": "a", "password": "b"}]}, "CLUSTER_AUTHORIZATION_FAILED"),
    ],
)
def test_a_user_without_rights_is_told_so(name: str, options: dict[str, Any], code: str) -> None:
    result = module(BROKER, name, client=GUEST, **options)
    assert result["failed"] and code in result["msg"] and "give this user the rights" in result["msg"], result


def no_objects(name: str, timeout: int) -> dict[str, Any]:
    """Return options of a module with an empty list."""
    return {name: [], "timeout": timeout}


@pytest.mark.parametrize("name", ["topics", "acls"])
def test_an_address_where_nobody_is(name: str) -> None:
    """One module for each of the two libraries."""
    result = module(BROKER, name, client={"bootstrap.servers": f"{BROKER}:1"}, **no_objects(name, 3))
    assert result["failed"] and f"no broker of {BROKER}:1 answered" in result["msg"] and "refused" in result["msg"]


@pytest.fixture
def stopped() -> Iterator[None]:
    """Hold the broker, so that it takes connections and answers nothing."""
    on(BROKER, "systemctl", "kill", "--signal=STOP", "kafka")
    yield
    on(BROKER, "systemctl", "kill", "--signal=CONT", "kafka")


def test_a_broker_that_does_not_answer(stopped: None) -> None:
    for name in ("topics", "acls"):
        result = module(BROKER, name, client=CLIENT, **no_objects(name, 2))
        assert result["failed"] and f"no broker of {BROKER}:9092 answered within 2 s" in result["msg"], result


def test_a_password_in_the_inventory_that_is_wrong_is_not_shown(converge: Any) -> None:
    run: subprocess.CompletedProcess[str] = converge("--extra-vars", json.dumps({"kafka_users": [{"password": "of-nobody"}]}))
    assert run.returncode != 0 and "kafka_users" in run.stdout and "name" in run.stdout
    assert "of-nobody" not in run.stdout + run.stderr
    assert run.stdout.count("changed=0") == run.stdout.count("changed=")


# -- many --------------------------------------------------------------------------------------------------------------


def test_500_topics_are_compared_in_two_seconds(own: str) -> None:
    many = [{**TOPIC, "name": f"{own}-{number}"} for number in range(MANY)]
    names = [one["name"] for one in many]
    try:
        made = module(BROKER, "topics", client=CLIENT, topics=many, timeout=120)
        assert len(made["actions"]) == MANY
        again, seconds = timed_module(BROKER, "topics", client=CLIENT, topics=many)
        assert not again["changed"]
        assert seconds < 2, seconds
    finally:
        gone = [{"name": name, "state": "absent"} for name in names]
        left = module(BROKER, "topics", client=CLIENT, topics=gone, confirm_delete=names, timeout=120)
        assert len(left["actions"]) == MANY


def test_500_acls_are_compared_in_two_seconds(own: str) -> None:
    many = [{**ACL, "principal": f"User:{own}", "resource_name": f"{own}-{number}"} for number in range(MANY)]
    try:
        assert len(module(BROKER, "acls", client=CLIENT, acls=many, timeout=120)["actions"]) == MANY
        again, seconds = timed_module(BROKER, "acls", client=CLIENT, acls=many)
        assert not again["changed"]
        assert seconds < 2, seconds
    finally:
        left = module(BROKER, "acls", client=CLIENT, acls=many[:1], prune=True, timeout=120)
        assert len(left["actions"]) == MANY - 1
        cli("kafka-acls", "--remove", "--force", "--topic", f"{own}-0")
