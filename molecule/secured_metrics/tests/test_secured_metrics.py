"""Metrics of a secured estate, and what reads them: as the toolkit, and as a host that belongs to nobody, sees them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import pytest
from lab import module, on, playbook, until
from stranger import ask, exposed, exposed_here, open_ports, shaken, vault_passwords

testinfra_hosts = ["ansible://one.metrics.test"]

Seen = TypeVar("Seen")
HOST, STRANGER = "one.metrics.test", "two.metrics.test"
SCENARIO = Path(__file__).resolve().parents[1]
# Each port with its login, and the service whose key it has.
PAGES = {
    7071: ("metrics", "kafka"),
    7072: ("metrics", "kafka-connect"),
    7073: ("metrics", "zookeeper"),
    9090: ("monitoring", "prometheus"),
    9093: ("monitoring", "alertmanager"),
    9100: ("metrics", "node-exporter"),
    9115: ("monitoring", "blackbox-exporter"),
}
JOBS = {
    *("zookeeper", "kafka_broker", "kafka_connect", "kafka_exporter", "node_exporter"),
    *("prometheus", "alertmanager", "blackbox_exporter", "probe_tls"),
}
AGENTS = ("kafka", "kafka-connect", "zookeeper")
CBC = "ECDHE-ECDSA-AES128-SHA256:ECDHE-ECDSA-AES256-SHA:ECDHE-ECDSA-AES128-SHA"
FILES = {"ca": "metrics-ca.pem", "login": "monitoring.login"}
# A stand-in, whose login is the administrator's.
GRAFANA = 3000
KAFKA = {2281, 8083, 9091, 9094}
# The status with which a port answers a login, in TLS that is verified.
PAGE = """
import base64, json, ssl, sys, urllib.error, urllib.request
host, port, path, user, password = json.load(sys.stdin)
context = ssl.create_default_context(cafile="/opt/kafka-estate/tls/metrics-ca.pem")
request = urllib.request.Request(f"https://{host}:{port}{path}")
if user:
    request.add_header("Authorization", "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode())
try:
    with urllib.request.urlopen(request, timeout=60, context=context) as answer:
        print(answer.status)
except urllib.error.HTTPError as error:
    print(error.code)
"""


@pytest.fixture(scope="module")
def passwords() -> dict[str, str]:
    return vault_passwords(SCENARIO)


def page(port: int, user: str = "", password: str = "", path: str = "/metrics") -> int:
    return int(on(HOST, "python3", "-c", PAGE, text=json.dumps([HOST, port, path, user, password])))


def together(question: Callable[[int], Seen], ports: Iterable[int]) -> list[Seen]:
    """Return what each port answers; most of the time of a question is waiting for what does not come."""
    with ThreadPoolExecutor() as pool:
        return list(pool.map(question, ports))


def test_a_stranger_finds_no_port_that_answers_without_a_login() -> None:
    found = open_ports(HOST, STRANGER)
    assert found == KAFKA | PAGES.keys() | {GRAFANA}
    for port, answers in zip(found, together(lambda port: ask(HOST, port, source=STRANGER), found)):
        seen = {name: bytes.fromhex(one["answer"]) for name, one in answers.items() if one["answer"]}
        if port in KAFKA:
            assert not seen, port
        # Words in plain are told that they are wrong, and no more; within TLS a login is asked for.
        for name, text in seen.items():
            status = text.split()[1:2]
            assert status == [b"401"] if name == "http, tls True" else status == [b"400"], (port, name, text)
        assert port in KAFKA or "http, tls True" in seen, port


@pytest.mark.parametrize("port", PAGES)
def test_a_page_wants_its_own_login(port: int, passwords: dict[str, str]) -> None:
    login, _ = PAGES[port]
    other = {"metrics": "monitoring", "monitoring": "metrics"}[login]
    own, others = (passwords[f"estate_{name}_password"] for name in (login, other))
    assert page(port, login, own) == 200
    assert [page(port), page(port, login, others), page(port, other, others), page(port, login, own[:-1])] == [401] * 4


def test_grafana_wants_the_administrators_password_and_reads_prometheus_with_its_own_login(passwords: dict[str, str]) -> None:
    admin = ("admin", passwords["grafana_admin_password"])
    assert page(GRAFANA, *admin, path="/api/org") == 200
    others = [("", ""), ("admin", "admin"), ("monitoring", passwords["estate_monitoring_password"])]
    assert [page(GRAFANA, *login, path="/api/org") for login in others] == [401] * 3
    assert page(GRAFANA, *admin, path="/api/datasources/proxy/uid/prometheus/api/v1/query?query=up") == 200
    assert shaken(ask(HOST, GRAFANA, "", "TLSv1_2", source=STRANGER)) == set()


def test_lag_is_read_with_a_login_and_shown_on_loopback_alone() -> None:
    ask_it = "import urllib.request as u; print(u.urlopen('http://127.0.0.1:9308/metrics', timeout=60).read().decode())"
    until(lambda: on(HOST, "python3", "-c", ask_it), 60, "ends of topics", lambda text: "kafka_topic_highwater{" in text)
    assert on(HOST, "stat", "-c", "%a %U", "/etc/kafka-exporter/login").split() == ["400", "kafka-exporter"]


def test_old_protocols_and_suites_are_refused() -> None:
    def versions(most: str = "", suites: str = "") -> list[set[str]]:
        return together(lambda port: shaken(ask(HOST, port, "", most, suites, source=STRANGER)), PAGES)

    def all_are(version: str) -> Callable[[list[set[str]]], bool]:
        return lambda found: found == [{version}] * len(PAGES)

    assert versions("TLSv1_1") == [set()] * len(PAGES)
    assert versions("TLSv1_2", CBC) == [set()] * len(PAGES)
    until(lambda: versions("TLSv1_2", "ECDHE-ECDSA-AES256-GCM-SHA384"), 60, "TLS 1.2", all_are("TLSv1.2"))
    until(versions, 60, "TLS 1.3", all_are("TLSv1.3"))


def test_prometheus_reads_everything_with_its_logins() -> None:
    files: dict[str, Any] = {name: f"/opt/kafka-estate/tls/{file}" for name, file in FILES.items()}

    def up() -> dict[str, float]:
        asked = {"up": "min by (job) (up)", "alertmanagers": "prometheus_notifications_alertmanagers_discovered"}
        found = module(HOST, "prometheus_query", url=f"https://{HOST}:9090", queries=asked, hours=0.01, **files)
        assert not found["error"], found
        assert found["results"]["alertmanagers"]["series"][0]["values"][-1] == 1
        return {one["labels"]["job"]: one["values"][-1] for one in found["results"]["up"]["series"]}

    until(up, 180, "all targets are up", lambda found: found == dict.fromkeys(JOBS, 1))


def test_health_and_report_ask_with_the_toolkits_logins(tmp_path: Path) -> None:
    until(lambda: playbook("playbooks/health.yml"), 240, "a healthy estate", lambda run: run.status == 0)
    run = playbook("playbooks/report.yml", f"--extra-vars=report_path={tmp_path / 'report.html'}")
    assert run.status == 0 and not run.changed(), run.output
    tasks = [task for task in run.plays[-1]["tasks"] if task["task"]["name"].startswith("Ask Prometheus")]
    (asked,) = (task["hosts"][HOST] for task in tasks if HOST in task["hosts"])
    assert asked["error"] == "" and asked["results"]


def test_every_port_passes_the_audit(tmp_path: Path) -> None:
    path = tmp_path / "audit.json"
    run = playbook("playbooks/audit.yml", "-b", f"--extra-vars=audit_path={path}")
    found = json.loads(path.read_text())
    assert run.status == 0 and not run.changed(), run.output
    assert found["verdict"].startswith("12 of 12 statements pass, 0 fail, 0 not known, "), found["verdict"]
    seen = {port["port"]: (port["answer"], bool(port["purpose"])) for port in found["ports"] if port["host"] == HOST}
    assert {port: seen[port] for port in PAGES} == dict.fromkeys(PAGES, ("login", True))


def test_keys_and_logins_are_for_their_service_alone(passwords: dict[str, str]) -> None:
    for _, user in PAGES.values():
        for name in ("tls/agent.p12", "tls/agent.login") if user in AGENTS else ("tls/metrics.pem", "web.yml"):
            assert on(HOST, "stat", "-c", "%a %U", f"/etc/{user}/{name}").split() == ["400", user]
    assert on(HOST, "stat", "-c", "%a %U", "/etc/grafana/tls/grafana.pem", "/etc/grafana/secrets/monitoring").split() == (
        ["400", "grafana"] * 2
    )
    toolkit = [f"/opt/kafka-estate/tls/{login}.login" for login in ("metrics", "monitoring")]
    assert {*on(HOST, "stat", "-c", "%a %U", *toolkit).splitlines()} == {"400 root"}
    secrets = list(passwords.values())
    places = exposed(HOST, secrets, *{f"/etc/{user}" for _, user in PAGES.values()}, "/etc/grafana", "/etc/kafka-exporter")
    assert sorted(places) == ["/etc/grafana/admin-password", "/etc/kafka-exporter/login"]
    assert exposed_here(SCENARIO, secrets) == []
