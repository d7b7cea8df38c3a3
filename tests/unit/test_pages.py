"""Every page a person reads: links and anchors resolve, commands exist, messages and alerts are those of the toolkit."""

from __future__ import annotations

import re
import shlex
import subprocess
from functools import cache
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
OPERATIONS = sorted((ROOT / "docs/operations").glob("*.md"))
AT_NIGHT = ("docs/operations/at-night.md", "docs/ko/at-night.md")
# A line that begins with one of these is a command to be typed.
PROGRAMS = ("ansible-playbook", "ansible", "make", "molecule")


def pages() -> list[Path]:
    """Return every Markdown file of the repository, known to git or new."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.md"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    return sorted(path for path in map(ROOT.joinpath, listed) if path.is_file())


def prose(page: Path) -> str:
    """Return a page without its fenced blocks, in which # is no heading and [x](y) no link."""
    return re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)


def slug(heading: str) -> str:
    """Return the anchor that GitHub makes of a heading."""
    shown = re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", heading.strip()).lower()
    return re.sub(r"[^\w\- ]", "", shown).replace(" ", "-")


@cache
def anchors(page: Path) -> frozenset[str]:
    """Return the anchors of a page; a heading that is there twice has a number the second time."""
    seen: dict[str, int] = {}
    found = set()
    for heading in re.findall(r"^#+ (.+)$", prose(page), re.MULTILINE):
        name = slug(heading)
        found.add(f"{name}-{seen[name]}" if name in seen else name)
        seen[name] = seen.get(name, 0) + 1
    return frozenset(found)


def broken(page: Path) -> list[str]:
    """Return the links of a page that lead nowhere."""
    wrong = []
    for link in re.findall(r"\]\(([^)\s]+)[^)]*\)", prose(page)):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        if not target.exists() or (anchor and (target.suffix != ".md" or anchor not in anchors(target))):
            wrong.append(link)
    return wrong


def test_links_and_anchors_resolve() -> None:
    assert {str(page.relative_to(ROOT)): links for page in pages() if (links := broken(page))} == {}


def test_a_link_that_leads_nowhere_is_found(tmp_path: Path) -> None:
    (tmp_path / "there.md").write_text("# A `heading`: of two\n\n## Twice\n\n## Twice\n\n```sh\n# no heading\n```\n")
    page = tmp_path / "page.md"
    page.write_text(
        "# Own\n[a](there.md) [b](there.md#a-heading-of-two) [c](there.md#twice-1) [d](#own) [e](https://example.com)\n"
        "[f](gone.md) [g](there.md#no-heading) [h](#other) [i](there.md#twice-2)\n"
    )
    assert broken(page) == ["gone.md", "there.md#no-heading", "#other", "there.md#twice-2"]


# Generated, or written in one line for each change.
UNWRAPPED = {"docs/variables.md", "docs/preflight.md", "CHANGELOG.md"}


def test_lines_of_sentences_are_short() -> None:
    texts = {str(page.relative_to(ROOT)): prose(page) for page in [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")]}
    wrapped = {name: text for name, text in texts.items() if name not in UNWRAPPED and not name.startswith("docs/roles/")}
    lines = [
        f"{name}: {line}" for name, text in wrapped.items() for line in text.splitlines() if not line.startswith(("|", "    "))
    ]
    assert [line for line in lines if len(line.partition(": ")[2]) > 120] == []


@pytest.mark.parametrize("readme", ["README.md", "README.ko.md"])
def test_readme_fits_on_two_screens(readme: str) -> None:
    """Tables too: what is long has a page of its own."""
    lines = (ROOT / readme).read_text(encoding="utf-8").splitlines()
    assert len(lines) <= 115
    assert [line for line in lines if len(line) > 120] == []


def test_the_list_of_commands_fits_on_a_screen() -> None:
    shown = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert len(shown.splitlines()) <= 32


@pytest.mark.parametrize("page", OPERATIONS, ids=lambda page: page.name)
def test_a_page_of_operations_is_short(page: Path) -> None:
    lines = page.read_text(encoding="utf-8").splitlines()
    assert len(lines) <= 150
    assert [line for line in lines if len(line) > 120 and not line.startswith("|")] == []


def test_the_index_of_operations_names_every_page() -> None:
    index = (ROOT / "docs/operations/README.md").read_text(encoding="utf-8")
    assert [page.name for page in OPERATIONS if page.name != "README.md" and f"({page.name})" not in index] == []


def test_the_index_of_operations_begins_with_the_night() -> None:
    rows = re.findall(r"^\| \[[^]]*\]\(([^)]*)\)", (ROOT / "docs/operations/README.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert rows[0] == "at-night.md"


def commands(page: Path) -> list[str]:
    """Return the commands of a page: indented lines, with those that a backslash continues, and code within a sentence."""
    text = re.sub(r" *\\\n *", " ", page.read_text(encoding="utf-8"))
    found = re.findall(r"^ {4,}(\S.*)$", text, re.MULTILINE) + re.findall(r"`([^`\n]+)`", text)
    return [one for one in found if one.split(" ")[0] in PROGRAMS and " " in one]


@pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.relative_to(ROOT)))
def test_commands_are_those_there_are(page: Path) -> None:
    targets = re.findall(r"^([a-z%-]+):.*##", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    makes = "|".join(target.replace("%", "[a-z_]+") for target in targets)
    wrong = []
    for command in commands(page):
        words = shlex.split(command, comments=True)
        if words[0] == "make":
            wrong += [word for word in words[1:] if "=" not in word and not re.fullmatch(makes, word)]
        elif words[0] == "ansible-playbook":
            wrong += [
                word
                for word in words[1:]
                if word.endswith(".yml") and "<" not in word and word[0] not in "@$" and not (ROOT / word).is_file()
            ]
        elif words[0] == "molecule" and "-s" in words:
            scenario = words[words.index("-s") + 1]
            wrong += [] if (ROOT / "molecule" / scenario).is_dir() or scenario.startswith("<") else [scenario]
    assert wrong == []


@cache
def messages() -> str:
    """Return the source of plugins and playbooks with the parts of each text joined, and every value in a text as …"""
    sources = [*ROOT.glob("plugins/**/*.py"), *ROOT.glob("playbooks/*.yml")]
    text = "\n".join(path.read_text(encoding="utf-8") for path in sources)
    joined = re.sub(r"\"\s*\n\s*f?\"", "", text)
    return re.sub(r"\{+[^{}\n]*\}+", "…", joined)


def quoted(page: str) -> list[str]:
    """Return the messages in the first column of a page's tables, without those of alerts."""
    text = (ROOT / page).read_text(encoding="utf-8")
    cells = re.findall(r"^\| (`[^|]+) \|", text, re.MULTILINE)
    return [code for cell in cells for code in re.findall(r"`([^`]+)`", cell) if " " in code]


@pytest.mark.parametrize("page", AT_NIGHT)
def test_messages_are_those_of_the_toolkit(page: str) -> None:
    missing = []
    for message in quoted(page):
        parts = [part.strip() for part in re.split(r"…|<[^>]*>", message)]
        missing += [(message, part) for part in parts if len(part) > 4 and part not in messages()]
    assert missing == []
    assert len(quoted(page)) > 30


@pytest.mark.parametrize("page", AT_NIGHT)
def test_every_alert_has_its_runbook(page: str) -> None:
    rules = [
        rule
        for path in (ROOT / "roles/prometheus/files").rglob("*.y*ml")
        for rule in re.findall(r"alert: (\w+)", path.read_text())
    ]
    assert rules
    text = (ROOT / page).read_text(encoding="utf-8")
    for alert in set(rules):
        row = next((line for line in text.splitlines() if line.startswith("|") and f"`{alert}`" in line), "")
        found = re.search(r"\]\((\S+runbooks/\S+\.md)\)", row)
        assert found, f"{alert} is not in {page}"
        assert f"`{alert}`" in ((ROOT / page).parent / found[1]).read_text(encoding="utf-8")


def test_yaml_in_pages_can_be_read() -> None:
    class Loader(yaml.SafeLoader):
        """Reads Ansible's own tags as texts."""

    Loader.add_multi_constructor("!", lambda loader, _, node: node.value)
    for page in pages():
        for block in re.findall(r"^```ya?ml\n(.*?)^```", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL):
            yaml.load(block, Loader)
