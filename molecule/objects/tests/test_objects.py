"""Topics, users, ACLs and quotas that the inventory declares, on a broker with an authorizer and logins."""

from __future__ import annotations

import json
import os
import subprocess
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from lab import ROOT, SLOWER, Run, Step, foretold, on, playbook, playbook_command, steps, until

BROKER = "one.objects.test"
CLIENT = {"bootstrap.servers": f"{BROKER}:9092"}
LOGIN = {"bootstrap.servers": f"{BROKER}:9094", "security.protocol": "SASL_PLAINTEXT"}


def cli(*words: str, text: str = "") -> str:
    """Return what a tool of the command line prints for an ordinary user."""
    return on(BROKER, *words, user="nobody", text=text)


def user(name: str, password: str, mechanism: str = "SCRAM-SHA-512") -> dict[str, str]:
    """Return the client settings of somebody who logs in."""
    return {**LOGIN, "sasl.mechanism": mechanism, "sasl.username": name, "sasl.password": password}


MANY_OBJECTS = 500
SHOP, GUEST = user("shop", "shop-in-the-lab"), user("guest", "guest-in-the-lab", "SCRAM-SHA-256")
# Runs on the host, with the library the toolkit put there: sends a record and reads it back; prints how both went.
SEND = """
import json, sys, time
sys.path.insert(0, "/opt/kafka-estate/python/current")
from confluent_kafka import Consumer, Producer
client, topic, group = json.loads(sys.argv[1])
heard, said = [], {}
def note(error):
    heard.append(error.name())
def ended(error, message):
    said["send"] = error.name() if error else "done"
try:
    producer = Producer({**client, "message.timeout.ms": 60000, "error_cb": note, "log_level": 0})
    producer.produce(topic, b"1", on_delivery=ended)
    end = time.monotonic() + 60
    # Who is not let in would try again and again.
    while not said and "_AUTHENTICATION" not in heard and time.monotonic() < end:
        producer.poll(0.5)
    consumer = Consumer({**client, "group.id": group, "auto.offset.reset": "earliest", "error_cb": note, "log_level": 0})
    consumer.subscribe([topic])
    message = consumer.poll(60) if said.get("send") == "done" else None
    said["read"] = "nothing" if message is None else message.error().name() if message.error() else "done"
    consumer.close()
finally:
    print(json.dumps({**said, "heard": sorted(set(heard))}))
"""


def send(client: dict[str, str], topic: str = "orders", group: str = "shop") -> dict[str, Any]:
    """Return how sending a record and reading one went for a user."""
    found: dict[str, Any] = json.loads(on(BROKER, "python3", "-c", SEND, json.dumps([client, topic, group])))
    return found


def not_let_in(client: dict[str, str]) -> None:
    """Wait until a user is not let in: a broker hears of a password that was changed or taken away a moment later."""
    until(lambda: send(client)["heard"], 60, "the user is not let in", lambda heard: "_AUTHENTICATION" in heard)


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
    not_let_in(user("shop", "wrong"))


def test_a_grant_ends_where_its_names_end(own: str) -> None:
    assert send(SHOP, group="others")["read"] != "done"


def test_quotas_are_set() -> None:
    shown = cli("kafka-configs", "--describe", "--entity-type", "users")
    assert "user-principal 'shop'" in shown and "producer_byte_rate=1048576.0" in shown
    assert "default user-principal" in shown and "consumer_byte_rate=2097152.0" in shown


# -- check mode and the run that follows -------------------------------------------------------------------------------


def changes(*wanted: tuple[str, dict[str, Any]]) -> list[dict[str, Any]]:
    """Return what modules did on the cluster, each as check mode said before."""
    return foretold(BROKER, *((name, {"client": CLIENT, **options}) for name, options in wanted))


def test_topics_are_foretold(own: str) -> None:
    kept, gone = {"name": f"{own}-kept", "partitions": 1, "replication_factor": 1}, {"name": f"{own}-gone"}
    changed = {**kept, "partitions": 3, "config": {"retention.ms": None, "cleanup.policy": "compact"}}
    first, second, third = changes(
        ("topics", {"topics": [{**kept, "config": {"retention.ms": 60000}}, gone]}),
        ("topics", {"topics": [changed, {**gone, "state": "absent"}], "confirm_delete": [f"{own}-gone"]}),
        ("topics", {"topics": [changed]}),
    )
    assert first["actions"] == [f"create {own}-kept", f"create {own}-gone"]
    assert len(second["actions"]) == 3 and third["actions"] == []
    shown = cli("kafka-topics", "--describe", "--topic", f"{own}.*")
    assert "PartitionCount: 3" in shown and "cleanup.policy=compact" in shown and f"{own}-gone" not in shown


def test_an_option_with_nothing_after_it_is_not_given(own: str) -> None:
    (made,) = changes(("topics", {"topics": [{"name": own, "partitions": 1, "config": None, "state": None, "replicas": None}]}))
    assert made["actions"] == [f"create {own}"]


def test_a_denial_holds_for_the_address_of_a_client_however_it_is_written(own: str) -> None:
    """Kafka compares texts: the client's address, of IPv4, is listed here in its form for IPv6."""
    address = on(BROKER, "hostname", "-i").split()[0]
    acl = {"principal": "User:shop", "resource_type": "topic", "resource_name": "orders", "operations": ["write"]}
    denial = {**acl, "permission": "deny", "host": f"::ffff:{address}"}
    try:
        changes(("acls", {"acls": [denial]}))
        until(lambda: send(SHOP)["send"], 120, "the denial holds", lambda said: said == "TOPIC_AUTHORIZATION_FAILED")
    finally:
        words = ["--operation=Write", "--deny-principal=User:shop", f"--deny-host={address}", "--topic=orders"]
        on(BROKER, "kafka-acls", "--remove", "--force", *words)
    until(lambda: send(SHOP)["send"], 120, "the denial is gone", lambda said: said == "done")


def test_acls_are_foretold(own: str) -> None:
    acl = {"principal": f"User:{own}", "resource_type": "topic", "resource_name": own}
    second = {"acls": [{**acl, "operations": ["read", "describe"]}], "prune": True}
    _, pruned, nothing = changes(
        ("acls", {"acls": [{**acl, "operations": ["read", "write"]}]}), ("acls", second), ("acls", second)
    )
    assert [action.split()[0] for action in pruned["actions"]] == ["create", "delete"]
    assert nothing["actions"] == []
    shown = cli("kafka-acls", "--list", "--topic", own)
    assert "operation=READ" in shown and "operation=DESCRIBE" in shown and "operation=WRITE" not in shown


def test_users_are_foretold(own: str) -> None:
    listed = {"name": own, "password": "first-in-the-lab"}
    changes(("scram_users", {"users": [listed], "login": LOGIN}))
    assert send(user(own, "first-in-the-lab"))["send"] == "TOPIC_AUTHORIZATION_FAILED"
    again = {**listed, "password": "second-in-the-lab", "iterations": 8192}
    first, nothing = changes(*[("scram_users", {"users": [again], "login": LOGIN})] * 2)
    assert first["actions"] == [f"set password and iterations of {own} (SCRAM-SHA-512)"] and nothing["actions"] == []
    assert "in-the-lab" not in json.dumps(first["diff"])
    not_let_in(user(own, "first-in-the-lab"))
    absent = [{"name": own, "state": "absent"}]
    (unconfirmed,) = steps(BROKER, Step("scram_users", {"client": CLIENT, "users": absent}))
    assert "confirm_delete" in unconfirmed.result["msg"]
    changes(("scram_users", {"users": absent, "confirm_delete": [own]}))
    not_let_in(user(own, "second-in-the-lab"))


def test_users_that_are_not_listed_go_only_with_their_names(own: str) -> None:
    made = [{"name": own, "password": "first-in-the-lab", "mechanism": name} for name in ("SCRAM-SHA-256", "SCRAM-SHA-512")]
    listed = {"users": made[:1], "update_password": "on_create", "prune": True}
    _, named, pruned, nothing = changes(
        ("scram_users", {"users": made}),
        ("scram_users", listed),
        *[("scram_users", {**listed, "confirm_delete": [own]})] * 2,
    )
    assert named["actions"] == [] and {f"{own} (SCRAM-SHA-512)", "shop (SCRAM-SHA-512)"} <= {*named["unlisted"]}
    assert pruned["actions"] == [f"delete {own} (SCRAM-SHA-512)"] and nothing["actions"] == []
    changes(("scram_users", {"users": [{"name": "shop", "password": "-"}], "prune": True, "confirm_delete": [own]}))
    assert own not in cli("kafka-configs", "--describe", "--entity-type", "users")
    assert send(SHOP)["send"] == "done"


def test_quotas_are_foretold(own: str) -> None:
    both = {"producer_byte_rate": 1000, "consumer_byte_rate": 2000}
    second = {"quotas": [{"client_id": own, "quotas": {"producer_byte_rate": 3000, "consumer_byte_rate": None}}]}
    _, changed, nothing = changes(
        ("quotas", {"quotas": [{"client_id": own, "quotas": both}]}), ("quotas", second), ("quotas", second)
    )
    assert changed["actions"] and nothing["actions"] == []
    assert f"client-id '{own}' are producer_byte_rate=3000.0" in cli("kafka-configs", "--describe", "--entity-type", "clients")
    changes(("quotas", {"quotas": [{"client_id": own, "quotas": dict.fromkeys(both)}]}))
    assert own not in cli("kafka-configs", "--describe", "--entity-type", "clients")


def test_quotas_of_addresses_are_pruned_as_foretold() -> None:
    """No other test has any, and quotas of users and clients are another kind."""
    first, other, default = (
        {"ip": ip, "quotas": {"connection_creation_rate": 50}} for ip in ("10.9.8.7", "10.9.8.6", "<default>")
    )
    pruning = {"quotas": [first], "prune": True}
    _, pruned, nothing = changes(("quotas", {"quotas": [first, other, default]}), ("quotas", pruning), ("quotas", pruning))
    assert pruned["actions"] == [f"set {who}: connection_creation_rate=none" for who in ("default ip", "ip 10.9.8.6")]
    assert nothing["actions"] == []
    shown = cli("kafka-configs", "--describe", "--entity-type", "ips")
    assert "ip '10.9.8.7' are connection_creation_rate=50.0" in shown and "10.9.8.6" not in shown and "default" not in shown


# -- what is refused ---------------------------------------------------------------------------------------------------

TOPIC = {"partitions": 1, "replication_factor": 1}
ACL = {"principal": "User:a", "operations": ["read"], "resource_type": "topic", "resource_name": "a"}
QUOTA = {"user": "a", "quotas": {"producer_byte_rate": 1}}
OFFSET = {"group": "shop", "to": "earliest"}
RIGHTS = "give this user the rights"

REFUSED: list[tuple[str, dict[str, Any], list[str]]] = [
    ("topics", {"topics": [{**TOPIC, "name": "a b"}]}, ["'a b': not a topic name"]),
    ("topics", {"topics": [{**TOPIC, "name": "far", "replication_factor": 2}]}, ["far: ", "1 brokers are live"]),
    ("topics", {"topics": [{**TOPIC, "name": "odd", "config": {"no.such.key": 1}}]}, ["odd", "INVALID_CONFIG", "no.such.key"]),
    ("topics", {"topics": [{**TOPIC, "name": "deep", "config": {"a": {"b": 1}}}]}, ["deep: config: a is a mapping", "a.b"]),
    ("acls", {"acls": [{**ACL, "host": "client1.example.com", "permission": "deny"}]}, ["never deny", "IPv4 or IPv6"]),
    ("acls", {"acls": [{**ACL, "resource_name": "a*"}]}, ["write resource_name: a with pattern: prefixed"]),
    ("acls", {"acls": [{**ACL, "operations": ["cluster_action"]}]}, ["User:a", "never asks for cluster_action"]),
    ("quotas", {"quotas": [{"user": "a", "quotas": {"speed": 1}}]}, ["user a", "no quota speed"]),
    ("scram_users", {"users": [{"name": "a", "password": "never-set", "iterations": 1}]}, ["a (SCRAM-SHA-512)", "4096"]),
    ("topics", {"client": GUEST, "topics": [{**TOPIC, "name": "guests"}]}, ["guests", "AUTHORIZATION_FAILED", RIGHTS]),
    ("acls", {"client": GUEST, "acls": [ACL]}, ["CLUSTER_AUTHORIZATION_FAILED", RIGHTS]),
    ("quotas", {"client": GUEST, "quotas": [QUOTA]}, ["CLUSTER_AUTHORIZATION_FAILED", RIGHTS]),
    (
        "scram_users",
        {"client": GUEST, "users": [{"name": "a", "password": "never-set"}]},
        ["CLUSTER_AUTHORIZATION_FAILED", RIGHTS],
    ),
    ("scram_users", {"client": GUEST, "users": [], "prune": True}, ["CLUSTER_AUTHORIZATION_FAILED", RIGHTS]),
    ("consumer_group_offsets", {"client": GUEST, "offsets": [OFFSET]}, ["shop: GROUP_AUTHORIZATION_FAILED", RIGHTS]),
]


def test_what_is_wrong_is_named_and_nothing_is_changed() -> None:
    cases = [(*case, check) for check in (True, False) for case in REFUSED]
    done = steps(BROKER, *(Step(name, {"client": CLIENT, **options}, check) for name, options, _, check in cases))
    for (name, _, words, check), found in zip(cases, done):
        said = found.result
        assert said.get("failed") and not said.get("changed"), (name, check, said)
        assert [word for word in words if word not in said["msg"]] == [], (name, check, said["msg"])


def test_what_a_user_may_not_see_is_said() -> None:
    """Kafka leaves out what a user may not describe and calls that no error."""
    guest, owner = steps(BROKER, *(Step("cluster_info", {"client": client, "details": True}) for client in (GUEST, CLIENT)))
    assert guest.result["topics"] == 0 and "may not describe the cluster" in guest.result["warnings"][0]
    assert "CLUSTER_AUTHORIZATION_FAILED" in guest.result["details"]["unknown"][0]
    assert owner.result["topics"] > 0 and "warnings" not in owner.result and owner.result["details"]["unknown"] == []


# -- when a part is refused --------------------------------------------------------------------------------------------


@pytest.fixture
def kept_back(own: str) -> Iterator[Callable[[], None]]:
    """Make nodes of a user and of a client that the broker may read only; return a function that lets it write again."""
    paths = [f"/local/config/{kind}/{own}-b" for kind in ("users", "clients")]

    def rights(command: str, new: str) -> None:
        lines = [line for path in paths for line in (f"{command.format(path)} world:anyone:{new}", f"getAcl {path}")]
        shown = cli("zookeeper-shell", "-waitforconnection", text="\n".join(lines) + "\n")
        assert shown.count(f"\n: {new}\n") == len(paths), shown

    rights("create {} {{}}", "ra")
    yield lambda: rights("setAcl {}", "cdrwa")


def test_what_was_done_and_what_not_is_said_and_a_rerun_finishes(own: str, kept_back: Callable[[], None]) -> None:
    """The second of three is refused by the cluster itself.

    ACLs: by a name that ZooKeeper cannot keep. Users and quotas: the broker may not write that one's node; what it refuses when
    it validates quotas first changes nothing. Offsets: a group that the user may look at, and not write for.
    """
    names = [f"{own}-{letter}" for letter in "abc"]
    bad = f"{own}/b"

    def grants(*listed: str, **options: Any) -> Step:
        every = [{**ACL, "principal": "User:shop", "resource_type": "group", "resource_name": name, **options} for name in listed]
        return Step("acls", {"client": CLIENT, "acls": every})

    users = Step("scram_users", {"client": CLIENT, "users": [{"name": name, "password": "in-the-lab"} for name in names]})
    limits = [{"client_id": name, "quotas": {"producer_byte_rate": 1000}} for name in names]
    quotas = Step("quotas", {"client": CLIENT, "quotas": limits})
    moves = [{"group": name, "topic": "orders", "offset": 0, "clamp": True, "create": True} for name in names]
    offsets = Step("consumer_group_offsets", {"client": SHOP, "offsets": moves, "confirm": names})

    partly = [
        done.result
        for done in steps(
            BROKER, grants(names[0], bad, names[2]), users, quotas, grants(names[1], operations=["describe"]), offsets
        )
    ]
    partly.pop(3)
    for result, reason in zip(partly, ["INVALID_REQUEST", "UNKNOWN", "UNKNOWN", "GROUP_AUTHORIZATION_FAILED"]):
        assert result.get("failed") and result["changed"], result
        refused = [line for line in result["refused"] if reason in line]
        assert "changes refused" in result["msg"] and refused == result["refused"], result
        assert all(own in line for line in refused) and not any(names[0] in line or names[2] in line for line in refused)
        done = "".join(result["actions"])
        assert names[0] in done and names[2] in done and names[1] not in done and bad not in done, result
        assert names[0] in result["diff"]["after"] and names[1] not in result["diff"]["after"]

    kept_back()
    rest = [done.result for done in steps(BROKER, grants(*names), users, quotas, offsets, grants(*names), users, quotas, offsets)]
    assert [bool(result.get("failed")) for result in rest] == [False] * 8, rest
    assert [len(result["actions"]) for result in rest] == [1, 1, 1, 2, 0, 0, 0, 0], rest
    assert all(names[1] in action for result in rest for action in result["actions"])


# -- when nobody answers -------------------------------------------------------------------------------------------------

# Every module that asks brokers, and every one that asks over HTTP.
ASK_BROKERS: list[tuple[str, dict[str, Any]]] = [
    ("topics", {"topics": []}),
    ("acls", {"acls": []}),
    ("quotas", {"quotas": []}),
    ("scram_users", {"users": [{"name": "a", "password": "never-set"}]}),
    ("consumer_group_offsets", {"offsets": [OFFSET]}),
    ("cluster_info", {}),
]
ASK_URLS: list[tuple[str, dict[str, Any]]] = [("connectors", {"connectors": []}), ("subjects", {"subjects": []})]


def unanswered(address: str, client: dict[str, str], timeout: int, *words: str) -> None:
    """Run every module on an address that gives no answer; each says where it asked, and one of the words as the reason."""
    by_url = [Step(name, {"urls": [f"http://{address}"], "timeout": timeout, **options}) for name, options in ASK_URLS]
    wanted = [Step(name, {"client": client, "timeout": timeout, **options}) for name, options in ASK_BROKERS] + by_url
    for step, done in zip(wanted, steps(BROKER, *wanted)):
        said = str(done.result["msg"])
        assert done.result["failed"] and not done.result.get("changed"), (step.name, said)
        address_said = f"http://{address}: " if step in by_url else f"no broker of {address} answered within {timeout} s: "
        assert address_said in said and any(word in said.partition(address_said)[2] for word in words), (step.name, said)


def test_nobody_at_the_address() -> None:
    # Time to be refused in, on a busy machine too.
    unanswered(f"{BROKER}:1", {"bootstrap.servers": f"{BROKER}:1"}, 4, "refused", "ECONNREFUSED")


def test_a_login_that_is_wrong_is_named_in_check_mode_too() -> None:
    """One module for each of the two libraries, one in check mode and one not.

    A cluster that does not run yet is another thing: check mode bears that. A broker that is busy and silent is taken for one
    that does not run, so it has two minutes; one that refuses is not asked for so long.
    """
    options = {"client": user("shop", "wrong"), "timeout": 120}
    asked = [Step(name, {**options, **more}, check) for (name, more), check in zip(ASK_BROKERS, (True, False))]
    for done in steps(BROKER, *asked):
        said = str(done.result.get("msg"))
        assert LOGIN["bootstrap.servers"] in said and "uthentication" in said and "correct user name and password" in said
        assert done.seconds < 60


@pytest.fixture
def stopped() -> Iterator[None]:
    """Hold the broker, so that it takes connections and answers nothing; it serves again in the end."""
    on(BROKER, "systemctl", "kill", "--signal=STOP", "kafka")
    try:
        yield
    finally:
        on(BROKER, "systemctl", "kill", "--signal=CONT", "kafka")
    # Its session with ZooKeeper may have ended meanwhile: then it has to become a broker and the controller anew.
    until(lambda: send(SHOP)["send"], 180, "the broker serves again", lambda said: said == "done")


def test_somebody_who_takes_the_connection_and_does_not_answer(stopped: None) -> None:
    unanswered(f"{BROKER}:9092", CLIENT, 1, "")


def test_a_password_in_the_inventory_that_is_wrong_is_not_shown(converge: Any) -> None:
    run: subprocess.CompletedProcess[str] = converge("--extra-vars", json.dumps({"kafka_users": [{"password": "of-nobody"}]}))
    assert run.returncode != 0 and "kafka_users" in run.stdout and "name" in run.stdout
    assert "of-nobody" not in run.stdout + run.stderr
    assert run.stdout.count("changed=0") == run.stdout.count("changed=")


def test_secrets_are_in_no_output_and_no_journal(converge: Any, own: str, tmp_path: Path) -> None:
    """What a person sees with -vvv, and what the host keeps of the scenario's runs, in check mode and after errors too."""
    secret = f"{own}-s3cret"
    client = {**CLIENT, "sasl.password": secret}
    connector = {"name": own, "config": {"connector.class": "Sink", "db.password": secret, "url": f"jdbc://me:{secret}@h/"}}
    tasks = [
        {"estate.kafka.topics": {"client": "{{ client }}", "topics": []}},
        {"estate.kafka.topics": {"client": "{{ client }}", "topcis": []}},
        {"estate.kafka.topics": {"cleint": "{{ client }}", "topics": []}},
        {
            "estate.kafka.scram_users": {
                "client": "{{ client }}",
                "users": [{"name": own, "pasword": "{{ client['sasl.password'] }}"}],
            }
        },
        {"estate.kafka.scram_users": {"client": "{{ client }}", "users": [], "login": "{{ client }}", "prune": False}},
        {"estate.kafka.connectors": {"urls": ["http://127.0.0.1:1"], "timeout": 1, "connectors": ["{{ connector }}"]}},
        {"estate.kafka.connectors": {"urls": ["http://127.0.0.1:1"], "timeout": 1, "conectors": ["{{ connector }}"]}},
    ]
    play = {"hosts": BROKER, "gather_facts": False, "ignore_errors": True, "tasks": tasks}
    (tmp_path / "play.yml").write_text(json.dumps([play]))
    given = ["--extra-vars", json.dumps({"client": client, "connector": connector})]
    environment = {**os.environ, "ANSIBLE_STDOUT_CALLBACK": "ansible.builtin.default", "ANSIBLE_LOG_PATH": ""}
    for check in ([], ["--check"]):
        command = playbook_command(str(tmp_path / "play.yml"), "-vvv", "--diff", *given, *check)
        run = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True, timeout=600)
        assert run.stdout.count("TASK [") == len(tasks) and "missing required arguments: topics" in run.stdout
        assert secret not in run.stdout + run.stderr
    again: subprocess.CompletedProcess[str] = converge("-vvv", "--check", "--diff", "--tags", "objects,always")
    assert again.returncode == 0 and "SCRAM users of the cluster" in again.stdout
    assert "in-the-lab" not in again.stdout + again.stderr
    kept = on(BROKER, "journalctl", "--no-pager", "--quiet")
    assert "ansible-estate.kafka.topics" in kept
    assert [word for word in (secret, "in-the-lab") if word in kept] == []


# -- many --------------------------------------------------------------------------------------------------------------


def compared(name: str, options: dict[str, Any], end: dict[str, Any]) -> tuple[float, float]:
    """Make many objects and take them away in the end.

    In between some runs find all of them there, and as many that ask for one alone; return the seconds of the fastest of each.
    """
    every = {"client": CLIENT, "timeout": 120}
    ((key, objects),) = options.items()
    looks = [Step(name, {**every, key: some}) for some in (objects, objects[:1])] * 3
    made, *again, gone = steps(BROKER, Step(name, {**every, **options}), *looks, Step(name, {**every, **end}))
    assert len(made.result["actions"]) == MANY_OBJECTS and len(gone.result["actions"]) >= MANY_OBJECTS - 1
    assert [done.result["changed"] for done in again] == [False] * len(looks)
    print(name, [done.seconds for done in again])
    many, one = (min(done.seconds for done in again[start::2]) for start in (0, 1))
    return many, one


# The aim is 2 s on a quiet machine with two cores, for topics twice that here.
def test_500_topics_are_compared_in_seconds(own: str) -> None:
    names = [f"{own}-{number}" for number in range(MANY_OBJECTS)]
    wanted = {"topics": [{**TOPIC, "name": name} for name in names]}
    gone = {"topics": [{"name": name, "state": "absent"} for name in names], "confirm_delete": names}
    many, one = compared("topics", wanted, gone)
    assert many < max(4, SLOWER * one)


def test_500_acls_are_compared_in_seconds(own: str) -> None:
    wanted = [{**ACL, "principal": f"User:{own}", "resource_name": f"{own}-{number}"} for number in range(MANY_OBJECTS)]
    many, one = compared("acls", {"acls": wanted}, {"acls": wanted[:1], "prune": True})
    assert many < max(2, SLOWER * one)


# -- over the login alone ----------------------------------------------------------------------------------------------


@pytest.fixture
def chief(own: str) -> dict[str, str]:
    """Return the client settings of a user who may do everything."""
    every = {"principal": f"User:{own}", "operations": ["all"], "resource_name": "*"}
    acls = [{**every, "resource_type": kind} for kind in ("topic", "group")]
    acls.append({"principal": f"User:{own}", "operations": ["all"], "resource_type": "cluster"})
    changes(("scram_users", {"users": [{"name": own, "password": "chief-in-the-lab"}]}), ("acls", {"acls": acls}))
    return user(own, "chief-in-the-lab")


def begun() -> str:
    """Return what tells one start of the broker from another."""
    return on(BROKER, "systemctl", "show", "kafka", "--property=InvocationID")


def test_a_restart_is_checked_over_the_login_alone(converge: Any, chief: dict[str, str]) -> None:
    def run(**given: Any) -> subprocess.CompletedProcess[str]:
        done: subprocess.CompletedProcess[str] = converge("--tags", "kafka,always", "--extra-vars", json.dumps(given))
        return done

    before, limit = begun(), {"kafka_broker_limit_nofile": 123456}
    try:
        refused = run(kafka_client={**chief, "sasl.password": "wrong"}, **limit)
        assert refused.returncode != 0 and "correct user name and password" in refused.stdout, refused.stdout[-2000:]
        assert "nothing was stopped" in refused.stdout and begun() == before
        done = run(kafka_client=chief, **limit)
        assert done.returncode == 0 and begun() != before, done.stdout[-2000:]
    finally:
        assert run().returncode == 0


def test_offsets_are_moved_over_the_login_alone(chief: dict[str, str], own: str) -> None:
    changes(("topics", {"topics": [{"name": own, "partitions": 1}]}))
    on(BROKER, "kafka-console-producer", "--topic", own, text="one\ntwo\n")

    def run(client: dict[str, str], *args: str) -> Run:
        words = {
            "kafka_client": client,
            "consumer_group_offsets_cluster": "local",
            "consumer_group_offsets": [{"group": own, "topic": own, "to": "latest", "create": True}],
            "consumer_group_offsets_confirm": [own],
        }
        return playbook("playbooks/consumer_group_offsets.yml", *args, "--extra-vars", json.dumps(words))

    refused = run({**chief, "sasl.password": "wrong"})
    assert refused.status != 0 and "correct user name and password" in refused.output and refused.changed() == {}
    runs = [run(chief, *args) for args in (("--check",), (), ())]
    assert [done.status for done in runs] == [0, 0, 0]
    said, moved, again = (done.last(BROKER)["actions"] for done in runs)
    assert said == moved != [] == again
    assert own in cli("kafka-consumer-groups", "--describe", "--group", own, "--offsets")


def test_objects_and_the_command_line_over_the_login_alone(converge: Any, chief: dict[str, str], own: str) -> None:
    path, broker = "/etc/kafka/client.properties", begun()
    given: dict[str, Any] = {"kafka_client": chief, "kafka_topics": [{"name": own, "partitions": 1}]}
    tags = ["--tags", "kafka,topics,always"]
    run: subprocess.CompletedProcess[str] = converge("--diff", "-vvv", *tags, "--extra-vars", json.dumps(given))
    assert run.returncode == 0 and "chief-in-the-lab" not in run.stdout + run.stderr, run.stdout[-2000:]
    assert begun() == broker
    assert on(BROKER, "stat", "--format=%U:%G %a", path) == "root:kafka 640\n"
    on(BROKER, "kafka-console-producer", "--topic", own, text="one\n")
    assert on(BROKER, "kafka-console-consumer", "--topic", own, "--from-beginning", "--max-messages=1").strip() == "one"
    for words, seen in (
        (("kafka-topics", "--list"), own),
        (("kafka-acls", "--list"), f"User:{own}"),
        (("kafka-configs", "--describe", "--topic", own), own),
        (("kafka-consumer-groups", "--list"), ""),
        (("kafka-get-offsets", "--topic", own), f"{own}:0:1"),
        (("kafka-cluster", "cluster-id"), "Cluster ID: "),
        (("kafka-log-dirs", "--describe"), own),
        (("kafka-verifiable-producer", "--topic", own, "--max-messages", "1"), '"acked":1'),
    ):
        assert seen in on(BROKER, *words), words
    refused = subprocess.run(
        ["docker", "exec", "--user=nobody", BROKER, "kafka-topics", "--list"], capture_output=True, text=True
    )
    assert refused.returncode == 77 and f"may not read {path}: run it with sudo" in refused.stderr
    assert converge("--tags", "kafka,always").returncode == 0
    assert own in cli("kafka-topics", "--list")


def test_a_login_that_is_not_shown_everything_restarts_no_broker() -> None:
    """Metadata leave out the topics that a user may not describe, and with these the reasons not to restart."""
    seen = {"principal": "User:guest", "operations": ["describe"], "resource_type": "cluster", "resource_name": "kafka-cluster"}
    member = {"broker_id": 1, "broker_ids": [1], "log_dirs": ["/var/lib/kafka/data"]}
    options = {"name": "kafka", "kind": "kafka_broker", "timeout": 60}
    started = on(BROKER, "systemctl", "show", "kafka", "--property=InvocationID")
    shop, allowed, guest = (
        step.result
        for step in steps(
            BROKER,
            Step("restart", {**options, "member": {**member, "client": SHOP}}),
            Step("acls", {"client": CLIENT, "acls": [seen]}),
            Step("restart", {**options, "member": {**member, "client": GUEST}}),
        )
    )
    assert shop["failed"] and "may not describe the cluster" in shop["msg"], shop
    assert not allowed.get("failed"), allowed
    assert guest["failed"] and "not shown: " in guest["msg"] and "Describe" in guest["msg"], guest
    assert on(BROKER, "systemctl", "show", "kafka", "--property=InvocationID") == started
