"""Questions to Prometheus: even series, gaps, the highest ones, and every way not to answer."""

from __future__ import annotations

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qs, urlparse

import pytest
from ansible_collections.estate.kafka.plugins.module_utils.prometheus.client import (
    Prometheus,
    aligned,
    highest,
    shown_alert,
    step_for,
    window_for,
)
from ansible_collections.estate.kafka.plugins.modules.prometheus_query import ask
from http_server import serving

ALERT = {
    "labels": {"alertname": "Lag", "severity": "warning", "group": "g"},
    "annotations": {"summary": "far behind", "description": "long", "action": "Read.", "runbook_url": "docs/lag.md"},
    "state": "firing",
    "activeAt": "2026-11-21T12:00:00Z",
}


class StandIn:
    """A stand-in for Prometheus that knows one query."""

    def __init__(self) -> None:
        self.asked: list[dict[str, list[str]]] = []
        self.url = ""

    def answer(self, request: BaseHTTPRequestHandler) -> tuple[int, Any]:
        where = urlparse(request.path)
        options = parse_qs(where.query)
        self.asked.append(options)
        if options.get("query") == ["wrong("]:
            return 400, {"status": "error", "errorType": "bad_data", "error": "parse error"}
        return 200, {"status": "success", "data": self.data(where.path, options)}

    def data(self, path: str, options: dict[str, list[str]]) -> Any:
        if path.endswith("buildinfo"):
            return {"version": "2.42.0"}
        if path.endswith("alerts"):
            return {"alerts": [ALERT]}
        start, step = float(options["start"][0]), float(options["step"][0])
        values = [[start, "1"], [start + step, "NaN"], [start + 2 * step, "3"]]
        return {"resultType": "matrix", "result": [{"metric": {"cluster": "c"}, "values": values}]}


@pytest.fixture
def server() -> Iterator[StandIn]:
    stand_in = StandIn()
    with serving(stand_in.answer) as stand_in.url:
        yield stand_in


def options(**queries: str) -> dict[str, Any]:
    return {"queries": queries, "hours": 1.0, "most": 6}


def test_a_stand_in_answers_series_alerts_and_version(server: StandIn) -> None:
    found = ask(Prometheus(f"{server.url}/", 5), options(a="rate(x[$window])", b="wrong("), 1_000_000)
    assert (found["error"], found["version"], found["alerts"][0]["name"]) == ("", "2.42.0", "Lag")
    good, wrong = found["results"]["a"], found["results"]["b"]
    assert good["series"][0]["labels"] == {"cluster": "c"} and good["series"][0]["values"][:4] == [1, None, 3, None]
    assert len(good["series"][0]["values"]) == 121 and good["start"] % good["step"] == 0
    assert wrong["series"] == [] and wrong["error"] == "GET /api/v1/query_range: HTTP 400: parse error"
    assert any("rate(x[300s])" in one.get("query", []) for one in server.asked)


def test_nobody_there_is_an_answer_with_the_reason() -> None:
    found = ask(Prometheus("http://127.0.0.1:1", 2), options(a="x"), 0)
    assert "refused" in found["error"] and found["results"] == {}


def test_steps_fit_the_time() -> None:
    assert [step_for(hours) for hours in (0.1, 1, 6, 24)] == [15, 30, 180, 720]
    assert (window_for(15), window_for(720)) == ("300s", "1440s")


def test_points_find_their_step_and_strange_numbers_are_gaps() -> None:
    answer = [{"metric": {"a": 1}, "values": [[100.2, "1"], [130, "+Inf"], [999, "5"], [160, "2.5"]]}]
    assert aligned(answer, 100, 30, 3) == [{"labels": {"a": "1"}, "values": [1.0, None, 2.5]}]


def test_the_highest_are_kept_in_the_order_of_their_names() -> None:
    series = [{"labels": {"n": name}, "values": values} for name, values in (("b", [1, 9]), ("a", [5]), ("c", [None]))]
    kept, more = highest(series, 2)
    assert [one["labels"]["n"] for one in kept] == ["a", "b"] and more == 1


def test_an_alert_without_anything_is_still_one() -> None:
    assert shown_alert({})["name"] == "" and shown_alert(ALERT)["labels"] == {"group": "g"}
    assert (shown_alert(ALERT)["action"], shown_alert(ALERT)["runbook"]) == ("Read.", "docs/lag.md")
