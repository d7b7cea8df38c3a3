"""A secured schema registry as its clients, its operator and a stranger see it; the stranger's host belongs to nobody."""

from __future__ import annotations

import base64
import json
import os
import re
from pathlib import Path
from typing import Any

import pytest
from lab import on, playbook, until
from stranger import Answers, answers_to, ask, exposed, exposed_here, shaken, vault_passwords

testinfra_hosts = ["ansible://one.closed-registry.test"]

HOST, STRANGER = "one.closed-registry.test", "two.closed-registry.test"
PORT = 8081
SCENARIO = Path(__file__).resolve().parents[1]
PKI = SCENARIO / "inventory/pki"
TOOLKIT = "/opt/kafka-estate/tls"
SCHEMA = json.dumps({"schema": json.dumps({"type": "record", "name": "Order", "fields": [{"name": "id", "type": "long"}]})})
# One request from the stranger's host, with the authority that any client has: status and body; status 0 where nobody answers.
REQUEST = """
import http.client, json, ssl, sys, urllib.error, urllib.request
method, url, body, login = json.load(sys.stdin)
context = ssl.create_default_context(cafile="/opt/registry-ca.pem")
headers = {"Content-Type": "application/json", **({"Authorization": "Basic " + login} if login else {})}
request = urllib.request.Request(url, body.encode() if body else None, headers, method=method)
try:
    answer = urllib.request.urlopen(request, timeout=30, context=context)
except urllib.error.HTTPError as error:
    answer = error
except (OSError, http.client.HTTPException) as error:
    print(json.dumps([0, str(error)]))
    sys.exit()
print(json.dumps([answer.status, answer.read().decode()]))
"""


@pytest.fixture(scope="module")
def passwords() -> dict[str, str]:
    return vault_passwords(SCENARIO)


@pytest.fixture(scope="module", autouse=True)
def authority() -> None:
    """The stranger has the authority that any client has, and nothing else."""
    on(STRANGER, "sh", "-c", "cat > /opt/registry-ca.pem", text=(PKI / "schema-registry/ca.crt").read_text())


def sent(method: str, path: str, login: str = "", body: str = "", scheme: str = "https") -> tuple[int, Any]:
    """Return status and body of one answer to the stranger; ``login`` is name:password."""
    words = [method, f"{scheme}://{HOST}:{PORT}{path}", body, base64.b64encode(login.encode()).decode() if login else ""]
    status, text = json.loads(on(STRANGER, "python3", "-c", REQUEST, text=json.dumps(words)))
    return status, text


@pytest.fixture(scope="module")
def reader(passwords: dict[str, str]) -> str:
    return f"reader:{passwords['schema_registry_reader_password']}"


@pytest.fixture(scope="module")
def writer(passwords: dict[str, str]) -> str:
    return f"writer:{passwords['schema_registry_writer_password']}"


def test_the_ports_are_those_of_the_estate_and_the_registrys_alone_speaks() -> None:
    listening = (line.split()[3].rpartition(":") for line in on(HOST, "ss", "-ltnH").splitlines())
    # A name of Docker's own resolver, and what only the host itself reaches.
    found = {int(port) for address, _, port in listening if not address.strip("[]").startswith(("127.", "::1", "[::ffff:127."))}
    assert found == {2281, 8081, 9091, 9094}
    assert {port for port in found - {PORT} if answers_to(HOST, port, STRANGER)} == set()


def test_who_has_no_login_hears_nothing_but_that(reader: str) -> None:
    answers = answers_to(HOST, PORT, STRANGER)
    # In plain nothing at all, nor to what is no HTTP.
    assert set(answers) == {"http, tls True"}
    assert bytes.fromhex(answers["http, tls True"]).startswith(b"HTTP/1.1 401 ")
    for path in (
        "/",
        "/subjects",
        "/schemas",
        "/config",
        "/apis/registry/v3/system/info",
        "/health/ready",
        "/metrics",
    ):
        status, text = sent("GET", path)
        assert (status, "orders" in text) == (401, False), (path, text)
    assert sent("GET", "/_ready")[0] == 404
    assert sent("GET", "/subjects", "reader:wrong")[0] == sent("GET", "/subjects", "reader:")[0] == 401
    assert sent("GET", "/subjects", reader)[0] == 200
    # Plain is dead, with a login too.
    assert sent("GET", "/subjects", reader, scheme="http")[0] == 0


def test_a_reader_reads_and_a_writer_writes(reader: str, writer: str) -> None:
    assert json.loads(sent("GET", "/subjects", reader)[1]) == ["orders-value"]
    assert sent("GET", "/", reader) == (200, "{}")
    assert sent("GET", "/schemas?limit=5", reader)[0] == 200
    # What clients ask by POST: the number of a schema, and whether it fits.
    assert json.loads(sent("POST", "/subjects/orders-value", reader, SCHEMA)[1])["version"] == 1
    assert sent("POST", "/compatibility/subjects/orders-value/versions/latest", reader, SCHEMA) == (200, '{"is_compatible":true}')
    status, text = sent("POST", "/subjects/written-value/versions", writer, SCHEMA)
    assert status == 200, text
    assert "written-value" in sent("GET", "/subjects", reader)[1]
    assert sent("DELETE", "/subjects/written-value", writer)[0] == 200


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/subjects/stolen/versions"),
        ("DELETE", "/subjects/orders-value"),
        ("PUT", "/config"),
        ("PUT", "/mode"),
        ("PUT", "/config/orders-value"),
        ("POST", "/apis/ccompat/v7/subjects/stolen/versions"),
        ("POST", "/apis/registry/v3/groups/default/artifacts"),
        ("POST", "/apis/registry/v3/admin/import"),
        ("DELETE", "/apis/registry/v3/groups/default/artifacts"),
        # What the proxy may take for something else than the registry does.
        ("POST", "/compatibility/../subjects/stolen/versions"),
        ("POST", "/compatibility/subjects/../../subjects/stolen/versions"),
        ("POST", "/compatibility/subjects/..%2F..%2Fsubjects%2Fstolen/versions"),
        ("POST", "/subjects/stolen%2Fversions"),
        ("POST", "/subjects/x%2F..%2Fstolen%2Fversions"),
        ("POST", "/subjects/x;/versions"),
        ("POST", "//subjects//stolen//versions"),
        ("PATCH", "/subjects/orders-value"),
    ],
)
def test_a_reader_changes_nothing(method: str, path: str, reader: str, writer: str) -> None:
    before = sent("GET", "/apis/registry/v3/search/artifacts", writer), sent("GET", "/config", writer)
    sent(method, path, reader, SCHEMA)
    assert (sent("GET", "/apis/registry/v3/search/artifacts", writer), sent("GET", "/config", writer)) == before


def test_a_reader_is_told_that_it_may_not(reader: str) -> None:
    assert sent("POST", "/subjects/stolen/versions", reader, SCHEMA)[0] == 401
    assert sent("DELETE", "/subjects/orders-value", reader)[0] == 401


def test_old_protocols_and_suites_are_refused() -> None:
    def versions(most: str = "", suites: str = "") -> set[str]:
        return shaken(ask(HOST, PORT, most=most, suites=suites, source=STRANGER))

    assert versions("TLSv1_1") == set()
    assert versions("TLSv1_2", "ECDHE-ECDSA-AES128-SHA256:ECDHE-ECDSA-AES256-SHA") == set()
    until(lambda: versions("TLSv1_2", "ECDHE-ECDSA-AES256-GCM-SHA384"), 60, "TLS 1.2", lambda found: found == {"TLSv1.2"})
    until(versions, 60, "TLS 1.3", lambda found: found == {"TLSv1.3"})


def told(key: str) -> bytes:
    """Return what the registry answers to HTTP of a client with a certificate and no login, asked on its own host."""
    answers: Answers = ask(HOST, PORT, f"{TOOLKIT}/{key}.pem", source=HOST)
    return bytes.fromhex(answers["http, tls True"]["answer"])


def test_a_certificate_counts_only_if_the_registrys_own_authority_made_it() -> None:
    assert told("registry").startswith(b"HTTP/1.1 200 ")
    # The toolkit's, of the brokers' and of ZooKeeper's authority.
    assert told("toolkit") == told("zookeeper") == b""


def test_its_login_at_the_brokers_has_the_rights_it_uses_and_no_more() -> None:
    acls = on(HOST, "kafka-acls", "--list", "--principal", "User:estate-schema-registry")
    assert {*re.findall(r"resourceType=(\w+), name=([\w-]+)", acls)} == {
        ("TOPIC", "_schemas"),
        ("TOPIC", "kafkasql-"),
        ("TOPIC", "registry-events"),
        ("GROUP", "apicurio-"),
    }
    # 1 is what grep returns where no line has it; 2 would be that the logs cannot be read.
    assert not on(HOST, "sh", "-c", "grep -rh 'estate-schema-registry is Denied' /var/log/kafka; [ $? -le 1 ]")


def test_it_restarts_for_a_change_and_keeps_its_schemas(reader: str) -> None:
    roll = playbook(
        "playbooks/schema_registry.yml", "-e", "schema_registry_log_level=WARN", "-e", "schema_registry_max_body_size=4m"
    )
    assert roll.status == 0 and set(roll.changed()) == {HOST}, roll.output
    assert json.loads(sent("GET", "/subjects", reader)[1]) == ["orders-value"]
    until(lambda: playbook("playbooks/health.yml"), 240, "a healthy estate", lambda run: run.status == 0)


def test_a_client_is_given_its_files(reader: str, passwords: dict[str, str], tmp_path: Path) -> None:
    run = playbook("playbooks/client.yml", "-e", "user=shop", "-e", "cluster=local", "-e", "registry=reader")
    assert run.status == 0, run.output
    folder = PKI / "users/local/shop"
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}
    lines = dict(line.split("=", 1) for line in (folder / "registry.properties").read_text().splitlines())
    assert lines["basic.auth.user.info"] == reader and Path(lines["ssl.ca.location"]).read_text()
    on(HOST, "sh", "-c", "base64 -d > /tmp/ca.p12", text=base64.b64encode((folder / "registry-ca.p12").read_bytes()).decode())
    # As Java reads it.
    shown = on(HOST, "keytool", "-list", "-keystore", "/tmp/ca.p12", "-storepass", "estate")
    assert "trustedCertEntry" in shown
    assert not [secret for secret in passwords.values() if secret in run.output]


def test_the_audit_passes_and_knows_the_registrys_port(tmp_path: Path) -> None:
    path = tmp_path / "audit.json"
    run = playbook("playbooks/audit.yml", "-b", f"--extra-vars=audit_path={path}")
    found = json.loads(path.read_text())
    assert run.status == 0, run.output
    ports = {port["port"]: (port["answer"], port["purpose"]) for port in found["ports"]}
    assert ports[PORT] == ("login", "schema registry") and ports[8082][0] == "local"


def test_no_secret_is_anywhere_but_in_its_place(passwords: dict[str, str]) -> None:
    keys = on(HOST, "sh", "-c", "cat /etc/*/tls/*.pem /opt/kafka-estate/tls/*.pem")
    inside = set(re.findall(r"-----BEGIN PRIVATE KEY-----\n(\S+)", keys))
    logins = {
        base64.b64encode(f"{name}:{passwords[f'schema_registry_{name}_password']}".encode()).decode()
        for name in ("reader", "writer")
    }
    secrets = [*passwords.values(), *inside, *logins]
    assert len(passwords) == 4
    folders = ("/etc/kafka", "/etc/zookeeper", "/etc/schema-registry", "/var/lib/schema-registry")
    assert exposed(HOST, secrets, *folders) == []
    modes = on(
        HOST, "sh", "-c", "stat -c '%a %U %n' /etc/schema-registry/secrets/* /etc/schema-registry/tls/registry.pem"
    ).splitlines()
    assert {tuple(line.split()[:2]) for line in modes} == {("400", "schema-registry")} and len(modes) == 4
    assert exposed_here(SCENARIO, secrets, "users") == []


def test_a_lost_vault_password_changes_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong"
    wrong.write_text("not-this-one\n")
    monkeypatch.setitem(os.environ, "ANSIBLE_VAULT_PASSWORD_FILE", str(wrong))
    run = playbook("playbooks/schema_registry.yml")
    assert run.status != 0 and not run.changed()
