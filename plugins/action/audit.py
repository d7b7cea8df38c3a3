# SPDX-License-Identifier: Apache-2.0
"""Judges the security of an estate by what its hosts and ports said; see the module of that name for its documentation."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

from ansible_collections.estate.kafka.plugins.module_utils.audit.judge import assess
from ansible_collections.estate.kafka.plugins.module_utils.health.judge import why_none
from ansible_collections.estate.kafka.plugins.plugin_utils.on_controller import ControllerAction, registered

MAX_CHARACTERS = 200


class ActionModule(ControllerAction):
    """``estate.kafka.audit``: runs on the controller alone."""

    def answer(self, task_vars: dict[str, Any]) -> dict[str, Any]:
        """Return the tables, and write them as JSON; failed unless every statement holds and no port is open."""
        options = self.options(
            {
                "topology": {"type": "dict", "default": {}},
                "register": {"type": "dict", "required": True},
                "path": {"type": "path"},
                "machines": {"type": "list", "elements": "str", "default": []},
            }
        )
        names = options["register"]
        hosts = {host: _told(one, "audit") for host, one in registered(task_vars, names["hosts"]).items()}
        probes = {host: _told(one, "probes") for host, one in registered(task_vars, names["probes"]).items()}
        # Plain values: what Ansible hands over may be lazy or marked.
        plain = json.loads(json.dumps({"topology": options["topology"], "hosts": hosts, "probes": probes}))
        audit = assess(**plain, machines=options["machines"], ssh_port=int(task_vars.get("ansible_port") or 22))
        document, report = audit.document(datetime.now().astimezone()), audit.report()
        if options["path"] and not self._task.check_mode:
            path = Path(options["path"])
            if failure := self.write(path, json.dumps(document, indent=2, ensure_ascii=False) + "\n", "audit_path"):
                return failure
            report += f"\nAs JSON: {path}"
        result = {"changed": False, "estate_report": report, "audit": document}
        if not audit.good:
            result.update(failed=True, msg=f"{audit.verdict}; the tables name each")
        return result


def _told(answer: Any, key: str) -> Any:
    """Return what a host registered under a key, or why there is none."""
    return answer[key] if key in answer else why_none(answer, MAX_CHARACTERS)
