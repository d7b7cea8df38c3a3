"""report.yml on the live estate: the page says what the services say, check mode writes none, a broker may be down."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path

from lab import on, playbook, until

DOWN = "peter-kafka02.foo.bar"
PROMETHEUS = "peter-kafka01.foo.bar"


def words(page: Path) -> str:
    """Return what a person reads on the page."""
    text = page.read_text(encoding="utf-8")
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", re.sub(r"(?s)<style>.*?</style>", "", text))).split())


def broker(state: str) -> None:
    """Stop the broker's service, or start it and wait until every replica is in sync again."""
    on(DOWN, "systemctl", state, "kafka")
    if state == "start":
        until(lambda: not playbook("playbooks/health.yml").status, 300, "the estate is well again")


def told_of(alert: str) -> None:
    """Wait until Prometheus has an alert, pending or firing."""
    ask = ["promtool", "query", "instant", "http://localhost:9090", f'ALERTS{{alertname="{alert}"}}']
    until(lambda: on(PROMETHEUS, *ask), 180, alert, lambda told: alert in told)


def test_the_page_tells_what_the_services_say(tmp_path: Path) -> None:
    page = tmp_path / "new" / "estate.html"
    preview = playbook("playbooks/report.yml", "--check", f"-ereport_path={page}")
    assert preview.status == 0 and preview.changed() == {} and not page.exists()
    run = playbook("playbooks/report.yml", f"-ereport_path={page}")
    assert run.status == 0 and run.changed() == {}
    told = words(page)
    for one in (
        "Brokers of kafka-2 3 / 3",
        "Cluster kafka-1",
        "Cluster kafka-2",
        "src.peter-avro01-kafka1",
        "students-indexer",
        "3.9.2",
    ):
        assert one in told
    assert re.search(r"peter-mirrormaker2 kafka-1 → kafka-2 running, 2 of 2 tasks, last heartbeat [\d.]+ (ms|s) ago", told)


def test_with_a_broker_down_the_page_is_written_and_shows_it(tmp_path: Path) -> None:
    page = tmp_path / "estate.html"
    page.write_text("an older page", encoding="utf-8")
    broker("stop")
    try:
        told_of("KafkaBrokerDown")
        run = playbook("playbooks/report.yml", f"-ereport_path={page}", "-ereport_language=ko", "-ereport_hours=0.25")
    finally:
        broker("start")
    assert run.status == 0
    told = words(page)
    assert "브로커 3대 중 2대" in told and "클러스터에 없음" in told and "복제 부족 파티션" in told
    assert re.search(rf'<g><title>{DOWN}</title>\s*<rect[^>]*class="host host-bad"', page.read_text(encoding="utf-8"))
    # The alert with what to do first and where to read on.
    runbook = "로그를 읽고 시작한 뒤 모두 동기화될 때까지 기다리세요. 런북: docs/runbooks/kafka-broker-down.md"
    assert re.search(rf"KafkaBrokerDown [^|]*{re.escape(runbook)}", told)
    # The other cluster is as well as before, and the tables of this one come from the brokers that are left.
    assert "peter-avro01-kafka1" in told and "모든 복제본 동기화됨" in told


def test_without_prometheus_the_page_says_so_and_has_all_the_rest(tmp_path: Path) -> None:
    page = tmp_path / "estate.html"
    on(PROMETHEUS, "systemctl", "stop", "prometheus")
    try:
        run = playbook("playbooks/report.yml", f"-ereport_path={page}")
    finally:
        on(PROMETHEUS, "systemctl", "start", "prometheus")
    assert run.status == 0 and run.changed() == {}
    told = words(page)
    for one in (
        f"Prometheus on {PROMETHEUS} does not answer",
        "Alerts are not known: Prometheus does not answer",
        "There are no plots: Prometheus does not answer",
        "Brokers of kafka-2 3 / 3",
        "src.peter-avro01-kafka1",
        "students-indexer",
    ):
        assert one in told
