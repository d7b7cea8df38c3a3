"""Elasticsearch, what reads it, and a stand-in for Kibana in a secured estate: as their users and a stranger see them."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from lab import Answer, on, playbook, until
from stranger import answers_to, ask, exposed, exposed_here, open_ports, shaken, vault_passwords

testinfra_hosts = ["ansible://one.search.test"]

NODE, STRANGER = "one.search.test", "two.search.test"
SCENARIO = Path(__file__).resolve().parents[1]
PORTS = {5601: "kibana-http", 9200: "elasticsearch-http"}
# Status and body of a request over TLS with an authority and a login.
REQUEST = """
import json, ssl, sys, urllib.request
method, url, ca, login, body = json.load(sys.stdin)
headers = {"Content-Type": "application/json", "kbn-xsrf": "test", **({"Authorization": "Basic " + login} if login else {})}
data = None if body is None else json.dumps(body).encode()
request = urllib.request.Request(url, data, headers, method=method)
try:
    answer = urllib.request.urlopen(request, timeout=60, context=ssl.create_default_context(cadata=ca))
except urllib.error.HTTPError as error:
    answer = error
print(answer.status)
print(answer.read().decode())
"""
HEALTH = "/_cluster/health"


@pytest.fixture(scope="module")
def passwords() -> dict[str, str]:
    found = vault_passwords(SCENARIO)
    return {name.removeprefix("estate_password_elasticsearch_").replace("_", "-"): value for name, value in found.items()}


def request(login: tuple[str, str], path: str, method: str = "GET", body: Any = None, port: int = 9200) -> Answer:
    """Return what the stranger's host is answered with a login, which may be empty."""
    authority = (SCENARIO / f"inventory/pki/{PORTS[port]}/ca.crt").read_text()
    given = base64.b64encode(":".join(login).encode()).decode() if login[0] else ""
    words = [method, f"https://{NODE}:{port}{path}", authority, given, body]
    return Answer.of(on(STRANGER, "python3", "-c", REQUEST, text=json.dumps(words)))


def status(*words: Any, **more: Any) -> int:
    return request(*words, **more).status


def test_no_port_answers_a_stranger() -> None:
    assert open_ports(NODE, STRANGER) == {5601, 9200, 9300}
    assert answers_to(NODE, 9300, STRANGER) == {}
    for port in PORTS:
        answers = {name: bytes.fromhex(answer) for name, answer in answers_to(NODE, port, STRANGER).items()}
        assert {name for name in answers if "tls False" in name} == set(), port
        assert b" 401 " in answers["http, tls True"].splitlines()[0], port
    # What is no request of HTTP is told so, and nothing else.
    told = [bytes.fromhex(answer) for answer in answers_to(NODE, 9200, STRANGER).values()]
    assert all(re.match(rb"HTTP/1\.[01] 4\d\d ", answer) for answer in told), told


def test_only_a_login_counts(passwords: dict[str, str]) -> None:
    kim = passwords["kim"]
    assert status(("kim", kim), HEALTH) == 200
    for login in (("kim", kim[:-1]), ("kim", ""), ("elastic", kim), ("elastic", "changeme"), ("nobody", kim), ("", "")):
        assert status(login, HEALTH) == 401, login[0]


@pytest.mark.parametrize("port", [9200, 9300])
def test_old_protocols_and_suites_are_refused(port: int, key: str) -> None:
    given = key if port == 9300 else ""

    def versions(most: str = "", suites: str = "") -> set[str]:
        return shaken(ask(NODE, port, given, most, suites, source=NODE))

    assert versions("TLSv1_1") == set()
    assert versions("TLSv1_2", "ECDHE-ECDSA-AES128-SHA256:ECDHE-ECDSA-AES256-SHA") == set()
    until(lambda: versions("TLSv1_2", "ECDHE-ECDSA-AES256-GCM-SHA384"), 60, "TLS 1.2", lambda found: found == {"TLSv1.2"})
    until(versions, 60, "TLS 1.3", lambda found: found == {"TLSv1.3"})


@pytest.fixture(scope="module")
def key() -> Iterator[str]:
    """A file with the key of a node for the other nodes, as only root of its host could make it."""
    yield from _both("transport")


@pytest.fixture(scope="module")
def other_key() -> Iterator[str]:
    """The same with a key of another authority."""
    yield from _both("http")


def _both(name: str) -> Iterator[str]:
    path, tls = f"/root/{name}.pem", "/etc/elasticsearch/tls"
    on(NODE, "sh", "-c", f"umask 077; cat {tls}/{name}.key {tls}/{name}.crt > {path}")
    yield path
    on(NODE, "rm", path)


def test_a_node_of_another_authority_cannot_join(key: str, other_key: str) -> None:
    def refused() -> bool:
        answers = ask(NODE, 9300, other_key, source=NODE)
        assert not [answer for answer in answers.values() if answer["answer"]]
        return any("alert" in answer.get("refused", "") for answer in answers.values())

    until(refused, 60, "it says that it refuses the key")
    until(lambda: ask(NODE, 9300, key, source=NODE)["http, tls True"]["answer"], 60, "it answers another node")


def test_a_user_does_what_its_role_allows(passwords: dict[str, str]) -> None:
    kim, lee = ("kim", passwords["kim"]), ("lee", passwords["lee"])
    indexer = ("estate-indexer", passwords["estate-indexer"])
    for index in ("payroll", "students-2"):
        assert status(kim, f"/{index}", "DELETE") in (200, 404)
    assert status(kim, "/payroll/_doc/1?refresh=true", "PUT", {"name": "secret"}) in (200, 201)
    # What index.py and count.py do.
    fields = {"mappings": {"properties": {"name": {"type": "keyword"}}}}
    assert status(indexer, "/students-2", "PUT", {"settings": {"number_of_replicas": 0}, **fields}) == 200
    assert status(indexer, "/students-2/_mapping", "PUT", {"properties": {"id": {"type": "keyword"}}}) == 200
    for _ in range(2):
        assert status(indexer, "/students-2/_doc/1", "PUT", {"name": "student", "id": "1"}) in (200, 201)
    assert status(indexer, "/students-2/_refresh", "POST") == 200
    assert request(indexer, "/students-2/_count").body["count"] == 1
    assert [hit["_id"] for hit in request(lee, "/students-2/_search").body["hits"]["hits"]] == ["1"]
    # Not what is others', and nothing is deleted.
    for login, path, method in (
        (indexer, "/payroll/_search", "GET"),
        (indexer, "/payroll/_doc/2", "PUT"),
        (indexer, "/payroll", "DELETE"),
        (indexer, "/students-2", "DELETE"),
        (indexer, "/students-2/_doc/1", "DELETE"),
        (indexer, "/_cluster/health", "GET"),
        (lee, "/payroll/_search", "GET"),
        (lee, "/students-2/_doc/2", "PUT"),
        (("estate-toolkit", passwords["estate-toolkit"]), "/students-2/_search", "GET"),
        (("estate-exporter", passwords["estate-exporter"]), "/students-2/_search", "GET"),
    ):
        assert status(login, path, method, {} if method == "PUT" else None) == 403, (login[0], method, path)


def test_kibana_has_its_objects_and_knows_who_asks(passwords: dict[str, str]) -> None:
    view = "/api/data_views/data_view/students"
    toolkit = ("estate-toolkit", passwords["estate-toolkit"])
    assert request(toolkit, view, port=5601).body["data_view"]["title"] == "students*"
    for login in (("lee", passwords["lee"]), ("estate-toolkit", passwords["lee"]), ("", "")):
        assert status(login, view, port=5601) == 401, login[0]


def test_the_exporter_reads_and_is_there_for_its_host_alone() -> None:
    read = "import urllib.request; print(urllib.request.urlopen('http://127.0.0.1:9114/metrics').read().decode())"
    assert "elasticsearch_cluster_health_up 1" in on(NODE, "python3", "-c", read)


def test_it_restarts_and_the_estate_is_healthy() -> None:
    roll = playbook("playbooks/elasticsearch.yml", "-e", "elasticsearch_log_level=WARN")
    assert roll.status == 0, roll.output
    assert set(roll.changed()) == {NODE}
    until(lambda: playbook("playbooks/health.yml"), 240, "a healthy estate", lambda run: run.status == 0)


def test_a_user_comes_and_goes_without_a_restart(passwords: dict[str, str], unit: Any, host: Any) -> None:
    before = unit(host, "elasticsearch", "MainPID")
    users = [{"name": "kim", "roles": ["superuser"]}, {"name": "max", "roles": ["reader"], "password": "only-for-a-moment"}]
    wanted = json.dumps({"elasticsearch_users": users, "elasticsearch_log_level": "WARN"})
    run = playbook("playbooks/elasticsearch.yml", "-e", wanted)
    assert run.status == 0, run.output
    until(lambda: status(("max", "only-for-a-moment"), "/students*/_search"), 60, "max may read", lambda found: found == 200)
    assert status(("lee", passwords["lee"]), "/students*/_search") == 401
    assert unit(host, "elasticsearch", "MainPID") == before


def test_keys_are_for_their_service_alone() -> None:
    places = ("/etc/elasticsearch", "/etc/elasticsearch-exporter", "/etc/kibana", "/opt/kafka-estate")
    pattern = "PRIVATE KEY|^estate-toolkit:[0-9a-f]{40}|PASSWORD=|assword:|ncryptionKey:|PBKDF2"
    found = on(NODE, "grep", "-rlEI", "-e", pattern, *places).split()
    lines = on(NODE, "stat", "-c", "%a %U %n", *found).splitlines()
    assert {tuple(line.split()) for line in lines} == {
        ("400", "elasticsearch", "/etc/elasticsearch/tls/http.key"),
        ("400", "elasticsearch", "/etc/elasticsearch/tls/transport.key"),
        ("400", "elasticsearch", "/etc/elasticsearch/tls/toolkit.login"),
        ("400", "elasticsearch", "/etc/elasticsearch/users"),
        ("400", "elasticsearch-exporter", "/etc/elasticsearch-exporter/login"),
        ("400", "kibana", "/etc/kibana/secrets.yml"),
        ("400", "kibana", "/etc/kibana/tls/http.key"),
        ("400", "root", "/opt/kafka-estate/tls/elasticsearch.login"),
    }


def test_no_secret_is_anywhere_but_in_its_place(passwords: dict[str, str]) -> None:
    keys = on(NODE, "sh", "-c", "cat /etc/*/tls/*.key")
    inside = set(re.findall(r"-----BEGIN PRIVATE KEY-----\n(\S+)", keys))
    assert len(inside) == 3
    # It takes its password from its environment alone, where its user and root see it.
    of_exporter = passwords["estate-exporter"]
    secrets = [*(set(passwords.values()) - {of_exporter}), *inside]
    assert exposed(NODE, secrets) == []
    pid = on(NODE, "systemctl", "show", "--property=MainPID", "--value", "elasticsearch-exporter").strip()
    assert set(exposed(NODE, [of_exporter])) == {"processes", f"/proc/{pid}/environ"}
    assert exposed_here(SCENARIO, [*secrets, of_exporter]) == []
