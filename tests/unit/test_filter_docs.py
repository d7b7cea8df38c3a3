"""``ansible-doc -t filter`` has a page for every filter of the collection, and that page is its own."""

from __future__ import annotations

import importlib
import inspect
import json
from pathlib import Path
from typing import Any

import pytest
from command_line import of_project

ROOT = Path(__file__).resolve().parents[2]
FILES = sorted((ROOT / "plugins/filter").glob("[a-z]*.py"))


def registered() -> dict[str, Any]:
    """Return every filter by name."""
    found: dict[str, Any] = {}
    for path in FILES:
        found |= importlib.import_module(f"ansible_collections.estate.kafka.plugins.filter.{path.stem}").FilterModule().filters()
    return found


@pytest.fixture(scope="module")
def pages() -> dict[str, Any]:
    run = of_project().run("ansible-doc", "--type=filter", "--json", *(f"estate.kafka.{name}" for name in registered()))
    assert run.returncode == 0, run.stderr
    found: dict[str, Any] = json.loads(run.stdout)
    return found


def test_every_filter_has_a_page_of_its_own_with_an_example(pages: dict[str, Any]) -> None:
    for name in registered():
        page = pages[f"estate.kafka.{name}"]
        assert page["doc"]["name"] == name and page["doc"]["short_description"] and page["doc"]["description"], name
        assert f"estate.kafka.{name}" in page["examples"], name
        assert {"description", "type"} <= page["return"]["_value"].keys(), name


def test_the_pages_have_the_arguments_of_the_filters(pages: dict[str, Any]) -> None:
    for name, function in registered().items():
        parameters = list(inspect.signature(function).parameters.values())[1:]
        options = pages[f"estate.kafka.{name}"]["doc"]["options"]
        assert options.keys() - {"_input"} == {parameter.name for parameter in parameters}, name
        for parameter in parameters:
            usual = parameter.kind is parameter.VAR_POSITIONAL or parameter.default is not parameter.empty
            assert bool(options[parameter.name].get("required")) != usual, (name, parameter.name)


def test_no_page_is_left_of_a_filter_that_is_gone() -> None:
    assert {path.stem for path in (ROOT / "plugins/filter").glob("*.yml")} <= registered().keys()
