"""What an inventory with every component must set, for a host that has all of them."""

from __future__ import annotations

from typing import Any

REQUIRED: dict[str, Any] = {
    "zookeeper_id": 1,
    "kafka_broker_id": 1,
    "kafka_broker_cluster": "main",
    "kafka_broker_chroot": "/kafka",
    "kafka_broker_default_replication_factor": 1,
    "kafka_broker_min_insync_replicas": 1,
    "kafka_connect_cluster": "main",
    "kafka_connect_replication_factor": 1,
    "kafka_exporter_cluster": "main",
    "schema_registry_cluster": "main",
    "schema_registry_replication_factor": 1,
    **dict.fromkeys(("grafana_admin_password", "cmak_password", "akhq_password"), "not-a-known-one"),
}
