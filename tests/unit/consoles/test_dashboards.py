"""The dashboards: current, and each panel complete. Their queries are run against a live Prometheus in molecule/site."""

from __future__ import annotations

import itertools
import json
import re
import sys
from pathlib import Path
from typing import Any

import pytest
from ansible.module_utils.common.yaml import yaml_load

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "tools"))

import dashboards

FILES = sorted((ROOT / "roles/grafana/files").glob("*.json"))


@pytest.fixture(params=FILES, ids=[path.stem for path in FILES])
def board(request: pytest.FixtureRequest) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(request.param.read_text())
    return found


def panels(board: dict[str, Any]) -> list[dict[str, Any]]:
    return [panel for panel in board["panels"] if panel["type"] != "row"]


def test_they_are_what_the_descriptions_give_and_the_role_installs_them_all() -> None:
    assert {path.name: path.read_text() for path in FILES} == {path.name: text for path, text in dashboards.generate().items()}
    variables = yaml_load((ROOT / "roles/grafana/vars/main.yml").read_text())
    assert sorted(variables["_grafana_dashboards"]) == [path.name for path in FILES]


def test_none_has_the_title_of_the_folder(board: dict[str, Any]) -> None:
    """Grafana 9.4 refused the overview for that: 'Dashboard name cannot be the same as folder'."""
    folder = yaml_load((ROOT / "roles/grafana/defaults/main.yml").read_text())["grafana_folder"]
    assert board["title"].casefold() != folder.casefold()


def test_ids_are_its_own(board: dict[str, Any]) -> None:
    ids = [panel["id"] for panel in board["panels"]]
    assert len(ids) == len(set(ids)) and board["uid"].startswith("kafka-estate-") and not board.get("id")


def test_no_title_stands_twice_and_every_panel_says_what_it_shows(board: dict[str, Any]) -> None:
    titles = [panel["title"] for panel in panels(board)]
    assert len(titles) == len(set(titles)) and board["description"]
    assert [panel["title"] for panel in panels(board) if not panel["description"].endswith(".")] == []


def test_every_panel_has_a_unit_and_asks_the_chosen_data_source(board: dict[str, Any]) -> None:
    assert board["templating"]["list"][0]["name"] == "datasource"
    for panel in panels(board):
        assert panel["fieldConfig"]["defaults"]["unit"], panel["title"]
        sources = [panel["datasource"], *(target["datasource"] for target in panel["targets"])]
        assert {source["uid"] for source in sources} == {"${datasource}"}, panel["title"]


def test_lines_can_be_told_apart(board: dict[str, Any]) -> None:
    for panel in panels(board):
        if panel["type"] == "timeseries":
            assert panel["options"]["legend"]["showLegend"]
            legends = [target["legendFormat"] for target in panel["targets"]]
            assert all(legends) and len(set(legends)) == len(legends), panel["title"]


def test_panels_lie_on_the_grid_beside_each_other(board: dict[str, Any]) -> None:
    def cells(panel: dict[str, Any]) -> set[tuple[int, int]]:
        place = panel["gridPos"]
        x, y = place.get("x", 0), place.get("y", 0)
        assert x + place["w"] <= 24, panel["title"]
        return set(itertools.product(range(x, x + place["w"]), range(y, y + place["h"])))

    for one, other in itertools.combinations(board["panels"], 2):
        assert not cells(one) & cells(other), (one["title"], other["title"])


def test_only_the_dashboards_own_variables_are_used(board: dict[str, Any]) -> None:
    known = {variable["name"] for variable in board["templating"]["list"]} | {"__rate_interval"}
    used = {name for panel in panels(board) for target in panel["targets"] for name in re.findall(r"\$(\w+)", target["expr"])}
    # $1 is of label_replace.
    assert {name for name in used if not name.isdigit()} <= known
    assert known - used <= {"datasource", "__rate_interval"}, "a choice that changes nothing"
