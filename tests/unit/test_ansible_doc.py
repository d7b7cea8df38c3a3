"""``ansible-doc`` has a page for every module, filter, callback and role of the collection."""

from __future__ import annotations

import importlib
import json
from pathlib import Path
from typing import Any

import pytest
from command_line import of_project

ROOT = Path(__file__).resolve().parents[2]


def filters() -> set[str]:
    """Return the names of the filters that the files of ``plugins/filter`` register."""
    names: set[str] = set()
    for path in (ROOT / "plugins/filter").glob("[a-z]*.py"):
        plugin = importlib.import_module(f"ansible_collections.estate.kafka.plugins.filter.{path.stem}")
        names |= plugin.FilterModule().filters().keys()
    return names


PRESENT = {
    "module": {path.stem for path in (ROOT / "plugins/modules").glob("[a-z]*.py")},
    "callback": {path.stem for path in (ROOT / "plugins/callback").glob("[a-z]*.py")},
    "filter": filters(),
    "role": {path.name for path in (ROOT / "roles").iterdir() if path.is_dir()},
}


@pytest.fixture(scope="module")
def pages() -> dict[str, dict[str, Any]]:
    """Return type to name to page, all in one call; a page that cannot be made has the key ``error``."""
    run = of_project().run("ansible-doc", "--metadata-dump", "--no-fail-on-errors", "--json", "estate.kafka")
    assert run.returncode == 0, run.stderr
    found: dict[str, dict[str, Any]] = json.loads(run.stdout)["all"]
    return found


@pytest.mark.parametrize("kind", PRESENT)
def test_everything_has_a_page(kind: str, pages: dict[str, dict[str, Any]]) -> None:
    assert pages[kind].keys() == {f"estate.kafka.{name}" for name in PRESENT[kind]}
    assert [name for name, page in pages[kind].items() if "error" in page] == []


def test_no_kind_of_plugin_is_forgotten_here(pages: dict[str, dict[str, Any]]) -> None:
    assert {kind for kind, found in pages.items() if found} - {"keyword"} == PRESENT.keys()


@pytest.mark.parametrize("kind", ["module", "filter", "callback"])
def test_every_page_says_what_it_is_since_when_and_by_whom(kind: str, pages: dict[str, dict[str, Any]]) -> None:
    lacking = {
        name: missing
        for name, page in pages[kind].items()
        if (missing := {"short_description", "description", "author", "version_added"} - page["doc"].keys())
    }
    assert lacking == {}


def test_every_entry_point_of_a_role_says_what_it_does(pages: dict[str, dict[str, Any]]) -> None:
    for name, page in pages["role"].items():
        for entry, told in page["entry_points"].items():
            assert told["short_description"] and told["description"], f"{name} {entry}"
