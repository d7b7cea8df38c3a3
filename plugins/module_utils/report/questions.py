# SPDX-License-Identifier: Apache-2.0
"""The questions to Prometheus for the plots of the report, and its answers as drawings."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import tzinfo
from typing import Any

from ansible_collections.estate.kafka.plugins.module_utils.report import lines_svg as plots
from ansible_collections.estate.kafka.plugins.module_utils.report.words import Words
from markupsafe import Markup

DISK = 'fstype!~"tmpfs|ramfs|squashfs|iso9660"'
# Name of the plot: its question and the unit of its values.  The name is also that of its title, with plot_ before it.
QUESTIONS: Mapping[str, tuple[str, str]] = {
    "messages": ('sum by (cluster) (rate(kafka_server_brokertopicmetrics_messagesin_total{topic=""}[$window]))', "per_second"),
    "bytes_in": ('sum by (cluster) (rate(kafka_server_brokertopicmetrics_bytesin_total{topic=""}[$window]))', "bytes_per_second"),
    "bytes_out": (
        'sum by (cluster) (rate(kafka_server_brokertopicmetrics_bytesout_total{topic=""}[$window]))',
        "bytes_per_second",
    ),
    "under_replicated": ("sum by (cluster) (kafka_server_replicamanager_underreplicatedpartitions)", "count"),
    "produce": (
        'max by (cluster) (kafka_network_requestmetrics_totaltimems{request="Produce",quantile="0.99"}) / 1000',
        "seconds",
    ),
    "handlers": ("min by (cluster) (kafka_server_kafkarequesthandlerpool_requesthandleravgidle_ratio)", "percent"),
    # Two programs can tell of consumers, under different names.
    "lag": (
        "sum by (cluster, group) (kafka_consumer_group_lag) or sum by (cluster, group) "
        '(label_replace(kafka_consumergroup_lag, "group", "$1", "consumergroup", "(.+)"))',
        "count",
    ),
    "mirror_delay": (
        "max by (target, topic) (kafka_connect_mirror_mirrorsourceconnector_replication_latency_ms_avg) / 1000",
        "seconds",
    ),
    "mirror_rate": (
        "sum by (target, topic) (rate(kafka_connect_mirror_mirrorsourceconnector_records_total[$window]))",
        "per_second",
    ),
    "size": ("sum by (cluster) (kafka_log_log_size)", "bytes"),
    "cpu": ('1 - avg by (host) (rate(node_cpu_seconds_total{mode="idle"}[$window]))', "percent"),
    "memory": ("1 - avg by (host) (node_memory_MemAvailable_bytes / node_memory_MemTotal_bytes)", "percent"),
    "disk": (f"max by (host) (1 - node_filesystem_avail_bytes{{{DISK}}} / node_filesystem_size_bytes{{{DISK}}})", "percent"),
}


def cards(results: Mapping[str, Any], words: Words, zone: tzinfo) -> tuple[list[dict[str, Any]], list[str], list[str]]:
    """Return title, drawing and legend of each plot, the titles of plots without data, and what Prometheus refused."""
    drawn, empty, refused = [], [], []
    for name, (_, unit) in QUESTIONS.items():
        found = results.get(name)
        title = words[f"plot_{name}"]
        if not found:
            continue
        if found["error"]:
            refused.append(f"{title}: {words['plot_error'].format(error=found['error'])}")
            continue
        lines = [plots.Series(" · ".join(one["labels"].values()) or title, one["values"]) for one in found["series"]]
        svg = plots.plot(title, lines, found["start"], found["step"], unit, zone)
        if not svg:
            empty.append(title)
            continue
        legend = [
            {"key": Markup(plots.legend_mark(index)), "name": one.name, "last": plots.shown(plots.last(one.values), unit)}
            for index, one in enumerate(lines[: plots.MAX_LINES])
        ]
        more = found["more"] + max(0, len(lines) - plots.MAX_LINES)
        drawn.append(
            {"title": title, "svg": Markup(svg), "legend": legend, "more": words.count(more, "more_series") if more else ""}
        )
    return drawn, empty, refused
