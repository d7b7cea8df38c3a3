"""Every expression means the same to Prometheus 2 and 3, which the distribution and the publisher have."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from ansible.module_utils.common.yaml import yaml_load
from ansible_collections.estate.kafka.plugins.module_utils.estate.forms import milliseconds
from ansible_collections.estate.kafka.plugins.module_utils.estate.watching import LONGEST_INTERVAL
from ansible_collections.estate.kafka.plugins.module_utils.report.questions import QUESTIONS

ROOT = Path(__file__).resolve().parents[3]
RULES = {
    f"{path.stem} {rule.get('alert') or rule['record']}": rule["expr"]
    for path in sorted((ROOT / "roles/prometheus/files/rules").glob("*.yml"))
    for group in yaml_load(path.read_text())["groups"]
    for rule in group["rules"]
}
PANELS = {
    f"{path.stem} {panel['title']} {target['refId']}": target["expr"]
    for path in sorted((ROOT / "roles/grafana/files").glob("*.json"))
    for panel in json.loads(path.read_text())["panels"]
    for target in panel.get("targets", ())
}
RUNBOOKS = {
    f"{path.stem} {number}": expr
    for path in sorted((ROOT / "docs/runbooks").glob("*.md"))
    for number, expr in enumerate(re.findall(r"promtool query instant \S+ '([^']+)'", path.read_text()))
}
ALL = RULES | PANELS | RUNBOOKS | {f"report {name}": expr for name, (expr, _) in QUESTIONS.items()}
MATCHER = re.compile(r'\b(?:le|quantile)\s*(=~|!~|!=|=)\s*"([^"]*)"')
# In 3 it has another name, which 2 does not know, and is switched off.
RENAMED = "holt_winters"


def as_stored_by_both(value: str) -> bool:
    """Prometheus 3 writes the label of a bucket or quantile anew as it comes in: 1 as 1.0, 0.50 as 0.5."""
    return value.lstrip("+-") in ("Inf", "NaN") or repr(float(value)) == value


@pytest.mark.parametrize("place", ALL)
def test_an_expression_means_the_same_to_both(place: str) -> None:
    for operator, value in MATCHER.findall(ALL[place]):
        assert operator in ("=", "!=") and as_stored_by_both(value), value
    assert RENAMED not in ALL[place]


def test_what_a_test_of_these_would_not_let_through() -> None:
    assert [value for value in ("1", "0.50", "1.0", "0.99", "+Inf") if as_stored_by_both(value)] == ["1.0", "0.99", "+Inf"]
    assert MATCHER.findall('role="a", x_bucket{le=~"1|2", quantile!="0.5"}') == [("=~", "1|2"), ("!=", "0.5")]


@pytest.mark.parametrize("place", RULES)
def test_a_rule_has_two_samples_even_where_the_first_moment_does_not_count(place: str) -> None:
    """Prometheus 3 leaves out the sample that is exactly as old as the range."""
    for range_, step in re.findall(r"\[(\w+)(?::(\w+))?\]", RULES[place]):
        assert milliseconds(range_) >= 2 * (milliseconds(step) if step else LONGEST_INTERVAL), range_
