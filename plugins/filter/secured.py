# SPDX-License-Identifier: Apache-2.0
"""Filters that give what the profile ``secured`` adds to a component; see ``module_utils/security/profile.py``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ansible.errors import AnsibleFilterError
from ansible_collections.estate.kafka.plugins.filter.client import java_client
from ansible_collections.estate.kafka.plugins.module_utils.formats.properties import properties
from ansible_collections.estate.kafka.plugins.module_utils.kafka.still_open import told
from ansible_collections.estate.kafka.plugins.module_utils.security import consoles, exercise, lag, metrics, mirrors, search
from ansible_collections.estate.kafka.plugins.module_utils.security import registry as registries
from ansible_collections.estate.kafka.plugins.module_utils.security.connect import CLIENTS, worker
from ansible_collections.estate.kafka.plugins.module_utils.security.passwords import with_passwords
from ansible_collections.estate.kafka.plugins.module_utils.security.profile import zookeeper
from ansible_collections.estate.kafka.plugins.module_utils.security.quorum import broker, controller
from ansible_collections.estate.kafka.plugins.module_utils.security.services import rights, users
from ansible_collections.estate.kafka.plugins.module_utils.security.stages import cluster_in_stage, ensemble_in_stage

# Of a file of Quarkus: over those that come inside the release.
ORDINAL = 275


def connect(
    topology: Mapping[str, Any], group: str, host: str, directory: str, user: str, passwords: Mapping[str, str]
) -> dict[str, Any]:
    """Return what a worker has more; its login stands among the options, for itself and for the clients of its connectors."""
    found = worker(topology, group, host, directory, user, passwords)
    if found["files"]:
        for service in (registries, search):
            found["files"] += service.for_workers(topology, directory, user, passwords)
    login = java_client(found.pop("login"))
    return found | {"options": {**found["options"], **{f"{side}{name}": login[name] for side in CLIENTS for name in login}}}


def registry(
    topology: Mapping[str, Any], host: str, cluster: str, directory: str, user: str, passwords: Mapping[str, str]
) -> dict[str, Any]:
    """Return what a registry has more; what is secret of its login stands in a file of its own."""
    found = registries.registry(topology, host, cluster, directory, user, passwords)
    login = {f"apicurio.kafka.common.{name}": value for name, value in java_client(found["login"]).items()}
    secret = {name: login.pop(name) for name in list(login) if name.endswith("jaas.config")}
    files = list(found["files"])
    if secret:
        # Over the properties that come inside the release, as the other file.
        content = properties({"config_ordinal": ORDINAL, **secret})
        files.append({"path": found["secret"], "content": content, "owner": user, "mode": "0400", "secret": True})
    return {**found, "options": login, "files": files, "locations": [found["secret"]] if secret else []}


def listener(
    topology: Mapping[str, Any], component: str, host: str, directory: str, user: str, passwords: Mapping[str, str]
) -> dict[str, Any]:
    """Return what a program that serves metrics has more.

    Raises AnsibleFilterError where the controller lacks bcrypt.
    """
    try:
        return metrics.listener(topology, component, host, directory, user, passwords)
    except ImportError as error:
        raise AnsibleFilterError(
            "The controller lacks the Python package bcrypt, without which no password of exporters, Prometheus and Alertmanager "
            "can be written: install the packages of requirements.lock, or bcrypt alone"
        ) from error


class FilterModule:
    """The filters of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return each filter by the name it has in templates."""
        return {
            "cluster_in_stage": cluster_in_stage,
            "ensemble_in_stage": ensemble_in_stage,
            "secured_agent": metrics.agent,
            "secured_broker": broker,
            "secured_connect": connect,
            "secured_controller": controller,
            "secured_exercise": exercise.exercise,
            "secured_mirrors": mirrors.files,
            "secured_registry": registry,
            "secured_grafana": consoles.grafana,
            "secured_kafka_exporter": lag.exporter,
            "secured_metrics": listener,
            "secured_registry_probe": registries.probe,
            "secured_rights": rights,
            "secured_scraper": metrics.scraper,
            "secured_users": users,
            "secured_zookeeper": zookeeper,
            "still_open": told,
            "with_passwords": with_passwords,
        }
