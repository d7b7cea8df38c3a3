"""The version is the same wherever it stands, and one command writes it."""

from __future__ import annotations

import re
import shutil
import sys
from pathlib import Path

import pytest
from ansible.module_utils.common.yaml import yaml_load

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))

import version


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    (tmp_path / "changelogs").mkdir()
    for name in version.PLACES:
        shutil.copy(ROOT / name, tmp_path / name)
    return tmp_path


def test_every_place_has_the_same_version() -> None:
    assert len(set(version.versions(ROOT).values())) == 1, "run make version VERSION=<the coming version>"


def test_nothing_is_documented_as_newer_than_the_version() -> None:
    current = [int(number) for number in version.versions(ROOT)["galaxy.yml"].split("-")[0].split(".")]
    for path in (ROOT / "plugins").rglob("*.*"):
        if path.suffix not in (".py", ".yml"):
            continue
        for added in re.findall(r"^\s*version_added: (\S+)$", path.read_text(encoding="utf-8"), re.MULTILINE):
            assert [int(number) for number in added.split(".")] <= current, path


@pytest.mark.parametrize("wanted", ["9.8.7", "1.0.0-beta.1"])
def test_one_command_writes_every_place_and_nothing_else(copy: Path, wanted: str) -> None:
    before = {name: (copy / name).read_text() for name in version.PLACES}
    version.write(copy, wanted)
    assert set(version.versions(copy).values()) == {wanted}
    for name, text in before.items():
        changed = set((copy / name).read_text().splitlines()) ^ set(text.splitlines())
        assert len(changed) == 2, name


def test_the_section_of_a_release_stays_below_that_of_the_next(copy: Path) -> None:
    (copy / "CHANGELOG.md").write_text("# Changelog\n\n## 0.2.0 (2026-12-01)\n\n- x\n")
    version.write(copy, "0.3.0")
    assert (copy / "CHANGELOG.md").read_text() == "# Changelog\n\n## 0.3.0 (unreleased)\n\n## 0.2.0 (2026-12-01)\n\n- x\n"


@pytest.mark.parametrize("wanted", ["0.2", "v0.2.0", "0.2.0+build", ""])
def test_what_is_no_version_is_refused_and_nothing_written(copy: Path, wanted: str) -> None:
    before = version.versions(copy)
    with pytest.raises(ValueError, match="is no version"):
        version.write(copy, wanted)
    assert version.versions(copy) == before


def test_the_image_for_awx_has_the_locked_release_of_ansible_core() -> None:
    image = yaml_load((ROOT / "execution-environment.yml").read_text(encoding="utf-8"))
    assert image["version"] == 3
    assert image["dependencies"]["ansible_core"]["package_pip"] in (ROOT / "requirements.lock").read_text(encoding="utf-8")
