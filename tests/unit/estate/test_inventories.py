"""The inventories that come with the project: what one copies, its commented defaults, and a vault file beside each main.yml."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from ansible.module_utils.common.yaml import yaml_load
from ansible_collections.estate.kafka.plugins.module_utils.estate.components import PREFLIGHT_OPTIONS
from ansible_collections.estate.kafka.plugins.module_utils.estate.variables import ESTATE_OPTIONS
from command_line import of_project
from real_estate import ROOT, read

SAMPLE = ROOT / "inventories/sample"
SHIPPED = [path.parent for path in sorted((ROOT / "inventories").glob("**/hosts.yml"))]
# A setting in comments: '#' and at once a name; for hosts and groups, which are indented, anything but '# ' and a word.
SETTING = re.compile(r"^#(?=\S)|^( +)#(?! \S)", re.MULTILINE)
# Ansible's own, and what playbooks and the schema of the exercise ask for.
OTHERS = ("ansible_", "exercise_")


def uncommented(text: str) -> str:
    """Return a file with every setting that is commented out taken in; explanations and examples stay comments."""
    return SETTING.sub(r"\1", text)


def defaults() -> dict[str, Any]:
    known: dict[str, Any] = {name: option["default"] for name, option in PREFLIGHT_OPTIONS.items()}
    for path in (ROOT / "roles").glob("*/defaults/main.yml"):
        known |= yaml_load(path.read_text()) or {}
    return known


def topology(inventory: Path) -> dict[str, Any]:
    done = of_project().run("ansible", "all[0]", "-i", inventory, "-m", "estate.kafka.topology")
    assert done.returncode == 0, done.stdout + done.stderr
    found: dict[str, Any] = json.loads(done.stdout[done.stdout.index("{") :])["topology"]
    return found


@pytest.mark.parametrize("path", sorted(SAMPLE.glob("group_vars/*/main.yml")), ids=lambda path: path.parent.name)
def test_each_commented_setting_of_the_sample_is_known_and_has_its_default(path: Path) -> None:
    written = yaml_load(path.read_text()) or {}
    everything = yaml_load(uncommented(path.read_text()))
    known = defaults()
    for name in everything.keys() - written.keys():
        if name.startswith(OTHERS) or name in ESTATE_OPTIONS:
            continue
        assert name in known
        assert everything[name] == known[name], name
    for name in written:
        assert name in ESTATE_OPTIONS or name.startswith(("kafka_", "schema_registry_", *OTHERS)), name


def test_the_sample_as_it_stands_is_one_cluster_on_three_hosts() -> None:
    found = topology(SAMPLE)
    assert {name: len(cluster["brokers"]) for name, cluster in found["clusters"].items()} == {"upstream": 3}


def test_the_sample_with_every_group_and_default_is_an_estate_without_a_mistake(tmp_path: Path) -> None:
    shutil.copytree(SAMPLE, tmp_path / "all")
    for path in (tmp_path / "all").glob("**/*.yml"):
        path.write_text(uncommented(path.read_text()) + "\n")
    found = topology(tmp_path / "all")
    assert {name: len(cluster["brokers"]) for name, cluster in found["clusters"].items()} == {"upstream": 3, "downstream": 3}
    assert found["schema_registry_url"] == "http://node3.example.com:8081"


@pytest.mark.parametrize("inventory", SHIPPED, ids=lambda path: path.name)
def test_a_vault_file_in_any_folder_of_group_vars_hides_nothing(inventory: Path, tmp_path: Path) -> None:
    folder = tmp_path / "copy"
    shutil.copytree(inventory, folder)
    (folder / "group_vars/all/vault.yml").write_text("grafana_admin_password: from-the-vault\n")
    _, hosts = read(folder)
    assert {host["grafana_admin_password"] for host in hosts.values()} == {"from-the-vault"}
    assert {host["security_profile"] for host in hosts.values()} == {"secured" if inventory.name == "secured" else "open"}
    # Ansible reads a folder and drops the file of the same name, without a word.
    assert not [path for path in (inventory / "group_vars").iterdir() if path.is_file()]


@pytest.mark.parametrize("inventory", SHIPPED, ids=lambda path: path.name)
def test_no_shipped_inventory_makes_every_task_root(inventory: Path) -> None:
    assert not [path for path in inventory.glob("**/*.yml") if "ansible_become" in path.read_text()]
