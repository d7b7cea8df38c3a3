# SPDX-License-Identifier: Apache-2.0
"""The profile ``secured`` of clusters without ZooKeeper: controllers, and what their brokers have otherwise.  Pure.

Controllers stand behind the same authority as the port between brokers: whoever has no certificate of it is refused in the
handshake, by both.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.estate.kafka.plugins.module_utils.security import profile
from ansible_collections.estate.kafka.plugins.module_utils.security.profile import (
    BROKER,
    CONTROLLER,
    NOTHING,
    PROTOCOLS,
    SUITES,
    TOOLKIT,
    TOOLKIT_DIR,
    Item,
    authority,
    issuer_item,
    pem_item,
    tls_folder,
)

LISTENER = "CONTROLLER"
# Who was refused what is logged at INFO, whatever level the rest of the node has.
AUTHORIZER_LOG = {"logger.authorizer.name": "kafka.authorizer.logger", "logger.authorizer.level": "INFO"}
# Who may do everything, on brokers and controllers alike, by the names of their certificates.
RULES = {"broker-[0-9]+": BROKER, "controller-[0-9]+": CONTROLLER, "toolkit": TOOLKIT}
RIGHTS = {
    "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
    "super.users": ";".join(f"User:{name}" for name in RULES.values()),
}


def _rules(listener: str) -> dict[str, list[str]]:
    rules = [f"RULE:^CN={name},.*$/{user}/" for name, user in RULES.items()]
    return {f"listener.name.{listener}.ssl.principal.mapping.rules": [*rules, "DEFAULT"]}


def _tls_of(key: str, ca: str) -> dict[str, str]:
    """Return the key that a node shows at the controllers' listener, or to it, and the authority that it trusts there."""
    start = f"listener.name.{LISTENER.lower()}.ssl"
    return {
        f"{start}.keystore.type": "PEM",
        f"{start}.keystore.location": key,
        f"{start}.truststore.type": "PEM",
        f"{start}.truststore.location": ca,
    }


def broker(cluster: Mapping[str, Any], host: str, directory: str, user: str, logs: str = "") -> dict[str, Any]:
    """Return what :func:`profile.broker` does, for brokers of either kind of cluster; ``watch`` is read at the start alone."""
    found = profile.broker(cluster, host, directory, user, logs)
    if "controller_tls" not in cluster:
        return {**found, "watch": []}
    key, ca = f"{directory}/tls/broker.pem", f"{directory}/tls/brokers-ca.pem"
    kept = {name: value for name, value in found["options"].items() if not name.startswith("zookeeper.")}
    options = {
        **kept,
        "listener.security.protocol.map": [*kept["listener.security.protocol.map"], f"{LISTENER}:SSL"],
        **_tls_of(key, ca),
        **_rules("broker"),
        **RIGHTS,
    }

    def of_cluster(path: str) -> bool:
        return not path.startswith(f"{directory}/tls/zookeeper")

    return {
        **found,
        "options": options,
        "files": [item for item in found["files"] if of_cluster(item["path"])],
        # What it shows to controllers it reads at its start alone.
        "reload": [path for path in found["reload"] if of_cluster(path) and path not in (key, ca)],
        "watch": [key, ca],
        "log": AUTHORIZER_LOG,
        "cli": "",
    }


def controller(cluster: Mapping[str, Any], host: str, directory: str, user: str) -> dict[str, Any]:
    """Return what a controller has more in a secured cluster: ``options``, ``files``, ``watch``, ``log``, and ``tls``.

    ``directory`` is that of its files; ``watch`` are those that it reads at its start, ``tls`` those of the toolkit. An open
    cluster has nothing of it.
    """
    if "controller_tls" not in cluster:
        return {**NOTHING, "watch": [], "log": {}, "tls": {}}
    tls, brokers, login = f"{directory}/tls", authority(cluster["name"], "brokers"), cluster["controller_tls"]
    key, ca = f"{tls}/controller.pem", f"{tls}/brokers-ca.pem"
    options = {
        "listener.security.protocol.map": [f"{LISTENER}:SSL"],
        "ssl.enabled.protocols": list(PROTOCOLS),
        "ssl.cipher.suites": list(SUITES),
        **_tls_of(key, ca),
        f"listener.name.{LISTENER.lower()}.ssl.client.auth": "required",
        **_rules(LISTENER.lower()),
        **RIGHTS,
    }
    watched: list[Item] = [pem_item(key, brokers, f"controller@{host}", user), issuer_item(ca, brokers)]
    toolkit: list[Item] = [
        tls_folder("/opt/kafka-estate"),
        tls_folder(TOOLKIT_DIR),
        pem_item(login["key"], brokers, f"toolkit@{host}", "root"),
        pem_item(login["ca"], brokers),
    ]
    return {
        "options": options,
        "files": [tls_folder(tls), *watched, *(item | {"group": "root"} for item in toolkit)],
        "watch": [item["path"] for item in watched],
        "log": AUTHORIZER_LOG,
        "tls": login,
    }
