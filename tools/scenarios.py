"""What Molecule scenarios bring up, from their inventories: operating systems of the hosts, and versions of the programs."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ansible.inventory.manager import InventoryManager
from ansible.parsing.dataloader import DataLoader
from ansible.vars.hostvars import HostVars
from ansible.vars.manager import VariableManager

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / ".collections"))

from ansible_collections.estate.kafka.plugins.module_utils.store.catalogue import KINDS, Component, Policy, hosts_of, refusal
from ansible_collections.estate.kafka.plugins.module_utils.store.store import load_catalogue

SHARED = "molecule/shared/inventory"
# Every other scenario has the hosts of its own inventory and the sizes of all.
INVENTORIES = {"site": ("inventories/prod", SHARED), "hosts": ("molecule/hosts/inventory",)}
# Programs that an inventory only names, for others to be configured by, and those that stand-ins play.
NAMED = {
    "consoles": {"kafka", "apicurio-registry", "elasticsearch", "kibana", "grafana", "cmak", "akhq"},
    "exporters": {"elasticsearch"},
}
# What a host's Python imports is no program.
LIBRARIES = {"kafka-client", "students"}


def scenarios() -> list[str]:
    """Return the scenarios, without the second names of one."""
    return sorted(path.parent.name for path in (ROOT / "molecule").glob("*/molecule.yml") if not path.parent.is_symlink())


def hostvars(scenario: str) -> tuple[Mapping[str, list[str]], Mapping[str, Any]]:
    """Return the groups of a scenario's inventory, and each host's variables with their templates resolved."""
    loader = DataLoader()
    sources = INVENTORIES.get(scenario, (SHARED, f"molecule/{scenario}/inventory"))
    inventory = InventoryManager(loader, [str(ROOT / source) for source in sources])
    variables = VariableManager(loader, inventory)
    return inventory.get_groups_dict(), HostVars(inventory, variables, loader)


def systems(groups: Mapping[str, list[str]], hosts: Mapping[str, Any]) -> list[str]:
    """Return the operating systems of the hosts, such as ``Debian 12``."""
    images = {str(hosts[host].get("lab_image")) for host in groups["all"]}
    return sorted({f"Debian {found[1]}" for image in images if (found := re.search(r"debian:(\d+)", image))})


def version(component: Component, policy: Policy) -> str:
    """Return the version of a component that the first allowed source has; empty where none is allowed."""
    source = next((source for source in component.sources if not refusal(source, policy)), None)
    return component.of(source).version if source else ""


def programs(groups: Mapping[str, list[str]], hosts: Mapping[str, Any]) -> dict[str, str]:
    """Return the programs that the hosts get and their versions; what no allowed source has is left out, as by a run."""
    first = hosts[groups["all"][0]]
    policy = Policy(tuple(first.get("estate_artifact_sources") or KINDS), bool(first.get("estate_require_all_artifacts", True)))
    needed = [
        component
        for component in load_catalogue(ROOT / "artifacts", first.get("estate_versions") or {}).values()
        if component.name not in LIBRARIES and hosts_of(component, groups, lambda host, name: hosts[host].get(name))
    ]
    return {component.name: found for component in needed if (found := version(component, policy))}


def installs(scenario: str) -> dict[str, Any]:
    """Return ``hosts`` and ``programs`` of a scenario, as the record of a run has them."""
    groups, hosts = hostvars(scenario)
    found = programs(groups, hosts)
    return {
        "hosts": systems(groups, hosts),
        "programs": {name: found[name] for name in found if name not in NAMED.get(scenario, ())},
    }
