"""Every query of every dashboard against the lab's own Prometheus: it has data, or the panel says why it is quiet.

Writes ``.cache/dashboards.txt``: each panel with what it had. Skipped where the lab has no Prometheus, and for the panels of an
exporter that the lab does not have; that every exporter of the inventory answers is asked elsewhere.
"""

from __future__ import annotations

import json
import re
import sys
import time
from dataclasses import dataclass

import pytest
from lab import ROOT, on

sys.path.insert(0, str(ROOT / "tools"))
from dashboard_panels import DASHBOARDS, Board, Panel

PROMETHEUS = "peter-kafka01.foo.bar"
PORT = 9090
# Seconds for rates over a few scrapes to have values.
PATIENCE = 300
# Whose metrics a query reads: the first whose names it has, else the agents in brokers, workers and servers.
SOURCES = {
    "node_exporter": r"\b(node_|host:)",
    "elasticsearch_exporter": r"\belasticsearch_",
    "kafka_exporter": r"\bkafka_consumer(group_|_group_|_lag\b)",
    "agents": "",
}
# Answers all queries in one go.
ASK = """
import json, sys, urllib.parse, urllib.request
for query in json.load(sys.stdin):
    url = "http://localhost:%d/api/v1/query?" + urllib.parse.urlencode({"query": query})
    try:
        answer = json.load(urllib.request.urlopen(url, timeout=30))
        print(json.dumps([len(answer["data"]["result"]), ""]))
    except urllib.error.HTTPError as error:
        print(json.dumps([0, json.load(error)["error"]]))
"""


def in_force(query: str) -> str:
    """Return the query with all of every choice chosen."""
    return re.sub(r"\$(?:cluster|topic|group|connector|host)\b", ".*", query.replace("$__rate_interval", "2m"))


def ask(queries: list[str]) -> list[tuple[int, str]]:
    """Return for each query the number of its series, and the error of one that Prometheus refuses."""
    printed = on(PROMETHEUS, "python3", "-c", ASK % PORT, text=json.dumps([in_force(query) for query in queries]))
    return [(number, error) for number, error in map(json.loads, printed.splitlines())]


@dataclass(frozen=True)
class Seen:
    """A query with what Prometheus found: the number of series, or an error."""

    board: Board
    panel: Panel
    query: str
    number: int
    error: str

    @property
    def source(self) -> str:
        return next(name for name, pattern in SOURCES.items() if re.search(pattern, self.query))

    @property
    def lacks(self) -> bool:
        return not self.number and not self.panel.quiet

    def __str__(self) -> str:
        quiet = f"quiet ({self.panel.quiet})" if self.panel.quiet else "NOTHING"
        state = "FAILING" if self.error else "data" if self.number else quiet
        words = f"{self.board.name:14} {self.panel.title:36} {self.number:5} {state:24} {in_force(self.query)} {self.error}"
        return words.rstrip()


def look() -> list[Seen]:
    """Run every query of every panel."""
    every = [
        (board, part, query)
        for board in DASHBOARDS
        for part in board.parts
        if isinstance(part, Panel)
        for query, _ in part.queries
    ]
    answers = ask([query for _, _, query in every])
    return [Seen(*one, *answer) for one, answer in zip(every, answers, strict=True)]


@pytest.fixture(scope="module")
def seen() -> list[Seen]:
    """Return what every query finds, once rates over a few scrapes have values."""
    end = time.monotonic() + PATIENCE
    found = look()
    while any(one.lacks for one in found) and time.monotonic() < end:
        time.sleep(5)
        found = look()
    lines = [str(one) for one in found]
    (ROOT / ".cache/dashboards.txt").write_text("\n".join(lines) + "\n")
    return found


@pytest.mark.parametrize("source", SOURCES)
def test_every_query_has_data_or_says_why_it_is_quiet(seen: list[Seen], source: str) -> None:
    assert [str(one) for one in seen if one.error] == []
    mine = [one for one in seen if one.source == source]
    assert any(one.number for one in mine)
    assert [str(one) for one in mine if one.lacks] == []
