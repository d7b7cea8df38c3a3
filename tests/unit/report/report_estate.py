"""A healthy estate for tests of the report: what its hosts say, the page made of it, and a reader of the page."""

from __future__ import annotations

import copy
from datetime import datetime, timedelta, timezone
from html.parser import HTMLParser
from typing import Any

from ansible_collections.estate.kafka.plugins.action.report import TEMPLATE
from ansible_collections.estate.kafka.plugins.module_utils.report import page as report_page
from ansible_collections.estate.kafka.plugins.module_utils.report import questions as report_plots

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=timezone(timedelta(hours=9), "KST"))
ASKED = int(NOW.timestamp() * 1000)
ACTION, RUNBOOK = "Read its log, start it, and wait until everything is in sync.", "docs/runbooks/kafka-broker-down.md"
VOID = {"meta", "link", "br", "img", "path", "rect", "line", "circle"}


def topic(name: str, **changes: Any) -> dict[str, Any]:
    row = {"name": name, "partitions": 3, "replication": 3, "under_replicated": 0, "offline": 0}
    return {**row, "records": 12345, "bytes": 2048, "newest": ASKED - 60_000, **changes}


def details(topics: list[dict[str, Any]], groups: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    brokers = [{"id": one, "leaders": 5, "replicas": 9, "out_of_sync": 0, "bytes": 4096} for one in (1, 2, 3)]
    return {"topics": topics, "brokers": brokers, "groups": groups or [], "unknown": [], "asked": ASKED}


def told(behind: dict[str, int] | None, age: float | None) -> dict[str, Any]:
    """Return what brokers say of a flow of which nothing is noted as copied."""
    ends = None if behind is None else [[name, 0, 0, records] for name, records in behind.items()]
    return {"ends": ends, "ends_error": "" if ends is not None else "refused", "age": age, "age_error": ""}


def estate(topology: dict[str, Any], language: str = "en") -> dict[str, Any]:
    """Return what the hosts of a healthy estate say."""
    view = {"cluster_id": "abc", "controller": 1, "brokers": [{"id": one} for one in (1, 2, 3)], "partitions": 9}
    view |= {"offline": [], "under_min_isr": [], "under_replicated": [], "too_few_replicas": []}
    running = {"state": "RUNNING", "tasks": ["RUNNING"]}
    said: dict[str, dict[str, Any]] = {
        "zookeeper": {"mode": "follower"},
        "kafka_broker": {"view": view, "flows": {"peter-mirrormaker2": told(behind={"a": 7}, age=2.0)}},
        "kafka_connect": {
            "connectors": {name: running for flow in topology["mirrors"] for name in flow["connectors"]},
            "flows": {"peter-mirrormaker2": {"noted": [], "noted_error": ""}},
        },
        "schema_registry": {"subjects": ["a"]},
        "node_exporter": {},
        "kafka_exporter": {},
        "elasticsearch_exporter": {},
        "prometheus": {"targets": 9, "up": 8, "firing": []},
        "alertmanager": {},
        "blackbox_exporter": {},
        "elasticsearch": {"status": "green", "nodes": 1, "documents": {"students": 100, ".x": 1}},
    }
    seen: dict[str, Any] = {}
    for row in topology["components"]:
        one = {"component": row["component"], "host": row["host"], "error": "", **copy.deepcopy(said.get(row["component"], {}))}
        if row["component"] == "kafka_broker":
            cluster = next(found for found in topology["clusters"].values() if row["host"] in str(found["brokers"]))
            one["view"]["brokers"] = [{"id": broker["id"]} for broker in cluster["brokers"]]
        if row["component"] == "zookeeper" and "02." in row["host"]:
            one["mode"] = "leader"
        seen.setdefault(row["host"], []).append(one)
    group = {"group": "readers", "state": "stable", "members": 2, "lag": 1234, "topics": {"orders": 1234}}
    clusters = {
        "kafka-1": details([topic("peter-avro01-kafka1"), topic("heartbeats")], [group]),
        "kafka-2": details(
            [topic("src.peter-avro01-kafka1", newest=ASKED - 90_000), topic("src.heartbeats", newest=ASKED - 2000)]
        ),
    }
    series = {"labels": {"cluster": "kafka-1"}, "values": [1.0, 2.0, None, 4.0]}
    answer = {"error": "", "series": [series], "more": 2, "start": NOW.timestamp() - 3600, "step": 1200}
    alert = {"name": "BrokerDown", "severity": "critical", "state": "firing", "since": "2026-11-21T01:02:03.123456789Z"}
    prometheus = {
        "error": "",
        "version": "2.42.0",
        "alerts": [alert | {"summary": "A broker is down", "action": ACTION, "runbook": RUNBOOK, "labels": {"host": "h"}}],
        "results": {name: copy.deepcopy(answer) for name in report_plots.QUESTIONS},
    }
    return {
        "topology": topology,
        "seen": seen,
        "left_out": {},
        "may_lack": False,
        "versions": {host: {"kafka": "3.9.2"} for host in seen},
        "systems": dict.fromkeys(seen, "Debian GNU/Linux 12"),
        "clusters": clusters,
        "prometheus": prometheus,
        "no_prometheus": "",
        "hours": 6,
        "language": language,
        "now": NOW,
    }


def page(given: dict[str, Any]) -> str:
    return report_page.render(TEMPLATE.read_text(encoding="utf-8"), given)


class Reader(HTMLParser):
    """Reads a page: its words, its attributes, and whether every element is closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str, str]] = []
        self.words: list[str] = []
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open[-1:] != ["style"] and data.strip():
            self.words.append(" ".join(data.split()))


def read(text: str) -> str:
    return " | ".join(Reader(text).words)
