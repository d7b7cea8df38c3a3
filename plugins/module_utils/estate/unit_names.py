# SPDX-License-Identifier: Apache-2.0
"""The systemd units of each component: all that a host must know of the components.  Pure data."""

from __future__ import annotations

from collections.abc import Mapping

UNITS: Mapping[str, tuple[str, ...]] = {
    "zookeeper": ("zookeeper.service",),
    "kafka_controller": ("kafka-controller.service",),
    "kafka_broker": ("kafka.service",),
    "schema_registry": ("schema-registry.service", "schema-registry-proxy.service", "schema-registry-schemas.service"),
    "kafka_connect": ("kafka-connect.service",),
    "elasticsearch": ("elasticsearch.service",),
    "node_exporter": ("node-exporter.service",),
    "kafka_exporter": ("kafka-exporter.service",),
    "elasticsearch_exporter": ("elasticsearch-exporter.service",),
    "prometheus": ("prometheus.service",),
    "alertmanager": ("alertmanager.service",),
    "blackbox_exporter": ("blackbox-exporter.service",),
    "kibana": ("kibana.service",),
    "grafana": ("grafana.service",),
    "cmak": ("cmak.service",),
    "akhq": ("akhq.service",),
}
