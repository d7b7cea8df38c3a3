"""Writes the report on the controller; see the module of that name for its documentation."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

from ansible.plugins.action import ActionBase
from ansible_collections.estate.kafka.plugins.module_utils.report_page import render

ROOT = Path(__file__).resolve().parents[2]


class ActionModule(ActionBase):  # type: ignore[misc]
    _requires_connection = False
    _supports_check_mode = True

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        result: dict[str, Any] = super().run(tmp, task_vars)
        assert task_vars is not None
        _, options = self.validate_argument_spec(
            argument_spec={
                "topology": {"type": "dict", "required": True},
                "path": {"type": "path", "required": True},
                "language": {"type": "str", "choices": ["en", "ko"], "default": "en"},
                "left_out": {"type": "dict", "default": {}},
            }
        )
        seen: dict[str, Any] = {}
        versions: dict[str, Any] = {}
        clusters: dict[str, Any] = {}
        prometheus: dict[str, Any] = {}
        for host in task_vars["ansible_play_hosts_all"]:
            known = task_vars["hostvars"][host]
            observed = known.get("__report_host", {})
            seen[str(host)] = observed.get("observations") or " ".join(str(observed.get("msg") or "unreachable").split())[:200]
            versions[str(host)] = observed.get("versions", {})
            told = known.get("__report_cluster", {})
            if "kafka_broker_cluster" in known and not told.get("skipped", not told):
                clusters[str(known["kafka_broker_cluster"])] = told.get("details") or str(told.get("msg", ""))
            if "results" in known.get("__report_prometheus", {}):
                prometheus = known["__report_prometheus"]
        has = any(row["component"] == "prometheus" for row in options["topology"]["components"])
        why = "no_prometheus" if not has else "prometheus_not_asked" if not prometheus else ""
        given = {
            "topology": options["topology"],
            "seen": seen,
            "left_out": options["left_out"],
            "versions": versions,
            "clusters": clusters,
            "prometheus": prometheus,
            "no_prometheus": "prometheus_error" if prometheus.get("error") else why,
        }
        given = json.loads(json.dumps(given))
        given |= {"language": options["language"], "now": datetime.now().astimezone()}
        page = render(ROOT / "playbooks" / "templates" / "report.html.j2", given)
        path = Path(options["path"])
        if not self._task.check_mode:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(page, encoding="utf-8")
        return result | {"changed": False, "estate_report": f"Report: {path}"}
