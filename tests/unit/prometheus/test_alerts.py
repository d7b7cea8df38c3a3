"""Every alert of the toolkit tells a tired person what to do, has its test, its runbook, and its line in the documentation."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from ansible.module_utils.common.yaml import yaml_load

ROOT = Path(__file__).resolve().parents[3]
FILES = sorted((ROOT / "roles/prometheus/files/rules").glob("*.yml"))
ALERTS: list[dict[str, Any]] = [
    rule for path in FILES for group in yaml_load(path.read_text())["groups"] for rule in group["rules"] if "alert" in rule
]
NAMES = sorted({rule["alert"] for rule in ALERTS})
CASES: list[dict[str, Any]] = [
    case for path in sorted((ROOT / "tests/alerts").glob("*.yml")) for case in yaml_load(path.read_text())["tests"]
]
# Programs a runbook may ask for: of the system, of this toolkit, of Kafka's command line on broker hosts.
PROGRAMS = {
    "df",
    "dmesg",
    "du",
    "grep",
    "head",
    "journalctl",
    "openssl",
    "ps",
    "python3",
    "sort",
    "systemctl",
    "tail",
    "top",
    "vmstat",
}
PROGRAMS |= {"ansible", "ansible-playbook", "promtool", "amtool", "zookeeper-shell", "kafka-metadata-quorum"}
PAGES = sorted((ROOT / "docs/runbooks").glob("*.md"))


@pytest.mark.parametrize("rule", ALERTS, ids=lambda rule: f"{rule['alert']}-{rule['labels']['severity']}")
def test_an_alert_says_how_bad_it_is_what_it_means_and_what_to_do(rule: dict[str, Any]) -> None:
    assert rule["labels"]["severity"] in ("critical", "warning")
    assert set(rule["annotations"]) == {"summary", "description", "action", "runbook_url"}
    assert all(rule["annotations"].values())
    page = ROOT / rule["annotations"]["runbook_url"]
    assert page.is_file()
    assert f"`{rule['alert']}`" in page.read_text()


@pytest.mark.parametrize("name", NAMES)
def test_an_alert_has_a_case_that_fires_and_one_that_does_not(name: str) -> None:
    severities = {rule["labels"]["severity"] for rule in ALERTS if rule["alert"] == name}
    fires = [case for case in CASES if case["name"] == f"{name} fires"]
    quiet = [case for case in CASES if case["name"] == f"{name} does not fire"]
    samples = [sample for case in fires for test in case["promql_expr_test"] for sample in test["exp_samples"]]
    expected = "".join(sample["labels"] for sample in samples)
    assert {severity for severity in ("critical", "warning") if f'severity="{severity}"' in expected} == severities
    assert quiet and all(test["exp_samples"] == [] for case in quiet for test in case["promql_expr_test"])


def test_the_list_in_the_documentation_is_complete() -> None:
    listed = re.findall(r"^\| `(\w+)` \|", (ROOT / "docs/monitoring.md").read_text(), re.MULTILINE)
    assert sorted(set(listed)) == NAMES


def test_an_alert_is_marked_as_fired_for_real_exactly_if_a_test_fires_it() -> None:
    tests = {"scenario": "monitoring/tests/test_monitoring.py", "lab": "site/tests/test_alerts.py"}
    for mark, path in tests.items():
        fired = set(re.findall(r'alertname="(\w+)"', (ROOT / "molecule" / path).read_text()))
        rows = re.findall(r"^\| `(\w+)` \|.*\|(.*)\|$", (ROOT / "docs/monitoring.md").read_text(), re.MULTILINE)
        assert {name for name, marks in rows if mark in marks} == fired


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_runbook_is_short_belongs_to_an_alert_and_its_commands_exist(page: Path) -> None:
    text = page.read_text()
    assert len(text.splitlines()) < 50
    alerts = re.findall(r"`(\w+)`", text.split("\n\n")[1])
    assert alerts and set(alerts) <= set(NAMES)
    tools = set(yaml_load((ROOT / "roles/kafka_broker/vars/main.yml").read_text())["_kafka_broker_cli_tools"])
    for line in re.findall(r"^ {8}(\S.*)$", text, re.MULTILINE):
        for command in line.split(" | "):
            assert command.split()[0] in PROGRAMS | tools, line
            playbook = re.search(r"(playbooks/)?\w+\.yml", command) if command.startswith("ansible-playbook") else None
            assert playbook is None or (ROOT / playbook.group()).is_file() or playbook.group() == "exporter.yml", line
    for link in re.findall(r"\]\(([^)]+)\)", text):
        assert (page.parent / link.partition("#")[0]).is_file(), link
