"""Commands that pages have one type: a test runs each with the same variables and options, or its page says that none does.

What a test runs is found by words, for tests put their commands together from parts: one of live services, of a container or of a
whole run has the playbook's name and every variable of the command. Programs of the distribution are taken as known.
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from test_pages import ROOT, pages

# Of these every option counts.
OWN = re.compile(r"ansible(-\w+)?|kafka-[a-z-]+|zookeeper-shell|promtool|amtool|make|molecule|uv|brew")
DISTRIBUTION = {
    *(
        "apt-get",
        "cd",
        "cp",
        "curl",
        "df",
        "dmesg",
        "du",
        "git",
        "grep",
        "journalctl",
        "openssl",
        "ps",
        "python3",
        "sudo",
        "systemctl",
    ),
    *("tail", "top", "vmstat"),
}
# The project's own programs and environments, by the path that is typed.
PATHS = re.compile(r"\.?(venv|tests|tools)/\S+")
MARKS = re.compile(r"not run|not tried|not built|실행하지\s+않|실행해\s+보지", re.IGNORECASE)
# Run by hand, and why no test does it.
BY_HAND = {
    "uv pip compile": "renews the lock from a package index",
    "ansible-vault encrypt_string": "asks for a password; test_bad_input runs the line that a refused run names",
    "amtool --alertmanager.url": "typed against Alertmanager 0.25.0",
}


def typed(page: Path) -> Iterator[tuple[str, str]]:
    """Yield the commands of a page that stand in a block of their own, each with its section."""
    for section in re.split(r"^(?=##+ )", page.read_text(encoding="utf-8"), flags=re.MULTILINE):
        text = re.sub(r" *\\\n *", " ", section)
        fenced = re.findall(r"^```sh\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
        # An indented block stands behind an empty line; it is one of commands if it begins with a program.
        blocks = re.findall(r"(?:^|\n)\n((?: {4,}\S.*\n?)+)", re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL))
        for block in [*fenced, *blocks]:
            lines = [re.sub(r"^\w+\$ ", "", line.strip()) for line in block.splitlines()]
            if is_command(lines[0]):
                yield from ((line, section) for line in lines if line and not line.startswith("#"))


def is_command(line: str) -> bool:
    """Whether a line begins with a program, and not with a name of YAML or a word of an output."""
    program = line.split(" ")[0]
    return bool(OWN.fullmatch(program) or program in DISTRIBUTION or PATHS.fullmatch(program))


def words(command: str) -> tuple[str, list[str], list[str]]:
    """Return the program, what one test has to have together, and options that any test may have."""
    program, *rest = shlex.split(command, comments=True)
    together, options = [], []
    for before, word in zip(["", *rest], rest, strict=False):
        if before == "-e":
            together += list(json.loads(word)) if word.startswith("{") else [word.partition("=")[0]] * (word[0] != "@")
        elif before in ("--tags", "--skip-tags"):
            options.append(f"{before}.*{word}")
        elif word.endswith(".yml"):
            together.append(word.rpartition("/")[2])
        elif program != "ansible-playbook" and word.startswith("--"):
            together.append(word.partition("=")[0])
        elif word in ("--check", "--limit", "-b"):
            options.append(word)
    return program, together, options


@cache
def tests() -> dict[str, str]:
    """Return the texts of what runs commands: scenarios, tests with containers, unit tests that run playbooks, the Makefile."""
    found = [
        *(path for path in (ROOT / "molecule").rglob("*.*") if path.suffix in (".py", ".yml") and "inventory" not in path.parts),
        *(path for name in ("integration", "e2e", "lab", "bench") for path in (ROOT / "tests" / name).rglob("*")),
        *(path for path in (ROOT / "tests/unit").rglob("test_*.py") if '"ansible-playbook"' in path.read_text(encoding="utf-8")),
        *(ROOT / name for name in ("tests/run", "Makefile", ".ci/run")),
    ]
    files = [path for path in found if path.is_file() and path.suffix != ".pyc" and path.name != Path(__file__).name]
    # The short form: -ereport_language=ko.
    return {str(path.relative_to(ROOT)): re.sub(r"-e(?=[a-z_]+=)", "-e ", path.read_text(encoding="utf-8")) for path in files}


def has(text: str, word: str) -> bool:
    return re.search(rf"(?<![\w-]){word if '.*' in word else re.escape(word)}(?![\w-])", text) is not None


def is_run(command: str) -> bool:
    """Whether a test runs a command."""
    program, together, options = words(command)
    if program not in ("ansible-playbook", "make", "molecule"):
        together = [program, *together]
    return any(all(has(text, word) for word in together) for text in tests().values()) and all(
        any(has(text, word) for text in tests().values()) for word in options
    )


def unproven(page: Path) -> list[str]:
    """Return the commands of a page that no test runs, that nobody has run by hand, and that are not marked."""
    return [
        command
        for command, section in typed(page)
        if OWN.fullmatch(command.split(" ")[0])
        and not is_run(command)
        and not command.startswith(tuple(BY_HAND))
        and not MARKS.search(section)
    ]


@pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.relative_to(ROOT)))
def test_each_command_is_run_by_a_test_or_marked(page: Path) -> None:
    assert unproven(page) == []


def test_a_command_that_no_test_has_is_found(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(
        "# One\n\n    ansible-playbook -i inventories/prod playbooks/health.yml --tags nowhere\n"
        "\nWords.\n\n    kafka-topics --describe --no-such-option\n\n    prometheus_rules:\n      shop: 1\n"
        "\n## Two: **not run**\n\n    ansible-playbook playbooks/health.yml -e nobody_has=it\n"
        "\n## Three\n\n```sh\nansible-playbook playbooks/report.yml \\\n  -e report_language=ko\n"
        'ansible-playbook -e \'{"nobody_has": ["it"]}\' site.yml\n```\n'
    )
    assert unproven(page) == [
        "ansible-playbook -i inventories/prod playbooks/health.yml --tags nowhere",
        "kafka-topics --describe --no-such-option",
        'ansible-playbook -e \'{"nobody_has": ["it"]}\' site.yml',
    ]


def test_commands_are_found_on_the_pages() -> None:
    found = [command for page in pages() for command, _ in typed(page)]
    assert len(found) > 150
    assert {"ansible-playbook", "kafka-topics", "promtool", "make", "curl"} <= {command.split(" ")[0] for command in found}


def test_what_was_run_by_hand_is_still_on_a_page() -> None:
    found = [command for page in pages() for command, _ in typed(page)]
    assert [start for start in BY_HAND if not any(command.startswith(start) for command in found)] == []
