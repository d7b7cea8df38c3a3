"""The record of a whole run: read from the ends of logs, shown as a table and a badge that say what failed."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))
import results
import scenarios

CLOSING = """
unit                         passed   156 s
molecule-kafka_controller    FAILED  1067 s
lint                         passed    58 s
all                          FAILED  1300 s

==> Why molecule-kafka_controller failed
"""
LOGS = {
    "unit": "==== 3869 passed, 17 warnings in 155.87s (0:02:35) ====\n",
    # In the colours of a terminal.
    "molecule-kafka_controller": "x\n\x1b[31m\x1b[1m2 failed\x1b[0m, \x1b[32m24 passed\x1b[0m, \x1b[33m1 rerun\x1b[0m in 8.4s\n",
    "lint": "All checks passed!\n",
}


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    """The folder of a run's logs, in a clone with one commit."""
    for name, log in LOGS.items():
        (tmp_path / f"{name}.log").write_text(log)
    (tmp_path / ".gitignore").write_text("*.log\n")
    author = ("-c", "user.name=a", "-c", "user.email=a@example.com")
    for words in (["init", "-q"], ["add", ".gitignore"], [*author, "commit", "-q", "-m", "one"]):
        subprocess.run(["git", *words], cwd=tmp_path, check=True)
    return tmp_path


@pytest.fixture
def run(logs: Path) -> dict[str, Any]:
    return results.record(CLOSING, logs)


@pytest.mark.parametrize(
    ("log", "counts"),
    [
        ("26 passed in 854.46s (0:14:14)", {"passed": 26}),
        (
            "== 1 failed, 25 passed, 2 skipped, 1 error, 3 rerun in 4.00s ==",
            {"failed": 1, "passed": 25, "skipped": 2, "errors": 1, "rerun": 3},
        ),
        ("531 passed, 23 warnings in 57.12s\n--> syntax\n531 passed in 164.31s (0:02:44)", {"passed": 1062}),
        ("2 failed, 3 passed, 2 errors in 4.1s", {"failed": 2, "passed": 3, "errors": 2}),
        ("All checks passed!\none.test  ok=5 failed=0", {}),
    ],
)
def test_tests_are_counted_from_the_last_lines_of_pytest(log: str, counts: dict[str, int]) -> None:
    assert results.counts(log) == counts


def test_a_record_has_every_part_with_what_its_log_says(run: dict[str, Any], logs: Path) -> None:
    assert [(part["name"], part["result"], part["seconds"]) for part in run["parts"]] == [
        ("unit", "passed", 156),
        ("kafka_controller", "failed", 1067),
        ("lint", "passed", 58),
    ]
    assert run["parts"][1]["tests"] == {"failed": 2, "passed": 24, "rerun": 1}
    assert run["parts"][1]["hosts"] == ["Debian 12"]
    assert {"kafka", "kafka-4"} <= set(run["parts"][1]["programs"])
    assert run["commit"] == results.git(logs, "rev-parse", "HEAD") and not run["changed"] and run["seconds"] == 1300


def test_a_record_says_that_the_clone_was_changed(logs: Path) -> None:
    (logs / "new.py").touch()
    assert "changes that were not committed" in results.summary(results.record(CLOSING, logs))


@pytest.mark.parametrize("closing", ["", "unit passed 156 s", "all passed 3 s"])
def test_what_is_not_the_end_of_a_whole_run_is_no_record(closing: str, logs: Path) -> None:
    with pytest.raises(ValueError, match="closing lines of tests/run"):
        results.record(closing, logs)


def test_the_table_says_what_failed_and_what_was_repeated(run: dict[str, Any]) -> None:
    table = results.summary(run, "The machine did something else beside it.")
    assert "**2 of 3 parts passed**, with 3,893 tests, 1 of them only when repeated" in " ".join(table.split())
    assert f"`{run['commit'][:12]}`" in table and "something else beside it" in table
    row = next(line for line in table.splitlines() if "`kafka_controller`" in line)
    assert "| **failed** | 24, 2 failed, 1 once more | 1067 |" in row and "kafka 3.9.2" in row and "kafka 4." in row
    assert max(len(line) for line in table.splitlines() if not line.startswith("|")) <= 120


@pytest.mark.parametrize(("result", "words"), [("passed", "3,893 passed"), ("failed", "1 of 3 parts failed")])
def test_the_badge_is_a_drawing_that_says_it_in_words_with_the_day(run: dict[str, Any], result: str, words: str) -> None:
    run["parts"][1]["result"] = result
    drawing = ElementTree.fromstring(results.badge(run))
    assert drawing.get("aria-label") == f"tests: {words} · {run['ended'][:10]}"
    assert [text.text for text in drawing.iter("{http://www.w3.org/2000/svg}text")] == ["tests", f"{words} · {run['ended'][:10]}"]


def test_without_a_record_the_badge_says_so() -> None:
    assert ElementTree.fromstring(results.badge(None)).get("aria-label") == "tests: no whole run on record"


def test_of_the_page_only_what_is_between_the_marks_is_written_anew() -> None:
    once = results.page(f"before\n{results.BEGIN}\nold\n{results.END}\nafter\n", "new\n")
    assert once.startswith("before\n") and once.endswith("\nafter\n") and "old" not in once
    assert results.page(once, "new\n") == once
    with pytest.raises(ValueError, match="has to have the lines"):
        results.page("no marks", "new\n")


def suite() -> set[str]:
    """The names of the parts of a whole run, as tests/run says them."""
    script = (ROOT / "tests/run").read_text()
    left_out = re.search(r"grep -vxE '(site\|.*)'", script)
    assert left_out
    return {"unit", "lint", "integration", "cores", "site"} | {
        name for name in scenarios.scenarios() if not re.fullmatch(left_out[1], name)
    }


def test_each_part_says_what_it_shows() -> None:
    assert set(results.SHOWS) == suite()


def test_the_page_names_every_scenario_that_a_whole_run_leaves_out() -> None:
    text = (ROOT / "docs/tests.md").read_text()
    assert [name for name in scenarios.scenarios() if name not in suite() and f"`{name}`" not in text] == []


def test_the_page_has_the_marks() -> None:
    assert results.page(results.PAGE.read_text(), "new\n")


def test_programs_that_an_inventory_only_names_are_left_out() -> None:
    assert scenarios.installs("consoles")["programs"] == {}
    assert "elasticsearch" not in scenarios.installs("exporters")["programs"]
    for scenario, names in scenarios.NAMED.items():
        assert names <= set(scenarios.programs(*scenarios.hostvars(scenario))), "a name that is not in the inventory any more"


def test_the_hosts_of_a_scenario_are_those_of_its_images() -> None:
    assert scenarios.installs("hosts")["hosts"] == ["Debian 11", "Debian 12", "Debian 13"]
