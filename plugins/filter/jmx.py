# SPDX-License-Identifier: Apache-2.0
"""Filter ``estate.kafka.jmx_agent``: what the JMX exporter agent adds to a Java component."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from ansible.module_utils.common.yaml import yaml_load
from ansible_collections.estate.kafka.plugins.filter.release import release
from ansible_collections.estate.kafka.plugins.module_utils.formats.yaml_file import yaml_file

DOCUMENTATION = r"""
name: jmx_agent
short_description: Releases, file and Java flag of the JMX exporter agent of one component
version_added: 0.1.0
description:
  - The rules are those of C(roles/<role>/files/jmx-exporter.yml) with the person's options laid over them.
  - C(rules), C(includeObjectNames) and C(excludeObjectNames) of a person stand before the toolkit's; null removes an option.
  - Where the agent is off, or the store could not have it, all lists are empty.
options:
  _input: {description: Releases by component as C(estate_releases) holds them., type: dict, required: true}
  role: {description: Role of the component., type: str, required: true}
  enabled: {description: Whether the component carries the agent., type: bool, required: true}
  left_out: {description: Reasons by component as C(estate_left_out) holds them., type: dict, required: true}
  port: {description: Port of the agent., type: int, required: true}
  directory: {description: Directory of the agent's configuration., type: path, required: true}
  config: {description: Options of the person., type: dict, required: true}
  secured: {description: What P(estate.kafka.secured_agent#filter) returns., type: dict}
  more_rules: {description: Another file of the role whose rules stand before the others., type: str, default: ""}
author: kafka-estate maintainers (!UNKNOWN)
"""

EXAMPLES = r"""
- name: Flags of the agent
  ansible.builtin.debug:
    msg: >-
      {{ (estate_releases | estate.kafka.jmx_agent('zookeeper', true, estate_left_out, 7073, '/etc/zookeeper', {})).flags }}
"""

RETURN = r"""
_value: {description: "Lists C(releases), C(files), C(flags) and C(watch).", type: dict}
"""

ROOT = Path(__file__).resolve().parents[2]
COMPONENT = "jmx-exporter"
HOME = "/opt/jmx-exporter"
# Lists of the agent's file to which a person's entries are added, the person's first.
ADDED = ("includeObjectNames", "excludeObjectNames", "rules")


def jmx_config(own: Mapping[str, Any], config: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options of the agent with a person's laid over them."""
    result = {**own, **config}
    for name in ADDED:
        if config.get(name):
            result[name] = [*config[name], *own.get(name, [])]
    return {name: value for name, value in result.items() if value is not None}


@cache
def _rules(role: str, more: str) -> dict[str, Any]:
    """Return the role's own options of the agent: a task of a host asks for them several times."""
    rules: dict[str, Any] = {}
    for name in filter(None, ("jmx-exporter.yml", more)):
        rules = jmx_config(rules, yaml_load((ROOT / "roles" / role / "files" / name).read_text(encoding="utf-8")))
    return rules


def jmx_agent(
    releases: Mapping[str, Mapping[str, Any]],
    role: str,
    enabled: bool,
    left_out: Mapping[str, str],
    port: int,
    directory: str,
    config: Mapping[str, Any],
    secured: Mapping[str, Any] | None = None,
    more_rules: str = "",
) -> dict[str, list[Any]]:
    """Return releases, files, flags and watched files of the agent; all empty where it is off or left out."""
    if not enabled or COMPONENT in left_out:
        return {"releases": [], "files": [], "flags": [], "watch": []}
    more = secured or {"config": {}, "files": [], "watch": [], "flags": []}
    found = release(releases, COMPONENT, left_out)
    path = f"{directory}/jmx-exporter.yml"
    own = _rules(role, more_rules)
    jar = f"{HOME}/{found['version']}/jmx_prometheus_javaagent-{found['version']}.jar"
    return {
        "releases": [{"release": found, "dest": HOME}],
        # Not among the files whose change makes a restart due: the agent reads its rules anew when it changed.
        "files": [
            {"path": path, "content": yaml_file({**jmx_config(own, config), **more["config"]}), "mode": "0640"}
            | ({"secret": True} if more["config"] else {}),
            *more["files"],
        ],
        "flags": [*more["flags"], f"-javaagent:{jar}={port}:{path}"],
        "watch": list(more["watch"]),
    }


class FilterModule:
    """The filter of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return the filter by name."""
        return {"jmx_agent": jmx_agent}
