"""An estate below a company, which signs for servers itself, and through authorities of the estate for who is let in."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import company
import pytest
from company import CLIENT, SERVER, Wish
from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from lab import ROOT, on, playbook, until
from stranger import Answers, ask, vault_passwords

HOST = "one.company.test"
SCENARIO = Path(__file__).resolve().parents[1]
PKI, COMPANY = SCENARIO / "inventory/pki", ROOT / ".cache/secured_company"
NOW = datetime.now(UTC).replace(microsecond=0)
REQUEST = f"local-listeners_{HOST}.csr"
# Who lets in by a certificate, with the toolkit's own key and the authority that has signed it.
INNER = {9091: ("toolkit", "local-brokers"), 2281: ("zookeeper", "zookeeper-clients"), 8083: ("connect", "connect-cluster-rest")}
# The brokers' port for clients, and the agents of broker, ZooKeeper and Connect.
SERVED = (9094, 7071, 7072, 7073)
# Somebody who trusts one root and looks at the name.
VERIFIED = """
import socket, ssl, sys
context = ssl.create_default_context(cafile=sys.argv[1])
plain = socket.create_connection((sys.argv[2], int(sys.argv[3])), 10)
with context.wrap_socket(plain, server_hostname=sys.argv[2]) as one:
    print(one.getpeercert()["serialNumber"])
"""
LOGIN = """
import json, sys
sys.path.insert(0, "/opt/kafka-estate/python/current")
from confluent_kafka import Producer
settings = dict(line.split("=", 1) for line in sys.stdin.read().splitlines())
errors = []
producer = Producer({**settings, "acks": "all", "message.timeout.ms": 60000, "log_level": 0})
for number in range(10):
    producer.produce("orders", str(number).encode(), on_delivery=lambda error, _: errors.append(error and error.name()))
producer.flush(90)
print(json.dumps(errors))
"""


def serial(port: int, root: str = "/root/root.pem") -> str:
    return on(HOST, "python3", "-c", VERIFIED, root, HOST, str(port)).strip()


@pytest.fixture(scope="module", autouse=True)
def root() -> None:
    """The host has the company's root, as every client of the company has."""
    on(HOST, "sh", "-c", "cat > /root/root.pem", text=(COMPANY / "root.crt").read_text())


@pytest.mark.parametrize("port", SERVED)
def test_who_trusts_the_root_alone_verifies_the_servers(port: int) -> None:
    assert until(lambda: serial(port), 60, f"{port} answers")


def test_a_user_logs_in_with_the_files_of_a_client() -> None:
    client = playbook("playbooks/client.yml", "-e", "user=shop", "-e", "cluster=local", "-e", "client_directory=/root")
    assert client.status == 0
    files = PKI / "users/local/shop"
    assert (files / "ca.pem").read_text() == (COMPANY / "root.crt").read_text()
    on(HOST, "sh", "-c", "cat > /root/ca.pem", text=(files / "ca.pem").read_text())
    said = on(HOST, "python3", "-c", LOGIN, text=(files / "librdkafka.properties").read_text())
    assert json.loads(said) == [None] * 10
    assert vault_passwords(SCENARIO)["kafka_password_local_shop"] not in client.output


def answered(answers: Answers) -> bool:
    """Whether a port took a certificate, whatever it says to the questions."""
    return not any("alert" in answer.get("refused", "") for answer in answers.values())


@pytest.mark.parametrize("port", INNER)
def test_others_certificates_of_the_company_die_in_the_handshake(port: int) -> None:
    name, own = INNER[port]
    top = company.read(COMPANY, "root")
    others = [
        company.read(COMPANY, "servers"),
        top.below("Example Mail", NOW),
        *(found for other, found in inner().items() if other != own),
    ]
    assert len(others) == len(company.INNER) + 1
    wish = Wish([HOST], usages=[SERVER, CLIENT])
    until(lambda: answered(ask(HOST, port, f"/opt/kafka-estate/tls/{name}.pem", source=HOST)), 60, "the toolkit is let in")
    for other in others:
        key = company.new_key()
        # A name that a super user, or an identity of ZooKeeper, has.
        subject = x509.Name.from_rfc4514_string("CN=toolkit,OU=local,O=estate")
        leaf = company.signed(subject, key.public_key(), other.certificate.subject, other.key, wish, NOW)
        bundle = company.key_pem(key) + company.pem(leaf, other.certificate, top.certificate)
        on(HOST, "sh", "-c", "cat > /root/other.pem", text=bundle)
        assert not answered(ask(HOST, port, "/root/other.pem", source=HOST)), other.certificate.subject


def inner() -> dict[str, company.Authority]:
    """Return the authorities that the company gave the estate, by name."""
    found = {}
    for name in company.INNER:
        _, certificate = x509.load_pem_x509_certificates((PKI / name / "ca.crt").read_bytes())
        key = load_pem_private_key((PKI / name / "ca.key").read_bytes(), None)
        found[name] = company.Authority(certificate, key)
    return found


def put(answer: x509.Certificate) -> Path:
    path = PKI / "answers/another.pem"
    path.write_text(company.pem(answer))
    return path


BAD = {
    "ended": (Wish([HOST], begins=timedelta(minutes=-10), days=0.003), "a certificate that ended on"),
    "another name": (Wish(["two.company.test"], begins=timedelta()), "for two.company.test, and none for one.company.test"),
    "for clients": (Wish([HOST], begins=timedelta(), usages=[CLIENT]), "extended key usage without serverAuth"),
}


@pytest.mark.parametrize("case", BAD)
def test_a_bad_answer_is_named_before_anything_changes(case: str) -> None:
    wish, expected = BAD[case]
    before = serial(9094)
    path = put(company.answer(company.read(COMPANY, "servers"), company.requests(PKI)[REQUEST], NOW, wish))
    try:
        run = playbook("playbooks/kafka.yml")
    finally:
        path.unlink()
    assert run.status != 0 and not run.changed()
    assert "no host was changed" in run.output and f"{HOST}: {path}: found" in run.output and expected in run.output
    assert serial(9094) == before


def test_what_a_company_may_not_sign_is_refused() -> None:
    run = playbook("playbooks/preflight.yml", "-e", '{"estate_ca_authorities": ["local-brokers"]}')
    assert run.status != 0 and not run.changed()
    assert "estate_ca_authorities: found local-brokers, whose certificates let somebody in" in run.output


def test_what_is_missing_is_named_all_at_once(tmp_path: Path) -> None:
    run = playbook("playbooks/preflight.yml", "-e", f"estate_pki_dir={tmp_path}")
    assert run.status != 0 and not run.changed()
    names = [
        f"local-listeners/{HOST}",
        *(f"estate-metrics/{one}@{HOST}" for one in ("zookeeper", "kafka_broker", "kafka_connect")),
    ]
    assert [name for name in names if f"{tmp_path}/{name}.key: found nothing; run playbooks/requests.yml" not in run.output] == []
    assert list(tmp_path.iterdir()) == []


def test_a_new_key_is_asked_for_and_taken_over_without_a_restart() -> None:
    before, started = serial(9094), on(HOST, "systemctl", "show", "kafka", "--property=ExecMainStartTimestampMonotonic")
    asked = playbook("playbooks/requests.yml", "-e", "new_keys=true")
    assert asked.status == 0 and f"{REQUEST}: with a new key" in asked.output
    # Until the answer is there, everything stays.
    assert not playbook("playbooks/kafka.yml").changed() and serial(9094) == before
    wish = replace(Wish([HOST]), begins=timedelta())
    put(company.answer(company.read(COMPANY, "servers"), company.requests(PKI)[REQUEST], datetime.now(UTC), wish))
    run = playbook("playbooks/kafka.yml")
    assert run.status == 0, run.output[-4000:]
    until(lambda: serial(9094), 60, "the new certificate is shown", lambda found: found != before)
    assert on(HOST, "systemctl", "show", "kafka", "--property=ExecMainStartTimestampMonotonic") == started
    assert not playbook("playbooks/kafka.yml").changed()
