"""What becomes of fragments in CHANGELOG.md."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from ansible.module_utils.common.yaml import yaml_load

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))

import changelog

PAGE = "# Changelog\n\nWords.\n\n## 1.0.0\n\n- old\n"


def test_fragments_become_one_section_in_order() -> None:
    fragments = [{"bugfixes": ["b - ``x`` is\n  mended."]}, {"breaking_changes": ["C(y) is gone."], "bugfixes": ["a."]}]
    assert changelog.section("2.0.0 (unreleased)", fragments) == (
        "## 2.0.0 (unreleased)\n\n### Breaking changes\n\n- `y` is gone.\n\n### Fixed\n\n- a.\n- b - `x` is mended.\n\n"
    )


def test_the_section_is_written_above_the_others_and_then_replaced() -> None:
    once = changelog.merged(PAGE, "2", changelog.section("2", [{"bugfixes": ["first"]}]))
    again = changelog.merged(once, "2", changelog.section("2", [{"bugfixes": ["second"]}]))
    assert again == "# Changelog\n\nWords.\n\n## 2\n\n### Fixed\n\n- second\n\n## 1.0.0\n\n- old\n"


def test_a_section_that_nobody_prints_is_refused() -> None:
    with pytest.raises(ValueError, match="unknown section fixes"):
        changelog.section("2", [{"fixes": ["x"]}])


@pytest.mark.parametrize("path", sorted((ROOT / "changelogs/fragments").glob("*.yml")), ids=lambda path: path.name)
def test_a_fragment_has_lists_of_texts_in_known_sections(path: Path) -> None:
    fragment = yaml_load(path.read_text(encoding="utf-8"))
    assert set(fragment) <= set(changelog.SECTIONS)
    assert all(isinstance(item, str) for items in fragment.values() for item in items)
