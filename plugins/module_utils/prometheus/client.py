# SPDX-License-Identifier: Apache-2.0
"""Prometheus asked over its HTTP interface, read only, and its answers made even for plots."""

from __future__ import annotations

import math
import urllib.parse
from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.estate.kafka.plugins.module_utils.errors import ClusterError
from ansible_collections.estate.kafka.plugins.module_utils.http import PLAIN, Rest, RestError, Tls

POINTS = 120
MIN_STEP_SECONDS = 15


def step_for(hours: float, points: int = POINTS) -> int:
    """Return the seconds between two points of a plot over ``hours``."""
    return max(MIN_STEP_SECONDS, math.ceil(hours * 3600 / points))


def window_for(step: int) -> str:
    """Return the time over which rates are taken: several scrapes at least, and no point between two windows."""
    return f"{max(300, 2 * step)}s"


def aligned(answer: Sequence[Mapping[str, Any]], start: float, step: int, count: int) -> list[dict[str, Any]]:
    """Return series with one value for each step; None where Prometheus has none, or one that is no number."""
    result = []
    for one in answer:
        values: list[float | None] = [None] * count
        for moment, text in one.get("values", []):
            index = round((float(moment) - start) / step)
            value = float(text)
            if 0 <= index < count and math.isfinite(value):
                values[index] = value
        result.append({"labels": {str(key): str(label) for key, label in one.get("metric", {}).items()}, "values": values})
    return result


def highest(series: Sequence[Mapping[str, Any]], most: int) -> tuple[list[Mapping[str, Any]], int]:
    """Return the ``most`` series that reach highest, by their labels, and how many there are beside them."""

    def peak(one: Mapping[str, Any]) -> float:
        return max((value for value in one["values"] if value is not None), default=-math.inf)

    kept = sorted(series, key=peak, reverse=True)[:most]
    return sorted(kept, key=lambda one: sorted(one["labels"].items())), len(series) - len(kept)


def shown_alert(alert: Mapping[str, Any]) -> dict[str, Any]:
    """Return of an alert what a person reads."""
    labels, annotations = alert.get("labels", {}), alert.get("annotations", {})
    hidden = ("alertname", "severity")
    return {
        "name": str(labels.get("alertname", "")),
        "severity": str(labels.get("severity", "")),
        "state": str(alert.get("state", "")),
        "since": str(alert.get("activeAt", "")),
        "summary": str(annotations.get("summary", "")),
        "action": str(annotations.get("action", "")),
        "runbook": str(annotations.get("runbook_url", "")),
        "labels": {str(key): str(value) for key, value in labels.items() if key not in hidden},
    }


class Prometheus(Rest):
    """One server."""

    def __init__(self, url: str, timeout: float, headers: Mapping[str, str] | None = None, tls: Tls = PLAIN) -> None:
        super().__init__([url], timeout, "Prometheus", headers=headers, tls=tls)

    def passing(self, status: int, said: str) -> bool:
        """Return that no refusal is waited out: who asks wants to know how it is now."""
        return False

    def get(self, path: str, **options: Any) -> Any:
        """Return the data of an answer; raises ClusterError with Prometheus' own reason."""
        query = f"?{urllib.parse.urlencode(options)}" if options else ""
        document = self.request("GET", f"/api/v1/{path}{query}")
        if document.get("status") != "success":
            raise RestError(str(document.get("error", "no success")))
        return document["data"]

    def over_time(self, query: str, end: float, hours: float, most: int) -> dict[str, Any]:
        """Return the series of a query over the hours before ``end``; ``error`` says why there are none."""
        step = step_for(hours)
        # On whole steps, so that two runs draw the same points.
        last = end // step * step
        count = max(2, round(hours * 3600 / step) + 1)
        start = last - step * (count - 1)
        try:
            data = self.get("query_range", query=query.replace("$window", window_for(step)), start=start, end=last, step=step)
            series, more = highest(aligned(data["result"], start, step, count), most)
        except (ClusterError, KeyError, TypeError, ValueError) as error:
            return {"error": str(error), "series": [], "more": 0, "start": start, "step": step}
        return {"error": "", "series": series, "more": more, "start": start, "step": step}

    def alerts(self) -> list[dict[str, Any]]:
        """Return the alerts that are pending or firing."""
        return [shown_alert(alert) for alert in self.get("alerts")["alerts"]]

    def version(self) -> str:
        return str(self.get("status/buildinfo")["version"])
