#!/usr/bin/python
# SPDX-License-Identifier: Apache-2.0
"""Looks at the broker and the controller of one host for a migration from ZooKeeper, or puts a controller away."""

from __future__ import annotations

DOCUMENTATION = r"""
module: migration_host
short_description: Phase of the nodes of one host between ZooKeeper and controllers
version_added: 0.2.0
description:
  - Returns for each broker and controller of the host the phase that stands in its file and the one that its process was started
    in, and of a controller whether its directory is formatted and its log tells that it has copied all metadata.
  - With O(put_away) the host's controller is stopped and disabled, and its unit, file, directory and logs get another name, so
    that no start and no other run brings it back. Nothing is deleted.
options:
  components:
    description: What the host carries, as preflight has it - name, data directories, and where the phase is found.
    type: list
    elements: dict
    required: true
  put_away: {description: Stop the controller of this host and put its file and its data aside., type: bool, default: false}
extends_documentation_fragment: [estate.kafka.attributes, ansible.builtin.action_common_attributes]
attributes:
  diff_mode: {support: none}
author: kafka-estate maintainers (!UNKNOWN)
"""

EXAMPLES = r"""
- name: Look at the nodes
  estate.kafka.migration_host:
    components: "{{ __preflight_topology.placement[inventory_hostname].components }}"
  register: __migrate_host
"""

RETURN = r"""
nodes:
  description: What was found, by component.
  type: dict
  returned: always
  sample: {kafka_broker: {written: migration, running: migration, data: "", copied: false, stray: []}}
moved: {description: Paths that have another name now., type: list, elements: str, returned: with O(put_away)}
"""

import time
from pathlib import Path
from typing import Any

from ansible_collections.estate.kafka.plugins.module_utils.host.mark import heard_of
from ansible_collections.estate.kafka.plugins.module_utils.host.unit import RUNS, Unit
from ansible_collections.estate.kafka.plugins.module_utils.kafka.migration.node import PUT_AWAY, copied, phases, stray
from ansible_collections.estate.kafka.plugins.module_utils.kafka.storage import look
from ansible_collections.estate.kafka.plugins.module_utils.module import EstateModule

CONTROLLER = "kafka_controller"
UNITS = Path("/etc/systemd/system")


def node(row: dict[str, Any]) -> dict[str, Any]:
    """Return what is found of one component."""
    found: dict[str, Any] = {**phases(row["phase"]), "data": "", "copied": False, "stray": []}
    if row["component"] == CONTROLLER:
        storage = look(row["data_dirs"][0])
        found["data"] = "started" if storage.started else "formatted" if storage.formatted else ""
        found["copied"] = copied(row["phase"]["log"])
    else:
        found["stray"] = stray(row["data_dirs"])
    return found


def put_away(module: EstateModule, row: dict[str, Any]) -> tuple[bool, list[str]]:
    """Stop a controller and give its file and its data, and the logs that speak of them, other names."""
    unit = Unit(module, row["phase"]["unit"], [])
    before = unit.properties()
    runs = before["ActiveState"] in RUNS
    enabled = before["UnitFileState"] == "enabled"
    log = Path(row["phase"]["log"])
    paths = [
        UNITS / f"{unit.name}.service",
        Path(row["phase"]["file"]),
        *map(Path, row["data_dirs"]),
        *sorted(log.parent.glob(f"{log.name}*")),
    ]
    paths = [path for path in paths if path.exists() and PUT_AWAY not in path.name and (path.is_file() or any(path.iterdir()))]
    if module.check_mode:
        return runs or enabled or bool(paths), [str(path) for path in paths]
    heard_of()
    if runs:
        unit.systemctl("stop", unit.name)
    if enabled:
        unit.systemctl("disable", unit.name)
    mark = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
    for path in paths:
        if path.is_mount():
            module.fail_json(
                msg=f"{path}: a file system of its own, which cannot get another name. The controller is stopped; move what is "
                "in it to another place, and run again"
            )
        path.rename(path.with_name(f"{path.name}{PUT_AWAY}{mark}"))
    if paths:
        unit.systemctl("daemon-reload")
    return runs or enabled or bool(paths), [str(path) for path in paths]


def main() -> None:
    """Entry point of the module."""
    module = EstateModule(
        argument_spec={
            "components": {"type": "list", "elements": "dict", "required": True},
            "put_away": {"type": "bool", "default": False},
        },
        supports_check_mode=True,
    )
    rows = {row["component"]: row for row in module.params["components"] if row.get("phase")}
    changed = False
    moved: list[str] = []
    if module.params["put_away"] and CONTROLLER in rows:
        changed, moved = put_away(module, rows[CONTROLLER])
    nodes = {name: node(row) for name, row in rows.items()}
    module.exit_json(changed=changed, nodes=nodes, **({"moved": moved} if module.params["put_away"] else {}))


if __name__ == "__main__":
    main()
