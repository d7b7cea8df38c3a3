"""Every query of every dashboard against the lab's own Prometheus: it has data, or the panel says why it is quiet.

Writes ``.cache/dashboards.txt``: each panel with what it had. Skipped where the lab has no Prometheus.
"""

from __future__ import annotations

import json
import re
import sys
import time
from typing import Any

import pytest
from lab import ROOT, on

sys.path.insert(0, str(ROOT / "tools"))
from dashboard_panels import DASHBOARDS, Board, Panel

PROMETHEUS = "peter-kafka01.foo.bar"
PORT = 9090
# Seconds for rates over a few scrapes to have values.
PATIENCE = 90
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


@pytest.fixture(scope="module", autouse=True)
def prometheus() -> None:
    try:
        on(
            PROMETHEUS,
            "python3",
            "-c",
            f"import urllib.request; urllib.request.urlopen('http://localhost:{PORT}/-/ready', timeout=5)",
        )
    except AssertionError:
        pytest.skip("the lab has no Prometheus")


def seen() -> list[tuple[Board, Panel, str, int, str]]:
    """Return board, panel, query, number of series and error of every query."""
    every = [
        (board, part, query)
        for board in DASHBOARDS
        for part in board.parts
        if isinstance(part, Panel)
        for query, _ in part.queries
    ]
    answers = ask([query for _, _, query in every])
    return [(*one, *answer) for one, answer in zip(every, answers, strict=True)]


def lacking(found: list[Any]) -> list[str]:
    return [f"{board.name}: {panel.title}: {query}" for board, panel, query, number, _ in found if not number and not panel.quiet]


def test_every_query_has_data_or_says_why_it_is_quiet() -> None:
    end = time.monotonic() + PATIENCE
    while lacking(found := seen()) and time.monotonic() < end:
        time.sleep(5)
    lines = []
    for board, panel, query, number, error in found:
        state = "FAILING" if error else "data" if number else f"quiet ({panel.quiet})" if panel.quiet else "NOTHING"
        lines.append(f"{board.name:14} {panel.title:36} {number:5} {state:24} {in_force(query)} {error}".rstrip())
    (ROOT / ".cache/dashboards.txt").write_text("\n".join(lines) + "\n")
    assert [line for line in lines if " FAILING " in line] == []
    assert lacking(found) == []
