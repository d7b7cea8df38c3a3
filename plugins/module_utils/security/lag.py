# SPDX-License-Identifier: Apache-2.0
"""The profile ``secured`` of Kafka exporters: their login at the brokers, with the rights it needs.  Pure.

No implementation asks for a login at its own port, so that is there for the exporter's host alone, which is that of Prometheus.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.estate.kafka.plugins.module_utils.formats.properties import properties
from ansible_collections.estate.kafka.plugins.module_utils.security.passwords import variable_of
from ansible_collections.estate.kafka.plugins.module_utils.security.profile import (
    OWN,
    SCRAM,
    authority,
    pem_item,
    tls_folder,
)

PRINCIPAL = f"{OWN}kafka-exporter"
# What each implementation asks the brokers for: it lists groups, or reads the topic in which they keep them.
RIGHTS = {
    "kafka_exporter": [("topic", "*", ["describe"]), ("group", "*", ["describe"])],
    "consumer_group_exporter": [("topic", "*", ["describe"]), ("topic", "__consumer_offsets", ["read"])],
}
# One server of HTTP for all addresses is what that program starts, whatever it is told.
ON_LOOPBACK = (
    "import functools, prometheus_kafka_consumer_group_exporter as exporter; "
    "exporter.start_http_server = functools.partial(exporter.start_http_server, addr='127.0.0.1'); exporter.main()"
)


def _exporters(topology: Mapping[str, Any]) -> Mapping[str, Any]:
    found: Mapping[str, Any] = topology.get("kafka_exporters", {})
    return found


def users(topology: Mapping[str, Any], cluster: str) -> list[dict[str, str]]:
    """Return the user with which the exporter of a cluster logs in, as an item of ``kafka_users``; [] without one."""
    return [{"name": PRINCIPAL}] if cluster in _exporters(topology) else []


def rights(topology: Mapping[str, Any], cluster: str) -> list[dict[str, Any]]:
    """Return the least rights of this user, as items of ``kafka_acls``."""
    if cluster not in _exporters(topology):
        return []
    return [
        {"principal": f"User:{PRINCIPAL}", "operations": operations, "resource_type": kind, "resource_name": name}
        for kind, name, operations in RIGHTS[_exporters(topology)[cluster]["implementation"]]
    ]


def exporter(
    topology: Mapping[str, Any], cluster: str, directory: str, user: str, passwords: Mapping[str, str]
) -> dict[str, Any]:
    """Return what an exporter has more: ``flags``, ``words`` after them, ``files``, ``watch``, ``address`` and ``python``.

    ``address`` is the one that it is asked at, ``python`` how the implementation in Python is started. ``directory`` is that of
    the exporter's files, ``passwords`` are by variable. In an open estate all of it is empty.
    """
    if cluster not in _exporters(topology):
        return {"flags": {}, "words": [], "files": [], "watch": [], "address": "", "python": []}
    ca = pem_item(f"{directory}/listeners-ca.pem", authority(cluster, "listeners"))
    password = passwords.get(variable_of(cluster, PRINCIPAL), "")
    login = {"path": f"{directory}/login", "owner": user, "mode": "0400", "secret": True}
    if _exporters(topology)[cluster]["implementation"] == "consumer_group_exporter":
        login["content"] = properties(
            {
                "security.protocol": "SASL_SSL",
                "ssl.cafile": ca["path"],
                "sasl.mechanism": SCRAM,
                "sasl.plain.username": PRINCIPAL,
                "sasl.plain.password": password,
                # It ends where a broker is not done with TLS and the login in this time, which is 2 s else.
                "api.version.auto.timeout.ms": 30000,
            }
        )
        flags: dict[str, Any] = {"consumer-config": login["path"]}
        words: list[str] = []
    else:
        # A word of the command line that begins so stands for the lines of a file.
        login["content"], words = f"--sasl.password={password}\n", [f"@{login['path']}"]
        flags = {
            "tls.enabled": True,
            "tls.ca-file": ca["path"],
            "sasl.enabled": True,
            "sasl.mechanism": "scram-sha512",
            "sasl.username": PRINCIPAL,
        }
    return {
        "flags": flags,
        "words": words,
        "files": [tls_folder(directory), ca, login],
        "watch": [ca["path"], login["path"]],
        "address": "127.0.0.1",
        "python": ["-c", ON_LOOPBACK],
    }
