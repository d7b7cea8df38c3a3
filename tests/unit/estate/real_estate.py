"""The project's own roles, options and inventories, read once for all tests of a process."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

from ansible.inventory.manager import InventoryManager
from ansible.parsing.dataloader import DataLoader
from ansible.vars.manager import VariableManager
from ansible_collections.estate.kafka.plugins.action.topology import _cluster_groups
from ansible_collections.estate.kafka.plugins.module_utils.estate.options import load_definitions
from ansible_collections.estate.kafka.plugins.module_utils.estate.roles import load_roles, wanted_variables
from ansible_collections.estate.kafka.plugins.module_utils.estate.topology import Plan, plan

ROOT = Path(__file__).resolve().parents[3]
ROLES = load_roles(ROOT)
DEFINITIONS = load_definitions(ROOT)


def read(inventory: Path) -> tuple[InventoryManager, dict[str, dict[str, Any]]]:
    """Return an inventory and the variables of its hosts, as Ansible reads them from its folder."""
    loader = DataLoader()
    manager = InventoryManager(loader=loader, sources=[str(inventory)])
    variables = VariableManager(loader=loader, inventory=manager)
    return manager, {str(host.name): variables.get_vars(host=host) for host in manager.get_hosts()}


def real_plan(inventory: Path) -> Plan:
    """Return what is made of an inventory's folder, without Ansible running."""
    manager, found = read(inventory)
    wanted = wanted_variables(ROLES)
    hostvars = {host: {name: value for name, value in variables.items() if wanted(name)} for host, variables in found.items()}
    return plan(manager.get_groups_dict(), _cluster_groups(SimpleNamespace(_inventory=manager)), hostvars, ROLES)
