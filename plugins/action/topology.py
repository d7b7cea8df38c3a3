# SPDX-License-Identifier: Apache-2.0
"""Reads groups and variables of every host of the inventory; returns the estate topology, or all its mistakes."""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterable, Mapping
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

from ansible import constants as C
from ansible import context
from ansible.errors import AnsibleActionFail, AnsibleError
from ansible.inventory.manager import split_host_pattern
from ansible.module_utils.common.yaml import yaml_load
from ansible.template import Templar
from ansible.utils.display import Display
from ansible.utils.vars import load_extra_vars
from ansible_collections.estate.kafka.plugins.module_utils.estate.components import COMPONENTS
from ansible_collections.estate.kafka.plugins.module_utils.estate.hidden import lost_options, undecided, unread_sections
from ansible_collections.estate.kafka.plugins.module_utils.estate.inventory_files import unread_keys
from ansible_collections.estate.kafka.plugins.module_utils.estate.merged_options import (
    SHOWN,
    merged_options,
    problems_of_selection,
    report,
)
from ansible_collections.estate.kafka.plugins.module_utils.estate.options import load_definitions
from ansible_collections.estate.kafka.plugins.module_utils.estate.problems import Problem, Undefined, render
from ansible_collections.estate.kafka.plugins.module_utils.estate.roles import (
    Role,
    known_options,
    load_roles,
    owner_of,
    wanted_variables,
)
from ansible_collections.estate.kafka.plugins.module_utils.estate.shadows import misplaced, misspelt, shadowed, unread
from ansible_collections.estate.kafka.plugins.module_utils.estate.templates import needs_run, resolved, unknown_host
from ansible_collections.estate.kafka.plugins.module_utils.estate.topology import plan
from ansible_collections.estate.kafka.plugins.module_utils.estate.values import Inventory
from ansible_collections.estate.kafka.plugins.module_utils.secrets import secrets_in
from ansible_collections.estate.kafka.plugins.module_utils.store.catalogue import StoreError
from ansible_collections.estate.kafka.plugins.module_utils.store.store import load_catalogue
from ansible_collections.estate.kafka.plugins.plugin_utils.levels import Levels
from ansible_collections.estate.kafka.plugins.plugin_utils.limit import unknown_parts
from ansible_collections.estate.kafka.plugins.plugin_utils.on_controller import ControllerAction, refusal
from ansible_collections.estate.kafka.plugins.plugin_utils.pki import folder_path
from ansible_collections.estate.kafka.plugins.plugin_utils.rendered import Renderer, trusted
from ansible_collections.estate.kafka.plugins.plugin_utils.written import Spelling, is_vaulted, written_at

ROOT = Path(__file__).resolve().parents[2]
# Groups that an inventory may have variables of, whether it has the group or not.
FILLED_OR_NOT = frozenset({"all", "exercise", *(component.group for component in COMPONENTS)})


class ActionModule(ControllerAction):
    """``estate.kafka.topology``: runs on the controller alone; see the module of that name for its documentation."""

    def answer(self, task_vars: dict[str, Any]) -> dict[str, Any]:
        """Fail once with every problem of the inventory, or return the topology."""
        names: dict[str, Any] = {"type": "list", "elements": "str", "default": []}
        asked = self.options(
            {
                "options": {"type": "str", "default": SHOWN[0], "choices": list(SHOWN)},
                "components": names,
                "hosts": names,
                "table": {"type": "bool", "default": False},
            }
        )
        every = task_vars["hostvars"]
        folders = self._variable_folders(every)
        lost = render(
            [
                *shadowed(folders, C.YAML_FILENAME_EXTENSIONS),
                *misplaced(folders, {*every._inventory.groups, *FILLED_OR_NOT}, C.YAML_FILENAME_EXTENSIONS),
                *unread(folders, {*every._inventory.groups, *FILLED_OR_NOT, *every._inventory.hosts}, C.YAML_FILENAME_EXTENSIONS),
                *misspelt(_inventory_folders(every), every._inventory.hosts, C.YAML_FILENAME_EXTENSIONS),
                *(problem for path in _inventory_files(every) for problem in unread_keys(self._content(path), written_at)),
            ]
        )
        if lost:
            # Nothing else: what stands in files that Ansible does not read would be missing everywhere.
            return _failed(lost)
        roles = load_roles(ROOT)
        wanted = wanted_variables(roles)
        _check_limit(task_vars.get("ansible_limit") or "", every._inventory)
        hosts = list(dict.fromkeys(host for members in task_vars["groups"].values() for host in members))
        hostvars = {host: self._set_by_person(host, every, wanted, roles) for host in hosts}
        command_line = load_extra_vars(self._loader).keys()
        definitions = load_definitions(ROOT, _versions(hostvars))
        alerts = _alerts(hostvars)
        levels = Levels(every._inventory, self._loader, folders)
        outcome = plan(
            task_vars["groups"],
            _cluster_groups(every),
            hostvars,
            roles,
            _shown,
            command_line,
            definitions,
            written_at,
            alerts,
            self._text,
            partial(_place_of, levels, command_line),
            Spelling(self._text).of,
        )
        overruled, doubtful = _hidden(hosts, levels, roles)
        warnings = render([*outcome.warnings, *doubtful])
        for line in warnings:
            Display().warning(line)
        problems = [*render([*overruled, *outcome.problems]), *_unknown_components(_versions(hostvars))]
        if problems:
            return _failed(problems)
        if outcome.topology.get("secured"):
            first = next(host for host, carried in outcome.placement.items() if carried["components"])
            chosen = str(hostvars[first].get("estate_pki_dir") or "")
            outcome.topology["pki"] = folder_path(chosen, every.raw_get(first)["inventory_dir"])
            if hostvars[first].get("estate_ca") == "company":
                outcome.topology["company"] = {
                    "authorities": list(hostvars[first].get("estate_ca_authorities") or ()),
                    "subject": str(hostvars[first].get("estate_ca_subject") or ""),
                }
        result: dict[str, Any] = {
            "changed": False,
            "topology": outcome.topology,
            "placement": outcome.placement,
            "names": [host for host, carried in outcome.placement.items() if carried["components"]],
            "warned": warnings,
            "converted": [
                {"host": host, "variable": name, "value": value}
                for host, values in outcome.converted.items()
                for name, value in values.items()
            ],
        }
        if asked["options"] != "none" and outcome.inventory:
            found, unknown = self._options(outcome.inventory, outcome.topology, every, asked)
            if unknown:
                return {"failed": True, "msg": "\n".join(unknown)}
            result |= {"estate_report": report(found)} if asked["table"] else {"options": found}
        options = known_options(roles)
        rows = result["converted"]
        hidden = sorted({row["variable"] for row in rows if options[row["variable"]].get("no_log") or secrets_in(row["value"])})
        if hidden:
            Display().warning(
                f"The estate topology is not shown: values that may hold secrets were converted in {', '.join(hidden)}. "
                "Write numbers, true and false there without quotes, and lists as lists, to see it."
            )
            result["_ansible_no_log"] = True
        return result

    def _options(
        self, inventory: Inventory, topology: Mapping[str, Any], every: Any, asked: Mapping[str, Any]
    ) -> tuple[dict[str, Any], list[str]]:
        """Return the options that are asked for, and what is wrong with the question."""
        carrying = [host for host, placed in inventory.placed.items() if placed]
        known = [component.role for component in inventory.components if f"{component.role}_config" in inventory.known]
        unknown = [
            *problems_of_selection(asked["hosts"], carrying, "host"),
            *problems_of_selection(asked["components"], known, "component"),
        ]
        renderer = Renderer(self._templar, ROOT, inventory, every.raw_get, {"estate_topology": topology, "hostvars": every})
        rows = merged_options(inventory, asked["options"], renderer, asked["hosts"], asked["components"], is_vaulted)
        return rows, unknown

    def _text(self, path: str) -> str:
        """Return the text of a file, decrypted where it is vaulted; raises OSError and ValueError."""
        Path(path).stat()
        try:
            return str(self._loader.get_text_file_contents(path))
        except AnsibleError as error:
            raise ValueError(str(error)) from error

    def _content(self, path: Path) -> Any:
        """Return what a file of an inventory has; None for one that is in no format of data."""
        try:
            return self._loader.load_from_file(str(path), cache="none")
        except AnsibleError:
            return None

    def _variable_folders(self, every: Any) -> list[Path]:
        """Return the folders in which Ansible looks for group_vars and host_vars: of inventories and of playbooks.

        A play of an imported playbook sees those beside that one, all others those beside the one of the command line.
        """
        sources = [Path(source) for source in every._inventory._sources if isinstance(source, str)]
        started = context.CLIARGS.get("args")
        playbooks = [Path(name) for name in started] if isinstance(started, (list, tuple)) else []
        beside = [path.parent for path in (*sources, *playbooks) if path.is_file()]
        return [*beside, *filter(Path.is_dir, sources), Path(self._loader.get_basedir())]

    def _set_by_person(self, host: str, every: Any, wanted: Callable[[str], bool], roles: Mapping[str, Role]) -> dict[str, Any]:
        """Return the public variables of a host, templates resolved; a role's variables see the role's defaults, as in a run."""
        raw: dict[str, Any] = {**every.raw_get(host), "hostvars": every}
        templars: dict[str, tuple[Templar, dict[str, Any]]] = {}
        values = {}
        for name in filter(wanted, raw):
            owner = owner_of(name, roles)
            if owner not in templars:
                variables = {**(trusted(roles[owner].defaults) if owner in roles else {}), **raw}
                templars[owner] = self._templar.copy_with_new_env(available_variables=variables), variables
            templar, variables = templars[owner]
            values[str(name)] = resolved(raw[name], partial(_template, templar, variables))
        return values


def _hidden(hosts: Iterable[str], levels: Levels, roles: Mapping[str, Role]) -> tuple[list[Problem], list[Problem]]:
    """Return problems and warnings: what people wrote for a host and Ansible does not take."""
    if C.DEFAULT_HASH_BEHAVIOUR == "merge":
        return [], []
    dictionaries = {name for name, option in known_options(roles).items() if option.get("type") == "dict"}
    problems: list[Problem] = []
    warnings: list[Problem] = []
    for host in hosts:
        found = levels.of(host)
        lost, doubtful = lost_options(host, found, dictionaries, written_at)
        problems += [*lost, *undecided(host, found, written_at), *unread_sections(host, found, written_at)]
        warnings += doubtful
    return problems, warnings


def _place_of(levels: Levels, command_line: Container[str], host: str, variable: str) -> str:
    """Return where the variable of a host was written that Ansible takes: true, false and null have no place of their own."""
    if host not in levels.inventory.hosts or variable in command_line:
        # A problem may be of a group; and what a file says of a variable of the command line is not what was found.
        return ""
    found = (key for level in reversed(levels.of(host)) for key in level.variables if key == variable)
    return next(filter(None, map(written_at, found)), "")


def _inventory_folders(every: Any) -> list[Path]:
    """Return the folders of the inventories: an inventory is one, or a file in one."""
    sources = [Path(source) for source in every._inventory._sources if isinstance(source, str)]
    return [path if path.is_dir() else path.parent for path in sources if path.exists()]


def _inventory_files(every: Any) -> list[Path]:
    """Return the files in YAML or JSON that the inventories are read from."""
    sources = [Path(source) for source in every._inventory._sources if isinstance(source, str)]
    files = [path for path in sources if path.is_file()]
    files += [path for folder in filter(Path.is_dir, sources) for path in sorted(folder.iterdir()) if path.is_file()]
    return [path for path in files if path.suffix in C.YAML_FILENAME_EXTENSIONS and path.suffix]


def _check_limit(limit: str, inventory: Any) -> None:
    """Raise AnsibleActionFail for a part of ``--limit`` that names nothing."""

    def hosts_of(pattern: str) -> list[object]:
        return list(inventory.get_hosts(pattern, ignore_limits=True, ignore_restrictions=True))

    sentences = unknown_parts(split_host_pattern(limit), {*inventory.groups, *inventory.hosts}, hosts_of)
    if sentences:
        raise AnsibleActionFail("\n".join(sentences))


def _failed(problems: list[str]) -> dict[str, Any]:
    return refusal("problem(s) in the inventory; no host was changed", problems) | {"problems": problems}


def _shown(value: Any) -> str:
    """Show a value, a vaulted one without the value."""
    if isinstance(value, date):
        return f"{value}, which YAML reads as a date"
    return "a vaulted value" if is_vaulted(value) else repr(value)


def _template(templar: Templar, variables: Mapping[str, Any], value: Any) -> Any:
    if isinstance(value, (int, float)) or value is None or (isinstance(value, str) and not templar.is_possibly_template(value)):
        return value
    if isinstance(value, str) and (host := unknown_host(value, variables["hostvars"])):
        where = f" ({place})" if (place := written_at(value)) else ""
        remedy = "Write the name of a host as the inventory has it"
        return Undefined(f"the inventory has no host {host!r}", remedy=remedy, written=f"{_shown(value)}{where}")
    try:
        return templar.template(value)
    except AnsibleError as error:
        if not isinstance(value, str):  # encrypted
            return Undefined(_reason(error), later=True)
        return Undefined(
            _reason(error),
            later=needs_run(value, variables),
            remedy="Correct it or define what it refers to; mark it as !unsafe if the braces are not meant for Ansible",
            written=_shown(value) + (f" ({place})" if (place := written_at(value)) else ""),
        )


def _reason(error: AnsibleError) -> str:
    """Return the first line of an error, alike for all hosts: where Python ends a recursion differs."""
    return re.sub(r"(maximum recursion depth exceeded).*", r"\1", str(error).splitlines()[0]).rstrip(".")


def _alerts(hostvars: Mapping[str, Mapping[str, Any]]) -> set[str]:
    """Return the names of the toolkit's alerts where an inventory changes some."""
    if not any("prometheus_alerts" in variables for variables in hostvars.values()):
        return set()
    files = [yaml_load(path.read_text(encoding="utf-8")) for path in (ROOT / "roles/prometheus/files/rules").glob("*.yml")]
    rules = [rule for content in files for group in content["groups"] for rule in group["rules"]]
    return {rule["alert"] for rule in rules if "alert" in rule}


def _versions(hostvars: Mapping[str, Mapping[str, Any]]) -> Mapping[str, Any]:
    """Return the versions that the inventory wants instead of the catalogue's; they are those of the whole estate."""
    found = (variables.get("estate_versions") for variables in hostvars.values())
    return next((versions for versions in found if isinstance(versions, Mapping)), {})


def _unknown_components(versions: Mapping[str, Any]) -> list[str]:
    """Return what the catalogue says about the names in ``estate_versions``."""
    try:
        load_catalogue(ROOT / "artifacts", {str(name): "1" for name in versions})
    except StoreError as error:
        return [f"group all: {error}."]
    return []


def _cluster_groups(every: Any) -> dict[str, list[str]]:
    """Return the direct children of kafka_broker with their hosts; the variable 'groups' does not tell who is a child."""
    parent = every._inventory.groups.get("kafka_broker")
    children = parent.child_groups if parent else []
    return {str(group.name): [str(host.name) for host in group.get_hosts()] for group in children}
