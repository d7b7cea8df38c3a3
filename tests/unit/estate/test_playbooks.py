"""What each playbook installs is what it asks passwords and artefacts for."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from ansible.module_utils.common.yaml import yaml_load
from ansible_collections.estate.kafka.plugins.filter.artefacts import artefacts
from ansible_collections.estate.kafka.plugins.module_utils.estate.components import COMPONENTS

PLAYBOOKS = Path(__file__).resolve().parents[3] / "playbooks"
NAMES = {component.name for component in COMPONENTS}
BASES = ("base.yml", "preflight.yml", "artifacts.yml")


def entries(path: Path) -> list[dict[str, Any]]:
    loaded: list[dict[str, Any]] = yaml_load(path.read_text())
    return loaded


def installed(path: Path) -> set[str]:
    """Return the components whose roles a playbook runs, those of playbooks it imports among them."""
    found: set[str] = set()
    for entry in entries(path):
        # Where the command line chooses, all that it can choose.
        for imported in re.findall(r"\w+\.yml", entry.get("ansible.builtin.import_playbook", "")):
            found |= installed(path.parent / imported) if imported not in BASES else set()
        names = [str(role["role"]) for role in entry.get("roles", [])]
        for way in ("ansible.builtin.import_role", "ansible.builtin.include_role"):
            names += [task.get(way, {}).get("name", "") for task in entry.get("tasks", [])]
        found |= {name.rpartition(".")[2] for name in names} & NAMES
    return found


def asked(path: Path) -> list[set[str]]:
    return [set(entry["vars"]["_base_components"]) for entry in entries(path) if "_base_components" in entry.get("vars", {})]


@pytest.mark.parametrize("path", sorted(PLAYBOOKS.glob("*.yml")), ids=lambda path: path.stem)
def test_a_playbook_asks_for_what_it_installs(path: Path) -> None:
    bases = [entry for entry in entries(path) if entry.get("ansible.builtin.import_playbook") in BASES]
    # One that writes requests for certificates installs nothing, and looks at every host all the same.
    if path.name in ("base.yml", "requests.yml") or not bases:
        return
    assert len(asked(path)) == len(bases)
    for components in asked(path):
        # The exercise installs no component; it goes through those that have no password.
        assert components == ({"exercise", "elasticsearch"} if path.stem == "exercise" else installed(path))


def test_the_site_needs_no_artefact_of_monitoring_and_monitoring_none_of_the_site() -> None:
    site, monitoring = (artefacts(asked(PLAYBOOKS / name)[0]) for name in ("site.yml", "monitoring.yml"))
    assert {"kafka", "elasticsearch", "kibana"} <= set(site)
    assert {"prometheus", "grafana", "cmak", "akhq"} <= set(monitoring)
    assert not set(site) & set(monitoring)
