# SPDX-License-Identifier: Apache-2.0
"""Judges the security of an estate by what its hosts and ports said; see the module of that name for its documentation."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

from ansible.plugins.action import ActionBase
from ansible_collections.estate.kafka.plugins.module_utils.audit.judge import assess
from ansible_collections.estate.kafka.plugins.module_utils.health.judge import why_none

MOST_CHARACTERS = 200


class ActionModule(ActionBase):  # type: ignore[misc]
    """``estate.kafka.audit``: runs on the controller alone."""

    _requires_connection = False
    _supports_check_mode = True

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Return the tables, and write them as JSON; failed unless every statement holds and no port is open."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        task_vars = task_vars or {}
        _, options = self.validate_argument_spec(
            argument_spec={
                "topology": {"type": "dict", "default": {}},
                "register": {"type": "dict", "required": True},
                "path": {"type": "path"},
                "machines": {"type": "list", "elements": "str", "default": []},
            }
        )
        known = {str(host): task_vars["hostvars"][host] for host in task_vars["ansible_play_hosts_all"]}
        names = options["register"]
        hosts = {host: _told(one.get(names["hosts"], {}), "audit") for host, one in known.items()}
        probes = {host: _told(one.get(names["probes"], {}), "probes") for host, one in known.items()}
        # Plain values: what Ansible hands over may be lazy or marked.
        plain = json.loads(json.dumps({"topology": options["topology"], "hosts": hosts, "probes": probes}))
        audit = assess(**plain, machines=options["machines"], ssh_port=int(task_vars.get("ansible_port") or 22))
        document, report = audit.document(datetime.now().astimezone()), audit.report()
        if options["path"] and not self._task.check_mode:
            path = Path(options["path"])
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
            except OSError as error:
                return result | {"failed": True, "msg": f"{path}: {error.strerror}; give another audit_path"}
            report += f"\nAs JSON: {path}"
        result.update(changed=False, estate_report=report, audit=document)
        if not audit.good:
            result.update(failed=True, msg=f"{audit.verdict}; the tables name each")
        return result


def _told(answer: Any, key: str) -> Any:
    """Return what a host registered under a key, or why there is none."""
    return answer[key] if key in answer else why_none(answer, MOST_CHARACTERS)
