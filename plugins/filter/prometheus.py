# SPDX-License-Identifier: Apache-2.0
"""Filters for Prometheus: from the estate topology to its targets, its configuration and its rules."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from ansible.errors import AnsibleFilterError
from ansible.module_utils.common.yaml import yaml_load
from ansible_collections.estate.kafka.plugins.module_utils.formats.yaml_file import yaml_file
from ansible_collections.estate.kafka.plugins.module_utils.prometheus import plan

ROOT = Path(__file__).resolve().parents[2]
RULES = ROOT / "roles/prometheus/files/rules"


def own_rules() -> dict[str, Any]:
    """Return the toolkit's rule files by name."""
    return {path.stem: yaml_load(path.read_text(encoding="utf-8")) for path in sorted(RULES.glob("*.yml"))}


def rule_files(extra: Mapping[str, Any], changes: Mapping[str, Any], for_scale: float, runbooks: str) -> dict[str, Any]:
    """Return all rule files by name: the toolkit's, changed, and a person's.

    Raises AnsibleFilterError for rules of another form.
    """
    try:
        return plan.rule_files(own_rules(), changes, extra, for_scale, runbooks)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise AnsibleFilterError(str(error)) from error


def targets(topology: Mapping[str, Any], left_out: Mapping[str, str], urls: Sequence[str], tls: Sequence[str]) -> plan.Targets:
    """Return the targets of each job."""
    return plan.targets(topology, left_out, urls, tls)


def target_items(jobs: plan.Targets, directory: str) -> list[dict[str, Any]]:
    """Return the items of the module ``files`` for the targets of each job."""
    return [
        {"path": f"{directory}/targets/{job}.json", "content": json.dumps(listed, indent=2) + "\n", "mode": "0640"}
        for job, listed in jobs.items()
    ]


def rule_items(files: Mapping[str, Any], directory: str, promtool: str) -> list[dict[str, Any]]:
    """Return the items of the module ``files`` for rule files, each checked by promtool before it is written."""
    return [
        {
            "path": f"{directory}/rules/{name}.yml",
            "content": yaml_file(content),
            "mode": "0640",
            "validate": [promtool, "check", "rules", "%s"],
        }
        for name, content in files.items()
    ]


class FilterModule:
    """The filters of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return the filters by name."""
        return {
            "prometheus_config": plan.configuration,
            "prometheus_rule_items": rule_items,
            "prometheus_rules": rule_files,
            "prometheus_target_items": target_items,
            "prometheus_targets": targets,
        }
