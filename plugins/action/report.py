# SPDX-License-Identifier: Apache-2.0
"""Writes the report on the controller; see the module of that name for its documentation."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from ansible_collections.estate.kafka.plugins.module_utils.health.judge import observed, why_none
from ansible_collections.estate.kafka.plugins.module_utils.report.page import render
from ansible_collections.estate.kafka.plugins.plugin_utils.on_controller import ControllerAction

TEMPLATE = Path(__file__).resolve().parents[2] / "templates" / "report.html.j2"
MAX_CHARACTERS = 300


class ActionModule(ControllerAction):
    """``estate.kafka.report``: runs on the controller alone."""

    def answer(self, task_vars: dict[str, Any]) -> dict[str, Any]:
        """Write the page."""
        options = self.options(
            {
                "topology": {"type": "dict", "required": True},
                "register": {"type": "dict", "required": True},
                "prometheus_url": {"type": "str", "default": ""},
                "hours": {"type": "float", "default": 6},
                "path": {"type": "path", "required": True},
                "language": {"type": "str", "choices": ["en", "ko"], "default": "en"},
                "left_out": {"type": "dict", "default": {}},
                "may_lack": {"type": "bool", "default": False},
                "audit_path": {"type": "path"},
            }
        )
        hosts = [str(host) for host in task_vars["ansible_play_hosts_all"]]
        known = {host: task_vars["hostvars"][host] for host in hosts}
        told = gathered(known, options["register"], options["prometheus_url"]) | last_audit(options["audit_path"])
        # Plain values: what Ansible hands over may be lazy or marked.
        given = json.loads(
            json.dumps({key: options[key] for key in ("topology", "left_out", "may_lack", "hours", "language")} | told)
        )
        page = render(TEMPLATE.read_text(encoding="utf-8"), given | {"now": datetime.now().astimezone()})
        path = Path(options["path"])
        if self._task.check_mode:
            return {"changed": False, "estate_report": f"Report: not written in check mode; it would be {path}"}
        return self.write(path, page, "report_path") or {"changed": False, "estate_report": f"Report: {path}"}


def last_audit(path: str | None) -> dict[str, Any]:
    """Return what the last audit wrote, or why that cannot be read; without a file there was none."""
    if not path or not Path(path).is_file():
        return {"audit": {}, "audit_error": ""}
    try:
        document = json.loads(Path(path).read_text(encoding="utf-8"))
        missing = {"hosts", "statements", "ports", "unreachable", "written", "good", "has_matrix"} - document.keys()
    except (OSError, ValueError, AttributeError) as error:
        return {"audit": {}, "audit_error": f"{path}: {error}"}
    return {"audit": {} if missing else document, "audit_error": f"{path}: no {', '.join(sorted(missing))}" if missing else ""}


def gathered(known: Mapping[str, Mapping[str, Any]], names: Mapping[str, str], prometheus_url: str) -> dict[str, Any]:
    """Return what the tasks of the playbook registered, by host and by cluster."""
    seen: dict[str, Any] = {}
    versions, systems, clusters, prometheus = {}, {}, {}, {}
    for host, variables in known.items():
        answer = variables.get(names["hosts"], {})
        seen[host] = observed(answer, MAX_CHARACTERS)
        versions[host], systems[host] = answer.get("versions", {}), answer.get("system", "")
        told = variables.get(names["clusters"], {})
        if told and not told.get("skipped") and "kafka_broker_cluster" in variables:
            clusters[str(variables["kafka_broker_cluster"])] = told.get("details") or why_none(told, MAX_CHARACTERS)
        answer = variables.get(names["prometheus"], {})
        if "results" in answer:
            prometheus = {key: answer[key] for key in ("error", "alerts", "results", "version")}
        elif answer.get("msg") and not answer.get("unreachable"):
            prometheus = {"error": why_none(answer, MAX_CHARACTERS)}
    why = "prometheus_error" if prometheus.get("error") else "" if prometheus else "prometheus_not_asked"
    return {
        "seen": seen,
        "versions": versions,
        "systems": systems,
        "clusters": clusters,
        "prometheus": prometheus,
        "no_prometheus": why if prometheus_url else "no_prometheus",
    }
