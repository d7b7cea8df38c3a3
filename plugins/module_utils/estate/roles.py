# SPDX-License-Identifier: Apache-2.0
"""The public variables of all roles, from their defaults and argument specs."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from ansible.module_utils.common.yaml import yaml_load
from ansible_collections.estate.kafka.plugins.module_utils.estate.components import (
    COMPONENTS,
    PREFLIGHT_OPTIONS,
    REMOVED,
)
from ansible_collections.estate.kafka.plugins.module_utils.estate.variables import ESTATE_OPTIONS, EXERCISE_OPTIONS

# How much a variable must be like one of the toolkit's for that to be the one that was meant.
CLOSE = 0.88
# Of Ansible's own variables, those that say which machine a host is, and how tasks run there.
LOGIN = frozenset(
    (
        *("ansible_connection", "ansible_host", "ansible_port", "ansible_become", "ansible_python_interpreter"),
        *("ansible_ssh_common_args", "ansible_ssh_executable", "ansible_ssh_extra_args"),
    )
)
Options = dict[str, dict[str, Any]]
# What a role writes, in its vars: a path of its own, or one below a directory that a variable names. No address of a probe.
WRITTEN = re.compile(r"\bpath: \"?((?:\{\{ [a-z]\w*_dir \}\}|/(?:etc|opt|usr|var)/)[^\",{}\n]*)")
PRIVATE = re.compile(r"^(_\w+): \"(\{\{ \w+_dir \}\}[^\"{}]*)\"$", re.MULTILINE)
UNIT = re.compile(r"^_\w+_component:\n  name: (\S+)$", re.MULTILINE)


@dataclass(frozen=True)
class Role:
    """The public variables of a role."""

    name: str
    defaults: Mapping[str, Any]
    options: Options
    # Paths that it writes, as its vars name them, with variables of directories in double braces; those of filters are not there.
    paths: tuple[str, ...] = ()
    # Name of its service without ``.service``.
    unit: str = ""


def load_roles(root: Path) -> dict[str, Role]:
    """Read defaults and argument specs of every role under ``root``/roles."""
    roles = {}
    for folder in sorted(path for path in (root / "roles").iterdir() if (path / "meta/argument_specs.yml").is_file()):
        specs = _yaml(folder / "meta/argument_specs.yml").get("argument_specs") or {}
        options: Options = {}
        for entry_point, spec in specs.items():
            for name, option in (spec.get("options") or {}).items():
                # What another entry point requires is given by the role that includes it, not by the inventory.
                options[name] = option if entry_point == "main" else {**option, "required": False}
        path = folder / "vars/main.yml"
        text = path.read_text(encoding="utf-8") if path.is_file() else ""
        unit = match[1] if (match := UNIT.search(text)) else ""
        for name, value in reversed(PRIVATE.findall(text)):
            text = text.replace(f"{{{{ {name} }}}}", value)
        written = tuple(found.strip() for found in WRITTEN.findall(text))
        roles[folder.name] = Role(folder.name, _yaml(folder / "defaults/main.yml"), options, written, unit)
    return roles


def _yaml(path: Path) -> dict[str, Any]:
    if not path.is_file():
        return {}
    with path.open(encoding="utf-8") as stream:
        return yaml_load(stream) or {}


def wanted_variables(roles: Mapping[str, Role]) -> Callable[[str], bool]:
    """Return a test for the names of variables that :func:`plan` needs to see."""
    known = known_options(roles)
    prefixes = tuple(f"{name}_" for name in (*roles, *(component.role for component in COMPONENTS), "preflight"))
    suspects = re.compile(r"^(estate|kafka|zookeeper|schema|elastic|security|connect|mirror)", re.IGNORECASE)
    looked: dict[str, bool] = {}

    def close(name: str) -> bool:
        # Ansible's own are many, and nobody's mistake here.
        if name not in looked:
            looked[name] = not name.startswith(("ansible_", "_")) and bool(get_close_matches(name, known, n=1, cutoff=CLOSE))
        return looked[name]

    return lambda name: (
        name in known
        or name in REMOVED
        or name in LOGIN
        or name.startswith(prefixes)
        or bool(suspects.match(name))
        or bool(meant(name, known))
        or close(name)
    )


# What people and other roles call the components, with this project's beginnings of names; the first that leads to a variable.
ALIASES = (
    ("kafka_", ("kafka_broker_",)),
    ("broker_", ("kafka_broker_",)),
    ("connect_", ("kafka_connect_",)),
    ("controller_", ("kafka_controller_",)),
    ("registry_", ("schema_registry_",)),
    ("zk_", ("zookeeper_", "zookeeper_client_")),
    ("es_", ("elasticsearch_",)),
    ("elastic_", ("elasticsearch_",)),
)


def meant(variable: str, known: Collection[str]) -> str:
    """Return the variable of this project that has another beginning, or other letters, in an inventory; '' for none."""
    name = variable.lower().replace("-", "_").replace(".", "_")
    if name in known:
        return name if name != variable else ""
    for alias, beginnings in ALIASES:
        for beginning in beginnings if name.startswith(alias) else ():
            if (other := beginning + name.removeprefix(alias)) in known:
                return other
    return ""


def owner_of(variable: str, roles: Iterable[str]) -> str:
    """Return the role, or `preflight`, to which a variable belongs by its name; '' for none."""
    return max((role for role in (*roles, "preflight") if variable.startswith(f"{role}_")), key=len, default="")


def known_options(roles: Mapping[str, Role]) -> Options:
    options: Options = {**PREFLIGHT_OPTIONS, **ESTATE_OPTIONS, **EXERCISE_OPTIONS}
    for component in COMPONENTS:
        options.update({name: {"type": "raw"} for name in component.required})
    for role in roles.values():
        options.update({name: {"type": "raw"} for name in role.defaults} | role.options)
    return options
