# SPDX-License-Identifier: Apache-2.0
"""Shows who must reach whom; see the module of that name for its documentation."""

from __future__ import annotations

import ipaddress
from pathlib import Path
from typing import Any

from ansible_collections.estate.kafka.plugins.module_utils.estate.ports import (
    CLIENTS,
    CONTROLLER,
    OPERATORS,
    connections,
    matrix,
    rules,
)
from ansible_collections.estate.kafka.plugins.plugin_utils.on_controller import ControllerAction


class ActionModule(ControllerAction):
    """``estate.kafka.ports``: runs on the controller alone."""

    def answer(self, task_vars: dict[str, Any]) -> dict[str, Any]:
        """Return the table, and write the rules where a directory is given."""
        networks = {"type": "list", "elements": "str", "default": []}
        options = self.options(
            {
                "topology": {"type": "dict", "required": True},
                "rules_dir": {"type": "path"},
                "clients": networks,
                "operators": networks,
                "controller": networks,
            }
        )
        hostvars = task_vars["hostvars"]
        found = connections(options["topology"], int(task_vars.get("ansible_port") or 22))
        known = {host: _address(hostvars[host]) for host in {one.target for one in found}}
        known |= {CLIENTS: options["clients"], OPERATORS: options["operators"], CONTROLLER: options["controller"]}
        report, written = matrix(found), []
        if options["rules_dir"] and not options["controller"]:
            why = "rules without an address of this controller would lock it out: give controller, such as [10.0.0.5]"
            return {"failed": True, "msg": f"{why}. Nothing was written"}
        if options["rules_dir"]:
            for host, text in rules(found, known).items():
                path = Path(options["rules_dir"]) / f"{host}.nft"
                if not path.is_file() or path.read_text(encoding="utf-8") != text:
                    if failure := self.write(path, text, "ports_rules_dir"):
                        return failure
                    written.append(str(path))
            report += f"\nRules for each host: {options['rules_dir']}/<host>.nft"
        rows = [vars(one) for one in found]
        return {"changed": bool(written), "written": written, "estate_report": report, "connections": rows}


def _address(variables: Any) -> list[str]:
    """Return the address by which the inventory reaches a host, if it is one and no name."""
    try:
        return [str(ipaddress.ip_address(str(variables.get("ansible_host", ""))))]
    except ValueError:
        return []
