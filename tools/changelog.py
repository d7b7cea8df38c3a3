"""Writes the section of the coming release in CHANGELOG.md from changelogs/fragments; the other sections stay."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from ansible.module_utils.common.yaml import yaml_load

ROOT = Path(__file__).resolve().parents[1]
# Sections of changelogs/config.yaml that this project uses, in the order in which a reader needs them.
SECTIONS = {
    "breaking_changes": "Breaking changes",
    "security_fixes": "Security",
    "major_changes": "New",
    "minor_changes": "Changed",
    "deprecated_features": "Deprecated",
    "removed_features": "Removed",
    "bugfixes": "Fixed",
    "known_issues": "Known issues",
}
Fragment = Mapping[str, Sequence[str]]


def markdown(text: str) -> str:
    """Turn a fragment's reStructuredText, or Ansible's C(...), into one line of Markdown."""
    text = re.sub(r"``(.+?)``", r"`\1`", " ".join(text.split()))
    return re.sub(r"\bC\(([^)]*)\)", r"`\1`", text)


def section(title: str, fragments: Sequence[Fragment]) -> str:
    """Return the section of a release.

    Raises ValueError where a fragment has a section that nobody prints.
    """
    if unknown := sorted({name for fragment in fragments for name in fragment} - set(SECTIONS)):
        raise ValueError(f"unknown section {', '.join(unknown)}; known are {', '.join(SECTIONS)}")
    lines = [f"## {title}", ""]
    for name, heading in SECTIONS.items():
        items = sorted({markdown(item) for fragment in fragments for item in fragment.get(name, ())}, key=str.casefold)
        if items:
            lines += [f"### {heading}", "", *(f"- {item}" for item in items), ""]
    return "\n".join(lines) + "\n"


def merged(changelog: str, title: str, written: str) -> str:
    """Return the changelog with the section of this title put in place of its former text, or above all others."""
    former = re.search(rf"^## {re.escape(title)}\n.*?(?=^## |\Z)", changelog, re.MULTILINE | re.DOTALL)
    if former:
        return changelog[: former.start()] + written + changelog[former.end() :]
    first = re.search(r"^## ", changelog, re.MULTILINE)
    place = first.start() if first else len(changelog)
    return changelog[:place] + written + changelog[place:]


def main() -> None:
    version = yaml_load((ROOT / "changelogs/config.yaml").read_text(encoding="utf-8"))["next_version"]
    paths = sorted((ROOT / "changelogs/fragments").glob("*.yml"))
    fragments = [yaml_load(path.read_text(encoding="utf-8")) for path in paths]
    title = f"{version} (unreleased)"
    page = ROOT / "CHANGELOG.md"
    page.write_text(merged(page.read_text(encoding="utf-8"), title, section(title, fragments)), encoding="utf-8")


if __name__ == "__main__":
    main()
