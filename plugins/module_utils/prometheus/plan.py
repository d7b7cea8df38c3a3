# SPDX-License-Identifier: Apache-2.0
"""What Prometheus asks, and which rules it works with: from the estate topology to its files.  Pure functions."""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from ansible_collections.estate.kafka.plugins.module_utils.estate.components import BY_NAME
from ansible_collections.estate.kafka.plugins.module_utils.security import registry
from ansible_collections.estate.kafka.plugins.module_utils.security.metrics import access

Targets = dict[str, list[dict[str, Any]]]

# Jobs whose targets are asked through the blackbox exporter, and the module of its that asks.
PROBES = {"probe_http": "http", "probe_registry": registry.PROBE, "probe_tls": "tls"}
# Path that answers without an error when the service serves.
HTTP_PATHS = {"schema_registry": "/subjects"}
SECONDS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800, "y": 31536000}


def targets(
    topology: Mapping[str, Any],
    left_out: Collection[str],
    urls: Sequence[str] = (),
    tls: Sequence[str] = (),
) -> Targets:
    """Return the targets of each job, with the labels role, host and, where there is one, cluster.

    ``urls`` and ``tls`` (``host:port``) are further addresses that a person wants asked. What the run left out is no target.
    In a secured estate the dates of every certificate are read that is shown to somebody without one.
    """
    result: Targets = {}
    for row in topology["metrics"]:
        if not _is_left_out(row, left_out):
            # What has neither TLS nor a login is there for its own host alone: the inventory has Prometheus beside it.
            host = "localhost" if topology.get("secured") and "tls" not in row else row["host"]
            result.setdefault(row["component"], []).append(_target(row, f"{host}:{row['port']}"))
    if not _hosts(topology, "blackbox_exporter", left_out):
        return result
    probes: Targets = {job: [] for job in PROBES}
    for row in topology["components"]:
        if row["component"] in HTTP_PATHS and not _is_left_out(row, left_out):
            # One that wants a login is asked with it.
            job = "probe_registry" if row["host"] in registry.hosts(topology) else "probe_http"
            probes[job].append(_target(row, row["url"] + HTTP_PATHS[row["component"]]))
        if str(row.get("url", "")).startswith("https://"):
            probes["probe_tls"].append(_target(row, f"{row['host']}:{row['ports'][0]}"))
    shown = [row for row in topology["metrics"] if "tls" in row]
    probes["probe_tls"] += [_target(row, f"{row['host']}:{row['port']}") for row in shown if not _is_left_out(row, left_out)]
    for name, cluster in topology["clusters"].items():
        for broker in cluster["brokers"] if "client" in cluster else ():
            row = {"component": "kafka_broker", "host": broker["host"], "cluster": name}
            probes["probe_tls"].append(_target(row, f"{broker['host']}:{broker['port']}"))
    probes["probe_tls"] = list({one["targets"][0]: one for one in probes["probe_tls"]}.values())
    probes["probe_http"] += [_probe(url) for url in urls]
    probes["probe_tls"] += [_probe(address) for address in tls]
    return result | {job: listed for job, listed in probes.items() if listed}


def _is_left_out(row: Mapping[str, Any], left_out: Collection[str]) -> bool:
    return bool(set(BY_NAME[row["component"]].artefacts) & set(left_out))


def _target(row: Mapping[str, Any], address: str) -> dict[str, Any]:
    labels = {"role": row["component"], "host": row["host"]}
    if row.get("cluster"):
        labels["cluster"] = row["cluster"]
    return {"targets": [address], "labels": labels}


def _probe(address: str) -> dict[str, Any]:
    place = urlsplit(address if "://" in address else f"//{address}").netloc.rpartition("@")[2]
    host = place.partition("]")[0].lstrip("[") if place.startswith("[") else place.partition(":")[0]
    return {"targets": [address], "labels": {"role": "probe", "host": host or address}}


def _hosts(topology: Mapping[str, Any], component: str, left_out: Collection[str]) -> list[str]:
    """Return the addresses of a component's hosts; none where the run left it out."""
    if set(BY_NAME[component].artefacts) & set(left_out):
        return []
    return [f"{row['host']}:{row['ports'][0]}" for row in topology["components"] if row["component"] == component]


def configuration(
    topology: Mapping[str, Any],
    left_out: Collection[str],
    jobs: Collection[str],
    rules: Collection[str],
    settings: Mapping[str, Any],
    scrape_configs: Sequence[Mapping[str, Any]] = (),
) -> dict[str, Any]:
    """Return prometheus.yml: ``settings`` is its part ``global``, ``rules`` the names of the rule files."""
    alertmanagers = _hosts(topology, "alertmanager", left_out)
    blackbox = _hosts(topology, "blackbox_exporter", left_out)
    result: dict[str, Any] = {"global": {key: value for key, value in settings.items() if value}}
    if alertmanagers:
        asked = {**access(topology, "alertmanager"), "static_configs": [{"targets": alertmanagers}]}
        result["alerting"] = {"alertmanagers": [asked]}
    result["rule_files"] = [f"rules/{name}.yml" for name in rules]
    own = [{**_job(job, blackbox), **access(topology, "blackbox_exporter" if job in PROBES else job)} for job in jobs]
    result["scrape_configs"] = own + [dict(config) for config in scrape_configs]
    return result


def _job(job: str, blackbox: Sequence[str]) -> dict[str, Any]:
    found: dict[str, Any] = {"job_name": job, "file_sd_configs": [{"files": [f"targets/{job}.json"]}]}
    if job in PROBES:
        found |= {
            "metrics_path": "/probe",
            "params": {"module": [PROBES[job]]},
            "relabel_configs": [
                {"source_labels": ["__address__"], "target_label": "__param_target"},
                {"source_labels": ["__address__"], "target_label": "instance"},
                {"target_label": "__address__", "replacement": blackbox[0]},
            ],
        }
    return found


def rule_files(
    own: Mapping[str, Mapping[str, Any]],
    changes: Mapping[str, Mapping[str, Any] | None],
    extra: Mapping[str, Mapping[str, Any]],
    for_scale: float = 1,
    runbooks: str = "",
) -> dict[str, dict[str, Any]]:
    """Return the rule files by name: the toolkit's with a person's changes, and the person's.

    ``changes`` has an alert's name and what differs in it (labels and annotations are laid over, null removes the alert).
    ``for_scale`` shortens how long the toolkit's alerts wait, for a lab. Raises ValueError for what is not there.
    """
    names = {
        rule["alert"] for content in own.values() for group in content["groups"] for rule in group["rules"] if "alert" in rule
    }
    for name in changes:
        if name not in names:
            close = difflib.get_close_matches(name, names, n=1, cutoff=0.5)
            raise ValueError(f"prometheus_alerts: there is no alert {name!r}" + (f"; is {close[0]} meant?" if close else ""))
    if twice := sorted(own.keys() & extra.keys()):
        raise ValueError(f"prometheus_rules: {', '.join(twice)} is the name of a file of the toolkit; choose another")
    return {name: _changed_file(content, changes, for_scale, runbooks) for name, content in own.items()} | {
        name: dict(content) for name, content in extra.items()
    }


def _changed_file(
    content: Mapping[str, Any], changes: Mapping[str, Mapping[str, Any] | None], for_scale: float, runbooks: str
) -> dict[str, Any]:
    groups = []
    for group in content["groups"]:
        rules = [
            _changed(rule, changes.get(rule["alert"]) or {}, for_scale, runbooks) if "alert" in rule else dict(rule)
            for rule in group["rules"]
            if changes.get(rule.get("alert"), {}) is not None
        ]
        if rules:
            groups.append({**group, "rules": rules})
    return {"groups": groups}


def _changed(rule: Mapping[str, Any], change: Mapping[str, Any], for_scale: float, runbooks: str) -> dict[str, Any]:
    result = {**rule, **change}
    for part in ("labels", "annotations"):
        result[part] = {**rule.get(part, {}), **change.get(part, {})}
    if "for" in result and "for" not in change:
        result["for"] = scaled(result["for"], for_scale)
    if runbooks and "runbook_url" not in change.get("annotations", {}):
        page = result["annotations"]["runbook_url"].rpartition("/")[2]
        result["annotations"]["runbook_url"] = f"{runbooks.rstrip('/')}/{page}"
    return result


def scaled(duration: str, factor: float) -> str:
    """Return a duration of Prometheus, such as ``5m`` or ``1h30m``, times a factor.

    Raises ValueError where it is no duration.
    """
    if factor == 1:
        return duration
    parts = re.findall(r"(\d+)(ms|[smhdwy])", duration)
    if "".join(number + unit for number, unit in parts) != duration:
        raise ValueError(f"{duration!r} is no duration such as 5m")
    milliseconds = round(sum(int(number) * SECONDS[unit] for number, unit in parts) * factor * 1000)
    return f"{milliseconds // 1000}s" if milliseconds % 1000 == 0 else f"{milliseconds}ms"
