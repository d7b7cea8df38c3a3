"""What a secured estate proves itself with is made anew while somebody writes to it.

The tests are one sequence: each begins where the one before ended.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from lab import Run, kill_run, on, playbook, until
from living import MAX_SECONDS, load
from stranger import ask, exposed, exposed_here, vault_passwords

HOSTS = ["one.secured.test", "two.secured.test", "three.secured.test"]
WORKER = "two.secured.test"
SERVERS = ",".join(f"{host}:9094" for host in HOSTS)
SCENARIO = Path(__file__).resolve().parents[1]
PKI = SCENARIO / "inventory/pki"
VAULT = SCENARIO / "inventory/group_vars/all/vault.yml"
SERIAL = """
import ssl, sys
sys.path.insert(0, "/opt/kafka-estate/python/current")
context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
import hashlib, socket
with socket.create_connection((sys.argv[1], int(sys.argv[2])), 10) as plain, context.wrap_socket(plain) as one:
    print(hashlib.sha256(one.getpeercert(binary_form=True)).hexdigest())
"""


LOGIN = """
import json, sys, time
sys.path.insert(0, "/opt/kafka-estate/python/current")
from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient
user, password = json.load(sys.stdin)
heard = []
client = AdminClient({
    "bootstrap.servers": sys.argv[1], "security.protocol": "SASL_SSL",
    "ssl.ca.location": "/opt/kafka-estate/tls/listeners-ca.pem",
    "sasl.mechanism": "SCRAM-SHA-512", "sasl.username": user, "sasl.password": password, "log_level": 0, "error_cb": heard.append,
})
verdict, end = None, time.monotonic() + 60
while verdict is None and time.monotonic() < end:
    try:
        client.list_topics(timeout=1)
        verdict = True
    except KafkaException:
        client.poll(0)
        verdict = False if any(error.name() == "_AUTHENTICATION" for error in heard) else None
print(verdict)
"""


@contextmanager
def counted(passwords: dict[str, str]) -> Iterator[None]:
    """Somebody writes a hundred records a second with the authorities of this moment; none that was acknowledged may be lost."""
    authorities = f"/root/ca-{uuid.uuid4().hex[:8]}.pem"
    settings = {
        "security.protocol": "SASL_SSL",
        "ssl.ca.location": authorities,
        "sasl.mechanism": "SCRAM-SHA-512",
        "sasl.username": "shop",
        "sasl.password": passwords["kafka_password_local_shop"],
        "group.id": "shop",
        "log_level": 0,
    }
    on(WORKER, "cp", "/opt/kafka-estate/tls/listeners-ca.pem", authorities)
    with load(WORKER, SERVERS, "orders", settings) as found:
        yield
    print(found)
    assert found["acknowledged"] == found["sent"] > 1000
    assert [found[key] for key in ("refused", "lost", "doubled")] == [0, 0, 0]


@pytest.fixture(scope="module")
def passwords() -> dict[str, str]:
    return vault_passwords(SCENARIO)


def now() -> str:
    """Return a time that all that was made before this moment is older than."""
    return f"{datetime.now(UTC) + timedelta(seconds=1):%Y-%m-%dT%H:%M:%S}"


def rotate(*args: str) -> Run:
    words = [word for arg in args for word in ((arg,) if arg.startswith("--") else ("-e", arg))]
    return playbook("playbooks/rotate.yml", *words, seconds=MAX_SECONDS)


def done(*args: str) -> Run:
    run = rotate(*args)
    assert run.status == 0, run.output[-6000:]
    return run


def killed(*args: str, when: Callable[[], object]) -> None:
    """Run a rotation, and kill the run as soon as something is seen."""
    kill_run("playbooks/rotate.yml", *(word for arg in args for word in ("-e", arg)), when=when)


def starts(unit: str) -> list[str]:
    """Return when the processes of a unit were started."""
    return [on(host, "systemctl", "show", unit, "--property=ExecMainStartTimestampMonotonic", "--value") for host in HOSTS]


def shown(port: int) -> list[str]:
    """Return the certificates that a port of the hosts shows."""
    return [on(host, "python3", "-c", SERIAL, host, str(port)).strip() for host in HOSTS]


def step(authority: str) -> str:
    path = PKI / authority / "ca+step"
    return path.read_text().strip() if path.is_file() else ""


def stands(authority: str, wanted: str) -> bool:
    return step(authority) == wanted


def healthy() -> None:
    until(lambda: playbook("playbooks/health.yml"), 240, "a healthy estate", lambda run: run.status == 0)


def replaced(authority: str, before: str) -> None:
    """The authority is another one, alone in its folder and on the hosts."""
    assert (PKI / authority / "ca.crt").read_text() != before
    assert [path.name for path in (PKI / authority).iterdir() if "+" in path.name] == []


def test_check_mode_says_what_it_would_do(passwords: dict[str, str]) -> None:
    before = {path: path.read_bytes() for path in PKI.rglob("*.*")}
    run = rotate("what=certificates", f"made_before={now()}", "--check", "--diff")
    assert run.status == 0, run.output[-6000:]
    assert "certificate local-brokers/one.secured.test (asked for)" in run.output
    assert set(run.changed()) == set(HOSTS)
    assert {path: path.read_bytes() for path in PKI.rglob("*.*")} == before
    assert not [secret for secret in passwords.values() if secret in run.output]


def test_certificates_are_renewed_and_no_broker_restarts(passwords: dict[str, str]) -> None:
    brokers, served = starts("kafka"), [shown(port) for port in (9091, 9094)]
    servers, workers = starts("zookeeper"), starts("kafka-connect")
    time = now()
    with counted(passwords):
        done("what=certificates", f"made_before={time}")
    assert starts("kafka") == brokers
    for before, after in zip(served, [shown(port) for port in (9091, 9094)]):
        assert not {*before} & {*after} and len({*after}) == len(HOSTS)
    # These cannot take them over while they run.
    assert not {*servers} & {*starts("zookeeper")} and workers != starts("kafka-connect")
    assert not done("what=certificates", f"made_before={time}").changed()
    healthy()


def test_nothing_is_replaced_while_a_broker_is_down() -> None:
    on(HOSTS[2], "systemctl", "stop", "kafka")
    try:
        run = rotate("what=authority", "authority=local-brokers", f"made_before={now()}")
    finally:
        on(HOSTS[2], "systemctl", "start", "kafka")
    assert run.status != 0 and not run.changed() and step("local-brokers") == ""
    assert "broker 3 is not in the cluster" in run.output
    limited = rotate("what=authority", "authority=local-brokers", f"made_before={now()}", "--limit=one.secured.test")
    assert limited.status != 0 and "left out by --limit" in limited.output and step("local-brokers") == ""


@pytest.mark.parametrize("words", [("what=all",), ("what=authority",), ("what=authority", "authority=ghost-rest")])
def test_what_is_not_there_is_refused_by_name(words: tuple[str, ...]) -> None:
    run = rotate(*words)
    assert run.status != 0 and not run.changed()
    assert "authority" in run.output


def test_the_brokers_authority_is_replaced_by_runs_that_are_killed(passwords: dict[str, str]) -> None:
    before = (PKI / "local-brokers/ca.crt").read_text()
    on(HOSTS[0], "cp", "-p", "/opt/kafka-estate/tls/toolkit.pem", "/root/former.pem")
    brokers, words = starts("kafka"), ("what=authority", "authority=local-brokers", f"made_before={now()}")
    with counted(passwords):
        for number, seen in enumerate(["trust", "issue", "drop"]):
            killed(*words, when=partial(stands, "local-brokers", seen))
            if not number:
                # Whoever runs anything else meanwhile leaves it as far as it is.
                site = playbook("playbooks/kafka.yml")
                assert site.status == 0 and step("local-brokers") == "trust"
        done(*words)
        assert starts("kafka") == brokers
    replaced("local-brokers", before)
    assert not done(*words).changed()

    def refused() -> bool:
        answers = ask(HOSTS[1], 9091, "/root/former.pem", source=HOSTS[0])
        return any("alert" in answer.get("refused", "") for answer in answers.values())

    until(refused, 60, "a certificate of the former authority is refused")
    # A broker that starts now finds the others, and they find it.
    on(HOSTS[1], "systemctl", "restart", "kafka")
    healthy()


def test_clients_get_the_new_authority_of_the_listeners_before_it_issues(passwords: dict[str, str]) -> None:
    before = (PKI / "local-listeners/ca.crt").read_text()
    words = ("what=authority", "authority=local-listeners", f"made_before={now()}")
    with counted(passwords):
        waits = rotate(*words)
    assert waits.status != 0 and "clients_trust=local-listeners" in waits.output and step("local-listeners") == "trust"
    client = playbook("playbooks/client.yml", "-e", "user=shop", "-e", "cluster=local")
    assert client.status == 0 and (PKI / "users/local/shop/ca.pem").read_text().count("BEGIN CERTIFICATE") == 2
    brokers = starts("kafka")
    # With both authorities, as a client that has its files anew.
    with counted(passwords):
        done(*words, "clients_trust=local-listeners")
    replaced("local-listeners", before)
    assert starts("kafka") == brokers
    assert on(HOSTS[0], "cat", "/opt/kafka-estate/tls/listeners-ca.pem") == (PKI / "local-listeners/ca.crt").read_text()
    healthy()


@pytest.mark.parametrize("kind", ["clients", "servers"])
def test_an_authority_of_zookeeper_is_replaced(passwords: dict[str, str], kind: str) -> None:
    authority = f"zookeeper-{kind}"
    before, brokers, servers = (PKI / authority / "ca.crt").read_text(), starts("kafka"), starts("zookeeper")
    with counted(passwords):
        done("what=authority", f"authority={authority}", f"made_before={now()}")
    replaced(authority, before)
    assert starts("kafka") == brokers
    # Servers read by themselves what they show each other.
    assert ({*servers} & {*starts("zookeeper")} == {*servers}) is (kind == "servers")
    on(HOSTS[1], "systemctl", "restart", "zookeeper")
    healthy()


def test_the_authority_of_connects_rest_is_replaced(passwords: dict[str, str]) -> None:
    authority = "connect-cluster-rest"
    before, brokers = (PKI / authority / "ca.crt").read_text(), starts("kafka")
    on(WORKER, "cp", "-p", "/opt/kafka-estate/tls/connect.pem", "/root/rest.pem")
    done("what=authority", f"authority={authority}", f"made_before={now()}")
    replaced(authority, before)
    assert starts("kafka") == brokers

    def refused() -> bool:
        answers = ask(WORKER, 8083, "/root/rest.pem", source=WORKER)
        return any("alert" in answer.get("refused", "") for answer in answers.values())

    until(refused, 60, "a certificate of the former authority is refused")
    healthy()


def lets_in(user: str, password: str) -> bool:
    """Whether the cluster takes a password; it says so to a client that waits for it."""
    return on(WORKER, "python3", "-c", LOGIN, SERVERS, text=json.dumps([user, password])).strip() == "True"


@pytest.mark.parametrize("user", ["shop", "estate-connect-connect-cluster"])
def test_a_password_is_changed_and_never_lost(user: str) -> None:
    variable = f"kafka_password_local_{user.replace('-', '_')}"
    before, workers = vault_passwords(SCENARIO), starts("kafka-connect")
    words = ("what=passwords", "cluster=local", f"user={user}")
    # Who writes logs in anew to read what was written, so with a password that stays.
    with counted(before) if user != "shop" else nullcontext():
        # What is in the file before the cluster has it is what the next run goes on with.
        killed(*words, when=lambda: f"next_{variable}" in VAULT.read_text())
        assert vault_passwords(SCENARIO)[variable] == before[variable]
        new = vault_passwords(SCENARIO)[f"next_{variable}"]
        done(*words)
    after = vault_passwords(SCENARIO)
    assert {name for name in after if after[name] != before.get(name)} == {variable} and after.keys() == before.keys()
    assert after[variable] == new, "the one that the run that was killed had made"
    assert lets_in(user, new) and not lets_in(user, before[variable])
    # Only a service that keeps the password in a file restarts.
    assert (starts("kafka-connect") != workers) is (user != "shop")
    assert not playbook("playbooks/site.yml").changed()
    healthy()


@pytest.mark.parametrize(("user", "said"), [("feed", "is written in the inventory"), ("ghost", "cluster local has shop")])
def test_whose_password_cannot_be_changed_is_named(user: str, said: str) -> None:
    run = rotate("what=passwords", "cluster=local", f"user={user}")
    assert run.status != 0 and not run.changed() and said in run.output


def test_no_secret_came_to_light(passwords: dict[str, str]) -> None:
    keys = [on(host, "sh", "-c", "cat /etc/*/tls/*.pem /opt/kafka-estate/tls/*.pem") for host in HOSTS]
    inside = [line for text in keys for line in text.splitlines() if len(line) == 64 and line.startswith("MIGHAgEA")]
    assert len(set(inside)) > 10
    # Those of before, and those of now.
    secrets = [*passwords.values(), *vault_passwords(SCENARIO).values(), *set(inside)]
    for host in HOSTS:
        assert exposed(host, secrets, "/etc/kafka", "/etc/zookeeper", "/etc/kafka-connect") == [], host
    assert exposed_here(SCENARIO, secrets, "users") == []
