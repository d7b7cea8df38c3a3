# SPDX-License-Identifier: Apache-2.0
"""The profile ``secured`` of Connect workers: their login at the brokers with the rights it needs, and REST.  Pure.

Connect gives everybody who may talk to REST every right, so REST trusts an authority that nothing else has.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from ansible_collections.estate.kafka.plugins.module_utils.security.passwords import variable_of
from ansible_collections.estate.kafka.plugins.module_utils.security.profile import (
    OWN,
    PROTOCOLS,
    SCRAM,
    STORE_PASSWORD,
    SUITES,
    TOOLKIT_DIR,
    authority,
    pem_item,
    store_item,
    tls_folder,
)

# Whose settings a connector's clients take, unless the connector has its own.
CLIENTS = ("", "producer.", "consumer.", "admin.")
REST = "rest"
# An address in plain among a connector's settings, with or without a login in it.
PLAIN = re.compile(r"http://(?:[^/\s,;@]*@)?(?P<place>[^/\s,;?#\"']+)", re.IGNORECASE)


def principal(group: str) -> str:
    """Return the user with which the workers of a Connect cluster log in at the brokers."""
    return f"{OWN}connect-{group}"


def rest_login() -> dict[str, str]:
    """Return the files with which the toolkit asks REST, on a worker's host."""
    return {"ca": f"{TOOLKIT_DIR}/connect-ca.pem", "key": f"{TOOLKIT_DIR}/connect.pem"}


def users(topology: Mapping[str, Any], cluster: str) -> list[dict[str, str]]:
    """Return the users of the workers that keep their state in a cluster, as items of ``kafka_users``; [] in an open estate."""
    return [{"name": principal(group)} for group in _groups(topology, cluster)]


def rights(topology: Mapping[str, Any], cluster: str) -> list[dict[str, Any]]:
    """Return the least rights of these users, as items of ``kafka_acls``: for the workers, none for connectors."""
    found: list[dict[str, Any]] = []
    for group, workers in _groups(topology, cluster).items():
        wanted = [("group", group, ["read"])]
        wanted += [("topic", topic, ["read", "write", "create", "describe_configs"]) for topic in workers["topics"]]
        if workers["exactly_once"]:
            wanted.append(("transactional_id", f"connect-cluster-{group}", ["write", "describe"]))
        found += [
            {"principal": f"User:{principal(group)}", "operations": operations, "resource_type": kind, "resource_name": name}
            for kind, name, operations in wanted
        ]
    return found


def _groups(topology: Mapping[str, Any], cluster: str) -> dict[str, Any]:
    found = topology["connect_clusters"].items() if topology.get("secured") else ()
    return {group: workers for group, workers in found if workers["cluster"] == cluster}


def worker(
    topology: Mapping[str, Any], group: str, host: str, directory: str, user: str, passwords: Mapping[str, str]
) -> dict[str, Any]:
    """Return what a worker has more in a secured estate: ``options``, ``login`` at the brokers, ``files``, ``watch``, ``tls``.

    ``directory`` is that of the worker's files, ``passwords`` are by variable. ``login`` has names of librdkafka; ``url`` is
    where REST is asked, with the files ``tls``. A worker of an open estate has nothing but its ``url``.
    """
    workers = topology["connect_clusters"][group]
    url = workers["urls"][workers["hosts"].index(host)]
    if "tls" not in workers:
        return {"options": {}, "login": {}, "files": [], "watch": [], "tls": {}, "url": url}
    tls, rest = f"{directory}/tls", authority(group, REST)
    secrets, listeners = f"{directory}/secrets/worker.properties", authority(workers["cluster"], "listeners")
    port = url.rpartition(":")[2]
    options = {
        "listeners": [f"https://:{port}"],
        "rest.advertised.listener": "https",
        # Levels of the log are not for everybody who may use REST; blank is off.
        "admin.listeners": "",
        "listeners.https.ssl.enabled.protocols": list(PROTOCOLS),
        "listeners.https.ssl.cipher.suites": list(SUITES),
        "listeners.https.ssl.client.auth": "required",
    }
    for kind, file in (("keystore", "rest.p12"), ("truststore", "rest-ca.p12")):
        options |= {
            f"listeners.https.ssl.{kind}.type": "PKCS12",
            f"listeners.https.ssl.{kind}.location": f"{tls}/{file}",
            f"listeners.https.ssl.{kind}.password": f"${{file:{secrets}:stores}}",
        }
    login = {
        "security.protocol": "SASL_SSL",
        "ssl.ca.location": f"{tls}/listeners-ca.pem",
        "sasl.mechanism": SCRAM,
        "sasl.username": principal(group),
        "sasl.password": f"${{file:{secrets}:password}}",
    }
    password = passwords.get(variable_of(workers["cluster"], principal(group)), "")
    content = f"password={password}\nstores={STORE_PASSWORD}\n"
    watched = [
        store_item(f"{tls}/rest.p12", rest, host, user),
        store_item(f"{tls}/rest-ca.p12", rest),
        pem_item(f"{tls}/listeners-ca.pem", listeners),
        {"path": secrets, "content": content, "owner": user, "mode": "0400", "secret": True},
    ]
    toolkit = [
        tls_folder("/opt/kafka-estate"),
        tls_folder(TOOLKIT_DIR),
        pem_item(workers["tls"]["key"], rest, f"toolkit@{host}", "root"),
        pem_item(workers["tls"]["ca"], rest),
    ]
    return {
        "options": options,
        "login": login,
        "files": [tls_folder(tls), *watched, *(item | {"group": "root"} for item in toolkit)],
        "watch": [item["path"] for item in watched],
        "tls": workers["tls"],
        "url": url,
    }


def plain(config: Mapping[str, Any], services: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Yield setting and finding of each address in plain of a service that speaks https alone; ``services`` by host and port."""
    for key, value in config.items():
        for service in dict.fromkeys(services.get(match["place"].lower(), "") for match in PLAIN.finditer(str(value))):
            if service:
                yield str(key), f"{key} with http:// for {service}, which speaks https alone"
