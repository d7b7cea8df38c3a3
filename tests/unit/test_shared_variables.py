"""The root's group_vars: what plays share, found beside the root playbooks and beside the single ones, and nobody's setting."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from real_estate import ROLES, ROOT

SHARED = yaml.safe_load((ROOT / "group_vars/all/main.yml").read_text())


def test_single_playbooks_read_the_same_file() -> None:
    assert (ROOT / "playbooks/group_vars").resolve() == ROOT / "group_vars"
    assert [path.name for path in sorted((ROOT / "group_vars").rglob("*.yml"))] == ["main.yml"]


@pytest.mark.parametrize("name", SHARED)
def test_what_plays_share_is_used_by_more_than_one_and_set_by_nobody(name: str) -> None:
    # Beside a playbook it counts more than group_vars/all of an inventory.
    assert name.startswith("_estate_")
    assert all(name not in role.defaults and name not in role.options for role in ROLES.values())
    readers = [path for path in (ROOT / "playbooks").rglob("*.yml") if not Path(path).is_symlink() and name in path.read_text()]
    assert len([path for path in readers if "group_vars" not in path.parts]) > 1
