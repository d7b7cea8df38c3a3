"""Prometheus, Alertmanager and the blackbox exporter as their users see them, and what must not take them down."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from lab import until
from testinfra.host import Host

testinfra_hosts = ["ansible://prometheus"]

ROOT = Path(__file__).resolve().parents[3]
PROMETHEUS = "http://one.monitoring.test:9090"
ALERTMANAGER = "http://one.monitoring.test:9093"
UNITS = ["prometheus", "alertmanager", "blackbox-exporter"]
# Seconds that a busy machine may take for what is a matter of seconds.
SOON = 180

# Counts what Alertmanager tells it; answers a GET with the list of alerts by name and host.
WEBHOOK = """
import http.server, json
seen = []
class Handler(http.server.BaseHTTPRequestHandler):
    def answer(self, text):
        self.send_response(200); self.end_headers(); self.wfile.write(text.encode())
    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        seen.extend([one["labels"]["alertname"], one["labels"].get("host", "")] for one in body["alerts"])
        self.answer("")
    def do_GET(self):
        self.answer(json.dumps(seen))
    def log_message(self, *words):
        pass
http.server.ThreadingHTTPServer(("", 9999), Handler).serve_forever()
"""


def run_beside(host: Host, name: str, *command: str) -> None:
    """Start a process of the test on the host as a unit of its own."""
    words = " ".join(["%s"] * len(command))
    host.check_output(f"systemctl stop {name} 2>/dev/null; systemd-run --quiet --collect --unit {name} {words}", *command)


@pytest.fixture
def query(host: Host, ask: Any) -> Callable[[str], list[dict[str, Any]]]:
    def run(expression: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = ask(host, f"{PROMETHEUS}/api/v1/query?query={quote(expression)}", wait=True).body["data"][
            "result"
        ]
        return found

    return run


@pytest.fixture
def firing(query: Any) -> Callable[[str], bool]:
    return lambda alert: bool(query(f'ALERTS{{alertstate="firing", {alert}}}'))


@pytest.fixture
def webhook(host: Host, ask: Any) -> Iterator[Callable[[], list[list[str]]]]:
    """A receiver of messages on the host; returns what it was told."""
    run_beside(host, "test-webhook", "python3", "-c", WEBHOOK)
    listens = "python3 -c 'import socket; socket.create_connection((\"127.0.0.1\", 9999), 1)'"
    until(lambda: host.run(listens).rc == 0, SOON, "the receiver listens")
    yield lambda: ask(host, "http://127.0.0.1:9999/", wait=True).body or []
    host.check_output("systemctl stop test-webhook")


def pids(host: Host) -> list[str]:
    return [host.check_output(f"systemctl show --property=MainPID {name}") for name in UNITS]


def test_every_target_is_up_and_has_its_labels(query: Any) -> None:
    found = until(lambda: query('up{job!~"probe_.*"} == 1'), SOON, "three targets are up", lambda rows: len(rows) == 3)
    assert {(row["metric"]["job"], row["metric"]["role"], row["metric"]["host"]) for row in found} == {
        (name, name, "one.monitoring.test") for name in ("prometheus", "alertmanager", "blackbox_exporter")
    }


def test_what_the_inventory_adds_is_in_force(host: Host, ask: Any, query: Any) -> None:
    read = ask(host, f"{PROMETHEUS}/api/v1/status/config").body["data"]["yaml"]
    assert "estate: tested" in read and "out_of_order_time_window: 10s" in read
    assert until(lambda: query("test:one"), SOON, "the rule of the inventory")
    assert "hook/*.tmpl" in ask(host, f"{ALERTMANAGER}/api/v2/status").body["config"]["original"]
    assert "icmp" in ask(host, "http://one.monitoring.test:9115/config").body


def test_data_is_kept_by_time_and_by_size(host: Host, ask: Any) -> None:
    assert ask(host, f"{PROMETHEUS}/api/v1/status/runtimeinfo").body["data"]["storageRetention"] == "30d or 8GiB"


def test_prometheus_knows_its_alertmanager(host: Host, ask: Any) -> None:
    known = f"{PROMETHEUS}/api/v1/alertmanagers"
    active = until(lambda: ask(host, known, wait=True).body["data"]["activeAlertmanagers"], SOON, "an Alertmanager")
    assert [found["url"] for found in active] == [f"{ALERTMANAGER}/api/v2/alerts"]


def test_every_alert_fires_and_does_not_fire_where_it_should(host: Host) -> None:
    """promtool runs the unit tests of the rules, with the rules as they are in the repository."""
    container = host.backend.get_hostname()
    host.check_output("rm -rf /tmp/rules && mkdir -p /tmp/rules/roles/prometheus/files /tmp/rules/tests")
    for folder in ("roles/prometheus/files/rules", "tests/alerts"):
        packed = subprocess.run(["tar", "-C", str(ROOT), "-c", folder], capture_output=True, check=True).stdout
        command = ["docker", "exec", "-i", container, "tar", "-C", "/tmp/rules", "-x"]
        subprocess.run(command, input=packed, check=True, timeout=60)
    result = host.run("promtool test rules /tmp/rules/tests/alerts/*.yml")
    assert result.rc == 0, result.stdout + result.stderr


def test_a_changed_rule_is_taken_over_without_a_restart(host: Host, ask: Any, converge: Any, query: Any) -> None:
    before = pids(host)
    rules = {"inventory": {"groups": [{"name": "inventory", "rules": [{"record": "test:two", "expr": "vector(2)"}]}]}}
    extra = json.dumps({"prometheus_rules": rules, "prometheus_alerts": {"HostDown": None}, "alertmanager_group_wait": "3s"})
    planned = converge("--check", "--extra-vars", extra)
    run = converge("--extra-vars", extra)
    assert run.returncode == 0, run.stdout[-3000:]
    # Files and reload of Prometheus and of Alertmanager, announced and done.
    assert "changed=4" in planned.stdout and "changed=4" in run.stdout
    assert until(lambda: query("test:two"), SOON, "the changed rule")
    live = json.dumps(ask(host, f"{PROMETHEUS}/api/v1/rules").body)
    assert "test:one" not in live and "HostDown" not in live and "HostDiskFull" in live
    assert "group_wait: 3s" in ask(host, f"{ALERTMANAGER}/api/v2/status").body["config"]["original"]
    run = converge()
    assert run.returncode == 0 and "changed=4" in run.stdout
    assert pids(host) == before


WRONG_RULE = {"mine": {"groups": [{"name": "m", "rules": [{"alert": "Wrong", "expr": "up == == 0"}]}]}}


@pytest.mark.parametrize(
    ("variables", "sentence", "arguments"),
    [
        (
            {"prometheus_rules": WRONG_RULE},
            "rules/mine.yml: refused by promtool, nothing was changed",
            ("--check",),
        ),
        ({"prometheus_rules": WRONG_RULE}, "rules/mine.yml: refused by promtool, nothing was changed", ()),
        (
            {"prometheus_config": {"storage": {"tsdb": {"out_of_order_time_window": "often"}}}},
            "prometheus.yml: refused by promtool",
            (),
        ),
        ({"alertmanager_config": {"global": {"resolve_timeout": "often"}}}, "alertmanager.yml: refused by amtool", ()),
        ({"blackbox_exporter_modules": {"wrong": {"prober": "http", "http": {"metod": "GET"}}}}, "blackbox.yml: refused by", ()),
    ],
)
def test_what_the_own_tools_refuse_never_goes_live(
    host: Host, ask: Any, converge: Any, variables: dict[str, Any], sentence: str, arguments: tuple[str, ...]
) -> None:
    before, live = pids(host), ask(host, f"{PROMETHEUS}/api/v1/status/config").body
    digest = host.check_output("cat /etc/prometheus/rules/* /etc/prometheus/*.yml /etc/alertmanager/* | sha256sum")
    run = converge(*arguments, "--extra-vars", json.dumps(variables))
    assert run.returncode != 0
    assert sentence in run.stdout
    assert "changed=0" in run.stdout
    assert host.check_output("cat /etc/prometheus/rules/* /etc/prometheus/*.yml /etc/alertmanager/* | sha256sum") == digest
    assert pids(host) == before and ask(host, f"{PROMETHEUS}/api/v1/status/config").body == live


def test_wrong_values_are_named_before_anything_changes(converge: Any) -> None:
    extra = {"prometheus_alert_for_scale": "short", "alertmanager_receivers": "mail", "prometheus_retention": "5d"}
    run = converge("--extra-vars", json.dumps(extra))
    assert run.returncode != 0
    for sentence in (
        "prometheus_alert_for_scale: found 'short'",
        "alertmanager_receivers[0]: found a secret value, a string. It must be a mapping",
        "prometheus_retention: found '5d'",
    ):
        assert sentence in run.stdout
    assert "changed=0" in run.stdout


def test_a_change_of_an_alert_that_does_not_exist_is_named(converge: Any) -> None:
    run = converge("--extra-vars", '{"prometheus_alerts": {"HostDwn": {"for": "1h"}}}')
    assert run.returncode != 0 and "prometheus_alerts.HostDwn: found an alert that the toolkit does not have" in run.stdout
    assert "Write HostDown if that is meant" in run.stdout


def test_killed_prometheus_loses_at_most_its_last_scrape(host: Host, query: Any) -> None:
    until(lambda: query('count_over_time(up{job="prometheus"}[5m]) > 20'), SOON, "twenty scrapes")
    (pid,) = [line.partition("=")[2] for line in host.check_output("systemctl show --property=MainPID prometheus").splitlines()]
    # The same question about the same moment, before and after: on a busy machine scrapes come while it is asked.
    moment = float(host.check_output("date +%s.%N"))

    def scrapes() -> list[float]:
        (found,) = query(f'up{{job="prometheus"}}[1h] @ {moment}')
        return [float(time) for time, _ in found["values"]]

    before = scrapes()
    host.check_output(f"kill -9 {pid}")
    until(lambda: host.run("promtool query instant http://one.monitoring.test:9090 'up'").rc == 0, SOON, "it answers again")
    assert host.check_output("systemctl show --property=MainPID prometheus") != f"MainPID={pid}"
    assert {*before[:-1]} <= {*scrapes()}


def tell(host: Host, ask: Any, *alerts: dict[str, str]) -> None:
    """Give Alertmanager alerts, as Prometheus would."""
    body = [{"labels": labels} for labels in alerts]
    assert ask(host, f"{ALERTMANAGER}/api/v2/alerts", "POST", body).status == 200


def followers(machine: str) -> list[dict[str, str]]:
    """Twenty alerts of one host."""
    return [{"alertname": f"Follower{number}", "severity": "critical", "host": machine} for number in range(20)]


def test_a_dead_host_pages_once(host: Host, ask: Any, webhook: Any) -> None:
    tell(host, ask, {"alertname": "HostDown", "severity": "critical", "host": "dead"}, *followers("dead"))
    tell(host, ask, *followers("alive"))

    def of(machine: str, told: list[list[str]]) -> list[str]:
        return [name for name, host in told if host == machine]

    told = until(
        webhook,
        SOON,
        "all of the other host, and something of the dead one",
        lambda told: len({*of("alive", told)}) == 20 and of("dead", told),
    )
    # What was for the dead host had the same time to arrive.
    assert of("dead", told) == ["HostDown"]


def test_replicas_that_follow_from_a_broker_that_is_down_stay_quiet_and_partitions_do_not(
    host: Host, ask: Any, webhook: Any
) -> None:
    names = ["KafkaBrokerDown", "KafkaUnderReplicatedPartitions", "KafkaIsrShrinking", "KafkaOfflinePartitions"]
    tell(host, ask, *({"alertname": name, "severity": "critical", "cluster": "one"} for name in names))
    tell(host, ask, {"alertname": "KafkaUnderReplicatedPartitions", "severity": "critical", "cluster": "two"})
    # The receiver is probed itself, and what it does not answer while it starts is told too.
    told = until(
        lambda: sorted(name for name, _ in webhook() if name in names),
        SOON,
        "three messages, one of replicas",
        lambda told: len(told) >= 3 and "KafkaUnderReplicatedPartitions" in told,
    )
    assert told == ["KafkaBrokerDown", "KafkaOfflinePartitions", "KafkaUnderReplicatedPartitions"]


def certificate(host: Host, days: int) -> None:
    """Serve a new certificate."""
    host.check_output(
        f"openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=one -days {days} -keyout /tmp/key.pem -out /tmp/cert.pem 2>&1"
    )
    run_beside(
        host, "test-tls", "openssl", "s_server", "-quiet", "-accept", "9443", "-key", "/tmp/key.pem", "-cert", "/tmp/cert.pem"
    )


def test_a_certificate_near_its_end_fires_and_a_new_one_clears_it(host: Host, firing: Any) -> None:
    critical, warning = (f'alertname="CertificateEndsSoon", severity="{grade}"' for grade in ("critical", "warning"))
    certificate(host, 2)
    until(lambda: firing(critical) and firing(warning), SOON, "both fire")
    certificate(host, 10)
    until(lambda: firing(warning) and not firing(critical), SOON, "the warning alone fires")
    certificate(host, 365)
    until(lambda: not firing(warning) and not firing(critical), SOON, "both clear")
    host.check_output("systemctl stop test-tls")


def test_an_address_that_does_not_answer_fires_and_clears(host: Host, firing: Any, webhook: Any) -> None:
    alert = 'alertname="ServiceDoesNotAnswer", instance="http://one.monitoring.test:9999/"'
    until(lambda: not firing(alert), SOON, "nothing fires")
    host.check_output("systemctl stop test-webhook")
    until(lambda: firing(alert), SOON, "it fires")
    run_beside(host, "test-webhook", "python3", "-c", WEBHOOK)
    until(lambda: not firing(alert), SOON, "it clears")


def test_an_exporter_that_stops_fires_and_clears(host: Host, firing: Any) -> None:
    alert = 'alertname="ExporterDown", role="blackbox_exporter"'
    host.check_output("systemctl stop blackbox-exporter")
    until(lambda: firing(alert), SOON, "it fires")
    host.check_output("systemctl start blackbox-exporter")
    until(lambda: not firing(alert), SOON, "it clears")


@pytest.mark.parametrize("name", UNITS)
def test_the_units_are_hardened_and_run_as_their_own_user(host: Host, unit: Any, hardened: dict[str, str], name: str) -> None:
    assert unit(host, name) == hardened
    assert unit(host, name, "User") == {"User": name}


def test_modes(host: Host) -> None:
    for path, group in (
        ("/etc/prometheus/prometheus.yml", "prometheus"),
        ("/etc/prometheus/rules/kafka.yml", "prometheus"),
        ("/etc/alertmanager/alertmanager.yml", "alertmanager"),
        ("/etc/blackbox-exporter/blackbox.yml", "blackbox-exporter"),
    ):
        file = host.file(path)
        assert (file.user, file.group, file.mode) == ("root", group, 0o640), path
    assert (host.file("/var/lib/prometheus").user, host.file("/var/lib/prometheus").mode) == ("prometheus", 0o750)
