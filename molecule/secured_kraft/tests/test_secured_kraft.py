"""A secured cluster without ZooKeeper as its users, its operator and a stranger see it; the stranger's host belongs to nobody."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from lab import Step, on, playbook, steps, until
from stranger import answers_to, ask, exposed, exposed_here, shaken, vault_passwords

testinfra_hosts = ["ansible://one.quorum.test"]

HOSTS = ["one.quorum.test", "two.quorum.test", "three.quorum.test"]
WORKER, STRANGER = "two.quorum.test", "four.quorum.test"
IDS = dict(zip(HOSTS, (3001, 3002, 3003)))
SCENARIO = Path(__file__).resolve().parents[1]
# Of broker, worker and controller.
AGENTS = {7071, 7072, 7074}
TOOLKIT = {"ca": "/opt/kafka-estate/tls/controllers-ca.pem", "key": "/opt/kafka-estate/tls/controllers.pem"}
DATA = "/var/lib/kafka-controller/metadata"
# Runs on a broker's host, which has the library.
CLIENT = """
import json, sys
sys.path.insert(0, "/opt/kafka-estate/python/current")
from confluent_kafka import KafkaException, Producer
from confluent_kafka.admin import AdminClient
user, password, topic = json.load(sys.stdin)
SETTINGS = {
    "bootstrap.servers": "one.quorum.test:9094,two.quorum.test:9094,three.quorum.test:9094", "security.protocol": "SASL_SSL",
    "ssl.ca.location": "/opt/kafka-estate/tls/listeners-ca.pem", "sasl.mechanism": "SCRAM-SHA-512",
    "sasl.username": user, "sasl.password": password, "log_level": 0,
}
try:
    seen = sorted(AdminClient(SETTINGS).list_topics(timeout=20).topics)
except KafkaException as error:
    seen = error.args[0].name()
errors = []
if topic:
    producer = Producer({**SETTINGS, "acks": "all", "message.timeout.ms": 60000})
    for number in range(100):
        producer.produce(topic, str(number).encode(), on_delivery=lambda error, _: errors.append(error and error.name()))
    producer.flush(90)
print(json.dumps({"seen": seen, "sent": errors.count(None), "refused": sorted({one for one in errors if one})}))
"""


def as_user(user: str, password: str, topic: str = "") -> dict[str, Any]:
    found: dict[str, Any] = json.loads(on(HOSTS[0], "python3", "-c", CLIENT, text=json.dumps([user, password, topic])))
    return found


@pytest.fixture(scope="module")
def passwords() -> dict[str, str]:
    return vault_passwords(SCENARIO)


def quorum() -> dict[str, str]:
    """Return what the active controller says, by the name of each line, as Kafka's own tool shows it to root."""
    shown = on(HOSTS[0], "kafka-metadata-quorum", "describe", "--status")
    return {name: value.strip() for name, _, value in (line.partition(":") for line in shown.splitlines())}


def leader() -> str:
    found = until(quorum, 120, "a controller is active", lambda found: int(found["LeaderId"]) > 0)
    return next(host for host, number in IDS.items() if number == int(found["LeaderId"]))


def directories() -> dict[str, str]:
    found = {
        host: re.search(r"^directory\.id=(\S+)$", on(host, "cat", f"{DATA}/meta.properties"), re.MULTILINE) for host in HOSTS
    }
    return {host: match[1] for host, match in found.items() if match}


def started(unit: str) -> dict[str, int]:
    """Return when the processes of a unit were started."""
    words = ("systemctl", "show", unit, "--property=ExecMainStartTimestampMonotonic", "--value")
    return {host: int(on(host, *words)) for host in HOSTS}


def cluster_id() -> str:
    return quorum()["ClusterId"]


def asked(hosts: list[str], **more: Any) -> Mapping[str, Any]:
    rows = [{"id": IDS[host], "host": host, "port": 9095} for host in hosts]
    cluster = {"cluster": "local", "cluster_id": cluster_id(), "directories": directories(), "tls": TOOLKIT}
    return {**cluster, "controllers": rows, **more}


def listening(host: str) -> set[int]:
    """Return the ports of a host that others can reach: as it tells them itself, for to try each takes minutes."""
    sockets = [line.split()[3] for line in on(host, "ss", "-Hltn").splitlines()]
    return {int(one.rpartition(":")[2]) for one in sockets if not one.startswith(("127.", "[::1]", "[::ffff:127."))}


def test_no_port_answers_a_stranger() -> None:
    found = listening(WORKER)
    assert found == {9095, 9091, 9094, 8083, *AGENTS}
    with ThreadPoolExecutor() as pool:
        # Most of the time of a question is waiting for what does not come.
        answers = dict(zip(found, pool.map(lambda port: answers_to(WORKER, port, STRANGER), found)))
    for port, words in answers.items():
        # An agent says who may come in, and no more.
        assert port in AGENTS or not words
        assert all(b" 401 " in bytes.fromhex(answer).split(b"\r\n")[0] for answer in words.values())


def refusal(key: str) -> bool:
    """Whether the controllers' port says that it refuses a key."""
    answers = ask(HOSTS[1], 9095, key, source=HOSTS[0])
    return any("alert" in answer.get("refused", "") for answer in answers.values())


def test_the_controllers_port_takes_no_certificate_but_of_the_brokers_authority() -> None:
    assert shaken(ask(HOSTS[1], 9095, TOOLKIT["key"], "TLSv1_1", source=HOSTS[0])) == set()
    for key in ("/etc/kafka/tls/listener.pem",):
        answers = ask(HOSTS[1], 9095, key, source=HOSTS[0])
        assert not [answer for answer in answers.values() if answer["answer"]], key
        until(partial(refusal, key), 60, f"it says that it refuses {key}")
    others = {"ca": TOOLKIT["ca"], "key": "/etc/kafka/tls/listener.pem"}
    plain, refused, let_in = (
        one.result
        for one in steps(
            HOSTS[0],
            Step("controllers", asked(HOSTS, tls=None, timeout=1)),
            Step("controllers", asked(HOSTS, tls=others, timeout=1)),
            Step("controllers", asked(HOSTS)),
        )
    )
    assert plain["failed"] and "no controller leads" in plain["msg"], plain
    assert refused["failed"] and "refuses the toolkit" in refused["msg"] and "alert" in refused["msg"], refused
    assert not let_in.get("failed") and not let_in["changed"], let_in


def test_a_user_sees_and_does_what_an_acl_allows(passwords: dict[str, str]) -> None:
    shop, nobody = passwords["kafka_password_local_shop"], passwords["kafka_password_local_nobody"]
    assert as_user("nobody", nobody, "orders") == {"seen": [], "sent": 0, "refused": ["TOPIC_AUTHORIZATION_FAILED"]}
    assert as_user("shop", shop, "orders") == {"seen": ["orders"], "sent": 100, "refused": []}
    assert as_user("shop", shop, "payroll")["refused"] == ["TOPIC_AUTHORIZATION_FAILED"]
    assert as_user("shop", nobody)["seen"] == "_TRANSPORT"
    # Whoever was refused is in the log of the broker that refused.
    denied = [on(host, "sh", "-c", "grep -rhc 'User:nobody is Denied' /var/log/kafka/server.log || true") for host in HOSTS]
    assert sum(map(int, denied)) > 0


def test_the_command_line_works_on_a_brokers_host() -> None:
    assert {"orders", "payroll"} <= set(on(HOSTS[0], "kafka-topics", "--list").split())
    assert "User:shop" in on(HOSTS[0], "kafka-acls", "--list")
    assert "metadata.version" in on(HOSTS[0], "kafka-features", "describe")
    voters = json.loads(quorum()["CurrentVoters"])
    assert {voter["id"]: voter["endpoints"] for voter in voters} == {
        number: [f"CONTROLLER://{host}:9095"] for host, number in IDS.items()
    }


def test_no_topics_minimum_is_less_than_the_inventory_says() -> None:
    shown = on(HOSTS[0], "kafka-configs", "--entity-type", "topics", "--entity-name", "orders", "--describe", "--all")
    assert re.search(r"min\.insync\.replicas=2 ", shown), shown


def test_keys_are_for_their_service_alone() -> None:
    places = ("/etc/kafka", "/etc/kafka-controller", "/opt/kafka-estate")
    for host in HOSTS:
        found = on(host, "grep", "-rlxI", "-e", "-----BEGIN PRIVATE KEY-----", *places).split()
        lines = on(host, "stat", "-c", "%a %U %n", *found).splitlines()
        owners = {path: (mode, owner) for mode, owner, path in (line.split() for line in lines)}
        assert {mode for mode, _ in owners.values()} == {"400"}
        wanted = {"/etc/kafka/": "kafka", "/etc/kafka-controller/": "kafka-controller", "/opt/kafka-estate/": "root"}
        assert {start: {owner for path, (_, owner) in owners.items() if path.startswith(start)} for start in wanted} == {
            start: {owner} for start, owner in wanted.items()
        }


def test_a_voter_is_removed_and_comes_back() -> None:
    gone = next(host for host in HOSTS if host != leader())
    rest, number = [host for host in HOSTS if host != gone], IDS[gone]
    named = asked(rest, confirm_remove=[f"local:{number}"])
    done = [
        one.result
        for one in steps(
            rest[0],
            Step("controllers", asked(rest)),
            Step("controllers", named, True),
            Step("controllers", named),
            Step("controllers", asked(HOSTS), True),
            Step("controllers", asked(HOSTS)),
            Step("controllers", asked(HOSTS)),
        )
    ]
    assert done[0]["failed"] and f"Confirm with controllers_confirm_remove: ['local:{number}']" in done[0]["msg"], done[0]
    for word, (said, real) in (("remove", done[1:3]), ("add", done[3:5])):
        assert [one.split()[:3] for one in real["actions"]] == [[word, "controller", str(number)]], real
        assert [said[key] for key in ("changed", "actions", "diff")] == [real[key] for key in ("changed", "actions", "diff")]
    assert not done[5]["changed"] and done[5]["actions"] == [], done[5]
    run = playbook("playbooks/controllers.yml")
    assert run.status == 0 and not run.changed(), run.output[-3000:]


def test_controllers_restart_one_by_one_the_active_one_last_and_the_estate_is_healthy() -> None:
    active = leader()
    roll = playbook("playbooks/kafka_controller.yml", "-e", "kafka_controller_log_level=WARN")
    assert roll.status == 0, roll.output[-3000:]
    assert set(roll.changed()) == set(HOSTS)
    when = started("kafka-controller")
    assert max(when, key=lambda host: when[host]) == active
    until(lambda: playbook("playbooks/health.yml"), 240, "a healthy estate", lambda run: run.status == 0)


def rotated(authority: str) -> None:
    words = (f"authority={authority}", "what=certificates", "made_before=2099-01-01")
    run = playbook("playbooks/rotate.yml", *(word for one in words for word in ("-e", one)))
    assert run.status == 0, run.output[-4000:]


def test_a_new_certificate_is_there_after_a_roll_and_nobody_else_restarts(passwords: dict[str, str]) -> None:
    """Of the clients' port a broker takes it while it runs; what controllers and brokers show each other needs a restart."""
    before = started("kafka")
    rotated("local-listeners")
    assert started("kafka") == before
    rotated("local-brokers")
    after = started("kafka")
    assert all(after[host] > before[host] for host in HOSTS)
    until(lambda: playbook("playbooks/health.yml"), 240, "a healthy estate", lambda run: run.status == 0)
    assert as_user("shop", passwords["kafka_password_local_shop"], "orders")["sent"] == 100


def test_every_statement_of_the_audit_holds(tmp_path: Path) -> None:
    path = tmp_path / "audit.json"
    run = playbook("playbooks/audit.yml", "-b", f"--extra-vars=audit_path={path}")
    found = json.loads(path.read_text())
    assert run.status == 0 and not run.changed(), run.output[-6000:]
    assert found["verdict"].startswith("12 of 12 statements pass, 0 fail, 0 not known, "), found["verdict"]
    ports = {(port["host"], port["port"]): port["answer"] for port in found["ports"] if port["answer"] != "local"}
    assert {port: {answer for (_, one), answer in ports.items() if one == port} for port in (9091, 9095)} == {
        9091: {"certificate"},
        9095: {"certificate"},
    }
    assert {host for host, port in ports if port == 9095} == set(HOSTS)
    assert set(ports.values()) == {"certificate", "login"}


def test_no_secret_is_anywhere_but_in_its_place(passwords: dict[str, str]) -> None:
    keys = [on(host, "sh", "-c", "cat /etc/*/tls/*.pem /opt/kafka-estate/tls/*.pem") for host in HOSTS]
    inside = {line for text in keys for line in re.findall(r"-----BEGIN PRIVATE KEY-----\n(\S+)", text)}
    assert len(inside) >= 9
    secrets = [*passwords.values(), *inside]
    for host in HOSTS:
        assert exposed(host, secrets, "/etc/kafka", "/etc/kafka-controller", "/etc/kafka-connect") == [], host
    assert exposed_here(SCENARIO, secrets) == []


def test_a_live_estate_is_not_opened_by_a_word() -> None:
    words = json.dumps({"security_profile": "open", "kafka_users": [], "kafka_acls": []})
    run = playbook("playbooks/kafka_controller.yml", "-e", words)
    assert run.status != 0 and not run.changed()
    assert "data of an estate that is secured" in run.output
