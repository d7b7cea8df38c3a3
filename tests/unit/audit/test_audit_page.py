"""The part of the report about the last audit: complete in both languages, escaped, and absent where there is none."""

from __future__ import annotations

import json
import re
from datetime import UTC
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.estate.kafka.plugins.action.report import TEMPLATE, last_audit
from ansible_collections.estate.kafka.plugins.module_utils.report.page import render
from audit_hosts import NOW, SECURED, Host, audit, secured, service
from real_estate import ROOT, real_plan

HOSTILE = "<script>alert(1)</script>{{ 7*7 }}"
ZK = "peter-zk01.foo.bar"


@pytest.fixture(scope="module")
def prod() -> dict[str, Any]:
    topology: dict[str, Any] = real_plan(ROOT / "inventories/prod").topology
    return topology


def page(topology: dict[str, Any], document: dict[str, Any], language: str = "en", error: str = "") -> str:
    """Return the page of an estate in which nobody was asked, but for the audit."""
    given: dict[str, Any] = {"topology": topology, "seen": {}, "left_out": {}, "may_lack": False, "versions": {}, "systems": {}}
    given |= {"clusters": {}, "prometheus": {}, "no_prometheus": "no_prometheus", "hours": 6, "language": language}
    given |= {"now": NOW.astimezone(UTC), "audit": document, "audit_error": error}
    text = render(TEMPLATE.read_text(encoding="utf-8"), given)
    found = re.search(r'<section id="audit">.*?</section>', text, re.DOTALL)
    return found[0] if found else ""


def words(part: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " | ", part))


def open_estate() -> dict[str, Any]:
    host = Host(service("kafka", {"listeners": "PLAINTEXT://:9092", "zookeeper.connect": "a:2181", "x.password": "y"}))
    host.facts["services"][0]["clear"] = ["environment: KAFKA_PASSWORD"]
    agent = {"name": "jmx.jar", "address": "", "port": 7071}
    host.facts["services"][0]["agents"] = [agent]
    host.port(9092, "open", how="Kafka, asks for no login").port(7071, "open", how="HTTP 200 without a login")
    host.port(9094, "unknown", how="plain, it does not say who may use it").port(22, "login", how="SSH", of="sshd")
    document: dict[str, Any] = audit(**{ZK: host, "peter-zk02.foo.bar": "Host is down"}).document(NOW)
    return document


def test_the_page_says_what_the_audit_found(prod: dict[str, Any]) -> None:
    said = words(page(prod, open_estate()))
    assert "0 of 12 statements hold, ports closed to strangers: 1 of 4" in said
    assert "peter-zk02.foo.bar could not be asked, so nothing is known of it: Host is down" in said
    assert "the connection to ZooKeeper is plain, not TLS" in said and "set authorizer.class.name" in said
    assert re.search(r"9092 [ |]+kafka [ |]+kafka [ |]+ANYBODY \(Kafka, asks for no login\)", said)
    good = words(page(prod, audit(**{ZK: Host()}).document(NOW)))
    assert "3 of 12 statements hold" in good


def test_a_secured_estate_is_shown_as_well(prod: dict[str, Any]) -> None:
    document = audit(h1=secured()).document(NOW) | {"hosts": [ZK]}
    said = words(page(prod, document))
    assert "12 of 12 statements hold, ports closed to strangers: 7 of 7" in said and "What is not as it should be" not in said


def test_no_english_sentence_is_left_on_the_korean_page(prod: dict[str, Any]) -> None:
    said = words(page(prod, open_estate(), "ko"))
    left = set(re.findall(r"[A-Za-z]{2,}(?: [A-Za-z]{2,}){2,}", said.replace("Host is down", "")))
    assert left == set()
    assert "12개 항목 중 0개 충족" in said and "주키퍼 연결" in said and "환경 변수 KAFKA_PASSWORD" in said


def test_what_hosts_said_is_escaped(prod: dict[str, Any]) -> None:
    config = {**SECURED, "super.users": f"User:{HOSTILE}", "ssl.client.auth": HOSTILE}
    host = Host(service(HOSTILE, {}), service("kafka", config)).port(1, "unknown", how=HOSTILE, of=HOSTILE)
    for language in ("en", "ko"):
        part = page(prod, audit(**{ZK: host}).document(NOW), language)
        assert "<script" not in part and "&lt;script&gt;" in part and "{{ 7*7 }}" in part


def test_without_an_audit_of_this_estate_nothing_is_shown(prod: dict[str, Any], tmp_path: Path) -> None:
    assert page(prod, {}) == "" and page(prod, audit(elsewhere=Host()).document(NOW)) == ""
    assert "cannot be shown: x" in page(prod, {}, error="x")
    path = tmp_path / "audit.json"
    assert last_audit(None) == last_audit(str(path)) == {"audit": {}, "audit_error": ""}
    path.write_text(json.dumps(open_estate()))
    assert last_audit(str(path))["audit"]["hosts"] == [ZK, "peter-zk02.foo.bar"]
    for text in ("no json", "[]", "{}"):
        path.write_text(text)
        assert last_audit(str(path))["audit"] == {} and str(path) in last_audit(str(path))["audit_error"]
