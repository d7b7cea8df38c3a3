"""The packages of module_utils stand on each other: no import runs up or in a circle, and what only reads carries no planner."""

from __future__ import annotations

import ast
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

PLUGINS = Path(__file__).resolve().parents[2] / "plugins"
UTILS = PLUGINS / "module_utils"
PREFIX = "ansible_collections.estate.kafka.plugins.module_utils."
# From the ground up; those of one line do not import each other.
FLOORS = (
    {"errors", "polling", "secrets", "text", "tls"},
    {"declared", "exercise", "formats", "http"},
    {"connect", "consoles", "host", "module", "registry"},
    {"kafka", "security", "store"},
    {"mirrors", "restart"},
    {"estate"},
    {"audit", "prometheus"},
    {"health"},
    {"report"},
)
TALKS = {"client", "connection", "http", "polling", "protocol"}
# What is read of groups comes in the classes that their planner uses.
READERS = {"modules/observe": set(), "modules/restart": set(), "modules/cluster_info": {"kafka/groups"}, "filter/heap": set()}


@cache
def imports(path: Path) -> set[Path]:
    """Return the files of module_utils that a file imports, as Ansible finds those that it sends to a host."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(PREFIX):
            module = UTILS / Path(*str(node.module)[len(PREFIX) :].split("."))
            named = [module / f"{alias.name}.py" for alias in node.names] if module.is_dir() else []
            found |= {file for file in (module.with_suffix(".py"), *named) if file.is_file()}
    return found


def carried(path: Path) -> set[Path]:
    """Return all files of module_utils that come with a file."""
    found: set[Path] = set()
    left = [path]
    while left:
        new = imports(left.pop()) - found
        found |= new
        left += new
    return found


def package(path: Path) -> str:
    return path.relative_to(UTILS).parts[0].removesuffix(".py")


FILES = sorted(UTILS.rglob("*.py"))
PLANNERS = [path for path in FILES if path.stem == "plan" or path.stem.endswith("_plan")]


def test_packages_import_only_those_below_them() -> None:
    floor = {name: number for number, names in enumerate(FLOORS) for name in names}
    wrong = [
        f"{path.relative_to(UTILS)} imports {other.relative_to(UTILS)}"
        for path in FILES
        for other in imports(path)
        if package(path) != package(other) and floor[package(other)] >= floor[package(path)]
    ]
    assert wrong == []


def test_every_package_stands_on_one_floor() -> None:
    assert sorted(name for names in FLOORS for name in names) == sorted({package(path) for path in FILES})


def test_nothing_imports_in_a_circle() -> None:
    packages: dict[str, set[str]] = {}
    for path in FILES:
        packages.setdefault(package(path), set()).update({package(other) for other in imports(path)} - {package(path)})
    for graph in (packages, {str(path): {str(other) for other in imports(path)} for path in FILES}):
        TopologicalSorter(graph).prepare()


@pytest.mark.parametrize("path", PLANNERS, ids=lambda path: str(path.relative_to(UTILS)))
def test_a_planner_talks_to_nobody(path: Path) -> None:
    assert {other.stem for other in carried(path)} & TALKS == set()


@pytest.mark.parametrize("reader", READERS)
def test_what_only_reads_carries_no_planner(reader: str) -> None:
    planners = {path.parent.relative_to(UTILS) for path in carried(PLUGINS / f"{reader}.py") if path.stem == "plan"}
    assert {str(path) for path in planners} == READERS[reader]
