# SPDX-License-Identifier: Apache-2.0
"""Whether what people wrote has a form in the files of a component, as the roles' own writers say.  Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

from ansible_collections.estate.kafka.plugins.module_utils.estate.conversion import undefined_in
from ansible_collections.estate.kafka.plugins.module_utils.estate.problems import Found
from ansible_collections.estate.kafka.plugins.module_utils.estate.values import Inventory
from ansible_collections.estate.kafka.plugins.module_utils.formats.hocon import hocon
from ansible_collections.estate.kafka.plugins.module_utils.formats.ini import ini
from ansible_collections.estate.kafka.plugins.module_utils.formats.lines import lines
from ansible_collections.estate.kafka.plugins.module_utils.formats.properties import properties
from ansible_collections.estate.kafka.plugins.module_utils.formats.systemd import flags, unit_paths, unit_text, unit_words
from ansible_collections.estate.kafka.plugins.module_utils.formats.yaml_file import yaml_file

Write = Callable[[Any], object]

# The writer that a role's vars hand the options of <role>_config and the levels over it to.
OPTIONS: dict[str, Write] = {
    "akhq": yaml_file,
    "alertmanager": yaml_file,
    "blackbox_exporter": yaml_file,
    "cmak": hocon,
    "elasticsearch": yaml_file,
    "elasticsearch_exporter": flags,
    "grafana": ini,
    "kafka_broker": properties,
    "kafka_connect": properties,
    "kafka_controller": properties,
    "kafka_exporter": flags,
    "kibana": yaml_file,
    "node_exporter": flags,
    "prometheus": yaml_file,
    "schema_registry": properties,
    "zookeeper": properties,
}
# Elasticsearch reads the flags of its Java from a file; those of all others stand in the unit.
FLAGS: dict[str, Write] = {"elasticsearch": lines}
# Every unit has these, beside the paths.
NAMES = ("user", "group")


def check_forms(inventory: Inventory) -> None:
    """Tell the inventory each option, flag, path and name that its component's files do not hold."""
    told = {(problem.host, problem.variable) for problem in inventory.problems}
    for host, components in inventory.placed.items():
        for role in (component.role for component in components):
            for place, error in _refused(inventory, host, role):
                if (host, place) not in told:
                    found = Found(f"what its file does not hold ({error})")
                    inventory.problem(host, place, found, "Write it in another way, or leave it out")


def _refused(inventory: Inventory, host: str, role: str) -> Iterator[tuple[str, str]]:
    """Yield the variable, or the place in it, and what the writer says, which names no value."""
    known = inventory.roles[role].options

    def value(name: str) -> Any:
        return inventory.value(host, f"{role}_{name}", may_need_facts=True) if f"{role}_{name}" in known else None

    if write := OPTIONS.get(role):
        for option, setting in inventory.options(host, role).items():
            if error := _error(write, option, setting):
                yield f"{inventory.level_of(host, role, str(option))}.{option}", error
    for option, setting in (value("log4j_config") or {}).items():
        if error := _error(properties, option, setting):
            yield f"{role}_log4j_config.{option}", error
    for number, flag in enumerate(value("jvm_flags") or ()):
        if not undefined_in(flag) and (error := _says(FLAGS.get(role, unit_words), [flag])):
            yield f"{role}_jvm_flags[{number}]", error
    for name in NAMES:
        if isinstance(text := value(name), str) and (error := _says(partial(unit_text, setting=name), text)):
            yield f"{role}_{name}", error
    for variable in (name for name, option in known.items() if option.get("type") == "path"):
        path = inventory.value(host, variable, may_need_facts=True)
        if isinstance(path, str) and (error := _says(unit_paths, [path])):
            yield variable, error


def _error(write: Write, option: Any, setting: Any) -> str:
    # A null leaves the option out; what only the run knows is judged there.
    return "" if setting is None or undefined_in(setting) else _says(write, {option: setting})


def _says(write: Write, value: Mapping[Any, Any] | list[Any] | str) -> str:
    try:
        write(value)
    except ValueError as error:
        return str(error)
    return ""
