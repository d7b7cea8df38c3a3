"""A page in Korean says as much as its English twin: the same headings, tables, commands, settings, names and links."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from test_pages import prose

ROOT = Path(__file__).resolve().parents[2]

TWINS = {
    "README.md": "README.ko.md",
    "docs/scope.md": "docs/ko/scope.md",
    "docs/compare.md": "docs/ko/compare.md",
    "docs/inventory.md": "docs/ko/inventory.md",
    "docs/consoles.md": "docs/ko/consoles.md",
    "docs/operations/at-night.md": "docs/ko/at-night.md",
}
# Each language shows the page of its own where there is one.
OF_BOTH = {ROOT / one: ROOT / other for one, other in TWINS.items()} | {
    # The ten steps are in README; in Korean they have a page of their own that explains each.
    ROOT / "docs/faq.md": ROOT / "docs/ko/first-deployment.md",
}


def text(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


def headings(page: str) -> list[int]:
    """Return the levels of a page's headings, in order."""
    return [len(marks) for marks in re.findall(r"^(#+) ", prose(ROOT / page), re.MULTILINE)]


def tables(page: str) -> list[tuple[int, int]]:
    """Return rows and columns of each table, in order."""
    found = re.findall(r"(?:^\|.*\n)+", text(page), re.MULTILINE)
    return [(len(table.splitlines()), table.splitlines()[1].count("---")) for table in found]


def blocks(page: str) -> list[list[str]]:
    """Return the lines of fenced and indented blocks, in order, without comments and with <…> for what people fill in."""
    found = re.findall(r"^```\w*\n(.*?)^```|(?<=\n\n)((?: {4}\S[^\n]*\n)+)", text(page), re.MULTILINE | re.DOTALL)
    lines = [
        [re.sub(r"(^|\s+)#.*", "", line).rstrip() for line in (fenced or indented).splitlines()] for fenced, indented in found
    ]
    return [[re.sub(r"<[^>]*>", "<…>", line) for line in block if line] for block in lines]


def names(page: str) -> set[str]:
    """Return what stands in backquotes within sentences and tables, with <…> for what people fill in."""
    plain = re.sub(r"^ {4}\S.*$", "", re.sub(r"\s*\n\s*(?=[^\n|#-])", " ", prose(ROOT / page)), flags=re.MULTILINE)
    return {re.sub(r"<[^>]*>", "<…>", name) for name in re.findall(r"`([^`\n]+)`", plain)}


def links(page: str) -> set[str]:
    """Return where the links of a page lead, without anchors, by the English page of two twins."""
    english = {twin: page for page, twin in OF_BOTH.items()}
    found = set()
    for link in re.findall(r"\]\(([^)\s#]+)[^)]*\)", prose(ROOT / page)):
        target = (ROOT / page).parent.joinpath(link).resolve() if not re.match(r"[a-z]+:", link) else link
        found.add(str(english.get(Path(target), target)))
    return found - {str(ROOT / one) for one in TWINS if TWINS[one] == page or one == page}


@pytest.mark.parametrize(("english", "korean"), TWINS.items())
@pytest.mark.parametrize("what", [headings, tables, blocks, names, links])
def test_a_page_in_korean_says_as_much(english: str, korean: str, what: object) -> None:
    assert callable(what)
    assert what(korean) == what(english)


def test_the_steps_explained_are_those_of_readme() -> None:
    """docs/ko/first-deployment.md has no twin: it explains the ten steps, and a controller without apt as the answers do."""
    typed = {re.sub(r" +#.*", "", line) for block in blocks("docs/ko/first-deployment.md") for line in block}
    steps = re.findall(r"`([^`]+)`", text("README.ko.md").partition("10단계")[2].partition("같은 방법으로")[0])
    commands = [re.sub(r"<[^>]*>", "<…>", one) for one in steps if re.match(r"(git|cp|ansible|ansible-playbook|tests/)\S* ", one)]
    assert len(commands) == 9 and set(commands) <= {line.strip() for line in typed}
    assert {line for block in blocks("docs/faq.md") for line in block} <= typed
